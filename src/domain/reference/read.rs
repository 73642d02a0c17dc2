//! The rows of a reference file as lines of a table. Named tables and fees have a header; the relation of classes and
//! industries comes as its authority lays it out: two heading rows, then industry code, name and class, where a row
//! without a code goes on with the industry before it. One row that cannot be read refuses the whole file.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

use super::{Entry, IndustryFee, Kind, Line, NAME_CHARS, SOURCE_CHARS, is_label};
use crate::domain::{
    codes::industry,
    intake::{Cell, excerpt, text_of},
    money::Fen,
    record::{rate_bp, yuan},
    text::Text,
};

/// How a file of this kind is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Below a header.
    Headed,
    /// By place, below rows that say nothing to machines.
    Placed,
}

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Code,
    Zh,
    /// A shorter name, taken before the long one.
    Short,
    En,
    Year,
    Contracts,
    /// In yuan.
    Amount,
    /// In ten thousand yuan.
    AmountWan,
    /// In percent.
    Rate,
    Source,
}

/// Headers as they are compared: no blanks, no brackets, no signs.
const HEADERS: [(Column, &[&str]); 10] = [
    (
        Column::Code,
        &[
            "代码",
            "编码",
            "行业代码",
            "区划代码",
            "分类号",
            "ipc分类号",
            "code",
            "fullcode",
            "industrycode",
            "symbol",
        ],
    ),
    (
        Column::Zh,
        &[
            "名称",
            "中文名称",
            "行业名称",
            "区划名称",
            "类名",
            "标题",
            "中文标题",
            "name",
            "title",
            "zh",
            "namezh",
            "titlezh",
        ],
    ),
    (
        Column::Short,
        &["简称", "短标题", "titleshort", "shorttitle", "shortname"],
    ),
    (
        Column::En,
        &["英文名称", "英文标题", "en", "nameen", "titleen", "english"],
    ),
    (Column::Year, &["年份", "年度", "year"]),
    (
        Column::Contracts,
        &["合同数", "合同份数", "合同数份", "合同份", "contracts"],
    ),
    (
        Column::Amount,
        &[
            "平均金额元",
            "平均金额",
            "平均许可费元",
            "平均许可费",
            "avgamount",
            "avgamountyuan",
        ],
    ),
    (
        Column::AmountWan,
        &["平均金额万元", "平均许可费万元", "avgamountwan"],
    ),
    (
        Column::Rate,
        &[
            "平均提成率",
            "平均提成比例",
            "平均费率",
            "提成率",
            "avgrate",
            "avgratepercent",
        ],
    ),
    (Column::Source, &["来源", "数据来源", "source"]),
];

/// What a header means in a file of this kind.
pub fn header_of(kind: Kind, header: &str) -> Option<Column> {
    let folded: String = header
        .nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let means = |(_, names): &&(Column, &[&str])| names.contains(&folded.as_str());
    let column = HEADERS.iter().find(means)?.0;
    let fees = !matches!(column, Column::Zh | Column::Short | Column::En);
    let fits = match kind {
        Kind::IndustryFees => fees,
        Kind::IpcIndustries => false,
        _ => column == Column::Code || !fees,
    };
    fits.then_some(column)
}

/// Why a file is refused: the row as a person sees it, the cell, a stable code, both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub row: u64,
    pub code: &'static str,
    pub value: String,
    pub text: Text,
}

/// A file being read.
#[derive(Debug)]
pub struct Reading {
    kind: Kind,
    lines: BTreeMap<(String, String, i64), Line>,
    /// The industry that rows without a code go on with.
    industry: Option<String>,
}

/// Heading rows of a file without a header.
const HEADING_ROWS: u64 = 2;

impl Kind {
    pub const fn layout(self) -> Layout {
        match self {
            Self::IpcIndustries => Layout::Placed,
            _ => Layout::Headed,
        }
    }

    /// The columns without which a file of this kind is refused.
    pub fn lacks(self, columns: &[Option<Column>]) -> Vec<&'static str> {
        let has = |column| columns.contains(&Some(column));
        let mut lacks = Vec::new();
        let mut need = |fits: bool, name| {
            if !fits {
                lacks.push(name);
            }
        };
        need(has(Column::Code), "code");
        if self == Self::IndustryFees {
            need(has(Column::Year), "year");
            need(has(Column::Contracts), "contracts");
            let amount = has(Column::Amount) || has(Column::AmountWan) || has(Column::Rate);
            need(amount, "avg_amount");
        } else {
            need(has(Column::Zh) || has(Column::Short), "name");
        }
        lacks
    }
}

impl Reading {
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            lines: BTreeMap::new(),
            industry: None,
        }
    }

    /// Takes a row below a header.
    pub fn take(&mut self, row: u64, cells: &[(Column, Cell)]) -> Result<(), Flaw> {
        let of = |column| {
            let cell = cells.iter().find(|(known, _)| *known == column);
            cell.and_then(|(_, cell)| text_of(cell)).unwrap_or_default()
        };
        let said = of(Column::Code);
        let code = self.kind.code_of(&said);
        let code = code.ok_or_else(|| flaw(row, "codeInvalid", &said))?;
        let line = if self.kind == Kind::IndustryFees {
            Line::Fee(fee(row, code, &of)?)
        } else {
            let (short, long) = (one_line(&of(Column::Short)), one_line(&of(Column::Zh)));
            let entry = Entry {
                code,
                zh: if short.is_empty() { long } else { short },
                en: one_line(&of(Column::En)),
            };
            if !entry.is_sound() {
                return Err(flaw(row, "nameLength", &entry.zh));
            }
            Line::Name(entry)
        };
        self.add(row, line)
    }

    /// Takes a row by place: industry code, its name, classes.
    pub fn place(&mut self, row: u64, cells: &[(usize, Cell)]) -> Result<(), Flaw> {
        let cell = |at| {
            cells
                .iter()
                .find(|(column, _)| *column == at)
                .map(|(_, cell)| cell)
        };
        let said = cell(0).and_then(text_of);
        let classes = cell(2).and_then(text_of).unwrap_or_default();
        if let Some(said) = said {
            let number = matches!(cell(0), Some(Cell::Number(_)));
            match self.industry_of(&said, number) {
                Some(code) => self.industry = Some(code),
                None if row <= HEADING_ROWS => return Ok(()),
                None => return Err(flaw(row, "industryInvalid", &said)),
            }
        }
        let classes = classes.replace(['*', '＊'], "");
        let parted = [';', '；', ',', '，', '、', '\n', ' '];
        for class in classes
            .split(parted)
            .map(str::trim)
            .filter(|c| !c.is_empty())
        {
            let Some(ipc) = self.kind.code_of(class) else {
                if row <= HEADING_ROWS && self.industry.is_none() {
                    return Ok(());
                }
                return Err(flaw(row, "ipcInvalid", class));
            };
            let industry = self.industry.clone();
            let industry = industry.ok_or_else(|| flaw(row, "industryMissing", class))?;
            self.add(row, Line::Industry { ipc, industry })?;
        }
        Ok(())
    }

    /// A number may have lost its zero in a spreadsheet: then the section before it tells.
    fn industry_of(&self, said: &str, number: bool) -> Option<String> {
        let read = industry::parse(said);
        if !number {
            return read;
        }
        let section = self.industry.as_deref().and_then(|code| code.get(..1));
        let padded = industry::parse(&format!("0{said}"));
        let fits = |code: &String| section.is_none_or(|section| code.starts_with(section));
        match (read.filter(fits), padded.filter(fits)) {
            (Some(code), None) | (None, Some(code)) => Some(code),
            _ => None,
        }
    }

    fn add(&mut self, row: u64, line: Line) -> Result<(), Flaw> {
        let (code, target, year) = line.key();
        let key = (code.to_owned(), target.to_owned(), year);
        match self.lines.get(&key) {
            Some(known) if *known != line => Err(flaw(row, "codeTwice", &key.0)),
            Some(_) => Ok(()),
            None => {
                self.lines.insert(key, line);
                Ok(())
            }
        }
    }

    /// The lines, in order of their codes.
    pub fn finish(self) -> Result<Vec<Line>, Flaw> {
        if self.lines.is_empty() {
            return Err(flaw(0, "noLines", ""));
        }
        Ok(self.lines.into_values().collect())
    }
}

fn fee(
    row: u64,
    industry_code: String,
    of: &dyn Fn(Column) -> String,
) -> Result<IndustryFee, Flaw> {
    let whole = |column, code, least: i64| {
        let said = of(column);
        let read = said.trim_end_matches('年').parse::<i64>().ok();
        read.filter(|n| (least..1_000_000_000).contains(n))
            .ok_or_else(|| flaw(row, code, &said))
    };
    let year = whole(Column::Year, "yearInvalid", 1985)?;
    if year > 9999 {
        return Err(flaw(row, "yearInvalid", &year.to_string()));
    }
    let contracts = whole(Column::Contracts, "contractsInvalid", 1)?;
    let amount = |column, unit: &str| -> Result<Option<Fen>, Flaw> {
        let said = of(column);
        if said.is_empty() {
            return Ok(None);
        }
        let read = yuan(&format!("{}{unit}", said.trim_end_matches(['元', '万'])));
        read.map(Some)
            .map_err(|_| flaw(row, "amountInvalid", &said))
    };
    let in_yuan = amount(Column::Amount, "")?;
    let avg_amount_fen = match amount(Column::AmountWan, "万")? {
        Some(_) if in_yuan.is_some() => return Err(flaw(row, "amountTwice", "")),
        in_wan => in_yuan.or(in_wan),
    };
    let said = of(Column::Rate);
    let avg_rate_bp = if said.is_empty() {
        None
    } else {
        let read = rate_bp(&said).map(i64::from).ok();
        Some(
            read.filter(|bp| *bp <= 10_000)
                .ok_or_else(|| flaw(row, "rateInvalid", &said))?,
        )
    };
    if avg_amount_fen.is_none() && avg_rate_bp.is_none() {
        return Err(flaw(row, "amountInvalid", ""));
    }
    let source = one_line(&of(Column::Source));
    if !source.is_empty() && !is_label(&source, SOURCE_CHARS) {
        return Err(flaw(row, "sourceInvalid", &source));
    }
    Ok(IndustryFee {
        year,
        industry_code,
        contracts,
        avg_amount_fen,
        avg_rate_bp,
        source,
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn flaw(row: u64, code: &'static str, value: &str) -> Flaw {
    let value = excerpt(value);
    let (zh, en) = match code {
        "codeInvalid" => ("不是这张表的代码", "is not a code of this table"),
        "industryInvalid" => (
            "不是国民经济行业代码，或数字前的 0 已丢失、无法判断",
            "is not an industry code, or has lost a zero that cannot be told",
        ),
        "industryMissing" => ("前面没有行业代码", "stands before any industry code"),
        "ipcInvalid" => ("不是 IPC 分类号", "is not a class of the IPC"),
        "codeTwice" => (
            "出现两次且内容不同",
            "is there twice and says different things",
        ),
        "yearInvalid" => ("不是年份", "is not a year"),
        "contractsInvalid" => ("不是合同份数", "is not a number of contracts"),
        "amountInvalid" => (
            "不是金额，或金额和提成率都没有",
            "is not an amount, or there is neither amount nor rate",
        ),
        "amountTwice" => (
            "元和万元两列都有金额",
            "has an amount in yuan and one in ten thousand yuan",
        ),
        "rateInvalid" => ("不是提成率（百分数）", "is not a rate in percent"),
        "sourceInvalid" => ("来源过长", "has too long a source"),
        "noLines" => ("文件中没有一行数据", "there is no line in the file"),
        _ => ("名称为空或过长", "has no name, or one that is too long"),
    };
    let zh = match (row, value.is_empty()) {
        (0, _) => format!("{zh}。"),
        (_, true) => format!("第 {row} 行：{zh}。"),
        (_, false) => format!("第 {row} 行：“{value}”{zh}。"),
    };
    let en = match row {
        0 => format!("{en}."),
        _ => format!("Row {row}: {value:?} {en}."),
    };
    let limit = if code == "nameLength" {
        format!("（最多 {NAME_CHARS} 字）")
    } else {
        String::new()
    };
    Flaw {
        row,
        code,
        value,
        text: Text::new(format!("{zh}{limit}"), en),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    fn pairs(reading: Reading) -> Vec<(String, String)> {
        let lines = reading.finish().expect("lines").into_iter();
        lines
            .map(|line| match line {
                Line::Industry { ipc, industry } => (industry, ipc),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn the_relation_is_read_as_its_authority_lays_it_out() {
        let mut reading = Reading::new(Kind::IpcIndustries);
        let rows = [
            ("国民经济行业", "", "国际专利分类"),
            ("代码", "名称", "IPC"),
            ("A", "农、林、牧、渔业", ""),
            ("0111", "稻谷种植", "A01C*"),
            ("", "", "A01G*；A01H1/00"),
            ("C3511", "矿山机械制造", "E21C"),
        ];
        for (row, (code, name, ipc)) in (1..).zip(rows) {
            let cells = [(0, text(code)), (1, text(name)), (2, text(ipc))];
            reading.place(row, &cells).expect("a row");
        }
        let mut found = pairs(reading);
        found.sort();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            found,
            [
                pair("A0111", "A01C"),
                pair("A0111", "A01G"),
                pair("A0111", "A01H1"),
                pair("C3511", "E21C")
            ]
        );
    }

    #[test]
    fn a_lost_zero_is_completed_by_the_section_or_refused() {
        let mut reading = Reading::new(Kind::IpcIndustries);
        let row = |code: Cell| [(0, code), (2, text("A01C"))];
        reading.place(3, &[(0, text("A"))]).expect("a section");
        reading.place(4, &row(Cell::Number(111.0))).expect("0111");
        assert_eq!(
            reading
                .place(5, &row(Cell::Number(3511.0)))
                .expect_err("of C")
                .code,
            "industryInvalid"
        );
        let mut bare = Reading::new(Kind::IpcIndustries);
        assert_eq!(
            bare.place(3, &row(Cell::Number(111.0)))
                .expect_err("0111 or 111")
                .code,
            "industryInvalid"
        );
        assert_eq!(
            bare.place(3, &[(2, text("A01C"))])
                .expect_err("no industry")
                .code,
            "industryMissing"
        );
        assert_eq!(pairs(reading), [("A0111".to_owned(), "A01C".to_owned())]);
    }

    #[test]
    fn a_code_twice_must_say_the_same() {
        let mut reading = Reading::new(Kind::Industries);
        let row = |name| [(Column::Code, text("35")), (Column::Zh, text(name))];
        reading.take(2, &row("专用设备")).expect("first");
        reading.take(3, &row("专用设备")).expect("the same again");
        let flaw = reading.take(4, &row("别的")).expect_err("another");
        assert_eq!(
            (flaw.row, flaw.code, flaw.value.as_str()),
            (4, "codeTwice", "C35")
        );
        assert_eq!(
            reading
                .take(5, &[(Column::Code, text("36"))])
                .expect_err("no name")
                .code,
            "nameLength"
        );
        assert_eq!(reading.finish().map(|lines| lines.len()), Ok(1));
        assert_eq!(
            Reading::new(Kind::Ipc).finish().expect_err("nothing").code,
            "noLines"
        );
    }

    #[test]
    fn fees_are_whole_fen_and_basis_points() {
        let mut reading = Reading::new(Kind::IndustryFees);
        let row = |amount: &str, rate: &str| {
            [
                (Column::Code, text("C35")),
                (Column::Year, text("2023")),
                (Column::Contracts, text("25")),
                (Column::AmountWan, text(amount)),
                (Column::Rate, text(rate)),
            ]
        };
        assert_eq!(
            reading.take(2, &row("", "")).expect_err("nothing").code,
            "amountInvalid"
        );
        assert_eq!(
            reading
                .take(2, &row("许多", ""))
                .expect_err("no number")
                .code,
            "amountInvalid"
        );
        reading.take(2, &row("166.05", "3.5%")).expect("a fee");
        let lines = reading.finish().expect("lines");
        let Line::Fee(fee) = &lines[0] else {
            panic!("a fee")
        };
        assert_eq!(
            (fee.avg_amount_fen, fee.avg_rate_bp),
            (Some(Fen(166_050_000)), Some(350))
        );
    }
}
