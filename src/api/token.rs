//! POST /v1/token: the client-credentials grant (RFC 6749 §4.4) for clients that speak it: the key's id and secret for
//! a short-lived bearer token. Its refusals have the shape of RFC 6749 §5.2, which such clients read, and not RFC 9457's.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::State as Extract,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{State, extract::NoParams, lang_of, problem::Refusal};
use crate::{
    domain::{
        access::{Denied, Scope},
        text::Text,
    },
    ops::{Error, keys, sessions::Caller},
};

/// What a client sends, as a form.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct TokenRequest {
    #[schema(example = "client_credentials")]
    pub grant_type: String,
    /// Scopes with spaces between; all of the key's when absent.
    #[schema(example = "read")]
    pub scope: Option<String>,
    /// The key's id, unless it comes by Basic.
    pub client_id: Option<String>,
    /// The key's secret, unless it comes by Basic.
    pub client_secret: Option<String>,
}

/// A token for `Authorization: Bearer …`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TokenOut {
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds.
    #[schema(example = 900)]
    pub expires_in: i64,
    pub scope: String,
}

/// A refusal in the words of RFC 6749 §5.2.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TokenError {
    #[schema(example = "invalid_client")]
    pub error: &'static str,
    pub error_description: String,
}

struct Refused {
    error: &'static str,
    text: Text,
    /// The client used `Authorization`, and is told what it takes.
    by_header: bool,
}

fn refused(error: &'static str, zh: &str, en: &str) -> Refused {
    Refused {
        error,
        text: Text::new(zh, en),
        by_header: false,
    }
}

/// Get a bearer token for a key: OAuth 2.0 client credentials.
///
/// The key's id is the client id, its secret the client secret, by HTTP Basic or in the form. A token works for 15
/// minutes, within the key's scopes and networks, and ends with the key. Refusals are those of RFC 6749 §5.2.
#[utoipa::path(post, path = "/v1/token", operation_id = "createToken", tag = "keys",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenOut), (status = 400, body = TokenError), (status = 401, body = TokenError)))]
pub async fn create(
    Extract(state): Extract<State>,
    _: NoParams,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let from = caller.map_or_else(String::new, |Extension(caller)| caller.0);
    match issue(&state, &headers, &body, &from).await {
        Ok(issued) => Ok(unkept(Json(issued).into_response())),
        Err(Outcome::Other(error)) => Err(error.into()),
        Err(Outcome::Refused(refused)) => {
            let status = match refused.error {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                _ => StatusCode::BAD_REQUEST,
            };
            let body = TokenError {
                error: refused.error,
                error_description: refused.text.in_lang(lang_of(&headers)).to_owned(),
            };
            let mut response = unkept((status, Json(body)).into_response());
            if refused.by_header || status == StatusCode::UNAUTHORIZED {
                let wanted = HeaderValue::from_static("Basic realm=\"kaixu\"");
                let headers = response.headers_mut();
                headers.insert(header::WWW_AUTHENTICATE, wanted);
            }
            Ok(response)
        }
    }
}

enum Outcome {
    Refused(Refused),
    /// Nothing that RFC 6749 has a word for.
    Other(Error),
}

impl From<Refused> for Outcome {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

fn unkept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

async fn issue(
    state: &State,
    headers: &HeaderMap,
    body: &[u8],
    from: &str,
) -> Result<TokenOut, Outcome> {
    let form = form(headers, body)?;
    let (id, secret) = credentials(headers, &form)?;
    match form.one("grant_type")?.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            return Err(refused(
                "unsupported_grant_type",
                "只支持 client_credentials。",
                "Only client_credentials is supported.",
            )
            .into());
        }
        None => return Err(unreadable("grant_type").into()),
    }
    let scopes = match form.one("scope")? {
        Some(text) => Some(
            text.split(' ')
                .map(Scope::parse)
                .collect::<Option<Vec<_>>>()
                .ok_or_else(no_such_scope)?,
        ),
        None => None,
    };
    let issued = keys::issue(&state.services, &id, &secret, scopes, from).await;
    let issued = issued.map_err(|error| match error {
        Error::Credentials | Error::Denied(Denied::Address) => {
            let Text { zh, en } = error.text();
            Outcome::Refused(refused("invalid_client", &zh, &en))
        }
        Error::Denied(Denied::Scope) => no_such_scope().into(),
        other => Outcome::Other(other),
    })?;
    let scope: Vec<_> = issued.scopes.iter().map(|s| s.as_str()).collect();
    Ok(TokenOut {
        access_token: issued.token.reveal().to_owned(),
        token_type: "Bearer",
        expires_in: issued.seconds,
        scope: scope.join(" "),
    })
}

fn no_such_scope() -> Refused {
    refused(
        "invalid_scope",
        "密钥没有所请求的权限范围。",
        "The key does not have the scope asked for.",
    )
}

fn unreadable(name: &str) -> Refused {
    refused(
        "invalid_request",
        &format!("请以表单提交 {name}，且只出现一次。"),
        &format!("Send {name} in a form, once."),
    )
}

/// The parameters of the form, in order.
struct Form(Vec<(String, String)>);

impl Form {
    /// A parameter that may appear once; sent without a value it counts as absent (RFC 6749 §3.2).
    fn one(&self, name: &str) -> Result<Option<String>, Refused> {
        let mut values = self.0.iter().filter(|(n, _)| n == name);
        let first = values.next();
        if values.next().is_some() {
            return Err(unreadable(name));
        }
        let value = first.map(|(_, value)| value.clone());
        Ok(value.filter(|value| !value.is_empty()))
    }
}

fn form(headers: &HeaderMap, body: &[u8]) -> Result<Form, Refused> {
    let kind = headers.get(header::CONTENT_TYPE);
    let is_form = kind.is_some_and(|kind| {
        kind.as_bytes()
            .to_ascii_lowercase()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if !is_form {
        return Err(unreadable("grant_type"));
    }
    Ok(Form(
        url::form_urlencoded::parse(body).into_owned().collect(),
    ))
}

/// Id and secret, by Basic or in the form; never both (RFC 6749 §2.3).
fn credentials(headers: &HeaderMap, form: &Form) -> Result<(String, String), Refused> {
    let in_form = (form.one("client_id")?, form.one("client_secret")?);
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let unknown = || Refused {
        by_header: true,
        ..refused(
            "invalid_client",
            "请用 HTTP Basic 或表单出示密钥编号和密钥。",
            "Present the key's id and secret by HTTP Basic or in the form.",
        )
    };
    let Some(value) = sent.next() else {
        return match in_form {
            (Some(id), Some(secret)) => Ok((id, secret)),
            _ => Err(unknown()),
        };
    };
    if sent.next().is_some() || in_form.1.is_some() {
        return Err(unreadable("client_secret"));
    }
    let (id, secret) = basic(value).ok_or_else(unknown)?;
    if in_form.0.is_some_and(|named| named != id) {
        return Err(unreadable("client_id"));
    }
    Ok((id, secret))
}

/// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
fn basic(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, text) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |part: &str| {
        let part = part.replace('+', " ");
        let text = percent_encoding::percent_decode_str(&part).decode_utf8();
        text.ok().map(std::borrow::Cow::into_owned)
    };
    Some((decoded(id)?, decoded(secret)?))
}
