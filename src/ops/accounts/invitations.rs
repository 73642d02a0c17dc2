//! Invitations: an officer, or the operator at the command line, names login, role and organisation; whoever holds the
//! link chooses a password, once and in time. Holders and officers come in no other way.

use super::{
    actor_name, contact_name, login, login_taken, note, passwords,
    providers::{self, Outside},
    subject,
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation, Role},
        account::{Account, AccountState, Login},
        event::sha256_hex,
        id::Id,
        review::Duty,
    },
    ops::{Error, Result, Services, inbox, keys::Secret, organisations},
    store::{
        Tx, accounts,
        invitations::{self, Invitation},
        organisations as parties, sub_units,
    },
};

/// How long an invitation may be accepted.
const LIFE_SECONDS: i64 = 7 * 86_400;

/// Who is invited.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub login: String,
    pub name: String,
    pub role: Role,
    /// Id or USCC; needed for whoever acts for an organisation.
    pub organisation: Option<String>,
    /// What a holder's member answers for.
    pub duty: Duty,
}

/// An invitation and its token, which is shown this once.
#[derive(Debug)]
pub struct Invited {
    pub invitation: Invitation,
    pub token: Secret,
}

/// An invitation as its holder sees it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub invitation: Invitation,
    /// The organisation's name.
    pub party: Option<String>,
}

/// Who may invite whom: the office anybody; a holder's officer members of that holder.
fn may_invite(actor: &Actor, mut new: NewInvitation) -> Result<NewInvitation> {
    if inbox::is_office(actor) {
        return Ok(new);
    }
    access::check_role(actor, Operation::UpdateReviewRules)?;
    let own = actor.organisation.as_ref().ok_or(Denied::Role)?;
    if new.role != Role::Holder {
        return Err(Denied::Role.into());
    }
    new.organisation = Some(own.to_string());
    Ok(new)
}

/// Units of one reviewer, at most.
const UNITS: usize = 50;

/// The duty as it is kept: units trimmed, none twice.
pub(super) fn duty(duty: Duty, role: Role) -> Result<Duty> {
    let Duty::UnitReviewer { units } = duty else {
        if duty != Duty::Officer && role != Role::Holder {
            return Err(duty_fault());
        }
        return Ok(duty);
    };
    let mut kept: Vec<String> = Vec::new();
    for unit in units {
        let unit = unit.trim().to_owned();
        if !unit.is_empty() && !kept.contains(&unit) {
            kept.push(unit);
        }
    }
    let sound = |unit: &String| unit.chars().count() <= 100 && !unit.chars().any(char::is_control);
    let fits = (1..=UNITS).contains(&kept.len()) && kept.iter().all(sound);
    if role != Role::Holder || !fits {
        return Err(duty_fault());
    }
    Ok(Duty::UnitReviewer { units: kept })
}

fn duty_fault() -> Error {
    Error::fault(
        "/duty",
        "dutyInvalid",
        "只有持有人的成员才有学院审核人、发明人的分工；学院审核人要写明 1 至 50 个学院或部门，名称与存量列表一致。",
        "Only a holder's members are unit reviewers or inventors; a unit reviewer has 1 to 50 units, as the stock names them.",
    )
}

/// Invites. Only the operator makes administrators.
pub async fn invite(services: &Services, actor: &Actor, new: NewInvitation) -> Result<Invited> {
    let new = may_invite(actor, new)?;
    let duty = duty(new.duty, new.role)?;
    let mut faults = Vec::new();
    let name = contact_name(&new.name).map_err(|fault| faults.push(fault));
    let login = login(&new.login).map_err(|fault| faults.push(fault));
    let (Ok(name), Ok(login)) = (name, login) else {
        return Err(Error::Invalid(faults));
    };
    let may = match new.role {
        Role::Holder | Role::Enterprise | Role::Office => true,
        Role::Administrator => actor.role == Role::Administrator,
        Role::Anonymous | Role::Platform => false,
    };
    if !may {
        return Err(Error::fault(
            "/role",
            "roleInvalid",
            "请选择持有人、企业或主管部门。",
            "Choose holder, enterprise or office.",
        ));
    }
    let mut tx = services.write(actor).await?;
    let party = match new.organisation.as_deref().map(str::trim) {
        Some(reference) if new.role.is_member() && !reference.is_empty() => {
            let found = organisations::find(&mut tx, reference).await?;
            let unknown = || {
                Error::fault(
                    "/organisation",
                    "unknownOrganisation",
                    "没有登记这个单位，请先登记或核对统一社会信用代码。",
                    "No such organisation is registered; register it or check the code.",
                )
            };
            Some(found.ok_or_else(unknown)?.value.id)
        }
        _ if new.role.is_member() => {
            return Err(Error::fault(
                "/organisation",
                "organisationRequired",
                "请填写所代表单位的统一社会信用代码。",
                "Give the USCC of the organisation that the account acts for.",
            ));
        }
        _ => None,
    };
    let whom = Whom {
        login,
        name,
        role: new.role,
        party,
        duty,
    };
    store(services, tx, &actor.name, whom).await
}

/// Whom an invitation is for, checked.
pub(super) struct Whom {
    pub login: Login,
    pub name: String,
    pub role: Role,
    pub party: Option<Id>,
    pub duty: Duty,
}

/// Stores an invitation and commits; its token is given out this once.
pub(super) async fn store(
    services: &Services,
    mut tx: Tx,
    by: &str,
    whom: Whom,
) -> Result<Invited> {
    if accounts::find_by_login(&mut tx, &whom.login)
        .await?
        .is_some()
    {
        return Err(login_taken());
    }
    let now = tx.now();
    let invitation = Invitation {
        id: services.ids.next(now),
        login: whom.login,
        name: whom.name,
        role: whom.role,
        party: whom.party,
        duty: whom.duty,
        created_at: now,
        expires_at: now.plus_seconds(LIFE_SECONDS),
    };
    let token = hex::encode(services.ids.secret());
    invitations::insert(&mut tx, &invitation, &sha256_hex(token.as_bytes())).await?;
    let about = format!("invitations/{}", invitation.id);
    note(&mut tx, services, by, "invited", &about).await?;
    tx.commit().await?;
    Ok(Invited {
        invitation,
        token: Secret::new(token),
    })
}

/// What a link invites to; used, expired and invented ones are all unknown.
pub async fn open(services: &Services, token: &str) -> Result<Opened> {
    let mut tx = services.read().await?;
    let invitation = invitations::find_open(&mut tx, &sha256_hex(token.as_bytes()), services.now())
        .await?
        .ok_or(Error::NotFound("invitation"))?;
    let party = match &invitation.party {
        Some(id) => parties::find(&mut tx, id).await?.map(|p| p.value.name),
        None => None,
    };
    Ok(Opened { invitation, party })
}

/// Makes the account; the link is used up in the same transaction.
pub async fn accept(services: &Services, token: &str, password: &str) -> Result<Account> {
    let opened = open(services, token).await?;
    if let Some(fault) = passwords::fault(&opened.invitation.login, password) {
        return Err(Error::Invalid(vec![fault]));
    }
    let hash = passwords::hash(services, password).await?;
    let token_hash = sha256_hex(token.as_bytes());
    take(services, &token_hash, &hash, None).await
}

/// Makes the account of an invitation, with a password or with who somebody is at a provider.
pub(super) async fn take(
    services: &Services,
    token_hash: &str,
    password_hash: &str,
    outside: Option<&Outside>,
) -> Result<Account> {
    let id: Id = services.ids.next(services.now());
    let actor = actor_name(&id);
    let mut tx = services.db.begin_write(services.now(), &actor).await?;
    let now = tx.now();
    let invitation = invitations::find_open(&mut tx, token_hash, now)
        .await?
        .ok_or(Error::NotFound("invitation"))?;
    if !invitations::accept(&mut tx, &invitation.id, now).await? {
        return Err(Error::NotFound("invitation"));
    }
    if accounts::find_by_login(&mut tx, &invitation.login)
        .await?
        .is_some()
    {
        return Err(login_taken());
    }
    // The first officer of an organisation keeps the colleagues.
    let manages = match &invitation.party {
        Some(party) if invitation.duty == Duty::Officer => {
            !accounts::is_managed(&mut tx, party).await?
        }
        _ => false,
    };
    let duty = match &invitation.party {
        Some(party) => sub_units::load(&mut tx, party)
            .await?
            .value
            .duty(invitation.duty),
        None => invitation.duty,
    };
    let account = Account {
        id,
        login: invitation.login,
        name: invitation.name,
        role: invitation.role,
        party: invitation.party,
        state: AccountState::Active,
        manages,
        duty,
        created_at: now,
    };
    accounts::insert(&mut tx, &account, password_hash).await?;
    note(
        &mut tx,
        services,
        &actor,
        "invitationAccepted",
        &subject(&account.id),
    )
    .await?;
    if let Some(outside) = outside {
        providers::link(services, &mut tx, &account.id, outside, None).await?;
    }
    tx.commit().await?;
    Ok(account)
}
