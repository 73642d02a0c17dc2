//! /v1/inventory: the stock records of an organisation (盘点档案), and how complete they are.

use axum::{
    Json,
    body::Body as HttpBody,
    extract::{Path, State as Extract},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    State,
    body::Body,
    changed,
    extract::{NoParams, Params, Who, if_match},
    lang_of,
    page::{Page, Place, linked},
    problem::Refusal,
    upload::upload,
};
use crate::{
    domain::{
        codes::AppNo,
        holding::Conversion,
        id::Id,
        inventory::{Funding, Inventory, InventoryPatch, Item, UnitCompleteness},
        money::Fen,
        party::Contact,
        review::RecordState,
        stock::{StockFilter, StockPlace},
    },
    ops::{
        Error,
        inventory::{self, Completeness, Edit, Shown},
        questionnaire,
    },
};

/// A stock record, what it is of, and the version that `If-Match` refers to: 0 while nothing was ever said.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryOut {
    #[serde(flatten)]
    pub record: Inventory,
    #[schema(value_type = String)]
    pub number: AppNo,
    pub title: String,
    /// 所属学院 or other sub-unit, as the holding names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The second item: it stands in the holding, and is edited here or there.
    pub conversion: Conversion,
    /// The items that say nothing yet.
    pub missing: Vec<Item>,
    pub version: i64,
}

impl From<Shown> for InventoryOut {
    fn from(shown: Shown) -> Self {
        Self {
            missing: shown.missing(),
            number: shown.holding.number,
            title: shown.patent.title,
            unit: shown.holding.unit,
            conversion: shown.holding.conversion,
            version: shown.record.version,
            record: shown.record.value,
        }
    }
}

/// What is to be changed; an absent field stays as it is, `null` empties it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InventoryEdit {
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Funding>)]
    pub funding: Option<Option<Funding>>,
    /// The use so far, which is the holding's.
    pub conversion: Option<Conversion>,
    /// Codes of the dictionary `ways`; an empty list empties it.
    #[schema(example = json!(["openLicence", "assignment"]))]
    pub ways: Option<Vec<String>>,
    /// The price asked, in fen.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub price_fen: Option<Option<Fen>>,
    /// A code of the dictionary `maturity`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "pilot")]
    pub maturity: Option<Option<String>>,
    /// A code of the dictionary `grade`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "4")]
    pub grade: Option<Option<String>>,
    /// At most 2000 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub scenario: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Contact>)]
    pub contact: Option<Option<Contact>>,
    /// The inventor who answers for it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub inventor: Option<Option<String>>,
    /// The account that fills it in; for whoever may say so.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Id>)]
    pub assignee: Option<Option<Id>>,
}

#[expect(
    clippy::option_option,
    reason = "absent, null and a value are three things here"
)]
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(value).map(Some)
}

impl From<InventoryEdit> for Edit {
    fn from(edit: InventoryEdit) -> Self {
        Self {
            conversion: edit.conversion,
            items: InventoryPatch {
                funding: edit.funding,
                ways: edit.ways,
                price_fen: edit.price_fen,
                maturity: edit.maturity,
                grade: edit.grade,
                scenario: edit.scenario,
                contact: edit.contact,
                inventor: edit.inventor,
                assignee: edit.assignee,
            },
        }
    }
}

/// Of how many patents an item says nothing.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MissingOut {
    pub item: Item,
    pub count: i64,
}

/// How complete an organisation's stock records are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompletenessOut {
    pub organisation: Id,
    pub organisation_name: String,
    /// Patents in stock.
    pub total: i64,
    /// All six items are answered.
    pub complete: i64,
    pub missing: Vec<MissingOut>,
    /// The largest units first; only where one organisation is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Vec<UnitCompleteness>>,
}

impl From<Completeness> for CompletenessOut {
    fn from(counted: Completeness) -> Self {
        let missing = counted.missing.into_iter();
        Self {
            organisation: counted.organisation,
            organisation_name: counted.organisation_name,
            total: counted.total,
            complete: counted.complete,
            missing: missing
                .map(|(item, count)| MissingOut { item, count })
                .collect(),
            units: counted.units,
        }
    }
}

/// List the stock records of an organisation in number order: your own, or the one that an officer names.
///
/// Every patent in stock is listed, whether or not anything was said of it.
#[utoipa::path(get, path = "/v1/inventory", operation_id = "listInventory", tag = "inventory",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("q" = Option<String>, Query, description = "Part of title, number or an inventor's name"),
        ("complete" = Option<bool>, Query, description = "All six items are answered"),
        ("unit" = Option<String>, Query),
        ("conversion" = Option<Conversion>, Query),
        ("maturity" = Option<String>, Query, description = "A code of the dictionary `maturity`"),
        ("way" = Option<String>, Query, description = "A code of the dictionary `ways`"),
        ("grade" = Option<String>, Query, description = "A code of the dictionary `grade`"),
        ("state" = Option<RecordState>, Query, description = "How far the review has come"),
        ("overdue" = Option<bool>, Query, description = "true: only those whose term is over"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<InventoryOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    let conversions = Conversion::ALL.map(Conversion::as_str);
    let code = |text: &str| {
        let sign = |c: char| c.is_ascii_alphanumeric() || c == '-';
        text.chars().all(sign).then(|| text.to_owned())
    };
    let flag = |text: &str| text.parse().ok();
    let states = RecordState::ALL.map(RecordState::as_str);
    let filter = StockFilter {
        text: params.take("q")?,
        complete: params.word("complete", flag, &["true", "false"])?,
        unit: params.take("unit")?,
        conversion: params.word("conversion", Conversion::parse, &conversions)?,
        maturity: params.word("maturity", code, &["a code"])?,
        way: params.word("way", code, &["a code"])?,
        grade: params.word("grade", code, &["a code"])?,
        state: params.word("state", RecordState::parse, &states)?,
        overdue_on: params
            .word("overdue", flag, &["true", "false"])?
            .unwrap_or_default()
            .then(|| state.services.clock.today()),
        ..StockFilter::default()
    };
    let name = format!("inventory {organisation:?} {filter:?} {}", actor.name);
    let place = Place::take(&mut params, &name)?;
    params.finish()?;
    let after = place.after.as_deref().and_then(StockPlace::parse);
    let (items, total) = inventory::list(
        &state.services,
        &actor,
        organisation.as_deref(),
        &filter,
        after.as_ref(),
        place.limit + 1,
    )
    .await?;
    let items = items.into_iter().map(InventoryOut::from).collect();
    let page = place.page(items, total, |record: &InventoryOut| {
        format!("|{}", record.number)
    });
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Count complete records: of your own organisation with its units, or for an officer of one or of all organisations.
#[utoipa::path(get, path = "/v1/inventory/completeness", operation_id = "getInventoryCompleteness", tag = "inventory",
    security(("apiKey" = [])),
    params(
        ("organisation" = Option<String>, Query, description = "Id or USCC; your own when absent"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<CompletenessOut>)))]
pub async fn completeness(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let organisation = params.take("organisation")?;
    let name = format!("completeness {organisation:?} {:?}", actor.sight());
    let place = Place::take(&mut params, &name)?;
    params.finish()?;
    let (items, total) = inventory::completeness(
        &state.services,
        &actor,
        organisation.as_deref(),
        place.after.as_deref().unwrap_or_default(),
        place.limit + 1,
    )
    .await?;
    let items = items.into_iter().map(CompletenessOut::from).collect();
    let page = place.page(items, total, |counted: &CompletenessOut| {
        counted.organisation.to_string()
    });
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}

/// Read one stock record, by its own id or by its holding's.
#[utoipa::path(get, path = "/v1/inventory/{record}", operation_id = "getInventory", tag = "inventory",
    security(("apiKey" = [])),
    params(("record" = Id, Path)),
    responses((status = 200, body = InventoryOut)))]
pub async fn get(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let found = inventory::get(&state.services, &actor, &record_at(&id)?).await?;
    // What is shown is the holding's too, so an unchanged record is not an unchanged answer: never 304.
    Ok(changed(found.record.version, InventoryOut::from(found)))
}

/// Edit a stock record. The first edit makes it: read it by its holding's id and send the ETag `"0"`.
#[utoipa::path(patch, path = "/v1/inventory/{record}", operation_id = "updateInventory", tag = "inventory",
    security(("apiKey" = [])),
    params(("record" = Id, Path), ("If-Match" = String, Header, description = "The ETag read before")),
    request_body = InventoryEdit, responses((status = 200, body = InventoryOut)))]
pub async fn update(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(edit, _): Body<InventoryEdit>,
) -> Result<Response, Refusal> {
    let (id, expected) = (record_at(&id)?, if_match(&headers)?);
    let shown = inventory::update(&state.services, &actor, &id, expected, edit.into()).await?;
    let out = InventoryOut::from(shown);
    Ok(changed(out.version, out))
}

/// The id in an address.
pub(super) fn record_at(text: &str) -> Result<Id, Error> {
    Id::parse(text).ok_or(Error::NotFound("inventory"))
}

/// A row of a sheet that was refused.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QuestionnaireRefusal {
    /// As a person sees it in the file.
    pub row: u64,
    #[schema(example = "技术成熟度")]
    pub column: &'static str,
    #[schema(example = "notInDictionary")]
    pub code: &'static str,
    pub value: String,
    /// In the language asked for; of an unknown value, what is allowed.
    pub text: String,
}

/// What became of the rows of a sheet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QuestionnaireOut {
    pub rows: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub refused: Vec<QuestionnaireRefusal>,
}

/// Read the questionnaire from a sheet: each row fills in the stock record of one patent of your own.
///
/// CSV (UTF-8, GBK), XLSX, XLS, ODS or JSON lines with the headers of the national inventory sheet: 专利号, 是否财政资助,
/// 项目编号, 实施状态, 转化意愿, 技术成熟度, 专利自评, 应用场景, 期望价格, 联系人, 联系电话. Values are wordings or codes of the
/// dictionaries; an unknown one is refused with what is allowed. Empty cells leave a record as it is; a refused row
/// holds up no other.
#[utoipa::path(post, path = "/v1/inventory/questionnaire", operation_id = "importInventory", tag = "inventory",
    security(("apiKey" = [])),
    params(("fileName" = Option<String>, Query),
        ("dryRun" = Option<bool>, Query, description = "true: write nothing, say what would become of the rows")),
    request_body(content = String, content_type = "application/octet-stream", description = "The sheet"),
    responses((status = 200, body = QuestionnaireOut)))]
pub async fn questionnaire(
    Extract(state): Extract<State>,
    Who(actor): Who,
    headers: HeaderMap,
    mut params: Params,
    body: HttpBody,
) -> Result<Response, Refusal> {
    let file_name = params.take("fileName")?;
    let dry_run = params.word("dryRun", |text| text.parse().ok(), &["true", "false"])?;
    params.finish()?;
    let (services, dry_run) = (&state.services, dry_run.unwrap_or_default());
    let report = questionnaire::import(services, &actor, file_name, dry_run, upload(body)).await?;
    let lang = lang_of(&headers);
    let refused = report.refused.into_iter().map(|one| QuestionnaireRefusal {
        row: one.row,
        column: one.column,
        code: one.code,
        text: one.text.in_lang(lang).to_owned(),
        value: one.value,
    });
    let out = QuestionnaireOut {
        rows: report.rows,
        changed: report.changed,
        unchanged: report.unchanged,
        refused: refused.collect(),
    };
    Ok(Json(out).into_response())
}
