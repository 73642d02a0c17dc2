//! The empty list to be filled in: the header, and one fictional line that is marked as an example and refused when
//! it is sent back.

use crate::{
    domain::{
        access::{self, Actor, Operation},
        record::{Column, RecordKind},
    },
    ops::Result,
    sheet,
};

/// A CSV for Excel.
pub fn template(actor: &Actor, kind: RecordKind) -> Result<Vec<u8>> {
    access::check(actor, Operation::GetRecordsTemplate, None)?;
    let columns = Column::all(kind);
    let titles: Vec<&str> = columns.iter().map(|column| column.title()).collect();
    let cells: Vec<&str> = columns.iter().map(|column| example(*column)).collect();
    let mut out = "\u{feff}".as_bytes().to_vec();
    out.extend(sheet::csv_line(&titles));
    out.extend(sheet::csv_line(&cells));
    Ok(out)
}

/// A fictional line. The declaration number begins with the mark by which it is known as the example.
const fn example(column: Column) -> &'static str {
    match column {
        Column::Number => "ZL202010000000.1",
        Column::Organisation => "虚构大学",
        Column::DeclarationNumber => "示例（虚构，请删除本行）",
        Column::EffectiveOn => "2024-05-21",
        Column::Until => "2029-05-20",
        Column::Mode => "一次总付",
        Column::Amount => "20000",
        Column::Source => "公告页.pdf",
        Column::Explanation => "参照同类许可",
        Column::Licensee => "虚构渔具有限公司",
        Column::LicenseeKind => "单位",
        Column::NoticeOn => "2024-06-03",
        Column::PaidOn => "2024-06-05",
        Column::PaidAmount => "2万元",
        Column::FilingNumber => "虚构备案0001",
        Column::FilingOn => "2024-07-01",
        Column::NoticeFile => "书面通知.pdf",
        Column::Voucher => "支付凭证.pdf",
        Column::FilingFile => "备案证明.pdf",
        Column::CrossBorder => "否",
        Column::Event => "示例（虚构，请删除本行）：PE01 质押登记生效",
        Column::EventOn => "2025-03-01",
        Column::EventUntil => "2028-02-29",
        Column::Party => "虚构银行股份有限公司",
        Column::Registration => "Y2025370000000",
        Column::EveryMonths
        | Column::Base
        | Column::Rate
        | Column::PayWithinDays
        | Column::Terms
        | Column::WithdrawnOn
        | Column::TerminatedOn
        | Column::RevokedOn
        | Column::LicenseeContact
        | Column::Receipt
        | Column::PartyBefore
        | Column::LicenceType => "",
    }
}
