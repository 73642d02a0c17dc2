//! Lists as files: XLSX, CSV (UTF-8 with BOM) or JSON lines, the same filters and the same audience as the list.

use axum::{
    body::Body as HttpBody,
    extract::State as Extract,
    http::header,
    response::{IntoResponse as _, Response},
};
use tokio_util::io::ReaderStream;

use super::{
    State,
    extract::{Params, Who},
    problem::Refusal,
};
use crate::{
    domain::{
        account::Outcome,
        declaration::DeclarationState,
        holding::{Conversion, HoldingState},
        id::Id,
        indicator::{Charge, Concern, Metric},
        licence::LicenceState,
        need::NeedState,
        patent::PatentKind,
    },
    ops::{
        out::{self, List, Made, OutFormat},
        tasks::TaskKind,
    },
};

/// A file that was made, as an answer.
pub fn sent(made: Made, name: &str) -> Response {
    let name = format!(
        "attachment; filename=\"{name}.{}\"",
        made.format.extension()
    );
    let headers = [
        (header::CONTENT_TYPE, made.format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_LENGTH, made.bytes.to_string()),
        (
            header::HeaderName::from_static("x-total-count"),
            made.rows.to_string(),
        ),
        (header::CACHE_CONTROL, "no-store, no-transform".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let file = tokio::fs::File::from_std(made.file);
    (headers, HttpBody::from_stream(ReaderStream::new(file))).into_response()
}

/// `format`: JSON lines where nobody says another.
pub fn format(params: &mut Params) -> Result<OutFormat, Refusal> {
    let format = params.word("format", OutFormat::parse, &OutFormat::WORDS)?;
    Ok(format.unwrap_or(OutFormat::Ndjson))
}

async fn answer(
    state: &State,
    Who(actor): &Who,
    list: List,
    mut params: Params,
) -> Result<Response, Refusal> {
    let format = format(&mut params)?;
    let made = out::list(&state.services, actor, list, params, format).await?;
    Ok(sent(made, list.as_str()))
}

/// One handler a list: they differ by their filters alone.
macro_rules! exports {
    ($($(#[$about:meta])* $name:ident $list:ident $path:tt $id:tt $tag:tt [$($security:tt)*] ($($param:tt)*);)*) => {
        $(
            $(#[$about])*
            #[utoipa::path(get, path = $path, operation_id = $id, tag = $tag, $($security)*
                params(("format" = Option<String>, Query, description = "ndjson (default), csv or xlsx"), $($param)*),
                responses((status = 200, description = "The file; X-Total-Count says how many rows it has",
                    content((String = "application/x-ndjson"), (String = "text/csv"),
                        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
            pub async fn $name(
                Extract(state): Extract<State>,
                who: Who,
                params: Params,
            ) -> Result<Response, Refusal> {
                answer(&state, &who, List::$list, params).await
            }
        )*
    };
}

exports! {
    /// Take the needs that you may see out as a file.
    needs Needs "/v1/needs/export" "exportNeeds" "needs" [] (
        ("q" = Option<String>, Query), ("industry" = Option<Vec<String>>, Query), ("region" = Option<Vec<String>>, Query),
        ("organisation" = Option<Vec<Id>>, Query), ("state" = Option<Vec<NeedState>>, Query), ("open" = Option<bool>, Query),
    );
    /// Take the declarations that you may see out as a file.
    declarations Declarations "/v1/declarations/export" "exportDeclarations" "declarations" [] (
        ("organisation" = Option<String>, Query), ("number" = Option<String>, Query),
        ("state" = Option<DeclarationState>, Query), ("mustWithdraw" = Option<bool>, Query),
    );
    /// Take the licences that you may see out as a file. Individuals are not named.
    licences Licences "/v1/licences/export" "exportLicences" "licences" [] (
        ("declaration" = Option<Id>, Query), ("number" = Option<String>, Query), ("holder" = Option<String>, Query),
        ("licensee" = Option<String>, Query), ("party" = Option<String>, Query), ("state" = Option<LicenceState>, Query),
    );
    /// Take every counted unit of a figure, or of a part of it, out as a file.
    units Units "/v1/progress/items/export" "exportProgressItems" "progress" [] (
        ("metric" = Option<Metric>, Query), ("concern" = Option<Concern>, Query), ("month" = Option<String>, Query),
        ("holder" = Option<Id>, Query), ("industry" = Option<String>, Query), ("town" = Option<String>, Query),
        ("type" = Option<PatentKind>, Query), ("charge" = Option<Charge>, Query), ("target" = Option<Id>, Query),
        ("asOf" = Option<String>, Query, format = "date"), ("knownAt" = Option<String>, Query),
        ("concern" = Option<Concern>, Query), ("month" = Option<String>, Query), ("holder" = Option<Id>, Query),
        ("industry" = Option<String>, Query), ("town" = Option<String>, Query), ("type" = Option<PatentKind>, Query),
        ("charge" = Option<Charge>, Query),
    );
    /// Take what waits for you out as a file.
    tasks Tasks "/v1/tasks/export" "exportTasks" "tasks" [security(("apiKey" = [])),] (("kind" = Option<TaskKind>, Query),);
    /// Take the register of organisations out as a file.
    organisations Organisations "/v1/organisations/export" "exportOrganisations" "organisations" [] (
        ("district" = Option<String>, Query),
    );
    /// Take the holdings that you may see out as a file.
    holdings Holdings "/v1/holdings/export" "exportHoldings" "holdings" [] (
        ("organisation" = Option<String>, Query), ("state" = Option<HoldingState>, Query),
        ("conversion" = Option<Conversion>, Query),
    );
    /// Take the audit out as a file.
    audit Audit "/v1/audit/export" "exportAudit" "audit" [security(("apiKey" = [])),] (
        ("who" = Option<String>, Query), ("what" = Option<String>, Query), ("subject" = Option<String>, Query),
        ("result" = Option<Outcome>, Query), ("from" = Option<String>, Query, format = "date"),
        ("until" = Option<String>, Query, format = "date"),
    );
}
