//! Which encoding a text file has, decided on its first lines that are not ASCII, and strict decoding: a
//! byte that does not belong is an error of its row, never a replacement character.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, GB18030, UTF_16BE, UTF_16LE};

use super::{
    SheetError,
    source::{Bytes, Source, io_problem},
};

const WINDOW_BYTES: usize = 256 << 10;

/// How the fields of a text file are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Gb18030,
    Utf16(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// Reads as far as the first lines that are not ASCII.
    pub(super) fn detect(source: &Source) -> Result<Self, SheetError> {
        let mut bytes = source.open()?;
        let mut window: Vec<u8> = Vec::new();
        let mut chunk = vec![0; WINDOW_BYTES];
        let mut first = true;
        while window.len() < WINDOW_BYTES {
            let read = bytes.read(&mut chunk).map_err(|error| io_problem(&error))?;
            let part = &chunk[..read];
            if std::mem::take(&mut first)
                && let Some(wide) = utf16_of(&part[..part.len().min(4096)])
            {
                return Ok(Self::Utf16(wide));
            }
            if read == 0 {
                break;
            }
            if !window.is_empty() || !part.is_ascii() {
                window.extend_from_slice(part);
            }
        }
        Self::of_window(&window)
    }

    /// The encoding in which the fewest lines are wrong; neither, where most lines are wrong in both.
    fn of_window(window: &[u8]) -> Result<Self, SheetError> {
        let mut lines: Vec<&[u8]> = window
            .split(|b| *b == b'\n')
            .filter(|line| !line.is_ascii())
            .collect();
        if window.len() >= WINDOW_BYTES && lines.len() > 1 {
            lines.pop();
            lines.remove(0);
        }
        let wrong = |encoding: Self| {
            lines
                .iter()
                .filter(|line| encoding.decode(line).is_none())
                .count()
        };
        let (utf8, gb18030) = (
            wrong(Self::Utf8),
            if lines.is_empty() {
                0
            } else {
                wrong(Self::Gb18030)
            },
        );
        if utf8.min(gb18030) * 2 > lines.len() {
            return Err(SheetError::Encoding);
        }
        Ok(if utf8 <= gb18030 {
            Self::Utf8
        } else {
            Self::Gb18030
        })
    }

    /// Do characters of two bytes end in bytes that ASCII uses?
    pub(super) fn is_gb18030(self) -> bool {
        self == Self::Gb18030
    }

    /// The bytes as records are split on: UTF-16 becomes UTF-8, all else stays.
    pub(super) fn transcode(self, bytes: Bytes) -> Bytes {
        match self {
            Self::Utf16(encoding) => to_utf8(bytes, encoding),
            _ => bytes,
        }
    }

    /// The text of a field, or `None` where a byte does not belong. (Lost UTF-16 units come as U+FFFD and
    /// are refused with the row.)
    pub(super) fn decode(self, field: &[u8]) -> Option<String> {
        match self {
            Self::Gb18030 if !field.is_ascii() => GB18030
                .decode_without_bom_handling_and_without_replacement(field)
                .map(std::borrow::Cow::into_owned),
            _ => std::str::from_utf8(field).ok().map(str::to_owned),
        }
    }
}

/// UTF-16 by its byte order mark; without one, by the zeros that delimiters, digits and line ends leave in every
/// second place. A few stand in the other places as well: 一 is U+4E00.
pub(super) fn utf16_of(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match head {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let (pairs, _) = head.as_chunks::<2>();
    let high = pairs.iter().filter(|[first, _]| *first == 0).count();
    let low = pairs.iter().filter(|[_, second]| *second == 0).count();
    let enough = pairs.len().div_ceil(20).max(4);
    if low >= enough && low > high * 4 {
        Some(UTF_16LE)
    } else if high >= enough && high > low * 4 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Bytes of another encoding as UTF-8; what does not belong becomes U+FFFD.
pub(super) fn to_utf8(bytes: Bytes, encoding: &'static encoding_rs::Encoding) -> Bytes {
    Box::new(Transcoder {
        inner: bytes,
        decoder: encoding.new_decoder_with_bom_removal(),
        input: vec![0; 1 << 15],
        output: Vec::new(),
        given: 0,
        ended: false,
    })
}

struct Transcoder {
    inner: Bytes,
    decoder: Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

impl Read for Transcoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() && !self.ended {
            let read = self.inner.read(&mut self.input)?;
            self.ended = read == 0;
            self.output.resize(read * 3 + 16, 0);
            let (result, _, written, _) =
                self.decoder
                    .decode_to_utf8(&self.input[..read], &mut self.output, self.ended);
            debug_assert_eq!(
                result,
                CoderResult::InputEmpty,
                "the output has room for every unit"
            );
            self.output.truncate(written);
            self.given = 0;
        }
        let count = buffer.len().min(self.output.len() - self.given);
        buffer[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
