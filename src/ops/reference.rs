//! Reference tables: everybody reads them, the office loads them. A file is read to its end before anything of it counts,
//! and takes the place of the table before it in one transaction; one row that cannot be read refuses it whole. What
//! names codes is kept in memory and looked after about once a second, so that replicas follow each other.

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::Stream;

use super::{Error, Fault, Result, Services, accounts::note, announce::announce, uploads};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        event::Sight,
        id::Id,
        reference::{
            Flaw, Kind, Layout, Line, MOST_LINES, Names, Reading, ReferenceTable, SOURCE_CHARS,
            VERSION_CHARS, header_of, is_label,
        },
        text::Lang,
        time::Instant as Moment,
    },
    sheet::{self, SheetError, TableRow},
    store::{Stored, reference},
};

/// Lines stored in one transaction.
const BATCH: usize = 5_000;
/// Text of a file, inflated.
const TEXT_BYTES: u64 = 128 << 20;
/// Whoever shows names asks for another version at most so often.
const LOOK: Duration = Duration::from_secs(1);

/// A table and, for the office, who put it there.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Version 0 is the built-in table, before anything was loaded.
    pub table: Stored<ReferenceTable>,
    pub loaded_by: Option<String>,
}

/// What comes with a file.
#[derive(Clone, Debug)]
pub struct NewTable {
    pub version: String,
    pub source: String,
    pub file_name: Option<String>,
}

/// The names in memory, of which versions they are, and when that was last looked at.
#[derive(Default)]
pub struct Known {
    names: RwLock<Option<(Instant, Versions, Arc<Names>)>>,
    /// One loads, the others wait.
    loading: tokio::sync::Mutex<()>,
}

type Versions = Vec<(String, i64)>;

impl Known {
    fn fresh(&self) -> Option<Arc<Names>> {
        let kept = self.names.read().unwrap_or_else(PoisonError::into_inner);
        let (looked, _, names) = kept.as_ref()?;
        (looked.elapsed() < LOOK).then(|| names.clone())
    }

    fn of(&self, versions: &Versions) -> Option<Arc<Names>> {
        let mut kept = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let (looked, known, names) = kept.as_mut()?;
        (known == versions).then(|| {
            *looked = Instant::now();
            names.clone()
        })
    }

    fn keep(&self, versions: Versions, names: Arc<Names>) {
        let mut kept = self.names.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((Instant::now(), versions, names));
    }

    /// Whoever asks next looks at the versions.
    fn look_again(&self) {
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn last(&self) -> Option<Arc<Names>> {
        let kept = self.names.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|(_, _, names)| names.clone())
    }
}

/// What codes are called. A database that does not answer takes nobody's names away: the last ones known stand, or the
/// built-in ones; whatever else is asked of it will say what is wrong.
pub async fn names(services: &Services) -> Arc<Names> {
    if let Some(names) = services.reference.fresh() {
        return names;
    }
    let _one = services.reference.loading.lock().await;
    if let Some(names) = services.reference.fresh() {
        return names;
    }
    match look(services).await {
        Ok(names) => names,
        Err(_) => services.reference.last().unwrap_or_else(Names::built_in),
    }
}

async fn look(services: &Services) -> Result<Arc<Names>> {
    let mut tx = services.read().await?;
    let versions = reference::versions(&mut tx).await?;
    if let Some(names) = services.reference.of(&versions) {
        return Ok(names);
    }
    let mut names = Names::built_in();
    for (kind, _) in &versions {
        let kind = reference::kind_of(kind)?;
        if kind == Kind::IndustryFees {
            continue;
        }
        let (table, lines) = reference::load_whole(&mut tx, kind).await?;
        names = Arc::new(Names::clone(&names).with(&table, lines));
    }
    services.reference.keep(versions, names.clone());
    Ok(names)
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

/// Puts an uploaded file in the place of the table before it.
pub async fn put(
    services: &Services,
    actor: &Actor,
    kind: Kind,
    new: NewTable,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<Shown> {
    access::check(actor, Operation::PutReferenceTable, None)?;
    let new = checked(new)?;
    let limit = services.limits.upload_bytes;
    let (file, sha256) = uploads::spool(services, limit, upload).await?;
    load(services, actor, kind, new, file.path(), sha256).await
}

/// Puts a file of the operator's disk in the place of the table before it.
pub async fn load_file(
    services: &Services,
    actor: &Actor,
    kind: Kind,
    new: NewTable,
    path: &Path,
) -> Result<Shown> {
    access::check(actor, Operation::PutReferenceTable, None)?;
    let new = checked(new)?;
    let opened = path.to_owned();
    let hashing = tokio::task::spawn_blocking(move || sha256_of(&opened)).await;
    let hashing = hashing.map_err(|e| Error::Internal(format!("reader: {e}")))?;
    let sha256 = hashing.map_err(|e| Error::Internal(format!("{}: {e}", path.display())))?;
    load(services, actor, kind, new, path, sha256).await
}

fn sha256_of(path: &Path) -> std::io::Result<String> {
    use sha2::{Digest as _, Sha256};
    let (mut file, mut hasher) = (std::fs::File::open(path)?, Sha256::new());
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = std::io::Read::read(&mut file, &mut piece)?;
        if read == 0 {
            break;
        }
        hasher.update(&piece[..read]);
    }
    Ok(hex::encode(hasher.finalize()))
}

/// Version and source are said in a few words.
fn checked(new: NewTable) -> Result<NewTable> {
    let tidy = NewTable {
        version: new.version.trim().to_owned(),
        source: new.source.trim().to_owned(),
        file_name: new.file_name,
    };
    let mut faults = Vec::new();
    for (pointer, text, most) in [
        ("?version", &tidy.version, VERSION_CHARS),
        ("?source", &tidy.source, SOURCE_CHARS),
    ] {
        if !is_label(text, most) {
            faults.push(Fault::new(
                pointer,
                "textLength",
                format!("请填写 1 至 {most} 字，一行。"),
                format!("Say it in 1 to {most} characters of one line."),
            ));
        }
    }
    if faults.is_empty() {
        Ok(tidy)
    } else {
        Err(Error::Parameters(faults))
    }
}

async fn load(
    services: &Services,
    actor: &Actor,
    kind: Kind,
    new: NewTable,
    path: &Path,
    sha256: String,
) -> Result<Shown> {
    let stood = reference::load(&mut services.read().await?, kind).await?;
    if stands(&stood.value, &new, &sha256) {
        return shown(services, actor, kind).await;
    }
    let lines = read(services, kind, path, new.file_name.as_deref()).await?;
    let list = services.ids.next(services.now());
    for piece in lines.chunks(BATCH) {
        let mut tx = services.db.begin_plain().await?;
        reference::add_lines(&mut tx, &list, piece).await?;
        tx.commit().await?;
    }
    let next = ReferenceTable {
        kind,
        version: new.version,
        source: new.source,
        built_in: false,
        loaded_on: Some(services.clock.today()),
        file_name: new.file_name.map(|name| name.chars().take(200).collect()),
        sha256: Some(sha256),
        lines: i64::try_from(lines.len()).unwrap_or(i64::MAX),
    };
    replace(services, actor, next, Some(&list), "referenceLoaded").await?;
    shown(services, actor, kind).await
}

fn stands(table: &ReferenceTable, new: &NewTable, sha256: &str) -> bool {
    table.sha256.as_deref() == Some(sha256)
        && table.version == new.version
        && table.source == new.source
}

/// Takes a loaded table away: the built-in one stands again.
pub async fn remove(services: &Services, actor: &Actor, kind: Kind) -> Result<Shown> {
    access::check(actor, Operation::RemoveReferenceTable, None)?;
    let stood = reference::load(&mut services.read().await?, kind).await?;
    if !stood.value.built_in {
        let next = ReferenceTable::built_in(kind);
        replace(services, actor, next, None, "referenceRemoved").await?;
    }
    shown(services, actor, kind).await
}

async fn replace(
    services: &Services,
    actor: &Actor,
    next: ReferenceTable,
    lines: Option<&Id>,
    what: &str,
) -> Result<()> {
    let kind = next.kind;
    let mut tx = services.write(actor).await?;
    let stood = reference::load(&mut tx, kind).await?;
    let old = reference::place(&mut tx, kind).await?;
    let stored = reference::put(&mut tx, next, stood.version, lines, &actor.name).await?;
    let before = (stood.version > 0).then_some(&stood.value);
    announce(&mut tx, before, &stored);
    let about = format!("reference-tables/{}", kind.as_str());
    note(&mut tx, services, &actor.name, what, &about).await?;
    tx.commit().await?;
    services.reference.look_again();
    if let Some((old, _)) = old.filter(|(old, _)| !old.is_empty()) {
        // What fails here is swept the day after.
        let _ = forget(services, &old).await;
    }
    Ok(())
}

/// Reads a file to its end; everything that is wrong with its first rows is told at once.
async fn read(
    services: &Services,
    kind: Kind,
    path: &Path,
    name: Option<&str>,
) -> Result<Vec<Line>> {
    let limits = sheet::Limits {
        rows: MOST_LINES.min(services.limits.sheet.rows),
        inflated_bytes: services.limits.sheet.inflated_bytes.min(TEXT_BYTES),
        line_bytes: services.limits.sheet.line_bytes.min(64 << 10),
        ..services.limits.sheet.clone()
    };
    let (path, name) = (path.to_owned(), name.map(str::to_owned));
    let reading =
        tokio::task::spawn_blocking(move || lines_of(kind, &path, name.as_deref(), &limits)).await;
    let lines = reading.map_err(|e| Error::Internal(format!("reader: {e}")))??;
    if lines.len() as u64 > MOST_LINES {
        return Err(Error::fault(
            "",
            "tooManyRows",
            format!("最多 {MOST_LINES} 行。"),
            format!("At most {MOST_LINES} lines."),
        ));
    }
    Ok(lines)
}

fn unreadable(problem: &SheetError) -> Error {
    let zh = format!("{}。", problem.text(Lang::Zh));
    let en = format!("{}.", problem.text(Lang::En));
    Error::fault("", problem.as_str(), zh, en)
}

fn fault_of(flaw: Flaw) -> Fault {
    let pointer = match flaw.row {
        0 => String::new(),
        row => format!("/rows/{row}"),
    };
    Fault::new(pointer, flaw.code, flaw.text.zh, flaw.text.en)
}

/// Rows that are told to be wrong, at most.
const TOLD: usize = 20;

fn lines_of(
    kind: Kind,
    path: &Path,
    name: Option<&str>,
    limits: &sheet::Limits,
) -> Result<Vec<Line>> {
    let mut reading = Reading::new(kind);
    let mut faults: Vec<Fault> = Vec::new();
    let rows = match kind.layout() {
        Layout::Placed => sheet::read_grid(path, name, limits).map_err(|e| unreadable(&e))?,
        Layout::Headed => {
            let known = |header: &str| header_of(kind, header).map(|_| false);
            let table =
                sheet::read_table(path, name, limits, &known).map_err(|e| unreadable(&e))?;
            let columns: Vec<_> = table.headers.iter().map(|h| header_of(kind, h)).collect();
            let lacks = kind.lacks(&columns);
            if !lacks.is_empty() {
                let names = lacks.join(", ");
                return Err(Error::fault(
                    "",
                    "headerMissing",
                    format!("缺少列：{names}。"),
                    format!("Columns are missing: {names}."),
                ));
            }
            let headed = |row: TableRow| -> std::result::Result<(), Fault> {
                let number = row.number;
                let cells = row.cells.map_err(|reject| unread(number, &reject.value))?;
                let cells = cells.into_iter().filter_map(|(at, cell)| {
                    let column = columns.get(at).copied().flatten()?;
                    Some((column, cell))
                });
                let cells: Vec<_> = cells.collect();
                reading.take(number, &cells).map_err(fault_of)
            };
            let told = table
                .rows
                .into_iter()
                .map(headed)
                .filter_map(std::result::Result::err);
            faults.extend(told.take(TOLD));
            Vec::new()
        }
    };
    for row in rows {
        let number = row.number;
        let taken = match row.cells {
            Ok(cells) => reading.place(number, &cells).map_err(fault_of),
            Err(reject) => Err(unread(number, &reject.value)),
        };
        faults.extend(taken.err());
        if faults.len() == TOLD {
            break;
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    reading
        .finish()
        .map_err(|flaw| Error::Invalid(vec![fault_of(flaw)]))
}

fn unread(row: u64, value: &str) -> Fault {
    Fault::new(
        format!("/rows/{row}"),
        "rowUnreadable",
        format!("第 {row} 行无法读取：{value}"),
        format!("Row {row} cannot be read: {value}"),
    )
}

/// Removes the lines of a table that does not stand, a piece a transaction.
async fn forget(services: &Services, list: &str) -> Result<()> {
    loop {
        let mut tx = services.db.begin_plain().await?;
        let more = reference::remove_lines(&mut tx, list).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// Removes what files that broke off before this moment have left.
pub(super) async fn sweep(services: &Services, before: Moment) -> Result<()> {
    let before = services.ids.next(before);
    loop {
        let mut tx = services.read().await?;
        let found = reference::find_abandoned(&mut tx, &before).await?;
        drop(tx);
        match found {
            Some(list) => forget(services, &list).await?,
            None => return Ok(()),
        }
    }
}
