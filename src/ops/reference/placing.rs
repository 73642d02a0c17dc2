//! A table in the place of the one before it, in one transaction: nothing of a file counts before it was read to its end.

use std::path::Path;

use bytes::Bytes;
use futures_util::Stream;

use super::{Shown, file::read, shown};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        reference::{Kind, ReferenceTable, SOURCE_CHARS, VERSION_CHARS, is_label},
        time::Instant,
    },
    ops::{Error, Fault, Result, Services, accounts::note, announce::announce, uploads},
    store::reference,
};

/// Lines stored in one transaction.
const BATCH: usize = 5_000;

/// What comes with a file.
#[derive(Clone, Debug)]
pub struct NewTable {
    pub version: String,
    pub source: String,
    pub file_name: Option<String>,
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
    let hashing =
        tokio::task::spawn_blocking(move || uploads::sha256_of(&mut std::fs::File::open(opened)?))
            .await;
    let hashing = hashing.map_err(|e| Error::Internal(format!("reader: {e}")))?;
    let sha256 = hashing.map_err(|e| Error::Internal(format!("{}: {e}", path.display())))?;
    load(services, actor, kind, new, path, sha256).await
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
pub(in crate::ops) async fn sweep(services: &Services, before: Instant) -> Result<()> {
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
