//! Many cards from one sheet: a row a patent, an empty cell leaves its item as it is. A wrong row never takes a right one
//! with it, and the same sheet may be sent again after corrections.

use std::collections::HashMap;

use bytes::Bytes;
use futures_util::Stream;

use super::{Declared, Writing, writer};
use crate::{
    domain::{
        access::{Actor, Operation},
        card::{Card, CardContent, CardItem, passes},
        codes::AppNo,
        dictionary::{Dictionary, Topic},
        holding::Holding,
        id::Id,
        intake::{Cell, text_of},
        patent::Patent,
    },
    ops::{
        Error, Fault, Result, Services,
        tables::{Asked, Heading, NUMBER_HEADERS, Sheet, Told, not_in_stock, unreadable},
    },
    sheet::TableRow,
    store::{Stored, Tx, cards, declarations, dictionaries, holdings, patents},
};

/// Rows written in one transaction.
const BATCH: usize = 100;
/// Findings that are told one by one.
const TOLD: usize = 2_000;

/// What became of the rows; each is in exactly one of the four figures.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub rows: u64,
    /// Written, and the card has passed its check.
    pub passed: u64,
    /// Written, and the card has errors: it waits for them to be mended.
    pub failing: u64,
    /// So written already.
    pub unchanged: u64,
    pub rejected: Vec<Told>,
    /// Why cards that were written fail.
    pub findings: Vec<Told>,
    /// So many findings more.
    pub more: u64,
    /// Headers that nothing was read of.
    pub ignored: Vec<String>,
}

/// What a column of the sheet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Column {
    Number,
    Item(CardItem),
}

impl Heading for Column {
    const ALL: &'static [Self] = &[
        Self::Number,
        Self::Item(CardItem::Problem),
        Self::Item(CardItem::Novelty),
        Self::Item(CardItem::Advantage),
        Self::Item(CardItem::Products),
        Self::Item(CardItem::Maturity),
    ];
    const NUMBER: Self = Self::Number;

    fn title(self) -> &'static str {
        match self {
            Self::Number => "专利号",
            Self::Item(item) => item.zh(),
        }
    }

    fn others(self) -> &'static str {
        match self {
            Self::Number => NUMBER_HEADERS,
            Self::Item(CardItem::Problem) => "解决的问题 解决了什么问题 要解决的问题 problem",
            Self::Item(CardItem::Novelty) => "创新点 新颖之处 新在什么地方 novelty whatIsNew",
            Self::Item(CardItem::Advantage) => {
                "优势 比现有的好在哪里 好在哪里 advantage betterThan"
            }
            Self::Item(CardItem::Products) => "可做成的产品 可转化产品 产品 能做什么产品 products",
            Self::Item(CardItem::Maturity) => "技术成熟度 成熟度 maturity",
        }
    }

    fn pointer(self) -> &'static str {
        match self {
            Self::Number => "/number",
            Self::Item(item) => item.pointer(),
        }
    }
}

/// Writes the cards of a sheet as it is uploaded.
pub async fn import(
    services: &Services,
    actor: &Actor,
    asked: Asked,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<Report> {
    let reference = asked.organisation.as_deref();
    let owner = writer(services, actor, Operation::ImportCards, reference).await?;
    let sheet = Sheet::<Column>::receive(services, asked.file_name.as_deref(), upload).await?;
    let mut report = Report {
        ignored: sheet.ignored(),
        ..Report::default()
    };
    let desk = Desk {
        services,
        owner: &owner,
        sheet: &sheet,
    };
    for rows in sheet.rows().chunks(BATCH) {
        let mut tx = services.write(actor).await?;
        desk.take(&mut tx, rows, &mut report).await?;
        if !asked.dry_run {
            tx.commit().await?;
        }
    }
    Ok(report)
}

/// What the rows of a sheet share.
struct Desk<'a> {
    services: &'a Services,
    owner: &'a Id,
    sheet: &'a Sheet<Column>,
}

/// What is known of the patents of some rows.
struct Known {
    patents: HashMap<AppNo, Patent>,
    holdings: HashMap<AppNo, Holding>,
    cards: HashMap<AppNo, Stored<Card>>,
    declared: HashMap<AppNo, Declared>,
    maturity: Dictionary,
}

impl Desk<'_> {
    async fn take(&self, tx: &mut Tx, rows: &[TableRow], report: &mut Report) -> Result<()> {
        let numbers = rows.iter().filter_map(|row| self.sheet.number(row));
        let numbers: Vec<AppNo> = numbers.collect();
        let mut known = self.known(tx, &numbers).await?;
        for row in rows {
            report.rows += 1;
            if let Err(reject) = &row.cells {
                report.rejected.push(unreadable(row, reject));
                continue;
            }
            if let Err(error) = self.row(tx, row, &mut known, report).await {
                report.rejected.push(self.sheet.refused(row, error)?);
            }
        }
        Ok(())
    }

    async fn known(&self, tx: &mut Tx, numbers: &[AppNo]) -> Result<Known> {
        let patents = patents::list_by_numbers(tx, numbers).await?.into_iter();
        let held = holdings::list_by_numbers(tx, numbers).await?.into_iter();
        let held = held.map(|holding| holding.value);
        let own = held.filter(|holding| holding.organisation == *self.owner);
        let found = cards::list_by_numbers(tx, numbers).await?.into_iter();
        let found = found.filter(|card| card.value.organisation == *self.owner);
        let mut declared: HashMap<AppNo, Declared> = HashMap::new();
        for declaration in declarations::list_by_numbers(tx, numbers).await? {
            if declaration.value.organisation == *self.owner {
                let number = declaration.value.number.clone();
                declared.entry(number).or_default().note(&declaration.value);
            }
        }
        Ok(Known {
            patents: patents.map(|p| (p.value.number.clone(), p.value)).collect(),
            holdings: own.map(|h| (h.number.clone(), h)).collect(),
            cards: found.map(|c| (c.value.number.clone(), c)).collect(),
            declared,
            maturity: dictionaries::load(tx, Topic::Maturity).await?.value,
        })
    }

    /// Writes the card of a row.
    async fn row(
        &self,
        tx: &mut Tx,
        row: &TableRow,
        known: &mut Known,
        report: &mut Report,
    ) -> Result<()> {
        let number = self.sheet.wanted_number(row)?;
        let (Some(patent), Some(holding)) =
            (known.patents.get(&number), known.holdings.get(&number))
        else {
            return Err(not_in_stock::<Column>());
        };
        let blank = || {
            let value = Card::blank(holding);
            Stored {
                version: 0,
                hash: value.document_hash(),
                value,
            }
        };
        let current = known.cards.get(&number).cloned().unwrap_or_else(blank);
        let content = self.content(row, &current.value, &known.maturity)?;
        let writing = Writing {
            services: self.services,
            patent,
            holding,
            maturity: &known.maturity,
            declared: known.declared.get(&number).copied().unwrap_or_default(),
        };
        let version = current.version;
        let (record, findings) = writing.write(tx, current, content).await?;
        if record.version == version {
            report.unchanged += 1;
        } else if passes(&findings) {
            report.passed += 1;
        } else {
            report.failing += 1;
        }
        for finding in findings.iter().filter(|finding| finding.check.is_error()) {
            if report.findings.len() == TOLD {
                report.more += 1;
                continue;
            }
            let fault = Fault::from(finding.refusal());
            report.findings.push(self.sheet.told(row, fault));
        }
        known.cards.insert(number, record);
        Ok(())
    }

    /// What stands on the card, with what the row says instead.
    fn content(
        &self,
        row: &TableRow,
        current: &Card,
        dictionary: &Dictionary,
    ) -> Result<CardContent> {
        let mut content = current.content();
        for (item, text) in [
            (CardItem::Problem, &mut content.problem),
            (CardItem::Novelty, &mut content.novelty),
            (CardItem::Advantage, &mut content.advantage),
        ] {
            let said = self.sheet.said(row, Column::Item(item));
            if !said.trim().is_empty() {
                *text = said;
            }
        }
        let products = match self.sheet.cell(row, Column::Item(CardItem::Products)) {
            Some(Cell::List(products)) => products.clone(),
            Some(cell) => CardContent::split_products(&text_of(cell).unwrap_or_default()),
            None => Vec::new(),
        };
        if !products.is_empty() {
            content.products = products;
        }
        let said = self.sheet.said(row, Column::Item(CardItem::Maturity));
        if !said.trim().is_empty() {
            let entry = dictionary.read(&said).ok_or_else(|| {
                let offered = dictionary.entries.iter().filter(|entry| !entry.retired);
                let offered: Vec<&str> = offered.map(|entry| entry.zh.as_str()).collect();
                let offered = offered.join("、");
                Error::fault(
                    "/maturity",
                    "notInDictionary",
                    format!("“{said}”不在字典里；可填：{offered}。"),
                    format!("{said:?} is not in the dictionary; write one of: {offered}."),
                )
            })?;
            content.maturity = Some(entry.code.clone());
        }
        Ok(content)
    }
}
