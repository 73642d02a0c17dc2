//! From a line to a declaration: our submitted one announced, an announced one that was not declared here entered with the
//! list as its source, a pilot listing made into a draft. What differs and was taken is never written into a declaration
//! that was submitted: that record is annulled with the reason, and the announced one is entered in its place.

use super::{Shown, current, declared, one, put};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        declaration::Declaration,
        id::Id,
        listing::{ListedItem, Listing, ListingState},
        party::Contact,
        refusal::{Refusal, Refused},
        terms::Terms,
        time::Day,
    },
    ops::{
        Error, Result, Services,
        declarations::{self as ours, NewDeclaration, Recorded, Steps, Written},
    },
    store::{Stored, Tx, contacts, licences},
};

/// What a person adds where the list does not say it for certain.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub terms: Option<Terms>,
    pub until: Option<Day>,
    pub declaration_number: Option<String>,
    pub effective_on: Option<Day>,
}

/// Enters the announcement of a line at version `expected`.
pub async fn enter(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    entry: Entry,
) -> Result<Shown> {
    access::check(actor, Operation::EnterListing, None)?;
    let mut tx = services.write(actor).await?;
    let line = current(&mut tx, actor, id, expected).await?;
    let listing = &line.value;
    let our = declared(&mut tx, listing).await?;
    let their_contact = contacts::find(&mut tx, &super::contact_subject(id)).await?;
    let declaration = match (listing.state, our) {
        (ListingState::Unknown, _) => {
            let organisation = holder(listing)?;
            let written = plain(listing, &entry, their_contact)?;
            record(
                services,
                &mut tx,
                actor,
                &organisation,
                listing,
                &entry,
                written,
            )
            .await?
        }
        (ListingState::Ready, Some(our)) => {
            let desk = Desk {
                services,
                actor,
                listing,
                entry: &entry,
            };
            desk.agree(&mut tx, our, their_contact).await?
        }
        _ => {
            return Err(refused(
                "listingNotReady",
                "这一行没有可登记的公告，或差异尚未处理完。",
                "This line has nothing to enter, or differences are not decided.",
            ));
        }
    };
    let next = Listing {
        state: ListingState::Entered,
        declaration: Some(declaration),
        settled_on: Some(tx.now().day()),
        ..listing.clone()
    };
    let record = put(&mut tx, &line, next).await?;
    let shown = one(&mut tx, record).await?;
    tx.commit().await?;
    Ok(shown)
}

/// Makes a draft of a pilot listing at version `expected`: its holder declares anew, by the law.
pub async fn convert(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    entry: Entry,
) -> Result<Shown> {
    access::check_role(actor, Operation::ConvertListing)?;
    let mut tx = services.write(actor).await?;
    let line = current(&mut tx, actor, id, expected).await?;
    let listing = &line.value;
    access::check(
        actor,
        Operation::ConvertListing,
        listing.organisation.as_ref(),
    )?;
    if listing.state != ListingState::Pilot {
        return Err(refused(
            "notPilot",
            "只有尚未转换的试点信息可以转为声明草稿。",
            "Only a pilot listing of which no draft was made becomes one.",
        ));
    }
    let organisation = holder(listing)?;
    let contact = contacts::find(&mut tx, &super::contact_subject(id)).await?;
    let written = plain(listing, &entry, contact)?;
    let new = NewDeclaration {
        organisation: Some(organisation.to_string()),
        number: listing.number.clone(),
        written,
    };
    let (draft, contact) = ours::draft_in(services, &mut tx, actor, &organisation, new).await?;
    if let Some(contact) = &contact {
        contacts::set(
            &mut tx,
            &format!("declarations/{}", draft.value.id),
            contact,
        )
        .await?;
    }
    let next = Listing {
        state: ListingState::Converted,
        declaration: Some(draft.value.id),
        settled_on: Some(tx.now().day()),
        ..listing.clone()
    };
    let record = put(&mut tx, &line, next).await?;
    let shown = one(&mut tx, record).await?;
    tx.commit().await?;
    Ok(shown)
}

fn refused(code: &'static str, zh: &str, en: &str) -> Error {
    Refused::from(Refusal::new(code, zh, en)).into()
}

fn holder(listing: &Listing) -> Result<Id> {
    listing.organisation.clone().ok_or_else(|| {
        refused(
            "holderUnknown",
            "清单上的专利权人没有在本平台登记，请先登记单位，再重新上传清单。",
            "The holder of this line is not registered here; register it and send the list again.",
        )
    })
}

fn missing(pointer: &str, zh: &str, en: &str) -> Error {
    Error::fault(pointer, "listingIncomplete", zh, en)
}

/// What the list says, with what a person has added.
fn plain(listing: &Listing, entry: &Entry, contact: Option<Contact>) -> Result<Written> {
    let terms = entry.terms.clone().or_else(|| listing.terms.clone());
    let terms = terms.ok_or_else(|| {
        missing(
            "/terms",
            "清单上的使用费不能完全确定，请对照公告填写 terms。",
            "The fee of the list is not certain; give the terms as announced.",
        )
    })?;
    let until = entry.until.or(listing.until).ok_or_else(|| {
        missing(
            "/until",
            "清单上的许可期限不能完全确定，请对照公告填写届满日 until。",
            "The period of the list is not certain; give its last day.",
        )
    })?;
    Ok(Written {
        terms,
        until,
        explanation: String::new(),
        other: None,
        cap_override: None,
        evaluation: None,
        consents: Vec::new(),
        internal: Steps::default(),
        contact,
    })
}

/// Records the announced declaration with the list as its source.
async fn record(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    organisation: &Id,
    listing: &Listing,
    entry: &Entry,
    written: Written,
) -> Result<Id> {
    let recorded = Recorded {
        declaration_number: declaration_number(listing, entry)?,
        effective_on: effective_on(listing, entry)?,
        source: listing.source.id.clone(),
        end: None,
    };
    let new = NewDeclaration {
        organisation: Some(organisation.to_string()),
        number: listing.number.clone(),
        written,
    };
    let (record, _) = ours::record_in(services, tx, actor, organisation, new, recorded).await?;
    Ok(record.value.id)
}

fn declaration_number(listing: &Listing, entry: &Entry) -> Result<String> {
    let number = entry.declaration_number.clone();
    number
        .or_else(|| listing.declaration_number.clone())
        .ok_or_else(|| {
            missing(
                "/declarationNumber",
                "清单没有声明编号，请对照公告填写。",
                "The list gives no declaration number; give it as announced.",
            )
        })
}

fn effective_on(listing: &Listing, entry: &Entry) -> Result<Day> {
    entry.effective_on.or(listing.announced_on).ok_or_else(|| {
        missing(
            "/effectiveOn",
            "清单没有公告日，请对照公告填写声明生效日。",
            "The list gives no day; give the effective day as announced.",
        )
    })
}

/// What is entered, and by whom.
struct Desk<'a> {
    services: &'a Services,
    actor: &'a Actor,
    listing: &'a Listing,
    entry: &'a Entry,
}

impl Desk<'_> {
    /// Brings our declaration to what was announced and decided; returns the one that stands for it.
    async fn agree(
        &self,
        tx: &mut Tx,
        our: Stored<Declaration>,
        their_contact: Option<Contact>,
    ) -> Result<Id> {
        let listing = self.listing;
        let subject = format!("declarations/{}", our.value.id);
        let our_contact = contacts::find(tx, &subject).await?;
        self.still_decided(&our.value, (our_contact.as_ref(), their_contact.as_ref()))?;
        let contact = if listing.takes(ListedItem::Contact) {
            their_contact
        } else {
            our_contact
        };
        let id = if listing.takes(ListedItem::Terms) || listing.takes(ListedItem::Until) {
            self.replace(tx, our, contact.clone()).await?
        } else if our.value.state.was_announced() {
            our.value.id
        } else {
            let announced = ours::Asked::Announce {
                declaration_number: declaration_number(listing, self.entry)?,
                effective_on: effective_on(listing, self.entry)?,
                source: listing.source.id.clone(),
            };
            let (id, version) = (our.value.id, our.version);
            ours::step_in(self.services, tx, self.actor, &id, version, announced).await?;
            id
        };
        if let Some(contact) = contact {
            contacts::set(tx, &format!("declarations/{id}"), &contact).await?;
        }
        Ok(id)
    }

    /// Nothing has changed on our side since the differences were decided.
    fn still_decided(
        &self,
        our: &Declaration,
        contacts: (Option<&Contact>, Option<&Contact>),
    ) -> Result<()> {
        let mut now = self.listing.clone();
        now.compare(Some(our), contacts);
        if now.state == ListingState::Ready && now.differences == self.listing.differences {
            return Ok(());
        }
        Err(refused(
            "listingOutdated",
            "本平台的声明在处理差异之后有了变化，请重新上传清单再处理。",
            "Our declaration has changed since the differences were decided; send the list again.",
        ))
    }

    /// Annuls our record and enters what was announced. Licences stand on announced terms, so that a declaration under
    /// which one was taken is not replaced.
    async fn replace(
        &self,
        tx: &mut Tx,
        our: Stored<Declaration>,
        contact: Option<Contact>,
    ) -> Result<Id> {
        if !licences::list_by_declaration(tx, &our.value.id)
            .await?
            .is_empty()
        {
            return Err(refused(
                "licencesStand",
                "已有许可依据本平台的声明条件达成，不能以清单内容替换；请核实后逐项处理。",
                "Licences were taken on the terms of our declaration; it is not replaced by a list.",
            ));
        }
        let (listing, value) = (self.listing, &our.value);
        let consents = value.consents.iter();
        let shown = value.internal.publicity.as_ref();
        let approved = value.internal.approval.as_ref();
        let written = Written {
            terms: match &listing.terms {
                Some(terms) if listing.takes(ListedItem::Terms) => terms.clone(),
                _ => value.terms.clone(),
            },
            until: match listing.until {
                Some(until) if listing.takes(ListedItem::Until) => until,
                _ => value.until,
            },
            explanation: value.explanation.clone(),
            other: value.other.clone(),
            cap_override: value.cap_override.clone(),
            evaluation: value
                .evaluation
                .as_ref()
                .map(|report| (report.file.id.clone(), report.conclusion)),
            consents: consents
                .map(|c| (c.name.clone(), c.file.id.clone()))
                .collect(),
            internal: Steps {
                publicity: shown.map(|p| (p.from, p.until, p.file.id.clone())),
                approval: approved.map(|a| (a.on, a.file.id.clone())),
            },
            contact,
        };
        let entry = Entry {
            declaration_number: self
                .entry
                .declaration_number
                .clone()
                .or_else(|| value.declaration_number.clone()),
            ..self.entry.clone()
        };
        let reason = format!(
            "公告内容与提交时不同，按公布清单第 {} 行重新登记",
            listing.row
        );
        let annul = ours::Asked::Annul { reason };
        ours::step_in(self.services, tx, self.actor, &value.id, our.version, annul).await?;
        let (services, actor, organisation) = (self.services, self.actor, &value.organisation);
        record(services, tx, actor, organisation, listing, &entry, written).await
    }
}
