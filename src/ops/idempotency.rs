//! Idempotency keys: the first request with a key has its effect and stores its answer in the same
//! transaction; a repeat gets that answer; another request with the same key is refused (I2).

use super::{Error, Result};
use crate::{
    domain::{access::Actor, event::sha256_hex, id::Id},
    store::{Tx, idempotency},
};

/// A caller's key for one creating request.
#[derive(Clone, Debug)]
pub struct Key {
    /// Keys of different callers never meet.
    pub owner: String,
    pub key: String,
    pub operation: &'static str,
    /// SHA-256 of everything that was asked.
    pub fingerprint: String,
}

/// The answer of a creating request, as it is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// The created record's key, for `Location`.
    pub body: String,
}

impl Key {
    pub fn new(actor: &Actor, key: &str, operation: &'static str, asked: &[u8]) -> Self {
        Self {
            owner: actor.name.clone(),
            key: key.to_owned(),
            operation,
            fingerprint: sha256_hex(asked),
        }
    }

    /// The stored answer when this very request was made before.
    pub async fn find(&self, tx: &mut Tx) -> Result<Option<Answer>> {
        match idempotency::find(tx, &self.owner, &self.key).await? {
            None => Ok(None),
            Some(used)
                if used.operation == self.operation && used.fingerprint == self.fingerprint =>
            {
                Ok(Some(Answer {
                    status: u16::try_from(used.status).unwrap_or(200),
                    body: used.response,
                }))
            }
            Some(_) => Err(Error::KeyReused),
        }
    }

    /// Stores the answer with the effect.
    pub async fn store(&self, tx: &mut Tx, answer: &Answer) -> Result<()> {
        let used = idempotency::Used {
            operation: self.operation.to_owned(),
            fingerprint: self.fingerprint.clone(),
            status: i64::from(answer.status),
            response: answer.body.clone(),
        };
        let now = tx.now();
        Ok(idempotency::insert(tx, &self.owner, &self.key, &used, now).await?)
    }

    /// The record that this very request created before.
    pub async fn created(&self, tx: &mut Tx) -> Result<Option<Id>> {
        let Some(answer) = self.find(tx).await? else {
            return Ok(None);
        };
        let id = Id::parse(&answer.body);
        id.map(Some)
            .ok_or_else(|| Error::Internal("stored answer".into()))
    }

    /// Stores the created record's id with the effect.
    pub async fn keep(&self, tx: &mut Tx, id: &Id) -> Result<()> {
        let answer = Answer {
            status: 201,
            body: id.to_string(),
        };
        self.store(tx, &answer).await
    }
}
