//! What leaves this installation for another host.

pub mod mail;
