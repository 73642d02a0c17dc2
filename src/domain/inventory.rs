//! The stock record (盘点建档): what a holder says of one patent of its stock beyond what the register says. It is its
//! holder's and the office's alone, never public and never indexed, so that a public holding carries nothing
//! restricted. Six items make it complete; the second, the use so far, is the holding's own and is not repeated here.

use serde::{Deserialize, Serialize};

use super::{
    dictionary::{Dictionaries, NOT_FUNDED, Topic},
    event::{Audience, canonical_json, sha256_hex},
    holding::Conversion,
    id::Id,
    money::Fen,
    need::Flaw,
    party::Contact,
    review::{RecordState, Standing},
    terms::MAX_FEN,
    text::Text,
    time::Day,
    words::words,
};

words! {
    /// The six items of the questionnaire (domain facts §5.4).
    pub enum Item {
        Funding = "funding", "财政资助", "Public funding";
        Conversion = "conversion", "实施状态", "Use so far";
        Ways = "ways", "转化意愿", "Ways of conversion wanted";
        Maturity = "maturity", "技术成熟度", "Maturity";
        Grade = "grade", "专利自评", "Own grade";
        Scenario = "scenario", "应用场景", "Scenario of use";
    }
}

/// Characters of a scenario, of a project's number and of an inventor's name, at most.
pub const SCENARIO_CHARS: usize = 2_000;
pub const PROJECT_CHARS: usize = 100;
pub const INVENTOR_CHARS: usize = 60;
/// Ways of conversion of one record, at most.
const WAYS: usize = 20;

/// 是否属于财政资助科研项目形成专利.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Funding {
    /// Of the dictionary `funding`.
    #[schema(example = "provincial")]
    pub level: String,
    /// The project's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
}

/// One stock record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    pub id: Id,
    /// Of which holding; there is one record of each.
    pub holding: Id,
    pub organisation: Id,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<Funding>,
    /// Of the dictionary `ways`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<String>,
    /// The price asked, in fen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub price_fen: Option<Fen>,
    /// Of the dictionary `maturity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maturity: Option<String>,
    /// Of the dictionary `grade`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// 应用场景（产业化前景）
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// A department or a person to turn to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The inventor who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventor: Option<String>,
    /// How far its review has come.
    #[serde(default)]
    pub state: RecordState,
    /// The account that fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Id>,
    /// Until when whoever is to act on it should have acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub due_on: Option<Day>,
}

/// What is to be changed: `None` leaves an item as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InventoryPatch {
    pub funding: Option<Option<Funding>>,
    pub ways: Option<Vec<String>>,
    pub price_fen: Option<Option<Fen>>,
    pub maturity: Option<Option<String>>,
    pub grade: Option<Option<String>>,
    pub scenario: Option<Option<String>>,
    pub contact: Option<Option<Contact>>,
    pub inventor: Option<Option<String>>,
    /// The account that fills it in.
    pub assignee: Option<Option<Id>>,
}

impl InventoryPatch {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is left of it for a record in which only the empty items are to be filled.
    #[must_use]
    pub fn where_empty(&self, record: &Inventory) -> Self {
        fn fill<T: Clone>(patch: Option<&T>, is_empty: bool) -> Option<T> {
            patch.filter(|_| is_empty).cloned()
        }
        Self {
            funding: fill(self.funding.as_ref(), record.funding.is_none()),
            ways: fill(self.ways.as_ref(), record.ways.is_empty()),
            price_fen: fill(self.price_fen.as_ref(), record.price_fen.is_none()),
            maturity: fill(self.maturity.as_ref(), record.maturity.is_none()),
            grade: fill(self.grade.as_ref(), record.grade.is_none()),
            scenario: fill(self.scenario.as_ref(), record.scenario.is_none()),
            contact: fill(self.contact.as_ref(), record.contact.is_none()),
            inventor: fill(self.inventor.as_ref(), record.inventor.is_none()),
            assignee: fill(self.assignee.as_ref(), record.assignee.is_none()),
        }
    }
}

impl Inventory {
    /// A record that says nothing yet.
    pub const fn blank(id: Id, holding: Id, organisation: Id) -> Self {
        Self {
            id,
            holding,
            organisation,
            funding: None,
            ways: Vec::new(),
            price_fen: None,
            maturity: None,
            grade: None,
            scenario: None,
            contact: None,
            inventor: None,
            state: RecordState::Draft,
            assignee: None,
            due_on: None,
        }
    }

    /// What decides who may do what with it.
    pub fn standing<'a>(&'a self, unit: Option<&'a str>) -> Standing<'a> {
        Standing {
            unit,
            assignee: self.assignee.as_ref(),
            state: self.state,
        }
    }

    /// Its term is over and somebody is still to act.
    pub fn is_overdue_on(&self, day: Day) -> bool {
        self.due_on.is_some_and(|due| due < day)
    }

    /// Its holder's and the office's, whatever the holding is.
    pub fn audience(&self) -> Audience {
        Audience::Organisation(self.organisation.clone())
    }

    /// The items that say nothing, of six; the use so far is the holding's.
    pub fn missing(&self, conversion: Conversion) -> Vec<Item> {
        let is_missing = |item: &Item| match item {
            Item::Funding => self.funding.is_none(),
            Item::Conversion => conversion == Conversion::Unknown,
            Item::Ways => self.ways.is_empty(),
            Item::Maturity => self.maturity.is_none(),
            Item::Grade => self.grade.is_none(),
            Item::Scenario => self.scenario.is_none(),
        };
        Item::ALL.into_iter().filter(is_missing).collect()
    }

    /// Its own five items are there.
    pub fn is_filled(&self) -> bool {
        self.missing(Conversion::Unused).is_empty()
    }

    /// The record with what is to be changed, blanks trimmed away.
    #[must_use]
    pub fn edited(&self, patch: InventoryPatch) -> Self {
        let tidy = |text: Option<String>| {
            let text = text.map(|text| text.replace("\r\n", "\n").trim().to_owned());
            text.filter(|text| !text.is_empty())
        };
        let mut next = self.clone();
        if let Some(funding) = patch.funding {
            next.funding = funding.map(|funding| Funding {
                project: tidy(funding.project),
                level: funding.level,
            });
        }
        if let Some(ways) = patch.ways {
            next.ways = ways;
        }
        if let Some(price) = patch.price_fen {
            next.price_fen = price;
        }
        if let Some(maturity) = patch.maturity {
            next.maturity = tidy(maturity);
        }
        if let Some(grade) = patch.grade {
            next.grade = tidy(grade);
        }
        if let Some(scenario) = patch.scenario {
            next.scenario = tidy(scenario);
        }
        if let Some(contact) = patch.contact {
            next.contact = contact
                .map(|contact| Contact {
                    name: tidy(contact.name),
                    telephone: tidy(contact.telephone),
                    email: tidy(contact.email),
                    address: tidy(contact.address),
                })
                .filter(|contact| *contact != Contact::default());
        }
        if let Some(inventor) = patch.inventor {
            next.inventor = tidy(inventor);
        }
        if let Some(assignee) = patch.assignee {
            next.assignee = assignee;
        }
        next
    }

    /// Everything that is wrong with it as the successor of `before`: an answer that was chosen before may stay after
    /// it was retired.
    pub fn flaws(&self, before: &Self, dictionaries: &Dictionaries) -> Vec<Flaw> {
        let mut flaws = self.plain_flaws();
        let mut choose = |pointer, topic, code: &str, known: bool| {
            if !known && !dictionaries.of(topic).offers(code) {
                flaws.push(Flaw {
                    pointer,
                    code: "notInDictionary",
                    text: not_offered(topic, dictionaries),
                });
            }
        };
        if let Some(funding) = &self.funding {
            let known = before.funding.as_ref().map(|f| &f.level) == Some(&funding.level);
            choose("/funding/level", Topic::Funding, &funding.level, known);
        }
        for way in &self.ways {
            choose("/ways", Topic::Ways, way, before.ways.contains(way));
        }
        if let Some(code) = &self.maturity {
            let known = before.maturity == self.maturity;
            choose("/maturity", Topic::Maturity, code, known);
        }
        if let Some(code) = &self.grade {
            choose("/grade", Topic::Grade, code, before.grade == self.grade);
        }
        flaws
    }

    /// What is wrong with it whatever the dictionaries say.
    pub fn plain_flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut hold = |good: bool, pointer, code, zh: String, en: String| {
            if !good {
                let text = Text::new(zh, en);
                flaws.push(Flaw {
                    pointer,
                    code,
                    text,
                });
            }
        };
        let line = |text: &Option<String>, most: usize| {
            text.as_ref().is_none_or(|text| {
                text.chars().count() <= most && !text.chars().any(char::is_control)
            })
        };
        let project = self.funding.as_ref().and_then(|f| f.project.clone());
        hold(
            line(&project, PROJECT_CHARS),
            "/funding/project",
            "textLength",
            format!("项目编号最多 {PROJECT_CHARS} 字，一行。"),
            format!("A project's number has at most {PROJECT_CHARS} characters in one line."),
        );
        let none = self.funding.as_ref().is_some_and(|f| f.level == NOT_FUNDED);
        hold(
            !(none && project.is_some()),
            "/funding/project",
            "projectWithoutFunding",
            "没有财政资助就不填项目编号。".into(),
            "Without public funding there is no project to name.".into(),
        );
        let twice = (1..self.ways.len()).any(|n| self.ways[..n].contains(&self.ways[n]));
        hold(
            self.ways.len() <= WAYS && !twice,
            "/ways",
            "tooMany",
            format!("最多 {WAYS} 种，不能重复。"),
            format!("At most {WAYS}, each once."),
        );
        hold(
            self.price_fen
                .is_none_or(|price| (Fen::ZERO..=MAX_FEN).contains(&price)),
            "/priceFen",
            "outOfRange",
            "价格不能为负，也不能过大。".into(),
            "The price is negative or too large.".into(),
        );
        hold(
            self.scenario.as_ref().is_none_or(|text| {
                text.chars().count() <= SCENARIO_CHARS
                    && text.chars().all(|c| !c.is_control() || c == '\n')
            }),
            "/scenario",
            "textLength",
            format!("应用场景最多 {SCENARIO_CHARS} 字。"),
            format!("The scenario has at most {SCENARIO_CHARS} characters."),
        );
        hold(
            self.contact.as_ref().is_none_or(Contact::is_sound),
            "/contact",
            "contactInvalid",
            "联系方式每项 1 至 200 字，一行。".into(),
            "Each part of a contact has 1 to 200 characters in one line.".into(),
        );
        hold(
            line(&self.inventor, INVENTOR_CHARS),
            "/inventor",
            "textLength",
            format!("发明人最多 {INVENTOR_CHARS} 字，一行。"),
            format!("An inventor's name has at most {INVENTOR_CHARS} characters in one line."),
        );
        flaws
    }

    /// SHA-256 of the canonical document.
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

fn not_offered(topic: Topic, dictionaries: &Dictionaries) -> Text {
    let offered = dictionaries.of(topic).entries.iter();
    let codes: Vec<&str> = offered
        .filter(|entry| !entry.retired)
        .map(|entry| entry.code.as_str())
        .collect();
    let codes = codes.join(", ");
    Text::new(
        format!("不在“{}”字典的可选项中；可用代码：{codes}。", topic.zh()),
        format!(
            "Not among what the dictionary {:?} offers: {codes}.",
            topic.as_str()
        ),
    )
}

/// How many records of an organisation, or of one of its units, are complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitCompleteness {
    /// 所属学院 or other sub-unit; empty: none named.
    pub unit: String,
    /// Patents in stock.
    pub total: i64,
    /// All six items are answered.
    pub complete: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{dictionary::Dictionary, id::Ids, time::Instant};

    fn all() -> Dictionaries {
        Dictionaries(Topic::ALL.map(Dictionary::beginning).into())
    }

    fn blank() -> Inventory {
        let id = Ids::seeded(1).next(Instant::from_micros(0));
        Inventory::blank(id.clone(), id.clone(), id)
    }

    fn filling() -> InventoryPatch {
        InventoryPatch {
            funding: Some(Some(Funding {
                level: "provincial".into(),
                project: Some(" 2024SFGC0101 ".into()),
            })),
            ways: Some(vec!["openLicence".into()]),
            maturity: Some(Some("pilot".into())),
            grade: Some(Some("4".into())),
            scenario: Some(Some("深水网箱清洗。".into())),
            ..InventoryPatch::default()
        }
    }

    #[test]
    fn a_record_is_complete_with_five_items_of_its_own_and_the_holdings_use() {
        let blank = blank();
        assert_eq!(blank.missing(Conversion::Unknown), Item::ALL);
        let full = blank.edited(filling());
        assert!(full.flaws(&blank, &all()).is_empty());
        assert_eq!(full.missing(Conversion::Unknown), [Item::Conversion]);
        assert!(full.missing(Conversion::Unused).is_empty() && full.is_filled());
        let project = full.funding.as_ref().and_then(|f| f.project.as_deref());
        assert_eq!(project, Some("2024SFGC0101"));
    }

    #[test]
    fn a_retired_answer_stays_where_it_was_and_is_not_newly_chosen() {
        let mut retired = all();
        for entry in &mut retired.0[2].entries {
            entry.retired = true;
        }
        let blank = blank();
        let full = blank.edited(filling());
        let pointers: Vec<_> = full
            .flaws(&blank, &retired)
            .iter()
            .map(|f| f.pointer)
            .collect();
        assert_eq!(pointers, ["/maturity"]);
        assert!(full.flaws(&full, &retired).is_empty());
    }

    #[test]
    fn a_default_fills_what_is_empty_and_nothing_else() {
        let full = blank().edited(filling());
        let patch = InventoryPatch {
            maturity: Some(Some("bench".into())),
            inventor: Some(Some("张三".into())),
            ..InventoryPatch::default()
        };
        let next = full.edited(patch.where_empty(&full));
        assert_eq!(next.maturity, full.maturity);
        assert_eq!(next.inventor.as_deref(), Some("张三"));
    }

    #[test]
    fn every_flaw_is_told_at_once() {
        let patch = InventoryPatch {
            funding: Some(Some(Funding {
                level: NOT_FUNDED.into(),
                project: Some("X1".into()),
            })),
            ways: Some(vec!["barter".into()]),
            price_fen: Some(Some(Fen(-1))),
            scenario: Some(Some("长".repeat(SCENARIO_CHARS + 1))),
            ..InventoryPatch::default()
        };
        let bad = blank().edited(patch);
        let pointers: Vec<_> = bad
            .flaws(&blank(), &all())
            .iter()
            .map(|f| f.pointer)
            .collect();
        assert_eq!(
            pointers,
            ["/funding/project", "/priceFen", "/scenario", "/ways"]
        );
    }
}
