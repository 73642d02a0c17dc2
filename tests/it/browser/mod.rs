//! The product as people meet it: the demonstration, a real Chromium, no script of ours. `gallery` visits every page
//! that links lead to; `journey` takes a licence.

mod checks;
mod gallery;
mod journey;
mod mapping;

use crate::support::{
    process::{Installation, bare_command},
    server::Running,
};

/// Of every account of the demonstration.
pub const PASSWORD: &str = "kaixu-demo-2026";

/// The demonstration, in a folder of its own.
async fn demo(place: &Installation) -> Running {
    let mut command = bare_command(place.folder.path());
    command.args(["demo", "--listen", "127.0.0.1:0"]);
    Running::start(command).await
}
