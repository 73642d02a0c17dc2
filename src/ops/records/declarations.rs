//! A line of announced declarations: whose, recorded before or not, and into the register.

use super::{
    attempt::{Desk, Done, Refused, Stop},
    evidence,
};
use crate::{
    domain::{
        declaration::{Declaration, DeclarationState},
        id::Id,
        record::{Column, DeclarationLine, Flaw, Line, read_declaration},
    },
    ops::declarations::{NewDeclaration, Recorded, Steps, Written, record_in},
    store::{Tx, declarations, holdings},
};

pub(super) async fn take(desk: &mut Desk<'_>, line: &Line) -> Result<Done, Refused> {
    let said = read_declaration(line).map_err(Refused::Flaws)?;
    let mut tx = desk.services.write(desk.actor).await?;
    if let Some(known) = known(desk, &mut tx, &said).await? {
        let organisation = match &said.organisation {
            Some(name) => Some(desk.directory.find(Column::Organisation, name)?),
            None => None,
        };
        return match difference(&said, organisation.as_ref(), &known) {
            None => Ok(Done::Repeated(known.id)),
            Some(column) => Err(differs(line, column).into()),
        };
    }
    let organisation = declarer(desk, &mut tx, &said).await?;
    let parties = std::slice::from_ref(&organisation);
    let source = evidence::find(desk, &mut tx, parties, Column::Source, &said.source).await?;
    let new = NewDeclaration {
        organisation: Some(organisation.to_string()),
        number: said.number,
        written: Written {
            terms: said.terms,
            until: said.until,
            explanation: said.explanation.unwrap_or_default(),
            other: None,
            cap_override: None,
            evaluation: None,
            consents: Vec::new(),
            internal: Steps::default(),
            contact: None,
        },
    };
    let recorded = Recorded {
        declaration_number: said.declaration_number,
        effective_on: said.effective_on,
        source: source.id,
        end: said.end,
    };
    let (services, actor) = (desk.services, desk.actor);
    let (record, _) = record_in(services, &mut tx, actor, &organisation, new, recorded).await?;
    let value = record.value;
    let done = Done::Recorded(value.id.clone());
    match &mut desk.rehearsal {
        Some(rehearsal) => {
            let number = value.declaration_number.clone().unwrap_or_default();
            rehearsal.declarations.insert(number, value);
        }
        None => {
            tx.commit().await?;
        }
    }
    Ok(done)
}

/// The record that has this declaration number.
async fn known(
    desk: &Desk<'_>,
    tx: &mut Tx,
    said: &DeclarationLine,
) -> Result<Option<Declaration>, Stop> {
    let number = said.declaration_number.trim();
    let rehearsed = desk.rehearsal.as_ref();
    if let Some(known) = rehearsed.and_then(|r| r.declarations.get(number)) {
        return Ok(Some(known.clone()));
    }
    let found = declarations::find_by_number(tx, number).await?;
    Ok(found.map(|record| record.value))
}

/// The first column in which a line contradicts the record of its number. What the line leaves open contradicts
/// nothing.
fn difference(
    said: &DeclarationLine,
    organisation: Option<&Id>,
    known: &Declaration,
) -> Option<Column> {
    let end = match known.state {
        DeclarationState::Withdrawn | DeclarationState::Terminated | DeclarationState::Revoked => {
            known.ended_on.map(|day| (known.state, day))
        }
        _ => None,
    };
    let end_column = match said.end {
        Some((DeclarationState::Terminated, _)) => Column::TerminatedOn,
        Some((DeclarationState::Revoked, _)) => Column::RevokedOn,
        _ => Column::WithdrawnOn,
    };
    let pairs = [
        (said.number == known.number, Column::Number),
        (
            organisation.is_none_or(|id| *id == known.organisation),
            Column::Organisation,
        ),
        (
            known.effective_on == Some(said.effective_on),
            Column::EffectiveOn,
        ),
        (said.until == known.until, Column::Until),
        (said.terms == known.terms, Column::Mode),
        (said.end.is_none() || said.end == end, end_column),
        (
            said.explanation
                .as_ref()
                .is_none_or(|text| *text == known.explanation),
            Column::Explanation,
        ),
    ];
    let differing = pairs.into_iter().find(|(same, _)| !same);
    differing.map(|(_, column)| column)
}

fn differs(line: &Line, column: Column) -> Stop {
    Stop::flaw(
        Flaw::new(
            column,
            &line.said(column),
            "recordedDifferently",
            format!("这个声明编号已登记，“{}”与记录不同。", column.title()),
            format!(
                "This declaration number is recorded with another {}.",
                column.key()
            ),
        )
        .cure(
            "请核对公告。记录有误的，先作废再重新登记；之后的撤回、终止、撤销请在原记录上办理（POST /v1/declarations/{id}/steps）。",
            "Check the announcement. Annul a wrong record and record it anew; a later end is a step of the record \
             (POST /v1/declarations/{id}/steps).",
        ),
    )
}

/// Whose declaration it is: the one named, else the only one with a confirmed holding of the patent.
async fn declarer(desk: &Desk<'_>, tx: &mut Tx, said: &DeclarationLine) -> Result<Id, Stop> {
    if let Some(name) = &said.organisation {
        return Ok(desk.directory.find(Column::Organisation, name)?);
    }
    let held = holdings::list_by_numbers(tx, std::slice::from_ref(&said.number)).await?;
    let mut holders = held
        .into_iter()
        .filter(|holding| holding.value.state.is_confirmed());
    match (holders.next(), holders.next()) {
        (Some(only), None) => Ok(only.value.organisation),
        (first, _) => {
            let (zh, en) = if first.is_some() {
                (
                    "这件专利有几个已核实的持有单位。",
                    "Several organisations hold this patent.",
                )
            } else {
                (
                    "没有单位被核实为这件专利的持有人。",
                    "Nobody is confirmed as holder of this patent.",
                )
            };
            Err(Stop::flaw(
                Flaw::new(Column::Organisation, "", "patenteeRequired", zh, en).cure(
                    "请填写专利权人（名称或统一社会信用代码）。",
                    "Name the declaring patentee or give its credit code.",
                ),
            ))
        }
    }
}
