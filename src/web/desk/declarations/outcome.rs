//! What a refused step or form says at its fields: rules that were not met are faults of the form that broke them.

use crate::{
    domain::{id::Id, text::Text, time::Day},
    ops::{Error, Fault, Result},
    web::form::Form,
};

/// A refusal that can be shown at the form; `Err`: it is a page of its own.
pub fn told(error: Error) -> std::result::Result<Error, Error> {
    match error {
        Error::Invalid(faults) => Ok(Error::Invalid(faults.into_iter().map(placed).collect())),
        Error::Unlawful { faults, .. } | Error::Prevented { faults, .. } => {
            let faults = faults.into_iter().map(with_cure).map(placed);
            Ok(Error::Invalid(faults.collect()))
        }
        Error::Exists(_) => {
            let text = error.text();
            Ok(Error::fault("", error.code(), text.zh, text.en))
        }
        other => Err(other),
    }
}

/// The article and the cure behind the words.
fn with_cure(mut fault: Fault) -> Fault {
    let article = fault
        .article
        .map_or_else(String::new, |a| format!("（{a}）"));
    let cure = fault
        .cure
        .take()
        .map_or_else(|| Text::new("", ""), |cure| *cure);
    fault.text = Text::new(
        format!("{}{article}{}", fault.text.zh, cure.zh),
        format!("{}{article} {}", fault.text.en, cure.en),
    );
    fault
}

/// The field of the form that a place in the record is.
fn placed(mut fault: Fault) -> Fault {
    let last = fault.pointer.rsplit('/').next().unwrap_or_default();
    let field = match (fault.pointer.as_str(), last) {
        (pointer, _) if pointer.starts_with("/evaluation") => "evaluation",
        (pointer, _) if pointer.starts_with("/consents") => "consent0",
        ("/internal/publicity/until", _) => "publicityUntil",
        (pointer, _) if pointer.starts_with("/internal/publicity") => "publicityFile",
        (pointer, _) if pointer.starts_with("/internal/approval") => "approvalFile",
        (pointer, _) if pointer.starts_with("/parts") || pointer.contains("/parts/") => {
            "amountYuan"
        }
        (_, "amountFen" | "entryFen") => "amountYuan",
        (_, "rateBp") => "royaltyRate",
        (_, "base") => "royaltyBase",
        (_, "floorFen") => "floorYuan",
        (_, "capFen") => "capYuan",
        (pointer, last) if pointer.starts_with("/terms/") => last,
        _ => return fault,
    };
    fault.pointer = format!("/{field}");
    fault
}

/// The day in a field.
pub fn day(form: &Form, name: &str) -> Result<Day> {
    let text = Text::new(
        "请填写日期，例如 2026-03-01。",
        "Give a day such as 2026-03-01.",
    );
    let fault = |_| Error::fault(&format!("/{name}"), "dayInvalid", text.zh, text.en);
    form.get(name).trim().parse().map_err(fault)
}

/// The day in a field that may be empty.
pub fn maybe_day(form: &Form, name: &str) -> Result<Option<Day>> {
    match form.get(name).trim() {
        "" => Ok(None),
        _ => day(form, name).map(Some),
    }
}

/// The text of a field that may be empty.
pub fn maybe(form: &Form, name: &str) -> Option<String> {
    Some(form.get(name).trim().to_owned()).filter(|text| !text.is_empty())
}

/// The version that the form was filled in against.
pub fn version(form: &Form) -> Result<i64> {
    let version = form.get("version").parse();
    version.map_err(|_| Error::NotFound("declaration"))
}

/// The id in an address.
pub fn id_of(text: &str) -> Result<Id> {
    Id::parse(text).ok_or(Error::NotFound("declaration"))
}
