//! The cells of a sheet that are merged over several rows, in the columns that are read. They stand behind the
//! rows in the file.

use std::io::Read as _;

use memchr::memmem;

use super::{
    super::{
        SheetError,
        archive::Archive,
        book::MERGES,
        headers::Plan,
        markup::{Xml, attribute, each_element},
        source::{Bytes, io_problem},
    },
    rows::{column_of, row_of},
};

const NAME: &str = "mergeCell";

/// Where a merged range begins, and its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Merge {
    pub(super) first: u64,
    pub(super) column: usize,
    pub(super) last: u64,
}

/// The merged ranges of a sheet in their order.
pub(super) fn of_sheet(
    archive: &mut Archive,
    part: &str,
    plan: &Plan,
) -> Result<Vec<Merge>, SheetError> {
    let any = archive.named(part)?.map(are_in).transpose()?;
    match archive.part(part)? {
        Some(xml) if any == Some(true) => read(xml, plan),
        _ => Ok(Vec::new()),
    }
}

/// Does the part speak of merged cells at all? Most do not, and this asks without taking the rows apart.
fn are_in(mut part: Bytes) -> Result<bool, SheetError> {
    let finder = memmem::Finder::new(NAME);
    let mut block = vec![0; 1 << 16];
    // The end of a block begins the next one: the name may lie across them.
    let mut kept = 0;
    loop {
        let read = part
            .read(&mut block[kept..])
            .map_err(|error| io_problem(&error))?;
        if read == 0 {
            return Ok(false);
        }
        let filled = kept + read;
        if finder.find(&block[..filled]).is_some() {
            return Ok(true);
        }
        kept = filled.min(NAME.len() - 1);
        block.copy_within(filled - kept..filled, 0);
    }
}

fn read(mut xml: Xml, plan: &Plan) -> Result<Vec<Merge>, SheetError> {
    let mut merges = Vec::new();
    each_element(&mut xml, |element| {
        if element.local_name().as_ref() == NAME
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_wherever_a_block_ends() {
        for before in [0, 65_536 - 9, 65_536 - 4, 65_536 - 1, 65_536, 200_000] {
            let mut part = vec![b'm'; before];
            part.extend_from_slice(NAME.as_bytes());
            let found = are_in(Box::new(std::io::Cursor::new(part)));
            assert!(found.expect("reads"), "behind {before} bytes");
        }
        let none = Box::new(std::io::Cursor::new(vec![b'm'; 200_000]));
        assert!(!are_in(none).expect("reads"));
    }
}
