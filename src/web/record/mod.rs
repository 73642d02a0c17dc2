//! `/record`: one announced declaration, or one licence taken, through a form without script. Until there are
//! accounts an officer signs each form with the office's key, which is read, used and forgotten; files of evidence
//! go straight into the store, part by part.

mod fields;
mod post;
mod posted;
mod view;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::get,
};

use super::{Web, visitor::Visitor};
use crate::{domain::record::RecordKind, ops::Services};
use view::Form;

/// Files that one form can carry, and room for its texts.
const FILES: usize = 5;
const TEXTS: usize = 1 << 20;

/// The form's addresses.
pub fn router(services: &Services) -> Router<Web> {
    Router::new()
        .route("/record", get(choose))
        .route(
            "/record/declaration",
            get(declaration).post(post::declaration),
        )
        .route("/record/licence", get(licence).post(post::licence))
        .layer(DefaultBodyLimit::max(most(services)))
}

/// The largest form, bytes.
fn most(services: &Services) -> usize {
    let file_bytes = usize::try_from(services.limits.file_bytes).unwrap_or(usize::MAX);
    file_bytes.saturating_mul(FILES).saturating_add(TEXTS)
}

async fn choose(State(services): State<Services>, visitor: Visitor) -> Response {
    unkept(visitor.page(StatusCode::OK, &view::Choice::new(&visitor, &services)))
}

async fn declaration(visitor: Visitor) -> Response {
    empty(&visitor, RecordKind::Declarations)
}

async fn licence(visitor: Visitor) -> Response {
    empty(&visitor, RecordKind::Licences)
}

fn empty(visitor: &Visitor, kind: RecordKind) -> Response {
    unkept(visitor.page(StatusCode::OK, &Form::empty(visitor, kind)))
}

/// No browser and no proxy keeps it.
fn unkept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
