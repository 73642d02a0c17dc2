//! What the command line offers. Commands write the database only; the index belongs to the process that holds
//! its folder, and follows by itself.

mod account;
mod demo;
mod import;
mod keep;
mod pack;
mod record;
mod reference;
mod register;

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::{
    app::{self, Server},
    config::Config,
    domain::{access::Actor, text::Text},
    ops::{self, Services},
    telemetry,
};

/// Kaixu 开许: an open-licensing patent marketplace (专利开放许可)
#[derive(Debug, Parser)]
#[command(
    name = "kaixu",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// Configuration file [default: kaixu.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE", env = "KAIXU_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the embedded database and of the index [default: data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages and the API
    Serve {
        /// Address to listen on [default: 127.0.0.1:8080]
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
    },
    /// Serve a demonstration with fictional patents from ./data/demo
    Demo {
        /// Throw the demonstration's data away and fill it anew
        #[arg(long)]
        reset: bool,
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Bring the database's schema up to this version
    Migrate,
    /// Import files of patents: JSONL(.gz), CSV, XLSX, XLS, ODS, patent XML, ZIP of these
    Import(import::Import),
    /// Record what happened elsewhere: lists of announced declarations or of licences taken
    #[command(subcommand)]
    Record(record::Record),
    /// Reference tables: what codes are called, industries of classes, fees of industries
    #[command(subcommand)]
    Reference(reference::Reference),
    /// Write every patent as NDJSON
    Export {
        /// File to write [default: standard output]
        #[arg(value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write the filing pack of a licence: its papers, the documents kept, and their hashes, as a ZIP
    Pack(pack::Pack),
    /// Build the search index anew, beside the old one
    Reindex,
    /// Check the audit chain, every record, the law, every count and every file
    ///
    /// Stops at the first thing that does not hold and names it.
    Verify {
        /// Check a dump instead; it is all that is needed, no database and no configuration
        #[arg(long, value_name = "FILE")]
        dump: Option<PathBuf>,
        /// Hold these heads of the chain against it too: answers of /v1/audit/heads that were kept
        #[arg(long, value_name = "FILE")]
        heads: Option<PathBuf>,
    },
    /// Write the chain, every record and the counts to one file that anybody can verify
    ///
    /// The file is NDJSON, gzipped when its name ends in .gz. It contains restricted records too (unpublished
    /// holdings, drafts, pending licences) and the names of files: it is made readable for its owner alone, and to be
    /// handed on with care. Contents of files, contacts and individuals are not in it.
    Dump {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Replace the file if it exists
        #[arg(long)]
        force: bool,
    },
    /// Write a copy of the database to one file, beside a running server
    Backup {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Restore a backup into an empty place, and verify it
    Restore {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the OpenAPI document
    Openapi,
    /// People's accounts
    #[command(subcommand)]
    Account(account::Account),
    /// API keys
    #[command(subcommand)]
    Key(register::Key),
    /// Organisations
    #[command(subcommand)]
    Organisation(register::Organisation),
}

/// Runs one command to its end.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    // Whoever has only the dump has no configuration either.
    if let Command::Verify {
        dump: Some(file),
        heads,
    } = &arguments.command
    {
        return keep::verify_dump(file, heads.as_deref());
    }
    // Variables that are not UTF-8 are not ours.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut config = Config::load(arguments.config.as_deref(), environment)?;
    if let Some(data) = arguments.data {
        config.data = data;
    }
    let quiet = !matches!(arguments.command, Command::Serve { .. });
    let filter = if quiet && config.log == "info" {
        "warn"
    } else {
        &config.log
    };
    telemetry::start(filter, config.log_json).map_err(|why| anyhow::anyhow!(why))?;
    match arguments.command {
        Command::Serve { listen } => serve(config, listen).await,
        Command::Demo { reset, listen } => demo::run(config, reset, listen).await,
        Command::Migrate => migrate(&config).await,
        Command::Import(import) => import.run(&config).await,
        Command::Record(record) => record.run(&config).await,
        Command::Reference(reference) => reference.run(&config).await,
        Command::Export { out } => export(&config, out).await,
        Command::Pack(pack) => pack.run(&config).await,
        Command::Reindex => keep::reindex(&config).await,
        Command::Verify { heads, .. } => keep::verify(&config, heads.as_deref()).await,
        Command::Dump { file, force } => keep::dump(&config, &file, force).await,
        Command::Backup { file } => keep::backup(&config, &file).await,
        Command::Restore { file } => keep::restore(&config, &file).await,
        Command::Openapi => openapi(),
        Command::Account(command) => command.run(&config).await,
        Command::Key(command) => command.run(&config).await,
        Command::Organisation(command) => command.run(&config).await,
    }
}

async fn serve(mut config: Config, listen: Option<SocketAddr>) -> anyhow::Result<()> {
    config.listen = listen.unwrap_or(config.listen);
    let server = Server::start(&config).await?;
    println!("Kaixu 开许: http://{}", server.address);
    server.until_signal().await
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    let db = app::open_database(config).await?;
    println!("{}: schema is current", db.kind());
    Ok(())
}

async fn export(config: &Config, out: Option<PathBuf>) -> anyhow::Result<()> {
    let services = open_existing(config).await?;
    let count = match &out {
        Some(path) => {
            let file = std::fs::File::create(path)
                .with_context(|| format!("cannot write {}", path.display()))?;
            ops::export::patents_to(&services, &mut std::io::BufWriter::new(file)).await
        }
        None => {
            ops::export::patents_to(&services, &mut std::io::BufWriter::new(std::io::stdout()))
                .await
        }
    };
    eprintln!("{} patents", said(count)?);
    Ok(())
}

fn openapi() -> anyhow::Result<()> {
    println!("{}", crate::api::document().to_pretty_json()?);
    Ok(())
}

/// The operations over the configured database, without an index.
async fn open(config: &Config) -> anyhow::Result<Services> {
    let db = app::open_database(config).await?;
    app::services(config, db, None)
}

/// As `open`, where there is a database: looking at a wrong folder must not make an empty one there.
async fn open_existing(config: &Config) -> anyhow::Result<Services> {
    let file = config.data.join("kaixu.sqlite");
    anyhow::ensure!(
        config.database_url.as_str().is_some() || file.exists(),
        "there is no database {}",
        file.display()
    );
    open(config).await
}

fn operator() -> Actor {
    Actor::operator("cli")
}

/// An operation's refusal, in both languages, as the command's error.
fn said<T>(outcome: ops::Result<T>) -> anyhow::Result<T> {
    outcome.map_err(|error| match &error {
        ops::Error::Internal(why) => anyhow::anyhow!("{why}"),
        other => {
            let Text { zh, en } = other.text();
            anyhow::anyhow!("{en} {zh}")
        }
    })
}
