//! RFC 9457: every refusal of the API is a problem with a stable `code`, a sentence in the reader's language
//! and, for bad input, JSON pointers. The one place where an operation's error becomes an HTTP answer.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    domain::{
        access::Denied,
        text::{Lang, Text},
    },
    ops::{Error, Fault},
};

/// A problem as sent (application/problem+json).
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `/problems/CODE`: identifies the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "/problems/versionStale")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    pub status: u16,
    /// What happened and what to do, in the language asked for.
    pub detail: String,
    /// Stable, for machines.
    #[schema(example = "versionStale")]
    pub code: String,
    /// The request, as the operator's log knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What is wrong with the input, one by one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
}

/// One thing wrong with the input.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemError {
    /// JSON pointer into the body, or `?name` for a query parameter.
    #[schema(example = "/district")]
    pub pointer: String,
    pub code: String,
    pub detail: String,
    /// The article of the law, where one says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "专利法实施细则第八十六条第（三）项")]
    pub article: Option<&'static str>,
    /// What would remove it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

impl ProblemError {
    pub fn of(fault: &Fault, lang: Lang) -> Self {
        Self {
            pointer: fault.pointer.clone(),
            code: fault.code.to_owned(),
            detail: fault.text.in_lang(lang).to_owned(),
            article: fault.article,
            cure: fault
                .cure
                .as_ref()
                .map(|cure| cure.in_lang(lang).to_owned()),
        }
    }
}

/// A refusal on its way out; `api::finish` gives it language and request id.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub text: Text,
    pub faults: Vec<Fault>,
    pub retry_after_seconds: Option<u64>,
}

impl Refusal {
    pub fn new(
        status: StatusCode,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            text: Text::new(zh, en),
            faults: Vec::new(),
            retry_after_seconds: None,
        }
    }

    /// The problem in one language.
    pub fn problem(&self, lang: Lang, instance: Option<String>) -> Problem {
        Problem {
            kind: format!("/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.text.in_lang(lang).to_owned(),
            code: self.code.to_owned(),
            instance,
            errors: self
                .faults
                .iter()
                .map(|fault| ProblemError::of(fault, lang))
                .collect(),
        }
    }

    /// The answer in one language.
    pub fn respond(&self, lang: Lang, instance: Option<String>) -> Response {
        let mut response = (self.status, Json(self.problem(lang, instance))).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(lang.tag()),
        );
        headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"kaixu\""),
            );
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::Denied(Denied::Unauthenticated) | Error::Credentials | Error::SignIn => {
                StatusCode::UNAUTHORIZED
            }
            Error::Denied(_) | Error::Unverified(_) => StatusCode::FORBIDDEN,
            Error::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Number(_)
            | Error::Parameters(_)
            | Error::CursorInvalid
            | Error::CursorMismatch
            | Error::UploadBroken => StatusCode::BAD_REQUEST,
            Error::Invalid(_) | Error::Unlawful { .. } | Error::KeyReused => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Error::Stale { .. } => StatusCode::PRECONDITION_FAILED,
            Error::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Error::UsccTaken | Error::Exists(_) | Error::Prevented { .. } => StatusCode::CONFLICT,
            Error::CursorExpired => StatusCode::GONE,
            Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Error::Busy | Error::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if let Error::Internal(why) = &error {
            tracing::error!(%why, "request failed");
        }
        let (code, text) = (error.code(), error.text());
        Self {
            status,
            code,
            text,
            faults: match error {
                Error::Invalid(faults)
                | Error::Parameters(faults)
                | Error::Unlawful { faults, .. }
                | Error::Prevented { faults, .. } => faults,
                Error::Unverified(fault) => vec![fault],
                _ => Vec::new(),
            },
            retry_after_seconds: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(2),
        }
    }
}

impl From<Fault> for Refusal {
    /// One parameter is wrong.
    fn from(fault: Fault) -> Self {
        Error::from(fault).into()
    }
}

/// Carries the refusal in the response's extensions; the outermost layer writes the body.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
