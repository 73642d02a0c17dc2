//! Cells into values: what is wrong is noted beside its column, and reading goes on, so that a form can show
//! everything at once.

use super::{AmountError, Column, Flaw, Line};
use crate::domain::{
    amounts::yuan,
    codes::AppNo,
    intake::{Cell, DayError, RejectCode, day_of, number_fault, text_of},
    money::Fen,
    time::Day,
};

/// Above this a spreadsheet's number has lost digits.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A line being read.
pub(super) struct Reading<'a> {
    pub(super) line: &'a Line,
    pub(super) flaws: Vec<Flaw>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(line: &'a Line) -> Self {
        let mut reading = Self {
            line,
            flaws: Vec::new(),
        };
        reading.look();
        reading
    }

    /// What is wrong with cells whatever they say: damaged characters, the template's example.
    fn look(&mut self) {
        let line = self.line;
        for (column, _, cell) in &line.cells {
            let Some(text) = text_of(cell) else { continue };
            if text.contains('\u{fffd}') {
                self.flaws
                    .push(Flaw::of(*column, RejectCode::WrongEncoding, &text));
            }
        }
        let marked = |column| {
            Some((
                column,
                self.text(column).filter(|t| t.starts_with(EXAMPLE))?,
            ))
        };
        let marked = marked(Column::DeclarationNumber).or_else(|| marked(Column::Event));
        if let Some((column, text)) = marked {
            let flaw = Flaw::new(
                column,
                &text,
                "exampleRow",
                "这是模板里的虚构示例。",
                "This is the template's fictional example.",
            );
            self.flaws = vec![flaw.cure(
                "请删除这一行，再填写真实的记录。",
                "Delete this row and fill in real records.",
            )];
        }
    }

    pub(super) fn text(&self, column: Column) -> Option<String> {
        self.line.cell(column).and_then(text_of)
    }

    /// A name or number that must be exact: not a spreadsheet's number that has lost digits.
    pub(super) fn exact(&mut self, column: Column) -> Option<String> {
        let text = self.text(column)?;
        if let Some(Cell::Number(number)) = self.line.cell(column)
            && number.abs() >= EXACT
        {
            self.flaws.push(
                Flaw::new(
                    column,
                    &text,
                    "digitsLost",
                    "电子表格把编号当作数字，末尾几位已丢失。",
                    "The spreadsheet took this for a number and has lost its last digits.",
                )
                .cure(
                    "请把该列设为文本格式，重新填写。",
                    "Make the column text and write it again.",
                ),
            );
            return None;
        }
        Some(text)
    }

    /// A cell that must say something.
    pub(super) fn required(&mut self, column: Column) -> Option<String> {
        let text = self.exact(column);
        if text.is_none() && !self.flaws.iter().any(|flaw| flaw.column == Some(column)) {
            self.missing(column);
        }
        text
    }

    pub(super) fn missing(&mut self, column: Column) {
        self.flaws.push(
            Flaw::new(
                column,
                "",
                "cellEmpty",
                format!("没有填写{}。", column.title()),
                format!("There is no {}.", column.key()),
            )
            .cure("请补填后再提交。", "Fill it in and send it again."),
        );
    }

    pub(super) fn push(&mut self, flaw: Flaw) {
        self.flaws.push(flaw);
    }

    pub(super) fn day(&mut self, column: Column) -> Option<Day> {
        match day_of(self.line.cell(column)?) {
            Ok(day) => day,
            Err(why) => {
                let text = self.text(column).unwrap_or_default();
                let code = match why {
                    DayError::Impossible => RejectCode::ImpossibleDate,
                    DayError::NotADate | DayError::MonthOnly(_) => RejectCode::NotADate,
                };
                self.flaws.push(Flaw::of(column, code, &text));
                None
            }
        }
    }

    /// A day that must be there.
    pub(super) fn required_day(&mut self, column: Column) -> Option<Day> {
        if self.text(column).is_none() {
            self.missing(column);
            return None;
        }
        self.day(column)
    }

    pub(super) fn number(&mut self) -> Option<AppNo> {
        let text = self.text(Column::Number)?;
        match AppNo::parse(&text) {
            Ok((number, _)) => Some(number),
            Err(why) => {
                let code = number_fault(&why, &text);
                self.flaws.push(Flaw::of(Column::Number, code, &text));
                None
            }
        }
    }

    pub(super) fn amount(&mut self, column: Column) -> Option<Fen> {
        let text = self.text(column)?;
        match yuan(&text) {
            Ok(amount) => Some(amount),
            Err(why) => {
                self.flaws.push(amount_flaw(column, &text, why));
                None
            }
        }
    }

    /// The value, when nothing was wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Flaw>> {
        match value {
            Some(value) if self.flaws.is_empty() => Ok(value),
            _ => Err(self.flaws),
        }
    }
}

/// How the template's example begins.
pub(super) const EXAMPLE: &str = "示例";

pub(super) fn amount_flaw(column: Column, text: &str, why: AmountError) -> Flaw {
    let (code, zh, en) = match why {
        AmountError::NotAnAmount => (
            "amountInvalid",
            "不是以元为单位的金额。",
            "This is not an amount in yuan.",
        ),
        AmountError::TooFine => (
            "amountTooFine",
            "金额最多到分（两位小数）。",
            "An amount has at most two decimals.",
        ),
        AmountError::TooLarge => (
            "amountInvalid",
            "金额超出可能的范围。",
            "The amount is beyond what can be.",
        ),
    };
    Flaw::new(column, text, code, zh, en).cure(
        "请以元填写，例如 20000、20,000.00 或 2万元。",
        "Write yuan, for instance 20000, 20,000.00 or 2万元.",
    )
}
