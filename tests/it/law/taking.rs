//! Taking licences in tests: notice, delivery and payment on a day, as short as they can be said.

use kaixu::domain::{
    declaration::Declaration,
    eligibility::{Block, Finding},
    licence::{Evidence, EvidenceKind, Licence, LicenceState, Licensee, Notice, Payment},
    money::Fen,
    refusal::Refused,
    rules::Rules,
    time::Day,
};

use super::fixtures::{day, days, file, id};

pub fn state(licence: &Licence) -> (LicenceState, Option<Day>) {
    (licence.state, licence.effective_on)
}

/// A notice on a day, into the patentee's inbox or by a letter that is yet to arrive; the patent is sound.
pub fn notice(declaration: &Declaration, on: &str, reaches: bool) -> Result<Licence, Refused> {
    noticed(declaration, on, reaches, &[], Vec::new())
}

/// A notice on a patent with these findings.
pub fn noticed(
    declaration: &Declaration,
    on: &str,
    reaches_holder: bool,
    findings: &[Block],
    acknowledged: Vec<Block>,
) -> Result<Licence, Refused> {
    let notice = Notice {
        id: id(0x11),
        licensee: Licensee::Organisation(id(0x0a02)),
        given_at: format!("{on}T04:00:00Z"),
        reaches_holder,
        acknowledged,
        cross_border: false,
        text: file(0x20),
    };
    let findings: Vec<Finding> = findings
        .iter()
        .map(|block| Finding {
            block: *block,
            detail: String::new(),
        })
        .collect();
    Licence::noticed(notice, declaration, &findings, day(on), &Rules::default())
}

/// The letter's arrival, recorded years later.
pub fn deliver(licence: &Licence, declaration: &Declaration, on: &str) -> Result<Licence, Refused> {
    licence.delivered(day(on), file(0x21), declaration, today(), &Rules::default())
}

/// A payment in yuan, recorded years later.
pub fn pay(
    licence: &Licence,
    declaration: &Declaration,
    yuan: i64,
    on: &str,
) -> Result<Licence, Refused> {
    paid(licence, declaration, Fen::yuan(yuan), on)
}

pub fn paid(
    licence: &Licence,
    declaration: &Declaration,
    amount_fen: Fen,
    on: &str,
) -> Result<Licence, Refused> {
    let payment = Payment {
        amount_fen,
        paid_on: day(on),
    };
    let proof = Evidence {
        kind: EvidenceKind::Voucher,
        file: file(0x22),
    };
    licence.paid(payment, proof, declaration, today(), &Rules::default())
}

fn today() -> Day {
    days(day("2026-05-02"), 3_000)
}
