//! `/office/accounts`: what waits for an officer, invitations, and every account with the means to disable it.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::Officer;
use crate::{
    domain::{access::Role, account::AccountState, id::Id, review::Duty},
    ops::{
        self, Error,
        accounts::{self, Account, NewInvitation, Waiting},
        delegations, verification,
    },
    web::{
        Web, account, errors,
        form::{Field, Form, FormView, status_of},
        nav::{Nav, Tab},
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/office/accounts";
/// Accounts a page.
const SHOWN: i64 = 100;

#[derive(Template)]
#[template(path = "office_accounts.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    waiting: Vec<Line>,
    invitations: Vec<Line>,
    invite: FormView,
    /// The link of an invitation that was just made: shown this once.
    link: Option<String>,
    accounts: Vec<Line>,
    delegations: Vec<Line>,
    delegate: FormView,
    next: Option<String>,
}

struct Line {
    text: String,
    note: String,
    buttons: Vec<FormView>,
}

/// `GET /office/accounts`
pub async fn show(State(web): State<Web>, Officer(member): Officer, visitor: Visitor) -> Response {
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
    match build(web, v, member, invite, link).await {
        Ok(page) => v.form_page(status, &page),
        Err(error) => errors::page(v, &error),
    }
}

async fn build<'a>(
    web: &Web,
    v: &'a Visitor,
    member: &Member,
    invite: FormView,
    link: Option<String>,
) -> ops::Result<Page<'a>> {
    let waiting = accounts::waiting(&web.services, &member.actor).await?;
    let after = Id::parse(v.address.first("after")).map_or_else(String::new, |id| id.to_string());
    let all = accounts::list(&web.services, &member.actor, &after, SHOWN).await?;
    let full = i64::try_from(all.len()).is_ok_and(|n| n == SHOWN);
    let held = delegations::list(&web.services, member).await?;
    let expiry = |at: crate::domain::time::Instant| {
        format!("{} {}", v.t("有效至", "until"), at.in_beijing())
    };
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Accounts),
        invitations: waiting
            .invitations
            .iter()
            .map(|invitation| Line {
                text: format!("{} · {}", invitation.name, invitation.login.as_str()),
                note: expiry(invitation.expires_at),
                buttons: Vec::new(),
            })
            .collect(),
        waiting: waiting_lines(v, waiting),
        invite,
        link,
        next: all
            .last()
            .filter(|_| full)
            .map(|account| format!("{HERE}?after={}", account.id)),
        accounts: all.iter().map(|account| account_line(v, account)).collect(),
        delegations: held.iter().map(|shown| delegation_line(v, shown)).collect(),
        delegate: account::delegation_form(v, true),
    })
}

fn decide_button(v: &Visitor, what: &'static str, label: &str, id: &Id) -> FormView {
    let button = FormView::button(v, "/office/accounts/decide", label);
    button.hide("what", what).hide("account", &id.to_string())
}

fn waiting_lines(v: &Visitor, waiting: Waiting) -> Vec<Line> {
    let mut lines = Vec::new();
    for (account, party) in waiting.accounts {
        let party = party.map_or_else(String::new, |party| party.name);
        lines.push(Line {
            text: format!("{} · {}", account.name, account.login.as_str()),
            note: format!("{}{party}", v.t("申请代表：", "asks to act for: ")),
            buttons: vec![
                decide_button(v, "approve", v.t("同意", "Approve"), &account.id),
                decide_button(v, "disable", v.t("停用", "Disable"), &account.id),
            ],
        });
    }
    for party in waiting.organisations {
        let value = party.value;
        let file = value.business_licence.map_or_else(
            || {
                v.t("未上传营业执照", "no business licence uploaded")
                    .to_owned()
            },
            |file| {
                format!(
                    "{}{}",
                    v.t("营业执照文件 ", "business licence: file "),
                    file.id
                )
            },
        );
        let verified = FormView::button(v, "/office/organisations", v.t("核验通过", "Verified"));
        lines.push(Line {
            text: format!("{} · {}", value.name, value.uscc),
            note: file,
            buttons: vec![
                verified
                    .hide("organisation", &value.id.to_string())
                    .hide("version", &party.version.to_string())
                    .hide("verified", "true"),
            ],
        });
    }
    for person in waiting.individuals {
        let verified = FormView::button(v, "/office/individuals", v.t("核验通过", "Verified"));
        lines.push(Line {
            text: format!("{} · {}", person.name, person.contact),
            note: v.t("自然人", "individual").to_owned(),
            buttons: vec![
                verified
                    .hide("individual", &person.id.to_string())
                    .hide("verified", "true"),
            ],
        });
    }
    lines
}

fn account_line(v: &Visitor, account: &Account) -> Line {
    let button = match account.state {
        AccountState::Disabled => decide_button(v, "enable", v.t("恢复", "Enable"), &account.id),
        AccountState::Active | AccountState::Waiting => {
            decide_button(v, "disable", v.t("停用", "Disable"), &account.id)
        }
    };
    Line {
        text: format!("{} · {}", account.name, account.login.as_str()),
        note: format!(
            "{} · {}",
            account.role.as_str(),
            v.t(account.state.zh(), account.state.en())
        ),
        buttons: vec![
            button,
            decide_button(
                v,
                "resetSecondFactor",
                v.t("重置两步验证", "Reset the second factor"),
                &account.id,
            ),
        ],
    }
}

fn delegation_line(v: &Visitor, shown: &delegations::Shown) -> Line {
    let d = &shown.delegation;
    let end = FormView::button(v, "/account/delegations/end", v.t("终止", "End"));
    let ended = match d.revoked_on {
        Some(day) => format!("{}{day}", v.t("，终止于 ", ", ended ")),
        None => String::new(),
    };
    Line {
        text: format!("{} → {}", shown.agency, shown.principal),
        note: format!("{} – {}{ended}", d.from, d.until),
        buttons: if d.revoked_on.is_none() {
            vec![end.hide("delegation", &d.id.to_string())]
        } else {
            Vec::new()
        },
    }
}

fn invite_form(v: &Visitor) -> FormView {
    let roles = vec![
        (Role::Holder.as_str(), v.t("持有人", "Holder").to_owned()),
        (
            Role::Enterprise.as_str(),
            v.t("企业", "Enterprise").to_owned(),
        ),
        (Role::Office.as_str(), v.t("主管部门", "Office").to_owned()),
    ];
    let fields = vec![
        Field::new(
            "login",
            v.t("登录名（电子邮箱或电话）", "Login (e-mail or telephone)"),
        ),
        Field::new("name", v.t("业务联系人", "Business contact")),
        Field::new("role", v.t("角色", "Role")).options(roles),
        Field::new(
            "organisation",
            v.t("单位的统一社会信用代码", "USCC of the organisation"),
        )
        .optional()
        .hint(v.t("主管部门不填", "Not for the office")),
    ];
    FormView::new(v, "/office/invitations", v.t("邀请", "Invite"), fields)
}

/// `POST /office/invitations`: the link is on the answer, and nowhere afterwards.
pub async fn invite(State(web): State<Web>, Officer(member): Officer, form: Form) -> Response {
    let v = &form.visitor;
    let new = NewInvitation {
        login: form.get("login").to_owned(),
        name: form.get("name").to_owned(),
        role: Role::parse(form.get("role")).unwrap_or(Role::Anonymous),
        organisation: Some(form.get("organisation").to_owned()).filter(|text| !text.is_empty()),
        duty: Duty::Officer,
    };
    match accounts::invite(&web.services, &member.actor, new).await {
        Ok(made) => {
            let link = format!("/invitation/{}", made.token.reveal());
            page(
                &web,
                v,
                &member,
                invite_form(v),
                Some(link),
                StatusCode::CREATED,
            )
            .await
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

fn back(visitor: &Visitor, outcome: ops::Result<()>) -> Response {
    match outcome {
        Ok(()) => see_other(HERE),
        Err(error) => errors::page(visitor, &error),
    }
}

/// `POST /office/accounts/decide`
pub async fn decide(State(web): State<Web>, Officer(member): Officer, form: Form) -> Response {
    let (services, actor) = (&web.services, &member.actor);
    let decided = async {
        let id = Id::parse(form.get("account")).ok_or(Error::NotFound("account"))?;
        match form.get("what") {
            "approve" => accounts::approve(services, actor, &id).await,
            "disable" => accounts::disable(services, actor, &id).await,
            "enable" => accounts::enable(services, actor, &id).await,
            "resetSecondFactor" => accounts::second_factor::reset(services, actor, &id).await,
            _ => Err(Error::NotFound("account")),
        }
    };
    back(&form.visitor, decided.await)
}

/// `POST /office/organisations`
pub async fn verify(State(web): State<Web>, Officer(member): Officer, form: Form) -> Response {
    let verified = async {
        let id = Id::parse(form.get("organisation")).ok_or(Error::NotFound("organisation"))?;
        let version = form
            .get("version")
            .parse()
            .map_err(|_| Error::NotFound("organisation"))?;
        let yes = form.get("verified") == "true";
        verification::verify(&web.services, &member.actor, &id, version, yes).await
    };
    back(&form.visitor, verified.await.map(|_| ()))
}

/// `POST /office/individuals`
pub async fn verify_individual(
    State(web): State<Web>,
    Officer(member): Officer,
    form: Form,
) -> Response {
    let verified = async {
        let id = Id::parse(form.get("individual")).ok_or(Error::NotFound("individual"))?;
        let yes = form.get("verified") == "true";
        accounts::verify_individual(&web.services, &member.actor, &id, yes).await
    };
    back(&form.visitor, verified.await)
}
