//! Signing in with a provider outside (OpenID Connect): whom the operator lets in by it, and what the provider must have
//! said of a person. That a provider knows somebody makes nobody an account.

use serde_json::{Map, Value};

use super::{access::Role, account::Login, words::words};

words! {
    /// What somebody left for a provider for.
    pub enum Purpose {
        SignIn = "signIn";
        /// To bind who they are there to the account that they are signed in with.
        Link = "link";
        /// To accept an invitation without a password.
        Invitation = "invitation";
    }
}

/// What the operator says of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// In addresses: lower-case letters, digits and hyphens.
    pub name: String,
    /// As people read it.
    pub label: String,
    /// Whose accounts may be entered by it; an administrator's with the office's.
    pub circles: Vec<Circle>,
    pub rule: Option<ClaimRule>,
    /// It verifies e-mail addresses, so that one that equals a login is proof enough at the first sign-in.
    pub trusts_email: bool,
}

/// A circle of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circle {
    Office,
    Holders,
    Enterprises,
}

/// A claim that must lie in one of some domains: `email` in `hitwh.edu.cn`, `hd` equal to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRule {
    pub claim: String,
    pub domains: Vec<String>,
}

/// Whom a provider has vouched for, in a token that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub issuer: String,
    /// Stable and never given to another (OpenID Connect Core 1.0, 2: `sub`).
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: bool,
    /// All that was said.
    pub claims: Map<String, Value>,
}

impl Provider {
    /// May an account in this role be entered by it?
    pub fn admits(&self, role: Role) -> bool {
        let circle = match role {
            Role::Office | Role::Administrator => Circle::Office,
            Role::Holder => Circle::Holders,
            Role::Enterprise => Circle::Enterprises,
            Role::Anonymous | Role::Platform => return false,
        };
        self.circles.contains(&circle)
    }

    /// Has it said of the person what the operator wants said?
    pub fn vouches_for(&self, person: &Person) -> bool {
        let Some(rule) = &self.rule else {
            return true;
        };
        if rule.claim == "email" && !person.email_verified {
            return false;
        }
        match person.claims.get(&rule.claim) {
            Some(Value::String(text)) => rule.holds(text),
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(|t| rule.holds(t)),
            _ => false,
        }
    }

    /// The login that the person's address proves, where the operator takes the provider's word for it.
    pub fn proven_login(&self, person: &Person) -> Option<Login> {
        let address = person.email.as_deref()?;
        let login = Login::parse(address).ok()?;
        (self.trusts_email && person.email_verified && login.is_mail()).then_some(login)
    }
}

impl ClaimRule {
    fn holds(&self, text: &str) -> bool {
        let domain = text.rsplit_once('@').map_or(text, |(_, domain)| domain);
        let domain = domain.trim();
        self.domains.iter().any(|d| d.eq_ignore_ascii_case(domain))
    }
}
