//! How a patent's fees stand on a day, by all that is known. What is not known is said to be unknown, never taken as
//! paid or as lost.

use serde::{Deserialize, Serialize};

use super::{FeeLedger, FeeSchedule, Life, ReductionClass};
use crate::domain::{
    licence::{Licence, LicenceState},
    money::Fen,
    patent::{LegalStatus, Patent},
    time::Day,
    words::words,
};

words! {
    /// How a patent's annual fees stand on a day.
    pub enum FeeState {
        /// The next fee is not due yet
        Upcoming = "upcoming", "未到期", "Not due yet";
        /// Due within ninety days
        Soon = "soon", "九十天内到期", "Due within 90 days";
        /// 宽限期 (滞纳期): it can still be paid
        Grace = "grace", "已过期，可补缴", "Late, can still be paid";
        /// The six months are over by what is recorded
        Lapsed = "lapsed", "已逾宽限期", "Past the grace period";
        /// A due day has come since the last word on the status; nobody has said that it was paid
        Unconfirmed = "unconfirmed", "是否已缴不明", "Not known to be paid";
        /// The fees of every year are paid
        Finished = "finished", "已缴至期满", "Paid to the end of the term";
        /// No fee is owed: not granted, ended, or its term is over
        NotOwed = "notOwed", "无需缴费", "Nothing is owed";
        /// Filing or grant day unknown
        Unknown = "unknown", "无法推算", "Cannot be reckoned";
    }
}

words! {
    /// What the last paid year is known from.
    pub enum Basis {
        /// A payment that the holder has recorded
        Recorded = "recorded", "缴费记录", "A recorded payment";
        /// The legal status as of a day
        Status = "status", "按法律状态推定", "The legal status";
        /// The fee of the year of grant is paid with the grant
        Grant = "grant", "授权时缴纳", "The grant";
    }
}

/// What holds for all of a holder's patents, unless a ledger says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HolderFees {
    /// The class confirmed for the holder alone: a patent with co-owners is never taken for it.
    pub reduction: ReductionClass,
    /// The class where it has co-owners who all qualify.
    #[serde(default)]
    pub with_co_owners: ReductionClass,
}

impl HolderFees {
    /// The class of a patent: what its ledger says, else the holder's by the number of its patentees.
    pub fn class_of(&self, ledger: Option<&FeeLedger>, patent: &Patent) -> ReductionClass {
        let own = ledger.and_then(|ledger| ledger.reduction);
        own.unwrap_or(if patent.patentees().len() > 1 {
            self.with_co_owners
        } else {
            self.reduction
        })
    }
}

/// 开放许可实施期间 of one filed licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPeriod {
    pub effective_on: Day,
    pub until: Day,
    /// 备案日
    pub filed_on: Day,
    /// The day on which the withdrawal of its declaration was announced.
    pub withdrawn_on: Option<Day>,
}

impl OpenPeriod {
    /// `None` unless the licence is in effect and filed: without 备案 there is no reduction.
    pub fn of(licence: &Licence, withdrawn_on: Option<Day>) -> Option<Self> {
        if licence.state != LicenceState::Effective {
            return None;
        }
        Some(Self {
            effective_on: licence.effective_on?,
            until: licence.until,
            filed_on: licence.filing.as_ref()?.on,
            withdrawn_on,
        })
    }

    /// Does it reduce the fee of a year that is due on this day? Not one that was due before the filing, and after a
    /// withdrawal none from the next patent year on (审查指南第五部分第十一章 8).
    pub(super) fn covers(&self, life: &Life, year: u8, due: Day) -> bool {
        let last = self.withdrawn_on.and_then(|day| life.year_of(day));
        self.filed_on <= due
            && (self.effective_on..=self.until).contains(&due)
            && last.is_none_or(|last| year <= last)
    }
}

/// The fee of one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct YearFee {
    pub year: u8,
    /// The last day on which it is in time.
    #[schema(value_type = String, format = "date")]
    pub due: Day,
    /// The last day on which it can be paid with a late fee.
    #[schema(value_type = String, format = "date")]
    pub grace_until: Day,
    /// 标准年费
    #[schema(value_type = i64)]
    pub full_fen: Fen,
    /// Basis points off the full fee: the higher one of the reductions that apply.
    pub reduction_bp: i64,
    /// The reduction is the open licence's.
    pub by_licence: bool,
    /// 应缴
    #[schema(value_type = i64)]
    pub fee_fen: Fen,
    /// What the open licence spares beside the other reduction; often nothing.
    #[schema(value_type = i64)]
    pub saved_fen: Fen,
}

/// All that is known of a patent's fees.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    pub patent: &'a Patent,
    pub ledger: Option<&'a FeeLedger>,
    pub holder: HolderFees,
    /// Filed open licences of it.
    pub open: &'a [OpenPeriod],
}

/// How the fees stand on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeStanding {
    pub state: FeeState,
    /// The last year known to be paid, and what that is known from.
    pub paid_through: Option<(u8, Basis)>,
    /// The next year to be paid.
    pub next: Option<YearFee>,
    /// What a payment on that day would add, of the full fee.
    pub late_fen: Fen,
}

impl FeeStanding {
    const fn without(state: FeeState) -> Self {
        Self {
            state,
            paid_through: None,
            next: None,
            late_fen: Fen::ZERO,
        }
    }

    /// What is to be paid now: the reduced fee and the late fee, which is never reduced.
    pub fn to_pay(&self) -> Fen {
        self.next
            .map_or(Fen::ZERO, |next| next.fee_fen.saturating_add(self.late_fen))
    }

    /// Is there something to be paid, now or later?
    pub fn is_owed(&self) -> bool {
        self.next.is_some()
    }
}

/// Days before a due day from which it is near.
const SOON_DAYS: i32 = 90;

impl Facts<'_> {
    pub fn class(&self) -> ReductionClass {
        self.holder.class_of(self.ledger, self.patent)
    }

    /// The fee of a year.
    pub fn year(&self, schedule: &FeeSchedule, year: u8) -> Option<YearFee> {
        schedule.year(&Life::of(self.patent)?, year, self.class(), self.open)
    }

    /// How they stand on a day.
    pub fn standing(&self, schedule: &FeeSchedule, day: Day) -> FeeStanding {
        let status = self.patent.legal_status;
        if !matches!(
            status,
            LegalStatus::InForce | LegalStatus::FeeGrace | LegalStatus::Unknown
        ) {
            return FeeStanding::without(FeeState::NotOwed);
        }
        if self.patent.expires_on().is_some_and(|end| end <= day) {
            return FeeStanding::without(FeeState::NotOwed);
        }
        let Some(life) = Life::of(self.patent) else {
            return FeeStanding::without(FeeState::Unknown);
        };
        let Some(paid) = self.paid(&life) else {
            return FeeStanding::without(FeeState::Unknown);
        };
        let next = self.year(schedule, paid.0.saturating_add(1));
        let Some(next) = next.filter(|next| next.year <= life.last_year()) else {
            return FeeStanding {
                paid_through: Some(paid),
                ..FeeStanding::without(FeeState::Finished)
            };
        };
        let late = schedule.late_bp(next.due, day);
        let late_fen = late.map_or(Fen::ZERO, |bp| next.full_fen.scaled(bp, 10_000));
        let said = self
            .patent
            .status_as_of
            .filter(|_| status == LegalStatus::InForce);
        // A word on the status from before the due day says nothing of whether the fee was paid since.
        let is_silent = paid.1 != Basis::Recorded
            && status != LegalStatus::FeeGrace
            && said.is_none_or(|said| said < next.due);
        let soon = day.saturating_add(jiff::Span::new().days(SOON_DAYS));
        let state = if day <= next.due {
            if next.due <= soon {
                FeeState::Soon
            } else {
                FeeState::Upcoming
            }
        } else if is_silent {
            FeeState::Unconfirmed
        } else if day <= next.grace_until {
            FeeState::Grace
        } else {
            FeeState::Lapsed
        };
        FeeStanding {
            state,
            paid_through: Some(paid),
            next: Some(next),
            late_fen,
        }
    }

    /// The last paid year: as recorded, else as the status of a day says, else the year of grant.
    fn paid(&self, life: &Life) -> Option<(u8, Basis)> {
        let granted = (life.grant_year()?, Basis::Grant);
        let recorded = self.ledger.and_then(FeeLedger::paid_through);
        let recorded = recorded.map(|year| (year, Basis::Recorded));
        let said = self.patent.status_as_of.and_then(|day| {
            let year = life.year_of(day)?;
            match self.patent.legal_status {
                // 专利权维持: the fee of the year that had begun is paid.
                LegalStatus::InForce => Some((year, Basis::Status)),
                // 等年费滞纳金: the fee of the year that had begun is the late one.
                LegalStatus::FeeGrace => Some((year.checked_sub(1)?, Basis::Status)),
                _ => None,
            }
        });
        let all = [Some(granted), said, recorded];
        // Of two that say the same the holder's own record counts.
        all.into_iter().flatten().max_by_key(|(year, _)| *year)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{
        annuity::FeePayment,
        codes::AppNo,
        id::Ids,
        patent::{CheckSource, PatentKind, Stage},
        time::Instant,
    };

    fn patent(status: LegalStatus, as_of: Option<Day>) -> Patent {
        Patent {
            number: AppNo::parse("201910699568X").expect("a number").0,
            check_source: CheckSource::Computed,
            kind: PatentKind::Invention,
            title: "渔网".into(),
            abstract_text: None,
            main_claim: None,
            ipc: Vec::new(),
            locarno: Vec::new(),
            industries: Vec::new(),
            applicants: vec!["蓝湾大学".into()],
            owners: Vec::new(),
            inventors: Vec::new(),
            filing_date: Some(date(2019, 6, 3)),
            publication_number: None,
            publication_date: None,
            grant_number: None,
            grant_date: Some(date(2021, 9, 1)),
            stage: Stage::Granted,
            legal_status: status,
            status_text: None,
            status_as_of: as_of,
            status_source: None,
            region: None,
            fictional: false,
        }
    }

    fn ledger(years: &[u8]) -> FeeLedger {
        let id = Ids::seeded(1).next(Instant::from_micros(0));
        let payments = years.iter().map(|year| FeePayment {
            year: *year,
            on: date(2025, 5, 1),
            amount_fen: None,
            note: None,
        });
        FeeLedger {
            id: id.clone(),
            organisation: id,
            number: AppNo::parse("201910699568X").expect("a number").0,
            reduction: None,
            payments: payments.collect(),
        }
    }

    fn standing(patent: &Patent, ledger: Option<&FeeLedger>, day: Day) -> FeeStanding {
        let facts = Facts {
            patent,
            ledger,
            holder: HolderFees::default(),
            open: &[],
        };
        facts.standing(&FeeSchedule::default(), day)
    }

    #[test]
    fn a_recorded_payment_moves_the_next_due_day() {
        let patent = patent(LegalStatus::InForce, Some(date(2025, 1, 1)));
        // In force in January 2025: year 6, which began in June 2024, is paid.
        let before = standing(&patent, None, date(2025, 4, 1));
        assert_eq!(before.paid_through, Some((6, Basis::Status)));
        let next = before.next.expect("a year");
        assert_eq!(
            (next.year, next.due, next.fee_fen, before.state),
            (7, date(2025, 6, 3), Fen::yuan(2_000), FeeState::Soon)
        );
        let paid = standing(&patent, Some(&ledger(&[7])), date(2025, 6, 20));
        assert_eq!(
            (paid.paid_through, paid.state),
            (Some((7, Basis::Recorded)), FeeState::Upcoming)
        );
        assert_eq!(paid.next.expect("a year").due, date(2026, 6, 3));
    }

    #[test]
    fn what_nobody_has_said_is_not_known_and_never_lost() {
        let patent = patent(LegalStatus::InForce, Some(date(2023, 1, 1)));
        let old = standing(&patent, None, date(2026, 3, 1));
        assert_eq!(
            (old.state, old.paid_through),
            (FeeState::Unconfirmed, Some((4, Basis::Status)))
        );
        let recorded = standing(&patent, Some(&ledger(&[5])), date(2024, 8, 10));
        // Two months and a week late: ten per cent of the full fee.
        assert_eq!(
            (recorded.state, recorded.late_fen),
            (FeeState::Grace, Fen::yuan(120))
        );
        assert_eq!(recorded.to_pay(), Fen::yuan(1_320));
        let lost = standing(&patent, Some(&ledger(&[5])), date(2024, 12, 4));
        assert_eq!(lost.state, FeeState::Lapsed);
    }

    #[test]
    fn a_late_status_names_the_late_year_and_a_dead_patent_owes_nothing() {
        let late = patent(LegalStatus::FeeGrace, Some(date(2025, 7, 1)));
        let now = standing(&late, None, date(2025, 7, 20));
        assert_eq!(
            (now.state, now.next.expect("a year").year),
            (FeeState::Grace, 7)
        );
        for status in [
            LegalStatus::Expired,
            LegalStatus::TerminatedFee,
            LegalStatus::Pending,
        ] {
            let gone = standing(&patent(status, None), None, date(2025, 7, 20));
            assert_eq!((gone.state, gone.next), (FeeState::NotOwed, None));
        }
        let all = patent(LegalStatus::InForce, None);
        let finished = standing(&all, Some(&ledger(&[20])), date(2038, 7, 20));
        assert_eq!(finished.state, FeeState::Finished);
        let undated = Patent {
            filing_date: None,
            ..patent(LegalStatus::InForce, None)
        };
        assert_eq!(
            standing(&undated, None, date(2025, 7, 20)).state,
            FeeState::Unknown
        );
    }

    #[test]
    fn a_ledger_of_impossible_years_is_refused() {
        let patent = patent(LegalStatus::InForce, None);
        let today = date(2025, 6, 1);
        assert!(ledger(&[5, 6]).flaws(&patent, today).is_empty());
        let codes = |ledger: &FeeLedger, today| -> Vec<&str> {
            ledger
                .flaws(&patent, today)
                .iter()
                .map(|flaw| flaw.code)
                .collect()
        };
        assert_eq!(codes(&ledger(&[0]), today), ["yearInvalid"]);
        assert_eq!(codes(&ledger(&[21]), today), ["yearInvalid"]);
        assert_eq!(codes(&ledger(&[6, 6]), today), ["yearTwice"]);
        assert_eq!(codes(&ledger(&[6]), date(2025, 1, 1)), ["dayInFuture"]);
    }
}
