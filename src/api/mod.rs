//! The JSON API under /v1 and the process's own addresses: routes, the OpenAPI document made from them, and
//! the one layer that gives every answer its request id, every refusal its language, every caller its share.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State as Extract},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Serialize;
use tokio::sync::Semaphore;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate as _},
};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{
        annuity, due as due_list, holding, indicator, paper, patent, record, search, text::Lang,
    },
    ops::{Services, health},
};

pub mod annuities;
pub mod appraisals;
pub mod audit;
pub mod audit_heads;
mod body;
pub mod cards;
pub mod changes;
pub mod closings;
pub mod conflicts;
pub mod consents;
pub mod declarations;
pub mod dictionaries;
pub mod disputes;
mod document;
pub mod due;
pub mod encumbrances;
pub mod enquiries;
pub mod extract;
pub mod files;
mod finish;
pub mod holdings;
pub mod imports;
pub mod inventory;
pub mod keys;
pub mod licences;
pub mod listings;
pub mod matches;
pub mod messages;
pub mod metrics;
pub mod needs;
pub mod organisations;
pub mod out;
pub mod page;
pub mod papers;
pub mod patents;
pub mod performances;
pub mod prices;
pub mod problem;
pub mod progress;
pub mod records;
pub mod reference;
pub mod related;
pub mod reported;
pub mod reviews;
pub mod sub_units;
pub mod submissions;
pub mod tables;
pub mod targets;
pub mod tasks;
pub mod terms;
pub mod token;
mod upload;

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
        (name = "records", description = "补录：平台外已公告的声明、已达成的许可、法律事件与状态"),
        (name = "listings", description = "外部公布的开放许可清单：与本平台声明逐行核对、试点信息"),
        (name = "conflicts", description = "合并规则：每项内容的来源、人工更正、来源之间的冲突"),
        (name = "files", description = "证据文件：上传、查看、下载"),
        (name = "terms", description = "许可使用费：支付方式、标准、试算"),
        (name = "declarations", description = "专利开放许可声明：起草、核查、提交、公告、撤回"),
        (name = "licences", description = "开放许可：通知、支付、生效、备案"),
        (name = "enquiries", description = "询问：通知之前向专利权人提问，不是取得许可的条件"),
        (name = "disputes", description = "许可纠纷：协商、调解、起诉的经过与结果"),
        (name = "encumbrances", description = "质押、保全、中止和其他许可"),
        (name = "needs", description = "技术需求：发布、检索、与专利双向匹配"),
        (name = "cards", description = "通俗卡片：用大白话说明一件专利，质量检查，批量填写"),
        (name = "annual-fees", description = "年费：到期、应缴、减缴、缴费记录；只对持有人和主管部门"),
        (name = "appraisals", description = "分级分类：自评、画像与建议；只对持有人和主管部门，不自动执行"),
        (name = "inventory", description = "盘点档案：六项调查、完整率、审核；答案的字典"),
        (name = "submissions", description = "报送：按平台格式导出存量专利，登记每件的状态，读入平台答复"),
        (name = "reference", description = "参考数据：代码的名称、IPC 与行业对照、行业许可费；每张表有版本和来源"),
        (name = "tasks", description = "待办：应当撤回、应当备案、待支付、有异议"),
        (name = "messages", description = "消息：每一件法律事实都通知对方"),
        (name = "progress", description = "指标与统计：目标、进度、每一项的证据"),
        (name = "keys", description = "API 密钥与访问令牌"),
        (name = "coverage", description = "应盘点与已登记：单位清单、未登记的专利、覆盖率"),
        (name = "audit", description = "审计：谁、何时、从何处、做了什么、结果如何"),
        (name = "feed", description = "变更流与快照"),
    ),
    // Schemas that only a line of NDJSON or a query parameter names.
    components(schemas(
        annuity::FeeLedger, changes::SnapshotHead, changes::SnapshotEnd, problem::Problem, search::Sort, search::FacetField,
        due_list::DueClass, indicator::Charge, holding::Conversion, holding::HoldingState, patent::PatentKind, patent::LegalStatus, record::RecordKind,
        paper::DeclarationPaper, paper::LicencePaper, papers::PaperFormat,
    )),
)]
struct Document;

/// What a holder says of its stock beyond the register.
fn stock_routes(router: OpenApiRouter<State>) -> OpenApiRouter<State> {
    router
        .routes(routes!(cards::get, cards::put))
        .routes(routes!(cards::list))
        .routes(routes!(cards::sheet))
        .routes(routes!(cards::import))
        .routes(routes!(annuities::list))
        .routes(routes!(annuities::overview))
        .routes(routes!(annuities::get, annuities::put))
        .routes(routes!(annuities::holder, annuities::set_holder))
        .routes(routes!(annuities::sheet))
        .routes(routes!(annuities::import))
        .routes(routes!(appraisals::list))
        .routes(routes!(appraisals::get))
        .routes(routes!(inventory::list))
        .routes(routes!(inventory::completeness))
        .routes(routes!(inventory::get, inventory::update))
        .routes(routes!(reviews::step, reviews::course))
        .routes(routes!(reviews::rules, reviews::set_rules))
        .routes(routes!(sub_units::get, sub_units::update))
        .routes(routes!(sub_units::fill))
        .routes(routes!(dictionaries::list))
        .routes(routes!(dictionaries::get, dictionaries::update))
}

/// What comes before a licence and after it.
fn dealing_routes(router: OpenApiRouter<State>) -> OpenApiRouter<State> {
    router
        .routes(routes!(performances::get))
        .routes(routes!(performances::report))
        .routes(routes!(performances::follow_up))
        .routes(routes!(performances::relation))
        .routes(routes!(enquiries::list, enquiries::create))
        .routes(routes!(enquiries::get))
        .routes(routes!(enquiries::answer))
        .routes(routes!(disputes::list, disputes::create))
        .routes(routes!(disputes::get))
        .routes(routes!(disputes::step))
}

/// The routes of the count.
fn count_routes(router: OpenApiRouter<State>) -> OpenApiRouter<State> {
    router
        .routes(routes!(targets::list, targets::create))
        .routes(routes!(targets::get, targets::update))
        .routes(routes!(progress::progress))
        .routes(routes!(progress::quality))
        .routes(routes!(progress::forecast))
        .routes(routes!(progress::items))
        .routes(routes!(closings::list, closings::create))
        .routes(routes!(closings::get))
        .routes(routes!(closings::bulletin))
        .routes(routes!(closings::export_bulletin))
        .routes(routes!(reported::list, reported::create))
        .routes(routes!(reported::get, reported::update))
}

/// Announced lists from outside, and consents.
fn listing_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(listings::import))
        .routes(routes!(listings::list))
        .routes(routes!(listings::get))
        .routes(routes!(listings::decide))
        .routes(routes!(listings::enter))
        .routes(routes!(listings::convert))
        .routes(routes!(consents::list, consents::ask))
        .routes(routes!(consents::get))
        .routes(routes!(consents::answer))
}

/// Declarations, licences and their papers, rights of others.
fn law_routes(router: OpenApiRouter<State>) -> OpenApiRouter<State> {
    router
        .routes(routes!(declarations::eligibility))
        .routes(routes!(declarations::list, declarations::create))
        .routes(routes!(declarations::record))
        .routes(routes!(declarations::get, declarations::update))
        .routes(routes!(declarations::step))
        .routes(routes!(declarations::put_know_how))
        .routes(routes!(licences::list, licences::create))
        .routes(routes!(licences::record))
        .routes(routes!(licences::get))
        .routes(routes!(papers::declaration))
        .routes(routes!(papers::licence))
        .routes(routes!(papers::pack))
        .routes(routes!(licences::pay))
        .routes(routes!(licences::deliver))
        .routes(routes!(licences::answer))
        .routes(routes!(licences::file))
        .routes(routes!(licences::annul))
        .routes(routes!(encumbrances::list, encumbrances::create))
        .routes(routes!(encumbrances::get, encumbrances::update))
}

fn routes_and_document() -> (Router<State>, utoipa::openapi::OpenApi) {
    use utoipa::OpenApi as _;
    let router = OpenApiRouter::with_openapi(Document::openapi());
    let router = law_routes(dealing_routes(count_routes(stock_routes(router))));
    let (router, mut document) = router
        .routes(routes!(patents::search))
        .routes(routes!(patents::export))
        .routes(routes!(patents::get))
        .routes(routes!(related::similar))
        .routes(routes!(related::family))
        .routes(routes!(out::organisations))
        .routes(routes!(out::holdings))
        .routes(routes!(out::declarations))
        .routes(routes!(out::licences))
        .routes(routes!(out::needs))
        .routes(routes!(out::units))
        .routes(routes!(out::tasks))
        .routes(routes!(out::audit))
        .routes(routes!(organisations::list, organisations::create))
        .routes(routes!(organisations::get, organisations::update))
        .routes(routes!(holdings::list))
        .routes(routes!(holdings::get, holdings::update))
        .routes(routes!(holdings::confirm))
        .routes(routes!(imports::list))
        .routes(routes!(imports::get, imports::mapping::discard))
        .routes(routes!(imports::mapping::preview))
        .routes(routes!(imports::mapping::remap))
        .routes(routes!(imports::mapping::commit))
        .routes(routes!(imports::mapping::list_mappings))
        .routes(routes!(imports::mapping::remove_mapping))
        .routes(routes!(imports::rejects))
        .routes(routes!(patents::put_status))
        .routes(routes!(conflicts::sources))
        .routes(routes!(conflicts::correct, conflicts::take_back))
        .routes(routes!(conflicts::list))
        .routes(routes!(conflicts::get))
        .routes(routes!(conflicts::resolve))
        .merge(listing_routes())
        .routes(routes!(needs::list, needs::create))
        .routes(routes!(needs::get, needs::update))
        .routes(routes!(needs::step))
        .routes(routes!(inventory::questionnaire))
        .routes(routes!(submissions::list, submissions::create))
        .routes(routes!(submissions::answer))
        .routes(routes!(submissions::rejects))
        .routes(routes!(reference::list))
        .routes(routes!(reference::get, reference::put, reference::remove))
        .routes(routes!(reference::lines))
        .routes(routes!(matches::of_need))
        .routes(routes!(matches::list_feedback, matches::add_feedback))
        .routes(routes!(matches::of_patent))
        .routes(routes!(organisations::verify))
        .routes(routes!(messages::list))
        .routes(routes!(tasks::list))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::get, keys::update, keys::delete))
        .routes(routes!(keys::rotate))
        .routes(routes!(token::create))
        .routes(routes!(audit::list))
        .routes(routes!(audit_heads::list))
        .routes(routes!(audit_heads::get))
        .routes(routes!(due::coverage))
        .routes(routes!(due::get, due::put))
        .routes(routes!(due::state))
        .routes(routes!(due::numbers))
        .routes(routes!(changes::list))
        .routes(routes!(changes::snapshot))
        .routes(routes!(terms::quote))
        .routes(routes!(terms::parse))
        .routes(routes!(prices::basis))
        .routes(routes!(imports::create))
        .routes(routes!(records::import))
        .routes(routes!(records::import_events))
        .routes(routes!(records::template))
        .routes(routes!(files::create))
        .routes(routes!(files::get))
        .routes(routes!(files::content))
        .split_for_parts();
    if let Some(components) = document.components.as_mut() {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A key (`POST /v1/keys`, `/account/keys`, `kaixu key add`) or a token for one (`POST /v1/token`)"));
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
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(may_transform)))
        .layer(middleware::from_fn_with_state(state, finish::finish))
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

/// What says `no-transform` goes out byte for byte.
fn may_transform(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let caching = headers.get(header::CACHE_CONTROL);
    !caching.is_some_and(|v| v.to_str().is_ok_and(|v| v.contains("no-transform")))
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

/// 201 with the address and the version of what was made.
fn made(location: &str, version: i64, body: impl Serialize) -> Response {
    let headers = [
        (header::LOCATION, location.to_owned()),
        (header::ETAG, etag(version)),
    ];
    (StatusCode::CREATED, headers, Json(body)).into_response()
}

/// 200 with the new version of what was changed.
fn changed(version: i64, body: impl Serialize) -> Response {
    ([(header::ETAG, etag(version))], Json(body)).into_response()
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
