//! Reference tables: everybody reads them, the office loads them.

mod file;
mod known;
mod placing;

pub use known::{Known, names};
pub(super) use placing::sweep;
pub use placing::{NewTable, load_file, put, remove};

use super::{Result, Services};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        event::Sight,
        reference::{Kind, Line, ReferenceTable},
    },
    store::{Stored, reference},
};

/// A table and, for the office, who put it there.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Version 0 is the built-in table, before anything was loaded.
    pub table: Stored<ReferenceTable>,
    pub loaded_by: Option<String>,
}

/// Every table that stands.
pub async fn list(services: &Services, actor: &Actor) -> Result<Vec<Shown>> {
    access::check(actor, Operation::ListReferenceTables, None)?;
    let mut all = Vec::with_capacity(Kind::ALL.len());
    for kind in Kind::ALL {
        all.push(shown(services, actor, kind).await?);
    }
    Ok(all)
}

pub async fn get(services: &Services, actor: &Actor, kind: Kind) -> Result<Shown> {
    access::check(actor, Operation::GetReferenceTable, None)?;
    shown(services, actor, kind).await
}

async fn shown(services: &Services, actor: &Actor, kind: Kind) -> Result<Shown> {
    let mut tx = services.read().await?;
    let table = reference::load(&mut tx, kind).await?;
    let placed = reference::place(&mut tx, kind).await?;
    let is_office = actor.sight() == Sight::Office;
    Ok(Shown {
        table,
        loaded_by: placed.map(|(_, actor)| actor).filter(|_| is_office),
    })
}

/// A page of lines and how many there are under the prefix.
pub struct Lines {
    pub lines: Vec<Line>,
    pub total: i64,
}

/// Lines of a table in order of their codes, those that begin with a prefix, `limit` of them after a key.
pub async fn lines(
    services: &Services,
    actor: &Actor,
    kind: Kind,
    prefix: &str,
    after: (&str, &str, i64),
    limit: usize,
) -> Result<Lines> {
    access::check(actor, Operation::ListReferenceLines, None)?;
    let mut tx = services.read().await?;
    let table = reference::load(&mut tx, kind).await?.value;
    let placed = reference::place(&mut tx, kind).await?;
    let limit_rows = i64::try_from(limit).unwrap_or(i64::MAX);
    match placed {
        Some((list, _)) if !table.built_in => Ok(Lines {
            total: reference::count_lines(&mut tx, kind, &list, prefix).await?,
            lines: reference::page_lines(&mut tx, kind, &list, prefix, after, limit_rows).await?,
        }),
        _ => {
            let mut lines = kind.built_in_lines();
            lines.retain(|line| line.key().0.starts_with(prefix));
            let total = i64::try_from(lines.len()).unwrap_or(i64::MAX);
            lines.retain(|line| line.key() > after);
            lines.truncate(limit);
            Ok(Lines { lines, total })
        }
    }
}
