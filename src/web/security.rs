//! `/account/security`: the second factor of one's account. Its secret stands on the answers of an enrolment that is not
//! confirmed yet, the recovery codes on the answer that makes them, and neither anywhere afterwards.

use std::fmt::Write as _;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use qrcode::{Color, QrCode};

use super::{
    Web, errors,
    form::{Field, Form, FormView, check_share, status_of},
    session::{Member, see_other},
    visitor::Visitor,
};
use crate::ops::{
    self, Error,
    accounts::second_factor::{self as factor, Enrolment, Standing},
    sessions::Caller,
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
    forms: Vec<(&'static str, FormView)>,
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
        let forms = forms(v, standing, answer.enrolment.is_some());
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

fn forms(
    v: &Visitor,
    standing: Standing,
    begun: bool,
) -> Vec<(&'static str, &'static str, FormView)> {
    let form = |action: &str, label: &str, field| {
        FormView::new(v, &format!("{HERE}/{action}"), label, vec![field])
    };
    let password = Field::password("password", v.t("密码", "Password"), "current-password");
    if begun {
        let confirm = form("confirm", v.t("确认启用", "Confirm"), code_field(v));
        let title = v.t("输入验证码", "Type the code that the app shows");
        return vec![("confirm", title, confirm)];
    }
    if !standing.enrolled {
        let start = form("begin", v.t("开始", "Begin"), password);
        return vec![("begin", v.t("启用", "Set it up"), start)];
    }
    let code =
        || code_field(v).hint(v.t("6 位验证码或一个恢复码", "Six digits, or a recovery code"));
    let renew = form("codes", v.t("生成", "Make"), code());
    let mut all = vec![("codes", v.t("新的恢复码", "New recovery codes"), renew)];
    if !standing.required {
        let remove = form("remove", v.t("停用", "Take it away"), code());
        all.push(("remove", v.t("停用", "Take it away"), remove));
    }
    all
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
