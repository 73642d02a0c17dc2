//! 支付方式、标准 of a line: a few columns for the usual ways of paying; for everything else the terms' own JSON, or their
//! words where they are understood as a whole.
//! A column that does not belong to the way of paying is refused, never left out.

use super::{
    Column, Flaw,
    fee_words::{base_of, mode_of, not_of_mode, rate_flaw, unknown_mode, words_unclear},
    read::{Reading, amount_flaw},
};
use crate::domain::{
    amounts::{rate_bp, whole, yuan},
    money::Fen,
    terms::{FeeMode, Part, Period, Royalty, Terms},
};

/// The columns that describe a fee beside its mode.
const PARTS: [Column; 5] = [
    Column::Amount,
    Column::EveryMonths,
    Column::Base,
    Column::Rate,
    Column::PayWithinDays,
];

impl Reading<'_> {
    /// The terms that the line says; `None` where something is wrong, which is noted.
    pub(super) fn terms(&mut self) -> Option<Terms> {
        let said = self.text(Column::Mode);
        let mode = said.as_deref().and_then(mode_of);
        if let Some(said) = said.as_deref().filter(|_| mode.is_none()) {
            self.push(unknown_mode(said));
            return None;
        }
        if self.text(Column::Terms).is_some() {
            return self.json(mode);
        }
        let Some(mode) = mode else {
            self.missing(Column::Mode);
            return None;
        };
        match mode {
            FeeMode::Free => self.only(mode, &[]).then_some(Terms::Free),
            FeeMode::LumpSum => {
                let fits = self.only(mode, &[Column::Amount]);
                let amount_fen = self.needed_amount()?;
                fits.then_some(Terms::LumpSum { amount_fen })
            }
            FeeMode::Instalments => {
                let fits = self.only(mode, &[Column::Amount]);
                let parts = self.instalments()?;
                fits.then_some(Terms::Instalments { parts })
            }
            FeeMode::PerPeriod => {
                let fits = self.only(mode, &[Column::Amount, Column::EveryMonths]);
                let amount_fen = self.needed_amount();
                // 按年 says its period; nothing else does.
                let yearly = said.is_some_and(|said| said.contains('年'));
                let every_months = match self.text(Column::EveryMonths) {
                    None if yearly => Some(12),
                    _ => self.whole(Column::EveryMonths),
                };
                let (amount_fen, every_months) = (amount_fen?, every_months?);
                if yearly && every_months != 12 {
                    self.push(not_of_mode(
                        Column::EveryMonths,
                        &every_months.to_string(),
                        mode,
                    ));
                    return None;
                }
                fits.then_some(Terms::PerPeriod {
                    amount_fen,
                    every_months,
                })
            }
            FeeMode::Royalty => {
                let fits = self.only(mode, &PARTS[1..]);
                let royalty = self.royalty()?;
                fits.then_some(Terms::Royalty(royalty))
            }
            FeeMode::EntryAndRoyalty => {
                let (entry, royalty) = (self.needed_amount(), self.royalty());
                Some(Terms::EntryAndRoyalty {
                    entry_fen: entry?,
                    royalty: royalty?,
                })
            }
            FeeMode::Stages => {
                self.missing(Column::Terms);
                None
            }
        }
    }

    /// The terms' own JSON; no other column may speak of the fee beside it.
    fn json(&mut self, mode: Option<FeeMode>) -> Option<Terms> {
        let text = self.text(Column::Terms)?;
        if !text.trim_start().starts_with('{') {
            return self.worded(&text, mode);
        }
        let terms: Terms = match serde_json::from_str(&text) {
            Ok(terms) => terms,
            Err(why) => {
                self.push(
                    Flaw::new(
                        Column::Terms,
                        &text,
                        "termsInvalid",
                        format!("条款不是可用的 JSON：{why}。"),
                        format!("The terms are not usable JSON: {why}."),
                    )
                    .cure(
                        "请按接口文档中 terms 的格式填写，例如 {\"mode\":\"lumpSum\",\"amountFen\":2000000}。",
                        "Write them as `terms` of the API, e.g. {\"mode\":\"lumpSum\",\"amountFen\":2000000}.",
                    ),
                );
                return None;
            }
        };
        let fits = self.only(terms.mode(), &[]);
        if mode.is_some_and(|mode| mode != terms.mode()) {
            let said = self.text(Column::Mode).unwrap_or_default();
            self.push(not_of_mode(Column::Mode, &said, terms.mode()));
            return None;
        }
        fits.then_some(terms)
    }

    /// The terms in the words of the announcement: taken where all of them are understood, else left to a person.
    fn worded(&mut self, text: &str, mode: Option<FeeMode>) -> Option<Terms> {
        let reading = Terms::read(text);
        let Some(terms) = reading.terms else {
            self.push(words_unclear(text, &reading.doubts));
            return None;
        };
        if let Some(Period::Until(said)) = reading.period
            && self.day(Column::Until).is_some_and(|until| until != said)
        {
            self.push(
                Flaw::new(
                    Column::Until,
                    &said.to_string(),
                    "periodDisagrees",
                    format!("条款文字里的许可期限止于 {said}，与该列不同。"),
                    format!("The text of the terms ends the period on {said}, this column on another day."),
                )
                .cure("请核对公告。", "Check the announcement."),
            );
            return None;
        }
        let fits = self.only(terms.mode(), &[]);
        if mode.is_some_and(|mode| mode != terms.mode()) {
            let said = self.text(Column::Mode).unwrap_or_default();
            self.push(not_of_mode(Column::Mode, &said, terms.mode()));
            return None;
        }
        fits.then_some(terms)
    }

    /// Notes every column that speaks of the fee and does not belong to this way of paying.
    fn only(&mut self, mode: FeeMode, wanted: &[Column]) -> bool {
        let mut fits = true;
        for column in PARTS.into_iter().filter(|c| !wanted.contains(c)) {
            let Some(text) = self.text(column) else {
                continue;
            };
            // Free of charge: a zero says the same.
            if mode == FeeMode::Free && column == Column::Amount && yuan(&text) == Ok(Fen::ZERO) {
                continue;
            }
            self.push(not_of_mode(column, &text, mode));
            fits = false;
        }
        fits
    }

    fn needed_amount(&mut self) -> Option<Fen> {
        if self.text(Column::Amount).is_none() {
            self.missing(Column::Amount);
            return None;
        }
        self.amount(Column::Amount)
    }

    fn whole(&mut self, column: Column) -> Option<u32> {
        let Some(text) = self.text(column) else {
            self.missing(column);
            return None;
        };
        let number = whole(&text);
        if number.is_none() {
            self.push(
                Flaw::new(
                    column,
                    &text,
                    "notAWholeNumber",
                    "应为整数。",
                    "Must be a whole number.",
                )
                .cure("例如 12。", "For instance 12."),
            );
        }
        number
    }

    fn royalty(&mut self) -> Option<Royalty> {
        let base = self.required(Column::Base).and_then(|text| {
            let base = base_of(&text);
            if base.is_none() {
                self.push(
                    Flaw::new(
                        Column::Base,
                        &text,
                        "baseUnknown",
                        "提成基数无法识别。",
                        "The base of the royalty is not known.",
                    )
                    .cure("请填写 净销售额 或 利润。", "Write netSales or profit."),
                );
            }
            base
        });
        let rate = self.text(Column::Rate);
        if rate.is_none() {
            self.missing(Column::Rate);
        }
        let rate = rate.and_then(|text| {
            rate_bp(&text)
                .map_err(|why| self.push(rate_flaw(&text, why)))
                .ok()
        });
        let months = self.whole(Column::EveryMonths);
        let days = self.whole(Column::PayWithinDays);
        Some(Royalty {
            base: base?,
            rate_bp: rate?,
            every_months: months?,
            pay_within_days: days?,
            floor_fen: None,
            cap_fen: None,
        })
    }

    /// `10000@0;5000@180`: each amount with its day after the licence takes effect.
    fn instalments(&mut self) -> Option<Vec<Part>> {
        let Some(text) = self.text(Column::Amount) else {
            self.missing(Column::Amount);
            return None;
        };
        let mut parts = Vec::new();
        for item in text.split([';', '；', '\n']).map(str::trim) {
            let pair = item.split_once(['@', '＠']);
            let Some((amount, days)) = pair.and_then(|(a, d)| Some((a, whole(d)?))) else {
                self.push(
                    Flaw::new(
                        Column::Amount,
                        &text,
                        "instalmentsInvalid",
                        "分期支付应逐期写明金额和许可生效后的天数。",
                        "Instalments are written one by one: amount and days after the licence takes effect.",
                    )
                    .cure(
                        "按“金额@天数”填写，各期用分号隔开，例如 10000@0;5000@180；或在条款列填写 JSON。",
                        "Write amount@days, parted by semicolons, e.g. 10000@0;5000@180; or JSON in the terms column.",
                    ),
                );
                return None;
            };
            match yuan(amount) {
                Ok(amount_fen) => parts.push(Part {
                    amount_fen,
                    after_days: days,
                }),
                Err(why) => {
                    self.push(amount_flaw(Column::Amount, &text, why));
                    return None;
                }
            }
        }
        Some(parts)
    }
}

/// The terms that the columns of a form say, by themselves.
pub fn read_terms(line: &super::Line) -> Result<Terms, Vec<Flaw>> {
    let mut reading = Reading::new(line);
    let terms = reading.terms();
    reading.finish(terms)
}
