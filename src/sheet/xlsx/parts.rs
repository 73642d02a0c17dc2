//! The parts of a workbook: which sheets there are, where they stand in the archive, and their shared texts.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::super::{
    SheetError,
    archive::{Archive, ENTRIES},
    book::SHEETS,
    markup::{Xml, append, attribute, each_element, xml_problem},
};

/// A sheet and its part.
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) part: String,
}

/// The sheets in order, and whether days count from 1904.
pub(super) fn workbook(archive: &mut Archive) -> Result<(Vec<Sheet>, bool), SheetError> {
    let not_a_workbook = || SheetError::Unsupported("ZIP".into());
    let targets = relations(archive)?;
    let part = archive.part("xl/workbook.xml")?;
    let mut xml = part.ok_or_else(not_a_workbook)?;
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    each_element(&mut xml, |element| match element.local_name().as_ref() {
        "sheet" if sheets.len() < SHEETS => {
            let target = attribute(element, "id").and_then(|id| targets.get(&id).cloned());
            let number = sheets.len() + 1;
            let fallback = || format!("xl/worksheets/sheet{number}.xml");
            let name = attribute(element, "name").unwrap_or_else(|| format!("Sheet{number}"));
            sheets.push(Sheet {
                name: name.chars().take(60).collect(),
                part: target.unwrap_or_else(fallback),
            });
        }
        "workbookPr" => {
            from_1904 =
                attribute(element, "date1904").is_some_and(|value| value == "1" || value == "true");
        }
        _ => {}
    })?;
    if sheets.is_empty() {
        Err(not_a_workbook())
    } else {
        Ok((sheets, from_1904))
    }
}

fn relations(archive: &mut Archive) -> Result<HashMap<String, String>, SheetError> {
    let mut targets = HashMap::new();
    let Some(mut xml) = archive.part("xl/_rels/workbook.xml.rels")? else {
        return Ok(targets);
    };
    each_element(&mut xml, |element| {
        if let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target"))
            && targets.len() < usize::from(ENTRIES)
        {
            let part = target
                .strip_prefix('/')
                .map_or_else(|| format!("xl/{target}"), str::to_owned);
            targets.insert(id, part);
        }
    })?;
    Ok(targets)
}

/// The shared texts one after another.
pub(super) struct SharedTexts {
    xml: Xml,
    buffer: Vec<u8>,
    text: String,
}

impl SharedTexts {
    /// `None` where the workbook has none.
    pub(super) fn of(archive: &mut Archive) -> Result<Option<Self>, SheetError> {
        let xml = archive.part("xl/sharedStrings.xml")?;
        Ok(xml.map(|xml| Self {
            xml,
            buffer: Vec::new(),
            text: String::new(),
        }))
    }

    /// The next one, `too_long` beyond so many bytes.
    pub(super) fn next(
        &mut self,
        most: usize,
        too_long: impl Fn() -> SheetError,
    ) -> Result<Option<String>, SheetError> {
        self.text.clear();
        let (mut inside, mut phonetic) = (false, false);
        loop {
            self.buffer.clear();
            match self
                .xml
                .read_event_into(&mut self.buffer)
                .map_err(|error| xml_problem(&error))?
            {
                Event::Start(e) => match e.local_name().as_ref() {
                    "si" => self.text.clear(),
                    "t" => inside = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::Empty(e) if e.local_name().as_ref() == "si" => {
                    return Ok(Some(String::new()));
                }
                Event::End(e) => match e.local_name().as_ref() {
                    "si" => return Ok(Some(unescape_controls(&self.text))),
                    "t" => inside = false,
                    "rPh" => phonetic = false,
                    _ => {}
                },
                Event::Eof => return Ok(None),
                event if inside => append(&mut self.text, &event),
                _ => {}
            }
            if self.text.len() > most {
                return Err(too_long());
            }
        }
    }
}

/// `_x000D_` and the like: how XLSX writes characters that XML cannot hold.
pub(super) fn unescape_controls(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 7).filter(|code| code.ends_with('_'));
        let decoded = code
            .and_then(|code| u32::from_str_radix(&code[..4], 16).ok())
            .and_then(char::from_u32);
        let (kept, skip) = if decoded.is_some() {
            (at, at + 7)
        } else {
            (at + 2, at + 2)
        };
        plain.push_str(&rest[..kept]);
        plain.extend(decoded);
        rest = &rest[skip..];
    }
    plain.push_str(rest);
    plain
}
