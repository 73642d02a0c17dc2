//! A database as lines, from one snapshot and with bounded memory: what the audit looks at and what a dump holds.

use super::line::{Change, File, Head, Indicators, Line, Record, Units, unit_key};
use crate::{
    domain::{
        event::Noun,
        indicator::{self, Known, Metric, Target},
        time::Day,
    },
    ops::{Error, Result, Services, progress},
    store::{Tx, changes, meta, rows, targets},
};

/// Rows read at a time.
const PAGE: i64 = 200;

/// Why no more lines are wanted.
pub enum Stop<B> {
    /// The taker has seen enough.
    Enough(B),
    Failed(Error),
}

impl<B> From<Error> for Stop<B> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl<B> From<crate::store::Error> for Stop<B> {
    fn from(error: crate::store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Whatever takes lines.
pub trait Taker: Send {
    /// What it says when it wants no more.
    type Enough: Send;

    fn take(&mut self, line: Line) -> std::result::Result<(), Self::Enough>;

    /// A record whose document is not JSON.
    fn unreadable(&mut self, subject: String) -> Stop<Self::Enough>;
}

type Told<T> = std::result::Result<(), Stop<<T as Taker>::Enough>>;

/// Tells every line but the end.
pub async fn tell<T: Taker>(services: &Services, tx: &mut Tx, taker: &mut T) -> Told<T> {
    let head = head(services, tx).await?;
    let (seq, as_of) = (head.seq, head.as_of);
    give(taker, Line::Dump(head))?;
    let mut after = i64::MIN;
    loop {
        let page = rows::changes(tx, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for row in page {
            give(taker, Line::Change(Box::new(Change::from(row))))?;
        }
    }
    for noun in Noun::ALL {
        tell_records(tx, taker, noun).await?;
    }
    let mut after = String::new();
    loop {
        let page = rows::files(tx, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for row in page {
            give(taker, Line::File(Box::new(File::from(row))))?;
        }
    }
    let known = progress::known(tx, seq).await?;
    for target in targets::page_by_id(tx, "", i64::MAX).await? {
        let counted = counted(&known, &target.value, as_of, seq);
        give(taker, Line::Indicators(Box::new(counted)))?;
    }
    Ok(())
}

fn give<T: Taker>(taker: &mut T, line: Line) -> Told<T> {
    taker.take(line).map_err(Stop::Enough)
}

async fn tell_records<T: Taker>(tx: &mut Tx, taker: &mut T, noun: Noun) -> Told<T> {
    let mut after = String::new();
    loop {
        let page = rows::records(tx, noun, &after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.key);
        for row in page {
            let Ok(document) = serde_json::from_str(&row.doc) else {
                return Err(taker.unreadable(format!("{}/{}", noun.plural(), row.key)));
            };
            let record = Record {
                noun,
                key: row.key,
                version: row.version,
                hash: row.hash,
                document,
            };
            give(taker, Line::Record(Box::new(record)))?;
        }
    }
}

async fn head(services: &Services, tx: &mut Tx) -> Result<Head> {
    let head = changes::head(tx).await?;
    let installation = meta::find(tx, "installation").await?;
    let chain_hash = meta::chain_hash(tx).await?;
    Ok(Head {
        format: super::line::FORMAT,
        installation: installation.unwrap_or_default(),
        created_at: services.now().rfc3339(),
        as_of: services.clock.today(),
        seq: head.seq,
        hash: head.hash,
        chain_hash,
    })
}

/// The count as the product shows it.
fn counted(known: &Known, target: &Target, as_of: Day, known_at: i64) -> Indicators {
    let units = Metric::ALL.map(|metric| Units {
        metric: metric.as_str().to_owned(),
        keys: indicator::units(known, target, as_of, metric)
            .iter()
            .map(unit_key)
            .collect(),
    });
    Indicators {
        target: target.id.clone(),
        as_of,
        known_at,
        figures: Indicators::figures_of(&indicator::count(known, target, as_of).all),
        units: units.into(),
    }
}
