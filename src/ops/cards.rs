//! The layman's cards: written by the holder one by one or from a sheet, checked as they are written, shown to whoever may
//! see them. Whether a card is public follows its holding and its declaration, wherever those change.

mod list;
mod sheet;

pub(super) use list::page;
pub use list::{Line, counts, list};
pub(super) use sheet::Column as SheetColumn;
pub use sheet::{Report, import};

use super::{
    Error, Fault, Result, Services, announce::announce, inventory as records, organisations,
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        card::{self, Card, CardContent, CardFinding, examine, passes},
        codes::AppNo,
        declaration::Declaration,
        dictionary::{Dictionary, Topic},
        eligibility::CardStanding,
        holding::Holding,
        id::Id,
        need::Flaw,
        patent::Patent,
        review::Want,
    },
    store::{self, Stored, Tx, cards, declarations, dictionaries, holdings, patents},
};

/// A card with what its check finds today.
#[derive(Clone, Debug)]
pub struct Shown {
    /// At version 0 where nothing was ever written.
    pub record: Stored<Card>,
    pub patent: Patent,
    /// For its holder and the office; empty for others, who see only what has passed.
    pub findings: Vec<CardFinding>,
    /// The reader may write it now.
    pub editable: bool,
}

/// The card of a patent: one's own or the named holder's for those who may see it, else the public one.
pub async fn get(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    organisation: Option<&str>,
) -> Result<Shown> {
    access::check(actor, Operation::GetCard, None)?;
    let missing = || Error::NotFound("card");
    let named = match organisation {
        Some(reference) => Some(organisations::named(services, reference, "?organisation").await?),
        None => actor.organisation.clone(),
    };
    let mut tx = services.read().await?;
    let patent = patents::find(&mut tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?
        .value;
    if let Some(owner) = &named
        && let Some(holding) = held(&mut tx, owner, number).await?
        && reaches(&mut tx, actor, Want::See, &holding).await?
    {
        let editable = access::check(actor, Operation::PutCard, Some(owner)).is_ok()
            && reaches(&mut tx, actor, Want::Edit, &holding).await?;
        let record = of_holding(&mut tx, &holding).await?;
        return Ok(Shown {
            findings: examine(
                &record.value.content(),
                &patent,
                &services.rules.promotional_words,
            ),
            record,
            patent,
            editable,
        });
    }
    let public = public(&mut tx, number).await?;
    let wanted = |card: &Stored<Card>| {
        organisation.is_none() || Some(&card.value.organisation) == named.as_ref()
    };
    let record = public.filter(wanted).ok_or_else(missing)?;
    Ok(Shown {
        record,
        patent,
        findings: Vec::new(),
        editable: false,
    })
}

/// The public card of a patent, where there is one.
pub(super) async fn public(tx: &mut Tx, number: &AppNo) -> store::Result<Option<Stored<Card>>> {
    let numbers = std::slice::from_ref(number);
    let mut found = cards::list_by_numbers(tx, numbers).await?;
    found.retain(|card| card.value.published);
    if found.len() < 2 {
        return Ok(found.pop());
    }
    let held = holdings::list_by_numbers(tx, numbers).await?;
    let first = |card: &Card| {
        let mut held = held.iter().map(|holding| &holding.value);
        held.any(|holding| holding.id == card.id && holding.first_patentee)
    };
    let shown = card::shown(found.iter().map(|card| &card.value), first);
    let shown = shown.map(|card| card.id.clone());
    Ok(found
        .into_iter()
        .find(|card| Some(&card.value.id) == shown.as_ref()))
}

/// The holding of an organisation in a patent.
pub(super) async fn held(
    tx: &mut Tx,
    owner: &Id,
    number: &AppNo,
) -> store::Result<Option<Holding>> {
    let found = holdings::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    let mut found = found.into_iter().map(|holding| holding.value);
    Ok(found.find(|holding| holding.organisation == *owner))
}

/// May the actor do this with what is a holder's own of one patent, as its duty goes? As with the stock record.
async fn reaches(tx: &mut Tx, actor: &Actor, want: Want, holding: &Holding) -> Result<bool> {
    let owner = crate::domain::event::Audience::Organisation(holding.organisation.clone());
    if !actor.sight_within().sees(&owner) {
        return Ok(false);
    }
    let record = records::record_of(tx, holding).await?;
    let standing = record.value.standing(holding.unit.as_deref());
    Ok(actor.reaches(want, standing))
}

/// The card of a holding, at version 0 where nothing was written.
async fn of_holding(tx: &mut Tx, holding: &Holding) -> store::Result<Stored<Card>> {
    Ok(cards::find(tx, &holding.id).await?.unwrap_or_else(|| {
        let value = Card::blank(holding);
        Stored {
            version: 0,
            hash: value.document_hash(),
            value,
        }
    }))
}

/// Whose card is written: the organisation named, else one's own.
pub(super) async fn writer(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    organisation: Option<&str>,
) -> Result<Id> {
    access::check_role(actor, operation)?;
    let owner = match (organisation, &actor.organisation) {
        (Some(reference), _) => organisations::named(services, reference, "?organisation").await?,
        (None, Some(own)) => own.clone(),
        (None, None) => {
            return Err(Error::from(Fault::new(
                "?organisation",
                "organisationRequired",
                "请指明单位（编号或统一社会信用代码）。",
                "Name the organisation by its id or USCC.",
            )));
        }
    };
    access::check(actor, operation, Some(&owner))?;
    Ok(owner)
}

/// Writes a card at version `expected`; the first writing makes it. What the check finds is kept with it: a card with
/// errors is a draft that nobody else sees.
pub async fn put(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    organisation: Option<&str>,
    expected: i64,
    content: CardContent,
) -> Result<Shown> {
    let owner = writer(services, actor, Operation::PutCard, organisation).await?;
    let mut tx = services.write(actor).await?;
    let patent = patents::find(&mut tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?
        .value;
    let holding = held(&mut tx, &owner, number)
        .await?
        .ok_or(Error::NotFound("card"))?;
    if !reaches(&mut tx, actor, Want::See, &holding).await? {
        return Err(Error::NotFound("card"));
    }
    if !reaches(&mut tx, actor, Want::Edit, &holding).await? {
        return Err(Denied::Duty.into());
    }
    let current = of_holding(&mut tx, &holding).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let maturity = dictionaries::load(&mut tx, Topic::Maturity).await?.value;
    let writing = Writing {
        services,
        patent: &patent,
        holding: &holding,
        maturity: &maturity,
        declared: declared(&mut tx, &holding).await?,
    };
    let (record, findings) = writing.write(&mut tx, current, content).await?;
    tx.commit().await?;
    Ok(Shown {
        record,
        patent,
        findings,
        editable: true,
    })
}

/// What a card is written with.
struct Writing<'a> {
    services: &'a Services,
    patent: &'a Patent,
    holding: &'a Holding,
    maturity: &'a Dictionary,
    declared: Declared,
}

impl Writing<'_> {
    /// Checks, keeps and announces a card, or says all that is wrong with it.
    async fn write(
        &self,
        tx: &mut Tx,
        current: Stored<Card>,
        content: CardContent,
    ) -> Result<(Stored<Card>, Vec<CardFinding>)> {
        let content = content.tidy();
        let before = current.value.maturity.as_deref();
        let flaws = content.flaws(before, self.maturity);
        if !flaws.is_empty() {
            let fault =
                |flaw: Flaw| Fault::new(flaw.pointer, flaw.code, flaw.text.zh, flaw.text.en);
            return Err(Error::Invalid(flaws.into_iter().map(fault).collect()));
        }
        let words = &self.services.rules.promotional_words;
        let findings = examine(&content, self.patent, words);
        let passed = passes(&findings);
        let declared = self.declared;
        if !passed && current.value.passed && declared.needed {
            let mut refused = card::still_needed();
            let errors = findings.iter().filter(|finding| finding.check.is_error());
            refused.refusals.extend(errors.map(CardFinding::refusal));
            return Err(refused.into());
        }
        let next = current.value.written(content, passed);
        let next = next.settled(self.holding.published, declared.on_offer);
        if next == current.value {
            return Ok((current, findings));
        }
        let record = if current.version == 0 {
            cards::insert(tx, next).await?
        } else {
            cards::update(tx, next, current.version).await?
        };
        let before = (current.version > 0).then_some(&current.value);
        announce(tx, before, &record);
        Ok((record, findings))
    }
}

async fn declared(tx: &mut Tx, holding: &Holding) -> store::Result<Declared> {
    let number = std::slice::from_ref(&holding.number);
    let found = declarations::list_by_numbers(tx, number).await?;
    let mut declared = Declared::default();
    let own = found
        .iter()
        .filter(|d| d.value.organisation == holding.organisation);
    for declaration in own {
        declared.note(&declaration.value);
    }
    Ok(declared)
}

/// What declarations make of a card.
#[derive(Clone, Copy, Default)]
struct Declared {
    /// Announced: the card is public.
    on_offer: bool,
    /// Under way or announced: the card has to go on passing.
    needed: bool,
}

impl Declared {
    fn note(&mut self, declaration: &Declaration) {
        self.on_offer |= declaration.state.is_live();
        self.needed |= declaration.state.is_under_way();
    }
}

/// How the card of a declarer stands at the gate.
pub(super) async fn standing(
    tx: &mut Tx,
    services: &Services,
    organisation: &Id,
    patent: &Patent,
) -> store::Result<CardStanding> {
    if !services.rules.card_required {
        return Ok(CardStanding::NotWanted);
    }
    let found = cards::list_by_numbers(tx, std::slice::from_ref(&patent.number)).await?;
    let own = found
        .into_iter()
        .find(|card| card.value.organisation == *organisation);
    let Some(card) = own.filter(|card| !card.value.content().is_empty()) else {
        return Ok(CardStanding::Missing);
    };
    // Against the patent as it stands now, which may have changed since the card was written.
    let findings = examine(
        &card.value.content(),
        patent,
        &services.rules.promotional_words,
    );
    let errors = findings.iter().filter(|f| f.check.is_error()).count();
    Ok(match errors {
        0 => CardStanding::Passed,
        errors => CardStanding::Failing(errors),
    })
}

/// Shows or takes back the cards of these patents, inside the transaction that changed a holding or a declaration.
pub(super) async fn follow(tx: &mut Tx, numbers: &[AppNo]) -> store::Result<()> {
    for chunk in numbers.chunks(500) {
        let found = cards::list_by_numbers(tx, chunk).await?;
        if found.is_empty() {
            continue;
        }
        let held = holdings::list_by_numbers(tx, chunk).await?;
        let declared = declarations::list_by_numbers(tx, chunk).await?;
        for current in found {
            let card = &current.value;
            let published = held
                .iter()
                .any(|holding| holding.value.id == card.id && holding.value.published);
            let on_offer = declared.iter().any(|d| {
                let value = &d.value;
                value.number == card.number
                    && value.organisation == card.organisation
                    && value.state.is_live()
            });
            let next = card.settled(published, on_offer);
            if next != *card {
                let record = cards::update(tx, next, current.version).await?;
                announce(tx, Some(card), &record);
            }
        }
    }
    Ok(())
}
