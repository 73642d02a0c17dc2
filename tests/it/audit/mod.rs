//! The audit and the dump: a rich history holds, and whatever is touched of it, in the database or in a dump, is
//! found and named.

mod chronicle;
mod dumped;
mod history;
mod tamper;

use crate::{on_both, support::invariants::hold};

on_both! {
    async fn a_rich_history_holds_and_so_does_its_dump(world) {
        let mut world = world;
        history::lived(&mut world).await;
        hold(&world).await;
    }
}
