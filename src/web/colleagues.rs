//! `/account/colleagues`: the people of one's organisation, for whoever manages it; and one's own data, to take along
//! and to have erased.

use askama::Template;
use axum::{
    Extension,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    Web,
    entry::Entry,
    errors,
    form::{Field, Form, FormView, check_share, status_of},
    session::{Member, forget, see_other},
    visitor::Visitor,
};
use crate::{
    domain::{access::Role, account::AccountState, id::Id, review::Duty},
    ops::{
        Error,
        accounts::{
            self, Account,
            colleagues::{self, Part, Successor},
            personal,
        },
        sessions::Caller,
    },
};

const HERE: &str = "/account/colleagues";

#[derive(Template)]
#[template(path = "colleagues.html")]
struct Page<'a> {
    v: &'a Visitor,
    /// The link of an invitation that was just made: shown this once.
    link: Option<String>,
    lines: Vec<Line>,
    invite: FormView,
}

struct Line {
    text: String,
    note: String,
    forms: Vec<FormView>,
}

/// `GET /account/colleagues`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let form = invite_form(&visitor, &member);
    page(&web, &visitor, &member, form, None, StatusCode::OK).await
}

async fn page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    invite: FormView,
    link: Option<String>,
    status: StatusCode,
) -> Response {
    match colleagues::list(&web.services, member).await {
        Ok(found) => {
            let page = Page {
                v,
                link,
                invite,
                lines: found.iter().map(|a| line(v, member, a)).collect(),
            };
            v.form_page(status, &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

/// A colleague's part, or with `manager` also who keeps the colleagues.
fn part_fields(v: &Visitor, holder: bool, manager: bool, current: &str, units: &str) -> Vec<Field> {
    let mut parts = vec![("officer", v.t("经办人", "Officer").to_owned())];
    if manager {
        parts.push((
            "manager",
            v.t("管理人（经办人）", "Manager (an officer)").to_owned(),
        ));
    }
    if holder {
        parts.push((
            "unitReviewer",
            v.t("学院审核人", "Unit reviewer").to_owned(),
        ));
        parts.push(("inventor", v.t("发明人", "Inventor").to_owned()));
    }
    let mut fields = vec![
        Field::new("part", v.t("分工", "Part"))
            .options(parts)
            .value(current),
    ];
    if holder {
        let label = v.t(
            "学院或部门（审核人填写，每行一个）",
            "Units, one a line, for a reviewer",
        );
        fields.push(Field::area("units", label, 2_000).optional().value(units));
    }
    fields
}

fn is_holder(member: &Member) -> bool {
    member.account.role == Role::Holder
}

fn invite_form(v: &Visitor, member: &Member) -> FormView {
    let login = v.t("登录名（电子邮箱或电话）", "Login (e-mail or telephone)");
    let mut fields = vec![
        Field::new("login", login),
        Field::new("name", v.t("业务联系人", "Business contact")),
    ];
    if is_holder(member) {
        fields.extend(part_fields(v, true, false, "officer", ""));
    }
    FormView::new(v, HERE, v.t("邀请", "Invite"), fields)
}

/// What somebody is, as the form names it, and their units.
fn part_of(account: &Account) -> (&'static str, String) {
    match &account.duty {
        Duty::Officer if account.manages => ("manager", String::new()),
        Duty::Officer => ("officer", String::new()),
        Duty::UnitReviewer { units } => ("unitReviewer", units.join("\n")),
        Duty::Inventor => ("inventor", String::new()),
    }
}

fn line(v: &Visitor, member: &Member, account: &Account) -> Line {
    let here = account.id == member.account.id;
    let id = account.id.to_string();
    let decide = |what: &str, label: &str, fields: Vec<Field>| {
        FormView::new(v, "/account/colleagues/decide", label, fields)
            .marked(&format!("{what}-{id}"))
            .hide("what", what)
            .hide("account", &id)
    };
    let (part, units) = part_of(account);
    let mut forms = Vec::new();
    if account.state == AccountState::Active {
        let fields = part_fields(v, is_holder(member), true, part, &units);
        forms.push(decide("part", v.t("改变分工", "Change the part"), fields));
        if !here {
            let successor = Field::new("successor", v.t("接替人的登录名", "The successor's login"))
                .hint(v.t(
                    "接管其 API 密钥和分配给其填报的档案；不填则密钥吊销，档案待重新分配",
                    "Takes the API keys and the records to be filled in; left out, the keys end and the records wait",
                ))
                .optional();
            forms.push(decide(
                "deactivate",
                v.t("停用", "Deactivate"),
                vec![successor],
            ));
        }
    }
    let words = match &account.duty {
        Duty::Officer if account.manages => v.t("管理人", "Manager").to_owned(),
        Duty::UnitReviewer { units } => {
            format!(
                "{}：{}",
                v.t("学院审核人", "Unit reviewer"),
                units.join("、")
            )
        }
        duty => v.t(duty.zh(), duty.en()).to_owned(),
    };
    Line {
        text: format!("{} · {}", account.name, account.login.as_str()),
        note: format!("{} · {words}", v.t(account.state.zh(), account.state.en())),
        forms,
    }
}

/// `POST /account/colleagues`: the link is on the answer, and nowhere afterwards.
pub async fn invite(State(web): State<Web>, member: Member, form: Form) -> Response {
    let v = &form.visitor;
    let (login, name) = (form.get("login"), form.get("name"));
    match colleagues::invite(&web.services, &member, login, name, duty(&form)).await {
        Ok(made) => {
            let link = Some(format!("/invitation/{}", made.token.reveal()));
            let next = invite_form(v, &member);
            page(&web, v, &member, next, link, StatusCode::CREATED).await
        }
        Err(error) => match status_of(&error) {
            Some(status) => {
                let shown = invite_form(v, &member).filled(&form, &error);
                page(&web, v, &member, shown, None, status).await
            }
            None => errors::page(v, &error),
        },
    }
}

/// What a form says of somebody's duty; where it says nothing, all of the organisation's affairs.
fn duty(form: &Form) -> Duty {
    match form.get("part") {
        "unitReviewer" => Duty::UnitReviewer {
            units: form.get("units").lines().map(str::to_owned).collect(),
        },
        "inventor" => Duty::Inventor,
        _ => Duty::Officer,
    }
}

/// `POST /account/colleagues/decide`
pub async fn decide(State(web): State<Web>, member: Member, form: Form) -> Response {
    let services = &web.services;
    let decided = async {
        let id = Id::parse(form.get("account")).ok_or(Error::NotFound("account"))?;
        match form.get("what") {
            "part" => {
                let part = match form.get("part") {
                    "manager" => Part::Manager,
                    _ => Part::Member(duty(&form)),
                };
                colleagues::set_part(services, &member, &id, part).await
            }
            "manage" => colleagues::set_manages(services, &member, &id, true).await,
            "unmanage" => colleagues::set_manages(services, &member, &id, false).await,
            "deactivate" => {
                let successor = match form.get("successor").trim() {
                    "" => Successor::Nobody,
                    login => Successor::Login(login.to_owned()),
                };
                colleagues::deactivate(services, &member, &id, successor).await
            }
            "takeOver" => colleagues::deactivate(services, &member, &id, Successor::Oneself).await,
            _ => Err(Error::NotFound("account")),
        }
    };
    match decided.await {
        // Whoever has handed the managing over has no more to see here.
        Ok(()) if form.get("what") == "unmanage" => see_other("/account"),
        Ok(())
            if form.get("account") == member.account.id.to_string()
                && form.get("part") != "manager" =>
        {
            see_other("/account")
        }
        Ok(()) => see_other(HERE),
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `GET /account/data`: everything that is kept of oneself, as JSON.
pub async fn data(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match personal::export(&web.services, &member.account.id).await {
        Ok(data) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"account.json\"",
                ),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, format!("{data:#}\n")).into_response()
        }
        Err(error) => errors::page(&visitor, &error),
    }
}

fn erase_page(v: &Visitor, form: FormView) -> Entry<'_> {
    let lines = [
        v.t(
            "注销后，登录名、联系人、两步验证和登录会话立即删除，您名下的 API 密钥立即失效，无法恢复。",
            "Login, name, second factor and sessions are erased at once and your API keys end; it cannot be undone.",
        ),
        v.t(
            "操作记录只以编号记名，予以保留；自然人的姓名、联系方式一并删除，但已有许可记载的，随许可保留。",
            "The audit names you by a number only and stays; an individual's name and contact go too, unless a licence \
             names them: what a licence needs of its parties stays with it.",
        ),
    ];
    Entry {
        lines: lines.map(str::to_owned).into(),
        form: Some(form),
        ways: vec![
            (
                v.t("先下载我的数据", "Download my data first").to_owned(),
                "/account/data".to_owned(),
            ),
            (
                v.t("回到账户", "Back to the account").to_owned(),
                "/account".to_owned(),
            ),
        ],
        ..Entry::new(v, v.t("注销账户", "Erase the account"))
    }
}

fn erase_form(v: &Visitor) -> FormView {
    let password = Field::password("password", v.t("密码", "Password"), "current-password");
    let label = v.t("永久注销", "Erase for good");
    FormView::new(v, "/account/erase", label, vec![password])
}

/// `GET /account/erase`
pub async fn show_erase(_: Member, visitor: Visitor) -> Response {
    let page = erase_page(&visitor, erase_form(&visitor));
    visitor.form_page(StatusCode::OK, &page)
}

/// `POST /account/erase`
pub async fn erase(
    State(web): State<Web>,
    member: Member,
    caller: Option<Extension<Caller>>,
    form: Form,
) -> Response {
    let erased = async {
        check_share(&web, caller.as_deref())?;
        accounts::personal::erase(&web.services, &member.account.id, form.get("password")).await
    };
    match erased.await {
        Ok(()) => {
            let mut response = see_other("/");
            forget(&mut response, web.options.secure);
            response
        }
        Err(error) => match status_of(&error) {
            Some(status) => {
                let v = &form.visitor;
                let page = erase_page(v, erase_form(v).filled(&form, &error));
                v.form_page(status, &page)
            }
            None => errors::page(&form.visitor, &error),
        },
    }
}
