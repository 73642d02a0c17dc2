//! The audit and the dump: a rich history holds, and whatever is touched of it, in the database or in a dump, is
//! found and named.

mod chronicle;
mod command;
mod dumped;
mod faulty;
mod heads;
mod history;
mod later;
mod law;
mod tamper;

use kaixu::{
    domain::{declaration::DeclarationState, terms::Terms},
    ops::{
        declarations::{self, Asked},
        targets, verify,
    },
};
use serde_json::json;

use crate::on_both_at;
use chronicle::{Chronicle, day, invention};

on_both_at! { "2024-02-01T01:00:00Z";
    async fn a_rich_history_holds_and_so_does_its_dump(world) {
        history::lived(&world).await;
        let report = verify::verify(&world.services).await.expect("runs").expect("holds");
        assert!(report.declarations > 12 && report.licences > 8 && report.counts > 30, "{report:?}");
        // What must always hold is looked at after each of these tests.
    }

    async fn an_announcement_recorded_after_its_period_is_over_at_once_and_holds(world) {
        let c = Chronicle::of(&world);
        targets::ensure(&c.services).await.expect("a target");
        let university = world.organisation("蓝湾大学").await;
        c.stock(&university, &[&invention(1)], json!({})).await;
        let written = Chronicle::written(&Terms::Free, "2024-02-20");
        let id = c.draft(&c.office, &university, &invention(1), written).await;
        c.step(&id, Asked::Ready).await;
        c.step(&id, Asked::Submit { on: day("2024-02-01") }).await;
        c.on("2024-03-01");
        let announced = Asked::Announce {
            declaration_number: "K-9".into(),
            effective_on: day("2024-02-10"),
            source: c.file(&c.office).await,
        };
        c.step(&id, announced).await;
        let known = declarations::get(&c.services, &c.office, &id).await.expect("is there");
        assert_eq!(known.record.value.state, DeclarationState::Expired);
        assert_eq!(known.record.value.ended_on, Some(day("2024-02-21")));
        verify::verify(&c.services).await.expect("runs").expect("holds");
    }
}
