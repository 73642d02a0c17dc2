//! Forms with files. The token and the texts come first and are checked before a byte of a file is stored; files go to
//! the store as they arrive, never into memory. The rest of a form that is refused is read and thrown away, so that the
//! browser hears why.

mod kept;

use std::{collections::BTreeMap, time::Duration};

use axum::{
    RequestExt as _,
    extract::{
        FromRequest as _, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use futures_util::{Stream, stream};

use super::{
    Web, errors,
    form::{Form, TOKEN, admitted, token_fits},
    session::Member,
    visitor::Visitor,
};
use crate::{
    domain::{id::Id, text::Text},
    ops::{self, Error, Services},
};
pub use kept::{Kept, Report};

/// The longest text beside the files, bytes.
const TEXT_BYTES: usize = 64 << 10;
/// The most parts of a form.
const PARTS: usize = 64;
/// The most files of a form.
pub const FILES: usize = 7;
/// How long an upload may pause between two pieces.
const PAUSE: Duration = Duration::from_secs(30);

/// A form with its files.
pub struct Upload {
    /// The texts, as every form has them.
    pub form: Form,
    pub member: Member,
    files: BTreeMap<String, Id>,
    /// A file was chosen and taken.
    taken: bool,
    kept: Kept,
    /// What became of the rows of a sheet that was read at once.
    pub report: Option<Report>,
    /// What `check` said, or what is wrong with the files, each at its field.
    pub outcome: ops::Result<()>,
}

impl Upload {
    /// The outcome, once; a handler begins with it.
    pub fn settled(&mut self) -> ops::Result<()> {
        std::mem::replace(&mut self.outcome, Ok(()))
    }

    /// The file of a field, if one was chosen and stored.
    pub fn file(&self, name: &str) -> Option<&Id> {
        self.files.get(name)
    }

    /// The file of a field that must have one.
    pub fn required(&self, name: &str) -> ops::Result<Id> {
        self.file(name).cloned().ok_or_else(|| missing(name))
    }

    /// Was the file of the one field that has one taken?
    pub fn was_taken(&self, name: &str) -> ops::Result<()> {
        if self.taken {
            Ok(())
        } else {
            Err(missing(name))
        }
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &Id)> {
        self.files.iter().map(|(name, id)| (name.as_str(), id))
    }
}

/// The largest body of a form with files.
pub fn body_bytes(services: &Services) -> usize {
    let file_bytes = usize::try_from(services.limits.file_bytes).unwrap_or(usize::MAX);
    file_bytes
        .saturating_mul(FILES)
        .saturating_add(TEXT_BYTES * PARTS)
}

/// The largest body of a form with one file to import.
pub fn import_bytes(services: &Services) -> usize {
    let file_bytes = usize::try_from(services.limits.upload_bytes).unwrap_or(usize::MAX);
    file_bytes.saturating_add(1 << 16)
}

/// Reads a form of somebody signed in. `check` sees the texts before any file is stored; what it refuses is the
/// outcome, and then no file is stored. A forged or broken form is a page.
pub async fn receive(
    web: &Web,
    request: Request,
    check: impl FnOnce(&Member, &Form) -> ops::Result<()>,
) -> Result<Upload, Response> {
    receive_as(Kept::File, web, request, check).await
}

/// The same, where something else than evidence becomes of the file.
pub async fn receive_as(
    kept: Kept,
    web: &Web,
    request: Request,
    check: impl FnOnce(&Member, &Form) -> ops::Result<()>,
) -> Result<Upload, Response> {
    let (mut parts, body) = request.into_parts();
    let visitor = admitted(&mut parts, web).await?;
    let mut request = Request::from_parts(parts, body);
    let member: Member = request.extract_parts_with_state(web).await?;
    let action = request.uri().path().to_owned();
    let mut parts = Multipart::from_request(request, web)
        .await
        .map_err(|_| errors::form_page(&visitor))?;
    let mut upload = Upload {
        form: Form::new(visitor, Vec::new()),
        member,
        files: BTreeMap::new(),
        taken: false,
        kept,
        report: None,
        outcome: Ok(()),
    };
    let mut check = Some(check);
    for _ in 0..PARTS {
        let field = match next(&mut parts).await {
            Ok(Some(field)) => field,
            Ok(None) => {
                if let Some(check) = check {
                    admit(&mut upload, &action, check)
                        .map_err(|()| errors::form_page(&upload.form.visitor))?;
                }
                return Ok(upload);
            }
            Err(error) => return Err(refused(web, &upload.form.visitor, &error)),
        };
        let name = field.name().unwrap_or_default().to_owned();
        let read = if field.file_name().is_none() {
            text(field).await.map(|value| upload.form.add(name, value))
        } else {
            if let Some(check) = check.take() {
                admit(&mut upload, &action, check)
                    .map_err(|()| errors::form_page(&upload.form.visitor))?;
            }
            upload.take(web, name, field).await
        };
        read.map_err(|error| refused(web, &upload.form.visitor, &error))?;
    }
    Err(errors::form_page(&upload.form.visitor))
}

/// Nothing is done for a form without our token.
fn admit(
    upload: &mut Upload,
    action: &str,
    check: impl FnOnce(&Member, &Form) -> ops::Result<()>,
) -> Result<(), ()> {
    if !token_fits(&upload.form.visitor, action, upload.form.get(TOKEN)) {
        return Err(());
    }
    upload.outcome = check(&upload.member, &upload.form);
    Ok(())
}

fn refused(web: &Web, visitor: &Visitor, error: &Error) -> Response {
    match error {
        Error::TooLarge { .. } => {
            let limit = body_bytes(&web.services) as u64;
            errors::page(visitor, &Error::TooLarge { limit })
        }
        error => errors::page(visitor, error),
    }
}

impl Upload {
    /// Stores a file, when the form may go on; what is wrong with it stands at its field.
    async fn take(&mut self, web: &Web, field_name: String, field: Field<'_>) -> ops::Result<()> {
        let name = field.file_name().unwrap_or_default().to_owned();
        // A browser sends an empty part for a file that was not chosen.
        if name.is_empty() || self.outcome.is_err() || self.files.len() == FILES {
            return text(field).await.map(|_| ());
        }
        let stored = self.keep(web, name, field).await;
        match stored {
            Ok(id) => {
                self.taken = true;
                self.files.extend(id.map(|id| (field_name, id)));
            }
            Err(error @ (Error::Busy | Error::Internal(_) | Error::UploadBroken)) => {
                return Err(error);
            }
            Err(error) => self.outcome = Err(at_field(&field_name, &error)),
        }
        Ok(())
    }
}

fn missing(field: &str) -> Error {
    let text = Text::new("请选择文件。", "Choose a file.");
    Error::fault(&format!("/{field}"), "fileMissing", text.zh, text.en)
}

/// What is wrong with a file, said at the field it was chosen in.
fn at_field(field: &str, error: &Error) -> Error {
    let text = match error {
        Error::Parameters(faults) | Error::Invalid(faults) => faults
            .first()
            .map_or_else(|| error.text(), |fault| fault.text.clone()),
        other => other.text(),
    };
    Error::fault(&format!("/{field}"), error.code(), text.zh, text.en)
}

async fn next(parts: &mut Multipart) -> ops::Result<Option<Field<'_>>> {
    let next = tokio::time::timeout(PAUSE, parts.next_field()).await;
    next.map_err(|_| Error::UploadBroken)?.map_err(broken)
}

/// A field's text; of one that is longer than any field may be, so much that it is refused as too long.
async fn text(mut field: Field<'_>) -> ops::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let chunk = tokio::time::timeout(PAUSE, field.chunk()).await;
        let chunk = chunk.map_err(|_| Error::UploadBroken)?.map_err(broken)?;
        let Some(chunk) = chunk else { break };
        if bytes.len() <= TEXT_BYTES {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The file's bytes as they arrive.
fn pieces(field: Field<'_>) -> impl Stream<Item = ops::Result<Bytes>> {
    stream::unfold(Some(field), |open| async move {
        let mut field = open?;
        match tokio::time::timeout(PAUSE, field.chunk()).await {
            Ok(Ok(None)) => None,
            Ok(Ok(Some(bytes))) => Some((Ok(bytes), Some(field))),
            Ok(Err(error)) => Some((Err(broken(error)), None)),
            Err(_) => Some((Err(Error::UploadBroken), None)),
        }
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::TooLarge { limit: 0 }
    } else {
        Error::UploadBroken
    }
}
