//! What comes before and after the demonstration's licences: annexes, a question with and one without an answer, follow-ups,
//! a dispute.

use crate::{
    cli::{operator, said},
    domain::{
        declaration::{KnowHow, KnowHowKind},
        dispute::DisputeStage,
        id::Id,
        licence::Licence,
        performance::SalesBand,
        time::Day,
    },
    ops::{
        Services,
        asked::Sides,
        declarations,
        disputes::{self, NewEntry},
        enquiries::{self, NewEnquiry},
        licences::{self, LicenceFilter},
        performances::{self, Answered},
    },
};

/// Licences looked at.
const LICENCES: usize = 200;

/// Plays it on the present day.
pub async fn play(services: &Services, declared: &[Id], enterprises: &[Id]) -> anyhow::Result<()> {
    let today = services.clock.today();
    before(services, declared, enterprises, today).await?;
    let listed = licences::list(
        services,
        &operator(),
        &Sides::default(),
        LicenceFilter::default(),
        None,
        LICENCES,
    )
    .await;
    let taken = said(listed)?.0.into_iter().map(|licence| licence.value);
    for (place, licence) in taken.enumerate() {
        after(services, &licence, place, today).await?;
    }
    Ok(())
}

async fn before(
    services: &Services,
    declared: &[Id],
    enterprises: &[Id],
    today: Day,
) -> anyhow::Result<()> {
    let mut place = 0;
    for id in declared {
        let shown = said(declarations::get(services, &operator(), id).await)?;
        let value = &shown.record.value;
        if !value.is_offered_on(today) || enterprises.is_empty() {
            continue;
        }
        let kind = KnowHowKind::ALL[place % KnowHowKind::ALL.len()];
        let annex = KnowHow {
            kind,
            hours: (kind == KnowHowKind::Hours).then_some(16),
            text: (kind != KnowHowKind::None).then(|| "现场指导（演示）".to_owned()),
        };
        let version = shown.record.version;
        said(declarations::annex(services, &operator(), id, version, annex).await)?;
        if place < 2 {
            let new = NewEnquiry {
                declaration: id.clone(),
                asker: Some(enterprises[place % enterprises.len()].to_string()),
                question: "小型设备能不能直接用？需要改造哪些部件？（演示）".into(),
            };
            let made = said(enquiries::create(services, &operator(), None, new).await)?;
            if place == 0 {
                let record = made.record.record;
                let answer = "可以直接用，一般不必改造。（演示）";
                let (id, version) = (&record.value.id, record.version);
                said(enquiries::answer(services, &operator(), id, version, answer).await)?;
            }
        }
        place += 1;
    }
    Ok(())
}

async fn after(
    services: &Services,
    licence: &Licence,
    place: usize,
    today: Day,
) -> anyhow::Result<()> {
    let Some(effective) = licence.effective_on else {
        return Ok(());
    };
    let asked = effective.saturating_add(jiff::Span::new().months(3));
    if asked <= today && place % 3 != 2 {
        let answer = Answered {
            months: 3,
            worked: place % 5 != 4,
            product: place.is_multiple_of(2),
            sales: SalesBand::ALL[place % SalesBand::ALL.len()],
            note: Some("演示".into()),
        };
        said(performances::follow_up(services, &operator(), None, &licence.id, answer).await)?;
    }
    if licence.is_disputed() {
        let entry = NewEntry {
            stage: DisputeStage::Consultation,
            on: today,
            text: "双方就通知的签章协商（演示）".into(),
            file: None,
        };
        said(disputes::create(services, &operator(), None, &licence.id, entry).await)?;
    }
    Ok(())
}
