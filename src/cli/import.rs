//! `kaixu import`: files from the operator's disk, in the foreground, with progress on a terminal.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{open, operator, said};
use crate::{
    config::Config,
    domain::{
        intake::{Basis, Column},
        register::{Counts, Preview, StoredReject},
        text::Lang,
        time::Day,
    },
    ops::{
        Services,
        imports::{FileImport, SaidColumn, import_file},
        rejects,
    },
};

#[derive(Debug, Args)]
pub struct Import {
    /// Files to import, one after the other
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The organisation whose stock this is, by USCC or id; without it, bibliographic data alone is recorded
    #[arg(long, value_name = "USCC")]
    holder: Option<String>,
    /// The day on which the files were exported; it dates every legal status that bears no day of its own
    #[arg(long, value_name = "DAY", value_parser = |s: &str| s.parse::<Day>().map_err(|_| "a day such as 2026-11-01"))]
    status_as_of: Option<Day>,
    /// What a column is, by its header or, where it has none, its letter: 'HEADER=FIELD'; 'HEADER=' leaves it unread.
    /// Repeat it for every column. It is kept for the holder's next file with the same headers
    #[arg(long, value_name = "HEADER=FIELD", value_parser = |s: &str| SaidColumn::parse(s).map_err(|fault| fault.text.en))]
    map: Vec<SaidColumn>,
    /// Read columns also as they are guessed without proof
    #[arg(long)]
    guess: bool,
    /// Write nothing; say what would become of the rows
    #[arg(long)]
    dry_run: bool,
    /// Write the refused rows, with reason and remedy, to this CSV
    #[arg(long, value_name = "OUT.csv")]
    rejects: Option<PathBuf>,
}

impl Import {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let services = open(config).await?;
        let mut out = match &self.rejects {
            Some(path) => {
                let mut file = std::fs::File::create(path)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                file.write_all(&rejects::header(Lang::Zh))?;
                Some(file)
            }
            None => None,
        };
        let mut failed = None;
        for path in &self.files {
            match self.one(&services, path, out.as_mut()).await {
                Ok(counts) => println!("{}", summary(path, &counts, self.dry_run)),
                Err(error) => {
                    eprintln!("{}: {error:#}", path.display());
                    failed = Some(path);
                }
            }
        }
        match failed {
            None => Ok(()),
            Some(path) => anyhow::bail!("{} could not be read to its end", path.display()),
        }
    }

    async fn one(
        &self,
        services: &Services,
        path: &Path,
        mut out: Option<&mut std::fs::File>,
    ) -> anyhow::Result<Counts> {
        std::fs::File::open(path).with_context(|| "cannot read the file")?;
        let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template(
            "{spinner} {prefix}  {human_pos} rows  {per_sec}  {msg}  {elapsed}",
        )?);
        bar.set_prefix(
            path.file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default(),
        );
        bar.enable_steady_tick(Duration::from_millis(120));
        let mut on_progress = |counts: &Counts| {
            bar.set_position(u64::try_from(counts.rows).unwrap_or(0));
            bar.set_message(format!(
                "added {} merged {} unchanged {} rejected {}",
                counts.added, counts.merged, counts.unchanged, counts.rejected
            ));
        };
        let mut broken = None;
        let mut on_reject = |reject: &StoredReject| {
            if let Some(file) = out.as_mut()
                && let Err(error) =
                    file.write_all(&rejects::lines(std::slice::from_ref(reject), Lang::Zh))
            {
                broken = Some(error);
            }
        };
        let asked = FileImport {
            path,
            holder: self.holder.as_deref(),
            status_as_of: self.status_as_of,
            said: self.map.clone(),
            guesses: self.guess,
            dry_run: self.dry_run,
            on_progress: &mut on_progress,
            on_reject: &mut on_reject,
            on_look: &mut |found: &Preview| {
                for line in told(found) {
                    bar.suspend(|| eprintln!("{}: {line}", path.display()));
                }
            },
        };
        let outcome = import_file(services, &operator(), asked).await;
        bar.finish_and_clear();
        if let Some(error) = broken {
            return Err(error).context("cannot write the rejects");
        }
        said(outcome)?.map_err(|problem| {
            anyhow::anyhow!("{} {}", problem.text(Lang::En), problem.text(Lang::Zh))
        })
    }
}

/// How the file is read, as far as its headers do not say so by themselves, and what of it is not read.
fn told(found: &Preview) -> Vec<String> {
    let mut lines = Vec::new();
    for column in &found.columns {
        let Some(reading) = &column.reading else {
            continue;
        };
        let (header, reason) = (&column.header, &reading.reason.en);
        let field = reading.field.map_or("not read", Column::as_str);
        if !matches!(reading.basis, Basis::Header | Basis::None) {
            let basis = reading.basis.en();
            lines.push(format!("column {header:?}: {field} ({basis}: {reason})"));
        }
        if let Some(against) = &reading.contradiction {
            lines.push(format!("column {header:?}: {}", against.en));
        }
    }
    let unread = found.columns.iter().filter(|column| {
        let basis = column.reading.as_ref().map(|reading| reading.basis);
        basis == Some(Basis::None) && !column.samples.is_empty()
    });
    let unread: Vec<&str> = unread.map(|column| column.header.as_str()).collect();
    if !unread.is_empty() {
        let names = unread.join(" | ");
        lines.push(format!(
            "columns not read: {names} (--map 'HEADER=FIELD' reads one)"
        ));
    }
    for sheet in &found.skipped {
        lines.push(format!(
            "sheet {:?} is not read: {}",
            sheet.name, sheet.reason.en
        ));
    }
    lines
}

fn summary(path: &Path, c: &Counts, dry_run: bool) -> String {
    let holdings = match c.held {
        0 => String::new(),
        held => format!("; {held} new holdings, {} of them claimed only", c.claimed),
    };
    let conflicts = match c.conflicts {
        0 => String::new(),
        open => format!("; {open} conflicts with other sources"),
    };
    let note = if dry_run {
        " (dry run: nothing was written)"
    } else {
        ""
    };
    format!(
        "{}: {} rows, {} added, {} merged, {} unchanged, {} rejected{holdings}{conflicts}{note}",
        path.display(),
        c.rows,
        c.added,
        c.merged,
        c.unchanged,
        c.rejected
    )
}
