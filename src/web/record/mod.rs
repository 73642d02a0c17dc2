//! `/record`: an officer records one announced declaration, or one licence taken, through a form without script; files
//! of evidence go straight into the store, part by part.

mod fields;
mod post;
mod view;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::get,
};

use super::{Web, errors, session::Member, upload, visitor::Visitor};
use crate::{
    domain::{
        access::{self, Operation},
        record::RecordKind,
    },
    ops::{Error, Services},
};
use view::Form;

/// The form's addresses.
pub fn router(services: &Services) -> Router<Web> {
    Router::new()
        .route("/record", get(choose))
        .route(
            "/record/declaration",
            get(declaration).post(post::declaration),
        )
        .route("/record/licence", get(licence).post(post::licence))
        .layer(DefaultBodyLimit::max(upload::body_bytes(services)))
}

async fn choose(State(services): State<Services>, member: Member, visitor: Visitor) -> Response {
    match access::check(&member.actor, Operation::ImportRecords, None) {
        Ok(()) => unkept(visitor.page(StatusCode::OK, &view::Choice::new(&visitor, &services))),
        Err(denied) => errors::page(&visitor, &Error::Denied(denied)),
    }
}

async fn declaration(member: Member, visitor: Visitor) -> Response {
    empty(&member, &visitor, RecordKind::Declarations)
}

async fn licence(member: Member, visitor: Visitor) -> Response {
    empty(&member, &visitor, RecordKind::Licences)
}

fn empty(member: &Member, visitor: &Visitor, kind: RecordKind) -> Response {
    match access::check(&member.actor, Operation::ImportRecords, None) {
        Ok(()) => visitor.form_page(StatusCode::OK, &Form::empty(visitor, kind)),
        Err(denied) => errors::page(visitor, &Error::Denied(denied)),
    }
}

/// No browser and no proxy keeps it.
fn unkept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
