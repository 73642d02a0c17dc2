//! The quality check of a card: each item there and long enough, in a layman's words rather than the claim's, without
//! praise that advertising law forbids (广告法第九条), without a way around the market. Errors block, hints do not.

mod borrowed;
mod contact;
mod wording;

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization as _;

use borrowed::Source;
use wording::{compares, long_sentence, wording};

use super::{CardContent, CardItem, LEAST_CHARS, MOST_CHARS, MOST_PRODUCT_CHARS, MOST_PRODUCTS};
use crate::domain::{patent::Patent, refusal::Refusal, text::Text, words::words};

words! {
    /// What the check looks at.
    pub enum CardCheck {
        Missing = "missing", "没有填写", "Nothing is written";
        TooShort = "tooShort", "太短", "Too short";
        TooLong = "tooLong", "太长", "Too long";
        Filler = "filler", "没有实际内容", "Says nothing";
        Repeated = "repeated", "与另一项重复", "Repeats another item";
        Copied = "copied", "照抄了专利名称、摘要或权利要求", "Copied from the title, the abstract or the claim";
        Borrowed = "borrowed", "有一部分与专利文件相同", "Partly the words of the patent";
        ClaimSpeak = "claimSpeak", "用了权利要求的写法", "The language of claims";
        Superlative = "superlative", "含广告法禁止的绝对化用语", "A superlative that advertising law forbids";
        Boast = "boast", "可能是绝对化用语", "Perhaps a superlative";
        Contact = "contact", "写了联系方式或网址", "A telephone number, an address or a link";
        VagueProduct = "vagueProduct", "不是具体产品", "Not the name of a product";
        LongSentence = "longSentence", "句子太长", "A long sentence";
        NoComparison = "noComparison", "没有说明比什么好", "Compared with nothing";
    }
}

impl CardCheck {
    /// An error blocks; a hint does not.
    pub const fn is_error(self) -> bool {
        !matches!(
            self,
            Self::Borrowed | Self::Boast | Self::LongSentence | Self::NoComparison
        )
    }

    const fn cure(self) -> (&'static str, &'static str) {
        match self {
            Self::Missing => ("请填写这一项。", "Write this item."),
            Self::TooShort => (
                "再写具体一些：谁、在什么场合、遇到什么、效果怎样。",
                "Say more: who, where, what happens, with what effect.",
            ),
            Self::TooLong => (
                "只留下外行最想知道的内容。",
                "Keep what a layman wants to know.",
            ),
            Self::Filler => (
                "用自己的话写出实际内容。",
                "Say something in your own words.",
            ),
            Self::Repeated => (
                "每一项回答一个不同的问题，请改写。",
                "Every item answers a question of its own; reword it.",
            ),
            Self::Copied | Self::Borrowed => (
                "专利文件企业自己能看到；请改成给外行人听的大白话。",
                "The patent can be read anyway; say it as you would to somebody outside the trade.",
            ),
            Self::ClaimSpeak => (
                "删去这些词，直接说东西是什么、怎么用。",
                "Leave these words out; say what it is and how it is used.",
            ),
            Self::Superlative => (
                "删去这些词，改成具体的数字或对比。",
                "Leave these words out; give a figure or a comparison.",
            ),
            Self::Boast => (
                "如果是在夸奖，请改成具体的数字或对比。",
                "If it is praise, give a figure or a comparison instead.",
            ),
            Self::Contact => (
                "删去；联系方式在开放许可声明里填写，平台会给出。",
                "Remove it; the declaration has its own place for a contact.",
            ),
            Self::VagueProduct => (
                "写出买得到的产品的名称，例如“网箱清洗机”，不写“方法”“装置”。",
                "Name what could be bought, such as “a net-cage washer”, not “a method” or “a device”.",
            ),
            Self::LongSentence => ("拆成两三句短句。", "Make two or three of it."),
            Self::NoComparison => (
                "写出现在通常怎么做，再写差别，例如“比人工清洗省一半时间”。",
                "Say what is done today, then the difference, such as “half the time of washing by hand”.",
            ),
        }
    }
}

/// One thing that the check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFinding {
    pub item: CardItem,
    pub check: CardCheck,
    /// The words it was found in, or the figure; empty where the item as a whole is meant.
    pub quote: String,
}

impl CardFinding {
    /// What is wrong, with the item and the words.
    pub fn text(&self) -> Text {
        let (item, check) = (self.item, self.check);
        if self.quote.is_empty() {
            return Text::new(
                format!("“{}”{}。", item.zh(), check.zh()),
                format!("{}: {}.", item.en(), check.en()),
            );
        }
        Text::new(
            format!("“{}”{}：{}。", item.zh(), check.zh(), self.quote),
            format!("{}: {}: {}.", item.en(), check.en(), self.quote),
        )
    }

    /// What to do about it.
    pub fn cure(&self) -> Text {
        let (zh, en) = self.check.cure();
        Text::new(zh, en)
    }

    /// The same as a refusal at its place.
    pub fn refusal(&self) -> Refusal {
        let text = self.text();
        let cure = self.cure();
        Refusal::new(self.check.as_str(), text.zh, text.en)
            .at(self.item.pointer())
            .cure(cure.zh, cure.en)
    }
}

/// Is there no error among these?
pub fn passes(findings: &[CardFinding]) -> bool {
    !findings.iter().any(|finding| finding.check.is_error())
}

/// Different signs that a text of any sense has.
const FEWEST_SIGNS: usize = 8;

/// Checks a card against its patent; `forbidden` are the operator's promotional words.
pub fn examine(content: &CardContent, patent: &Patent, forbidden: &[String]) -> Vec<CardFinding> {
    let mut found = Vec::new();
    let source = Source::of(patent);
    let mut said: Vec<String> = Vec::new();
    for (item, text) in content.texts() {
        let mut tell = |check, quote: String| found.push(CardFinding { item, check, quote });
        let plain = fold(text);
        if plain.is_empty() {
            tell(CardCheck::Missing, String::new());
            continue;
        }
        let length = text.chars().count();
        if length < LEAST_CHARS {
            let quote = format!("{length} < {LEAST_CHARS} 字");
            tell(CardCheck::TooShort, quote);
        } else if length > MOST_CHARS {
            tell(CardCheck::TooLong, format!("{length} > {MOST_CHARS} 字"));
        }
        if length >= LEAST_CHARS && plain.iter().collect::<HashSet<_>>().len() < FEWEST_SIGNS {
            tell(CardCheck::Filler, String::new());
        }
        let folded: String = plain.iter().collect();
        if said.contains(&folded) {
            tell(CardCheck::Repeated, String::new());
        }
        if let Some((check, quote)) = source.shared(&plain) {
            tell(check, quote);
        }
        said.push(folded);
        wording(text, forbidden, &mut tell);
        if let Some(long) = long_sentence(text) {
            tell(CardCheck::LongSentence, long);
        }
    }
    if content.advantage.chars().count() >= LEAST_CHARS && !compares(&content.advantage) {
        found.push(CardFinding {
            item: CardItem::Advantage,
            check: CardCheck::NoComparison,
            quote: String::new(),
        });
    }
    products(content, forbidden, &mut found);
    if content.maturity.is_none() {
        found.push(CardFinding {
            item: CardItem::Maturity,
            check: CardCheck::Missing,
            quote: String::new(),
        });
    }
    found
}

/// What names no product.
const VAGUE: [&str; 22] = [
    "产品",
    "设备",
    "系统",
    "装置",
    "材料",
    "方法",
    "技术",
    "工艺",
    "机器",
    "仪器",
    "部件",
    "零件",
    "相关产品",
    "相关设备",
    "各类产品",
    "多种产品",
    "其他",
    "其它",
    "等",
    "无",
    "暂无",
    "待定",
];

fn products(content: &CardContent, forbidden: &[String], found: &mut Vec<CardFinding>) {
    let mut tell = |check, quote: String| {
        let item = CardItem::Products;
        found.push(CardFinding { item, check, quote });
    };
    if content.products.is_empty() {
        return tell(CardCheck::Missing, String::new());
    }
    if content.products.len() > MOST_PRODUCTS {
        let quote = format!("{} > {MOST_PRODUCTS} 个", content.products.len());
        tell(CardCheck::TooLong, quote);
    }
    let mut named: Vec<String> = Vec::new();
    for product in &content.products {
        let length = product.chars().count();
        let folded: String = fold(product).into_iter().collect();
        if length > MOST_PRODUCT_CHARS {
            tell(CardCheck::TooLong, product.clone());
        }
        let vague = VAGUE.contains(&folded.as_str())
            || length < 2
            || folded.ends_with("方法")
            || folded.starts_with("一种");
        if vague {
            tell(CardCheck::VagueProduct, product.clone());
        } else if named.contains(&folded) {
            tell(CardCheck::Repeated, product.clone());
        }
        named.push(folded);
    }
    wording(&content.products.join("、"), forbidden, &mut tell);
}

/// Letters and digits alone, in one width and case.
fn fold(text: &str) -> Vec<char> {
    let kept = text.nfkc().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        codes::AppNo,
        patent::{CheckSource, LegalStatus, PatentKind, Stage},
        rules::Rules,
    };

    fn patent() -> Patent {
        let abstract_text = "本发明公开一种渔网清洗装置，包括架体、旋转刷盘和高压喷嘴，旋转刷盘由液压马达驱动，贴着网衣往复移动，\
                             高压喷嘴把刷下的附着物冲入集污罩。";
        Patent {
            number: AppNo::parse("201910699568X").expect("a number").0,
            check_source: CheckSource::Computed,
            kind: PatentKind::Invention,
            title: "一种渔网清洗装置".into(),
            abstract_text: Some(abstract_text.into()),
            main_claim: None,
            ipc: Vec::new(),
            locarno: Vec::new(),
            industries: Vec::new(),
            applicants: Vec::new(),
            owners: Vec::new(),
            inventors: Vec::new(),
            filing_date: None,
            publication_number: None,
            publication_date: None,
            grant_number: None,
            grant_date: None,
            stage: Stage::Listed,
            legal_status: LegalStatus::InForce,
            status_text: None,
            status_as_of: None,
            status_source: None,
            region: None,
            fictional: false,
        }
    }

    fn good() -> CardContent {
        CardContent {
            problem: "养殖网箱泡在海里几周就长满海藻和贝壳，水流不进去，鱼容易缺氧生病。".into(),
            novelty: "机器自己贴着网走，一边刷一边把脏东西吸走，人不用下水，网也不用起出来。"
                .into(),
            advantage: "比潜水员下水刷网快三倍，刷下来的脏东西不会飘到旁边的网箱里。".into(),
            products: vec!["网箱清洗机".into(), "船底清洗刷盘".into()],
            maturity: Some("pilot".into()),
        }
    }

    fn found(content: &CardContent) -> Vec<(CardItem, CardCheck)> {
        let rules = Rules::default();
        let found = examine(content, &patent(), &rules.promotional_words);
        found.into_iter().map(|f| (f.item, f.check)).collect()
    }

    #[test]
    fn a_card_in_plain_words_passes_and_an_empty_one_lacks_all_five() {
        assert_eq!(found(&good()), []);
        let all = CardItem::ALL.map(|item| (item, CardCheck::Missing));
        assert_eq!(found(&CardContent::default()), all);
        let findings = examine(&CardContent::default(), &patent(), &[]);
        assert!(!passes(&findings) && findings[0].text().zh.contains("没有填写"));
    }

    #[test]
    fn each_rule_tells_its_place() {
        use {CardCheck as C, CardItem as I};
        let novelty = |text: &str| CardContent {
            novelty: text.into(),
            ..good()
        };
        let cases = [
            ("很新。", C::TooShort),
            (
                "其特征在于所述刷子会自己转动，所以人不用再下水去刷网了。",
                C::ClaimSpeak,
            ),
            (
                "这是国内领先的清洗机器，效果在同类机器里是独一无二的好用。",
                C::Superlative,
            ),
            (
                "刷子转得最快，刷得也干净，人站在船上看着它自己干活就可以了。",
                C::Boast,
            ),
            (
                "想要的话请打电话 138-0013-8000 找我们，机器马上给您送过去。",
                C::Contact,
            ),
            (
                "详情请看我们的网站 www.example.cn，那里有机器的样子和用法。",
                C::Contact,
            ),
            (
                "好好好好好好好好好好好好好好好好好好好好好好好好好好好好",
                C::Filler,
            ),
            (
                "旋转刷盘由液压马达驱动，贴着网衣往复移动，高压喷嘴把刷下的附着物冲入集污罩。",
                C::Copied,
            ),
            (
                "养殖网箱泡在海里几周就长满海藻和贝壳，水流不进去，鱼容易缺氧生病。",
                C::Repeated,
            ),
        ];
        for (text, check) in cases {
            assert_eq!(found(&novelty(text)), [(I::Novelty, check)], "{text}");
        }
        let long = novelty(&"机器自己贴着网走，一边刷一边吸。".repeat(30));
        assert_eq!(found(&long), [(I::Novelty, C::TooLong)]);
        let vague = CardContent {
            products: vec!["设备".into(), "一种清洗方法".into(), "网箱清洗机".into()],
            ..good()
        };
        let twice = (I::Products, C::VagueProduct);
        assert_eq!(found(&vague), [twice, twice]);
        let alone = CardContent {
            advantage: "刷得很干净，省时间，也省力气，海里的人都喜欢用这个机器。".into(),
            ..good()
        };
        assert_eq!(found(&alone), [(I::Advantage, C::NoComparison)]);
    }

    #[test]
    fn measures_and_ordinals_are_no_praise_and_figures_no_telephone() {
        let content = CardContent {
            novelty: "第一步先贴着网走，最大水深一百米，最后把脏东西吸走，编号 20191069 的样机跑了 1200 小时。".into(),
            ..good()
        };
        assert_eq!(found(&content), []);
    }

    #[test]
    fn hints_block_nothing() {
        let hints = [
            CardCheck::Borrowed,
            CardCheck::Boast,
            CardCheck::LongSentence,
            CardCheck::NoComparison,
        ];
        for check in CardCheck::ALL {
            let finding = CardFinding {
                item: CardItem::Problem,
                check,
                quote: "词".into(),
            };
            assert_eq!(
                passes(std::slice::from_ref(&finding)),
                hints.contains(&check),
                "{check:?}"
            );
            let (text, cure) = (finding.text(), finding.cure());
            assert!(
                !text.zh.is_empty()
                    && !text.en.is_empty()
                    && !cure.zh.is_empty()
                    && !cure.en.is_empty()
            );
        }
    }
}
