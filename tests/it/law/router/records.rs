//! The records of a history as they are read back over HTTP, with what may and what may never change in them.

use axum::http::Method;
use kaixu::domain::{declaration::Declaration, licence::Licence};
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestCaseResult},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{By, stage::Stage};
use crate::law::model::{Command, law::Law};

/// A record by its address.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<T> {
    pub address: String,
    pub version: i64,
    pub value: T,
}

/// What a history has brought about, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    pub declarations: Vec<Record<Declaration>>,
    pub licences: Vec<Record<Licence>>,
}

async fn read<T: DeserializeOwned>(
    stage: &Stage,
    address: &str,
) -> Result<(Record<T>, Value), TestCaseError> {
    let asked = stage.world.ask(Method::GET, address);
    let answer = asked.key(stage.key(By::Office)).send().await;
    prop_assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let shown = answer.json();
    let version = shown["version"].as_i64();
    let version = version.ok_or_else(|| TestCaseError::fail("no version"))?;
    prop_assert_eq!(answer.header("etag"), format!("\"{version}\""));
    let value = serde_json::from_value(shown.clone());
    let value = value.map_err(|error| TestCaseError::fail(format!("{error}: {shown}")))?;
    let address = address.to_owned();
    Ok((
        Record {
            address,
            version,
            value,
        },
        shown,
    ))
}

impl Records {
    /// All of them anew, and what is said of today beside them.
    pub async fn again(&self, stage: &Stage, law: &Law) -> Result<Self, TestCaseError> {
        let mut now = Self::default();
        for (known, statement) in self.declarations.iter().zip(&law.statements) {
            let (record, shown) = read(stage, &known.address).await?;
            let open = statement.open().contains(&law.today);
            prop_assert_eq!(&shown["offeredToday"], &Value::Bool(open), "{}", shown);
            now.declarations.push(record);
        }
        for known in &self.licences {
            now.licences.push(read(stage, &known.address).await?.0);
        }
        Ok(now)
    }

    pub async fn add_declaration(&mut self, stage: &Stage, address: &str) -> TestCaseResult {
        self.declarations.push(read(stage, address).await?.0);
        Ok(())
    }

    pub async fn add_licence(&mut self, stage: &Stage, address: &str) -> TestCaseResult {
        self.licences.push(read(stage, address).await?.0);
        Ok(())
    }

    /// What an accepted command may have touched, seen from before it.
    pub fn became(&self, now: &Self, law: &Law, command: &Command) -> TestCaseResult {
        for (place, (before, after)) in self.declarations.iter().zip(&now.declarations).enumerate()
        {
            prop_assert!(after.version >= before.version);
            // Several days may pass in one command: a duty that arose and went leaves two versions and the same value.
            let rose = after.version - before.version;
            prop_assert!(
                (rose != 0 || after.value == before.value)
                    && (rose != 1 || after.value != before.value),
                "a version is a change: declaration {}",
                place
            );
        }
        let stepped = match command {
            Command::End { which, .. } | Command::Annul { which } => {
                Some(which % self.declarations.len())
            }
            _ => None,
        };
        let acted = match command {
            Command::Deliver { which, .. }
            | Command::Pay { which, .. }
            | Command::Answer { which, .. }
            | Command::File { which, .. }
            | Command::Strike { which } => Some(which % self.licences.len()),
            _ => None,
        };
        for (place, (before, after)) in self.licences.iter().zip(&now.licences).enumerate() {
            let statement = law.takings[place].statement;
            let under = Some(statement) == stepped;
            prop_assert!(
                before == after || under || Some(place) == acted,
                "licence {place}"
            );
            // An announced end leaves the earlier licences as they are, to the letter (I6).
            let end = now.declarations[statement].value.ended_on;
            let earlier = before
                .value
                .effective_on
                .is_some_and(|on| end.is_none_or(|end| on < end));
            let ended = matches!(command, Command::End { .. }) && under;
            prop_assert!(
                before == after || !(ended && earlier),
                "an earlier licence changed"
            );
        }
        Ok(())
    }

    /// The public sees what was announced and what is in effect, nothing else.
    pub async fn are_public(&self, stage: &Stage) -> TestCaseResult {
        let declarations = self
            .declarations
            .iter()
            .map(|record| (&record.address, record.value.state.was_announced()));
        let licences = self.licences.iter().map(|record| {
            let effective = kaixu::domain::licence::LicenceState::Effective;
            (&record.address, record.value.state == effective)
        });
        for (address, public) in declarations.chain(licences) {
            let answer = stage.world.get(address).await;
            let expected = if public { 200 } else { 404 };
            prop_assert_eq!(answer.status.as_u16(), expected, "{}", answer.text());
        }
        Ok(())
    }
}
