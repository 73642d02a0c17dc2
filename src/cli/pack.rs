//! `kaixu pack`: the filing pack of a licence as one ZIP, whole or not at all.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;

use super::{open_existing, operator, said};
use crate::{config::Config, domain::id::Id, ops::papers};

#[derive(Debug, Args)]
pub struct Pack {
    /// The licence's id
    #[arg(value_name = "LICENCE")]
    licence: String,
    /// The ZIP to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

impl Pack {
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let file = &self.file;
        let exists = || format!("{} exists already; --force replaces it", file.display());
        ensure!(self.force || !file.exists(), exists());
        let id = Id::parse(&self.licence)
            .with_context(|| format!("{} is no id of a licence", self.licence))?;
        let services = open_existing(config).await?;
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut unfinished = tempfile::Builder::new()
            .prefix(".pack")
            .tempfile_in(folder)
            .with_context(|| format!("cannot write to {}", folder.display()))?;
        let mut pack = said(papers::pack(&services, &operator(), &id).await)?;
        std::io::copy(&mut pack.file, unfinished.as_file_mut())?;
        unfinished.as_file().sync_all()?;
        if self.force {
            unfinished.persist(file)?;
        } else {
            unfinished.persist_noclobber(file).with_context(exists)?;
        }
        println!(
            "{} files in {} ({} bytes)",
            pack.files,
            file.display(),
            pack.bytes
        );
        Ok(())
    }
}
