//! Lists as files: read from one snapshot of the database and written row by row into a scratch file, so that a file has as
//! many rows as its count says (I12), holds no connection while it is sent, and stays in constant memory.

mod annuities;
mod bulletin;
mod cards;
mod lists;
mod rows;

use std::fs::File;

use tokio::{sync::mpsc, task::JoinHandle};

pub use self::lists::{List, list};
pub use crate::sheet::OutFormat;
pub use annuities::annual_fees;
pub use bulletin::bulletin;
pub use cards::cards;

use super::{
    Error, Fault, Result, Services, dictionaries,
    stock::{self, StockEntry},
};
use crate::{
    domain::{
        access::Actor,
        codes::{AppNo, Ipc, Locarno},
        declaration::DeclarationState,
        dictionary::{Dictionaries, Topic},
        party::Organisation,
        stock::StockFilter,
        submission::Versions,
        time::Day,
    },
    sheet::{
        Layout, LayoutColumn, LayoutSource as Source, OutError, SHEET_ROWS, Style, Value, Writer,
    },
    store::submissions::Exported,
};

/// A file that is ready to be sent.
#[derive(Debug)]
pub struct Made {
    pub file: File,
    pub rows: u64,
    pub bytes: u64,
    pub format: OutFormat,
}

type Written = std::result::Result<(File, u64, u64), OutError>;

/// A table that is being written on a thread of its own.
struct Spool {
    send: mpsc::Sender<Vec<Vec<Value>>>,
    writing: JoinHandle<Written>,
    format: OutFormat,
}

impl Spool {
    fn open(services: &Services, format: OutFormat, sheet: &str, headers: Vec<String>) -> Self {
        let (send, mut pieces) = mpsc::channel::<Vec<Vec<Value>>>(2);
        let (scratch, sheet) = (services.limits.scratch.clone(), sheet.to_owned());
        let writing = tokio::task::spawn_blocking(move || {
            let mut writer = Writer::new(format, &sheet, headers, &scratch)?;
            while let Some(rows) = pieces.blocking_recv() {
                for row in rows {
                    writer.row(&row)?;
                }
            }
            writer.finish()
        });
        Self {
            send,
            writing,
            format,
        }
    }

    /// `false` once the writer has failed; `finish` says why.
    async fn rows(&self, rows: Vec<Vec<Value>>) -> bool {
        self.send.send(rows).await.is_ok()
    }

    async fn finish(self) -> Result<Made> {
        drop(self.send);
        let written = self.writing.await;
        let written = written.map_err(|e| Error::Internal(format!("writer: {e}")))?;
        let (file, rows, bytes) = written.map_err(|problem| match problem {
            OutError::TooManyRows => too_many(),
            OutError::Failed(problem) => Error::Internal(format!("writer: {problem}")),
        })?;
        Ok(Made {
            file,
            rows,
            bytes,
            format: self.format,
        })
    }
}

fn too_many() -> Error {
    Error::from(Fault::new(
        "?format",
        "tooManyRows",
        "超过一张工作表的行数，请改用 CSV 或 JSONL，或缩小范围。",
        "More rows than a sheet holds; take CSV or JSON lines, or narrow the list.",
    ))
}

/// The layouts that a sheet of stock can have: name, title in both languages, whether it is only ours.
pub fn layouts(services: &Services) -> impl Iterator<Item = (&str, &Layout)> {
    services.layouts.iter()
}

/// One's own stock, as it is narrowed, in a layout.
pub async fn stock(
    services: &Services,
    actor: &Actor,
    filter: &StockFilter,
    layout: &str,
    format: OutFormat,
) -> Result<Made> {
    // A platform's sheet goes out by `submissions`, which notes what was in it.
    let layout = services
        .layouts
        .find(layout)
        .filter(|layout| !layout.platform);
    let layout = layout.ok_or(Error::NotFound("layout"))?;
    Ok(stock_sheet(services, actor, filter, layout, format)
        .await?
        .0)
}

/// The same with what went out, where the layout is a platform's.
pub(super) async fn stock_sheet(
    services: &Services,
    actor: &Actor,
    filter: &StockFilter,
    layout: &Layout,
    format: OutFormat,
) -> Result<(Made, Vec<Exported>)> {
    let mut reading = stock::Reading::begin(services, actor, filter.clone()).await?;
    let dictionaries = dictionaries::all(services).await?;
    let headers = layout.columns.iter().map(|c| c.title.clone()).collect();
    let spool = Spool::open(services, format, &layout.sheet, headers);
    let today = services.clock.today();
    let (mut ordinal, mut exported) = (0, Vec::new());
    loop {
        let piece = reading.next().await?;
        if piece.is_empty() {
            break;
        }
        let mut rows = Vec::with_capacity(piece.len());
        for entry in &piece {
            ordinal += 1;
            let row = Row {
                ordinal,
                entry,
                holder: &reading.holder,
                dictionaries: &dictionaries,
                today,
            };
            if layout.platform {
                exported.push(exported_of(entry));
            }
            rows.push(layout.columns.iter().map(|c| row.cell(c)).collect());
        }
        // As many as a sheet holds, whatever the format: each is noted.
        if exported.len() as u64 > SHEET_ROWS {
            return Err(too_many());
        }
        if !spool.rows(rows).await {
            break;
        }
    }
    Ok((spool.finish().await?, exported))
}

fn exported_of(entry: &StockEntry) -> Exported {
    let entry = &entry.entry;
    Exported {
        holding: entry.holding.value.id.clone(),
        number: entry.patent.number.clone(),
        versions: Versions {
            patent: entry.patent_version,
            holding: entry.holding.version,
            inventory: entry.record.as_ref().map_or(0, |record| record.version),
        },
    }
}

/// A row to be.
struct Row<'a> {
    ordinal: i64,
    entry: &'a StockEntry,
    holder: &'a Organisation,
    dictionaries: &'a Dictionaries,
    today: Day,
}

impl Row<'_> {
    fn cell(&self, column: &LayoutColumn) -> Value {
        let (holding, patent) = (&self.entry.entry.holding.value, &self.entry.entry.patent);
        let list = |items: Vec<&str>| items.join(&column.separator);
        let names = |names: &[String]| list(names.iter().map(String::as_str).collect());
        let day = |day: Option<Day>| day.map(|d| day_text(d, column.format)).unwrap_or_default();
        let first = |names: &[String]| names.first().cloned().unwrap_or_default();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let yes = |is: bool| if is { "是" } else { "否" }.to_owned();
        match column.field {
            Source::Ordinal => return Value::Number(self.ordinal),
            Source::Number => number_text(&patent.number, column.format),
            Source::Title => patent.title.clone(),
            Source::Kind => patent.kind.zh().to_owned(),
            Source::Patentees => names(patent.patentees()),
            Source::FirstPatentee => first(patent.patentees()),
            Source::Applicants => names(&patent.applicants),
            Source::Inventors => names(&patent.inventors),
            Source::FirstInventor => first(&patent.inventors),
            Source::FilingDate => day(patent.filing_date),
            Source::PublicationNumber => patent
                .publication_number
                .as_ref()
                .map_or_else(String::new, |n| n.as_str().to_owned()),
            Source::PublicationDate => day(patent.publication_date),
            Source::GrantNumber => patent
                .grant_number
                .as_ref()
                .map_or_else(String::new, |n| n.as_str().to_owned()),
            Source::GrantDate => day(patent.grant_date),
            Source::MainIpc => patent
                .ipc
                .first()
                .map_or_else(String::new, |n| n.as_str().to_owned()),
            Source::Ipc => list(patent.ipc.iter().map(Ipc::as_str).collect()),
            Source::Locarno => list(patent.locarno.iter().map(Locarno::as_str).collect()),
            Source::Industries => names(&patent.industries),
            Source::Abstract => text(&patent.abstract_text),
            Source::LegalStatus => patent.legal_status.zh().to_owned(),
            Source::StatusText => text(&patent.status_text),
            Source::StatusAsOf => day(patent.status_as_of),
            Source::ExpiresOn => day(patent.expires_on()),
            Source::Conversion => holding.conversion.zh().to_owned(),
            Source::Unit => text(&holding.unit),
            Source::Ownership => {
                if holding.state.is_confirmed() {
                    "已确认".to_owned()
                } else {
                    "待确认".to_owned()
                }
            }
            Source::Published => yes(holding.published),
            Source::OfferState => self.offer(),
            Source::Funding
            | Source::Project
            | Source::Ways
            | Source::Maturity
            | Source::Grade
            | Source::Scenario
            | Source::Price
            | Source::Contact
            | Source::Telephone => self.answer(column),
            Source::Holder => self.holder.name.clone(),
            Source::HolderUscc => self.holder.uscc.to_string(),
            Source::District => self.holder.district.clone(),
            Source::Constant => column.value.clone(),
            Source::Blank => String::new(),
        }
        .into()
    }

    /// What its stock record says, in words.
    fn answer(&self, column: &LayoutColumn) -> String {
        let Some(record) = &self.entry.entry.record else {
            return String::new();
        };
        let record = &record.value;
        let said = |topic, code: &str| self.dictionaries.of(topic).text(code).zh;
        let contact = record.contact.as_ref();
        let found = match column.field {
            Source::Funding => record
                .funding
                .as_ref()
                .map(|f| said(Topic::Funding, &f.level)),
            Source::Project => record.funding.as_ref().and_then(|f| f.project.clone()),
            Source::Ways => {
                let ways = record.ways.iter().map(|way| said(Topic::Ways, way));
                Some(ways.collect::<Vec<_>>().join(&column.separator))
            }
            Source::Maturity => record
                .maturity
                .as_ref()
                .map(|code| said(Topic::Maturity, code)),
            Source::Grade => record.grade.as_ref().map(|code| said(Topic::Grade, code)),
            Source::Scenario => record.scenario.clone(),
            Source::Price => record.price_fen.map(|fen| fen.to_string()),
            Source::Contact => contact.and_then(|contact| contact.name.clone()),
            Source::Telephone => contact.and_then(|contact| contact.telephone.clone()),
            _ => None,
        };
        found.unwrap_or_default()
    }

    fn offer(&self) -> String {
        let declaration = self.entry.declaration.as_ref();
        declaration.map_or_else(String::new, |d| {
            if d.is_offered_on(self.today) {
                "开放许可中".to_owned()
            } else {
                DeclarationState::zh(d.state).to_owned()
            }
        })
    }
}

fn number_text(number: &AppNo, style: Style) -> String {
    let zl = number.zl();
    let dotted = zl.trim_start_matches("ZL");
    match style {
        Style::Dotted => dotted.to_owned(),
        Style::Plain => number.to_string(),
        _ => zl,
    }
}

fn day_text(day: Day, style: Style) -> String {
    match style {
        Style::Plain => day.strftime("%Y%m%d").to_string(),
        Style::Points => day.strftime("%Y.%m.%d").to_string(),
        Style::Chinese => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Style::Usual | Style::Dotted => day.to_string(),
    }
}
