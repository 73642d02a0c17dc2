//! `kaixu record`: lists of what happened elsewhere, from the operator's disk, with their evidence beside them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::{open, operator, said};
use crate::{
    config::Config,
    domain::{record::RecordKind, text::Lang},
    ops::{
        Services,
        records::{self, Report},
    },
};

#[derive(Debug, Subcommand)]
pub enum Record {
    /// Record declarations that were announced
    Declarations(List),
    /// Record licences that were taken
    Licences(List),
    /// Record legal events and statuses of patents
    Events(List),
}

#[derive(Debug, Args)]
pub struct List {
    /// CSV (UTF-8, GBK), XLSX or JSON lines; GET /v1/records/template gives the columns
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Store the files of this folder that the list names, as the office's
    #[arg(long, value_name = "FOLDER")]
    evidence: Option<PathBuf>,
    /// Write nothing; say what would become of the rows
    #[arg(long)]
    dry_run: bool,
    /// Write the rejected rows, with reason and remedy, to this CSV
    #[arg(long, value_name = "OUT.csv")]
    rejects: Option<PathBuf>,
}

impl Record {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let (kind, list) = match self {
            Self::Declarations(list) => (RecordKind::Declarations, list),
            Self::Licences(list) => (RecordKind::Licences, list),
            Self::Events(list) => (RecordKind::Events, list),
        };
        std::fs::File::open(&list.file)
            .with_context(|| format!("cannot read {}", list.file.display()))?;
        let services = open(config).await?;
        let promised = list.evidence(&services, kind).await?;
        let dry_run = list.dry_run.then_some(promised.as_slice());
        let recorded =
            records::import_file(&services, &operator(), kind, &list.file, dry_run).await;
        let report = said(recorded)?;
        if let Some(path) = &list.rejects {
            let csv = records::rejects_csv(&report.rejected, Lang::Zh);
            std::fs::write(path, csv)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        println!("{}", summary(&list.file, &report, list.dry_run));
        for one in &report.rejected {
            let (row, column, code) = (one.row, &one.column, &one.code);
            println!("  {row} {column} {code}: {} {}", one.text.zh, one.text.en);
        }
        for one in &report.must_withdraw {
            let declaration = one.declaration_number.as_deref().unwrap_or("—");
            let blocks: Vec<_> = one.blocks.iter().map(|block| block.as_str()).collect();
            println!(
                "  must be withdrawn: {} {declaration} {}",
                one.number.zl(),
                blocks.join(", ")
            );
        }
        Ok(())
    }
}

impl List {
    /// Stores what the list names and the folder has; a dry run only says what is there.
    async fn evidence(&self, services: &Services, kind: RecordKind) -> anyhow::Result<Vec<String>> {
        let Some(folder) = &self.evidence else {
            return Ok(Vec::new());
        };
        anyhow::ensure!(folder.is_dir(), "{} is not a folder", folder.display());
        let found = said(records::named_in(services, kind, &self.file, folder).await)?;
        if self.dry_run {
            return Ok(found.there);
        }
        let mut stored = 0;
        for name in &found.there {
            match said(found.store(services, &operator(), name).await) {
                Ok(true) => stored += 1,
                Ok(false) => {}
                // Its rows will say that they lack it.
                Err(error) => eprintln!("{}: {error:#}", folder.join(name).display()),
            }
        }
        println!(
            "{}: {} of the named files are here, {stored} newly stored",
            folder.display(),
            found.there.len()
        );
        Ok(found.there)
    }
}

fn summary(path: &Path, report: &Report, dry_run: bool) -> String {
    let note = if dry_run {
        " (dry run: nothing was written)"
    } else {
        ""
    };
    format!(
        "{}: {} rows, {} recorded, {} completed, {} repeated, {} rejected{note}",
        path.display(),
        report.rows,
        report.recorded,
        report.completed,
        report.repeated,
        report.rejected.len()
    )
}
