//! Where the rounds are run: two server processes over one PostgreSQL, or one world over SQLite, with the same parties
//! and the same requests.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::Method;
use kaixu::domain::{
    access::Role,
    codes::{AppNo, Uscc},
};
use serde_json::Value;

use crate::{
    smoke::finished,
    support::{World, invariants, market::number, process::Installation, server::Running},
};

/// The university is 0, the enterprises are 1 and 2.
const NAMES: [&str; 3] = ["蓝湾大学", "海角渔具有限公司", "北岸机械有限公司"];

enum Doors {
    Processes(Installation, Box<[Running; 2]>),
    World(Box<World>),
}

pub struct Arena {
    doors: Doors,
    pub usccs: [String; 3],
    keys: [String; 3],
    /// The announcement, a paper of the university's.
    pub paper: Value,
    next: AtomicU32,
}

/// A request that is the same at every door.
pub struct Asking<'a> {
    pub method: Method,
    pub path: &'a str,
    /// Who asks.
    pub party: usize,
    pub version: Option<i64>,
    pub body: Option<&'a Value>,
}

pub struct Answer {
    pub status: u16,
    pub json: Value,
}

impl Arena {
    /// `None` where there is no PostgreSQL for tests.
    pub async fn of_two_processes() -> Option<Self> {
        let place = Installation::postgres().await?;
        let other = Installation::over(place.database.clone());
        let mut usccs = <[String; 3]>::default();
        let mut keys = <[String; 3]>::default();
        for (party, name) in NAMES.into_iter().enumerate() {
            let uscc = Uscc::complete(&format!("12371002{party:08}")).expect("completes");
            let uscc = uscc.to_string();
            place.organisation(&uscc, name).await;
            let role = if party == 0 { "holder" } else { "enterprise" };
            let mut add = vec!["key", "add", "--name", "test", "--role", role];
            add.extend(["--organisation", &uscc]);
            let said = place.done(&add).await;
            said.trim().clone_into(&mut keys[party]);
            usccs[party] = uscc;
        }
        let (first, second) = tokio::join!(place.serve(), other.serve());
        let upload = first
            .http
            .post(format!("{}/v1/files?name=a.pdf", first.address))
            .bearer_auth(&keys[0])
            .header("content-type", "application/pdf")
            .body("%PDF-1.7 announced");
        let paper: Value = upload.send().await.expect("answers").json().await.unwrap();
        Some(Self {
            doors: Doors::Processes(place, Box::new([first, second])),
            usccs,
            keys,
            paper: paper["id"].clone(),
            next: 1.into(),
        })
    }

    pub async fn of_one_process() -> Self {
        let world = World::sqlite().await.unindexed();
        let mut usccs = <[String; 3]>::default();
        let mut keys = <[String; 3]>::default();
        for (party, name) in NAMES.into_iter().enumerate() {
            let organisation = world.organisation(name).await;
            let role = if party == 0 {
                Role::Holder
            } else {
                Role::Enterprise
            };
            keys[party] = world.key(role, Some(&organisation)).await;
            usccs[party] = organisation.uscc.to_string();
        }
        let upload = world
            .ask(Method::POST, "/v1/files?name=a.pdf")
            .key(&keys[0]);
        let upload = upload.header("content-type", "application/pdf");
        let paper = upload.body("%PDF-1.7 announced").send().await.json();
        Self {
            doors: Doors::World(Box::new(world)),
            usccs,
            keys,
            paper: paper["id"].clone(),
            next: 1.into(),
        }
    }

    /// So many fresh patents of the university, granted in 2021.
    pub async fn patents(&self, count: u32) -> Vec<AppNo> {
        let from = self.next.fetch_add(count, Ordering::Relaxed);
        let numbers: Vec<AppNo> = (from..from + count).map(|n| number(2019, 1, n)).collect();
        let mut csv = String::from("专利号,专利名称,专利权人,申请日,授权公告日,法律状态\n");
        for number in &numbers {
            csv += &number.zl();
            csv += ",一种渔网清洗装置,蓝湾大学,2019-05-01,2021-06-01,专利权维持\n";
        }
        let done = match &self.doors {
            Doors::Processes(_, servers) => {
                let location = servers[0].upload(&self.keys[0], "", csv).await;
                servers[0].imported(&self.keys[0], &location).await
            }
            Doors::World(world) => {
                let asking = world.ask(Method::POST, "/v1/imports").key(&self.keys[0]);
                let answer = asking.body(csv).send().await;
                finished(world, &self.keys[0], answer.header("location")).await
            }
        };
        assert_eq!(done["counts"]["added"], count, "{done}");
        numbers
    }

    /// Asks at a door; a busy writer is asked again.
    pub async fn ask(&self, door: usize, asking: &Asking<'_>) -> Answer {
        for _ in 0..50 {
            let answer = self.once(door, asking).await;
            if answer.status != 503 {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        panic!("busy in vain: {} {}", asking.method, asking.path);
    }

    async fn once(&self, door: usize, asking: &Asking<'_>) -> Answer {
        let key = &self.keys[asking.party];
        let tag = asking.version.map(|version| format!("\"{version}\""));
        match &self.doors {
            Doors::Processes(_, servers) => {
                let server = &servers[door];
                let url = format!("{}{}", server.address, asking.path);
                let mut request = server.http.request(asking.method.clone(), url);
                request = request.bearer_auth(key);
                if let Some(tag) = tag {
                    request = request.header("if-match", tag);
                }
                if let Some(body) = asking.body {
                    request = request.json(body);
                }
                let answer = request.send().await.expect("answers");
                Answer {
                    status: answer.status().as_u16(),
                    json: answer.json().await.expect("JSON"),
                }
            }
            Doors::World(world) => {
                let mut request = world.ask(asking.method.clone(), asking.path).key(key);
                if let Some(tag) = tag {
                    request = request.header("if-match", &tag);
                }
                if let Some(body) = asking.body {
                    request = request.json(body);
                }
                let answer = request.send().await;
                Answer {
                    status: answer.status.as_u16(),
                    json: answer.json(),
                }
            }
        }
    }

    /// Everything holds that must always hold.
    pub async fn verifies(&self) {
        match &self.doors {
            Doors::Processes(place, _) => {
                assert!(place.done(&["verify"]).await.contains("all hold"));
                invariants::hold_in(place).await;
            }
            // Its index stands still.
            Doors::World(world) => invariants::hold_beside(&world.services).await,
        }
    }
}
