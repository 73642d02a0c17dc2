//! `/desk/consents`: consents that others ask for, to be answered, and those that were asked for here.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{Nav, Tab};
use crate::{
    domain::{consent::ConsentState, id::Id},
    ops::{
        self, Error,
        consents::{self, ConsentFilter, Shown},
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/desk/consents";
/// Requests a page.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "desk_consents.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    lines: Vec<Line>,
    total: i64,
    next: Option<String>,
}

struct Line {
    zl: String,
    title: String,
    declarer: String,
    party: String,
    role: &'static str,
    sentence: String,
    until: String,
    state: String,
    note: Option<String>,
    letter: Option<String>,
    form: Option<FormView>,
}

/// The answer that failed, by where it was sent.
type Failed<'a> = Option<(&'a str, &'a Form, &'a Error)>;

/// `GET /desk/consents`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    page(&web, &member, &visitor, None).await
}

async fn page(web: &Web, member: &Member, v: &Visitor, failed: Failed<'_>) -> Response {
    let after = Id::parse(v.address.first("after")).map(|id| id.to_string());
    let filter = ConsentFilter::default();
    let (services, actor) = (&web.services, &member.actor);
    let found = consents::list(services, actor, &filter, after.as_deref(), SHOWN + 1).await;
    let (mut found, total) = match found {
        Ok(found) => found,
        Err(error) => return errors::page(v, &error),
    };
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    let page = Page {
        v,
        nav: Nav::new(v, member, Tab::Consents),
        next: last.map(|last| format!("{HERE}?after={}", last.record.value.id)),
        lines: found
            .into_iter()
            .map(|one| line(v, member, one, failed))
            .collect(),
        total,
    };
    let status = failed.and_then(|(_, _, error)| status_of(error));
    v.form_page(status.unwrap_or(StatusCode::OK), &page)
}

fn line(v: &Visitor, member: &Member, shown: Shown, failed: Failed<'_>) -> Line {
    let version = shown.record.version;
    let request = shown.record.value;
    let asked = request.state == ConsentState::Asked;
    let ours = member.actor.organisation.as_ref() == Some(&request.party);
    let day = request.answered_on.unwrap_or(request.asked_on);
    let action = format!("{HERE}/{}", request.id);
    let form = (asked && ours).then(|| {
        let choices = vec![
            ("yes", v.t("同意", "Consent").to_owned()),
            ("no", v.t("不同意", "Refuse").to_owned()),
        ];
        let fields = vec![
            Field::new("given", v.t("答复", "Answer")).options(choices),
            Field::new("note", v.t("说明", "Note")).optional(),
        ];
        let form = FormView::new(v, &action, v.t("答复", "Answer"), fields)
            .hide("version", &version.to_string());
        match failed {
            Some((at, sent, error)) if at == action => form.filled(sent, error),
            _ => form,
        }
    });
    Line {
        zl: request.number.zl(),
        title: shown.title,
        declarer: shown.declarer_name,
        party: shown.party_name,
        role: v.t(request.role.zh(), request.role.en()),
        sentence: v
            .t(&request.terms.sentence(), &request.terms.sentence_en())
            .to_owned(),
        until: request.until.to_string(),
        state: format!("{} · {day}", v.t(request.state.zh(), request.state.en())),
        note: request.note,
        letter: request.letter.map(|file| format!("/files/{}", file.id)),
        form,
    }
}

/// `POST /desk/consents/{id}`
pub async fn answer(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let answered = async {
        let request = Id::parse(&id).ok_or(Error::NotFound("consent"))?;
        let version = form.get("version").parse().unwrap_or(0);
        let (given, note) = (form.get("given") == "yes", Some(form.get("note")));
        let (services, actor) = (&web.services, &member.actor);
        consents::answer(services, actor, &request, version, given, note).await
    };
    let answered: ops::Result<Shown> = answered.await;
    match answered {
        Ok(_) => see_other(HERE),
        Err(error) if status_of(&error).is_some() => {
            let action = format!("{HERE}/{id}");
            page(&web, &member, &form.visitor, Some((&action, &form, &error))).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}
