//! Records of one organisation, keys for every kind of caller, and for every operation a request that succeeds
//! for whoever may make it.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::http::Method;
use kaixu::{
    domain::{
        access::Role,
        codes::{AppNo, Uscc},
        dictionary::{Dictionary, Topic},
        party::Organisation,
    },
    ops::{audit_heads, targets},
};
use serde_json::{Value, json};

use super::CALLERS;
use crate::{
    openapi::Described,
    smoke::finished,
    support::{World, cards, http::Answer},
};

/// The owner's confirmed patent.
const NUMBER: &str = "202480012345.0";

/// Records of one organisation, and a key for every kind of caller.
pub struct Scene<'a> {
    pub world: &'a World,
    pub owner: Organisation,
    /// Takes licences, and holds a patent without anybody acting for it here.
    third: Organisation,
    pub keys: BTreeMap<&'static str, String>,
    /// By the name of the path parameter.
    pub records: BTreeMap<&'static str, String>,
    next: AtomicU32,
}

pub const FILE: &str = "专利号,专利名称,专利权人,申请日\n\
    ZL202480012345.0,一种渔网清洗装置,蓝湾大学,2024-03-01\n\
    ZL201990001234.4,碳纤维鱼竿的缠绕方法,别家公司,2019-05-01\n";

impl<'a> Scene<'a> {
    pub async fn new(world: &'a World) -> Self {
        let owner = world.organisation("蓝湾大学").await;
        let other = world.organisation("红崖学院").await;
        let mut keys = BTreeMap::new();
        for (name, role, owns) in CALLERS
            .into_iter()
            .filter(|(_, role, _)| *role != Role::Anonymous)
        {
            let organisation = role
                .is_member()
                .then_some(if owns { &owner } else { &other });
            keys.insert(name, world.key(role, organisation).await);
        }
        let own = &keys["the holder itself"];
        let import = world
            .ask(Method::POST, "/v1/imports")
            .key(own)
            .body(FILE)
            .send()
            .await;
        let import = finished(world, own, import.header("location")).await;
        assert_eq!(import["counts"]["claimed"], 1, "{import}");
        let listed = world
            .ask(Method::GET, "/v1/holdings")
            .key(own)
            .send()
            .await
            .json();
        let holding = |state: &str| {
            let all = listed["items"].as_array().expect("holdings");
            let found = all
                .iter()
                .find(|h| h["state"] == state)
                .expect("both kinds");
            found["id"].as_str().expect("an id").to_owned()
        };
        let file = world
            .ask(Method::POST, "/v1/files?name=%E5%87%AD%E8%AF%81.txt")
            .key(own)
            .header("content-type", "text/plain")
            .body("付款凭证")
            .send()
            .await
            .json();
        let records = BTreeMap::from([
            ("number", "202480012345.0".to_owned()),
            ("organisation", owner.id.to_string()),
            ("holding", holding("confirmedByName")),
            ("record", holding("confirmedByName")),
            ("topic", "grade".to_owned()),
            ("import", import["id"].as_str().expect("an id").to_owned()),
            ("file", file["id"].as_str().expect("an id").to_owned()),
            ("hidden holding", holding("claimed")),
            ("mapping", import["id"].as_str().expect("an id").to_owned()),
            ("conflict", import["id"].as_str().expect("an id").to_owned()),
            ("unit", "title".to_owned()),
            ("form", "declaration".to_owned()),
            ("paper", "notice".to_owned()),
            ("listing", import["id"].as_str().expect("an id").to_owned()),
            ("consent", import["id"].as_str().expect("an id").to_owned()),
        ]);
        let third = world.organisation("第三方有限公司").await;
        targets::ensure(&world.services)
            .await
            .expect("has a target");
        let mut scene = Self {
            world,
            owner,
            third,
            keys,
            records,
            next: 500.into(),
        };
        let number = AppNo::parse(NUMBER).expect("a number").0;
        cards::write(&world.services, &scene.owner.id, &number).await;
        let draft = scene
            .office(
                Method::POST,
                "/v1/declarations",
                &scene.body("createDeclaration", 0),
            )
            .await;
        let announced = scene.declared(&scene.owner, NUMBER).await;
        let licence = scene.taken(&announced).await;
        let burden = scene.body("createEncumbrance", 0);
        let asking = world
            .ask(Method::POST, "/v1/encumbrances")
            .key(&scene.keys["the holder itself"]);
        let burden = asking.json(&burden).send().await.json();
        let need = scene
            .office(Method::POST, "/v1/needs", &scene.body("createNeed", 0))
            .await;
        let opened = scene.need().await;
        let due = format!("/v1/due-lists/{}/count", scene.owner.id);
        scene
            .office(Method::PUT, &due, &scene.body("stateDueCount", 7))
            .await;
        let target = world.get("/v1/targets").await.json()["items"][0]["id"].clone();
        let month = json!({ "month": "2024-01" });
        let closing = scene.office(Method::POST, "/v1/closings", &month).await;
        let figure = scene.body("createReported", 0);
        let reported = scene.office(Method::POST, "/v1/reported", &figure).await;
        let text = |id: &Value| id.as_str().expect("an id").to_owned();
        scene.records.extend([
            ("declaration", text(&draft["id"])),
            ("announced declaration", announced),
            ("licence", licence),
            ("encumbrance", text(&burden["id"])),
            ("target", text(&target)),
            ("month", "2024-01".to_owned()),
            ("day", world.services.clock.today().to_string()),
            ("closing", text(&closing["id"])),
            ("reported", text(&reported["id"])),
            ("need", text(&need["id"])),
            ("kind", "strategic".to_owned()),
            ("open need", opened),
        ]);
        let enquiry = scene.enquiry().await;
        let dispute = scene.body("createDispute", 0);
        let dispute = scene.office(Method::POST, "/v1/disputes", &dispute).await;
        scene
            .records
            .extend([("enquiry", enquiry), ("dispute", text(&dispute["id"]))]);
        let answers = scene.answers().await;
        scene.records.insert("answers", answers);
        let key = scene.key().await;
        scene.records.insert("key", key);
        let published = audit_heads::publish(&world.services).await;
        assert!(published.expect("publishes"), "today's head");
        scene.fill().await;
        world.indexed().await;
        scene
    }

    /// A platform's answers, read by the owner.
    async fn answers(&self) -> String {
        let path = "/v1/submissions/answers?platform=shandong";
        let asking = self
            .world
            .ask(Method::POST, path)
            .key(&self.keys["the holder itself"]);
        let read = asking
            .body("申请号,审核结果\n2024800123450,通过\n")
            .send()
            .await
            .json();
        read["id"].as_str().expect("an id").to_owned()
    }

    /// Asks as an officer; it must succeed.
    async fn office(&self, method: Method, path: &str, body: &Value) -> Value {
        let asking = self.world.ask(method, path).key(&self.keys["an officer"]);
        let answer = asking.json(body).send().await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
        answer.json()
    }

    fn next(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A new key of the owner; returns its id.
    async fn key(&self) -> String {
        let body = json!({ "name": "甲", "role": "holder", "organisation": self.owner.uscc });
        let made = self.office(Method::POST, "/v1/keys", &body).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Whoever asks for a token shows a key's id and secret, and no key of their own.
    async fn token(&self) -> Answer {
        let body = json!({ "name": "乙", "role": "holder", "organisation": self.owner.uscc });
        let made = self.office(Method::POST, "/v1/keys", &body).await;
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        let (id, secret) = (text("id"), text("secret"));
        let asking = self.world.ask(Method::POST, "/v1/token");
        asking
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!(
                "grant_type=client_credentials&client_id={id}&client_secret={secret}"
            ))
            .send()
            .await
    }

    /// A new announced declaration; returns its id.
    async fn declared(&self, holder: &Organisation, number: &str) -> String {
        let mut body = self.body("recordDeclaration", self.next());
        body["organisation"] = json!(holder.uscc);
        body["number"] = json!(number);
        let made = self
            .office(Method::POST, "/v1/declarations/records", &body)
            .await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A licence in effect under it, of the third party.
    async fn taken(&self, declaration: &str) -> String {
        let file = &self.records["file"];
        let body = json!({ "declaration": declaration, "licensee": { "organisation": self.third.uscc },
            "noticeOn": "2025-07-01", "evidence": [{ "kind": "notice", "file": file }] });
        let made = self
            .office(Method::POST, "/v1/licences/records", &body)
            .await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A licence of the owner's from the third party, for a share of its sales; returns its id.
    async fn owed(&self) -> String {
        let mut body = self.body("recordDeclaration", self.next());
        body["organisation"] = json!(self.third.uscc);
        body["number"] = json!("201990001234.4");
        body["terms"] = json!({ "mode": "royalty", "base": "netSales", "rateBp": 300, "everyMonths": 1, "payWithinDays": 30 });
        let made = self
            .office(Method::POST, "/v1/declarations/records", &body)
            .await;
        let body = json!({ "declaration": made["id"], "licensee": { "organisation": self.owner.uscc }, "noticeOn": "2025-07-01" });
        let made = self
            .office(Method::POST, "/v1/licences/records", &body)
            .await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A question of the third party's to the owner; returns its id.
    async fn enquiry(&self) -> String {
        let body = json!({ "declaration": self.records["announced declaration"], "asker": self.third.uscc, "question": "能用多久？" });
        let made = self.office(Method::POST, "/v1/enquiries", &body).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Changes a record as an officer at the version that it has now.
    async fn as_office(&self, method: Method, path: &str, record: &str, body: &Value) -> Answer {
        let key = &self.keys["an officer"];
        let read = self.world.ask(Method::GET, record).key(key).send().await;
        let asking = self.world.ask(method, path).key(key);
        let asking = asking.header("if-match", read.header("etag"));
        asking.json(body).send().await
    }

    /// Answers the six items of the owner's stock record.
    async fn fill(&self) {
        let record = format!("/v1/inventory/{}", self.records["record"]);
        let mut full = crate::inventory::full();
        full["conversion"] = json!("unused");
        let filled = self.as_office(Method::PATCH, &record, &record, &full).await;
        assert_eq!(filled.status, 200, "{}", filled.text());
    }

    /// Registers it, unless it is registered.
    async fn register(&self, steps: &str) {
        let record = format!("/v1/inventory/{}", self.records["record"]);
        let register = json!({ "step": "register" });
        self.as_office(Method::POST, steps, &record, &register)
            .await;
    }

    /// A file of the owner's that waits for somebody to agree; returns its address.
    async fn rehearsed(&self) -> String {
        let key = &self.keys["the holder itself"];
        let table = FILE.replace("专利名称", "成果叫法");
        let asking = self.world.ask(Method::POST, "/v1/imports?preview=true");
        let answer = asking.key(key).body(table).send().await;
        let path = answer.header("location").to_owned();
        crate::mapping::rehearsed(self.world, key, &path).await;
        path
    }

    /// An open conflict over the owner's patent; returns its id.
    async fn conflict(&self) -> String {
        let key = &self.keys["an officer"];
        let table = format!("专利号,专利名称\n{NUMBER},第 {} 种名称\n", self.next());
        let path = format!(
            "/v1/imports?statusAsOf={}",
            self.world.services.clock.today()
        );
        let asking = self.world.ask(Method::POST, &path).key(key);
        let answer = asking.body(table).send().await;
        finished(self.world, key, answer.header("location")).await;
        let asking = self.world.ask(Method::GET, "/v1/conflicts?state=open");
        let list = asking.key(key).send().await.json();
        list["items"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// An announced list with one line of the owner's, as the office's file; returns its id.
    async fn announced_list(&self, number: &str, announced: &str, until: &str) -> Value {
        let table = format!(
            "专利号,专利权人,声明编号,公告日,许可使用费,许可期限\n{NUMBER},{},{number},{announced},免费,{until}\n",
            self.owner.name
        );
        let asking = self.world.ask(Method::POST, "/v1/files?name=list.csv");
        let asking = asking.key(&self.keys["an officer"]);
        let asking = asking.header("content-type", "text/csv");
        asking.body(table).send().await.json()["id"].clone()
    }

    /// A line of an announced list of the owner's; returns its id.
    async fn listing(&self, number: &str, announced: &str, until: &str) -> String {
        let file = self.announced_list(number, announced, until).await;
        let body = json!({ "source": file });
        self.office(Method::POST, "/v1/listings/imports", &body)
            .await;
        let asking = self.world.ask(Method::GET, "/v1/listings?limit=200");
        let asking = asking.key(&self.keys["an officer"]);
        let list = asking.send().await.json();
        let mut items = list["items"].as_array().expect("a list").iter();
        let found = items.find(|item| item["declarationNumber"] == number);
        let id = found.expect("the line")["id"].clone();
        id.as_str().expect("an id").to_owned()
    }

    /// A draft of `declarer` for a patent that `owner` owns as well, of new terms; returns its id.
    async fn shared_draft(&self, declarer: &Organisation) -> String {
        let mut body = self.body("createDeclaration", 0);
        body["organisation"] = json!(declarer.uscc);
        body["terms"] = json!({ "mode": "lumpSum", "amountFen": self.next() });
        let made = self.office(Method::POST, "/v1/declarations", &body).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A request that the owner is asked for; returns its id.
    async fn consent(&self) -> String {
        let draft = self.shared_draft(&self.third).await;
        let body = json!({ "declaration": draft, "party": self.owner.uscc });
        let made = self.office(Method::POST, "/v1/consents", &body).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A draft of the owner's, of a patent that the third party owns; returns its id.
    async fn draft_of_thirds(&self) -> String {
        let owner = self.third.name.clone();
        let number = crate::support::market::number(2018, 1, 4_321);
        let key = &self.keys["an officer"];
        let table = format!(
            "专利号,专利名称,专利权人\n{},共有的装置,{owner}\n",
            number.zl()
        );
        let asking = self.world.ask(Method::POST, "/v1/imports").key(key);
        let answer = asking.body(table).send().await;
        finished(self.world, key, answer.header("location")).await;
        let mut body = self.body("createDeclaration", 0);
        body["number"] = json!(number);
        body["terms"] = json!({ "mode": "lumpSum", "amountFen": self.next() });
        let made = self.office(Method::POST, "/v1/declarations", &body).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// The number under which the owner's declaration was announced.
    async fn announced_number(&self) -> String {
        let path = format!("/v1/declarations/{}", self.records["announced declaration"]);
        let read = self.world.get(&path).await.json();
        read["declarationNumber"]
            .as_str()
            .expect("a number")
            .to_owned()
    }

    /// A mapping that the owner has saved; returns its id.
    async fn mapping(&self) -> String {
        let key = &self.keys["the holder itself"];
        let table = FILE.replace("专利名称", &format!("叫法{}", self.next()));
        let header = table.split(',').nth(1).expect("a header");
        let header =
            percent_encoding::percent_encode(header.as_bytes(), percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/v1/imports?map={header}%3Dtitle");
        let answer = self
            .world
            .ask(Method::POST, &path)
            .key(key)
            .body(table.clone())
            .send()
            .await;
        finished(self.world, key, answer.header("location")).await;
        let list = self
            .world
            .ask(Method::GET, "/v1/import-mappings")
            .key(key)
            .send()
            .await
            .json();
        list["items"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// An open need of the owner's; returns its id.
    async fn need(&self) -> String {
        let made = self
            .office(Method::POST, "/v1/needs", &self.body("createNeed", 0))
            .await;
        let id = made["id"].as_str().expect("an id").to_owned();
        let path = format!("/v1/needs/{id}/steps");
        let asking = self
            .world
            .ask(Method::POST, &path)
            .key(&self.keys["an officer"]);
        let asking = asking.header("if-match", "\"1\"");
        let answer = asking.json(&json!({ "step": "open" })).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        id
    }

    /// A notice of the owner's, by letter, that has not arrived.
    async fn undelivered(&self) -> String {
        let declaration = self.declared(&self.third, "201990001234.4").await;
        let body = json!({ "declaration": declaration, "licensee": { "organisation": self.owner.uscc },
            "acknowledged": ["STATUS_STALE", "STATUS_UNKNOWN", "NOT_OWNER"] });
        let made = self.office(Method::POST, "/v1/licences", &body).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A body that makes the operation succeed.
    pub fn body(&self, id: &str, n: u32) -> Value {
        let file = &self.records["file"];
        let today = self.world.services.clock.today();
        let content = json!({ "organisation": self.owner.uscc, "number": NUMBER, "terms": { "mode": "free" }, "until": "2028-12-31" });
        match id {
            "createOrganisation" => {
                let uscc = Uscc::complete(&format!("12371002{n:08}")).expect("completes");
                json!({ "uscc": uscc, "name": "新来的学院", "kind": "institute", "district": "371002" })
            }
            "updateOrganisation" => json!({ "district": format!("3710{:02}", n % 90 + 1) }),
            "verifyOrganisation" => json!({ "verified": true }),
            "updateHolding" => json!({ "unit": format!("第 {n} 研究室") }),
            "confirmHolding" => json!({ "confirmed": n.is_multiple_of(2) }),
            "parseTerms" => json!({ "text": "免费" }),
            "quoteTerms" => json!({ "terms": { "mode": "free" }, "months": 12 }),
            "putPatentStatus" => json!({ "legalStatus": "inForce", "asOf": today, "source": file }),
            "correctPatent" => {
                json!({ "value": { "title": format!("更正 {n}") }, "reason": "证书如此" })
            }
            "createDeclaration" => content,
            "updateDeclaration" => {
                json!({ "terms": { "mode": "lumpSum", "amountFen": n }, "until": "2028-12-31" })
            }
            "stepDeclaration" => {
                json!({ "step": "requestWithdrawal", "on": "2025-07-01", "reason": "拟转让" })
            }
            "recordDeclaration" => {
                let mut body = content;
                body["declarationNumber"] = json!(format!("KX{n}"));
                body["effectiveOn"] = json!("2025-06-01");
                body["source"] = json!(file);
                body
            }
            "deliverNotice" => json!({ "on": today, "file": file }),
            "addPayment" => json!({ "amountFen": n, "paidOn": "2025-07-02", "proof": "receipt" }),
            "answerLicence" => {
                json!({ "verdict": if n.is_multiple_of(2) { "confirmed" } else { "disputed" }, "statement": "有误" })
            }
            "fileLicence" => json!({ "number": format!("BA{n}"), "on": "2025-08-01" }),
            "annulLicence" => json!({ "reason": "误录" }),
            "createEncumbrance" => {
                json!({ "number": NUMBER, "kind": "ordinaryLicence", "from": "2025-01-01",
                "registration": format!("X{n}") })
            }
            "putCard" => {
                let mut card = json!(cards::content());
                card["problem"] = json!(format!(
                    "网箱几周就长满海藻和贝壳，水流不进去，鱼容易生病，第 {n} 回了。"
                ));
                card
            }
            "putAnnualFees" => {
                json!({ "payments": [{ "year": 2, "on": "2025-02-01", "amountFen": n }] })
            }
            "putHolderFees" => {
                let class = if n.is_multiple_of(2) {
                    "single"
                } else {
                    "none"
                };
                json!({ "reduction": class, "withCoOwners": "joint" })
            }
            "stateDueCount" => json!({ "count": n, "asOf": today, "source": "年度台账" }),
            "createNeed" => {
                json!({ "organisation": self.owner.uscc, "title": "渔网清洗", "text": "渔网清洗装置，不起网就能清洗。" })
            }
            "updateNeed" => json!({ "title": format!("渔网清洗 {n}"), "text": "渔网清洗装置" }),
            "stepNeed" => json!({ "step": "close" }),
            "createNeedFeedback" => {
                json!({ "number": NUMBER, "rank": 1, "verdict": "useful", "tier": "stock", "score": 3.5 })
            }
            "updateEncumbrance" => json!({ "until": format!("20{}-12-31", 30 + n % 60) }),
            "updateKey" => json!({ "name": format!("密钥 {n}") }),
            "rotateKey" => json!({}),
            "updateInventory" => json!({ "scenario": format!("场景 {n}") }),
            "stepInventory" => json!({ "step": "return", "note": format!("第 {n} 次退回") }),
            "updateReviewRules" => {
                json!({ "steps": 1, "fillDays": n % 700 + 1, "publishAfterReview": false })
            }
            "updateSubUnits" => {
                json!({ "units": [{ "code": "01", "name": format!("学院 {n}") }] })
            }
            "fillSubUnits" => json!({}),
            "updateDictionary" => {
                let mut entries = json!(Dictionary::beginning(Topic::Grade).entries);
                entries[0]["en"] = json!(format!("{n}"));
                json!({ "entries": entries })
            }
            "createReported" | "updateReported" => {
                let (year, month) = (2014 + n / 336 % 10, n / 28 % 12 + 1);
                let on = format!("{year}-{month:02}-{:02}", n % 28 + 1);
                json!({ "indicator": "trademarks", "district": "371002", "on": on, "valueHundredths": 100,
                "responsible": "区市场监管局", "source": "季度报表", "file": file })
            }
            "createTarget" | "updateTarget" => {
                json!({ "name": format!("目标 {n}"), "metric": "m3", "value": 50,
                "from": "2024-01-01", "to": "2026-12-31", "district": "371002", "side": "patentee" })
            }
            "addRoyaltyReport" => {
                json!({ "from": "2025-07-01", "to": "2025-07-31", "figureFen": n })
            }
            "addFollowUp" => json!({ "months": 3, "worked": true, "sales": "none" }),
            "stateRelation" => json!({ "related": n.is_multiple_of(2) }),
            "putKnowHow" => json!({ "kind": "hours", "hours": n + 1 }),
            "answerEnquiry" => json!({ "answer": format!("第 {n} 次答复") }),
            "createDispute" => {
                json!({ "licence": self.records["licence"], "stage": "consultation", "on": today, "text": "提成基数有争议" })
            }
            "stepDispute" => {
                json!({ "stage": "consultation", "on": today, "text": format!("第 {n} 次协商") })
            }
            unknown => panic!("the access test has no way to call {unknown}"),
        }
    }

    /// The least that makes this operation succeed for whoever may perform it.
    pub async fn call(&self, id: &str, operation: &Described, caller: &str) -> Answer {
        if id == "createToken" {
            return self.token().await;
        }
        let mut path = operation.path.clone();
        for name in operation.parameters("path") {
            let record = self
                .records
                .get(name.as_str())
                .unwrap_or_else(|| panic!("{id}: no record for {{{name}}}"));
            path = path.replace(&format!("{{{name}}}"), record);
        }
        let n = self.next();
        let body = match id {
            "createImport" => {
                path = format!("{path}?holder={}", self.owner.uscc);
                None
            }
            "createFile" => {
                path = format!("{path}?name=a.txt&owner={}", self.owner.uscc);
                None
            }
            "importRecords" | "getRecordsTemplate" => {
                path = format!("{path}?kind=licences");
                None
            }
            "importEvents" => None,
            "createSubmission" | "createSubmissionAnswers" => {
                path = format!("{path}?platform=shandong");
                None
            }
            "getDeclaration" => {
                path = format!("/v1/declarations/{}", self.records["announced declaration"]);
                None
            }
            "getNeed" => {
                path = format!("/v1/needs/{}", self.records["open need"]);
                None
            }
            "discardImport" | "commitImport" | "putImportMapping" => {
                let import = self.rehearsed().await;
                path = path.replace(&format!("/v1/imports/{}", self.records["import"]), &import);
                let columns = json!({ "columns": [{ "column": "成果叫法", "field": "title" }] });
                (id == "putImportMapping").then_some(columns)
            }
            "getConflict" | "resolveConflict" => {
                path = path.replace(&self.records["conflict"], &self.conflict().await);
                (id == "resolveConflict").then(|| json!({ "choice": "ours" }))
            }
            "getListing" | "decideListing" | "enterListing" | "convertListing" => {
                let listing = match id {
                    "decideListing" => {
                        let until = format!("2028-{:02}-{:02}", n % 12 + 1, n % 28 + 1);
                        let known = self.announced_number().await;
                        self.listing(&known, "2025-06-01", &until).await
                    }
                    "convertListing" => {
                        self.listing(&format!("KL{n}"), "2022-06-01", "2028-12-31")
                            .await
                    }
                    _ => {
                        self.listing(&format!("KL{n}"), "2025-06-01", "2028-12-31")
                            .await
                    }
                };
                path = path.replace(&self.records["listing"], &listing);
                match id {
                    "getListing" => None,
                    "decideListing" => {
                        Some(json!({ "item": "until", "choice": "ours", "reason": "公告如此" }))
                    }
                    _ => Some(json!({})),
                }
            }
            "importListings" => {
                let number = format!("KL{n}");
                let list = self
                    .announced_list(&number, "2025-06-01", "2028-12-31")
                    .await;
                Some(json!({ "source": list }))
            }
            "getConsent" | "answerConsent" => {
                path = path.replace(&self.records["consent"], &self.consent().await);
                (id == "answerConsent").then(|| json!({ "given": true }))
            }
            "askConsent" => Some(
                json!({ "declaration": self.draft_of_thirds().await, "party": self.third.uscc }),
            ),
            "takeBackCorrection" => {
                let patent = format!("/v1/patents/{}/sources", self.records["number"]);
                let body = self.body("correctPatent", n);
                let put = self.as_office(Method::PUT, &path, &patent, &body).await;
                assert_eq!(put.status, 200, "{}", put.text());
                None
            }
            "deleteImportMapping" => {
                path = format!("/v1/import-mappings/{}", self.mapping().await);
                None
            }
            "stepNeed" => {
                path = format!("/v1/needs/{}/steps", self.need().await);
                Some(self.body(id, n))
            }
            "rotateKey" => {
                path = format!("/v1/keys/{}/rotation", self.key().await);
                Some(self.body(id, n))
            }
            "deleteKey" => {
                path = format!("/v1/keys/{}", self.key().await);
                None
            }
            // One's own organisation's; an officer's has none.
            "createKey" => Some(json!({ "name": format!("密钥 {n}") })),
            // A target's months are closed in their order, so each call closes the first of its own target.
            "createClosing" => {
                let target = self.body("createTarget", n);
                let target = self.office(Method::POST, "/v1/targets", &target).await;
                Some(json!({ "target": target["id"], "month": "2024-01" }))
            }
            "getEligibility"
            | "listInventory"
            | "getInventoryCompleteness"
            | "listCards"
            | "exportCards"
            | "importCards"
            | "getCard"
            | "putCard"
            | "listAppraisals"
            | "getAppraisal"
            | "listAnnualFees"
            | "getAnnualFeeOverview"
            | "getAnnualFees"
            | "putAnnualFees"
            | "getHolderFees"
            | "putHolderFees"
            | "exportAnnualFees"
            | "importAnnualFees" => {
                let sent = id.starts_with("put").then(|| self.body(id, n));
                path = format!("{path}?organisation={}", self.owner.uscc);
                sent
            }
            // Told by the licensee.
            "addRoyaltyReport" | "addFollowUp" => {
                let licence = self.owed().await;
                path = path.replace(&self.records["licence"], &licence);
                Some(self.body(id, n))
            }
            "createEnquiry" => {
                let declaration = self.declared(&self.third, "201990001234.4").await;
                Some(
                    json!({ "declaration": declaration, "asker": self.owner.uscc, "question": "能用多久？" }),
                )
            }
            // Each is used up by one call.
            "deliverNotice" => {
                let licence = self.undelivered().await;
                path = format!("/v1/licences/{licence}/delivery");
                Some(self.body(id, n))
            }
            // Returned by the one before, it is registered again.
            "stepInventory" => {
                self.register(&path).await;
                Some(self.body(id, n))
            }
            "stepDeclaration" => {
                let declaration = self.declared(&self.owner, NUMBER).await;
                path = format!("/v1/declarations/{declaration}/steps");
                Some(self.body(id, n))
            }
            "annulLicence" => {
                let licence = self.taken(&self.declared(&self.owner, NUMBER).await).await;
                path = format!("/v1/licences/{licence}/annulment");
                Some(self.body(id, n))
            }
            "createLicence" => {
                let declaration = self.declared(&self.third, "201990001234.4").await;
                Some(
                    json!({ "declaration": declaration, "licensee": { "organisation": self.owner.uscc },
                    "acknowledged": ["STATUS_STALE", "STATUS_UNKNOWN", "NOT_OWNER"] }),
                )
            }
            "recordLicence" => {
                let declaration = self.declared(&self.owner, NUMBER).await;
                Some(
                    json!({ "declaration": declaration, "licensee": { "organisation": self.third.uscc }, "noticeOn": "2025-07-01" }),
                )
            }
            _ if operation.says["requestBody"].is_object()
                && !matches!(
                    id,
                    "putDueList"
                        | "putReferenceTable"
                        | "createSubmissionAnswers"
                        | "importInventory"
                ) =>
            {
                Some(self.body(id, n))
            }
            _ => None,
        };
        if id == "putDueList" {
            path = format!("{path}?asOf={}", self.world.services.clock.today());
        }
        if id == "putReferenceTable" {
            path = format!("{path}?version={n}&source=test");
        }
        let method: Method = operation.method.parse().expect("a method");
        let mut asking = self.world.ask(method, &path);
        if operation
            .parameters("header")
            .iter()
            .any(|name| name == "If-Match")
        {
            let record: Vec<&str> = path.split('/').take(4).collect();
            let record = match id {
                "putCard" | "putAnnualFees" | "putHolderFees" => path.clone(),
                _ if path.contains("/corrections/") => format!("{}/sources", record.join("/")),
                _ => record.join("/"),
            };
            let read = self.world.ask(Method::GET, &record);
            let tag = read.key(&self.keys["an officer"]).send().await;
            asking = asking.header("if-match", tag.header("etag"));
        }
        if let Some(key) = self.keys.get(caller) {
            asking = asking.key(key);
        }
        match body {
            Some(body) => asking.json(&body).send().await,
            None if id == "createFile" => {
                let asking = asking.header("content-type", "text/plain");
                asking.body(format!("第 {n} 份")).send().await
            }
            None if matches!(id, "createImport" | "putDueList") => asking.body(FILE).send().await,
            None if id == "importEvents" => {
                let list = "专利号,法律事件,事件日\n202480012345.0,PD01,2024-03-01\n";
                asking.body(list).send().await
            }
            None if id == "importCards" => {
                let list = "专利号,解决什么问题\n202480012345.0,网箱几周就长满海藻和贝壳，水流不进去，鱼容易生病。\n";
                asking.body(list).send().await
            }
            None if id == "importAnnualFees" => {
                asking
                    .body("专利号,缴费年度,缴费日\n202480012345.0,2,2025-02-01\n")
                    .send()
                    .await
            }
            None if id == "createSubmissionAnswers" => {
                asking
                    .body(format!("申请号,审核结果,原因\n2024800123450,通过,{n}\n"))
                    .send()
                    .await
            }
            None if id == "importInventory" => {
                asking
                    .body(format!("专利号,应用场景\n2024800123450,场景 {n}\n"))
                    .send()
                    .await
            }
            None if id == "putReferenceTable" => {
                asking.body("代码,名称\n1,信息技术\n").send().await
            }
            None if id == "importRecords" => {
                let list = "专利号,被许可人,通知日\n202480012345.0,某公司,2024-03-01\n";
                asking.body(list).send().await
            }
            None => asking.send().await,
        }
    }
}
