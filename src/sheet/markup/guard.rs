//! Keeps an XML reader's memory small: a piece of text or markup without end, or a document type, is an
//! error before the reader has gathered it.

use std::io::{self, Read};

use super::super::SheetError;

/// The longest text between two tags, and the longest tag or comment. A cell holds at most 32,767 characters.
const PIECE_BYTES: usize = 4 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// Right behind `<`.
    Less,
    Tag,
    Quote(u8),
    /// Behind `<!`: a comment and CDATA are known by their first byte.
    Bang,
    /// In a document type that may stand: its quoted names are passed over, `[` opens declarations.
    Doctype(Option<u8>),
    /// Until the two bytes before `>` match: `--`, `]]`, or `?` alone.
    Until {
        mark: u8,
        twice: bool,
        matched: u8,
    },
}

fn endless() -> SheetError {
    SheetError::Corrupt("a cell or tag without end".into())
}

/// Passes XML through and watches it.
pub(in crate::sheet) struct Guard<R> {
    inner: R,
    state: State,
    run: usize,
    /// May there be a document type that declares nothing?
    doctype: bool,
}

impl<R> Guard<R> {
    pub(super) fn new(inner: R, doctype: bool) -> Self {
        Self {
            inner,
            state: State::Text,
            run: 0,
            doctype,
        }
    }

    /// How many of these bytes change nothing: text ends with `<`, a quoted value with its mark.
    fn calm(&self, bytes: &[u8]) -> usize {
        let end = match self.state {
            State::Text => memchr::memchr(b'<', bytes),
            State::Quote(mark) => memchr::memchr(mark, bytes),
            _ => Some(0),
        };
        end.unwrap_or(bytes.len())
    }

    fn step(&mut self, byte: u8) -> Result<(), SheetError> {
        self.run += 1;
        if self.run > PIECE_BYTES {
            return Err(endless());
        }
        let next = match (self.state, byte) {
            (State::Text, b'<') => State::Less,
            (State::Less, b'!') => State::Bang,
            (State::Less, b'?') => State::Until {
                mark: b'?',
                twice: false,
                matched: 0,
            },
            (State::Bang, b'-') => State::Until {
                mark: b'-',
                twice: true,
                matched: 0,
            },
            (State::Bang, b'[') => State::Until {
                mark: b']',
                twice: true,
                matched: 0,
            },
            (State::Bang, b'D' | b'd') if self.doctype => State::Doctype(None),
            (State::Bang, _) | (State::Doctype(None), b'[') => {
                return Err(SheetError::DocumentType);
            }
            (State::Doctype(None), b'"' | b'\'') => State::Doctype(Some(byte)),
            (State::Doctype(Some(mark)), _) if byte == mark => State::Doctype(None),
            (State::Less | State::Tag | State::Doctype(None), b'>') => State::Text,
            (State::Less | State::Tag, b'"' | b'\'') => State::Quote(byte),
            (State::Less, _) => State::Tag,
            (State::Quote(mark), _) if byte == mark => State::Tag,
            (
                State::Until {
                    mark,
                    twice,
                    matched,
                },
                _,
            ) => {
                let enough = if twice { 2 } else { 1 };
                match byte {
                    b'>' if matched >= enough => State::Text,
                    _ if byte == mark => State::Until {
                        mark,
                        twice,
                        matched: (matched + 1).min(2),
                    },
                    _ => State::Until {
                        mark,
                        twice,
                        matched: 0,
                    },
                }
            }
            (same, _) => same,
        };
        if next != self.state && matches!(next, State::Text | State::Less) {
            self.run = 0;
        }
        self.state = next;
        Ok(())
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let mut rest = &buffer[..read];
        while !rest.is_empty() {
            let calm = self.calm(rest);
            self.run = self.run.saturating_add(calm);
            if let Some(byte) = rest.get(calm) {
                self.step(*byte).map_err(io::Error::other)?;
            } else if self.run > PIECE_BYTES {
                return Err(io::Error::other(endless()));
            }
            rest = rest.get(calm + 1..).unwrap_or_default();
        }
        Ok(read)
    }
}
