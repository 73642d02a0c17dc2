//! `/desk/stock`: the holder's own stock, narrowed and ordered; ticked entries, or all that meet the filter, are
//! changed in one go, the latter after a page that says how many; the list as a file.

mod asked;
mod edit;
mod sheet;
mod view;

pub use edit::edit;
pub use sheet::sheet;

use axum::{extract::State, http::StatusCode, response::Response};

use self::asked::Asked;
use crate::{
    domain::stock::StockPlace,
    ops::{self, dictionaries, out, stock, submissions},
    web::{Web, errors, session::Member, visitor::Visitor},
};

/// Entries a page.
const SHOWN: usize = 50;

/// `GET /desk/stock`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    match build(&web, &member, &visitor).await {
        Ok(page) => visitor.form_page(StatusCode::OK, &page),
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn build<'a>(web: &Web, member: &Member, v: &'a Visitor) -> ops::Result<view::Page<'a>> {
    let asked = Asked::of(|name| v.address.first(name))?;
    let after = StockPlace::parse(v.address.first("after"));
    let (services, actor) = (&web.services, &member.actor);
    let filter = &asked.filter;
    let page = stock::list(
        services,
        actor,
        filter,
        asked.order,
        after.as_ref(),
        SHOWN + 1,
    )
    .await?;
    let titled = |wanted: bool| -> Vec<(String, String)> {
        out::layouts(services)
            .filter(|(_, layout)| layout.platform == wanted)
            .map(|(name, layout)| {
                let title = v.t(&layout.title, &layout.title_en);
                (name.to_owned(), title.to_owned())
            })
            .collect()
    };
    let shown: Vec<_> = page.entries.iter().take(SHOWN).collect();
    let ids: Vec<_> = shown
        .iter()
        .map(|entry| entry.entry.holding.value.id.clone())
        .collect();
    let lists = view::Lists {
        layouts: titled(false),
        platforms: titled(true),
        submissions: submissions::of_holdings(services, actor, &ids).await?,
    };
    Ok(view::Page::new(
        v,
        member,
        &asked,
        page,
        lists,
        &dictionaries::all(services).await?,
        services.clock.today(),
    ))
}
