//! The file of rejected rows as people get it: UTF-8 with BOM for Excel, one line a row, in their language.

use crate::{
    domain::{
        intake::{Reject, RejectCode},
        register::StoredReject,
        text::Lang,
    },
    sheet,
};

/// The byte order mark and the header line.
pub fn header(lang: Lang) -> Vec<u8> {
    sheet::rejects_header(lang)
}

/// The lines of these rows.
pub fn lines(rows: &[StoredReject], lang: Lang) -> Vec<u8> {
    let rows = rows.iter().filter_map(|row| {
        Some(Reject {
            row: u64::try_from(row.row).ok()?,
            column: row.column.clone(),
            code: RejectCode::parse(&row.code)?,
            value: row.value.clone(),
        })
    });
    sheet::rejects_lines(rows, lang)
}

/// Each row with its number, its column, why it is refused, what to do, and what stands there.
pub fn explained(
    rows: &[StoredReject],
    lang: Lang,
) -> impl Iterator<Item = (i64, String, String, String, String)> {
    rows.iter().filter_map(move |row| {
        let code = RejectCode::parse(&row.code)?;
        let (why, cure) = (code.reason(lang).to_owned(), code.remedy(lang).to_owned());
        Some((row.row, row.column.clone(), why, cure, row.value.clone()))
    })
}
