//! Papers: what a clerk prints, has signed and hands in, made from the records alone. Each says everything that the
//! record says and leaves a line wherever a person must write or sign. None is a copy of an official form.

mod declaration;
mod licence;

pub use declaration::{Declared, declaration, withdrawal};
pub use licence::{Kept, Licensed, filing, notice, receipt};

use super::{
    file::FileRef, money::Fen, party::Contact, terms::Terms, text::Text, time::Day, words::words,
};

words! {
    /// The papers of a declaration.
    pub enum DeclarationPaper {
        /// 专利开放许可声明
        Declaration = "declaration", "专利开放许可声明", "Open-licence declaration";
        /// 撤回声明
        Withdrawal = "withdrawal", "专利开放许可声明撤回请求", "Withdrawal of an open-licence declaration";
    }
}

words! {
    /// The papers of a licence.
    pub enum LicencePaper {
        /// 被许可人书面通知
        Notice = "notice", "取得专利开放许可的通知", "Notice of taking an open licence";
        /// 收款凭证
        Receipt = "receipt", "专利开放许可使用费收款凭证", "Receipt of the licence fee";
        /// 备案申请表
        Filing = "filing", "专利实施许可合同备案申请表", "Application to file the licence";
    }
}

/// A paper before it is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    pub title: Text,
    /// To whom it is addressed.
    pub to: Option<Text>,
    pub parts: Vec<Part>,
    /// Whose signatures and days it wants, in their order.
    pub signs: Vec<Text>,
    /// `declarations/ID` or `licences/ID`, and the version that it was made from.
    pub record: String,
    pub version: i64,
    pub printed_on: Day,
    pub fictional: bool,
}

/// A part of a paper under its heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Names and what is said.
    Fields(Text, Vec<(Text, Cell)>),
    /// Columns and rows; the first column says what a row is.
    Table(Text, Vec<Text>, Vec<Vec<Cell>>),
    /// A text of its own.
    Words(Text, Vec<Cell>),
}

/// What stands in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Our words, in both languages.
    Said(Text),
    /// As the record has it, in Chinese.
    Record(String),
    /// A number, a day, a code.
    Plain(String),
    /// To be written by hand.
    Blank,
}

impl Cell {
    /// What the record has, else a line.
    fn record(text: Option<&str>) -> Self {
        text.map_or(Self::Blank, |text| Self::Record(text.to_owned()))
    }

    /// A day or a number, else a line.
    fn plain<T: ToString>(value: Option<T>) -> Self {
        value.map_or(Self::Blank, |value| Self::Plain(value.to_string()))
    }

    fn said(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Said(Text::new(zh, en))
    }
}

/// A name of a field in both languages.
fn named(zh: &str, en: &str) -> Text {
    Text::new(zh, en)
}

/// An amount in figures and in capitals, as vouchers want it.
fn amount(fen: Fen) -> Cell {
    Cell::said(
        format!("{fen} 元（{}）", fen.capitals()),
        format!("CNY {fen} ({})", fen.capitals()),
    )
}

/// The terms as they are announced.
fn sentence(terms: &Terms) -> Cell {
    Cell::said(terms.sentence(), terms.sentence_en())
}

/// A contact, part by part; what it lacks is left to be written.
fn contact(contact: Option<&Contact>) -> Vec<(Text, Cell)> {
    let part = |part: fn(&Contact) -> &Option<String>| {
        Cell::record(contact.and_then(|contact| part(contact).as_deref()))
    };
    vec![
        (named("联系人", "Contact"), part(|c| &c.name)),
        (named("电话", "Telephone"), part(|c| &c.telephone)),
        (named("电子邮箱", "E-mail"), part(|c| &c.email)),
        (named("地址", "Address"), part(|c| &c.address)),
    ]
}

/// A file by its name and hash.
fn filed(name: Option<&String>, file: &FileRef) -> Cell {
    let name = name.map_or("—", String::as_str);
    Cell::Record(format!("{name}（SHA-256 {}）", file.sha256))
}
