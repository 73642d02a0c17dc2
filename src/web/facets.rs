//! Facets and conditions as links: choosing a value narrows the search, choosing it again gives it up.

use super::{address::Address, visitor::Visitor, words};
use crate::{
    domain::{
        holding::Conversion,
        money::Fen,
        party::{Organisation, name_key},
        patent::{LegalStatus, PatentKind},
        search::{Bucket, Facet, FacetField, OfferStanding},
        terms::FeeMode,
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
            // A subclass narrows its section, it is not an alternative to it; and the other way round.
            FacetField::IpcSection | FacetField::IpcSubclass => address
                .keep(|name, value| name != "ipc" || !related(value, &bucket.value))
                .with("ipc", &bucket.value),
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
            FacetField::IpcSection | FacetField::IpcSubclass => {
                value.eq_ignore_ascii_case(&bucket.value)
            }
            _ => value == bucket.value,
        }
    }

    fn label(&self, field: FacetField, bucket: &Bucket) -> (String, Option<String>) {
        let value = bucket.value.as_str();
        match field {
            FacetField::IpcSubclass => (String::new(), Some(value.to_owned())),
            FacetField::IpcSection => (
                word(self.visitor, "ipc", value).unwrap_or_default(),
                Some(value.to_owned()),
            ),
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
            Some(label) if name == "ipc" => format!("{value} {label}"),
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

/// What a parameter is called on a page.
pub fn condition(name: &str) -> Text {
    match name {
        "kind" => Text::new("专利类型", "Kind"),
        "legalStatus" => Text::new("法律状态", "Legal status"),
        "conversion" => Text::new("实施状态", "Use so far"),
        "holder" => Text::new("登记单位", "Registered by"),
        "ipc" => Text::new("IPC 分类", "IPC class"),
        "region" => Text::new("地区", "Region"),
        "applicant" => Text::new("申请人 / 权利人", "Applicant / owner"),
        "filedFrom" => Text::new("申请日自", "Filed from"),
        "filedTo" => Text::new("申请日至", "Filed to"),
        "grantedFrom" => Text::new("授权日自", "Granted from"),
        "grantedTo" => Text::new("授权日至", "Granted to"),
        "inTerm" => Text::new("保护期", "Term"),
        "termLeftAtLeast" => Text::new("剩余保护期不少于", "Term left at least"),
        "onOffer" => Text::new("开放许可", "Open licence"),
        "free" => Text::new("许可费", "Fee"),
        "feeAtMost" => Text::new("首年固定费用不超过", "First-year fixed fee at most"),
        "feeMode" => Text::new("支付方式", "Way of paying"),
        "sort" => Text::new("排序", "Order"),
        "q" => Text::new("检索词", "Search text"),
        "after" => Text::new("页码位置", "Place in the list"),
        "limit" => Text::new("每页条数", "Results a page"),
        other => Text::new(other, other),
    }
}

/// A parameter's value in the reader's language, where it is one of our words.
fn word(visitor: &Visitor, name: &str, value: &str) -> Option<String> {
    let lang = visitor.lang;
    let known = match name {
        "onOffer" => words::standing(value.parse().ok()?, lang),
        "free" if value == "true" => visitor.t("免费", "free of charge"),
        "free" if value == "false" => visitor.t("收费", "with a fee"),
        "feeMode" => words::fee_mode(FeeMode::parse(value)?, lang),
        "feeAtMost" => {
            return Some(
                words::yuan(Fen::yuan(value.parse().ok()?))
                    .in_lang(lang)
                    .to_owned(),
            );
        }
        "termLeftAtLeast" => {
            return Some(words::years(value.parse().ok()?).in_lang(lang).to_owned());
        }
        "kind" => words::kind(PatentKind::parse(value)?, lang),
        "legalStatus" => words::status(LegalStatus::parse(value)?, lang),
        "conversion" => words::conversion(Conversion::parse(value)?, lang),
        "ipc" => words::section(value, lang)?,
        "region" => words::region(value, lang)?,
        "inTerm" if value == "true" => visitor.t("期限内", "still running"),
        "inTerm" if value == "false" => visitor.t("已届满", "over"),
        _ => return None,
    };
    Some(known.to_owned())
}

/// The values that a form must carry along, except those that it asks for itself.
pub fn carried(address: &Address, asked: &[&str]) -> Vec<(String, String)> {
    let kept = address.without(&["after"]).without(asked);
    kept.pairs()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
