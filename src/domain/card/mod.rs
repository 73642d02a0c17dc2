//! The layman's card (通俗卡片): what a patent is good for in the words of whoever might use it, one for each holding.
//! It must pass its quality check before an open licence is declared here; a passed one is public as soon as its
//! holding is published or its patent on offer, and stays its holder's and the office's until then.

mod quality;

use serde::{Deserialize, Serialize};

pub use quality::{CardCheck, CardFinding, examine, passes};

use super::{
    codes::AppNo,
    dictionary::{Dictionary, Topic},
    event::{Audience, canonical_json, sha256_hex},
    holding::Holding,
    id::Id,
    need::Flaw,
    refusal::{Refusal, Refused},
    text::Text,
    words::words,
};

words! {
    /// The five items of a card.
    pub enum CardItem {
        Problem = "problem", "解决什么问题", "The problem it solves";
        Novelty = "novelty", "新在哪里", "What is new";
        Advantage = "advantage", "比什么好", "What it is better than";
        Products = "products", "能做成什么产品", "Products it could become";
        Maturity = "maturity", "成熟到哪一步", "How mature it is";
    }
}

words! {
    /// How far a patent's card has come.
    pub enum CardState {
        /// Nothing was written
        Missing = "missing", "未填写", "Not written";
        /// Its quality check found errors
        Failing = "failing", "未通过质量检查", "Fails its check";
        Passed = "passed", "已通过质量检查", "Passed";
    }
}

impl CardItem {
    /// JSON pointer, and the name of the form's field behind its stroke.
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Problem => "/problem",
            Self::Novelty => "/novelty",
            Self::Advantage => "/advantage",
            Self::Products => "/products",
            Self::Maturity => "/maturity",
        }
    }
}

/// Characters of a text: what is kept at most, and what the check wants.
pub const KEPT_CHARS: usize = 2_000;
pub const LEAST_CHARS: usize = 20;
pub const MOST_CHARS: usize = 300;
/// Products of a card, and characters of one.
pub const KEPT_PRODUCTS: usize = 20;
pub const KEPT_PRODUCT_CHARS: usize = 100;
pub const MOST_PRODUCTS: usize = 10;
pub const MOST_PRODUCT_CHARS: usize = 30;

/// What is written on a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CardContent {
    /// 解决什么问题: for whom, and what goes wrong today.
    #[serde(default)]
    pub problem: String,
    /// 新在哪里
    #[serde(default)]
    pub novelty: String,
    /// 比什么好: what is used today, and what this does better.
    #[serde(default)]
    pub advantage: String,
    /// 能做成什么产品, each by its name.
    #[serde(default)]
    #[schema(example = json!(["网箱清洗机", "船底清洗刷盘"]))]
    pub products: Vec<String>,
    /// A code of the dictionary `maturity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "pilot")]
    pub maturity: Option<String>,
}

/// One card. Its key is its holding's: one for each patent and holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// Its holding's.
    pub id: Id,
    pub organisation: Id,
    #[schema(value_type = String)]
    pub number: AppNo,
    pub problem: String,
    pub novelty: String,
    pub advantage: String,
    pub products: Vec<String>,
    /// Of the dictionary `maturity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maturity: Option<String>,
    /// Its quality check found no error when it was written.
    pub passed: bool,
    /// Everyone's: passed, and its holding published or its patent on offer.
    pub published: bool,
}

impl CardContent {
    /// The content without blanks around and between, and without empty products.
    #[must_use]
    pub fn tidy(self) -> Self {
        let text = |text: String| text.replace("\r\n", "\n").trim().to_owned();
        let products = self.products.into_iter().map(text);
        Self {
            products: products.filter(|product| !product.is_empty()).collect(),
            problem: text(self.problem),
            novelty: text(self.novelty),
            advantage: text(self.advantage),
            maturity: self.maturity.map(text).filter(|code| !code.is_empty()),
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The three texts, each with its item.
    pub fn texts(&self) -> [(CardItem, &str); 3] {
        [
            (CardItem::Problem, &self.problem),
            (CardItem::Novelty, &self.novelty),
            (CardItem::Advantage, &self.advantage),
        ]
    }

    /// What it says, as one text for whoever looks for words.
    pub fn words(&self) -> String {
        let texts = [&self.problem, &self.novelty, &self.advantage];
        let mut words: Vec<&str> = texts.into_iter().map(String::as_str).collect();
        let products = self.products.join("、");
        words.push(&products);
        words.join("\n")
    }

    /// Products as one cell or one field holds them: by comma, semicolon, stroke or line.
    pub fn split_products(text: &str) -> Vec<String> {
        let parts = text.split(['、', '，', ',', '；', ';', '|', '\n']);
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }

    /// What cannot even be kept, as the successor of `before`.
    pub fn flaws(&self, before: Option<&str>, dictionary: &Dictionary) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut hold = |good: bool, item: CardItem, code, zh: String, en: String| {
            if !good {
                let pointer = item.pointer();
                let text = Text::new(zh, en);
                flaws.push(Flaw {
                    pointer,
                    code,
                    text,
                });
            }
        };
        for (item, text) in self.texts() {
            hold(
                text.chars().count() <= KEPT_CHARS
                    && text.chars().all(|c| !c.is_control() || c == '\n'),
                item,
                "textLength",
                format!("“{}”最多 {KEPT_CHARS} 字。", item.zh()),
                format!("At most {KEPT_CHARS} characters."),
            );
        }
        let products = self.products.iter();
        let fits = |product: &String| {
            product.chars().count() <= KEPT_PRODUCT_CHARS && !product.chars().any(char::is_control)
        };
        hold(
            self.products.len() <= KEPT_PRODUCTS && products.clone().all(fits),
            CardItem::Products,
            "tooMany",
            format!("最多 {KEPT_PRODUCTS} 个产品，每个最多 {KEPT_PRODUCT_CHARS} 字，一行。"),
            format!(
                "At most {KEPT_PRODUCTS} products of {KEPT_PRODUCT_CHARS} characters in one line each."
            ),
        );
        if let Some(code) = self.maturity.as_deref() {
            hold(
                before == Some(code) || dictionary.offers(code),
                CardItem::Maturity,
                "notInDictionary",
                format!("不在“{}”字典的可选项中。", Topic::Maturity.zh()),
                format!(
                    "Not among what the dictionary {:?} offers.",
                    Topic::Maturity.as_str()
                ),
            );
        }
        flaws
    }
}

impl Card {
    /// A card of this holding that says nothing.
    pub fn blank(holding: &Holding) -> Self {
        Self {
            id: holding.id.clone(),
            organisation: holding.organisation.clone(),
            number: holding.number.clone(),
            problem: String::new(),
            novelty: String::new(),
            advantage: String::new(),
            products: Vec::new(),
            maturity: None,
            passed: false,
            published: false,
        }
    }

    pub fn content(&self) -> CardContent {
        CardContent {
            problem: self.problem.clone(),
            novelty: self.novelty.clone(),
            advantage: self.advantage.clone(),
            products: self.products.clone(),
            maturity: self.maturity.clone(),
        }
    }

    /// The card with this content, as its check has found it; who sees it is settled after.
    #[must_use]
    pub fn written(&self, content: CardContent, passed: bool) -> Self {
        Self {
            problem: content.problem,
            novelty: content.novelty,
            advantage: content.advantage,
            products: content.products,
            maturity: content.maturity,
            passed,
            ..self.clone()
        }
    }

    /// The card as those may see it who are to: a card that failed is never public.
    #[must_use]
    pub fn settled(&self, holding_published: bool, on_offer: bool) -> Self {
        Self {
            published: self.passed && (holding_published || on_offer),
            ..self.clone()
        }
    }

    pub fn state(&self) -> CardState {
        match (self.passed, self.content().is_empty()) {
            (true, _) => CardState::Passed,
            (false, true) => CardState::Missing,
            (false, false) => CardState::Failing,
        }
    }

    /// Everyone's once it is published; until then its holder's and the office's.
    pub fn audience(&self) -> Audience {
        if self.published {
            Audience::Public
        } else {
            Audience::Organisation(self.organisation.clone())
        }
    }

    /// Could nobody have entered it?
    pub fn is_flawed(&self) -> bool {
        let texts = [&self.problem, &self.novelty, &self.advantage];
        let long = texts.iter().any(|text| text.chars().count() > KEPT_CHARS);
        long || self.products.len() > KEPT_PRODUCTS || (self.published && !self.passed)
    }

    /// SHA-256 of the canonical document.
    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }
}

/// Of several holders' cards of one patent the one that is shown: the first patentee's before another's.
pub fn shown<'a>(
    cards: impl Iterator<Item = &'a Card>,
    is_first: impl Fn(&Card) -> bool,
) -> Option<&'a Card> {
    cards.min_by_key(|card| (!is_first(card), card.id.clone()))
}

/// A card that is needed may be reworded, but not into one that fails.
pub fn still_needed() -> Refused {
    Refusal::new(
        "cardNeeded",
        "该专利的开放许可声明正在办理或已经公告，通俗卡片须保持通过质量检查。",
        "A declaration of this patent is under way or announced; its card must go on passing its check.",
    )
    .cure(
        "按检查意见改好后再保存。",
        "Mend what the check has found, then save.",
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_fails_is_never_public() {
        let id =
            crate::domain::id::Ids::seeded(1).next(crate::domain::time::Instant::from_micros(0));
        let card = Card {
            id: id.clone(),
            organisation: id,
            number: AppNo::parse("201910699568X").expect("a number").0,
            problem: "x".into(),
            novelty: String::new(),
            advantage: String::new(),
            products: Vec::new(),
            maturity: None,
            passed: false,
            published: false,
        };
        assert!(!card.settled(true, true).published);
        let passed = Card {
            passed: true,
            ..card
        };
        assert!(passed.settled(true, false).published);
        assert!(passed.settled(false, true).published);
        assert_ne!(passed.settled(false, false).audience(), Audience::Public);
    }

    #[test]
    fn products_are_told_apart_by_any_of_the_usual_signs() {
        let split = CardContent::split_products("网箱清洗机、船底刷；吸污泵\n 过滤器 ,");
        assert_eq!(split, ["网箱清洗机", "船底刷", "吸污泵", "过滤器"]);
    }
}
