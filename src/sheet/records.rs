//! Bytes into CSV records (RFC 4180), each within the limit. A quotation mark that no later line closes
//! gives back the lines read behind it, so that it costs one row.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader},
    iter::Peekable,
};

use super::{
    SheetError,
    source::{Bytes, io_problem},
};

/// Rows with an open quotation mark before the file counts as damaged: each costs a lookahead.
const OPEN_QUOTES: u32 = 100;

/// One record, or why there is none.
pub(super) enum Record {
    Fields(Vec<Vec<u8>>),
    /// A physical line beyond the limit; it was skipped.
    TooLong,
    /// A quotation mark that no later line within the limit closes; only its first line was taken.
    OpenQuote(Vec<u8>),
}

/// Splits bytes into records (RFC 4180), before they are decoded: the second byte of a GB18030 character may look
/// like `|` or `^` and belongs to its character.
pub(super) struct Records {
    input: BufReader<Bytes>,
    delimiter: u8,
    gb18030: bool,
    line_bytes: usize,
    /// Lines read ahead behind an open quotation mark.
    ahead: VecDeque<Vec<u8>>,
    /// Of the last record, counted from 1 as a spreadsheet shows it.
    pub(super) number: u64,
    open_quotes: u32,
    started: bool,
}

impl Records {
    pub(super) fn new(bytes: Bytes, delimiter: u8, gb18030: bool, line_bytes: usize) -> Self {
        let input = BufReader::with_capacity(1 << 16, bytes);
        Self {
            input,
            delimiter,
            gb18030,
            line_bytes,
            ahead: VecDeque::new(),
            number: 0,
            open_quotes: 0,
            started: false,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Record>, SheetError> {
        let Some(first) = self.line()? else {
            return Ok(None);
        };
        self.number += 1;
        if first.len() > self.line_bytes {
            return Ok(Some(Record::TooLong));
        }
        let mut splitter = Splitter::new(self.delimiter, self.gb18030);
        splitter.feed(&first);
        let mut length = first.len();
        let mut lines = vec![first];
        while splitter.quoted {
            let line = self.line()?;
            length += line.as_ref().map_or(self.line_bytes, Vec::len);
            let fits = length <= self.line_bytes;
            if let Some(line) = line {
                splitter.feed(&line);
                lines.push(line);
            }
            if !fits && splitter.quoted {
                return self.give_back(lines).map(Some);
            }
        }
        Ok(Some(if length > self.line_bytes {
            Record::TooLong
        } else {
            Record::Fields(splitter.finish())
        }))
    }

    fn give_back(&mut self, lines: Vec<Vec<u8>>) -> Result<Record, SheetError> {
        self.open_quotes += 1;
        if self.open_quotes > OPEN_QUOTES {
            return Err(SheetError::Corrupt("quotation marks are not closed".into()));
        }
        let mut lines = lines.into_iter();
        let first = lines.next().unwrap_or_default();
        for line in lines.rev() {
            self.ahead.push_front(line);
        }
        Ok(Record::OpenQuote(first))
    }

    /// The next physical line with its end; of one beyond the limit no more than one byte too many.
    fn line(&mut self) -> Result<Option<Vec<u8>>, SheetError> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        loop {
            let buffer = self.input.fill_buf().map_err(|error| io_problem(&error))?;
            if buffer.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', buffer).map(|at| at + 1);
            let take = end.unwrap_or(buffer.len());
            let room = (self.line_bytes + 1).saturating_sub(line.len());
            line.extend_from_slice(&buffer[..take.min(room)]);
            self.input.consume(take);
            if end.is_some() {
                break;
            }
        }
        if !std::mem::replace(&mut self.started, true) && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        Ok((!line.is_empty()).then_some(line))
    }
}

struct Splitter {
    delimiter: u8,
    gb18030: bool,
    fields: Vec<Vec<u8>>,
    field: Vec<u8>,
    /// Inside quotation marks.
    quoted: bool,
    /// The field began with a quotation mark.
    was_quoted: bool,
}

impl Splitter {
    fn new(delimiter: u8, gb18030: bool) -> Self {
        Self {
            delimiter,
            gb18030,
            fields: Vec::new(),
            field: Vec::new(),
            quoted: false,
            was_quoted: false,
        }
    }

    fn feed(&mut self, line: &[u8]) {
        let mut rest = line;
        while !rest.is_empty() {
            let plain = self.plain(rest);
            self.field.extend_from_slice(&rest[..plain]);
            let mut bytes = rest[plain..].iter().copied().peekable();
            self.mark(&mut bytes);
            rest = &rest[rest.len() - bytes.len()..];
        }
    }

    /// How many of these bytes are the field's as they stand.
    fn plain(&self, bytes: &[u8]) -> usize {
        let end = match (self.gb18030, self.quoted) {
            // The second byte of a character may look like a mark.
            (true, _) => Some(0),
            (false, true) => memchr::memchr(b'"', bytes),
            // A line has its `\n` at its end alone.
            (false, false) => memchr::memchr3(self.delimiter, b'"', b'\r', bytes)
                .or_else(|| bytes.ends_with(b"\n").then(|| bytes.len() - 1)),
        };
        end.unwrap_or(bytes.len())
    }

    /// Takes the next byte, or the next character of GB18030, for what it is.
    fn mark(&mut self, bytes: &mut Peekable<impl ExactSizeIterator<Item = u8>>) {
        let Some(byte) = bytes.next() else { return };
        if self.gb18030
            && (0x81..=0xfe).contains(&byte)
            && let Some(trail) = bytes.next_if(|next| (0x40..=0xfe).contains(next))
        {
            self.field.extend([byte, trail]);
            return;
        }
        match byte {
            b'"' if self.quoted => {
                if bytes.next_if_eq(&b'"').is_some() {
                    self.field.push(b'"');
                } else {
                    self.quoted = false;
                }
            }
            _ if self.quoted => self.field.push(byte),
            b'"' if self.field.is_empty() && !self.was_quoted => {
                self.quoted = true;
                self.was_quoted = true;
            }
            b'\n' => {}
            b'\r' if bytes.peek().is_none_or(|next| *next == b'\n') => {}
            _ if byte == self.delimiter => self.end_field(),
            _ => self.field.push(byte),
        }
    }

    fn end_field(&mut self) {
        self.fields.push(std::mem::take(&mut self.field));
        self.was_quoted = false;
    }

    fn finish(mut self) -> Vec<Vec<u8>> {
        self.end_field();
        self.fields
    }
}
