//! The continuing duty: whenever something new is known of a patent, and once a day, every announced declaration is
//! held against the gate again. A block opens a duty to withdraw, its end closes it (审查指南第五部分第十一章 2.(2)).

use std::collections::HashMap;

use super::{Result, Services, announce::announce, cards, inbox, performances};
use crate::{
    domain::{
        access::Actor,
        codes::AppNo,
        declaration::Declaration,
        eligibility::{Block, Case, Finding},
        encumbrance::Encumbrance,
        event::Sight,
        holding::Holding,
        id::Id,
        party::Organisation,
        patent::Patent,
        refusal::{Refusal, Refused},
        rules::EndEffect,
        time::Day,
    },
    store::{
        self, Stored, Tx, declarations, encumbrances, holdings, licences, organisations, patents,
    },
};

/// What is known of some patents, read in batches.
pub(super) struct Dossiers {
    patents: HashMap<AppNo, Patent>,
    encumbrances: HashMap<AppNo, Vec<Encumbrance>>,
    holdings: HashMap<(Id, AppNo), Holding>,
    organisations: HashMap<Id, Organisation>,
}

impl Dossiers {
    /// Reads what bears on these declarers' patents.
    pub(super) async fn load(tx: &mut Tx, wanted: &[(Id, AppNo)]) -> store::Result<Self> {
        let mut numbers: Vec<AppNo> = wanted.iter().map(|(_, number)| number.clone()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut ids: Vec<Id> = wanted.iter().map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut dossiers = Self {
            patents: HashMap::new(),
            encumbrances: HashMap::new(),
            holdings: HashMap::new(),
            organisations: HashMap::new(),
        };
        for chunk in numbers.chunks(500) {
            for patent in patents::list_by_numbers(tx, chunk).await? {
                dossiers
                    .patents
                    .insert(patent.value.number.clone(), patent.value);
            }
            for found in encumbrances::list_by_numbers(tx, chunk).await? {
                let number = found.value.number.clone();
                dossiers
                    .encumbrances
                    .entry(number)
                    .or_default()
                    .push(found.value);
            }
            for found in holdings::list_by_numbers(tx, chunk).await? {
                let holding = found.value;
                let key = (holding.organisation.clone(), holding.number.clone());
                dossiers.holdings.insert(key, holding);
            }
        }
        for chunk in ids.chunks(500) {
            for found in organisations::list_by_ids(tx, chunk).await? {
                dossiers
                    .organisations
                    .insert(found.value.id.clone(), found.value);
            }
        }
        Ok(dossiers)
    }

    /// The gate's case of one organisation and one patent.
    pub(super) fn case(&self, organisation: &Id, number: &AppNo) -> Option<Case<'_>> {
        Some(Case {
            patent: self.patents.get(number)?,
            encumbrances: self.encumbrances.get(number).map_or(&[], Vec::as_slice),
            organisation: self.organisations.get(organisation)?,
            holding: self.holdings.get(&(organisation.clone(), number.clone())),
        })
    }
}

/// Holds the live declarations of these patents against the gate, inside the transaction that changed something.
pub(super) async fn recheck(
    tx: &mut Tx,
    services: &Services,
    numbers: &[AppNo],
) -> store::Result<()> {
    for chunk in numbers.chunks(500) {
        let found = declarations::list_by_numbers(tx, chunk).await?;
        end_licences(tx, services, &found).await?;
        look(tx, services, found).await?;
    }
    Ok(())
}

/// A patentee's own transfer or renunciation of a patent under a live declaration: the declaration is withdrawn first
/// (审查指南第五部分第十一章 9). The same fact from the register or a source is taken as it is, and makes the duty to withdraw.
pub(super) async fn refuse_own_act(tx: &mut Tx, actor: &Actor, number: &AppNo) -> Result<()> {
    let Sight::Own(own) = actor.sight() else {
        return Ok(());
    };
    let found = declarations::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    let live = found
        .iter()
        .map(|found| &found.value)
        .find(|declaration| declaration.organisation == own && declaration.state.is_live());
    let Some(declaration) = live else {
        return Ok(());
    };
    let name = declaration.declaration_number.as_deref().unwrap_or("—");
    Err(Refused {
        code: "withdrawFirst",
        refusals: vec![
            Refusal::new(
                "withdrawFirst",
                format!("该专利的开放许可声明 {name} 仍在有效期，转让或者放弃专利权之前应当先撤回声明。"),
                format!("Declaration {name} of this patent is in force; withdraw it before the patent is transferred or given up."),
            )
            .by("专利审查指南第五部分第十一章9")
            .cure(
                "请先请求撤回，并登记撤回公告，再登记转让或放弃。",
                "Request the withdrawal and record its announcement first.",
            ),
        ],
    }
    .into())
}

/// Why and since when there is no right any more, by what is known of a declaration's patent.
pub(super) fn death(
    dossiers: &Dossiers,
    declaration: &Declaration,
    today: Day,
) -> Option<(Block, Day)> {
    let case = dossiers.case(&declaration.organisation, &declaration.number)?;
    let findings = case.standing(today);
    let dead = findings.iter().find(|finding| finding.block.is_death())?;
    let since = case.patent.status_as_of.unwrap_or(today);
    Some((dead.block, since))
}

/// What the end of a right does to the licences under these declarations, where the operator lets it do anything; a
/// right that is restored gives them back.
async fn end_licences(
    tx: &mut Tx,
    services: &Services,
    found: &[Stored<Declaration>],
) -> store::Result<()> {
    let ends = &services.rules.ends;
    if [ends.right_ended, ends.invalidation] == [EndEffect::Stand; 2] {
        return Ok(());
    }
    let announced: Vec<_> = found
        .iter()
        .map(|declaration| &declaration.value)
        .filter(|declaration| declaration.state.was_announced())
        .collect();
    let wanted: Vec<_> = announced
        .iter()
        .map(|d| (d.organisation.clone(), d.number.clone()))
        .collect();
    let dossiers = Dossiers::load(tx, &wanted).await?;
    let today = tx.now().day();
    for declaration in announced {
        let death = death(&dossiers, declaration, today);
        for licence in licences::list_by_declaration(tx, &declaration.id).await? {
            let mut next = licence.value.clone();
            next.end_by(declaration, death, ends);
            // The day on which an end became known stays, whatever is found out later.
            if next.ended_on.is_some() && licence.value.ended_on.is_some() {
                continue;
            }
            if next != licence.value {
                let after = licences::update(tx, next, licence.version).await?;
                announce(tx, Some(&licence.value), &after);
                inbox::licence(tx, services, None, Some(&licence.value), &after.value).await?;
                performances::follow(tx, services, &after.value).await?;
            }
        }
    }
    Ok(())
}

async fn look(
    tx: &mut Tx,
    services: &Services,
    found: Vec<Stored<Declaration>>,
) -> store::Result<usize> {
    let live: Vec<_> = found
        .into_iter()
        .filter(|d| d.value.state.is_live())
        .collect();
    if live.is_empty() {
        return Ok(0);
    }
    let today = tx.now().day();
    let wanted: Vec<_> = live
        .iter()
        .map(|d| (d.value.organisation.clone(), d.value.number.clone()))
        .collect();
    let dossiers = Dossiers::load(tx, &wanted).await?;
    let mut numbers = Vec::new();
    for declaration in live {
        let value = &declaration.value;
        let findings: Vec<Finding> = dossiers
            .case(&value.organisation, &value.number)
            .map(|case| case.standing(today))
            .unwrap_or_default();
        if let Some(next) = value.watched(&findings, today) {
            let after = declarations::update(tx, next, declaration.version).await?;
            announce(tx, Some(value), &after);
            inbox::declaration(tx, services, None, Some(value), &after.value).await?;
            numbers.push(after.value.number);
        }
    }
    cards::follow(tx, &numbers).await?;
    Ok(numbers.len())
}

/// Live declarations a transaction.
const PAGE: i64 = 200;

/// The daily run: what time alone has changed (a term or a period over, an encumbrance begun or ended). Returns how
/// many declarations changed.
pub async fn run(services: &Services) -> Result<usize> {
    let (mut after, mut changed) = (String::new(), 0);
    loop {
        let mut tx = services.db.begin_write(services.now(), "system").await?;
        let page = declarations::page_of_live(&mut tx, &after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(changed);
        };
        after = last.value.id.to_string();
        changed += look(&mut tx, services, page).await?;
        tx.commit().await?;
    }
}
