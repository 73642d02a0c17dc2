//! `/desk/platforms`: the holder's stock handed to platforms in their own sheets (报送): how many patents stand where, the
//! sheet of all or of what is to go out next, and the platform's answers read in.

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

use super::{Nav, Tab};
use crate::{
    domain::{
        id::Id,
        stock::{StockFilter, SubmissionNarrowing},
        submission::{SubmissionAnswers, SubmissionStage},
    },
    ops::{
        self, Error, Services,
        out::OutFormat,
        stock,
        submissions::{self, platforms},
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, status_of},
        out::sent,
        session::{Member, see_other},
        upload,
        visitor::Visitor,
        words::grouped,
    },
};

const HERE: &str = "/desk/platforms";
const EXPORT: &str = "/desk/platforms/export";
const ANSWERS: &str = "/desk/platforms/answers";

/// The pages of platforms.
pub fn router(services: &Services) -> Router<Web> {
    let uploading = Router::new()
        .route(ANSWERS, post(answer))
        .layer(DefaultBodyLimit::max(upload::import_bytes(services)));
    Router::new()
        .route(HERE, get(show))
        .route(EXPORT, post(export))
        .route("/desk/platforms/answers/{id}", get(answers))
        .route("/desk/platforms/answers/{id}/rejects.csv", get(rejects))
        .merge(uploading)
}

#[derive(Template)]
#[template(path = "desk_platforms.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    platforms: Vec<Standing>,
    export: FormView,
    answers: FormView,
}

/// Where the stock stands for one platform: each stage, how many, and the list of them.
struct Standing {
    title: String,
    neutral: bool,
    stages: Vec<(&'static str, String, String)>,
}

/// `GET /desk/platforms`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    page(&web, &member, &visitor, None).await
}

async fn page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    failed: Option<(&Form, &Error)>,
) -> Response {
    let standings = match standings(web, member, v).await {
        Ok(standings) => standings,
        Err(error) => return errors::page(v, &error),
    };
    let names: Vec<(String, String)> = platforms(&web.services)
        .map(|(name, layout)| {
            (
                name.to_owned(),
                v.t(&layout.title, &layout.title_en).to_owned(),
            )
        })
        .collect();
    let platform = || Field::new("platform", v.t("平台", "Platform")).options(names.clone());
    let export = FormView::new(
        v,
        EXPORT,
        v.t("导出并登记", "Export and note"),
        vec![
            platform(),
            Field::new("only", v.t("范围", "Which")).options(vec![
                (
                    "pending",
                    v.t(
                        "只导出待报送的（新增、有变化、被退回）",
                        "Only new, changed or rejected",
                    )
                    .to_owned(),
                ),
                ("all", v.t("全部存量", "The whole stock").to_owned()),
            ]),
            Field::new("format", v.t("文件格式", "Format")).options(vec![
                ("xlsx", "XLSX".to_owned()),
                ("csv", "CSV".to_owned()),
                ("ndjson", "JSON Lines".to_owned()),
            ]),
        ],
    );
    let answers = FormView::new(
        v,
        ANSWERS,
        v.t("读入", "Read in"),
        vec![
            platform(),
            Field::file("sheet", v.t("平台答复表", "The platform's answers")).hint(v.t(
                "CSV、XLSX 等，要有“申请号”“审核结果”两列，可有“原因”列",
                "CSV, XLSX and others with columns of numbers and results, and perhaps of reasons",
            )),
        ],
    );
    let (answers, status) = match failed {
        Some((form, error)) => (
            answers.filled(form, error),
            status_of(error).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
        ),
        None => (answers, StatusCode::OK),
    };
    let page = Page {
        v,
        nav: Nav::new(v, member, Tab::Platforms),
        platforms: standings,
        export,
        answers,
    };
    v.form_page(status, &page)
}

async fn standings(web: &Web, member: &Member, v: &Visitor) -> ops::Result<Vec<Standing>> {
    let mut all = Vec::new();
    for (name, layout) in platforms(&web.services) {
        let mut stages = Vec::new();
        for stage in SubmissionStage::ALL {
            let filter = StockFilter {
                submission: Some(SubmissionNarrowing {
                    platform: name.to_owned(),
                    stage,
                }),
                ..StockFilter::default()
            };
            let count = stock::count(&web.services, &member.actor, &filter).await?;
            let list = format!("/desk/stock?submission={name}:{}", stage.as_str());
            stages.push((
                v.t(stage.zh(), stage.en()),
                grouped(count.unsigned_abs()),
                list,
            ));
        }
        all.push(Standing {
            title: v.t(&layout.title, &layout.title_en).to_owned(),
            neutral: layout.neutral,
            stages,
        });
    }
    Ok(all)
}

/// `POST /desk/platforms/export`: the file itself.
pub async fn export(State(web): State<Web>, member: Member, form: Form) -> Response {
    let platform = form.get("platform").to_owned();
    let pending = form.get("only") != "all";
    let Some(format) = OutFormat::parse(form.get("format")) else {
        return errors::page(&form.visitor, &Error::NotFound("format"));
    };
    let (services, filter) = (&web.services, StockFilter::default());
    let made = submissions::export(services, &member.actor, &platform, filter, pending, format);
    match made.await {
        Ok(made) => sent(made, &platform),
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /desk/platforms/answers`
pub async fn answer(State(web): State<Web>, request: Request) -> Response {
    let mut upload =
        match upload::receive_as(upload::Kept::Answers, &web, request, |_, _| Ok(())).await {
            Ok(upload) => upload,
            Err(response) => return response,
        };
    let done = upload.settled().and_then(|()| upload.required("sheet"));
    match done {
        Ok(id) => see_other(&format!("{ANSWERS}/{id}")),
        Err(error) if status_of(&error).is_some() => {
            let form = &upload.form;
            page(&web, &upload.member, &form.visitor, Some((form, &error))).await
        }
        Err(error) => errors::page(&upload.form.visitor, &error),
    }
}

#[derive(Template)]
#[template(path = "desk_answers.html")]
struct Read<'a> {
    v: &'a Visitor,
    nav: Nav,
    answers: SubmissionAnswers,
    rejects: String,
}

/// `GET /desk/platforms/answers/{id}`
pub async fn answers(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    match found(&web, &member, &id).await {
        Ok((answers, _)) => {
            let page = Read {
                v: &visitor,
                nav: Nav::new(&visitor, &member, Tab::Platforms),
                rejects: format!("{ANSWERS}/{}/rejects.csv", answers.id),
                answers,
            };
            visitor.form_page(StatusCode::OK, &page)
        }
        Err(error) => errors::page(&visitor, &error),
    }
}

/// `GET /desk/platforms/answers/{id}/rejects.csv`
pub async fn rejects(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    match found(&web, &member, &id).await {
        Ok((_, csv)) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"rejects.csv\"",
                ),
            ];
            (headers, csv).into_response()
        }
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn found(web: &Web, member: &Member, id: &str) -> ops::Result<(SubmissionAnswers, String)> {
    let id = Id::parse(id).ok_or(Error::NotFound("answers"))?;
    submissions::answers(&web.services, &member.actor, &id).await
}
