//! Configuration: defaults, then `kaixu.toml`, then `KAIXU_…` and `DATABASE_URL`, checked once at start. An
//! unknown key or a bad value is one clear error. Secrets never show in `Debug` or logs.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::Deserialize;

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

/// A provider to sign in with (OpenID Connect).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// In addresses: `https://SITE/signin/with/NAME` is where it sends browsers back.
    pub name: ProviderName,
    /// As people read it; without one, the name.
    #[serde(default)]
    pub label: String,
    pub issuer: String,
    pub client_id: String,
    /// Empty: it knows us by PKCE alone.
    #[serde(default)]
    pub secret: Password,
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// Whose accounts it opens.
    #[serde(rename = "for")]
    pub circles: Vec<Circle>,
    /// This claim must lie in one of `domains`.
    #[serde(default)]
    pub claim: String,
    #[serde(default)]
    pub domains: Vec<String>,
    /// It verifies e-mail addresses: one that equals a login links at the first sign-in.
    #[serde(default)]
    pub trust_email: bool,
}

fn usual_scopes() -> Vec<String> {
    ["profile", "email"].map(str::to_owned).into()
}

/// Whose accounts a provider opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Circle {
    Office,
    Holders,
    Enterprises,
}

/// A name in addresses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ProviderName(String);

impl ProviderName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProviderName {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        ((1..=40).contains(&text.len()) && text.bytes().all(plain))
            .then_some(Self(text))
            .ok_or("a provider's name has 1 to 40 lower-case letters, digits and hyphens")
    }
}

/// Annual fees and their reductions where they differ from the built-in tables of the patent office.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnnualFees {
    /// `[[1, 3, 900], [4, 6, 1200], …]`: from year, to year, yuan a year.
    pub invention: Option<FeeBands>,
    pub utility_model: Option<FeeBands>,
    pub design: Option<FeeBands>,
    /// What each month after the first adds to a late fee, basis points of the full fee.
    pub late_step_bp: Option<BasisPoints>,
    /// 费减, one applicant and co-owners, basis points off.
    pub single_bp: Option<BasisPoints>,
    pub joint_bp: Option<BasisPoints>,
    /// Years that a reduction covers, the year of grant counted.
    pub reduced_years: Option<u8>,
    /// 开放许可实施期间, basis points off.
    pub open_licence_bp: Option<BasisPoints>,
}

/// A table of fees: its years follow one another from the first.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Vec<[u32; 3]>")]
pub struct FeeBands(Vec<[u32; 3]>);

impl FeeBands {
    /// From year, to year, yuan a year.
    pub fn bands(&self) -> impl Iterator<Item = (u8, u8, i64)> {
        let year = |year: u32| u8::try_from(year).unwrap_or(u8::MAX);
        let bands = self.0.iter();
        bands.map(move |[from, to, yuan]| (year(*from), year(*to), i64::from(*yuan)))
    }
}

impl TryFrom<Vec<[u32; 3]>> for FeeBands {
    type Error = &'static str;
    fn try_from(bands: Vec<[u32; 3]>) -> Result<Self, Self::Error> {
        let mut next = 1;
        for [from, to, yuan] in &bands {
            if *from != next || to < from || *to > 30 || *yuan > 1_000_000 {
                return Err("the years of a fee table follow one another from 1, with yuan a year");
            }
            next = to + 1;
        }
        if bands.is_empty() {
            return Err("a fee table has a year at least");
        }
        Ok(Self(bands))
    }
}

/// A share of at most the whole.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub struct BasisPoints(u32);

impl BasisPoints {
    pub fn value(self) -> i64 {
        i64::from(self.0)
    }
}

impl TryFrom<u32> for BasisPoints {
    type Error = &'static str;
    fn try_from(share: u32) -> Result<Self, Self::Error> {
        (share <= 10_000)
            .then_some(Self(share))
            .ok_or("basis points are at most 10000")
    }
}

/// Sign-ins, and what is kept of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    /// Accounts of the office must have a second factor.
    pub office_second_factor: bool,
    /// The audit's lines are kept so long, days; at least 400.
    pub audit_days: AuditDays,
}

/// How long the audit's lines are kept.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub struct AuditDays(u32);

impl AuditDays {
    const LEAST: u32 = 400;

    pub fn days(self) -> i64 {
        i64::from(self.0)
    }
}

impl Default for AuditDays {
    fn default() -> Self {
        Self(Self::LEAST)
    }
}

impl TryFrom<u32> for AuditDays {
    type Error = &'static str;
    fn try_from(days: u32) -> Result<Self, Self::Error> {
        (days >= Self::LEAST)
            .then_some(Self(days))
            .ok_or("the audit is kept for at least 400 days")
    }
}

/// The mail server; without a host no mail is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    /// Empty: the server wants no name and password.
    pub user: String,
    pub password: Password,
    /// `开许 <no-reply@example.cn>`
    pub from: String,
    pub tls: Tls,
    /// Where people reach this installation, for the link in a mail.
    pub site: String,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    #[default]
    Tls,
    StartTls,
    None,
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 465,
            user: String::new(),
            password: Password::default(),
            from: String::new(),
            tls: Tls::Tls,
            site: String::new(),
        }
    }
}

/// A secret; shown nowhere.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
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

/// What an operator may set of the law's application; the sources call these figures usual, not fixed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// A legal status vouched for longer ago than this does not carry a new declaration, days.
    pub status_max_age_days: u16,
    /// 备案 is due so many months after a licence takes effect.
    pub filing_months: u8,
    /// A declaration that must be withdrawn is to be withdrawn within so many days.
    pub withdraw_days: u16,
    /// A licensee's answer 3, 6 and 12 months after the effective day is due within so many days.
    pub follow_up_days: u16,
    /// A patentee's answer to an enquiry is due within so many working days.
    pub enquiry_working_days: u16,
    /// 放假: public holidays on weekdays, and 调休上班: weekends that are worked, as announced for the year.
    pub days_off: Vec<Date>,
    pub days_worked: Vec<Date>,
    /// Whoever must do something is reminded so many days before it is due.
    pub remind_days: u16,
    /// What the patent office's termination of a declaration does to earlier licences: `stand` or `end`.
    pub licences_after_termination: EndEffect,
    /// … its revocation.
    pub licences_after_revocation: EndEffect,
    /// … the end of the patent right (专利法第四十二条、第四十四条).
    pub licences_after_right_ended: EndEffect,
    /// … the invalidation of the patent as a whole (专利法第四十七条).
    pub licences_after_invalidation: EndEffect,
    /// 审查指南第五部分第十一章 3.3, usual limits of an open licence's fee: fixed money, fen.
    pub fee_fixed_fen: i64,
    /// … share of net sales, basis points.
    pub fee_net_sales_bp: u32,
    /// … share of profit, basis points.
    pub fee_profit_bp: u32,
    /// Words that a declaration may not contain, instead of the built-in list.
    pub promotional_words: Option<Vec<String>>,
    /// A declaration is readied and submitted here only with a card in plain words that has passed its check.
    pub card_required: bool,
    /// Every holder here shows its prices inside the unit before it declares (公示); a holder may wish it for itself.
    pub publicity_required: bool,
    /// Every holder here has its declarations approved inside the unit; a holder may wish it for itself.
    pub approval_required: bool,
}

/// What an end does to the licences taken before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndEffect {
    Stand,
    End,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            status_max_age_days: 90,
            filing_months: 3,
            withdraw_days: 15,
            follow_up_days: 30,
            enquiry_working_days: 5,
            days_off: Vec::new(),
            days_worked: Vec::new(),
            remind_days: 7,
            licences_after_termination: EndEffect::Stand,
            licences_after_revocation: EndEffect::Stand,
            licences_after_right_ended: EndEffect::Stand,
            licences_after_invalidation: EndEffect::Stand,
            fee_fixed_fen: 2_000_000_000,
            fee_net_sales_bp: 2_000,
            fee_profit_bp: 4_000,
            promotional_words: None,
            card_required: true,
            publicity_required: false,
            approval_required: false,
        }
    }
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

/// A database address; shown without its password.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Url(String);

impl Url {
    pub fn as_str(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }
}

impl From<String> for Url {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl std::fmt::Debug for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Before the last `@` stand name and password, and a query may hold a password as well.
        let address = self.0.split('?').next().unwrap_or_default();
        let (scheme, rest) = match address.split_once("://") {
            Some((scheme, rest)) => (format!("{scheme}://"), rest),
            None => (String::new(), address),
        };
        match rest.rsplit_once('@') {
            Some((_, host)) => write!(f, "{scheme}…@{host}"),
            None => write!(f, "{scheme}{rest}"),
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
