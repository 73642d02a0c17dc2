//! The cells of a row as they stood in the file, where the record that was made of them does not say the same: bounded,
//! so that a million patents can keep them.

use super::{
    Cell, Column, Row,
    cells::{digits, is_missing},
    reject::excerpt,
};
use crate::domain::{
    codes::{Ipc, Locarno},
    holding::Conversion,
    merge::Unit,
    patent::Patent,
};

/// The most that is kept of a row, bytes.
const ROW_BYTES: usize = 1_500;

/// The cells that nobody could tell from the record.
pub(super) fn raw_cells(
    row: &Row,
    patent: &Patent,
    conversion: Option<Conversion>,
) -> Vec<(Column, String)> {
    let mut kept: Vec<(Column, String)> = Vec::new();
    let mut left = ROW_BYTES;
    for (column, _, cell) in &row.cells {
        if Unit::of_column(*column).is_none() || kept.iter().any(|(known, _)| known == column) {
            continue;
        }
        let text = match cell {
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Number(number) => digits(*number),
            Cell::List(items) => items.join(";"),
        };
        if is_missing(&text) || is_told(*column, &text, patent, conversion) {
            continue;
        }
        let text = excerpt(&text);
        if text.len() > left {
            break;
        }
        left -= text.len();
        kept.push((*column, text));
    }
    kept
}

/// Does the record say what the cell says, letter for letter or but for a usual notation?
fn is_told(column: Column, text: &str, patent: &Patent, conversion: Option<Conversion>) -> bool {
    let day = |day: Option<crate::domain::time::Day>| {
        day.is_some_and(|day| digits_of(&day.to_string()) == digits_of(text))
    };
    let list = |items: &[String]| items_of(&items.join(";")) == items_of(text);
    match column {
        Column::Title => patent.title == text,
        Column::Abstract => patent.abstract_text.as_deref() == Some(text),
        Column::MainClaim => patent.main_claim.as_deref() == Some(text),
        Column::Owner => list(&patent.owners),
        Column::Applicant => list(&patent.applicants),
        Column::Inventors => list(&patent.inventors),
        Column::Industry => list(&patent.industries),
        Column::IpcMain => patent
            .ipc
            .iter()
            .any(|symbol| items_of(symbol.as_str()) == items_of(text)),
        Column::Ipc => {
            let symbols: Vec<&str> = patent.ipc.iter().map(Ipc::as_str).collect();
            items_of(&symbols.join(";")) == items_of(text)
        }
        Column::Locarno => {
            let classes: Vec<&str> = patent.locarno.iter().map(Locarno::as_str).collect();
            items_of(&classes.join(";")) == items_of(text)
        }
        Column::FilingDate => day(patent.filing_date),
        Column::GrantDate => day(patent.grant_date),
        Column::PublicationDate | Column::FirstPublicationDate => {
            day(patent.publication_date) || day(patent.grant_date)
        }
        Column::StatusAsOf => day(patent.status_as_of),
        Column::PubNumber | Column::GrantNumber => {
            let numbers = [&patent.publication_number, &patent.grant_number];
            numbers
                .into_iter()
                .flatten()
                .any(|number| number.as_str() == text)
        }
        Column::StatusText | Column::Validity => patent.status_text.as_deref() == Some(text),
        Column::Region => patent
            .region
            .as_ref()
            .is_some_and(|region| region.name == text || region.code == text),
        Column::Conversion => {
            conversion.is_some_and(|said| said.zh() == text || said.as_str() == text)
        }
        _ => true,
    }
}

fn digits_of(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // A time behind the day says nothing more.
    digits.chars().take(8).collect()
}

/// The items of a list without blanks, marks and what stands in brackets behind a class.
fn items_of(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c.is_whitespace() => {}
            '；' | '|' | '、' | ',' | '，' => kept.push(';'),
            c => kept.push(c),
        }
    }
    kept.trim_end_matches(';').to_owned()
}
