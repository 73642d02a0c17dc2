//! /v1/listings: announced lists from outside, line by line beside our declarations: read, decided, entered, and pilot
//! listings made into drafts.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    State,
    body::Body,
    changed, etag,
    extract::{NoParams, Params, Who, if_match},
    if_none_match, lang_of,
    page::{Page, Place, linked},
    problem::Refusal,
    tables::{SheetRow, answered},
    terms::TermsDoubtOut,
};
use crate::{
    domain::{
        id::Id,
        listing::{ListedItem, Listing, ListingState},
        merge::Choice,
        party::Contact,
        terms::Terms,
        text::Lang,
        time::Day,
    },
    ops::{
        Error,
        listings::{self, Entry, ListingFilter, Report, Shown},
        patents::parse_number,
    },
};

/// A line of an announced list beside our declaration, and the version for `If-Match`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListingOut {
    #[serde(flatten)]
    pub listing: Listing,
    pub version: i64,
    /// 发明名称, where the patent is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the list gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// What our declaration gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub our_contact: Option<Contact>,
    /// Why the terms are not certain; empty where they are data.
    pub doubts: Vec<TermsDoubtOut>,
}

fn out(shown: Shown, lang: Lang) -> ListingOut {
    let doubts = shown.doubts.into_iter();
    ListingOut {
        version: shown.record.version,
        listing: shown.record.value,
        title: Some(shown.title).filter(|title| !title.is_empty()),
        contact: shown.contact,
        our_contact: shown.our_contact,
        doubts: doubts.map(|doubt| TermsDoubtOut::of(doubt, lang)).collect(),
    }
}

/// A list to be read.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewListings {
    /// The list, a stored file (`POST /v1/files`): CSV or XLSX.
    pub source: Id,
    /// Check everything, write nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// What became of the rows; `added`, `revised`, `repeated`, `outside` and `rejected` make up all of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListingsReport {
    pub rows: u64,
    pub added: u64,
    /// Known, and the list or our declaration says something else now.
    pub revised: u64,
    pub repeated: u64,
    /// Of holders that are not registered here and patents that nobody here declares: not kept.
    pub outside: u64,
    pub rejected: Vec<SheetRow>,
    /// The rejected rows as a file (`/v1/files/{file}/content`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejects_file: Option<Id>,
    /// How the rows that are kept stand.
    pub states: Vec<ListingStateCount>,
    /// Headers of which nothing was read.
    pub ignored: Vec<String>,
}

/// So many rows stand so.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ListingStateCount {
    pub state: ListingState,
    pub count: u64,
}

fn report_out(report: Report, lang: Lang) -> ListingsReport {
    let rejected = report.rejected.into_iter();
    let states = report.states.into_iter();
    ListingsReport {
        rows: report.rows,
        added: report.added,
        revised: report.revised,
        repeated: report.repeated,
        outside: report.outside,
        rejected: rejected.map(|told| SheetRow::of(told, lang)).collect(),
        rejects_file: report.rejects.map(|file| file.id),
        states: states
            .map(|(state, count)| ListingStateCount { state, count })
            .collect(),
        ignored: report.ignored,
    }
}

/// Read an announced list from outside: number, holder, fee, period, number and day of the announcement, contact.
///
/// Nothing of our declarations changes: differences are kept to be decided, holders of ours without a declaration here are
/// reported as `unknown`, lines before the statutory regime as `pilot`. The same list again changes nothing.
#[utoipa::path(post, path = "/v1/listings/imports", operation_id = "importListings", tag = "listings",
    security(("apiKey" = [])), request_body = NewListings, responses((status = 200, body = ListingsReport)))]
pub async fn import(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, _): Body<NewListings>,
) -> Result<Response, Refusal> {
    let lang = lang_of(&headers);
    let report = listings::import(&state.services, &actor, &new.source, new.dry_run).await?;
    Ok(answered(lang, report_out(report, lang)))
}

/// List the lines of announced lists, the latest first: of your own patents, or all of them for an officer.
#[utoipa::path(get, path = "/v1/listings", operation_id = "listListings", tag = "listings",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC of the holder"),
        ("number" = Option<String>, Query, description = "Of one patent"),
        ("state" = Option<ListingState>, Query),
        ("pilot" = Option<bool>, Query, description = "试点信息 alone, or without them"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<ListingOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let lang = lang_of(&headers);
    let organisation = params.take("organisation")?;
    let filter = ListingFilter {
        number: params
            .take("number")?
            .map(|text| parse_number(&text))
            .transpose()?,
        organisation: None,
        state: params.word(
            "state",
            ListingState::parse,
            &ListingState::ALL.map(ListingState::as_str),
        )?,
        pilot: params.word("pilot", |text| text.parse().ok(), &["true", "false"])?,
    };
    let asked = format!("listings {organisation:?} {filter:?} {:?}", actor.sight());
    let place = Place::take(&mut params, &asked)?;
    params.finish()?;
    let (items, total) = listings::list(
        &state.services,
        &actor,
        organisation.as_deref(),
        filter,
        place.after.as_deref(),
        place.limit + 1,
    )
    .await?;
    let items = items.into_iter().map(|one| out(one, lang)).collect();
    let page = place.page(items, total, |one: &ListingOut| one.listing.id.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one line of an announced list.
#[utoipa::path(get, path = "/v1/listings/{listing}", operation_id = "getListing", tag = "listings",
    security(("apiKey" = [])), params(("listing" = Id, Path)),
    responses((status = 200, body = ListingOut), (status = 304, description = "Unchanged")))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let lang = lang_of(&headers);
    let found = listings::get(&state.services, &actor, &listing_at(&id)?).await?;
    Ok(if_none_match(&headers, &etag(found.record.version), || {
        Json(out(found, lang)).into_response()
    }))
}

/// How a difference is decided.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewListingDecision {
    pub item: ListedItem,
    /// `ours`: our declaration is right; `theirs`: what the list says is taken when the line is entered.
    pub choice: Choice,
    pub reason: String,
}

/// Decide one difference between a line and our declaration, with a reason. Nothing changes before the line is entered.
#[utoipa::path(post, path = "/v1/listings/{listing}/decisions", operation_id = "decideListing", tag = "listings",
    security(("apiKey" = [])),
    params(("listing" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = NewListingDecision, responses((status = 200, body = ListingOut)))]
pub async fn decide(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<NewListingDecision>,
) -> Result<Response, Refusal> {
    let (id, expected) = (listing_at(&id)?, if_match(&headers)?);
    let (services, choice) = (&state.services, (new.item, new.choice));
    let found = listings::decide(services, &actor, &id, expected, choice, &new.reason).await?;
    let out = out(found, lang_of(&headers));
    Ok(changed(out.version, out))
}

/// What a person adds where the list does not say it for certain.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListingEntry {
    pub terms: Option<Terms>,
    #[schema(value_type = Option<String>, format = "date")]
    pub until: Option<Day>,
    /// 开放许可声明编号
    pub declaration_number: Option<String>,
    #[schema(value_type = Option<String>, format = "date")]
    pub effective_on: Option<Day>,
}

impl From<ListingEntry> for Entry {
    fn from(entry: ListingEntry) -> Self {
        Self {
            terms: entry.terms,
            until: entry.until,
            declaration_number: entry.declaration_number,
            effective_on: entry.effective_on,
        }
    }
}

/// Enter the announcement of a line, the list being its source: our submitted declaration becomes announced, or one that
/// was not declared here is recorded. Where other terms or another period were taken, our record is annulled and the
/// announced one recorded in its place.
#[utoipa::path(post, path = "/v1/listings/{listing}/entry", operation_id = "enterListing", tag = "listings",
    security(("apiKey" = [])),
    params(("listing" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = ListingEntry, responses((status = 200, body = ListingOut)))]
pub async fn enter(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<ListingEntry>,
) -> Result<Response, Refusal> {
    let (id, expected) = (listing_at(&id)?, if_match(&headers)?);
    let found = listings::enter(&state.services, &actor, &id, expected, new.into()).await?;
    let out = out(found, lang_of(&headers));
    Ok(changed(out.version, out))
}

/// Make a draft of a pilot listing (试点信息), which is no open licence and is never counted: its holder declares anew.
#[utoipa::path(post, path = "/v1/listings/{listing}/draft", operation_id = "convertListing", tag = "listings",
    security(("apiKey" = [])),
    params(("listing" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = ListingEntry, responses((status = 200, body = ListingOut)))]
pub async fn convert(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(new, _): Body<ListingEntry>,
) -> Result<Response, Refusal> {
    let (id, expected) = (listing_at(&id)?, if_match(&headers)?);
    let found = listings::convert(&state.services, &actor, &id, expected, new.into()).await?;
    let out = out(found, lang_of(&headers));
    Ok(changed(out.version, out))
}

fn listing_at(text: &str) -> Result<Id, Error> {
    Id::parse(text).ok_or(Error::NotFound("listing"))
}
