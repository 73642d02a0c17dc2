//! A line that says: this declaration was announced, on that day, at these terms.

use super::{Column, Flaw, Line, read::Reading};
use crate::domain::{
    codes::AppNo, declaration::DeclarationState, intake::RejectCode, terms::Terms, time::Day,
};

/// An announced declaration as a line says it.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclarationLine {
    pub number: AppNo,
    /// Name, alias, USCC or id of the declaring patentee.
    pub organisation: Option<String>,
    pub declaration_number: String,
    pub effective_on: Day,
    pub until: Day,
    pub terms: Terms,
    pub end: Option<(DeclarationState, Day)>,
    /// The announcement: id, SHA-256 or name of a file.
    pub source: String,
    pub explanation: Option<String>,
}

/// Reads a line; every cell that is wrong is told.
pub fn read_declaration(line: &Line) -> Result<DeclarationLine, Vec<Flaw>> {
    let mut r = Reading::new(line);
    if r.text(Column::Number).is_none() {
        r.push(Flaw::of(Column::Number, RejectCode::MissingNumber, ""));
    }
    let number = r.number();
    let organisation = r.exact(Column::Organisation);
    let declaration_number = r.required(Column::DeclarationNumber);
    let effective_on = r.required_day(Column::EffectiveOn);
    let until = r.required_day(Column::Until);
    let terms = r.terms();
    let end = end(&mut r);
    let source = r.required(Column::Source);
    let explanation = r.text(Column::Explanation);
    let value = (|| {
        Some(DeclarationLine {
            number: number?,
            organisation,
            declaration_number: declaration_number?,
            effective_on: effective_on?,
            until: until?,
            terms: terms?,
            end,
            source: source?,
            explanation,
        })
    })();
    r.finish(value)
}

/// How and when it ended: at most one of the three.
fn end(r: &mut Reading<'_>) -> Option<(DeclarationState, Day)> {
    let ways = [
        (Column::WithdrawnOn, DeclarationState::Withdrawn),
        (Column::TerminatedOn, DeclarationState::Terminated),
        (Column::RevokedOn, DeclarationState::Revoked),
    ];
    let mut found = None;
    for (column, state) in ways {
        let Some(day) = r.day(column) else { continue };
        if found.is_some() {
            let text = day.to_string();
            r.push(
                Flaw::new(
                    column,
                    &text,
                    "endsDisagree",
                    "一份声明只能以一种方式结束。",
                    "A declaration ends in one way only.",
                )
                .cure(
                    "撤回、终止、撤销公告日只填一个。",
                    "Fill in one of withdrawal, termination and revocation.",
                ),
            );
        }
        found = Some((state, day));
    }
    found
}
