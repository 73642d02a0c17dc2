//! What somebody reads before it gives notice: the announced declaration at its version, the risks that must be
//! acknowledged, for whom the licence would be taken, and whether that party may give notice yet.

use super::{Error, Result, Services, licences::risks};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        codes::AppNo,
        declaration::Declaration,
        eligibility::Finding,
        id::Id,
        licence::LicenceState,
        party::Organisation,
    },
    store::{Stored, Tx, contacts, declarations, keys, licences as rows, organisations},
};

/// An offer as one party may take it.
#[derive(Clone, Debug)]
pub struct Prospect {
    pub declaration: Stored<Declaration>,
    pub holder: Organisation,
    /// To be acknowledged by name.
    pub risks: Vec<Finding>,
    /// Who takes the licence.
    pub taker: String,
    /// It was checked, and may give notice.
    pub verified: bool,
    /// The licence that it has, or has asked for, under this declaration.
    pub standing: Option<Id>,
    /// The patentee has an inbox here; else the letter must be delivered.
    pub reaches_holder: bool,
}

/// What can be taken of a patent today, for the party of this actor.
pub async fn prospect(services: &Services, actor: &Actor, number: &AppNo) -> Result<Prospect> {
    access::check_role(actor, Operation::CreateLicence)?;
    let own = actor.organisation.clone().ok_or(Denied::Role)?;
    let today = services.clock.today();
    let mut tx = services.read().await?;
    let (taker, verified) = party(&mut tx, &own).await?;
    let declared = declarations::list_by_numbers(&mut tx, std::slice::from_ref(number)).await?;
    let declaration = declared
        .into_iter()
        .find(|found| found.value.is_offered_on(today))
        .ok_or(Error::NotFound("declaration"))?;
    let holder = organisations::find(&mut tx, &declaration.value.organisation)
        .await?
        .ok_or_else(|| Error::Internal("a declaration without declarer".into()))?;
    let risks = risks(services, &mut tx, &declaration.value, today).await?;
    let known = rows::list_by_declaration(&mut tx, &declaration.value.id).await?;
    let standing = known.into_iter().find(|licence| {
        let stands = matches!(
            licence.value.state,
            LicenceState::Pending | LicenceState::Effective
        );
        stands && *licence.value.licensee.id() == own
    });
    let now = services.now();
    let reaches_holder = keys::has_member(&mut tx, &holder.value.id, now).await?;
    Ok(Prospect {
        declaration,
        holder: holder.value,
        risks,
        taker,
        verified,
        standing: standing.map(|licence| licence.value.id),
        reaches_holder,
    })
}

async fn party(tx: &mut Tx, id: &Id) -> Result<(String, bool)> {
    if let Some(found) = organisations::find(tx, id).await? {
        return Ok((found.value.name, !found.value.unverified));
    }
    let person = contacts::find_individual(tx, id).await?;
    let person = person.ok_or(Error::Denied(Denied::Role))?;
    Ok((person.name, person.verified))
}
