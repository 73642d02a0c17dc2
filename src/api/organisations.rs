//! /v1/organisations: the register of holders and other organisations.

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
    extract::{NoParams, Params, Who, idempotency_key, if_match},
    if_none_match, made,
    page::{Page, Place, linked},
    problem::{Problem, Refusal},
};
use crate::{
    domain::{
        codes::{Uscc, region, uscc::UsccError},
        id::Id,
        party::{Organisation, OrganisationKind},
    },
    ops::{Error, Fault, Stored, idempotency, organisations, verification},
};

/// An organisation and the version that `If-Match` refers to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationOut {
    #[serde(flatten)]
    pub organisation: Organisation,
    pub version: i64,
}

/// A new organisation.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOrganisation {
    /// 统一社会信用代码, checked.
    #[schema(example = "12100000400000624D")]
    pub uscc: String,
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub kind: OrganisationKind,
    /// GB/T 2260 division by which it is counted.
    #[schema(example = "371002")]
    pub district: String,
    /// 镇街: nine digits that begin with the district's
    #[schema(example = "371002001")]
    pub town: Option<String>,
}

/// What changes; absent fields stay.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganisationPatch {
    pub name: Option<String>,
    pub aliases: Option<Vec<String>>,
    pub kind: Option<OrganisationKind>,
    pub district: Option<String>,
    /// Empty: none.
    pub town: Option<String>,
}

/// An officer's finding.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Verification {
    pub verified: bool,
}

impl From<Stored<Organisation>> for OrganisationOut {
    fn from(stored: Stored<Organisation>) -> Self {
        Self {
            organisation: stored.value,
            version: stored.version,
        }
    }
}

/// List organisations in the order of their codes.
#[utoipa::path(get, path = "/v1/organisations", operation_id = "listOrganisations", tag = "organisations",
    params(
        ("district" = Option<String>, Query, description = "GB/T 2260 division, e.g. 371002"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<OrganisationOut>), (status = 400, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let district = params.take("district")?;
    if district
        .as_deref()
        .is_some_and(|code| !region::is_code(code))
    {
        return Err(Fault::new(
            "?district",
            "districtInvalid",
            "应为六位行政区划代码，例如 371002。",
            "Must be a six-digit GB/T 2260 code such as 371002.",
        )
        .into());
    }
    let place = Place::take(&mut params, &format!("organisations {district:?}"))?;
    params.finish()?;
    let (items, total) = organisations::list(
        &state.services,
        &actor,
        district.as_deref(),
        place.after.as_deref(),
        place.limit + 1,
    )
    .await?;
    let items = items.into_iter().map(OrganisationOut::from).collect();
    let page = place.page(items, total, |o| o.organisation.uscc.to_string());
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one organisation by id or USCC.
#[utoipa::path(get, path = "/v1/organisations/{organisation}", operation_id = "getOrganisation", tag = "organisations",
    params(("organisation" = String, Path, description = "Id or USCC")),
    responses((status = 200, body = OrganisationOut), (status = 304, description = "Unchanged"), (status = 404, body = Problem), (status = 400, body = Problem)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(reference): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = organisations::get(&state.services, &actor, &reference).await?;
    Ok(if_none_match(&headers, &etag(found.version), || {
        Json(OrganisationOut::from(found)).into_response()
    }))
}

/// Register an organisation. The code is checked; a code that is registered already is refused (409).
#[utoipa::path(post, path = "/v1/organisations", operation_id = "createOrganisation", tag = "organisations",
    security(("apiKey" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats of the same request have one effect")),
    request_body = NewOrganisation,
    responses((status = 201, body = OrganisationOut), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem), (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    headers: HeaderMap,
    Body(new, bytes): Body<NewOrganisation>,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&headers)?
        .map(|k| idempotency::Key::new(&actor, &k, "createOrganisation", &bytes));
    let created =
        organisations::create(&state.services, &actor, key.as_ref(), new.try_into()?).await?;
    let out = OrganisationOut::from(created.record);
    let location = format!("/v1/organisations/{}", out.organisation.id);
    Ok(made(&location, out.version, out))
}

/// Correct an organisation. A new name or alias is compared with its holdings at once.
#[utoipa::path(patch, path = "/v1/organisations/{organisation}", operation_id = "updateOrganisation", tag = "organisations",
    security(("apiKey" = [])),
    params(("organisation" = Id, Path, description = "Id"), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = OrganisationPatch,
    responses((status = 200, body = OrganisationOut), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem), (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(patch, _): Body<OrganisationPatch>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("organisation"))?;
    let expected = if_match(&headers)?;
    let patch = organisations::OrganisationPatch {
        name: patch.name,
        aliases: patch.aliases,
        kind: patch.kind,
        district: patch.district,
        town: patch.town,
    };
    let out = OrganisationOut::from(
        organisations::update(&state.services, &actor, &id, expected, patch).await?,
    );
    Ok(changed(out.version, out))
}

/// Say that an organisation has been checked, or that it has not: until then it takes no licence by itself.
#[utoipa::path(put, path = "/v1/organisations/{organisation}/verification", operation_id = "verifyOrganisation", tag = "organisations",
    security(("apiKey" = [])),
    params(("organisation" = Id, Path, description = "Id"), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = Verification,
    responses((status = 200, body = OrganisationOut), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem), (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn verify(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(finding, _): Body<Verification>,
) -> Result<Response, Refusal> {
    let id = Id::parse(&id).ok_or(Error::NotFound("organisation"))?;
    let expected = if_match(&headers)?;
    let found =
        verification::verify(&state.services, &actor, &id, expected, finding.verified).await?;
    let out = OrganisationOut::from(found);
    Ok(changed(out.version, out))
}

impl TryFrom<NewOrganisation> for organisations::NewOrganisation {
    type Error = Refusal;
    fn try_from(new: NewOrganisation) -> Result<Self, Refusal> {
        let uscc = Uscc::parse(&new.uscc)
            .map_err(|why| Refusal::from(Error::Invalid(vec![uscc_fault(&why)])))?;
        Ok(Self {
            uscc,
            name: new.name,
            aliases: new.aliases,
            kind: new.kind,
            district: new.district,
            town: new.town,
            fictional: false,
        })
    }
}

fn uscc_fault(why: &UsccError) -> Fault {
    let zh = match why {
        UsccError::Length(found) => format!("统一社会信用代码应为 18 位，这里是 {found} 位。"),
        UsccError::Character(c) => {
            format!("统一社会信用代码中不会出现“{c}”（不使用 I、O、S、V、Z）。")
        }
        UsccError::Check { expected, found } => {
            format!("校验位 {found} 不对，应为 {expected}；请核对每一位。")
        }
        UsccError::Inner => "第 9 至 17 位（组织机构代码）的校验位不对，请核对每一位。".to_owned(),
    };
    Fault::new(
        "/uscc",
        "usccInvalid",
        zh,
        format!("The USCC does not check out: {why}."),
    )
}
