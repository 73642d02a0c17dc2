//! stub
pub async fn run(_: crate::config::Config, _: bool, _: std::net::SocketAddr) -> anyhow::Result<()> {
    Ok(())
}
