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
    gate::Gate,
    outcome::{day, id_of, maybe, told, version},
    terms,
};
use crate::{
    domain::{
        declaration::{Conclusion, Declaration, MAX_EXPLANATION_CHARS},
        party::Contact,
        patent::PatentKind,
        terms::Terms,
        time::Day,
    },
    ops::{
        self, Error,
        declarations::{self, Dossier, NewDeclaration, Shown, Written},
        patents,
    },
    web::{
        Web,
        desk::{Entry, Nav},
        errors,
        form::{Field, Form, FormView},
        session::{Member, see_other},
        upload::{self, Upload},
        visitor::Visitor,
        words,
    },
};

/// The form's address for a new declaration.
const NEW: &str = "/desk/declarations";
/// The fields of co-owners' consents, and of their names.
const CONSENTS: [(&str, &str); 4] = [
    ("consent0", "consentName0"),
    ("consent1", "consentName1"),
    ("consent2", "consentName2"),
    ("consent3", "consentName3"),
];

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
            v.form_page(status, &Page::new(v, member, &dossier, failed))
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
            nav: Nav::new(v, member, Entry::Declarations),
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

fn action_of(dossier: &Dossier) -> String {
    let shown = dossier.shown.as_ref();
    shown.map_or_else(
        || NEW.to_owned(),
        |shown| format!("/desk/declarations/{}/edit", shown.record.value.id),
    )
}

fn content_form(v: &Visitor, dossier: &Dossier) -> FormView {
    let draft = dossier.shown.as_ref().map(|shown| &shown.record.value);
    let contact = dossier
        .shown
        .as_ref()
        .and_then(|shown| shown.contact.as_ref());
    let mut fields = terms::fields(v, draft.map(|draft| &draft.terms));
    fields.extend(period_fields(v, dossier, draft));
    fields.extend(contact_fields(v, contact));
    fields.extend(paper_fields(v, dossier, draft));
    let button = v.t("保存草稿并预览", "Save the draft and see it");
    let mut form = FormView::new(v, &action_of(dossier), button, fields)
        .hide("number", dossier.patent.number.as_str());
    for ((_, hidden), name) in CONSENTS.into_iter().zip(consenting(dossier, draft)) {
        form = form.hide(hidden, name);
    }
    match &dossier.shown {
        Some(shown) => form.hide("version", &shown.record.version.to_string()),
        None => form,
    }
}

fn period_fields(v: &Visitor, dossier: &Dossier, draft: Option<&Declaration>) -> Vec<Field> {
    let last = dossier
        .patent
        .expires_on()
        .and_then(|day| day.yesterday().ok());
    let until = draft
        .map(|draft| draft.until)
        .or(last)
        .map_or_else(String::new, |day| day.to_string());
    let latest = last.map_or_else(
        || {
            v.t(
                "申请日不明，无法推算专利权期限",
                "The filing date is unknown, so the term cannot be computed",
            )
            .to_owned()
        },
        |day| {
            format!(
                "{} {day}",
                v.t(
                    "许可的最后一日；最晚为",
                    "The licence's last day; at the latest"
                )
            )
        },
    );
    let explanation = draft.map_or("", |draft| draft.explanation.as_str());
    let typed = explanation.chars().count();
    let counter = format!(
        "{} {typed} / {MAX_EXPLANATION_CHARS}{}",
        v.t("已写", "Written so far:"),
        v.t(
            " 字。写明计算依据和方式；不得使用“最佳”“首选”一类宣传用语",
            ". Say how the fee was reckoned; promotional words are refused"
        ),
    );
    vec![
        Field::new(
            "until",
            v.t("许可期限届满日", "Last day of the licence period"),
        )
        .kind("date")
        .value(&until)
        .hint(&latest),
        Field::area(
            "explanation",
            v.t(
                "使用费计算依据和方式的简要说明（2000 字以内）",
                "How the fee was reckoned (2,000 characters at most)",
            ),
            MAX_EXPLANATION_CHARS,
        )
        .value(explanation)
        .hint(&counter),
        Field::area(
            "other",
            v.t("其他需要明确的事项", "Anything else"),
            MAX_EXPLANATION_CHARS,
        )
        .optional()
        .value(draft.and_then(|d| d.other.as_deref()).unwrap_or_default()),
        Field::area(
            "capOverride",
            v.t("超过一般上限的理由", "Why the usual limit is exceeded"),
            500,
        )
        .optional()
        .value(
            draft
                .and_then(|d| d.cap_override.as_deref())
                .unwrap_or_default(),
        )
        .hint(v.t(
            "固定费用合计超过 2000 万元或提成超过上限时填写",
            "Where fixed money exceeds CNY 20 million or a rate its limit",
        )),
    ]
}

fn contact_fields(v: &Visitor, contact: Option<&Contact>) -> Vec<Field> {
    let said = |pick: fn(&Contact) -> &Option<String>| {
        contact.and_then(|c| pick(c).as_deref()).unwrap_or_default()
    };
    let one = v.t(
        "电话、邮箱、地址至少填一项，随声明公布",
        "At least one of telephone, e-mail and address; published with the declaration",
    );
    vec![
        Field::new(
            "contactName",
            v.t("业务联系人或部门", "Business contact or department"),
        )
        .optional()
        .value(said(|c| &c.name)),
        Field::new("contactTelephone", v.t("联系电话", "Telephone"))
            .optional()
            .kind("tel")
            .value(said(|c| &c.telephone))
            .hint(one),
        Field::new("contactEmail", v.t("电子邮箱", "E-mail"))
            .optional()
            .value(said(|c| &c.email)),
        Field::new("contactAddress", v.t("通信地址", "Address"))
            .optional()
            .value(said(|c| &c.address)),
    ]
}

/// Co-owners, those without consent first, as many as the form takes at once.
fn consenting<'a>(dossier: &'a Dossier, draft: Option<&Declaration>) -> Vec<&'a str> {
    let given = |name: &str| {
        draft.is_some_and(|draft| draft.consents.iter().any(|consent| consent.is_of(name)))
    };
    let mut names = dossier.co_owners();
    names.sort_by_key(|name| given(name));
    names.truncate(CONSENTS.len());
    names
}

fn paper_fields(v: &Visitor, dossier: &Dossier, draft: Option<&Declaration>) -> Vec<Field> {
    let mut fields = Vec::new();
    let kept = v.t(
        "已上传；另选文件则替换",
        "Uploaded; another file replaces it",
    );
    if dossier.patent.kind != PatentKind::Invention {
        let known = draft.and_then(|draft| draft.evaluation.as_ref());
        let conclusions = Conclusion::ALL.map(|c| (c.as_str(), v.t(c.zh(), c.en()).to_owned()));
        fields.push(
            Field::new(
                "conclusion",
                v.t(
                    "专利权评价报告的结论",
                    "Conclusion of the evaluation report",
                ),
            )
            .options(conclusions.into())
            .value(
                known
                    .map_or(Conclusion::Positive, |known| known.conclusion)
                    .as_str(),
            ),
        );
        let file = Field::file(
            "evaluation",
            v.t(
                "专利权评价报告（实用新型、外观设计必备）",
                "Evaluation report (wanted for utility models and designs)",
            ),
        );
        fields.push(
            file.optional()
                .hint(if known.is_some() { kept } else { "" }),
        );
    }
    for ((field, _), name) in CONSENTS.into_iter().zip(consenting(dossier, draft)) {
        let label = format!(
            "{}{name}",
            v.t("共有人的书面同意：", "Written consent of the co-owner: ")
        );
        let given =
            draft.is_some_and(|draft| draft.consents.iter().any(|consent| consent.is_of(name)));
        fields.push(
            Field::file(field, &label)
                .optional()
                .hint(if given { kept } else { "" }),
        );
    }
    fields
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
    Ok(Written {
        terms,
        until,
        explanation: form.get("explanation").trim().replace("\r\n", "\n"),
        other: maybe(form, "other"),
        cap_override: maybe(form, "capOverride"),
        evaluation: report.map(|file| (file, conclusion)),
        consents,
        contact: (contact != Contact::default()).then_some(contact),
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
