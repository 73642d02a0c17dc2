//! What could be done with each patent of a holder's stock, worked out whenever somebody asks: the stock in pages with what
//! bears on it read page by page, the demand of open needs once for all. Nobody but the holder and the office sees it, and
//! nothing is ever done by it.

mod demand;

pub use demand::Demand;

use std::collections::{HashMap, HashSet};

use super::{
    Error, Result, Services,
    annuities::Book,
    cards::{held, writer},
    patents::{relatives, similar},
};
use crate::{
    domain::{
        access::{Actor, Operation},
        appraisal::{Appraisal, Inputs, Suggestion},
        codes::AppNo,
        declaration::Declaration,
        dictionary::Topic,
        family::{Kinship, Relation, kinship},
        id::Id,
        money::Fen,
        patent::{LegalStatus, Patent, PatentKind},
        stock::{StockFilter, StockOrder, StockPlace},
        time::Day,
    },
    store::{
        Tx, declarations, dictionaries, licences, patents,
        stock::{self, Entry},
    },
};

/// Patents read at once.
const PAGE: i64 = 500;
/// Similar patents looked at for one patent.
const SIMILAR: usize = 20;

/// Which of a holder's patents.
#[derive(Clone, Debug, Default)]
pub struct AppraisalFilter {
    pub suggestion: Option<Suggestion>,
    pub stock: StockFilter,
}

/// One patent of the stock with what was looked at.
#[derive(Clone, Debug)]
pub struct Line {
    pub holding: Id,
    pub number: AppNo,
    pub title: String,
    /// 所属学院 or other sub-unit.
    pub unit: Option<String>,
    pub inputs: Inputs,
    pub appraisal: Appraisal,
    pub fictional: bool,
}

/// A page of the list and the sums over the whole stock that the filter of the stock leaves.
#[derive(Clone, Debug)]
pub struct Listed {
    pub lines: Vec<Line>,
    /// What meets the whole filter.
    pub total: i64,
    /// Every suggestion with its number of patents and what keeping them costs in a year; last those without one.
    pub sums: Vec<(Option<Suggestion>, i64, Fen)>,
}

/// What is known of a holder beside its stock.
struct Around {
    book: Book,
    /// Effective and pending licences of each patent.
    licences: HashMap<AppNo, (usize, usize)>,
    /// Utility models whose invention the holder has too.
    twins: HashSet<AppNo>,
    demand: std::sync::Arc<HashMap<AppNo, usize>>,
    today: Day,
}

impl Around {
    async fn load(tx: &mut Tx, services: &Services, owner: &Id) -> Result<Self> {
        Ok(Self {
            book: Book::open(tx, owner).await?,
            licences: licences::counts_of_holder(tx, owner).await?,
            twins: twins(tx, owner).await?,
            demand: services.demand.of_today(services).await?,
            today: services.clock.today(),
        })
    }

    async fn lines(
        &self,
        tx: &mut Tx,
        services: &Services,
        entries: &[Entry],
    ) -> Result<Vec<Line>> {
        let fees = self.book.lines(tx, services, entries, self.today).await?;
        let numbers: Vec<AppNo> = entries.iter().map(|e| e.patent.number.clone()).collect();
        let declared = declarations::list_by_numbers(tx, &numbers).await?;
        let live: HashSet<(&Id, &AppNo)> = declared
            .iter()
            .filter(|d| d.value.state.is_live())
            .map(|d| of_declaration(&d.value))
            .collect();
        let open_bp = services.rules.annual_fees.open_licence_bp;
        let weighed = |(entry, fee): (&Entry, super::annuities::FeeLine)| {
            let (holding, patent) = (&entry.holding.value, &entry.patent);
            let record = entry.record.as_ref().map(|record| &record.value);
            let (effective, pending) = self
                .licences
                .get(&patent.number)
                .copied()
                .unwrap_or_default();
            let next = fee.standing.next;
            let inputs = Inputs {
                kind: patent.kind,
                legal_status: patent.legal_status,
                conversion: holding.conversion,
                days_left: Inputs::days_left(patent, self.today),
                licence_saves: next.is_some_and(|next| next.reduction_bp < open_bp),
                fees: fee.standing,
                grade: record.and_then(|record| record.grade.as_deref()?.parse().ok()),
                ways: record.map(|record| record.ways.clone()).unwrap_or_default(),
                on_offer: live.contains(&(&holding.organisation, &patent.number)),
                licences: effective,
                notices: pending,
                needs: self.demand.get(&patent.number).copied().unwrap_or_default(),
                twin_held: self.twins.contains(&patent.number),
            };
            Line {
                holding: holding.id.clone(),
                number: patent.number.clone(),
                title: patent.title.clone(),
                unit: holding.unit.clone(),
                appraisal: inputs.appraise(),
                inputs,
                fictional: patent.fictional,
            }
        };
        Ok(entries.iter().zip(fees).map(weighed).collect())
    }
}

fn of_declaration(declaration: &Declaration) -> (&Id, &AppNo) {
    (&declaration.organisation, &declaration.number)
}

/// The utility models of a holder whose invention it has as an invention patent in force: candidates by their filing
/// day, the records decide.
async fn twins(tx: &mut Tx, owner: &Id) -> Result<HashSet<AppNo>> {
    let candidates = stock::filed_together(tx, owner).await?;
    let mut by_day: HashMap<Day, Vec<Patent>> = HashMap::new();
    for chunk in candidates.chunks(500) {
        for patent in patents::list_by_numbers(tx, chunk).await? {
            if let Some(day) = patent.value.filing_date {
                by_day.entry(day).or_default().push(patent.value);
            }
        }
    }
    let mut twins = HashSet::new();
    for patents in by_day.values() {
        let models = patents
            .iter()
            .filter(|p| p.kind == PatentKind::UtilityModel);
        for model in models {
            let mut others = patents.iter().filter(|p| {
                p.kind == PatentKind::Invention && p.legal_status == LegalStatus::InForce
            });
            if others
                .any(|other| kinship(model, other).is_some_and(|k| k.relation == Relation::Twin))
            {
                twins.insert(model.number.clone());
            }
        }
    }
    Ok(twins)
}

/// A page of a holder's patents in number order with what could be done, and the sums.
pub async fn list(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    filter: &AppraisalFilter,
    after: Option<&AppNo>,
    limit: usize,
) -> Result<Listed> {
    let owner = writer(services, actor, Operation::ListAppraisals, organisation).await?;
    let mut tx = services.read().await?;
    let around = Around::load(&mut tx, services, &owner).await?;
    let mut listed = Listed {
        lines: Vec::new(),
        total: 0,
        sums: Suggestion::ALL
            .into_iter()
            .map(Some)
            .chain([None])
            .map(|suggestion| (suggestion, 0, Fen::ZERO))
            .collect(),
    };
    let mut place: Option<StockPlace> = None;
    loop {
        let order = StockOrder::Number;
        let page = stock::page(&mut tx, &owner, &filter.stock, order, place.as_ref(), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(listed);
        };
        place = Some(StockPlace {
            key: String::new(),
            number: last.patent.number.clone(),
        });
        for line in around.lines(&mut tx, services, &page).await? {
            listed.take(line, filter, after, limit);
        }
    }
}

impl Listed {
    fn take(&mut self, line: Line, filter: &AppraisalFilter, after: Option<&AppNo>, limit: usize) {
        let suggestion = line.appraisal.suggestion;
        let sum = self
            .sums
            .iter_mut()
            .find(|(known, ..)| *known == suggestion);
        if let Some((_, count, yearly)) = sum {
            *count += 1;
            *yearly = yearly.saturating_add(line.appraisal.yearly_fen);
        }
        if filter.suggestion.is_some() && filter.suggestion != suggestion {
            return;
        }
        self.total += 1;
        if self.lines.len() < limit && after.is_none_or(|after| line.number > *after) {
            self.lines.push(line);
        }
    }
}

/// One patent's profile: what the rule looked at, and what is shown beside it.
#[derive(Clone, Debug)]
pub struct Profile {
    pub line: Line,
    /// In the words of the dictionary, where it was graded.
    pub grade: Option<crate::domain::text::Text>,
    /// Patents of the same invention, or divided from the same application.
    pub family: Vec<(Kinship, Patent)>,
    /// Of the patents most like it: how many the holder has itself, how many others have. Shown, not weighed.
    pub similar_own: usize,
    pub similar_others: usize,
}

/// The profile of one patent: one's own, or the named holder's for an officer.
pub async fn get(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    organisation: Option<&str>,
) -> Result<Profile> {
    let owner = writer(services, actor, Operation::GetAppraisal, organisation).await?;
    let mut tx = services.read().await?;
    if held(&mut tx, &owner, number).await?.is_none() {
        return Err(Error::NotFound("holding"));
    }
    let around = Around::load(&mut tx, services, &owner).await?;
    let filter = StockFilter {
        text: Some(number.to_string()),
        ..StockFilter::default()
    };
    // The number in full leads to one patent; a part of another's title never is a number.
    let page = stock::page(&mut tx, &owner, &filter, StockOrder::Number, None, PAGE).await?;
    let entry = page
        .into_iter()
        .find(|entry| entry.patent.number == *number);
    let entry = entry.ok_or(Error::NotFound("holding"))?;
    let lines = around
        .lines(&mut tx, services, std::slice::from_ref(&entry))
        .await?;
    let line = lines.into_iter().next();
    let line = line.ok_or_else(|| Error::Internal("a patent without a line".into()))?;
    let grades = dictionaries::load(&mut tx, Topic::Grade).await?.value;
    drop(tx);
    let anyone = Actor::anonymous();
    let near = match similar(services, &anyone, number, SIMILAR).await {
        Ok(hits) => hits,
        Err(Error::NotReady | Error::Busy | Error::NotFound(_)) => Vec::new(),
        Err(other) => return Err(other),
    };
    let is_own = |hit: &&crate::domain::search::Hit| hit.holders.iter().any(|h| h.id == owner);
    let similar_own = near.iter().filter(is_own).count();
    let record = entry.record.map(|record| record.value);
    let grade = record.and_then(|record| record.grade);
    Ok(Profile {
        grade: grade.map(|code| grades.text(&code)),
        family: relatives(services, &anyone, &entry.patent).await?,
        similar_others: near.len() - similar_own,
        similar_own,
        line,
    })
}
