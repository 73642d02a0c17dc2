//! `/desk/needs/{id}`: one need and the patents that may answer it.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{
    HERE,
    form::{content, need_form},
};
use crate::{
    domain::{
        id::Id,
        matching::Tier,
        need::{FeedbackVerdict, Need, NeedState, NeedStep},
        search::PatentMatch,
        text::Text,
        time::Day,
    },
    ops::{
        self, Error,
        matches::{self, NewFeedback},
        needs::{self, Shown},
        patents,
    },
    web::{
        Web,
        desk::{Nav, Tab},
        errors,
        form::{Form, FormView, status_of},
        hits::HitView,
        needs::{facts, standing},
        session::{Member, see_other},
        visitor::Visitor,
    },
};

/// Patents shown for a need.
const MATCHES: usize = 10;

#[derive(Template)]
#[template(path = "desk_need.html")]
struct One<'a> {
    v: &'a Visitor,
    nav: Nav,
    need: &'a Need,
    organisation: &'a str,
    standing: Text,
    facts: Vec<Text>,
    draft: bool,
    step: FormView,
    /// Absent once it is closed.
    edit: Option<FormView>,
    unfolded: bool,
    matches: Vec<MatchLine>,
    /// The index cannot answer yet.
    waiting: bool,
}

/// A patent that may answer a need.
struct MatchLine {
    /// Where a browser comes back to.
    anchor: String,
    rank: usize,
    live: bool,
    tier: Text,
    hit: HitView,
    reasons: Vec<Text>,
    misfits: Vec<Text>,
    /// What was said of it last.
    said: Option<Text>,
    buttons: Vec<FormView>,
}

/// `GET /desk/needs/{id}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    one_page(&web, &visitor, &member, &id, None).await
}

/// The page of one need; with the form that did not pass.
async fn one_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    id: &str,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let status = failed.and_then(|(_, error)| status_of(error));
    let built = async {
        let id = Id::parse(id).ok_or(Error::NotFound("need"))?;
        let shown = needs::get(&web.services, &member.actor, &id).await?;
        needs::may_edit(&member.actor, &shown.record.value.organisation)?;
        let found = match matches::of_need(&web.services, &member.actor, &id, MATCHES).await {
            Ok((_, found)) => Some(found),
            Err(Error::NotReady | Error::Busy) => None,
            Err(other) => return Err(other),
        };
        let said = matches::list_feedback(&web.services, &member.actor, &id, None, 1_000).await?;
        Ok::<_, Error>((shown, found, said.0))
    };
    match built.await {
        Ok((shown, found, said)) => {
            let today = web.services.clock.today();
            let waiting = found.is_none();
            let line = |found: PatentMatch| {
                let last = said
                    .iter()
                    .rev()
                    .find(|said| said.number == found.hit.number);
                let last = last.map(|said| said.verdict);
                let base = format!("{HERE}/{}/feedback", shown.record.value.id);
                match_line(v, &found, last, &base, today)
            };
            let lines = found.unwrap_or_default().into_iter().map(line).collect();
            let nav = Nav::new(v, member, Tab::Needs);
            let page = one(v, nav, &shown, lines, waiting, today, failed);
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

fn one<'a>(
    v: &'a Visitor,
    nav: Nav,
    shown: &'a Shown,
    matches: Vec<MatchLine>,
    waiting: bool,
    today: Day,
    failed: Option<(&Form, &Error)>,
) -> One<'a> {
    let need = &shown.record.value;
    let version = shown.record.version.to_string();
    let at = format!("{HERE}/{}", need.id);
    let (step, label) = match need.state {
        NeedState::Draft => (NeedStep::Open, v.t("公开这条需求", "Make it public")),
        NeedState::Open => (NeedStep::Close, v.t("结束", "Close it")),
        NeedState::Closed => (NeedStep::Open, v.t("重新公开", "Open it again")),
    };
    let button = FormView::button(v, &format!("{at}/steps"), label);
    let edit = (need.state != NeedState::Closed).then(|| {
        let view = need_form(v, &at, Some(need)).hide("version", &version);
        match failed {
            Some((form, error)) => view.filled(form, error),
            None => view,
        }
    });
    One {
        v,
        nav,
        need,
        organisation: &shown.organisation_name,
        standing: standing(need, today),
        facts: facts(need, v),
        draft: need.state == NeedState::Draft,
        step: button.hide("version", &version).hide("step", step.as_str()),
        edit,
        unfolded: failed.is_some(),
        matches,
        waiting,
    }
}

fn match_line(
    v: &Visitor,
    found: &PatentMatch,
    said: Option<FeedbackVerdict>,
    action: &str,
    today: Day,
) -> MatchLine {
    let button = |verdict: FeedbackVerdict| {
        FormView::button(v, action, v.t(verdict.zh(), verdict.en()))
            .hide("verdict", verdict.as_str())
            .hide("number", found.hit.number.as_str())
            .hide("rank", &found.rank.to_string())
            .hide("tier", found.tier.as_str())
            .hide("score", &found.hit.score.to_string())
    };
    let buttons = vec![
        button(FeedbackVerdict::Useful),
        button(FeedbackVerdict::NotUseful),
    ];
    MatchLine {
        anchor: format!("m{}", found.hit.number),
        rank: found.rank,
        live: found.tier == Tier::Offer,
        tier: Text::new(found.tier.zh(), found.tier.en()),
        hit: HitView::of(&found.hit, v, today),
        reasons: found.reasons.iter().map(|r| r.text(&v.names)).collect(),
        misfits: found.misfits.iter().map(|m| m.text(&v.names)).collect(),
        said: said.map(|verdict| Text::new(verdict.zh(), verdict.en())),
        buttons,
    }
}

fn version(form: &Form) -> ops::Result<i64> {
    let version = form.get("version").parse();
    version.map_err(|_| Error::NotFound("need"))
}

/// `POST /desk/needs/{id}`
pub async fn update(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let changed = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("need"))?;
        let (version, content) = (version(&form)?, content(&form)?);
        needs::update(&web.services, &member.actor, &id, version, content).await
    };
    match changed.await {
        Ok(_) => see_other(&format!("{HERE}/{id}")),
        Err(error) if status_of(&error).is_some() => {
            one_page(&web, &form.visitor, &member, &id, Some((&form, &error))).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /desk/needs/{id}/steps`
pub async fn step(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("need"))?;
        let step = NeedStep::parse(form.get("step")).ok_or(Error::NotFound("need"))?;
        needs::step(&web.services, &member.actor, &id, version(&form)?, step).await
    };
    match done.await {
        Ok(_) => see_other(&format!("{HERE}/{id}")),
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /desk/needs/{id}/feedback`
pub async fn feedback(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let kept = async {
        let missing = || Error::NotFound("need");
        let id = Id::parse(&id).ok_or_else(missing)?;
        let new = NewFeedback {
            number: patents::parse_number(form.get("number"))?,
            rank: form.get("rank").parse().map_err(|_| missing())?,
            verdict: FeedbackVerdict::parse(form.get("verdict")).ok_or_else(missing)?,
            tier: Tier::parse(form.get("tier")).ok_or_else(missing)?,
            score: form.get("score").parse().map_err(|_| missing())?,
            note: None,
        };
        matches::add_feedback(&web.services, &member.actor, None, &id, new).await
    };
    match kept.await {
        Ok(made) => see_other(&format!("{HERE}/{id}#m{}", made.record.number)),
        Err(error) => errors::page(&form.visitor, &error),
    }
}
