//! The desk: the pages on which a holder or an enterprise does its own work, under one navigation that shows each of
//! them what is theirs.

mod appraisals;
mod cards;
mod choices;
mod conflicts;
mod consents;
mod declarations;
mod disputes;
pub mod due;
mod enquiries;
mod events;
mod fees;
mod home;
mod imports;
mod inventory;
mod licences;
mod needs;
mod papers;
mod questionnaire;
mod review;
mod stock;
mod sub_units;
mod submissions;
pub mod tables;
mod tasks;

use axum::{
    Router,
    routing::{get, post},
};

use super::{
    Web,
    nav::{Nav, Tab},
};
use crate::ops::Services;

/// The desk's pages.
pub fn router(services: &Services) -> Router<Web> {
    Router::new()
        .route("/desk", get(home::show))
        .route("/desk/stock", get(stock::show))
        .route("/desk/stock/sheet", get(stock::sheet))
        .route("/desk/stock/edit", post(stock::edit))
        .route("/desk/tasks", get(tasks::show))
        .route("/desk/review", get(review::show))
        .route(
            "/desk/review/settings",
            get(review::settings).post(review::set),
        )
        .route("/desk/inventory/{id}/steps", post(inventory::step))
        .route(
            "/desk/inventory/{id}",
            get(inventory::show).post(inventory::update),
        )
        .merge(imports::router(services))
        .route("/desk/appraisals", get(appraisals::show))
        .merge(cards::router(services))
        .route("/desk/conflicts", get(conflicts::show))
        .route("/desk/conflicts/{id}", post(conflicts::resolve))
        .route("/desk/consents", get(consents::show))
        .route("/desk/consents/{id}", post(consents::answer))
        .merge(due::router(services))
        .merge(events::router(services))
        .merge(fees::router(services))
        .merge(papers::router())
        .merge(submissions::router(services))
        .route("/desk/units", get(sub_units::list))
        .route("/desk/units/defaults", post(sub_units::fill))
        .route(
            "/desk/units/new",
            get(sub_units::begin).post(sub_units::create),
        )
        .route(
            "/desk/units/{code}",
            get(sub_units::show).post(sub_units::update),
        )
        .merge(questionnaire::router(services))
        .merge(declarations::router(services))
        .route("/desk/needs", get(needs::list).post(needs::create))
        .route("/desk/needs/{id}", get(needs::show).post(needs::update))
        .route("/desk/needs/{id}/steps", post(needs::step))
        .route("/desk/needs/{id}/feedback", post(needs::feedback))
        .merge(licences::router(services))
        .merge(enquiries::router())
        .merge(disputes::router(services))
}
