//! `/desk/appraisals`: what could be done with each patent of the stock, by suggestion, with the reasons and the cost of
//! keeping it. A list to work through; nothing on it happens by itself.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{Nav, Tab, choices::word, fees::yuan};
use crate::{
    domain::{
        appraisal::{Inputs, Suggestion},
        codes::AppNo,
        dictionary::{Dictionaries, Topic},
        money::Fen,
        stock::StockFilter,
    },
    ops::{
        self,
        appraisals::{self, AppraisalFilter, Line, Profile},
        dictionaries,
    },
    web::{Web, errors, session::Member, visitor::Visitor, words::grouped},
};

const HERE: &str = "/desk/appraisals";
/// Patents a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "desk_appraisals.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    /// Label, count, yearly cost, address, chosen.
    sums: Vec<(&'static str, String, Option<String>, String, bool)>,
    query: String,
    suggestion: &'static str,
    total: String,
    lines: Vec<Row>,
    next: Option<String>,
}

struct Row {
    href: String,
    title: String,
    number: String,
    unit: Option<String>,
    suggestion: &'static str,
    grounds: String,
    yearly: String,
    grade: Option<String>,
}

/// `GET /desk/appraisals`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match build(&web, &member, &visitor).await {
        Ok(page) => visitor.page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let query = v.address.first("q").trim();
    let filter = AppraisalFilter {
        suggestion: word(
            "suggestion",
            v.address.first("suggestion"),
            Suggestion::parse,
        )?,
        stock: StockFilter {
            text: (!query.is_empty()).then(|| query.to_owned()),
            ..StockFilter::default()
        },
    };
    let after = AppNo::parse(v.address.first("after")).ok();
    let after = after.map(|(number, _)| number);
    let (services, actor) = (&web.services, &member.actor);
    let all = dictionaries::all(services).await?;
    let listed =
        appraisals::list(services, actor, None, &filter, after.as_ref(), SHOWN + 1).await?;
    let mut lines = listed.lines;
    let more = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    let last = lines.last().filter(|_| more);
    let next = last.map(|last| v.address.set("after", last.number.as_str()).at(HERE));
    let sums = listed.sums.into_iter().filter(|(_, count, _)| *count > 0);
    let sums = sums.map(|(suggestion, count, yearly)| {
        let label = suggestion.map_or(v.t("无需决定", "nothing to decide"), |s| {
            v.t(s.zh(), s.en())
        });
        let href = suggestion.map_or_else(
            || HERE.to_owned(),
            |s| format!("{HERE}?suggestion={}", s.as_str()),
        );
        let cost = (yearly > Fen::ZERO).then(|| yuan(yearly));
        let chosen = suggestion.is_some() && filter.suggestion == suggestion;
        (label, grouped(count.unsigned_abs()), cost, href, chosen)
    });
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Appraisals),
        sums: sums.collect(),
        query: query.to_owned(),
        suggestion: filter.suggestion.map_or("", Suggestion::as_str),
        total: grouped(listed.total.unsigned_abs()),
        lines: lines.iter().map(|line| row(v, line, &all)).collect(),
        next,
    })
}

fn row(v: &Visitor, line: &Line, all: &Dictionaries) -> Row {
    let appraisal = &line.appraisal;
    Row {
        href: format!("/desk/inventory/{}", line.holding),
        title: line.title.clone(),
        number: line.number.zl(),
        unit: line.unit.clone(),
        suggestion: appraisal
            .suggestion
            .map_or(v.t("无需决定", "nothing to decide"), |s| {
                v.t(s.zh(), s.en())
            }),
        grounds: grounds(v, line),
        yearly: yuan(appraisal.yearly_fen),
        grade: line.inputs.grade.map(|grade| {
            let words = all.of(Topic::Grade).text(&grade.to_string());
            v.text(&words).to_owned()
        }),
    }
}

fn grounds(v: &Visitor, line: &Line) -> String {
    let grounds = line.appraisal.grounds.iter();
    let grounds: Vec<&str> = grounds
        .map(|ground| v.t(ground.zh(), ground.en()))
        .collect();
    grounds.join(v.t("；", "; "))
}

/// A patent's profile beside its own grade, as its stock record shows it.
pub struct ProfileView {
    pub suggestion: &'static str,
    pub grounds: String,
    pub yearly: String,
    pub grade: Option<String>,
    /// What was looked at: the name and what it is.
    pub inputs: Vec<(&'static str, String)>,
}

impl ProfileView {
    pub fn of(v: &Visitor, profile: &Profile) -> Self {
        let line = &profile.line;
        Self {
            suggestion: line
                .appraisal
                .suggestion
                .map_or(v.t("无需决定", "nothing to decide"), |s| {
                    v.t(s.zh(), s.en())
                }),
            grounds: grounds(v, line),
            yearly: yuan(line.appraisal.yearly_fen),
            grade: profile.grade.as_ref().map(|text| v.text(text).to_owned()),
            inputs: inputs(v, &line.inputs, profile),
        }
    }
}

fn inputs(v: &Visitor, inputs: &Inputs, profile: &Profile) -> Vec<(&'static str, String)> {
    let unknown = || v.t("未知", "unknown").to_owned();
    let count = |count: usize, zh: &str, en: &str| format!("{count} {}", v.t(zh, en));
    let left = inputs.days_left.map_or_else(unknown, |days| {
        let (years, months) = (days / 365, days % 365 / 30);
        format!(
            "{years} {} {months} {}",
            v.t("年", "years"),
            v.t("个月", "months")
        )
    });
    let fees = inputs.fees;
    let mut state = v.t(fees.state.zh(), fees.state.en()).to_owned();
    if let Some(next) = fees.next {
        state = format!(
            "{state}{}{} {} {}",
            v.t("，下一笔 ", ", next "),
            next.due,
            yuan(next.fee_fen),
            v.t("元", "yuan")
        );
    }
    let family: Vec<String> = profile
        .family
        .iter()
        .map(|(kin, patent)| {
            let relation = v.t(kin.relation.zh(), kin.relation.en());
            format!("{relation} {}", patent.number.zl())
        })
        .collect();
    let similar = format!(
        "{} {}{} {}",
        v.t("本单位", "own"),
        profile.similar_own,
        v.t("，其他单位", ", others'"),
        profile.similar_others
    );
    vec![
        (v.t("剩余保护期", "Term left"), left),
        (v.t("年费", "Annual fee"), state),
        (
            v.t("同族", "Family"),
            if family.is_empty() {
                v.t("无", "none").to_owned()
            } else {
                family.join(v.t("；", "; "))
            },
        ),
        (
            v.t("权利要求项数", "Claims"),
            v.t("来源没有给出", "the sources do not give their number")
                .to_owned(),
        ),
        (
            v.t(
                "最相似的专利（仅供参考）",
                "Most like it (shown, not weighed)",
            ),
            similar,
        ),
        (
            v.t("匹配的公开需求", "Open needs it matches"),
            count(inputs.needs, "条", "needs"),
        ),
        (
            v.t("待支付或送达的通知", "Notices that wait"),
            count(inputs.notices, "份", "notices"),
        ),
        (
            v.t("生效的许可", "Licences in effect"),
            count(inputs.licences, "项", "licences"),
        ),
    ]
}
