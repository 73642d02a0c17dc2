//! What became of a list's lines, and the rejected ones as a CSV that says what to do.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        codes::AppNo,
        eligibility::Block,
        id::Id,
        record::{Flaw, Line},
        text::{Lang, Text},
    },
    sheet,
};

/// What became of the lines; every line is in exactly one of the four.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub rows: u64,
    pub recorded: u64,
    /// Recorded before, and now with evidence or a filing that it lacked.
    pub completed: u64,
    /// Recorded before, and the line says nothing new.
    pub repeated: u64,
    pub rejected: Vec<Rejected>,
    /// Announced declarations that must be withdrawn for what the lines say, each once.
    #[serde(default)]
    pub must_withdraw: Vec<ToWithdraw>,
}

/// An announced declaration that must be withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToWithdraw {
    pub declaration: Id,
    pub number: AppNo,
    pub declaration_number: Option<String>,
    pub blocks: Vec<Block>,
}

/// A line that was not recorded, by the first thing that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    pub row: u64,
    /// The header as in the file; empty where the whole line is meant.
    pub column: String,
    pub code: String,
    pub value: String,
    pub text: Text,
    pub cure: Option<Text>,
}

impl Rejected {
    pub(super) fn of(line: &Line, flaw: Flaw) -> Self {
        let column = flaw.column.map_or("", |column| line.header(column));
        Self {
            row: line.number,
            column: column.to_owned(),
            code: flaw.code.to_owned(),
            value: flaw.value,
            text: flaw.text,
            cure: flaw.cure,
        }
    }
}

/// The rejected lines as a CSV for Excel, in the form of every other file of rejects.
pub fn rejects_csv(rejected: &[Rejected], lang: Lang) -> Vec<u8> {
    let mut out = sheet::rejects_header(lang);
    for one in rejected {
        let cure = one.cure.as_ref().map_or("", |cure| cure.in_lang(lang));
        out.extend(sheet::csv_line(&[
            &one.row.to_string(),
            &sheet::guarded(&one.column),
            &one.code,
            one.text.in_lang(lang),
            cure,
            &sheet::guarded(&one.value),
        ]));
    }
    out
}
