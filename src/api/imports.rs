//! /v1/imports: a file of patents comes in as the request's body; what became of its rows can be asked for at
//! any time, the refused ones as a CSV that says what to do.

pub mod mapping;

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::Serialize;

use super::{
    State, etag,
    extract::{NoParams, Params, Who, idempotency_key},
    if_none_match, lang_of,
    page::{Page, Place, linked},
    problem::{Problem, Refusal},
    upload::upload,
};
use crate::{
    domain::{
        id::Id,
        register::{Counts, Import, ImportState},
        text::Lang,
        time::Instant,
    },
    ops::{
        self, Error,
        imports::{self, SaidColumn},
        rejects,
    },
};

/// An import, and how far it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportOut {
    pub id: Id,
    pub state: ImportState,
    /// Whose stock it is; absent when only bibliographic data was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    pub size_bytes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    pub counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureOut>,
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The sheets or members that are read, where the file holds more than one table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
    /// The sheets that are not read, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedOut>,
    /// How the columns are read, the first rows, the first problems.
    pub preview: String,
    /// The refused rows as CSV.
    pub rejects: String,
}

/// A sheet that is not read.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SkippedOut {
    pub name: String,
    pub reason: String,
}

/// Why the file could not be read to its end. Rows before that stand.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FailureOut {
    pub code: String,
    pub detail: String,
}

fn out(import: Import, lang: Lang) -> ImportOut {
    let found = import.preview.unwrap_or_default();
    let skipped = found.skipped.iter().map(|sheet| SkippedOut {
        name: sheet.name.clone(),
        reason: sheet.reason.in_lang(lang).to_owned(),
    });
    ImportOut {
        skipped: skipped.collect(),
        tables: found.tables,
        preview: format!("/v1/imports/{}/preview", import.id),
        rejects: format!("/v1/imports/{}/rejects", import.id),
        id: import.id,
        state: import.state,
        organisation: import.organisation,
        file_name: import.file_name,
        size_bytes: import.size_bytes,
        sha256: import.sha256,
        counts: import.counts,
        failure: import.failure.map(|f| FailureOut {
            detail: if lang == Lang::Zh { f.zh } else { f.en },
            code: f.code,
        }),
        created_at: import.created_at.rfc3339(),
        finished_at: import.finished_at.map(Instant::rfc3339),
    }
}

/// Import a file of patents: JSONL(.gz), CSV and the like (UTF-8, GBK, UTF-16), XLSX, XLS, ODS, patent XML or a ZIP of these, as the body.
///
/// Answered as soon as the file has arrived; follow `Location` for the counts. A file that was imported before
/// is read again and says `unchanged` for every row. With `preview=true` nothing is recorded yet: the file is read through,
/// the counts say what would become of its rows, `/preview` how its columns are read; change that with `PUT …/mapping`,
/// agree with `POST …/commit`.
#[utoipa::path(post, path = "/v1/imports", operation_id = "createImport", tag = "imports",
    security(("apiKey" = [])),
    params(
        ("holder" = Option<String>, Query, description = "Id or USCC of the holder whose stock it is; a holder's key means its own"),
        ("fileName" = Option<String>, Query, description = "The file's name, for the record"),
        ("statusAsOf" = Option<String>, Query, format = "date", description = "The day on which the file was exported: the day of every legal status in it that bears none of its own. A status without a day is too old for a declaration"),
        ("map" = Option<Vec<String>>, Query, description = "`HEADER=FIELD`, repeated: what a column is, by its header, or by its letter where it has none. `HEADER=` leaves it unread. Kept for the next file with the same headers"),
        ("guesses" = Option<bool>, Query, description = "true: columns are also read as they are guessed without proof. Without a preview, only what header and values show is taken"),
        ("preview" = Option<bool>, Query, description = "true: only read the file and wait for `commit`, seven days at most"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect"),
    ),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses((status = 202, body = ImportOut), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    mut params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let holder = params.take("holder")?;
    let file_name = params
        .take("fileName")?
        .map(|name| name.chars().take(200).collect());
    let status_as_of = params.day("statusAsOf")?;
    let said = said(&params.take_all("map"))?;
    let guesses = flag(&mut params, "guesses")?;
    let preview = flag(&mut params, "preview")?;
    params.finish()?;
    let new = imports::NewImport {
        holder,
        file_name,
        status_as_of,
        said,
        guesses,
        idempotency_key: idempotency_key(&headers)?,
    };
    let import = if preview {
        imports::rehearse(&state.services, &actor, new, upload(body)).await?
    } else {
        imports::create(&state.services, &actor, new, upload(body)).await?
    };
    let location = format!("/v1/imports/{}", import.id);
    let out = out(import, lang_of(&headers));
    Ok((
        StatusCode::ACCEPTED,
        [(header::LOCATION, location)],
        Json(out),
    )
        .into_response())
}

fn flag(params: &mut Params, name: &str) -> Result<bool, Refusal> {
    let read = |text: &str| text.parse::<bool>().ok();
    Ok(params
        .word(name, read, &["true", "false"])?
        .unwrap_or(false))
}

/// `HEADER=FIELD` as it stands in an address.
fn said(values: &[String]) -> Result<Vec<SaidColumn>, Error> {
    values
        .iter()
        .map(|value| SaidColumn::parse(value).map_err(Error::from))
        .collect()
}

/// List imports, newest first: your organisation's, or everyone's for an officer.
#[utoipa::path(get, path = "/v1/imports", operation_id = "listImports", tag = "imports",
    security(("apiKey" = [])),
    params(
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<ImportOut>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 400, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let place = Place::take(&mut params, &format!("imports {:?}", actor.sight()))?;
    params.finish()?;
    let (items, total) = imports::list(
        &state.services,
        &actor,
        place.after.as_deref(),
        place.limit + 1,
    )
    .await?;
    let items = items
        .into_iter()
        .map(|import| out(import, lang_of(&headers)))
        .collect();
    let page = place.page(items, total, |import: &ImportOut| import.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read how far an import is.
#[utoipa::path(get, path = "/v1/imports/{import}", operation_id = "getImport", tag = "imports",
    security(("apiKey" = [])),
    params(("import" = Id, Path)),
    responses((status = 200, body = ImportOut), (status = 304, description = "Unchanged"), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 400, body = Problem)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("import"))?;
    let import = imports::get(&state.services, &actor, &id).await?;
    let tag = etag(import.version);
    Ok(if_none_match(&headers, &tag, || {
        Json(out(import, lang_of(&headers))).into_response()
    }))
}

/// The refused rows as CSV: row, column, reason, what to do, value; or, with `layout=table`, in the columns of the file, to
/// be mended and sent again as they are.
#[utoipa::path(get, path = "/v1/imports/{import}/rejects", operation_id = "getImportRejects", tag = "imports",
    security(("apiKey" = [])),
    params(("import" = Id, Path),
        ("layout" = Option<String>, Query, description = "`reasons` (default) or `table`. The table has the first 20,000 refused rows with their cells")),
    responses((status = 200, content_type = "text/csv", body = String), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 400, body = Problem)))]
pub async fn rejects(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let as_table = params.word(
        "layout",
        |text| match text {
            "reasons" => Some(false),
            "table" => Some(true),
            _ => None,
        },
        &["reasons", "table"],
    )?;
    params.finish()?;
    let id = Id::parse(&id).ok_or(Error::NotFound("import"))?;
    let lang = lang_of(&headers);
    let import = imports::get(&state.services, &actor, &id).await?;
    let name = format!("attachment; filename=\"rejects-{id}.csv\"");
    let layout = rejects::Layout::of(&import, as_table.unwrap_or(false), lang);
    let first = stream::once(std::future::ready(Ok::<_, ops::Error>(Bytes::from(
        layout.header(),
    ))));
    let rest = stream::try_unfold(
        (state, actor, id, layout, 0_i64),
        move |(state, actor, id, layout, after)| async move {
            let page = imports::rejects(&state.services, &actor, &id, after).await?;
            let Some(last) = page.last() else {
                return Ok(None);
            };
            let after = last.item;
            let lines = Bytes::from(layout.lines(&page));
            Ok(Some((lines, (state, actor, id, layout, after))))
        },
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, HttpBody::from_stream(first.chain(rest))).into_response())
}
