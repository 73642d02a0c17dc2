//! `kaixu reference`: tables of codes from the operator's disk; a running server shows the new names within a second.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::{open, operator, said};
use crate::{
    config::Config,
    domain::reference::{Kind, Line, ReferenceTable},
    ops::reference::{self, NewTable},
};

#[derive(Debug, Subcommand)]
pub enum Reference {
    /// Load a table in the place of the one before it
    #[command(disable_version_flag = true)]
    Load(Load),
    /// List the tables that stand, with version and source
    List,
    /// Print a table's lines
    Show {
        #[arg(value_name = "KIND", value_parser = kind)]
        kind: Kind,
        /// Codes that begin so
        #[arg(value_name = "PREFIX", default_value = "")]
        prefix: String,
    },
    /// Take a loaded table away: the built-in one stands again
    Remove {
        #[arg(value_name = "KIND", value_parser = kind)]
        kind: Kind,
    },
}

#[derive(Debug, Args)]
pub struct Load {
    /// ipc, industries, regions, ipcIndustries, strategic or industryFees
    #[arg(value_name = "KIND", value_parser = kind)]
    kind: Kind,
    /// CSV (UTF-8, GBK; gzip too), XLSX, XLS, ODS or JSON lines
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// As its issuer calls it
    #[arg(long, value_name = "V")]
    version: String,
    /// Where it comes from; shown to everybody
    #[arg(long, value_name = "S")]
    source: String,
}

fn kind(text: &str) -> Result<Kind, String> {
    let words = Kind::ALL.map(Kind::as_str).join(", ");
    Kind::parse(text).ok_or_else(|| format!("one of {words}"))
}

/// Lines read at once.
const PIECE: usize = 1_000;

impl Reference {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let services = open(config).await?;
        let operator = operator();
        match self {
            Self::Load(load) => {
                std::fs::File::open(&load.file)
                    .with_context(|| format!("cannot read {}", load.file.display()))?;
                let name = load.file.file_name().and_then(|name| name.to_str());
                let new = NewTable {
                    version: load.version,
                    source: load.source,
                    file_name: name.map(str::to_owned),
                };
                let loaded =
                    reference::load_file(&services, &operator, load.kind, new, &load.file).await;
                println!("{}", line_of(&said(loaded)?.table.value));
            }
            Self::List => {
                for shown in said(reference::list(&services, &operator).await)? {
                    println!("{}", line_of(&shown.table.value));
                }
            }
            Self::Show { kind, prefix } => {
                let mut after = (String::new(), String::new(), 0);
                loop {
                    let key = (after.0.as_str(), after.1.as_str(), after.2);
                    let found =
                        reference::lines(&services, &operator, kind, &prefix, key, PIECE).await;
                    let lines = said(found)?.lines;
                    for line in &lines {
                        println!("{}", fields(line).join("\t"));
                    }
                    let Some(last) = lines.last().filter(|_| lines.len() == PIECE) else {
                        break;
                    };
                    let (code, target, year) = last.key();
                    after = (code.to_owned(), target.to_owned(), year);
                }
            }
            Self::Remove { kind } => {
                let removed = reference::remove(&services, &operator, kind).await;
                println!("{}", line_of(&said(removed)?.table.value));
            }
        }
        Ok(())
    }
}

fn line_of(table: &ReferenceTable) -> String {
    let from = match table.loaded_on {
        Some(day) => format!("loaded on {day}"),
        None => "built in".to_owned(),
    };
    format!(
        "{}: version {}, {} lines, {from}; {}",
        table.kind.as_str(),
        table.version,
        table.lines,
        table.source
    )
}

fn fields(line: &Line) -> Vec<String> {
    match line {
        Line::Name(entry) => vec![entry.code.clone(), entry.zh.clone(), entry.en.clone()],
        Line::Industry { ipc, industry } => vec![ipc.clone(), industry.clone()],
        Line::Fee(fee) => vec![
            fee.year.to_string(),
            fee.industry_code.clone(),
            fee.contracts.to_string(),
            fee.avg_amount_fen
                .map(|fen| fen.to_string())
                .unwrap_or_default(),
            fee.avg_rate_bp.map(|bp| bp.to_string()).unwrap_or_default(),
            fee.source.clone(),
        ],
    }
}
