//! A declaration that was announced elsewhere, entered by the rules of its own days.

use super::{Content, Declaration, DeclarationState, Step};
use crate::domain::{
    file::FileRef,
    id::Id,
    party::Organisation,
    patent::Patent,
    refusal::{Refusal, Refused},
    rules::Rules,
    time::Day,
};

/// What was announced elsewhere, as it is recorded.
#[derive(Clone, Debug)]
pub struct Announced {
    pub declaration_number: String,
    pub effective_on: Day,
    pub source: FileRef,
    /// Withdrawn, terminated or revoked since, on a day.
    pub end: Option<(DeclarationState, Day)>,
}

impl Declaration {
    /// Enters a declaration that was announced elsewhere, by the rules of its own days.
    pub fn recorded(
        id: Id,
        organisation: &Organisation,
        patent: &Patent,
        content: Content,
        announced: Announced,
        today: Day,
        rules: &Rules,
    ) -> Result<Self, Refused> {
        let mut declaration = Self::draft(id, organisation, patent, content)?;
        declaration.state = DeclarationState::Submitted;
        declaration.recorded_late = true;
        declaration.check_term(patent, announced.effective_on)?;
        declaration = declaration.step(
            Step::Announce {
                declaration_number: announced.declaration_number,
                effective_on: announced.effective_on,
                source: announced.source.clone(),
            },
            &[],
            today,
            rules,
        )?;
        let Some((state, announced_on)) = announced.end else {
            return Ok(declaration);
        };
        let source = announced.source;
        let step = match state {
            DeclarationState::Terminated => Step::Terminate {
                announced_on,
                source,
            },
            DeclarationState::Revoked => Step::Revoke {
                announced_on,
                source,
            },
            DeclarationState::Withdrawn => Step::Withdraw {
                announced_on,
                source,
            },
            _ => return Err(Refusal::new(
                "endInvalid",
                "声明的结束只能是公告撤回、终止或者撤销；许可期限届满无须登记。",
                "A declaration's recorded end is its withdrawal, termination or revocation; expiry need not be recorded.",
            )
            .at("/end")
            .into()),
        };
        declaration.step(step, &[], today, rules)
    }

    /// The patent was granted and in term on the day of the announcement, and the licence period ends with it.
    pub fn check_term(&self, patent: &Patent, effective_on: Day) -> Result<(), Refused> {
        if let Some(granted) = patent.grant_date.filter(|granted| effective_on < *granted) {
            return Err(Refusal::new(
                "beforeGrant",
                format!("声明生效日 {effective_on} 早于授权公告日 {granted}。"),
                format!("The effective day {effective_on} is before the grant on {granted}."),
            )
            .at("/effectiveOn")
            .by("专利法实施细则第八十五条第一款")
            .into());
        }
        let end = patent.expires_on();
        let (pointer, day) = if end.is_some_and(|end| end <= effective_on) {
            ("/effectiveOn", effective_on)
        } else {
            ("/until", self.until)
        };
        if let Some(end) = end.filter(|end| *end <= day) {
            return Err(Refusal::new(
                "beyondTerm",
                format!("专利权期满终止日为 {end}，{day} 已不在期限内。"),
                format!("The patent's term is over on {end}; {day} is not within it."),
            )
            .at(pointer)
            .by("专利法第四十二条")
            .into());
        }
        Ok(())
    }
}
