//! The file of rejected rows as people get it: UTF-8 with BOM for Excel, one line a row, in their language.

use crate::{
    domain::{
        intake::{Reject, RejectCode},
        register::{Import, StoredReject},
        text::Lang,
    },
    sheet,
};

/// How the refused rows are laid out.
pub enum Layout {
    /// Row, column, reason, what to do, value.
    Reasons(Lang),
    /// In these columns of the file, to be mended and sent again.
    Table(Vec<String>, Lang),
}

impl Layout {
    pub fn of(import: &Import, as_table: bool, lang: Lang) -> Self {
        if as_table {
            Self::Table(table_columns(import), lang)
        } else {
            Self::Reasons(lang)
        }
    }

    pub fn header(&self) -> Vec<u8> {
        match self {
            Self::Reasons(lang) => header(*lang),
            Self::Table(headers, lang) => table_header(headers, *lang),
        }
    }

    pub fn lines(&self, rows: &[StoredReject]) -> Vec<u8> {
        match self {
            Self::Reasons(lang) => lines(rows, *lang),
            Self::Table(headers, lang) => table_lines(rows, headers, *lang),
        }
    }
}

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

/// The header of the table in which refused rows can be mended and sent again: these columns of the file, then why.
fn table_header(headers: &[String], lang: Lang) -> Vec<u8> {
    let mut cells: Vec<&str> = headers.iter().map(String::as_str).collect();
    cells.extend(match lang {
        Lang::Zh => ["原文件行号", "拒绝原因", "处理办法"],
        Lang::En => ["Row in the file", "Reason refused", "What to do"],
    });
    let mut out = "\u{feff}".as_bytes().to_vec();
    out.extend(sheet::csv_line(&cells));
    out
}

/// The refused rows in these columns. A row of which nothing could be read has its reason alone.
fn table_lines(rows: &[StoredReject], headers: &[String], lang: Lang) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        let Some(code) = RejectCode::parse(&row.code) else {
            continue;
        };
        let mut left: Vec<&(String, String)> = row.cells.iter().flatten().collect();
        let mut cells: Vec<String> = Vec::with_capacity(headers.len() + 3);
        for header in headers {
            // Two columns of one name stand in their order.
            let found = left.iter().position(|(name, _)| name == header);
            cells.push(found.map_or_else(String::new, |at| left.remove(at).1.clone()));
        }
        cells.push(row.row.to_string());
        cells.push(format!("{}：{}", row.column, code.reason(lang)));
        cells.push(code.remedy(lang).to_owned());
        out.extend(sheet::guarded_line(&cells));
    }
    out
}

/// The columns of that table: those of the file that are read.
fn table_columns(import: &Import) -> Vec<String> {
    let columns = import.preview.iter().flat_map(|preview| &preview.columns);
    columns
        .filter(|column| column.field().is_some())
        .map(|column| column.header.chars().take(60).collect())
        .collect()
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
