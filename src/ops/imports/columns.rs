//! How a file's columns are read: its headers and first values, what somebody has said of them, what was saved for the
//! same headers, and guesses. Preview, dry run and import go by the same mapping.

use std::path::Path;

use super::{Error, Result, Services, get, saved};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        intake::{
            self, Basis, Cell, Column, Mapping, Reading, Sample, column_named, excerpt, keys_of,
            mapping_of, named_twice, readings, text_of,
        },
        refusal::{Refusal, Refused},
        register::{Import, ImportState, Preview, PreviewColumn, PreviewRow, PreviewSkipped},
        text::Text,
    },
    ops::{Fault, imports::enqueue},
    sheet::{self, SheetError, SkipReason, Skipped, Survey},
    store::{import_mappings, imports},
};

/// Rows shown.
const ROWS: usize = 10;
/// Rows looked at for them.
const LOOKED_AT: usize = 200;
/// Values shown of a column, and how long.
const SAMPLES: usize = 3;
const SAMPLE_CHARS: usize = 60;

/// A file as it will be read.
pub(super) struct Look {
    pub(super) preview: Preview,
    pub(super) mapping: Mapping,
    /// What was said of the columns does not fit the file.
    pub(super) refused: Option<SheetError>,
}

/// A column of the file, under the name that a person sees.
struct Seen {
    key: String,
    header: String,
    name: String,
    values: Vec<Cell>,
}

/// Looks at a file: nothing of it is recorded. `accept`: guesses are taken as well, because somebody will see them.
pub(super) async fn look(
    services: &Services,
    import: &Import,
    path: &Path,
    accept: bool,
) -> Result<Look> {
    let said = import.mapping.clone().unwrap_or_default();
    let (file, limits, known) = (
        path.to_path_buf(),
        services.limits.sheet.clone(),
        said.clone(),
    );
    let survey = blocking(move || sheet::survey(&file, &limits, &known)).await?;
    // What is wrong with the file as a whole, reading it says again.
    let Ok(survey) = survey else {
        return Ok(Look {
            preview: Preview::default(),
            mapping: said,
            refused: None,
        });
    };
    let seen = columns_of(&survey);
    let chosen = match resolved(&said, &seen) {
        Ok(chosen) => chosen,
        Err(refused) => {
            return Ok(Look {
                preview: Preview::default(),
                mapping: said,
                refused: Some(refused),
            });
        }
    };
    let signature = intake::signature(seen.iter().map(|column| column.key.as_str()));
    let mut tx = services.read().await?;
    let saved =
        import_mappings::find_for(&mut tx, import.organisation.as_ref(), &signature).await?;
    drop(tx);
    let saved = saved.map_or_else(Mapping::default, |saved| saved.value.mapping());
    let (file, limits) = (path.to_path_buf(), services.limits.sheet.clone());
    blocking(move || read(&file, &limits, &survey, &seen, &chosen, &saved, accept)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::Internal(format!("reader: {e}")))
}

/// The columns of all tables, each header once.
fn columns_of(survey: &Survey) -> Vec<Seen> {
    let mut seen: Vec<Seen> = Vec::new();
    for table in &survey.tables {
        for (at, key) in keys_of(&table.headers).into_iter().enumerate() {
            let values = table.columns.get(at).cloned().unwrap_or_default();
            let header = excerpt(&table.headers[at]);
            let blank = values.iter().all(|cell| text_of(cell).is_none());
            // A column without header and values is only the sheet's margin.
            if (header.is_empty() && blank) || seen.iter().any(|column| column.key == key) {
                continue;
            }
            seen.push(Seen {
                name: excerpt(&table.name_of(at)),
                key,
                header,
                values,
            });
        }
    }
    seen
}

/// What was said, under the keys of this file's columns: a person may have named a column by its letter.
fn resolved(said: &Mapping, seen: &[Seen]) -> std::result::Result<Mapping, SheetError> {
    let keys: Vec<String> = seen.iter().map(|column| column.key.clone()).collect();
    let headers: Vec<String> = seen.iter().map(|column| column.header.clone()).collect();
    let mut mapping = Mapping::default();
    for (name, field) in said.iter() {
        let at = keys.iter().position(|key| key == name);
        let at = at.or_else(|| column_named(name, &headers, &keys));
        let Some(at) = at else {
            return Err(SheetError::ColumnUnknown {
                name: excerpt(name),
                seen: seen.iter().take(60).map(|c| c.name.clone()).collect(),
            });
        };
        mapping.say(keys[at].clone(), field);
    }
    match named_twice(&samples_of(seen), &mapping) {
        None => Ok(mapping),
        Some((at, field)) => Err(SheetError::FieldTwice {
            field: field.as_str(),
            column: seen[at].name.clone(),
        }),
    }
}

fn samples_of(seen: &[Seen]) -> Vec<Sample<'_>> {
    let columns = seen.iter();
    columns
        .map(|column| Sample {
            key: &column.key,
            header: &column.header,
            values: &column.values,
        })
        .collect()
}

fn read(
    path: &Path,
    limits: &sheet::Limits,
    survey: &Survey,
    seen: &[Seen],
    chosen: &Mapping,
    saved: &Mapping,
    accept: bool,
) -> Look {
    let samples = samples_of(seen);
    let mut readings = readings(&samples, chosen, saved);
    let mapping = mapping_of(&samples, &readings, accept);
    if !accept {
        readings.iter_mut().for_each(leave_out);
    }
    let columns = seen.iter().zip(readings);
    let columns = columns.map(|(column, reading)| PreviewColumn {
        header: column.name.clone(),
        key: column.key.clone(),
        meaning: reading.field.map(Column::title),
        samples: first_values(&column.values),
        reading: Some(reading),
    });
    let mut preview = Preview {
        columns: columns.collect(),
        rows: Vec::new(),
        tables: survey.names.iter().map(|name| excerpt(name)).collect(),
        skipped: survey.skipped.iter().map(left_out).collect(),
    };
    if let Ok(rows) = sheet::open_as(path, None, limits, &mapping) {
        preview.tables = rows.tables().iter().map(|name| excerpt(name)).collect();
        if rows.format() != sheet::Format::Zip {
            preview.skipped = rows.skipped().iter().map(left_out).collect();
        }
        let good = rows
            .take(LOOKED_AT)
            .filter_map(|row| intake::read_row(&row.ok()?).ok());
        preview.rows = good.take(ROWS).map(shown).collect();
    }
    Look {
        preview,
        mapping,
        refused: None,
    }
}

/// A guess that nobody has confirmed is told and not taken.
fn leave_out(reading: &mut Reading) {
    if let (Basis::Likely, Some(field)) = (reading.basis, reading.field) {
        reading.field = None;
        reading.reason = Text::new(
            format!("可能是“{}”，没有人确认，未读取", field.zh()),
            format!(
                "perhaps “{}”; nobody has confirmed it, so it is not read",
                field.en()
            ),
        );
    }
}

fn first_values(values: &[Cell]) -> Vec<String> {
    let mut first: Vec<String> = Vec::new();
    for text in values.iter().filter_map(text_of) {
        let text: String = excerpt(&text).chars().take(SAMPLE_CHARS).collect();
        if !first.contains(&text) {
            first.push(text);
        }
        if first.len() == SAMPLES {
            break;
        }
    }
    first
}

fn left_out(sheet: &Skipped) -> PreviewSkipped {
    PreviewSkipped {
        name: excerpt(&sheet.name),
        reason: match sheet.reason {
            SkipReason::Empty => Text::new("空表", "empty"),
            SkipReason::NoHeader => Text::new(
                "没有含申请号（专利号）的表头",
                "no header that names an application number",
            ),
        },
    }
}

fn shown(intake: intake::Intake) -> PreviewRow {
    let patent = intake.patent;
    PreviewRow {
        number: patent.number.zl(),
        kind: patent.kind,
        legal_status: patent.legal_status,
        filing_date: patent.filing_date,
        patentees: patent.patentees().to_vec(),
        title: patent.title,
        conversion: intake.conversion,
        unit: intake.unit,
    }
}

/// What somebody says of one column: by its header, its letter or its key, and the field, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidColumn {
    pub column: String,
    pub field: Option<Column>,
}

impl SaidColumn {
    /// Reads `HEADER=FIELD`; `HEADER=` and `HEADER=-` leave the column unread. The last `=` counts, because a header may
    /// have one.
    pub fn parse(text: &str) -> std::result::Result<Self, Fault> {
        let words = || {
            let offered = Column::ALL.into_iter().filter(|field| field.is_offered());
            offered.map(Column::as_str).collect::<Vec<_>>().join(", ")
        };
        let fault = |zh: String, en: String| Fault::new("?map", "mappingInvalid", zh, en);
        let Some((column, field)) = text.rsplit_once('=') else {
            return Err(fault(
                format!("应写成 表头=字段；可用字段：{}。", words()),
                format!("Write HEADER=FIELD; the fields are: {}.", words()),
            ));
        };
        let field = match field.trim() {
            "" | "-" => None,
            word => Some(
                Column::parse(word)
                    .filter(|field| field.is_offered())
                    .ok_or_else(|| {
                        fault(
                            format!("没有“{}”这个字段；可用：{}。", excerpt(word), words()),
                            format!(
                                "There is no field {:?}; there are: {}.",
                                excerpt(word),
                                words()
                            ),
                        )
                    })?,
            ),
        };
        if column.trim().is_empty() {
            return Err(fault(
                "请写明表头，没有表头的列写列标（A、B）。".into(),
                "Name the header, or the letter of a column without one.".into(),
            ));
        }
        Ok(Self {
            column: column.trim().to_owned(),
            field,
        })
    }
}

/// What was said before a file is there: whether it has such columns, its reading tells.
pub fn said_of(said: &[SaidColumn]) -> Mapping {
    let mut mapping = Mapping::default();
    for one in said {
        let key = keys_of(std::slice::from_ref(&one.column)).pop();
        mapping.say(key.unwrap_or_default(), one.field);
    }
    mapping
}

/// Says of a rehearsed import's columns what they are, at version `expected`; it is rehearsed again with that. Columns
/// that are not named stay as they were.
pub async fn remap(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    said: &[SaidColumn],
) -> Result<Import> {
    access::check_role(actor, Operation::PutImportMapping)?;
    let import = get(services, actor, id).await?;
    access::check(
        actor,
        Operation::PutImportMapping,
        import.organisation.as_ref(),
    )?;
    if import.state != ImportState::Rehearsed {
        return Err(not_waiting(import.state).into());
    }
    if import.version != expected {
        return Err(Error::Stale {
            current: import.version,
        });
    }
    let columns = import.preview.clone().unwrap_or_default().columns;
    let mapping = merged(&columns, import.mapping.clone().unwrap_or_default(), said)?;
    let mut tx = services.write(actor).await?;
    if !imports::remap(&mut tx, id, expected, &mapping).await? {
        let now = imports::find(&mut tx, id)
            .await?
            .ok_or(Error::NotFound("import"))?;
        return Err(Error::Stale {
            current: now.version,
        });
    }
    enqueue(&mut tx, services, id).await?;
    tx.commit().await?;
    get(services, actor, id).await
}

/// Only what waits for somebody to agree can be read differently.
pub(super) fn not_waiting(state: ImportState) -> Refused {
    if state == ImportState::Rehearsing {
        return Refusal::new(
            "importRehearsing",
            "文件还在试读，请稍后再试。",
            "The file is still being read; try again in a moment.",
        )
        .into();
    }
    Refusal::new(
        "importSettled",
        "这份文件已经导入或不再等待确认；需要时请重新上传。",
        "This file has been imported or waits no longer; upload it again if need be.",
    )
    .into()
}

fn merged(columns: &[PreviewColumn], mut mapping: Mapping, said: &[SaidColumn]) -> Result<Mapping> {
    let keys: Vec<String> = columns.iter().map(|column| column.key.clone()).collect();
    let headers: Vec<String> = columns.iter().map(|c| c.header.clone()).collect();
    let mut faults = Vec::new();
    let mut named: Vec<usize> = Vec::new();
    for (place, one) in said.iter().enumerate() {
        let exact = keys.iter().position(|key| *key == one.column);
        let Some(at) = exact.or_else(|| column_named(&one.column, &headers, &keys)) else {
            faults.push(Fault::new(
                format!("/columns/{place}/column"),
                "columnUnknown",
                "文件中没有这一列。",
                "The file has no such column.",
            ));
            continue;
        };
        if named.contains(&at) {
            faults.push(Fault::new(
                format!("/columns/{place}/column"),
                "repeated",
                "同一列只能说明一次。",
                "A column may be named only once.",
            ));
            continue;
        }
        named.push(at);
        let known = Column::of_header(&columns[at].header).map(|known| known.column);
        if known.is_some() && one.field == known {
            mapping.forget(&keys[at]);
        } else {
            mapping.say(keys[at].clone(), one.field);
        }
    }
    let samples: Vec<Sample<'_>> = columns
        .iter()
        .map(|column| Sample {
            key: &column.key,
            header: &column.header,
            values: &[],
        })
        .collect();
    if let Some((at, field)) = named_twice(&samples, &mapping) {
        let place = said.iter().position(|one| {
            keys[at] == one.column
                || column_named(&one.column, &headers, &keys).is_some_and(|found| found == at)
        });
        let pointer = place.map_or("/columns".to_owned(), |place| {
            format!("/columns/{place}/field")
        });
        faults.push(Fault::new(
            pointer,
            "fieldTwice",
            format!("已有另一列是“{}”，请将其中一列改为不读取。", field.zh()),
            format!(
                "Another column is “{}” already; leave one of them unread.",
                field.en()
            ),
        ));
    }
    if faults.is_empty() {
        Ok(mapping)
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Keeps what was agreed to for the next file with these headers.
pub(super) async fn keep(
    tx: &mut crate::store::Tx,
    services: &Services,
    import: &Import,
) -> Result<()> {
    let (Some(preview), Some(mapping)) = (&import.preview, &import.mapping) else {
        return Ok(());
    };
    saved::keep(tx, services, import, &preview.columns, mapping).await
}
