//! Forms with a file. The token comes first and is checked before a byte of the file is read; the file is last and goes
//! to the store as it arrives.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    RequestExt as _,
    extract::{FromRequest as _, Multipart, Request, multipart::Field},
    response::Response,
};
use bytes::Bytes;
use futures_util::{Stream, stream};

use super::{
    Web, errors,
    form::{admitted, token_fits},
    session::Member,
    visitor::Visitor,
};
use crate::{
    domain::id::Id,
    ops::{self, Error, files},
};

/// The longest text beside a file, bytes.
const TEXT_BYTES: usize = 4_096;
/// How long an upload may pause between two pieces.
const PAUSE: Duration = Duration::from_secs(20);

/// What came with a file, and the file.
pub struct Uploaded {
    pub visitor: Visitor,
    pub member: Member,
    fields: BTreeMap<String, String>,
    pub file: Id,
}

impl Uploaded {
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// Reads a form with a file; refusals are pages.
pub async fn receive(web: &Web, request: Request) -> Result<Uploaded, Response> {
    let (mut parts, body) = request.into_parts();
    let visitor = admitted(&mut parts, web).await?;
    let mut request = Request::from_parts(parts, body);
    let member: Member = request.extract_parts_with_state(web).await?;
    let action = request.uri().path().to_owned();
    let broken = |_| errors::page(&visitor, &Error::UploadBroken);
    let mut form = Multipart::from_request(request, web)
        .await
        .map_err(|_| errors::form_page(&visitor))?;
    let mut fields = BTreeMap::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            let text = short(field)
                .await
                .map_err(|error| errors::page(&visitor, &error))?;
            fields.entry(name).or_insert(text);
            continue;
        }
        let token = fields.get("csrf").map_or("", String::as_str);
        if !token_fits(&visitor, &action, token) {
            return Err(errors::form_page(&visitor));
        }
        let new = files::NewFile {
            name: field.file_name().unwrap_or_default().to_owned(),
            media_type: field.content_type().unwrap_or_default().to_owned(),
            ..files::NewFile::default()
        };
        let made = files::create(&web.services, &member.actor, new, pieces(field)).await;
        let file = made.map_err(|error| errors::page(&visitor, &error))?.id;
        return Ok(Uploaded {
            visitor,
            member,
            fields,
            file,
        });
    }
    Err(errors::form_page(&visitor))
}

async fn short(mut field: Field<'_>) -> ops::Result<String> {
    let mut text = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(|_| Error::UploadBroken)? {
        text.extend_from_slice(&bytes);
        if text.len() > TEXT_BYTES {
            return Err(Error::TooLarge {
                limit: TEXT_BYTES as u64,
            });
        }
    }
    String::from_utf8(text).map_err(|_| Error::UploadBroken)
}

fn pieces(field: Field<'_>) -> impl Stream<Item = ops::Result<Bytes>> {
    stream::unfold(Some(field), |open| async move {
        let mut field = open?;
        match tokio::time::timeout(PAUSE, field.chunk()).await {
            Ok(Ok(Some(bytes))) => Some((Ok(bytes), Some(field))),
            Ok(Ok(None)) => None,
            Ok(Err(_)) | Err(_) => Some((Err(Error::UploadBroken), None)),
        }
    })
}
