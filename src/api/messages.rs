//! /v1/messages: the caller's inbox.

use axum::{
    extract::State as Extract,
    http::{HeaderMap, Uri},
    response::Response,
};
use serde::Serialize;

use super::{
    State,
    extract::{Params, Who},
    lang_of,
    page::{Page, Place, linked},
    problem::Refusal,
};
use crate::{
    domain::{
        id::Id,
        message::{Message, MessageKind},
        text::Lang,
        time::Instant,
    },
    ops::{Error, inbox},
};

/// A message of a legal event.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageOut {
    pub id: Id,
    pub kind: MessageKind,
    /// In the language asked for, as is the text.
    pub title: &'static str,
    /// The record that it speaks of.
    #[schema(example = "licences/…")]
    pub subject: String,
    /// The patent that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ZL201910699568.X")]
    pub zl: Option<String>,
    pub text: String,
    /// RFC 3339
    pub at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
    #[serde(skip)]
    place: i64,
}

fn out(message: Message, lang: Lang) -> MessageOut {
    MessageOut {
        id: message.id,
        place: message.place,
        title: match lang {
            Lang::Zh => message.kind.zh(),
            Lang::En => message.kind.en(),
        },
        kind: message.kind,
        subject: message.subject,
        zl: message.number.map(|number| number.zl()),
        text: message.text.in_lang(lang).to_owned(),
        at: message.at.rfc3339(),
        read_at: message.read_at.map(Instant::rfc3339),
    }
}

/// List your messages (an officer: the office's), the newest first.
#[utoipa::path(get, path = "/v1/messages", operation_id = "listMessages", tag = "messages",
    security(("apiKey" = [])),
    params(
        ("state" = Option<String>, Query, description = "`unread`: only those that nobody has read"),
        ("limit" = Option<usize>, Query, minimum = 1, maximum = 200, description = "50 by default"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<MessageOut>)))]
pub async fn list(
    Extract(state): Extract<State>,
    Who(actor): Who,
    uri: Uri,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    let unread = params
        .word(
            "state",
            |text| (text == "unread").then_some(()),
            &["unread"],
        )?
        .is_some();
    let place = Place::take(
        &mut params,
        &format!("messages {unread} {:?}", actor.sight()),
    )?;
    params.finish()?;
    let after = place.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_| Error::CursorInvalid)?;
    let (items, total) =
        inbox::list(&state.services, &actor, unread, after, place.limit + 1).await?;
    let lang = lang_of(&headers);
    let items = items.into_iter().map(|m| out(m, lang)).collect();
    let page = place.page(items, total, |message: &MessageOut| {
        message.place.to_string()
    });
    Ok(linked(&uri, page.next.clone().as_deref(), page))
}
