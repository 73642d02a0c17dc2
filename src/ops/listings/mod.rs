//! Announced lists from outside: read against our declarations, every difference decided by an officer, what was announced
//! and not declared here entered from the list, pilot listings made into drafts.

mod enter;
mod import;
mod sheet;

pub use crate::store::listings::ListingFilter;
pub use enter::{Entry, convert, enter};
pub use import::{Report, import};

use super::{Error, Result, Services, announce::announce, declarations::sentence, organisations};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        declaration::Declaration,
        id::Id,
        listing::{Decision, ListedItem, Listing, ListingState},
        merge::Choice,
        party::Contact,
        refusal::{Refusal, Refused},
        terms::Terms,
    },
    store::{Stored, Tx, contacts, declarations, listings, patents},
};

/// A line with what is kept or known beside it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub record: Stored<Listing>,
    /// Of the patent, where it is known here.
    pub title: String,
    /// The contact that the list gives.
    pub contact: Option<Contact>,
    /// The contact of our declaration.
    pub our_contact: Option<Contact>,
    /// Why the terms are not certain.
    pub doubts: Vec<crate::domain::terms::Doubt>,
}

fn contact_subject(id: &Id) -> String {
    format!("listings/{id}")
}

/// A page of those that the caller may see, the latest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    mut filter: ListingFilter,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Shown>, i64)> {
    access::check_role(actor, Operation::ListListings)?;
    if let Some(reference) = organisation {
        let id = organisations::named(services, reference, "?organisation").await?;
        access::check(actor, Operation::ListListings, Some(&id))?;
        filter.organisation = Some(id);
    }
    let sight = actor.sight();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let page = listings::page(&mut tx, &sight, &filter, before, limit).await?;
    let total = listings::count(&mut tx, &sight, &filter).await?;
    Ok((shown(&mut tx, page).await?, total))
}

/// Records with titles and contacts, read at once.
async fn shown(tx: &mut Tx, records: Vec<Stored<Listing>>) -> Result<Vec<Shown>> {
    let numbers: Vec<_> = records.iter().map(|r| r.value.number.clone()).collect();
    let titles = patents::list_by_numbers(tx, &numbers).await?;
    let of_ours = |l: &Listing| {
        l.declaration
            .as_ref()
            .map(|id| format!("declarations/{id}"))
    };
    let subjects: Vec<String> = records
        .iter()
        .flat_map(|r| std::iter::once(contact_subject(&r.value.id)).chain(of_ours(&r.value)))
        .collect();
    let contacts = contacts::list(tx, &subjects).await?;
    let shown = records.into_iter().map(|record| {
        let listing = &record.value;
        let found = titles.iter().find(|p| p.value.number == listing.number);
        Shown {
            title: found.map(|p| p.value.title.clone()).unwrap_or_default(),
            contact: contacts.get(&contact_subject(&listing.id)).cloned(),
            our_contact: of_ours(listing).and_then(|subject| contacts.get(&subject).cloned()),
            doubts: if listing.terms_text.is_empty() {
                Vec::new()
            } else {
                Terms::read(&listing.terms_text).doubts
            },
            record,
        }
    });
    Ok(shown.collect())
}

async fn one(tx: &mut Tx, record: Stored<Listing>) -> Result<Shown> {
    let mut all = shown(tx, vec![record]).await?;
    all.pop().ok_or(Error::NotFound("listing"))
}

/// One line, if it is the caller's to see.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Shown> {
    access::check_role(actor, Operation::GetListing)?;
    let mut tx = services.read().await?;
    let record = load(&mut tx, actor, id).await?;
    one(&mut tx, record).await
}

async fn load(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<Stored<Listing>> {
    let found = listings::find(tx, id)
        .await?
        .ok_or(Error::NotFound("listing"))?;
    if actor.sight().sees(&found.value.audience()) {
        Ok(found)
    } else {
        Err(Error::NotFound("listing"))
    }
}

/// The line at version `expected`.
async fn current(tx: &mut Tx, actor: &Actor, id: &Id, expected: i64) -> Result<Stored<Listing>> {
    let found = load(tx, actor, id).await?;
    if found.version != expected {
        return Err(Error::Stale {
            current: found.version,
        });
    }
    Ok(found)
}

/// Decides one difference at version `expected`; nothing of our declaration changes before the line is entered.
pub async fn decide(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    (item, choice): (ListedItem, Choice),
    reason: &str,
) -> Result<Shown> {
    access::check(actor, Operation::DecideListing, None)?;
    let reason = sentence("/reason", reason)?;
    let mut tx = services.write(actor).await?;
    let current = current(&mut tx, actor, id, expected).await?;
    let listing = &current.value;
    let ours = declared(&mut tx, listing).await?;
    let (Some(ours), None) = (ours, listing.settled_on) else {
        return Err(nothing_to_decide());
    };
    if choice == Choice::Theirs {
        certain(listing, item)?;
    }
    let on = tx.now().day();
    let decision = Decision { choice, reason, on };
    let next = listing
        .decided(item, decision, &ours.value)
        .ok_or_else(nothing_to_decide)?;
    let record = put(&mut tx, &current, next).await?;
    let shown = one(&mut tx, record).await?;
    tx.commit().await?;
    Ok(shown)
}

/// What is taken must be data: a text that is in doubt cannot be.
fn certain(listing: &Listing, item: ListedItem) -> Result<()> {
    let uncertain = match item {
        ListedItem::Terms => listing.terms.is_none(),
        ListedItem::Until => listing.until.is_none(),
        ListedItem::Contact => false,
    };
    if !uncertain {
        return Ok(());
    }
    let refusal = Refusal::new(
        "listingUncertain",
        "清单上的文字不能完全确定，不能直接采用。",
        "The words of the list are not certain and cannot be taken as they stand.",
    )
    .cure(
        "请对照公告原文：维持本平台内容，或作废后按公告补录声明。",
        "Read the announcement: keep what is here, or annul it and record the announced declaration.",
    );
    Err(Refused::from(refusal).into())
}

fn nothing_to_decide() -> Error {
    let refusal = Refusal::new(
        "nothingToDecide",
        "这一行没有这项待处理的差异。",
        "This line has no such difference to be decided.",
    );
    Refused::from(refusal).into()
}

/// Our declaration of the line.
async fn declared(tx: &mut Tx, listing: &Listing) -> Result<Option<Stored<Declaration>>> {
    match &listing.declaration {
        Some(id) => Ok(declarations::find(tx, id).await?),
        None => Ok(None),
    }
}

async fn put(tx: &mut Tx, current: &Stored<Listing>, next: Listing) -> Result<Stored<Listing>> {
    if next == current.value {
        return Ok(current.clone());
    }
    let record = listings::update(tx, next, current.version).await?;
    announce(tx, Some(&current.value), &record);
    Ok(record)
}

/// How many wait for an officer: differences, announcements to be entered, patents that nobody here declares.
pub async fn waiting(services: &Services, actor: &Actor) -> Result<i64> {
    access::check_role(actor, Operation::ListListings)?;
    let mut tx = services.read().await?;
    let mut waiting = 0;
    for state in [
        ListingState::Differing,
        ListingState::Ready,
        ListingState::Unknown,
    ] {
        let filter = ListingFilter {
            state: Some(state),
            ..ListingFilter::default()
        };
        waiting += listings::count(&mut tx, &actor.sight(), &filter).await?;
    }
    Ok(waiting)
}
