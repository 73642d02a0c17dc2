//! The folder of real test data, where there is one. It is never part of the project.

use std::path::PathBuf;

/// Does KAIXU_REQUIRE name this part?
pub fn required(part: &str) -> bool {
    std::env::var("KAIXU_REQUIRE")
        .unwrap_or_default()
        .split(',')
        .any(|p| p.trim() == part)
}

/// The data folder, or `None` with a line that says what is skipped.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var("KAIXU_TEST_DATA").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        !required("data"),
        "data is required, but there is no folder {}",
        folder.display()
    );
    eprintln!("skipped: no test data at {}", folder.display());
    None
}
