//! `GET /patents`: the results of a search. Takes the parameters of `GET /v1/patents` and shows what the index
//! answers: exact total, marked words, facets as links, the whole result as a file.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};

use super::{
    address::Address,
    errors,
    facets::{Chip, Group, Holders, Links, carried},
    hits::HitView,
    visitor::Visitor,
    words,
};
use crate::{
    domain::{
        access::Actor,
        search::{Cursor, FacetField, Found, Sort},
        text::Text,
    },
    ops::{self, Error, Services, asked, organisations, params::Params, patents},
};

/// The facets of the page, in the order shown.
const FACETS: [FacetField; 12] = [
    FacetField::Offer,
    FacetField::FeeMode,
    FacetField::Kind,
    FacetField::LegalStatus,
    FacetField::Conversion,
    FacetField::Holder,
    FacetField::Industry,
    FacetField::IpcSection,
    FacetField::IpcSubclass,
    FacetField::Region,
    FacetField::Applicant,
    FacetField::FilingYear,
];

/// The days and the term, which a form asks for.
const DATES: [&str; 6] = [
    "filedFrom",
    "filedTo",
    "grantedFrom",
    "grantedTo",
    "inTerm",
    "termLeftAtLeast",
];

/// The fees of an open licence, which another form asks for.
const FEES: [&str; 3] = ["free", "feeAtMost", "knowHow"];

/// The remaining years that the form offers.
const YEARS: [u16; 4] = [1, 3, 5, 10];

#[derive(Template)]
#[template(path = "results.html")]
pub struct Results<'a> {
    v: &'a Visitor,
    q: &'a str,
    total: String,
    is_empty: bool,
    hits: Vec<HitView>,
    groups: Vec<Group>,
    chips: Vec<Chip>,
    sorts: Vec<Order>,
    ignored: Vec<String>,
    advice: Option<Advice>,
    /// What the search box, the form of days and the form of fees carry along.
    box_carries: Vec<(String, String)>,
    form_carries: Vec<(String, String)>,
    fee_carries: Vec<(String, String)>,
    /// Years to choose from, the chosen ones included.
    years: Vec<Years>,
    links: PageLinks,
}

/// An order of the results.
struct Order {
    label: Text,
    href: String,
    current: bool,
}

/// Remaining years of a term.
struct Years {
    value: u16,
    label: Text,
    chosen: bool,
}

/// What a number that finds nothing may have been meant to be.
struct Advice {
    text: Text,
    /// The number as it should be.
    meant: Option<(String, String)>,
}

struct PageLinks {
    next: Option<String>,
    first: Option<String>,
    unfiltered: Option<String>,
    csv: String,
    ndjson: String,
    json: String,
}

/// Search results.
pub async fn show(State(services): State<Services>, visitor: Visitor, uri: Uri) -> Response {
    match answer(&services, &visitor, uri.query().unwrap_or_default()).await {
        Ok(response) => response,
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn answer(services: &Services, visitor: &Visitor, query: &str) -> ops::Result<Response> {
    let actor = Actor::anonymous();
    let mut params = Params::parse(query)?;
    params.take_all("lang");
    let mut question = asked::query(services, &actor, &mut params).await?;
    question.facets = FACETS.to_vec();
    let sort = question.sort;
    let found = patents::search(services, &actor, question).await?;
    let holders = holders(services, &actor, &visitor.address).await?;
    let ignored = params.rest().map(str::to_owned).collect();
    let today = services.clock.today();
    let links = Links {
        visitor,
        holders: &holders,
    };
    let address = &visitor.address;
    let q = address.first("q");
    let page = Results {
        v: visitor,
        q,
        total: words::grouped(found.total),
        is_empty: found.total == 0,
        sorts: orders(address, sort),
        chips: links.chips(),
        ignored,
        advice: (found.total == 0).then(|| number_advice(q)).flatten(),
        box_carries: carried(address, &["q", "sort"]),
        form_carries: carried(address, &DATES),
        fee_carries: carried(address, &FEES),
        years: years(address.first("termLeftAtLeast")),
        links: PageLinks::of(address, &found),
        hits: found
            .hits
            .into_iter()
            .map(|hit| HitView::of(&hit, visitor, today))
            .collect(),
        groups: links.groups(found.facets),
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

async fn holders(services: &Services, actor: &Actor, address: &Address) -> ops::Result<Holders> {
    let mut known = Vec::new();
    for reference in address.values("holder") {
        let found = organisations::get(services, actor, reference).await?;
        known.push((reference.to_owned(), found));
    }
    Ok(known)
}

fn orders(address: &Address, current: Sort) -> Vec<Order> {
    let bare = address.without(&["after", "sort"]);
    let relevant = address.has("q");
    let named = [
        (Sort::Relevance, Text::new("相关度", "Relevance")),
        (Sort::Newest, Text::new("申请日从新到旧", "Latest filing")),
        (Sort::Fee, Text::new("许可费从低到高", "Lowest fee")),
        (Sort::TermLeft, Text::new("剩余保护期", "Term left")),
        (Sort::Number, Text::new("申请号", "Number")),
    ];
    // Without text there is nothing to be relevant to: the newest stand first.
    let shown = if current == Sort::Relevance && !relevant {
        Sort::Newest
    } else {
        current
    };
    named
        .into_iter()
        .filter(|(sort, _)| relevant || *sort != Sort::Relevance)
        .map(|(sort, label)| Order {
            label,
            current: sort == shown,
            href: match sort {
                Sort::Relevance => bare.search(),
                other => bare.with("sort", other.as_str()).search(),
            },
        })
        .collect()
}

fn years(chosen: &str) -> Vec<Years> {
    let chosen: Option<u16> = chosen.parse().ok();
    let all: BTreeSet<u16> = YEARS.into_iter().chain(chosen).collect();
    all.into_iter()
        .map(|value| Years {
            value,
            label: words::years(value),
            chosen: chosen == Some(value),
        })
        .collect()
}

impl PageLinks {
    fn of(address: &Address, found: &Found) -> Self {
        let first = address.without(&["after"]);
        let export = |format| {
            address
                .question()
                .with("format", format)
                .at("/v1/patents/export")
        };
        let unfiltered = address.question().keep(|name, _| name == "q");
        Self {
            next: found
                .next
                .as_ref()
                .map(|Cursor(place)| first.with("after", place).search()),
            first: address.has("after").then(|| first.search()),
            unfiltered: address.is_narrowed().then(|| unfiltered.search()),
            csv: export("csv"),
            ndjson: export("ndjson"),
            json: address.question().at("/v1/patents"),
        }
    }
}

/// What is wrong with a text that looks like an application number.
fn number_advice(text: &str) -> Option<Advice> {
    if text.chars().filter(char::is_ascii_digit).count() < 8 || text.chars().count() > 30 {
        return None;
    }
    let Err(Error::Number(why)) = patents::parse_number(text) else {
        return None;
    };
    Some(Advice {
        text: ops::error::number(&why),
        meant: errors::meant(text, &why),
    })
}
