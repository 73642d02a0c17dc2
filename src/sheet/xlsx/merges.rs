//! The cells of a sheet that are merged over several rows, in the columns that are read. They stand behind the
//! rows in the file.

use super::{
    super::{
        SheetError,
        book::MERGES,
        headers::Plan,
        markup::{Xml, attribute, each_element},
    },
    rows::{column_of, row_of},
};

/// Where a merged range begins, and its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Merge {
    pub(super) first: u64,
    pub(super) column: usize,
    pub(super) last: u64,
}

/// The merged ranges in their order.
pub(super) fn of_sheet(mut xml: Xml, plan: &Plan) -> Result<Vec<Merge>, SheetError> {
    let mut merges = Vec::new();
    each_element(&mut xml, |element| {
        if element.local_name().as_ref() == "mergeCell"
            && merges.len() < MERGES
            && let Some(merge) = attribute(element, "ref").and_then(|range| merge_of(&range))
            && plan.wants(merge.column)
        {
            merges.push(merge);
        }
    })?;
    merges.sort_unstable();
    Ok(merges)
}

/// Reads `B2:D9`; `None` where it stays within one row.
fn merge_of(range: &str) -> Option<Merge> {
    let (from, to) = range.split_once(':')?;
    let merge = Merge {
        first: row_of(from)?,
        column: column_of(from)?,
        last: row_of(to)?,
    };
    (merge.last > merge.first).then_some(merge)
}
