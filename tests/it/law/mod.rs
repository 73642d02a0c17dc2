//! The law in the pure rules: the gate, the course of declarations and licences, the count. Tables and boundary
//! days first, then random histories against small references that are written from the law's text alone.

mod bounds;
mod count;
mod declarations;
pub mod fixtures;
mod gate;
mod late_licences;
mod licences;
mod model;
mod records;
mod router;
mod scene;
mod sides;
mod taking;
