//! The outermost layer: every answer gets its request id, every refusal its language, every caller its share,
//! every request its end.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State as Extract},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::clock::Clock as _;

use super::{State, lang_of, problem::Refusal, upload};
use crate::ops::{
    audit, origin,
    sessions::{Asker, Caller},
};

/// Uploads take as long as the line needs, within reason.
const UPLOAD: Duration = Duration::from_mins(30);

/// A caller's name for the request, when it is a sane one; otherwise ours.
fn request_id(state: &State, headers: &HeaderMap) -> String {
    headers
        .get("x-request-id")
        .and_then(|v| v.to_str().ok())
        .filter(|v| {
            (8..=64).contains(&v.len())
                && v.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
        .map_or_else(
            || state.services.ids.next(state.services.now()).to_string(),
            str::to_owned,
        )
}

/// The outermost layer.
pub async fn finish(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let id = request_id(&state, &headers);
    if let Ok(value) = HeaderValue::from_str(&id) {
        // A page that must say "contact the operator" names the request.
        request.headers_mut().insert("x-request-id", value);
    }
    let caller = caller_address(&request, state.limits.behind_proxy);
    let asker = Asker::default();
    request.extensions_mut().insert(Caller(caller.clone()));
    request.extensions_mut().insert(asker.clone());
    let limit =
        if matches!(method, Method::POST | Method::PUT) && upload::is_upload(&route, &headers) {
            UPLOAD
        } else {
            state.limits.request
        };
    let answered = async {
        if let Some(refusal) = over_share(&state, &request, &route) {
            return refusal.into_response();
        }
        match tokio::time::timeout(limit, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "timeout",
                "处理时间过长，已放弃；请缩小范围后重试。",
                "This took too long and was given up; narrow the request and try again.",
            )
            .into_response(),
        }
    };
    let span = tracing::info_span!("request", %id, %method, %path);
    let answered = async {
        let response = answered.await;
        if let Some(reason) = forbidden(&response) {
            told(&state, &asker, &path, reason).await;
        }
        response
    };
    let answered = origin::scope(caller, answered);
    let mut response = tracing::Instrument::instrument(answered, span).await;
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = refusal.respond(lang_of(&headers), Some(format!("urn:request:{id}")));
    } else if let Some(refusal) = bare(&response, &path) {
        response = keep_allow(
            &response,
            refusal.respond(lang_of(&headers), Some(format!("urn:request:{id}"))),
        );
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
        .headers_mut()
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    let status = response.status().as_u16();
    state.metrics.answered(
        method.as_str(),
        &route,
        status,
        started.elapsed().as_secs_f64(),
    );
    tracing::debug!(%id, %method, %path, status, ms = started.elapsed().as_millis(), "answered");
    response
}

/// Why an answer says that somebody may not.
fn forbidden(response: &Response) -> Option<&'static str> {
    let reason = response.extensions().get::<Refusal>();
    let reason = reason.map_or("forbidden", |refusal| refusal.code);
    (response.status() == StatusCode::FORBIDDEN).then_some(reason)
}

/// Writes down what somebody known was refused.
async fn told(state: &State, Asker(asker): &Asker, path: &str, reason: &str) {
    if let Some(who) = asker.get() {
        let about: String = path.chars().take(200).collect();
        audit::refused(&state.services, who, "refused", &about, reason).await;
    }
}

/// Refusals of the router and of libraries have no body of ours yet.
fn bare(response: &Response, path: &str) -> Option<Refusal> {
    let status = response.status();
    let is_ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| {
            kind.as_bytes().starts_with(b"application/")
                || kind.as_bytes().starts_with(b"text/html")
        });
    // An encoding that nobody can send: the library has changed the status and left the answer.
    let is_ours = is_ours && status != StatusCode::NOT_ACCEPTABLE;
    if is_ours
        || !(status.is_client_error() || status.is_server_error())
        || path.starts_with("/docs")
    {
        return None;
    }
    let (code, zh, en) = match status {
        StatusCode::NOT_FOUND => (
            "notFound",
            "没有这个地址，请核对路径；接口说明见 /docs。",
            "There is nothing at this address; see /docs.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "methodNotAllowed",
            "此地址不支持这种方法，可用的方法见 Allow。",
            "This address does not take this method; see Allow.",
        ),
        StatusCode::NOT_ACCEPTABLE => (
            "notAcceptable",
            "无法按 Accept-Encoding 的要求编码，请允许 gzip 或 identity。",
            "No encoding in Accept-Encoding can be given; allow gzip or identity.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "tooLarge",
            "内容过大，请拆分后再提交。",
            "The body is too large; split it.",
        ),
        s if s.is_client_error() => (
            "badRequest",
            "请求无法识别，请核对格式。",
            "The request cannot be read; check its form.",
        ),
        _ => (
            "internal",
            "系统内部错误，已记录。请凭请求编号联系管理员。",
            "Internal error, recorded. Contact the operator with the request id.",
        ),
    };
    Some(Refusal::new(status, code, zh, en))
}

fn keep_allow(from: &Response, mut to: Response) -> Response {
    if let Some(allow) = from.headers().get(header::ALLOW) {
        to.headers_mut().insert(header::ALLOW, allow.clone());
    }
    to
}

/// Callers remembered before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

/// Who asks too often is told when to come back. Callers are told apart by address, with a larger share for
/// those who present a key: counting by key would give every invented key a share of its own.
fn over_share(state: &State, request: &Request, route: &str) -> Option<Refusal> {
    let shares = state.shares.as_ref()?;
    if matches!(route, "/livez" | "/readyz" | "/metrics") {
        return None;
    }
    let share = &shares[usize::from(request.headers().contains_key(header::AUTHORIZATION))];
    if share.len() > REMEMBERED {
        share.retain_recent();
    }
    let wait = share
        .check_key(&caller_address(request, state.limits.behind_proxy))
        .err()?;
    let seconds = wait.wait_time_from(share.clock().now()).as_secs() + 1;
    let mut refusal = Refusal::new(
        StatusCode::TOO_MANY_REQUESTS,
        "tooManyRequests",
        format!("请求过于频繁，请 {seconds} 秒后再试；批量读取请用快照、变更流或导出。"),
        format!(
            "Too many requests; come back in {seconds} s. For bulk use the snapshot, the feed or the export."
        ),
    );
    refusal.retry_after_seconds = Some(seconds);
    Some(refusal)
}

fn caller_address(request: &Request, behind_proxy: bool) -> String {
    let forwarded = request
        .headers()
        .get("x-forwarded-for")
        .and_then(|v| v.to_str().ok());
    if let Some(last) = forwarded
        .filter(|_| behind_proxy)
        .and_then(|list| list.rsplit(',').next())
    {
        return last.trim().to_owned();
    }
    request
        .extensions()
        .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>()
        .map_or_else(|| "unknown".to_owned(), |info| info.0.ip().to_string())
}
