//! Files of evidence. The office, the owner and those who were let in may read one; for everyone else it does
//! not exist, and knowing a hash opens nothing. Other operations cite, share and write files inside their own
//! transactions.

use bytes::Bytes;
use futures_util::{Stream, stream};

use super::{
    Error, Fault, Result, Services,
    idempotency::{Answer, Key},
    organisations,
    uploads::{self, Upload},
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        event::{Sight, sha256_hex},
        file::{self, File, FileRef, NameError},
        id::Id,
        media::{MediaType, Misfit},
    },
    store::{Tx, blobs, contacts, files},
};

/// What comes with an upload.
#[derive(Clone, Debug, Default)]
pub struct NewFile {
    pub name: String,
    /// The media type that the sender claims.
    pub media_type: String,
    /// Id or USCC of the organisation it belongs to; `None`: the caller's own, or the office's.
    pub owner: Option<String>,
    pub idempotency_key: Option<String>,
}

/// What is known of a file before it arrives.
struct Wanted {
    owner: Option<Id>,
    /// The individual who uploads it; the office keeps it.
    reader: Option<Id>,
    name: String,
    media_type: MediaType,
    idempotency_key: Option<String>,
}

/// Stores an upload as it arrives, one part in memory. The file is there only when it arrived whole.
pub async fn create(
    services: &Services,
    actor: &Actor,
    new: NewFile,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<File> {
    let owner = owner_of(services, actor, new.owner.as_deref()).await?;
    let reader = individual(services, owner.as_ref()).await?;
    let owner = owner.filter(|_| reader.is_none());
    let name = file::file_name(&new.name).map_err(name_fault)?;
    let media_type = MediaType::read(&new.media_type).ok_or(Error::MediaType)?;
    let wanted = Wanted {
        owner,
        reader,
        name,
        media_type,
        idempotency_key: new.idempotency_key,
    };
    let look = |head: &[u8]| media_type.check(head).map_err(misfit);
    let upload = uploads::receive(services, services.limits.file_bytes, upload, look).await?;
    let outcome = record(services, actor, wanted, &upload).await;
    if !matches!(outcome, Ok((_, true))) {
        uploads::discard(services, &upload.blob).await;
    }
    outcome.map(|(file, _)| file)
}

/// The file of what has arrived, or the one that the same request made before (`false`).
async fn record(
    services: &Services,
    actor: &Actor,
    wanted: Wanted,
    upload: &Upload,
) -> Result<(File, bool)> {
    let key = wanted.idempotency_key.as_deref().map(|key| {
        let asked = (
            &wanted.owner,
            &wanted.name,
            wanted.media_type,
            &upload.sha256,
        );
        Key::new(actor, key, "createFile", format!("{asked:?}").as_bytes())
    });
    let mut tx = services.write(actor).await?;
    if let Some(key) = &key
        && let Some(answer) = key.find(&mut tx).await?
    {
        let id = Id::parse(&answer.body).ok_or_else(|| Error::Internal("stored answer".into()))?;
        let file = files::find(&mut tx, &id).await?;
        return Ok((file.ok_or(Error::NotFound("file"))?, false));
    }
    let blob = uploads::keep(&mut tx, upload).await?;
    let file = File {
        id: services.ids.next(tx.now()),
        owner: wanted.owner,
        name: wanted.name,
        media_type: wanted.media_type,
        sha256: upload.sha256.clone(),
        size_bytes: upload.size_bytes,
        created_at: tx.now(),
    };
    files::insert(&mut tx, &file, &blob, &actor.name).await?;
    if let Some(reader) = &wanted.reader {
        share(&mut tx, &file.id, std::slice::from_ref(reader)).await?;
    }
    if let Some(key) = &key {
        let answer = Answer {
            status: 201,
            body: file.id.to_string(),
        };
        key.store(&mut tx, &answer).await?;
    }
    tx.commit().await?;
    Ok((file, true))
}

/// Whose file an upload becomes: the organisation's that is named, else the caller's own, else the office's.
async fn owner_of(services: &Services, actor: &Actor, named: Option<&str>) -> Result<Option<Id>> {
    access::check_role(actor, Operation::CreateFile)?;
    let owner = match (named, actor.sight()) {
        (Some(reference), _) => Some(organisations::named(services, reference, "?owner").await?),
        (None, Sight::Own(id)) => Some(id),
        (None, _) => None,
    };
    access::check(actor, Operation::CreateFile, owner.as_ref())?;
    Ok(owner)
}

/// This owner, where it is an individual: files belong to organisations.
async fn individual(services: &Services, owner: Option<&Id>) -> Result<Option<Id>> {
    let Some(id) = owner else { return Ok(None) };
    let mut tx = services.read().await?;
    let found = contacts::find_individual(&mut tx, id).await?;
    Ok(found.map(|person| person.id))
}

/// A file's metadata, if the caller may read it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<File> {
    access::check_role(actor, Operation::GetFile)?;
    let mut tx = services.read().await?;
    readable(&mut tx, actor, id).await
}

/// A file and its bytes, a part at a time; between two parts no transaction is open, for a reader may be slow.
pub async fn content(
    services: &Services,
    actor: &Actor,
    id: &Id,
) -> Result<(File, impl Stream<Item = Result<Bytes>> + use<>)> {
    access::check_role(actor, Operation::GetFileContent)?;
    let mut tx = services.read().await?;
    let file = readable(&mut tx, actor, id).await?;
    drop(tx);
    let from = (services.clone(), file.id.clone(), 0, file.size_bytes);
    let parts = stream::try_unfold(from, |(services, id, part, left)| async move {
        if left <= 0 {
            return Ok(None);
        }
        let mut tx = services.read().await?;
        let bytes = files::read_part(&mut tx, &id, part).await?;
        drop(tx);
        let bytes = bytes.ok_or_else(|| Error::Internal(format!("file {id} lacks part {part}")))?;
        let left = left - i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        Ok(Some((Bytes::from(bytes), (services, id, part + 1, left))))
    });
    Ok((file, parts))
}

async fn readable(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<File> {
    let file = find_for(tx, actor, id).await?;
    file.ok_or(Error::NotFound("file"))
}

/// The file, when it is there and this actor may read it.
async fn find_for(tx: &mut Tx, actor: &Actor, id: &Id) -> Result<Option<File>> {
    let Some(file) = files::find(tx, id).await? else {
        return Ok(None);
    };
    let may = match actor.sight() {
        Sight::Office => true,
        Sight::Own(reader) => {
            file.owner.as_ref() == Some(&reader) || files::is_reader(tx, id, &reader).await?
        }
        Sight::Public => false,
    };
    Ok(may.then_some(file))
}

/// A reference to a file that `actor` may read, for a record being written in `tx`; else a fault at `pointer`,
/// which is the same whether the file is missing or somebody else's.
pub async fn cite(tx: &mut Tx, actor: &Actor, id: &Id, pointer: &str) -> Result<FileRef> {
    let file = find_for(tx, actor, id).await?.ok_or_else(|| {
        Error::fault(
            pointer,
            "fileUnknown",
            "没有这个文件，或您无权使用；请先用 POST /v1/files 上传，再填写返回的编号。",
            "There is no such file, or you may not use it; upload it with POST /v1/files first and give the id \
             that you are told.",
        )
    })?;
    Ok(file.reference())
}

/// Lets these organisations read the file too. Only for a file that the caller has cited or written.
pub async fn share(tx: &mut Tx, file: &Id, readers: &[Id]) -> Result<()> {
    Ok(files::add_readers(tx, file, readers).await?)
}

/// Stores a text of ours (a notice, a letter; at most 1 MiB) as a plain-text file within the writing
/// transaction `tx`.
pub async fn write_text(
    tx: &mut Tx,
    services: &Services,
    name: &str,
    text: &str,
    owner: Option<&Id>,
    readers: &[Id],
    actor: &Actor,
) -> Result<FileRef> {
    let unfit = |why: String| Error::Internal(format!("text {name:?}: {why}"));
    if text.is_empty() || text.len() > blobs::PART_BYTES {
        return Err(unfit(format!("{} bytes", text.len())));
    }
    let now = tx.now();
    let upload = Upload {
        blob: services.ids.next(now),
        sha256: sha256_hex(text.as_bytes()),
        size_bytes: i64::try_from(text.len()).unwrap_or(i64::MAX),
    };
    blobs::open(tx, &upload.blob, now).await?;
    blobs::add_part(tx, &upload.blob, 0, text.as_bytes()).await?;
    let blob = uploads::keep(tx, &upload).await?;
    let file = File {
        id: services.ids.next(now),
        owner: owner.cloned(),
        name: file::file_name(name).map_err(|why| unfit(why.to_string()))?,
        media_type: MediaType::Text,
        sha256: upload.sha256,
        size_bytes: upload.size_bytes,
        created_at: now,
    };
    files::insert(tx, &file, &blob, &actor.name).await?;
    share(tx, &file.id, readers).await?;
    Ok(file.reference())
}

fn name_fault(why: NameError) -> Error {
    let (zh, en) = match why {
        NameError::Length => (
            "请给出 1 至 200 个字的文件名。",
            "Give a file name of 1 to 200 characters.",
        ),
        NameError::Characters => (
            "文件名不能含有控制字符、/ 或 \\，请改名后再传。",
            "A file name has no control characters and no / or \\; rename the file.",
        ),
        NameError::Ending => (
            "不收网页和程序；请另存为 PDF 等文件后再传。",
            "Web pages and programs are not taken; save it as a PDF, for instance.",
        ),
    };
    Fault::new("?name", "fileNameInvalid", zh, en).into()
}

fn misfit(why: Misfit) -> Error {
    match why {
        Misfit::Other => Error::fault(
            "",
            "fileTypeMismatch",
            "文件内容与所注明的类型不符，请核对文件，或在 Content-Type 中注明它真正的类型。",
            "The content is not of the type that was named; check the file, or name its true type in Content-Type.",
        ),
        Misfit::Active => Error::fault(
            "",
            "fileTypeRefused",
            "文件内容是网页、SVG 图或程序，不能作为证据文件；请打印或另存为 PDF 后再传。",
            "The content is a web page, an SVG picture or a program, which is not taken as evidence; print or save \
             it as a PDF.",
        ),
    }
}
