//! Bibliographic data in XML as CNIPA gives it out: the older form after ST.36 (`cn-bibliographic-data`,
//! `doc-number`) and the present one after ST.96 (`business:BibliographicData`, `base:DocNumber`). Elements are told
//! by their local names alone. One patent is read at a time; descriptions and drawings are passed over.

mod record;

use quick_xml::events::{BytesStart, Event};

use self::record::Record;
use super::{
    Limits, RowProblem, SheetError,
    encoding::{to_utf8, utf16_of},
    markup::{Xml, append, attribute, lenient_reader, pass_over, xml_problem},
    source::{Bytes, Source, io_problem},
};
use crate::domain::intake::{Reject, RejectCode, Row};

/// Elements within one another; more is not a patent but an attack on memory.
const DEPTH: usize = 100;

/// What is one patent, folded.
const RECORDS: [&str; 12] = [
    "patentdocumentandrelated",
    "patentdocument",
    "patentpublication",
    "patentgrantpublication",
    "patentapplicationpublication",
    "exchangedocument",
    "patentrecord",
    "designdocument",
    "applicationbody",
    "bibliographicdata",
    "designbibliographicdata",
    "patentverdict",
];

/// What is said of other patents, of agents and of the invention at length.
const ASIDE: [&str; 30] = [
    "description",
    "drawings",
    "designdrawings",
    "abstractfigure",
    "abstractdrawing",
    "figure",
    "maths",
    "math",
    "tables",
    "agents",
    "agentdetails",
    "agentbag",
    "examiners",
    "examinerdetails",
    "examinerbag",
    "referencescited",
    "referencecitationbag",
    "priorityclaims",
    "priorityclaim",
    "prioritydetails",
    "domesticpriorityclaim",
    "prioritybag",
    "relateddocuments",
    "relateddocumentbag",
    "pctorregionalfilingdata",
    "pctorregionalpublishingdata",
    "patentfamily",
    "searchreport",
    "correspondenceaddress",
    "legalstatus",
];

/// Opens the file and makes sure that there is a patent in it.
pub(super) fn open(source: &Source, limits: &Limits) -> Result<XmlRows, SheetError> {
    let encoding = encoding_of(source)?;
    let bytes = source.open()?;
    let bytes: Bytes = match encoding {
        Some(encoding) => to_utf8(bytes, encoding),
        None => bytes,
    };
    let mut rows = XmlRows {
        xml: lenient_reader(bytes),
        buffer: Vec::new(),
        record_bytes: limits.line_bytes,
        path: Vec::new(),
        number: 0,
        first: None,
    };
    let first = rows.read()?;
    rows.first = Some(first.ok_or_else(|| SheetError::Unsupported("XML".into()))?);
    Ok(rows)
}

/// The encoding that the file declares, where it is not UTF-8.
fn encoding_of(source: &Source) -> Result<Option<&'static encoding_rs::Encoding>, SheetError> {
    let mut head = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(source.open()?, 1024), &mut head)
        .map_err(|error| io_problem(&error))?;
    if let Some(wide) = utf16_of(&head) {
        return Ok(Some(wide));
    }
    let text = String::from_utf8_lossy(&head);
    let declared = text
        .split_once("?>")
        .and_then(|(declaration, _)| declaration.split_once("encoding"))
        .and_then(|(_, rest)| rest.split(['"', '\'']).nth(1));
    let Some(label) = declared else {
        return Ok(None);
    };
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes());
    let encoding = encoding.ok_or(SheetError::Encoding)?;
    Ok((encoding != encoding_rs::UTF_8).then_some(encoding))
}

/// The patents of a file.
pub(super) struct XmlRows {
    xml: Xml,
    buffer: Vec<u8>,
    record_bytes: usize,
    /// Folded names of the open elements.
    path: Vec<String>,
    /// Patents so far.
    number: u64,
    first: Option<Result<Row, Reject>>,
}

impl XmlRows {
    fn read(&mut self) -> Result<Option<Result<Row, Reject>>, SheetError> {
        let mut record: Option<(usize, Record)> = None;
        loop {
            self.buffer.clear();
            let event = self
                .xml
                .read_event_into(&mut self.buffer)
                .map_err(|error| xml_problem(&error))?;
            match event {
                Event::Start(element) => {
                    let name = fold(&element);
                    if ASIDE.contains(&name.as_str()) {
                        pass_over(&mut self.xml, &mut self.buffer)?;
                        continue;
                    }
                    if record.is_none() && RECORDS.contains(&name.as_str()) {
                        record = Some((self.path.len(), Record::new(self.record_bytes)));
                        self.number += 1;
                    }
                    if self.path.len() >= DEPTH {
                        return Err(SheetError::Corrupt("elements nested too deeply".into()));
                    }
                    self.path.push(name);
                    if let Some((from, record)) = &mut record {
                        record.start(&self.path[*from..], &|name| attribute(&element, name));
                    }
                }
                Event::End(_) => {
                    if let Some((from, record)) = &mut record {
                        record.end(&self.path[*from..]);
                    }
                    self.path.pop();
                    if let Some((_, done)) = record.take_if(|(from, _)| self.path.len() <= *from)
                        && (done.says_anything() || done.too_long())
                    {
                        return Ok(Some(self.row(done)));
                    }
                }
                Event::Eof if !self.path.is_empty() => return Err(SheetError::Truncated),
                Event::Eof => return Ok(None),
                event => {
                    if let Some((_, record)) = &mut record {
                        record.text(|text| {
                            let before = text.len();
                            append(text, &event);
                            // What a DTD would have to explain stays as it is written.
                            if let Event::GeneralRef(name) = &event
                                && text.len() == before
                            {
                                text.push('&');
                                text.push_str(name);
                                text.push(';');
                            }
                        });
                    }
                }
            }
        }
    }

    fn row(&self, record: Record) -> Result<Row, Reject> {
        if record.too_long() {
            return Err(Reject::new(self.number, "", RejectCode::LineTooLong, ""));
        }
        Ok(Row {
            number: self.number,
            place: None,
            cells: record.cells(),
        })
    }
}

impl Iterator for XmlRows {
    type Item = Result<Row, RowProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.first.take() {
            Some(first) => Some(first),
            None => match self.read() {
                Ok(row) => row,
                Err(error) => return Some(Err(error.into())),
            },
        };
        row.map(|row| row.map_err(RowProblem::from))
    }
}

/// `cn-publication-reference`, `PublicationReference` → `publicationreference`.
fn fold(element: &BytesStart<'_>) -> String {
    let local = element.local_name();
    let name = local.as_ref();
    let name = name.strip_prefix("cn-").unwrap_or(name);
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .take(60)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
