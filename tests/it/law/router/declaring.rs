//! Drafts, records and steps as requests of the declaring organisation, or of the office in its stead.

use axum::http::Method;
use kaixu::domain::declaration::DeclarationState as State;
use serde_json::{Value, json};

use super::{
    By,
    history::{History, OWNER},
    requests::Answered,
};
use crate::law::model::{Command, terms};

impl History<'_> {
    pub(super) async fn declare(&mut self, command: &Command) -> Answered {
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

    pub(super) async fn step(&mut self, command: &Command) -> Answered {
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
}
