//! `/office/listings` and `/desk/listings`: announced lists from outside. A list is read at once and changes nothing of ours;
//! each line then has a page with both sides beside each other, on which an officer decides with a reason and enters what was
//! announced. A holder sees the lines of its own patents and makes drafts of its pilot listings.

mod list;
mod one;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use super::{Web, nav::Tab, upload};
use crate::ops::Services;

/// In which part of the house the pages stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Office,
    Desk,
}

impl Part {
    const fn address(self) -> &'static str {
        match self {
            Self::Office => "/office/listings",
            Self::Desk => "/desk/listings",
        }
    }

    const fn tab(self) -> Tab {
        match self {
            Self::Office => Tab::OfficeListings,
            Self::Desk => Tab::Listings,
        }
    }
}

pub fn router(services: &Services) -> Router<Web> {
    let lists = get(list::of_office).post(list::read);
    Router::new()
        .route(
            "/office/listings",
            lists.layer(DefaultBodyLimit::max(upload::body_bytes(services))),
        )
        .route("/office/listings/{id}", get(one::of_office))
        .route("/office/listings/{id}/decide", post(one::decide))
        .route("/office/listings/{id}/enter", post(one::enter))
        .route("/office/listings/{id}/draft", post(one::convert))
        .route("/desk/listings", get(list::of_desk))
        .route("/desk/listings/{id}", get(one::of_desk))
        .route("/desk/listings/{id}/draft", post(one::convert_own))
}
