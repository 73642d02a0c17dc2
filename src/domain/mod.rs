//! The pure rules: no async, no IO, no clock, no SQL, no HTTP. Everything outside parses into these
//! types once and never passes a raw string further.

pub mod access;
pub mod account;
pub mod codes;
pub mod declaration;
pub mod delegation;
pub mod dictionary;
pub mod eligibility;
pub mod encumbrance;
pub mod event;
pub mod file;
pub mod holding;
pub mod id;
pub mod indicator;
pub mod intake;
pub mod inventory;
pub mod licence;
pub mod matching;
pub mod media;
pub mod message;
pub mod money;
pub mod need;
pub mod party;
pub mod patent;
pub mod record;
pub mod refusal;
pub mod register;
pub mod review;
pub mod rules;
pub mod search;
pub mod stock;
pub mod terms;
pub mod text;
pub mod time;
pub mod words;
