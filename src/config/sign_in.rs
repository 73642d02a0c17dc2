//! Who signs in with what, and what is kept of it.

use serde::Deserialize;

use super::Password;

/// Sign-ins, and what is kept of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    /// Accounts of the office must have a second factor.
    pub office_second_factor: bool,
    /// The audit's lines are kept so long, days; at least 400.
    pub audit_days: AuditDays,
}

/// How long the audit's lines are kept.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub struct AuditDays(u32);

impl AuditDays {
    const LEAST: u32 = 400;

    pub fn days(self) -> i64 {
        i64::from(self.0)
    }
}

impl Default for AuditDays {
    fn default() -> Self {
        Self(Self::LEAST)
    }
}

impl TryFrom<u32> for AuditDays {
    type Error = &'static str;
    fn try_from(days: u32) -> Result<Self, Self::Error> {
        (days >= Self::LEAST)
            .then_some(Self(days))
            .ok_or("the audit is kept for at least 400 days")
    }
}

/// A provider to sign in with (OpenID Connect).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// In addresses: `https://SITE/signin/with/NAME` is where it sends browsers back.
    pub name: ProviderName,
    /// As people read it; without one, the name.
    #[serde(default)]
    pub label: String,
    pub issuer: String,
    pub client_id: String,
    /// Empty: it knows us by PKCE alone.
    #[serde(default)]
    pub secret: Password,
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// Whose accounts it opens.
    #[serde(rename = "for")]
    pub circles: Vec<Circle>,
    /// This claim must lie in one of `domains`.
    #[serde(default)]
    pub claim: String,
    #[serde(default)]
    pub domains: Vec<String>,
    /// It verifies e-mail addresses: one that equals a login links at the first sign-in.
    #[serde(default)]
    pub trust_email: bool,
}

fn usual_scopes() -> Vec<String> {
    ["profile", "email"].map(str::to_owned).into()
}

/// Whose accounts a provider opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Circle {
    Office,
    Holders,
    Enterprises,
}

/// A name in addresses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ProviderName(String);

impl ProviderName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProviderName {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        ((1..=40).contains(&text.len()) && text.bytes().all(plain))
            .then_some(Self(text))
            .ok_or("a provider's name has 1 to 40 lower-case letters, digits and hyphens")
    }
}
