//! The form's two addresses: whose form it is, and the page that answers it.

use axum::{
    extract::{Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

use super::{
    super::{errors, visitor::Visitor},
    most,
    posted::Posted,
    unkept,
    view::{Filled, Form, Recorded},
};
use crate::{
    domain::{record::RecordKind, text::Text},
    ops::{Error, Services, records},
};

pub async fn declaration(
    State(services): State<Services>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    answer(
        &services,
        &visitor,
        &headers,
        RecordKind::Declarations,
        form,
    )
    .await
}

pub async fn licence(
    State(services): State<Services>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    answer(&services, &visitor, &headers, RecordKind::Licences, form).await
}

async fn answer(
    services: &Services,
    visitor: &Visitor,
    headers: &HeaderMap,
    kind: RecordKind,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    if !is_ours(headers) {
        let whole = Text::new(
            "这张表单不是从本站提交的，没有处理。请在本页重新填写后提交。",
            "This form was not sent from this site and was not handled. Fill it in here and send it again.",
        );
        return refused(visitor, kind, StatusCode::FORBIDDEN, whole);
    }
    let Ok(form) = form else {
        let whole = Text::new(
            "表单的格式无法识别，请在本页填写后提交。",
            "The form cannot be read; fill it in on this page.",
        );
        return refused(visitor, kind, StatusCode::BAD_REQUEST, whole);
    };
    let mut posted = Posted::new(services, kind);
    let outcome = match posted.receive(form).await {
        Ok(()) => posted.record().await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(Ok(done)) => {
            let status = match done {
                records::Done::Recorded(_) => StatusCode::CREATED,
                _ => StatusCode::OK,
            };
            unkept(visitor.page(status, &Recorded::new(visitor, kind, &done)))
        }
        Ok(Err(status)) => unkept(visitor.page(status, &Form::new(visitor, kind, posted.filled))),
        Err(Error::TooLarge { .. }) => {
            let limit = most(services) as u64;
            errors::page(visitor, &Error::TooLarge { limit })
        }
        Err(error) => errors::page(visitor, &error),
    }
}

fn refused(visitor: &Visitor, kind: RecordKind, status: StatusCode, whole: Text) -> Response {
    let filled = Filled {
        whole: vec![whole],
        ..Filled::default()
    };
    unkept(visitor.page(status, &Form::new(visitor, kind, filled)))
}

/// Was the form sent from one of our own pages? Browsers say so; what is no browser says nothing.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST.as_str())
        }
        (None, None) => true,
    }
}
