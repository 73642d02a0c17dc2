//! The shared strings of a workbook, read as far as cells name them: in memory while they are few, beyond that all of them
//! in a temporary file with only their places in memory. Cells mostly name them in their order, so that a few pages of
//! the file suffice.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    sync::{Mutex, PoisonError},
};

use super::{
    super::{Limits, SheetError, source::io_problem},
    parts::SharedTexts,
};

/// What a place costs, with room for the list of places to grow.
const PLACE_BYTES: usize = 16;
/// Pages of the file that are kept in memory, and their size.
const PAGES: usize = 256;
const PAGE_BYTES: usize = 64 << 10;

/// Texts by number.
pub(super) struct Strings(Mutex<Kept>);

struct Kept {
    /// What is still to be read.
    rest: Option<SharedTexts>,
    /// Where each text ends; it begins where the one before ended.
    ends: Vec<u64>,
    used_bytes: usize,
    limit_bytes: usize,
    /// Texts beyond this go to the file.
    memory_bytes: usize,
    texts: Texts,
    /// The longest text welcome: a cell holds no longer one.
    text_bytes: usize,
    folder: std::path::PathBuf,
}

enum Texts {
    Memory(Vec<u8>),
    Writing(BufWriter<File>),
    Spooled(Pages),
}

impl Strings {
    pub(super) fn new(limits: &Limits, rest: Option<SharedTexts>) -> Self {
        Self(Mutex::new(Kept {
            rest,
            ends: Vec::new(),
            used_bytes: 0,
            limit_bytes: limits.shared_strings_bytes,
            memory_bytes: limits.shared_strings_bytes / 8,
            texts: Texts::Memory(Vec::new()),
            text_bytes: limits.line_bytes,
            folder: limits.scratch.clone(),
        }))
    }

    /// Reads all of them, so that a workbook with too many is refused before a row of it is taken.
    pub(super) fn fill(&self) -> Result<(), SheetError> {
        self.kept().read_to(usize::MAX)
    }

    /// The text of a number that a cell names; of one beyond what a row may hold one byte too many.
    pub(super) fn get(&self, number: usize) -> Result<Option<String>, SheetError> {
        let mut kept = self.kept();
        kept.read_to(number)?;
        let bytes = kept.text(number)?;
        Ok(bytes.map(|bytes| match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(cut) => String::from_utf8_lossy(cut.as_bytes()).into_owned(),
        }))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Reads on until there is a text of this number, and to the end where they go to the file.
    fn read_to(&mut self, number: usize) -> Result<(), SheetError> {
        let limit_bytes = self.limit_bytes;
        let full = move || SheetError::TooManyStrings { limit_bytes };
        while let Some(rest) = &mut self.rest {
            if self.ends.len() > number && !matches!(self.texts, Texts::Writing(_)) {
                return Ok(());
            }
            match rest.next(limit_bytes / 2, full)? {
                Some(text) => self.push(&text, full)?,
                None => self.finish()?,
            }
        }
        Ok(())
    }

    fn push(&mut self, text: &str, full: impl Fn() -> SheetError) -> Result<(), SheetError> {
        self.used_bytes = self.used_bytes.saturating_add(PLACE_BYTES);
        if self.used_bytes > self.limit_bytes - self.memory_bytes {
            return Err(full());
        }
        let begin = self.ends.last().copied().unwrap_or(0);
        self.ends.push(begin + text.len() as u64);
        if let Texts::Memory(texts) = &mut self.texts {
            if texts.len() + text.len() <= self.memory_bytes {
                texts.extend_from_slice(text.as_bytes());
                return Ok(());
            }
            std::fs::create_dir_all(&self.folder).map_err(|error| io_problem(&error))?;
            let file = tempfile::tempfile_in(&self.folder).map_err(|error| io_problem(&error))?;
            let mut file = BufWriter::with_capacity(PAGE_BYTES, file);
            file.write_all(texts).map_err(|error| io_problem(&error))?;
            self.texts = Texts::Writing(file);
        }
        if let Texts::Writing(file) = &mut self.texts {
            file.write_all(text.as_bytes())
                .map_err(|error| io_problem(&error))?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SheetError> {
        self.rest = None;
        match std::mem::replace(&mut self.texts, Texts::Memory(Vec::new())) {
            Texts::Writing(file) => {
                let file = file.into_inner();
                let file = file.map_err(|error| io_problem(error.error()))?;
                self.texts = Texts::Spooled(Pages::new(file));
            }
            texts => self.texts = texts,
        }
        Ok(())
    }

    fn text(&mut self, number: usize) -> Result<Option<Vec<u8>>, SheetError> {
        let Some(end) = self.ends.get(number).copied() else {
            return Ok(None);
        };
        let begin = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = end.min(begin + self.text_bytes as u64 + 1);
        Ok(match &mut self.texts {
            Texts::Memory(texts) => {
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                texts.get(place(begin)..place(end)).map(<[u8]>::to_vec)
            }
            Texts::Writing(_) => None,
            Texts::Spooled(pages) => {
                let read = pages.read(begin, end);
                Some(read.map_err(|error| io_problem(&error))?)
            }
        })
    }
}

/// A file of which the pages used last are in memory.
struct Pages {
    file: File,
    pages: HashMap<u64, (u64, Vec<u8>)>,
    uses: u64,
}

impl Pages {
    fn new(file: File) -> Self {
        Self {
            file,
            pages: HashMap::new(),
            uses: 0,
        }
    }

    fn read(&mut self, begin: u64, end: u64) -> std::io::Result<Vec<u8>> {
        let size = PAGE_BYTES as u64;
        let mut bytes = Vec::new();
        let mut at = begin;
        while at < end {
            let number = at / size;
            let page = self.page(number)?;
            let place = |at: u64| usize::try_from(at - number * size).unwrap_or(usize::MAX);
            let part = page.get(place(at)..place(end.min((number + 1) * size)));
            bytes.extend_from_slice(part.ok_or(std::io::ErrorKind::UnexpectedEof)?);
            at = (number + 1) * size;
        }
        Ok(bytes)
    }

    fn page(&mut self, number: u64) -> std::io::Result<&[u8]> {
        self.uses += 1;
        if !self.pages.contains_key(&number) {
            if self.pages.len() >= PAGES
                && let Some(oldest) = self.pages.iter().min_by_key(|(_, (used, _))| *used)
            {
                let oldest = *oldest.0;
                self.pages.remove(&oldest);
            }
            let mut page = Vec::with_capacity(PAGE_BYTES);
            self.file
                .seek(SeekFrom::Start(number * PAGE_BYTES as u64))?;
            (&self.file)
                .take(PAGE_BYTES as u64)
                .read_to_end(&mut page)?;
            self.pages.insert(number, (0, page));
        }
        let kept = self.pages.get_mut(&number);
        let (last, page) = kept.ok_or(std::io::ErrorKind::NotFound)?;
        *last = self.uses;
        Ok(page)
    }
}
