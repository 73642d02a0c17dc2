//! The rows of an announced list: which column is which, and what a row says. What is not certain stays text.

use crate::domain::{file::FileRef, rules::Rules};
use crate::{
    domain::{
        id::Id,
        intake::day_of,
        listing::{Listing, ListingState},
        party::Contact,
        terms::{Period, Terms},
        time::Day,
    },
    ops::{
        Error, Result,
        tables::{Heading, NUMBER_HEADERS, Sheet},
    },
    sheet::TableRow,
    store::Tx,
};

/// What a column of an announced list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Column {
    Number,
    Holder,
    DeclarationNumber,
    AnnouncedOn,
    Terms,
    Until,
    ContactName,
    Telephone,
    Email,
    Address,
}

impl Heading for Column {
    const ALL: &'static [Self] = &[
        Self::Number,
        Self::Holder,
        Self::DeclarationNumber,
        Self::AnnouncedOn,
        Self::Terms,
        Self::Until,
        Self::ContactName,
        Self::Telephone,
        Self::Email,
        Self::Address,
    ];
    const NUMBER: Self = Self::Number;

    fn title(self) -> &'static str {
        match self {
            Self::Number => "专利号",
            Self::Holder => "专利权人",
            Self::DeclarationNumber => "开放许可声明编号",
            Self::AnnouncedOn => "声明公告日",
            Self::Terms => "许可使用费支付方式和标准",
            Self::Until => "许可期限",
            Self::ContactName => "联系人",
            Self::Telephone => "联系电话",
            Self::Email => "邮箱",
            Self::Address => "通讯地址",
        }
    }

    fn others(self) -> &'static str {
        match self {
            Self::Number => NUMBER_HEADERS,
            Self::Holder => {
                "专利权人名称 权利人 许可人 许可方 当前权利人 申请（专利权）人 单位 单位名称 patentee holder"
            }
            Self::DeclarationNumber => {
                "声明编号 专利开放许可声明编号 开放许可编号 公告号 公告编号 编号 declarationNumber announcementNumber"
            }
            Self::AnnouncedOn => {
                "公告日 公告日期 声明公告日期 声明生效日 声明生效日期 生效日 生效日期 发布日期 发布日 登记日期 announcedOn effectiveOn"
            }
            Self::Terms => {
                "许可使用费支付方式、标准 许可使用费支付方式及标准 许可使用费 使用费 许可费 许可费用 许可条件 支付方式和标准 支付方式及标准 支付方式、标准 使用费支付方式和标准 条款 terms fee"
            }
            Self::Until => {
                "专利许可期限 许可期限至 许可期限届满日 许可期限截止日 许可截止日 许可有效期 许可期 until period"
            }
            Self::ContactName => "联系人姓名 联系方式 专利权人联系方式 contact",
            Self::Telephone => "电话 联系电话/手机 手机 联系人电话 telephone phone",
            Self::Email => "电子邮箱 联系邮箱 电子邮件 email",
            Self::Address => "联系地址 地址 address",
        }
    }

    fn is_date(self) -> bool {
        matches!(self, Self::AnnouncedOn | Self::Until)
    }

    fn pointer(self) -> &'static str {
        match self {
            Self::Number => "/number",
            Self::Holder => "/holder",
            Self::DeclarationNumber => "/declarationNumber",
            Self::AnnouncedOn => "/announcedOn",
            Self::Terms => "/termsText",
            Self::Until => "/periodText",
            Self::ContactName => "/contact",
            Self::Telephone => "/telephone",
            Self::Email => "/email",
            Self::Address => "/address",
        }
    }
}

/// What a row says, before it is held against anything; the holder is looked up by the caller.
pub(super) fn read(
    sheet: &Sheet<Column>,
    row: &TableRow,
    source: &FileRef,
    rules: &Rules,
    tx: &Tx,
    id: Id,
) -> Result<(Listing, Option<Contact>)> {
    let number = sheet.wanted_number(row)?;
    let announced_on = announced_on(sheet, row)?;
    let declaration_number = text(sheet, row, Column::DeclarationNumber);
    if declaration_number.is_none() && announced_on.is_none() {
        return Err(Error::fault(
            Column::AnnouncedOn.pointer(),
            "announcementMissing",
            "没有公告日，也没有声明编号，无法确定是哪一次公告。",
            "Neither a day nor a number: which announcement is this?",
        ));
    }
    let terms_text = text(sheet, row, Column::Terms).unwrap_or_default();
    let reading = Terms::read(&terms_text);
    let (period_text, period) = period(sheet, row, reading.period);
    let until = match period {
        Some(Period::Until(day)) => Some(day),
        _ => None,
    };
    let pilot = announced_on.is_some_and(|day| day < rules.statutory_since);
    let listing = Listing {
        id,
        number,
        organisation: None,
        holder: text(sheet, row, Column::Holder).unwrap_or_default(),
        declaration_number,
        announced_on,
        period_text,
        until,
        terms: reading.terms,
        terms_text,
        pilot,
        source: source.clone(),
        row: row.number,
        declaration: None,
        differences: Vec::new(),
        state: if pilot {
            ListingState::Pilot
        } else {
            ListingState::Unknown
        },
        listed_on: tx.now().day(),
        settled_on: None,
    };
    let contact = contact(sheet, row);
    if contact.as_ref().is_some_and(|contact| !contact.is_sound()) {
        return Err(Error::fault(
            Column::ContactName.pointer(),
            "contactInvalid",
            "联系方式过长或含有控制字符。",
            "The contact is too long or has control characters.",
        ));
    }
    Ok((listing, contact))
}

/// The longest text of a cell that is kept, characters.
const TEXT_CHARS: usize = 4_000;

fn text(sheet: &Sheet<Column>, row: &TableRow, column: Column) -> Option<String> {
    let said: String = sheet.said(row, column).chars().take(TEXT_CHARS).collect();
    let empty = matches!(said.as_str(), "" | "-" | "--" | "/" | "无");
    // 无 under the fee would be nothing said, and free is 无偿.
    (!empty).then_some(said)
}

fn announced_on(sheet: &Sheet<Column>, row: &TableRow) -> Result<Option<Day>> {
    let Some(cell) = sheet.cell(row, Column::AnnouncedOn) else {
        return Ok(None);
    };
    day_of(cell).map_err(|_| {
        let said = sheet.said(row, Column::AnnouncedOn);
        Error::fault(
            Column::AnnouncedOn.pointer(),
            "notADate",
            format!("“{said}”不是日期。"),
            format!("{said:?} is no day."),
        )
    })
}

/// The words of the period and what they say; of the terms' own text where the column says nothing.
fn period(
    sheet: &Sheet<Column>,
    row: &TableRow,
    in_terms: Option<Period>,
) -> (String, Option<Period>) {
    let day = sheet
        .cell(row, Column::Until)
        .and_then(|cell| day_of(cell).ok().flatten());
    match (day, text(sheet, row, Column::Until), in_terms) {
        (Some(day), _, _) | (None, None, Some(Period::Until(day))) => {
            (day.to_string(), Some(Period::Until(day)))
        }
        (None, Some(said), _) => {
            let period = Period::read(&said);
            (said, period)
        }
        (None, None, Some(Period::PatentTerm)) => {
            ("至专利权期限届满".to_owned(), Some(Period::PatentTerm))
        }
        (None, None, None) => (String::new(), None),
    }
}

/// The contact of a row; a cell with several parts is taken apart where each part shows what it is.
fn contact(sheet: &Sheet<Column>, row: &TableRow) -> Option<Contact> {
    let mut contact = Contact {
        name: None,
        telephone: text(sheet, row, Column::Telephone),
        email: text(sheet, row, Column::Email),
        address: text(sheet, row, Column::Address),
    };
    let said = text(sheet, row, Column::ContactName).unwrap_or_default();
    let signs = [' ', '\u{3000}', '\n', ',', '，', ';', '；', '、', '/'];
    for part in said
        .split(signs)
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let part = part.to_owned();
        let digits = part.chars().filter(char::is_ascii_digit).count();
        let place = if part.contains('@') {
            &mut contact.email
        } else if digits >= 7 && digits * 2 > part.chars().count() {
            &mut contact.telephone
        } else {
            &mut contact.name
        };
        *place = Some(match place.take() {
            Some(known) if known != part => format!("{known} {part}"),
            _ => part,
        });
    }
    (contact != Contact::default()).then_some(contact)
}
