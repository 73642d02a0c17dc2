//! A dump read as lines: gzip or not, whatever its name; one line in memory at a time.

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use super::{Break, Report, broken, checker::Checker, line::Line};
use crate::domain::audit_head::AuditHead;

/// The dump cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the dump: {0}")]
pub struct Unreadable(#[from] std::io::Error);

/// The longest line; longer is no line of ours.
const MOST_BYTES: u64 = 256 << 20;

/// Checks a dump; the file is all that is needed.
pub fn verify_dump(file: impl Read) -> Result<std::result::Result<Report, Break>, Unreadable> {
    verify_dump_against(file, &[])
}

/// The same, and holds heads against it that somebody has kept.
pub fn verify_dump_against(
    file: impl Read,
    heads: &[AuditHead],
) -> Result<std::result::Result<Report, Break>, Unreadable> {
    let mut file = BufReader::with_capacity(1 << 16, file);
    if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        let mut lines = BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file));
        return checked(&mut lines, heads);
    }
    checked(&mut file, heads)
}

fn checked(
    lines: &mut impl BufRead,
    heads: &[AuditHead],
) -> Result<std::result::Result<Report, Break>, Unreadable> {
    let (mut checker, mut sum) = (Checker::against(heads), Sum::default());
    let (mut text, mut number, mut ended) = (Vec::new(), 0_u64, false);
    loop {
        text.clear();
        let read = lines.by_ref().take(MOST_BYTES).read_until(b'\n', &mut text);
        let read = match read {
            Ok(read) => read,
            // A damaged gzip stream is a damaged dump.
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => {
                let place = format!("line {}", number + 1);
                return Ok(Err(broken(place, format!("cannot be read: {error}"))));
            }
            Err(_) => continue,
        };
        if read == 0 {
            break;
        }
        number += 1;
        let fails = |what: String| Ok(Err(broken(format!("line {number}"), what)));
        if ended {
            return fails("comes after the last line".into());
        }
        if text.last() != Some(&b'\n') {
            return fails("is cut off".into());
        }
        let line: Line = match serde_json::from_slice(&text) {
            Ok(line) => line,
            Err(why) => return fails(format!("is no line of a dump: {why}")),
        };
        if let Line::End(end) = &line {
            ended = true;
            if end.sha256 != sum.hex() {
                return fails("the lines before are not those that were written".into());
            }
            let written = serde_json::to_vec(&line).unwrap_or_default();
            if written != text[..text.len() - 1] {
                return fails("is not as it was written".into());
            }
        }
        sum.add(&text);
        if let Err(found) = checker.take(line) {
            return Ok(Err(found));
        }
    }
    if !ended {
        return Ok(Err(broken("the dump", "ends before its last line")));
    }
    Ok(Ok(checker.report))
}

/// The hash of all lines of a dump.
#[derive(Clone, Default)]
pub struct Sum(Sha256);

impl Sum {
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn hex(&self) -> String {
        hex::encode(self.0.clone().finalize())
    }
}
