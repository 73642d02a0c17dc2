//! `/desk/cards/{number}`: one card on a calm page: five questions, an example to each, what is counted and what the
//! quality check says.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::HERE;
use crate::{
    domain::{
        card::{CardContent, CardItem, CardState, LEAST_CHARS, MOST_CHARS},
        dictionary::{Dictionaries, Topic},
    },
    ops::{
        Error,
        cards::{self, Shown},
        dictionaries, patents,
    },
    web::{
        Web,
        desk::{Nav, Tab},
        errors,
        form::{Form, status_of},
        session::{Member, see_other},
        visitor::Visitor,
        words,
    },
};

#[derive(Template)]
#[template(path = "desk_card.html")]
#[expect(clippy::struct_excessive_bools, reason = "a page says each of them")]
struct One<'a> {
    v: &'a Visitor,
    nav: Nav,
    action: String,
    token: String,
    version: i64,
    title: String,
    number: String,
    patent_href: String,
    fictional: bool,
    abstract_text: Option<String>,
    state: &'static str,
    passed: bool,
    public: bool,
    texts: Vec<Question>,
    products: String,
    product_findings: Vec<Said>,
    /// Code, words, chosen.
    maturities: Vec<(String, String, bool)>,
    maturity_findings: Vec<Said>,
    editable: bool,
    /// What kept it from being saved.
    errors: Vec<String>,
    errors_found: usize,
    hints_found: usize,
}

/// One of the three texts.
struct Question {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    example: &'static str,
    value: String,
    count: usize,
    wrong: bool,
    findings: Vec<Said>,
}

/// What the check says of an item.
struct Said {
    error: bool,
    text: String,
    cure: String,
}

/// `GET /desk/cards/{number}`
pub async fn one(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Response {
    card_page(&web, &member, &visitor, &number, None).await
}

async fn card_page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    number: &str,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let built = async {
        let number = patents::parse_number(number)?;
        let shown = cards::get(&web.services, &member.actor, &number, None).await?;
        // The public card of another holder's patent is on the patent's page.
        if member.actor.organisation.as_ref() != Some(&shown.record.value.organisation) {
            return Err(Error::NotFound("card"));
        }
        Ok::<_, Error>((shown, dictionaries::all(&web.services).await?))
    };
    match built.await {
        Ok((shown, all)) => {
            let status = failed.and_then(|(_, error)| status_of(error));
            let page = One::new(v, member, &shown, &all, failed);
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

/// Its name in the form, the question, what belongs there, an example.
fn asked(v: &Visitor, item: CardItem) -> (&'static str, &'static str, &'static str, &'static str) {
    match item {
        CardItem::Problem => (
            "problem",
            v.t("解决什么问题？", "What problem does it solve?"),
            v.t(
                "谁会遇到，现在有什么麻烦",
                "Who meets it, and what goes wrong today",
            ),
            v.t(
                "例：养殖网箱泡在海里几周就长满海藻和贝壳，水流不进去，鱼容易缺氧生病。",
                "E.g. 养殖网箱泡在海里几周就长满海藻和贝壳，水流不进去，鱼容易缺氧生病。",
            ),
        ),
        CardItem::Novelty => (
            "novelty",
            v.t("新在哪里？", "What is new about it?"),
            v.t(
                "它靠什么办到，像讲给外行朋友听",
                "How it does it, as told to a friend outside the trade",
            ),
            v.t(
                "例：机器自己贴着网走，一边刷一边把脏东西吸走，人不用下水，网也不用起出来。",
                "E.g. 机器自己贴着网走，一边刷一边把脏东西吸走，人不用下水，网也不用起出来。",
            ),
        ),
        _ => (
            "advantage",
            v.t("比什么好？", "What is it better than?"),
            v.t(
                "现在通常怎么做，差别在哪里，最好有数字",
                "What is done today, and the difference, best with a figure",
            ),
            v.t(
                "例：比潜水员下水刷网快三倍，刷下来的脏东西不会飘到旁边的网箱里。",
                "E.g. 比潜水员下水刷网快三倍，刷下来的脏东西不会飘到旁边的网箱里。",
            ),
        ),
    }
}

impl<'a> One<'a> {
    fn new(
        v: &'a Visitor,
        member: &Member,
        shown: &Shown,
        all: &Dictionaries,
        failed: Option<(&Form, &Error)>,
    ) -> Self {
        let card = &shown.record.value;
        let content = failed.map_or_else(|| card.content(), |(form, _)| content(form));
        let typed_at = failed.and_then(|(form, _)| form.get("version").parse().ok());
        let action = format!("{HERE}/{}", card.number);
        // An empty form is not yet wrong.
        let checked = shown.record.version > 0 && failed.is_none();
        let said = |item: CardItem| {
            let of_item = shown.findings.iter().filter(|f| checked && f.item == item);
            let said = of_item.map(|finding| Said {
                error: finding.check.is_error(),
                text: v.text(&finding.text()).to_owned(),
                cure: v.text(&finding.cure()).to_owned(),
            });
            said.collect::<Vec<_>>()
        };
        let texts = content.texts().map(|(item, text)| {
            let (name, label, hint, example) = asked(v, item);
            let findings = said(item);
            Question {
                wrong: findings.iter().any(|said| said.error),
                name,
                label,
                hint,
                example,
                value: text.to_owned(),
                count: text.trim().chars().count(),
                findings,
            }
        });
        let entries = all.of(Topic::Maturity).entries.iter();
        let maturities = entries.filter_map(|entry| {
            let chosen = content.maturity.as_ref() == Some(&entry.code);
            let words = v.t(&entry.zh, &entry.en).to_owned();
            (!entry.retired || chosen).then(|| (entry.code.clone(), words, chosen))
        });
        let state = card.state();
        let (_, number) = words::number(shown.patent.legal_status, &shown.patent.number);
        let errors_found = shown.findings.iter().filter(|f| f.check.is_error()).count();
        Self {
            v,
            nav: Nav::new(v, member, Tab::Cards),
            token: v.csrf(&action),
            action,
            version: typed_at.unwrap_or(shown.record.version),
            title: shown.patent.title.clone(),
            number,
            patent_href: format!("/patents/{}", shown.patent.number),
            fictional: shown.patent.fictional,
            abstract_text: shown.patent.abstract_text.clone(),
            state: v.t(state.zh(), state.en()),
            passed: state == CardState::Passed,
            public: card.published,
            texts: texts.into(),
            products: content.products.join("、"),
            product_findings: said(CardItem::Products),
            maturities: maturities.collect(),
            maturity_findings: said(CardItem::Maturity),
            editable: shown.editable,
            errors: failed.map_or_else(Vec::new, |(_, error)| refused(v, error)),
            errors_found: if checked { errors_found } else { 0 },
            hints_found: if checked {
                shown.findings.len() - errors_found
            } else {
                0
            },
        }
    }
}

fn refused(v: &Visitor, error: &Error) -> Vec<String> {
    match error {
        Error::Invalid(faults) | Error::Prevented { faults, .. } => {
            let words = faults.iter().map(|fault| v.text(&fault.text).to_owned());
            words.collect()
        }
        other => vec![v.text(&other.text()).to_owned()],
    }
}

fn content(form: &Form) -> CardContent {
    let maturity = form.get("maturity");
    CardContent {
        problem: form.get("problem").to_owned(),
        novelty: form.get("novelty").to_owned(),
        advantage: form.get("advantage").to_owned(),
        products: CardContent::split_products(form.get("products")),
        maturity: (!maturity.is_empty()).then(|| maturity.to_owned()),
    }
}

/// `POST /desk/cards/{number}`
pub async fn write(
    State(web): State<Web>,
    member: Member,
    Path(number): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let version = form.get("version").parse();
        let version = version.map_err(|_| Error::NotFound("card"))?;
        let parsed = patents::parse_number(&number)?;
        let (services, actor) = (&web.services, &member.actor);
        cards::put(services, actor, &parsed, None, version, content(&form)).await
    };
    match done.await {
        Ok(_) => see_other(&format!("{HERE}/{number}")),
        Err(error) if status_of(&error).is_some() => {
            let failed = Some((&form, &error));
            card_page(&web, &member, &form.visitor, &number, failed).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// The bounds that the page says.
impl One<'_> {
    const LEAST: usize = LEAST_CHARS;
    const MOST: usize = MOST_CHARS;
}
