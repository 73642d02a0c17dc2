//! `POST /desk/stock/edit`: what is changed and for which entries. All that meet a filter are changed only after a
//! page that says how many, and only while that number holds.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::asked::Asked;
use crate::{
    domain::{
        dictionary::{Dictionaries, Topic},
        holding::Conversion,
        id::Id,
        inventory::{Funding, InventoryPatch},
        stock::{StockChoice, StockFilter},
        text::Text,
    },
    ops::{
        self, Error, dictionaries,
        holdings::HoldingPatch,
        stock::{self, Changed, StockPatch},
    },
    web::{
        Web,
        desk::{
            Nav, Tab,
            choices::{word, yes_or_no},
        },
        errors,
        form::{Form, FormView},
        session::Member,
        visitor::Visitor,
        words::grouped,
    },
};

/// The most entries that can be ticked on one page.
const TICKED: usize = 500;
/// What a field says to leave the unit empty.
const EMPTY: &str = "-";

#[derive(Template)]
#[template(path = "desk_stock_done.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    title: String,
    /// What is changed, in words.
    changes: Vec<String>,
    /// The conditions of the filter, where a filter chose.
    conditions: Vec<String>,
    /// How many were changed, were so already, were refused.
    outcome: Vec<(String, String)>,
    refused: Vec<(String, String)>,
    more_refused: usize,
    confirm: Option<FormView>,
    error: Option<String>,
    back: String,
}

/// What a handler does next.
enum Next {
    Confirm(i64),
    Done(Changed),
}

/// `POST /desk/stock/edit`
pub async fn edit(State(web): State<Web>, member: Member, form: Form) -> Response {
    let v = &form.visitor;
    let asked = match Asked::of(|name| form.get(name)) {
        Ok(asked) => asked,
        Err(error) => return errors::page(v, &error),
    };
    let all = match dictionaries::all(&web.services).await {
        Ok(all) => all,
        Err(error) => return errors::page(v, &error),
    };
    match take(&web, &member, &form, &asked.filter).await {
        Ok(next) => v.form_page(StatusCode::OK, &shown(&form, &member, &asked, &all, next)),
        Err(error @ Error::Invalid(_)) => {
            let mut page = Page::new(
                &form,
                &member,
                &asked,
                &all,
                v.t("没有修改", "Nothing was changed"),
            );
            page.error = Some(v.text(&error.text()).to_owned());
            v.form_page(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

async fn take(web: &Web, member: &Member, form: &Form, filter: &StockFilter) -> ops::Result<Next> {
    let (services, actor) = (&web.services, &member.actor);
    let patch = patch(form)?;
    let choice = if form.get("scope") == "all" {
        let count = stock::count(services, actor, filter).await?;
        if patch.is_empty() || form.get("agreed") == count.to_string() {
            StockChoice::All(filter.clone())
        } else {
            return Ok(Next::Confirm(count));
        }
    } else {
        StockChoice::Ticked(ticked(form)?)
    };
    let changed = stock::change(services, actor, &choice, &patch).await?;
    Ok(Next::Done(changed))
}

/// The answers of the stock record that many entries can be given at once: field and dictionary.
const ANSWERS: [(&str, Topic); 4] = [
    ("toFunding", Topic::Funding),
    ("toWay", Topic::Ways),
    ("toMaturity", Topic::Maturity),
    ("toGrade", Topic::Grade),
];
/// Every field of a change.
const CHANGES: [&str; 9] = [
    "toConversion",
    "toUnit",
    "toPublished",
    "toFunding",
    "toWay",
    "toMaturity",
    "toGrade",
    "onlyEmpty",
    "unitDefaults",
];

fn patch(form: &Form) -> ops::Result<StockPatch> {
    Ok(StockPatch {
        holding: holding_patch(form)?,
        items: items(form),
        only_empty: form.get("onlyEmpty") == "yes",
        unit_defaults: form.get("unitDefaults") == "yes",
    })
}

/// What of the stock records is changed; the operation knows the dictionaries and refuses what they do not offer.
fn items(form: &Form) -> InventoryPatch {
    let said = |name| match form.get(name) {
        "" => None,
        EMPTY => Some(None),
        code => Some(Some(code.to_owned())),
    };
    let funding = |level| Funding {
        level,
        project: None,
    };
    InventoryPatch {
        funding: said("toFunding").map(|level| level.map(funding)),
        ways: said("toWay").map(|way| way.into_iter().collect()),
        maturity: said("toMaturity"),
        grade: said("toGrade"),
        ..InventoryPatch::default()
    }
}

fn holding_patch(form: &Form) -> ops::Result<HoldingPatch> {
    Ok(HoldingPatch {
        conversion: word("toConversion", form.get("toConversion"), Conversion::parse)?,
        unit: match form.get("toUnit").trim() {
            "" => None,
            EMPTY => Some(None),
            unit => Some(Some(unit.to_owned())),
        },
        published: word("toPublished", form.get("toPublished"), yes_or_no)?,
    })
}

fn ticked(form: &Form) -> ops::Result<Vec<Id>> {
    let ids: Vec<Id> = form
        .all("holding")
        .filter_map(Id::parse)
        .take(TICKED)
        .collect();
    if ids.is_empty() {
        let text = Text::new(
            "没有勾选任何专利。请在列表中勾选，或选择“修改全部”。",
            "No patent is ticked. Tick some in the list, or change all of them.",
        );
        return Err(Error::fault("/holding", "nothingTicked", text.zh, text.en));
    }
    Ok(ids)
}

impl<'a> Page<'a> {
    fn new(
        form: &'a Form,
        member: &Member,
        asked: &Asked,
        all: &Dictionaries,
        title: &str,
    ) -> Self {
        let v = &form.visitor;
        let mut back = crate::web::address::Address::default();
        for (name, value) in &asked.pairs {
            back = back.with(name, value);
        }
        let platform = asked.said("submission").split_once(':');
        let platform = platform.map(|(name, _)| (name.to_owned(), name.to_owned()));
        let platforms: Vec<_> = platform.into_iter().collect();
        let choices = asked.choices(v, &[], all, &platforms);
        let chosen = choices
            .iter()
            .filter_map(|choice| Some(format!("{}：{}", choice.label, choice.chosen()?)));
        let text = Some(asked.said("q")).filter(|q| !q.is_empty());
        let text = text.map(|q| format!("{}：{q}", v.t("检索词", "Words")));
        Self {
            v,
            nav: Nav::new(v, member, Tab::Stock),
            title: title.to_owned(),
            changes: changes(v, form, all),
            conditions: text.into_iter().chain(chosen).collect(),
            outcome: Vec::new(),
            refused: Vec::new(),
            more_refused: 0,
            confirm: None,
            error: None,
            back: back.at("/desk/stock"),
        }
    }
}

fn shown<'a>(
    form: &'a Form,
    member: &Member,
    asked: &Asked,
    all: &Dictionaries,
    next: Next,
) -> Page<'a> {
    let v = &form.visitor;
    match next {
        Next::Confirm(count) => {
            let title = v.t("请确认批量修改", "Confirm the change");
            let mut page = Page::new(form, member, asked, all, title);
            page.confirm = Some(confirmation(form, asked, count));
            page
        }
        Next::Done(changed) => {
            let title = v.t("批量修改结果", "What was changed");
            let mut page = Page::new(form, member, asked, all, title);
            if form.get("scope") != "all" {
                page.conditions.clear();
            }
            let count = |n: usize| grouped(n as u64);
            page.outcome = vec![
                (v.t("已修改", "Changed").to_owned(), count(changed.changed)),
                (
                    v.t("原已如此", "Were so already").to_owned(),
                    count(changed.unchanged),
                ),
                (
                    v.t("未能修改", "Not changed").to_owned(),
                    count(changed.refused),
                ),
            ];
            page.more_refused = changed.refused - changed.reasons.len();
            let reason = |(number, fault): (crate::domain::codes::AppNo, ops::Fault)| {
                (number.zl(), v.text(&fault.text).to_owned())
            };
            page.refused = changed.reasons.into_iter().map(reason).collect();
            page
        }
    }
}

/// The same form once more, with the number of entries that was shown.
fn confirmation(form: &Form, asked: &Asked, count: i64) -> FormView {
    let v = &form.visitor;
    let number = grouped(count.unsigned_abs());
    let label = format!(
        "{}{number}{}",
        v.t("确认修改这 ", "Change these "),
        v.t(" 件", " patents")
    );
    let mut view = FormView::new(v, "/desk/stock/edit", &label, Vec::new());
    for name in CHANGES {
        view = view.hide(name, form.get(name));
    }
    for (name, value) in &asked.pairs {
        view = view.hide(name, value);
    }
    view.hide("scope", "all").hide("agreed", &count.to_string())
}

/// What is changed, in words.
fn changes(v: &Visitor, form: &Form, all: &Dictionaries) -> Vec<String> {
    let mut list = Vec::new();
    if let Some(to) = Conversion::parse(form.get("toConversion")) {
        list.push(format!(
            "{} → {}",
            v.t("实施状态", "Use so far"),
            v.t(to.zh(), to.en())
        ));
    }
    match form.get("toUnit").trim() {
        "" => {}
        EMPTY => list.push(format!(
            "{} → {}",
            v.t("所属学院或部门", "Unit"),
            v.t("清空", "empty")
        )),
        unit => list.push(format!("{} → {unit}", v.t("所属学院或部门", "Unit"))),
    }
    if let Some(to) = yes_or_no(form.get("toPublished")) {
        let to = if to {
            v.t("公开", "published")
        } else {
            v.t("不公开", "not published")
        };
        list.push(format!("{} → {to}", v.t("公开", "Published")));
    }
    for (name, topic) in ANSWERS {
        let words = all.of(topic).text(form.get(name));
        let to = match form.get(name) {
            "" => continue,
            EMPTY => v.t("清空", "empty"),
            _ => v.text(&words),
        };
        list.push(format!("{} → {to}", v.t(topic.zh(), topic.en())));
    }
    if form.get("onlyEmpty") == "yes" {
        list.push(
            v.t(
                "只填尚未填写的，已有内容不变",
                "only where nothing is said yet",
            )
            .to_owned(),
        );
    }
    if form.get("unitDefaults") == "yes" {
        let words = v.t(
            "空着的项目 → 所属二级单位的默认值",
            "what is empty → the defaults of the unit",
        );
        list.push(words.to_owned());
    }
    list
}
