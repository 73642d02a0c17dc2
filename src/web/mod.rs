//! The pages: server-rendered, Chinese first with English beside it, no script, nothing from another host.
//! A page reads through `ops` what anybody may read and shows it; every number and word of a patent is
//! escaped by the template.

pub mod address;
pub mod assets;
pub mod chart;
pub mod conditions;
pub mod errors;
pub mod facets;
pub mod hits;
pub mod home;
pub mod offer;
pub mod patent;
pub mod progress;
pub mod record;
pub mod search;
pub mod visitor;
pub mod words;

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware,
    response::Response,
    routing::get,
};

use crate::ops::Services;

/// Every page and asset. Unknown addresses outside the API get a page that helps to go on.
pub fn router(services: Services) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/patents", get(search::show))
        .route("/patents/{number}", get(patent::show))
        .route("/progress", get(progress::show))
        .route("/progress/{metric}", get(progress::units))
        .fallback(errors::unknown)
        .route("/assets/{file}", get(assets::show))
        .merge(record::router(&services))
        .layer(middleware::map_response(guarded))
        .with_state(services)
}

/// What a browser may do with our pages: show them, fetch our style and pictures, send our forms to us.
const GUARDS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

async fn guarded(mut response: Response) -> Response {
    guard(response.headers_mut());
    response
}

fn guard(headers: &mut HeaderMap) {
    for (name, value) in GUARDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
