//! Who takes a licence: an organisation or an individual, and who may speak for it.

use crate::ops::{
    Error, Fault, Result, Services, inbox, letter,
    organisations::{self},
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        licence::Licensee,
        party::{Individual, Organisation},
        text::Text,
    },
    store::{Tx, contacts},
};

/// Who takes a licence.
#[derive(Clone, Debug)]
pub enum Taker {
    /// Id or USCC.
    Organisation(String),
    Individual {
        name: String,
        contact: String,
    },
}

/// A name for a letter.
pub(super) enum Named {
    Organisation(Organisation),
    Individual(Individual),
}

impl Named {
    pub(super) fn party(&self) -> letter::Party<'_> {
        match self {
            Self::Organisation(party) => letter::Party {
                name: &party.name,
                uscc: Some(party.uscc.as_str()),
                contact: None,
            },
            Self::Individual(person) => letter::Party {
                name: &person.name,
                uscc: None,
                contact: Some(&person.contact),
            },
        }
    }
}

impl Named {
    /// Seated in Hong Kong, Macao or Taiwan, by its district.
    pub(super) fn is_abroad(&self) -> bool {
        matches!(self, Self::Organisation(party) if is_abroad(party))
    }
}

/// Outside the mainland, where 技术进出口管理条例 applies.
pub(super) fn is_abroad(party: &Organisation) -> bool {
    ["71", "81", "82"]
        .iter()
        .any(|region| party.district.starts_with(region))
}

/// Who takes the licence, if this actor may speak for it: a member for its organisation, an officer for anybody who
/// has handed in a notice.
pub(super) async fn licensee(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    operation: Operation,
    asked: Option<Taker>,
) -> Result<(Licensee, Named)> {
    let reference = match (asked, &actor.organisation) {
        (Some(Taker::Individual { name, contact }), _) => {
            access::check(actor, operation, None)?;
            let (licensee, person) = individual(services, tx, &name, &contact).await?;
            return Ok((licensee, Named::Individual(person)));
        }
        (Some(Taker::Organisation(reference)), _) => reference,
        (None, Some(own)) => {
            if let Some(person) = contacts::find_individual(tx, own).await? {
                access::check(actor, operation, Some(own))?;
                check_verified(actor, person.verified)?;
                return Ok((Licensee::Individual(own.clone()), Named::Individual(person)));
            }
            own.to_string()
        }
        (None, None) => {
            return Err(Error::fault(
                "/licensee",
                "licenseeRequired",
                "请填写被许可人。",
                "Name the licensee.",
            ));
        }
    };
    let party = organisations::find(tx, &reference)
        .await?
        .ok_or_else(|| unknown("/licensee/organisation"))?
        .value;
    access::check(actor, operation, Some(&party.id))?;
    check_verified(actor, !party.unverified)?;
    Ok((
        Licensee::Organisation(party.id.clone()),
        Named::Organisation(party),
    ))
}

/// Whoever registered itself is checked before it binds itself; an officer has looked at what was handed in.
fn check_verified(actor: &Actor, verified: bool) -> Result<()> {
    if verified || inbox::is_office(actor) {
        return Ok(());
    }
    let mut fault = Fault::new(
        "/licensee",
        "partyUnverified",
        "您的主体身份尚未核验，暂不能发出许可通知。",
        "You have not been verified yet and may give no notice.",
    );
    fault.cure = Some(Box::new(Text::new(
        "请在“账户”页上传营业执照，或请主管部门核验；在此之前可以检索、提出需求和起草。",
        "Upload the business licence on the account page, or ask the office for a check; until then you can search, \
         state needs and draft.",
    )));
    Err(Error::Unverified(fault))
}

pub(super) async fn individual(
    services: &Services,
    tx: &mut Tx,
    name: &str,
    contact: &str,
) -> Result<(Licensee, Individual)> {
    let parts = [
        ("/licensee/individual/name", name),
        ("/licensee/individual/contact", contact),
    ];
    for (pointer, text) in parts {
        if !(1..=200).contains(&text.trim().chars().count()) || text.chars().any(char::is_control) {
            return Err(Error::fault(
                pointer,
                "textLength",
                "请填写 1 至 200 字。",
                "Give 1 to 200 characters.",
            ));
        }
    }
    let (name, contact) = (name.trim(), contact.trim());
    let known = contacts::find_same_individual(tx, name, contact).await?;
    let person = Individual {
        id: known.clone().unwrap_or_else(|| services.ids.next(tx.now())),
        name: name.to_owned(),
        contact: contact.to_owned(),
        verified: true,
    };
    if known.is_none() {
        let now = tx.now();
        contacts::add_individual(tx, &person, now).await?;
    }
    Ok((Licensee::Individual(person.id.clone()), person))
}

pub(super) fn unknown(pointer: &str) -> Error {
    Error::fault(
        pointer,
        "unknownOrganisation",
        "没有登记这个单位，请先登记或核对统一社会信用代码。",
        "No such organisation is registered; register it or check the code.",
    )
}
