//! What leaves this installation for another host.

pub mod http;
pub mod mail;
pub mod oidc;
