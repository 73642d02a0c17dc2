//! The compound file in which XLS keeps its records: one named stream of it, put together from its sectors. Every
//! place is checked and every chain has an end, whatever the file says.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
};

use super::super::{SheetError, source::io_problem};

const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Numbers from here on are marks, not sectors.
const LAST_SECTOR: u32 = 0xffff_fffa;
const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
/// Directory entries that are looked at, bytes.
const DIRECTORY_BYTES: u64 = 4 << 20;
/// Streams shorter than this stand in small sectors of 64 bytes.
const SMALL_STREAM: u64 = 4096;

/// The stream of records: all of the file, where it is no compound file.
pub(super) fn workbook_stream(file: &mut File) -> Result<Vec<u8>, SheetError> {
    let length = file.seek(SeekFrom::End(0)).map_err(|e| io_problem(&e))?;
    file.rewind().map_err(|e| io_problem(&e))?;
    let mut header = Vec::new();
    (&mut *file)
        .take(HEADER_BYTES as u64)
        .read_to_end(&mut header)
        .map_err(|e| io_problem(&e))?;
    if !header.starts_with(&MAGIC[..4]) {
        file.rewind().map_err(|e| io_problem(&e))?;
        let mut stream = Vec::new();
        file.take(length)
            .read_to_end(&mut stream)
            .map_err(|e| io_problem(&e))?;
        return Ok(stream);
    }
    if header.len() < HEADER_BYTES {
        return Err(SheetError::Truncated);
    }
    if !header.starts_with(&MAGIC) {
        return Err(damaged());
    }
    Compound::read(file, length, &header)?.workbook()
}

fn damaged() -> SheetError {
    SheetError::Corrupt("the compound file is inconsistent".into())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let part = bytes.get(at..at + 2);
    part.map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let part = bytes.get(at..at + 4);
    part.map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

struct Compound<'a> {
    file: &'a mut File,
    sector_bytes: usize,
    /// Sectors that the file can hold at most.
    sectors: usize,
    /// The sector behind each sector.
    next: Vec<u32>,
    first_directory: u32,
    first_small: u32,
}

struct Entry {
    name: String,
    start: u32,
    length: u64,
}

impl<'a> Compound<'a> {
    fn read(file: &'a mut File, length: u64, header: &[u8]) -> Result<Self, SheetError> {
        let sector_bytes = match u16_at(header, 0x1e) {
            9 => 512,
            12 => 4096,
            _ => return Err(damaged()),
        };
        let sectors = usize::try_from(length / sector_bytes as u64 + 1).map_err(|_| damaged())?;
        let mut compound = Self {
            file,
            sector_bytes,
            sectors,
            next: Vec::new(),
            first_directory: u32_at(header, 0x30),
            first_small: u32_at(header, 0x3c),
        };
        let mut tables: Vec<u32> = (0..109).map(|n| u32_at(header, 0x4c + n * 4)).collect();
        let mut more = u32_at(header, 0x44);
        let mut left = sectors;
        while more < LAST_SECTOR {
            left = left.checked_sub(1).ok_or_else(damaged)?;
            let sector = compound.sector(more)?;
            let last = sector_bytes - 4;
            tables.extend((0..last / 4).map(|n| u32_at(&sector, n * 4)));
            more = u32_at(&sector, last);
        }
        for table in tables.into_iter().filter(|table| *table < LAST_SECTOR) {
            if compound.next.len() >= sectors {
                break;
            }
            let sector = compound.sector(table)?;
            let places = (0..sector_bytes / 4).map(|n| u32_at(&sector, n * 4));
            compound.next.extend(places);
        }
        Ok(compound)
    }

    /// A sector; the last one of the file may be cut short.
    fn sector(&mut self, number: u32) -> Result<Vec<u8>, SheetError> {
        let at = (u64::from(number) + 1) * self.sector_bytes as u64;
        self.file
            .seek(SeekFrom::Start(at))
            .map_err(|e| io_problem(&e))?;
        let mut sector = Vec::with_capacity(self.sector_bytes);
        (&mut *self.file)
            .take(self.sector_bytes as u64)
            .read_to_end(&mut sector)
            .map_err(|e| io_problem(&e))?;
        if sector.is_empty() {
            return Err(SheetError::Truncated);
        }
        Ok(sector)
    }

    /// The bytes of a chain of sectors, at most so many.
    fn chain(&mut self, first: u32, length: u64) -> Result<Vec<u8>, SheetError> {
        let length = usize::try_from(length).map_err(|_| damaged())?;
        let most = self.sectors * self.sector_bytes;
        let mut bytes = Vec::with_capacity(length.min(most));
        let (mut at, mut left) = (first, self.sectors);
        while at < LAST_SECTOR && bytes.len() < length {
            left = left.checked_sub(1).ok_or_else(damaged)?;
            let sector = self.sector(at)?;
            bytes.extend_from_slice(&sector[..sector.len().min(length - bytes.len())]);
            at = *self.next.get(at as usize).ok_or_else(damaged)?;
        }
        Ok(bytes)
    }

    fn entries(&mut self) -> Result<Vec<Entry>, SheetError> {
        let directory = self.chain(self.first_directory, DIRECTORY_BYTES)?;
        let (entries, _) = directory.as_chunks::<ENTRY_BYTES>();
        let entries = entries.iter().map(|entry| {
            let units = usize::from(u16_at(entry, 64) / 2).saturating_sub(1).min(31);
            let name: Vec<u16> = (0..units).map(|n| u16_at(entry, n * 2)).collect();
            Entry {
                name: String::from_utf16_lossy(&name),
                start: u32_at(entry, 116),
                length: u64::from(u32_at(entry, 120)),
            }
        });
        Ok(entries.collect())
    }

    fn workbook(mut self) -> Result<Vec<u8>, SheetError> {
        let entries = self.entries()?;
        let named = |name: &str| {
            let mut all = entries.iter();
            all.find(|entry| entry.name.eq_ignore_ascii_case(name))
        };
        if named("EncryptedPackage").is_some() {
            return Err(SheetError::Protected);
        }
        let Some(entry) = named("Workbook").or_else(|| named("Book")) else {
            return Err(SheetError::Unsupported("OLE (DOC, PPT, …)".into()));
        };
        let stream = if entry.length >= SMALL_STREAM {
            self.chain(entry.start, entry.length)?
        } else {
            let root = entries.first().ok_or_else(damaged)?;
            self.small(root, entry)?
        };
        if (stream.len() as u64) < entry.length {
            return Err(SheetError::Truncated);
        }
        Ok(stream)
    }

    /// A short stream, from the small sectors that the root entry holds.
    fn small(&mut self, root: &Entry, entry: &Entry) -> Result<Vec<u8>, SheetError> {
        const SMALL: usize = 64;
        let most = (self.sectors * self.sector_bytes) as u64;
        let pool = self.chain(root.start, root.length.min(most))?;
        let next = self.chain(self.first_small, most)?;
        let length = usize::try_from(entry.length).map_err(|_| damaged())?;
        let mut bytes = Vec::new();
        let mut at = entry.start;
        while at < LAST_SECTOR && bytes.len() < length {
            let place = at as usize * SMALL;
            let sector = pool.get(place..).filter(|rest| !rest.is_empty());
            let sector = sector.ok_or(SheetError::Truncated)?;
            let take = SMALL.min(sector.len()).min(length - bytes.len());
            bytes.extend_from_slice(&sector[..take]);
            at = match next.get(at as usize * 4..at as usize * 4 + 4) {
                Some(b) => u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
                None => return Err(damaged()),
            };
        }
        Ok(bytes)
    }
}
