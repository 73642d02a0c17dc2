//! The officer's desk, under one navigation: what waits, accounts, holdings, recorded history, targets, tasks, and what
//! happened to whatever is asked for. Nobody else opens any of it.

mod accounts;
mod audit;
mod coverage;
mod dictionaries;
mod holdings;
mod home;
mod records;
mod reference;
mod reported;
mod targets;
mod tasks;
mod trail;

use std::convert::Infallible;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts},
    http::request::Parts,
    response::Response,
    routing::{get, post},
};

use super::{
    Web, errors,
    session::{Member, see_other},
    upload,
    visitor::Visitor,
};
use crate::{
    domain::access::Denied,
    ops::{Error, Services},
};

/// The officer's pages.
pub fn router(services: &Services) -> Router<Web> {
    Router::new()
        .route("/office", get(home::show))
        .route("/office/accounts", get(accounts::show))
        .route("/office/accounts/decide", post(accounts::decide))
        .route("/office/organisations", post(accounts::verify))
        .route("/office/individuals", post(accounts::verify_individual))
        .route("/office/invitations", post(accounts::invite))
        .route(
            "/office/holdings",
            get(holdings::show).post(holdings::confirm),
        )
        .route("/office/targets", get(targets::show).post(targets::write))
        .route("/office/closings", post(super::bulletin::close))
        .route("/office/tasks", get(tasks::show))
        .route(
            "/office/dictionaries",
            get(dictionaries::show).post(dictionaries::write),
        )
        .route("/office/coverage", get(coverage::show))
        .route("/office/audit", get(audit::show))
        .route("/office/reference/remove", post(reference::remove))
        .merge(
            Router::new()
                .route(
                    "/office/reference",
                    get(reference::show).post(reference::load),
                )
                .layer(DefaultBodyLimit::max(upload::import_bytes(services))),
        )
        .route("/office/trail", get(trail::show))
        .route("/office/trail.csv", get(trail::csv))
        .route("/office/records/commit", post(records::commit))
        .merge(
            Router::new()
                .route(
                    "/office/records",
                    get(records::show).post(records::rehearse),
                )
                .route(
                    "/office/reported",
                    get(reported::show).post(reported::enter),
                )
                .layer(DefaultBodyLimit::max(upload::body_bytes(services))),
        )
}

/// An officer who is signed in; anybody else gets the page that says so.
pub struct Officer(pub Member);

impl<S: Send + Sync> FromRequestParts<S> for Officer {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let member = <Member as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        if member.is_officer() {
            return Ok(Self(member));
        }
        if member.must_enrol {
            return Err(see_other("/account/security"));
        }
        let visitor: Result<Visitor, Infallible> = Visitor::from_request_parts(parts, state).await;
        let visitor = match visitor {
            Ok(visitor) => visitor,
            Err(never) => match never {},
        };
        Err(errors::page(&visitor, &Error::Denied(Denied::Role)))
    }
}
