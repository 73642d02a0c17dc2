//! One question, answered on one snapshot: read, compile, gather, show.

use tantivy::{
    collector::TopDocs,
    query::{BooleanQuery, Occur},
};

use super::{
    Error, Shared,
    cursor::{self, Place, SnapshotId, fingerprint},
    document::Stored,
    filters,
    gather::{Gather, Gathered, Rank, score_of},
    highlight::Marker,
    live::Snapshot,
    query::Compiler,
    similar as likeness,
    typed::{self, Typed},
};
use crate::domain::{
    codes::AppNo,
    event::{Noun, Sight},
    search::{FacetField, Filters, Found, MAX_LIMIT, Query, Sort, TextField},
    time::Day,
};

/// Answers a page of a question.
pub fn search(shared: &Shared, question: &Query) -> Result<Found, Error> {
    let typed = typed::read(&question.text);
    let sort = order(question.sort, &typed);
    let own = fingerprint(question);
    let place = question.cursor.as_ref().map(Place::decode).transpose()?;
    if place.is_some_and(|place| place.question != own) {
        return Err(Error::CursorMismatch);
    }
    let today = place.map_or(Ok(question.today), |place| {
        cursor::day_behind(&place, question)
    })?;
    let question = &Query {
        today,
        ..question.clone()
    };
    let snapshot = match place {
        Some(place) if sort == Sort::Relevance => shared.kept.find(place.snapshot)?,
        _ => shared.snapshot()?,
    };
    let limit = question.limit.min(MAX_LIMIT);
    let after = place.map(|place| place.rank);
    let mut gathered = gather(&snapshot, question, &typed, sort, after, limit + 1)?;
    let more = gathered.places.len() > limit;
    gathered.places.truncate(limit);
    let next = gathered.places.last().filter(|_| more).map(|(rank, _)| {
        let id = if sort == Sort::Relevance {
            snapshot.id
        } else {
            SnapshotId::NONE
        };
        Place {
            question: own,
            today,
            rank: *rank,
            snapshot: id,
        }
        .encode()
    });
    if next.is_some() && sort == Sort::Relevance {
        shared.kept.keep(&snapshot);
    }
    let marker = Marker::new(&typed);
    let mut hits = Vec::with_capacity(gathered.places.len());
    for (rank, address) in gathered.places {
        let stored = Stored::read(&snapshot.searcher, &snapshot.live.fields, address)?;
        let highlights = marker.mark(&stored);
        let score = if sort == Sort::Relevance {
            score_of(rank)
        } else {
            0.0
        };
        let mut hit = stored.into_hit(score, today);
        hit.highlights = highlights;
        hits.push(hit);
    }
    let facets = gathered
        .counts
        .into_iter()
        .map(|counts| counts.into_facet(question.facet_size))
        .collect();
    Ok(Found {
        total: gathered.total,
        hits,
        facets,
        next,
        applied_seq: snapshot.applied_seq,
    })
}

/// Where nothing can be scored, relevance means the newest first.
fn order(asked: Sort, typed: &Typed) -> Sort {
    match typed {
        Typed::Nothing | Typed::Numbers(_) if asked == Sort::Relevance => Sort::Newest,
        _ => asked,
    }
}

/// The pass of a question over a snapshot.
pub fn gather(
    snapshot: &Snapshot,
    question: &Query,
    typed: &Typed,
    sort: Sort,
    after: Option<Rank>,
    limit: usize,
) -> Result<Gathered, Error> {
    let fields = &snapshot.live.fields;
    let compiler = Compiler::new(&snapshot.searcher, fields, question.fields.as_deref())?;
    let text = compiler.compile(typed)?;
    let conditions = filters::compile(question, fields)?;
    let mut facets: Vec<FacetField> = Vec::new();
    for facet in &question.facets {
        if !facets.contains(facet) {
            facets.push(*facet);
        }
    }
    Gather {
        noun: Noun::Patent,
        sort,
        today: question.today,
        after,
        limit,
        facets,
    }
    .run(&snapshot.searcher, text, conditions)
}

/// The patents most like one.
pub fn similar(
    shared: &Shared,
    number: &AppNo,
    limit: usize,
    sight: &Sight,
    today: Day,
    only: Option<&[TextField]>,
) -> Result<Vec<crate::domain::search::Hit>, Error> {
    let snapshot = shared.snapshot()?;
    let (searcher, fields) = (&snapshot.searcher, &snapshot.live.fields);
    let mut itself = Query::new(number.zl(), sight.clone(), today);
    itself.filters = Filters::default();
    let found = gather(
        &snapshot,
        &itself,
        &typed::read(&itself.text),
        Sort::Number,
        None,
        1,
    )?;
    let (_, address) = found.places.first().ok_or(Error::NotFound)?;
    let stored = Stored::read(searcher, fields, *address)?;
    let compiler = Compiler::new(searcher, fields, only)?;
    let mut parts = vec![(Occur::Must, likeness::compile(&compiler, &stored)?)];
    parts.extend(
        filters::compile(&itself, fields)?
            .into_iter()
            .map(|(_, query)| (Occur::Must, query)),
    );
    let query = BooleanQuery::new(parts);
    let best = searcher.search(
        &query,
        &TopDocs::with_limit(limit.clamp(1, MAX_LIMIT)).order_by_score(),
    )?;
    let hit =
        |(score, address)| Ok(Stored::read(searcher, fields, address)?.into_hit(score, today));
    best.into_iter().map(hit).collect()
}
