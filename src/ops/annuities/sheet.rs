//! What was paid, from one sheet: a row a payment, as a holder's own ledger or the office's receipt lists it. A wrong row
//! never takes a right one with it, and the same sheet may be sent again.

use std::collections::HashMap;

use bytes::Bytes;
use futures_util::Stream;

use super::{blank, write};
use crate::{
    domain::{
        access::{Actor, Operation},
        annuity::{FeeLedger, FeePayment},
        codes::AppNo,
        holding::Holding,
        id::Id,
        intake::day_of,
        money::Fen,
        patent::Patent,
        time::Day,
    },
    ops::{
        Error, Result, Services,
        cards::writer,
        tables::{Asked, Heading, NUMBER_HEADERS, Sheet, Told, not_in_stock, unreadable},
    },
    sheet::TableRow,
    store::{Stored, Tx, annuities, holdings, patents},
};

/// Rows written in one transaction.
const BATCH: usize = 200;

/// What became of the rows; each is in exactly one of the three.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub rows: u64,
    pub recorded: u64,
    /// So recorded already.
    pub unchanged: u64,
    pub rejected: Vec<Told>,
    /// Headers that nothing was read of.
    pub ignored: Vec<String>,
}

/// What a column of the sheet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Number,
    Year,
    PaidOn,
    Amount,
}

impl Heading for Column {
    const ALL: &'static [Self] = &[Self::Number, Self::Year, Self::PaidOn, Self::Amount];
    const NUMBER: Self = Self::Number;

    fn title(self) -> &'static str {
        match self {
            Self::Number => "专利号",
            Self::Year => "缴费年度",
            Self::PaidOn => "缴费日",
            Self::Amount => "缴费金额（元）",
        }
    }

    fn others(self) -> &'static str {
        match self {
            Self::Number => NUMBER_HEADERS,
            Self::Year => {
                "年度 年费年度 已缴年度 已缴至年度 缴费至年度 第几年 paidYear year paidThrough"
            }
            Self::PaidOn => "缴费日期 缴纳日 缴纳日期 付款日 paidOn paidDay",
            Self::Amount => "缴费金额 实缴金额 金额（元） 金额 amountYuan amount",
        }
    }

    fn is_date(self) -> bool {
        self == Self::PaidOn
    }

    fn pointer(self) -> &'static str {
        match self {
            Self::Number => "/number",
            Self::Year => "/year",
            Self::PaidOn => "/on",
            Self::Amount => "/amountFen",
        }
    }
}

/// Records the payments of a sheet as it is uploaded.
pub async fn import(
    services: &Services,
    actor: &Actor,
    asked: Asked,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<Report> {
    let reference = asked.organisation.as_deref();
    let owner = writer(services, actor, Operation::ImportAnnualFees, reference).await?;
    let sheet = Sheet::<Column>::receive(services, asked.file_name.as_deref(), upload).await?;
    let mut report = Report {
        ignored: sheet.ignored(),
        ..Report::default()
    };
    for rows in sheet.rows().chunks(BATCH) {
        let mut tx = services.write(actor).await?;
        take(&mut tx, &owner, &sheet, rows, &mut report).await?;
        if !asked.dry_run {
            tx.commit().await?;
        }
    }
    Ok(report)
}

/// What is known of the patents of some rows.
struct Known {
    patents: HashMap<AppNo, Patent>,
    holdings: HashMap<AppNo, Holding>,
    ledgers: HashMap<AppNo, Stored<FeeLedger>>,
}

async fn known(tx: &mut Tx, owner: &Id, numbers: &[AppNo]) -> Result<Known> {
    let found = patents::list_by_numbers(tx, numbers).await?.into_iter();
    let held = holdings::list_by_numbers(tx, numbers).await?.into_iter();
    let held = held.map(|holding| holding.value);
    let holdings: HashMap<AppNo, Holding> = held
        .filter(|holding| holding.organisation == *owner)
        .map(|holding| (holding.number.clone(), holding))
        .collect();
    let ids: Vec<Id> = holdings.values().map(|h| h.id.clone()).collect();
    let ledgers = annuities::list_by_ids(tx, &ids).await?.into_iter();
    Ok(Known {
        patents: found.map(|p| (p.value.number.clone(), p.value)).collect(),
        ledgers: ledgers.map(|l| (l.value.number.clone(), l)).collect(),
        holdings,
    })
}

async fn take(
    tx: &mut Tx,
    owner: &Id,
    sheet: &Sheet<Column>,
    rows: &[TableRow],
    report: &mut Report,
) -> Result<()> {
    let numbers: Vec<AppNo> = rows.iter().filter_map(|row| sheet.number(row)).collect();
    let mut known = known(tx, owner, &numbers).await?;
    for row in rows {
        report.rows += 1;
        if let Err(reject) = &row.cells {
            report.rejected.push(unreadable(row, reject));
            continue;
        }
        match record(tx, sheet, row, &mut known).await {
            Ok(true) => report.recorded += 1,
            Ok(false) => report.unchanged += 1,
            Err(error) => report.rejected.push(sheet.refused(row, error)?),
        }
    }
    Ok(())
}

/// Records the payment of a row; says whether it was new.
async fn record(
    tx: &mut Tx,
    sheet: &Sheet<Column>,
    row: &TableRow,
    known: &mut Known,
) -> Result<bool> {
    let number = sheet.wanted_number(row)?;
    let (Some(patent), Some(holding)) = (known.patents.get(&number), known.holdings.get(&number))
    else {
        return Err(not_in_stock::<Column>());
    };
    let payment = FeePayment {
        year: year(sheet, row)?,
        on: paid_on(sheet, row)?,
        amount_fen: amount(sheet, row)?,
        note: None,
    };
    let current = known.ledgers.get(&number).cloned();
    let current = current.unwrap_or_else(|| blank(holding));
    let version = current.version;
    let next = current.value.paid(&payment);
    let record = write(tx, patent, current, next).await?;
    let is_new = record.version != version;
    known.ledgers.insert(number, record);
    Ok(is_new)
}

/// `7`, `第7年`, `7年度`
fn year(sheet: &Sheet<Column>, row: &TableRow) -> Result<u8> {
    let said = sheet.said(row, Column::Year);
    let bare = said.trim_start_matches('第');
    let bare = bare.trim_end_matches("年度").trim_end_matches('年').trim();
    bare.parse().map_err(|_| {
        Error::fault(
            Column::Year.pointer(),
            "yearInvalid",
            format!("“{said}”不是缴费年度，请填 1 至 20 的整数，例如 7 或“第7年”。"),
            format!("{said:?} is no fee year; give a whole number from 1 to 20."),
        )
    })
}

fn paid_on(sheet: &Sheet<Column>, row: &TableRow) -> Result<Day> {
    let cell = sheet.cell(row, Column::PaidOn);
    let day = cell.and_then(|cell| day_of(cell).ok().flatten());
    day.ok_or_else(|| {
        let said = sheet.said(row, Column::PaidOn);
        Error::fault(
            Column::PaidOn.pointer(),
            "dayInvalid",
            format!("缴费日“{said}”应为日期，例如 2026-03-01。"),
            format!("{said:?} is no day of payment, such as 2026-03-01."),
        )
    })
}

/// Yuan with at most two decimals.
fn amount(sheet: &Sheet<Column>, row: &TableRow) -> Result<Option<Fen>> {
    let said = sheet.said(row, Column::Amount);
    if said.is_empty() {
        return Ok(None);
    }
    let plain: String = said
        .chars()
        .filter(|c| !matches!(c, ',' | '，' | '元' | '¥' | '￥' | ' '))
        .collect();
    let (yuan, cents) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let fits =
        !yuan.is_empty() && yuan.len() <= 9 && cents.len() <= 2 && digits(yuan) && digits(cents);
    let fen = fits
        .then(|| format!("{yuan}{cents:0<2}").parse::<i64>().ok())
        .flatten();
    fen.map(|fen| Some(Fen(fen))).ok_or_else(|| {
        Error::fault(
            Column::Amount.pointer(),
            "amountInvalid",
            format!("“{said}”不是金额，请填元，例如 900。"),
            format!("{said:?} is no amount; give yuan, such as 900."),
        )
    })
}
