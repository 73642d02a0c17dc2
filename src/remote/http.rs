//! The guarded client: the one way over HTTP to other hosts. It follows no redirect, takes no more than it was told to,
//! waits no longer than a few seconds, speaks TLS with the stack that everything here speaks, and reaches no address of
//! this or a private network, whatever a name resolves to, unless the operator has named that host.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(15);

/// Why another host gave no answer. Shows no address with what stands in it.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("the operator has not allowed this host: {0}")]
    Forbidden(String),
    #[error("more than {0} bytes")]
    TooLarge(usize),
    #[error("{0}")]
    Away(String),
}

/// Asks other hosts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Guarded {
    client: reqwest::Client,
    hosts: Hosts,
}

/// The hosts that may have a private address and be asked without TLS.
#[derive(Clone, Debug)]
struct Hosts(Arc<[String]>);

impl Hosts {
    fn name(&self, host: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

impl Guarded {
    /// `hosts` are names or addresses in the operator's own network.
    pub fn new(hosts: &[String]) -> Result<Self, HttpError> {
        let hosts = Hosts(hosts.into());
        let unfit = |why: &dyn std::fmt::Display| HttpError::Away(format!("TLS: {why}"));
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let tls = rustls::ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .map_err(|e| unfit(&e))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .dns_resolver(hosts.clone())
            .build()
            .map_err(|e| unfit(&e))?;
        Ok(Self { client, hosts })
    }

    /// Sends one request; the answer's body has at most so many bytes.
    pub async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        most_bytes: usize,
    ) -> Result<http::Response<Vec<u8>>, HttpError> {
        self.check(request.uri())?;
        let away = |error: reqwest::Error| HttpError::Away(said(&error.without_url()));
        let request = reqwest::Request::try_from(request).map_err(away)?;
        let mut answer = self.client.execute(request).await.map_err(away)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            if body.len() + chunk.len() > most_bytes {
                return Err(HttpError::TooLarge(most_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        let mut out = http::Response::new(body);
        *out.status_mut() = answer.status();
        *out.headers_mut() = answer.headers().clone();
        Ok(out)
    }

    /// May this be asked? Names are looked at once more when they are resolved.
    fn check(&self, address: &http::Uri) -> Result<(), HttpError> {
        let host = address.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let forbidden = || HttpError::Forbidden(bare.to_owned());
        if self.hosts.name(bare) {
            return Ok(());
        }
        let open = bare.parse::<IpAddr>().map_or(true, is_public);
        let tls = address.scheme_str() == Some("https");
        (tls && open && !bare.is_empty())
            .then_some(())
            .ok_or_else(forbidden)
    }
}

/// An error with its causes.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl Resolve for Hosts {
    fn resolve(&self, name: Name) -> Resolving {
        let named = self.name(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let open: Vec<SocketAddr> = found
                .filter(|found| named || is_public(found.ip()))
                .collect();
            if open.is_empty() {
                return Err(HttpError::Forbidden(name.as_str().to_owned()).into());
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

/// Is it an address of the public internet (IANA's registries of special-purpose addresses)?
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127 | 224.., ..]
        | [169, 254, ..]
        | [192, 168, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => true,
        [100, second, ..] => second & 0xc0 == 0x40,
        [172, second, ..] => second & 0xf0 == 0x10,
        [198, second, ..] => second & 0xfe == 0x12,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // What is translated or tunnelled goes where its IPv4 address lies.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => inner(high, low),
        // Of 2001::/23 nothing, of the global unicast addresses all else but the documentation's.
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x3fff, second, ..] => second >= 0x1000,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}
