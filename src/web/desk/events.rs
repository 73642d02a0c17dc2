//! `/desk/events`: a holder's list of what happened to its patents: pledges, preservations, lapses, statuses.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    response::Response,
    routing::{get, post},
};

use super::{Nav, Tab};
use crate::{
    domain::{
        access::{self, Operation},
        record::RecordKind,
    },
    ops::{Error, Services},
    web::{
        Web, errors,
        form::Form,
        lists::{self, Place},
        session::Member,
        upload,
        visitor::Visitor,
    },
};

const PLACE: Place = Place {
    here: "/desk/events",
    commit: "/desk/events/commit",
    kinds: &[RecordKind::Events],
    nav: |v, member| Nav::new(v, member, Tab::Imports),
};

pub fn router(services: &Services) -> Router<Web> {
    Router::new()
        .route("/desk/events", get(show).post(rehearse))
        .layer(DefaultBodyLimit::max(upload::body_bytes(services)))
        .route("/desk/events/commit", post(commit))
}

/// `GET /desk/events`
async fn show(member: Member, visitor: Visitor) -> Response {
    let own = member.actor.organisation.as_ref();
    match access::check(&member.actor, Operation::ImportEvents, own) {
        Ok(()) => lists::show(PLACE, &visitor, &member),
        Err(denied) => errors::page(&visitor, &Error::from(denied)),
    }
}

/// `POST /desk/events`: keeps the file and says what would become of it.
async fn rehearse(State(web): State<Web>, _: Member, request: Request) -> Response {
    lists::rehearse(PLACE, &web, request).await
}

/// `POST /desk/events/commit`: records the file that was rehearsed.
async fn commit(State(web): State<Web>, member: Member, form: Form) -> Response {
    lists::commit(PLACE, &web, &member, &form).await
}
