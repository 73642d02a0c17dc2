//! The count as it is shown: figures and the units behind them, for any day and any state of knowledge. Both are
//! made by one function from the bodies in the change rows, so that they cannot disagree with each other or with
//! the chain (I3).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use super::{Error, Fault, Result, Services, organisations::names_in, targets};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        event::Noun,
        id::Id,
        indicator::{self, Count, Known, Metric, Target, Unit},
        party::Organisation,
        time::{Day, Instant},
    },
    store::{Tx, changes},
};

/// The knowledge by which is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownAt {
    /// Everything recorded until the end of this day.
    Day(Day),
    /// Everything up to this change.
    Seq(i64),
}

impl KnownAt {
    /// Reads a day or the number of a change.
    pub fn read(text: &str) -> std::result::Result<Self, Fault> {
        if let Ok(seq) = text.parse::<i64>() {
            return Ok(Self::Seq(seq));
        }
        text.parse().map(Self::Day).map_err(|_| {
            Fault::new(
                "?knownAt",
                "knownAtInvalid",
                "应为日期（2026-12-31）或变更序号。",
                "Must be a day such as 2026-12-31 or the number of a change.",
            )
        })
    }
}

/// What is asked of the count.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The oldest target when none is named.
    pub target: Option<Id>,
    /// Today when none is named.
    pub as_of: Option<Day>,
    /// All that is known when none is named.
    pub known_at: Option<KnownAt>,
}

/// By which day and knowledge was counted.
#[derive(Clone, Debug)]
pub struct Basis {
    pub target: Target,
    pub as_of: Day,
    /// The last change that was known.
    pub known_at: i64,
    pub names: HashMap<Id, String>,
}

/// The figures of a target.
pub async fn progress(services: &Services, actor: &Actor, asked: &Asked) -> Result<(Basis, Count)> {
    access::check(actor, Operation::GetProgress, None)?;
    let mut tx = services.read().await?;
    let (mut basis, known) = basis(services, &mut tx, asked).await?;
    let count = indicator::count(&known, &basis.target, basis.as_of);
    let holders: Vec<Id> = count.holders.keys().cloned().collect();
    basis.names = names_in(&mut tx, &holders).await?;
    Ok((basis, count))
}

/// The units of one figure, all of them; the caller pages.
pub async fn items(
    services: &Services,
    actor: &Actor,
    asked: &Asked,
    metric: Option<Metric>,
) -> Result<(Basis, Vec<Unit>)> {
    access::check(actor, Operation::ListProgressItems, None)?;
    let mut tx = services.read().await?;
    let (basis, known) = basis(services, &mut tx, asked).await?;
    let metric = metric.unwrap_or(basis.target.metric);
    let units = indicator::units(&known, &basis.target, basis.as_of, metric);
    Ok((basis, units))
}

async fn basis(services: &Services, tx: &mut Tx, asked: &Asked) -> Result<(Basis, Arc<Known>)> {
    let target = targets::chosen(tx, asked.target.as_ref()).await?;
    let head = changes::head(tx).await?.seq;
    let known_at = match asked.known_at {
        None => head,
        Some(KnownAt::Seq(seq)) if (0..=head).contains(&seq) => seq,
        Some(KnownAt::Seq(_)) => {
            return Err(Error::from(Fault::new(
                "?knownAt",
                "outOfRange",
                format!("变更序号应为 0 到 {head}。"),
                format!("A change number is 0 to {head}."),
            )));
        }
        Some(KnownAt::Day(day)) => {
            let next = day.tomorrow().unwrap_or(day);
            changes::last_counted(tx, head, Some(Instant::start_of(next))).await?
        }
    };
    let basis = Basis {
        target,
        as_of: asked.as_of.unwrap_or_else(|| services.clock.today()),
        known_at,
        names: HashMap::new(),
    };
    let known = services.counted.known(tx, known_at).await?;
    Ok((basis, known))
}

/// The latest knowledge that was counted: it stays the same until a row that bears on the count is added.
#[derive(Default)]
pub struct Counted(Mutex<Option<(i64, Arc<Known>)>>);

impl Counted {
    async fn known(&self, tx: &mut Tx, at: i64) -> Result<Arc<Known>> {
        let last = changes::last_counted(tx, at, None).await?;
        let kept = self.0.lock().ok().and_then(|kept| kept.clone());
        if let Some((seq, known)) = &kept
            && *seq == last
        {
            return Ok(known.clone());
        }
        let known = Arc::new(known(tx, last).await?);
        // Questions about the past do not push the present out.
        if let Ok(mut kept) = self.0.lock()
            && kept.as_ref().is_none_or(|(seq, _)| *seq < last)
        {
            *kept = Some((last, known.clone()));
        }
        Ok(known)
    }
}

/// Everything that was known at a change and bears on the count, read from the bodies in the rows.
pub(super) async fn known(tx: &mut Tx, seq: i64) -> Result<Known> {
    let mut known = Known {
        declarations: bodies(tx, Noun::Declaration, seq).await?,
        licences: bodies(tx, Noun::Licence, seq).await?,
        districts: HashMap::new(),
    };
    for party in bodies::<Organisation>(tx, Noun::Organisation, seq).await? {
        known.districts.insert(party.id, party.district);
    }
    Ok(known)
}

/// Rows read at a time.
const PAGE: i64 = 2_000;

async fn bodies<T: serde::de::DeserializeOwned>(
    tx: &mut Tx,
    noun: Noun,
    seq: i64,
) -> Result<Vec<T>> {
    let mut records = Vec::new();
    let mut after = String::new();
    loop {
        let page = changes::bodies_at(tx, noun, seq, &after, PAGE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(records);
        };
        after.clone_from(last);
        for (subject, body) in page {
            let record = serde_json::from_str(&body);
            records.push(record.map_err(|e| Error::Internal(format!("body of {subject}: {e}")))?);
        }
    }
}
