//! The conditions of a question as queries: one per filter, so that a facet can leave out its own.

use std::ops::Bound;

use tantivy::{
    Term,
    query::{ConstScoreQuery, Query, RangeQuery, TermSetQuery},
    schema::Field,
};

use super::{Error, document::day_number, document::region_levels, schema::Fields};
use crate::domain::{
    codes::Ipc,
    event::Noun,
    party::name_key,
    search::{DayRange, FacetField, Query as Question},
    time::Day,
};

/// A condition by name, as far as facets care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    Kind,
    Ipc,
    Holder,
    Applicant,
    Region,
    Industry,
    Conversion,
    /// One and the same holding fits `Holder` and `Conversion`.
    Holding,
    LegalStatus,
    Filed,
    Offer,
    FeeMode,
    /// Belongs to no facet.
    Always,
}

impl Filter {
    /// Is this the facet's own filter, which its counts leave out?
    pub const fn is_own_of(self, facet: FacetField) -> bool {
        match facet {
            FacetField::Kind => matches!(self, Self::Kind),
            FacetField::LegalStatus => matches!(self, Self::LegalStatus),
            FacetField::Conversion => matches!(self, Self::Conversion | Self::Holding),
            FacetField::IpcSection | FacetField::IpcSubclass => matches!(self, Self::Ipc),
            FacetField::Region => matches!(self, Self::Region),
            FacetField::Industry => matches!(self, Self::Industry),
            FacetField::Holder => matches!(self, Self::Holder | Self::Holding),
            FacetField::Applicant => matches!(self, Self::Applicant),
            FacetField::FilingYear => matches!(self, Self::Filed),
            FacetField::Offer => matches!(self, Self::Offer),
            FacetField::FeeMode => matches!(self, Self::FeeMode),
        }
    }
}

/// A filter and the documents it leaves.
pub type Condition = (Filter, Box<dyn Query>);

/// The documents of one noun.
pub fn of_noun(fields: &Fields, noun: Noun) -> Box<dyn Query> {
    any_of(fields.noun, &[noun.as_str().to_owned()])
}

/// Every condition of the question that is set, and what the reader may see.
pub fn compile(question: &Question, fields: &Fields) -> Result<Vec<Condition>, Error> {
    let filters = &question.filters;
    let mut found: Vec<Condition> = Vec::new();
    found.push((Filter::Always, of_noun(fields, Noun::Patent)));
    if let Some(texts) = question.sight.texts() {
        found.push((Filter::Always, any_of(fields.audience, &texts)));
    }
    let mut add = |filter: Filter, field: Field, values: Vec<String>| {
        if !values.is_empty() {
            found.push((filter, any_of(field, &values)));
        }
    };
    add(
        Filter::Kind,
        fields.kind,
        filters
            .kinds
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
    );
    let statuses = filters
        .legal_statuses
        .iter()
        .map(|status| status.as_str().to_owned());
    add(Filter::LegalStatus, fields.legal_status, statuses.collect());
    add(
        Filter::Holder,
        fields.holder,
        filters.holders.iter().map(ToString::to_string).collect(),
    );
    let conversions: Vec<String> = filters
        .conversions
        .iter()
        .map(|c| c.as_str().to_owned())
        .collect();
    let both = filters
        .holders
        .iter()
        .flat_map(|id| conversions.iter().map(move |c| format!("{id}|{c}")));
    add(Filter::Holding, fields.holder_conversion, both.collect());
    add(Filter::Conversion, fields.conversion, conversions);
    add(
        Filter::Applicant,
        fields.applicant,
        filters
            .applicants
            .iter()
            .map(|name| name_key(name))
            .collect(),
    );
    let levels: Result<Vec<String>, _> = filters.ipc.iter().map(|text| Ipc::prefix(text)).collect();
    add(
        Filter::Ipc,
        fields.ipc,
        levels.map_err(|_| Error::Filter("ipc"))?,
    );
    let regions: Result<Vec<String>, _> = filters.regions.iter().map(|code| region(code)).collect();
    add(Filter::Region, fields.region, regions?);
    add(
        Filter::Industry,
        fields.industries,
        filters.industries.clone(),
    );
    found.extend(days(fields.filed, &filters.filed).map(|query| (Filter::Filed, query)));
    found.extend(days(fields.granted, &filters.granted).map(|query| (Filter::Always, query)));
    if let Some(running) = filters.in_term {
        let today = Term::from_field_i64(fields.expires, day_number(question.today));
        let range = if running {
            RangeQuery::new(Bound::Excluded(today), Bound::Unbounded)
        } else {
            RangeQuery::new(Bound::Unbounded, Bound::Included(today))
        };
        found.push((Filter::Always, silent(Box::new(range))));
    }
    if let Some(years) = filters.term_left_years_at_least {
        found.push((
            Filter::Always,
            term_left(fields.expires, question.today, years),
        ));
    }
    found.extend(fields.offer.conditions(question));
    Ok(found)
}

/// The terms that run so many whole years from this day: their end is the first day without them.
fn term_left(expires: Field, today: Day, years: u16) -> Box<dyn Query> {
    let end = today.saturating_add(jiff::Span::new().years(years));
    let end = Bound::Included(Term::from_field_i64(expires, day_number(end)));
    silent(Box::new(RangeQuery::new(end, Bound::Unbounded)))
}

pub fn region(code: &str) -> Result<String, Error> {
    let digits = matches!(code.len(), 2 | 4 | 6) && code.bytes().all(|b| b.is_ascii_digit());
    let last = if digits {
        region_levels(code).pop()
    } else {
        None
    };
    last.map(ToOwned::to_owned).ok_or(Error::Filter("regions"))
}

pub fn any_of(field: Field, values: &[String]) -> Box<dyn Query> {
    silent(Box::new(TermSetQuery::new(
        values
            .iter()
            .map(|value| Term::from_field_text(field, value)),
    )))
}

fn days(field: Field, range: &DayRange) -> Option<Box<dyn Query>> {
    let term = |day| Bound::Included(Term::from_field_i64(field, day_number(day)));
    let bound = |day: Option<_>| day.map_or(Bound::Unbounded, term);
    (!range.is_open()).then(|| {
        silent(Box::new(RangeQuery::new(
            bound(range.from),
            bound(range.to),
        )))
    })
}

/// A condition never changes a score.
pub fn silent(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
