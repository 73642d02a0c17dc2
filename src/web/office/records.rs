//! `/office/records`: lists of announced declarations, of licences taken, and of legal events and statuses.

use axum::{
    extract::{Request, State},
    response::Response,
};

use super::Officer;
use crate::{
    domain::record::RecordKind,
    web::{
        Web,
        form::Form,
        lists::{self, Place},
        nav::{Nav, Tab},
        visitor::Visitor,
    },
};

const PLACE: Place = Place {
    here: "/office/records",
    commit: "/office/records/commit",
    kinds: &RecordKind::ALL,
    nav: |v, member| Nav::new(v, member, Tab::Records),
};

/// `GET /office/records`
pub async fn show(Officer(member): Officer, visitor: Visitor) -> Response {
    lists::show(PLACE, &visitor, &member)
}

/// `POST /office/records`: keeps the file and says what would become of it.
pub async fn rehearse(State(web): State<Web>, _: Officer, request: Request) -> Response {
    lists::rehearse(PLACE, &web, request).await
}

/// `POST /office/records/commit`: records the file that was rehearsed.
pub async fn commit(State(web): State<Web>, Officer(member): Officer, form: Form) -> Response {
    lists::commit(PLACE, &web, &member, &form).await
}
