//! What happens to the surroundings later: encumbrances come and are consented to, an organisation moves, another is
//! named, a target changes, holdings are hidden.

use kaixu::{
    domain::{
        access::Role,
        codes::AppNo,
        encumbrance::EncumbranceKind,
        indicator::{Metric, Side},
        party::Organisation,
        reported::Indicator,
    },
    ops::{
        closings,
        encumbrances::{self, EncumbrancePatch, NewEncumbrance},
        holdings::{self, HoldingPatch},
        organisations::{self, OrganisationPatch},
        reported, targets, watch,
    },
};

use super::chronicle::{Chronicle, day, member};

/// A pledge without consent obliges to withdraw, the consent ends the duty; then one that stays.
pub async fn burdened(c: &Chronicle, a: &Organisation, number: &str) {
    let holder = member(Role::Holder, a);
    let number = AppNo::parse(number).expect("a number").0;
    let entry = |kind: EncumbranceKind, from: &str, registration: Option<&str>| NewEncumbrance {
        number: number.clone(),
        kind,
        from: day(from),
        until: None,
        party: Some("某银行".into()),
        registration: registration.map(str::to_owned),
        consent: None,
        source: None,
    };
    c.on("2024-07-01");
    let (services, office) = (&c.services, &c.office);
    let pledge = entry(EncumbranceKind::Pledge, "2024-07-01", None);
    let pledge = encumbrances::create(services, &holder, None, pledge).await;
    let pledge = pledge.expect("is recorded").record;
    c.on("2024-07-09");
    let patch = EncumbrancePatch {
        consent: Some(c.file(&holder).await),
        ..EncumbrancePatch::default()
    };
    let id = &pledge.value.id;
    let agreed = encumbrances::update(services, &holder, id, pledge.version, patch).await;
    agreed.expect("is agreed");
    let court = entry(EncumbranceKind::Preservation, "2024-09-01", Some("PP01"));
    let court = encumbrances::create(services, office, None, court).await;
    court.expect("is recorded");
    let mut other = entry(EncumbranceKind::OrdinaryLicence, "2024-07-09", None);
    other.until = Some(day("2026-07-08"));
    let other = encumbrances::create(services, office, None, other).await;
    other.expect("is recorded");
    let beside = entry(EncumbranceKind::SoleLicence, "2024-07-09", None);
    let beside = encumbrances::create(services, &holder, None, beside).await;
    assert!(beside.is_err(), "a sole licence beside an open one");
    c.on("2024-09-02");
    assert_eq!(watch::run(services).await.expect("looks"), 1);
}

/// The district, a name and a target change; a holding is hidden.
pub async fn moved(c: &Chronicle, a: &Organisation, y: &Organisation) {
    let (services, office) = (&c.services, &c.office);
    c.on("2025-01-10");
    watch::run(services).await.expect("looks");
    for month in ["2024-03", "2024-11"] {
        let closed = closings::create(services, office, None, None, month).await;
        closed.expect("closes");
    }
    for on in ["2024-06-30", "2024-12-31"] {
        let told = reported::Written {
            indicator: Indicator::Trademarks,
            district: "371002".into(),
            on: day(on),
            value_hundredths: 1_234_500,
            goal_hundredths: None,
            responsible: "区市场监管局".into(),
            source: "季度报表".into(),
            file: c.file(office).await,
        };
        let told = reported::create(services, office, None, told).await;
        told.expect("is reported");
    }
    let patch = OrganisationPatch {
        district: Some("371082".into()),
        ..OrganisationPatch::default()
    };
    let moved = organisations::update(services, office, &y.id, 1, patch).await;
    moved.expect("moves");
    let patch = OrganisationPatch {
        aliases: Some(vec!["威海海洋学院".into()]),
        ..OrganisationPatch::default()
    };
    let named = organisations::update(services, office, &a.id, 1, patch).await;
    named.expect("is named");
    let target = targets::list(services, office).await.expect("targets")[0].clone();
    let written = targets::Written {
        name: target.value.name.clone(),
        metric: Metric::M1,
        value: 60,
        from: target.value.from,
        to: target.value.to,
        district: "371002".into(),
        side: Side::Patentee,
        responsible: Vec::new(),
    };
    let taking = targets::Written {
        name: "受让侧".into(),
        metric: Metric::M6,
        side: Side::Licensee,
        district: "371082".into(),
        ..written.clone()
    };
    let id = &target.value.id;
    let changed = targets::update(services, office, id, target.version, written).await;
    changed.expect("changes");
    let made = targets::create(services, office, None, taking).await;
    made.expect("is set");
    let filter = holdings::HoldingFilter::default();
    let (held, _) = holdings::list(services, office, None, filter, None, 200)
        .await
        .expect("holdings");
    for holding in held.iter().take(2) {
        let patch = HoldingPatch {
            published: Some(false),
            unit: Some(Some("机械学院".into())),
            ..HoldingPatch::default()
        };
        let id = &holding.value.id;
        let hidden = holdings::update(services, office, id, holding.version, patch).await;
        hidden.expect("is hidden");
    }
}
