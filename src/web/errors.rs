//! The error page: what happened, why, and how to go on. The one place where an operation's error becomes a
//! page; details of internal errors go to the log and never to the reader.

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    address::{Address, search_for},
    conditions::condition,
    visitor::Visitor,
};
use crate::{
    domain::{
        access::Denied,
        codes::{AppNo, number::NumberError},
        text::Text,
    },
    ops::{Error, Fault},
};

#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    v: &'a Visitor,
    status: u16,
    title: Text,
    text: Text,
    /// Name of the condition, what is wrong with it.
    faults: Vec<(Text, Text)>,
    /// Ways to go on: label, address.
    ways: Vec<(Text, String)>,
    advice: Vec<Text>,
    /// For the operator, when it is our fault.
    request: Option<&'a str>,
}

/// The page of an operation's error.
pub fn page(visitor: &Visitor, error: &Error) -> Response {
    respond(visitor, error, ways(visitor, error))
}

/// A form that was not filled in on a page of ours, or on one that is out of date.
pub fn form_page(visitor: &Visitor) -> Response {
    let page = Page {
        v: visitor,
        status: StatusCode::FORBIDDEN.as_u16(),
        title: Text::new("表单已失效", "This form is out of date"),
        text: Text::new(
            "为防止他人冒用，表单须在本站页面上填写，并在两小时内提交。请返回重新打开页面再提交；内容没有保存。",
            "So that nobody else can send it for you, a form must be filled in on a page of this site and sent within \
             two hours. Go back, open the page again and send it; nothing was stored.",
        ),
        faults: Vec::new(),
        ways: vec![(Text::new("回到首页", "Home"), "/".to_owned())],
        advice: Vec::new(),
        request: None,
    };
    let mut response = visitor.page(StatusCode::FORBIDDEN, &page);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// As `page`, for the number in an address.
pub fn number_page(visitor: &Visitor, error: &Error, typed: &str) -> Response {
    let mut ways = ways(visitor, error);
    match error {
        Error::Number(NumberError::Publication) => ways.insert(
            0,
            (
                Text::new("按公开（公告）号检索", "Search for the publication number"),
                search_for("q", typed),
            ),
        ),
        Error::Number(why) => {
            if let Some((zl, href)) = meant(typed, why) {
                let label = Text::new(format!("是否为 {zl}？"), format!("Did you mean {zl}?"));
                ways.insert(0, (label, href));
            }
        }
        _ => {}
    }
    respond(visitor, error, ways)
}

/// The number that its digits would make, when only the check character is wrong.
pub fn meant(typed: &str, why: &NumberError) -> Option<(String, String)> {
    let NumberError::Check { .. } = why else {
        return None;
    };
    let mut digits = typed.trim().to_owned();
    digits.pop();
    let (number, _) = AppNo::parse(&digits).ok()?;
    Some((number.zl(), format!("/patents/{number}")))
}

/// Addresses that nobody serves. Those of the API, and readers that want no page, get the API's answer.
pub async fn unknown(visitor: Visitor, request: Request) -> Response {
    let path = request.uri().path();
    let of_api = path.starts_with("/v1/") || path == "/v1" || path.starts_with("/docs");
    if of_api || !wants_page(request.headers()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    page(&visitor, &Error::NotFound("page"))
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|kinds| kinds.contains("text/html"))
}

fn respond(visitor: &Visitor, error: &Error, ways: Vec<(Text, String)>) -> Response {
    let (status, title) = face(error);
    if let Error::Internal(why) = error {
        tracing::error!(%why, "page failed");
    }
    let faults = match error {
        Error::Parameters(faults)
        | Error::Invalid(faults)
        | Error::Unlawful { faults, .. }
        | Error::Prevented { faults, .. } => faults.as_slice(),
        _ => &[],
    };
    let page = Page {
        v: visitor,
        status: status.as_u16(),
        title,
        text: error.text(),
        faults: faults.iter().map(named).collect(),
        ways,
        advice: advice(error),
        request: visitor
            .request
            .as_deref()
            .filter(|_| status.is_server_error()),
    };
    let mut response = visitor.page(status, &page);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}

fn named(fault: &Fault) -> (Text, Text) {
    let name = fault.pointer.trim_start_matches(['?', '/']);
    let known = condition(name);
    let label = if known.zh == name {
        known
    } else {
        Text::new(
            format!("{}（{name}）", known.zh),
            format!("{} ({name})", known.en),
        )
    };
    (label, fault.text.clone())
}

/// Status and headline of every error.
fn face(error: &Error) -> (StatusCode, Text) {
    let (status, zh, en) = match error {
        Error::Denied(Denied::Unauthenticated) | Error::Credentials | Error::SignIn => {
            (StatusCode::UNAUTHORIZED, "需要先登录", "Sign in first")
        }
        Error::Wait { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            "请稍后再试",
            "Too many attempts",
        ),
        Error::Unverified(_) => (StatusCode::FORBIDDEN, "主体尚未核验", "Not verified yet"),
        Error::Denied(
            Denied::Scope | Denied::Role | Denied::NotYours | Denied::Duty | Denied::Address,
        ) => (StatusCode::FORBIDDEN, "没有权限", "Not allowed"),
        Error::NotFound("patent") => (StatusCode::NOT_FOUND, "没有找到这件专利", "No such patent"),
        Error::NotFound(_) => (StatusCode::NOT_FOUND, "没有这个页面", "No such page"),
        Error::Number(_) => (
            StatusCode::BAD_REQUEST,
            "申请号有误",
            "Not an application number",
        ),
        Error::Parameters(_) => (
            StatusCode::BAD_REQUEST,
            "检索条件有误",
            "A condition is wrong",
        ),
        Error::CursorInvalid | Error::CursorMismatch => (
            StatusCode::BAD_REQUEST,
            "翻页位置无效",
            "Not a place in this list",
        ),
        Error::CursorExpired => (
            StatusCode::GONE,
            "翻页位置已过期",
            "This place in the list has expired",
        ),
        Error::UploadBroken => (StatusCode::BAD_REQUEST, "上传中断", "The upload broke off"),
        Error::MediaType => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "不收这种文件",
            "Files of this type are not taken",
        ),
        Error::Invalid(_) | Error::KeyReused => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "内容有误",
            "The content is not valid",
        ),
        Error::Unlawful { .. } => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "不符合规定",
            "Not as the law requires",
        ),
        Error::Prevented { .. } => (
            StatusCode::CONFLICT,
            "目前不能办理",
            "Not possible as things stand",
        ),
        Error::Exists(_) => (StatusCode::CONFLICT, "记录已存在", "Recorded already"),
        Error::Stale { .. } => (
            StatusCode::PRECONDITION_FAILED,
            "记录已被修改",
            "The record has changed",
        ),
        Error::UsccTaken => (StatusCode::CONFLICT, "单位已登记", "Registered already"),
        Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "内容过大", "Too large"),
        Error::Busy => (StatusCode::SERVICE_UNAVAILABLE, "系统正忙", "Busy"),
        Error::NotReady => (
            StatusCode::SERVICE_UNAVAILABLE,
            "检索索引正在建立",
            "The search index is being built",
        ),
        Error::Internal(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "系统内部错误",
            "Internal error",
        ),
    };
    (status, Text::new(zh, en))
}

/// Where the reader can go from here.
fn ways(visitor: &Visitor, error: &Error) -> Vec<(Text, String)> {
    let address = &visitor.address;
    match error {
        Error::CursorInvalid | Error::CursorMismatch | Error::CursorExpired => vec![(
            Text::new("回到第一页", "Back to the first page"),
            address.without(&["after"]).search(),
        )],
        Error::Parameters(faults) => {
            let wrong: Vec<&str> = faults
                .iter()
                .map(|fault| fault.pointer.trim_start_matches('?'))
                .collect();
            vec![(
                Text::new(
                    "去掉有误的条件，继续检索",
                    "Search without the wrong conditions",
                ),
                address.without(&wrong).without(&["after"]).search(),
            )]
        }
        Error::Busy | Error::NotReady => {
            vec![(Text::new("重试", "Try again"), address.here())]
        }
        _ => vec![(
            Text::new("浏览全部专利", "Browse all patents"),
            Address::default().search(),
        )],
    }
}

fn advice(error: &Error) -> Vec<Text> {
    match error {
        Error::NotFound("patent") => vec![
            Text::new(
                "这里只收录已登记的专利；没有登记的专利查不到，并不表示它不存在。",
                "Only registered patents are here; a patent that is not registered may well exist.",
            ),
            Text::new(
                "申请号请逐位核对；也可以用名称、申请人或技术内容检索。",
                "Check the number digit by digit, or search by title, applicant or subject.",
            ),
        ],
        Error::Number(_) => vec![Text::new(
            "申请号（专利号）写在证书上，形如 ZL201910699568.X；前缀、小数点可以省略。最后一位是校验位，由前面的数字算出，抄错一位就会对不上。",
            "The number stands on the certificate, e.g. ZL201910699568.X; prefix and dot may be left out. Its last \
             character is computed from the digits before it, so one wrong digit shows.",
        )],
        _ => Vec::new(),
    }
}
