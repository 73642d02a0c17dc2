//! Notices and what follows them as requests of the licensee, the owner or the office.

use axum::http::Method;
use kaixu::domain::eligibility::Block;
use serde_json::{Value, json};

use super::{By, history::History, requests::Answered};
use crate::{law::model::Command, support::market::id_of};

impl History<'_> {
    pub(super) async fn take(&mut self, command: &Command) -> Answered {
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

    pub(super) async fn proceed(&mut self, command: &Command) -> Answered {
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
