//! A small market for tests: a university with patents, two enterprises, an office and their keys, all driven through
//! the router. The steps that most tests need are one call each.

use axum::http::Method;
use kaixu::domain::{access::Role, codes::AppNo, party::Organisation};
use serde_json::{Value, json};

use super::{World, cards, http::Answer};
use crate::smoke::finished;

/// Who is in it, and their keys.
pub struct Market<'a> {
    pub world: &'a World,
    pub university: Organisation,
    pub maker: Organisation,
    pub holder_key: String,
    pub maker_key: String,
    pub trader_key: String,
    pub office_key: String,
    next: std::sync::atomic::AtomicU32,
}

/// A patent number with its check character; `kind` is the type digit.
pub fn number(year: u32, kind: u32, serial: u32) -> AppNo {
    let body = format!("{year}{kind}{serial:07}");
    AppNo::parse(&body).expect("completes").0
}

/// A licence fee of so many yuan, paid at once.
pub fn lump(yuan: i64) -> Value {
    json!({ "mode": "lumpSum", "amountFen": yuan * 100 })
}

impl<'a> Market<'a> {
    /// Without a target; `target` makes the district's.
    pub async fn new(world: &'a World) -> Self {
        let university = world.organisation("蓝湾大学").await;
        let maker = world.organisation("海角渔具有限公司").await;
        let trader = world.organisation("北岸机械有限公司").await;
        kaixu::ops::targets::ensure(&world.services)
            .await
            .expect("has a target");
        Self {
            holder_key: world.key(Role::Holder, Some(&university)).await,
            maker_key: world.key(Role::Enterprise, Some(&maker)).await,
            trader_key: world.key(Role::Enterprise, Some(&trader)).await,
            office_key: world.key(Role::Office, None).await,
            world,
            university,
            maker,
            next: 1.into(),
        }
    }

    fn serial(&self) -> u32 {
        self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }

    /// A granted invention of the university, in force by a register extract of today.
    pub async fn patent(&self) -> AppNo {
        self.patent_of("1", "蓝湾大学").await
    }

    /// A patent of this kind (type digit) and these owners.
    pub async fn patent_of(&self, kind: &str, owners: &str) -> AppNo {
        let number = number(2019, kind.parse().expect("a digit"), self.serial());
        let csv = format!(
            "专利号,专利名称,专利权人,申请日,授权公告日,法律状态\n{},一种渔网清洗装置{},{owners},2019-05-01,2021-06-01,专利权维持\n",
            number.zl(),
            number.as_str(),
        );
        self.import(&csv).await;
        cards::write(&self.world.services, &self.university.id, &number).await;
        self.status(&number, "inForce").await;
        number
    }

    /// Imports a table for the university and waits for it.
    pub async fn import(&self, csv: &str) -> Value {
        let asking = self
            .world
            .ask(Method::POST, "/v1/imports")
            .key(&self.holder_key);
        let answer = asking.body(csv.to_owned()).send().await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        finished(self.world, &self.holder_key, answer.header("location")).await
    }

    /// Records a legal status as of today.
    pub async fn status(&self, number: &AppNo, status: &str) {
        let today = self.world.services.clock.today();
        let source = self.file(&self.office_key).await;
        let body = json!({ "legalStatus": status, "asOf": today, "source": source });
        let path = format!("/v1/patents/{number}/status");
        let answer = self.send(Method::PUT, &path, &self.office_key, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Uploads a small file and returns its id.
    pub async fn file(&self, key: &str) -> Value {
        let text = format!("%PDF-1.7 {}", self.serial());
        let asking = self
            .world
            .ask(Method::POST, "/v1/files?name=%E8%AF%81%E6%8D%AE.pdf")
            .key(key);
        let answer = asking
            .header("content-type", "application/pdf")
            .body(text)
            .send()
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].clone()
    }

    pub async fn send(&self, method: Method, path: &str, key: &str, body: &Value) -> Answer {
        self.world
            .ask(method, path)
            .key(key)
            .json(body)
            .send()
            .await
    }

    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, key, body).await
    }

    pub async fn read(&self, path: &str, key: &str) -> Value {
        let answer = self.world.ask(Method::GET, path).key(key).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Sends a change of a record with the version that it has now.
    pub async fn change(
        &self,
        method: Method,
        path: &str,
        record: &str,
        key: &str,
        body: &Value,
    ) -> Answer {
        let read = self
            .world
            .ask(Method::GET, record)
            .key(&self.office_key)
            .send()
            .await;
        let asking = self
            .world
            .ask(method, path)
            .key(key)
            .header("if-match", read.header("etag"));
        asking.json(body).send().await
    }

    /// What a draft says.
    pub fn draft(number: &AppNo, terms: &Value) -> Value {
        json!({
            "number": number, "terms": terms, "until": "2030-12-31", "explanation": "按同类许可的平均水平确定。",
            "contact": { "name": "科技处", "telephone": "0631-0000000" },
        })
    }

    /// A draft of the university's, by its address.
    pub async fn drafted(&self, number: &AppNo, terms: &Value) -> String {
        let answer = self
            .post(
                "/v1/declarations",
                &self.holder_key,
                &Self::draft(number, terms),
            )
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.header("location").to_owned()
    }

    /// Takes a step as the university.
    pub async fn step(&self, declaration: &str, step: &Value) -> Answer {
        let path = format!("{declaration}/steps");
        self.change(Method::POST, &path, declaration, &self.holder_key, step)
            .await
    }

    /// Leads a new declaration to its announcement today; returns its address.
    pub async fn announced(&self, number: &AppNo, terms: &Value) -> String {
        let declaration = self.drafted(number, terms).await;
        let today = self.world.services.clock.today();
        let source = self.file(&self.holder_key).await;
        let steps = [
            json!({ "step": "ready" }),
            json!({ "step": "submit", "on": today }),
            json!({ "step": "announce", "declarationNumber": format!("KX{number}"), "effectiveOn": today, "source": source }),
        ];
        for step in steps {
            let answer = self.step(&declaration, &step).await;
            assert_eq!(answer.status, 200, "{step}: {}", answer.text());
        }
        declaration
    }

    /// Announces the end of a declaration today.
    pub async fn withdraw(&self, declaration: &str) -> Answer {
        let source = self.file(&self.holder_key).await;
        let today = self.world.services.clock.today();
        let step = json!({ "step": "withdraw", "announcedOn": today, "source": source });
        self.step(declaration, &step).await
    }

    /// Gives notice as the enterprise of this key.
    pub async fn notice(&self, declaration: &str, key: &str) -> Answer {
        let body = json!({ "declaration": id_of(declaration) });
        self.post("/v1/licences", key, &body).await
    }

    /// Pays so many yuan today with a voucher.
    pub async fn pay(&self, licence: &str, key: &str, yuan: i64) -> Answer {
        let file = self.file(key).await;
        let today = self.world.services.clock.today();
        let body =
            json!({ "amountFen": yuan * 100, "paidOn": today, "proof": "voucher", "file": file });
        self.post(&format!("{licence}/payments"), key, &body).await
    }

    /// The headline's value today.
    pub async fn counted(&self) -> i64 {
        let progress = self.world.get("/v1/progress").await.json();
        progress["headline"]["value"]
            .as_i64()
            .unwrap_or_else(|| panic!("{progress}"))
    }

    /// Sets the clock to ten in the morning, Shanghai, of a day.
    pub fn on(&self, day: &str) {
        let day = day.parse().expect("a day");
        let morning = kaixu::domain::time::Instant::start_of(day).plus_seconds(10 * 3_600);
        self.world.services.clock.set(morning);
    }
}

/// The id at the end of an address.
pub fn id_of(address: &str) -> &str {
    address.rsplit('/').next().expect("an address")
}
