//! The mail server.

use serde::Deserialize;

use super::Password;

/// The mail server; without a host no mail is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    /// Empty: the server wants no name and password.
    pub user: String,
    pub password: Password,
    /// `开许 <no-reply@example.cn>`
    pub from: String,
    pub tls: Tls,
    /// Where people reach this installation, for the link in a mail.
    pub site: String,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    #[default]
    Tls,
    StartTls,
    None,
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 465,
            user: String::new(),
            password: Password::default(),
            from: String::new(),
            tls: Tls::Tls,
            site: String::new(),
        }
    }
}
