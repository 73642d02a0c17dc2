//! What is wrong with the rows of a sheet, line by line, as the pages of cards and of annual fees list it.

use crate::{ops::tables::Told, web::visitor::Visitor};

/// Row, number, column, what is wrong and what to do.
pub type Line = (u64, String, String, String);

/// Rows that are told one by one.
const TOLD: usize = 200;

/// The first of them, in the visitor's language.
pub fn lines<'a>(v: &Visitor, told: impl Iterator<Item = &'a Told>) -> Vec<Line> {
    told.take(TOLD)
        .map(|told| {
            let cure = told.cure.as_ref().map_or("", |cure| v.text(cure));
            let words = format!("{} {cure}", v.text(&told.text));
            (told.row, told.number.clone(), told.column.clone(), words)
        })
        .collect()
}
