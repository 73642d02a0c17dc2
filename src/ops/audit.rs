//! The audit as officers read it: sign-ins, acts on accounts and keys, refusals, and every write of the chain in one
//! list, the latest first; filtered, and taken out whole by `out`. A write is told by its change row and stored nowhere else.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::{Error, Result, Services, accounts, origin};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        account::{Login, Outcome},
        id::Id,
        time::{Day, Instant},
    },
    store::{Tx, accounts as people, audit, audit::Line},
};

/// What an officer asks for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// A login, an id of an account or a key, or the actor's text.
    pub who: Option<String>,
    pub what: Option<String>,
    pub subject: Option<String>,
    pub outcome: Option<Outcome>,
    pub from: Option<Day>,
    /// The last day.
    pub until: Option<Day>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Entry {
    pub line: Line,
    /// Its number in the chain, where it is a write of a record.
    pub seq: Option<i64>,
}

/// Where a page begins: behind these of the chain and of the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub seq: i64,
    pub line: String,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            seq: i64::MAX,
            // After every id.
            line: "g".into(),
        }
    }
}

impl Place {
    /// As a cursor carries it.
    pub fn as_text(&self) -> String {
        format!("{}.{}", self.seq, self.line)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (seq, line) = text.split_once('.')?;
        Some(Self {
            seq: seq.parse().ok()?,
            line: line.to_owned(),
        })
    }
}

/// A page of the audit, and where the next one begins.
#[derive(Clone, Debug)]
pub struct Page {
    pub entries: Vec<Entry>,
    pub total: i64,
    pub next: Option<Place>,
}

/// What the lists of the store are narrowed to.
pub(super) async fn filter(tx: &mut Tx, asked: &Asked) -> Result<audit::Filter> {
    let actor = match &asked.who {
        Some(who) => Some(actor(tx, who).await?),
        None => None,
    };
    let after = |day: Day| {
        day.tomorrow()
            .map_or(Instant::from_micros(i64::MAX), Instant::start_of)
    };
    Ok(audit::Filter {
        actor,
        what: asked.what.clone(),
        subject: asked.subject.clone(),
        outcome: asked.outcome,
        from: asked.from.map(Instant::start_of),
        until: asked.until.map(after),
    })
}

/// The actor that a text means.
async fn actor(tx: &mut Tx, who: &str) -> Result<String> {
    let who = who.trim();
    if let Some(id) = Id::parse(who) {
        let known = people::find(tx, &id).await?.is_some();
        let kind = if known { "account" } else { "key" };
        return Ok(format!("{kind}:{id}"));
    }
    if let Ok(login) = Login::parse(who)
        && let Some(account) = people::find_by_login(tx, &login).await?
    {
        return Ok(accounts::actor_name(&account.id));
    }
    Ok(who.to_owned())
}

/// A page of at most `limit`, the latest first.
pub async fn page(
    services: &Services,
    actor: &Actor,
    asked: &Asked,
    place: &Place,
    limit: usize,
) -> Result<Page> {
    access::check(actor, Operation::ListAudit, None)?;
    let mut tx = services.read().await?;
    let filter = filter(&mut tx, asked).await?;
    let total = audit::count(&mut tx, &filter).await?;
    let (entries, next) = merged(&mut tx, &filter, place, limit).await?;
    Ok(Page {
        entries,
        total,
        next,
    })
}

/// Both sources by time. Each is read in its own order, so that a page can begin where the last one ended in each.
pub(super) async fn merged(
    tx: &mut Tx,
    filter: &audit::Filter,
    place: &Place,
    limit: usize,
) -> Result<(Vec<Entry>, Option<Place>)> {
    let rows = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let writes = audit::writes_before(tx, filter, place.seq, rows).await?;
    let lines = audit::lines_before(tx, filter, &place.line, rows).await?;
    let more = writes.len() + lines.len() > limit;
    let (mut writes, mut lines) = (writes.into_iter().peekable(), lines.into_iter().peekable());
    let (mut entries, mut next) = (Vec::new(), place.clone());
    while entries.len() < limit {
        let write_first = match (writes.peek(), lines.peek()) {
            (Some((_, write)), Some((_, line))) => write.at >= line.at,
            (write, _) => write.is_some(),
        };
        if write_first {
            let Some((seq, line)) = writes.next() else {
                break;
            };
            next.seq = seq;
            let seq = Some(seq);
            entries.push(Entry { line, seq });
        } else {
            let Some((id, line)) = lines.next() else {
                break;
            };
            next.line = id;
            entries.push(Entry { line, seq: None });
        }
    }
    Ok((entries, more.then_some(next)))
}

/// Refusals that were written lately: of one kind one line a minute, so that a refused loop fills no disk.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<HashMap<(String, String, String), Lately>>);

#[derive(Clone, Copy, Debug)]
struct Lately {
    written_at: Instant,
    /// Those since, which were not written.
    left_out: u64,
}

const WINDOW_SECONDS: i64 = 60;
/// Kinds remembered before old ones are forgotten.
const REMEMBERED: usize = 10_000;

impl Refusals {
    /// `None`: not now. Else how many of the kind were left out since the last one.
    fn turn(&self, kind: (String, String, String), now: Instant) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |lately: &Lately| lately.written_at.plus_seconds(WINDOW_SECONDS) <= now;
        if all.len() >= REMEMBERED {
            all.retain(|_, lately| !is_over(lately));
            if all.len() >= REMEMBERED {
                return None;
            }
        }
        let fresh = Lately {
            written_at: now,
            left_out: 0,
        };
        match all.get_mut(&kind) {
            Some(lately) if !is_over(lately) => {
                lately.left_out += 1;
                None
            }
            Some(lately) => Some(std::mem::replace(lately, fresh).left_out),
            None => {
                all.insert(kind, fresh);
                Some(0)
            }
        }
    }
}

/// Writes down that somebody was refused; a busy database must not fail the answer over it.
pub async fn refused(services: &Services, who: &str, what: &str, subject: &str, reason: &str) {
    let from = origin::address().unwrap_or_default();
    let by = match who {
        // Nobody known: told apart by what they try.
        "anonymous" => subject.to_owned(),
        _ => who.to_owned(),
    };
    let kind = (by, from, format!("{what} {reason}"));
    let Some(left_out) = services.refusals.turn(kind, services.now()) else {
        return;
    };
    let reason = match left_out {
        0 => reason.to_owned(),
        more => format!("{reason} (+{more})"),
    };
    let written = async {
        let mut tx = services.db.begin_plain().await?;
        let why = (Outcome::Refused, Some(reason.as_str()));
        accounts::write(&mut tx, services, who, what, subject, why).await?;
        tx.commit().await?;
        Ok::<_, Error>(())
    };
    if let Err(error) = written.await {
        tracing::warn!(%error, "a refusal was not written down");
    }
}
