//! What the list of stock was asked for, read in the same way from an address and from a form.

use crate::{
    domain::{
        dictionary::{Dictionaries, Topic},
        holding::Conversion,
        patent::{LegalStatus, PatentKind},
        stock::{OfferStage, StockFilter, StockOrder, SubmissionNarrowing},
        submission::SubmissionStage,
    },
    ops,
    web::{
        desk::choices::{Choice, options, word, yes_or_no},
        visitor::Visitor,
    },
};

/// The fields that narrow the list, and the order.
pub const FIELDS: [&str; 14] = [
    "q",
    "kind",
    "status",
    "conversion",
    "unit",
    "offer",
    "published",
    "confirmed",
    "complete",
    "maturity",
    "way",
    "grade",
    "submission",
    "order",
];
/// Those without a unit, or without an answer.
pub const NO_UNIT: &str = "-";

/// What was asked for, and how it was written.
pub struct Asked {
    pub filter: StockFilter,
    pub order: StockOrder,
    /// Fields that are not empty.
    pub pairs: Vec<(&'static str, String)>,
}

impl Asked {
    pub fn of<'a>(get: impl Fn(&'static str) -> &'a str) -> ops::Result<Self> {
        let text = Some(get("q").trim()).filter(|text| !text.is_empty());
        let unit = match get("unit") {
            "" => None,
            NO_UNIT => Some(String::new()),
            unit => Some(unit.to_owned()),
        };
        let filter = StockFilter {
            text: text.map(|text| text.chars().take(100).collect()),
            kind: word("kind", get("kind"), PatentKind::parse)?,
            legal_status: word("status", get("status"), LegalStatus::parse)?,
            conversion: word("conversion", get("conversion"), Conversion::parse)?,
            unit,
            offer: word("offer", get("offer"), OfferStage::parse)?,
            published: word("published", get("published"), yes_or_no)?,
            confirmed: word("confirmed", get("confirmed"), yes_or_no)?,
            complete: word("complete", get("complete"), yes_or_no)?,
            maturity: word("maturity", get("maturity"), answer)?,
            way: word("way", get("way"), answer)?,
            grade: word("grade", get("grade"), answer)?,
            submission: word("submission", get("submission"), SubmissionNarrowing::parse)?,
            ..StockFilter::default()
        };
        let pairs = FIELDS
            .into_iter()
            .map(|name| (name, get(name).trim().to_owned()));
        Ok(Self {
            filter,
            order: word("order", get("order"), StockOrder::parse)?.unwrap_or_default(),
            pairs: pairs.filter(|(_, value)| !value.is_empty()).collect(),
        })
    }

    pub fn said(&self, name: &str) -> &str {
        let found = self.pairs.iter().find(|(n, _)| *n == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The lists of the form that narrows, with what is chosen.
    pub fn choices(
        &self,
        v: &Visitor,
        units: &[(String, i64)],
        dictionaries: &Dictionaries,
        platforms: &[(String, String)],
    ) -> Vec<Choice> {
        let any = v.t("不限", "any");
        let list =
            |name, label: &str, options| Choice::new(name, label, any, self.said(name), options);
        let flags = |yes: &str, no: &str| {
            vec![
                ("yes".to_owned(), yes.to_owned()),
                ("no".to_owned(), no.to_owned()),
            ]
        };
        vec![
            list(
                "kind",
                v.t("专利类型", "Kind"),
                options(v, PatentKind::ALL, PatentKind::as_str, |k| (k.zh(), k.en())),
            ),
            list(
                "status",
                v.t("法律状态", "Legal status"),
                options(v, LegalStatus::ALL, LegalStatus::as_str, |s| {
                    (s.zh(), s.en())
                }),
            ),
            list(
                "conversion",
                v.t("实施状态", "Use so far"),
                options(v, Conversion::ALL, Conversion::as_str, |c| (c.zh(), c.en())),
            ),
            list(
                "offer",
                v.t("开放许可", "Open licence"),
                options(v, OfferStage::ALL, OfferStage::as_str, |o| (o.zh(), o.en())),
            ),
            list(
                "unit",
                v.t("所属学院或部门", "Unit"),
                unit_options(v, units, self.said("unit")),
            ),
            list(
                "published",
                v.t("公开", "Published"),
                flags(v.t("已公开", "published"), v.t("未公开", "not published")),
            ),
            list(
                "confirmed",
                v.t("权属", "Ownership"),
                flags(v.t("已确认", "confirmed"), v.t("待确认", "claimed only")),
            ),
            list(
                "complete",
                v.t("盘点档案", "Stock record"),
                flags(v.t("六项完整", "complete"), v.t("未完整", "incomplete")),
            ),
            list(
                "maturity",
                v.t("技术成熟度", "Maturity"),
                answers(v, dictionaries, Topic::Maturity),
            ),
            list(
                "way",
                v.t("转化方式", "Way of conversion"),
                answers(v, dictionaries, Topic::Ways),
            ),
            list(
                "grade",
                v.t("专利自评", "Own grade"),
                answers(v, dictionaries, Topic::Grade),
            ),
            list("submission", v.t("报送", "Handed in"), stages(v, platforms)),
        ]
    }
}

/// A code of a dictionary, or the sign of those that say nothing.
fn answer(text: &str) -> Option<String> {
    let sign = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let known = text.len() <= 40 && text.chars().all(sign);
    known.then(|| {
        if text == NO_UNIT {
            String::new()
        } else {
            text.to_owned()
        }
    })
}

/// Every answer of a topic, retired ones too: records may still say them.
fn answers(v: &Visitor, dictionaries: &Dictionaries, topic: Topic) -> Vec<(String, String)> {
    let none = (NO_UNIT.to_owned(), v.t("未填写", "not said").to_owned());
    let entries = dictionaries.of(topic).entries.iter();
    let said = entries.map(|entry| (entry.code.clone(), v.t(&entry.zh, &entry.en).to_owned()));
    std::iter::once(none).chain(said).collect()
}

/// Every stage for every platform.
fn stages(v: &Visitor, platforms: &[(String, String)]) -> Vec<(String, String)> {
    let of = |(name, title): &(String, String)| {
        SubmissionStage::ALL.map(|stage| {
            let words = v.t(stage.zh(), stage.en());
            (
                format!("{name}:{}", stage.as_str()),
                format!("{title} · {words}"),
            )
        })
    };
    platforms.iter().flat_map(of).collect()
}

fn unit_options(v: &Visitor, units: &[(String, i64)], chosen: &str) -> Vec<(String, String)> {
    let named = |(unit, count): &(String, i64)| {
        if unit.is_empty() {
            (
                NO_UNIT.to_owned(),
                format!("{} · {count}", v.t("未填写", "none named")),
            )
        } else {
            (unit.clone(), format!("{unit} · {count}"))
        }
    };
    let mut options: Vec<_> = units.iter().map(named).collect();
    // What is asked for stays chosen, whether or not it is among the largest.
    if !chosen.is_empty() && options.iter().all(|(value, _)| value != chosen) {
        options.push((chosen.to_owned(), chosen.to_owned()));
    }
    options
}
