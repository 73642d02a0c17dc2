//! Configuration: defaults, then `kaixu.toml`, then `KAIXU_…` and `DATABASE_URL`, checked once at start. An
//! unknown key or a bad value is one clear error. Secrets never show in `Debug` or logs.

mod fees;
mod mail;
mod rules;
mod secret;
mod sign_in;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;

pub use fees::{AnnualFees, BasisPoints, FeeBands};
pub use mail::{Smtp, Tls};
pub use rules::{EndEffect, Rules};
pub use secret::{Password, Url};
pub use sign_in::{Access, AuditDays, Circle, Oidc, ProviderName};

/// Everything an operator can set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder of the embedded database and of the search index.
    pub data: PathBuf,
    /// `postgres://…`; empty means the embedded database in `data`.
    pub database_url: Url,
    /// Address to serve on.
    pub listen: SocketAddr,
    /// Tracing filter, e.g. `info,kaixu=debug`.
    pub log: String,
    /// One JSON object a log line instead of text.
    pub log_json: bool,
    pub limits: Limits,
    pub rules: Rules,
    pub annual_fees: AnnualFees,
    pub smtp: Smtp,
    pub access: Access,
    /// Where people reach this installation, `https://kaixu.example.cn`; providers send browsers back there.
    pub site: String,
    /// By what the audit chain is hashed, `sha256` or `sm3` (GB/T 32905): chosen before the first start, and for good. Left
    /// out: what the database says, and in a new one SHA-256.
    pub chain_hash: Option<ChainHash>,
    /// A TTF, OTF or TTC file with Chinese characters, for papers as PDF; wants a program built with the feature `pdf`.
    pub paper_font: Option<PathBuf>,
    /// The face within a collection (TTC).
    pub paper_font_face: u32,
    pub remote: Remote,
    /// Providers to sign in with.
    pub oidc: Vec<Oidc>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: "data".into(),
            database_url: Url::default(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            log: "info".into(),
            log_json: false,
            limits: Limits::default(),
            rules: Rules::default(),
            annual_fees: AnnualFees::default(),
            smtp: Smtp::default(),
            access: Access::default(),
            site: String::new(),
            chain_hash: None,
            paper_font: None,
            paper_font_face: 0,
            remote: Remote::default(),
            oidc: Vec::new(),
        }
    }
}

/// By what the audit chain is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChainHash {
    Sha256,
    Sm3,
}

/// Other hosts that are asked over HTTP.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Remote {
    /// Names or addresses in the operator's own network: they may have private addresses and be asked without TLS.
    pub private_hosts: Vec<String>,
}

/// Bounds on what comes in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest file to import, bytes.
    pub upload_bytes: u64,
    /// Largest file of evidence, bytes.
    pub file_bytes: u64,
    /// Largest JSON body, bytes.
    pub body_bytes: usize,
    /// Most rows of one file.
    pub import_rows: u64,
    /// Longest time for an answer, seconds; uploads and exports have their own.
    pub request_seconds: u64,
    /// Requests a minute for one caller without a key; a key has ten times as many. 0 switches it off.
    pub requests_per_minute: u32,
    /// A proxy of ours stands in front; callers are told apart by the last address in X-Forwarded-For.
    pub behind_proxy: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            upload_bytes: 512 << 20,
            file_bytes: 50 << 20,
            body_bytes: 1 << 20,
            import_rows: 2_000_000,
            request_seconds: 30,
            requests_per_minute: 600,
            behind_proxy: false,
        }
    }
}

/// The one thing wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}: {why}")]
    File { file: PathBuf, why: String },
    #[error("environment variable {name}: {why}")]
    Environment { name: String, why: String },
}

/// Environment variables that are not settings: where the file is, and what the tests are told.
fn is_setting(name: &str) -> bool {
    name == "DATABASE_URL"
        || (name.starts_with("KAIXU_")
            && !matches!(name, "KAIXU_CONFIG" | "KAIXU_REQUIRE")
            && !name.starts_with("KAIXU_TEST_"))
}

impl Config {
    /// Reads `file` (when given it must exist; otherwise `kaixu.toml` if there) and the environment.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = toml::Table::new();
        let path = file.map_or_else(|| PathBuf::from("kaixu.toml"), Path::to_path_buf);
        if file.is_some() || path.exists() {
            let fail = |why: String| ConfigError::File {
                file: path.clone(),
                why,
            };
            let text = std::fs::read_to_string(&path).map_err(|e| fail(e.to_string()))?;
            // The file is checked by itself, so that its error names the line; never what stands there, which
            // may be a password.
            let said = |e: &toml::de::Error| {
                let start = e.span().map_or(0, |span| span.start);
                let number = text[..start].matches('\n').count();
                let line = text.lines().nth(number).unwrap_or_default();
                let key = line.split_once('=').map_or("", |(key, _)| key.trim());
                fail(format!("line {}: {key}: {}", number + 1, e.message()))
            };
            toml::from_str::<Self>(&text).map_err(|e| said(&e))?;
            table = text.parse().map_err(|e| said(&e))?;
        }
        for (name, value) in environment {
            let key = match name.strip_prefix("KAIXU_") {
                _ if !is_setting(&name) => continue,
                None => "database_url".to_owned(),
                Some(rest) => rest.to_ascii_lowercase(),
            };
            table = set(&table, &key, &value).map_err(|why| ConfigError::Environment {
                name: name.clone(),
                why,
            })?;
        }
        toml::Value::Table(table)
            .try_into()
            .map_err(|e: toml::de::Error| ConfigError::File {
                file: path,
                why: e.to_string(),
            })
    }
}

/// The settings with an environment value where its name says; `limits_upload_bytes` means `limits.upload_bytes`.
/// A variable is text: it is taken as such where the setting is, and as a number or truth value elsewhere.
fn set(table: &toml::Table, key: &str, value: &str) -> Result<toml::Table, String> {
    let with = |value: toml::Value| {
        let mut table = table.clone();
        let part = ["limits", "rules", "annual_fees", "smtp", "access"]
            .into_iter()
            .find_map(|part| {
                let rest = key.strip_prefix(part)?.strip_prefix('_')?;
                Some((part, rest))
            });
        let (table_of, key) = match part {
            Some((part, rest)) => {
                let inner = table
                    .entry(part)
                    .or_insert_with(|| toml::Value::Table(toml::Table::new()));
                (inner.as_table_mut(), rest)
            }
            None => (Some(&mut table), key),
        };
        if let Some(inner) = table_of {
            inner.insert(key.to_owned(), value);
        }
        match toml::Value::Table(table.clone()).try_into::<Config>() {
            Ok(_) => Ok(table),
            Err(error) => Err(error.message().to_owned()),
        }
    };
    let parsed = match (value.parse::<i64>(), value.parse::<bool>()) {
        (Ok(number), _) => Some(toml::Value::Integer(number)),
        (_, Ok(flag)) => Some(toml::Value::Boolean(flag)),
        _ => None,
    };
    with(toml::Value::String(value.to_owned())).or_else(|why| parsed.map_or(Err(why), with))
}
