//! What is known of a patent and a declaration, held against the gate as of a day.

use super::{Block, Finding};
use crate::domain::{
    declaration::{Conclusion, Declaration},
    encumbrance::{Encumbrance, EncumbranceKind},
    holding::Holding,
    party::Organisation,
    patent::{LegalStatus, Patent, PatentKind},
    rules::{Rules, promotional},
    time::Day,
};

/// What is known of a patent when the gate is asked.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub patent: &'a Patent,
    pub encumbrances: &'a [Encumbrance],
    /// The declaring organisation and its holding of the patent.
    pub organisation: &'a Organisation,
    pub holding: Option<&'a Holding>,
}

impl Case<'_> {
    /// The blocks that last (实施细则第八十六条 and ours), as of a day.
    pub fn standing(&self, day: Day) -> Vec<Finding> {
        let mut found = self.status(day);
        for (block, encumbrance) in self
            .encumbrances
            .iter()
            .filter(|e| e.is_active_on(day))
            .filter_map(|e| Some((hindrance(e)?, e)))
        {
            let until = encumbrance
                .until
                .map_or_else(String::new, |d| format!(" – {d}"));
            let party = encumbrance.party.as_deref().unwrap_or_default();
            let detail = format!("{}{until} {party}", encumbrance.from);
            found.push(Finding::with(block, detail.trim()));
        }
        if !self
            .holding
            .is_some_and(|holding| holding.state.is_confirmed())
        {
            found.push(Finding::with(Block::NotOwner, &self.organisation.name));
        }
        found
    }

    fn status(&self, day: Day) -> Vec<Finding> {
        let patent = self.patent;
        let text = patent.status_text.clone().unwrap_or_default();
        let mut found = Vec::new();
        match patent.legal_status {
            LegalStatus::Pending | LegalStatus::RejectedOrWithdrawn => {
                found.push(Finding::with(Block::NotGranted, text));
            }
            LegalStatus::FeeGrace => found.push(Finding::with(Block::FeeUnpaid, text)),
            LegalStatus::LapsedRestorable
            | LegalStatus::TerminatedFee
            | LegalStatus::Expired
            | LegalStatus::Abandoned => found.push(Finding::with(Block::Terminated, text)),
            LegalStatus::Invalidated => found.push(Finding::with(Block::Invalidated, text)),
            // Not known is a doubt, not a death.
            LegalStatus::InForce | LegalStatus::Unknown => {}
        }
        let over = patent.expires_on().filter(|end| *end <= day);
        if let Some(end) = over
            && !found
                .iter()
                .any(|finding| finding.block == Block::Terminated)
        {
            found.push(Finding::with(Block::Terminated, format!("期限届满 {end}")));
        }
        found
    }

    /// What is uncertain of the status, as of a day: unknown, or vouched for too long ago.
    pub fn doubts(&self, day: Day, rules: &Rules) -> Vec<Finding> {
        if self.patent.legal_status == LegalStatus::Unknown {
            return vec![Finding::of(Block::StatusUnknown)];
        }
        let oldest = day.saturating_sub(jiff::Span::new().days(rules.status_max_age_days));
        match self.patent.status_as_of {
            Some(known) if known >= oldest => Vec::new(),
            Some(known) => vec![Finding::with(Block::StatusStale, known.to_string())],
            None => vec![Finding::of(Block::StatusStale)],
        }
    }

    /// Everything that stands in the way of readying or submitting this declaration on `day`. `has_contact`,
    /// `rival`: what the declaration's own record does not hold.
    pub fn declaring(
        &self,
        draft: &Declaration,
        papers: Papers,
        day: Day,
        rules: &Rules,
    ) -> Vec<Finding> {
        let mut found = self.standing(day);
        found.extend(self.doubts(day, rules));
        found.extend(self.report(draft));
        found.extend(self.consents(draft));
        match self.patent.expires_on() {
            None => found.push(Finding::of(Block::TermUnknown)),
            Some(end) if draft.until >= end => found.push(Finding::with(
                Block::TermExceeded,
                format!("{} ≥ {end}", draft.until),
            )),
            Some(_) => {}
        }
        if draft.until < day {
            let until = draft.until.to_string();
            found.push(Finding::with(Block::PeriodOver, until));
        }
        let texts = [Some(&draft.explanation), draft.other.as_ref()];
        let words: Vec<String> = texts
            .into_iter()
            .flatten()
            .flat_map(|text| promotional(text, &rules.promotional_words))
            .collect();
        if !words.is_empty() {
            found.push(Finding::with(Block::PromotionalWording, words.join("、")));
        }
        let over = draft.terms.over_caps((day, draft.until), &rules.caps);
        if !over.is_empty() && draft.cap_override.is_none() {
            found.push(Finding::of(Block::FeeCap));
        }
        if !papers.has_contact {
            found.push(Finding::of(Block::ContactMissing));
        }
        if papers.has_rival {
            found.push(Finding::of(Block::AlreadyOffered));
        }
        found.extend(papers.card.finding());
        found.extend(internal(draft, papers, day));
        found
    }

    /// 实用新型、外观设计应当提供专利权评价报告 (专利法第五十条第一款).
    fn report(&self, draft: &Declaration) -> Option<Finding> {
        if self.patent.kind == PatentKind::Invention {
            return None;
        }
        match &draft.evaluation {
            None => Some(Finding::of(Block::NoEvalReport)),
            Some(report) if report.conclusion == Conclusion::Negative => {
                Some(Finding::of(Block::EvalNegative))
            }
            Some(_) => None,
        }
    }

    /// 共有专利: every patentee other than the declaring organisation agrees in writing.
    fn consents(&self, draft: &Declaration) -> Option<Finding> {
        let missing: Vec<&str> = self
            .patent
            .patentees()
            .iter()
            .filter(|name| !self.organisation.is_named(name))
            .filter(|name| !draft.has_consent_of(name))
            .map(String::as_str)
            .collect();
        // An owner confirmed by document need not be named; then the patent's own names are all others.
        (!missing.is_empty()).then(|| Finding::with(Block::CoOwnerConsent, missing.join("、")))
    }
}

/// The holder's own steps, where they are wanted: the publicity is over, the approval is given.
fn internal(draft: &Declaration, papers: Papers, day: Day) -> Vec<Finding> {
    let mut found = Vec::new();
    if papers.wants.publicity {
        match &draft.internal.publicity {
            None => found.push(Finding::of(Block::PublicityMissing)),
            Some(shown) if shown.until >= day => {
                let detail = format!("{} – {}", shown.from, shown.until);
                found.push(Finding::with(Block::PublicityMissing, detail));
            }
            Some(_) => {}
        }
    }
    let approved = draft.internal.approval.as_ref();
    if papers.wants.approval && approved.is_none_or(|approval| approval.on > day) {
        found.push(Finding::of(Block::ApprovalMissing));
    }
    found
}

/// What a declaration needs beside its own record.
#[derive(Clone, Copy, Debug)]
pub struct Papers {
    pub has_contact: bool,
    /// Another declaration of the same patent is under way or announced.
    pub has_rival: bool,
    pub card: CardStanding,
    pub wants: OwnSteps,
}

/// Which steps of its own come before a declaration of this holder, by its own wish or by the operator's.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnSteps {
    /// 公示
    pub publicity: bool,
    /// 内部审批
    pub approval: bool,
}

/// How the holder's card in plain words stands when a declaration is readied or submitted here. Ours, not the law's:
/// what was announced elsewhere is recorded with or without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardStanding {
    /// The operator wants none.
    NotWanted,
    Missing,
    /// With so many errors.
    Failing(usize),
    Passed,
}

impl CardStanding {
    /// What it puts in the way.
    pub fn finding(self) -> Option<Finding> {
        match self {
            Self::NotWanted | Self::Passed => None,
            Self::Missing => Some(Finding::of(Block::CardMissing)),
            Self::Failing(errors) => {
                Some(Finding::with(Block::CardFailing, format!("{errors} 处")))
            }
        }
    }
}

/// The block that an active encumbrance is, if it is one.
fn hindrance(encumbrance: &Encumbrance) -> Option<Block> {
    match encumbrance.kind {
        EncumbranceKind::ExclusiveLicence | EncumbranceKind::SoleLicence => {
            Some(Block::ExclusiveLicence)
        }
        EncumbranceKind::Pledge if encumbrance.consent.is_none() => Some(Block::PledgeNoConsent),
        EncumbranceKind::Preservation | EncumbranceKind::Suspension => Some(Block::Suspended),
        EncumbranceKind::Other => Some(Block::Other),
        EncumbranceKind::Pledge | EncumbranceKind::OrdinaryLicence => None,
    }
}
