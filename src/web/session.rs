//! Who is signed in: the session's cookie, read once a request; its token changed every day; and what a form's token is
//! bound to. Handlers learn of it through `Visitor` and `Member` alone.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Web,
    address::Address,
    errors,
    visitor::{Visitor, cookie},
};
use crate::{
    domain::event::sha256_hex,
    ops::sessions::{self, Asker, SignedIn},
};

/// The session's cookie.
pub const COOKIE: &str = "kaixu";
/// Binds the forms of those who are not signed in.
const FORM_COOKIE: &str = "kaixu-form";
/// What a browser keeps while it is away at a provider.
const AWAY_COOKIE: &str = "kaixu-away";
const AWAY_LIFE_SECONDS: i64 = 900;
/// Long enough to fill in a form.
const FORM_LIFE_SECONDS: i64 = 7_200;

/// What the layer found out about a request. Its `Debug` shows no secret.
#[derive(Clone)]
pub struct Known {
    pub who: Option<Arc<SignedIn>>,
    /// The session's token as the browser will next send it, or the form cookie's value.
    secret: Arc<str>,
    /// The browser does not have the form cookie yet.
    new_form_cookie: bool,
    secure: bool,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

impl Known {
    /// The token of a form that is sent to `action`: bound to the session, to what the form does, and to whom it is
    /// done for; a form that was opened for one principal does nothing for another.
    pub fn form_token(&self, action: &str) -> String {
        let principal = self.who.as_ref().and_then(|who| who.principal.as_ref());
        let whom = principal.map_or_else(String::new, |party| party.id.to_string());
        sha256_hex(format!("kaixu form\n{action}\n{whom}\n{}", self.secret).as_bytes())
    }

    /// Hands out the form cookie with a page whose forms need it.
    pub fn with_form_cookie(&self, mut response: Response) -> Response {
        if self.new_form_cookie {
            let text = set_cookie(FORM_COOKIE, &self.secret, FORM_LIFE_SECONDS, self.secure);
            append(&mut response, &text);
        }
        response
    }
}

/// The session that a request brought, for ending it.
#[derive(Clone)]
pub struct Brought(pub Option<Arc<str>>);

impl<S: Send + Sync> FromRequestParts<S> for Brought {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let found = parts.extensions.get::<Self>().cloned();
        Ok(found.unwrap_or(Self(None)))
    }
}

/// What the browser has kept while it was away at a provider.
#[derive(Clone)]
pub struct Away(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Away {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(kept(&parts.headers, AWAY_COOKIE)))
    }
}

/// Gives the browser what it keeps while it is away.
pub fn leave(response: &mut Response, secret: &str, secure: bool) {
    let text = set_cookie(AWAY_COOKIE, secret, AWAY_LIFE_SECONDS, secure);
    append(response, &text);
}

/// It is back.
pub fn returned(response: &mut Response, secure: bool) {
    append(response, &set_cookie(AWAY_COOKIE, "", 0, secure));
}

/// Somebody who is signed in; whoever is not is led to sign in and back.
#[derive(Clone, Debug)]
pub struct Member(pub Arc<SignedIn>);

impl std::ops::Deref for Member {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Member {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let known = parts.extensions.get::<Known>();
        if let Some(who) = known.and_then(|known| known.who.clone()) {
            return Ok(Self(who));
        }
        let next = if parts.method == Method::GET {
            let there = parts
                .uri
                .path_and_query()
                .map_or("", |there| there.as_str());
            utf8_percent_encode(there, NON_ALPHANUMERIC).to_string()
        } else {
            String::new()
        };
        Err(see_other(&format!("/signin?next={next}")))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Member {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        let known = parts.extensions.get::<Known>();
        Ok(known.and_then(|known| known.who.clone()).map(Self))
    }
}

/// Reads the cookies, finds the session, and says afterwards what the browser is to keep.
pub async fn attach(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let (token, form) = cookies(request.headers());
    let may_rotate = request.method() == Method::GET;
    let found = match &token {
        Some(token) => match sessions::find(&web.services, token, may_rotate).await {
            Ok(found) => found,
            Err(error) => {
                let visitor = Visitor::of(&Address::of(request.uri()), request.headers());
                return errors::page(&visitor, &error);
            }
        },
        None => None,
    };
    let secure = web.options.secure;
    let (known, fresh) = match (found, &token) {
        (Some((who, fresh)), Some(token)) => {
            let fresh = fresh.map(|secret| secret.reveal().to_owned());
            let known = Known {
                who: Some(Arc::new(who)),
                secret: fresh.as_deref().unwrap_or(token).into(),
                new_form_cookie: false,
                secure,
            };
            (known, fresh)
        }
        _ => {
            let known = Known {
                who: None,
                new_form_cookie: form.is_none(),
                secret: form
                    .unwrap_or_else(|| hex::encode(web.services.ids.secret()))
                    .into(),
                secure,
            };
            (known, None)
        }
    };
    if let (Some(who), Some(Asker(asker))) =
        (known.who.as_deref(), request.extensions().get::<Asker>())
    {
        let _ = asker.set(who.actor.name.clone());
    }
    let stale = token.is_some() && known.who.is_none();
    let personal = known.who.is_some();
    request
        .extensions_mut()
        .insert(Brought(token.map(Into::into)));
    request.extensions_mut().insert(known);
    let mut response = next.run(request).await;
    let decided = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .any(|value| value.as_bytes().starts_with(b"kaixu="));
    if !decided {
        if let Some(token) = fresh {
            keep(&mut response, &token, secure);
        } else if stale {
            forget(&mut response, secure);
        }
    }
    if personal {
        // Pages of somebody who is signed in show who it is, and are kept nowhere.
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// The session's token and what forms are bound to, as the browser sent them.
fn cookies(headers: &HeaderMap) -> (Option<String>, Option<String>) {
    (kept(headers, COOKIE), kept(headers, FORM_COOKIE))
}

/// A cookie of ours.
fn kept(headers: &HeaderMap, name: &str) -> Option<String> {
    let header = headers.get(header::COOKIE)?.to_str().ok()?;
    let value = cookie(header, name).filter(|value| is_token(value))?;
    Some(value.to_owned())
}

/// Ours are 64 hexadecimal digits; whatever else is there was not made here.
fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn set_cookie(name: &str, value: &str, seconds: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax; HttpOnly{secure}")
}

fn append(response: &mut Response, text: &str) {
    if let Ok(mut value) = HeaderValue::from_str(text) {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Gives the browser its session.
pub fn keep(response: &mut Response, token: &str, secure: bool) {
    append(
        response,
        &set_cookie(COOKIE, token, sessions::LIFE_SECONDS, secure),
    );
}

/// Takes the session from the browser.
pub fn forget(response: &mut Response, secure: bool) {
    append(response, &set_cookie(COOKIE, "", 0, secure));
}

/// After a form: the page to read next.
pub fn see_other(to: &str) -> Response {
    let kept = [(header::LOCATION, to), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SEE_OTHER, kept).into_response()
}
