//! `/account/security`: the second factor of one's account, and who one is at providers outside. The factor's secret
//! stands on the answers of an enrolment that is not confirmed yet, the recovery codes on the answer that makes them, and
//! neither anywhere afterwards.

use std::fmt::Write as _;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use qrcode::{Color, QrCode};

use super::{
    Web, errors,
    form::{Field, Form, FormView, check_share, status_of},
    provider,
    session::{Member, see_other},
    visitor::Visitor,
};
use crate::{
    domain::id::Id,
    ops::{
        self, Error,
        accounts::{
            has_password,
            providers::{self, Identity},
            second_factor::{self as factor, Enrolment, Standing},
        },
        sessions::Caller,
    },
};

const HERE: &str = "/account/security";

#[derive(Template)]
#[template(path = "security.html")]
struct Page<'a> {
    v: &'a Visitor,
    standing: Standing,
    enrolment: Option<Picture>,
    /// Shown this once.
    codes: Vec<String>,
    forms: Vec<(String, FormView)>,
    /// Who one is at providers, each with its button.
    identities: Vec<(String, String, FormView)>,
    /// Why a link was not taken away.
    kept: Option<String>,
}

/// What the authenticator app reads, and the same in letters.
struct Picture {
    uri: String,
    text: String,
    /// Modules a side, with the quiet zone.
    side: usize,
    /// The dark modules as one path.
    path: String,
}

/// Light modules around the code (ISO/IEC 18004).
const QUIET: usize = 4;

fn picture(enrolment: Enrolment) -> ops::Result<Picture> {
    let code = QrCode::new(enrolment.uri.as_bytes())
        .map_err(|why| Error::Internal(format!("QR code: {why}")))?;
    let width = code.width();
    let mut path = String::new();
    for (n, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (n % width + QUIET, n / width + QUIET);
            // Writing to a text never fails.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Ok(Picture {
        uri: enrolment.uri,
        text: enrolment.text,
        side: width + 2 * QUIET,
        path,
    })
}

/// What a form came to, for the page that answers it.
#[derive(Default)]
struct Answer<'a> {
    enrolment: Option<Enrolment>,
    codes: Vec<String>,
    failed: Option<(&'a str, &'a Form, &'a Error)>,
}

/// `GET /account/security`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    page(&web, &visitor, &member, Answer::default()).await
}

async fn page(web: &Web, v: &Visitor, member: &Member, answer: Answer<'_>) -> Response {
    let failed = answer.failed.and_then(|(.., error)| status_of(error));
    let status = match (failed, answer.codes.is_empty()) {
        (Some(status), _) => status,
        (None, true) => StatusCode::OK,
        (None, false) => StatusCode::CREATED,
    };
    let built = async {
        let standing = factor::standing(&web.services, &member.account).await?;
        let held = providers::list(&web.services, &member.account.id).await?;
        let mut forms = forms(v, standing, answer.enrolment.is_some());
        if answer.enrolment.is_none() && has_password(&web.services, &member.account.id).await? {
            forms.extend(link_forms(web, v, member, &held));
        }
        let forms = forms
            .into_iter()
            .map(|(action, title, form)| match answer.failed {
                Some((at, sent, error)) if at == action => (title, form.filled(sent, error)),
                _ => (title, form),
            });
        Ok(Page {
            v,
            standing,
            enrolment: answer.enrolment.map(picture).transpose()?,
            codes: answer.codes,
            forms: forms.collect(),
            kept: answer.failed.and_then(|(at, _, error)| {
                (at == "unlink").then(|| v.text(&error.text()).to_owned())
            }),
            identities: held.iter().map(|i| identity_line(web, v, i)).collect(),
        })
    };
    match built.await {
        Ok(page) => v.form_page(status, &page),
        Err(error) => errors::page(v, &error),
    }
}

fn code_field(v: &Visitor) -> Field {
    Field::new("code", v.t("验证码", "Code")).autocomplete("one-time-code")
}

fn forms(v: &Visitor, standing: Standing, begun: bool) -> Vec<(String, String, FormView)> {
    let form = |action: &str, title: &str, label: &str, field| {
        let form = FormView::new(v, &format!("{HERE}/{action}"), label, vec![field]);
        (action.to_owned(), title.to_owned(), form)
    };
    let password = Field::password("password", v.t("密码", "Password"), "current-password");
    if begun {
        let title = v.t("输入验证码", "Type the code that the app shows");
        return vec![form(
            "confirm",
            title,
            v.t("确认启用", "Confirm"),
            code_field(v),
        )];
    }
    if !standing.enrolled {
        let title = v.t("启用", "Set it up");
        return vec![form("begin", title, v.t("开始", "Begin"), password)];
    }
    let code =
        || code_field(v).hint(v.t("6 位验证码或一个恢复码", "Six digits, or a recovery code"));
    let title = v.t("新的恢复码", "New recovery codes");
    let mut all = vec![form("codes", title, v.t("生成", "Make"), code())];
    if !standing.required {
        let title = v.t("停用", "Take it away");
        all.push(form("remove", title, title, code()));
    }
    all
}

/// A form for each provider that the account may be entered by and is not linked with.
fn link_forms(
    web: &Web,
    v: &Visitor,
    member: &Member,
    held: &[Identity],
) -> Vec<(String, String, FormView)> {
    let open = web.services.providers.iter().filter(|provider| {
        let linked = held.iter().any(|i| i.provider == provider.about.name);
        provider.about.admits(member.account.role) && !linked
    });
    open.map(|provider| {
        let (name, label) = (&provider.about.name, &provider.about.label);
        let action = format!("link/{name}");
        let password = Field::password("password", v.t("密码", "Password"), "current-password")
            .hint(v.t(
                "之后前往该处登录一次，以后即可由它登录",
                "Then sign in there once; from then on it opens this account",
            ));
        let title = format!("{} {label}", v.t("关联", "Link"));
        let form = FormView::new(v, &format!("{HERE}/{action}"), &title, vec![password]);
        (action, title, form)
    })
    .collect()
}

fn identity_line(web: &Web, v: &Visitor, identity: &Identity) -> (String, String, FormView) {
    let known = web.services.providers.iter();
    let known = known
        .map(|p| &p.about)
        .find(|p| p.name == identity.provider);
    let used = identity.used_at.map_or(String::new(), |at| {
        format!("{} {}", v.t("，最近使用", ", last used"), at.in_beijing())
    });
    let note = format!(
        "{} {}{used}",
        v.t("关联于", "linked"),
        identity.linked_at.in_beijing()
    );
    let end = FormView::button(v, &format!("{HERE}/unlink"), v.t("解除关联", "Unlink"));
    (
        known.map_or_else(|| identity.provider.clone(), |p| p.label.clone()),
        note,
        end.hide("identity", &identity.id.to_string()),
    )
}

type Asker = Option<axum::Extension<Caller>>;

/// `POST /account/security/begin`
pub async fn begin(State(web): State<Web>, member: Member, caller: Asker, form: Form) -> Response {
    let begun = async {
        check_share(&web, caller.as_deref())?;
        factor::begin(&web.services, &member.account.id, form.get("password")).await
    };
    match begun.await {
        Ok(enrolment) => {
            let answer = Answer {
                enrolment: Some(enrolment),
                ..Answer::default()
            };
            page(&web, &form.visitor, &member, answer).await
        }
        Err(error) => wrong(&web, &member, &form, "begin", &error).await,
    }
}

async fn wrong(web: &Web, member: &Member, form: &Form, action: &str, error: &Error) -> Response {
    if status_of(error).is_none() {
        return errors::page(&form.visitor, error);
    }
    // An enrolment that waits for its code is shown again; a confirmed one has nothing to show.
    let enrolment = match action {
        "confirm" => factor::waiting(&web.services, &member.account.id).await,
        _ => Ok(None),
    };
    match enrolment {
        Ok(enrolment) => {
            let answer = Answer {
                enrolment,
                failed: Some((action, form, error)),
                ..Answer::default()
            };
            page(web, &form.visitor, member, answer).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /account/security/confirm`
pub async fn confirm(
    State(web): State<Web>,
    member: Member,
    caller: Asker,
    form: Form,
) -> Response {
    let confirmed = async {
        check_share(&web, caller.as_deref())?;
        factor::confirm(&web.services, &member.account.id, form.get("code")).await
    };
    let outcome = confirmed.await;
    coded(&web, &member, &form, "confirm", outcome).await
}

async fn coded(
    web: &Web,
    member: &Member,
    form: &Form,
    action: &str,
    outcome: ops::Result<Vec<String>>,
) -> Response {
    match outcome {
        Ok(codes) => {
            let answer = Answer {
                codes,
                ..Answer::default()
            };
            page(web, &form.visitor, member, answer).await
        }
        Err(error) => wrong(web, member, form, action, &error).await,
    }
}

/// `POST /account/security/codes`
pub async fn renew(State(web): State<Web>, member: Member, caller: Asker, form: Form) -> Response {
    let renewed = async {
        check_share(&web, caller.as_deref())?;
        factor::renew(&web.services, &member.account.id, form.get("code")).await
    };
    let outcome = renewed.await;
    coded(&web, &member, &form, "codes", outcome).await
}

/// `POST /account/security/remove`
pub async fn remove(State(web): State<Web>, member: Member, caller: Asker, form: Form) -> Response {
    let removed = async {
        check_share(&web, caller.as_deref())?;
        factor::remove(&web.services, &member.account.id, form.get("code")).await
    };
    match removed.await {
        Ok(()) => see_other(HERE),
        Err(error) => wrong(&web, &member, &form, "remove", &error).await,
    }
}

/// `POST /account/security/link/{name}`: leaves for the provider.
pub async fn link(
    State(web): State<Web>,
    member: Member,
    caller: Asker,
    Path(name): Path<String>,
    form: Form,
) -> Response {
    let leaving = async {
        check_share(&web, caller.as_deref())?;
        let (id, password) = (&member.account.id, form.get("password"));
        providers::leave_to_link(&web.services, id, &name, password).await
    };
    match leaving.await {
        Ok(leaving) => provider::gone(&web, &form.visitor, &leaving),
        Err(error) => wrong(&web, &member, &form, &format!("link/{name}"), &error).await,
    }
}

/// `POST /account/security/unlink`
pub async fn unlink(State(web): State<Web>, member: Member, form: Form) -> Response {
    let unlinked = async {
        let id = Id::parse(form.get("identity")).ok_or(Error::NotFound("identity"))?;
        providers::unlink(&web.services, &member.account.id, &id).await
    };
    match unlinked.await {
        Ok(()) => see_other(HERE),
        Err(error) => wrong(&web, &member, &form, "unlink", &error).await,
    }
}
