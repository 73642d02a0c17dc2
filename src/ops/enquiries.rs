//! Enquiries: a question to the patentee of an announced declaration before a notice, its answer, and the clock for it.
//! Never a condition: a notice asks for no enquiry and no answer.

use super::{
    Error, Result, Services,
    announce::announce,
    idempotency::Key,
    inbox,
    organisations::{self, Created},
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        enquiry::{Enquiry, written},
        event::{Noun, Sight},
        id::Id,
        message::{MessageKind, subject},
        refusal::{Refusal, Refused},
    },
    store::{Stored, Tx, contacts, declarations, enquiries},
};

/// A question to be asked.
#[derive(Clone, Debug)]
pub struct NewEnquiry {
    pub declaration: Id,
    /// By id or USCC; the actor's own where absent.
    pub asker: Option<String>,
    pub question: String,
}

/// What a list of enquiries is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnquiryFilter {
    pub open: Option<bool>,
    pub overdue: bool,
}

/// An enquiry and the names that are shown with it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub record: Stored<Enquiry>,
    pub holder_name: String,
    pub asker_name: String,
}

/// Asks a patentee.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewEnquiry,
) -> Result<Created<Shown>> {
    access::check_role(actor, Operation::CreateEnquiry)?;
    let question = written("/question", &new.question)?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        let record = load(&mut tx, &id).await?;
        return Ok(Created {
            record: named(&mut tx, record).await?,
            repeated: true,
        });
    }
    let asker = asker(&mut tx, actor, new.asker.as_deref()).await?;
    access::check(actor, Operation::CreateEnquiry, Some(&asker))?;
    let today = tx.now().day();
    let declaration = declarations::find(&mut tx, &new.declaration)
        .await?
        .map(|declaration| declaration.value)
        .filter(|declaration| declaration.is_offered_on(today))
        .ok_or_else(not_offered)?;
    if asker == declaration.organisation {
        return Err(Refused::from(
            Refusal::new(
                "askerIsPatentee",
                "专利权人不必向自己询问。",
                "A patentee need not ask itself.",
            )
            .at("/asker"),
        )
        .into());
    }
    refuse_flood(&mut tx, &declaration.id, &asker).await?;
    let enquiry = Enquiry {
        id: services.ids.next(tx.now()),
        declaration: declaration.id,
        number: declaration.number,
        holder: declaration.organisation,
        asker,
        question,
        asked_on: today,
        due_on: services
            .rules
            .calendar
            .after(today, services.rules.enquiry_working_days),
        answer: None,
        answered_on: None,
        fictional: declaration.fictional,
    };
    let record = enquiries::insert(&mut tx, enquiry).await?;
    announce(&mut tx, None, &record);
    tell(
        &mut tx,
        services,
        actor,
        &record.value,
        MessageKind::EnquiryAsked,
    )
    .await?;
    if let Some(key) = key {
        key.keep(&mut tx, &record.value.id).await?;
    }
    let record = named(&mut tx, record).await?;
    tx.commit().await?;
    Ok(Created {
        record,
        repeated: false,
    })
}

/// Open questions of one party under one declaration, at most.
const OPEN: i64 = 5;

async fn refuse_flood(tx: &mut Tx, declaration: &Id, asker: &Id) -> Result<()> {
    let filter = enquiries::Filter {
        declaration: Some(declaration.clone()),
        side: Some(asker.clone()),
        open: Some(true),
        ..enquiries::Filter::default()
    };
    if enquiries::count(tx, &filter).await? < OPEN {
        return Ok(());
    }
    Err(Refused::from(Refusal::new(
        "tooManyOpen",
        format!("您就这件专利已有 {OPEN} 个询问等待答复。"),
        format!("{OPEN} of your questions on this patent wait for an answer already."),
    ))
    .into())
}

/// Who asks: the organisation named, or the party for which the actor acts.
async fn asker(tx: &mut Tx, actor: &Actor, named: Option<&str>) -> Result<Id> {
    match (named, &actor.organisation) {
        (Some(reference), _) => {
            let found = organisations::find(tx, reference).await?;
            let found = found.ok_or_else(|| {
                Error::fault(
                    "/asker",
                    "unknownOrganisation",
                    "没有登记这个单位，请先登记或核对统一社会信用代码。",
                    "No such organisation is registered; register it or check the code.",
                )
            })?;
            Ok(found.value.id)
        }
        (None, Some(own)) => Ok(own.clone()),
        (None, None) => Err(Error::fault(
            "/asker",
            "askerRequired",
            "请填写询问方。",
            "Say who asks.",
        )),
    }
}

fn not_offered() -> Error {
    Error::fault(
        "/declaration",
        "notOffered",
        "该声明不存在，或今天不能取得许可。",
        "There is no such declaration, or no licence can be taken under it today.",
    )
}

/// Answers, as the patentee or for it, at version `expected`.
pub async fn answer(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    answer: &str,
) -> Result<Shown> {
    access::check_role(actor, Operation::AnswerEnquiry)?;
    let mut tx = services.write(actor).await?;
    let current = visible(actor, load(&mut tx, id).await?)?;
    access::check(actor, Operation::AnswerEnquiry, Some(&current.value.holder))?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let next = current.value.answered(answer, tx.now().day())?;
    if next == current.value {
        return named(&mut tx, current).await;
    }
    let record = enquiries::update(&mut tx, next, expected).await?;
    announce(&mut tx, Some(&current.value), &record);
    tell(
        &mut tx,
        services,
        actor,
        &record.value,
        MessageKind::EnquiryAnswered,
    )
    .await?;
    let record = named(&mut tx, record).await?;
    tx.commit().await?;
    Ok(record)
}

async fn tell(
    tx: &mut Tx,
    services: &Services,
    actor: &Actor,
    enquiry: &Enquiry,
    kind: MessageKind,
) -> Result<()> {
    let what = (kind, subject(Noun::Enquiry, &enquiry.id), &enquiry.number);
    let to = match kind {
        MessageKind::EnquiryAsked => &enquiry.holder,
        _ => &enquiry.asker,
    };
    inbox::parties(tx, services, inbox::acting(actor), &[to], what).await?;
    Ok(())
}

async fn load(tx: &mut Tx, id: &Id) -> Result<Stored<Enquiry>> {
    enquiries::find(tx, id)
        .await?
        .ok_or(Error::NotFound("enquiry"))
}

fn visible(actor: &Actor, found: Stored<Enquiry>) -> Result<Stored<Enquiry>> {
    let sight = actor.sight();
    let audiences = found.value.audiences();
    if audiences.iter().any(|audience| sight.sees(audience)) {
        Ok(found)
    } else {
        Err(Error::NotFound("enquiry"))
    }
}

/// One enquiry, if the caller may see it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Shown> {
    access::check_role(actor, Operation::GetEnquiry)?;
    let mut tx = services.read().await?;
    let found = visible(actor, load(&mut tx, id).await?)?;
    named(&mut tx, found).await
}

/// A page of the caller's enquiries (an officer: everyone's), the latest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    asked: EnquiryFilter,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Shown>, i64)> {
    access::check_role(actor, Operation::ListEnquiries)?;
    let side = match actor.sight() {
        Sight::Office => None,
        Sight::Own(own) => Some(own),
        Sight::Public => return Err(Denied::NotYours.into()),
    };
    let today = services.clock.today();
    let filter = enquiries::Filter {
        side,
        open: asked.open,
        overdue_on: asked.overdue.then_some(today),
        ..enquiries::Filter::default()
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let page = enquiries::page_latest(&mut tx, &filter, before, limit).await?;
    let total = enquiries::count(&mut tx, &filter).await?;
    Ok((all_named(&mut tx, page).await?, total))
}

async fn named(tx: &mut Tx, record: Stored<Enquiry>) -> Result<Shown> {
    let mut shown = all_named(tx, vec![record]).await?;
    shown.pop().ok_or(Error::NotFound("enquiry"))
}

/// The names of a page, each kind read at once.
async fn all_named(tx: &mut Tx, page: Vec<Stored<Enquiry>>) -> Result<Vec<Shown>> {
    let mut ids: Vec<Id> = Vec::new();
    for enquiry in page.iter().map(|stored| &stored.value) {
        ids.push(enquiry.holder.clone());
        ids.push(enquiry.asker.clone());
    }
    ids.sort_unstable();
    ids.dedup();
    let mut names = organisations::names_in(tx, &ids).await?;
    ids.retain(|id| !names.contains_key(id));
    let people = contacts::list_individuals(tx, &ids).await?;
    names.extend(people.into_iter().map(|person| (person.id, person.name)));
    let name = |id: &Id| names.get(id).cloned().unwrap_or_default();
    Ok(page
        .into_iter()
        .map(|record| Shown {
            holder_name: name(&record.value.holder),
            asker_name: name(&record.value.asker),
            record,
        })
        .collect())
}

/// May the actor answer an enquiry of this holder? Pages ask before they show a form.
pub fn may_answer(actor: &Actor, holder: &Id) -> bool {
    access::check(actor, Operation::AnswerEnquiry, Some(holder)).is_ok()
}
