//! A file as a stream of bytes: gzip unpacked and counted, the format told by the first bytes.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use super::{
    Limits, SheetError,
    archive::{Archive, Holds},
    book::Kind,
    encoding::utf16_of,
};

pub(super) type Bytes = Box<dyn Read + Send>;

/// What the bytes hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Book(Kind),
    /// An archive of files.
    Zip,
    Xml,
    Json,
    Text,
}

/// A file that can be opened again and again.
pub(super) struct Source {
    path: PathBuf,
    gzip: bool,
    limit: u64,
}

impl Source {
    pub(super) fn detect(
        path: &Path,
        name: Option<&str>,
        limits: &Limits,
    ) -> Result<(Self, Content), SheetError> {
        let mut source = Self {
            path: path.to_owned(),
            gzip: false,
            limit: limits.inflated_bytes,
        };
        let mut head = source.head()?;
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            let content = match Archive::open(path, limits)?.holds() {
                Holds::Xlsx => Content::Book(Kind::Xlsx),
                Holds::Ods => Content::Book(Kind::Ods),
                Holds::Files => Content::Zip,
                Holds::Other(what) => return Err(unsupported(what, name)),
            };
            return Ok((source, content));
        }
        if is_xls(&head) {
            return Ok((source, Content::Book(Kind::Xls)));
        }
        if head.starts_with(&[0x1f, 0x8b]) {
            source.gzip = true;
            head = source.head()?;
            if head.starts_with(b"PK") || is_xls(&head) || head.starts_with(&[0x1f, 0x8b]) {
                return Err(unsupported("GZIP", name));
            }
        }
        let content = content_of(&head, name)?;
        Ok((source, content))
    }

    /// Is the file packed by itself?
    pub(super) fn is_gzip(&self) -> bool {
        self.gzip
    }

    pub(super) fn open(&self) -> Result<Bytes, SheetError> {
        let file = File::open(&self.path).map_err(|error| io_problem(&error))?;
        let file = io::BufReader::with_capacity(1 << 16, file);
        Ok(if self.gzip {
            Box::new(Counted::new(MultiGzDecoder::new(file), self.limit))
        } else {
            Box::new(file)
        })
    }

    fn head(&self) -> Result<Vec<u8>, SheetError> {
        let mut head = Vec::new();
        self.open()?
            .take(4096)
            .read_to_end(&mut head)
            .map_err(|error| io_problem(&error))?;
        Ok(head)
    }
}

/// The compound file of Excel 97–2003, or its stream of records alone, as some programs write it.
fn is_xls(head: &[u8]) -> bool {
    head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
        || matches!(head, [0x09, 0x08, 8 | 16, 0, 0, 5 | 6, 5 | 16, 0, ..])
}

fn unsupported(what: &str, name: Option<&str>) -> SheetError {
    SheetError::Unsupported(name.map_or(what.to_owned(), |name| {
        format!("{what}: {}", name.chars().take(100).collect::<String>())
    }))
}

fn content_of(head: &[u8], name: Option<&str>) -> Result<Content, SheetError> {
    let unsupported = |what: &str| Err(unsupported(what, name));
    let wide = utf16_of(head).map(|encoding| encoding.decode(head).0);
    let text = wide.as_ref().map_or(head, |text| text.as_bytes());
    let text = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii_start();
    let after = |skip: usize| {
        text.get(skip..)
            .unwrap_or_default()
            .trim_ascii_start()
            .first()
            .copied()
    };
    match text.first() {
        None => Err(SheetError::Empty),
        Some(_) if head.starts_with(b"%PDF") => unsupported("PDF"),
        Some(_) if head.starts_with(b"PK") => unsupported("ZIP"),
        Some(_) if head.starts_with(b"Rar!") => unsupported("RAR"),
        Some(_) if head.starts_with(b"7z\xbc\xaf") => unsupported("7z"),
        Some(b'<') if is_html(text) => unsupported("HTML"),
        Some(b'<') => Ok(Content::Xml),
        Some(b'[') if after(1) == Some(b'{') => unsupported("JSON array"),
        Some(b'{') => Ok(Content::Json),
        Some(_) if wide.is_none() && head.contains(&0) => unsupported("binary"),
        Some(_) => Ok(Content::Text),
    }
}

/// A web page, whatever its name says: some sites call their tables `.xls`.
fn is_html(text: &[u8]) -> bool {
    const MARKS: [&[u8]; 6] = [
        b"<html",
        b"<table",
        b"<head",
        b"<meta",
        b"<body",
        b"<!doctype html",
    ];
    let start = text[..text.len().min(1024)].to_ascii_lowercase();
    MARKS
        .iter()
        .any(|mark| start.windows(mark.len()).any(|part| part == *mark))
}

/// Marks the error of a stream that inflates beyond its limit.
#[derive(Debug, thiserror::Error)]
#[error("inflates beyond {0} bytes")]
struct Bomb(u64);

/// Passes bytes through until the limit is reached.
pub(super) struct Counted<R> {
    inner: R,
    limit: u64,
    left: u64,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        Self {
            inner,
            limit,
            left: limit,
        }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let Some(left) = self.left.checked_sub(read as u64) else {
            return Err(io::Error::other(Bomb(self.limit)));
        };
        self.left = left;
        Ok(read)
    }
}

/// The problem behind an IO error of one of our streams.
pub(super) fn io_problem(error: &io::Error) -> SheetError {
    if let Some(bomb) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Bomb>())
    {
        return SheetError::TooBig {
            limit_bytes: bomb.0,
        };
    }
    if let Some(own) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<SheetError>())
    {
        return own.clone();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => SheetError::Truncated,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            SheetError::Corrupt(error.to_string())
        }
        _ => SheetError::Io(error.to_string()),
    }
}
