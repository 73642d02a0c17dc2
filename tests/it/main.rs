//! The tests, one binary. Names are sentences; real databases, never mocks.

mod cli;
mod codes;
mod demo;
mod exports;
mod fields;
mod follow;
mod imports;
mod index;
mod intake;
mod keep;
mod memory;
mod pages;
mod real_files;
mod register;
mod resume;
mod search;
mod sheet;
mod smoke;
mod support;
mod visits;
