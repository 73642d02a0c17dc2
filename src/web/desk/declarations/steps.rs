//! The steps of a declaration as forms, each with the version that was looked at, and what comes of them. Only the
//! steps that its state allows are shown; whether one may be taken is decided by the domain.

use axum::{
    extract::{Path, Request, State},
    response::Response,
};

use super::{
    outcome::{day, id_of, told, version},
    show,
};
use crate::{
    domain::{
        declaration::{Declaration, DeclarationState},
        text::Text,
        time::Day,
    },
    ops::{
        self, Error, Stored,
        declarations::{self, Asked},
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView},
        session::{Member, see_other},
        upload::{self, Upload},
        visitor::Visitor,
    },
};

/// Title, action, form.
type StepForm = (String, String, FormView);

/// The forms of the steps that may be taken now.
pub fn forms(
    v: &Visitor,
    member: &Member,
    record: &Stored<Declaration>,
    clear: bool,
    today: Day,
) -> Vec<StepForm> {
    use DeclarationState as S;
    let made = |step: &str, title: &str, button: &str, fields: Vec<Field>| {
        let action = format!("/desk/declarations/{}/{step}", record.value.id);
        let form =
            FormView::new(v, &action, button, fields).hide("version", &record.version.to_string());
        (title.to_owned(), action, form)
    };
    let ready = || {
        made(
            "ready",
            v.t("承诺并转为就绪", "Commit to it"),
            v.t("我已核对，作出上述承诺", "Checked; we give this commitment"),
            Vec::new(),
        )
    };
    let submit = || {
        made(
            "submit",
            v.t("已提交国家知识产权局", "Submitted to the patent office"),
            v.t("登记提交日期", "Record the day"),
            vec![on(v, "on", v.t("提交日期", "Day of submission"), today)],
        )
    };
    let reopen = || {
        made(
            "reopen",
            v.t("退回草稿", "Back to the draft"),
            v.t("退回草稿再修改", "Reopen and edit"),
            Vec::new(),
        )
    };
    let announce = || {
        made(
            "announce",
            v.t("登记公告", "Record the announcement"),
            v.t("登记公告", "Record"),
            announcement(v, today),
        )
    };
    let refuse = || {
        made(
            "refuse",
            v.t("登记不予公告", "Record a refusal"),
            v.t("登记不予公告", "Record"),
            refusal(v, today),
        )
    };
    let request = || {
        made(
            "request-withdrawal",
            v.t("请求撤回", "Request the withdrawal"),
            v.t("登记撤回请求", "Record the request"),
            vec![
                on(v, "on", v.t("请求日期", "Day of the request"), today),
                reason(v),
            ],
        )
    };
    let end = || {
        made(
            "end",
            v.t("登记声明的结束", "Record its end"),
            v.t("登记", "Record"),
            ending(v, today),
        )
    };
    let mut forms = match record.value.state {
        S::Draft if clear => vec![ready()],
        S::Ready if clear => vec![submit(), reopen()],
        S::Ready => vec![reopen()],
        S::Submitted => vec![announce(), refuse()],
        S::Announced => vec![request(), end()],
        S::WithdrawalRequested | S::Expired => vec![end()],
        S::Draft | S::Void | S::Refused | S::Withdrawn | S::Terminated | S::Revoked => Vec::new(),
    };
    let may_annul = !matches!(record.value.state, S::Draft | S::Ready | S::Void);
    if member.is_officer() && may_annul {
        forms.push(made(
            "annul",
            v.t("误录作废", "Void (entered by mistake)"),
            v.t("作废", "Void"),
            vec![reason(v)],
        ));
    }
    forms
}

fn on(_: &Visitor, name: &'static str, label: &str, today: Day) -> Field {
    Field::new(name, label)
        .kind("date")
        .value(&today.to_string())
}

fn reason(v: &Visitor) -> Field {
    Field::area("reason", v.t("理由", "Reason"), 500)
}

fn announcement(v: &Visitor, today: Day) -> Vec<Field> {
    vec![
        Field::new(
            "declarationNumber",
            v.t("开放许可声明编号", "Declaration number"),
        )
        .hint(v.t("按公告填写", "As announced")),
        on(
            v,
            "effectiveOn",
            v.t(
                "声明生效日（公告日）",
                "Effective day (of the announcement)",
            ),
            today,
        ),
        Field::file(
            "source",
            v.t(
                "公告文件（PDF 或图片）",
                "The announcement (PDF or picture)",
            ),
        ),
    ]
}

fn refusal(v: &Visitor, today: Day) -> Vec<Field> {
    vec![
        on(v, "on", v.t("决定日期", "Day of the decision"), today),
        reason(v),
        Field::file("source", v.t("决定文件", "The decision")).optional(),
    ]
}

fn ending(v: &Visitor, today: Day) -> Vec<Field> {
    let ways = [S_WITHDRAWN, S_TERMINATED, S_REVOKED]
        .map(|state| (state.as_str(), v.t(state.zh(), state.en()).to_owned()));
    vec![
        Field::new("how", v.t("如何结束", "How it ended")).options(ways.into()),
        on(
            v,
            "announcedOn",
            v.t("公告日", "Day of the announcement"),
            today,
        )
        .hint(v.t(
            "自这一日起不能再取得许可；此前的许可不受影响",
            "From this day on no licence can be taken; earlier ones stand",
        )),
        Field::file(
            "source",
            v.t(
                "公告文件（PDF 或图片）",
                "The announcement (PDF or picture)",
            ),
        ),
    ]
}

const S_WITHDRAWN: DeclarationState = DeclarationState::Withdrawn;
const S_TERMINATED: DeclarationState = DeclarationState::Terminated;
const S_REVOKED: DeclarationState = DeclarationState::Revoked;

/// Takes a step that a form asks for; what is refused is said at that form.
async fn take(
    web: &Web,
    member: &Member,
    form: &Form,
    id: &str,
    step: &str,
    asked: ops::Result<Asked>,
) -> Response {
    let (services, actor) = (&web.services, &member.actor);
    let taken = async {
        let (asked, expected) = (asked?, version(form)?);
        declarations::step(services, actor, &id_of(id)?, expected, asked).await
    };
    let v = &form.visitor;
    match taken.await.map_err(told) {
        Ok(_) => see_other(&format!("/desk/declarations/{id}")),
        Err(Ok(error)) => {
            let action = format!("/desk/declarations/{id}/{step}");
            show::page(web, v, member, id, Some((&action, form, &error))).await
        }
        Err(Err(error)) => errors::page(v, &error),
    }
}

/// `POST …/ready`
pub async fn ready(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    take(&web, &member, &form, &id, "ready", Ok(Asked::Ready)).await
}

/// `POST …/reopen`
pub async fn reopen(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    take(&web, &member, &form, &id, "reopen", Ok(Asked::Reopen)).await
}

/// `POST …/submit`
pub async fn submit(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let asked = day(&form, "on").map(|on| Asked::Submit { on });
    take(&web, &member, &form, &id, "submit", asked).await
}

/// `POST …/request-withdrawal`
pub async fn request_withdrawal(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let reason = form.get("reason").to_owned();
    let asked = day(&form, "on").map(|on| Asked::RequestWithdrawal { on, reason });
    take(&web, &member, &form, &id, "request-withdrawal", asked).await
}

/// `POST …/annul`
pub async fn annul(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let reason = form.get("reason").to_owned();
    take(
        &web,
        &member,
        &form,
        &id,
        "annul",
        Ok(Asked::Annul { reason }),
    )
    .await
}

/// Takes a step with a file.
async fn take_with_file(
    web: Web,
    request: Request,
    id: String,
    step: &str,
    day_of: &'static str,
    asked: fn(&Upload, Day) -> ops::Result<Asked>,
) -> Response {
    let mut upload =
        match upload::receive(&web, request, |_, form| day(form, day_of).map(|_| ())).await {
            Ok(upload) => upload,
            Err(refusal) => return refusal,
        };
    let settled = upload.settled();
    let asked = settled
        .and_then(|()| day(&upload.form, day_of))
        .and_then(|day| asked(&upload, day));
    take(&web, &upload.member, &upload.form, &id, step, asked).await
}

/// `POST …/announce`
pub async fn announce(
    State(web): State<Web>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let asked = |upload: &Upload, effective_on| {
        Ok(Asked::Announce {
            declaration_number: upload.form.get("declarationNumber").to_owned(),
            effective_on,
            source: upload.required("source")?,
        })
    };
    take_with_file(web, request, id, "announce", "effectiveOn", asked).await
}

/// `POST …/refuse`
pub async fn refuse(State(web): State<Web>, Path(id): Path<String>, request: Request) -> Response {
    let asked = |upload: &Upload, on| {
        Ok(Asked::Refuse {
            on,
            reason: upload.form.get("reason").to_owned(),
            source: upload.file("source").cloned(),
        })
    };
    take_with_file(web, request, id, "refuse", "on", asked).await
}

/// `POST …/end`: withdrawn, terminated or revoked.
pub async fn end(State(web): State<Web>, Path(id): Path<String>, request: Request) -> Response {
    let asked = |upload: &Upload, announced_on| {
        let source = upload.required("source")?;
        Ok(match DeclarationState::parse(upload.form.get("how")) {
            Some(S_WITHDRAWN) => Asked::Withdraw {
                announced_on,
                source,
            },
            Some(S_TERMINATED) => Asked::Terminate {
                announced_on,
                source,
            },
            Some(S_REVOKED) => Asked::Revoke {
                announced_on,
                source,
            },
            _ => {
                let text = Text::new("请选择如何结束。", "Choose how it ended.");
                return Err(Error::fault("/how", "valueInvalid", text.zh, text.en));
            }
        })
    };
    take_with_file(web, request, id, "end", "announcedOn", asked).await
}
