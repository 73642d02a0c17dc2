//! The whole stock's fees in one pass: the lines that somebody asks for, and the sums over all of them. Pages of the
//! stock are read with their ledgers; what is kept of them is a page of lines and the sums, however large the stock.

use std::collections::{BTreeMap, HashMap};

use super::{PAGE, open_periods};
use crate::{
    domain::{
        access::{Actor, Operation},
        annuity::{
            Facts, FeeLedger, FeeStanding, FeeState, HolderFees, OpenPeriod, ReductionClass,
        },
        codes::AppNo,
        id::Id,
        money::Fen,
        stock::{StockFilter, StockOrder, StockPlace},
        time::Day,
    },
    ops::{Result, Services, cards::writer},
    store::{
        Tx, annuities,
        stock::{self, Entry},
    },
};

/// Which of a holder's patents.
#[derive(Clone, Debug, Default)]
pub struct FeeFilter {
    pub state: Option<FeeState>,
    /// Due by this day, late ones included.
    pub due_by: Option<Day>,
    pub stock: StockFilter,
}

impl FeeFilter {
    fn meets(&self, standing: &FeeStanding) -> bool {
        self.state.is_none_or(|state| standing.state == state)
            && self.due_by.is_none_or(|day| {
                let is_lost = standing.state == FeeState::Lapsed;
                standing.next.is_some_and(|next| next.due <= day) && !is_lost
            })
    }
}

/// Behind which line a page begins: its due day and its number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeePlace {
    /// What is due first stands first; what is not due at all last.
    pub due: Day,
    pub number: AppNo,
}

impl FeePlace {
    fn of(line: &FeeLine) -> Self {
        Self {
            due: line.standing.next.map_or(Day::MAX, |next| next.due),
            number: line.number.clone(),
        }
    }

    /// `2026-06-03|201910699568X`
    pub fn parse(text: &str) -> Option<Self> {
        let (due, number) = text.split_once('|')?;
        Some(Self {
            due: due.parse().ok()?,
            number: AppNo::parse(number).ok()?.0,
        })
    }
}

impl std::fmt::Display for FeePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}|{}", self.due, self.number)
    }
}

/// How one patent's fees stand.
#[derive(Clone, Debug)]
pub struct FeeLine {
    pub number: AppNo,
    pub title: String,
    pub patentees: Vec<String>,
    /// 所属学院 or other sub-unit.
    pub unit: Option<String>,
    pub class: ReductionClass,
    pub standing: FeeStanding,
    pub fictional: bool,
}

impl FeeLine {
    /// The cursor behind this line.
    pub fn place(&self) -> FeePlace {
        FeePlace::of(self)
    }
}

/// What falls due in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub month: Day,
    pub count: i64,
    pub fee_fen: Fen,
}

/// The sums over a holder's stock.
#[derive(Clone, Debug)]
pub struct Overview {
    pub as_of: Day,
    /// How many stand so, and what is to be paid for them now.
    pub states: Vec<(FeeState, i64, Fen)>,
    /// The next twelve months, this one first, of what is not late.
    pub months: Vec<Month>,
    /// What the next fee of every patent comes to: about a year's cost of keeping the stock.
    pub yearly_fen: Fen,
    /// What filed open licences spare in that.
    pub saved_fen: Fen,
}

/// What is known of a holder's fees beside the stock itself.
pub(in crate::ops) struct Book {
    holder: HolderFees,
    open: HashMap<AppNo, Vec<OpenPeriod>>,
}

impl Book {
    pub(in crate::ops) async fn open(tx: &mut Tx, owner: &Id) -> Result<Self> {
        Ok(Self {
            holder: annuities::load_holder(tx, owner).await?.value,
            open: open_periods(tx, owner, None).await?,
        })
    }

    /// How these entries' fees stand on a day.
    pub(in crate::ops) async fn lines(
        &self,
        tx: &mut Tx,
        services: &Services,
        entries: &[Entry],
        day: Day,
    ) -> Result<Vec<FeeLine>> {
        let ids: Vec<Id> = entries.iter().map(|e| e.holding.value.id.clone()).collect();
        let found = annuities::list_by_ids(tx, &ids).await?.into_iter();
        let ledgers: HashMap<Id, FeeLedger> = found
            .map(|ledger| (ledger.value.id.clone(), ledger.value))
            .collect();
        let schedule = &services.rules.annual_fees;
        let line = |entry: &Entry| {
            let patent = &entry.patent;
            let open = self.open.get(&patent.number);
            let facts = Facts {
                patent,
                ledger: ledgers.get(&entry.holding.value.id),
                holder: self.holder,
                open: open.map_or(&[], Vec::as_slice),
            };
            FeeLine {
                number: patent.number.clone(),
                title: patent.title.clone(),
                patentees: patent.patentees().to_vec(),
                unit: entry.holding.value.unit.clone(),
                class: facts.class(),
                standing: facts.standing(schedule, day),
                fictional: patent.fictional,
            }
        };
        Ok(entries.iter().map(line).collect())
    }
}

/// A holder's stock read to its end from one snapshot, in number order.
pub(in crate::ops) struct Scan<'a> {
    services: &'a Services,
    owner: &'a Id,
    filter: &'a FeeFilter,
    book: Book,
    after: Option<StockPlace>,
}

impl<'a> Scan<'a> {
    pub(in crate::ops) async fn begin(
        tx: &mut Tx,
        services: &'a Services,
        owner: &'a Id,
        filter: &'a FeeFilter,
    ) -> Result<Self> {
        Ok(Self {
            services,
            owner,
            filter,
            book: Book::open(tx, owner).await?,
            after: None,
        })
    }

    /// The lines of the next page that the filter leaves; `None` at the end.
    pub(in crate::ops) async fn next(&mut self, tx: &mut Tx) -> Result<Option<Vec<FeeLine>>> {
        let (owner, filter, order) = (self.owner, &self.filter.stock, StockOrder::Number);
        let page = stock::page(tx, owner, filter, order, self.after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        self.after = Some(StockPlace {
            key: String::new(),
            number: last.patent.number.clone(),
        });
        let day = self.services.clock.today();
        let mut lines = self.book.lines(tx, self.services, &page, day).await?;
        lines.retain(|line| self.filter.meets(&line.standing));
        Ok(Some(lines))
    }
}

/// Every line of a holder's stock that a filter leaves.
async fn scan(
    tx: &mut Tx,
    services: &Services,
    owner: &Id,
    filter: &FeeFilter,
    mut visit: impl FnMut(FeeLine),
) -> Result<()> {
    let mut scan = Scan::begin(tx, services, owner, filter).await?;
    while let Some(lines) = scan.next(tx).await? {
        lines.into_iter().for_each(&mut visit);
    }
    Ok(())
}

/// A page of a holder's patents, what is due first first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    filter: &FeeFilter,
    after: Option<&FeePlace>,
    limit: usize,
) -> Result<(Vec<FeeLine>, i64)> {
    let owner = writer(services, actor, Operation::ListAnnualFees, organisation).await?;
    let mut tx = services.read().await?;
    let mut first: BTreeMap<FeePlace, FeeLine> = BTreeMap::new();
    let mut total = 0;
    scan(&mut tx, services, &owner, filter, |line| {
        total += 1;
        let place = FeePlace::of(&line);
        if after.is_none_or(|after| place > *after) {
            first.insert(place, line);
            if first.len() > limit {
                first.pop_last();
            }
        }
    })
    .await?;
    Ok((first.into_values().collect(), total))
}

/// The sums over a holder's stock as of today.
pub async fn overview(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
) -> Result<Overview> {
    let operation = Operation::GetAnnualFeeOverview;
    let owner = writer(services, actor, operation, organisation).await?;
    let mut tx = services.read().await?;
    let today = services.clock.today();
    let first = today.first_of_month();
    let month = |months: i32| first.saturating_add(jiff::Span::new().months(months));
    let mut overview = Overview {
        as_of: today,
        states: FeeState::ALL.map(|state| (state, 0, Fen::ZERO)).into(),
        months: (0..12)
            .map(|at| Month {
                month: month(at),
                count: 0,
                fee_fen: Fen::ZERO,
            })
            .collect(),
        yearly_fen: Fen::ZERO,
        saved_fen: Fen::ZERO,
    };
    let end = month(12);
    scan(&mut tx, services, &owner, &FeeFilter::default(), |line| {
        let standing = &line.standing;
        let row = overview
            .states
            .iter_mut()
            .find(|(state, ..)| *state == standing.state);
        if let Some((_, count, sum)) = row {
            *count += 1;
            *sum = sum.saturating_add(standing.to_pay());
        }
        let Some(next) = standing.next.filter(|_| standing.state != FeeState::Lapsed) else {
            return;
        };
        overview.yearly_fen = overview.yearly_fen.saturating_add(next.fee_fen);
        overview.saved_fen = overview.saved_fen.saturating_add(next.saved_fen);
        if next.due >= today && next.due < end {
            let of = next.due.first_of_month();
            if let Some(month) = overview.months.iter_mut().find(|m| m.month == of) {
                month.count += 1;
                month.fee_fen = month.fee_fen.saturating_add(next.fee_fen);
            }
        }
    })
    .await?;
    Ok(overview)
}
