//! The tests, one binary. Names are sentences; real databases, never mocks.

mod smoke;
mod support;
