//! What the clauses of a text have said, each thing once, and the one kind of terms that it all makes. What is said
//! twice and differently, what does not go together and what is missing are doubts.

use super::{Doubt, Period};
use crate::domain::{
    money::Fen,
    terms::{Part, Royalty, RoyaltyBase, Stage, Terms},
};

/// Everything that clauses can say of a fee.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) free: bool,
    /// 一次总付 was said.
    pub(super) once: bool,
    /// 提成 was said.
    pub(super) share: bool,
    /// An amount of which nothing else was said.
    pub(super) bare: Option<Fen>,
    pub(super) entry: Option<Fen>,
    /// Amount and months of its period.
    pub(super) periodic: Option<(Fen, u32)>,
    pub(super) base: Option<RoyaltyBase>,
    pub(super) rate_bp: Option<u32>,
    pub(super) settle_months: Option<u32>,
    pub(super) pay_within_days: Option<u32>,
    pub(super) floor: Option<Fen>,
    pub(super) cap: Option<Fen>,
    /// Days after the licence takes effect; 0: before it does.
    pub(super) after_days: Option<u32>,
    /// The first months are free.
    pub(super) free_months: Option<u32>,
    period: Option<Period>,
    doubts: Vec<Doubt>,
}

impl Facts {
    pub(super) fn doubt(&mut self, code: &'static str, said: &str, zh: &str, en: &str) {
        self.doubts.push(Doubt::new(code, said, zh, en));
    }

    pub(super) fn leftover(&mut self, said: &str) {
        self.doubt(
            "leftover",
            said,
            "有一段没有读懂，请人工核对",
            "A part is not understood and needs a person",
        );
    }

    /// Two things that one text cannot both say.
    pub(super) fn clash(&mut self, said: &str) {
        self.doubt(
            "contradiction",
            said,
            "前后说法不一致",
            "The text contradicts itself",
        );
    }

    /// Notes that capital numerals say another amount.
    pub(super) fn amount(&mut self, amount: Result<Fen, ()>, said: &str) -> Fen {
        amount.unwrap_or_else(|()| {
            self.doubt(
                "capitalsDiffer",
                said,
                "大写与小写金额不一致",
                "The amount in capital numerals is another",
            );
            Fen::ZERO
        })
    }

    pub(super) fn until(&mut self, period: Period, said: &str) {
        if self.period.is_some_and(|known| known != period) {
            self.clash(said);
        }
        self.period = Some(period);
    }

    pub(super) fn period(&self) -> Option<Period> {
        self.period
    }

    /// Was everything understood so far?
    pub(super) fn has_no_doubt(&self) -> bool {
        self.doubts.is_empty()
    }

    fn missing(&mut self, code: &'static str, zh: &str, en: &str) {
        self.doubt(code, "", zh, en);
    }

    /// The terms that everything makes together.
    pub(super) fn settled(mut self) -> Result<Terms, Vec<Doubt>> {
        let terms = self.together();
        if let Some(terms) = &terms
            && let Err(faults) = terms.check()
        {
            for fault in faults {
                self.doubts.push(Doubt {
                    code: "unsound",
                    said: String::new(),
                    text: fault.text,
                });
            }
        }
        match terms {
            Some(terms) if self.doubts.is_empty() => Ok(terms),
            _ => Err(self.doubts),
        }
    }

    fn together(&mut self) -> Option<Terms> {
        let Some(months) = self.free_months else {
            return self.plain();
        };
        // What is said of free months and of nothing after them says too little.
        if self.free {
            self.missing(
                "contradiction",
                "前一段免费，其后也免费",
                "Free first and free after",
            );
        }
        let last = self.plain()?;
        let free = Stage {
            months: Some(months),
            terms: Terms::Free,
        };
        let last = Stage {
            months: None,
            terms: last,
        };
        Some(Terms::Stages {
            stages: vec![free, last],
        })
    }

    fn plain(&mut self) -> Option<Terms> {
        let shared = self.share || self.rate_bp.is_some() || self.base.is_some();
        let modes = [
            self.free,
            self.bare.is_some() || (self.once && !shared && self.periodic.is_none()),
            self.periodic.is_some(),
            shared,
        ];
        match modes.iter().filter(|said| **said).count() {
            0 if self.entry.is_none() => {
                self.missing(
                    "feeMissing",
                    "没有读到支付方式和金额",
                    "No way of paying and no amount was found",
                );
                None
            }
            0 => {
                self.missing(
                    "rateMissing",
                    "有入门费而没有提成",
                    "An entry fee without a royalty",
                );
                None
            }
            1 => self.only(shared),
            _ => {
                self.missing(
                    "severalModes",
                    "一段文字里有几种支付方式，无法确定怎样组合",
                    "Several ways of paying in one text; how they go together is not certain",
                );
                None
            }
        }
    }

    /// One way of paying; what belongs to another is a contradiction.
    fn only(&mut self, shared: bool) -> Option<Terms> {
        let settled = self.settle_months.is_some()
            || self.pay_within_days.is_some()
            || self.floor.is_some()
            || self.cap.is_some();
        if !shared && (settled || self.entry.is_some()) {
            self.missing(
                "contradiction",
                "有结算期或入门费，而没有提成",
                "A settlement period or an entry fee without a royalty",
            );
        }
        if self
            .after_days
            .is_some_and(|days| !self.is_of_one(days, shared))
        {
            self.missing(
                "daysUnclear",
                "付款时间不知指哪一笔",
                "It is not said which payment the days are of",
            );
        }
        if self.free {
            return Some(Terms::Free);
        }
        if let Some((amount_fen, every_months)) = self.periodic {
            if self.once {
                self.clash("一次总付");
            }
            return Some(Terms::PerPeriod {
                amount_fen,
                every_months,
            });
        }
        if shared {
            return self.royalty();
        }
        let Some(amount_fen) = self.bare else {
            self.missing("feeMissing", "没有读到金额", "No amount was found");
            return None;
        };
        if !self.once {
            self.missing(
                "modeMissing",
                "有金额而没有说是一次总付还是每年支付",
                "An amount, but not whether it is paid once or every year",
            );
        }
        Some(match self.after_days {
            None | Some(0) => Terms::LumpSum { amount_fen },
            Some(after_days) => Terms::Instalments {
                parts: vec![Part {
                    amount_fen,
                    after_days,
                }],
            },
        })
    }

    /// Is the time that was said that of one certain payment, counted from the licence's own day?
    fn is_of_one(&self, days: u32, shared: bool) -> bool {
        let first = self.entry.is_some() || self.periodic.is_some();
        let lump = self.bare.is_some() && !shared;
        self.free_months.is_none() && (lump || (days == 0 && first))
    }

    fn royalty(&mut self) -> Option<Terms> {
        let wanted = [
            (
                self.base.is_none(),
                "baseMissing",
                "没有说按净销售额还是利润额提成",
                "Of what the royalty is a share is not said",
            ),
            (
                self.rate_bp.is_none(),
                "rateMissing",
                "没有提成比例",
                "The rate of the royalty is missing",
            ),
            (
                self.settle_months.is_none(),
                "settlementMissing",
                "没有说多久结算一次",
                "How often the royalty is settled is not said",
            ),
            (
                self.pay_within_days.is_none(),
                "payDaysMissing",
                "没有说结算期届满后多少日内付清",
                "How many days after the settlement period it is paid is not said",
            ),
        ];
        for (missing, code, zh, en) in wanted {
            if missing {
                self.missing(code, zh, en);
            }
        }
        if self.once {
            self.clash("一次总付");
        }
        let royalty = Royalty {
            base: self.base?,
            rate_bp: self.rate_bp?,
            every_months: self.settle_months?,
            pay_within_days: self.pay_within_days?,
            floor_fen: self.floor,
            cap_fen: self.cap,
        };
        Some(match self.entry {
            Some(entry_fen) => Terms::EntryAndRoyalty { entry_fen, royalty },
            None => Terms::Royalty(royalty),
        })
    }
}
