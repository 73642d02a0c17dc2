//! One history: two fresh patents, the law's reading of what happens to them, and the product's records, compared
//! after every command.

use axum::http::Method;
use kaixu::{
    domain::{access::Actor, codes::AppNo, time::Day},
    ops::imports::{FileImport, import_file},
};
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestCaseResult},
};

use super::{
    By, figures,
    house::{self, Said},
    records::Records,
    stage::Stage,
};
use crate::{
    law::{
        fixtures::{day, days},
        model::{
            Command, START,
            agree::agree,
            law::{Law, STATUTE},
        },
    },
    support::{http::Answer, market::number},
};

/// Who is named in the patents, an earlier name of nobody here: holdings are confirmed by document.
pub const OWNER: &str = "原海防学堂";

/// Something that changes under a version: a holding, an encumbrance.
pub struct Versioned {
    pub address: String,
    pub tag: String,
    /// The day on which it was released.
    pub released: Option<i32>,
}

pub struct Right {
    pub number: AppNo,
    pub holding: Versioned,
    pub liens: Vec<Versioned>,
}

pub struct History<'a> {
    pub stage: &'a mut Stage,
    origin: Day,
    pub law: Law,
    pub rights: Vec<Right>,
    pub records: Records,
}

impl<'a> History<'a> {
    /// Begins on the day after the last history's.
    pub async fn new(stage: &'a mut Stage) -> Result<Self, TestCaseError> {
        let origin = days(stage.today(), 1 - START);
        stage.wake(days(origin, START)).await;
        let elapsed = origin - day("2024-01-01");
        let mut history = Self {
            stage,
            origin,
            law: Law::new(STATUTE - elapsed.get_days()),
            rights: Vec::new(),
            records: Records::default(),
        };
        let twenty_years = jiff::Span::new().years(20);
        let filed = [history.date(70) - twenty_years, history.date(-1_000)];
        for (place, filed) in filed.into_iter().enumerate() {
            let right = history.right(place, filed).await?;
            history.rights.push(right);
        }
        Ok(history)
    }

    pub fn date(&self, offset: i32) -> Day {
        days(self.origin, offset)
    }

    pub fn ago(&self, ago: i32) -> Day {
        self.date(self.law.today - ago)
    }

    /// A patent and its holding, confirmed by document.
    async fn right(&mut self, place: usize, filed: Day) -> Result<Right, TestCaseError> {
        let kind = if place == 0 { 1 } else { 2 };
        let year = u32::try_from(filed.year()).unwrap();
        let number = number(year, kind, self.stage.turn());
        let (granted, known) = (self.law.rights[place].granted, self.law.rights[place].known);
        let table = format!(
            "专利号,专利名称,专利权人,申请日,授权公告日,法律状态,法律状态日期,国民经济分类\n\
             {},一种渔网清洗装置,{OWNER},{filed},{},专利权维持,{},C352\n",
            number.zl(),
            self.date(granted),
            self.date(known),
        );
        let path = self.stage.world.file("patent.csv", table);
        let asked = FileImport {
            path: &path,
            holder: Some(self.stage.owners[place].uscc.as_str()),
            status_as_of: None,
            dry_run: false,
            on_progress: &mut |_| {},
            on_reject: &mut |_| {},
            on_look: &mut |_| {},
            said: Vec::new(),
            guesses: false,
        };
        let operator = Actor::operator("test");
        let counts = import_file(&self.stage.world.services, &operator, asked).await;
        prop_assert_eq!(counts.unwrap().unwrap().claimed, 1);
        let patent = self.get(&format!("/v1/patents/{number}")).await?.json();
        prop_assert_eq!(&patent["statusAsOf"], &self.date(known).to_string());
        let owner = &self.stage.owners[place].id;
        let claimed = format!("/v1/holdings?organisation={owner}&state=claimed&limit=200");
        let holdings = self.get(&claimed).await?.json();
        let mut found = holdings["items"].as_array().unwrap().iter();
        let found = found.find(|holding| holding["number"] == number.as_str());
        let id = found.unwrap()["id"].as_str().unwrap();
        let mut holding = Versioned {
            address: format!("/v1/holdings/{id}"),
            tag: "\"1\"".into(),
            released: None,
        };
        let confirmed = self.confirm(&holding, true).await?;
        confirmed.header("etag").clone_into(&mut holding.tag);
        Ok(Right {
            number,
            holding,
            liens: Vec::new(),
        })
    }

    async fn get(&self, path: &str) -> Result<Answer, TestCaseError> {
        let asked = self.stage.world.ask(Method::GET, path);
        let answer = asked.key(self.stage.key(By::Office)).send().await;
        prop_assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        Ok(answer)
    }

    /// Plays one command. `None`: there was nothing to act upon, else the code of the refusal, if it was refused.
    pub async fn play(
        &mut self,
        command: &Command,
    ) -> Result<Option<Option<String>>, TestCaseError> {
        let released = |right: usize, which: usize| {
            let lien = self.rights[right].liens.get(which);
            lien.and_then(|lien| lien.released)
        };
        let (expected, command) = match house::said(&self.law, command, released) {
            Said::Nothing => return Ok(None),
            Said::Refused => (false, command.clone()),
            Said::Passed(command) => match self.law.apply(&command) {
                None => return Ok(None),
                Some(expected) => (expected, command),
            },
        };
        let before = self.records.clone();
        let refusal = self.sent(&command).await?;
        prop_assert_eq!(refusal.is_none(), expected, "{:?}: {:?}", command, refusal);
        let now = self.records.again(self.stage, &self.law).await?;
        if refusal.is_some() {
            prop_assert_eq!(&now, &before, "{:?}: a refusal changes nothing", command);
        }
        let declarations: Vec<_> = now.declarations.iter().map(|d| &d.value).collect();
        let licences: Vec<_> = now.licences.iter().map(|l| &l.value).collect();
        agree(&self.law, self.origin, &declarations, &licences)?;
        before.became(&now, &self.law, &command)?;
        self.records = now;
        Ok(Some(refusal))
    }

    /// Sends the command; the code of the refusal, if it was refused.
    async fn sent(&mut self, command: &Command) -> Result<Option<String>, TestCaseError> {
        if let Command::Days { count } = command {
            for _ in 0..*count {
                let next = self.stage.today().tomorrow().unwrap();
                self.stage.wake(next).await;
            }
            return Ok(None);
        }
        let answer = self.send(command).await?;
        if answer.status.is_success() {
            return Ok(None);
        }
        prop_assert!(answer.status.is_client_error(), "{}", answer.text());
        prop_assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        let code = problem["code"].as_str().unwrap_or_default().to_owned();
        prop_assert!(!code.is_empty() && problem["status"] == answer.status.as_u16());
        Ok(Some(code))
    }

    /// What it leaves behind is counted with all before it.
    pub async fn end(self) -> TestCaseResult {
        self.records.are_public(self.stage).await?;
        let Self {
            stage,
            law,
            records,
            ..
        } = self;
        stage
            .declarations
            .extend(records.declarations.into_iter().map(|record| record.value));
        stage
            .licences
            .extend(records.licences.into_iter().map(|record| record.value));
        stage.pairs += law.pairs().len();
        stage.histories += 1;
        figures::are_the_naive_counters(stage).await?;
        figures::again(stage).await
    }
}
