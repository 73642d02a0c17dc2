//! The parts of a workbook: which sheets there are and where they stand in the archive.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, Read, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use flate2::bufread::DeflateDecoder;
use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event},
};
use zip::{CompressionMethod, ZipArchive};

use super::{
    super::{
        Limits, SheetError,
        source::{Bytes, Counted, io_problem},
    },
    guard::Guard,
    strings::Strings,
};

/// Files and directory bytes in an archive; more is not a workbook but an attack on memory.
const ENTRIES: u16 = 4096;
const DIRECTORY_BYTES: u32 = 8 << 20;
/// Sheets that are looked at.
const SHEETS: usize = 256;

pub(super) type Xml = quick_xml::Reader<BufReader<Guard<Bytes>>>;

/// An open archive.
pub(super) struct Parts {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
    limits: Limits,
}

/// The sheets' parts in order, and the date system.
pub(super) struct Workbook {
    pub(super) sheets: Vec<String>,
    pub(super) from_1904: bool,
}

impl Parts {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, SheetError> {
        let mut file = File::open(path).map_err(|error| io_problem(&error))?;
        check_directory(&mut file)?;
        file.rewind().map_err(|error| io_problem(&error))?;
        let archive = ZipArchive::new(BufReader::new(file))
            .map_err(|error| SheetError::Corrupt(error.to_string()))?;
        if archive.len() > usize::from(ENTRIES) {
            return Err(SheetError::Corrupt("too many files in the archive".into()));
        }
        Ok(Self {
            path: path.to_owned(),
            archive,
            limits: limits.clone(),
        })
    }

    /// A part as XML, or `None` where the archive has no such part.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Xml>, SheetError> {
        let Some(at) = self.archive.index_for_name(name) else {
            return Ok(None);
        };
        let entry = self
            .archive
            .by_index(at)
            .map_err(|error| SheetError::Corrupt(error.to_string()))?;
        let (method, size) = (entry.compression(), entry.compressed_size());
        let start = entry.data_start().ok_or(SheetError::Truncated)?;
        let mut file = File::open(&self.path).map_err(|error| io_problem(&error))?;
        file.seek(SeekFrom::Start(start))
            .map_err(|error| io_problem(&error))?;
        let packed = BufReader::with_capacity(1 << 16, file.take(size));
        let bytes: Bytes = match method {
            CompressionMethod::Stored => Box::new(Counted::new(packed, self.limits.inflated_bytes)),
            CompressionMethod::Deflated => Box::new(Counted::new(
                DeflateDecoder::new(packed),
                self.limits.inflated_bytes,
            )),
            other => return Err(SheetError::Unsupported(format!("ZIP {other:?}"))),
        };
        let mut xml =
            quick_xml::Reader::from_reader(BufReader::with_capacity(1 << 15, Guard::new(bytes)));
        // Names of open tags are not kept: a document nested without end must not fill the memory.
        xml.config_mut().check_end_names = false;
        xml.config_mut().allow_unmatched_ends = true;
        xml.config_mut().allow_dangling_amp = true;
        Ok(Some(xml))
    }

    pub(super) fn workbook(&mut self) -> Result<Workbook, SheetError> {
        let not_a_workbook = || SheetError::Unsupported("ZIP".into());
        let targets = self.relations()?;
        let mut xml = self.part("xl/workbook.xml")?.ok_or_else(not_a_workbook)?;
        let mut workbook = Workbook {
            sheets: Vec::new(),
            from_1904: false,
        };
        each_element(&mut xml, |element| match element.local_name().as_ref() {
            "sheet" if workbook.sheets.len() < SHEETS => {
                let target = attribute(element, "id").and_then(|id| targets.get(&id).cloned());
                let fallback = || format!("xl/worksheets/sheet{}.xml", workbook.sheets.len() + 1);
                let part = target.unwrap_or_else(fallback);
                workbook.sheets.push(part);
            }
            "workbookPr" => {
                workbook.from_1904 = attribute(element, "date1904")
                    .is_some_and(|value| value == "1" || value == "true");
            }
            _ => {}
        })?;
        if workbook.sheets.is_empty() {
            Err(not_a_workbook())
        } else {
            Ok(workbook)
        }
    }

    fn relations(&mut self) -> Result<HashMap<String, String>, SheetError> {
        let mut targets = HashMap::new();
        let Some(mut xml) = self.part("xl/_rels/workbook.xml.rels")? else {
            return Ok(targets);
        };
        each_element(&mut xml, |element| {
            if let (Some(id), Some(target)) =
                (attribute(element, "Id"), attribute(element, "Target"))
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

    pub(super) fn shared_strings(&mut self) -> Result<Strings, SheetError> {
        let mut strings = Strings::new(self.limits.shared_strings_bytes);
        let Some(mut xml) = self.part("xl/sharedStrings.xml")? else {
            return Ok(strings);
        };
        let (mut buffer, mut text) = (Vec::new(), String::new());
        let (mut inside, mut phonetic) = (false, false);
        loop {
            buffer.clear();
            match xml
                .read_event_into(&mut buffer)
                .map_err(|error| xml_problem(&error))?
            {
                Event::Start(e) => match e.local_name().as_ref() {
                    "si" => text.clear(),
                    "t" => inside = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::Empty(e) if e.local_name().as_ref() == "si" => strings.push("")?,
                Event::End(e) => match e.local_name().as_ref() {
                    "si" => strings.push(&unescape_controls(&text))?,
                    "t" => inside = false,
                    "rPh" => phonetic = false,
                    _ => {}
                },
                Event::Eof => return Ok(strings),
                event if inside => append(&mut text, &event),
                _ => {}
            }
            if text.len() > strings.room() {
                return Err(strings.full());
            }
        }
    }
}

/// The archive's directory is read into memory as a whole: its size is checked before.
fn check_directory(file: &mut File) -> Result<(), SheetError> {
    let problem = |error| io_problem(&error);
    let length = file.seek(SeekFrom::End(0)).map_err(problem)?;
    let tail_bytes = length.min(22 + 65_535);
    file.seek(SeekFrom::Start(length - tail_bytes))
        .map_err(problem)?;
    let mut tail = Vec::new();
    file.take(tail_bytes)
        .read_to_end(&mut tail)
        .map_err(problem)?;
    let at = tail
        .windows(4)
        .rposition(|w| w == b"PK\x05\x06")
        .ok_or(SheetError::Truncated)?;
    let record = tail.get(at..at + 22).ok_or(SheetError::Truncated)?;
    let entries = u16::from_le_bytes([record[10], record[11]]);
    let bytes = u32::from_le_bytes([record[12], record[13], record[14], record[15]]);
    if entries > ENTRIES || bytes > DIRECTORY_BYTES {
        return Err(SheetError::Corrupt("too many files in the archive".into()));
    }
    Ok(())
}

fn each_element(xml: &mut Xml, mut visit: impl FnMut(&BytesStart<'_>)) -> Result<(), SheetError> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml
            .read_event_into(&mut buffer)
            .map_err(|error| xml_problem(&error))?
        {
            Event::Start(element) | Event::Empty(element) => visit(&element),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The value of an attribute by its local name.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let mut all = attributes.with_checks(false).filter_map(Result::ok);
    let found = all.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found
        .normalized_value(XmlVersion::Implicit1_0)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// Appends the text of an event; only the five predefined entities and character references are known.
pub(super) fn append(text: &mut String, event: &Event<'_>) {
    match event {
        Event::Text(part) => text.push_str(part),
        Event::CData(part) => text.push_str(part),
        Event::GeneralRef(name) => match name.resolve_char_ref() {
            Ok(Some(c)) => text.push(c),
            _ => text
                .push_str(quick_xml::escape::resolve_predefined_entity(name).unwrap_or_default()),
        },
        _ => {}
    }
}

pub(super) fn xml_problem(error: &quick_xml::Error) -> SheetError {
    match error {
        quick_xml::Error::Io(cause) => io_problem(cause),
        other => SheetError::Corrupt(other.to_string()),
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
