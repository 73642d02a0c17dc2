//! The rows of one sheet: the places of its cells by row, decoded one row at a time. Cells need not stand in the
//! order of their rows. A formula counts with its last computed value.

use std::sync::Arc;

use super::{
    super::{
        SheetError,
        book::{CELL_BYTES, MERGES, SheetReader, SheetRow},
        headers::Plan,
    },
    BOF, EOF, Inner,
    stream::Record,
    u16_of, u32_of,
};
use crate::domain::intake::Cell;

const LABEL_SHARED: u16 = 0x00fd;
const LABEL: u16 = 0x0204;
const RICH_LABEL: u16 = 0x00d6;
const NUMBER: u16 = 0x0203;
const RK: u16 = 0x027e;
const RK_ROW: u16 = 0x00bd;
const FORMULA: [u16; 3] = [0x0006, 0x0206, 0x0406];
const FORMULA_TEXT: u16 = 0x0207;
const BOOLEAN: u16 = 0x0205;
const MERGED: u16 = 0x00e5;
/// Records between a formula and its text: those of shared and array formulas.
const BETWEEN: usize = 3;

pub(super) struct SheetRows {
    inner: Arc<Inner>,
    plan: Option<Plan>,
    row_bytes: usize,
    /// Row and place of every record with cells.
    places: Vec<(u16, u32)>,
    next: usize,
    /// First row, column, last row of each range merged downwards; rows from 0.
    merges: Vec<(u16, u16, u16)>,
}

impl SheetRows {
    /// Passes over the sheet once.
    pub(super) fn new(
        inner: Arc<Inner>,
        at: usize,
        plan: Option<Plan>,
        row_bytes: usize,
    ) -> Result<Self, SheetError> {
        let mut rows = Self {
            inner,
            plan,
            row_bytes,
            places: Vec::new(),
            next: 0,
            merges: Vec::new(),
        };
        let (mut at, mut depth) = (at, 0_u32);
        let inner = Arc::clone(&rows.inner);
        while let Some(record) = inner.stream.record(at)? {
            let body = inner.stream.body(record);
            match record.id {
                BOF => depth += 1,
                EOF if depth <= 1 => break,
                EOF => depth -= 1,
                MERGED => rows.merge(body),
                // Charts stand inside the sheet, with cells of their own.
                id if depth == 1 && holds_cells(id) => {
                    let place = u32::try_from(at).map_err(|_| SheetError::Truncated)?;
                    rows.places.push((u16_of(body, 0).unwrap_or(0), place));
                }
                _ => {}
            }
            at = record.end;
        }
        if !rows.places.is_sorted() {
            rows.places.sort_unstable();
        }
        rows.merges.sort_unstable();
        Ok(rows)
    }

    fn merge(&mut self, body: &[u8]) {
        let (ranges, _) = body.get(2..).unwrap_or_default().as_chunks::<8>();
        for range in ranges {
            let word = |at: usize| u16::from_le_bytes([range[at], range[at + 1]]);
            let (first, last, column) = (word(0), word(2), word(4));
            if last > first && self.merges.len() < MERGES {
                self.merges.push((first, column, last));
            }
        }
    }

    fn decode(&self, record: Record, row: &mut Filling<'_>) -> Result<(), SheetError> {
        let inner = &self.inner;
        let body = inner.stream.body(record);
        let column = u16_of(body, 2).unwrap_or(0);
        match record.id {
            RK_ROW => {
                let (items, _) = body.get(4..).unwrap_or_default().as_chunks::<6>();
                for (place, item) in (0_u16..).zip(items) {
                    let rk = u32::from_le_bytes([item[2], item[3], item[4], item[5]]);
                    row.put(column.saturating_add(place), Cell::Number(rk_number(rk)));
                }
            }
            _ if !row.wants(column) => {}
            LABEL_SHARED => {
                let number = u32_of(body, 6).unwrap_or(u32::MAX);
                if let Some(text) = inner.shared(number as usize)? {
                    row.put(column, Cell::Text(text));
                }
            }
            LABEL | RICH_LABEL => {
                let text = self.text(record, 6)?;
                row.put(column, Cell::Text(text));
            }
            NUMBER => {
                if let Some(number) = f64_of(body, 6) {
                    row.put(column, Cell::Number(number));
                }
            }
            RK => {
                if let Some(rk) = u32_of(body, 6) {
                    row.put(column, Cell::Number(rk_number(rk)));
                }
            }
            BOOLEAN => {
                if let Some([value, 0]) = body.get(6..8) {
                    row.put(column, boolean(*value));
                }
            }
            _ => {
                if let Some(cell) = self.computed(record, body)? {
                    row.put(column, cell);
                }
            }
        }
        Ok(())
    }

    /// The last value of a formula.
    fn computed(&self, record: Record, body: &[u8]) -> Result<Option<Cell>, SheetError> {
        let Some(value) = body.get(6..14) else {
            return Ok(None);
        };
        Ok(match value {
            [0, .., 0xff, 0xff] => {
                let mut at = record.end;
                for _ in 0..BETWEEN {
                    let Some(next) = self.inner.stream.record(at)? else {
                        return Ok(None);
                    };
                    if matches!(next.id, FORMULA_TEXT | 0x0007) {
                        return Ok(Some(Cell::Text(self.text(next, 0)?)));
                    }
                    at = next.end;
                }
                None
            }
            [1, _, value, .., 0xff, 0xff] => Some(boolean(*value)),
            [.., 0xff, 0xff] => None,
            _ => f64_of(body, 6).map(Cell::Number),
        })
    }

    /// A text that stands in a record by itself.
    fn text(&self, record: Record, skip: usize) -> Result<String, SheetError> {
        let stream = &self.inner.stream;
        if stream.wide {
            let pieces = stream.pieces(record)?;
            let mut units = Vec::new();
            let mut cursor = pieces.cursor(record.start + skip);
            cursor.text_alone(stream, &mut units)?;
            return Ok(String::from_utf16_lossy(&units));
        }
        let body = stream.body(record);
        let length = usize::from(u16_of(body, skip).unwrap_or(0));
        let text = body.get(skip + 2..).unwrap_or_default();
        Ok(stream.narrow(&text[..length.min(text.len())]))
    }

    fn spans(&self, row: u16) -> Vec<(usize, u64)> {
        let from = self.merges.partition_point(|(first, ..)| *first < row);
        let here = self.merges[from..].iter();
        here.take_while(|(first, ..)| *first == row)
            .map(|(_, column, last)| (usize::from(*column), u64::from(*last) + 1))
            .filter(|(column, _)| self.plan.as_ref().is_none_or(|plan| plan.wants(*column)))
            .collect()
    }
}

impl SheetReader for SheetRows {
    fn next(&mut self) -> Result<Option<SheetRow>, SheetError> {
        let Some((number, _)) = self.places.get(self.next).copied() else {
            return Ok(None);
        };
        let mut filling = Filling {
            plan: self.plan.as_ref(),
            row: SheetRow {
                number: u64::from(number) + 1,
                spans: self.spans(number),
                ..SheetRow::default()
            },
            left: self.row_bytes,
        };
        let mut next = self.next;
        while let Some((row, at)) = self.places.get(next)
            && *row == number
        {
            next += 1;
            let record = self.inner.stream.record(*at as usize)?;
            self.decode(record.ok_or(SheetError::Truncated)?, &mut filling)?;
        }
        let row = filling.row;
        self.next = next;
        Ok(Some(row))
    }
}

/// The row being filled, within its bounds.
struct Filling<'a> {
    plan: Option<&'a Plan>,
    row: SheetRow,
    left: usize,
}

impl Filling<'_> {
    fn wants(&self, column: u16) -> bool {
        self.plan.is_none_or(|plan| plan.wants(usize::from(column)))
    }

    fn put(&mut self, column: u16, cell: Cell) {
        if !self.wants(column) {
            return;
        }
        let length = match &cell {
            Cell::Text(text) => text.len(),
            Cell::Number(_) | Cell::List(_) => 0,
        };
        match self.left.checked_sub(length + CELL_BYTES) {
            Some(left) => {
                self.left = left;
                self.row.cells.push((usize::from(column), cell));
            }
            None => self.row.too_long = true,
        }
    }
}

fn holds_cells(id: u16) -> bool {
    matches!(
        id,
        LABEL_SHARED | LABEL | RICH_LABEL | NUMBER | RK | RK_ROW | BOOLEAN
    ) || FORMULA.contains(&id)
}

fn boolean(value: u8) -> Cell {
    Cell::Text(if value == 0 { "false" } else { "true" }.into())
}

fn f64_of(bytes: &[u8], at: usize) -> Option<f64> {
    let part = bytes.get(at..at + 8)?.try_into().ok()?;
    Some(f64::from_le_bytes(part)).filter(|number| number.is_finite())
}

/// A number in 30 bits: the upper part of a float or an integer, either of them in hundredths.
fn rk_number(rk: u32) -> f64 {
    let number = if rk & 2 == 0 {
        f64::from_bits(u64::from(rk & !3) << 32)
    } else {
        f64::from(rk.cast_signed() >> 2)
    };
    let number = if rk & 1 == 0 { number } else { number / 100.0 };
    if number.is_finite() { number } else { 0.0 }
}
