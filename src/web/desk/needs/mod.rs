//! `/desk/needs`: an enterprise's own needs, and for each the patents that may answer it, with what speaks for and
//! against them and two buttons to say so. An officer comes here from a need's public page.

mod form;
mod one;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use form::{content, need_form};
pub use one::{feedback, show, step, update};

use super::{Nav, Tab};
use crate::{
    domain::{need::Need, text::Text},
    ops::{
        needs::{self, NewNeed},
        out::List,
    },
    web::{
        Web,
        address::Address,
        errors,
        form::{Form, FormView, status_of},
        needs::{facts, standing},
        out::Files,
        session::{Member, see_other},
        visitor::Visitor,
    },
};

const HERE: &str = "/desk/needs";

#[derive(Template)]
#[template(path = "desk_needs.html")]
struct Own<'a> {
    v: &'a Visitor,
    nav: Nav,
    lines: Vec<OwnLine>,
    files: Option<Files>,
    /// Open where it did not pass, or where there is no need yet.
    unfolded: bool,
    form: FormView,
}

struct OwnLine {
    href: String,
    title: String,
    standing: Text,
    facts: Vec<Text>,
}

/// `GET /desk/needs`
pub async fn list(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let form = need_form(&visitor, HERE, None);
    own_page(&web, &visitor, &member, form, StatusCode::OK).await
}

async fn own_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    form: FormView,
    status: StatusCode,
) -> Response {
    let today = web.services.clock.today();
    match needs::list_own(&web.services, &member.actor).await {
        Ok(own) => {
            let line = |need: &Need| OwnLine {
                href: format!("{HERE}/{}", need.id),
                title: need.title.clone(),
                standing: standing(need, today),
                facts: facts(need, v),
            };
            let page = Own {
                v,
                nav: Nav::new(v, member, Tab::Needs),
                unfolded: own.is_empty() || status != StatusCode::OK,
                lines: own.iter().map(|stored| line(&stored.value)).collect(),
                files: own.first().map(|need| {
                    let own = need.value.organisation.to_string();
                    Files::of(List::Needs, &Address::default().set("organisation", &own))
                }),
                form,
            };
            v.form_page(status, &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

/// `POST /desk/needs`: a new draft, and on to its page.
pub async fn create(State(web): State<Web>, member: Member, form: Form) -> Response {
    let made = async {
        let new = NewNeed {
            organisation: None,
            content: content(&form)?,
        };
        needs::create(&web.services, &member.actor, None, new).await
    };
    match made.await {
        Ok(made) => see_other(&format!("{HERE}/{}", made.record.record.value.id)),
        Err(error) => match status_of(&error) {
            Some(status) => {
                let shown = need_form(&form.visitor, HERE, None).filled(&form, &error);
                own_page(&web, &form.visitor, &member, shown, status).await
            }
            None => errors::page(&form.visitor, &error),
        },
    }
}
