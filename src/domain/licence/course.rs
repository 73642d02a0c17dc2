//! How a licence comes about: notice, delivery, payment, the patentee's word, filing. Every rule stands here once,
//! with its article.

use super::{
    Delivery, Evidence, EvidenceKind, Filing, Licence, LicenceState, Licensee, Payment, Response,
    Verdict,
};
use crate::domain::{
    declaration::{Declaration, DeclarationState, not_future},
    eligibility::{Block, Finding},
    file::FileRef,
    id::Id,
    money::Fen,
    refusal::{Refusal, Refused},
    rules::{EndEffect, Ends, Rules},
    time::{Day, Instant},
};

/// A notice as it is given here.
#[derive(Clone, Debug)]
pub struct Notice {
    pub id: Id,
    pub licensee: Licensee,
    /// RFC 3339.
    pub given_at: String,
    /// The patentee has an inbox here; else a letter must be delivered.
    pub reaches_holder: bool,
    pub acknowledged: Vec<Block>,
    pub cross_border: bool,
    /// The notice's text, as it was kept.
    pub text: FileRef,
}

/// A licence that was taken elsewhere, as it is recorded.
#[derive(Clone, Debug)]
pub struct Taken {
    pub id: Id,
    pub licensee: Licensee,
    pub notice_on: Day,
    /// Empty where nothing was due at the start.
    pub payments: Vec<Payment>,
    pub filing: Option<Filing>,
    pub evidence: Vec<Evidence>,
    pub cross_border: bool,
}

impl Licence {
    /// Notice on an announced declaration. `findings`: the standing blocks and doubts of the patent today. A dead
    /// patent or an ended declaration stops it; every other finding must have been acknowledged by name.
    pub fn noticed(
        notice: Notice,
        declaration: &Declaration,
        findings: &[Finding],
        today: Day,
        rules: &Rules,
    ) -> Result<Self, Refused> {
        if !declaration.is_offered_on(today) {
            return Err(not_offered(declaration, today).into());
        }
        own_patent(&notice.licensee, declaration)?;
        if let Some(dead) = findings.iter().find(|finding| finding.block.is_death()) {
            let refusal = dead.refusal();
            return Err(Refused {
                code: "patentDead",
                refusals: vec![refusal],
            });
        }
        let unread: Vec<Refusal> = findings
            .iter()
            .filter(|finding| !notice.acknowledged.contains(&finding.block))
            .map(|finding| {
                finding.refusal().at("/acknowledged").cure(
                    "如仍要取得许可，请在 acknowledged 中列明已知悉的风险。",
                    "To take the licence all the same, name the risk in acknowledged.",
                )
            })
            .collect();
        if !unread.is_empty() {
            return Err(Refused {
                code: "acknowledgementRequired",
                refusals: unread,
            });
        }
        let mut acknowledged: Vec<Block> = findings.iter().map(|finding| finding.block).collect();
        acknowledged.sort_unstable();
        acknowledged.dedup();
        let mut licence = Self {
            given_at: Some(notice.given_at),
            notice_on: notice.reaches_holder.then_some(today),
            delivery: if notice.reaches_holder {
                Delivery::Platform
            } else {
                Delivery::Letter
            },
            acknowledged,
            cross_border: notice.cross_border,
            evidence: vec![Evidence {
                kind: EvidenceKind::Notice,
                file: notice.text,
            }],
            ..Self::under(declaration, notice.id, notice.licensee)
        };
        licence.settle(declaration, rules);
        Ok(licence)
    }

    /// Enters a licence that was taken elsewhere, by the rules of its own days.
    pub fn recorded(
        taken: Taken,
        declaration: &Declaration,
        today: Day,
        rules: &Rules,
    ) -> Result<Self, Refused> {
        not_future("/noticeOn", taken.notice_on, today)?;
        own_patent(&taken.licensee, declaration)?;
        if !declaration.is_offered_on(taken.notice_on) {
            return Err(not_offered(declaration, taken.notice_on)
                .at("/noticeOn")
                .into());
        }
        let mut licence = Self {
            notice_on: Some(taken.notice_on),
            delivery: Delivery::Elsewhere,
            evidence: taken.evidence,
            cross_border: taken.cross_border,
            recorded_late: true,
            ..Self::under(declaration, taken.id, taken.licensee)
        };
        // In the order of their days: what was paid after the licence took effect may lie beyond the declaration.
        let mut payments = taken.payments;
        payments.sort_by_key(|payment| payment.paid_on);
        licence.settle(declaration, rules);
        for payment in payments {
            licence.add_payment(payment, declaration, today)?;
            licence.settle(declaration, rules);
        }
        if licence.state != LicenceState::Effective {
            return Err(Refusal::new(
                "paymentIncomplete",
                format!("公告的使用费起始应付 {} 元，未足额支付，许可尚未生效。", licence.terms.due_at_start()),
                format!("{} yuan are due at the start by the announced terms; that is not paid.", licence.terms.due_at_start()),
            )
            .at("/payments")
            .by("专利法第五十一条第一款")
            .cure(
                "按公告标准补录支付；价格另行商定的，请登记为协商普通许可。",
                "Record the full payment; at another price it is a negotiated ordinary licence, recorded as such.",
            )
            .into());
        }
        match taken.filing {
            Some(filing) => licence.filed(&filing, None, today),
            None => Ok(licence),
        }
    }

    fn under(declaration: &Declaration, id: Id, licensee: Licensee) -> Self {
        Self {
            id,
            declaration: declaration.id.clone(),
            number: declaration.number.clone(),
            holder: declaration.organisation.clone(),
            licensee,
            state: LicenceState::Pending,
            terms: declaration.terms.clone(),
            until: declaration.until,
            delivery: Delivery::Platform,
            given_at: None,
            notice_on: None,
            payments: Vec::new(),
            paid_on: None,
            effective_on: None,
            response: None,
            filing_due_on: None,
            filing: None,
            acknowledged: Vec::new(),
            evidence: Vec::new(),
            cross_border: false,
            recorded_late: false,
            recorder: None,
            ended_on: None,
            know_how: declaration.know_how.clone(),
            reason: None,
            fictional: declaration.fictional,
        }
    }

    /// The letter has reached the patentee on a day, proved by a document.
    pub fn delivered(
        &self,
        on: Day,
        proof: FileRef,
        declaration: &Declaration,
        today: Day,
        rules: &Rules,
    ) -> Result<Self, Refused> {
        self.refuse_void()?;
        if self.delivery != Delivery::Letter || self.notice_on.is_some() {
            return Err(Refusal::new(
                "alreadyDelivered",
                "通知已经送达。",
                "The notice has been delivered already.",
            )
            .into());
        }
        not_future("/on", on, today)?;
        if self.given_on().is_some_and(|given| on < given) {
            return Err(Refusal::new(
                "beforeNotice",
                "送达日早于通知作出之日。",
                "The delivery is before the notice was given.",
            )
            .at("/on")
            .into());
        }
        if !declaration.is_offered_on(on) {
            return Err(not_offered(declaration, on).at("/on").into());
        }
        let mut next = self.clone();
        next.notice_on = Some(on);
        next.evidence.push(Evidence {
            kind: EvidenceKind::Delivery,
            file: proof,
        });
        next.settle(declaration, rules);
        Ok(next)
    }

    /// A payment, proved by the payer's voucher or the patentee's receipt.
    pub fn paid(
        &self,
        payment: Payment,
        proof: Evidence,
        declaration: &Declaration,
        today: Day,
        rules: &Rules,
    ) -> Result<Self, Refused> {
        self.refuse_void()?;
        let mut next = self.clone();
        next.add_payment(payment, declaration, today)?;
        next.evidence.push(proof);
        next.settle(declaration, rules);
        Ok(next)
    }

    /// The day in Shanghai on which the notice was given here.
    fn given_on(&self) -> Option<Day> {
        let at: jiff::Timestamp = self.given_at.as_deref()?.parse().ok()?;
        Some(Instant::from_micros(at.as_microsecond()).day())
    }

    fn add_payment(
        &mut self,
        payment: Payment,
        declaration: &Declaration,
        today: Day,
    ) -> Result<(), Refused> {
        not_future("/paidOn", payment.paid_on, today)?;
        if payment.amount_fen <= Fen::ZERO {
            return Err(Refusal::new(
                "amountInvalid",
                "金额应大于零。",
                "The amount must be above zero.",
            )
            .at("/amountFen")
            .into());
        }
        if self.payments.len() >= 1_000 {
            return Err(
                Refusal::new("tooMany", "支付记录过多。", "Too many payments.")
                    .at("/amountFen")
                    .into(),
            );
        }
        // What is due later may be paid later; what brings the licence about must be paid while it can be taken.
        if self.effective_on.is_none() && !declaration.is_offered_on(payment.paid_on) {
            return Err(not_offered(declaration, payment.paid_on)
                .at("/paidOn")
                .into());
        }
        self.payments.push(payment);
        self.payments.sort_by_key(|payment| payment.paid_on);
        Ok(())
    }

    /// The patentee confirms or disputes; the last word stands.
    pub fn answered(
        &self,
        verdict: Verdict,
        statement: Option<FileRef>,
        today: Day,
    ) -> Result<Self, Refused> {
        self.refuse_void()?;
        let mut next = self.clone();
        next.response = Some(Response { verdict, on: today });
        next.evidence.extend(statement.map(|file| Evidence {
            kind: EvidenceKind::Dispute,
            file,
        }));
        Ok(next)
    }

    /// 备案 with the patent office.
    pub fn filed(
        &self,
        filing: &Filing,
        certificate: Option<FileRef>,
        today: Day,
    ) -> Result<Self, Refused> {
        self.refuse_void()?;
        let Some(effective) = self.effective_on else {
            return Err(Refusal::new(
                "notEffective",
                "许可尚未生效，不能备案。",
                "The licence has not taken effect; it cannot be filed.",
            )
            .by("专利法实施细则第八十七条")
            .into());
        };
        not_future("/on", filing.on, today)?;
        if filing.on < effective {
            return Err(Refusal::new(
                "filedBeforeEffect",
                format!("备案日早于许可生效日 {effective}。"),
                format!("The filing is before the licence took effect on {effective}."),
            )
            .at("/on")
            .into());
        }
        let number = filing.number.trim();
        if number.is_empty() || number.chars().count() > 100 || number.chars().any(char::is_control)
        {
            return Err(Refusal::new(
                "filingNumberInvalid",
                "请填写备案号（1 至 100 字）。",
                "Give the filing number, 1 to 100 characters.",
            )
            .at("/number")
            .into());
        }
        let mut next = self.clone();
        next.filing = Some(Filing {
            number: number.to_owned(),
            on: filing.on,
        });
        next.evidence.extend(certificate.map(|file| Evidence {
            kind: EvidenceKind::Filing,
            file,
        }));
        Ok(next)
    }

    /// With the filing and the documents that it lacks; the same content is never added twice.
    pub fn completed(
        &self,
        filing: Option<&Filing>,
        evidence: Vec<Evidence>,
        today: Day,
    ) -> Result<Self, Refused> {
        self.refuse_void()?;
        let mut next = match filing {
            Some(filing) if self.filing.is_none() => self.filed(filing, None, today)?,
            _ => self.clone(),
        };
        for document in evidence {
            let known = next.evidence.iter().any(|known| {
                known.kind == document.kind && known.file.sha256 == document.file.sha256
            });
            if !known {
                next.evidence.push(document);
            }
        }
        Ok(next)
    }

    /// Struck from the record: it was entered by mistake.
    pub fn annulled(&self, reason: &str) -> Result<Self, Refused> {
        self.refuse_void()?;
        Ok(Self {
            state: LicenceState::Void,
            reason: Some(reason.to_owned()),
            ..self.clone()
        })
    }

    /// The day from which it is over before its last day, where the operator's rules let an end of the declaration or of
    /// the right end earlier licences too; they stand after a withdrawal in any case (专利法第五十条第二款).
    /// `death`: why and since when there is no right any more.
    pub fn end_by(&mut self, declaration: &Declaration, death: Option<(Block, Day)>, ends: &Ends) {
        let declared = match declaration.state {
            DeclarationState::Terminated => Some(ends.termination),
            DeclarationState::Revoked => Some(ends.revocation),
            _ => None,
        };
        let declared = declared
            .filter(|effect| *effect == EndEffect::End)
            .and(declaration.ended_on);
        let right = death.filter(|(block, _)| {
            let effect = match block {
                Block::Invalidated => ends.invalidation,
                _ => ends.right_ended,
            };
            effect == EndEffect::End
        });
        let day = [declared, right.map(|(_, day)| day)]
            .into_iter()
            .flatten()
            .min();
        self.ended_on = day.filter(|day| {
            self.state == LicenceState::Effective
                && *day <= self.until
                && self.effective_on.is_some_and(|effective| effective < *day)
        });
    }

    fn refuse_void(&self) -> Result<(), Refused> {
        if self.state == LicenceState::Void {
            return Err(Refusal::new(
                "licenceVoid",
                "该许可记录已作废，不能再改。请重新登记。",
                "This record is void and cannot change; make a new one.",
            )
            .into());
        }
        Ok(())
    }

    /// Works out from the days whether and when it takes effect: the later of notice and payment, both on days on
    /// which the declaration was open (专利法第五十条第二款、第五十一条第一款). Called again when the declaration's end
    /// becomes known: a licence that was taken before that day stands, one that came too late never took effect.
    pub fn settle(&mut self, declaration: &Declaration, rules: &Rules) {
        if self.state == LicenceState::Void {
            return;
        }
        let due = self.terms.due_at_start();
        let mut sum = Fen::ZERO;
        let in_time = self
            .payments
            .iter()
            .filter(|p| declaration.is_offered_on(p.paid_on));
        let full = in_time
            .map(|payment| {
                sum = sum.saturating_add(payment.amount_fen);
                (sum, payment.paid_on)
            })
            .find(|(sum, _)| *sum >= due);
        self.paid_on = if due == Fen::ZERO {
            None
        } else {
            full.map(|(_, day)| day)
        };
        let settled = due == Fen::ZERO || self.paid_on.is_some();
        (self.state, self.effective_on) = match self.notice_on {
            Some(notice) if !declaration.is_offered_on(notice) => (LicenceState::Ineffective, None),
            Some(notice) if settled => (
                LicenceState::Effective,
                Some(self.paid_on.map_or(notice, |paid| paid.max(notice))),
            ),
            _ => (LicenceState::Pending, None),
        };
        self.filing_due_on = self.effective_on.and_then(|day| {
            day.checked_add(jiff::Span::new().months(rules.filing_months))
                .ok()
        });
    }
}

/// A patentee needs no licence under its own patent, and none of that kind is counted.
fn own_patent(licensee: &Licensee, declaration: &Declaration) -> Result<(), Refused> {
    if licensee.organisation() != Some(&declaration.organisation) {
        return Ok(());
    }
    Err(Refusal::new(
        "licenseeIsPatentee",
        "专利权人实施自己的专利不需要许可。",
        "A patentee needs no licence under its own patent.",
    )
    .at("/licensee")
    .into())
}

fn not_offered(declaration: &Declaration, day: Day) -> Refusal {
    let refusal = match (declaration.effective_on, declaration.ended_on) {
        (Some(_), Some(ended)) if ended <= day && ended <= declaration.until => Refusal::new(
            "declarationEnded",
            format!("声明已于 {ended} 公告结束，{day} 不能再取得许可；此前取得的许可不受影响。"),
            format!(
                "The declaration's end was announced on {ended}; no licence can be taken on {day}. Earlier ones stand."
            ),
        ),
        (Some(effective), _) if day < effective => Refusal::new(
            "declarationNotYetEffective",
            format!("声明自 {effective} 起生效，{day} 还不能取得许可。"),
            format!("The declaration takes effect on {effective}, not on {day}."),
        ),
        (Some(_), _) if declaration.state.was_announced() => Refusal::new(
            "periodOver",
            format!("许可期限已于 {} 届满。", declaration.until),
            format!("The licence period was over after {}.", declaration.until),
        ),
        _ => Refusal::new(
            "notAnnounced",
            "声明尚未公告，不能取得开放许可。",
            "The declaration is not announced; there is no open licence to take.",
        ),
    };
    refusal.by("专利法第五十条第二款、第五十一条第一款")
}
