//! `GET /patents/{number}`: one patent, for a reader who is no lawyer. Any notation of the number leads to the
//! one address; what the source does not say is said to be unknown, never guessed.

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    address::search_for,
    card::CardView,
    correction::{address, has_form},
    errors,
    hits::{HitView, Named, plain},
    needs::NeedLine,
    offer::OfferView,
    session::Member,
    visitor::Visitor,
    words,
};
use crate::{
    domain::{
        access::{Actor, Role},
        codes::{AppNo, number::NumberError},
        dictionary::Topic,
        family::Kinship,
        holding::{Holding, HoldingState},
        party::Organisation,
        patent::{LegalStatus, Patent},
        reference::Derived,
        search::NeedMatch,
        text::{Lang, Text},
        time::Day,
    },
    ops::{
        self, Error, Services, dictionaries, matches,
        patents::{self, PatentRecord},
        provenance,
    },
};

/// Similar patents shown.
const SIMILAR: usize = 6;
/// Needs shown.
const NEEDS: usize = 6;

#[derive(Template)]
#[template(path = "patent.html")]
pub struct Page<'a> {
    v: &'a Visitor,
    patent: Patent,
    number_name: Text,
    number: String,
    kind: &'static str,
    status: &'static str,
    /// When and in which words the source gave the status.
    status_said: Text,
    term: Text,
    term_end: Option<Day>,
    term_note: Option<Text>,
    applicants: Vec<Named>,
    owners: Vec<Named>,
    inventors: Vec<Named>,
    holders: Vec<Holder>,
    ipc: Vec<Symbol>,
    industries: Vec<Named>,
    /// The version of the table by which the industries were derived; empty: they are the source's own.
    derived_by: String,
    region: Option<Named>,
    family: Vec<Relative>,
    similar: Vec<HitView>,
    card: Option<CardView>,
    offer: Option<OfferView>,
    /// Where its holder writes its card.
    write_card: Option<String>,
    /// Where its holder sees its annual fees.
    fees: Option<String>,
    /// Where its confirmed holder declares it.
    declare: Option<String>,
    /// For its holders and officers alone.
    needs: Vec<NeedFound>,
    /// Where its values come from, for the same.
    sources: Vec<SourceLine>,
}

/// Where one value comes from.
struct SourceLine {
    unit: &'static str,
    /// Where it is corrected by hand.
    correct: Option<String>,
    by: &'static str,
    day: String,
    /// The file, or why and by whom it was corrected.
    about: String,
    raw: Vec<String>,
}

/// A symbol level by level, and what it is called.
struct Symbol {
    levels: Vec<Named>,
    title: Option<String>,
}

/// A patent of the same invention or application.
struct Relative {
    relation: Text,
    likely: bool,
    href: String,
    number: String,
    title: String,
    kind: &'static str,
    status: &'static str,
}

/// A need that the patent may answer.
struct NeedFound {
    line: NeedLine,
    reasons: Vec<Text>,
    misfits: Vec<Text>,
}

/// An organisation that has the patent in its stock.
struct Holder {
    name: String,
    href: String,
    conversion: &'static str,
    checked: Text,
    first: bool,
    unit: Option<String>,
    fictional: bool,
}

/// One patent.
pub async fn show(
    State(services): State<Services>,
    member: Option<Member>,
    visitor: Visitor,
    number: Result<Path<String>, PathRejection>,
) -> Response {
    let Ok(Path(text)) = number else {
        return errors::page(&visitor, &Error::Number(NumberError::Characters));
    };
    match answer(&services, &visitor, member.as_ref(), &text).await {
        Ok(response) => response,
        Err(error) => errors::number_page(&visitor, &error, &text),
    }
}

async fn answer(
    services: &Services,
    visitor: &Visitor,
    member: Option<&Member>,
    text: &str,
) -> ops::Result<Response> {
    let number = patents::parse_number(text)?;
    if number.as_str() != text {
        return Ok(moved(visitor, &number));
    }
    let actor = Actor::anonymous();
    let record = patents::get(services, &actor, &number).await?;
    let similar = match patents::similar(services, &actor, &number, SIMILAR).await {
        Ok(hits) => hits,
        // The index comes after the record; a page without this block is still true.
        Err(Error::NotReady | Error::Busy | Error::NotFound(_)) => Vec::new(),
        Err(other) => return Err(other),
    };
    let family = match patents::relatives(services, &actor, &record.patent.value).await {
        Ok(found) => found,
        Err(Error::NotReady | Error::Busy) => Vec::new(),
        Err(other) => return Err(other),
    };
    let needs = needs(services, visitor, member, &record, &number).await?;
    let today = services.clock.today();
    let similar = similar
        .into_iter()
        .map(|hit| HitView::of(&hit, visitor, today));
    let mut offers = record.declarations.iter().rev();
    let mediators = dictionaries::get(services, &actor, Topic::Mediation)
        .await?
        .value;
    let offer =
        offers.find_map(|found| OfferView::of(services, visitor, &found.value, &mediators, today));
    let card = record.card.as_ref().map(|card| &card.value);
    let card = CardView::of(services, visitor, card).await?;
    let mut page = Page::of(visitor, record, similar.collect(), today);
    page.card = card;
    page.family = family.into_iter().map(|it| relative(it, visitor)).collect();
    page.offer = offer;
    page.needs = needs;
    page.sources = sources(services, visitor, member, &number).await?;
    Ok(visitor.page(StatusCode::OK, &page))
}

/// Where its values come from, for its holders and officers.
async fn sources(
    services: &Services,
    v: &Visitor,
    member: Option<&Member>,
    number: &AppNo,
) -> ops::Result<Vec<SourceLine>> {
    let Some(member) = member else {
        return Ok(Vec::new());
    };
    let found = match provenance::get(services, &member.actor, number).await {
        Ok((_, found)) => found,
        Err(Error::Denied(_)) => Vec::new(),
        Err(other) => return Err(other),
    };
    let line = |one: provenance::UnitSource| {
        let stated = if one.stated {
            ""
        } else {
            v.t("（上传当天）", " (day of the upload)")
        };
        let about = [one.file_name, one.reason, one.actor];
        let raw = one.raw.into_iter();
        let raw = raw.map(|(column, text)| format!("{}：{text}", v.t(column.zh(), column.en())));
        SourceLine {
            correct: has_form(one.unit).then(|| address(number, one.unit)),
            unit: v.t(one.unit.zh(), one.unit.en()),
            by: one
                .by
                .map_or(v.t("来源不详", "unknown"), |by| v.t(by.zh(), by.en())),
            day: one
                .day
                .map_or_else(String::new, |day| format!("{day}{stated}")),
            about: about.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            raw: raw.collect(),
        }
    };
    Ok(found.into_iter().map(line).collect())
}

/// Open needs that it may answer, for its holders and officers.
async fn needs(
    services: &Services,
    visitor: &Visitor,
    member: Option<&Member>,
    record: &PatentRecord,
    number: &AppNo,
) -> ops::Result<Vec<NeedFound>> {
    let holds = |member: &Member| {
        let own = member.actor.organisation.as_ref();
        member.actor.role == Role::Holder
            && record
                .holders
                .iter()
                .any(|(_, party)| Some(&party.id) == own)
    };
    let Some(member) = member.filter(|member| member.is_officer() || holds(member)) else {
        return Ok(Vec::new());
    };
    let found = match matches::of_patent(services, &member.actor, number, NEEDS).await {
        Ok(found) => found,
        Err(Error::NotReady | Error::Busy | Error::NotFound(_)) => Vec::new(),
        Err(other) => return Err(other),
    };
    let line = |found: &NeedMatch| NeedFound {
        line: NeedLine::of(&found.hit, visitor),
        reasons: found
            .reasons
            .iter()
            .map(|r| r.text(&visitor.names))
            .collect(),
        misfits: found
            .misfits
            .iter()
            .map(|m| m.text(&visitor.names))
            .collect(),
    };
    Ok(found.iter().map(line).collect())
}

/// To the one address of a patent, in the language asked for.
fn moved(visitor: &Visitor, number: &AppNo) -> Response {
    let to = visitor.address.at(&format!("/patents/{number}"));
    let mut response = visitor.with_language(StatusCode::PERMANENT_REDIRECT.into_response());
    if let Ok(value) = to.parse() {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

impl<'a> Page<'a> {
    fn of(v: &'a Visitor, record: PatentRecord, similar: Vec<HitView>, today: Day) -> Self {
        let declare = declarable(v, &record);
        let holds = keeps(v, &record);
        let patent = record.patent.value;
        let lang = v.lang;
        let named = |parameter, names: &[String]| -> Vec<Named> {
            let link = |name: &String| linked(name, search_for(parameter, name));
            names.iter().map(link).collect()
        };
        let symbols = patent.ipc.iter().map(|symbol| {
            let level = |level: &str| linked(level, search_for("ipc", level));
            Symbol {
                levels: symbol.levels().into_iter().map(level).collect(),
                title: v.names.ipc(symbol).map(|entry| v.called(entry).to_owned()),
            }
        });
        let derived = if patent.industries.is_empty() {
            v.names.relation().derive(&patent.ipc)
        } else {
            Derived::default()
        };
        let industries = patent.industries.iter().chain(&derived.industries);
        let industry = |code: &String| {
            let name = v.industry(code).unwrap_or_default();
            linked(&format!("{code} {name}"), search_for("industry", code))
        };
        let declare = declare.then(|| format!("/desk/declarations/new?number={}", patent.number));
        let holders = record.holders.into_iter();
        let holders = holders.map(|(holding, party)| holder(holding.value, party, lang));
        let region = patent.region.as_ref().map(|region| {
            let name = v.region(&region.code).unwrap_or(&region.name);
            linked(name, search_for("region", &region.code))
        });
        let (number_name, number) = words::number(patent.legal_status, &patent.number);
        let term_end = patent.expires_on();
        let term = words::term(patent.legal_status, term_end, today);
        let over = term_end.is_some_and(|day| day <= today);
        Self {
            v,
            number_name,
            number,
            kind: words::kind(patent.kind, lang),
            status: words::status(patent.legal_status, lang),
            status_said: status_said(&patent),
            term_note: words::term_note(patent.legal_status, over),
            term,
            term_end,
            applicants: named("applicant", &patent.applicants),
            owners: named("applicant", &patent.owners),
            inventors: named("q", &patent.inventors),
            holders: holders.collect(),
            ipc: symbols.collect(),
            industries: industries.map(industry).collect(),
            derived_by: derived.version,
            region,
            family: Vec::new(),
            similar,
            card: None,
            write_card: holds.then(|| format!("/desk/cards/{}", patent.number)),
            fees: holds.then(|| format!("/desk/fees/{}", patent.number)),
            offer: None,
            declare,
            needs: Vec::new(),
            sources: Vec::new(),
            patent,
        }
    }
}

/// Does the reader have it in stock?
fn keeps(v: &Visitor, record: &PatentRecord) -> bool {
    let holder = v.who().filter(|who| who.actor.role == Role::Holder);
    let own = holder.and_then(|who| who.actor.organisation.as_ref());
    let mut held = record.holders.iter();
    own.is_some_and(|own| held.any(|(_, party)| party.id == *own))
}

/// Does the reader keep it as confirmed stock, and no declaration of it is under way?
fn declarable(v: &Visitor, record: &PatentRecord) -> bool {
    let holder = v.who().filter(|who| who.actor.role == Role::Holder);
    let Some(own) = holder.and_then(|who| who.actor.organisation.as_ref()) else {
        return false;
    };
    let mut held = record.holders.iter().map(|(holding, _)| &holding.value);
    held.any(|holding| holding.organisation == *own && holding.state.is_confirmed())
        && !record
            .declarations
            .iter()
            .any(|d| d.value.state.is_under_way())
}

fn holder(holding: Holding, party: Organisation, lang: Lang) -> Holder {
    Holder {
        href: search_for("holder", party.uscc.as_str()),
        name: party.name,
        conversion: words::conversion(holding.conversion, lang),
        checked: checked(holding.state),
        first: holding.first_patentee,
        unit: holding.unit,
        fictional: party.fictional,
    }
}

fn relative((kinship, patent): (Kinship, Patent), v: &Visitor) -> Relative {
    Relative {
        relation: Text::new(kinship.relation.zh(), kinship.relation.en()),
        likely: !kinship.certain,
        href: format!("/patents/{}", patent.number),
        number: words::number(patent.legal_status, &patent.number).1,
        kind: words::kind(patent.kind, v.lang),
        status: words::status(patent.legal_status, v.lang),
        title: patent.title,
    }
}

fn linked(text: &str, href: String) -> Named {
    Named {
        pieces: plain(text),
        href,
    }
}

fn checked(state: HoldingState) -> Text {
    match state {
        HoldingState::Claimed => Text::new("待核实", "not confirmed yet"),
        HoldingState::ConfirmedByName => Text::new("权利人名称一致", "owner's name agrees"),
        HoldingState::ConfirmedByDocument => Text::new("凭文件核实", "document seen"),
    }
}

/// The source's words for the status and the day for which it vouches.
fn status_said(patent: &Patent) -> Text {
    let words = patent.status_text.as_deref();
    let (zh, en) = words.map_or_else(Default::default, |text| {
        (
            format!("来源原文“{text}”，"),
            format!("The source says “{text}”, "),
        )
    });
    let (by_zh, by_en) = patent
        .status_source
        .as_ref()
        .map_or_else(Default::default, |file| {
            let mark = &file.sha256[..file.sha256.len().min(12)];
            (
                format!("，凭已登记的文件（SHA-256 {mark}…）"),
                format!(", by a recorded document (SHA-256 {mark}…)"),
            )
        });
    match (patent.status_as_of, words) {
        (Some(day), _) => Text::new(
            format!("{zh}状态截至 {day}{by_zh}"),
            format!("{en}as of {day}{by_en}"),
        ),
        (None, Some(_)) => Text::new(format!("{zh}来源未注明日期"), format!("{en}without a date")),
        (None, None) if patent.legal_status != LegalStatus::Unknown => {
            Text::new("来源未注明日期", "The source gives no date")
        }
        (None, None) => Text::new("来源未给出法律状态", "The source gives no legal status"),
    }
}
