//! A file as a stream of bytes: gzip unpacked and counted, the format told by the first bytes.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use super::{Limits, SheetError};

pub(super) type Bytes = Box<dyn Read + Send>;

/// What the bytes hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Xlsx,
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
        if head.starts_with(b"PK\x03\x04") {
            return Ok((source, Content::Xlsx));
        }
        if head.starts_with(&[0x1f, 0x8b]) {
            source.gzip = true;
            head = source.head()?;
        }
        let content = content_of(&head, name)?;
        Ok((source, content))
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

fn content_of(head: &[u8], name: Option<&str>) -> Result<Content, SheetError> {
    let unsupported = |what: &str| {
        let named = name.map_or(what.to_owned(), |name| {
            format!("{what}: {}", name.chars().take(100).collect::<String>())
        });
        Err(SheetError::Unsupported(named))
    };
    let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
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
        Some(_) if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) => {
            unsupported("XLS (Excel 97–2003)")
        }
        Some(_) if head.starts_with(b"%PDF") => unsupported("PDF"),
        Some(_) if head.starts_with(b"PK") => unsupported("ZIP"),
        Some(b'<') => unsupported("HTML/XML"),
        Some(b'[') if after(1) == Some(b'{') => unsupported("JSON array"),
        Some(b'{') => Ok(Content::Json),
        Some(_) if !utf16 && head.contains(&0) => unsupported("binary"),
        Some(_) => Ok(Content::Text),
    }
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
