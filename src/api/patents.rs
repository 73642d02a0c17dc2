//! /v1/patents: search, one patent, the whole result as a file.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    extract::{NoParams, Params, Who},
    if_none_match,
    page::linked,
    problem::{Problem, Refusal},
};
use crate::{
    domain::{
        card::Card,
        codes::Uscc,
        declaration::{Declaration, DeclarationState, KnowHowKind},
        event::sha256_hex,
        holding::{Conversion, HoldingState},
        id::Id,
        patent::{LegalStatus, Patent, PatentKind},
        reference::{Derived, Entry, Names},
        search::{Cursor, Facet, FacetField, Found, Hit, Sort},
        terms::FeeMode,
        time::Day,
    },
    ops::{self, asked, export, patents, reference},
};

/// A page of hits.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchOut {
    pub items: Vec<Hit>,
    /// How many there are in all, exactly.
    pub total: u64,
    pub facets: Vec<Facet>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The change up to which the index answers; compare with the feed's `sequence`.
    pub applied_seq: i64,
}

impl From<Found> for SearchOut {
    fn from(found: Found) -> Self {
        Self {
            items: found.hits,
            total: found.total,
            facets: found.facets,
            next: found.next.map(|Cursor(text)| text),
            applied_seq: found.applied_seq,
        }
    }
}

/// A patent as it stands in the register.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PatentOut {
    #[serde(flatten)]
    pub patent: Patent,
    pub version: i64,
    /// As printed on a certificate.
    #[schema(example = "ZL201910699568.X")]
    pub zl: String,
    /// 期满终止日, computed from the filing date; absent while that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub expires_on: Option<Day>,
    /// What the classes are called, in the order of `ipc`, each by the finest level that has a title.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ipc_titles: Vec<String>,
    /// What the industries are called, in the order of `industries`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub industry_names: Vec<String>,
    /// Where the source names no industry: those of the classes, by the table of classes and industries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub derived_industries: Vec<Entry>,
    /// The version of that table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industries_derived_by: Option<String>,
    /// Organisations that have it in their stock.
    pub holders: Vec<HolderOut>,
    /// Its card in plain words, where one is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// Its open-licence declarations that you may see, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub declarations: Vec<DeclaredOut>,
}

/// A declaration of the patent, in short.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredOut {
    pub id: Id,
    pub organisation: Id,
    pub state: DeclarationState,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub effective_on: Option<Day>,
    /// The last day on which a licence can be taken, by what is known.
    #[schema(value_type = String, format = "date")]
    pub until: Day,
    pub fee_mode: FeeMode,
}

impl From<Declaration> for DeclaredOut {
    fn from(declaration: Declaration) -> Self {
        Self {
            until: declaration.last_day(),
            fee_mode: declaration.terms.mode(),
            id: declaration.id,
            organisation: declaration.organisation,
            state: declaration.state,
            effective_on: declaration.effective_on,
        }
    }
}

/// An organisation that has the patent in its stock.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HolderOut {
    pub holding: Id,
    pub organisation: Id,
    pub uscc: Uscc,
    pub name: String,
    pub state: HoldingState,
    pub first_patentee: bool,
    pub conversion: Conversion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl PatentOut {
    fn of(record: patents::PatentRecord, names: &Names) -> Self {
        let patent = record.patent.value;
        let derived = if patent.industries.is_empty() {
            names.relation().derive(&patent.ipc)
        } else {
            Derived::default()
        };
        Self {
            ipc_titles: names.titles(&patent.ipc),
            industry_names: names.industry_names(&patent.industries),
            derived_industries: names.called(&derived.industries),
            industries_derived_by: Some(derived.version).filter(|version| !version.is_empty()),
            version: record.patent.version,
            zl: patent.number.zl(),
            expires_on: patent.expires_on(),
            holders: record
                .holders
                .into_iter()
                .map(|(holding, party)| HolderOut {
                    holding: holding.value.id,
                    organisation: party.id,
                    uscc: party.uscc,
                    name: party.name,
                    state: holding.value.state,
                    first_patentee: holding.value.first_patentee,
                    conversion: holding.value.conversion,
                    unit: holding.value.unit,
                })
                .collect(),
            declarations: record
                .declarations
                .into_iter()
                .map(|found| found.value.into())
                .collect(),
            card: record.card.map(|card| card.value),
            patent,
        }
    }
}

/// Search the patents.
///
/// `q` is what a person types: words, a sentence, `"a phrase"`, `-without`, `this OR that`, a number in any
/// notation, a name. Several values of one filter are alternatives; the filters hold together. `total` is exact.
#[utoipa::path(get, path = "/v1/patents", operation_id = "searchPatents", tag = "patents",
    params(
        ("q" = Option<String>, Query, description = "What to look for; at most 2000 characters are read", example = "网箱清洗"),
        ("kind" = Option<Vec<PatentKind>>, Query, description = "Patent types"),
        ("ipc" = Option<Vec<String>>, Query, description = "IPC at any level: H, H01, H01M, H01M50, H01M50/533"),
        ("holder" = Option<Vec<String>>, Query, description = "Organisations with a published holding, by id or USCC"),
        ("applicant" = Option<Vec<String>>, Query, description = "Whole names of applicants or owners"),
        ("region" = Option<Vec<String>>, Query, description = "GB/T 2260 codes of 2, 4 or 6 digits"),
        ("industry" = Option<Vec<String>>, Query,
            description = "GB/T 4754 codes at any level: C, C35, C3511; of the source, or derived from the classes where it names none"),
        ("conversion" = Option<Vec<Conversion>>, Query, description = "Conversion status of a published holding"),
        ("legalStatus" = Option<Vec<LegalStatus>>, Query),
        ("filedFrom" = Option<String>, Query, format = "date"),
        ("filedTo" = Option<String>, Query, format = "date"),
        ("grantedFrom" = Option<String>, Query, format = "date"),
        ("grantedTo" = Option<String>, Query, format = "date"),
        ("inTerm" = Option<bool>, Query, description = "Whether the term still runs today"),
        ("termLeftAtLeast" = Option<u16>, Query, minimum = 1, maximum = 20,
            description = "The term runs at least so many whole years from today"),
        ("onOffer" = Option<bool>, Query,
            description = "Whether an open licence can be taken today; false: the rest, never offered ones included"),
        ("free" = Option<bool>, Query,
            description = "An open licence can be taken today and nothing is ever due; false: it can be taken and costs something"),
        ("feeAtMost" = Option<i64>, Query, minimum = 0, maximum = 10_000_000_000_i64,
            description = "Whole yuan: an open licence can be taken today and its fixed fees of the first year are at most this; a royalty may come on top"),
        ("feeMode" = Option<Vec<FeeMode>>, Query,
            description = "Ways of paying of an open licence that can be taken today"),
        ("knowHow" = Option<Vec<KnowHowKind>>, Query,
            description = "An open licence can be taken today with this kind of help"),
        ("facet" = Option<Vec<FacetField>>, Query, description = "Facets to count, each without its own filter"),
        ("sort" = Option<Sort>, Query,
            description = "fee: open licences that can be taken today by the fixed fees of their first year, the lowest first, then the rest"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "20 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = SearchOut), (status = 400, body = Problem), (status = 410, body = Problem),
        (status = 503, body = Problem)))]
pub async fn search(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let query = asked::query(&state.services, &actor, &mut params).await?;
    params.finish()?;
    let out = SearchOut::from(patents::search(&state.services, &actor, query).await?);
    Ok(linked(&uri, out.next.clone().as_deref(), out))
}

/// Read one patent, its number in any notation.
#[utoipa::path(get, path = "/v1/patents/{number}", operation_id = "getPatent", tag = "patents",
    params(("number" = String, Path, description = "Application number: ZL201910699568.X, CN201910699568X, 201910699568, …")),
    responses((status = 200, body = PatentOut), (status = 304, description = "Unchanged"), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let number = patents::parse_number(&number)?;
    let names = reference::names(&state.services).await;
    let record = patents::get(&state.services, &actor, &number).await?;
    let out = PatentOut::of(record, &names);
    // The holders are part of the answer, so the tag is of the whole answer, not of the patent's version.
    let body = serde_json::to_vec(&out).map_err(|e| ops::Error::Internal(e.to_string()))?;
    let tag = format!("\"{}-{}\"", out.version, &sha256_hex(&body)[..12]);
    Ok(if_none_match(&headers, &tag, || {
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    }))
}

/// What somebody found out about a patent's legal status.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewStatus {
    pub legal_status: LegalStatus,
    /// The register's own words.
    pub status_text: Option<String>,
    /// The day of the register extract or of the query.
    #[schema(value_type = String, format = "date")]
    pub as_of: Day,
    /// 专利登记簿副本 or the query's result, an uploaded file.
    pub source: Id,
}

/// Record the legal status as of a day, with the register extract or query result that shows it.
///
/// A newer day replaces an older one. Announced declarations are held against the gate at once.
#[utoipa::path(put, path = "/v1/patents/{number}/status", operation_id = "putPatentStatus", tag = "patents",
    security(("apiKey" = [])),
    params(("number" = String, Path, description = "Application number in any notation")),
    request_body = NewStatus, responses((status = 200, body = Patent)))]
pub async fn put_status(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(number): Path<String>,
    Body(new, _): Body<NewStatus>,
) -> Result<Response, Refusal> {
    let number = patents::parse_number(&number)?;
    let finding = patents::StatusFinding {
        legal_status: new.legal_status,
        text: new.status_text,
        as_of: new.as_of,
        source: new.source,
    };
    let patent = patents::put_status(&state.services, &actor, &number, finding).await?;
    Ok(Json(patent.value).into_response())
}

/// The whole result of a search as one file.
///
/// From one snapshot of the index, in number order, with as many rows as the search's `total`. Takes the
/// filters and `q` of the search; `format` is `ndjson` (default) or `csv` (UTF-8 with BOM).
#[utoipa::path(get, path = "/v1/patents/export", operation_id = "exportPatents", tag = "patents",
    params(
        ("q" = Option<String>, Query),
        ("format" = Option<String>, Query, description = "ndjson, csv or xlsx"),
        ("kind" = Option<Vec<PatentKind>>, Query), ("ipc" = Option<Vec<String>>, Query),
        ("holder" = Option<Vec<String>>, Query), ("applicant" = Option<Vec<String>>, Query),
        ("region" = Option<Vec<String>>, Query), ("industry" = Option<Vec<String>>, Query),
        ("conversion" = Option<Vec<Conversion>>, Query),
        ("legalStatus" = Option<Vec<LegalStatus>>, Query),
        ("filedFrom" = Option<String>, Query, format = "date"), ("filedTo" = Option<String>, Query, format = "date"),
        ("grantedFrom" = Option<String>, Query, format = "date"), ("grantedTo" = Option<String>, Query, format = "date"),
        ("inTerm" = Option<bool>, Query),
        ("termLeftAtLeast" = Option<u16>, Query, minimum = 1, maximum = 20),
        ("onOffer" = Option<bool>, Query), ("free" = Option<bool>, Query),
        ("feeAtMost" = Option<i64>, Query, minimum = 0, maximum = 10_000_000_000_i64, description = "Whole yuan"),
        ("feeMode" = Option<Vec<FeeMode>>, Query),
        ("knowHow" = Option<Vec<KnowHowKind>>, Query),
    ),
    responses((status = 200, content_type = "application/x-ndjson", body = Hit), (status = 400, body = Problem),
        (status = 503, body = Problem)))]
pub async fn export(
    Extract(state): Extract<State>,
    Who(actor): Who,
    mut params: Params,
) -> Result<Response, Refusal> {
    let format = params
        .word("format", export::Format::parse, &export::Format::WORDS)?
        .unwrap_or(export::Format::Ndjson);
    let query = asked::query(&state.services, &actor, &mut params).await?;
    params.finish()?;
    let (total, receiver) = export::hits(&state.services, &actor, query, format).await?;
    let body = HttpBody::from_stream(stream::unfold(receiver, |mut receiver| async move {
        receiver
            .recv()
            .await
            .map(|chunk| (chunk.map(Bytes::from), receiver))
    }));
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"patents.{}\"", format.extension()),
        ),
        (
            header::HeaderName::from_static("x-total-count"),
            total.to_string(),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, body).into_response())
}
