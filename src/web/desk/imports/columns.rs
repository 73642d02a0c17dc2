//! The columns of an uploaded file: what each is taken for and why, its first values, one choice a column; and what was
//! saved for the next file with the same headers.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{HERE, id_of, one};
use crate::{
    domain::{
        intake::{Basis, Column},
        register::{PreviewColumn, SavedMapping},
        text::Text,
    },
    ops::{
        self, Error, Fault, Services,
        imports::{self, SaidColumn, saved},
    },
    web::{
        Web, errors,
        form::{Form, FormView},
        session::{Member, see_other},
        visitor::Visitor,
    },
};

/// A column as its line shows it.
pub struct Line {
    /// The name of its choice.
    pub name: String,
    pub header: String,
    pub samples: Vec<String>,
    pub meaning: Option<String>,
    pub basis: &'static str,
    pub reason: String,
    /// What its values say against it, or what is wrong with what was chosen.
    pub warning: Option<String>,
    pub error: Option<String>,
    /// Somebody should look at it.
    pub doubtful: bool,
    pub options: Vec<(&'static str, &'static str, bool)>,
}

/// The lines of all columns; `form`: what somebody chose that did not pass, and why.
pub fn lines(v: &Visitor, columns: Vec<PreviewColumn>, form: Option<(&Form, &Error)>) -> Vec<Line> {
    let faults: &[Fault] = match form {
        Some((_, Error::Invalid(faults))) => faults,
        _ => &[],
    };
    let line = |(at, column): (usize, PreviewColumn)| {
        let name = format!("c{at}");
        let reading = column.reading;
        let mut field = reading.as_ref().and_then(|reading| reading.field);
        if let Some((form, _)) = form {
            field = Column::parse(form.get(&name));
        }
        let own = format!("/columns/{at}/");
        let error = faults.iter().find(|fault| fault.pointer.starts_with(&own));
        let text = |text: &Text| v.text(text).to_owned();
        let basis = reading
            .as_ref()
            .map_or(Basis::Header, |reading| reading.basis);
        let warning = reading.as_ref().and_then(|r| r.contradiction.as_ref());
        Line {
            options: options(v, field),
            name,
            header: column.header,
            samples: column.samples,
            meaning: column.meaning.as_ref().map(text),
            basis: v.t(basis.zh(), basis.en()),
            reason: reading
                .as_ref()
                .map(|r| text(&r.reason))
                .unwrap_or_default(),
            doubtful: warning.is_some() || basis == Basis::Likely,
            warning: warning.map(text),
            error: error.map(|fault| text(&fault.text)),
        }
    };
    columns.into_iter().enumerate().map(line).collect()
}

fn options(v: &Visitor, chosen: Option<Column>) -> Vec<(&'static str, &'static str, bool)> {
    let none = ("", v.t("不读取", "not read"), chosen.is_none());
    let fields = Column::ALL.into_iter().filter(|field| {
        // The marks of our own records can stand, not be chosen.
        field.is_offered() || chosen == Some(*field)
    });
    let fields = fields.map(|field| {
        let label = v.t(field.zh(), field.en());
        (field.as_str(), label, chosen == Some(field))
    });
    std::iter::once(none).chain(fields).collect()
}

/// `POST /desk/imports/{id}/mapping`: the file is read through again by what was chosen.
pub async fn remap(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    match chosen(&web.services, &member, &id, &form).await {
        Ok(()) => see_other(&format!("{HERE}/{id}")),
        Err(error @ Error::Invalid(_)) => {
            one::again(
                &web,
                &member,
                &form,
                &id,
                &error,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

async fn chosen(services: &Services, member: &Member, id: &str, form: &Form) -> ops::Result<()> {
    let id = id_of(id)?;
    let import = imports::get(services, &member.actor, &id).await?;
    let version = form.get("version").parse().unwrap_or(import.version);
    let columns = import.preview.unwrap_or_default().columns;
    let said = columns.into_iter().enumerate().map(|(at, column)| {
        let field = form.get(&format!("c{at}"));
        SaidColumn {
            column: column.key,
            field: Column::parse(field),
        }
    });
    let said: Vec<SaidColumn> = said.collect();
    imports::remap(services, &member.actor, &id, version, &said).await?;
    Ok(())
}

/// A saved mapping as the list shows it.
pub struct Saved {
    pub name: String,
    pub at: String,
    pub columns: String,
    pub remove: FormView,
}

/// Saved mappings a page.
const SHOWN: usize = 30;

/// What was saved, the latest first, and how many there are.
pub async fn saved_lines(
    web: &Web,
    member: &Member,
    v: &Visitor,
) -> ops::Result<(Vec<Saved>, i64)> {
    let (found, total) = saved::list(&web.services, &member.actor, None, SHOWN).await?;
    let lines = found.into_iter().map(|saved| saved_line(v, saved.value));
    Ok((lines.collect(), total))
}

fn saved_line(v: &Visitor, saved: SavedMapping) -> Saved {
    let column = |(header, field): (&str, Option<Column>)| {
        let field = field.map_or(v.t("不读取", "not read"), |f| v.t(f.zh(), f.en()));
        format!("{header} → {field}")
    };
    let columns = saved.columns.iter();
    let columns: Vec<String> = columns
        .map(|one| column((one.header.as_str(), one.field)))
        .collect();
    let unnamed = v.t("未命名文件", "Unnamed file").to_owned();
    let action = format!("/desk/imports/mappings/{}/remove", saved.id);
    Saved {
        name: saved.file_name.unwrap_or(unnamed),
        at: saved.saved_at.in_beijing(),
        columns: columns.join(v.t("；", "; ")),
        remove: FormView::button(v, &action, v.t("删除", "Remove")),
    }
}

/// `POST /desk/imports/mappings/{id}/remove`
pub async fn remove(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let removed = async {
        let id = id_of(&id)?;
        saved::remove(&web.services, &member.actor, &id).await
    };
    match removed.await {
        Ok(()) => see_other(HERE),
        Err(error) => errors::page(&form.visitor, &error),
    }
}
