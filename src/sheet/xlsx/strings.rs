//! The shared strings of a workbook: all of its texts, in memory once, in blocks, up to a limit.

use super::super::SheetError;

const BLOCK_BYTES: usize = 1 << 20;
/// What a string costs in the index, with room for the index to grow.
const ENTRY_BYTES: usize = 24;

/// Texts by number.
pub(super) struct Strings {
    blocks: Vec<String>,
    /// Block, start and length of each text.
    index: Vec<(u32, u32, u32)>,
    used_bytes: usize,
    limit_bytes: usize,
}

impl Strings {
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self {
            blocks: Vec::new(),
            index: Vec::new(),
            used_bytes: 0,
            limit_bytes,
        }
    }

    pub(super) fn push(&mut self, text: &str) -> Result<(), SheetError> {
        self.spend(ENTRY_BYTES)?;
        let fits = self
            .blocks
            .last()
            .is_some_and(|block| block.capacity() - block.len() >= text.len());
        if !fits {
            let capacity = BLOCK_BYTES.min(self.limit_bytes).max(text.len());
            self.spend(capacity)?;
            self.blocks.push(String::with_capacity(capacity));
        }
        let place = self.blocks.len() - 1;
        let start = self.blocks[place].len();
        self.blocks[place].push_str(text);
        let small = |n: usize| u32::try_from(n).map_err(|_| self.full());
        let entry = (small(place)?, small(start)?, small(text.len())?);
        self.index.push(entry);
        Ok(())
    }

    /// The text of a number that a cell names.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let (place, start, length) = *self.index.get(number)?;
        self.blocks
            .get(place as usize)?
            .get(start as usize..(start + length) as usize)
    }

    /// The longest text still welcome.
    pub(super) fn room(&self) -> usize {
        self.limit_bytes.saturating_sub(self.used_bytes)
    }

    pub(super) fn full(&self) -> SheetError {
        SheetError::TooManyStrings {
            limit_bytes: self.limit_bytes,
        }
    }

    fn spend(&mut self, bytes: usize) -> Result<(), SheetError> {
        self.used_bytes = self.used_bytes.saturating_add(bytes);
        if self.used_bytes > self.limit_bytes {
            Err(self.full())
        } else {
            Ok(())
        }
    }
}
