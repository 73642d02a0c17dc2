//! What each field of the form is called and how it is filled in.

use crate::domain::{
    record::{Column, RecordKind},
    terms::{FeeMode, RoyaltyBase},
    text::Text,
};

/// How a field is filled in.
pub enum Way {
    Line,
    Area,
    /// Value, words.
    Choice(Vec<(&'static str, Text)>),
    File,
}

/// The field's English name beside the Chinese header, and how it is filled in.
pub fn english(column: Column) -> &'static str {
    match column {
        Column::Number => "Patent number",
        Column::Organisation => "Patentee",
        Column::DeclarationNumber => "Declaration number",
        Column::EffectiveOn => "Effective day",
        Column::Until => "Last day of the licence period",
        Column::Mode => "Way of paying",
        Column::Amount => "Amount, yuan",
        Column::EveryMonths => "Period, months",
        Column::Base => "Base of the royalty",
        Column::Rate => "Royalty, %",
        Column::PayWithinDays => "Days to pay",
        Column::Terms => "Other terms, as JSON",
        Column::WithdrawnOn => "Withdrawal announced",
        Column::TerminatedOn => "Termination announced",
        Column::RevokedOn => "Revocation announced",
        Column::Source => "The announcement",
        Column::Explanation => "Explanation of the fee",
        Column::Licensee => "Licensee",
        Column::LicenseeKind => "Kind of licensee",
        Column::LicenseeContact => "A person's telephone or address",
        Column::NoticeOn => "Day of the written notice",
        Column::PaidOn => "Day of payment",
        Column::PaidAmount => "Amount paid, yuan",
        Column::FilingNumber => "Filing number",
        Column::FilingOn => "Filing day",
        Column::NoticeFile => "The notice",
        Column::Voucher => "Payment voucher",
        Column::Receipt => "Patentee's receipt",
        Column::FilingFile => "Filing certificate",
        Column::CrossBorder => "Across the border",
        Column::Event => "Event or status",
        Column::EventOn => "Day of the event or of the query",
        Column::EventUntil => "Last day",
        Column::Party => "The other party",
        Column::PartyBefore => "Owners before",
        Column::Registration => "Registration number",
        Column::LicenceType => "Type of licence",
    }
}

/// What helps to fill it in.
pub fn hint(column: Column) -> Option<Text> {
    let (zh, en) = match column {
        Column::Number => ("例如 ZL201910699568.X", "For instance ZL201910699568.X"),
        Column::Organisation => (
            "名称、曾用名或统一社会信用代码；只有一个已核实的持有单位时可不填",
            "Name, former name or credit code; may be left out when one organisation is the confirmed holder",
        ),
        Column::Licensee => (
            "已登记单位的名称、曾用名或统一社会信用代码；个人填姓名",
            "Name, former name or credit code of a registered organisation; or a person's name",
        ),
        Column::Amount => (
            "元；可写 2万。一次总付、按年按期的金额，或入门费；分期按“金额@生效后天数”，例如 10000@0;5000@180",
            "Yuan. The lump sum, the fee of a period, or the entry fee; instalments as amount@days, e.g. 10000@0;5000@180",
        ),
        Column::Rate => ("例如 3%", "For instance 3%"),
        Column::PaidAmount => (
            "不填即为公告的起始应付金额",
            "Left out: the announced amount due at the start",
        ),
        Column::DeclarationNumber => ("按公告填写", "As announced"),
        Column::Terms => (
            "上面各栏写不下时使用，格式见开放接口文档的 terms",
            "For what the fields above cannot say; `terms` of the API",
        ),
        column if column.is_date() => ("例如 2024-05-21", "For instance 2024-05-21"),
        _ => return None,
    };
    Some(Text::new(zh, en))
}

pub fn way(column: Column) -> Way {
    let none = || ("", Text::new("—", "—"));
    match column {
        Column::Mode => {
            let modes = FeeMode::ALL
                .into_iter()
                .map(|mode| (mode.as_str(), Text::new(mode.zh(), mode.en())));
            Way::Choice(std::iter::once(none()).chain(modes).collect())
        }
        Column::Base => {
            let bases = RoyaltyBase::ALL
                .into_iter()
                .map(|base| (base.as_str(), Text::new(base.zh(), base.en())));
            Way::Choice(std::iter::once(none()).chain(bases).collect())
        }
        Column::LicenseeKind => Way::Choice(vec![
            ("organisation", Text::new("单位", "Organisation")),
            ("individual", Text::new("个人", "Individual")),
        ]),
        Column::CrossBorder => Way::Choice(vec![
            ("no", Text::new("否", "No")),
            (
                "yes",
                Text::new(
                    "是（外国、港澳台）",
                    "Yes (abroad, Hong Kong, Macao, Taiwan)",
                ),
            ),
        ]),
        Column::Terms | Column::Explanation => Way::Area,
        column if column.is_file() => Way::File,
        _ => Way::Line,
    }
}

/// Without these there is no record.
pub fn is_required(kind: RecordKind, column: Column) -> bool {
    match kind {
        RecordKind::Declarations => matches!(
            column,
            Column::Number
                | Column::DeclarationNumber
                | Column::EffectiveOn
                | Column::Until
                | Column::Source
        ),
        RecordKind::Licences => matches!(column, Column::Licensee | Column::NoticeOn),
        RecordKind::Events => matches!(column, Column::Number | Column::Event | Column::EventOn),
    }
}
