//! A world in which many histories happen: its parties with their keys and papers, what earlier histories have left,
//! and the figures that were shown.

use axum::http::Method;
use kaixu::{
    domain::{
        declaration::Declaration,
        licence::Licence,
        party::Organisation,
        rules::Rules,
        time::{Clock, Day, Instant},
    },
    ops::{targets, verify, watch},
};
use proptest::test_runner::{TestCaseError, TestCaseResult};
use serde_json::Value;

use super::{By, figures::Shown};
use crate::{law::model::law::FRESH, support::World};

/// One day before the statute.
pub fn clock() -> Clock {
    Clock::fixed("2024-01-19T02:00:00Z")
}

pub struct Stage {
    pub world: World,
    /// The declaring organisation of each right: one with an account here, one without.
    pub owners: [Organisation; 2],
    pub takers: [Organisation; 2],
    keys: [String; 4],
    /// A paper of each party's own.
    files: [Value; 4],
    turns: u32,
    /// What earlier histories have left.
    pub declarations: Vec<Declaration>,
    pub licences: Vec<Licence>,
    pub pairs: usize,
    pub histories: usize,
    pub shown: Vec<Shown>,
}

impl Stage {
    pub async fn on(world: World) -> Self {
        let world = world.unindexed().ruled(Rules {
            status_max_age_days: FRESH,
            // The model is of the law alone; the card is the market's own wish.
            card_required: false,
            ..Rules::default()
        });
        targets::ensure(&world.services).await.expect("a target");
        let owners = [
            world.organisation("蓝湾大学").await,
            world.organisation("红崖研究所").await,
        ];
        let takers = [
            world.organisation("海角渔具有限公司").await,
            world.organisation("北岸机械有限公司").await,
        ];
        let acts_for = [Some(&owners[0]), Some(&takers[0]), Some(&takers[1]), None];
        let mut keys = <[String; 4]>::default();
        let mut files = <[Value; 4]>::default();
        for (by, acts_for) in By::ALL.into_iter().zip(acts_for) {
            let key = world.key(by.role(), acts_for).await;
            let upload = world.ask(Method::POST, "/v1/files?name=a.pdf").key(&key);
            let upload = upload.header("content-type", "application/pdf");
            let text = format!("%PDF-1.7 {by:?}");
            files[by as usize] = upload.body(text).send().await.json()["id"].clone();
            keys[by as usize] = key;
        }
        Self {
            world,
            owners,
            takers,
            keys,
            files,
            turns: 0,
            declarations: Vec::new(),
            licences: Vec::new(),
            pairs: 0,
            histories: 0,
            shown: Vec::new(),
        }
    }

    /// A number that was never given before.
    pub fn turn(&mut self) -> u32 {
        self.turns += 1;
        self.turns
    }

    pub fn turns(&self) -> u32 {
        self.turns
    }

    pub fn key(&self, by: By) -> &str {
        &self.keys[by as usize]
    }

    pub fn file(&self, by: By) -> &Value {
        &self.files[by as usize]
    }

    pub fn today(&self) -> Day {
        self.world.services.clock.today()
    }

    /// A day begins, with its watch. It is half past midnight in Shanghai, the day before in UTC.
    pub async fn wake(&self, day: Day) {
        let services = &self.world.services;
        services
            .clock
            .set(Instant::start_of(day).plus_seconds(1_800));
        watch::run(services).await.expect("watches");
    }

    /// The chain, the records and the files are what was written (I8).
    pub async fn verifies(&self) -> TestCaseResult {
        let verified = verify::verify(&self.world.services).await.expect("reads");
        verified
            .map(drop)
            .map_err(|found| TestCaseError::fail(found.to_string()))
    }
}
