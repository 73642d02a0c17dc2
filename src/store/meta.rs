//! Facts about this installation, by name.

use super::{Result, Tx};

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
