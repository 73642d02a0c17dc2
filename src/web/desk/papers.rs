//! `/desk/declarations/{id}/papers/{form}`, `/desk/licences/{id}/papers/{paper}` and `/desk/licences/{id}/pack`: papers to
//! print with the browser and have signed, and all that filing wants as one ZIP. Records of ours, no official forms.

use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use tokio_util::io::ReaderStream;

use crate::{
    domain::{
        id::Id,
        paper::{DeclarationPaper, LicencePaper, Paper},
    },
    ops::{self, Error, papers},
    web::{Web, errors, session::Member, visitor::Visitor},
};

pub fn router() -> Router<Web> {
    Router::new()
        .route(
            "/desk/declarations/{id}/papers/{form}",
            get(show_declaration),
        )
        .route("/desk/licences/{id}/papers/{paper}", get(show_licence))
        .route("/desk/licences/{id}/pack", get(pack))
}

#[derive(Template)]
#[template(path = "desk_paper.html")]
struct Page<'a> {
    v: &'a Visitor,
    title: &'a str,
    back: String,
    paper: String,
    /// The same as PDF, where the installation makes it.
    pdf: Option<String>,
}

async fn shown(web: &Web, v: &Visitor, back: String, found: ops::Result<Paper>) -> Response {
    let paper = match found {
        Ok(paper) => paper,
        Err(error) => return errors::page(v, &error),
    };
    if v.address.first("format") == "pdf" {
        return match papers::pdf(&web.services, paper, v.lang).await {
            Ok(pdf) => {
                let headers = [
                    (header::CONTENT_TYPE, "application/pdf"),
                    (
                        header::CONTENT_DISPOSITION,
                        "attachment; filename=\"paper.pdf\"",
                    ),
                    (header::CACHE_CONTROL, "no-store"),
                ];
                (headers, pdf).into_response()
            }
            Err(error) => errors::page(v, &error),
        };
    }
    let page = Page {
        v,
        title: v.text(&paper.title),
        back,
        paper: papers::fragment(&paper, v.lang),
        pdf: web
            .services
            .face
            .is_some()
            .then(|| v.address.set("format", "pdf").here()),
    };
    v.form_page(StatusCode::OK, &page)
}

/// `GET /desk/declarations/{id}/papers/{form}`
async fn show_declaration(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path((id, form)): Path<(String, String)>,
) -> Response {
    let found = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("declaration"))?;
        let form = DeclarationPaper::parse(&form).ok_or(Error::NotFound("paper"))?;
        papers::of_declaration(&web.services, &member.actor, &id, form).await
    };
    let back = format!("/desk/declarations/{id}");
    shown(&web, &visitor, back, found.await).await
}

/// `GET /desk/licences/{id}/papers/{paper}`
async fn show_licence(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path((id, paper)): Path<(String, String)>,
) -> Response {
    let found = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("licence"))?;
        let kind = LicencePaper::parse(&paper).ok_or(Error::NotFound("paper"))?;
        papers::of_licence(&web.services, &member.actor, &id, kind).await
    };
    let back = format!("/desk/licences/{id}");
    shown(&web, &visitor, back, found.await).await
}

/// `GET /desk/licences/{id}/pack`
async fn pack(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let found = async {
        let id = Id::parse(&id).ok_or(Error::NotFound("licence"))?;
        papers::pack(&web.services, &member.actor, &id).await
    };
    let pack = match found.await {
        Ok(pack) => pack,
        Err(error) => return errors::page(&visitor, &error),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, pack.bytes.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", pack.name),
        ),
        (header::CACHE_CONTROL, "no-store, no-transform".to_owned()),
    ];
    let file = tokio::fs::File::from_std(pack.file);
    (headers, Body::from_stream(ReaderStream::new(file))).into_response()
}

/// The papers of a declaration, as links: its address and name.
pub fn of_declaration(v: &Visitor, id: &Id, announced: bool) -> Vec<(String, &'static str)> {
    let kinds = DeclarationPaper::ALL.into_iter();
    kinds
        .filter(|kind| announced || *kind == DeclarationPaper::Declaration)
        .map(|kind| {
            let place = format!("/desk/declarations/{id}/papers/{}", kind.as_str());
            (place, v.t(kind.zh(), kind.en()))
        })
        .collect()
}

/// The papers of a licence, as links: its address and name.
pub fn of_licence(v: &Visitor, id: &Id) -> Vec<(String, &'static str)> {
    let kinds = LicencePaper::ALL.into_iter();
    kinds
        .map(|kind| {
            let place = format!("/desk/licences/{id}/papers/{}", kind.as_str());
            (place, v.t(kind.zh(), kind.en()))
        })
        .collect()
}
