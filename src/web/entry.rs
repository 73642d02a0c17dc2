//! The ways in: `/register`, `/signin`, `/signout`, `/invitation/{token}`. Each is one form on one page; what is wrong
//! stands at its field, and nothing says whether a login exists that is not already its owner's to know.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

use super::{
    Web, errors,
    form::{Field, Form, FormView, check_share, check_twice, status_of},
    provider,
    session::{Brought, Member, forget, keep, see_other},
    visitor::Visitor,
};
use crate::{
    domain::{access::Role, party::OrganisationKind},
    ops::{
        self, Error,
        accounts::{self, Account, Registrant, Registration},
        keys::Secret,
        sessions::{self, Caller, Entered},
    },
};

/// A page with one form.
#[derive(Template)]
#[template(path = "entry.html")]
pub struct Entry<'a> {
    pub v: &'a Visitor,
    pub title: String,
    pub lines: Vec<String>,
    pub form: Option<FormView>,
    /// Other ways to do the same.
    pub buttons: Vec<FormView>,
    pub ways: Vec<(String, String)>,
}

impl<'a> Entry<'a> {
    /// A title, and nothing yet.
    pub fn new(v: &'a Visitor, title: &str) -> Self {
        Self {
            v,
            title: title.to_owned(),
            lines: Vec::new(),
            form: None,
            buttons: Vec::new(),
            ways: Vec::new(),
        }
    }

    pub fn answer(&self, status: StatusCode) -> Response {
        self.v.form_page(status, self)
    }
}

/// The browser, for the list of sessions, and the session that it brought.
pub fn browser<'a>(headers: &'a HeaderMap, brought: Option<&'a str>) -> sessions::Browser<'a> {
    let text = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok());
    sessions::Browser {
        device: text.unwrap_or_default(),
        brought,
    }
}

/// `GET /register`, for an enterprise or with `?as=individual` for an individual.
pub async fn show_register(member: Option<Member>, visitor: Visitor) -> Response {
    if member.is_some() {
        return see_other("/account");
    }
    let individual = visitor.address.first("as") == "individual";
    let form = register_form(&visitor, individual);
    register_page(&visitor, individual, form).answer(StatusCode::OK)
}

fn register_page(v: &Visitor, individual: bool, form: FormView) -> Entry<'_> {
    let other = if individual {
        (
            v.t("改为企业注册", "Register an enterprise instead"),
            "/register",
        )
    } else {
        (
            v.t("改为自然人注册", "Register as an individual instead"),
            "/register?as=individual",
        )
    };
    let title = if individual {
        v.t("自然人注册", "Register as an individual")
    } else {
        v.t("企业注册", "Register an enterprise")
    };
    let lines = [
        v.t(
            "注册后即可检索、提出需求、起草；经主管部门核验或上传营业执照后，可以发出许可通知。",
            "You can search, state needs and draft at once; a notice can be given after a check by the office or with \
             the business licence uploaded.",
        ),
        v.t(
            "高校、院所、国有企业的持有人账户由主管部门邀请。",
            "Accounts of holders (universities, institutes, state-owned enterprises) are made by invitation.",
        ),
    ];
    Entry {
        lines: lines.map(str::to_owned).into(),
        form: Some(form),
        ways: vec![
            (other.0.to_owned(), other.1.to_owned()),
            (
                v.t("已有账户，直接登录", "Sign in").to_owned(),
                "/signin".to_owned(),
            ),
        ],
        ..Entry::new(v, title)
    }
}

fn register_form(v: &Visitor, individual: bool) -> FormView {
    let mut fields = Vec::new();
    if !individual {
        let kinds = vec![
            (
                OrganisationKind::Enterprise.as_str(),
                v.t("企业", "Enterprise").to_owned(),
            ),
            (
                OrganisationKind::ServiceBody.as_str(),
                v.t("服务机构（代理、评估等）", "Service body").to_owned(),
            ),
        ];
        fields.extend([
            Field::new(
                "uscc",
                v.t("统一社会信用代码", "Unified social credit code (USCC)"),
            )
            .hint(v.t(
                "18 位，见营业执照",
                "18 characters, on the business licence",
            )),
            Field::new("organisation", v.t("单位名称", "Registered name"))
                .autocomplete("organization"),
            Field::new("kind", v.t("类型", "Kind")).options(kinds),
            Field::new("district", v.t("所属区划代码", "District code"))
                .value("371002")
                .hint(v.t(
                    "六位行政区划代码，371002 为环翠区",
                    "Six digits, GB/T 2260; 371002 is Huancui",
                )),
        ]);
    }
    let name = if individual {
        v.t("姓名", "Name")
    } else {
        v.t("业务联系人", "Business contact")
    };
    fields.push(Field::new("name", name).autocomplete("name"));
    fields.push(login_field(v));
    fields.extend(password_fields(v));
    FormView::new(v, "/register", v.t("注册", "Register"), fields).hide(
        "as",
        if individual {
            "individual"
        } else {
            "enterprise"
        },
    )
}

fn login_field(v: &Visitor) -> Field {
    Field::new(
        "login",
        v.t("登录名（电子邮箱或电话）", "Login (e-mail or telephone)"),
    )
    .autocomplete("username")
}

fn password_fields(v: &Visitor) -> [Field; 2] {
    [
        Field::password("password", v.t("密码", "Password"), "new-password")
            .hint(v.t("10 至 200 个字符", "10 to 200 characters")),
        Field::password(
            "again",
            v.t("再次输入密码", "Password again"),
            "new-password",
        ),
    ]
}

/// `POST /register`
pub async fn register(
    State(web): State<Web>,
    caller: Option<Extension<Caller>>,
    Brought(brought): Brought,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let individual = form.get("as") == "individual";
    let made = async {
        check_share(&web, caller.as_deref())?;
        check_twice(&form, "password", "again")?;
        let registrant = if individual {
            Registrant::Individual
        } else {
            Registrant::Enterprise {
                uscc: form.get("uscc").to_owned(),
                organisation: form.get("organisation").to_owned(),
                service_body: form.get("kind") == OrganisationKind::ServiceBody.as_str(),
                district: form.get("district").to_owned(),
            }
        };
        let new = Registration {
            registrant,
            name: form.get("name").to_owned(),
            login: form.get("login").to_owned(),
            password: form.get("password").to_owned(),
        };
        Ok(accounts::register(&web.services, new).await?.account)
    };
    match made.await {
        Ok(account) => begin(&web, &form.visitor, &account, &headers, brought.as_deref()).await,
        Err(error) => again(&form, &error, |visitor| {
            register_page(
                visitor,
                individual,
                register_form(visitor, individual).filled(&form, &error),
            )
        }),
    }
}

/// Signs a new account in.
async fn begin(
    web: &Web,
    visitor: &Visitor,
    account: &Account,
    headers: &HeaderMap,
    brought: Option<&str>,
) -> Response {
    match sessions::begin_for(&web.services, account, browser(headers, brought)).await {
        Ok(token) => {
            let mut response = see_other("/account");
            keep(&mut response, token.reveal(), web.options.secure);
            response
        }
        Err(error) => errors::page(visitor, &error),
    }
}

/// The form again with what is wrong, or the error's own page.
fn again<'a>(
    form: &'a Form,
    error: &Error,
    page: impl FnOnce(&'a Visitor) -> Entry<'a>,
) -> Response {
    match status_of(error) {
        Some(status) => page(&form.visitor).answer(status),
        None => errors::page(&form.visitor, error),
    }
}

/// `GET /signin`
pub async fn show_sign_in(
    State(web): State<Web>,
    member: Option<Member>,
    visitor: Visitor,
) -> Response {
    let next = local(visitor.address.first("next")).to_owned();
    if member.is_some() {
        return see_other(&next);
    }
    let form = sign_in_form(&visitor, &next);
    sign_in_page(&web, &visitor, &next, form).answer(StatusCode::OK)
}

fn sign_in_page<'a>(web: &Web, v: &'a Visitor, next: &str, form: FormView) -> Entry<'a> {
    Entry {
        form: Some(form),
        buttons: provider::buttons(web, v, None, ("next", next)),
        ways: vec![(
            v.t("没有账户，先注册", "No account yet: register")
                .to_owned(),
            "/register".to_owned(),
        )],
        ..Entry::new(v, v.t("登录", "Sign in"))
    }
}

fn sign_in_form(v: &Visitor, next: &str) -> FormView {
    let fields = vec![
        login_field(v),
        Field::password("password", v.t("密码", "Password"), "current-password"),
    ];
    FormView::new(v, "/signin", v.t("登录", "Sign in"), fields).hide("next", next)
}

/// A path of ours, so that nobody is led elsewhere after signing in.
pub fn local(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if ours { path } else { "/desk" }
}

/// `POST /signin`
pub async fn sign_in(
    State(web): State<Web>,
    caller: Option<Extension<Caller>>,
    Brought(brought): Brought,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let next = local(form.get("next")).to_owned();
    let signed = async {
        check_share(&web, caller.as_deref())?;
        let (login, password) = (form.get("login"), form.get("password"));
        sessions::sign_in(
            &web.services,
            login,
            password,
            browser(&headers, brought.as_deref()),
        )
        .await
    };
    match signed.await {
        Ok(entered) => let_in(&web, &form.visitor, &next, entered),
        Err(error) => again(&form, &error, |visitor| {
            let shown = sign_in_form(visitor, &next).filled(&form, &error);
            sign_in_page(&web, visitor, &next, shown)
        }),
    }
}

/// Somebody who has shown who they are: in, or asked for the second factor.
pub fn let_in(web: &Web, v: &Visitor, next: &str, shown: Entered) -> Response {
    match shown {
        Entered::In(_, token) => entered(web, next, &token),
        Entered::Half(half) => {
            let asked = code_form(v, next, half.reveal());
            code_page(v, asked).answer(StatusCode::OK)
        }
    }
}

fn entered(web: &Web, next: &str, token: &Secret) -> Response {
    let mut response = see_other(next);
    keep(&mut response, token.reveal(), web.options.secure);
    response
}

fn code_form(v: &Visitor, next: &str, half: &str) -> FormView {
    let code = Field::new("code", v.t("验证码", "Code"))
        .autocomplete("one-time-code")
        .hint(v.t(
            "验证器应用中的 6 位数字；没有手机时填一个恢复码",
            "The six digits in your authenticator app; or a recovery code when the phone is lost",
        ));
    FormView::new(v, "/signin/code", v.t("登录", "Sign in"), vec![code])
        .hide("next", next)
        .hide("half", half)
}

fn code_page(v: &Visitor, form: FormView) -> Entry<'_> {
    Entry {
        form: Some(form),
        ways: vec![(
            v.t("重新输入密码", "Begin again with the password")
                .to_owned(),
            "/signin".to_owned(),
        )],
        ..Entry::new(v, v.t("两步验证", "Second factor"))
    }
}

/// `POST /signin/code`: the second step, for accounts with a second factor.
pub async fn sign_in_code(
    State(web): State<Web>,
    caller: Option<Extension<Caller>>,
    Brought(brought): Brought,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let next = local(form.get("next")).to_owned();
    let signed = async {
        check_share(&web, caller.as_deref())?;
        let (half, code) = (form.get("half"), form.get("code"));
        let browser = browser(&headers, brought.as_deref());
        sessions::finish_sign_in(&web.services, half, code, browser).await
    };
    match signed.await {
        Ok((_, token)) => entered(&web, &next, &token),
        Err(error) => again(&form, &error, |v| {
            let asked = code_form(v, &next, form.get("half")).filled(&form, &error);
            code_page(v, asked)
        }),
    }
}

/// `POST /signout`
pub async fn sign_out(State(web): State<Web>, Brought(brought): Brought, form: Form) -> Response {
    if let Some(token) = brought
        && let Err(error) = sessions::sign_out(&web.services, &token).await
    {
        return errors::page(&form.visitor, &error);
    }
    let mut response = see_other("/");
    forget(&mut response, web.options.secure);
    response
}

/// `GET /invitation/{token}`
pub async fn show_invitation(
    State(web): State<Web>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Response {
    match invitation_page(&web, &visitor, &token, |form| form).await {
        Ok(page) => page.answer(StatusCode::OK),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn invitation_page<'a>(
    web: &Web,
    v: &'a Visitor,
    token: &str,
    fill: impl FnOnce(FormView) -> FormView,
) -> ops::Result<Entry<'a>> {
    let opened = accounts::open(&web.services, token).await?;
    let role = match opened.invitation.role {
        Role::Holder => v.t("持有人", "holder"),
        Role::Office => v.t("主管部门", "office"),
        Role::Administrator => v.t("管理员", "administrator"),
        _ => v.t("企业", "enterprise"),
    };
    let action = format!("/invitation/{token}");
    let form = FormView::new(
        v,
        &action,
        v.t("设置密码并登录", "Set the password and sign in"),
        password_fields(v).into(),
    );
    let role_in = opened.invitation.role;
    Ok(Entry {
        lines: vec![
            format!(
                "{}{}",
                v.t("登录名：", "Login: "),
                opened.invitation.login.as_str()
            ),
            format!("{}{}", v.t("联系人：", "Contact: "), opened.invitation.name),
            format!("{}{role}", v.t("角色：", "Role: ")),
            opened.party.map_or_else(String::new, |name| {
                format!("{}{name}", v.t("单位：", "Organisation: "))
            }),
        ],
        form: Some(fill(form)),
        buttons: provider::buttons(web, v, Some(role_in), ("invitation", token)),
        ..Entry::new(v, v.t("接受邀请", "Accept the invitation"))
    })
}

/// `POST /invitation/{token}`
pub async fn accept(
    State(web): State<Web>,
    caller: Option<Extension<Caller>>,
    Brought(brought): Brought,
    headers: HeaderMap,
    Path(token): Path<String>,
    form: Form,
) -> Response {
    let made = async {
        check_share(&web, caller.as_deref())?;
        check_twice(&form, "password", "again")?;
        accounts::accept(&web.services, &token, form.get("password")).await
    };
    match made.await {
        Ok(account) => begin(&web, &form.visitor, &account, &headers, brought.as_deref()).await,
        Err(error) => {
            let Some(status) = status_of(&error) else {
                return errors::page(&form.visitor, &error);
            };
            match invitation_page(&web, &form.visitor, &token, |shown| {
                shown.filled(&form, &error)
            })
            .await
            {
                Ok(page) => page.answer(status),
                Err(error) => errors::page(&form.visitor, &error),
            }
        }
    }
}
