//! Whole results as files: as many rows as the count says, from one snapshot, with bounded memory.

use std::{
    io::{Read as _, Write},
    path::Path,
};

use tokio::sync::mpsc;

use super::{Error, Result, Services, reference};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        search::{Hit, Query},
    },
    search,
    sheet::{self, Value, Writer},
    store::patents,
};

pub use crate::sheet::OutFormat as Format;

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
    let names = reference::names(services).await;
    let export = export.map(move |hit| {
        hit.map(|mut hit| {
            names.name_hit(&mut hit);
            hit
        })
    });
    if format == Format::Xlsx {
        let scratch = services.limits.scratch.clone();
        let sheet = move |send: &mpsc::Sender<_>| hits_sheet(export, &scratch, send);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = sheet(&send) {
                let _ = send.blocking_send(Err(error));
            }
        });
        return Ok((total, receive));
    }
    tokio::task::spawn_blocking(move || {
        let mut chunk = match format {
            Format::Ndjson => Vec::new(),
            Format::Csv | Format::Xlsx => csv_header(),
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
        Format::Csv | Format::Xlsx => Ok(sheet::guarded_line(&hit_cells(hit))),
    }
}

/// The hits as a workbook, which is sent when its last row is written.
fn hits_sheet(
    hits: impl Iterator<Item = std::result::Result<Hit, search::Error>>,
    scratch: &Path,
    send: &mpsc::Sender<std::result::Result<Vec<u8>, Error>>,
) -> Result<()> {
    let internal = |e: &dyn std::fmt::Display| Error::Internal(format!("export: {e}"));
    let headers = HEADER.split(',').map(str::to_owned).collect();
    let mut writer =
        Writer::new(Format::Xlsx, "专利", headers, scratch).map_err(|e| internal(&e))?;
    for hit in hits {
        let cells = hit_cells(&hit?).map(Value::from);
        writer.row(&cells).map_err(|e| internal(&e))?;
    }
    let (mut file, _, _) = writer.finish().map_err(|e| internal(&e))?;
    loop {
        let mut chunk = vec![0; CHUNK_BYTES];
        let read = file.read(&mut chunk).map_err(|e| internal(&e))?;
        chunk.truncate(read);
        if read == 0 || send.blocking_send(Ok(chunk)).is_err() {
            return Ok(());
        }
    }
}

/// A hit in the columns of `HEADER`.
fn hit_cells(hit: &Hit) -> [String; 12] {
    let day = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let holders: Vec<&str> = hit.holders.iter().map(|h| h.name.as_str()).collect();
    let ipc: Vec<&str> = hit
        .ipc
        .iter()
        .map(crate::domain::codes::Ipc::as_str)
        .collect();
    let named = hit.industries.iter().zip(&hit.industry_names);
    let industries: Vec<String> = named.map(|(code, name)| format!("{code} {name}")).collect();
    [
        hit.zl.clone(),
        hit.kind.zh().to_owned(),
        hit.title.clone(),
        hit.applicants.join("; "),
        hit.owners.join("; "),
        holders.join("; "),
        ipc.join("; "),
        industries.join("; "),
        hit.legal_status.zh().to_owned(),
        day(hit.filing_date),
        day(hit.grant_date),
        day(hit.expires_on),
    ]
}

const HEADER: &str = "申请号,专利类型,专利名称,申请人,当前权利人,持有单位,IPC分类号,国民经济行业,法律状态,申请日,授权公告日,期满终止日";

fn csv_header() -> Vec<u8> {
    let mut out = "\u{feff}".as_bytes().to_vec();
    out.extend_from_slice(HEADER.as_bytes());
    out.extend_from_slice(b"\r\n");
    out
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
