//! Which files are cited, and as what: a file that any version of a declaration or licence has ever cited is kept, with
//! the content that was cited.

use std::collections::{BTreeMap, BTreeSet};

use super::{Break, broken, line::File};
use crate::domain::{declaration::Declaration, file::FileRef, licence::Licence};

/// Files by id: the hashes and the places in which they are cited.
#[derive(Default)]
pub struct Citations(BTreeMap<String, BTreeSet<(String, String)>>);

impl Citations {
    pub fn declaration(&mut self, d: &Declaration) {
        let papers = d.evaluation.iter().map(|report| &report.file);
        let papers = papers.chain(d.consents.iter().map(|consent| &consent.file));
        let shown = d.internal.publicity.iter().map(|shown| &shown.file);
        let approved = d.internal.approval.iter().map(|approval| &approval.file);
        let papers = papers.chain(shown).chain(approved);
        let papers = papers.chain(&d.commitment).chain(&d.sources);
        self.add(&format!("declarations/{}", d.id), papers);
    }

    pub fn licence(&mut self, l: &Licence) {
        let papers = l.evidence.iter().map(|evidence| &evidence.file);
        self.add(&format!("licences/{}", l.id), papers);
    }

    /// These files are cited in this place.
    pub fn add<'a>(&mut self, place: &str, files: impl Iterator<Item = &'a FileRef>) {
        for file in files {
            let cited = self.0.entry(file.id.to_string()).or_default();
            cited.insert((file.sha256.clone(), place.to_owned()));
        }
    }

    /// A file that is there.
    pub fn meet(&mut self, file: &File) -> Result<(), Break> {
        for (sha256, place) in self.0.remove(&file.id).into_iter().flatten() {
            if sha256 != file.sha256 {
                let what = format!("cites files/{} with another content", file.id);
                return Err(broken(place, what));
            }
        }
        Ok(())
    }

    /// No more files come.
    pub fn all_met(&self) -> Result<(), Break> {
        for (file, places) in &self.0 {
            if let Some((_, place)) = places.first() {
                let what = format!("cites files/{file}, which is missing");
                return Err(broken(place, what));
            }
        }
        Ok(())
    }
}
