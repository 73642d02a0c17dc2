//! `/desk/review`: the stock records that wait, by how far each has come, as far as the reader's duty reaches; and for
//! the holder's officers how records are reviewed and who answers for which.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    Nav, Tab,
    choices::{Choice, options, word},
};
use crate::{
    domain::{
        access::Role,
        inventory::Item,
        review::{Duty, Reach, RecordState, ReviewRules},
        stock::{StockFilter, StockPlace},
        time::Day,
    },
    ops::{
        self, Error,
        accounts::{self, NewInvitation},
        inventory::{self, Shown},
        reviews,
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        session::{Member, see_other},
        visitor::Visitor,
        words::{self, grouped},
    },
};

const HERE: &str = "/desk/review";
const SETTINGS: &str = "/desk/review/settings";
/// Records a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "desk_review.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    /// What the reader answers for.
    duty: String,
    officer: bool,
    states: Choice,
    overdue: bool,
    total: String,
    lines: Vec<Line>,
    next: Option<String>,
}

struct Line {
    href: String,
    title: String,
    number: String,
    unit: Option<String>,
    state: &'static str,
    answered: usize,
    due: Option<String>,
    overdue: bool,
    fictional: bool,
}

/// `GET /desk/review`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match build(&web, &member, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

/// What a reader has to do is shown first, unless something else is asked for.
const fn waiting_for(reach: &Reach, steps: u8) -> RecordState {
    match (reach, steps) {
        (Reach::Assigned(_), _) | (Reach::All, 1) => RecordState::Draft,
        (Reach::Units(_), _) | (Reach::All, 2) => RecordState::Submitted,
        (Reach::All, _) => RecordState::Approved,
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<Page<'a>> {
    let (services, actor) = (&web.services, &member.actor);
    let officer = !actor.is_narrow();
    let steps = if officer {
        reviews::rules(services, actor, None).await?.1.value.steps
    } else {
        3
    };
    let mine = waiting_for(&actor.reach, steps);
    let asked = match v.address.first("state") {
        "" => mine.as_str(),
        asked => asked,
    };
    let overdue = v.address.first("overdue") == "yes";
    let today = services.clock.today();
    let state = match asked {
        "all" => None,
        asked => word("state", asked, RecordState::parse)?,
    };
    let filter = StockFilter {
        state,
        overdue_on: overdue.then_some(today),
        ..StockFilter::default()
    };
    let after = StockPlace::parse(v.address.first("after"));
    let page = inventory::list(services, actor, None, &filter, after.as_ref(), SHOWN + 1).await?;
    let (mut found, total) = page;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    let next = last.map(|last| {
        let place = format!("|{}", last.holding.number);
        v.address.set("after", &place).at(HERE)
    });
    let mut states = options(v, RecordState::ALL, RecordState::as_str, |s| {
        (s.zh(), s.en())
    });
    states.insert(0, ("all".to_owned(), v.t("全部", "all").to_owned()));
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Review),
        duty: duty(v, &member.account.duty),
        officer,
        states: Choice::new(
            "state",
            v.t("状态", "State"),
            v.t("待我办理", "waiting for me"),
            asked,
            states,
        ),
        overdue,
        total: grouped(total.unsigned_abs()),
        lines: found.iter().map(|shown| line(v, shown, today)).collect(),
        next,
    })
}

fn line(v: &Visitor, shown: &Shown, today: Day) -> Line {
    let record = &shown.record.value;
    let (_, number) = words::number(shown.patent.legal_status, &shown.patent.number);
    Line {
        href: format!("/desk/inventory/{}", shown.holding.id),
        title: shown.patent.title.clone(),
        number,
        unit: shown.holding.unit.clone(),
        state: v.t(record.state.zh(), record.state.en()),
        answered: Item::ALL.len() - shown.missing().len(),
        due: record.due_on.map(|day| day.to_string()),
        overdue: record.is_overdue_on(today),
        fictional: shown.patent.fictional,
    }
}

/// A duty in words, with its units.
fn duty(v: &Visitor, duty: &Duty) -> String {
    let words = v.t(duty.zh(), duty.en());
    match duty {
        Duty::UnitReviewer { units } => {
            format!("{words}{}{}", v.t("：", ": "), units.join(v.t("、", ", ")))
        }
        Duty::Officer | Duty::Inventor => words.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "desk_review_settings.html")]
struct Settings<'a> {
    v: &'a Visitor,
    nav: Nav,
    rules: FormView,
    invite: FormView,
    /// Shown this once.
    link: Option<String>,
    /// Name, login, duty.
    members: Vec<(String, String, String)>,
}

/// `GET /desk/review/settings`
pub async fn settings(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    settings_page(&web, &visitor, &member, None, None).await
}

/// The page; with a form that did not pass, or with the link of an invitation.
async fn settings_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    failed: Option<(&Form, &Error)>,
    link: Option<String>,
) -> Response {
    let built = async {
        let (_, rules) = reviews::rules(&web.services, &member.actor, None).await?;
        let members = reviews::members(&web.services, &member.actor).await?;
        Ok::<_, Error>((rules, members))
    };
    let (rules, members) = match built.await {
        Ok(built) => built,
        Err(error) => return errors::page(v, &error),
    };
    let shown = |which: &str, view: FormView| match failed {
        Some((form, error)) if form.get("form") == which => view.filled(form, error),
        _ => view,
    };
    let page = Settings {
        v,
        nav: Nav::new(v, member, Tab::Review),
        rules: shown("rules", rules_form(v, &rules.value, rules.version)),
        invite: shown("invite", invite_form(v)),
        link,
        members: members
            .iter()
            .map(|account| {
                let login = account.login.as_str().to_owned();
                (account.name.clone(), login, duty(v, &account.duty))
            })
            .collect(),
    };
    let status = failed.and_then(|(_, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &page)
}

fn rules_form(v: &Visitor, rules: &ReviewRules, version: i64) -> FormView {
    let steps = vec![
        (
            "1",
            v.t("一步：本单位直接登记", "One: your organisation registers")
                .to_owned(),
        ),
        (
            "2",
            v.t(
                "两步：发明人提交，本单位登记",
                "Two: the inventor submits, your organisation registers",
            )
            .to_owned(),
        ),
        (
            "3",
            v.t(
                "三步：发明人提交，学院审核，本单位登记",
                "Three: the inventor submits, the unit approves, your organisation registers",
            )
            .to_owned(),
        ),
    ];
    let days = |name, label: &str, days: Option<i64>| {
        let text = days.map_or_else(String::new, |days| days.to_string());
        Field::new(name, label).optional().value(&text)
    };
    let tick = |name, label: &str, on: bool| {
        let value = if on { "yes" } else { "" };
        Field::tick(name, label).optional().value(value)
    };
    let ticked = if rules.publish_after_review {
        "yes"
    } else {
        ""
    };
    let fields = vec![
        Field::new("steps", v.t("审核步骤", "Steps"))
            .options(steps)
            .value(&rules.steps.to_string()),
        days(
            "fillDays",
            v.t("填报期限（天，可不填）", "Days for filling in (optional)"),
            rules.fill_days,
        ),
        days(
            "unitDays",
            v.t("学院审核期限（天，可不填）", "Days for the unit (optional)"),
            rules.unit_days,
        ),
        days(
            "holderDays",
            v.t("本单位登记期限（天，可不填）", "Days for your organisation (optional)"),
            rules.holder_days,
        ),
        Field::tick(
            "publishAfterReview",
            v.t(
                "审核后公开：新确认权属的专利，登记入库后才公开",
                "Publish after review: a newly confirmed patent becomes public with its registration",
            ),
        )
        .optional()
        .value(ticked),
        tick(
            "pricePublicity",
            v.t(
                "内部公示：声明就绪前，须完成成果名称和拟交易价格的公示",
                "Internal publicity: prices are shown inside the unit before a declaration is readied",
            ),
            rules.price_publicity,
        ),
        tick(
            "priceApproval",
            v.t(
                "内部审批：声明就绪前，须有审批记录",
                "Internal approval: a declaration is readied only with an approval",
            ),
            rules.price_approval,
        ),
    ];
    FormView::new(v, SETTINGS, v.t("保存", "Save"), fields)
        .marked("rules")
        .hide("form", "rules")
        .hide("version", &version.to_string())
}

fn invite_form(v: &Visitor) -> FormView {
    let duties = [
        (
            "inventor",
            v.t(
                "发明人：填报指派的档案",
                "Inventor: fills in what is assigned",
            ),
        ),
        (
            "unitReviewer",
            v.t(
                "学院审核人：审核本学院的档案",
                "Unit reviewer: reviews a unit's records",
            ),
        ),
        (
            "officer",
            v.t(
                "经办人：办理本单位全部事项",
                "Officer: all of the organisation's affairs",
            ),
        ),
    ];
    let fields = vec![
        Field::new("login", v.t("邮箱或电话", "E-mail or telephone")),
        Field::new("name", v.t("姓名或部门", "Person or department")),
        Field::new("duty", v.t("分工", "Duty"))
            .options(
                duties
                    .map(|(value, words)| (value, words.to_owned()))
                    .into(),
            )
            .value("inventor"),
        Field::area(
            "units",
            v.t(
                "学院或部门（审核人填写，每行一个）",
                "Units, one a line, for a reviewer",
            ),
            2_000,
        )
        .optional(),
    ];
    FormView::new(v, SETTINGS, v.t("邀请", "Invite"), fields)
        .marked("invite")
        .hide("form", "invite")
}

/// `POST /desk/review/settings`: the rules, or an invitation.
pub async fn set(State(web): State<Web>, member: Member, form: Form) -> Response {
    let done = async {
        if form.get("form") == "invite" {
            return invite(&web, &member, &form).await.map(Some);
        }
        let version = form.get("version").parse().unwrap_or(0);
        let rules = rules(&form)?;
        reviews::set_rules(&web.services, &member.actor, None, version, rules).await?;
        Ok(None)
    };
    match done.await {
        Ok(None) => see_other(SETTINGS),
        Ok(link) => settings_page(&web, &form.visitor, &member, None, link).await,
        Err(error) if status_of(&error).is_some() => {
            settings_page(&web, &form.visitor, &member, Some((&form, &error)), None).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

fn rules(form: &Form) -> ops::Result<ReviewRules> {
    let days = |name: &str| match form.get(name).trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            Error::fault(
                &format!("/{name}"),
                "valueInvalid",
                "请填写整天数。",
                "Give whole days.",
            )
        }),
    };
    Ok(ReviewRules {
        steps: form.get("steps").parse().unwrap_or(0),
        fill_days: days("fillDays")?,
        unit_days: days("unitDays")?,
        holder_days: days("holderDays")?,
        publish_after_review: form.get("publishAfterReview") == "yes",
        price_publicity: form.get("pricePublicity") == "yes",
        price_approval: form.get("priceApproval") == "yes",
    })
}

/// The link, which is shown this once.
async fn invite(web: &Web, member: &Member, form: &Form) -> ops::Result<String> {
    let duty = match form.get("duty") {
        "unitReviewer" => Duty::UnitReviewer {
            units: form.get("units").lines().map(str::to_owned).collect(),
        },
        "officer" => Duty::Officer,
        _ => Duty::Inventor,
    };
    let new = NewInvitation {
        login: form.get("login").to_owned(),
        name: form.get("name").to_owned(),
        role: Role::Holder,
        organisation: None,
        duty,
    };
    let made = accounts::invite(&web.services, &member.actor, new).await?;
    Ok(format!("/invitation/{}", made.token.reveal()))
}
