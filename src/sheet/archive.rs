//! A ZIP archive and its members as streams of bytes, inflated one after another and counted. The directory is
//! measured before it is read into memory; nothing is ever written under a name from the archive.

use std::{
    fs::File,
    io::{BufReader, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use encoding_rs::GB18030;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::{
    Limits, SheetError,
    error::Unsafe,
    markup::{self, Xml},
    source::{Bytes, Counted, io_problem},
};

/// Files and directory bytes in an archive; more is not a workbook but an attack on memory.
pub(super) const ENTRIES: u16 = 4096;
const DIRECTORY_BYTES: u32 = 8 << 20;

/// What an archive holds, told by the names of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Xlsx,
    Ods,
    Files,
    /// A document of another office program, by its usual name.
    Other(&'static str),
}

/// A file in an archive.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) at: usize,
    pub(super) name: String,
}

/// An open archive.
pub(super) struct Archive {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
    pub(super) limits: Limits,
}

impl Archive {
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, SheetError> {
        let mut file = File::open(path).map_err(|error| io_problem(&error))?;
        check_directory(&mut file)?;
        file.rewind().map_err(|error| io_problem(&error))?;
        let archive = ZipArchive::new(BufReader::new(file))
            .map_err(|error| SheetError::Corrupt(error.to_string()))?;
        if archive.len() > usize::from(ENTRIES) {
            return Err(SheetError::Corrupt("too many files in the archive".into()));
        }
        Ok(Self {
            path: path.to_owned(),
            archive,
            limits: limits.clone(),
        })
    }

    pub(super) fn holds(&self) -> Holds {
        let has = |name: &str| self.archive.index_for_name(name).is_some();
        if has("xl/workbook.xml") {
            Holds::Xlsx
        } else if has("xl/workbook.bin") {
            Holds::Other("XLSB")
        } else if has("word/document.xml") {
            Holds::Other("DOCX")
        } else if has("ppt/presentation.xml") {
            Holds::Other("PPTX")
        } else if has("OFD.xml") {
            Holds::Other("OFD")
        } else if has("content.xml") && (has("mimetype") || has("META-INF/manifest.xml")) {
            Holds::Ods
        } else {
            Holds::Files
        }
    }

    /// The files in their order. One with a password, a link, or a path that leads elsewhere refuses the archive.
    pub(super) fn members(&mut self) -> Result<Vec<Member>, SheetError> {
        let mut members = Vec::new();
        for at in 0..self.archive.len() {
            let entry = self
                .archive
                .by_index_raw(at)
                .map_err(|error| SheetError::Corrupt(error.to_string()))?;
            let name = name_of(entry.name_raw());
            let refused = if leads_out(&name) {
                Some(Unsafe::Path)
            } else if entry.is_symlink() {
                Some(Unsafe::Link)
            } else if entry.encrypted() {
                Some(Unsafe::Encrypted)
            } else {
                None
            };
            if let Some(why) = refused {
                let member = name.chars().filter(|c| !c.is_control()).take(100).collect();
                return Err(SheetError::UnsafeMember { member, why });
            }
            if !entry.is_dir() && !is_litter(&name) {
                members.push(Member { at, name });
            }
        }
        Ok(members)
    }

    /// A member as XML, or `None` where the archive has none of this name.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Xml>, SheetError> {
        let bytes = self.named(name)?;
        Ok(bytes.map(markup::reader))
    }

    /// A member's bytes by its name.
    pub(super) fn named(&mut self, name: &str) -> Result<Option<Bytes>, SheetError> {
        let at = self.archive.index_for_name(name);
        let limit = self.limits.inflated_bytes;
        at.map(|at| self.bytes(at, limit)).transpose()
    }

    /// A member's bytes, an error beyond the limit.
    pub(super) fn bytes(&mut self, at: usize, limit: u64) -> Result<Bytes, SheetError> {
        let entry = self
            .archive
            .by_index(at)
            .map_err(|error| SheetError::Corrupt(error.to_string()))?;
        let (method, size) = (entry.compression(), entry.compressed_size());
        let start = entry.data_start().ok_or(SheetError::Truncated)?;
        let mut file = File::open(&self.path).map_err(|error| io_problem(&error))?;
        file.seek(SeekFrom::Start(start))
            .map_err(|error| io_problem(&error))?;
        let packed = BufReader::with_capacity(1 << 16, file.take(size));
        match method {
            CompressionMethod::Stored => Ok(Box::new(Counted::new(packed, limit))),
            CompressionMethod::Deflated => {
                Ok(Box::new(Counted::new(DeflateDecoder::new(packed), limit)))
            }
            other => Err(SheetError::Unsupported(format!("ZIP {other:?}"))),
        }
    }
}

/// Archives made by Chinese Windows name their members in GBK.
fn name_of(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode_without_bom_handling(raw).0.into_owned(),
    }
}

fn leads_out(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':');
    let mut steps = name.split(['/', '\\']);
    name.starts_with(['/', '\\']) || drive || name.contains('\0') || steps.any(|step| step == "..")
}

/// What systems leave in archives beside the files that people put there.
fn is_litter(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("__MACOSX/") || matches!(last, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

/// The archive's directory is read into memory as a whole: its size is checked before.
fn check_directory(file: &mut File) -> Result<(), SheetError> {
    let problem = |error| io_problem(&error);
    let length = file.seek(SeekFrom::End(0)).map_err(problem)?;
    let tail_bytes = length.min(22 + 65_535);
    file.seek(SeekFrom::Start(length - tail_bytes))
        .map_err(problem)?;
    let mut tail = Vec::new();
    file.take(tail_bytes)
        .read_to_end(&mut tail)
        .map_err(problem)?;
    let at = tail
        .windows(4)
        .rposition(|w| w == b"PK\x05\x06")
        .ok_or(SheetError::Truncated)?;
    let record = tail.get(at..at + 22).ok_or(SheetError::Truncated)?;
    let entries = u16::from_le_bytes([record[10], record[11]]);
    let bytes = u32::from_le_bytes([record[12], record[13], record[14], record[15]]);
    if entries > ENTRIES || bytes > DIRECTORY_BYTES {
        return Err(SheetError::Corrupt("too many files in the archive".into()));
    }
    Ok(())
}
