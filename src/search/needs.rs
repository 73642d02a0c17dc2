//! Needs in the index: as documents of their own fields beside the patents, and questions about them.

use tantivy::{
    TantivyDocument, Term,
    query::{Query, RangeQuery},
    schema::Value as _,
};

use super::{
    Error, Shared,
    analyzer::characters,
    cursor::{Place, SnapshotId, fingerprint_of},
    document::{day_number, region_levels},
    filters::{Condition, Filter, any_of, of_noun, region, silent},
    gather::{Gather, score_of},
    highlight::Marker,
    live::Snapshot,
    query::Compiler,
    schema::Fields,
    source::NeedEntry,
    typed::{self, Typed},
};
use crate::domain::{
    codes::{Ipc, industry},
    event::{Noun, Sight},
    id::Id,
    need::{Need, NeedState},
    reference::NeedNames,
    search::{
        Cursor, Highlight, MAX_LIMIT, Marked, NeedHit, NeedQuery, NeedsFound, Sort, TextField,
    },
    time::Day,
};
use serde::{Deserialize, Serialize};

/// Stands for "no last day".
const NEVER: i64 = 1 << 40;

/// What the index keeps of a need.
#[derive(Serialize, Deserialize)]
pub struct StoredNeed {
    pub need: Need,
    pub organisation: String,
}

impl StoredNeed {
    /// Reads back the document at `address`.
    pub fn read(
        searcher: &tantivy::Searcher,
        fields: &Fields,
        address: tantivy::DocAddress,
    ) -> Result<Self, Error> {
        let document: TantivyDocument = searcher.doc(address)?;
        let bytes = document
            .get_first(fields.stored)
            .and_then(|value| value.as_bytes());
        let stored = bytes.and_then(|bytes| serde_json::from_slice(bytes).ok());
        stored.ok_or_else(|| Error::Corrupt("a document does not hold a need".into()))
    }

    /// As a list shows it, with these words marked.
    pub fn into_hit(self, score: f32, today: Day, marker: &Marker) -> NeedHit {
        let shown = |field, text: &str, cut| {
            let found = marker.field(field, text, cut);
            found.map_or_else(
                || beginning(text),
                |Highlight { text, spans, .. }| Marked { text, spans },
            )
        };
        NeedHit {
            title: shown(TextField::Title, &self.need.title, false),
            passage: shown(TextField::Abstract, &self.need.text, true),
            open_today: self.need.is_open_on(today),
            organisation_name: self.organisation,
            need: self.need,
            names: NeedNames::default(),
            score,
        }
    }
}

/// The characters of a text that a list shows where nothing is marked.
const SHOWN: usize = 160;

fn beginning(text: &str) -> Marked {
    Marked {
        text: text.chars().take(SHOWN).collect(),
        spans: Vec::new(),
    }
}

/// The two halves of an id: when it was made, and the rest.
fn halves(id: &Id) -> (i64, u64) {
    let hex: String = id
        .to_string()
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let part = |range: std::ops::Range<usize>| {
        let digits = hex.get(range).unwrap_or_default();
        u64::from_str_radix(digits, 16).unwrap_or(0)
    };
    (part(0..16).cast_signed(), part(16..32))
}

/// Makes the index document of a need.
pub fn make(fields: &Fields, entry: &NeedEntry) -> TantivyDocument {
    let (need, own) = (&entry.need, &fields.need);
    let mut document = TantivyDocument::new();
    document.add_text(fields.noun, Noun::Need.as_str());
    document.add_text(own.id, need.id.to_string());
    let texts = [(own.title, &need.title), (own.text, &need.text)];
    let said = texts.iter().map(|(_, text)| String::as_str(text));
    document.add_text(own.characters, characters(said));
    for (field, text) in texts {
        document.add_text(field.bigrams, text);
        if let Some(words) = field.words {
            document.add_text(words, text);
        }
    }
    document.add_text(fields.audience, need.audience().as_text());
    document.add_text(own.organisation, need.organisation.to_string());
    document.add_text(own.state, need.state.as_str());
    let classes: std::collections::BTreeSet<&str> = need.ipc.iter().flat_map(Ipc::levels).collect();
    for level in classes {
        document.add_text(fields.ipc, level);
    }
    for level in need.industry.iter().flat_map(|code| industry::levels(code)) {
        document.add_text(fields.industry, level);
    }
    for level in region_levels(&need.region) {
        document.add_text(fields.region, level);
    }
    let (posted, tail) = halves(&need.id);
    document.add_i64(own.posted, posted);
    document.add_u64(own.tail, tail);
    document.add_i64(own.until, need.until.map_or(NEVER, day_number));
    let stored = StoredNeed {
        need: need.clone(),
        organisation: entry.organisation.clone(),
    };
    let json = serde_json::to_vec(&stored).expect("a record is plain data with string keys");
    document.add_bytes(fields.stored, &json);
    document
}

/// Needs that this reader may see.
pub fn seen(fields: &Fields, sight: &Sight) -> Vec<Condition> {
    let mut found = vec![(Filter::Always, of_noun(fields, Noun::Need))];
    if let Some(texts) = sight.texts() {
        found.push((Filter::Always, any_of(fields.audience, &texts)));
    }
    found
}

/// Needs that look for something on this day.
pub fn open_on(fields: &Fields, day: Day) -> [Condition; 2] {
    let open = any_of(fields.need.state, &[NeedState::Open.as_str().to_owned()]);
    let day = Term::from_field_i64(fields.need.until, day_number(day));
    let lasting = RangeQuery::new(std::ops::Bound::Included(day), std::ops::Bound::Unbounded);
    [open, silent(Box::new(lasting))].map(|query| (Filter::Always, query))
}

/// Every condition of the question that is set.
fn conditions(question: &NeedQuery, fields: &Fields) -> Result<Vec<Condition>, Error> {
    let mut found = seen(fields, &question.sight);
    let mut add = |field, values: Vec<String>| {
        if !values.is_empty() {
            found.push((Filter::Always, any_of(field, &values)));
        }
    };
    add(fields.industry, question.industries.clone());
    let regions: Result<Vec<String>, _> =
        question.regions.iter().map(|code| region(code)).collect();
    add(fields.region, regions?);
    let organisations = question.organisations.iter().map(Id::to_string);
    add(fields.need.organisation, organisations.collect());
    let states = question
        .states
        .iter()
        .map(|state| state.as_str().to_owned());
    add(fields.need.state, states.collect());
    if question.open {
        found.extend(open_on(fields, question.today));
    }
    Ok(found)
}

/// What must stay the same from page to page.
fn mark_of(question: &NeedQuery) -> [u8; 8] {
    fingerprint_of(&format!(
        "needs\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        question.text,
        question.industries,
        question.regions,
        question.organisations,
        question.states,
        question.open,
        question.sight
    ))
}

/// Where a cursor was given, its place, and the day of its first page.
fn place_of(question: &NeedQuery) -> Result<Option<Place>, Error> {
    let Some(cursor) = &question.cursor else {
        return Ok(None);
    };
    let place = Place::decode(cursor)?;
    if place.question != mark_of(question) {
        return Err(Error::CursorMismatch);
    }
    // A list of what is open changes at midnight: see `cursor::day_behind`.
    if day_number(place.today).abs_diff(day_number(question.today)) > 1 {
        return Err(Error::CursorExpired);
    }
    Ok(Some(place))
}

/// Answers a page of a question about needs.
pub fn search(shared: &Shared, question: &NeedQuery) -> Result<NeedsFound, Error> {
    let typed = typed::read(&question.text);
    let sort = match typed {
        Typed::Nothing => Sort::Newest,
        _ => Sort::Relevance,
    };
    let place = place_of(question)?;
    let question = &NeedQuery {
        today: place.map_or(question.today, |place| place.today),
        ..question.clone()
    };
    let snapshot = match place {
        Some(place) if sort == Sort::Relevance => shared.kept.find(place.snapshot)?,
        _ => shared.snapshot()?,
    };
    let limit = question.limit.min(MAX_LIMIT);
    let fields = &snapshot.live.fields;
    let text: Option<Box<dyn Query>> =
        Compiler::of_needs(&snapshot.searcher, fields)?.compile(&typed)?;
    let mut gathered = Gather {
        noun: Noun::Need,
        sort,
        today: question.today,
        after: place.map(|place| place.rank),
        limit: limit + 1,
        facets: Vec::new(),
    }
    .run(&snapshot.searcher, text, conditions(question, fields)?)?;
    let more = gathered.places.len() > limit;
    gathered.places.truncate(limit);
    let last = gathered
        .places
        .last()
        .filter(|_| more)
        .map(|(rank, _)| *rank);
    let next = last.map(|rank| cursor(shared, question, &snapshot, sort, rank));
    let marker = Marker::new(&typed);
    let mut hits = Vec::with_capacity(gathered.places.len());
    for (rank, address) in gathered.places {
        let stored = StoredNeed::read(&snapshot.searcher, fields, address)?;
        let score = if sort == Sort::Relevance {
            score_of(rank)
        } else {
            0.0
        };
        hits.push(stored.into_hit(score, question.today, &marker));
    }
    Ok(NeedsFound {
        total: gathered.total,
        hits,
        next,
        applied_seq: snapshot.applied_seq,
    })
}

fn cursor(
    shared: &Shared,
    question: &NeedQuery,
    snapshot: &Snapshot,
    sort: Sort,
    rank: super::gather::Rank,
) -> Cursor {
    let by_score = sort == Sort::Relevance;
    if by_score {
        shared.kept.keep(snapshot);
    }
    Place {
        question: mark_of(question),
        today: question.today,
        rank,
        snapshot: if by_score {
            snapshot.id
        } else {
            SnapshotId::NONE
        },
    }
    .encode()
}
