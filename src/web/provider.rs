//! Signing in with a provider outside: `POST /signin/with/{name}` leaves for it, `GET` of the same address is where it sends
//! the browser back. The page in between has a link and a `Refresh`, because `form-action 'self'` lets no form lead to
//! another host.

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};

use super::{
    Web,
    entry::{self, Entry},
    errors,
    form::{Form, FormView, check_share, status_of},
    session::{Away, Brought, Member, leave, returned, see_other},
    visitor::Visitor,
};
use crate::{
    domain::access::Role,
    ops::{
        Error,
        accounts::providers::{self, Arrived, Leaving, Return},
        sessions::Caller,
    },
};

/// A button for each provider; with a role, of those that let it in.
pub fn buttons(
    web: &Web,
    v: &Visitor,
    role: Option<Role>,
    (name, value): (&'static str, &str),
) -> Vec<FormView> {
    let open = web.services.providers.iter().filter(|provider| {
        let admits = |role| provider.about.admits(role);
        role.is_none_or(admits)
    });
    open.map(|provider| {
        let label = format!("{} {}", v.t("使用", "Sign in with"), provider.about.label);
        let label = if v.is_en() { label } else { label + " 登录" };
        let action = format!("/signin/with/{}", provider.about.name);
        FormView::button(v, &action, &label).hide(name, value)
    })
    .collect()
}

/// `POST /signin/with/{name}`: to sign in, or with `invitation` to accept one.
pub async fn go(
    State(web): State<Web>,
    caller: Option<Extension<Caller>>,
    Path(name): Path<String>,
    form: Form,
) -> Response {
    let leaving = async {
        check_share(&web, caller.as_deref())?;
        match form.get("invitation") {
            "" => providers::leave(&web.services, &name, entry::local(form.get("next"))).await,
            token => providers::leave_with_invitation(&web.services, &name, token).await,
        }
    };
    match leaving.await {
        Ok(leaving) => gone(&web, &form.visitor, &leaving),
        Err(error) => sorry(&form.visitor, &error),
    }
}

/// On the way: the browser keeps its secret and goes on.
pub fn gone(web: &Web, v: &Visitor, leaving: &Leaving) -> Response {
    let on = format!("{} {}", v.t("前往", "Go on to"), leaving.label);
    let page = Entry {
        ways: vec![(on.clone(), leaving.address.clone())],
        ..Entry::new(v, &on)
    };
    let mut response = page.answer(StatusCode::OK);
    if let Ok(to) = HeaderValue::from_str(&format!("0;url={}", leaving.address)) {
        response.headers_mut().insert("refresh", to);
    }
    leave(&mut response, leaving.secret.reveal(), web.options.secure);
    response
}

/// `GET /signin/with/{name}`: back from the provider.
pub async fn back(
    State(web): State<Web>,
    caller: Option<Extension<Caller>>,
    member: Option<Member>,
    (Brought(brought), Away(secret)): (Brought, Away),
    Path(name): Path<String>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Response {
    let arrived = async {
        check_share(&web, caller.as_deref())?;
        let back = Return {
            secret: secret.as_deref().unwrap_or_default(),
            state: visitor.address.first("state"),
            code: visitor.address.first("code"),
        };
        let browser = entry::browser(&headers, brought.as_deref());
        providers::arrive(&web.services, &name, back, member.as_deref(), browser).await
    };
    let mut response = match arrived.await {
        Ok(Arrived::Entered(entered, next)) => entry::let_in(&web, &visitor, &next, *entered),
        Ok(Arrived::Linked) => see_other("/account/security"),
        Err(error) => sorry(&visitor, &error),
    };
    returned(&mut response, web.options.secure);
    response
}

/// Why it did not work, and the way back.
fn sorry(v: &Visitor, error: &Error) -> Response {
    let Some(status) = status_of(error) else {
        return errors::page(v, error);
    };
    let page = Entry {
        lines: vec![v.text(&error.text()).to_owned()],
        ways: vec![(
            v.t("回到登录", "Back to signing in").to_owned(),
            "/signin".to_owned(),
        )],
        ..Entry::new(v, v.t("登录", "Sign in"))
    };
    page.answer(status)
}
