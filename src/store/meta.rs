//! Facts about this installation, by name.

use super::{Db, Error, Result, Tx, changes, word};
use crate::domain::{event::ChainHash, time::Instant};

pub async fn find(tx: &mut Tx, key: &str) -> Result<Option<String>> {
    Ok(
        on!(tx, conn => sqlx::query_scalar("select value from meta where key = $1")
        .bind(key).fetch_optional(&mut **conn).await?),
    )
}

/// Sets a fact that is not set yet; somebody else's value stays.
pub async fn set_once(tx: &mut Tx, key: &str, value: &str) -> Result<()> {
    on!(tx, conn => sqlx::query("insert into meta (key, value) values ($1, $2) on conflict (key) do nothing")
        .bind(key).bind(value).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Under which the chain's algorithm is kept.
const CHAIN_HASH: &str = "chainHash";

/// By what the chain is hashed; where nothing says so, by SHA-256.
pub async fn chain_hash(tx: &mut Tx) -> Result<ChainHash> {
    match find(tx, CHAIN_HASH).await? {
        Some(text) => word(&text, ChainHash::parse),
        None => Ok(ChainHash::default()),
    }
}

/// Settles by what the chain is hashed, before its first change; refuses to go on where the operator wants another than
/// the chain has.
pub async fn settle_chain_hash(
    db: &Db,
    wanted: Option<ChainHash>,
    now: Instant,
) -> Result<ChainHash> {
    let mut tx = db.read().await?;
    let known = find(&mut tx, CHAIN_HASH).await?;
    drop(tx);
    let settled = match known {
        Some(text) => word(&text, ChainHash::parse)?,
        None => {
            let mut tx = db.begin_write(now, "system").await?;
            // A chain that has begun without a word of it is hashed by the default.
            let begun = changes::head(&mut tx).await?.seq > 0;
            let choice = wanted.filter(|_| !begun).unwrap_or_default();
            set_once(&mut tx, CHAIN_HASH, choice.as_str()).await?;
            let settled = chain_hash(&mut tx).await?;
            tx.commit().await?;
            settled
        }
    };
    match wanted {
        Some(wanted) if wanted != settled => Err(Error::Unsuitable(format!(
            "the audit chain of this database is hashed by {}, which was settled with its first change and cannot be \
             changed; chain_hash = \"{}\" is for a new installation: remove the setting, or begin with an empty database",
            settled.as_str(),
            wanted.as_str()
        ))),
        _ => Ok(settled),
    }
}
