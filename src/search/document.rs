//! A patent with its published holdings and its offer as one document of the index, and back as a hit.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tantivy::{Searcher, TantivyDocument, schema::Value as _};

use super::{Error, analyzer::characters, schema::Fields, source::Entry};
use crate::domain::{
    card::CardContent,
    codes::{AppNo, Ipc, PubNo, industry, region},
    event::{Audience, Noun},
    party::name_key,
    patent::{LegalStatus, PatentKind, Region},
    search::{CardHit, FacetField, Hit, HolderName, OfferHit},
    time::Day,
};

/// The characters of an abstract that a result list shows.
const SNIPPET_CHARS: usize = 200;

/// Separates a facet value from its label; neither contains it, since both are single lines.
pub const LABEL: char = '\t';

/// What the index keeps of a document, to show it without the database.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    pub number: AppNo,
    pub kind: PatentKind,
    pub title: String,
    #[serde(rename = "abstract", default, skip_serializing_if = "Option::is_none")]
    pub abstract_text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardContent>,
    pub applicants: Vec<String>,
    pub owners: Vec<String>,
    pub inventors: Vec<String>,
    pub holders: Vec<HolderName>,
    pub ipc: Vec<Ipc>,
    pub legal_status: LegalStatus,
    pub filing_date: Option<Day>,
    pub grant_date: Option<Day>,
    pub expires_on: Option<Day>,
    pub region: Option<Region>,
    /// What the source names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub industries: Vec<String>,
    /// What was derived where it names none, and by which version of the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub derived_by: String,
    /// The first applicant's region and the holders' districts, six digits each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferHit>,
    pub fictional: bool,
}

impl Stored {
    fn of(entry: &Entry) -> Self {
        let patent = &entry.patent;
        Self {
            number: patent.number.clone(),
            kind: patent.kind,
            title: patent.title.clone(),
            abstract_text: patent.abstract_text.clone(),
            claim: patent.main_claim.clone(),
            card: entry.card.clone(),
            applicants: patent.applicants.clone(),
            owners: patent.owners.clone(),
            inventors: patent.inventors.clone(),
            holders: entry
                .holders
                .iter()
                .map(|h| HolderName {
                    id: h.id.clone(),
                    name: h.name.clone(),
                })
                .collect(),
            ipc: patent.ipc.clone(),
            legal_status: patent.legal_status,
            filing_date: patent.filing_date,
            grant_date: patent.grant_date,
            expires_on: patent.expires_on(),
            region: patent.region.clone(),
            industries: patent.industries.clone(),
            derived: entry.derived.industries.clone(),
            derived_by: entry.derived.version.clone(),
            regions: region_codes(entry).into_iter().map(str::to_owned).collect(),
            offer: entry.offer().cloned(),
            fictional: patent.fictional,
        }
    }

    /// Reads back the document at `address`.
    pub fn read(
        searcher: &Searcher,
        fields: &Fields,
        address: tantivy::DocAddress,
    ) -> Result<Self, Error> {
        let document: TantivyDocument = searcher.doc(address)?;
        let bytes = document
            .get_first(fields.stored)
            .and_then(|value| value.as_bytes());
        let stored = bytes.and_then(|bytes| serde_json::from_slice(bytes).ok());
        stored.ok_or_else(|| Error::Corrupt("a document does not hold a record".into()))
    }

    /// The hit of a question of this day.
    pub fn into_hit(self, score: f32, today: Day) -> Hit {
        Hit {
            zl: self.number.zl(),
            snippet: self
                .abstract_text
                .map(|text| text.chars().take(SNIPPET_CHARS).collect()),
            number: self.number,
            kind: self.kind,
            title: self.title,
            applicants: self.applicants,
            owners: self.owners,
            holders: self.holders,
            ipc: self.ipc,
            // What codes are called is not the index's to know: tables change without it.
            ipc_titles: Vec::new(),
            industry_names: Vec::new(),
            industries_derived_by: Some(self.derived_by).filter(|version| !version.is_empty()),
            industries: if self.industries.is_empty() {
                self.derived
            } else {
                self.industries
            },
            legal_status: self.legal_status,
            filing_date: self.filing_date,
            grant_date: self.grant_date,
            expires_on: self.expires_on,
            region: self.region,
            offer: self.offer.filter(|offer| offer.is_on(today)),
            card: self.card.map(|card| CardHit {
                problem: card.problem,
                products: card.products,
                maturity: card.maturity,
            }),
            fictional: self.fictional,
            score,
            highlights: Vec::new(),
        }
    }
}

/// Days since 1970-01-01.
pub fn day_number(day: Day) -> i64 {
    jiff::civil::date(1970, 1, 1)
        .until(day)
        .map_or(0, |span| i64::from(span.get_days()))
}

/// Orders numbers as their texts do: the body, filled up with zeros behind. No eight-digit body begins
/// with the `20` of the twelve-digit ones.
pub fn number_key(number: &AppNo) -> u64 {
    format!("{:0<12}", number.body()).parse().unwrap_or(0)
}

/// The levels of a GB/T 2260 code that say something: `371002` → `37`, `3710`, `371002`.
pub fn region_levels(code: &str) -> Vec<&str> {
    let significant = code.trim_end_matches("00").len().next_multiple_of(2);
    [2, 4, 6]
        .into_iter()
        .filter(|level| *level <= significant)
        .filter_map(|level| code.get(..level))
        .collect()
}

/// The forms under which a publication number is looked up: whole, and its digits alone.
pub fn number_forms(number: &PubNo) -> [String; 2] {
    let whole = number.as_str().to_owned();
    let digits = whole
        .chars()
        .skip(2)
        .take_while(char::is_ascii_digit)
        .collect();
    [whole, digits]
}

/// Makes the index document of an entry.
pub fn make(fields: &Fields, entry: &Entry) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    add_texts(&mut document, fields, entry);
    add_keys(&mut document, fields, entry);
    add_days(&mut document, fields, entry);
    fields.offer.add(&mut document, entry.offer());
    for (facet, field) in &fields.facets {
        for value in facet_values(*facet, entry) {
            document.add_text(*field, value);
        }
    }
    let json =
        serde_json::to_vec(&Stored::of(entry)).expect("a record is plain data with string keys");
    document.add_bytes(fields.stored, &json);
    document
}

fn add_texts(document: &mut TantivyDocument, fields: &Fields, entry: &Entry) {
    let patent = &entry.patent;
    let card = entry.card.as_ref().map(CardContent::words);
    let texts = [
        (fields.title, Some(&patent.title)),
        (fields.abstract_text, patent.abstract_text.as_ref()),
        (fields.claim, patent.main_claim.as_ref()),
        (fields.card, card.as_ref()),
    ];
    let said = texts
        .iter()
        .filter_map(|(_, text)| text.map(String::as_str));
    document.add_text(fields.characters, characters(said));
    for (field, text) in texts {
        if let Some(text) = text {
            document.add_text(field.bigrams, text);
            if let Some(words) = field.words {
                document.add_text(words, text);
            }
        }
    }
    let names = patent
        .applicants
        .iter()
        .chain(&patent.owners)
        .chain(&patent.inventors);
    let names: BTreeSet<&String> = names.chain(entry.holders.iter().map(|h| &h.name)).collect();
    for name in names {
        document.add_text(fields.names.bigrams, name);
    }
}

fn add_keys(document: &mut TantivyDocument, fields: &Fields, entry: &Entry) {
    let patent = &entry.patent;
    document.add_text(fields.noun, Noun::Patent.as_str());
    let industries = patent
        .industries
        .iter()
        .flat_map(|code| industry::levels(code));
    for level in industries.collect::<BTreeSet<_>>() {
        document.add_text(fields.industry, level);
    }
    let industries = entry.industries().iter();
    let levels = industries.flat_map(|code| industry::levels(code));
    for level in levels.collect::<BTreeSet<_>>() {
        document.add_text(fields.industries, level);
    }
    document.add_text(fields.number, patent.number.as_str());
    document.add_u64(fields.number_key, number_key(&patent.number));
    for number in patent.publication_number.iter().chain(&patent.grant_number) {
        for form in number_forms(number) {
            document.add_text(fields.other_numbers, form);
        }
    }
    // The bibliographic record is anyone's, and only published holdings reach the index.
    document.add_text(fields.audience, Audience::Public.as_text());
    document.add_text(fields.kind, patent.kind.as_str());
    document.add_text(fields.legal_status, patent.legal_status.as_str());
    let levels: BTreeSet<&str> = patent.ipc.iter().flat_map(Ipc::levels).collect();
    for level in levels {
        document.add_text(fields.ipc, level);
    }
    for code in region_codes(entry) {
        for level in region_levels(code) {
            document.add_text(fields.region, level);
        }
    }
    for key in applicants(entry).keys() {
        document.add_text(fields.applicant, key);
    }
    for holder in &entry.holders {
        let conversion = holder.conversion.as_str();
        document.add_text(fields.holding, holder.holding.to_string());
        document.add_text(fields.holder, holder.id.to_string());
        document.add_text(fields.conversion, conversion);
        document.add_text(
            fields.holder_conversion,
            format!("{}|{conversion}", holder.id),
        );
    }
}

fn add_days(document: &mut TantivyDocument, fields: &Fields, entry: &Entry) {
    let patent = &entry.patent;
    let days = [
        (fields.filed, patent.filing_date),
        (fields.granted, patent.grant_date),
        (fields.expires, patent.expires_on()),
    ];
    for (field, day) in days {
        if let Some(day) = day {
            document.add_i64(field, day_number(day));
        }
    }
}

fn region_codes(entry: &Entry) -> Vec<&str> {
    let region = entry
        .patent
        .region
        .iter()
        .map(|region| region.code.as_str());
    region
        .chain(entry.holders.iter().map(|holder| holder.district.as_str()))
        .filter(|c| region::is_code(c))
        .collect()
}

/// Applicants and owners by folded name.
fn applicants(entry: &Entry) -> BTreeMap<String, &str> {
    let names = entry.patent.owners.iter().chain(&entry.patent.applicants);
    let keyed = names
        .map(|name| (name_key(name), name.as_str()))
        .filter(|(key, _)| !key.is_empty());
    keyed.rev().collect()
}

/// The distinct values that a document counts for in a facet, each with its label where that differs.
fn facet_values(facet: FacetField, entry: &Entry) -> BTreeSet<String> {
    let patent = &entry.patent;
    let line = |text: &str| text.replace(LABEL, " ");
    match facet {
        FacetField::Kind => [patent.kind.as_str().to_owned()].into(),
        FacetField::LegalStatus => [patent.legal_status.as_str().to_owned()].into(),
        FacetField::Conversion => entry
            .holders
            .iter()
            .map(|h| h.conversion.as_str().to_owned())
            .collect(),
        FacetField::IpcSection => patent
            .ipc
            .iter()
            .map(|ipc| ipc.as_str()[..1].to_owned())
            .collect(),
        FacetField::IpcSubclass => patent
            .ipc
            .iter()
            .map(|ipc| ipc.subclass().to_owned())
            .collect(),
        FacetField::Region => region_codes(entry)
            .into_iter()
            .map(|code| format!("{}0000", &code[..2]))
            .collect(),
        FacetField::Industry => entry
            .industries()
            .iter()
            .filter_map(|code| industry::levels(code).into_iter().take(2).next_back())
            .map(str::to_owned)
            .collect(),
        FacetField::Holder => {
            let named: BTreeMap<_, _> = entry
                .holders
                .iter()
                .map(|h| (h.id.to_string(), h.name.as_str()))
                .collect();
            named
                .into_iter()
                .map(|(id, name)| format!("{id}{LABEL}{}", line(name)))
                .collect()
        }
        FacetField::Applicant => applicants(entry)
            .into_iter()
            .map(|(key, name)| format!("{key}{LABEL}{}", line(name)))
            .collect(),
        FacetField::FilingYear => patent
            .filing_date
            .iter()
            .map(|day| day.year().to_string())
            .collect(),
        // By days, so nothing is kept to count.
        FacetField::Offer => BTreeSet::new(),
        FacetField::FeeMode => entry
            .offer()
            .map(|offer| offer.mode.as_str().to_owned())
            .into_iter()
            .collect(),
    }
}
