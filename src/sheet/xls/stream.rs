//! The records of a workbook (BIFF), and the texts in them. A record longer than 8,224 bytes goes on in CONTINUE
//! records; a text that is cut there begins anew with its width.

use encoding_rs::{BIG5, GB18030, SHIFT_JIS, WINDOWS_1252};

use super::super::SheetError;

pub(super) const CONTINUE: u16 = 0x003c;

/// The stream with what is needed to read its texts.
pub(super) struct Stream {
    pub(super) bytes: Vec<u8>,
    /// Excel 97 and later: texts in UTF-16; before, in a code page.
    pub(super) wide: bool,
    pub(super) code_page: u16,
}

/// One record, without its head.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) id: u16,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Stream {
    /// The record at a place, `None` at the end.
    pub(super) fn record(&self, at: usize) -> Result<Option<Record>, SheetError> {
        if at >= self.bytes.len() {
            return Ok(None);
        }
        let head = self.bytes.get(at..at + 4).ok_or(SheetError::Truncated)?;
        let start = at + 4;
        let end = start + usize::from(u16::from_le_bytes([head[2], head[3]]));
        if end > self.bytes.len() {
            return Err(SheetError::Truncated);
        }
        let id = u16::from_le_bytes([head[0], head[1]]);
        Ok(Some(Record { id, start, end }))
    }

    pub(super) fn body(&self, record: Record) -> &[u8] {
        &self.bytes[record.start..record.end]
    }

    /// The pieces of a record and of those that continue it.
    pub(super) fn pieces(&self, record: Record) -> Result<Pieces, SheetError> {
        let mut pieces = vec![(record.start, record.end)];
        let mut at = record.end;
        while let Some(next) = self.record(at)?
            && next.id == CONTINUE
        {
            pieces.push((next.start, next.end));
            at = next.end;
        }
        Ok(Pieces(pieces))
    }

    /// A text in the code page of the workbook.
    pub(super) fn narrow(&self, bytes: &[u8]) -> String {
        let encoding = match self.code_page {
            950 => BIG5,
            932 => SHIFT_JIS,
            1252 | 0x8001 => WINDOWS_1252,
            _ => GB18030,
        };
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// Where the pieces of a long record stand, in order.
#[derive(Default)]
pub(super) struct Pieces(Vec<(usize, usize)>);

impl Pieces {
    pub(super) fn cursor(&self, at: usize) -> Cursor<'_> {
        let piece = self.0.partition_point(|(_, end)| *end < at);
        Cursor {
            pieces: &self.0,
            piece,
            at,
        }
    }

    pub(super) fn start(&self) -> usize {
        self.0.first().map_or(0, |(start, _)| *start)
    }
}

/// A place in a long record.
pub(super) struct Cursor<'a> {
    pieces: &'a [(usize, usize)],
    piece: usize,
    pub(super) at: usize,
}

impl Cursor<'_> {
    pub(super) fn is_at_end(&self) -> bool {
        let mut rest = self.pieces.iter().skip(self.piece);
        !rest.any(|(_, end)| self.at.max(1) < *end)
    }

    /// Bytes left in this piece; at its end the next piece is entered, and it is said so.
    fn left(&mut self) -> Result<(usize, bool), SheetError> {
        let mut entered = false;
        loop {
            let (_, end) = self.pieces.get(self.piece).ok_or(SheetError::Truncated)?;
            if self.at < *end {
                return Ok((end - self.at, entered));
            }
            self.piece += 1;
            let (start, _) = self.pieces.get(self.piece).ok_or(SheetError::Truncated)?;
            self.at = *start;
            entered = true;
        }
    }

    fn byte(&mut self, stream: &Stream) -> Result<u8, SheetError> {
        self.left()?;
        self.at += 1;
        let byte = stream.bytes.get(self.at - 1);
        byte.copied().ok_or(SheetError::Truncated)
    }

    fn number(&mut self, stream: &Stream, bytes: usize) -> Result<usize, SheetError> {
        let mut number = 0;
        for place in 0..bytes {
            number |= usize::from(self.byte(stream)?) << (8 * place);
        }
        Ok(number)
    }

    fn skip(&mut self, mut bytes: usize) -> Result<(), SheetError> {
        while bytes > 0 {
            let step = self.left()?.0.min(bytes);
            self.at += step;
            bytes -= step;
        }
        Ok(())
    }

    /// Reads a text of Excel 97 (length in two bytes) and passes over its formatting. `into`: where its characters
    /// go, if they are wanted.
    pub(super) fn text(
        &mut self,
        stream: &Stream,
        into: Option<&mut Vec<u16>>,
    ) -> Result<(), SheetError> {
        let chars = self.number(stream, 2)?;
        let flags = self.byte(stream)?;
        let runs = if flags & 8 == 0 {
            0
        } else {
            self.number(stream, 2)?
        };
        let extra = if flags & 4 == 0 {
            0
        } else {
            self.number(stream, 4)?
        };
        self.units(stream, chars, flags & 1 != 0, into)?;
        self.skip(runs * 4)?;
        self.skip(extra)
    }

    /// A text of Excel 97 without formatting of its own: in a cell's or a formula's record.
    pub(super) fn text_alone(
        &mut self,
        stream: &Stream,
        into: &mut Vec<u16>,
    ) -> Result<(), SheetError> {
        let chars = self.number(stream, 2)?;
        let flags = self.byte(stream)?;
        self.units(stream, chars, flags & 1 != 0, Some(into))
    }

    fn units(
        &mut self,
        stream: &Stream,
        mut chars: usize,
        mut wide: bool,
        mut into: Option<&mut Vec<u16>>,
    ) -> Result<(), SheetError> {
        while chars > 0 {
            let (mut left, entered) = self.left()?;
            if entered {
                wide = self.byte(stream)? & 1 != 0;
                left -= 1;
            }
            let width = if wide { 2 } else { 1 };
            let here = (left / width).min(chars);
            if here == 0 {
                // Half a character before the end of a piece, or a piece with nothing but its width.
                if left > 0 {
                    return Err(SheetError::Corrupt(
                        "a text is cut within a character".into(),
                    ));
                }
                continue;
            }
            let part = stream.bytes.get(self.at..self.at + here * width);
            let part = part.ok_or(SheetError::Truncated)?;
            if let Some(units) = &mut into {
                if wide {
                    let (pairs, _) = part.as_chunks::<2>();
                    units.extend(pairs.iter().map(|pair| u16::from_le_bytes(*pair)));
                } else {
                    units.extend(part.iter().map(|byte| u16::from(*byte)));
                }
            }
            self.at += here * width;
            chars -= here;
        }
        Ok(())
    }
}
