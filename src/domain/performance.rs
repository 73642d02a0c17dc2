//! How a licence is carried out (履行): the licensee's royalty reports with the dues that follow from them by the announced
//! terms, its answers 3, 6 and 12 months after the effective day, and whether the two sides are related. Told to the
//! two sides and the office alone; none of it changes what the licence is or whether it counts.

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    declaration::not_future,
    event::{Audience, canonical_json, sha256_hex},
    file::FileRef,
    id::Id,
    licence::{Licence, LicenceState},
    money::Fen,
    refusal::{Refusal, Refused},
    terms::{Due, DueKind, MAX_FEN, RoyaltyBase},
    time::Day,
    words::words,
};

words! {
    /// Sales of what the patent was used for, in bands: nobody is asked for its books.
    pub enum SalesBand {
        None = "none", "尚无销售", "No sales yet";
        Below1m = "below1m", "100 万元以下", "Below 1 million yuan";
        To10m = "to10m", "100 万至 1000 万元", "1 to 10 million yuan";
        Above10m = "above10m", "1000 万元以上", "Above 10 million yuan";
    }
}

words! {
    /// Who says something of a licence.
    pub enum Teller {
        Holder = "holder", "专利权人", "The patentee";
        Licensee = "licensee", "被许可人", "The licensee";
        Office = "office", "主管部门", "The office";
    }
}

/// The months after the effective day at which the licensee is asked.
pub const FOLLOW_UP_MONTHS: [u8; 3] = [3, 6, 12];

/// Characters of a note, at most.
pub const NOTE_CHARS: usize = 1_000;

/// What the licensee made in one settlement period, and what is due for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoyaltyReport {
    /// First and last day of the settlement period.
    #[schema(value_type = String, format = "date")]
    pub from: Day,
    #[schema(value_type = String, format = "date")]
    pub to: Day,
    pub base: RoyaltyBase,
    /// Net sales or profit of the period; a loss is below zero.
    #[schema(value_type = i64)]
    pub figure_fen: Fen,
    /// By the announced terms: the share, with floor and cap.
    #[schema(value_type = i64)]
    pub due_fen: Fen,
    #[schema(value_type = String, format = "date")]
    pub due_on: Day,
    /// What the licensee shows for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRef>,
    #[schema(value_type = String, format = "date")]
    pub reported_on: Day,
}

/// What has become of the licence so many months after its effective day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowUp {
    /// 3, 6 or 12
    pub months: u8,
    /// The patent is worked.
    pub worked: bool,
    /// A product came of it.
    pub product: bool,
    pub sales: SalesBand,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
}

/// 关联关系: what somebody says of how the two sides belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Affiliation {
    pub related: bool,
    pub by: Teller,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[schema(value_type = String, format = "date")]
    pub on: Day,
}

/// How one licence is carried out; under the licence's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Performance {
    /// The licence's.
    pub id: Id,
    pub number: AppNo,
    pub holder: Id,
    /// An organisation's or an individual's.
    pub licensee: Id,
    /// One of each settlement period, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<RoyaltyReport>,
    /// One of each time, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follow_ups: Vec<FollowUp>,
    /// The last word of each teller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Affiliation>,
}

/// The figure of a period, as it is reported.
#[derive(Clone, Debug)]
pub struct NewReport {
    pub from: Day,
    pub to: Day,
    pub figure_fen: Fen,
    pub file: Option<FileRef>,
}

/// From when on something waits, and by when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Day,
    pub due_on: Day,
}

/// What a licence waits for next, of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub report: Option<Span>,
    pub payment: Option<Span>,
    pub follow_up: Option<Span>,
}

/// One line of a licence's account: what is due, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLine {
    pub due: Due,
    /// `None`: a royalty that nobody has reported.
    pub amount_fen: Option<Fen>,
    /// Covered by what was paid, the earliest dues first.
    pub paid: bool,
}

/// So many days before its day a payment is shown as a task.
const PAYMENT_AHEAD_DAYS: i32 = 30;

impl Performance {
    /// Of a licence of which nothing was said yet.
    pub fn of(licence: &Licence) -> Self {
        Self {
            id: licence.id.clone(),
            number: licence.number.clone(),
            holder: licence.holder.clone(),
            licensee: licence.licensee.id().clone(),
            reports: Vec::new(),
            follow_ups: Vec::new(),
            relations: Vec::new(),
        }
    }

    /// The two sides.
    pub fn audiences(&self) -> Vec<Audience> {
        let mut sides = vec![Audience::Organisation(self.holder.clone())];
        if self.licensee != self.holder {
            sides.push(Audience::Organisation(self.licensee.clone()));
        }
        sides
    }

    pub fn document_hash(&self) -> String {
        sha256_hex(canonical_json(self).as_bytes())
    }

    /// With the figure of a period; a second report of the same period takes the place of the first.
    pub fn reported(&self, licence: &Licence, new: NewReport, today: Day) -> Result<Self, Refused> {
        let effective = in_effect(licence)?;
        not_future("/to", new.to, today)?;
        let dues = licence.terms.dues(effective, licence.until);
        let wanted = Some((new.from, new.to));
        let found = dues
            .into_iter()
            .find(|due| due.period == wanted && matches!(due.what, DueKind::Royalty { .. }));
        let Some(due) = found else {
            return Err(Refusal::new(
                "periodUnknown",
                format!("{} 至 {} 不是公告条件下的提成结算期。", new.from, new.to),
                format!(
                    "{} to {} is no settlement period of the announced terms.",
                    new.from, new.to
                ),
            )
            .at("/from")
            .cure(
                "请从应付明细中选择结算期。",
                "Take the period from the list of dues.",
            )
            .into());
        };
        let DueKind::Royalty { base, .. } = due.what else {
            return Err(not_effective());
        };
        let least = match base {
            RoyaltyBase::NetSales => Fen::ZERO,
            RoyaltyBase::Profit => Fen(-MAX_FEN.0),
        };
        if !(least..=MAX_FEN).contains(&new.figure_fen) {
            return Err(Refusal::new(
                "outOfRange",
                "净销售额不能为负，金额也不能过大。",
                "Net sales are not below zero, and no figure is that large.",
            )
            .at("/figureFen")
            .into());
        }
        let report = RoyaltyReport {
            from: new.from,
            to: new.to,
            base,
            figure_fen: new.figure_fen,
            due_fen: due.what.amount_fen(new.figure_fen),
            due_on: due.due_on,
            file: new.file,
            reported_on: today,
        };
        let mut next = self.clone();
        // Told again, it stays as it was told first.
        if let Some(known) = next.reports.iter().find(|known| known.from == report.from)
            && known.figure_fen == report.figure_fen
            && (report.file.is_none() || known.file == report.file)
        {
            return Ok(next);
        }
        next.reports.retain(|known| known.from != report.from);
        next.reports.push(report);
        next.reports.sort_by_key(|report| report.from);
        Ok(next)
    }

    /// With the licensee's answer so many months after the effective day.
    pub fn followed_up(
        &self,
        licence: &Licence,
        answer: FollowUp,
        today: Day,
    ) -> Result<Self, Refused> {
        let effective = in_effect(licence)?;
        if !FOLLOW_UP_MONTHS.contains(&answer.months) {
            return Err(Refusal::new(
                "monthsInvalid",
                "回访时点为生效后 3、6 或 12 个月。",
                "It is asked 3, 6 and 12 months after the effective day.",
            )
            .at("/months")
            .into());
        }
        let day = after_months(effective, answer.months);
        if today < day {
            return Err(Refusal::new(
                "tooEarly",
                format!("这次回访自 {day} 起。"),
                format!("It is asked from {day} on."),
            )
            .at("/months")
            .into());
        }
        note(answer.note.as_deref())?;
        let mut next = self.clone();
        let same = |known: &FollowUp| FollowUp {
            on: answer.on,
            ..known.clone()
        };
        if next.follow_ups.iter().any(|known| same(known) == answer) {
            return Ok(next);
        }
        next.follow_ups
            .retain(|known| known.months != answer.months);
        next.follow_ups.push(answer);
        next.follow_ups.sort_by_key(|answer| answer.months);
        Ok(next)
    }

    /// With what somebody says of the relation of the sides; the last word of each stands.
    pub fn told(&self, relation: Affiliation) -> Result<Self, Refused> {
        note(relation.note.as_deref())?;
        let mut next = self.clone();
        let same = |known: &Affiliation| Affiliation {
            on: relation.on,
            ..known.clone()
        };
        if next.relations.iter().any(|known| same(known) == relation) {
            return Ok(next);
        }
        next.relations.retain(|known| known.by != relation.by);
        next.relations.push(relation);
        next.relations.sort_by_key(|relation| relation.by);
        Ok(next)
    }

    /// Whoever has answered by a day says that the patent was never worked.
    pub fn is_never_worked_on(&self, day: Day) -> bool {
        let mut said = self.follow_ups.iter().filter(|answer| answer.on <= day);
        let answered = said.clone().next().is_some();
        answered && said.all(|answer| !answer.worked)
    }

    /// Somebody has said by a day that the sides are related.
    pub fn is_related_on(&self, day: Day) -> bool {
        let mut said = self.relations.iter();
        said.any(|relation| relation.related && relation.on <= day)
    }

    /// Would nobody have been able to enter it?
    pub fn is_flawed(&self) -> bool {
        let noted = |text: &Option<String>| note(text.as_deref()).is_ok();
        let sound = self.reports.is_sorted_by_key(|report| report.from)
            && self.reports.iter().all(|report| report.from <= report.to)
            && self.follow_ups.is_sorted_by_key(|answer| answer.months)
            && self
                .follow_ups
                .iter()
                .all(|answer| FOLLOW_UP_MONTHS.contains(&answer.months) && noted(&answer.note))
            && self.relations.iter().all(|relation| noted(&relation.note));
        !sound
    }
}

/// Everything due under a licence, with what was reported and paid; `known`: its performance, where there is one.
pub fn account(licence: &Licence, known: Option<&Performance>) -> Vec<AccountLine> {
    let Some(effective) = licence.effective_on else {
        return Vec::new();
    };
    let reports = known.map_or(&[][..], |known| &known.reports);
    let paid: Fen = licence.payments.iter().map(|p| p.amount_fen).sum();
    let mut owed = Fen::ZERO;
    let dues = licence.terms.dues(effective, licence.until).into_iter();
    // Nothing begins after a licence has ended before its last day.
    let begun = |due: &Due| {
        let first = due.period.map_or(due.due_on, |(from, _)| from);
        licence.ended_on.is_none_or(|ended| first < ended)
    };
    dues.filter(begun)
        .map(|due| {
            let amount_fen = due.fixed_fen().or_else(|| {
                let (from, _) = due.period?;
                let report = reports.iter().find(|report| report.from == from)?;
                Some(report.due_fen)
            });
            owed = owed.saturating_add(amount_fen.unwrap_or(Fen::ZERO));
            AccountLine {
                paid: amount_fen.is_some() && owed <= paid,
                due,
                amount_fen,
            }
        })
        .collect()
}

impl Waiting {
    /// What it waits for next, whatever the day; answers are due so many days after they are asked for.
    pub fn of(licence: &Licence, known: Option<&Performance>, follow_up_days: i32) -> Self {
        let Some(effective) = licence
            .effective_on
            .filter(|_| licence.state == LicenceState::Effective)
        else {
            return Self::default();
        };
        let lines = account(licence, known);
        let report = lines.iter().find(|line| line.amount_fen.is_none());
        let report = report.and_then(|line| {
            let (_, to) = line.due.period?;
            Some(Span {
                from: to.tomorrow().unwrap_or(to),
                due_on: line.due.due_on,
            })
        });
        let payment = lines
            .iter()
            .find(|line| line.amount_fen.is_some_and(|fen| fen > Fen::ZERO) && !line.paid);
        let payment = payment.map(|line| Span {
            from: after_days(line.due.due_on, -PAYMENT_AHEAD_DAYS),
            due_on: line.due.due_on,
        });
        let answered = known.map_or(0, |known| {
            known.follow_ups.last().map_or(0, |answer| answer.months)
        });
        let last = licence
            .ended_on
            .map_or(licence.until, |ended| ended.min(licence.until));
        let asked = FOLLOW_UP_MONTHS
            .into_iter()
            .filter(|months| *months > answered)
            .map(|months| after_months(effective, months))
            .find(|day| *day <= last);
        let follow_up = asked.map(|from| Span {
            from,
            due_on: after_days(from, follow_up_days),
        });
        Self {
            report,
            payment,
            follow_up,
        }
    }
}

fn in_effect(licence: &Licence) -> Result<Day, Refused> {
    licence
        .effective_on
        .filter(|_| licence.state == LicenceState::Effective)
        .ok_or_else(not_effective)
}

fn not_effective() -> Refused {
    Refusal::new(
        "notEffective",
        "许可尚未生效。",
        "The licence has not taken effect.",
    )
    .into()
}

fn note(text: Option<&str>) -> Result<(), Refused> {
    let fits = text.is_none_or(|text| {
        (1..=NOTE_CHARS).contains(&text.chars().count())
            && text.chars().all(|c| !c.is_control() || c == '\n')
    });
    if fits {
        return Ok(());
    }
    Err(Refusal::new(
        "textLength",
        format!("说明应为 1 至 {NOTE_CHARS} 字。"),
        format!("A note has 1 to {NOTE_CHARS} characters."),
    )
    .at("/note")
    .into())
}

fn after_months(day: Day, months: u8) -> Day {
    day.saturating_add(jiff::Span::new().months(months))
}

fn after_days(day: Day, days: i32) -> Day {
    day.saturating_add(jiff::Span::new().days(days))
}
