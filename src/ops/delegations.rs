//! Delegation: an agency acts for a principal by a document, recorded by an officer or by the principal itself, ended by
//! either side. Whoever acts for another hands nothing on.

use super::{
    Error, Result, Services,
    accounts::note,
    files,
    inbox::{self, Told},
    letter, organisations,
    sessions::SignedIn,
};
use crate::{
    domain::{
        access::{Actor, Denied},
        account::AccountState,
        delegation::{Delegation, DelegationError},
        event::Audience,
        file::FileRef,
        id::Id,
        message::MessageKind,
        party::Organisation,
        text::Text,
        time::Day,
    },
    store::{Stored, Tx, delegations, organisations as parties},
};

/// A delegation to be recorded.
#[derive(Clone, Debug)]
pub struct NewDelegation {
    /// Id or USCC.
    pub agency: String,
    /// Id or USCC; `None`: the caller's own organisation.
    pub principal: Option<String>,
    pub from: Day,
    pub until: Day,
    /// The file with the document; without one a principal who is signed in gives it here, in our words.
    pub document: Option<Id>,
}

/// A delegation with the names of its sides.
#[derive(Clone, Debug)]
pub struct Shown {
    pub delegation: Delegation,
    pub agency: String,
    pub principal: String,
}

/// The caller's own party; a delegate has no word in this.
fn own(who: &SignedIn) -> Result<Option<&Id>> {
    if who.principal.is_some() {
        return Err(Denied::NotYours.into());
    }
    Ok(inbox::acting(&who.actor))
}

/// Records a delegation.
pub async fn record(services: &Services, who: &SignedIn, new: NewDelegation) -> Result<Delegation> {
    let (own, actor) = (own(who)?, &who.actor);
    if own.is_none() && !inbox::is_office(actor) {
        return Err(Denied::Role.into());
    }
    let mut tx = services.write(actor).await?;
    let agency = party(&mut tx, "/agency", &new.agency).await?;
    let principal = match (&new.principal, own) {
        (Some(reference), _) if !reference.trim().is_empty() => {
            party(&mut tx, "/principal", reference).await?.id
        }
        (_, Some(own)) => own.clone(),
        (_, None) => {
            return Err(Error::fault(
                "/principal",
                "organisationRequired",
                "请填写被代理单位的统一社会信用代码。",
                "Give the USCC of the principal.",
            ));
        }
    };
    if own.is_some_and(|own| *own != principal) {
        return Err(Denied::NotYours.into());
    }
    let days = (new.from, new.until);
    Delegation::check(&agency.id, agency.kind, &principal, days).map_err(fault)?;
    let document = match &new.document {
        Some(document) => files::cite(&mut tx, actor, document, "/document").await?,
        None => given(&mut tx, services, actor, own, &agency, days).await?,
    };
    let delegation = Delegation {
        id: services.ids.next(tx.now()),
        agency: agency.id,
        principal,
        from: new.from,
        until: new.until,
        document,
        revoked_on: None,
    };
    let record = delegations::insert(&mut tx, delegation).await?;
    let sides = [record.value.agency.clone(), record.value.principal.clone()];
    files::share(&mut tx, &record.value.document.id, &sides).await?;
    tell(
        &mut tx,
        services,
        own,
        &record,
        MessageKind::DelegationRecorded,
    )
    .await?;
    written(&mut tx, services, who, &record, "delegationRecorded").await?;
    tx.commit().await?;
    Ok(record.value)
}

/// 委托书, written and kept for a principal who gives it by its own account.
async fn given(
    tx: &mut Tx,
    services: &Services,
    actor: &Actor,
    own: Option<&Id>,
    agency: &Organisation,
    days: (Day, Day),
) -> Result<FileRef> {
    let principal = match own {
        Some(own) => parties::find(tx, own).await?,
        None => None,
    };
    // An officer does not give it for others, and an individual has no seal of a unit's account here.
    let Some(Stored {
        value: principal, ..
    }) = principal
    else {
        return Err(Error::fault(
            "/document",
            "documentRequired",
            "请上传委托书；只有委托单位自己的账户可以在线给出。",
            "Upload the document of delegation; only the principal organisation's own account gives it online.",
        ));
    };
    let text = letter::delegation(&principal, agency, days, tx.now().day());
    let name = format!("委托书-{}.txt", agency.name);
    let readers = [agency.id.clone()];
    files::write_text(
        tx,
        services,
        &name,
        &text,
        Some(&principal.id),
        &readers,
        actor,
    )
    .await
}

/// Ends a delegation today: either side, or an officer.
pub async fn revoke(services: &Services, who: &SignedIn, id: &Id) -> Result<()> {
    let (own, actor) = (own(who)?, &who.actor);
    let mut tx = services.write(actor).await?;
    let current = delegations::find(&mut tx, id).await?.filter(|found| {
        let sides = [&found.value.agency, &found.value.principal];
        inbox::is_office(actor) || own.is_some_and(|own| sides.contains(&own))
    });
    let current = current.ok_or(Error::NotFound("delegation"))?;
    if current.value.revoked_on.is_some() {
        return Ok(());
    }
    let mut next = current.value.clone();
    next.revoked_on = Some(tx.now().day());
    let record = delegations::update(&mut tx, next, current.version).await?;
    tell(
        &mut tx,
        services,
        own,
        &record,
        MessageKind::DelegationEnded,
    )
    .await?;
    written(&mut tx, services, who, &record, "delegationEnded").await?;
    tx.commit().await?;
    Ok(())
}

/// The delegations of the caller's own party: by which it acts, and by which others act for it. An officer: all.
pub async fn list(services: &Services, who: &SignedIn) -> Result<Vec<Shown>> {
    let mut tx = services.read().await?;
    let mut found = Vec::new();
    if inbox::is_office(&who.actor) {
        found = delegations::page_by_id(&mut tx, "", 200).await?;
    } else if let (Some(own), AccountState::Active) = (&who.account.party, who.account.state) {
        found.extend(delegations::list_by_agency(&mut tx, own).await?);
        found.extend(delegations::list_by_principal(&mut tx, own).await?);
    }
    let ids: Vec<Id> = found
        .iter()
        .flat_map(|d| [d.value.agency.clone(), d.value.principal.clone()])
        .collect();
    let names = parties::list_by_ids(&mut tx, &ids).await?;
    let name = |id: &Id| {
        let party = names.iter().find(|party| party.value.id == *id);
        party.map_or_else(String::new, |party| party.value.name.clone())
    };
    Ok(found
        .into_iter()
        .map(|d| Shown {
            agency: name(&d.value.agency),
            principal: name(&d.value.principal),
            delegation: d.value,
        })
        .collect())
}

async fn party(tx: &mut Tx, pointer: &str, reference: &str) -> Result<Organisation> {
    let found = organisations::find(tx, reference.trim()).await?;
    let party = found.ok_or_else(|| {
        Error::fault(
            pointer,
            "unknownOrganisation",
            "没有登记这个单位，请先登记或核对统一社会信用代码。",
            "No such organisation is registered; register it or check the code.",
        )
    })?;
    Ok(party.value)
}

async fn tell(
    tx: &mut Tx,
    services: &Services,
    acting: Option<&Id>,
    record: &Stored<Delegation>,
    kind: MessageKind,
) -> Result<()> {
    let value = &record.value;
    for side in [&value.agency, &value.principal] {
        if Some(side) == acting {
            continue;
        }
        let told = Told {
            kind,
            subject: format!("delegations/{}", value.id),
            number: None,
            text: Text::new(
                format!("{}（{} 至 {}）。", kind.zh(), value.from, value.until),
                format!("{} ({} to {}).", kind.en(), value.from, value.until),
            ),
        };
        inbox::tell(tx, services, &Audience::Organisation(side.clone()), told).await?;
    }
    Ok(())
}

async fn written(
    tx: &mut Tx,
    services: &Services,
    who: &SignedIn,
    record: &Stored<Delegation>,
    what: &str,
) -> Result<()> {
    let about = format!("delegations/{} {}", record.value.id, record.hash);
    note(tx, services, &who.actor.name, what, &about).await
}

fn fault(why: DelegationError) -> Error {
    match why {
        DelegationError::Days => Error::fault(
            "/until",
            "endBeforeBegin",
            "结束日不能早于开始日。",
            "The end is before the beginning.",
        ),
        DelegationError::Itself => Error::fault(
            "/agency",
            "ownAgency",
            "不能委托自己。",
            "Nobody is its own agency.",
        ),
        DelegationError::Kind => Error::fault(
            "/agency",
            "agencyKind",
            "代理方应为服务机构或企业。",
            "An agency is a service body or an enterprise.",
        ),
    }
}
