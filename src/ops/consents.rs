//! Consents of co-owners and pledgees, asked for by the declarer and given by an account of whoever consents. What is given
//! becomes a letter (同意书) with its hash among the papers of the declaration or of the pledge, bound to the terms.

pub use crate::store::consents::ConsentFilter;

use super::{
    Error, Result, Services,
    announce::announce,
    declarations::{consented, sentence},
    encumbrances::{self as burdens, EncumbrancePatch},
    files,
    idempotency::Key,
    inbox, letter,
    organisations::{self, Created},
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        consent::{ConsentRequest, ConsentRole, ConsentState},
        declaration::{Declaration, DeclarationState},
        encumbrance::EncumbranceKind,
        event::Noun,
        id::Id,
        message::{MessageKind, subject},
        party::Organisation,
        refusal::{Refusal, Refused},
    },
    store::{Stored, Tx, consents, declarations, encumbrances, organisations as parties, patents},
};

/// A request with the names of its two sides and of the patent.
#[derive(Clone, Debug)]
pub struct Shown {
    pub record: Stored<ConsentRequest>,
    pub title: String,
    pub declarer_name: String,
    pub party_name: String,
}

/// Asks an organisation to consent to a draft as it stands now; asked already, it is the same request.
pub async fn ask(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    declaration: &Id,
    party: &str,
) -> Result<Created<Shown>> {
    access::check_role(actor, Operation::AskConsent)?;
    let named = organisations::named(services, party, "/party").await;
    let party = named.map_err(|error| match error {
        // It stands in the body, not in the address.
        Error::Parameters(faults) => Error::Invalid(faults),
        other => other,
    })?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        let record = load(&mut tx, actor, &id).await?;
        return Ok(Created {
            record: one(&mut tx, record).await?,
            repeated: true,
        });
    }
    let draft = draft(&mut tx, actor, declaration).await?;
    let wanted = wanted(&mut tx, services, actor, &draft.value, &party).await?;
    let known = consents::list_by_declaration(&mut tx, declaration).await?;
    let same = known.into_iter().find(|known| {
        let known = &known.value;
        known.state == ConsentState::Asked
            && (&known.party, known.role, &known.terms, known.until)
                == (&wanted.party, wanted.role, &wanted.terms, wanted.until)
    });
    let (record, repeated) = match same {
        Some(known) => (known, true),
        None => (consents::insert(&mut tx, wanted).await?, false),
    };
    if !repeated {
        announce(&mut tx, None, &record);
        tell(&mut tx, services, actor, &record.value).await?;
    }
    if let Some(key) = key {
        key.keep(&mut tx, &record.value.id).await?;
    }
    let record = one(&mut tx, record).await?;
    tx.commit().await?;
    Ok(Created { record, repeated })
}

/// Tells the side that has not acted: whoever is asked, or whoever asked.
async fn tell(
    tx: &mut Tx,
    services: &Services,
    actor: &Actor,
    request: &ConsentRequest,
) -> Result<()> {
    let (kind, to) = match request.state {
        ConsentState::Asked => (MessageKind::ConsentAsked, &request.party),
        ConsentState::Given => (MessageKind::ConsentGiven, &request.declarer),
        ConsentState::Refused => (MessageKind::ConsentRefused, &request.declarer),
    };
    let about = (kind, subject(Noun::Consent, &request.id), &request.number);
    Ok(inbox::parties(tx, services, inbox::acting(actor), &[to], about).await?)
}

/// A draft of the caller's.
async fn draft(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<Stored<Declaration>> {
    let found = declarations::find(tx, id).await?;
    let found = found.filter(|found| actor.sight().sees(&found.value.audience()));
    let found = found.ok_or(Error::NotFound("declaration"))?;
    access::check(
        actor,
        Operation::AskConsent,
        Some(&found.value.organisation),
    )?;
    if found.value.state != DeclarationState::Draft {
        return Err(not_a_draft());
    }
    Ok(found)
}

fn not_a_draft() -> Error {
    let refusal = Refusal::new(
        "declarationFixed",
        "声明已不是草稿，同意只能在草稿时征求和给出。",
        "The declaration is no draft any more; consents are asked for and given to a draft.",
    );
    Refused::from(refusal).into()
}

/// As what this organisation has to consent, if it has to.
async fn wanted(
    tx: &mut Tx,
    services: &Services,
    actor: &Actor,
    draft: &Declaration,
    party: &Id,
) -> Result<ConsentRequest> {
    let organisation = parties::find(tx, party)
        .await?
        .ok_or(Error::NotFound("organisation"))?
        .value;
    let patent = patents::find(tx, &draft.number)
        .await?
        .ok_or(Error::NotFound("patent"))?
        .value;
    let today = tx.now().day();
    let named = patent
        .patentees()
        .iter()
        .find(|name| organisation.is_named(name));
    let mut found = named.map(|name| (ConsentRole::CoOwner, name.clone(), None));
    if found.is_none() {
        let numbers = std::slice::from_ref(&draft.number);
        let lying = encumbrances::list_by_numbers(tx, numbers).await?;
        found = lying.into_iter().find_map(|one| {
            let pledge = one.value;
            let seen = actor.sight().sees(&pledge.audience());
            let open = pledge.kind == EncumbranceKind::Pledge && pledge.consent.is_none();
            let name = pledge
                .party
                .clone()
                .filter(|name| organisation.is_named(name))?;
            let wanted = seen && open && pledge.is_active_on(today);
            wanted.then_some((ConsentRole::Pledgee, name, Some(pledge.id)))
        });
    }
    let (role, name, encumbrance) =
        found
            .filter(|_| *party != draft.organisation)
            .ok_or_else(|| {
                Error::fault(
                    "/party",
                    "consentNotNeeded",
                    "该单位不是这件专利的其他共有人，也不是尚未同意的质权人。",
                    "It is no other owner of the patent, nor a pledgee who has not consented.",
                )
            })?;
    Ok(ConsentRequest {
        id: services.ids.next(tx.now()),
        declaration: draft.id.clone(),
        number: draft.number.clone(),
        declarer: draft.organisation.clone(),
        party: party.clone(),
        name,
        role,
        encumbrance,
        terms: draft.terms.clone(),
        until: draft.until,
        state: ConsentState::Asked,
        asked_on: today,
        answered_on: None,
        note: None,
        letter: None,
    })
}

/// Answers a request at version `expected`, for the organisation that is asked and by nobody else.
pub async fn answer(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    given: bool,
    note: Option<&str>,
) -> Result<Shown> {
    access::check_role(actor, Operation::AnswerConsent)?;
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    let note = note.map(|note| sentence("/note", note)).transpose()?;
    let mut tx = services.write(actor).await?;
    let current = load(&mut tx, actor, id).await?;
    let request = &current.value;
    access::check(actor, Operation::AnswerConsent, Some(&request.party))?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    if request.state != ConsentState::Asked {
        let refusal = Refusal::new(
            "consentAnswered",
            "这项请求已经答复。",
            "This request has been answered.",
        );
        return Err(Refused::from(refusal).into());
    }
    let letter = if given {
        Some(give(services, &mut tx, actor, request).await?)
    } else {
        None
    };
    let next = ConsentRequest {
        state: if given {
            ConsentState::Given
        } else {
            ConsentState::Refused
        },
        answered_on: Some(tx.now().day()),
        note,
        letter,
        ..request.clone()
    };
    let record = consents::update(&mut tx, next, current.version).await?;
    announce(&mut tx, Some(&current.value), &record);
    tell(&mut tx, services, actor, &record.value).await?;
    let shown = one(&mut tx, record).await?;
    tx.commit().await?;
    Ok(shown)
}

/// Writes the letter and puts it among the papers that the gate looks at.
async fn give(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    request: &ConsentRequest,
) -> Result<crate::domain::file::FileRef> {
    let declaration = declarations::find(tx, &request.declaration)
        .await?
        .ok_or(Error::NotFound("declaration"))?;
    if declaration.value.state != DeclarationState::Draft {
        return Err(not_a_draft());
    }
    let now = &declaration.value;
    if (&now.terms, now.until) != (&request.terms, request.until) {
        let refusal = Refusal::new(
            "consentOutdated",
            "草稿的使用费或许可期限在征求同意之后改过，请由声明人重新征求。",
            "The draft's fee or period has changed since it was asked for; the declarer asks again.",
        );
        return Err(Refused::from(refusal).into());
    }
    let (declarer, party) = (
        organisation(tx, &request.declarer).await?,
        organisation(tx, &request.party).await?,
    );
    let text = letter::consent(request, &declarer, &party, &now.title, tx.now().day());
    let name = format!("同意书-{}.txt", request.number);
    let (owner, readers) = (Some(&request.declarer), [request.party.clone()]);
    let file = files::write_text(tx, services, &name, &text, owner, &readers, actor).await?;
    match &request.encumbrance {
        Some(pledge) => {
            let pledge = encumbrances::find(tx, pledge)
                .await?
                .ok_or(Error::NotFound("encumbrance"))?;
            let patch = EncumbrancePatch {
                consent: Some(file.id.clone()),
                ..EncumbrancePatch::default()
            };
            burdens::update_in(services, tx, actor, pledge, patch).await?;
        }
        None => consented(services, tx, actor, &declaration, request, &file).await?,
    }
    Ok(file)
}

async fn organisation(tx: &mut Tx, id: &Id) -> Result<Organisation> {
    let found = parties::find(tx, id).await?;
    Ok(found.ok_or(Error::NotFound("organisation"))?.value)
}

/// One request, if the caller is a side of it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Shown> {
    access::check_role(actor, Operation::GetConsent)?;
    let mut tx = services.read().await?;
    let record = load(&mut tx, actor, id).await?;
    one(&mut tx, record).await
}

/// A page of what the caller asked for or is asked, the latest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    filter: &ConsentFilter,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Shown>, i64)> {
    access::check_role(actor, Operation::ListConsents)?;
    let sight = actor.sight();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let page = consents::page(&mut tx, &sight, filter, before, limit).await?;
    let total = consents::count(&mut tx, &sight, filter).await?;
    Ok((shown(&mut tx, page).await?, total))
}

async fn load(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<Stored<ConsentRequest>> {
    let found = consents::find(tx, id)
        .await?
        .ok_or(Error::NotFound("consent"))?;
    let sight = actor.sight();
    let audiences = found.value.audiences();
    if audiences.iter().any(|audience| sight.sees(audience)) {
        Ok(found)
    } else {
        Err(Error::NotFound("consent"))
    }
}

async fn one(tx: &mut Tx, record: Stored<ConsentRequest>) -> Result<Shown> {
    let mut all = shown(tx, vec![record]).await?;
    all.pop().ok_or(Error::NotFound("consent"))
}

async fn shown(tx: &mut Tx, records: Vec<Stored<ConsentRequest>>) -> Result<Vec<Shown>> {
    let numbers: Vec<_> = records.iter().map(|r| r.value.number.clone()).collect();
    let titles = patents::list_by_numbers(tx, &numbers).await?;
    let mut ids: Vec<Id> = records
        .iter()
        .flat_map(|r| [r.value.declarer.clone(), r.value.party.clone()])
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let known = parties::list_by_ids(tx, &ids).await?;
    let name = |id: &Id| {
        let found = known.iter().find(|party| party.value.id == *id);
        found
            .map(|party| party.value.name.clone())
            .unwrap_or_default()
    };
    let shown = records.into_iter().map(|record| Shown {
        title: titles
            .iter()
            .find(|patent| patent.value.number == record.value.number)
            .map(|patent| patent.value.title.clone())
            .unwrap_or_default(),
        declarer_name: name(&record.value.declarer),
        party_name: name(&record.value.party),
        record,
    });
    Ok(shown.collect())
}
