//! Registering oneself. A new organisation or individual is there at once, unverified: it searches, keeps needs and
//! drafts. An organisation that is registered already is nobody's for the asking: the account waits for an officer.

use super::{actor_name, contact_name, line, login, login_taken, note, passwords, subject};
use crate::{
    domain::{
        access::Role,
        account::{Account, AccountState},
        codes::{Uscc, region},
        event::{Audience, Noun},
        id::Id,
        message::{self, MessageKind},
        party::{Individual, Organisation, OrganisationKind},
        review::Duty,
        text::Text,
    },
    ops::{
        Error, Fault, Result, Services,
        announce::announce,
        inbox::{self, Told},
    },
    store::{Tx, accounts, contacts, organisations},
};

/// Who registers.
#[derive(Clone, Debug)]
pub enum Registrant {
    Enterprise {
        uscc: String,
        /// The registered name; not needed where the code is registered already.
        organisation: String,
        /// Offers services to others rather than making things itself.
        service_body: bool,
        district: String,
    },
    /// Under the contact's name.
    Individual,
}

/// A registration as it was typed. Its `Debug` shows no password.
#[derive(Clone)]
pub struct Registration {
    pub registrant: Registrant,
    /// The business contact, or the individual.
    pub name: String,
    pub login: String,
    pub password: String,
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration")
            .field("registrant", &self.registrant)
            .finish_non_exhaustive()
    }
}

/// What has come of it.
#[derive(Clone, Debug)]
pub struct Registered {
    pub account: Account,
}

/// What is checked before a transaction begins.
enum Wanted {
    Enterprise(Organisation),
    Individual(Individual),
}

/// Registers, or says of every field what is wrong with it.
pub async fn register(services: &Services, new: Registration) -> Result<Registered> {
    let mut faults = Vec::new();
    let name = contact_name(&new.name).map_err(|fault| faults.push(fault));
    let login = login(&new.login).map_err(|fault| faults.push(fault));
    if let Ok(login) = &login {
        faults.extend(passwords::fault(login, &new.password));
    }
    let id = services.ids.next(services.now());
    let wanted = match &new.registrant {
        Registrant::Enterprise {
            uscc,
            organisation,
            service_body,
            district,
        } => {
            let kind = if *service_body {
                OrganisationKind::ServiceBody
            } else {
                OrganisationKind::Enterprise
            };
            enterprise(id, uscc, organisation, kind, district)
                .map(Wanted::Enterprise)
                .map_err(|more| faults.extend(more))
        }
        Registrant::Individual => Ok(Wanted::Individual(Individual {
            id,
            name: name.clone().unwrap_or_default(),
            contact: login.as_ref().map_or("", |login| login.as_str()).to_owned(),
            verified: false,
        })),
    };
    let (Ok(name), Ok(login), Ok(wanted), true) = (name, login, wanted, faults.is_empty()) else {
        return Err(Error::Invalid(faults));
    };
    let hash = passwords::hash(services, &new.password).await?;
    let id = services.ids.next(services.now());
    let actor = actor_name(&id);
    let mut tx = services.db.begin_write(services.now(), &actor).await?;
    if accounts::find_by_login(&mut tx, &login).await?.is_some() {
        return Err(login_taken());
    }
    let (party, state) = party(services, &mut tx, wanted).await?;
    let manages = state == AccountState::Active;
    let account = Account {
        id,
        login,
        name,
        role: Role::Enterprise,
        party: Some(party),
        state,
        manages,
        duty: Duty::Officer,
        created_at: tx.now(),
    };
    accounts::insert(&mut tx, &account, &hash).await?;
    note(
        &mut tx,
        services,
        &actor,
        if account.state == AccountState::Waiting {
            "askedToAct"
        } else {
            "registered"
        },
        &subject(&account.id),
    )
    .await?;
    tx.commit().await?;
    Ok(Registered { account })
}

/// Stores the party, or finds it; the office is told that somebody waits for a check.
async fn party(services: &Services, tx: &mut Tx, wanted: Wanted) -> Result<(Id, AccountState)> {
    let (id, state, text) = match wanted {
        Wanted::Individual(person) => {
            let now = tx.now();
            contacts::add_individual(tx, &person, now).await?;
            let text = Text::new(
                "一位自然人已注册，请核验。",
                "An individual has registered and waits for a check.",
            );
            (person.id, AccountState::Active, text)
        }
        Wanted::Enterprise(new) => match organisations::find_by_uscc(tx, &new.uscc).await? {
            Some(known) => {
                let name = &known.value.name;
                let text = Text::new(
                    format!("有人注册账户，申请代表已登记的“{name}”，请核验。"),
                    format!("Somebody asks to act for the registered organisation {name}."),
                );
                (known.value.id, AccountState::Waiting, text)
            }
            None => {
                let record = organisations::insert(tx, &new).await?;
                announce(tx, None, &record);
                let text = Text::new(
                    format!("“{}”已自行注册，请核验。", new.name),
                    format!("{} has registered itself and waits for a check.", new.name),
                );
                (new.id, AccountState::Active, text)
            }
        },
    };
    let told = Told {
        kind: MessageKind::AccountWaiting,
        subject: message::subject(Noun::Organisation, &id),
        number: None,
        text,
    };
    inbox::tell(tx, services, &Audience::Office, told).await?;
    Ok((id, state))
}

fn enterprise(
    id: Id,
    uscc: &str,
    name: &str,
    kind: OrganisationKind,
    district: &str,
) -> std::result::Result<Organisation, Vec<Fault>> {
    let mut faults = Vec::new();
    let uscc = Uscc::parse(uscc.trim()).map_err(|why| {
        faults.push(Fault::new(
            "/uscc",
            "usccInvalid",
            "统一社会信用代码为 18 位，末位是校验位，请逐位核对。",
            format!("Not a unified social credit code: {why}."),
        ));
    });
    let name = line("/organisation", name, 2).map_err(|fault| faults.push(fault));
    let district = district.trim();
    if !region::is_code(district) {
        faults.push(Fault::new(
            "/district",
            "districtInvalid",
            "应为六位行政区划代码，例如 371002（环翠区）。",
            "A six-digit GB/T 2260 code, e.g. 371002.",
        ));
    }
    match (uscc, name) {
        (Ok(uscc), Ok(name)) if faults.is_empty() => Ok(Organisation {
            id,
            uscc,
            name,
            aliases: Vec::new(),
            kind,
            district: district.to_owned(),
            town: None,
            unverified: true,
            business_licence: None,
            fictional: false,
        }),
        _ => Err(faults),
    }
}
