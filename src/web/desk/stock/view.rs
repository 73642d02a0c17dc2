//! The list of stock as a page.

use askama::Template;

use super::{SHOWN, asked::Asked};
use crate::{
    domain::{
        declaration::DeclarationState,
        dictionary::{Dictionaries, Topic},
        holding::Conversion,
        id::Id,
        inventory::{Inventory, Item},
        patent::LegalStatus,
        stock::{StockOrder, StockPlace},
        submission::Submission,
        text::Text,
        time::Day,
    },
    ops::stock::{StockEntry, StockPage},
    web::{
        desk::{Nav, Tab, choices::Choice},
        session::Member,
        visitor::Visitor,
        words::{self, grouped},
    },
};

#[derive(Template)]
#[template(path = "desk_stock.html")]
pub struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    figures: Vec<Figure>,
    q: String,
    choices: Vec<Choice>,
    orders: Vec<(&'static str, &'static str, bool)>,
    total: String,
    is_narrowed: bool,
    /// Nothing was ever imported.
    is_empty: bool,
    lines: Vec<Line>,
    token: String,
    /// The filter, carried by the form that changes.
    carried: Vec<(&'static str, String)>,
    conversions: Vec<(&'static str, &'static str)>,
    units: Vec<String>,
    answers: Vec<Answers>,
    next: Option<String>,
    /// Value and title of each layout of a sheet.
    layouts: Vec<(String, String)>,
}

/// What the page is made from beside the entries themselves.
pub struct Lists {
    /// Name and title of each layout of a sheet, and of those that are a platform's.
    pub layouts: Vec<(String, String)>,
    pub platforms: Vec<(String, String)>,
    /// What of the entries was handed to platforms.
    pub submissions: Vec<Submission>,
}

/// What many entries can be made to answer: the field, its label, code and words of each answer.
struct Answers {
    name: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
}

/// A figure of the whole stock, and the list behind it.
struct Figure {
    label: &'static str,
    count: String,
    href: &'static str,
}

struct Line {
    id: String,
    number: String,
    href: String,
    title: String,
    kind: &'static str,
    unit: Option<String>,
    claimed: bool,
    fictional: bool,
    status: &'static str,
    conversion: &'static str,
    filed: String,
    term: Text,
    /// What the declaration is at, and where it is; or where to declare.
    offer: Text,
    offer_href: Option<String>,
    published: &'static str,
    /// Where it stands for each platform that it was handed to.
    submissions: Vec<String>,
    /// How many of the six items are answered, and the page of the record.
    answered: usize,
    record_href: String,
}

impl<'a> Page<'a> {
    pub fn new(
        v: &'a Visitor,
        member: &Member,
        asked: &Asked,
        mut page: StockPage,
        lists: Lists,
        dictionaries: &Dictionaries,
        today: Day,
    ) -> Self {
        let more = page.entries.len() > SHOWN;
        page.entries.truncate(SHOWN);
        let last = page
            .entries
            .last()
            .filter(|_| more)
            .map(|last| place(last, asked.order));
        let counts = page.counts;
        let figure = |label, count: i64, href| Figure {
            label,
            count: grouped(count.unsigned_abs()),
            href,
        };
        let without_place = v.address.without(&["after"]);
        Self {
            v,
            nav: Nav::new(v, member, Tab::Stock),
            figures: vec![
                figure(v.t("存量专利", "In stock"), counts.all, "/desk/stock"),
                figure(
                    v.t("未实施", "Unused"),
                    counts.unused,
                    "/desk/stock?conversion=unused",
                ),
                figure(
                    v.t("开放许可中", "On offer"),
                    counts.offered,
                    "/desk/stock?offer=offered",
                ),
                figure(
                    v.t("盘点完整", "Complete records"),
                    counts.complete,
                    "/desk/stock?complete=yes",
                ),
                figure(
                    v.t("权属待确认", "Claimed only"),
                    counts.claimed,
                    "/desk/stock?confirmed=no",
                ),
                figure(
                    v.t("暂不公开", "Kept back"),
                    counts.kept_back,
                    "/desk/stock?confirmed=yes&published=no",
                ),
            ],
            q: asked.said("q").to_owned(),
            choices: asked.choices(v, &page.units, dictionaries, &lists.platforms),
            orders: StockOrder::ALL
                .map(|order| {
                    (
                        order.as_str(),
                        v.t(order.zh(), order.en()),
                        order == asked.order,
                    )
                })
                .into(),
            total: grouped(page.total.unsigned_abs()),
            is_narrowed: asked.pairs.iter().any(|(name, _)| *name != "order"),
            is_empty: counts.all == 0,
            lines: page
                .entries
                .iter()
                .map(|entry| line(v, entry, &lists, today))
                .collect(),
            token: v.csrf("/desk/stock/edit"),
            carried: asked.pairs.clone(),
            conversions: Conversion::ALL
                .map(|c| (c.as_str(), v.t(c.zh(), c.en())))
                .into(),
            units: page
                .units
                .into_iter()
                .map(|(unit, _)| unit)
                .filter(|unit| !unit.is_empty())
                .collect(),
            answers: vec![
                answers(v, dictionaries, Topic::Funding, "toFunding"),
                answers(v, dictionaries, Topic::Ways, "toWay"),
                answers(v, dictionaries, Topic::Maturity, "toMaturity"),
                answers(v, dictionaries, Topic::Grade, "toGrade"),
            ],
            next: last.map(|place| {
                without_place
                    .with("after", &place.to_string())
                    .at("/desk/stock")
            }),
            layouts: lists.layouts,
        }
    }
}

/// What may be newly chosen.
fn answers(v: &Visitor, dictionaries: &Dictionaries, topic: Topic, name: &'static str) -> Answers {
    let offered = dictionaries.of(topic).entries.iter();
    let offered = offered.filter(|entry| !entry.retired);
    Answers {
        name,
        label: v.t(topic.zh(), topic.en()),
        options: offered
            .map(|entry| (entry.code.clone(), v.t(&entry.zh, &entry.en).to_owned()))
            .collect(),
    }
}

/// How many of the six items are answered.
fn answered(entry: &StockEntry) -> usize {
    let conversion = entry.entry.holding.value.conversion;
    let record = entry.entry.record.as_ref().map(|record| &record.value);
    let missing = record.map_or_else(
        || Item::ALL.len() - usize::from(conversion != Conversion::Unknown),
        |record: &Inventory| record.missing(conversion).len(),
    );
    Item::ALL.len() - missing
}

fn place(entry: &StockEntry, order: StockOrder) -> StockPlace {
    let patent = &entry.entry.patent;
    let day = match order {
        StockOrder::Number => None,
        StockOrder::Filed => patent.filing_date,
        StockOrder::Term => patent.expires_on(),
    };
    StockPlace {
        key: day.map_or_else(String::new, |day| day.to_string()),
        number: patent.number.clone(),
    }
}

fn line(v: &Visitor, entry: &StockEntry, lists: &Lists, today: Day) -> Line {
    let (holding, patent) = (&entry.entry.holding.value, &entry.entry.patent);
    let (_, number) = words::number(patent.legal_status, &patent.number);
    let (offer, offer_href) = offer(entry, today);
    Line {
        id: holding.id.to_string(),
        number,
        href: format!("/patents/{}", patent.number),
        title: patent.title.clone(),
        kind: words::kind(patent.kind, v.lang),
        unit: holding.unit.clone(),
        claimed: !holding.state.is_confirmed(),
        fictional: patent.fictional,
        status: words::status(patent.legal_status, v.lang),
        conversion: words::conversion(holding.conversion, v.lang),
        filed: patent
            .filing_date
            .map_or_else(String::new, |day| day.to_string()),
        term: words::term(patent.legal_status, patent.expires_on(), today),
        offer,
        offer_href,
        published: if holding.published {
            v.t("是", "yes")
        } else {
            v.t("否", "no")
        },
        submissions: handed_in(v, lists, &holding.id),
        answered: answered(entry),
        record_href: format!("/desk/inventory/{}", holding.id),
    }
}

/// Platform, state, day and reason of each submission of a holding.
fn handed_in(v: &Visitor, lists: &Lists, holding: &Id) -> Vec<String> {
    let of = |one: &Submission| {
        let title = lists
            .platforms
            .iter()
            .find(|(name, _)| *name == one.platform);
        let title = title.map_or(one.platform.as_str(), |(_, title)| title);
        let state = v.t(one.state.zh(), one.state.en());
        let day = one.answered_on.unwrap_or(one.exported_on);
        let reason = one.reason.as_ref();
        let reason = reason.map_or_else(String::new, |reason| format!("（{reason}）"));
        let changed = if one.changed {
            v.t("，之后有变化", ", changed since")
        } else {
            ""
        };
        format!("{title}：{state} {day}{reason}{changed}")
    };
    let own = lists
        .submissions
        .iter()
        .filter(|one| one.holding == *holding);
    own.map(of).collect()
}

/// Where the open licence of a patent stands, and the page on which one goes on with it.
fn offer(entry: &StockEntry, today: Day) -> (Text, Option<String>) {
    let (holding, patent) = (&entry.entry.holding.value, &entry.entry.patent);
    let over = matches!(
        patent.legal_status,
        LegalStatus::TerminatedFee
            | LegalStatus::Expired
            | LegalStatus::Abandoned
            | LegalStatus::Invalidated
            | LegalStatus::RejectedOrWithdrawn
    ) || patent.expires_on().is_some_and(|day| day <= today);
    match &entry.declaration {
        Some(known) if known.state != DeclarationState::Refused && known.ended_on.is_none() => {
            let state = known.state;
            let text = if known.is_offered_on(today) {
                Text::new("开放许可中", "On offer")
            } else {
                Text::new(
                    format!("声明：{}", state.zh()),
                    format!("Declaration: {}", state.en()),
                )
            };
            (text, Some(format!("/desk/declarations/{}", known.id)))
        }
        _ if over => (Text::new("权利已终止", "Right has ended"), None),
        _ if !holding.state.is_confirmed() => (Text::new("权属待确认", "Claimed only"), None),
        _ => {
            let declare = format!("/desk/declarations/new?number={}", patent.number);
            (Text::new("办理声明", "Declare"), Some(declare))
        }
    }
}
