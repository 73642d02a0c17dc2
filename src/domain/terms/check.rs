//! Whether terms are sound: structure and bounds, each fault with its place. Sound terms can be laid out and
//! summed without any number leaving i64.

use std::ops::RangeInclusive;

use super::{Part, Royalty, Stage, Terms};
use crate::domain::{money::Fen, text::Text};

/// The largest single amount: 100 亿元. Every sum that can arise from sound terms stays far within i64.
pub const MAX_FEN: Fen = Fen::yuan(10_000_000_000);
/// The most instalments of a plan, and the most stages.
pub const MAX_PARTS: usize = 40;

const RATES_BP: RangeInclusive<u32> = 1..=10_000;
/// 20 years, the longest term of a patent (专利法第四十二条).
const MONTHS: RangeInclusive<u32> = 1..=240;
const DAYS: RangeInclusive<u32> = 0..=7_300;
/// What is told at once; more would not be read.
const MAX_FAULTS: usize = 50;

/// One thing wrong with terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsFault {
    /// JSON pointer, relative to the terms.
    pub pointer: String,
    /// Stable, for machines.
    pub code: &'static str,
    pub text: Text,
}

impl Terms {
    /// Are these terms sound? Every fault is told with its place, at most 50 of them.
    pub fn check(&self) -> Result<(), Vec<TermsFault>> {
        let mut faults = Faults(Vec::new());
        faults.terms("", self);
        faults.0.truncate(MAX_FAULTS);
        if faults.0.is_empty() {
            Ok(())
        } else {
            Err(faults.0)
        }
    }
}

struct Faults(Vec<TermsFault>);

impl Faults {
    fn push(
        &mut self,
        pointer: String,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.0.push(TermsFault {
            pointer,
            code,
            text: Text::new(zh, en),
        });
    }

    fn terms(&mut self, at: &str, terms: &Terms) {
        match terms {
            Terms::Free => {}
            Terms::LumpSum { amount_fen } => self.amount(format!("{at}/amountFen"), *amount_fen),
            Terms::Instalments { parts } => self.parts(at, parts),
            Terms::PerPeriod {
                amount_fen,
                every_months,
            } => {
                self.amount(format!("{at}/amountFen"), *amount_fen);
                self.months(format!("{at}/everyMonths"), *every_months);
            }
            Terms::Royalty(royalty) => self.royalty(at, royalty),
            Terms::EntryAndRoyalty { entry_fen, royalty } => {
                self.amount(format!("{at}/entryFen"), *entry_fen);
                self.royalty(&format!("{at}/royalty"), royalty);
            }
            Terms::Stages { stages } => self.stages(at, stages),
        }
    }

    fn parts(&mut self, at: &str, parts: &[Part]) {
        let place = format!("{at}/parts");
        if self.count(&place, parts.len(), 1) {
            return;
        }
        let mut before = None;
        for (n, part) in parts.iter().enumerate() {
            self.amount(format!("{place}/{n}/amountFen"), part.amount_fen);
            let days = format!("{place}/{n}/afterDays");
            if before.is_some_and(|before| part.after_days <= before) {
                self.push(
                    days,
                    "partsNotAscending",
                    "每期的付款日应晚于上一期，请按先后排列，同日的合并为一期。",
                    "Each instalment must be later than the one before; put them in order and join those of one day.",
                );
            } else {
                self.range(
                    days,
                    "daysOutOfRange",
                    part.after_days,
                    DAYS,
                    "天数",
                    "days",
                );
            }
            before = Some(part.after_days);
        }
    }

    fn royalty(&mut self, at: &str, royalty: &Royalty) {
        let rate = format!("{at}/rateBp");
        self.range(
            rate,
            "rateOutOfRange",
            royalty.rate_bp,
            RATES_BP,
            "提成率（万分之一）",
            "basis points",
        );
        self.months(format!("{at}/everyMonths"), royalty.every_months);
        let days = format!("{at}/payWithinDays");
        self.range(
            days,
            "daysOutOfRange",
            royalty.pay_within_days,
            DAYS,
            "天数",
            "days",
        );
        for (name, amount) in [("floorFen", royalty.floor_fen), ("capFen", royalty.cap_fen)] {
            if let Some(amount) = amount {
                self.amount(format!("{at}/{name}"), amount);
            }
        }
        if let (Some(floor), Some(cap)) = (royalty.floor_fen, royalty.cap_fen)
            && floor > cap
        {
            self.push(
                format!("{at}/floorFen"),
                "floorOverCap",
                "每期最低额不能高于最高额。",
                "The floor of a period cannot exceed its cap.",
            );
        }
    }

    fn stages(&mut self, at: &str, stages: &[Stage]) {
        let place = format!("{at}/stages");
        if self.count(&place, stages.len(), 2) {
            return;
        }
        for (n, stage) in stages.iter().enumerate() {
            let (months, last) = (format!("{place}/{n}/months"), n + 1 == stages.len());
            match stage.months {
                Some(_) if last => self.push(
                    months,
                    "lastStageHasMonths",
                    "最后一段持续到许可期限届满，请不要填写月数。",
                    "The last stage lasts until the licence ends; leave its months out.",
                ),
                Some(given) => self.months(months, given),
                None if last => {}
                None => self.push(
                    months,
                    "stageMonthsMissing",
                    "请填写这一段的月数；只有最后一段不填。",
                    "Say how many months this stage lasts; only the last has none.",
                ),
            }
            let inner = format!("{place}/{n}/terms");
            if let Terms::Stages { .. } = stage.terms {
                self.push(
                    inner,
                    "stagesNested",
                    "分段之内不能再分段，请展开为并列的各段。",
                    "A stage cannot have stages of its own; write them one after another.",
                );
            } else {
                self.terms(&inner, &stage.terms);
            }
        }
        let months = stages.iter().filter_map(|stage| stage.months);
        if months.fold(0_u32, u32::saturating_add) > *MONTHS.end() {
            self.push(
                place,
                "stagesTooLong",
                format!(
                    "最后一段之前合计超过 {} 个月，最后一段永远不会开始。",
                    MONTHS.end()
                ),
                format!(
                    "More than {} months before the last stage: it would never begin.",
                    MONTHS.end()
                ),
            );
        }
    }

    /// Is the list too short or too long to go through?
    fn count(&mut self, place: &str, count: usize, least: usize) -> bool {
        let wrong = !(least..=MAX_PARTS).contains(&count);
        if wrong {
            self.push(
                place.to_owned(),
                "countOutOfRange",
                format!("应有 {least} 到 {MAX_PARTS} 项，这里有 {count} 项。"),
                format!("There must be {least} to {MAX_PARTS} of them, here are {count}."),
            );
        }
        wrong
    }

    fn amount(&mut self, pointer: String, amount: Fen) {
        if !(Fen(1)..=MAX_FEN).contains(&amount) {
            self.push(
                pointer,
                "amountOutOfRange",
                format!("金额应大于零且不超过 {MAX_FEN} 元，以分为单位填写整数；不收费请用“无偿”。"),
                format!("An amount is more than zero and at most {MAX_FEN} yuan, in whole fen; use `free` for no fee."),
            );
        }
    }

    fn months(&mut self, pointer: String, months: u32) {
        self.range(
            pointer,
            "monthsOutOfRange",
            months,
            MONTHS,
            "月数",
            "months",
        );
    }

    fn range(
        &mut self,
        pointer: String,
        code: &'static str,
        value: u32,
        bounds: RangeInclusive<u32>,
        zh: &str,
        en: &str,
    ) {
        if !bounds.contains(&value) {
            let (least, most) = bounds.into_inner();
            self.push(
                pointer,
                code,
                format!("{zh}应为 {least} 到 {most} 之间的整数。"),
                format!("Must be a whole number of {en} from {least} to {most}."),
            );
        }
    }
}
