//! The tests, one binary. Names are sentences; real databases, never mocks.

mod codes;
mod exports;
mod fields;
mod intake;
mod sheet;
mod smoke;
mod support;
