//! How the columns of an uploaded file are read: shown, changed, agreed to, kept for the next file.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{FailureOut, ImportOut, SkippedOut, out};
use crate::{
    api::{
        State,
        body::Body,
        changed, etag,
        extract::{NoParams, Params, Who, if_match},
        if_none_match, lang_of,
        page::{Page, Place, linked},
        problem::{Problem, Refusal},
    },
    domain::{
        holding::Conversion,
        id::Id,
        intake::{Basis, Column},
        patent::{LegalStatus, PatentKind},
        register::{Counts, Import, ImportState, PreviewColumn, SavedMapping},
        text::Lang,
        time::Day,
    },
    ops::{
        Error,
        imports::{self, SaidColumn, saved},
        rejects,
    },
};

/// What was understood of a file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportPreview {
    pub import: Id,
    pub state: ImportState,
    /// What would become of its rows; while it is `rehearsed` nothing is recorded.
    pub counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureOut>,
    /// The columns in their order; of JSON lines the keys; none of patent XML.
    pub columns: Vec<ColumnOut>,
    pub tables: Vec<String>,
    pub skipped: Vec<SkippedOut>,
    /// The first good rows as they are understood.
    pub rows: Vec<RowOut>,
    /// The first refused rows.
    pub problems: Vec<ProblemOut>,
    /// The version that `If-Match` refers to.
    pub version: i64,
}

/// A column, how it is read, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ColumnOut {
    /// Names the column in a mapping.
    pub column: String,
    /// As in the file; its letters where it has no header.
    pub header: String,
    /// Absent: it is not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Column>,
    pub basis: Basis,
    /// Why, for people.
    pub reason: String,
    /// What of its values speaks against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contradiction: Option<String>,
    /// The first values.
    pub samples: Vec<String>,
}

/// A row as it is understood.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowOut {
    pub number: String,
    pub title: String,
    pub kind: PatentKind,
    pub legal_status: LegalStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub filing_date: Option<Day>,
    pub patentees: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion: Option<Conversion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A refused row: where, why, what to do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemOut {
    pub row: i64,
    pub column: String,
    pub reason: String,
    pub remedy: String,
    pub value: String,
}

/// Problems shown; the file of rejects has all.
const PROBLEMS: usize = 10;

fn column_out(column: PreviewColumn, lang: Lang) -> ColumnOut {
    let text = |text: &crate::domain::text::Text| text.in_lang(lang).to_owned();
    let reading = column.reading;
    ColumnOut {
        column: column.key,
        header: column.header,
        field: reading.as_ref().and_then(|reading| reading.field),
        basis: reading
            .as_ref()
            .map_or(Basis::None, |reading| reading.basis),
        reason: reading
            .as_ref()
            .map(|r| text(&r.reason))
            .unwrap_or_default(),
        contradiction: reading.and_then(|r| r.contradiction.as_ref().map(text)),
        samples: column.samples,
    }
}

/// Read how a file's columns are read, its first rows and its first problems.
///
/// Of a file uploaded with `preview=true` this is what the dry run found; of any other, by what it was imported.
#[utoipa::path(get, path = "/v1/imports/{import}/preview", operation_id = "getImportPreview", tag = "imports",
    security(("apiKey" = [])), params(("import" = Id, Path)),
    responses((status = 200, body = ImportPreview), (status = 304, description = "Unchanged")))]
pub async fn preview(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (id, lang) = (import_at(&id)?, lang_of(&headers));
    let (import, refused) = imports::preview(&state.services, &actor, &id, PROBLEMS).await?;
    let problems =
        rejects::explained(&refused, lang).map(|(row, column, reason, remedy, value)| ProblemOut {
            row,
            column,
            reason,
            remedy,
            value,
        });
    let problems = problems.collect();
    Ok(if_none_match(&headers, &etag(import.version), || {
        Json(preview_out(import, problems, lang)).into_response()
    }))
}

fn preview_out(import: Import, problems: Vec<ProblemOut>, lang: Lang) -> ImportPreview {
    let found = import.preview.clone().unwrap_or_default();
    let (version, columns) = (import.version, found.columns);
    let rows = found.rows.into_iter().map(|row| RowOut {
        number: row.number,
        title: row.title,
        kind: row.kind,
        legal_status: row.legal_status,
        filing_date: row.filing_date,
        patentees: row.patentees,
        conversion: row.conversion,
        unit: row.unit,
    });
    let rows = rows.collect();
    let out = out(import, lang);
    ImportPreview {
        import: out.id,
        state: out.state,
        counts: out.counts,
        failure: out.failure,
        columns: columns.into_iter().map(|c| column_out(c, lang)).collect(),
        tables: out.tables,
        skipped: out.skipped,
        rows,
        problems,
        version,
    }
}

/// What columns of a file are. Columns that are not named stay as they are.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMapping {
    pub columns: Vec<NewColumn>,
}

/// What one column is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewColumn {
    /// Its `column` or its header.
    pub column: String,
    /// `null`: it is not read.
    pub field: Option<Column>,
}

/// Say what the columns of a file are that waits for `commit`; it is read through again by that.
///
/// A field that another column has is refused: leave one of them unread. What is agreed to is kept for the next file with
/// the same headers.
#[utoipa::path(put, path = "/v1/imports/{import}/mapping", operation_id = "putImportMapping", tag = "imports",
    security(("apiKey" = [])),
    params(("import" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewMapping, responses((status = 202, body = ImportOut)))]
pub async fn remap(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewMapping>,
) -> Result<Response, Refusal> {
    let (id, expected) = (import_at(&id)?, if_match(&headers)?);
    let said: Vec<SaidColumn> = new
        .columns
        .into_iter()
        .map(|NewColumn { column, field }| SaidColumn { column, field })
        .collect();
    let import = imports::remap(&state.services, &actor, &id, expected, &said).await?;
    let answer = changed(import.version, out(import, lang_of(&headers)));
    Ok((StatusCode::ACCEPTED, answer).into_response())
}

/// Agree to a file that was uploaded with `preview=true`: it is imported as the preview shows. Agreeing twice imports once.
#[utoipa::path(post, path = "/v1/imports/{import}/commit", operation_id = "commitImport", tag = "imports",
    security(("apiKey" = [])),
    params(("import" = Id, Path), ("If-Match" = String, Header, description = "The ETag of the preview that was seen")),
    responses((status = 202, body = ImportOut)))]
pub async fn commit(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (id, expected) = (import_at(&id)?, if_match(&headers)?);
    let import = imports::commit(&state.services, &actor, &id, expected).await?;
    let answer = changed(import.version, out(import, lang_of(&headers)));
    Ok((StatusCode::ACCEPTED, answer).into_response())
}

/// Give up a file that waits for `commit`. What was imported cannot be given up.
#[utoipa::path(delete, path = "/v1/imports/{import}", operation_id = "discardImport", tag = "imports",
    security(("apiKey" = [])), params(("import" = Id, Path)),
    responses((status = 204, description = "It is gone"), (status = 409, body = Problem)))]
pub async fn discard(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    imports::discard(&state.services, &actor, &import_at(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What was said of the headers of a file, offered again for every file with the same headers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MappingOut {
    pub id: Id,
    /// Absent: the office's own, for files that are nobody's stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Id>,
    /// Of all headers, in whatever order.
    pub signature: String,
    /// The columns that are read otherwise than their headers say.
    pub columns: Vec<MappedColumn>,
    /// The file with which it was saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    pub saved_at: String,
}

/// One header, and what it was said to be.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MappedColumn {
    pub column: String,
    pub header: String,
    /// Absent: it is not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Column>,
}

fn mapping_out(saved: SavedMapping) -> MappingOut {
    let columns = saved.columns.into_iter().map(|column| MappedColumn {
        column: column.key,
        header: column.header,
        field: column.field,
    });
    MappingOut {
        id: saved.id,
        organisation: saved.organisation,
        signature: saved.signature,
        columns: columns.collect(),
        file_name: saved.file_name,
        saved_at: saved.saved_at.rfc3339(),
    }
}

/// List saved mappings, the latest first: your organisation's, or everyone's for an officer.
#[utoipa::path(get, path = "/v1/import-mappings", operation_id = "listImportMappings", tag = "imports",
    security(("apiKey" = [])),
    params(
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<MappingOut>)))]
pub async fn list_mappings(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let place = Place::take(&mut params, &format!("import-mappings {:?}", actor.sight()))?;
    params.finish()?;
    let services = &state.services;
    let (items, total) =
        saved::list(services, &actor, place.after.as_deref(), place.limit + 1).await?;
    let items = items
        .into_iter()
        .map(|saved| mapping_out(saved.value))
        .collect();
    let page = place.page(items, total, |saved: &MappingOut| saved.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Remove a saved mapping: the next file with these headers is read as if nobody had said anything.
#[utoipa::path(delete, path = "/v1/import-mappings/{mapping}", operation_id = "deleteImportMapping", tag = "imports",
    security(("apiKey" = [])), params(("mapping" = Id, Path)),
    responses((status = 204, description = "It is gone")))]
pub async fn remove_mapping(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("import mapping"))?;
    saved::remove(&state.services, &actor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn import_at(text: &str) -> Result<Id, Error> {
    Id::parse(text).ok_or(Error::NotFound("import"))
}
