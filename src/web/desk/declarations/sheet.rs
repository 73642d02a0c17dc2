//! `GET /desk/declarations/{id}/sheet`: what a declaration says on one sheet of paper, for the file. It is a record
//! of ours and never a copy of the patent office's form.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{outcome::id_of, show::About};
use crate::{
    ops::{Error, declarations},
    web::{Web, errors, session::Member, visitor::Visitor},
};

#[derive(Template)]
#[template(path = "desk_sheet.html")]
struct Page<'a> {
    v: &'a Visitor,
    about: About,
    id: String,
    version: i64,
    printed_on: String,
    back: String,
}

/// `GET /desk/declarations/{id}/sheet`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let v = &visitor;
    let found = async {
        let dossier = declarations::dossier(&web.services, &member.actor, &id_of(&id)?).await?;
        let shown = dossier
            .shown
            .clone()
            .ok_or(Error::NotFound("declaration"))?;
        Ok::<_, Error>((dossier, shown.record))
    };
    match found.await {
        Ok((dossier, record)) => {
            let page = Page {
                v,
                about: About::new(&web.services, v, &dossier, &record.value),
                id: record.value.id.to_string(),
                version: record.version,
                printed_on: dossier.as_of.to_string(),
                back: format!("/desk/declarations/{}", record.value.id),
            };
            v.form_page(StatusCode::OK, &page)
        }
        Err(error) => errors::page(v, &error),
    }
}
