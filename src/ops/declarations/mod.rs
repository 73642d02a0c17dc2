//! Declarations: drafted by a confirmed holder, led through the gate, and their course with the patent office
//! recorded; what was announced before or elsewhere enters in its real state.

mod annex;
mod dossier;
mod steps;
mod written;

pub use crate::store::declarations::Filter as DeclarationFilter;
pub use annex::annex;
pub use dossier::{Dossier, dossier, prospect};
pub(super) use steps::step_in;
pub use steps::{Asked, step};
pub use written::{Steps, Written};

pub(super) use written::sentence;
use written::{content, papers};

use super::{
    Error, Result, Services,
    announce::announce,
    cards, files,
    idempotency::Key,
    inbox,
    organisations::{self, Created},
    watch::Dossiers,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        consent::{ConsentRequest, content_mark},
        declaration::{Announced, Consent, Declaration, DeclarationState},
        eligibility::Finding,
        event::Audience,
        file::FileRef,
        id::Id,
        party::Contact,
        time::Day,
    },
    store::{self, Stored, Tx, contacts, declarations, patents},
};

/// A new declaration, drafted or recorded.
#[derive(Clone, Debug)]
pub struct NewDeclaration {
    /// Id or USCC; `None`: the caller's own.
    pub organisation: Option<String>,
    pub number: AppNo,
    pub written: Written,
}

/// What was announced elsewhere; the source by its file id.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub declaration_number: String,
    pub effective_on: Day,
    pub source: Id,
    pub end: Option<(DeclarationState, Day)>,
}

/// A declaration with what is kept beside its record.
#[derive(Clone, Debug)]
pub struct Shown {
    pub record: Stored<Declaration>,
    pub contact: Option<Contact>,
}

/// What the gate says of a patent or a draft today.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub as_of: Day,
    /// In the way of a new declaration.
    pub findings: Vec<Finding>,
}

/// The gate for an organisation and a patent before anything is drafted.
pub async fn eligibility(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    number: &AppNo,
) -> Result<Verdict> {
    access::check_role(actor, Operation::GetEligibility)?;
    let organisation = declarer(services, actor, Operation::GetEligibility, organisation).await?;
    let mut tx = services.read().await?;
    let dossiers = Dossiers::load(&mut tx, &[(organisation.clone(), number.clone())]).await?;
    let case = dossiers
        .case(&organisation, number)
        .ok_or(Error::NotFound("patent"))?;
    let today = services.clock.today();
    let mut findings = case.standing(today);
    findings.extend(case.doubts(today, &services.rules));
    let card = cards::standing(&mut tx, services, &organisation, case.patent).await?;
    findings.extend(card.finding());
    Ok(Verdict {
        as_of: today,
        findings,
    })
}

/// Drafts a declaration.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewDeclaration,
) -> Result<Created<Shown>> {
    access::check_role(actor, Operation::CreateDeclaration)?;
    let organisation = declarer(
        services,
        actor,
        Operation::CreateDeclaration,
        new.organisation.as_deref(),
    )
    .await?;
    let mut tx = services.write(actor).await?;
    if let Some(repeated) = repeated(&mut tx, key).await? {
        return Ok(repeated);
    }
    let (record, contact) = draft_in(services, &mut tx, actor, &organisation, new).await?;
    created(tx, key, record, contact).await
}

/// The same inside a transaction; the contact is the caller's to keep.
pub(super) async fn draft_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    organisation: &Id,
    new: NewDeclaration,
) -> Result<(Stored<Declaration>, Option<Contact>)> {
    let (content, contact) = content(tx, actor, new.written).await?;
    let dossiers = Dossiers::load(tx, &[(organisation.clone(), new.number.clone())]).await?;
    let case = dossiers
        .case(organisation, &new.number)
        .ok_or(Error::NotFound("patent"))?;
    let id = services.ids.next(tx.now());
    let content = content.explained(None);
    let draft = Declaration::draft(id, case.organisation, case.patent, content)?;
    let record = declarations::insert(tx, draft).await?;
    announce(tx, None, &record);
    Ok((record, contact))
}

/// Enters a declaration that was announced elsewhere, in its real state.
pub async fn record(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewDeclaration,
    recorded: Recorded,
) -> Result<Created<Shown>> {
    access::check_role(actor, Operation::RecordDeclaration)?;
    let organisation = declarer(
        services,
        actor,
        Operation::RecordDeclaration,
        new.organisation.as_deref(),
    )
    .await?;
    let mut tx = services.write(actor).await?;
    if let Some(repeated) = repeated(&mut tx, key).await? {
        return Ok(repeated);
    }
    let (record, contact) =
        record_in(services, &mut tx, actor, &organisation, new, recorded).await?;
    created(tx, key, record, contact).await
}

/// The same inside a transaction, for lists.
pub(super) async fn record_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    organisation: &Id,
    new: NewDeclaration,
    recorded: Recorded,
) -> Result<(Stored<Declaration>, Option<Contact>)> {
    let (content, contact) = content(tx, actor, new.written).await?;
    let source = files::cite(tx, actor, &recorded.source, "/source").await?;
    let dossiers = Dossiers::load(tx, &[(organisation.clone(), new.number.clone())]).await?;
    let case = dossiers
        .case(organisation, &new.number)
        .ok_or(Error::NotFound("patent"))?;
    let today = tx.now().day();
    let announced = Announced {
        declaration_number: recorded.declaration_number,
        effective_on: recorded.effective_on,
        source,
        end: recorded.end,
    };
    let id = services.ids.next(tx.now());
    let mut declaration = Declaration::recorded(
        id,
        case.organisation,
        case.patent,
        content,
        announced,
        today,
        &services.rules,
    )?;
    declaration.recorder = Some(actor.role);
    refuse_taken(tx, &declaration).await?;
    // A block that holds today obliges to withdraw; a period that is over has expired.
    let declaration = declaration
        .watched(&case.standing(today), today)
        .unwrap_or(declaration);
    let record = declarations::insert(tx, declaration).await?;
    announce(tx, None, &record);
    cards::follow(tx, std::slice::from_ref(&record.value.number)).await?;
    inbox::declaration(tx, services, inbox::acting(actor), None, &record.value).await?;
    if let Some(contact) = &contact {
        contacts::set(tx, &subject(&record.value.id), contact).await?;
    }
    Ok((record, contact))
}

/// Rewrites a draft at version `expected`.
pub async fn edit(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    written: Written,
) -> Result<Shown> {
    access::check_role(actor, Operation::UpdateDeclaration)?;
    let mut tx = services.write(actor).await?;
    let current = current(&mut tx, actor, Operation::UpdateDeclaration, id, expected).await?;
    let (content, contact) = content(&mut tx, actor, written).await?;
    let patent = patents::find(&mut tx, &current.value.number)
        .await?
        .ok_or(Error::NotFound("patent"))?;
    let content = content.explained(Some(&current.value));
    let mut next = current.value.edited(content)?;
    next.describe(&patent.value);
    let record = put(services, &mut tx, actor, &current, next).await?;
    if let Some(contact) = &contact {
        contacts::set(&mut tx, &subject(id), contact).await?;
    }
    tx.commit().await?;
    Ok(Shown { record, contact })
}

/// One declaration, if the caller may see it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Shown> {
    access::check(actor, Operation::GetDeclaration, None)?;
    let mut tx = services.read().await?;
    let found = declarations::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("declaration"))?;
    let record = visible(actor, found)?;
    let contact = contacts::find(&mut tx, &subject(id)).await?;
    Ok(Shown { record, contact })
}

/// What stands in the way of readying this draft, for whoever may change it.
pub async fn gate(services: &Services, actor: &Actor, number: &AppNo, id: &Id) -> Result<Verdict> {
    access::check_role(actor, Operation::GetEligibility)?;
    let shown = get(services, actor, id).await?;
    let value = &shown.record.value;
    if value.number != *number {
        return Err(Error::NotFound("declaration"));
    }
    access::check(actor, Operation::GetEligibility, Some(&value.organisation))?;
    let mut tx = services.read().await?;
    let dossiers = Dossiers::load(
        &mut tx,
        &[(value.organisation.clone(), value.number.clone())],
    )
    .await?;
    let case = dossiers
        .case(&value.organisation, &value.number)
        .ok_or(Error::NotFound("declaration"))?;
    let today = services.clock.today();
    let findings = if value.state.was_announced() {
        case.standing(today)
    } else {
        let papers = papers(&mut tx, services, value, case.patent).await?;
        case.declaring(value, papers, today, &services.rules)
    };
    Ok(Verdict {
        as_of: today,
        findings,
    })
}

/// A page in id order of what the caller may see, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    mut filter: DeclarationFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<Declaration>>, i64)> {
    access::check(actor, Operation::ListDeclarations, None)?;
    if let Some(reference) = organisation {
        filter.organisation =
            Some(organisations::named(services, reference, "?organisation").await?);
    }
    let sight = actor.sight();
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok((
        declarations::page(&mut tx, &sight, &filter, after, limit).await?,
        declarations::count(&mut tx, &sight, &filter).await?,
    ))
}

/// For whom a declaration is made: the one named, else the caller's own organisation.
async fn declarer(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    named: Option<&str>,
) -> Result<Id> {
    let organisation = match (named, &actor.organisation) {
        (Some(reference), _) => organisations::named(services, reference, "/organisation").await?,
        (None, Some(own)) => own.clone(),
        (None, None) => {
            return Err(Error::fault(
                "/organisation",
                "organisationRequired",
                "请填写声明单位（编号或统一社会信用代码）。",
                "Name the declaring organisation by its id or USCC.",
            ));
        }
    };
    access::check(actor, operation, Some(&organisation))?;
    Ok(organisation)
}

/// One declaration number, one record.
async fn refuse_taken(tx: &mut Tx, declaration: &Declaration) -> Result<()> {
    let Some(number) = &declaration.declaration_number else {
        return Ok(());
    };
    let found = declarations::find_by_number(tx, number).await?;
    if found.is_some_and(|other| other.value.id != declaration.id) {
        return Err(Error::Exists("declaration"));
    }
    Ok(())
}

/// The declaration at version `expected`, if this caller may change it; read in the writing transaction.
async fn current(
    tx: &mut Tx,
    actor: &Actor,
    operation: Operation,
    id: &Id,
    expected: i64,
) -> Result<Stored<Declaration>> {
    let found = declarations::find(tx, id)
        .await?
        .ok_or(Error::NotFound("declaration"))?;
    let current = visible(actor, found)?;
    access::check(actor, operation, Some(&current.value.organisation))?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    Ok(current)
}

async fn put(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    current: &Stored<Declaration>,
    next: Declaration,
) -> store::Result<Stored<Declaration>> {
    if next == current.value {
        return Ok(current.clone());
    }
    let record = declarations::update(tx, next, current.version).await?;
    announce(tx, Some(&current.value), &record);
    cards::follow(tx, std::slice::from_ref(&record.value.number)).await?;
    let acting = inbox::acting(actor);
    inbox::declaration(tx, services, acting, Some(&current.value), &record.value).await?;
    Ok(record)
}

/// A record that the reader may not see does not exist for it.
fn visible(actor: &Actor, found: Stored<Declaration>) -> Result<Stored<Declaration>> {
    let audience: Audience = found.value.audience();
    if actor.sight().sees(&audience) {
        Ok(found)
    } else {
        Err(Error::NotFound("declaration"))
    }
}

/// What was created by an earlier request with this key.
async fn repeated(tx: &mut Tx, key: Option<&Key>) -> Result<Option<Created<Shown>>> {
    let Some(key) = key else { return Ok(None) };
    let Some(id) = key.created(tx).await? else {
        return Ok(None);
    };
    let record = declarations::find(tx, &id)
        .await?
        .ok_or(Error::NotFound("declaration"))?;
    let contact = contacts::find(tx, &subject(&id)).await?;
    Ok(Some(Created {
        record: Shown { record, contact },
        repeated: true,
    }))
}

async fn created(
    mut tx: Tx,
    key: Option<&Key>,
    record: Stored<Declaration>,
    contact: Option<Contact>,
) -> Result<Created<Shown>> {
    if let Some(contact) = &contact {
        contacts::set(&mut tx, &subject(&record.value.id), contact).await?;
    }
    let id = record.value.id.clone();
    Created::kept(tx, key, &id, Shown { record, contact }).await
}

fn subject(id: &Id) -> String {
    format!("declarations/{id}")
}

/// Puts a consent that a co-owner's account has given among the papers of a draft, in the transaction of the answer.
pub(super) async fn consented(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    draft: &Stored<Declaration>,
    request: &ConsentRequest,
    letter: &FileRef,
) -> Result<()> {
    let mut next = draft.value.clone();
    next.consents.retain(|known| !known.is_of(&request.name));
    next.consents.push(Consent {
        name: request.name.clone(),
        file: letter.clone(),
        signed: Some(content_mark(&request.terms, request.until)),
    });
    put(services, tx, actor, draft, next).await?;
    Ok(())
}
