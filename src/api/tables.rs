//! Sheets that are sent as a body and answered row by row: what comes with one, and what is wrong with a row.

use axum::{
    Json,
    http::header,
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::{extract::Params, problem::Refusal};
use crate::{
    domain::text::Lang,
    ops::tables::{Asked, Told},
};

/// What is wrong with one row.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SheetRow {
    /// As a person sees it in the file.
    pub row: u64,
    pub number: String,
    /// The header as in the file.
    #[schema(example = "新在哪里")]
    pub column: String,
    /// Stable, for machines.
    #[schema(example = "claimSpeak")]
    pub code: String,
    /// What is wrong, in the language asked for.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

impl SheetRow {
    pub fn of(told: Told, lang: Lang) -> Self {
        Self {
            row: told.row,
            number: told.number,
            column: told.column,
            code: told.code,
            detail: told.text.in_lang(lang).to_owned(),
            cure: told.cure.map(|cure| cure.in_lang(lang).to_owned()),
        }
    }
}

/// Reads what comes with a sheet, and nothing else: `organisation`, `dryRun`, `fileName`.
pub fn asked(mut params: Params) -> Result<Asked, Refusal> {
    let organisation = params.take("organisation")?;
    let dry_run = params.word("dryRun", |text| text.parse().ok(), &["true", "false"])?;
    let file_name = params.take("fileName")?;
    params.finish()?;
    Ok(Asked {
        organisation,
        dry_run: dry_run.unwrap_or(false),
        file_name: file_name.map(|name| name.chars().take(200).collect()),
    })
}

/// What became of a sheet, in the language asked for.
pub fn answered<T: Serialize>(lang: Lang, report: T) -> Response {
    let headers = [
        (header::CONTENT_LANGUAGE, lang.tag()),
        (header::VARY, header::ACCEPT_LANGUAGE.as_str()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Json(report)).into_response()
}
