//! What cures a finding of the gate: a dated finding of the legal status with its document, the release of what lies
//! on a patent, a pledgee's consent. Each leads back to where the gate was shown.

use axum::{
    extract::{Path, Request, State},
    response::Response,
};

use super::{
    outcome::{day, id_of, maybe, maybe_day, told, version},
    show, write,
};
use crate::{
    domain::{id::Id, patent::LegalStatus},
    ops::{
        self, Error,
        encumbrances::{self, EncumbrancePatch},
        patents::{self, StatusFinding},
    },
    web::{
        Web, errors,
        session::see_other,
        upload::{self, Upload},
    },
};

/// `POST /desk/patents/{number}/status`
pub async fn status(
    State(web): State<Web>,
    Path(number): Path<String>,
    request: Request,
) -> Response {
    let mut upload =
        match upload::receive(&web, request, |_, form| day(form, "asOf").map(|_| ())).await {
            Ok(upload) => upload,
            Err(refusal) => return refusal,
        };
    let outcome = put_status(&web, &mut upload, &number).await;
    done(
        &web,
        &upload,
        &format!("/desk/patents/{number}/status"),
        outcome,
    )
    .await
}

async fn put_status(web: &Web, upload: &mut Upload, number: &str) -> ops::Result<()> {
    upload.settled()?;
    let form = &upload.form;
    let unknown = || {
        Error::fault(
            "/legalStatus",
            "valueInvalid",
            "请选择法律状态。",
            "Choose a legal status.",
        )
    };
    let finding = StatusFinding {
        legal_status: LegalStatus::parse(form.get("legalStatus")).ok_or_else(unknown)?,
        text: maybe(form, "statusText"),
        as_of: day(form, "asOf")?,
        source: upload.required("source")?,
    };
    let number = patents::parse_number(number)?;
    patents::put_status(&web.services, &upload.member.actor, &number, finding).await?;
    Ok(())
}

/// `POST /desk/encumbrances/{id}`
pub async fn encumbrance(
    State(web): State<Web>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let check = |_: &_, form: &_| maybe_day(form, "releasedOn").map(|_| ());
    let mut upload = match upload::receive(&web, request, check).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let outcome = add_to(&web, &mut upload, &id).await;
    done(&web, &upload, &format!("/desk/encumbrances/{id}"), outcome).await
}

async fn add_to(web: &Web, upload: &mut Upload, id: &str) -> ops::Result<()> {
    upload.settled()?;
    let id = Id::parse(id).ok_or(Error::NotFound("encumbrance"))?;
    let patch = EncumbrancePatch {
        released_on: maybe_day(&upload.form, "releasedOn")?,
        consent: upload.file("consent").cloned(),
        source: upload.file("source").cloned(),
        ..EncumbrancePatch::default()
    };
    let expected = version(&upload.form)?;
    encumbrances::update(&web.services, &upload.member.actor, &id, expected, patch).await?;
    Ok(())
}

/// Back to the page with the gate, or that page again with what is wrong.
async fn done(web: &Web, upload: &Upload, action: &str, outcome: ops::Result<()>) -> Response {
    let form = &upload.form;
    let (declaration, number) = (form.get("declaration"), form.get("number"));
    let Err(error) = outcome else {
        let number =
            percent_encoding::utf8_percent_encode(number, percent_encoding::NON_ALPHANUMERIC);
        return see_other(&match id_of(declaration) {
            Ok(id) => format!("/desk/declarations/{id}"),
            Err(_) => format!("/desk/declarations/new?number={number}"),
        });
    };
    let v = &form.visitor;
    match told(error) {
        Ok(error) => {
            let failed = Some((action, form, &error));
            if declaration.is_empty() {
                write::begin_page(web, v, &upload.member, number, failed).await
            } else {
                show::page(web, v, &upload.member, declaration, failed).await
            }
        }
        Err(error) => errors::page(v, &error),
    }
}
