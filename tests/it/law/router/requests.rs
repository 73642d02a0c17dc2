//! Each command as the request of whoever may make it. Creations carry a key and are now and then repeated by it;
//! changes carry the version and are now and then tried with an older one first.

use axum::http::Method;
use proptest::{prelude::*, test_runner::TestCaseError};
use serde_json::{Value, json};

use super::{
    By,
    history::{History, Versioned},
    house::{WITH_ACCOUNT, by_owner},
};
use crate::{law::model::Command, support::http::Answer};

pub type Answered = Result<Answer, TestCaseError>;

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

    pub(super) async fn post(&mut self, path: &str, by: By, body: &Value) -> Answered {
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

    pub(super) async fn change(
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
    pub(super) const fn owner(right: usize) -> By {
        if right == WITH_ACCOUNT {
            By::Holder
        } else {
            By::Office
        }
    }

    /// Who acts for a licensee: the third one is a person who comes to the office.
    pub(super) const fn taker(who: u64) -> By {
        match who {
            0 => By::Maker,
            1 => By::Trader,
            _ => By::Office,
        }
    }

    pub(super) fn licensee(&self, who: u64) -> Value {
        match usize::try_from(who).unwrap() {
            place @ 0..2 => json!({ "organisation": self.stage.takers[place].uscc }),
            _ => json!({ "individual": { "name": "王海", "contact": "0631-1234567" } }),
        }
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
}
