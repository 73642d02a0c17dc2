//! The form's two addresses: what was typed becomes one line of a list, as if it had stood in a sheet, and is recorded
//! by the same rules.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

use super::{
    super::{
        Web, errors,
        form::Form as Typed,
        upload::{self, Upload},
    },
    unkept,
    view::{Filled, Form, Recorded},
};
use crate::{
    domain::{
        access::{self, Operation},
        intake::{Cell, RejectCode},
        record::{Column, Flaw, Line, RecordKind, read_declaration, read_event, read_licence},
    },
    ops::{self, Error, records},
};

/// The longest text of a field, bytes.
const TEXT_BYTES: usize = 64 << 10;

/// `POST /record/declaration`
pub async fn declaration(State(web): State<Web>, request: Request) -> Response {
    answer(&web, RecordKind::Declarations, request).await
}

/// `POST /record/licence`
pub async fn licence(State(web): State<Web>, request: Request) -> Response {
    answer(&web, RecordKind::Licences, request).await
}

async fn answer(web: &Web, kind: RecordKind, request: Request) -> Response {
    let mut flaws = Vec::new();
    let received = upload::receive(web, request, |member, form| {
        access::check(&member.actor, Operation::ImportRecords, None)?;
        flaws = unreadable(kind, form);
        if flaws.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(Vec::new()))
        }
    });
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let recorded = record(web, kind, &mut upload, flaws).await;
    let visitor = &upload.form.visitor;
    match recorded {
        Ok(Ok(done)) => {
            let status = match done {
                records::Done::Recorded(_) => StatusCode::CREATED,
                _ => StatusCode::OK,
            };
            unkept(visitor.page(status, &Recorded::new(visitor, kind, &done)))
        }
        Ok(Err(flaws)) => {
            let filled = Filled {
                values: values(kind, &upload.form).collect(),
                flaws,
            };
            let page = Form::new(visitor, kind, filled);
            visitor.form_page(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => errors::page(visitor, &error),
    }
}

/// Records what has come, or says what is wrong with it.
async fn record(
    web: &Web,
    kind: RecordKind,
    upload: &mut Upload,
    mut flaws: Vec<Flaw>,
) -> ops::Result<Result<records::Done, Vec<Flaw>>> {
    if let Err(error) = upload.settled() {
        let Error::Invalid(faults) = error else {
            return Err(error);
        };
        flaws.extend(faults.iter().map(|fault| {
            let column = column(kind, fault.pointer.trim_start_matches('/'));
            Flaw::new(column, "", fault.code, &*fault.text.zh, &*fault.text.en)
        }));
        return Ok(Err(flaws));
    }
    let files = upload.files().filter_map(|(name, id)| {
        let column = column(kind, name)?;
        column.is_file().then(|| (column, id.to_string()))
    });
    let line = line(values(kind, &upload.form).chain(files));
    records::record(&web.services, &upload.member.actor, kind, &line).await
}

fn column(kind: RecordKind, name: &str) -> Option<Column> {
    let columns = Column::all(kind).iter().copied();
    columns.into_iter().find(|column| column.key() == name)
}

/// What was typed, by column.
fn values(kind: RecordKind, form: &Typed) -> impl Iterator<Item = (Column, String)> {
    let columns = Column::all(kind).iter().copied();
    columns
        .filter(|column| !column.is_file())
        .map(|column| (column, form.get(column.key()).to_owned()))
        .filter(|(_, text)| !text.is_empty() && text.len() <= TEXT_BYTES)
}

fn line(cells: impl Iterator<Item = (Column, String)>) -> Line {
    let cells = cells.map(|(column, text)| (column, column.title().to_owned(), Cell::Text(text)));
    Line {
        number: 1,
        cells: cells.collect(),
    }
}

/// What is wrong with the texts by themselves; a file that has not come yet is not missing.
fn unreadable(kind: RecordKind, form: &Typed) -> Vec<Flaw> {
    let line = line(values(kind, form));
    let read = match kind {
        RecordKind::Declarations => read_declaration(&line).err(),
        RecordKind::Licences => read_licence(&line).err(),
        RecordKind::Events => read_event(&line).err(),
    };
    let mut flaws = read.unwrap_or_default();
    flaws.retain(|flaw| !flaw.column.is_some_and(Column::is_file));
    let columns = Column::all(kind).iter().copied();
    let too_long = columns.filter(|column| form.get(column.key()).len() > TEXT_BYTES);
    flaws.extend(too_long.map(|column| Flaw::of(column, RejectCode::TooLong, "")));
    flaws
}
