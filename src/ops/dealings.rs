//! Licences as their two sides see them: with the names, the announced declaration and what is due next. Whoever is
//! neither a side nor an officer finds nothing here, even of a licence that is public.

use std::collections::HashMap;

use super::{Error, Result, Services};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        declaration::Declaration,
        event::Sight,
        id::Id,
        licence::{Licence, LicenceState, Licensee, Next},
        party::Organisation,
        text::Text,
    },
    store::{Stored, Tx, contacts, declarations, licences, organisations},
};

/// A licence with what its sides are shown of it.
#[derive(Clone, Debug)]
pub struct Dealing {
    pub licence: Stored<Licence>,
    pub declaration: Stored<Declaration>,
    pub holder: Organisation,
    pub licensee: Taker,
    pub next: Next,
}

/// 被许可人, by name: only the sides and the office read an individual's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taker {
    pub name: String,
    /// 统一社会信用代码, where it has one.
    pub uscc: Option<String>,
}

/// Which side of its licences an organisation looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    Holder,
    Licensee,
}

/// What a list of dealings is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct DealingFilter {
    pub state: Option<LicenceState>,
    pub side: Option<As>,
}

/// The party whose licences are listed; `None`: an officer, who sees all.
fn own(actor: &Actor) -> Result<Option<Id>> {
    access::check_role(actor, Operation::GetLicence)?;
    match actor.sight() {
        Sight::Office => Ok(None),
        Sight::Own(id) => Ok(Some(id)),
        Sight::Public => Err(Denied::Role.into()),
    }
}

/// A page of the caller's licences, the latest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    asked: DealingFilter,
    before: Option<&Id>,
    limit: usize,
) -> Result<(Vec<Dealing>, i64)> {
    let own = own(actor)?;
    let mut filter = licences::Filter {
        state: asked.state,
        ..licences::Filter::default()
    };
    match asked.side {
        Some(As::Holder) => filter.holder = own,
        Some(As::Licensee) => filter.licensee = own,
        None => filter.side = own,
    }
    let sight = Sight::Office;
    let before = before.map(Id::to_string);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let page = licences::page_latest(&mut tx, &sight, &filter, before.as_deref(), limit).await?;
    let total = licences::count(&mut tx, &sight, &filter).await?;
    Ok((with_names(services, &mut tx, page).await?, total))
}

/// One licence, for one of its sides or an officer.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Dealing> {
    let own = own(actor)?;
    let mut tx = services.read().await?;
    let found = licences::find(&mut tx, id)
        .await?
        .filter(|found| is_side(own.as_ref(), &found.value))
        .ok_or(Error::NotFound("licence"))?;
    let mut named = with_names(services, &mut tx, vec![found]).await?;
    named.pop().ok_or(Error::NotFound("licence"))
}

fn is_side(own: Option<&Id>, licence: &Licence) -> bool {
    own.is_none_or(|own| *own == licence.holder || own == licence.licensee.id())
}

/// The names and declarations of a page, each kind read at once.
async fn with_names(
    services: &Services,
    tx: &mut Tx,
    page: Vec<Stored<Licence>>,
) -> Result<Vec<Dealing>> {
    let today = services.clock.today();
    let (mut parties, mut people, mut declared) = (Vec::new(), Vec::new(), Vec::new());
    for licence in page.iter().map(|stored| &stored.value) {
        declared.push(licence.declaration.clone());
        parties.push(licence.holder.clone());
        match &licence.licensee {
            Licensee::Organisation(id) => parties.push(id.clone()),
            Licensee::Individual(id) => people.push(id.clone()),
        }
    }
    let parties = organisations::list_by_ids(tx, &parties).await?;
    let parties: HashMap<Id, Organisation> = by_id(parties, |party| party.id.clone());
    let people = contacts::list_individuals(tx, &people).await?;
    let people: HashMap<Id, String> = people.into_iter().map(|p| (p.id, p.name)).collect();
    let declared = declarations::list_by_ids(tx, &declared).await?;
    let declared: HashMap<Id, _> = declared
        .into_iter()
        .map(|d| (d.value.id.clone(), d))
        .collect();
    page.into_iter()
        .map(|licence| {
            let value = &licence.value;
            let missing = || Error::Internal(format!("licence {} lacks a side", value.id));
            Ok(Dealing {
                holder: parties.get(&value.holder).cloned().ok_or_else(missing)?,
                licensee: taker(&value.licensee, &parties, &people),
                declaration: declared
                    .get(&value.declaration)
                    .cloned()
                    .ok_or_else(missing)?,
                next: value.next(today),
                licence,
            })
        })
        .collect()
}

fn by_id<T>(found: Vec<Stored<T>>, id: impl Fn(&T) -> Id) -> HashMap<Id, T> {
    found
        .into_iter()
        .map(|stored| (id(&stored.value), stored.value))
        .collect()
}

fn taker(
    licensee: &Licensee,
    parties: &HashMap<Id, Organisation>,
    people: &HashMap<Id, String>,
) -> Taker {
    let party = licensee.organisation().and_then(|id| parties.get(id));
    Taker {
        name: party.map_or_else(
            || people.get(licensee.id()).cloned().unwrap_or_default(),
            |party| party.name.clone(),
        ),
        uscc: party.map(|party| party.uscc.to_string()),
    }
}

/// What is due next, in words.
pub fn next_words(next: &Next) -> Text {
    match next {
        Next::Deliver => Text::new("送达书面通知", "Deliver the notice"),
        Next::Pay { missing } => {
            Text::new(format!("支付 {missing} 元"), format!("Pay {missing} yuan"))
        }
        Next::File { due_on, .. } => Text::new(
            format!("{due_on} 前备案"),
            format!("File with the patent office by {due_on}"),
        ),
        Next::Later(due) => {
            let amount = due.fixed_fen().map(|fen| fen.to_string());
            let amount = amount.map_or_else(String::new, |fen| format!("{fen} "));
            Text::new(
                format!(
                    "{} 前支付 {}",
                    due.due_on,
                    if amount.is_empty() {
                        "提成".to_owned()
                    } else {
                        format!("{amount}元")
                    }
                ),
                format!(
                    "Pay {} by {}",
                    if amount.is_empty() {
                        "the royalty".to_owned()
                    } else {
                        format!("{amount}yuan")
                    },
                    due.due_on
                ),
            )
        }
        Next::Nothing => Text::new("没有待办事项", "Nothing is due"),
    }
}
