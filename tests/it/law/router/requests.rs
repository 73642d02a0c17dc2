//! Each command as the request of whoever may make it. Creations carry a key and are now and then repeated by it;
//! changes carry the version and are now and then tried with an older one first.

use axum::http::Method;
use kaixu::domain::{declaration::DeclarationState as State, eligibility::Block};
use proptest::{prelude::*, test_runner::TestCaseError};
use serde_json::{Value, json};

use super::{
    By,
    history::{History, OWNER, Versioned},
    house::{WITH_ACCOUNT, by_owner},
};
use crate::{
    law::model::{Command, terms},
    support::{http::Answer, market::id_of},
};

type Answered = Result<Answer, TestCaseError>;

impl History<'_> {
    pub async fn send(&mut self, command: &Command) -> Answered {
        match command {
            Command::Draft { .. } | Command::Record { .. } => self.declare(command).await,
            Command::Encumber { .. }
            | Command::Release { .. }
            | Command::Status { .. }
            | Command::Own { .. } => self.happen(command).await,
            Command::Notice { .. } | Command::RecordTaken { .. } => self.take(command).await,
            Command::Deliver { .. }
            | Command::Pay { .. }
            | Command::Answer { .. }
            | Command::File { .. }
            | Command::Strike { .. } => self.proceed(command).await,
            _ => self.step(command).await,
        }
    }

    async fn post(&mut self, path: &str, by: By, body: &Value) -> Answered {
        let turn = self.stage.turn();
        let ask = || {
            let asked = self.stage.world.ask(Method::POST, path);
            let asked = asked.key(self.stage.key(by)).json(body);
            asked.header("idempotency-key", &format!("key-{turn}"))
        };
        let answer = ask().send().await;
        if answer.status.is_success() && turn.is_multiple_of(3) {
            let again = ask().send().await;
            prop_assert_eq!(again.status, answer.status, "{}", again.text());
            prop_assert_eq!(again.header("location"), answer.header("location"));
            prop_assert_eq!(again.header("etag"), answer.header("etag"), "one effect");
        }
        Ok(answer)
    }

    async fn change(
        &mut self,
        method: Method,
        path: &str,
        by: By,
        tag: &str,
        body: &Value,
    ) -> Answered {
        let ask = |tag: &str| {
            let asked = self.stage.world.ask(method.clone(), path);
            let asked = asked.key(self.stage.key(by)).json(body);
            asked.header("if-match", tag).send()
        };
        let turn = self.stage.turns();
        if turn.is_multiple_of(3) {
            let version: i64 = tag.trim_matches('"').parse().unwrap();
            let stale = ask(&format!("\"{}\"", version - 1)).await;
            prop_assert_eq!(stale.status.as_u16(), 412, "{}", stale.text());
            prop_assert_eq!(&stale.json()["code"], "versionStale");
        }
        Ok(ask(tag).await)
    }

    /// Who acts for the owner of a right.
    const fn owner(right: usize) -> By {
        if right == WITH_ACCOUNT {
            By::Holder
        } else {
            By::Office
        }
    }

    /// Who acts for a licensee: the third one is a person who comes to the office.
    const fn taker(who: u64) -> By {
        match who {
            0 => By::Maker,
            1 => By::Trader,
            _ => By::Office,
        }
    }

    fn licensee(&self, who: u64) -> Value {
        match usize::try_from(who).unwrap() {
            place @ 0..2 => json!({ "organisation": self.stage.takers[place].uscc }),
            _ => json!({ "individual": { "name": "王海", "contact": "0631-1234567" } }),
        }
    }

    async fn declare(&mut self, command: &Command) -> Answered {
        let (right, way, until) = match *command {
            Command::Draft {
                right, way, ahead, ..
            } => (right, way, self.ago(-ahead)),
            Command::Record {
                right,
                way,
                ago,
                span,
                ..
            } => (right, way, self.ago(ago - span)),
            _ => unreachable!("only what declares comes here"),
        };
        let by = Self::owner(right);
        let file = self.stage.file(by).clone();
        let mut body = json!({
            "organisation": self.stage.owners[right].id, "number": self.rights[right].number.zl(),
            "terms": terms(way), "until": until, "explanation": "按研发成本分摊计算。",
            "contact": { "name": "科技处", "telephone": "0631-0000000" },
            "consents": [{ "name": OWNER, "file": file }],
        });
        let mut path = "/v1/declarations";
        match command {
            Command::Draft {
                report: Some(conclusion),
                ..
            } => body["evaluation"] = json!({ "file": file, "conclusion": conclusion }),
            Command::Record { ago, end, .. } => {
                path = "/v1/declarations/records";
                body["declarationNumber"] = self.announcement();
                body["effectiveOn"] = json!(self.ago(*ago));
                body["source"] = file;
                if let Some((kind, ago)) = end {
                    body["ended"] = json!({ "how": kind, "announcedOn": self.ago(*ago) });
                }
            }
            _ => {}
        }
        let answer = self.post(path, by, &body).await?;
        if answer.status.is_success() {
            let address = answer.header("location");
            self.records.add_declaration(self.stage, address).await?;
        }
        Ok(answer)
    }

    /// A declaration number of its own.
    fn announcement(&mut self) -> Value {
        json!(format!("KX{}", self.stage.turn()))
    }

    async fn step(&mut self, command: &Command) -> Answered {
        let (which, body) = match *command {
            Command::Ready { which } => (which, json!({ "step": "ready" })),
            Command::Reopen { which } => (which, json!({ "step": "reopen" })),
            Command::Submit { which, ago } => {
                (which, json!({ "step": "submit", "on": self.ago(ago) }))
            }
            Command::Announce { which, ago } => {
                let on = self.ago(ago);
                let number = self.announcement();
                let step =
                    json!({ "step": "announce", "declarationNumber": number, "effectiveOn": on });
                (which, step)
            }
            Command::Refuse { which, ago } => (
                which,
                json!({ "step": "refuse", "on": self.ago(ago), "reason": "缺少材料" }),
            ),
            Command::Ask { which, ago } => (
                which,
                json!({ "step": "requestWithdrawal", "on": self.ago(ago), "reason": "拟转让" }),
            ),
            Command::End { which, kind, ago } => {
                let step = match kind {
                    State::Terminated => "terminate",
                    State::Revoked => "revoke",
                    _ => "withdraw",
                };
                let on = self.ago(ago);
                (which, json!({ "step": step, "announcedOn": on }))
            }
            Command::Annul { which } => (which, json!({ "step": "annul", "reason": "误录" })),
            _ => unreachable!("only steps come here"),
        };
        let which = which % self.records.declarations.len();
        let by = match command {
            Command::Annul { .. } => By::Office,
            _ => Self::owner(self.law.statements[which].right),
        };
        let mut body = body;
        if matches!(command, Command::Announce { .. } | Command::End { .. }) {
            body["source"] = self.stage.file(by).clone();
        }
        let record = &self.records.declarations[which];
        let (path, tag) = (
            format!("{}/steps", record.address),
            format!("\"{}\"", record.version),
        );
        self.change(Method::POST, &path, by, &tag, &body).await
    }

    /// An officer confirms a holding from a document, or takes that back.
    pub async fn confirm(&mut self, holding: &Versioned, confirmed: bool) -> Answered {
        let path = format!("{}/confirmation", holding.address);
        let body = json!({ "confirmed": confirmed });
        self.change(Method::PUT, &path, By::Office, &holding.tag, &body)
            .await
    }

    async fn happen(&mut self, command: &Command) -> Answered {
        match *command {
            Command::Encumber {
                right,
                kind,
                ago,
                span,
                consent,
            } => {
                let by = if by_owner(right, span) {
                    By::Holder
                } else {
                    By::Office
                };
                let from = self.ago(ago);
                let body = json!({
                    "number": self.rights[right].number, "kind": kind, "from": from, "party": "蓝湾银行",
                    "until": span.map(|span| self.ago(ago - span)),
                    "consent": consent.then(|| self.stage.file(by)),
                });
                let answer = self.post("/v1/encumbrances", by, &body).await?;
                if answer.status.is_success() {
                    self.rights[right].liens.push(Versioned {
                        address: answer.header("location").to_owned(),
                        tag: answer.header("etag").to_owned(),
                        released: None,
                    });
                }
                Ok(answer)
            }
            Command::Release { right, which, ago } => {
                let lien = &self.rights[right].liens[which];
                let (path, tag) = (lien.address.clone(), lien.tag.clone());
                let body = json!({ "releasedOn": self.ago(ago) });
                let answer = self
                    .change(Method::PATCH, &path, By::Office, &tag, &body)
                    .await?;
                if answer.status.is_success() {
                    let lien = &mut self.rights[right].liens[which];
                    answer.header("etag").clone_into(&mut lien.tag);
                    lien.released = Some(self.law.today - ago);
                }
                Ok(answer)
            }
            Command::Status { right, status, ago } => {
                let path = format!("/v1/patents/{}/status", self.rights[right].number);
                let by = Self::owner(right);
                let source = self.stage.file(by);
                let body =
                    json!({ "legalStatus": status, "asOf": self.ago(ago), "source": source });
                let asked = self.stage.world.ask(Method::PUT, &path);
                Ok(asked.key(self.stage.key(by)).json(&body).send().await)
            }
            Command::Own { right, confirmed } => {
                let holding = Versioned {
                    address: self.rights[right].holding.address.clone(),
                    tag: self.rights[right].holding.tag.clone(),
                    released: None,
                };
                let answer = self.confirm(&holding, confirmed).await?;
                let tag = &mut self.rights[right].holding.tag;
                answer.header("etag").clone_into(tag);
                Ok(answer)
            }
            _ => unreachable!("only what befalls a right comes here"),
        }
    }

    async fn take(&mut self, command: &Command) -> Answered {
        let (path, by, body) = match command {
            Command::Notice {
                which, who, read, ..
            } => {
                let declaration =
                    &self.records.declarations[which % self.records.declarations.len()];
                let mut body = json!({ "declaration": id_of(&declaration.address) });
                if *read {
                    body["acknowledged"] = json!(Block::ALL);
                }
                if *who > 1 {
                    body["licensee"] = self.licensee(*who);
                }
                ("/v1/licences", Self::taker(*who), body)
            }
            Command::RecordTaken {
                which,
                who,
                ago,
                payments,
                filed,
            } => {
                let which = which % self.records.declarations.len();
                let declaration = &self.records.declarations[which];
                let by = Self::owner(self.law.statements[which].right);
                let file = self.stage.file(by);
                let payments: Vec<Value> = payments
                    .iter()
                    .map(|(yuan, ago)| json!({ "amountFen": yuan * 100, "paidOn": self.ago(*ago) }))
                    .collect();
                let kinds = ["notice", "receipt"];
                let body = json!({
                    "declaration": id_of(&declaration.address), "licensee": self.licensee(*who),
                    "noticeOn": self.ago(*ago), "payments": payments,
                    "filing": filed.map(|ago| json!({ "number": "X1", "on": self.ago(ago) })),
                    "evidence": kinds.map(|kind| json!({ "kind": kind, "file": file })),
                });
                ("/v1/licences/records", by, body)
            }
            _ => unreachable!("only what takes comes here"),
        };
        let answer = self.post(path, by, &body).await?;
        if answer.status.is_success() {
            let address = answer.header("location");
            self.records.add_licence(self.stage, address).await?;
        }
        Ok(answer)
    }

    async fn proceed(&mut self, command: &Command) -> Answered {
        let which = match command {
            Command::Deliver { which, .. }
            | Command::Pay { which, .. }
            | Command::Answer { which, .. }
            | Command::File { which, .. }
            | Command::Strike { which } => which % self.records.licences.len(),
            _ => unreachable!("only what befalls a licence comes here"),
        };
        let record = &self.records.licences[which];
        let (address, tag) = (record.address.clone(), format!("\"{}\"", record.version));
        let taking = &self.law.takings[which];
        let by = Self::taker(taking.who);
        let owner = Self::owner(self.law.statements[taking.statement].right);
        let file = self.stage.file(by).clone();
        let (what, by, body) = match *command {
            Command::Deliver { ago, .. } => {
                let body = json!({ "on": self.ago(ago), "file": file });
                ("delivery", by, body)
            }
            Command::Pay { yuan, ago, .. } => {
                let paid = json!({ "amountFen": yuan * 100, "paidOn": self.ago(ago) });
                let receipt = owner == By::Holder && self.stage.turns().is_multiple_of(2);
                let (by, proof) = if receipt {
                    (owner, json!({ "proof": "receipt" }))
                } else {
                    (by, json!({ "proof": "voucher", "file": file }))
                };
                let mut body = paid;
                for (name, value) in proof.as_object().unwrap() {
                    body[name] = value.clone();
                }
                return self.post(&format!("{address}/payments"), by, &body).await;
            }
            Command::Answer { disputed: true, .. } => {
                let body = json!({ "verdict": "disputed", "statement": "凭证有误。" });
                ("answer", owner, body)
            }
            Command::Answer { .. } => ("answer", owner, json!({ "verdict": "confirmed" })),
            Command::File { ago, .. } => {
                let body = json!({ "number": "X1", "on": self.ago(ago) });
                ("filing", by, body)
            }
            _ => ("annulment", By::Office, json!({ "reason": "误录" })),
        };
        let path = format!("{address}/{what}");
        self.change(Method::PUT, &path, by, &tag, &body).await
    }
}
