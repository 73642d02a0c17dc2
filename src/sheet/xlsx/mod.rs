//! XLSX, streamed: parts are found through the zip directory and inflated one after another. Document types are
//! refused, so that no entity expands.

mod merges;
mod parts;
mod rows;
mod strings;

use std::{path::Path, sync::Arc};

use self::{rows::SheetRows, strings::Strings};
use super::{
    Limits, SheetError,
    archive::Archive,
    book::{Book, SheetReader},
    headers::Plan,
};

/// An open workbook.
pub(super) struct Workbook {
    archive: Archive,
    strings: Arc<Strings>,
    sheets: Vec<parts::Sheet>,
    from_1904: bool,
}

impl Workbook {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, SheetError> {
        let mut archive = Archive::open(path, limits)?;
        let (sheets, from_1904) = parts::workbook(&mut archive)?;
        let texts = parts::SharedTexts::of(&mut archive)?;
        let strings = Arc::new(Strings::new(limits, texts));
        Ok(Self {
            archive,
            strings,
            sheets,
            from_1904,
        })
    }
}

impl Book for Workbook {
    fn sheets(&self) -> Vec<String> {
        self.sheets.iter().map(|sheet| sheet.name.clone()).collect()
    }

    /// Shared texts are read as cells name them while only the beginning is wanted. The merged cells stand behind the rows:
    /// to fill them in, the part is passed over once before.
    fn reader(
        &mut self,
        sheet: usize,
        only: Option<&Plan>,
    ) -> Result<Option<Box<dyn SheetReader>>, SheetError> {
        let Some(sheet) = self.sheets.get(sheet) else {
            return Ok(None);
        };
        let merges = match only {
            Some(plan) => {
                self.strings.fill()?;
                merges::of_sheet(&mut self.archive, &sheet.part, plan)?
            }
            None => Vec::new(),
        };
        let Some(xml) = self.archive.part(&sheet.part)? else {
            return Ok(None);
        };
        let rows = SheetRows::new(
            xml,
            Arc::clone(&self.strings),
            self.archive.limits.line_bytes,
        );
        Ok(Some(Box::new(match only {
            Some(plan) => rows.only(plan.clone(), merges),
            None => rows,
        })))
    }

    fn counts_from_1904(&self) -> bool {
        self.from_1904
    }
}
