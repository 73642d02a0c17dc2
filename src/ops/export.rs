//! Whole results as files: as many rows as the count says, from one snapshot, with bounded memory.

use std::io::Write;

use tokio::sync::mpsc;

use super::{Error, Result, Services};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        search::{Hit, Query},
    },
    sheet,
    store::patents,
};

/// The file format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Ndjson,
    /// UTF-8 with BOM, so that Excel reads it.
    Csv,
}

impl Format {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    pub const fn extension(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }
}

/// Bytes of one piece sent to the reader.
const CHUNK_BYTES: usize = 64 << 10;

/// The exact number of hits and the file, piece by piece. An error in the middle breaks the transfer off.
pub async fn hits(
    services: &Services,
    actor: &Actor,
    mut query: Query,
    format: Format,
) -> Result<(u64, mpsc::Receiver<std::result::Result<Vec<u8>, Error>>)> {
    access::check(actor, Operation::ExportPatents, None)?;
    query.sight = actor.sight();
    let search = services.search()?.clone();
    let export = tokio::task::spawn_blocking(move || search.export(query))
        .await
        .map_err(|e| Error::Internal(e.to_string()))??;
    let total = export.total();
    let (send, receive) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let mut chunk = match format {
            Format::Ndjson => Vec::new(),
            Format::Csv => csv_header(),
        };
        for hit in export {
            match hit.map_err(Error::from).and_then(|hit| line(&hit, format)) {
                Ok(line) => chunk.extend_from_slice(&line),
                Err(error) => {
                    let _ = send.blocking_send(Err(error));
                    return;
                }
            }
            if chunk.len() >= CHUNK_BYTES
                && send.blocking_send(Ok(std::mem::take(&mut chunk))).is_err()
            {
                return;
            }
        }
        let _ = send.blocking_send(Ok(chunk));
    });
    Ok((total, receive))
}

fn line(hit: &Hit, format: Format) -> Result<Vec<u8>> {
    let internal = |e: &dyn std::fmt::Display| Error::Internal(format!("export: {e}"));
    match format {
        Format::Ndjson => {
            let mut line = serde_json::to_vec(hit).map_err(|e| internal(&e))?;
            line.push(b'\n');
            Ok(line)
        }
        Format::Csv => {
            let day = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
            let holders: Vec<&str> = hit.holders.iter().map(|h| h.name.as_str()).collect();
            let ipc: Vec<&str> = hit
                .ipc
                .iter()
                .map(crate::domain::codes::Ipc::as_str)
                .collect();
            let cells = [
                hit.zl.clone(),
                hit.kind.zh().to_owned(),
                hit.title.clone(),
                hit.applicants.join("; "),
                hit.owners.join("; "),
                holders.join("; "),
                ipc.join("; "),
                hit.legal_status.zh().to_owned(),
                day(hit.filing_date),
                day(hit.grant_date),
                day(hit.expires_on),
            ];
            csv_line(&cells).map_err(|e| internal(&e))
        }
    }
}

fn csv_header() -> Vec<u8> {
    let mut out = "\u{feff}".as_bytes().to_vec();
    out.extend_from_slice(
        "申请号,专利类型,专利名称,申请人,当前权利人,持有单位,IPC分类号,法律状态,申请日,授权公告日,期满终止日\r\n".as_bytes(),
    );
    out
}

/// One CSV line; a cell that a spreadsheet would take for a formula gets a leading apostrophe.
fn csv_line(cells: &[String]) -> std::result::Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(cells.iter().map(|cell| sheet::guarded(cell)))?;
    writer.into_inner().map_err(|e| e.into_error().into())
}

/// One line of a list as a spreadsheet reads it; no cell is a formula.
pub fn csv_cells(cells: &[&str]) -> Vec<u8> {
    let cells: Vec<String> = cells.iter().map(|cell| sheet::guarded(cell)).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    sheet::csv_line(&cells)
}

/// Writes every patent of the database as NDJSON, in number order; returns how many.
pub async fn patents_to(services: &Services, out: &mut (dyn Write + Send)) -> Result<u64> {
    let mut tx = services.read().await?;
    let (mut after, mut written) = (String::new(), 0);
    loop {
        let page = patents::page(&mut tx, &after, 500).await?;
        let Some(last) = page.last() else { break };
        after = last.value.number.to_string();
        for patent in &page {
            let mut line =
                serde_json::to_vec(&patent.value).map_err(|e| Error::Internal(e.to_string()))?;
            line.push(b'\n');
            out.write_all(&line)
                .map_err(|e| Error::Internal(e.to_string()))?;
            written += 1;
        }
    }
    out.flush().map_err(|e| Error::Internal(e.to_string()))?;
    Ok(written)
}
