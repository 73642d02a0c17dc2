//! A ZIP of tables: its members are read in their order, each from a temporary file under a name of ours. What is
//! said about a row names its member. A member that cannot be read is refused alone; a dangerous one refuses all.

use std::{
    collections::VecDeque,
    io::{Read as _, Write as _},
    path::Path,
};

use tempfile::NamedTempFile;

use super::{
    Format, Inner, Limits, Opened, RowProblem, SheetError, Skipped, Survey,
    archive::{Archive, Member},
    open_single,
    source::{Content, Source, io_problem},
    survey::single,
};
use crate::domain::intake::{Mapping, Reject, RejectCode, Row};

pub(super) fn open(path: &Path, limits: &Limits, mapping: &Mapping) -> Result<Opened, SheetError> {
    let mut archive = Archive::open(path, limits)?;
    let members = archive.members()?;
    let tables: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
    let mut rows = BundleRows {
        archive,
        limits: limits.clone(),
        mapping: mapping.clone(),
        waiting: members.into(),
        refused: VecDeque::new(),
        current: None,
        left: limits.inflated_bytes,
    };
    let (mut headers, mut skipped, mut first) = (Vec::new(), Vec::new(), None);
    while rows.current.is_none() {
        let Some(member) = rows.waiting.pop_front() else {
            return Err(first.unwrap_or(SheetError::Empty));
        };
        match rows.start(&member) {
            Ok(opened) => (headers, skipped) = opened,
            Err(problem @ SheetError::TooBig { .. }) => return Err(problem),
            Err(problem) => {
                rows.refused.push_back(refusal(&member.name, &problem));
                let member = member.name;
                let problem = Box::new(problem);
                first.get_or_insert(SheetError::Member { member, problem });
            }
        }
    }
    Ok(Opened {
        inner: Box::new(rows),
        format: Format::Zip,
        headers,
        tables,
        skipped,
    })
}

/// The rows of an archive's members.
struct BundleRows {
    archive: Archive,
    limits: Limits,
    mapping: Mapping,
    waiting: VecDeque<Member>,
    /// Members that were refused while the first readable one was sought.
    refused: VecDeque<Reject>,
    current: Option<Current>,
    /// Bytes that may still be inflated.
    left: u64,
}

struct Current {
    rows: Inner,
    name: String,
    /// Deleted with the last of its rows.
    _file: NamedTempFile,
}

impl BundleRows {
    /// Unpacks a member and makes it the current one; returns the headers of its first table and what is skipped.
    fn start(&mut self, member: &Member) -> Result<(Vec<String>, Vec<Skipped>), SheetError> {
        let file = self.unpack(member)?;
        let name = &member.name;
        let (source, content) = Source::detect(file.path(), Some(name), &self.limits)?;
        if content == Content::Zip || source.is_gzip() {
            return Err(SheetError::Unsupported("ZIP in ZIP".into()));
        }
        let opened = open_single(file.path(), &source, content, &self.limits, &self.mapping)?;
        self.current = Some(Current {
            rows: opened.inner,
            name: name.clone(),
            _file: file,
        });
        Ok((opened.headers, opened.skipped))
    }

    fn unpack(&mut self, member: &Member) -> Result<NamedTempFile, SheetError> {
        let mut bytes = self.archive.bytes(member.at, self.left)?;
        std::fs::create_dir_all(&self.limits.scratch).map_err(|e| io_problem(&e))?;
        let mut file = NamedTempFile::new_in(&self.limits.scratch).map_err(|e| io_problem(&e))?;
        let mut chunk = vec![0; 64 << 10];
        loop {
            let read = bytes
                .read(&mut chunk)
                .map_err(|error| match io_problem(&error) {
                    SheetError::TooBig { .. } => SheetError::TooBig {
                        limit_bytes: self.limits.inflated_bytes,
                    },
                    other => other,
                })?;
            if read == 0 {
                break;
            }
            self.left = self.left.saturating_sub(read as u64);
            file.write_all(&chunk[..read])
                .map_err(|error| io_problem(&error))?;
        }
        file.flush().map_err(|error| io_problem(&error))?;
        Ok(file)
    }
}

impl Iterator for BundleRows {
    type Item = Result<Row, RowProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(reject) = self.refused.pop_front() {
            return Some(Err(reject.into()));
        }
        loop {
            let Some(current) = &mut self.current else {
                let member = self.waiting.pop_front()?;
                match self.start(&member) {
                    Ok(_) => continue,
                    Err(problem @ SheetError::TooBig { .. }) => return Some(Err(problem.into())),
                    Err(problem) => return Some(Err(refusal(&member.name, &problem).into())),
                }
            };
            let place = format!("[{}]", current.name);
            match current.rows.next() {
                None => self.current = None,
                Some(Ok(row)) => {
                    let inner = row.place.as_deref().unwrap_or_default();
                    let place = Some(format!("{place}{inner}").into());
                    return Some(Ok(Row { place, ..row }));
                }
                Some(Err(RowProblem::Rejected(reject))) => {
                    return Some(Err(reject.within(Some(&place)).into()));
                }
                Some(Err(RowProblem::Fatal(problem @ SheetError::TooBig { .. }))) => {
                    return Some(Err(problem.into()));
                }
                Some(Err(RowProblem::Fatal(problem))) => {
                    let reject = refusal(&current.name, &problem);
                    self.current = None;
                    return Some(Err(reject.into()));
                }
            }
        }
    }
}

/// A member that cannot be read, or not further.
fn refusal(name: &str, problem: &SheetError) -> Reject {
    let code = RejectCode::MemberUnreadable;
    Reject::new(0, "", code, problem.as_str()).within(Some(&format!("[{name}]")))
}

/// Members that are looked at before anybody has said what their headers are.
const SURVEYED: usize = 20;

/// The tables of an archive's first readable members.
pub(super) fn survey(
    path: &Path,
    limits: &Limits,
    mapping: &Mapping,
) -> Result<Survey, SheetError> {
    let mut archive = Archive::open(path, limits)?;
    let members = archive.members()?;
    let mut whole = Survey {
        format: Format::Zip,
        tables: Vec::new(),
        names: members.iter().map(|member| member.name.clone()).collect(),
        skipped: Vec::new(),
    };
    let mut rows = BundleRows {
        archive,
        limits: limits.clone(),
        mapping: mapping.clone(),
        waiting: VecDeque::new(),
        refused: VecDeque::new(),
        current: None,
        left: limits.inflated_bytes,
    };
    for member in members.iter().take(SURVEYED) {
        let file = match rows.unpack(member) {
            Ok(file) => file,
            Err(problem @ SheetError::TooBig { .. }) => return Err(problem),
            Err(_) => continue,
        };
        let detected = Source::detect(file.path(), Some(&member.name), limits);
        let Ok((source, content)) = detected else {
            continue;
        };
        if source.is_gzip() {
            continue;
        }
        if let Ok(one) = single(file.path(), &source, content, limits, mapping) {
            whole.tables.extend(one.tables);
            whole
                .skipped
                .extend(one.skipped.into_iter().map(|sheet| Skipped {
                    name: format!("[{}]{}", member.name, sheet.name),
                    ..sheet
                }));
        }
    }
    Ok(whole)
}
