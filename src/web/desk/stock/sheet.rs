//! `GET /desk/stock/sheet`: the list as it is narrowed, in a layout and a format of one's choice.

use axum::{extract::State, response::Response};

use super::asked::Asked;
use crate::{
    ops::{
        self, Error,
        out::{self, Made, OutFormat},
    },
    web::{Web, errors, out::sent, session::Member, visitor::Visitor},
};

pub async fn sheet(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match make(&web, &member, &visitor).await {
        Ok(made) => sent(made, "stock"),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn make(web: &Web, member: &Member, visitor: &Visitor) -> ops::Result<Made> {
    let asked = Asked::of(|name| visitor.address.first(name))?;
    let format = OutFormat::parse(visitor.address.first("format"));
    let format = format.ok_or(Error::NotFound("format"))?;
    let layout = visitor.address.first("layout");
    out::stock(&web.services, &member.actor, &asked.filter, layout, format).await
}
