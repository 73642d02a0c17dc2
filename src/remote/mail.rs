//! Mail by the operator's SMTP server. The one place that knows the mail library; TLS as everywhere else here, with
//! rustls, ring and the roots that are built in.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::authentication::Credentials,
};

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte, usually port 465.
    Tls,
    /// After STARTTLS, without which nothing is sent; usually port 587.
    StartTls,
    /// Not at all: for a server on the same host.
    None,
}

/// The operator's settings.
pub struct Settings<'a> {
    pub host: &'a str,
    pub port: u16,
    /// Empty: the server wants no name.
    pub user: &'a str,
    pub password: &'a str,
    /// `开许 <no-reply@example.cn>`
    pub from: &'a str,
    pub encryption: Encryption,
    /// Where people reach us, `https://kaixu.example.cn`; goes into the link.
    pub site: &'a str,
}

/// Why a mail was not sent, or the settings do not fit. Never shows the password.
#[derive(Debug, thiserror::Error)]
#[error("mail: {0}")]
pub struct MailError(String);

/// Sends mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    site: String,
}

const TIMEOUT: Duration = Duration::from_secs(10);

impl Mailer {
    pub fn new(settings: &Settings<'_>) -> Result<Self, MailError> {
        let unfit = |why: String| MailError(format!("[smtp] {why}"));
        let from = settings
            .from
            .parse()
            .map_err(|e| unfit(format!("from: {e}")))?;
        let host = settings.host;
        let builder = match settings.encryption {
            Encryption::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host),
            Encryption::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host),
            Encryption::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(
                host,
            )),
        };
        let mut builder = builder
            .map_err(|e| unfit(format!("host: {e}")))?
            .port(settings.port)
            .timeout(Some(TIMEOUT));
        if !settings.user.is_empty() {
            let (user, password) = (settings.user.to_owned(), settings.password.to_owned());
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self {
            transport: builder.build(),
            from,
            site: settings.site.trim_end_matches('/').to_owned(),
        })
    }

    pub fn site(&self) -> &str {
        &self.site
    }

    /// Sends a text to one address.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), MailError> {
        let to = to.parse().map_err(|e| MailError(format!("address: {e}")))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(|e| MailError(e.to_string()))?;
        let sent = self.transport.send(message).await;
        sent.map(|_| ()).map_err(|e| MailError(e.to_string()))
    }
}
