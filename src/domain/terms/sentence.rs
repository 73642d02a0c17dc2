//! The words of terms: what stands under 支付方式、标准 in the declaration (专利法实施细则第八十五条: 准确、清楚). Every number is
//! in it and every amount also in capital numerals, so two different sound terms never read alike; what the law
//! would otherwise count differently (期首日, 不足一期, 四舍五入) is said.

use super::{Part, Royalty, Stage, Terms, caps::percent};
use crate::domain::money::Fen;

/// Start where a sentence counts: the licence's effective day, or the first day of a later stage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Licence,
    Stage,
}

impl Start {
    const fn zh(self) -> &'static str {
        match self {
            Self::Licence => "许可生效日",
            Self::Stage => "本段首日",
        }
    }

    const fn en(self) -> &'static str {
        match self {
            Self::Licence => "the day the licence takes effect",
            Self::Stage => "the first day of this stage",
        }
    }

    /// When money of the first day is paid (专利法第五十一条: the licence is had once it is paid).
    const fn paid_zh(self) -> &'static str {
        match self {
            Self::Licence => "在许可生效前付清",
            Self::Stage => "在本段首日付清",
        }
    }

    const fn paid_en(self) -> &'static str {
        match self {
            Self::Licence => "before the licence takes effect",
            Self::Stage => "on the first day of this stage",
        }
    }
}

/// How the Chinese words are put.
#[derive(Clone, Copy)]
struct Zh {
    start: Start,
    /// Amounts also in capital numerals.
    capitals: bool,
}

impl Zh {
    fn amount(self, amount: Fen) -> String {
        if self.capitals {
            format!("人民币{amount}元（大写：{}）", amount.capitals())
        } else {
            format!("人民币{amount}元")
        }
    }
}

pub(super) const MONTHS_ZH: &str =
    "按月计算的各期（段）首日为许可生效日在当月的对应日，当月没有对应日的，为当月最后一日。";
const MONTHS_EN: &str = " Every period or stage counted in months begins on the day of the month on which the licence took effect, or on the last day of a month that has no such day.";

impl Terms {
    /// The exact Chinese wording for the declaration; different for any two different sound terms.
    pub fn sentence(&self) -> String {
        self.said(true)
    }

    /// The same without capital numerals, as short as it can be said without another meaning.
    pub(super) fn short_sentence(&self) -> String {
        self.said(false)
    }

    fn said(&self, capitals: bool) -> String {
        let start = Start::Licence;
        let body = self.zh(Zh { start, capitals });
        if self.counts_months() {
            body + MONTHS_ZH
        } else {
            body
        }
    }

    /// The same in plain English, for reading; the Chinese wording is the one that counts.
    pub fn sentence_en(&self) -> String {
        let body = self.en(Start::Licence);
        if self.counts_months() {
            body + MONTHS_EN
        } else {
            body
        }
    }

    fn counts_months(&self) -> bool {
        !matches!(
            self,
            Self::Free | Self::LumpSum { .. } | Self::Instalments { .. }
        )
    }

    fn zh(&self, say: Zh) -> String {
        let start = say.start;
        match self {
            Self::Free => "无偿许可，不收取许可使用费。".to_owned(),
            Self::LumpSum { amount_fen } => format!(
                "一次总付：许可使用费总额{}，{}。",
                say.amount(*amount_fen),
                start.paid_zh()
            ),
            Self::Instalments { parts } => instalments_zh(parts, say),
            Self::PerPeriod {
                amount_fen,
                every_months,
            } => format!(
                "按期定额：自{}起每{every_months}个月为一期，每期许可使用费{}，在每期首日以前付清，其中首期{}；最后一期不足{every_months}个月的，仍按一期全额支付。",
                start.zh(),
                say.amount(*amount_fen),
                start.paid_zh(),
            ),
            Self::Royalty(royalty) => format!("提成支付：{}", royalty_zh(royalty, say)),
            Self::EntryAndRoyalty { entry_fen, royalty } => format!(
                "入门费加提成：入门费{}，{}；另{}",
                say.amount(*entry_fen),
                start.paid_zh(),
                royalty_zh(royalty, say)
            ),
            Self::Stages { stages } => stages_zh(stages, say),
        }
    }

    fn en(&self, start: Start) -> String {
        match self {
            Self::Free => "The licence is free of charge.".to_owned(),
            Self::LumpSum { amount_fen } => {
                format!("A lump sum of CNY {amount_fen}, paid {}.", start.paid_en())
            }
            Self::Instalments { parts } => instalments_en(parts, start),
            Self::PerPeriod {
                amount_fen,
                every_months,
            } => format!(
                "CNY {amount_fen} for each period of {every_months} months from {}, paid by the first day of the period, the first {}; a last period shorter than {every_months} months is paid in full.",
                start.en(),
                start.paid_en(),
            ),
            Self::Royalty(royalty) => format!("A royalty: {}", royalty_en(royalty, start)),
            Self::EntryAndRoyalty { entry_fen, royalty } => format!(
                "An entry fee of CNY {entry_fen}, paid {}, and a royalty: {}",
                start.paid_en(),
                royalty_en(royalty, start)
            ),
            Self::Stages { stages } => stages_en(stages),
        }
    }
}

fn total(parts: &[Part]) -> Fen {
    parts.iter().map(|part| part.amount_fen).sum()
}

fn instalments_zh(parts: &[Part], say: Zh) -> String {
    let start = say.start;
    let each = parts.iter().enumerate().map(|(n, part)| {
        let amount = say.amount(part.amount_fen);
        let when = match part.after_days {
            0 => start.paid_zh().to_owned(),
            days => format!("最迟于{}后第{days}日付清", start.zh()),
        };
        format!("第{}期{amount}，{when}", n + 1)
    });
    let each: Vec<_> = each.collect();
    format!(
        "分期支付：许可使用费总额{}，分{}期支付：{}；许可期限先行届满的，未到期的各期仍应支付。",
        say.amount(total(parts)),
        parts.len(),
        each.join("；")
    )
}

fn instalments_en(parts: &[Part], start: Start) -> String {
    let each = parts.iter().enumerate().map(|(n, part)| {
        let when = match part.after_days {
            0 => start.paid_en().to_owned(),
            days => format!("at the latest on day {days} after {}", start.en()),
        };
        format!("({}) CNY {}, paid {when}", n + 1, part.amount_fen)
    });
    let each: Vec<_> = each.collect();
    format!(
        "CNY {} in {} instalments: {}; those not yet due when the licence ends remain due.",
        total(parts),
        parts.len(),
        each.join("; ")
    )
}

fn royalty_zh(royalty: &Royalty, say: Zh) -> String {
    let (base, months) = (royalty.base.zh(), royalty.every_months);
    let (rate, start) = (percent(royalty.rate_bp), say.start.zh());
    let paid = match royalty.pay_within_days {
        0 => "在每个结算期届满当日付清；".to_owned(),
        days => format!("在每个结算期届满后{days}日内付清；"),
    };
    let bound = |amount: Option<Fen>, way: &str| {
        amount.map_or(String::new(), |amount| {
            let amount = say.amount(amount);
            format!("一个结算期的提成费{way}{amount}的，按该数额支付；")
        })
    };
    let (floor, cap) = (
        bound(royalty.floor_fen, "低于"),
        bound(royalty.cap_fen, "高于"),
    );
    let kept = match (royalty.floor_fen, royalty.cap_fen) {
        (None, None) => "",
        _ => "，上述数额不按比例减少",
    };
    format!(
        "按被许可人实施本专利所得{base}的{rate}支付提成费，自{start}起每{months}个月为一个结算期，{paid}{floor}{cap}\
         最后一个结算期不足{months}个月的，按该期间实际发生的{base}结算{kept}；提成费四舍五入到分。"
    )
}

fn royalty_en(royalty: &Royalty, start: Start) -> String {
    let (base, months) = (royalty.base.en(), royalty.every_months);
    let (rate, start) = (percent(royalty.rate_bp), start.en());
    let paid = match royalty.pay_within_days {
        0 => "paid on the last day of each settlement period".to_owned(),
        days => format!("paid within {days} days after each settlement period"),
    };
    let bound = |amount: Option<Fen>, way: &str| {
        amount.map_or(String::new(), |amount| {
            format!(", {way} CNY {amount} per period")
        })
    };
    let (floor, cap) = (
        bound(royalty.floor_fen, "at least"),
        bound(royalty.cap_fen, "at most"),
    );
    let kept = match (royalty.floor_fen, royalty.cap_fen) {
        (None, None) => "",
        _ => ", without reducing these amounts",
    };
    format!(
        "{rate} of the {base} that the licensee makes with the patent, settled every {months} months from {start}, \
         {paid}{floor}{cap}; a last period shorter than {months} months counts what was made in it{kept}; \
         rounded half up to a fen."
    )
}

fn stages_zh(stages: &[Stage], say: Zh) -> String {
    let each = stages.iter().enumerate().map(|(n, stage)| {
        let begins = match n {
            0 => "许可生效日".to_owned(),
            n => format!("第{n}段届满次日"),
        };
        let lasts = stage.months.map_or("至许可期限届满".to_owned(), |months| {
            format!("{months}个月")
        });
        let say = Zh {
            start: counted(n),
            ..say
        };
        format!("第{}段自{begins}起{lasts}：{}", n + 1, stage.terms.zh(say))
    });
    let each: Vec<_> = each.collect();
    format!("分段支付，共{}段。{}", stages.len(), each.concat())
}

fn stages_en(stages: &[Stage]) -> String {
    let each = stages.iter().enumerate().map(|(n, stage)| {
        let lasts = stage
            .months
            .map_or("until the licence ends".to_owned(), |months| {
                format!("{months} months")
            });
        format!("Stage {}, {lasts}: {}", n + 1, stage.terms.en(counted(n)))
    });
    let each: Vec<_> = each.collect();
    format!("In {} stages. {}", stages.len(), each.join(" "))
}

fn counted(stage: usize) -> Start {
    if stage == 0 {
        Start::Licence
    } else {
        Start::Stage
    }
}
