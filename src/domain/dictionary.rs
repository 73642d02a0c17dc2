//! The dictionaries of the stock record's answers, and the mediation bodies of the district. No authority has published the official values (domain facts §5.4),
//! so the office keeps them: an entry is added, reworded or retired, never removed, so that whatever a record once
//! said stays readable; a retired one cannot be newly chosen.

use serde::{Deserialize, Serialize};

use super::{
    event::{canonical_json, sha256_hex},
    text::Text,
    words::words,
};

words! {
    /// What a dictionary lists the answers of.
    pub enum Topic {
        /// 是否属于财政资助科研项目形成专利
        Funding = "funding", "财政资助", "Public funding";
        /// 转化意愿
        Ways = "ways", "转化方式", "Ways of conversion";
        /// 技术成熟度
        Maturity = "maturity", "技术成熟度", "Maturity";
        /// 纠纷调解机构: whom the sides of a dispute can turn to, with telephone and address
        Mediation = "mediation", "纠纷调解机构", "Mediation bodies";
        /// 专利自评
        Grade = "grade", "专利自评", "Own grade";
    }
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DictionaryEntry {
    /// Stands in the records; letters, digits and hyphens, never changed.
    #[schema(example = "pilot")]
    pub code: String,
    #[schema(example = "中试")]
    pub zh: String,
    #[schema(example = "Pilot scale")]
    pub en: String,
    /// Readable where it was chosen before; not to be chosen any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// The answers of one topic, in the order in which they are offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dictionary {
    pub topic: Topic,
    pub entries: Vec<DictionaryEntry>,
}

/// The answer to ① that says there was none: it needs no project number.
pub const NOT_FUNDED: &str = "none";

/// Entries of one dictionary, and characters of a code and of a wording, at most.
const ENTRIES: usize = 60;
const CODE_CHARS: usize = 40;
const WORDS_CHARS: usize = 40;
/// A mediation body is told with its telephone and address.
const CONTACT_CHARS: usize = 200;

/// Code, Chinese, English of the entries with which an installation begins.
const fn beginnings(topic: Topic) -> &'static [(&'static str, &'static str, &'static str)] {
    match topic {
        Topic::Funding => &[
            (NOT_FUNDED, "否", "None"),
            ("national", "国家级", "National"),
            ("provincial", "省级", "Provincial"),
            ("municipal", "市级", "Municipal"),
            ("other", "其他", "Other"),
        ],
        Topic::Ways => &[
            ("assignment", "转让", "Assignment"),
            ("ordinaryLicence", "普通许可", "Ordinary licence"),
            ("soleLicence", "排他许可", "Sole licence"),
            ("exclusiveLicence", "独占许可", "Exclusive licence"),
            ("openLicence", "开放许可", "Open licence"),
            ("contribution", "作价入股", "Contribution as capital"),
            ("cooperation", "合作开发", "Joint development"),
            ("ownUse", "自行产业化", "Own industrialisation"),
        ],
        Topic::Maturity => &[
            ("laboratory", "概念/实验室", "Concept or laboratory"),
            ("bench", "小试", "Bench scale"),
            ("pilot", "中试", "Pilot scale"),
            ("production", "批量生产（产业化）", "Production"),
        ],
        Topic::Mediation => &[
            (
                "committee",
                "知识产权纠纷人民调解委员会",
                "People's mediation committee for intellectual property",
            ),
            (
                "aid-centre",
                "山东（威海）知识产权维权援助中心",
                "Shandong (Weihai) aid centre for intellectual property",
            ),
            (
                "stations",
                "知识产权维权工作站",
                "Aid stations for intellectual property",
            ),
        ],
        Topic::Grade => &[
            ("5", "五级：转化前景好", "5: good prospects"),
            ("4", "四级：转化前景较好", "4: fairly good prospects"),
            ("3", "三级：转化前景一般", "3: fair prospects"),
            ("2", "二级：转化前景较差", "2: poor prospects"),
            ("1", "一级：暂无转化前景", "1: no prospects for now"),
        ],
    }
}

impl Dictionary {
    /// With which an installation begins.
    pub fn beginning(topic: Topic) -> Self {
        let entry = |(code, zh, en): &(&str, &str, &str)| DictionaryEntry {
            code: (*code).to_owned(),
            zh: (*zh).to_owned(),
            en: (*en).to_owned(),
            retired: false,
        };
        Self {
            topic,
            entries: beginnings(topic).iter().map(entry).collect(),
        }
    }

    pub fn find(&self, code: &str) -> Option<&DictionaryEntry> {
        self.entries.iter().find(|entry| entry.code == code)
    }

    /// May it be newly chosen?
    pub fn offers(&self, code: &str) -> bool {
        self.find(code).is_some_and(|entry| !entry.retired)
    }

    /// Its wording; a code that nobody knows stands for itself.
    pub fn text(&self, code: &str) -> Text {
        self.find(code)
            .map_or_else(|| Text::new(code, code), |e| Text::new(&e.zh, &e.en))
    }

    /// The entry that a cell of a sheet means: its code or its wording as a whole, never a part of it.
    pub fn read(&self, text: &str) -> Option<&DictionaryEntry> {
        let wanted = super::party::name_key(text);
        let offered = self.entries.iter().filter(|entry| !entry.retired);
        offered.into_iter().find(|entry| {
            let said = [&entry.code, &entry.zh, &entry.en];
            said.into_iter()
                .any(|said| super::party::name_key(said) == wanted)
        })
    }

    /// What is wrong with these entries as the successors of `before`: the place, a code, the words.
    pub fn flaw_after(&self, before: &Self) -> Option<(String, &'static str, Text)> {
        if self.entries.len() > ENTRIES {
            let text = Text::new(
                format!("最多 {ENTRIES} 项。"),
                format!("At most {ENTRIES} entries."),
            );
            return Some(("/entries".into(), "tooMany", text));
        }
        for (place, entry) in self.entries.iter().enumerate() {
            let sign = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let code = (1..=CODE_CHARS).contains(&entry.code.len()) && entry.code.chars().all(sign);
            if !code {
                let text = Text::new(
                    format!("代码为 1 至 {CODE_CHARS} 个字母、数字或连字符。"),
                    format!("A code is 1 to {CODE_CHARS} letters, digits or hyphens."),
                );
                return Some((format!("/entries/{place}/code"), "codeInvalid", text));
            }
            let twice = self.entries[..place]
                .iter()
                .any(|other| other.code == entry.code);
            if twice {
                let text = Text::new("代码重复。", "This code is there twice.");
                return Some((format!("/entries/{place}/code"), "codeTwice", text));
            }
            for (name, words) in [("zh", &entry.zh), ("en", &entry.en)] {
                let most = match self.topic {
                    Topic::Mediation => CONTACT_CHARS,
                    Topic::Funding | Topic::Ways | Topic::Maturity | Topic::Grade => WORDS_CHARS,
                };
                let fits = (1..=most).contains(&words.trim().chars().count())
                    && !words.chars().any(char::is_control);
                if !fits {
                    let text = Text::new(
                        format!("名称为 1 至 {most} 字，一行。"),
                        format!("A wording has 1 to {most} characters in one line."),
                    );
                    return Some((format!("/entries/{place}/{name}"), "textLength", text));
                }
            }
        }
        let lost = before.entries.iter().find(|e| self.find(&e.code).is_none());
        lost.map(|entry| {
            let text = Text::new(
                format!("“{}”可能已被档案采用，不能删除，请改为停用。", entry.zh),
                format!("{:?} may stand in records; retire it instead.", entry.en),
            );
            ("/entries".to_owned(), "entryRemoved", text)
        })
    }

    /// SHA-256 of the canonical document.
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// All of them, as they stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionaries(pub Vec<Dictionary>);

impl Dictionaries {
    /// The one of a topic.
    pub fn of(&self, topic: Topic) -> &Dictionary {
        let found = self.0.iter().find(|d| d.topic == topic);
        found.expect("there is a dictionary of every topic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_is_sound_and_read_by_code_and_by_wording() {
        for topic in Topic::ALL {
            let dictionary = Dictionary::beginning(topic);
            assert_eq!(dictionary.flaw_after(&dictionary), None, "{topic:?}");
            for entry in &dictionary.entries {
                assert_eq!(dictionary.read(&entry.zh), Some(entry));
                assert_eq!(dictionary.read(&format!(" {} ", entry.code)), Some(entry));
            }
            assert_eq!(dictionary.read("不清楚"), None);
        }
    }

    #[test]
    fn an_entry_is_retired_and_never_removed() {
        let before = Dictionary::beginning(Topic::Maturity);
        let mut after = before.clone();
        after.entries[0].retired = true;
        assert_eq!(after.flaw_after(&before), None);
        let code = after.entries[0].code.clone();
        assert!(!after.offers(&code) && after.find(&code).is_some() && after.read(&code).is_none());
        after.entries.remove(0);
        let flaw = after.flaw_after(&before).expect("a flaw");
        assert_eq!(flaw.1, "entryRemoved");
        after.entries.push(after.entries[0].clone());
        assert_eq!(after.flaw_after(&after).expect("a flaw").1, "codeTwice");
    }
}
