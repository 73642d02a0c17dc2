//! The audit: walks the chain of changes from the first row, then compares every stored record with its last
//! row and every file with its hash. It stops at the first thing that does not hold and names it.

use sha2::{Digest as _, Sha256};

use super::{Result, Services};
use crate::{
    domain::{
        event::{GENESIS, Noun, canonical_json, sha256_hex},
        register::ImportState,
    },
    store::{Stored, Tx, blobs, changes, holdings, imports, organisations, patents},
};

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub changes: u64,
    pub records: u64,
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
    holds!(files(&mut tx, &mut report));
    holds!(import_counts(&mut tx, &mut report));
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
            let page = match noun {
                Noun::Patent => facts(patents::page(tx, &after, 500).await?, |p| {
                    p.number.to_string()
                }),
                Noun::Organisation => {
                    facts(organisations::page_by_id(tx, &after, 500).await?, |o| {
                        o.id.to_string()
                    })
                }
                Noun::Holding => facts(holdings::page_by_id(tx, &after, 500).await?, |h| {
                    h.id.to_string()
                }),
                Noun::Declaration | Noun::Licence | Noun::Encumbrance | Noun::Target => Vec::new(),
            };
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

fn facts<T: serde::Serialize>(page: Vec<Stored<T>>, key: impl Fn(&T) -> String) -> Vec<Fact> {
    page.into_iter()
        .map(|stored| Fact {
            key: key(&stored.value),
            version: stored.version,
            actual: sha256_hex(canonical_json(&stored.value).as_bytes()),
            hash: stored.hash,
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
    for noun in [Noun::Organisation, Noun::Holding] {
        let mut after = String::new();
        loop {
            let (found, last) = match noun {
                Noun::Holding => holdings::misfiled(tx, &after, 500).await?,
                _ => organisations::misfiled(tx, &after, 500).await?,
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

async fn files(tx: &mut Tx, report: &mut Report) -> Checked {
    let mut after = String::new();
    loop {
        let page = blobs::page(tx, &after, 100).await?;
        let Some(last) = page.last() else {
            return Ok(Ok(()));
        };
        after.clone_from(&last.id);
        for blob in &page {
            let mut hasher = Sha256::new();
            let mut part = 0;
            while let Some(bytes) = blobs::read_part(tx, &blob.id, part).await? {
                hasher.update(&bytes);
                part += 1;
            }
            if hex::encode(hasher.finalize()) != blob.sha256 {
                return Ok(Err(broken(
                    format!("file {}", blob.id),
                    "its content is not the one that was stored",
                )));
            }
            report.files += 1;
        }
    }
}

async fn import_counts(tx: &mut Tx, report: &mut Report) -> Checked {
    let mut before: Option<String> = None;
    loop {
        let page = imports::page(tx, None, before.as_deref(), 100).await?;
        let Some(last) = page.last() else {
            return Ok(Ok(()));
        };
        before = Some(last.id.to_string());
        for import in &page {
            let c = import.counts;
            if c.rows != c.added + c.merged + c.unchanged + c.rejected {
                return Ok(Err(broken(
                    format!("imports/{}", import.id),
                    "its counts do not add up",
                )));
            }
            let kept = imports::count_rejects(tx, &import.id).await?;
            if import.blob.is_some() && import.state != ImportState::Queued && kept != c.rejected {
                return Ok(Err(broken(
                    format!("imports/{}", import.id),
                    format!("{} rows were rejected, {kept} are kept", c.rejected),
                )));
            }
            report.imports += 1;
        }
    }
}
