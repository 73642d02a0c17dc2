//! Importing files of patents. The upload is stored as it is and a job reads it; progress, counts, rejected
//! rows and the rows' effects move in the same transactions, so that a killed import goes on where it stood
//! and nothing enters twice.

mod batch;
mod columns;
mod foreground;
mod preview;
mod progress;
mod rehearsal;
mod rows;
mod run;
pub mod saved;

use bytes::Bytes;
use futures_util::Stream;

pub use columns::{SaidColumn, remap};
pub use foreground::{FileImport, import_file};
pub use preview::{agree, commit, discard, preview};
pub use run::{KIND, Lease, give_up, run_job};

use super::{
    Error, Fault, Result, Services,
    idempotency::{Answer, Key},
    organisations, uploads,
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        event::Sight,
        id::Id,
        register::{Counts, Import, ImportState, StoredReject},
        time::Day,
    },
    store::{Tx, imports, jobs},
};

/// What comes with an upload.
#[derive(Clone, Debug, Default)]
pub struct NewImport {
    /// Id or USCC of the holder whose stock it is; `None`: the caller's own, or bibliographic data alone.
    pub holder: Option<String>,
    pub file_name: Option<String>,
    /// The day on which the file was exported.
    pub status_as_of: Option<Day>,
    /// What its columns are, by header or letter; whether it has them, its reading tells.
    pub said: Vec<SaidColumn>,
    /// Take guesses that nobody has confirmed.
    pub guesses: bool,
    pub idempotency_key: Option<String>,
}

/// Stores an upload part by part as it arrives (one part, 1 MiB, in memory) and queues its import. The file
/// counts as received only when it arrived whole.
pub async fn create(
    services: &Services,
    actor: &Actor,
    new: NewImport,
    upload: impl Stream<Item = std::result::Result<Bytes, Error>>,
) -> Result<Import> {
    take(services, actor, new, upload, ImportState::Queued).await
}

/// Stores an upload and queues its rehearsal: it is imported when somebody has seen the preview and agrees.
pub async fn rehearse(
    services: &Services,
    actor: &Actor,
    new: NewImport,
    upload: impl Stream<Item = std::result::Result<Bytes, Error>>,
) -> Result<Import> {
    take(services, actor, new, upload, ImportState::Rehearsing).await
}

async fn take(
    services: &Services,
    actor: &Actor,
    new: NewImport,
    upload: impl Stream<Item = std::result::Result<Bytes, Error>>,
    state: ImportState,
) -> Result<Import> {
    let organisation = holder_of(services, actor, new.holder.as_deref()).await?;
    check_day(services, new.status_as_of)?;
    let limit = services.limits.upload_bytes;
    let upload = uploads::receive(services, limit, upload, |_| Ok(())).await?;
    let key = new.idempotency_key.as_deref().map(|key| {
        let asked = format!(
            "{organisation:?} {:?} {:?} {:?} {} {state:?} {}",
            new.file_name, new.status_as_of, new.said, new.guesses, upload.sha256
        );
        Key::new(actor, key, "createImport", asked.as_bytes())
    });
    let mut tx = services.write(actor).await?;
    if let Some(key) = &key {
        match key.find(&mut tx).await {
            Ok(None) => {}
            Ok(Some(answer)) => {
                drop(tx);
                uploads::discard(services, &upload.blob).await;
                let id = Id::parse(&answer.body)
                    .ok_or_else(|| Error::Internal("stored answer".into()))?;
                return get(services, actor, &id).await;
            }
            Err(refused) => {
                drop(tx);
                uploads::discard(services, &upload.blob).await;
                return Err(refused);
            }
        }
    }
    let blob = uploads::keep(&mut tx, &upload).await?;
    let now = tx.now();
    let import = Import {
        id: services.ids.next(now),
        version: 1,
        state,
        organisation,
        actor: actor.name.clone(),
        file_name: new.file_name,
        blob: Some(blob),
        sha256: Some(upload.sha256),
        size_bytes: upload.size_bytes,
        status_as_of: new.status_as_of,
        counts: Counts::default(),
        failure: None,
        preview: None,
        mapping: (!new.said.is_empty()).then(|| columns::said_of(&new.said)),
        guesses: new.guesses,
        created_at: now,
        finished_at: None,
    };
    imports::insert(&mut tx, &import).await?;
    enqueue(&mut tx, services, &import.id).await?;
    if let Some(key) = &key {
        key.store(
            &mut tx,
            &Answer {
                status: 202,
                body: import.id.to_string(),
            },
        )
        .await?;
    }
    tx.commit().await?;
    Ok(import)
}

async fn enqueue(tx: &mut Tx, services: &Services, import: &Id) -> Result<()> {
    let now = tx.now();
    let payload = serde_json::json!({ "import": import });
    jobs::enqueue(tx, &services.ids.next(now), KIND, &payload, now).await?;
    Ok(())
}

/// A file was exported on a day that has come.
fn check_day(services: &Services, status_as_of: Option<Day>) -> Result<()> {
    let today = services.clock.today();
    if status_as_of.is_some_and(|day| day > today) {
        return Err(Error::from(Fault::new(
            "?statusAsOf",
            "dayInFuture",
            "导出日期在今天之后，请核对。",
            "The file cannot have been exported after today.",
        )));
    }
    Ok(())
}

/// Whose stock an upload is: the one named, else the caller's own organisation.
async fn holder_of(services: &Services, actor: &Actor, named: Option<&str>) -> Result<Option<Id>> {
    access::check_role(actor, Operation::CreateImport)?;
    let organisation = match named {
        None => actor.organisation.clone(),
        Some(reference) => Some(organisations::named(services, reference, "?holder").await?),
    };
    access::check(actor, Operation::CreateImport, organisation.as_ref())?;
    Ok(organisation)
}

/// One import, if it is the caller's to see.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Import> {
    access::check_role(actor, Operation::GetImport)?;
    let mut tx = services.read().await?;
    let import = imports::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("import"))?;
    // Somebody else's import does not exist for a holder.
    access::check(actor, Operation::GetImport, import.organisation.as_ref())
        .map_err(|_| Error::NotFound("import"))?;
    Ok(import)
}

/// A page, newest first, of the caller's imports (an officer: all), and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Import>, i64)> {
    access::check_role(actor, Operation::ListImports)?;
    let mut tx = services.read().await?;
    // An officer's key may belong to an organisation too; it sees everyone's all the same.
    let own = match actor.sight() {
        Sight::Office => None,
        Sight::Own(id) => Some(id),
        Sight::Public => return Err(Denied::NotYours.into()),
    };
    let own = own.as_ref();
    let page = imports::page(
        &mut tx,
        own,
        before,
        i64::try_from(limit).unwrap_or(i64::MAX),
    )
    .await?;
    Ok((page, imports::count(&mut tx, own).await?))
}

/// The rejected rows of an import after the one with ordinal `after`, in file order.
pub async fn rejects(
    services: &Services,
    actor: &Actor,
    id: &Id,
    after: i64,
) -> Result<Vec<StoredReject>> {
    get(services, actor, id).await?;
    let mut tx = services.read().await?;
    Ok(imports::rejects(&mut tx, id, after, 1_000).await?)
}
