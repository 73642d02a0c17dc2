//! `GET /desk/stock/sheet`: the list as it is narrowed, in a layout and a format of one's choice.

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use tokio_util::io::ReaderStream;

use super::asked::Asked;
use crate::{
    ops::{
        self, Error,
        out::{self, Made, OutFormat},
    },
    web::{Web, errors, session::Member, visitor::Visitor},
};

pub async fn sheet(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match make(&web, &member, &visitor).await {
        Ok(made) => sent(made),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn make(web: &Web, member: &Member, visitor: &Visitor) -> ops::Result<Made> {
    let asked = Asked::of(|name| visitor.address.first(name))?;
    let format = OutFormat::parse(visitor.address.first("format"));
    let format = format.ok_or(Error::NotFound("format"))?;
    let layout = visitor.address.first("layout");
    out::stock(&web.services, &member.actor, &asked.filter, layout, format).await
}

fn sent(made: Made) -> Response {
    let name = format!("attachment; filename=\"stock.{}\"", made.format.extension());
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
