//! What to do with a patent in stock (分级分类): the holder's own grade beside what the records say, and a suggestion with its
//! reasons. It is worked out from the inputs that are shown and from nothing else; nobody but the holder and the office
//! sees it, and it does nothing by itself.

use serde::Serialize;

use super::{
    annuity::{FeeStanding, FeeState},
    holding::Conversion,
    money::Fen,
    patent::{LegalStatus, Patent, PatentKind},
    text::Text,
    time::Day,
    words::words,
};

words! {
    /// What could be done.
    pub enum Suggestion {
        /// 开放许可
        OpenLicence = "openLicence", "开放许可", "Open licence";
        /// 转让
        Sell = "sell", "转让", "Sell";
        /// 维持
        Maintain = "maintain", "维持", "Maintain";
        /// 放弃
        Abandon = "abandon", "放弃", "Abandon";
    }
}

words! {
    /// Why: each speaks of one input.
    pub enum Ground {
        OnOffer = "onOffer", "已公告开放许可", "An open licence is announced";
        Licensed = "licensed", "已有生效的许可", "A licence is in effect";
        OwnUse = "ownUse", "本单位正在实施", "The holder uses it";
        Demand = "demand", "有企业需求与之匹配", "Needs of enterprises match it";
        NoDemand = "noDemand", "目前没有匹配的企业需求", "No need matches it now";
        GradeHigh = "gradeHigh", "自评转化前景好或较好", "Own grade: good prospects";
        GradeFair = "gradeFair", "自评转化前景一般", "Own grade: fair prospects";
        GradeLow = "gradeLow", "自评转化前景较差或暂无", "Own grade: poor prospects";
        GradeMissing = "gradeMissing", "尚未自评", "Not graded yet";
        TermShort = "termShort", "剩余保护期不足一年", "Less than a year of its term is left";
        TermEnding = "termEnding", "剩余保护期不足三年", "Less than three years of its term are left";
        TermLong = "termLong", "剩余保护期在三年以上", "Three years or more of its term are left";
        TermUnknown = "termUnknown", "剩余保护期不明", "What is left of its term is unknown";
        Costly = "costly", "每年维持成本较高", "Keeping it is costly";
        Cheap = "cheap", "每年维持成本不高", "Keeping it costs little";
        FeeSaved = "feeSaved", "开放许可备案后年费可减", "A filed open licence reduces its fee";
        Late = "late", "年费已过期", "Its annual fee is late";
        TwinHeld = "twinHeld", "本单位持有同样发明创造的发明专利", "The holder has the same invention as an invention patent";
        SaleWanted = "saleWanted", "盘点档案只愿意转让", "The stock record wants a sale and no licence";
    }
}

/// A year's fee from which keeping a patent is costly.
pub const COSTLY: Fen = Fen::yuan(2_000);

/// What is known of a patent in stock. Everything the rule reads is here, and all of it is shown.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub kind: PatentKind,
    pub legal_status: LegalStatus,
    pub conversion: Conversion,
    /// Days until the term is over; `None` while that is unknown.
    pub days_left: Option<i32>,
    pub fees: FeeStanding,
    /// The next fee would be less with a filed open licence.
    pub licence_saves: bool,
    /// 专利自评, 1 to 5, as the stock record says.
    pub grade: Option<u8>,
    /// Ways of conversion wanted, codes of the dictionary.
    pub ways: Vec<String>,
    /// An open licence is announced.
    pub on_offer: bool,
    /// Licences in effect.
    pub licences: usize,
    /// Notices that wait for payment or delivery.
    pub notices: usize,
    /// Open needs among whose best matches it is.
    pub needs: usize,
    /// The holder has the same invention as an invention patent in force.
    pub twin_held: bool,
}

/// A suggestion and what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Appraisal {
    /// Absent where there is no right in force to decide about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
    pub grounds: Vec<Ground>,
    /// What keeping it costs in a year: the next annual fee.
    #[schema(value_type = i64)]
    pub yearly_fen: Fen,
}

/// Days of a year, for what is left of a term.
const YEAR: i32 = 365;

impl Inputs {
    /// Days until the term of a patent is over.
    pub fn days_left(patent: &Patent, today: Day) -> Option<i32> {
        let end = patent.expires_on()?;
        Some(today.until(end).map_or(0, |span| span.get_days()).max(0))
    }

    fn demand(&self) -> usize {
        self.needs + self.notices
    }

    fn yearly(&self) -> Fen {
        self.fees.next.map_or(Fen::ZERO, |next| next.fee_fen)
    }

    /// Does the stock record want a sale and no kind of licence?
    fn wants_sale(&self) -> bool {
        let licence = |way: &String| way.ends_with("Licence");
        self.ways.iter().any(|way| way == "assignment") && !self.ways.iter().any(licence)
    }

    /// The rule. The first that fits decides; the grounds name every input that it looked at on the way.
    pub fn appraise(&self) -> Appraisal {
        let mut grounds = Vec::new();
        let suggestion = self.decide(&mut grounds);
        Appraisal {
            suggestion,
            grounds,
            yearly_fen: self.yearly(),
        }
    }

    fn decide(&self, grounds: &mut Vec<Ground>) -> Option<Suggestion> {
        if matches!(self.fees.state, FeeState::NotOwed | FeeState::Lapsed) {
            return None;
        }
        for (holds, ground) in [
            (self.on_offer, Ground::OnOffer),
            (self.licences > 0, Ground::Licensed),
            (
                matches!(
                    self.conversion,
                    Conversion::OwnUse | Conversion::Industrialised
                ),
                Ground::OwnUse,
            ),
        ] {
            if holds {
                grounds.push(ground);
            }
        }
        // In use already: it is kept, whatever else is said of it.
        if !grounds.is_empty() {
            return Some(Suggestion::Maintain);
        }
        let ending = self.weigh(grounds);
        if self.twin_held && self.kind == PatentKind::UtilityModel {
            grounds.push(Ground::TwinHeld);
            return Some(Suggestion::Abandon);
        }
        let is_high = self.grade.is_some_and(|grade| grade >= 4);
        let is_low = self.grade.is_some_and(|grade| grade <= 2);
        if self.wants_sale() && (self.demand() > 0 || !is_low) {
            grounds.push(Ground::SaleWanted);
            return Some(Suggestion::Sell);
        }
        if self.demand() > 0 {
            return Some(Suggestion::OpenLicence);
        }
        if self.days_left.is_some_and(|days| days < YEAR) {
            return Some(Suggestion::Abandon);
        }
        let is_costly = self.yearly() >= COSTLY;
        match (is_high, is_low) {
            (true, _) => Some(Suggestion::OpenLicence),
            (_, true) if ending || is_costly => Some(Suggestion::Abandon),
            (false, false) if self.licence_saves && self.grade.is_some() => {
                grounds.push(Ground::FeeSaved);
                Some(Suggestion::OpenLicence)
            }
            _ => Some(Suggestion::Maintain),
        }
    }

    /// Names what the rest of the rule looks at; says whether the term is ending.
    fn weigh(&self, grounds: &mut Vec<Ground>) -> bool {
        grounds.push(if self.demand() > 0 {
            Ground::Demand
        } else {
            Ground::NoDemand
        });
        grounds.push(match self.grade {
            None => Ground::GradeMissing,
            Some(4..) => Ground::GradeHigh,
            Some(3) => Ground::GradeFair,
            Some(_) => Ground::GradeLow,
        });
        let (term, ending) = match self.days_left {
            None => (Ground::TermUnknown, false),
            Some(days) if days < YEAR => (Ground::TermShort, true),
            Some(days) if days < 3 * YEAR => (Ground::TermEnding, true),
            Some(_) => (Ground::TermLong, false),
        };
        grounds.push(term);
        if self.fees.next.is_some() {
            grounds.push(if self.yearly() >= COSTLY {
                Ground::Costly
            } else {
                Ground::Cheap
            });
        }
        if self.fees.state == FeeState::Grace {
            grounds.push(Ground::Late);
        }
        ending
    }
}

impl Ground {
    pub fn text(self) -> Text {
        Text::new(self.zh(), self.en())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::annuity::{Basis, YearFee};

    fn inputs() -> Inputs {
        Inputs {
            kind: PatentKind::Invention,
            legal_status: LegalStatus::InForce,
            conversion: Conversion::Unused,
            days_left: Some(10 * YEAR),
            fees: fees(1_200),
            licence_saves: false,
            grade: Some(3),
            ways: Vec::new(),
            on_offer: false,
            licences: 0,
            notices: 0,
            needs: 0,
            twin_held: false,
        }
    }

    fn fees(yuan: i64) -> FeeStanding {
        FeeStanding {
            state: FeeState::Upcoming,
            paid_through: Some((5, Basis::Status)),
            next: Some(YearFee {
                year: 6,
                due: date(2026, 9, 1),
                grace_until: date(2027, 3, 1),
                full_fen: Fen::yuan(yuan),
                reduction_bp: 0,
                by_licence: false,
                fee_fen: Fen::yuan(yuan),
                saved_fen: Fen::ZERO,
            }),
            late_fen: Fen::ZERO,
        }
    }

    fn suggested(inputs: &Inputs) -> Option<Suggestion> {
        inputs.appraise().suggestion
    }

    #[test]
    fn what_is_in_use_is_kept_and_what_is_dead_is_nothing_to_decide() {
        for used in [
            Inputs {
                on_offer: true,
                grade: Some(1),
                ..inputs()
            },
            Inputs {
                licences: 1,
                grade: Some(1),
                ..inputs()
            },
            Inputs {
                conversion: Conversion::OwnUse,
                grade: Some(1),
                ..inputs()
            },
        ] {
            assert_eq!(suggested(&used), Some(Suggestion::Maintain));
        }
        let dead = FeeStanding {
            state: FeeState::NotOwed,
            next: None,
            ..fees(900)
        };
        let dead = Inputs {
            fees: dead,
            ..inputs()
        }
        .appraise();
        assert_eq!(
            (dead.suggestion, dead.grounds.len(), dead.yearly_fen),
            (None, 0, Fen::ZERO)
        );
    }

    #[test]
    fn demand_leads_to_an_open_licence_and_a_wish_to_sell_to_a_sale() {
        let wanted = Inputs {
            needs: 2,
            grade: Some(1),
            ..inputs()
        };
        assert_eq!(suggested(&wanted), Some(Suggestion::OpenLicence));
        let sale = Inputs {
            ways: vec!["assignment".into()],
            ..inputs()
        };
        assert_eq!(suggested(&sale), Some(Suggestion::Sell));
        let both = Inputs {
            ways: vec!["assignment".into(), "openLicence".into()],
            needs: 1,
            ..inputs()
        };
        assert_eq!(suggested(&both), Some(Suggestion::OpenLicence));
    }

    #[test]
    fn without_demand_grade_term_and_cost_decide() {
        let graded = |grade, yuan, days| Inputs {
            grade,
            fees: fees(yuan),
            days_left: Some(days),
            ..inputs()
        };
        assert_eq!(
            suggested(&graded(Some(5), 8_000, 4 * YEAR)),
            Some(Suggestion::OpenLicence)
        );
        assert_eq!(
            suggested(&graded(Some(2), 4_000, 4 * YEAR)),
            Some(Suggestion::Abandon)
        );
        assert_eq!(
            suggested(&graded(Some(2), 900, 2 * YEAR)),
            Some(Suggestion::Abandon)
        );
        assert_eq!(
            suggested(&graded(Some(2), 900, 9 * YEAR)),
            Some(Suggestion::Maintain)
        );
        assert_eq!(
            suggested(&graded(Some(3), 4_000, 9 * YEAR)),
            Some(Suggestion::Maintain)
        );
        assert_eq!(
            suggested(&graded(None, 8_000, 9 * YEAR)),
            Some(Suggestion::Maintain),
            "not graded is not poor"
        );
        assert_eq!(
            suggested(&graded(Some(4), 900, 200)),
            Some(Suggestion::Abandon),
            "under a year"
        );
        let saves = Inputs {
            licence_saves: true,
            ..inputs()
        };
        assert_eq!(suggested(&saves), Some(Suggestion::OpenLicence));
        assert!(saves.appraise().grounds.contains(&Ground::FeeSaved));
        let twin = Inputs {
            kind: PatentKind::UtilityModel,
            twin_held: true,
            ..inputs()
        };
        assert_eq!(suggested(&twin), Some(Suggestion::Abandon));
    }
}
