//! `/desk/needs`: an enterprise's own needs, and for each the patents that may answer it, with what speaks for and
//! against them and two buttons to say so. An officer comes here from a need's public page.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{Nav, Tab};
use crate::{
    domain::{
        codes::Ipc,
        id::Id,
        matching::Tier,
        money::Fen,
        need::{FeedbackVerdict, Need, NeedState, NeedStep, TEXT_CHARS},
        search::PatentMatch,
        text::Text,
    },
    ops::{
        self, Error,
        matches::{self, NewFeedback},
        needs::{self, Content, NewNeed, Shown},
        out::List,
        patents,
    },
    web::{
        Web,
        address::Address,
        errors,
        form::{Field, Form, FormView, status_of},
        hits::HitView,
        needs::{facts, industries, standing},
        out::Files,
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/desk/needs";
/// Patents shown for a need.
const MATCHES: usize = 10;

#[derive(Template)]
#[template(path = "desk_needs.html")]
struct Own<'a> {
    v: &'a Visitor,
    nav: Nav,
    lines: Vec<OwnLine>,
    files: Option<Files>,
    /// Open where it did not pass, or where there is no need yet.
    unfolded: bool,
    form: FormView,
}

struct OwnLine {
    href: String,
    title: String,
    standing: Text,
    facts: Vec<Text>,
}

/// `GET /desk/needs`
pub async fn list(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let form = need_form(&visitor, HERE, None);
    own_page(&web, &visitor, &member, form, StatusCode::OK).await
}

async fn own_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    form: FormView,
    status: StatusCode,
) -> Response {
    let today = web.services.clock.today();
    match needs::list_own(&web.services, &member.actor).await {
        Ok(own) => {
            let line = |need: &Need| OwnLine {
                href: format!("{HERE}/{}", need.id),
                title: need.title.clone(),
                standing: standing(need, today),
                facts: facts(need, v),
            };
            let page = Own {
                v,
                nav: Nav::new(v, member, Tab::Needs),
                unfolded: own.is_empty() || status != StatusCode::OK,
                lines: own.iter().map(|stored| line(&stored.value)).collect(),
                files: own.first().map(|need| {
                    let own = need.value.organisation.to_string();
                    Files::of(List::Needs, &Address::default().set("organisation", &own))
                }),
                form,
            };
            v.form_page(status, &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

/// The form of a need; with one, filled with what it says.
fn need_form(v: &Visitor, action: &str, need: Option<&Need>) -> FormView {
    let text = |value: Option<String>| value.unwrap_or_default();
    let yuan = need
        .and_then(|need| need.budget_fen)
        .map(|fen| (fen.0 / 100).to_string());
    let classes = |need: &Need| {
        need.ipc
            .iter()
            .map(Ipc::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let title = Field::new("title", v.t("标题", "Title"))
        .hint(v.t(
            "一句话说清要解决什么，2 至 80 字",
            "In one line what is wanted, 2 to 80 characters",
        ))
        .value(need.map_or("", |need| &need.title));
    let body = Field::area("text", v.t("需求说明", "What is needed"), TEXT_CHARS)
        .hint(v.t(
            "现状、难点、想要的效果；写得越具体，匹配越准",
            "The present state, the difficulty, the effect wanted; details make better matches",
        ))
        .value(need.map_or("", |need| &need.text));
    let industry = Field::new(
        "industry",
        v.t("行业（国民经济行业分类）", "Industry (GB/T 4754)"),
    )
    .optional()
    .options(industries(
        v,
        v.t("不填", "Not said"),
        need.and_then(|need| need.industry.as_deref())
            .unwrap_or_default(),
    ))
    .value(&text(need.and_then(|need| need.industry.clone())));
    let ipc = Field::new("ipc", v.t("IPC 分类号", "IPC symbols"))
        .optional()
        .hint(v.t(
            "知道就填，用空格隔开，例如 A01K61/60",
            "Where you know them, with blanks between, e.g. A01K61/60",
        ))
        .value(&text(need.map(classes)));
    let budget = Field::new(
        "budgetFen",
        v.t(
            "首年固定费用预算（元）",
            "Budget for the fixed fee of the first year (yuan)",
        ),
    )
    .optional()
    .hint(v.t(
        "只用来提示费用是否在预算内；公告价格对谁都一样",
        "Shown against the fee; the announced price is the same for everyone",
    ))
    .value(&text(yuan));
    let region = Field::new("region", v.t("地区代码", "Region code"))
        .optional()
        .hint(v.t(
            "六位，不填即本单位所在区",
            "Six digits; your own district when empty",
        ))
        .value(need.map_or("", |need| &need.region));
    let until = Field::new("until", v.t("截止日", "Last day"))
        .kind("date")
        .optional()
        .value(&text(
            need.and_then(|need| need.until).map(|day| day.to_string()),
        ));
    let fields = vec![title, body, industry, ipc, budget, region, until];
    let button = match need {
        Some(_) => v.t("保存修改", "Save"),
        None => v.t("存为草稿", "Save as a draft"),
    };
    FormView::new(v, action, button, fields)
}

/// What was typed; every field that cannot be read is told at once.
fn content(form: &Form) -> ops::Result<Content> {
    let mut faults = Vec::new();
    let mut fault = |pointer: &str, code, zh: &str, en: &str| {
        faults.push(ops::Fault::new(pointer, code, zh, en));
    };
    let typed = |name: &str| Some(form.get(name).trim()).filter(|text| !text.is_empty());
    let budget_fen = typed("budgetFen").and_then(|text| {
        let yuan = text.replace(',', "").parse().ok().filter(|yuan| *yuan >= 0);
        if yuan.is_none() {
            fault(
                "/budgetFen",
                "amountInvalid",
                "请填写整数元，例如 20000。",
                "Whole yuan, e.g. 20000.",
            );
        }
        yuan.map(Fen::yuan)
    });
    let until = typed("until").and_then(|text| {
        let day = text.parse().ok();
        if day.is_none() {
            fault(
                "/until",
                "dayInvalid",
                "请填写日期，例如 2026-12-31。",
                "A day such as 2026-12-31.",
            );
        }
        day
    });
    let symbols = typed("ipc").unwrap_or_default();
    let symbols = symbols
        .split([' ', ',', ';', '，', '；', '、'])
        .filter(|s| !s.is_empty());
    let ipc: Result<Vec<Ipc>, _> = symbols.map(Ipc::parse).collect();
    if ipc.is_err() {
        fault(
            "/ipc",
            "ipcInvalid",
            "有不是 IPC 的分类号，例如 A01K61/60。",
            "Not an IPC symbol such as A01K61/60.",
        );
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(Content {
        title: form.get("title").to_owned(),
        text: form.get("text").to_owned(),
        industry: typed("industry").map(str::to_owned),
        ipc: ipc.unwrap_or_default(),
        budget_fen,
        region: typed("region").map(str::to_owned),
        until,
    })
}

/// `POST /desk/needs`: a new draft, and on to its page.
pub async fn create(State(web): State<Web>, member: Member, form: Form) -> Response {
    let made = async {
        let new = NewNeed {
            organisation: None,
            content: content(&form)?,
        };
        needs::create(&web.services, &member.actor, None, new).await
    };
    match made.await {
        Ok(made) => see_other(&format!("{HERE}/{}", made.record.record.value.id)),
        Err(error) => match status_of(&error) {
            Some(status) => {
                let shown = need_form(&form.visitor, HERE, None).filled(&form, &error);
                own_page(&web, &form.visitor, &member, shown, status).await
            }
            None => errors::page(&form.visitor, &error),
        },
    }
}

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
    today: crate::domain::time::Day,
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
    today: crate::domain::time::Day,
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
