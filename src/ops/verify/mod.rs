//! The audit: walks the chain of changes from the first row, then compares every stored record with its last
//! row and every file with its hash and size. It stops at the first thing that does not hold and names it.

mod contents;

use super::{Result, Services, changes::Record};
use crate::{
    domain::event::{Audience, GENESIS, Noun, canonical_json, sha256_hex},
    store::{Tx, changes, declarations, encumbrances, holdings, licences, organisations},
};

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub changes: u64,
    pub records: u64,
    /// Contents kept, of files and of imports.
    pub blobs: u64,
    pub files: u64,
    pub imports: u64,
}

/// The first thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Break {
    /// `change 17`, `patents/2019…`
    pub place: String,
    pub what: String,
}

fn broken(place: impl Into<String>, what: impl Into<String>) -> Break {
    Break {
        place: place.into(),
        what: what.into(),
    }
}

/// Checks the whole database in one snapshot.
pub async fn verify(services: &Services) -> Result<std::result::Result<Report, Break>> {
    let mut tx = services.read().await?;
    let mut report = Report::default();
    macro_rules! holds {
        ($check:expr) => {
            if let Err(found) = $check.await? {
                return Ok(Err(found));
            }
        };
    }
    holds!(chain(&mut tx, &mut report));
    holds!(records(&mut tx, &mut report));
    holds!(columns(&mut tx));
    holds!(contents::blobs(&mut tx, &mut report));
    holds!(contents::files(&mut tx, &mut report));
    holds!(contents::import_counts(&mut tx, &mut report));
    Ok(Ok(report))
}

type Checked = Result<std::result::Result<(), Break>>;

async fn chain(tx: &mut Tx, report: &mut Report) -> Checked {
    let (mut seq, mut prev) = (0, GENESIS.to_owned());
    loop {
        let rows = changes::after(tx, seq, 1_000).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let place = format!("change {}", row.seq);
            if row.seq != seq + 1 {
                return Ok(Err(broken(place, format!("change {} is missing", seq + 1))));
            }
            if row.prev != prev {
                return Ok(Err(broken(place, "does not follow the row before")));
            }
            if row
                .body
                .as_ref()
                .is_some_and(|body| sha256_hex(body.as_bytes()) != row.body_hash)
            {
                return Ok(Err(broken(
                    place,
                    "the body is not the one that was recorded",
                )));
            }
            if row.expected_hash() != row.hash {
                return Ok(Err(broken(
                    place,
                    "the row is not the one that was recorded",
                )));
            }
            (seq, prev) = (row.seq, row.hash);
            report.changes += 1;
        }
    }
    let head = changes::head(tx).await?;
    if head.seq != seq || head.hash != prev {
        return Ok(Err(broken(
            "head",
            format!("says {}, the last change is {seq}", head.seq),
        )));
    }
    Ok(Ok(()))
}

/// Every record equals the document its last change row vouches for, and none is missing.
async fn records(tx: &mut Tx, report: &mut Report) -> Checked {
    for noun in Noun::ALL {
        let mut after = String::new();
        loop {
            let page = facts(super::changes::page_of(tx, noun, &after).await?);
            let Some(last) = page.last() else { break };
            after.clone_from(&last.key);
            if let Err(found) = compare(tx, noun, &page).await? {
                return Ok(Err(found));
            }
            report.records += page.len() as u64;
        }
    }
    let recorded = changes::count_subjects(tx).await?;
    if u64::try_from(recorded).ok() != Some(report.records) {
        // Each stored record has its row, so one that was recorded is gone.
        let missing = changes::find_missing(tx).await?;
        let place = missing.unwrap_or_else(|| "records".into());
        return Ok(Err(broken(
            place,
            format!(
                "is missing: {} records are stored, {recorded} were recorded",
                report.records
            ),
        )));
    }
    Ok(Ok(()))
}

struct Fact {
    key: String,
    version: i64,
    hash: String,
    actual: String,
}

fn facts(page: Vec<(Vec<Audience>, Record)>) -> Vec<Fact> {
    page.into_iter()
        .map(|(_, record)| Fact {
            actual: sha256_hex(canonical_json(&record.document).as_bytes()),
            key: record.key,
            version: record.version,
            hash: record.hash,
        })
        .collect()
}

async fn compare(tx: &mut Tx, noun: Noun, page: &[Fact]) -> Checked {
    let subjects: Vec<String> = page
        .iter()
        .map(|fact| format!("{}/{}", noun.plural(), fact.key))
        .collect();
    let rows: std::collections::HashMap<_, _> = changes::last_of(tx, &subjects)
        .await?
        .into_iter()
        .map(|(s, v, h)| (s, (v, h)))
        .collect();
    for (fact, subject) in page.iter().zip(&subjects) {
        let Some((version, hash)) = rows.get(subject) else {
            return Ok(Err(broken(subject, "no change row speaks of it")));
        };
        if fact.actual != fact.hash || fact.hash != *hash || fact.version != *version {
            return Ok(Err(broken(
                subject,
                format!("is not what change version {version} recorded"),
            )));
        }
    }
    Ok(Ok(()))
}

/// What lists are narrowed by, and who sees what, is what the documents say.
async fn columns(tx: &mut Tx) -> Checked {
    for noun in Noun::ALL {
        let mut after = String::new();
        loop {
            let (found, last) = match noun {
                Noun::Holding => holdings::misfiled(tx, &after, 500).await?,
                Noun::Organisation => organisations::misfiled(tx, &after, 500).await?,
                Noun::Declaration => declarations::misfiled(tx, &after, 500).await?,
                Noun::Licence => licences::misfiled(tx, &after, 500).await?,
                Noun::Encumbrance => encumbrances::misfiled(tx, &after, 500).await?,
                // Nothing is narrowed by columns of theirs.
                Noun::Patent | Noun::Target => (None, None),
            };
            if let Some(key) = found {
                let place = format!("{}/{key}", noun.plural());
                return Ok(Err(broken(
                    place,
                    "its columns are not those of its document",
                )));
            }
            let Some(last) = last else { break };
            after = last;
        }
    }
    Ok(Ok(()))
}
