//! A faulty operation: writes a record with version, hashes and rows all in order, whatever the law says of it; what
//! the audit says is kept, and everything is put back.

use kaixu::{
    domain::{
        declaration::Declaration,
        encumbrance::Encumbrance,
        event::{Audience, Change, Noun, Verb, canonical_json},
        indicator::Closing,
        licence::Licence,
        time::Day,
    },
    ops::verify,
    store::{Stored, Tx, closings, declarations, encumbrances, licences},
};
use serde_json::{Value, json};

use crate::support::{World, sql};

/// Everything as a faulty operation would leave it, and as it was before once it has been looked at.
pub async fn faulty(world: &World, write: impl AsyncFnOnce(&mut Tx)) -> String {
    const TABLES: [&str; 4] = ["declarations", "licences", "encumbrances", "closings"];
    let db = &world.services.db;
    for table in TABLES {
        sql::execute(
            db,
            &format!("create table saved_{table} as select * from {table}"),
        )
        .await;
    }
    let seq = sql::number(db, "select seq from head").await;
    let hash = sql::text(db, "select hash from head").await;
    let now = world.services.clock.now();
    let mut tx = db.begin_write(now, "faulty").await.expect("writes");
    write(&mut tx).await;
    tx.commit().await.expect("commits");
    let found = verify::verify(&world.services).await.expect("runs");
    sql::execute(db, &format!("delete from changes where seq > {seq}")).await;
    sql::execute(db, &format!("update head set seq = {seq}, hash = '{hash}'")).await;
    for table in ["closings", "licences", "declarations", "encumbrances"] {
        sql::execute(db, &format!("delete from {table}")).await;
    }
    for table in TABLES {
        sql::execute(
            db,
            &format!("insert into {table} select * from saved_{table}"),
        )
        .await;
        sql::execute(db, &format!("drop table saved_{table}")).await;
    }
    match found {
        Err(found) => found.to_string(),
        Ok(report) => format!("nothing: {report:?}"),
    }
}

/// Records a row for each audience of a document that was stored.
pub fn record(
    tx: &mut Tx,
    (noun, key): (Noun, &str),
    (version, hash): (i64, &str),
    body: Option<&str>,
    (audiences, effective_on): (Vec<Audience>, Option<Day>),
) {
    for audience in audiences {
        tx.record(Change {
            noun,
            verb: Verb::Set,
            key: key.to_owned(),
            version,
            audience,
            effective_on,
            body: body.map(str::to_owned),
            body_hash: hash.to_owned(),
        });
    }
}

/// A document with some of its fields replaced; null takes one away.
pub fn with<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T, fields: &Value) -> T {
    let mut document = serde_json::to_value(value).expect("JSON");
    let object = document.as_object_mut().expect("an object");
    for (name, value) in fields.as_object().expect("an object") {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    serde_json::from_value(document).expect("a record")
}

pub async fn all(world: &World) -> (Vec<Stored<Declaration>>, Vec<Stored<Licence>>) {
    let mut tx = world.services.db.read().await.expect("reads");
    let all = declarations::page_by_id(&mut tx, "", 1_000).await;
    let taken = licences::page_by_id(&mut tx, "", 1_000).await;
    (all.expect("reads"), taken.expect("reads"))
}

/// Closes a month once more, with other fields.
pub async fn closing(world: &World, known: &Closing, fields: Value) -> String {
    faulty(world, async |tx: &mut Tx| {
        let after = closings::insert(tx, with(known, &fields))
            .await
            .expect("stores");
        let (key, body) = (after.value.id.to_string(), canonical_json(&after.value));
        let stored = (after.version, after.hash.as_str());
        record(
            tx,
            (Noun::Closing, &key),
            stored,
            Some(&body),
            (vec![Audience::Public], None),
        );
    })
    .await
}

pub async fn licence(world: &World, known: &Stored<Licence>, fields: Value) -> String {
    faulty(world, async |tx: &mut Tx| {
        let next = with(&known.value, &fields);
        let after = licences::update(tx, next, known.version)
            .await
            .expect("stores");
        let (key, body) = (after.value.id.to_string(), canonical_json(&after.value));
        let told = (after.value.audiences(), after.value.effective_on);
        let stored = (after.version, after.hash.as_str());
        record(tx, (Noun::Licence, &key), stored, Some(&body), told);
    })
    .await
}

pub async fn declaration(world: &World, known: &Stored<Declaration>, fields: Value) -> String {
    faulty(world, async |tx: &mut Tx| {
        let next = with(&known.value, &fields);
        let after = declarations::update(tx, next, known.version)
            .await
            .expect("stores");
        let (key, body) = (after.value.id.to_string(), canonical_json(&after.value));
        let told = (vec![after.value.audience()], after.value.effective_on);
        let stored = (after.version, after.hash.as_str());
        record(tx, (Noun::Declaration, &key), stored, Some(&body), told);
    })
    .await
}

pub async fn encumber(
    world: &World,
    tx: &mut Tx,
    of: &Declaration,
    kind: &str,
    from: Option<&str>,
) {
    let encumbrance: Encumbrance = serde_json::from_value(json!({
        "id": world.services.ids.next(world.services.clock.now()), "number": of.number, "kind": kind,
        "from": from.unwrap_or("2024-02-01"), "organisation": of.organisation,
    }))
    .expect("an encumbrance");
    let stored = encumbrances::insert(tx, encumbrance).await.expect("stores");
    let told = (vec![stored.value.audience()], Some(stored.value.from));
    let key = stored.value.id.to_string();
    let hash = stored.hash.as_str();
    record(
        tx,
        (Noun::Encumbrance, &key),
        (stored.version, hash),
        None,
        told,
    );
}
