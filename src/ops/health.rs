//! Is this process able to serve: does the database answer, is there an index, how far behind is it?

use super::{Result, Services};
use crate::store::changes;

/// The state of the process.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    pub database: bool,
    pub index: bool,
    /// The last committed change.
    pub head: i64,
    /// The last change that searches see.
    pub applied: i64,
}

impl Health {
    pub const fn is_ready(&self) -> bool {
        self.database && self.index
    }
}

pub async fn check(services: &Services) -> Result<Health> {
    let head = match services.db.read().await {
        Ok(mut tx) => changes::head(&mut tx).await.ok(),
        Err(_) => None,
    };
    Ok(Health {
        database: head.is_some(),
        index: services
            .search
            .as_ref()
            .is_some_and(crate::search::Search::ready),
        head: head.map_or(-1, |head| head.seq),
        applied: services
            .search
            .as_ref()
            .map_or(-1, crate::search::Search::applied_seq),
    })
}
