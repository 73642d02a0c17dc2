//! Who reads a page: in which language, at which address. The language is what `?lang=` says, else the
//! cookie that an earlier `?lang=` left, else what the browser prefers, else Chinese.

use std::{convert::Infallible, sync::Arc};

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::{address::Address, assets, session::Known};
use crate::{
    domain::{
        reference::{Entry, Names},
        text::{Lang, Text},
    },
    ops::sessions::SignedIn,
};

/// A year, in seconds.
const COOKIE_LIFE: u32 = 31_536_000;

/// The reader of a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub lang: Lang,
    /// The parameters of the address, `lang` left out.
    pub address: Address,
    /// The request as the operator's log knows it.
    pub request: Option<String>,
    /// Who is signed in, and what forms are bound to.
    known: Option<Known>,
    /// The language was chosen with this request.
    chosen: bool,
    /// What codes are called.
    pub names: Arc<Names>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self {
            known: parts.extensions.get::<Known>().cloned(),
            names: parts
                .extensions
                .get::<Arc<Names>>()
                .cloned()
                .unwrap_or_else(Names::built_in),
            ..Self::of(&Address::of(&parts.uri), &parts.headers)
        })
    }
}

impl Visitor {
    pub fn of(address: &Address, headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let chosen = address.values("lang").find_map(lang);
        let kept = || cookie(text(&header::COOKIE)?, "lang").and_then(lang);
        Self {
            lang: chosen
                .or_else(kept)
                .unwrap_or_else(|| Lang::accepted(text(&header::ACCEPT_LANGUAGE))),
            address: address.without(&["lang"]),
            request: headers
                .get("x-request-id")
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned),
            known: None,
            chosen: chosen.is_some(),
            names: Names::built_in(),
        }
    }

    /// Who is signed in.
    pub fn who(&self) -> Option<&SignedIn> {
        self.known.as_ref()?.who.as_deref()
    }

    /// The token of a form that is sent to `action`.
    pub fn csrf(&self, action: &str) -> String {
        let known = self.known.as_ref();
        known.map_or_else(String::new, |known| known.form_token(action))
    }

    /// A page with a form: kept nowhere, and with the cookie that its token is bound to.
    pub fn form_page<T: Template>(&self, status: StatusCode, page: &T) -> Response {
        let mut response = self.page(status, page);
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match &self.known {
            Some(known) => known.with_form_cookie(response),
            None => response,
        }
    }

    /// What a region code of 2, 4, 6 or 9 digits is called.
    pub fn region(&self, code: &str) -> Option<&str> {
        self.names.region(code).map(|entry| self.called(entry))
    }

    /// What a level of the patent classification is called.
    pub fn class(&self, level: &str) -> Option<&str> {
        self.names.class(level).map(|entry| self.called(entry))
    }

    /// What an industry, or the nearest level above it, is called.
    pub fn industry(&self, code: &str) -> Option<&str> {
        self.names.industry(code).map(|entry| self.called(entry))
    }

    /// Chinese where there is no English.
    pub fn called<'a>(&self, entry: &'a Entry) -> &'a str {
        match self.lang {
            Lang::En if !entry.en.is_empty() => &entry.en,
            _ => &entry.zh,
        }
    }

    /// The words in the reader's language.
    pub fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.in_lang(self.lang)
    }

    pub fn is_en(&self) -> bool {
        self.lang == Lang::En
    }

    /// This address in one language.
    pub fn in_lang(&self, lang: &str) -> String {
        self.address.set("lang", lang).here()
    }

    pub fn style(&self) -> &'static str {
        assets::style()
    }

    pub fn icon(&self) -> &'static str {
        assets::icon()
    }

    /// The page as an answer.
    pub fn page<T: Template>(&self, status: StatusCode, page: &T) -> Response {
        let body = match page.render() {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%error, "a page cannot be rendered");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let fixed = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_LANGUAGE, self.lang.tag()),
            (header::VARY, "accept-language, cookie"),
            (header::CACHE_CONTROL, "private, no-cache"),
        ];
        self.with_language((status, fixed, body).into_response())
    }

    /// Keeps the language that was chosen with this request.
    pub fn with_language(&self, mut response: Response) -> Response {
        if self.chosen {
            let tag = if self.is_en() { "en" } else { "zh" };
            let kept = format!("lang={tag}; Path=/; Max-Age={COOKIE_LIFE}; SameSite=Lax; HttpOnly");
            if let Ok(value) = HeaderValue::from_str(&kept) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }
}

fn lang(text: &str) -> Option<Lang> {
    match text {
        "zh" => Some(Lang::Zh),
        "en" => Some(Lang::En),
        _ => None,
    }
}

/// The value of a cookie.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').find_map(|pair| {
        pair.trim()
            .split_once('=')
            .filter(|(n, _)| *n == name)
            .map(|(_, v)| v)
    })
}
