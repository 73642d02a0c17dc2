//! All that the declaring organisation's officer looks at when a patent is declared: the record, the patent, what
//! the gate says of it today, what lies on it and could be cured, in one reading.

use super::{Shown, declarer, papers, subject};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        declaration::{Declaration, DeclarationState},
        eligibility::Finding,
        encumbrance::Encumbrance,
        id::Id,
        party::Organisation,
        patent::Patent,
        time::Day,
    },
    ops::{Error, Result, Services, cards, letter, watch::Dossiers},
    store::{Stored, Tx, contacts, declarations, encumbrances, licences},
};

/// A declaration, or a patent that might be declared, with everything that bears on it.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// `None` before anything is drafted.
    pub shown: Option<Shown>,
    pub patent: Patent,
    pub organisation: Organisation,
    pub as_of: Day,
    /// What the gate finds: in the way of declaring, or, once announced, a duty to withdraw.
    pub findings: Vec<Finding>,
    /// What lies on the patent today.
    pub encumbrances: Vec<Stored<Encumbrance>>,
    /// 承诺书, as it would be given today.
    pub commitment: String,
    /// Licences taken under it.
    pub licences: usize,
    /// Another declaration of the same patent by this organisation that is drafted, under way or announced.
    pub other: Option<Declaration>,
}

impl Dossier {
    /// Patentees whose written consent is wanted (审查指南第五部分第十一章 3.2).
    pub fn co_owners(&self) -> Vec<&str> {
        let names = self.patent.patentees().iter();
        let others = names.filter(|name| !self.organisation.is_named(name));
        others.map(String::as_str).collect()
    }
}

/// A declaration of one's own (an officer: anybody's).
pub async fn dossier(services: &Services, actor: &Actor, id: &Id) -> Result<Dossier> {
    access::check_role(actor, Operation::StepDeclaration)?;
    let mut tx = services.read().await?;
    let found = declarations::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("declaration"))?;
    let record = super::visible(actor, found)?;
    access::check(
        actor,
        Operation::StepDeclaration,
        Some(&record.value.organisation),
    )?;
    let value = &record.value;
    let wanted = (value.organisation.clone(), value.number.clone());
    let (mut dossier, dossiers) = load(&mut tx, services, actor, &wanted, Some(id)).await?;
    if !value.state.was_announced() {
        let case = dossiers.case(&value.organisation, &value.number);
        let case = case.ok_or(Error::NotFound("declaration"))?;
        let papers = papers(&mut tx, services, value, case.patent).await?;
        dossier.findings = case.declaring(value, papers, dossier.as_of, &services.rules);
    }
    dossier.licences = licences::list_by_declaration(&mut tx, id).await?.len();
    let contact = contacts::find(&mut tx, &subject(id)).await?;
    dossier.shown = Some(Shown { record, contact });
    Ok(dossier)
}

/// A patent of one's own stock before it is declared.
pub async fn prospect(services: &Services, actor: &Actor, number: &AppNo) -> Result<Dossier> {
    access::check_role(actor, Operation::CreateDeclaration)?;
    let organisation = declarer(services, actor, Operation::CreateDeclaration, None).await?;
    let mut tx = services.read().await?;
    let wanted = (organisation.clone(), number.clone());
    let (mut dossier, dossiers) = load(&mut tx, services, actor, &wanted, None).await?;
    if let Some(case) = dossiers.case(&organisation, number) {
        let doubts = case.doubts(dossier.as_of, &services.rules);
        dossier.findings.extend(doubts);
        let card = cards::standing(&mut tx, services, &organisation, case.patent).await?;
        dossier.findings.extend(card.finding());
    }
    Ok(dossier)
}

/// Patent, organisation, what lasts against it, and what lies on it.
async fn load(
    tx: &mut Tx,
    services: &Services,
    actor: &Actor,
    wanted: &(Id, AppNo),
    this: Option<&Id>,
) -> Result<(Dossier, Dossiers)> {
    let (organisation, number) = wanted;
    let dossiers = Dossiers::load(tx, std::slice::from_ref(wanted)).await?;
    let case = dossiers
        .case(organisation, number)
        .ok_or(Error::NotFound("patent"))?;
    let as_of = services.clock.today();
    let mut lying = encumbrances::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    lying.retain(|found| {
        found.value.is_active_on(as_of) && actor.sight().sees(&found.value.audience())
    });
    let known = declarations::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    let mut others = known.into_iter().map(|found| found.value).filter(|d| {
        let open = d.state.is_under_way() || d.state == DeclarationState::Draft;
        d.organisation == *organisation && open && Some(&d.id) != this
    });
    let dossier = Dossier {
        shown: None,
        patent: case.patent.clone(),
        organisation: case.organisation.clone(),
        as_of,
        findings: case.standing(as_of),
        encumbrances: lying,
        commitment: letter::commitment(case.organisation, case.patent, as_of),
        licences: 0,
        other: others.next(),
    };
    Ok((dossier, dossiers))
}
