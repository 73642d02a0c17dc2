//! `/export/{list}`: a list as a file for whoever may see the list, and the links to it that stand beside every list.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{Uri, header},
    response::{IntoResponse as _, Response},
};
use tokio_util::io::ReaderStream;

use super::{address::Address, errors, session::Member, visitor::Visitor};
use crate::{
    domain::access::Actor,
    ops::{
        self, Error, Services,
        out::{self, List, Made, OutFormat},
        params::Params,
    },
};

/// The same list as XLSX, CSV and JSON lines: label and address.
pub struct Files(pub [(&'static str, String); 3]);

impl Files {
    /// Of a list as an address narrows it; where a page of it begins does not count.
    pub fn of(list: List, address: &Address) -> Self {
        let path = format!("/export/{}", list.as_str());
        let bare = address.without(&["after", "lang"]);
        let file = |label, format| (label, bare.set("format", format).at(&path));
        Self([
            file("XLSX", "xlsx"),
            file("CSV", "csv"),
            file("JSON Lines", "ndjson"),
        ])
    }
}

/// `GET /export/{list}`
pub async fn show(
    State(services): State<Services>,
    member: Option<Member>,
    visitor: Visitor,
    Path(list): Path<String>,
    uri: Uri,
) -> Response {
    match make(&services, member.as_ref(), &list, &uri).await {
        Ok((made, list)) => sent(made, list.as_str()),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn make(
    services: &Services,
    member: Option<&Member>,
    list: &str,
    uri: &Uri,
) -> ops::Result<(Made, List)> {
    let list = List::parse(list).ok_or(Error::NotFound("list"))?;
    let mut params = Params::parse(uri.query().unwrap_or_default())?;
    params.take_all("lang");
    let format = params.word("format", OutFormat::parse, &OutFormat::WORDS)?;
    let format = format.unwrap_or(OutFormat::Xlsx);
    let anonymous = Actor::anonymous();
    let actor = member.map_or(&anonymous, |member| &member.actor);
    let made = out::list(services, actor, list, params, format).await?;
    Ok((made, list))
}

/// A file that was made, as an answer.
pub fn sent(made: Made, name: &str) -> Response {
    let name = format!(
        "attachment; filename=\"{name}.{}\"",
        made.format.extension()
    );
    let headers = [
        (header::CONTENT_TYPE, made.format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_LENGTH, made.bytes.to_string()),
        (
            header::HeaderName::from_static("x-total-count"),
            made.rows.to_string(),
        ),
        (header::CACHE_CONTROL, "no-store, no-transform".to_owned()),
    ];
    let file = tokio::fs::File::from_std(made.file);
    (headers, Body::from_stream(ReaderStream::new(file))).into_response()
}
