//! The questionnaire read from a sheet: each row fills in the stock record of one patent of the holder's own. What a row
//! does not say stays; a row that cannot be taken is refused alone, with its reason.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use futures_util::Stream;

use super::{
    Error, Result, Services, announce::announce, holdings as held, inventory as records, uploads,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        dictionary::Dictionaries,
        questionnaire::{Column, Line, Refusal, header_of, read, refused},
        review::Want,
        text::Lang,
    },
    sheet,
    store::{Stored, Tx, dictionaries, holdings, inventory},
};

/// Rows of a sheet.
const ROWS: u64 = 100_000;
/// Patents changed in one transaction.
const BATCH: usize = 500;

/// What became of the rows.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub rows: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub refused: Vec<Refusal>,
}

/// Reads a sheet into one's own stock records; a rehearsal writes nothing.
pub async fn import(
    services: &Services,
    actor: &Actor,
    file_name: Option<String>,
    rehearsal: bool,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<Report> {
    access::check_role(actor, Operation::ImportInventory)?;
    let own = actor.organisation.clone().ok_or(access::Denied::NotYours)?;
    access::check(actor, Operation::ImportInventory, Some(&own))?;
    let limit = services.limits.upload_bytes;
    let (file, _) = uploads::spool(services, limit, upload).await?;
    let all = super::dictionaries::all(services).await?;
    let limits = sheet::Limits {
        rows: ROWS.min(services.limits.sheet.rows),
        inflated_bytes: services.limits.sheet.inflated_bytes.min(128 << 20),
        line_bytes: services.limits.sheet.line_bytes.min(64 << 10),
        ..services.limits.sheet.clone()
    };
    let path = file.path().to_owned();
    let reading = move || lines_of(&path, file_name.as_deref(), &limits, &all);
    let read = tokio::task::spawn_blocking(reading).await;
    let (mut report, lines) = read.map_err(|e| Error::Internal(format!("reader: {e}")))??;
    for batch in lines.chunks(BATCH) {
        let mut tx = services.write(actor).await?;
        fill(services, &mut tx, actor, batch, &mut report).await?;
        if !rehearsal {
            tx.commit().await?;
        }
    }
    report.refused.sort_by_key(|refusal| refusal.row);
    Ok(report)
}

fn lines_of(
    path: &std::path::Path,
    name: Option<&str>,
    limits: &sheet::Limits,
    all: &Dictionaries,
) -> Result<(Report, Vec<Line>)> {
    let known = |header: &str| header_of(header).map(|_| false);
    let table = sheet::read_table(path, name, limits, &known).map_err(|problem| {
        let zh = format!("{}。", problem.text(Lang::Zh));
        let en = format!("{}.", problem.text(Lang::En));
        Error::fault("", problem.as_str(), zh, en)
    })?;
    let columns: Vec<Option<Column>> = table.headers.iter().map(|h| header_of(h)).collect();
    if !columns.contains(&Some(Column::Number)) {
        return Err(Error::fault(
            "",
            "headerMissing",
            "缺少“专利号”列。",
            "A column of application numbers is missing.",
        ));
    }
    let (mut report, mut lines) = (Report::default(), Vec::new());
    let mut seen: HashSet<AppNo> = HashSet::new();
    for row in table.rows {
        report.rows += 1;
        let number = row.number;
        let Ok(cells) = row.cells else {
            report.refused.push(refused(number, "rowUnreadable", ""));
            continue;
        };
        let cells = cells.into_iter().filter_map(|(at, cell)| {
            let column = columns.get(at).copied().flatten()?;
            Some((column, cell))
        });
        match read(number, &cells.collect::<Vec<_>>(), all) {
            Ok(line) if !seen.insert(line.number.clone()) => {
                report
                    .refused
                    .push(refused(number, "numberTwice", &line.number.zl()));
            }
            Ok(line) => lines.push(line),
            Err(refusal) => report.refused.push(refusal),
        }
    }
    Ok((report, lines))
}

/// Fills in the records of some rows.
async fn fill(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    lines: &[Line],
    report: &mut Report,
) -> Result<()> {
    let all = dictionaries::load_all(tx).await?;
    let numbers: Vec<AppNo> = lines.iter().map(|line| line.number.clone()).collect();
    let mut found = holdings::list_by_numbers(tx, &numbers).await?;
    found.retain(|holding| actor.organisation.as_ref() == Some(&holding.value.organisation));
    let known = records::of_holdings(tx, &found).await?;
    let mut stock: HashMap<AppNo, _> = found
        .into_iter()
        .zip(known)
        .map(|(holding, record)| (holding.value.number.clone(), (holding, record)))
        .collect();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let (mut said, mut says) = (Vec::new(), Vec::new());
    for line in lines {
        let Some((holding, record)) = stock.remove(&line.number) else {
            report
                .refused
                .push(refused(line.row, "notInStock", &line.number.zl()));
            continue;
        };
        let standing = record.value.standing(holding.value.unit.as_deref());
        if !actor.reaches(Want::Edit, standing) {
            report
                .refused
                .push(refused(line.row, "notInStock", &line.number.zl()));
            continue;
        }
        let patch = held::HoldingPatch {
            conversion: line.conversion,
            ..held::HoldingPatch::default()
        };
        let edited = held::edited(&holding.value, patch).and_then(|next| {
            Ok((
                next,
                records::edited(&record.value, line.items.clone(), &all)?,
            ))
        });
        match edited {
            Ok((next, items)) => {
                let same = (next == holding.value, items == record.value);
                if same == (true, true) {
                    report.unchanged += 1;
                    continue;
                }
                report.changed += 1;
                if !same.0 {
                    after.push(Stored {
                        version: holding.version + 1,
                        hash: next.document_hash(),
                        value: next,
                    });
                    before.push(holding.value);
                }
                if !same.1 {
                    says.push(records::successor(services, tx, &record, items));
                    said.push(record);
                }
            }
            Err(Error::Invalid(faults)) => {
                let fault = faults.into_iter().next();
                let text = fault.map_or_else(|| refused(0, "", "").text, |fault| fault.text);
                report.refused.push(Refusal {
                    text,
                    code: "valueInvalid",
                    ..refused(line.row, "", &line.number.zl())
                });
            }
            Err(other) => return Err(other),
        }
    }
    holdings::put(tx, &after).await?;
    for (before, after) in before.iter().zip(&after) {
        announce(tx, Some(before), after);
    }
    inventory::put(tx, &says).await?;
    for (said, says) in said.iter().zip(&says) {
        announce(tx, records::before(said), says);
    }
    Ok(())
}
