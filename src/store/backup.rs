//! Backup of the embedded database: an online copy in one file, taken beside a running server.
//! PostgreSQL has its own tools (pg_dump), which the command line calls.

use std::path::Path;

use sqlx::{ConnectOptions as _, Connection as _};

use super::{Db, Error, Result};

impl Db {
    /// Writes a consistent copy of the embedded database to `file`, which must not exist yet.
    pub async fn copy_to(&self, file: &Path) -> Result<()> {
        let Self::Sqlite { write, .. } = self else {
            return Err(Error::Unsuitable(
                "an online copy is made of the embedded database only".into(),
            ));
        };
        if file.exists() {
            return Err(Error::Unsuitable(format!(
                "{} exists already",
                file.display()
            )));
        }
        let name = file
            .to_str()
            .ok_or_else(|| Error::Unsuitable("the file name is not UTF-8".into()))?;
        // A connection of its own: the writer goes on meanwhile.
        let mut connection = write.connect_options().as_ref().clone().connect().await?;
        sqlx::query("vacuum into $1")
            .bind(name)
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(())
    }
}
