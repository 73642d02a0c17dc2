//! `/account`: who one is here, for whom one acts, where one is signed in; the business licence and the delegations.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

use super::{
    Web, errors,
    form::{Field, Form, FormView, check_share, check_twice, day, status_of},
    session::{Member, forget, see_other},
    upload,
    visitor::Visitor,
};
use crate::{
    domain::{account::AccountState, id::Id, time::Day},
    ops::{
        self, Error, accounts,
        delegations::{self, NewDelegation},
        sessions::{self, Caller, Party},
        verification,
    },
};

#[derive(Template)]
#[template(path = "account.html")]
struct Page<'a> {
    v: &'a Visitor,
    member: &'a Member,
    party: &'a str,
    state: &'static str,
    /// Why notices cannot be given yet.
    unverified: bool,
    /// Can API keys be made here?
    keys: bool,
    forms: Vec<(String, FormView)>,
    sessions: Vec<Line>,
    delegations: Vec<Line>,
}

/// A line of a list, with a button where there is something to do.
struct Line {
    text: String,
    note: String,
    buttons: Vec<FormView>,
}

/// The form that did not pass, and why.
type Failed<'a> = Option<(&'a str, &'a Form, &'a Error)>;

/// `GET /account`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    page(&web, &visitor, &member, None).await
}

async fn page(web: &Web, v: &Visitor, member: &Member, failed: Failed<'_>) -> Response {
    let status = failed.and_then(|(_, _, error)| status_of(error));
    match build(web, v, member, failed).await {
        Ok(page) => v.form_page(status.unwrap_or(StatusCode::OK), &page),
        Err(error) => errors::page(v, &error),
    }
}

async fn build<'a>(
    web: &Web,
    v: &'a Visitor,
    member: &'a Member,
    failed: Failed<'_>,
) -> ops::Result<Page<'a>> {
    let filled = |action: &str, view: FormView| match failed {
        Some((at, form, error)) if at == action => view.filled(form, error),
        _ => view,
    };
    let has_password = accounts::has_password(&web.services, &member.account.id).await?;
    let mut forms = vec![
        (
            v.t("业务联系人", "Business contact").to_owned(),
            filled("/account/contact", contact_form(v, &member.account.name)),
        ),
        (
            if has_password {
                v.t("修改密码", "Change the password").to_owned()
            } else {
                v.t("设置密码", "Set a password").to_owned()
            },
            filled("/account/password", password_form(v, has_password)),
        ),
    ];
    let own = member.principal.is_none() && member.account.state == AccountState::Active;
    if let (Some(Party::Organisation(_)), true) = (&member.party, own) {
        forms.push((
            v.t("营业执照", "Business licence").to_owned(),
            filled("/account/licence", licence_form(v)),
        ));
        forms.push((
            v.t("委托代理", "Delegate").to_owned(),
            filled("/account/delegations", delegation_form(v, false)),
        ));
    }
    let held = sessions::list(&web.services, &member.account.id).await?;
    let granted = delegations::list(&web.services, member).await?;
    let today = web.services.clock.today();
    Ok(Page {
        v,
        member,
        party: member.party.as_ref().map_or("", Party::name),
        state: v.t(member.account.state.zh(), member.account.state.en()),
        unverified: member
            .party
            .as_ref()
            .is_some_and(|party| !party.is_verified()),
        keys: own && (member.is_officer() || matches!(member.party, Some(Party::Organisation(_)))),
        forms,
        sessions: held.iter().map(|s| session_line(v, member, s)).collect(),
        delegations: granted
            .iter()
            .map(|d| delegation_line(v, member, d, today))
            .collect(),
    })
}

fn contact_form(v: &Visitor, name: &str) -> FormView {
    let label = v.t("姓名或部门", "Person or department");
    let field = Field::new("name", label).value(name).autocomplete("name");
    FormView::new(v, "/account/contact", v.t("保存", "Save"), vec![field])
}

fn password_form(v: &Visitor, has_one: bool) -> FormView {
    let old = Field::password(
        "old",
        v.t("现在的密码", "Present password"),
        "current-password",
    );
    let fields = [
        Field::password("password", v.t("新密码", "New password"), "new-password").hint(v.t(
            "10 至 200 个字符；修改后须重新登录",
            "10 to 200 characters; you sign in anew afterwards",
        )),
        Field::password(
            "again",
            v.t("再次输入新密码", "New password again"),
            "new-password",
        ),
    ];
    let fields = has_one.then_some(old).into_iter().chain(fields).collect();
    FormView::new(v, "/account/password", v.t("保存", "Save"), fields)
}

fn licence_form(v: &Visitor) -> FormView {
    let label = v.t(
        "营业执照（PDF 或图片）",
        "Business licence (PDF or picture)",
    );
    let fields = vec![Field::file("file", label)];
    FormView::new(v, "/account/licence", v.t("上传", "Upload"), fields)
}

/// The form of a delegation; an officer also says who the principal is.
pub fn delegation_form(v: &Visitor, by_officer: bool) -> FormView {
    let principal = Field::new(
        "principal",
        v.t("被代理单位的统一社会信用代码", "USCC of the principal"),
    );
    let document = Field::file(
        "file",
        v.t(
            "委托书（PDF 或图片）",
            "Document of delegation (PDF or picture)",
        ),
    );
    let mut fields = vec![
        Field::new(
            "agency",
            v.t("代理机构的统一社会信用代码", "USCC of the agency"),
        ),
        Field::new("from", v.t("开始日", "First day")).kind("date"),
        Field::new("until", v.t("结束日", "Last day")).kind("date"),
    ];
    if by_officer {
        fields.insert(1, principal);
        fields.push(document);
    } else {
        let hint = v.t(
            "不上传的，提交即由本单位在线给出委托书，双方均可下载",
            "Without one, sending this form gives the authority online; both sides can download it",
        );
        fields.push(document.optional().hint(hint));
    }
    FormView::new(v, "/account/delegations", v.t("登记", "Record"), fields)
}

fn session_line(v: &Visitor, member: &Member, session: &sessions::Session) -> Line {
    let here = session.id == member.session.id;
    let end = FormView::button(v, "/account/sessions/end", v.t("退出", "End"))
        .hide("session", &session.id.to_string());
    Line {
        text: if session.device.is_empty() {
            v.t("未知设备", "Unknown device").to_owned()
        } else {
            session.device.clone()
        },
        note: format!(
            "{} {}{}",
            v.t("最近使用", "last used"),
            session.seen_at.in_beijing(),
            if here {
                v.t("（本机）", " (here)")
            } else {
                ""
            },
        ),
        buttons: if here { Vec::new() } else { vec![end] },
    }
}

fn delegation_line(v: &Visitor, member: &Member, shown: &delegations::Shown, today: Day) -> Line {
    let d = &shown.delegation;
    let mut buttons = Vec::new();
    let mine = Some(&d.agency) == member.account.party.as_ref();
    let acting = member
        .principal
        .as_ref()
        .is_some_and(|p| p.id == d.principal);
    if mine && d.holds_on(today) && !acting {
        let label = format!("{} {}", v.t("代表", "Act for"), shown.principal);
        buttons.push(
            FormView::button(v, "/account/act", &label).hide("principal", &d.principal.to_string()),
        );
    }
    if d.revoked_on.is_none() && member.principal.is_none() {
        let end = FormView::button(v, "/account/delegations/end", v.t("终止", "End"));
        buttons.push(end.hide("delegation", &d.id.to_string()));
    }
    let ended = match d.revoked_on {
        Some(day) => format!("{}{day}", v.t("，终止于 ", ", ended ")),
        None => String::new(),
    };
    Line {
        text: format!("{} → {}", shown.agency, shown.principal),
        note: format!("{} – {}{ended}", d.from, d.until),
        buttons,
    }
}

/// What a form has come to: back to the page, or the page again with what is wrong.
async fn done(
    web: &Web,
    member: &Member,
    form: &Form,
    action: &str,
    outcome: ops::Result<()>,
) -> Response {
    match outcome {
        Ok(()) => see_other("/account"),
        Err(error) if status_of(&error).is_some() => {
            page(web, &form.visitor, member, Some((action, form, &error))).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /account/contact`
pub async fn contact(State(web): State<Web>, member: Member, form: Form) -> Response {
    let outcome = accounts::rename(&web.services, &member.account.id, form.get("name")).await;
    done(&web, &member, &form, "/account/contact", outcome).await
}

/// `POST /account/password`: every session ends, this one too.
pub async fn password(
    State(web): State<Web>,
    member: Member,
    caller: Option<axum::Extension<Caller>>,
    form: Form,
) -> Response {
    let changed = async {
        check_share(&web, caller.as_deref())?;
        check_twice(&form, "password", "again")?;
        let (old, new) = (form.get("old"), form.get("password"));
        let id = &member.account.id;
        if accounts::has_password(&web.services, id).await? {
            let changed = accounts::change_password(&web.services, id, old, new).await;
            return changed.map(|_| true);
        }
        accounts::set_first_password(&web.services, &member, new).await?;
        Ok(false)
    };
    match changed.await {
        // The first password ends no session: there was no other way in that it could shut.
        Ok(false) => see_other("/account"),
        Ok(true) => {
            let mut response = see_other("/signin");
            forget(&mut response, web.options.secure);
            response
        }
        Err(error) => done(&web, &member, &form, "/account/password", Err(error)).await,
    }
}

/// The id in a field, or what it is missing.
fn id_in(form: &Form, field: &str, noun: &'static str) -> ops::Result<Id> {
    Id::parse(form.get(field)).ok_or(Error::NotFound(noun))
}

/// `POST /account/sessions/end`: one session, or all of them.
pub async fn end_session(State(web): State<Web>, member: Member, form: Form) -> Response {
    let ended = async {
        let one = match form.get("session") {
            "" => None,
            _ => Some(id_in(&form, "session", "session")?),
        };
        sessions::revoke(&web.services, &member.account.id, one.as_ref()).await
    };
    done(&web, &member, &form, "", ended.await).await
}

/// `POST /account/act`: for a principal, or for oneself again.
pub async fn act(State(web): State<Web>, member: Member, form: Form) -> Response {
    let acts = async {
        let principal = match form.get("principal") {
            "" => None,
            _ => Some(id_in(&form, "principal", "organisation")?),
        };
        sessions::act_for(&web.services, &member, principal.as_ref()).await
    };
    done(&web, &member, &form, "", acts.await).await
}

/// `POST /account/delegations/end`
pub async fn end_delegation(State(web): State<Web>, member: Member, form: Form) -> Response {
    let ended = async {
        let id = id_in(&form, "delegation", "delegation")?;
        delegations::revoke(&web.services, &member, &id).await
    };
    done(&web, &member, &form, "", ended.await).await
}

/// `POST /account/licence`
pub async fn licence(State(web): State<Web>, request: Request) -> Response {
    let mut upload = match upload::receive(&web, request, |_, _| Ok(())).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let named = async {
        upload.settled()?;
        let file = upload.required("file")?;
        verification::name_licence(&web.services, &upload.member.actor, &file).await
    };
    let outcome = named.await.map(|_| ());
    done(
        &web,
        &upload.member,
        &upload.form,
        "/account/licence",
        outcome,
    )
    .await
}

/// `POST /account/delegations`
pub async fn delegate(State(web): State<Web>, request: Request) -> Response {
    let days = |form: &Form| Ok((day(form, "from")?, day(form, "until")?));
    let checked = |_: &Member, form: &Form| days(form).map(|_: (Day, Day)| ());
    let mut upload = match upload::receive(&web, request, checked).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let recorded = async {
        upload.settled()?;
        let (from, until) = days(&upload.form)?;
        let new = NewDelegation {
            agency: upload.form.get("agency").to_owned(),
            principal: Some(upload.form.get("principal").to_owned()),
            from,
            until,
            document: upload.file("file").cloned(),
        };
        delegations::record(&web.services, &upload.member, new).await
    };
    match recorded.await {
        Ok(_) if upload.member.is_officer() => see_other("/office/accounts"),
        // The office's form stands on another page.
        Err(error) if upload.member.is_officer() => errors::page(&upload.form.visitor, &error),
        outcome => {
            let (member, form) = (&upload.member, &upload.form);
            done(
                &web,
                member,
                form,
                "/account/delegations",
                outcome.map(|_| ()),
            )
            .await
        }
    }
}
