//! `/needs` and `/needs/{id}`: what enterprises look for, open to everyone.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::Response,
};

use super::{
    address::Address,
    errors,
    hits::{Piece, pieces},
    out::Files,
    session::Member,
    visitor::Visitor,
};
use crate::{
    domain::{
        access::Actor,
        id::Id,
        need::{Need, NeedState},
        search::{Cursor, Highlight, Marked, NeedHit, TextField},
        text::Text,
        time::Day,
    },
    ops::{self, Error, Services, asked, needs, out::List, params::Params},
};

#[derive(Template)]
#[template(path = "needs.html")]
struct Listed<'a> {
    v: &'a Visitor,
    q: &'a str,
    industry: &'a str,
    industries: Vec<(String, String)>,
    total: u64,
    lines: Vec<NeedLine>,
    files: Files,
    next: Option<String>,
}

/// A need in a list.
pub struct NeedLine {
    pub href: String,
    pub title: Vec<Piece>,
    pub passage: Vec<Piece>,
    pub organisation: String,
    pub facts: Vec<Text>,
    pub fictional: bool,
}

impl NeedLine {
    pub fn of(hit: &NeedHit, v: &Visitor) -> Self {
        Self {
            href: format!("/needs/{}", hit.need.id),
            title: marked(&hit.title),
            passage: marked(&hit.passage),
            organisation: hit.organisation_name.clone(),
            facts: facts(&hit.need, v),
            fictional: hit.need.fictional,
        }
    }
}

fn marked(text: &Marked) -> Vec<Piece> {
    pieces(&Highlight {
        field: TextField::Title,
        text: text.text.clone(),
        spans: text.spans.clone(),
    })
}

/// Industry, region, budget and last day, as far as they are said.
pub fn facts(need: &Need, v: &Visitor) -> Vec<Text> {
    let mut facts = Vec::new();
    if let Some(code) = &need.industry {
        let name = v.industry(code).unwrap_or_default();
        facts.push(Text::new(
            format!("{name} {code}"),
            format!("industry {code} {name}"),
        ));
    }
    let place = v.region(&need.region).unwrap_or(&need.region);
    facts.push(Text::new(place, place));
    if let Some(budget) = need.budget_fen {
        facts.push(Text::new(
            format!("首年预算 {budget} 元"),
            format!("budget of the first year {budget} yuan"),
        ));
    }
    if let Some(until) = need.until {
        facts.push(Text::new(format!("截至 {until}"), format!("until {until}")));
    }
    facts
}

/// Where it stands on a day, in words.
pub fn standing(need: &Need, today: Day) -> Text {
    if need.state == NeedState::Open && !need.is_open_on(today) {
        return Text::new("已过截止日", "Past its last day");
    }
    Text::new(need.state.zh(), need.state.en())
}

/// Sections and divisions of industry to choose from, the empty one first; what was chosen before, at whatever level,
/// stays among them.
pub fn industries(v: &Visitor, none: &str, chosen: &str) -> Vec<(String, String)> {
    let option = |code: &str, name: &str| (code.to_owned(), format!("{code} {name}"));
    let divisions = v.names.divisions();
    let mut options: Vec<_> = divisions.map(|e| option(&e.code, v.called(e))).collect();
    if !chosen.is_empty() && options.iter().all(|(code, _)| code != chosen) {
        let at = options.partition_point(|(code, _)| code.as_str() < chosen);
        let name = v.industry(chosen).unwrap_or_default();
        options.insert(at, option(chosen, name));
    }
    options.insert(0, (String::new(), none.to_owned()));
    options
}

/// `GET /needs`
pub async fn list(State(services): State<Services>, visitor: Visitor, uri: Uri) -> Response {
    match found(&services, &visitor, &uri).await {
        Ok(response) => response,
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn found(services: &Services, v: &Visitor, uri: &Uri) -> ops::Result<Response> {
    let actor = Actor::anonymous();
    let mut params = Params::parse(uri.query().unwrap_or_default())?;
    let mut query = asked::need_query(services, &actor, &mut params)?;
    query.open = true;
    let found = needs::list(services, &actor, query).await?;
    let address = Address::of(uri).without(&["lang"]);
    let next = found
        .next
        .map(|Cursor(text)| address.set("after", &text).here());
    let page = Listed {
        v,
        q: v.address.first("q"),
        industry: v.address.first("industry"),
        industries: industries(
            v,
            v.t("全部行业", "All industries"),
            v.address.first("industry"),
        ),
        total: found.total,
        lines: found.hits.iter().map(|hit| NeedLine::of(hit, v)).collect(),
        files: Files::of(List::Needs, &address.set("open", "true")),
        next: next.map(|query| format!("/needs{query}")),
    };
    Ok(v.page(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "need.html")]
struct One<'a> {
    v: &'a Visitor,
    need: &'a Need,
    organisation: &'a str,
    standing: Text,
    facts: Vec<Text>,
    /// Its desk, for those who may change it.
    desk: Option<String>,
    search: String,
}

/// `GET /needs/{id}`
pub async fn show(
    State(services): State<Services>,
    member: Option<Member>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let anonymous = Actor::anonymous();
    let actor = member.as_ref().map_or(&anonymous, |member| &member.actor);
    let read = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("need"))?;
        needs::get(&services, actor, &id).await
    };
    match read.await {
        Ok(shown) => {
            let need = &shown.record.value;
            let may = needs::may_edit(actor, &need.organisation).is_ok();
            let page = One {
                v: &visitor,
                need,
                organisation: &shown.organisation_name,
                standing: standing(need, services.clock.today()),
                facts: facts(need, &visitor),
                desk: may.then(|| format!("/desk/needs/{}", need.id)),
                search: super::address::search_for("q", &need.title),
            };
            visitor.page(StatusCode::OK, &page)
        }
        Err(error) => errors::page(&visitor, &error),
    }
}
