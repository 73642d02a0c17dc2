//! What happened elsewhere is recorded, not re-enacted: lists of announced declarations and of licences taken, line
//! by line through the same operations as a single record. A wrong line never takes a right one with it, and a
//! list may be sent again: what is recorded already is told from what is new.

mod attempt;
mod declarations;
mod events;
mod evidence;
mod folder;
mod header;
mod licences;
mod parties;
mod report;
mod run;
mod template;

use std::path::Path;

use bytes::Bytes;
use futures_util::Stream;

pub use attempt::{Done, record};
pub use folder::{Folder, named_in};
pub use report::{Rejected, Report, ToWithdraw, rejects_csv};
pub use template::template;

use super::{
    Error, Result, Services, files,
    idempotency::{Answer, Key},
    uploads,
};
use crate::domain::{
    access::{self, Actor, Operation},
    id::Id,
    record::RecordKind,
};

/// What comes with a list.
#[derive(Clone, Debug)]
pub struct Asked {
    pub kind: RecordKind,
    /// Check everything, write nothing.
    pub dry_run: bool,
    /// Only helps to word what is wrong with the file.
    pub file_name: Option<String>,
    /// The list as a stored file, where it is one: the source of the statuses that it tells.
    pub document: Option<Id>,
    pub idempotency_key: Option<String>,
}

/// May this caller send such a list? Holders tell of what lies on their own patents; the office records the rest.
fn may(actor: &Actor, kind: RecordKind) -> Result<()> {
    match kind {
        RecordKind::Declarations | RecordKind::Licences => {
            access::check(actor, Operation::ImportRecords, None)?;
        }
        RecordKind::Events => {
            let own = actor.organisation.as_ref();
            access::check(actor, Operation::ImportEvents, own)?;
            // Each line is one of these.
            access::check(actor, Operation::CreateEncumbrance, own)?;
            access::check(actor, Operation::UpdateEncumbrance, own)?;
            access::check(actor, Operation::PutPatentStatus, own)?;
        }
    }
    Ok(())
}

/// The largest list, bytes; five thousand lines fill a tenth of it.
const MAX_BYTES: u64 = 32 << 20;

/// Records a list as it is uploaded.
pub async fn import(
    services: &Services,
    actor: &Actor,
    asked: Asked,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<Report> {
    may(actor, asked.kind)?;
    let limit = services.limits.upload_bytes.min(MAX_BYTES);
    let (file, sha256) = uploads::spool(services, limit, upload).await?;
    // A dry run writes nothing, not even that it was made.
    let key = asked.idempotency_key.as_deref().filter(|_| !asked.dry_run);
    let key = key.map(|key| {
        let what = format!("{} {sha256}", asked.kind.as_str());
        Key::new(actor, key, "importRecords", what.as_bytes())
    });
    if let Some(key) = &key
        && let Some(report) = answered(&mut services.read().await?, key).await?
    {
        return Ok(report);
    }
    let document = match &asked.document {
        Some(id) => {
            let mut tx = services.read().await?;
            Some(files::cite(&mut tx, actor, id, "?source").await?)
        }
        None => None,
    };
    let source = run::Source {
        path: file.path(),
        name: asked.file_name.as_deref(),
        promised: &[],
        document,
    };
    let report = run::file(services, actor, asked.kind, asked.dry_run, source).await?;
    let Some(key) = key else {
        return Ok(report);
    };
    // The lines' effects are stored already and each stands once, so that whoever is cut off before this answer
    // is kept gets the same one but for "recorded" and "repeated".
    let mut tx = services.write(actor).await?;
    if let Some(earlier) = answered(&mut tx, &key).await? {
        return Ok(earlier);
    }
    let body = serde_json::to_string(&report).map_err(|e| Error::Internal(e.to_string()))?;
    key.store(&mut tx, &Answer { status: 200, body }).await?;
    tx.commit().await?;
    Ok(report)
}

/// Records a list from the operator's disk. A dry run takes the files of these names as stored.
pub async fn import_file(
    services: &Services,
    actor: &Actor,
    kind: RecordKind,
    path: &Path,
    dry_run: Option<&[String]>,
) -> Result<Report> {
    may(actor, kind)?;
    let source = run::Source {
        path,
        name: path.file_name().and_then(|name| name.to_str()),
        promised: dry_run.unwrap_or_default(),
        document: None,
    };
    run::file(services, actor, kind, dry_run.is_some(), source).await
}

async fn answered(tx: &mut crate::store::Tx, key: &Key) -> Result<Option<Report>> {
    let Some(answer) = key.find(tx).await? else {
        return Ok(None);
    };
    let report = serde_json::from_str(&answer.body);
    report
        .map(Some)
        .map_err(|_| Error::Internal("stored answer".into()))
}
