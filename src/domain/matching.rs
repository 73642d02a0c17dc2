//! Needs and patents side by side: what speaks for a match and what does not fit. Pure: the index finds and says which
//! words were shared, these rules turn that, the fee, the term and the classes into reasons that people read.

use serde::Serialize;

use super::{
    codes::Ipc,
    money::Fen,
    need::Need,
    patent::LegalStatus,
    reference::{Entry, Names},
    search::OfferHit,
    text::Text,
    time::Day,
    words::words,
};

words! {
    /// Where a patent stands for whoever looks for technology.
    pub enum Tier {
        /// A licence can be taken today by notice and payment.
        Offer = "offer", "可直接取得开放许可", "On offer";
        /// In a holder's stock, not in use, and not known to have ended.
        Stock = "stock", "存量专利", "In stock";
    }
}

/// What the texts of a need and of a patent have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SharedWords {
    /// Words of the need that the patent says too, the rarest first.
    pub matched: Vec<String>,
    /// Telling words of the need that the patent does not say.
    pub missing: Vec<String>,
}

/// What speaks for a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Words(Vec<String>),
    /// The codes that both have, at division level.
    Industry(String),
    /// IPC subclasses or finer that both have.
    Classes(Vec<String>),
    Region(String),
    OnOffer {
        until: Day,
    },
    Free,
    FeeInBudget {
        fee: Fen,
        budget: Fen,
        royalty: bool,
    },
    /// Nothing fixed in the first year, a share of sales or profit only.
    RoyaltyOnly,
    TermLeft {
        years: i64,
    },
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    FeeOverBudget {
        fee: Fen,
        over: Fen,
    },
    NotOnOffer,
    /// The sources do not say that it is in force, or that its fees are paid.
    Status(LegalStatus),
    /// Less than two years of the term are left.
    ShortTerm {
        until: Day,
    },
    OtherIndustry(String),
    MissingWords(Vec<String>),
}

impl Reason {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Words(_) => "sharedWords",
            Self::Industry(_) => "sameIndustry",
            Self::Classes(_) => "sharedClasses",
            Self::Region(_) => "sameRegion",
            Self::OnOffer { .. } => "onOffer",
            Self::Free => "free",
            Self::FeeInBudget { .. } => "feeInBudget",
            Self::RoyaltyOnly => "royaltyOnly",
            Self::TermLeft { .. } => "termLeft",
        }
    }

    pub fn text(&self, names: &Names) -> Text {
        match self {
            Self::Words(words) => Text::new(
                format!("共同的词：{}", words.join("、")),
                format!("Words in common: {}", words.join(", ")),
            ),
            Self::Industry(code) => {
                let name = called(code, names.industry(code));
                Text::new(
                    format!("同一行业：{}（{code}）", name.zh),
                    format!("Same industry: {} ({code})", name.en),
                )
            }
            Self::Classes(symbols) => {
                let symbols = symbols.join(" ");
                Text::new(
                    format!("同类技术（IPC {symbols}）"),
                    format!("Same IPC classes: {symbols}"),
                )
            }
            Self::Region(code) => {
                let name = called(code, names.region(code));
                Text::new(format!("同在{}", name.zh), format!("Both in {}", name.en))
            }
            Self::OnOffer { until } => Text::new(
                format!("今天就可以取得许可，可取得至 {until}"),
                format!("A licence can be taken today, until {until}"),
            ),
            Self::Free => Text::new("免费", "Free of charge"),
            Self::FeeInBudget {
                fee,
                budget,
                royalty,
            } => {
                let (zh, en) = more(*royalty);
                Text::new(
                    format!("首年固定费用 {fee} 元，在预算 {budget} 元以内{zh}"),
                    format!(
                        "Fixed fee of the first year {fee} yuan, within the budget of {budget}{en}"
                    ),
                )
            }
            Self::RoyaltyOnly => Text::new(
                "首年没有固定费用，只按销售额或利润提成",
                "No fixed fee in the first year, only a share of sales or profit",
            ),
            Self::TermLeft { years } => Text::new(
                format!("保护期还有 {years} 年以上"),
                format!("More than {years} years of the term are left"),
            ),
        }
    }
}

/// What a code is called; by itself where it has no name.
fn called(code: &str, entry: Option<&Entry>) -> Text {
    entry.map_or_else(|| Text::new(code, code), Entry::text)
}

/// What a royalty adds to a fee.
const fn more(royalty: bool) -> (&'static str, &'static str) {
    if royalty {
        ("（另有提成）", " (a royalty comes on top)")
    } else {
        ("", "")
    }
}

impl Misfit {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FeeOverBudget { .. } => "feeOverBudget",
            Self::NotOnOffer => "notOnOffer",
            Self::Status(_) => "statusUncertain",
            Self::ShortTerm { .. } => "shortTerm",
            Self::OtherIndustry(_) => "otherIndustry",
            Self::MissingWords(_) => "missingWords",
        }
    }

    pub fn text(&self, names: &Names) -> Text {
        match self {
            Self::FeeOverBudget { fee, over } => Text::new(
                format!("首年固定费用 {fee} 元，超出预算 {over} 元；公告的价格对谁都一样"),
                format!(
                    "Fixed fee of the first year {fee} yuan, {over} over the budget; the announced price is the same for everyone"
                ),
            ),
            Self::NotOnOffer => Text::new(
                "尚未开放许可：可以联系登记单位，请其声明开放许可，或协商普通许可",
                "Not on offer: ask its holder to declare an open licence, or negotiate an ordinary one",
            ),
            Self::Status(status) => Text::new(
                format!("法律状态：{}，先查专利登记簿", status.zh()),
                format!(
                    "Legal status: {}; look it up in the register first",
                    status.en()
                ),
            ),
            Self::ShortTerm { until } => Text::new(
                format!("保护期不足两年，{until} 起不再受保护"),
                format!("Less than two years left: the term is over on {until}"),
            ),
            Self::OtherIndustry(code) => {
                let name = called(code, names.industry(code));
                Text::new(
                    format!("专利标注的行业不同：{}（{code}）", name.zh),
                    format!("The patent names another industry: {} ({code})", name.en),
                )
            }
            Self::MissingWords(words) => Text::new(
                format!("专利里没有提到：{}", words.join("、")),
                format!("The patent does not mention: {}", words.join(", ")),
            ),
        }
    }
}

/// What is known of the patent, beside its texts.
#[derive(Clone, Copy, Debug)]
pub struct PatentFacts<'a> {
    pub ipc: &'a [Ipc],
    pub industries: &'a [String],
    /// Six digits each: the first applicant's region, the holders' districts.
    pub regions: &'a [String],
    pub legal_status: LegalStatus,
    pub expires_on: Option<Day>,
    /// The offer that stands today.
    pub offer: Option<&'a OfferHit>,
}

/// Days that count as a short remaining term.
const SHORT_YEARS: i64 = 2;

/// What speaks for a need and a patent together, and what does not, on a day.
pub fn weigh(
    need: &Need,
    patent: &PatentFacts<'_>,
    words: &SharedWords,
    today: Day,
) -> (Vec<Reason>, Vec<Misfit>) {
    let (mut reasons, mut misfits) = (Vec::new(), Vec::new());
    if !words.matched.is_empty() {
        reasons.push(Reason::Words(words.matched.clone()));
    }
    if let Some(wanted) = &need.industry {
        match shared_industry(wanted, patent.industries) {
            Some(code) => reasons.push(Reason::Industry(code)),
            None => misfits.extend(
                patent
                    .industries
                    .first()
                    .cloned()
                    .map(Misfit::OtherIndustry),
            ),
        }
    }
    let classes = shared_classes(&need.ipc, patent.ipc);
    if !classes.is_empty() {
        reasons.push(Reason::Classes(classes));
    }
    if patent.regions.contains(&need.region) {
        reasons.push(Reason::Region(need.region.clone()));
    }
    weigh_offer(need, patent.offer, &mut reasons, &mut misfits);
    if patent.legal_status != LegalStatus::InForce {
        misfits.push(Misfit::Status(patent.legal_status));
    }
    if let Some(end) = patent.expires_on {
        let years = years_between(today, end);
        if years < SHORT_YEARS {
            misfits.push(Misfit::ShortTerm { until: end });
        } else {
            reasons.push(Reason::TermLeft { years });
        }
    }
    if !words.missing.is_empty() {
        misfits.push(Misfit::MissingWords(words.missing.clone()));
    }
    (reasons, misfits)
}

/// Fee against budget: the fixed fee of the first year, with a royalty named beside it.
fn weigh_offer(
    need: &Need,
    offer: Option<&OfferHit>,
    reasons: &mut Vec<Reason>,
    misfits: &mut Vec<Misfit>,
) {
    let Some(offer) = offer else {
        misfits.push(Misfit::NotOnOffer);
        return;
    };
    reasons.push(Reason::OnOffer { until: offer.until });
    let fee = offer.first_year_fixed_fen;
    match need.budget_fen {
        _ if offer.free => reasons.push(Reason::Free),
        _ if fee == Fen::ZERO && offer.royalty => reasons.push(Reason::RoyaltyOnly),
        Some(budget) if fee <= budget => reasons.push(Reason::FeeInBudget {
            fee,
            budget,
            royalty: offer.royalty,
        }),
        Some(budget) => misfits.push(Misfit::FeeOverBudget {
            fee,
            over: Fen(fee.0 - budget.0),
        }),
        None => {}
    }
}

/// The code at division level (or the section, where the need says no more) that both have.
fn shared_industry(wanted: &str, of_patent: &[String]) -> Option<String> {
    let level = wanted.get(..3).unwrap_or(wanted);
    let same = of_patent.iter().any(|code| code.starts_with(level));
    same.then(|| level.to_owned())
}

/// For each symbol of the need the finest level, from the subclass down, that a symbol of the patent has too.
fn shared_classes(wanted: &[Ipc], of_patent: &[Ipc]) -> Vec<String> {
    let mut shared: Vec<String> = Vec::new();
    for symbol in wanted {
        let levels = symbol.levels();
        let has = |level: &&&str| of_patent.iter().any(|other| other.levels().contains(level));
        if let Some(level) = levels.iter().skip(2).rev().find(has)
            && !shared.iter().any(|known| known == level)
        {
            shared.push((*level).to_owned());
        }
    }
    shared
}

fn years_between(from: Day, to: Day) -> i64 {
    let span = from.until((jiff::Unit::Year, to));
    span.map_or(0, |span| i64::from(span.get_years()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{id::Ids, need::NeedState, terms::FeeMode, time::Instant};

    const TODAY: Day = jiff::civil::date(2026, 6, 1);

    fn need(budget: Option<i64>) -> Need {
        let id = Ids::seeded(1).next(Instant::from_micros(0));
        Need {
            organisation: id.clone(),
            id,
            title: "网箱清洗".into(),
            text: "急需网箱清洗的办法。".into(),
            industry: Some("C3511".into()),
            ipc: vec![Ipc::parse("A01K61/60").expect("a symbol")],
            budget_fen: budget.map(Fen::yuan),
            region: "371002".into(),
            state: NeedState::Open,
            until: None,
            fictional: false,
        }
    }

    fn offer(yuan: i64, royalty: bool) -> OfferHit {
        OfferHit {
            declaration: Ids::seeded(2).next(Instant::from_micros(0)),
            from: TODAY,
            until: jiff::civil::date(2028, 12, 31),
            mode: FeeMode::LumpSum,
            first_year_fixed_fen: Fen::yuan(yuan),
            free: yuan == 0 && !royalty,
            royalty,
            know_how: None,
        }
    }

    fn codes(need: &Need, offer: Option<&OfferHit>, end: Day) -> (Vec<&'static str>, Vec<Misfit>) {
        let ipc = [Ipc::parse("A01K61/10").expect("a symbol")];
        let facts = PatentFacts {
            ipc: &ipc,
            industries: &[],
            regions: &["371002".to_owned()],
            legal_status: LegalStatus::InForce,
            expires_on: Some(end),
            offer,
        };
        let (reasons, misfits) = weigh(need, &facts, &SharedWords::default(), TODAY);
        (reasons.iter().map(Reason::code).collect(), misfits)
    }

    #[test]
    fn a_fee_is_held_against_the_budget_to_the_fen() {
        let end = jiff::civil::date(2036, 1, 1);
        let (reasons, misfits) = codes(&need(Some(20_000)), Some(&offer(20_000, false)), end);
        assert!(reasons.contains(&"feeInBudget") && misfits.is_empty());
        let (reasons, misfits) = codes(&need(Some(20_000)), Some(&offer(20_001, false)), end);
        assert!(!reasons.contains(&"feeInBudget"));
        let (fee, over) = (Fen::yuan(20_001), Fen::yuan(1));
        assert_eq!(misfits, [Misfit::FeeOverBudget { fee, over }]);
        let (reasons, _) = codes(&need(Some(0)), Some(&offer(0, true)), end);
        assert!(reasons.contains(&"royaltyOnly"));
        let (reasons, _) = codes(&need(None), Some(&offer(0, false)), end);
        assert!(reasons.contains(&"free"));
    }

    #[test]
    fn what_is_only_in_stock_or_soon_over_is_said() {
        let (_, misfits) = codes(&need(None), None, jiff::civil::date(2028, 5, 31));
        let codes: Vec<_> = misfits.iter().map(Misfit::code).collect();
        assert_eq!(codes, ["notOnOffer", "shortTerm"]);
        let (reasons, misfits) = self::codes(&need(None), None, jiff::civil::date(2028, 6, 1));
        assert!(reasons.contains(&"termLeft"));
        assert_eq!(misfits, [Misfit::NotOnOffer]);
    }

    #[test]
    fn classes_meet_at_the_finest_level_that_both_have() {
        let symbol = |text| Ipc::parse(text).expect("a symbol");
        let wanted = [symbol("A01K61/60"), symbol("B08B9/00")];
        assert_eq!(shared_classes(&wanted, &[symbol("A01K61/10")]), ["A01K61"]);
        assert_eq!(
            shared_classes(&wanted, &[symbol("A01K61/60")]),
            ["A01K61/60"]
        );
        assert_eq!(shared_classes(&wanted, &[symbol("A01B61/60")]).len(), 0);
    }

    #[test]
    fn industries_meet_in_a_division_and_another_one_is_said() {
        assert_eq!(
            shared_industry("C3511", &["C352".into()]).as_deref(),
            Some("C35")
        );
        assert_eq!(shared_industry("C", &["C13".into()]).as_deref(), Some("C"));
        assert_eq!(shared_industry("C35", &["C13".into()]), None);
    }
}
