//! /v1/reference-tables: what codes are called, which industries a class belongs to, what licences of an industry cost; each
//! table with its version and source.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::{
    State, changed, etag,
    extract::{NoParams, Params, Who},
    if_none_match,
    page::{Page, Place, linked},
    problem::Refusal,
    upload::upload,
};
use crate::{
    domain::reference::{Entry, IndustryFee, Kind, Line, ReferenceTable},
    ops::{
        Error,
        reference::{self, NewTable, Shown},
    },
};

/// A table and its version; 0 is the built-in one, before anything was loaded.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceTableOut {
    #[serde(flatten)]
    pub table: ReferenceTable,
    /// From 1; every table that is loaded or removed is a new one.
    pub revision: i64,
    /// Who put it there; for the office alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loaded_by: Option<String>,
}

impl From<Shown> for ReferenceTableOut {
    fn from(shown: Shown) -> Self {
        Self {
            table: shown.table.value,
            revision: shown.table.version,
            loaded_by: shown.loaded_by,
        }
    }
}

/// Every table.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReferenceTables {
    pub items: Vec<ReferenceTableOut>,
}

/// A line of a table: what a code is called, an industry of a class, or the fees of an industry in a year.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum ReferenceLineOut {
    Name(Entry),
    Industry {
        #[schema(example = "H01M")]
        ipc: String,
        #[schema(example = "C38")]
        industry: String,
    },
    Fee(IndustryFee),
}

impl From<Line> for ReferenceLineOut {
    fn from(line: Line) -> Self {
        match line {
            Line::Name(entry) => Self::Name(entry),
            Line::Industry { ipc, industry } => Self::Industry { ipc, industry },
            Line::Fee(fee) => Self::Fee(fee),
        }
    }
}

/// List the reference tables that stand: which version, from where, of which day.
#[utoipa::path(get, path = "/v1/reference-tables", operation_id = "listReferenceTables", tag = "reference",
    responses((status = 200, body = ReferenceTables)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
) -> Result<Response, Refusal> {
    let all = reference::list(&state.services, &actor).await?;
    let items = all.into_iter().map(ReferenceTableOut::from).collect();
    Ok(Json(ReferenceTables { items }).into_response())
}

/// Read which table stands for a kind.
#[utoipa::path(get, path = "/v1/reference-tables/{kind}", operation_id = "getReferenceTable", tag = "reference",
    params(("kind" = Kind, Path)),
    responses((status = 200, body = ReferenceTableOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = reference::get(&state.services, &actor, kind_at(&kind)?).await?;
    Ok(if_none_match(&headers, &etag(found.table.version), || {
        Json(ReferenceTableOut::from(found)).into_response()
    }))
}

/// Read the lines of a table in order of their codes.
#[utoipa::path(get, path = "/v1/reference-tables/{kind}/lines", operation_id = "listReferenceLines", tag = "reference",
    params(("kind" = Kind, Path),
        ("prefix" = Option<String>, Query, description = "Codes that begin so: `H01`", max_length = 20),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<ReferenceLineOut>)))]
pub async fn lines(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(kind): Path<String>,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let prefix = |text: &str| {
        let fits = text.len() <= 20
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"./".contains(&b));
        fits.then(|| text.to_ascii_uppercase())
    };
    let prefix = params.word("prefix", prefix, &["H", "H01", "C35", "3710"])?;
    let prefix = prefix.unwrap_or_default();
    let place = Place::take(&mut params, &format!("reference {kind} {prefix}"))?;
    params.finish()?;
    let kind = kind_at(&kind)?;
    let after = place.after.as_deref().unwrap_or_default();
    let mut after = after.splitn(3, '|');
    let mut next = || after.next().unwrap_or_default();
    let (code, target, year) = (next(), next(), next().parse().unwrap_or_default());
    let key = (code, target, year);
    let limit = place.limit + 1;
    let found = reference::lines(&state.services, &actor, kind, &prefix, key, limit).await?;
    let key_of = |line: &Line| {
        let (code, target, year) = line.key();
        format!("{code}|{target}|{year}")
    };
    let page = place.page(found.lines, found.total, key_of);
    let page = Page {
        items: page.items.into_iter().map(ReferenceLineOut::from).collect(),
        total: page.total,
        next: page.next,
    };
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Load a table in the place of the one before it, as a whole.
///
/// CSV (UTF-8, GBK), XLSX, XLS, ODS or JSON lines. Tables of names have columns `code` and `name` (`代码`, `名称`) and
/// may have `title_short` and `name_en`; fees have `year`, `industry_code`, `contracts`, `avg_amount` (yuan) or
/// `avg_amount_wan`, `avg_rate` (percent) and `source`; the relation of classes and industries has two heading rows,
/// then industry code, name and classes, and rows without a code go on. One row that cannot be read refuses the file
/// and is told. The same file with the same version and source changes nothing.
#[utoipa::path(put, path = "/v1/reference-tables/{kind}", operation_id = "putReferenceTable", tag = "reference",
    security(("apiKey" = [])),
    params(("kind" = Kind, Path),
        ("version" = String, Query, description = "As its issuer calls it", example = "2026.01"),
        ("source" = String, Query, description = "Where it comes from; public", example = "国家知识产权局"),
        ("fileName" = Option<String>, Query)),
    request_body(content = String, content_type = "application/octet-stream", description = "The table"),
    responses((status = 200, body = ReferenceTableOut)))]
pub async fn put(
    Extract(state): Extract<State>,
    Who(actor): Who,
    Path(kind): Path<String>,
    mut params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let new = NewTable {
        version: params.take("version")?.unwrap_or_default(),
        source: params.take("source")?.unwrap_or_default(),
        file_name: params.take("fileName")?,
    };
    params.finish()?;
    let kind = kind_at(&kind)?;
    let put = reference::put(&state.services, &actor, kind, new, upload(body)).await?;
    Ok(changed(put.table.version, ReferenceTableOut::from(put)))
}

/// Take a loaded table away: the built-in one stands again.
#[utoipa::path(delete, path = "/v1/reference-tables/{kind}", operation_id = "removeReferenceTable", tag = "reference",
    security(("apiKey" = [])),
    params(("kind" = Kind, Path)),
    responses((status = 200, body = ReferenceTableOut)))]
pub async fn remove(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(kind): Path<String>,
) -> Result<Response, Refusal> {
    let removed = reference::remove(&state.services, &actor, kind_at(&kind)?).await?;
    Ok(changed(
        removed.table.version,
        ReferenceTableOut::from(removed),
    ))
}

fn kind_at(text: &str) -> Result<Kind, Error> {
    Kind::parse(text).ok_or(Error::NotFound("referenceTable"))
}
