//! The audit and the dump: a rich history holds, and whatever is touched of it, in the database or in a dump, is
//! found and named.

mod chronicle;
mod command;
mod dumped;
mod history;
mod law;
mod tamper;

use crate::{on_both_at, support::invariants::hold};

on_both_at! { "2024-02-01T01:00:00Z";
    async fn a_rich_history_holds_and_so_does_its_dump(world) {
        history::lived(&world).await;
        hold(&world).await;
    }
}
