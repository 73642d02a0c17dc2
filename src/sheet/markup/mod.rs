//! XML of foreign files, event by event: no names of open tags are kept, nothing outside the document is ever
//! fetched, and of entities only the five predefined ones and character references are known.

mod guard;

use std::io::BufReader;

use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event},
};

use self::guard::Guard;
use super::{
    SheetError,
    source::{Bytes, io_problem},
};

pub(super) type Xml = quick_xml::Reader<BufReader<Guard<Bytes>>>;

/// A reader that refuses every document type.
pub(super) fn reader(bytes: Bytes) -> Xml {
    over(Guard::new(bytes, false))
}

/// A reader that passes over a document type which only names a file; one that declares anything is refused.
pub(super) fn lenient_reader(bytes: Bytes) -> Xml {
    over(Guard::new(bytes, true))
}

fn over(guard: Guard<Bytes>) -> Xml {
    let mut xml = quick_xml::Reader::from_reader(BufReader::with_capacity(1 << 15, guard));
    // Names of open tags are not kept: a document nested without end must not fill the memory.
    xml.config_mut().check_end_names = false;
    xml.config_mut().allow_unmatched_ends = true;
    xml.config_mut().allow_dangling_amp = true;
    xml
}

pub(super) fn each_element(
    xml: &mut Xml,
    mut visit: impl FnMut(&BytesStart<'_>),
) -> Result<(), SheetError> {
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

/// Appends the text of an event; an entity that nobody declared to us is lost.
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

/// Passes over an element whose start was just read.
pub(super) fn pass_over(xml: &mut Xml, buffer: &mut Vec<u8>) -> Result<(), SheetError> {
    let mut depth = 1_u64;
    while depth > 0 {
        buffer.clear();
        match xml
            .read_event_into(buffer)
            .map_err(|error| xml_problem(&error))?
        {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(SheetError::Truncated),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn xml_problem(error: &quick_xml::Error) -> SheetError {
    match error {
        quick_xml::Error::Io(cause) => io_problem(cause),
        other => SheetError::Corrupt(other.to_string()),
    }
}
