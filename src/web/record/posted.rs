//! A form arrives as it is sent: texts first, then the key, then the files. Nothing is stored before the key is
//! accepted and the texts can be read; a file is never held in memory.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    extract::{
        Multipart,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
};
use bytes::Bytes;
use futures_util::{Stream, stream};

use super::view::Filled;
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        intake::{Cell, RejectCode},
        media::MediaType,
        record::{Column, Flaw, Line, RecordKind, read_declaration, read_licence},
        text::Text,
    },
    ops::{Error, Services, files, keys, records},
};

/// How long a form may pause between two pieces.
const PAUSE: Duration = Duration::from_secs(30);
/// The longest text of a field, bytes.
const TEXT_BYTES: usize = 64 << 10;
/// The most parts of a form.
const PARTS: usize = 64;

/// A form on its way in.
pub(super) struct Posted<'a> {
    services: &'a Services,
    kind: RecordKind,
    pub(super) filled: Filled,
    key: String,
    /// Files by what they are stored as.
    files: BTreeMap<Column, String>,
    /// Who sends it, once that is known; what it is refused with, if it is.
    gate: Option<Result<Actor, StatusCode>>,
}

impl<'a> Posted<'a> {
    pub(super) fn new(services: &'a Services, kind: RecordKind) -> Self {
        Self {
            services,
            kind,
            filled: Filled::default(),
            key: String::new(),
            files: BTreeMap::new(),
            gate: None,
        }
    }

    /// Reads the form to its end; the rest of one that is refused is read and thrown away, so that the browser
    /// hears why.
    pub(super) async fn receive(&mut self, mut form: Multipart) -> Result<(), Error> {
        for _ in 0..PARTS {
            let next = tokio::time::timeout(PAUSE, form.next_field()).await;
            let Some(field) = next.map_err(|_| Error::UploadBroken)?.map_err(broken)? else {
                return Ok(());
            };
            let name = field.name().unwrap_or_default().to_owned();
            if name == "key" {
                self.key = text(field).await?.unwrap_or_default();
                continue;
            }
            let columns = Column::all(self.kind).iter().copied();
            let Some(column) = columns.into_iter().find(|column| column.key() == name) else {
                continue;
            };
            if column.is_file() {
                self.file(column, field).await?;
            } else if let Some(text) = text(field).await? {
                self.filled.values.insert(column, text);
            } else {
                self.flaw(Flaw::of(column, RejectCode::TooLong, ""));
            }
        }
        Err(Error::UploadBroken)
    }

    /// Stores a file as the office's, when the form may go on.
    async fn file(&mut self, column: Column, field: Field<'_>) -> Result<(), Error> {
        let name = field.file_name().unwrap_or_default().to_owned();
        if name.is_empty() {
            return Ok(());
        }
        let Ok(actor) = self.gate().await? else {
            return Ok(());
        };
        let said = field.content_type().unwrap_or_default();
        let by_name = || MediaType::of_name(&name).map_or("", MediaType::as_str);
        // Browsers do not know every type that is taken.
        let media_type = MediaType::read(said).map_or_else(by_name, MediaType::as_str);
        let new = files::NewFile {
            media_type: media_type.to_owned(),
            name,
            owner: None,
            idempotency_key: None,
        };
        match files::create(self.services, &actor, new, pieces(field)).await {
            Ok(file) => {
                self.files.insert(column, file.id.to_string());
            }
            Err(error @ (Error::Busy | Error::Internal(_) | Error::UploadBroken)) => {
                return Err(error);
            }
            Err(error) => {
                let Text { zh, en } = match &error {
                    Error::Parameters(faults) | Error::Invalid(faults) => faults
                        .first()
                        .map_or_else(|| error.text(), |fault| fault.text.clone()),
                    other => other.text(),
                };
                self.flaw(Flaw::new(column, "", error.code(), zh, en));
            }
        }
        Ok(())
    }

    fn flaw(&mut self, flaw: Flaw) {
        self.filled.flaws.push(flaw);
    }

    /// Who sends the form, and whether its texts can be read; asked once, before anything is stored.
    async fn gate(&mut self) -> Result<Result<Actor, StatusCode>, Error> {
        if let Some(known) = &self.gate {
            return Ok(known.clone());
        }
        let gate = match self.actor().await {
            Ok(actor) => match self.unreadable() {
                flaws if flaws.is_empty() => Ok(actor),
                flaws => {
                    self.filled.flaws.extend(flaws);
                    Err(StatusCode::UNPROCESSABLE_ENTITY)
                }
            },
            Err(error) => {
                let status = match error {
                    Error::Credentials | Error::Denied(Denied::Unauthenticated) => {
                        StatusCode::UNAUTHORIZED
                    }
                    Error::Denied(_) => StatusCode::FORBIDDEN,
                    other => return Err(other),
                };
                self.filled.key = Some(error.text());
                Err(status)
            }
        };
        self.gate = Some(gate.clone());
        Ok(gate)
    }

    async fn actor(&self) -> Result<Actor, Error> {
        let actor = keys::authenticate(self.services, self.key.trim()).await?;
        access::check(&actor, Operation::ImportRecords, None)?;
        access::check(&actor, Operation::CreateFile, None)?;
        Ok(actor)
    }

    /// What is wrong with the texts by themselves; a file that has not come yet is not missing.
    fn unreadable(&self) -> Vec<Flaw> {
        let line = self.line();
        let flaws = match self.kind {
            RecordKind::Declarations => read_declaration(&line).err(),
            RecordKind::Licences => read_licence(&line).err(),
        };
        let mut flaws = flaws.unwrap_or_default();
        flaws.retain(|flaw| !flaw.column.is_some_and(Column::is_file));
        flaws
    }

    fn line(&self) -> Line {
        let cells = self.filled.values.iter().chain(&self.files);
        let cells = cells.map(|(column, text)| {
            let header = column.title().to_owned();
            (*column, header, Cell::Text(text.clone()))
        });
        Line {
            number: 1,
            cells: cells.collect(),
        }
    }

    /// Records what has come, or says with which status the form is shown again.
    pub(super) async fn record(&mut self) -> Result<Result<records::Done, StatusCode>, Error> {
        let actor = match self.gate().await? {
            Ok(actor) => actor,
            Err(status) => return Ok(Err(status)),
        };
        if self.filled.flaws.is_empty() {
            let line = self.line();
            match records::record(self.services, &actor, self.kind, &line).await? {
                Ok(done) => return Ok(Ok(done)),
                Err(flaws) => self.filled.flaws = flaws,
            }
        }
        Ok(Err(StatusCode::UNPROCESSABLE_ENTITY))
    }
}

/// The text of a field; `None` where it is longer than any field may be.
async fn text(mut field: Field<'_>) -> Result<Option<String>, Error> {
    let mut bytes = Vec::new();
    let mut fits = true;
    loop {
        let chunk = tokio::time::timeout(PAUSE, field.chunk()).await;
        let chunk = chunk.map_err(|_| Error::UploadBroken)?.map_err(broken)?;
        let Some(chunk) = chunk else { break };
        fits = fits && bytes.len() + chunk.len() <= TEXT_BYTES;
        if fits {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(fits.then(|| String::from_utf8_lossy(&bytes).into_owned()))
}

/// The field's bytes as they arrive.
fn pieces(field: Field<'_>) -> impl Stream<Item = Result<Bytes, Error>> {
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
