//! Facets and conditions as links: choosing a value narrows the search, choosing it again gives it up.

use super::{
    address::Address,
    conditions::{condition, word},
    visitor::Visitor,
    words,
};
use crate::{
    domain::{
        codes::industry,
        party::{Organisation, name_key},
        search::{Bucket, Facet, FacetField, OfferStanding},
        text::Text,
    },
    ops::Stored,
};

/// Values shown at once; the others behind "more".
const SHOWN: usize = 6;

/// One facet.
pub struct Group {
    pub title: Text,
    pub links: Vec<Link>,
    pub more: Vec<Link>,
}

/// One value of a facet.
pub struct Link {
    pub label: String,
    /// Part of the label in any language: the bare code.
    pub code: Option<String>,
    pub count: String,
    pub href: String,
    pub chosen: bool,
    /// The label is Chinese whatever the page's language.
    pub chinese: bool,
}

/// A condition in force, with the search without it.
pub struct Chip {
    pub name: Text,
    pub value: String,
    pub href: String,
}

/// The organisations that the search is narrowed to, by the reference in the address.
pub type Holders = Vec<(String, Stored<Organisation>)>;

/// What facet links are made from.
pub struct Links<'a> {
    pub visitor: &'a Visitor,
    pub holders: &'a Holders,
}

impl Links<'_> {
    /// The facets that have values, in the order asked.
    pub fn groups(&self, facets: Vec<Facet>) -> Vec<Group> {
        let filled = facets.into_iter().filter(|facet| !facet.buckets.is_empty());
        filled.map(|facet| self.group(facet)).collect()
    }

    fn group(&self, facet: Facet) -> Group {
        let mut buckets = facet.buckets;
        if facet.field == FacetField::FilingYear {
            buckets.sort_by(|a, b| b.value.cmp(&a.value));
        }
        let mut links: Vec<Link> = buckets
            .iter()
            .map(|bucket| self.link(facet.field, bucket))
            .collect();
        links.sort_by_key(|link| !link.chosen);
        let more = links.split_off(links.len().min(SHOWN));
        Group {
            title: title(facet.field),
            links,
            more,
        }
    }

    fn link(&self, field: FacetField, bucket: &Bucket) -> Link {
        let address = self.visitor.address.without(&["after"]);
        let chosen = self.is_chosen(field, bucket);
        let next = match field {
            FacetField::FilingYear => {
                let bare = address.without(&["filedFrom", "filedTo"]);
                if chosen {
                    bare
                } else {
                    bare.with("filedFrom", &format!("{}-01-01", bucket.value))
                        .with("filedTo", &format!("{}-12-31", bucket.value))
                }
            }
            // One of two answers: choosing the other replaces it.
            FacetField::Offer => {
                let bare = address.without(&["onOffer"]);
                if chosen {
                    bare
                } else {
                    bare.with("onOffer", on_offer(&bucket.value))
                }
            }
            _ if chosen => address.keep(|name, value| !self.is_pair(field, bucket, name, value)),
            // A finer level narrows its section, it is not an alternative to it; and the other way round.
            FacetField::IpcSection | FacetField::IpcSubclass | FacetField::Industry => {
                let filter = parameter(field);
                address
                    .keep(|name, value| name != filter || !related(value, &bucket.value))
                    .with(filter, &bucket.value)
            }
            FacetField::Applicant => address.with("applicant", &bucket.label),
            _ => address.with(parameter(field), &bucket.value),
        };
        let (label, code) = self.label(field, bucket);
        Link {
            label,
            code,
            count: words::grouped(bucket.count),
            href: next.search(),
            chosen,
            chinese: matches!(field, FacetField::Applicant | FacetField::Holder),
        }
    }

    fn is_chosen(&self, field: FacetField, bucket: &Bucket) -> bool {
        let address = &self.visitor.address;
        if field == FacetField::FilingYear {
            return address.first("filedFrom") == format!("{}-01-01", bucket.value)
                && address.first("filedTo") == format!("{}-12-31", bucket.value);
        }
        address
            .pairs()
            .any(|(name, value)| self.is_pair(field, bucket, name, value))
    }

    /// Does this parameter choose this value?
    fn is_pair(&self, field: FacetField, bucket: &Bucket, name: &str, value: &str) -> bool {
        if name != parameter(field) {
            return false;
        }
        match field {
            FacetField::Applicant => name_key(value) == bucket.value,
            FacetField::Offer => value == on_offer(&bucket.value),
            FacetField::Region => format!("{value:0<6}") == bucket.value,
            FacetField::Holder => self.holders.iter().any(|(reference, holder)| {
                reference == value && holder.value.id.to_string() == bucket.value
            }),
            FacetField::Industry => industry::parse(value).as_ref() == Some(&bucket.value),
            FacetField::IpcSection | FacetField::IpcSubclass => {
                value.eq_ignore_ascii_case(&bucket.value)
            }
            _ => value == bucket.value,
        }
    }

    fn label(&self, field: FacetField, bucket: &Bucket) -> (String, Option<String>) {
        let value = bucket.value.as_str();
        match field {
            FacetField::IpcSubclass | FacetField::IpcSection | FacetField::Industry => {
                let entry = self.visitor.names.of_facet(field, value);
                let called = entry.map(|entry| self.visitor.called(entry).to_owned());
                (called.unwrap_or_default(), Some(value.to_owned()))
            }
            FacetField::Offer => {
                let known = word(self.visitor, "onOffer", on_offer(value));
                (known.unwrap_or_default(), None)
            }
            _ => {
                let known = word(self.visitor, parameter(field), value);
                (known.unwrap_or_else(|| bucket.label.clone()), None)
            }
        }
    }

    /// The conditions in force.
    pub fn chips(&self) -> Vec<Chip> {
        let address = self.visitor.address.without(&["after"]);
        let named = super::address::FILTERS
            .iter()
            .flat_map(|name| address.values(name).map(move |value| (*name, value)));
        named
            .map(|(name, value)| Chip {
                name: condition(name),
                value: self.value(name, value),
                href: address.without_value(name, value).search(),
            })
            .collect()
    }

    fn value(&self, name: &str, value: &str) -> String {
        let holder = || {
            let found = self
                .holders
                .iter()
                .find(|(reference, _)| name == "holder" && reference == value)?;
            Some(found.1.value.name.clone())
        };
        match word(self.visitor, name, value) {
            Some(label) if matches!(name, "ipc" | "industry") => format!("{value} {label}"),
            Some(label) => label,
            None => holder().unwrap_or_else(|| value.to_owned()),
        }
    }
}

/// Is one IPC symbol a level above the other?
fn related(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_uppercase(), other.to_ascii_uppercase());
    one.starts_with(&other) || other.starts_with(&one)
}

/// What the parameter `onOffer` says for a value of the facet.
fn on_offer(value: &str) -> &'static str {
    if value == OfferStanding::Offered.as_str() {
        "true"
    } else {
        "false"
    }
}

/// The parameter that a facet's values belong to.
const fn parameter(field: FacetField) -> &'static str {
    match field {
        FacetField::Kind => "kind",
        FacetField::LegalStatus => "legalStatus",
        FacetField::Conversion => "conversion",
        FacetField::IpcSection | FacetField::IpcSubclass => "ipc",
        FacetField::Region => "region",
        FacetField::Industry => "industry",
        FacetField::Holder => "holder",
        FacetField::Applicant => "applicant",
        FacetField::FilingYear => "filedFrom",
        FacetField::Offer => "onOffer",
        FacetField::FeeMode => "feeMode",
    }
}

fn title(field: FacetField) -> Text {
    match field {
        FacetField::IpcSection => Text::new("IPC 部", "IPC section"),
        FacetField::IpcSubclass => Text::new("IPC 小类", "IPC subclass"),
        FacetField::FilingYear => Text::new("申请年", "Filing year"),
        other => condition(parameter(other)),
    }
}

/// The values that a form must carry along, except those that it asks for itself.
pub fn carried(address: &Address, asked: &[&str]) -> Vec<(String, String)> {
    let kept = address.without(&["after"]).without(asked);
    kept.pairs()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
