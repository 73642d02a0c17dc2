//! Writing a declaration: the gate first, then the terms, period, explanation, papers and contact in one form. What
//! is saved is a draft; its page shows the sentence that will be announced before anybody commits to it.

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
};

use super::{
    Failed,
    fields::{CONSENTS, content_form},
    gate::Gate,
    outcome::{day, id_of, maybe, told, version},
    price::{self, Price},
    terms,
};
use crate::{
    domain::{
        declaration::{Conclusion, Declaration},
        file::FileRef,
        party::Contact,
        terms::Terms,
        time::Day,
    },
    ops::{
        self, Error,
        declarations::{self, Dossier, NewDeclaration, Shown, Steps, Written},
        patents,
    },
    web::{
        Web,
        desk::{Nav, Tab},
        errors,
        form::{Form, FormView},
        session::{Member, see_other},
        upload::{self, Upload},
        visitor::Visitor,
        words,
    },
};

/// The form's address for a new declaration.
const NEW: &str = "/desk/declarations";
/// The page on which one begins.
const BEGIN: &str = "/desk/declarations/new";

#[derive(Template)]
#[template(path = "desk_declare.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    title: String,
    number: String,
    patent_href: String,
    patent_title: String,
    kind: &'static str,
    term: String,
    gate: Option<Gate<'a>>,
    price: Option<Price<'a>>,
    /// A declaration of this patent that is open already.
    other: Option<String>,
    form: FormView,
    back: Option<String>,
}

/// `GET /desk/declarations/new?number=…`
pub async fn begin(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let number = visitor.address.first("number").to_owned();
    begin_page(&web, &visitor, &member, &number, None).await
}

/// The first page of a new declaration, once more where a form of it did not pass.
pub async fn begin_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    number: &str,
    failed: Failed<'_>,
) -> Response {
    let found = async {
        let number = patents::parse_number(number)?;
        declarations::prospect(&web.services, &member.actor, &number).await
    };
    match found.await {
        Ok(dossier) => {
            let mut page = Page::new(v, member, &dossier, failed);
            page.gate = Some(Gate::new(v, &dossier, failed));
            let number = &dossier.patent.number;
            page.price = match price::block(web, v, member, number, BEGIN).await {
                Ok(price) => Some(price),
                Err(error) => return errors::page(v, &error),
            };
            let status = if failed.is_some() {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::OK
            };
            v.form_page(status, &page)
        }
        Err(error) => errors::number_page(v, &error, number),
    }
}

/// `GET /desk/declarations/{id}/edit`
pub async fn show_edit(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    edit_page(&web, &visitor, &member, &id, None).await
}

async fn edit_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    id: &str,
    failed: Failed<'_>,
) -> Response {
    let found = async { declarations::dossier(&web.services, &member.actor, &id_of(id)?).await };
    match found.await {
        Ok(dossier) => {
            let status = if failed.is_some() {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::OK
            };
            let mut page = Page::new(v, member, &dossier, failed);
            let (number, here) = (&dossier.patent.number, action_of(&dossier));
            page.price = match price::block(web, v, member, number, &here).await {
                Ok(price) => Some(price),
                Err(error) => return errors::page(v, &error),
            };
            v.form_page(status, &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

impl<'a> Page<'a> {
    fn new(v: &'a Visitor, member: &Member, dossier: &Dossier, failed: Failed<'_>) -> Self {
        let patent = &dossier.patent;
        let today = dossier.as_of;
        let form = content_form(v, dossier);
        let action = action_of(dossier);
        let other = dossier.other.as_ref().filter(|_| dossier.shown.is_none());
        Self {
            v,
            nav: Nav::new(v, member, Tab::Declarations),
            title: if dossier.shown.is_some() {
                v.t("修改声明草稿", "Edit the draft").to_owned()
            } else {
                v.t("办理开放许可声明", "Declare an open licence")
                    .to_owned()
            },
            number: words::number(patent.legal_status, &patent.number).1,
            patent_href: format!("/patents/{}", patent.number),
            patent_title: patent.title.clone(),
            kind: words::kind(patent.kind, v.lang),
            term: v
                .text(&words::term(
                    patent.legal_status,
                    patent.expires_on(),
                    today,
                ))
                .to_owned(),
            gate: None,
            price: None,
            other: other.map(|other| format!("/desk/declarations/{}", other.id)),
            back: dossier
                .shown
                .as_ref()
                .map(|shown| format!("/desk/declarations/{}", shown.record.value.id)),
            form: match failed {
                Some((at, typed, error)) if at == action => form.filled(typed, error),
                _ => form,
            },
        }
    }
}

/// Where the form of the content is sent.
pub fn action_of(dossier: &Dossier) -> String {
    let shown = dossier.shown.as_ref();
    shown.map_or_else(
        || NEW.to_owned(),
        |shown| format!("/desk/declarations/{}/edit", shown.record.value.id),
    )
}

/// What the texts of the form say.
fn texts(form: &Form) -> ops::Result<(Terms, Day)> {
    match (terms::read(form), day(form, "until")) {
        (Ok(terms), Ok(until)) => Ok((terms, until)),
        (Err(Error::Invalid(mut faults)), Err(Error::Invalid(more))) => {
            faults.extend(more);
            Err(Error::Invalid(faults))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// What was written, with the files; what the draft has already stays where nothing new came.
fn written(upload: &Upload, draft: Option<&Declaration>) -> ops::Result<Written> {
    let form = &upload.form;
    let (terms, until) = texts(form)?;
    let known = draft
        .and_then(|draft| draft.evaluation.as_ref())
        .map(|known| known.file.id.clone());
    let report = upload.file("evaluation").cloned().or(known);
    let conclusion = Conclusion::parse(form.get("conclusion")).unwrap_or(Conclusion::Positive);
    let mut consents: Vec<_> = draft
        .into_iter()
        .flat_map(|draft| {
            draft
                .consents
                .iter()
                .map(|consent| (consent.name.clone(), consent.file.id.clone()))
        })
        .collect();
    for (field, hidden) in CONSENTS {
        let name = form.get(hidden);
        if let (Some(file), false) = (upload.file(field), name.is_empty()) {
            consents.retain(|(known, _)| known != name);
            consents.push((name.to_owned(), file.clone()));
        }
    }
    let contact = Contact {
        name: maybe(form, "contactName"),
        telephone: maybe(form, "contactTelephone"),
        email: maybe(form, "contactEmail"),
        address: maybe(form, "contactAddress"),
    };
    let steps = steps(upload, draft)?;
    Ok(Written {
        terms,
        until,
        explanation: form.get("explanation").trim().replace("\r\n", "\n"),
        other: maybe(form, "other"),
        cap_override: maybe(form, "capOverride"),
        evaluation: report.map(|file| (file, conclusion)),
        consents,
        internal: steps,
        contact: (contact != Contact::default()).then_some(contact),
    })
}

/// 公示 and 内部审批, where their days are given; a file that was uploaded before stays.
fn steps(upload: &Upload, draft: Option<&Declaration>) -> ops::Result<Steps> {
    let form = &upload.form;
    let known = draft.map(|draft| &draft.internal);
    let file = |name: &str, known: Option<&FileRef>| {
        let chosen = upload.file(name).cloned();
        let kept = chosen.or_else(|| known.map(|file| file.id.clone()));
        kept.ok_or_else(|| {
            Error::fault(
                &format!("/{name}"),
                "fileMissing",
                "请选择文件。",
                "Choose a file.",
            )
        })
    };
    let given = |name: &str| !form.get(name).trim().is_empty();
    let publicity = if given("publicityFrom") || given("publicityUntil") {
        let known = known.and_then(|known| known.publicity.as_ref());
        let file = file("publicityFile", known.map(|known| &known.file))?;
        Some((
            day(form, "publicityFrom")?,
            day(form, "publicityUntil")?,
            file,
        ))
    } else {
        None
    };
    let approval = if given("approvalOn") {
        let known = known.and_then(|known| known.approval.as_ref());
        let file = file("approvalFile", known.map(|known| &known.file))?;
        Some((day(form, "approvalOn")?, file))
    } else {
        None
    };
    Ok(Steps {
        publicity,
        approval,
    })
}

/// `POST /desk/declarations`: saves a draft.
pub async fn create(State(web): State<Web>, request: Request) -> Response {
    let mut upload = match upload::receive(&web, request, |_, form| texts(form).map(|_| ())).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let outcome = async {
        upload.settled()?;
        let new = NewDeclaration {
            organisation: None,
            number: patents::parse_number(upload.form.get("number"))?,
            written: written(&upload, None)?,
        };
        let made = declarations::create(&web.services, &upload.member.actor, None, new).await?;
        Ok(made.record)
    };
    let outcome = outcome.await;
    let (v, number) = (&upload.form.visitor, upload.form.get("number"));
    match saved(outcome) {
        Ok(to) => see_other(&to),
        Err(Ok(error)) => {
            begin_page(
                &web,
                v,
                &upload.member,
                number,
                Some((NEW, &upload.form, &error)),
            )
            .await
        }
        Err(Err(error)) => errors::page(v, &error),
    }
}

/// `POST /desk/declarations/{id}/edit`: rewrites a draft.
pub async fn edit(State(web): State<Web>, Path(id): Path<String>, request: Request) -> Response {
    let mut upload = match upload::receive(&web, request, |_, form| texts(form).map(|_| ())).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let outcome = async {
        upload.settled()?;
        let (services, actor) = (&web.services, &upload.member.actor);
        let declaration = id_of(&id)?;
        let known = declarations::get(services, actor, &declaration).await?;
        let written = written(&upload, Some(&known.record.value))?;
        declarations::edit(
            services,
            actor,
            &declaration,
            version(&upload.form)?,
            written,
        )
        .await
    };
    let outcome = outcome.await;
    let v = &upload.form.visitor;
    match saved(outcome) {
        Ok(to) => see_other(&to),
        Err(Ok(error)) => {
            let action = format!("/desk/declarations/{id}/edit");
            edit_page(
                &web,
                v,
                &upload.member,
                &id,
                Some((&action, &upload.form, &error)),
            )
            .await
        }
        Err(Err(error)) => errors::page(v, &error),
    }
}

/// Where to go on, or what is said at the form, or on a page of its own.
fn saved(outcome: ops::Result<Shown>) -> Result<String, Result<Error, Error>> {
    match outcome {
        Ok(shown) => Ok(format!("/desk/declarations/{}", shown.record.value.id)),
        Err(error) => Err(told(error)),
    }
}
