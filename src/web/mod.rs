//! stub
pub fn router(_: crate::ops::Services) -> axum::Router {
    axum::Router::new()
}
