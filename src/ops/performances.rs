//! How licences are carried out: what the licensee reports of a royalty period, what it answers 3, 6 and 12 months after
//! the effective day, whether the sides are related. For the two sides and the office; and what every licence waits for
//! next is kept beside it, so that tasks and reminders find it.

use super::{Error, Result, Services, announce::announce, files, idempotency::Key, inbox};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        event::{Noun, Sight},
        id::Id,
        licence::Licence,
        message::{MessageKind, subject},
        money::Fen,
        performance::{
            AccountLine, Affiliation, FollowUp, NewReport, Performance, SalesBand, Teller, Waiting,
            account,
        },
        time::Day,
    },
    store::{self, Stored, Tx, licences, performances},
};

/// How one licence is carried out, and what it waits for.
#[derive(Clone, Debug)]
pub struct Carried {
    pub licence: Stored<Licence>,
    /// `None`: nobody has said anything yet.
    pub record: Option<Stored<Performance>>,
    pub lines: Vec<AccountLine>,
    pub waiting: Waiting,
}

/// The figure of a settlement period; the file by its id.
#[derive(Clone, Debug)]
pub struct ReportAsked {
    pub from: Day,
    pub to: Day,
    pub figure_fen: Fen,
    pub file: Option<Id>,
}

/// What the licensee answers.
#[derive(Clone, Debug)]
pub struct Answered {
    pub months: u8,
    pub worked: bool,
    pub product: bool,
    pub sales: SalesBand,
    pub note: Option<String>,
}

/// How a licence is carried out, for one of its sides or an officer.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Carried> {
    access::check_role(actor, Operation::GetPerformance)?;
    let mut tx = services.read().await?;
    let licence = for_side(actor, find(&mut tx, id).await?)?;
    may(actor, Operation::GetPerformance, &licence.value, true)?;
    let record = performances::find(&mut tx, id).await?;
    Ok(carried(services, licence, record))
}

/// Reports the figure of a settlement period; the due follows from the announced terms.
pub async fn report(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    id: &Id,
    asked: ReportAsked,
) -> Result<Carried> {
    let mut desk = Desk::open(services, actor, Operation::AddRoyaltyReport, id).await?;
    if desk.is_repeated(key).await? {
        return Ok(desk.unchanged());
    }
    let file = match &asked.file {
        Some(file) => Some(files::cite(&mut desk.tx, actor, file, "/file").await?),
        None => None,
    };
    if let Some(file) = &file {
        let sides = desk.sides();
        files::share(&mut desk.tx, &file.id, &sides).await?;
    }
    let new = NewReport {
        from: asked.from,
        to: asked.to,
        figure_fen: asked.figure_fen,
        file,
    };
    let today = desk.tx.now().day();
    let next = desk.before().reported(&desk.licence.value, new, today)?;
    desk.put(key, next, MessageKind::RoyaltyReported).await
}

/// Answers what has become of the licence.
pub async fn follow_up(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    id: &Id,
    asked: Answered,
) -> Result<Carried> {
    let mut desk = Desk::open(services, actor, Operation::AddFollowUp, id).await?;
    if desk.is_repeated(key).await? {
        return Ok(desk.unchanged());
    }
    let today = desk.tx.now().day();
    let answer = FollowUp {
        months: asked.months,
        worked: asked.worked,
        product: asked.product,
        sales: asked.sales,
        note: trimmed(asked.note),
        on: today,
    };
    let next = desk
        .before()
        .followed_up(&desk.licence.value, answer, today)?;
    desk.put(key, next, MessageKind::FollowedUp).await
}

/// Says whether the two sides are related.
pub async fn state(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    id: &Id,
    related: bool,
    note: Option<String>,
) -> Result<Carried> {
    let mut desk = Desk::open(services, actor, Operation::StateRelation, id).await?;
    if desk.is_repeated(key).await? {
        return Ok(desk.unchanged());
    }
    let relation = Affiliation {
        related,
        by: teller(actor, &desk.licence.value),
        note: trimmed(note),
        on: desk.tx.now().day(),
    };
    let next = desk.before().told(relation)?;
    desk.put(key, next, MessageKind::RelationStated).await
}

/// The same inside the transaction of a notice.
pub(super) async fn state_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    licence: &Licence,
    related: bool,
) -> Result<()> {
    let relation = Affiliation {
        related,
        by: teller(actor, licence),
        note: None,
        on: tx.now().day(),
    };
    let record = performances::insert(tx, Performance::of(licence).told(relation)?).await?;
    announce(tx, None, &record);
    follow(tx, services, licence).await?;
    Ok(())
}

/// Keeps what a licence waits for now that it, or its performance, has changed.
pub(super) async fn follow(
    tx: &mut Tx,
    services: &Services,
    licence: &Licence,
) -> store::Result<()> {
    let record = performances::find(tx, &licence.id).await?;
    let record = record.as_ref().map(|record| &record.value);
    let waiting = Waiting::of(licence, record, services.rules.follow_up_days);
    let sides = (&licence.holder, licence.licensee.id());
    performances::put_waiting(tx, &licence.id, sides, &waiting).await
}

/// Licences a transaction.
const PAGE: i64 = 200;

/// Works out anew what every licence waits for: those recorded before this was kept, and after another setting.
pub(super) async fn refresh(services: &Services) -> Result<()> {
    let mut after = String::new();
    loop {
        let mut tx = services.db.begin_plain().await?;
        let page = licences::page_by_id(&mut tx, &after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.value.id.to_string();
        let ids: Vec<Id> = page
            .iter()
            .map(|licence| licence.value.id.clone())
            .collect();
        let kept = performances::waiting(&mut tx, &ids).await?;
        let said = performances::list_by_ids(&mut tx, &ids).await?;
        for licence in page.into_iter().map(|licence| licence.value) {
            let said = said.iter().find(|said| said.value.id == licence.id);
            let said = said.map(|said| &said.value);
            let waiting = Waiting::of(&licence, said, services.rules.follow_up_days);
            if kept.get(&licence.id) != Some(&waiting) {
                let sides = (&licence.holder, licence.licensee.id());
                performances::put_waiting(&mut tx, &licence.id, sides, &waiting).await?;
            }
        }
        tx.commit().await?;
    }
}

/// Who speaks: one of the sides, or the office.
pub(super) fn teller(actor: &Actor, licence: &Licence) -> Teller {
    match actor.sight() {
        Sight::Own(own) if own == licence.holder => Teller::Holder,
        Sight::Own(_) => Teller::Licensee,
        Sight::Office | Sight::Public => Teller::Office,
    }
}

fn trimmed(text: Option<String>) -> Option<String> {
    let text = text.map(|text| text.replace("\r\n", "\n").trim().to_owned());
    text.filter(|text| !text.is_empty())
}

async fn find(tx: &mut Tx, id: &Id) -> Result<Stored<Licence>> {
    licences::find(tx, id)
        .await?
        .ok_or(Error::NotFound("licence"))
}

/// For whoever is neither a side nor an officer there is nothing here, even of a licence that is public.
pub(super) fn for_side(actor: &Actor, licence: Stored<Licence>) -> Result<Stored<Licence>> {
    let value = &licence.value;
    let sees = match actor.sight() {
        Sight::Office => true,
        Sight::Own(own) => own == value.holder || own == *value.licensee.id(),
        Sight::Public => false,
    };
    sees.then_some(licence).ok_or(Error::NotFound("licence"))
}

/// The licensee, or with `both` either side, where the operation is open to it.
pub(super) fn may(
    actor: &Actor,
    operation: Operation,
    licence: &Licence,
    both: bool,
) -> std::result::Result<(), Denied> {
    let as_licensee = access::check(actor, operation, Some(licence.licensee.id()));
    if both {
        as_licensee.or_else(|_| access::check(actor, operation, Some(&licence.holder)))
    } else {
        as_licensee
    }
}

fn carried(
    services: &Services,
    licence: Stored<Licence>,
    record: Option<Stored<Performance>>,
) -> Carried {
    let known = record.as_ref().map(|record| &record.value);
    Carried {
        lines: account(&licence.value, known),
        waiting: Waiting::of(&licence.value, known, services.rules.follow_up_days),
        licence,
        record,
    }
}

/// A licence on which somebody who may has opened the writing transaction.
struct Desk<'a> {
    services: &'a Services,
    actor: &'a Actor,
    tx: Tx,
    licence: Stored<Licence>,
    record: Option<Stored<Performance>>,
}

impl<'a> Desk<'a> {
    async fn open(
        services: &'a Services,
        actor: &'a Actor,
        operation: Operation,
        id: &Id,
    ) -> Result<Self> {
        access::check_role(actor, operation)?;
        let mut tx = services.write(actor).await?;
        let licence = for_side(actor, find(&mut tx, id).await?)?;
        // What the licensee made and did is the licensee's to tell; how the sides belong together, either's.
        let both = operation == Operation::StateRelation;
        may(actor, operation, &licence.value, both)?;
        let record = performances::find(&mut tx, id).await?;
        Ok(Self {
            services,
            actor,
            tx,
            licence,
            record,
        })
    }

    async fn is_repeated(&mut self, key: Option<&Key>) -> Result<bool> {
        match key {
            Some(key) => Ok(key.created(&mut self.tx).await?.is_some()),
            None => Ok(false),
        }
    }

    fn unchanged(self) -> Carried {
        carried(self.services, self.licence, self.record)
    }

    fn before(&self) -> Performance {
        let known = self.record.as_ref().map(|record| record.value.clone());
        known.unwrap_or_else(|| Performance::of(&self.licence.value))
    }

    fn sides(&self) -> Vec<Id> {
        let licence = &self.licence.value;
        vec![licence.holder.clone(), licence.licensee.id().clone()]
    }

    async fn put(
        mut self,
        key: Option<&Key>,
        next: Performance,
        kind: MessageKind,
    ) -> Result<Carried> {
        if self.record.as_ref().map(|record| &record.value) == Some(&next) {
            return Ok(self.unchanged());
        }
        let before = self.record.take();
        let record = match &before {
            None => performances::insert(&mut self.tx, next).await?,
            Some(before) => performances::update(&mut self.tx, next, before.version).await?,
        };
        announce(&mut self.tx, before.as_ref().map(|b| &b.value), &record);
        let licence = &self.licence.value;
        let what = (kind, subject(Noun::Licence, &licence.id), &licence.number);
        let sides = [&licence.holder, licence.licensee.id()];
        let acting = inbox::acting(self.actor);
        inbox::parties(&mut self.tx, self.services, acting, &sides, what).await?;
        follow(&mut self.tx, self.services, licence).await?;
        if let Some(key) = key {
            key.keep(&mut self.tx, &licence.id).await?;
        }
        self.tx.commit().await?;
        Ok(carried(self.services, self.licence, Some(record)))
    }
}
