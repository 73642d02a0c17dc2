//! Taking the steps of a declaration as forms ask for them, against the version that was looked at. Whether a step
//! may be taken is decided by the domain; what it refuses is said at the form.

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
        declaration::{DeclarationState, KnowHow, KnowHowKind},
        text::Text,
        time::Day,
    },
    ops::{
        self, Error,
        declarations::{self, Asked},
    },
    web::{
        Web, errors,
        form::Form,
        session::{Member, see_other},
        upload::{self, Upload},
    },
};

/// How a declaration may end.
pub const ENDS: [DeclarationState; 3] = [
    DeclarationState::Withdrawn,
    DeclarationState::Terminated,
    DeclarationState::Revoked,
];

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
            Some(DeclarationState::Withdrawn) => Asked::Withdraw {
                announced_on,
                source,
            },
            Some(DeclarationState::Terminated) => Asked::Terminate {
                announced_on,
                source,
            },
            Some(DeclarationState::Revoked) => Asked::Revoke {
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

/// `POST …/know-how`: the annex of the offer, which is no step of the declaration.
pub async fn know_how(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let (services, actor) = (&web.services, &member.actor);
    let written = async {
        let annex = annex(&form)?;
        declarations::annex(services, actor, &id_of(&id)?, version(&form)?, annex).await
    };
    match written.await.map_err(told) {
        Ok(_) => see_other(&format!("/desk/declarations/{id}")),
        Err(Ok(error)) => {
            let action = format!("/desk/declarations/{id}/know-how");
            let failed = Some((action.as_str(), &form, &error));
            show::page(&web, &form.visitor, &member, &id, failed).await
        }
        Err(Err(error)) => errors::page(&form.visitor, &error),
    }
}

fn annex(form: &Form) -> ops::Result<KnowHow> {
    let fault = |field: &str, text: Text| Error::fault(field, "valueInvalid", text.zh, text.en);
    let kind = KnowHowKind::parse(form.get("kind"))
        .ok_or_else(|| fault("/kind", Text::new("请选择。", "Choose one.")))?;
    let hours = match form.get("hours").trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            fault(
                "/hours",
                Text::new("学时应为整数。", "Hours are a whole number."),
            )
        })?),
    };
    let text = Some(form.get("text").to_owned()).filter(|text| !text.trim().is_empty());
    Ok(KnowHow { kind, hours, text })
}
