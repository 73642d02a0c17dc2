//! /v1/changes and /v1/snapshots/latest: how another platform keeps an exact copy. Take a snapshot, then follow
//! the feed from its `next`; or follow the feed from the beginning. Both end with the same records.

use std::time::Duration;

use axum::{
    body::Body as HttpBody,
    extract::State as Extract,
    http::{Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use tokio::{sync::mpsc, time::timeout};

use super::{
    State,
    extract::{NoParams, Params, Who},
    page::linked,
    problem::{Problem, Refusal},
};
use crate::{
    domain::event::Noun,
    ops::{self, changes, changes::Snapshot},
};

/// One change as a CloudEvent (specversion 1.0).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChangeEvent {
    #[schema(example = "1.0")]
    pub specversion: &'static str,
    /// Unique per installation; with `source` it names the change for ever.
    pub id: String,
    /// The installation.
    #[schema(example = "urn:kaixu:0197…")]
    pub source: String,
    /// `cn.kaixu.NOUN.set` or `cn.kaixu.NOUN.gone`: the latter says that you no longer see the record.
    #[serde(rename = "type")]
    #[schema(example = "cn.kaixu.patent.set")]
    pub kind: String,
    /// `patents/NUMBER`, `organisations/ID`, `holdings/ID`
    pub subject: String,
    pub time: String,
    pub datacontenttype: &'static str,
    /// Ordered as text; gaps belong to other audiences.
    pub sequence: String,
    /// The record's version after the change, from 1.
    pub recordversion: i64,
    /// SHA-256 of the record's canonical JSON (RFC 8785).
    pub recordhash: String,
    /// A later event carries the newer state; skip this one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub superseded: bool,
    /// The record. Absent when it is gone or superseded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<serde_json::Value>,
}

/// A page of the feed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedOut {
    pub items: Vec<ChangeEvent>,
    /// `after` of the next request; given also at the end of the feed, where one asks again later.
    pub next: String,
    /// There is more right now.
    pub more: bool,
}

/// Follow the changes in order, each exactly once.
///
/// Apply rows in order: `set` with data replaces the record, `gone` removes it, a superseded row is skipped.
/// Ask again with `next`, at once while `more` is true and after a pause otherwise. A cursor of another key's
/// audience is refused (400); after a restore from a backup an unknown cursor ends with 410: take a snapshot.
#[utoipa::path(get, path = "/v1/changes", operation_id = "listChanges", tag = "feed",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page or snapshot before; absent: from the beginning"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "100 by default"),
    ),
    responses((status = 200, body = FeedOut), (status = 400, body = Problem), (status = 410, body = Problem)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    mut params: Params,
) -> Result<Response, Refusal> {
    let limit = params.number("limit", 1..=200)?.unwrap_or(100);
    let after = params.take("after")?;
    params.finish()?;
    let feed = changes::feed(&state.services, &actor, after.as_deref(), limit).await?;
    let items = feed
        .events
        .into_iter()
        .map(|event| out(&state.installation, event))
        .collect();
    let body = FeedOut {
        items,
        next: feed.next.clone(),
        more: feed.more,
    };
    Ok(linked(&uri, Some(&feed.next), body))
}

fn out(installation: &str, event: changes::Event) -> ChangeEvent {
    let row = event.row;
    ChangeEvent {
        specversion: "1.0",
        id: row.seq.to_string(),
        source: format!("urn:kaixu:{installation}"),
        kind: format!("cn.kaixu.{}", row.kind),
        time: row.at.rfc3339(),
        datacontenttype: "application/json",
        sequence: format!("{:019}", row.seq),
        recordversion: row.subject_version,
        recordhash: row.body_hash,
        subject: row.subject,
        superseded: event.superseded,
        data: event.document,
    }
}

/// The first line of a snapshot.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SnapshotHead {
    #[serde(rename = "type")]
    #[schema(example = "snapshot")]
    pub kind: &'static str,
    /// The change up to which everything is contained, and its hash.
    pub seq: i64,
    pub hash: String,
    /// `after` for `/v1/changes`.
    pub next: String,
}

/// A record's line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SnapshotRecord {
    #[serde(rename = "type")]
    pub kind: Noun,
    pub key: String,
    pub version: i64,
    pub hash: String,
    #[schema(value_type = Object)]
    pub document: serde_json::Value,
}

/// The last line: a snapshot without it broke off and must be taken again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SnapshotEnd {
    #[serde(rename = "type")]
    #[schema(example = "end")]
    pub kind: &'static str,
    pub records: u64,
}

/// Take everything you may see, as of one moment.
///
/// NDJSON: a `snapshot` line with its `seq` and the feed's `next`, one line a record, and an `end` line with
/// the number of records. Without the `end` line the transfer broke off.
#[utoipa::path(get, path = "/v1/snapshots/latest", operation_id = "getLatestSnapshot", tag = "feed",
    responses((status = 200, content_type = "application/x-ndjson", body = SnapshotRecord), (status = 503, body = Problem)))]
pub async fn snapshot(
    Extract(state): Extract<State>,
    Who(actor): Who,
    _: NoParams,
) -> Result<Response, Refusal> {
    let turn = state
        .snapshots
        .clone()
        .try_acquire_owned()
        .map_err(|_| ops::Error::Busy)?;
    let snapshot = changes::snapshot(&state.services, &actor).await?;
    let (send, receive) = mpsc::channel(2);
    tokio::spawn(async move {
        if let Err(error) = write(snapshot, &send).await {
            // The reader misses the `end` line and, with this, the proper end of the transfer.
            let _ = send.send(Err(error)).await;
        }
        drop(turn);
    });
    let body = HttpBody::from_stream(stream::unfold(receive, |mut receive| async move {
        receive.recv().await.map(|chunk| (chunk, receive))
    }));
    Ok((
        [(header::CONTENT_TYPE, "application/x-ndjson; charset=utf-8")],
        body,
    )
        .into_response())
}

/// How long a reader may leave a piece of the snapshot untaken: meanwhile a database connection is held.
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes the lines of a snapshot as fast as they are read.
async fn write(mut snapshot: Snapshot, send: &mpsc::Sender<ops::Result<Bytes>>) -> ops::Result<()> {
    let put = async |bytes: Vec<u8>| match timeout(PATIENCE, send.send(Ok(bytes.into()))).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(ops::Error::Busy),
    };
    put(line(&SnapshotHead {
        kind: "snapshot",
        seq: snapshot.seq,
        hash: snapshot.hash.clone(),
        next: snapshot.next.clone(),
    }))
    .await?;
    let mut total = 0;
    loop {
        let records = snapshot.next_page().await?;
        if records.is_empty() {
            return put(line(&SnapshotEnd {
                kind: "end",
                records: total,
            }))
            .await;
        }
        total += records.len() as u64;
        let mut lines = Vec::new();
        for record in records {
            lines.extend(line(&SnapshotRecord {
                kind: record.noun,
                key: record.key,
                version: record.version,
                hash: record.hash,
                document: record.document,
            }));
        }
        put(lines).await?;
    }
}

fn line<T: Serialize>(value: &T) -> Vec<u8> {
    let mut text = serde_json::to_vec(value).expect("our records are JSON");
    text.push(b'\n');
    text
}
