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
