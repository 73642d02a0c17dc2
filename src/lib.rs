//! Kaixu 开许: an open-licensing patent marketplace.
//!
//! The path of a patent from a holder's file to the world, and of a licence from the notice to the count:
//!
//! 1. [`sheet`] reads the bytes of a CSV, JSONL, XLSX, XLS, ODS, XML or ZIP file into rows, within fixed memory.
//! 2. [`domain::intake`] turns a row into a patent or refuses it with column, reason and remedy; [`domain`] holds
//!    the law: [`domain::eligibility`], [`domain::declaration`], [`domain::licence`], [`domain::indicator`].
//! 3. [`ops`] opens the one writing transaction: permission, pure rule, record, change row, commit.
//! 4. [`store`] numbers and hashes the change rows as it commits: the audit chain (SQLite or PostgreSQL).
//! 5. [`search`] follows the change rows into its own index and answers every search from there.
//! 6. [`api`] and [`web`] shape what [`ops`] answers; nothing after the commit can fail a request.
//! 7. The world follows the same rows: `GET /v1/snapshots/latest`, then `GET /v1/changes`.
//!
//! Imports point one way: `main → app → {api, web, jobs} → ops → {store, search, sheet} → domain`.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod jobs;
pub mod ops;
pub mod remote;
pub mod search;
pub mod sheet;
pub mod store;
pub mod telemetry;
pub mod web;
