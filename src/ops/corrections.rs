//! Correcting by hand what the sources say of a patent: with a reason, by a confirmed holder or an officer. It stands
//! against every import until it is taken back; then what the newest source says is there again.

use serde_json::Value;

use super::{Error, Result, Services, provenance, watch};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        merge::{By, Source, Unit},
        patent::Patent,
        refusal::{Refusal, Refused},
    },
    store::{Stored, Tx, patents, sources},
};

/// A value by hand, and why.
#[derive(Clone, Debug)]
pub struct NewCorrection {
    /// The fields of the unit as in the record.
    pub value: Value,
    pub reason: String,
}

/// The longest reason, characters.
const REASON_CHARS: usize = 500;

/// Corrects one unit of a patent at version `expected`.
pub async fn correct(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    unit: Unit,
    expected: i64,
    new: NewCorrection,
) -> Result<Stored<Patent>> {
    let (mut tx, current) =
        begin(services, actor, Operation::CorrectPatent, number, expected).await?;
    if unit == Unit::Status {
        return Err(Error::fault(
            "/unit",
            "statusByDocument",
            "法律状态请凭登记簿副本等材料登记，见“更新法律状态”。",
            "A legal status is recorded from a document with its day; see putPatentStatus.",
        ));
    }
    let reason = new.reason.trim().to_owned();
    let length = reason.chars().count();
    if length == 0 || length > REASON_CHARS || reason.chars().any(char::is_control) {
        return Err(Error::fault(
            "/reason",
            "textLength",
            "请写明理由，1 至 500 字。",
            "Give a reason of 1 to 500 characters.",
        ));
    }
    let invalid = || {
        Error::fault(
            "/value",
            "valueInvalid",
            "内容不符合该项的格式，请对照专利记录填写。",
            "The value does not fit this unit; write it as the patent's record does.",
        )
    };
    let next = unit.put(&current.value, &new.value).ok_or_else(invalid)?;
    if !is_sound(unit, &next) {
        return Err(invalid());
    }
    provenance::check_patentees(&mut tx, actor, &current.value, &next).await?;
    if next.patentees() != current.value.patentees() {
        watch::refuse_own_act(&mut tx, actor, number).await?;
    }
    let mut of = sources::find(&mut tx, number.as_str()).await?;
    let under = provenance::beneath(of.of(unit), || unit.value(&current.value));
    of.set(
        unit,
        Source {
            day: tx.now().day(),
            by: By::Correction,
            import: None,
            party: actor.organisation.clone(),
            stated: true,
            actor: Some(actor.name.clone()),
            reason: Some(reason),
            under: Some(Box::new(under)),
        },
    );
    finish(tx, services, current, next, unit, of).await
}

/// Takes a correction back: what the newest source says is there again.
pub async fn take_back(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    unit: Unit,
    expected: i64,
) -> Result<Stored<Patent>> {
    let operation = Operation::TakeBackCorrection;
    let (mut tx, current) = begin(services, actor, operation, number, expected).await?;
    let mut of = sources::find(&mut tx, number.as_str()).await?;
    let correction = of.of(unit).filter(|source| source.by == By::Correction);
    let under = correction.and_then(|source| source.under.clone());
    let Some(under) = under.filter(|_| of.is_corrected(unit)) else {
        return Err(Refused::from(Refusal::new(
            "notCorrected",
            "这一项没有人工更正。",
            "This unit is not corrected by hand.",
        ))
        .into());
    };
    let next = unit
        .put(&current.value, &under.value)
        .ok_or_else(|| Error::Internal(format!("{number}: what lies under {}", unit.as_str())))?;
    provenance::check_patentees(&mut tx, actor, &current.value, &next).await?;
    match under.source {
        Some(source) => of.set(unit, source),
        None => of.forget(unit),
    }
    finish(tx, services, current, next, unit, of).await
}

async fn begin(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    number: &AppNo,
    expected: i64,
) -> Result<(Tx, Stored<Patent>)> {
    access::check_role(actor, operation)?;
    let mut tx = services.write(actor).await?;
    let current = patents::find(&mut tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?;
    let own = provenance::own_holding(&mut tx, actor, number).await?;
    let holder = own.as_ref().map(|holding| &holding.value.organisation);
    access::check(actor, operation, holder)?;
    provenance::check_confirmed(&mut tx, actor, number).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    Ok((tx, current))
}

async fn finish(
    mut tx: Tx,
    services: &Services,
    current: Stored<Patent>,
    next: Patent,
    unit: Unit,
    of: crate::domain::merge::Sources,
) -> Result<Stored<Patent>> {
    let number = current.value.number.clone();
    sources::put(&mut tx, &[(number.as_str().to_owned(), of)]).await?;
    let after = provenance::store_patent(&mut tx, services, current, next).await?;
    provenance::supersede(&mut tx, &number, &[unit], None).await?;
    tx.commit().await?;
    Ok(after)
}

/// Could a file have said this?
fn is_sound(unit: Unit, patent: &Patent) -> bool {
    let names = |names: &[String]| {
        let fits = |name: &String| {
            let length = name.chars().count();
            (1..=200).contains(&length) && !name.chars().any(char::is_control)
        };
        names.len() <= 200 && names.iter().all(fits)
    };
    let days = [
        patent.filing_date,
        patent.publication_date,
        patent.grant_date,
    ];
    let sound = |day: &crate::domain::time::Day| (1985..2100).contains(&day.year());
    let ordered = patent.filing_date.is_none_or(|filed| {
        let later = [patent.publication_date, patent.grant_date];
        later.into_iter().flatten().all(|day| day >= filed)
    });
    match unit {
        Unit::Title => {
            let length = patent.title.chars().count();
            !patent.title.trim().is_empty() && length <= 2_000
        }
        Unit::Abstract => patent
            .abstract_text
            .as_ref()
            .is_none_or(|text| text.chars().count() <= 20_000),
        Unit::MainClaim => patent
            .main_claim
            .as_ref()
            .is_none_or(|text| text.chars().count() <= 50_000),
        Unit::Applicants => names(&patent.applicants),
        Unit::Owners => names(&patent.owners),
        Unit::Inventors => names(&patent.inventors),
        Unit::Industries => {
            let known = |code: &String| crate::domain::codes::industry::is_code(code);
            patent.industries.iter().all(known)
        }
        Unit::Filing | Unit::Publication | Unit::Grant => {
            days.iter().flatten().all(sound) && ordered
        }
        Unit::Region => patent.region.as_ref().is_none_or(|region| {
            crate::domain::codes::region::parse(&region.code).as_ref() == Some(region)
        }),
        Unit::Classes => patent.ipc.len() <= 200 && patent.locarno.len() <= 200,
        Unit::Status | Unit::Conversion | Unit::Department => false,
    }
}
