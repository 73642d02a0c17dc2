//! For whom an account stands, and as what it acts now.

use std::collections::BTreeSet;

use crate::{
    domain::{
        access::{Actor, Role, Scope},
        account::{Account, AccountState},
        party::{Organisation, OrganisationKind},
        review::{Duty, Reach},
        time::Instant,
    },
    ops::{Result, accounts, keys},
    store::{self, Tx, contacts, delegations, organisations, sessions::Session},
};

/// Whom an account stands for.
#[derive(Clone, Debug)]
pub enum Party {
    Organisation(store::Stored<Organisation>),
    Individual { name: String, verified: bool },
}

impl Party {
    pub fn name(&self) -> &str {
        match self {
            Self::Organisation(party) => &party.value.name,
            Self::Individual { name, .. } => name,
        }
    }

    pub fn is_verified(&self) -> bool {
        match self {
            Self::Organisation(party) => !party.value.unverified,
            Self::Individual { verified, .. } => *verified,
        }
    }
}

pub(super) async fn party_of(tx: &mut Tx, account: &Account) -> Result<Option<Party>> {
    let Some(id) = &account.party else {
        return Ok(None);
    };
    if let Some(found) = organisations::find(tx, id).await? {
        return Ok(Some(Party::Organisation(found)));
    }
    let person = contacts::find_individual(tx, id).await?;
    Ok(person.map(|person| Party::Individual {
        name: person.name,
        verified: person.verified,
    }))
}

/// The principal for whom the session acts, while a delegation holds today.
pub(super) async fn principal_of(
    tx: &mut Tx,
    account: &Account,
    session: &Session,
    now: Instant,
) -> Result<Option<Organisation>> {
    let (Some(agency), Some(wanted)) = (&account.party, &session.acting_for) else {
        return Ok(None);
    };
    // Whoever has a narrower duty at the agency does not act for its principals.
    if account.state != AccountState::Active || account.duty != Duty::Officer {
        return Ok(None);
    }
    let held = delegations::list_by_agency(tx, agency).await?;
    let holds = held
        .iter()
        .any(|d| d.value.principal == *wanted && d.value.holds_on(now.day()));
    if !holds {
        return Ok(None);
    }
    Ok(organisations::find(tx, wanted).await?.map(|p| p.value))
}

/// Signed in, and no more than anybody else.
pub(super) fn reader(account: &Account, role: Role) -> Actor {
    Actor {
        role,
        name: accounts::actor_name(&account.id),
        organisation: None,
        scopes: BTreeSet::from([Scope::Read]),
        reach: Reach::All,
    }
}

pub(super) fn actor_of(account: &Account, principal: Option<&Organisation>) -> Actor {
    let name = accounts::actor_name(&account.id);
    if account.state == AccountState::Waiting {
        // Until an officer has looked.
        return reader(account, account.role);
    }
    let (role, name, organisation) = match principal {
        Some(principal) => (
            role_in(principal.kind),
            format!("{name} for {}", principal.id),
            Some(principal.id.clone()),
        ),
        None => (account.role, name, account.party.clone()),
    };
    Actor {
        role,
        name,
        organisation,
        scopes: keys::default_scopes(role).into_iter().collect(),
        reach: match &account.duty {
            Duty::Officer => Reach::All,
            Duty::UnitReviewer { units } => Reach::Units(units.clone()),
            Duty::Inventor => Reach::Assigned(account.id.clone()),
        },
    }
}

/// As what a delegate acts for such an organisation.
fn role_in(kind: OrganisationKind) -> Role {
    match kind {
        OrganisationKind::University
        | OrganisationKind::Institute
        | OrganisationKind::StateOwnedEnterprise => Role::Holder,
        OrganisationKind::Enterprise
        | OrganisationKind::ServiceBody
        | OrganisationKind::Government => Role::Enterprise,
    }
}
