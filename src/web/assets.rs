//! Style and icon, part of the binary. The address carries the content's hash, so a browser keeps a file for
//! ever and yet never shows an old one.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::domain::event::sha256_hex;

struct Asset {
    href: String,
    tag: String,
    media_type: &'static str,
    body: &'static [u8],
}

impl Asset {
    fn new(name: &str, extension: &str, media_type: &'static str, body: &'static [u8]) -> Self {
        let hash = sha256_hex(body);
        Self {
            href: format!("/assets/{name}.{}.{extension}", &hash[..12]),
            tag: format!("\"{}\"", &hash[..32]),
            media_type,
            body,
        }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("assets/style.css");
    Asset::new("style", "css", "text/css; charset=utf-8", body)
});

static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_bytes!("assets/favicon.svg");
    Asset::new("favicon", "svg", "image/svg+xml", body)
});

/// The address of the style sheet.
pub fn style() -> &'static str {
    &STYLE.href
}

/// The address of the icon.
pub fn icon() -> &'static str {
    &ICON.href
}

/// `GET /assets/{file}`
pub async fn show(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let wanted = |asset: &&Asset| asset.href.strip_prefix("/assets/") == Some(file.as_str());
    let Some(asset) = [&*STYLE, &*ICON].into_iter().find(wanted) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = [
        (header::ETAG, asset.tag.as_str()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.tag)) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    let media_type = [(header::CONTENT_TYPE, asset.media_type)];
    (kept, media_type, asset.body).into_response()
}
