//! What is done to a licence from its page: delivery, payment, filing, answer, annulment. Each is one operation with the
//! version that was read; a payment that is sent twice counts once.

use axum::{
    extract::{Path, Request, State},
    response::Response,
};

use super::one::after;
use crate::{
    domain::{
        id::Id,
        licence::{Filing, Licence, Verdict},
        money::Fen,
        record::yuan,
        text::Text,
    },
    ops::{
        self, Error,
        idempotency::Key,
        licences::{self, NewPayment, Proof},
    },
    web::{
        Web,
        form::{Form, day},
        session::Member,
        upload::{self, Upload},
    },
};

fn id(text: &str) -> ops::Result<Id> {
    Id::parse(text).ok_or(Error::NotFound("licence"))
}

fn version(form: &Form) -> ops::Result<i64> {
    form.get("version")
        .parse()
        .map_err(|_| Error::NotFound("licence"))
}

/// `POST /desk/licences/{id}/delivery`
pub async fn deliver(State(web): State<Web>, Path(at): Path<String>, request: Request) -> Response {
    let received = upload::receive(&web, request, |_, form| day(form, "on").map(|_| ()));
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let done = async {
        upload.settled()?;
        let (proof, on) = (upload.required("file")?, day(&upload.form, "on")?);
        let (id, expected) = (id(&at)?, version(&upload.form)?);
        licences::deliver(
            &web.services,
            &upload.member.actor,
            &id,
            expected,
            on,
            &proof,
        )
        .await
    };
    let done = done.await.map(|_| ());
    after(&web, &upload.member, &upload.form, &at, "delivery", done).await
}

fn amount(form: &Form) -> ops::Result<Fen> {
    let text = Text::new(
        "请填写金额，例如 20000 或 2万元。",
        "Give an amount in yuan, for instance 20000.",
    );
    yuan(form.get("amount")).map_err(|_| Error::fault("/amount", "amountInvalid", text.zh, text.en))
}

/// `POST /desk/licences/{id}/payments`
pub async fn pay(State(web): State<Web>, Path(at): Path<String>, request: Request) -> Response {
    let checked = |_: &Member, form: &Form| amount(form).and(day(form, "paidOn")).map(|_| ());
    let mut upload = match upload::receive(&web, request, checked).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let done = paid(&web, &mut upload, &at).await;
    after(&web, &upload.member, &upload.form, &at, "payments", done).await
}

/// A voucher of the licensee's, a receipt of the patentee's; an officer says which.
async fn paid(web: &Web, upload: &mut Upload, at: &str) -> ops::Result<()> {
    upload.settled()?;
    let (services, form) = (&web.services, &upload.form);
    let (actor, id) = (&upload.member.actor, id(at)?);
    let licence = ops::dealings::get(services, actor, &id)
        .await?
        .licence
        .value;
    let proof = proof(&upload.member, form, &licence);
    let file = match proof {
        Proof::Voucher => Some(upload.required("file")?),
        Proof::Receipt => upload.file("file").cloned(),
    };
    let new = NewPayment {
        amount_fen: amount(form)?,
        paid_on: day(form, "paidOn")?,
        proof,
        file,
    };
    // The files of two sendings differ; what was typed and the page it was typed on do not.
    let asked = format!("{id} {:?} {} {proof:?}", new.amount_fen, new.paid_on);
    let key = Key::new(actor, form.get("once"), "addPayment", asked.as_bytes());
    let key = (form.get("once").len() == 64).then_some(&key);
    licences::pay(services, actor, key, &id, new)
        .await
        .map(|_| ())
}

fn proof(member: &Member, form: &Form, licence: &Licence) -> Proof {
    let holds = member.actor.organisation.as_ref() == Some(&licence.holder);
    if holds || (member.is_officer() && form.get("proof") == "receipt") {
        Proof::Receipt
    } else {
        Proof::Voucher
    }
}

/// `POST /desk/licences/{id}/filing`
pub async fn file(State(web): State<Web>, Path(at): Path<String>, request: Request) -> Response {
    let received = upload::receive(&web, request, |_, form| day(form, "on").map(|_| ()));
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let done = async {
        upload.settled()?;
        let form = &upload.form;
        let filing = Filing {
            number: form.get("number").to_owned(),
            on: day(form, "on")?,
        };
        let (id, expected) = (id(&at)?, version(form)?);
        let actor = &upload.member.actor;
        let certificate = upload.file("file");
        licences::file(&web.services, actor, &id, expected, &filing, certificate).await
    };
    let done = done.await.map(|_| ());
    after(&web, &upload.member, &upload.form, &at, "filing", done).await
}

/// `POST /desk/licences/{id}/answer`
pub async fn answer(
    State(web): State<Web>,
    member: Member,
    Path(at): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let (id, expected) = (id(&at)?, version(&form)?);
        let verdict = Verdict::parse(form.get("verdict")).ok_or(Error::NotFound("licence"))?;
        let statement = Some(form.get("statement")).filter(|text| !text.is_empty());
        licences::answer(
            &web.services,
            &member.actor,
            &id,
            expected,
            verdict,
            statement,
        )
        .await
    };
    let done = done.await.map(|_| ());
    after(&web, &member, &form, &at, "answer", done).await
}

/// `POST /desk/licences/{id}/annulment`
pub async fn annul(
    State(web): State<Web>,
    member: Member,
    Path(at): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let (id, expected) = (id(&at)?, version(&form)?);
        licences::annul(
            &web.services,
            &member.actor,
            &id,
            expected,
            form.get("reason"),
        )
        .await
    };
    let done = done.await.map(|_| ());
    after(&web, &member, &form, &at, "annulment", done).await
}
