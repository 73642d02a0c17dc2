//! ODS: the content of the document in memory, inflated up to a limit, and read row by row. Repeated rows and cells
//! are given one by one, never laid out.

mod rows;

use std::{
    io::{Cursor, Read as _},
    path::Path,
    sync::Arc,
};

use quick_xml::events::Event;

use self::rows::SheetRows;
use super::{
    Limits, SheetError,
    archive::Archive,
    book::{Book, SHEETS, SheetReader},
    headers::Plan,
    markup::{self, attribute, each_element, xml_problem},
    source::io_problem,
};

/// An open document.
pub(super) struct Document {
    content: Arc<[u8]>,
    sheets: Vec<Sheet>,
    row_bytes: usize,
}

struct Sheet {
    name: String,
    /// Where its table begins in the content.
    at: usize,
}

impl Document {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, SheetError> {
        let mut archive = Archive::open(path, limits)?;
        if let Some(mut manifest) = archive.part("META-INF/manifest.xml")? {
            let mut encrypted = false;
            each_element(&mut manifest, |element| {
                encrypted |= element.local_name().as_ref() == "encryption-data";
            })?;
            if encrypted {
                return Err(SheetError::Protected);
            }
        }
        let mut bytes = archive.named("content.xml")?.ok_or(SheetError::Truncated)?;
        let mut content = Vec::new();
        let most = limits.ods_bytes;
        (&mut bytes)
            .take(most + 1)
            .read_to_end(&mut content)
            .map_err(|error| io_problem(&error))?;
        if content.len() as u64 > most {
            return Err(SheetError::FormatTooBig {
                format: "ODS",
                limit_bytes: most,
            });
        }
        let content: Arc<[u8]> = content.into();
        let sheets = sheets_of(&content)?;
        if sheets.is_empty() {
            return Err(SheetError::Unsupported("OpenDocument".into()));
        }
        Ok(Self {
            content,
            sheets,
            row_bytes: limits.line_bytes,
        })
    }
}

/// The tables of the content, not those inside of cells.
fn sheets_of(content: &Arc<[u8]>) -> Result<Vec<Sheet>, SheetError> {
    let mut xml = markup::reader(Box::new(Cursor::new(Arc::clone(content))));
    let (mut buffer, mut sheets, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    loop {
        let at = usize::try_from(xml.buffer_position()).map_err(|_| SheetError::Truncated)?;
        buffer.clear();
        match xml
            .read_event_into(&mut buffer)
            .map_err(|error| xml_problem(&error))?
        {
            Event::Start(element) if element.local_name().as_ref() == "table" => {
                if depth == 0 && sheets.len() < SHEETS {
                    let name = attribute(&element, "name").unwrap_or_default();
                    let name = name.chars().take(60).collect();
                    let before = at.saturating_sub(usize::from(content.get(at) != Some(&b'<')));
                    sheets.push(Sheet { name, at: before });
                }
                depth += 1;
            }
            Event::End(element) if element.local_name().as_ref() == "table" => {
                depth = depth.saturating_sub(1);
            }
            Event::Eof if depth > 0 => return Err(SheetError::Truncated),
            Event::Eof => return Ok(sheets),
            _ => {}
        }
    }
}

impl Book for Document {
    fn sheets(&self) -> Vec<String> {
        self.sheets.iter().map(|sheet| sheet.name.clone()).collect()
    }

    fn reader(
        &mut self,
        sheet: usize,
        only: Option<&Plan>,
    ) -> Result<Option<Box<dyn SheetReader>>, SheetError> {
        let Some(sheet) = self.sheets.get(sheet) else {
            return Ok(None);
        };
        let mut content = Cursor::new(Arc::clone(&self.content));
        content.set_position(sheet.at as u64);
        let xml = markup::reader(Box::new(content));
        Ok(Some(Box::new(SheetRows::new(
            xml,
            only.cloned(),
            self.row_bytes,
        ))))
    }

    /// Days stand as text.
    fn counts_from_1904(&self) -> bool {
        false
    }
}
