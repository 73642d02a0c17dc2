//! The audit and the dump: a rich history holds, and whatever is touched of it, in the database or in a dump, is
//! found and named.

mod chronicle;
mod command;
mod dumped;
mod faulty;
mod history;
mod later;
mod law;
mod tamper;

use kaixu::ops::verify;

use crate::on_both_at;

on_both_at! { "2024-02-01T01:00:00Z";
    async fn a_rich_history_holds_and_so_does_its_dump(world) {
        history::lived(&world).await;
        let report = verify::verify(&world.services).await.expect("runs").expect("holds");
        assert!(report.declarations > 12 && report.licences > 8 && report.counts > 30, "{report:?}");
        // What must always hold is looked at after each of these tests.
    }
}
