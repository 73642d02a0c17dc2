//! The pages: server-rendered, Chinese first with English beside it, no script, nothing from another host.
//! A page reads through `ops` what anybody may read and shows it; every number and word of a patent is
//! escaped by the template.

pub mod about;
pub mod account;
pub mod address;
pub mod assets;
pub mod bulletin;
mod card;
pub mod chart;
pub mod colleagues;
pub mod conditions;
mod correction;
pub mod desk;
pub mod entry;
pub mod errors;
pub mod facets;
pub mod file;
pub mod form;
pub mod heads;
pub mod hits;
pub mod home;
pub mod inbox;
pub mod keys;
mod listings;
pub mod lists;
pub mod merging;
mod nav;
pub mod needs;
pub mod notice;
pub mod offer;
pub mod office;
pub mod out;
pub mod patent;
pub mod progress;
pub mod provider;
pub mod record;
pub mod search;
pub mod security;
pub mod session;
pub mod upload;
pub mod visitor;
pub mod words;

use std::{num::NonZeroU32, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware,
    response::Response,
    routing::{get, post},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

use crate::ops::{Error, Services};

/// What the operator sets of the pages.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Cookies go over TLS only; off where the server listens on loopback without a proxy.
    pub secure: bool,
    /// Attempts to sign in or to register, for one address. 0: no limit.
    pub attempts_per_minute: u32,
}

/// What every page sees. Cheap to clone.
#[derive(Clone)]
pub struct Web {
    pub services: Services,
    pub options: Options,
    attempts: Option<Arc<DefaultKeyedRateLimiter<String>>>,
}

impl FromRef<Web> for Services {
    fn from_ref(web: &Web) -> Self {
        web.services.clone()
    }
}

/// Addresses remembered before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

impl Web {
    fn new(services: Services, options: Options) -> Self {
        let attempts = NonZeroU32::new(options.attempts_per_minute)
            .map(|n| Arc::new(RateLimiter::keyed(Quota::per_minute(n))));
        Self {
            services,
            options,
            attempts,
        }
    }

    /// Refuses an address that tries too often; beside the waiting of each login, which replicas share.
    fn check_share(&self, caller: &str) -> Result<(), Error> {
        let Some(attempts) = &self.attempts else {
            return Ok(());
        };
        if attempts.len() > REMEMBERED {
            attempts.retain_recent();
        }
        attempts.check_key(&caller.to_owned()).map_err(|wait| {
            let seconds = wait.wait_time_from(attempts.clock().now()).as_secs() + 1;
            Error::Wait {
                seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
            }
        })
    }
}

/// Every page and asset. Unknown addresses outside the API get a page that helps to go on.
pub fn router(services: Services, options: Options) -> Router {
    let rooms = record::router(&services)
        .merge(office::router(&services))
        .merge(desk::router(&services))
        .merge(listings::router(&services));
    let web = Web::new(services, options);
    let uploads = Router::new()
        .route("/account/licence", post(account::licence))
        .route("/account/delegations", post(account::delegate))
        .layer(DefaultBodyLimit::max(upload::body_bytes(&web.services)));
    Router::new()
        .route("/", get(home::show))
        .route("/patents", get(search::show))
        .route("/patents/{number}", get(patent::show))
        .route(
            "/patents/{number}/corrections/{unit}",
            get(correction::show).post(correction::correct),
        )
        .route(
            "/patents/{number}/corrections/{unit}/take-back",
            post(correction::take_back),
        )
        .route(
            "/patents/{number}/notice",
            get(notice::show).post(notice::give),
        )
        .route("/files/{id}", get(file::show))
        .route("/export/{list}", get(out::show))
        .route("/about/permissions", get(about::permissions))
        .route("/about/merging", get(about::merging))
        .route("/about/audit", get(heads::show))
        .route("/needs", get(needs::list))
        .route("/needs/{id}", get(needs::show))
        .route("/bulletins", get(bulletin::list))
        .route("/bulletins/{month}", get(bulletin::show))
        .route("/bulletins/{month}/export", get(bulletin::export))
        .route("/progress", get(progress::show))
        .route("/progress/{metric}", get(progress::units))
        .route("/register", get(entry::show_register).post(entry::register))
        .route("/signin", get(entry::show_sign_in).post(entry::sign_in))
        .route("/signin/code", post(entry::sign_in_code))
        .route(
            "/signin/with/{name}",
            get(provider::back).post(provider::go),
        )
        .route("/signout", post(entry::sign_out))
        .route(
            "/invitation/{token}",
            get(entry::show_invitation).post(entry::accept),
        )
        .route("/account", get(account::show))
        .route("/account/contact", post(account::contact))
        .route("/account/password", post(account::password))
        .route("/account/sessions/end", post(account::end_session))
        .route("/account/act", post(account::act))
        .route("/account/delegations/end", post(account::end_delegation))
        .route("/account/security", get(security::show))
        .route("/account/security/begin", post(security::begin))
        .route("/account/security/confirm", post(security::confirm))
        .route("/account/security/codes", post(security::renew))
        .route("/account/security/remove", post(security::remove))
        .route("/account/security/link/{name}", post(security::link))
        .route("/account/security/unlink", post(security::unlink))
        .route(
            "/account/colleagues",
            get(colleagues::show).post(colleagues::invite),
        )
        .route("/account/colleagues/decide", post(colleagues::decide))
        .route("/account/data", get(colleagues::data))
        .route(
            "/account/erase",
            get(colleagues::show_erase).post(colleagues::erase),
        )
        .route("/account/keys", get(keys::list).post(keys::create))
        .route("/account/keys/{id}", get(keys::show))
        .route("/account/keys/{id}/rotate", post(keys::rotate))
        .route("/account/keys/{id}/change", post(keys::change))
        .route("/account/keys/{id}/revoke", post(keys::revoke))
        .route("/inbox", get(inbox::show))
        .route("/inbox/read", post(inbox::read))
        .merge(uploads)
        .merge(rooms)
        .fallback(errors::unknown)
        .layer(middleware::from_fn_with_state(web.clone(), session::attach))
        .route("/assets/{file}", get(assets::show))
        .layer(middleware::map_response(guarded))
        .with_state(web)
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
