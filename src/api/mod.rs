//! The JSON API under /v1 and the process's own addresses: routes, the OpenAPI document made from them, and
//! the one layer that gives every answer its request id, every refusal its language, every caller its share.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State as Extract},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use governor::clock::Clock as _;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{holding, patent, search, text::Lang},
    ops::{Services, health},
};

mod body;
pub mod changes;
mod document;
pub mod extract;
pub mod holdings;
pub mod imports;
pub mod metrics;
pub mod organisations;
pub mod page;
pub mod patents;
pub mod problem;

use metrics::Metrics;
use problem::Refusal;

/// What every handler sees. Cheap to clone.
#[derive(Clone)]
pub struct State {
    pub services: Services,
    /// Names this installation in the feed.
    pub installation: Arc<str>,
    pub metrics: Arc<Metrics>,
    /// Turns for snapshots: each holds a database connection while its reader reads.
    snapshots: Arc<Semaphore>,
    limits: Limits,
    /// Requests a minute without and with a key.
    shares: Option<Arc<[DefaultKeyedRateLimiter<String>; 2]>>,
}

/// Bounds on requests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub body_bytes: usize,
    pub request: Duration,
    /// For a caller without a key; ten times as many with one. 0: no limit.
    pub requests_per_minute: u32,
    /// A proxy of ours stands in front: callers are told apart by the last address in X-Forwarded-For.
    pub behind_proxy: bool,
}

/// Snapshots given out at the same time; the read pool is larger.
const SNAPSHOTS: usize = 3;

/// Uploads take as long as the line needs, within reason.
const UPLOAD: Duration = Duration::from_mins(30);

impl State {
    pub fn new(services: Services, installation: &str, limits: Limits) -> Self {
        let limiter = |n: u32| {
            RateLimiter::keyed(Quota::per_minute(
                NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN),
            ))
        };
        let n = limits.requests_per_minute;
        Self {
            services,
            installation: installation.into(),
            metrics: Arc::new(Metrics::default()),
            snapshots: Arc::new(Semaphore::new(SNAPSHOTS)),
            limits,
            shares: (n > 0).then(|| Arc::new([limiter(n), limiter(n.saturating_mul(10))])),
        }
    }
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Kaixu 开许",
        description = "专利开放许可市场的开放接口。An open-licensing patent marketplace: search the stock of \
            universities, institutes and state-owned enterprises, register it, and keep an exact copy of the public data.\n\n\
            Every refusal is an RFC 9457 problem with a stable `code`, in Chinese or (Accept-Language: en) English. \
            Lists give an exact `total`, an opaque `next` and a `Link`. Changes need `If-Match`. \
            Creating calls take an `Idempotency-Key`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "patents", description = "专利：检索、详情、相似专利、导出"),
        (name = "organisations", description = "单位"),
        (name = "holdings", description = "存量专利：谁持有、实施状态"),
        (name = "imports", description = "批量导入"),
        (name = "feed", description = "变更流与快照"),
    ),
    // Schemas that only a line of NDJSON or a query parameter names.
    components(schemas(
        changes::SnapshotHead, changes::SnapshotEnd, problem::Problem, search::Sort, search::FacetField,
        holding::Conversion, holding::HoldingState, patent::PatentKind, patent::LegalStatus,
    )),
)]
struct Document;

fn routes_and_document() -> (Router<State>, utoipa::openapi::OpenApi) {
    use utoipa::OpenApi as _;
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(patents::search))
        .routes(routes!(patents::export))
        .routes(routes!(patents::get))
        .routes(routes!(patents::similar))
        .routes(routes!(organisations::list, organisations::create))
        .routes(routes!(organisations::get, organisations::update))
        .routes(routes!(holdings::list))
        .routes(routes!(holdings::get, holdings::update))
        .routes(routes!(holdings::confirm))
        .routes(routes!(imports::list))
        .routes(routes!(imports::get))
        .routes(routes!(imports::rejects))
        .routes(routes!(changes::list))
        .routes(routes!(changes::snapshot))
        .routes(routes!(imports::create))
        .split_for_parts();
    if let Some(components) = document.components.as_mut() {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("kaixu key add"));
        components.add_security_scheme("apiKey", SecurityScheme::Http(bearer.build()));
    }
    document::complete(&mut document);
    (router, document)
}

/// The OpenAPI 3.1 document, as `openapi/openapi.json` and `/openapi.json` give it.
pub fn document() -> utoipa::openapi::OpenApi {
    routes_and_document().1
}

/// Every route of the API, with its layers; `pages` are served beside it under the same care.
pub fn router(state: State, pages: Router) -> Router {
    let (api, document) = routes_and_document();
    let process = Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text));
    let docs = utoipa_swagger_ui::SwaggerUi::new("/docs").url("/openapi.json", document);
    Router::new()
        .merge(api)
        .merge(process)
        .with_state(state.clone())
        .merge(docs)
        .merge(pages)
        // Files come as a stream that counts for itself; everything else is read under this limit.
        .layer(DefaultBodyLimit::max(state.limits.body_bytes))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(state, finish))
}

async fn ready(Extract(state): Extract<State>) -> Result<Response, Refusal> {
    let health = health::check(&state.services).await?;
    let body = serde_json::json!({
        "database": health.database, "index": health.index, "headSeq": health.head, "indexedSeq": health.applied,
    });
    let status = if health.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Ok((status, Json(body)).into_response())
}

async fn metrics_text(Extract(state): Extract<State>) -> Result<Response, Refusal> {
    let health = health::check(&state.services).await?;
    let text = state.metrics.text(health.head, health.applied);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

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
async fn finish(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
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
    let limit = if route == "/v1/imports" && method == Method::POST {
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

fn lang_of(headers: &HeaderMap) -> Lang {
    Lang::accepted(
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|v| v.to_str().ok()),
    )
}

/// A strong ETag of a version.
fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// 304 when the caller has this version, else the answer with its ETag.
fn if_none_match(headers: &HeaderMap, tag: &str, answer: impl FnOnce() -> Response) -> Response {
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let mut response = if known
        .split(',')
        .any(|k| k.trim().trim_start_matches("W/") == tag)
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        answer()
    };
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
