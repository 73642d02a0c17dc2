//! The tests, one binary. Names are sentences; real databases, never mocks.

mod access;
mod api_lists;
mod api_nasty;
mod api_preconditions;
mod api_problems;
mod codes;
mod config;
mod exports;
mod feed;
mod holdings;
mod intake;
mod layering;
mod migrations;
mod openapi;
mod sheet;
mod smoke;
mod store;
mod store_work;
mod support;
