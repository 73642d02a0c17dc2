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
    domain::{account::AccountState, id::Id},
    ops::{
        Error,
        accounts::{self, Account, colleagues, personal},
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
    buttons: Vec<FormView>,
}

/// `GET /account/colleagues`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let form = invite_form(&visitor);
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

fn invite_form(v: &Visitor) -> FormView {
    let login = v.t("登录名（电子邮箱或电话）", "Login (e-mail or telephone)");
    let fields = vec![
        Field::new("login", login),
        Field::new("name", v.t("业务联系人", "Business contact")),
    ];
    FormView::new(v, HERE, v.t("邀请", "Invite"), fields)
}

fn line(v: &Visitor, member: &Member, account: &Account) -> Line {
    let here = account.id == member.account.id;
    let button = |what: &'static str, label: &str| {
        let button = FormView::button(v, "/account/colleagues/decide", label);
        button
            .hide("what", what)
            .hide("account", &account.id.to_string())
    };
    let mut buttons = Vec::new();
    if account.state == AccountState::Active {
        buttons.push(if account.manages {
            button("unmanage", v.t("不再管理", "No longer manages"))
        } else {
            button("manage", v.t("设为管理人", "Let manage"))
        });
        if !here {
            let revoke = v.t("停用并吊销密钥", "Deactivate, end the keys");
            let take = v.t("停用并接管密钥", "Deactivate, take the keys over");
            buttons.extend([button("deactivate", revoke), button("takeOver", take)]);
        }
    }
    let manages = if account.manages {
        v.t(" · 管理人", " · manages")
    } else {
        ""
    };
    Line {
        text: format!("{} · {}", account.name, account.login.as_str()),
        note: format!("{}{manages}", v.t(account.state.zh(), account.state.en())),
        buttons,
    }
}

/// `POST /account/colleagues`: the link is on the answer, and nowhere afterwards.
pub async fn invite(State(web): State<Web>, member: Member, form: Form) -> Response {
    let v = &form.visitor;
    let (login, name) = (form.get("login"), form.get("name"));
    match colleagues::invite(&web.services, &member, login, name).await {
        Ok(made) => {
            let link = Some(format!("/invitation/{}", made.token.reveal()));
            let next = invite_form(v);
            page(&web, v, &member, next, link, StatusCode::CREATED).await
        }
        Err(error) => match status_of(&error) {
            Some(status) => {
                let shown = invite_form(v).filled(&form, &error);
                page(&web, v, &member, shown, None, status).await
            }
            None => errors::page(v, &error),
        },
    }
}

/// `POST /account/colleagues/decide`
pub async fn decide(State(web): State<Web>, member: Member, form: Form) -> Response {
    let services = &web.services;
    let decided = async {
        let id = Id::parse(form.get("account")).ok_or(Error::NotFound("account"))?;
        match form.get("what") {
            "manage" => colleagues::set_manages(services, &member, &id, true).await,
            "unmanage" => colleagues::set_manages(services, &member, &id, false).await,
            "deactivate" => {
                colleagues::deactivate(services, &member, &id, colleagues::Keys::Revoked).await
            }
            "takeOver" => {
                colleagues::deactivate(services, &member, &id, colleagues::Keys::HandedOver).await
            }
            _ => Err(Error::NotFound("account")),
        }
    };
    match decided.await {
        // Whoever has handed the managing over has no more to see here.
        Ok(()) if form.get("what") == "unmanage" => see_other("/account"),
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
            "操作记录只以编号记名，予以保留；已成立的许可所必需的当事人信息随许可保留。",
            "The audit names you by a number only and stays; what a licence needs of its parties stays with the licence.",
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
