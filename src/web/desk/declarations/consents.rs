//! Asking a co-owner or a pledgee for consent, on the page of a draft: whoever has an account here answers signed in; for
//! everybody else the written consent is uploaded with the draft, or with the pledge.

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    outcome::{id_of, told},
    show,
};
use crate::{
    domain::{
        declaration::{Declaration, DeclarationState},
        encumbrance::EncumbranceKind,
    },
    ops::{consents, declarations::Dossier},
    web::{
        Web, errors,
        form::{Field, Form, FormView},
        session::{Member, see_other},
        visitor::Visitor,
    },
};

/// The form, where somebody else has to consent: title, address, form.
pub fn form(
    v: &Visitor,
    dossier: &Dossier,
    value: &Declaration,
) -> Option<(String, String, FormView)> {
    let missing = dossier
        .co_owners()
        .iter()
        .any(|name| !value.has_consent_of(name));
    let pledged = dossier
        .encumbrances
        .iter()
        .any(|lying| lying.value.kind == EncumbranceKind::Pledge && lying.value.consent.is_none());
    if value.state != DeclarationState::Draft || !(missing || pledged) {
        return None;
    }
    let hint = v.t(
        "对方已在本平台登记的，可以登录后答复；草稿改动使用费或期限后须重新征求。未登记的，请上传书面同意。",
        "Whoever is registered here answers signed in; after a change of fee or period it is asked anew. From others upload a written consent.",
    );
    let label = v.t(
        "共有人或质权人的统一社会信用代码",
        "Credit code of the co-owner or pledgee",
    );
    let action = format!("/desk/declarations/{}/ask-consent", value.id);
    let fields = vec![Field::new("party", label).hint(hint)];
    let form = FormView::new(v, &action, v.t("征求同意", "Ask"), fields);
    let title = v.t(
        "请共有人、质权人在线同意",
        "Ask co-owners and pledgees to consent",
    );
    Some((title.to_owned(), action, form))
}

/// `POST /desk/declarations/{id}/ask-consent`
pub async fn ask(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let asked = async {
        let (services, actor) = (&web.services, &member.actor);
        consents::ask(
            services,
            actor,
            None,
            &id_of(&id)?,
            form.get("party").trim(),
        )
        .await
    };
    let v = &form.visitor;
    match asked.await.map_err(told) {
        Ok(_) => see_other("/desk/consents"),
        Err(Ok(error)) => {
            let action = format!("/desk/declarations/{id}/ask-consent");
            show::page(&web, v, &member, &id, Some((&action, &form, &error))).await
        }
        Err(Err(error)) => errors::page(v, &error),
    }
}
