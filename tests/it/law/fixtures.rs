//! A sound world to start from: patents, an organisation with its holding, terms, declarations announced from a day
//! until a day. Every test departs from it by the one thing that it is about.

use std::fmt::Debug;

use kaixu::domain::{
    codes::{AppNo, Uscc},
    declaration::{
        Announced, Conclusion, Consent, Content, Declaration, DeclarationState, Evaluation, Step,
    },
    encumbrance::{Encumbrance, EncumbranceKind},
    event::sha256_hex,
    file::FileRef,
    holding::Holding,
    id::Id,
    money::Fen,
    party::{Organisation, OrganisationKind},
    patent::{CheckSource, LegalStatus, Patent, PatentKind, Stage},
    refusal::Refused,
    rules::Rules,
    terms::{Part, Royalty, RoyaltyBase, Stage as FeeStage, Terms},
    time::Day,
};

/// The day on which most tests happen.
pub const TODAY: Day = jiff::civil::date(2026, 6, 1);

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// So many days after (or, below zero, before) a day.
pub fn days(from: Day, count: i32) -> Day {
    from.checked_add(jiff::Span::new().days(count)).unwrap()
}

pub fn id(number: u64) -> Id {
    Id::parse(&format!("00000000-0000-7000-8000-{number:012x}")).unwrap()
}

pub fn file(number: u64) -> FileRef {
    FileRef {
        id: id(0xf11e_0000 + number),
        sha256: sha256_hex(&number.to_be_bytes()),
    }
}

pub fn organisation(number: u64, name: &str) -> Organisation {
    Organisation {
        id: id(0x0a00 + number),
        uscc: Uscc::complete(&format!("91371002{number:08}")).unwrap(),
        name: name.into(),
        aliases: Vec::new(),
        kind: OrganisationKind::University,
        district: "371002".into(),
        town: None,
        unverified: false,
        business_licence: None,
        fictional: false,
    }
}

/// The declaring university of most tests.
pub fn university() -> Organisation {
    organisation(1, "威海理工大学")
}

/// A granted patent of the university, in force, vouched for yesterday, filed on 2020-03-15.
pub fn patent(kind: PatentKind, serial: u32) -> Patent {
    let digit = match kind {
        PatentKind::Invention => 1,
        PatentKind::UtilityModel => 2,
        PatentKind::Design => 3,
    };
    let (number, _) = AppNo::parse(&format!("2020{digit}{serial:07}")).unwrap();
    Patent {
        number,
        check_source: CheckSource::Computed,
        kind,
        title: "一种海参分拣装置".into(),
        abstract_text: None,
        main_claim: None,
        ipc: Vec::new(),
        locarno: Vec::new(),
        industries: vec!["C3511".into()],
        applicants: vec!["威海理工大学".into()],
        owners: Vec::new(),
        inventors: Vec::new(),
        filing_date: Some(day("2020-03-15")),
        publication_number: None,
        publication_date: None,
        grant_number: None,
        grant_date: Some(day("2021-09-01")),
        stage: Stage::Granted,
        legal_status: LegalStatus::InForce,
        status_text: None,
        status_as_of: Some(days(TODAY, -1)),
        status_source: None,
        region: None,
        fictional: false,
    }
}

pub fn invention() -> Patent {
    patent(PatentKind::Invention, 1)
}

pub fn holding(organisation: &Organisation, patent: &Patent) -> Holding {
    Holding::of(id(0xb0), organisation, patent)
}

pub fn evaluation(conclusion: Conclusion) -> Evaluation {
    Evaluation {
        file: file(0xe),
        conclusion,
    }
}

pub fn consent(name: &str) -> Consent {
    Consent {
        name: name.into(),
        file: file(0xc),
        signed: None,
    }
}

pub fn encumbrance(kind: EncumbranceKind, from: Day) -> Encumbrance {
    Encumbrance {
        id: id(0xec),
        number: invention().number,
        kind,
        from,
        until: None,
        released_on: None,
        party: None,
        registration: None,
        consent: None,
        source: None,
        organisation: None,
    }
}

pub fn lump_sum(yuan: i64) -> Terms {
    Terms::LumpSum {
        amount_fen: Fen::yuan(yuan),
    }
}

/// A share of net sales, in basis points.
pub fn share(rate_bp: u32) -> Royalty {
    Royalty {
        base: RoyaltyBase::NetSales,
        rate_bp,
        every_months: 12,
        pay_within_days: 30,
        floor_fen: None,
        cap_fen: None,
    }
}

/// Amounts in yuan with the days after which they are due.
pub fn instalments(parts: &[(i64, u32)]) -> Terms {
    let part = |(yuan, after_days): &(i64, u32)| Part {
        amount_fen: Fen::yuan(*yuan),
        after_days: *after_days,
    };
    Terms::Instalments {
        parts: parts.iter().map(part).collect(),
    }
}

/// The first year free, then a lump sum.
pub fn first_year_free(yuan: i64) -> Terms {
    let stage = |months, terms| FeeStage { months, terms };
    Terms::Stages {
        stages: vec![stage(Some(12), Terms::Free), stage(None, lump_sum(yuan))],
    }
}

pub fn content(terms: Terms, until: Day) -> Content {
    Content {
        terms,
        until,
        explanation: "按研发成本分摊计算。".into(),
        other: None,
        cap_override: None,
        evaluation: None,
        consents: Vec::new(),
        internal: kaixu::domain::declaration::Internal::default(),
    }
}

/// A draft of the university for an invention: free, until the end of 2028.
pub fn draft() -> Declaration {
    let content = content(Terms::Free, day("2028-12-31"));
    Declaration::draft(id(0xd), &university(), &invention(), content).unwrap()
}

pub fn announcement(effective_on: Day, end: Option<(DeclarationState, Day)>) -> Announced {
    Announced {
        declaration_number: "KX2026000001".into(),
        effective_on,
        source: file(0xa),
        end,
    }
}

/// A declaration of the university's invention, announced from a day until a day.
pub fn announced(from: &str, until: &str, terms: Terms) -> Declaration {
    Declaration::recorded(
        id(0xd),
        &university(),
        &invention(),
        content(terms, day(until)),
        announcement(day(from), None),
        days(TODAY, 3_000),
        &Rules::default(),
    )
    .unwrap()
}

/// The declaration with the announcement of its withdrawal, however late that is recorded.
pub fn withdrawn(declaration: &Declaration, announced_on: &str) -> Declaration {
    let step = Step::Withdraw {
        announced_on: day(announced_on),
        source: file(0xa2),
    };
    declaration
        .step(step, &[], days(TODAY, 3_000), &Rules::default())
        .unwrap()
}

/// The code of the refusal.
pub fn code<T: Debug>(outcome: Result<T, Refused>) -> &'static str {
    outcome.expect_err("should be refused").code
}
