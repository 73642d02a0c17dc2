//! The dictionaries of the stock record's answers: everybody reads them, the office keeps them. Who changed one stands
//! in the audit.

use super::{Error, Fault, Result, Services, accounts::note};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        dictionary::{Dictionaries, Dictionary, DictionaryEntry, Topic},
    },
    store::{Stored, dictionaries},
};

/// All dictionaries with their versions.
pub async fn list(services: &Services, actor: &Actor) -> Result<Vec<Stored<Dictionary>>> {
    access::check(actor, Operation::ListDictionaries, None)?;
    let mut tx = services.read().await?;
    let mut all = Vec::new();
    for topic in Topic::ALL {
        all.push(dictionaries::load(&mut tx, topic).await?);
    }
    Ok(all)
}

/// All dictionaries as a page words answers by them.
pub async fn all(services: &Services) -> Result<Dictionaries> {
    Ok(dictionaries::load_all(&mut services.read().await?).await?)
}

pub async fn get(services: &Services, actor: &Actor, topic: Topic) -> Result<Stored<Dictionary>> {
    access::check(actor, Operation::GetDictionary, None)?;
    Ok(dictionaries::load(&mut services.read().await?, topic).await?)
}

/// Writes the entries of a dictionary anew, at version `expected`.
pub async fn update(
    services: &Services,
    actor: &Actor,
    topic: Topic,
    expected: i64,
    entries: Vec<DictionaryEntry>,
) -> Result<Stored<Dictionary>> {
    access::check(actor, Operation::UpdateDictionary, None)?;
    let mut tx = services.write(actor).await?;
    let current = dictionaries::load(&mut tx, topic).await?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let tidy = |entry: DictionaryEntry| DictionaryEntry {
        zh: entry.zh.trim().to_owned(),
        en: entry.en.trim().to_owned(),
        ..entry
    };
    let next = Dictionary {
        topic,
        entries: entries.into_iter().map(tidy).collect(),
    };
    if let Some((pointer, code, text)) = next.flaw_after(&current.value) {
        let fault = Fault::new(pointer, code, text.zh, text.en);
        return Err(Error::Invalid(vec![fault]));
    }
    if next == current.value {
        return Ok(current);
    }
    let next = Stored {
        version: expected + 1,
        hash: next.document_hash(),
        value: next,
    };
    dictionaries::put(&mut tx, &next).await?;
    let about = format!("dictionaries/{}", topic.as_str());
    note(&mut tx, services, &actor.name, "dictionaryChanged", &about).await?;
    tx.commit().await?;
    Ok(next)
}
