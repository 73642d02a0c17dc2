//! `/desk/stock`: the holder's own stock, narrowed and ordered; ticked entries, or all that meet the filter, are
//! changed in one go, the latter after a page that says how many; the list as a file.

mod asked;
mod edit;
mod sheet;
mod view;

pub use edit::edit;
pub use sheet::sheet;

use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;

use self::asked::Asked;
use crate::{
    domain::stock::StockPlace,
    ops::{self, dictionaries, out, stock},
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
    Ok(view::Page::new(
        v,
        member,
        &asked,
        page,
        out::layouts(services)
            .map(|(name, layout)| {
                (
                    name.to_owned(),
                    v.t(&layout.title, &layout.title_en).to_owned(),
                )
            })
            .collect(),
        &dictionaries::all(services).await?,
        services.clock.today(),
    ))
}

/// `GET /desk/stock.csv`: the list as it is narrowed, a piece at a time.
pub async fn csv(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let asked = Asked::of(|name| visitor.address.first(name));
    let first = async {
        let asked = asked?;
        let piece = stock::piece(&web.services, &member.actor, &asked.filter, None).await?;
        Ok::<_, ops::Error>((asked, piece))
    };
    let (asked, piece) = match first.await {
        Ok(begun) => begun,
        Err(error) => return errors::page(&visitor, &error),
    };
    let today = web.services.clock.today();
    let begin = stream::once(std::future::ready(Ok::<_, ops::Error>(Bytes::from(
        view::csv_header(&visitor),
    ))));
    let rest = stream::try_unfold(
        (web, member, visitor, Some(piece)),
        move |(web, member, visitor, piece)| {
            let filter = asked.filter.clone();
            async move {
                let Some(piece) = piece.filter(|piece| !piece.is_empty()) else {
                    return Ok(None);
                };
                let bytes = Bytes::from(view::csv_lines(&visitor, &piece, today));
                let after = piece.last().map(|last| StockPlace {
                    key: String::new(),
                    number: last.entry.patent.number.clone(),
                });
                let next =
                    stock::piece(&web.services, &member.actor, &filter, after.as_ref()).await?;
                Ok(Some((bytes, (web, member, visitor, Some(next)))))
            }
        },
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"stock.csv\"",
        ),
    ];
    let body = Body::from_stream(futures_util::StreamExt::chain(begin, rest));
    (headers, body).into_response()
}
