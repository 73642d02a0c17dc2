//! The direction of imports (design, §1): every path of every source is compared with one table. A violation
//! names file and line.

mod paths;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// What each folder may import of the crate.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("search", &["domain", "store"]),
    ("sheet", &["domain"]),
    ("remote", &["domain"]),
    ("ops", &["domain", "store", "search", "sheet", "remote"]),
    ("jobs", &["ops", "store", "remote", "domain"]),
    ("api", &["ops", "domain"]),
    ("web", &["ops", "domain"]),
    ("config", &[]),
    ("telemetry", &[]),
];
/// They assemble the parts and may import all.
const ASSEMBLE: &[&str] = &["app", "cli", "main", "lib"];
/// Of the store, a worker may know its jobs and how it fails.
const STORE_FOR_JOBS: &[&str] = &["jobs", "Error", "Result"];
/// Crates that stay behind one door.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("tantivy", &["search"]),
    ("axum", &["api", "web", "app"]),
    ("reqwest", &["remote"]),
    ("lettre", &["remote"]),
    ("argon2", &["ops"]),
    // Settings, and the layouts of sheets that an operator writes.
    ("toml", &["config", "sheet"]),
    ("clap", &["cli", "main"]),
];
/// The pure rules know none of these.
const IMPURE: &[&str] = &["tokio", "async", "await"];
const IMPURE_STD: &[&str] = &["fs", "net", "env", "process", "thread"];

struct Source {
    /// Relative to `src`.
    file: PathBuf,
    text: String,
}

impl Source {
    fn new(file: &str, text: &str) -> Self {
        Self {
            file: file.into(),
            text: text.into(),
        }
    }

    /// `search/cursor.rs` → `["search", "cursor"]`, `search/mod.rs` → `["search"]`.
    fn module(&self) -> Vec<String> {
        let path = self.file.with_extension("");
        let mut names: Vec<String> = path
            .iter()
            .map(|p| p.to_string_lossy().into_owned())
            .collect();
        if names.last().is_some_and(|last| last == "mod") {
            names.pop();
        }
        names
    }

    fn layer(&self) -> String {
        self.module().first().cloned().unwrap_or_default()
    }
}

/// Every source of the crate.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("readable");
                found.push(Source {
                    file: path.strip_prefix(&root).expect("inside").to_owned(),
                    text,
                });
            }
        }
    }
    assert!(found.len() > 50, "only {} sources found", found.len());
    found
}

/// What a source must not name, each as `src/FILE:LINE what`.
fn violations(source: &Source, layers: &BTreeSet<String>) -> Vec<String> {
    let layer = source.layer();
    let mut found = Vec::new();
    let allowed = MAY_IMPORT
        .iter()
        .find(|(name, _)| *name == layer)
        .map(|(_, allowed)| *allowed);
    if allowed.is_none() && !ASSEMBLE.contains(&layer.as_str()) {
        found.push(format!(
            "src/{}:1 {layer} has no row in the table",
            source.file.display()
        ));
    }
    for named in paths::named(&source.text, &source.module()) {
        let mut refuse = |why: &str| {
            let (file, path) = (source.file.display(), named.path.join("::"));
            found.push(format!("src/{file}:{} {path}: {why}", named.line));
        };
        let first = named.path[0].as_str();
        if first == "crate" {
            let (Some(target), Some(allowed)) = (named.path.get(1), allowed) else {
                continue;
            };
            if *target == layer || !layers.contains(target) {
                continue;
            }
            if !allowed.contains(&target.as_str()) {
                refuse(&format!("{layer} may not import {target}"));
            } else if layer == "jobs"
                && target == "store"
                && named
                    .path
                    .get(2)
                    .is_some_and(|name| !STORE_FOR_JOBS.contains(&name.as_str()))
            {
                refuse("of the store, jobs may import only its jobs and its errors");
            }
            continue;
        }
        if let Some((_, doors)) = KEPT_IN.iter().find(|(name, _)| *name == first)
            && !doors.contains(&layer.as_str())
        {
            refuse(&format!("{first} belongs to {doors:?}"));
        }
        let std_part = named.path.get(1).map_or("", String::as_str);
        if layer == "domain"
            && (IMPURE.contains(&first) || (first == "std" && IMPURE_STD.contains(&std_part)))
        {
            refuse("the domain is pure");
        }
    }
    found
}

fn layers(sources: &[Source]) -> BTreeSet<String> {
    sources.iter().map(Source::layer).collect()
}

#[test]
fn every_import_follows_the_table() {
    let sources = sources();
    let layers = layers(&sources);
    for (layer, _) in MAY_IMPORT.iter().filter(|(layer, _)| *layer != "remote") {
        assert!(
            layers.contains(*layer),
            "{layer} is in the table, not in src"
        );
    }
    let found: Vec<String> = sources
        .iter()
        .flat_map(|source| violations(source, &layers))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn top_level_modules_import_each_other_in_no_circle() {
    let sources = sources();
    let layers = layers(&sources);
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources
        .iter()
        .filter(|s| !["lib", "main"].contains(&s.layer().as_str()))
    {
        for named in paths::named(&source.text, &source.module()) {
            if let [root, target, ..] = named.path.as_slice()
                && root == "crate"
                && *target != source.layer()
                && layers.contains(target)
            {
                edges
                    .entry(source.layer())
                    .or_default()
                    .insert(target.clone());
            }
        }
    }
    assert!(
        edges["api"].contains("ops") && edges["ops"].contains("store"),
        "{edges:?}"
    );
    // Whatever imports nothing that is left can be taken away; a circle stays.
    let mut left: BTreeSet<String> = edges.keys().cloned().collect();
    while let Some(free) = left
        .iter()
        .find(|layer| edges[*layer].is_disjoint(&left))
        .cloned()
    {
        left.remove(&free);
    }
    assert!(
        left.is_empty(),
        "these import each other in a circle: {left:?}: {edges:?}"
    );
}

/// The types of a source that have a schema, each by the name of it.
fn schemas(text: &str) -> Vec<String> {
    let (mut found, mut awaited, mut said) = (Vec::new(), false, None);
    for line in text.lines().map(str::trim) {
        awaited |= line.contains("ToSchema") || line == "words! {";
        if let Some((_, name)) = line.split_once("#[schema(as = ") {
            said = Some(name.trim_end_matches(")]").to_owned());
        }
        let declared = ["struct ", "enum "].iter().find_map(|kind| {
            let (before, name) = line.split_once(kind)?;
            matches!(before, "" | "pub " | "pub(super) " | "pub(crate) ").then_some(name)
        });
        let Some(declared) = declared.filter(|_| awaited) else {
            continue;
        };
        let name = declared.split(|c: char| !c.is_alphanumeric()).next();
        found.extend(
            said.take()
                .or(name.map(str::to_owned))
                .filter(|n| !n.is_empty()),
        );
        awaited = false;
    }
    found
}

/// In the API's document the later of two would silently take the place of the other.
#[test]
fn no_two_types_share_the_name_of_a_schema() {
    let mut known: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut twice = Vec::new();
    for source in sources() {
        for name in schemas(&source.text) {
            if let Some(other) = known.insert(name.clone(), source.file.clone()) {
                twice.push(format!(
                    "{name}: {} and {}",
                    other.display(),
                    source.file.display()
                ));
            }
        }
    }
    assert!(known.len() > 100, "only {} schemas found", known.len());
    assert!(twice.is_empty(), "{}", twice.join("; "));
}

#[test]
fn every_source_opens_with_what_it_answers_for() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut silent: Vec<String> = sources()
        .iter()
        .filter(|s| !s.text.starts_with("//! "))
        .map(|s| format!("src/{}:1", s.file.display()))
        .collect();
    for entry in std::fs::read_dir(tests).expect("the tests") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "rs")
            && !std::fs::read_to_string(&path)
                .expect("readable")
                .starts_with("//! ")
        {
            silent.push(format!("{}:1", path.display()));
        }
    }
    assert!(silent.is_empty(), "no `//!` at {}", silent.join(", "));
}

#[test]
fn a_forbidden_import_is_found_in_whatever_way_it_is_written() {
    let layers: BTreeSet<String> = [
        "domain", "store", "search", "ops", "api", "web", "jobs", "config", "app",
    ]
    .map(str::to_owned)
    .into();
    let cases = [
        (
            "api/a.rs",
            "use crate::store::Db;",
            "src/api/a.rs:1 crate::store::Db",
        ),
        (
            "api/a.rs",
            "\nuse crate::{\n    ops::{self, Error},\n    store::{Db, jobs},\n};",
            "src/api/a.rs:4 crate::store::Db",
        ),
        (
            "api/a.rs",
            "fn f() {\n let x = crate::search::open();\n}",
            "src/api/a.rs:2 crate::search::open",
        ),
        (
            "api/mod.rs",
            "use super::web;",
            "src/api/mod.rs:1 crate::web",
        ),
        (
            "api/b/c.rs",
            "fn f() { super::super::super::web::router() }",
            "src/api/b/c.rs:1 crate::web::router",
        ),
        (
            "domain/a.rs",
            "pub fn f(x: &crate::ops::Error) {}",
            "src/domain/a.rs:1 crate::ops::Error",
        ),
        (
            "domain/a.rs",
            "use std::{fmt, fs::File};",
            "src/domain/a.rs:1 std::fs::File",
        ),
        (
            "ops/a.rs",
            "use crate::config::Config;",
            "src/ops/a.rs:1 crate::config::Config",
        ),
        (
            "ops/a.rs",
            "#[derive(sqlx::FromRow)] struct A;",
            "src/ops/a.rs:1 sqlx::FromRow",
        ),
        ("ops/a.rs", "use axum as web;", "src/ops/a.rs:1 axum"),
        (
            "jobs/mod.rs",
            "use crate::store;\nfn f() { store::holdings::put() }",
            "src/jobs/mod.rs:2 crate::store::holdings::put",
        ),
        (
            "store/a.rs",
            "macro_rules! m { () => { $crate::ops::x() } }",
            "src/store/a.rs:1 crate::ops::x",
        ),
        ("extra/mod.rs", "", "src/extra/mod.rs:1 extra has no row"),
    ];
    for (file, text, expected) in cases {
        let found = violations(&Source::new(file, text), &layers);
        assert!(
            found.iter().any(|v| v.starts_with(expected)),
            "{file} {text:?} gave {found:?}"
        );
    }
    let innocent = [
        (
            "api/a.rs",
            "// use crate::store::Db;\n/* crate::store::x */ const A: &str = \"crate::store::Db\"; const B: &str = r#\"sqlx::x \"q\" \"#;",
        ),
        (
            "api/a.rs",
            "fn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' } use crate::ops::Stored;",
        ),
        (
            "jobs/mod.rs",
            "use crate::store::{self, jobs::Leased}; fn f() -> store::Error { todo!() }",
        ),
        (
            "app.rs",
            "use crate::{store::Db, search, config::Config}; use axum::serve;",
        ),
        (
            "search/a.rs",
            "use super::super::domain::x; use tantivy::Term;",
        ),
    ];
    for (file, text) in innocent {
        assert_eq!(
            violations(&Source::new(file, text), &layers),
            Vec::<String>::new(),
            "{file} {text:?}"
        );
    }
}
