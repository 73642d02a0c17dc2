//! A line that says: this licence was taken, with notice and payment on those days, proved by these files.

use super::{Column, Flaw, Line, columns::fold, read::Reading};
use crate::domain::{
    codes::AppNo,
    licence::{EvidenceKind, Filing},
    money::Fen,
    time::Day,
};

/// 被许可人 as a line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakerLine {
    /// Name, alias, USCC or id.
    Organisation(String),
    Individual {
        name: String,
        contact: String,
    },
}

/// A licence as a line says it.
#[derive(Clone, Debug, PartialEq)]
pub struct LicenceLine {
    /// One of this and `number` at least.
    pub declaration_number: Option<String>,
    pub number: Option<AppNo>,
    pub licensee: TakerLine,
    pub notice_on: Day,
    pub paid_on: Option<Day>,
    /// What is announced as due at the start when absent.
    pub paid_fen: Option<Fen>,
    pub filing: Option<Filing>,
    /// Kind, column, and the file's id, SHA-256 or name.
    pub evidence: Vec<(EvidenceKind, Column, String)>,
    /// `None` where the line says nothing.
    pub cross_border: Option<bool>,
}

const FILES: [(EvidenceKind, Column); 4] = [
    (EvidenceKind::Notice, Column::NoticeFile),
    (EvidenceKind::Voucher, Column::Voucher),
    (EvidenceKind::Receipt, Column::Receipt),
    (EvidenceKind::Filing, Column::FilingFile),
];

/// Reads a line; every cell that is wrong is told.
pub fn read_licence(line: &Line) -> Result<LicenceLine, Vec<Flaw>> {
    let mut r = Reading::new(line);
    let number = r.number();
    let declaration_number = r.exact(Column::DeclarationNumber);
    if declaration_number.is_none() && r.text(Column::Number).is_none() {
        r.push(
            Flaw::new(
                Column::DeclarationNumber,
                "",
                "declarationMissing",
                "没有填写开放许可声明编号，也没有填写专利号。",
                "Neither the declaration number nor the patent number is given.",
            )
            .cure("请至少填写其中一项。", "Give at least one of them."),
        );
    }
    let licensee = licensee(&mut r);
    let notice_on = r.required_day(Column::NoticeOn);
    let paid_on = r.day(Column::PaidOn);
    let paid_fen = r.amount(Column::PaidAmount);
    if paid_fen.is_some_and(|paid| paid > Fen::ZERO) && r.text(Column::PaidOn).is_none() {
        r.missing(Column::PaidOn);
    }
    let filing = filing(&mut r);
    let mut evidence = Vec::new();
    for (kind, column) in FILES {
        let Some(text) = r.text(column) else { continue };
        let names = text.split([';', '；', '|', '\n']).map(str::trim);
        let names = names.filter(|name| !name.is_empty());
        evidence.extend(names.map(|name| (kind, column, name.to_owned())));
    }
    let cross_border = cross_border(&mut r);
    let value = (|| {
        Some(LicenceLine {
            declaration_number,
            number,
            licensee: licensee?,
            notice_on: notice_on?,
            paid_on,
            paid_fen,
            filing,
            evidence,
            cross_border,
        })
    })();
    r.finish(value)
}

fn licensee(r: &mut Reading<'_>) -> Option<TakerLine> {
    let name = r.required(Column::Licensee);
    let kind = r.text(Column::LicenseeKind);
    let contact = r.exact(Column::LicenseeContact);
    let is_individual = match kind.as_deref().map(fold).as_deref() {
        Some("个人" | "自然人" | "individual" | "person") => true,
        None | Some("单位" | "企业" | "公司" | "组织" | "法人" | "organisation" | "enterprise") => {
            false
        }
        Some(_) => {
            let text = kind.unwrap_or_default();
            r.push(
                Flaw::new(
                    Column::LicenseeKind,
                    &text,
                    "licenseeKindUnknown",
                    "被许可人类型无法识别。",
                    "The kind of licensee is not known.",
                )
                .cure(
                    "请填写 个人 或 单位，单位可不填。",
                    "Write individual or organisation; it may be left out for the latter.",
                ),
            );
            return None;
        }
    };
    if !is_individual {
        return name.map(TakerLine::Organisation);
    }
    if contact.is_none() {
        r.missing(Column::LicenseeContact);
    }
    Some(TakerLine::Individual {
        name: name?,
        contact: contact?,
    })
}

/// Number and day, both or neither.
fn filing(r: &mut Reading<'_>) -> Option<Filing> {
    let number = r.exact(Column::FilingNumber);
    let on = r.day(Column::FilingOn);
    match (number, on) {
        (Some(number), Some(on)) => Some(Filing { number, on }),
        (Some(_), None) if r.text(Column::FilingOn).is_none() => {
            r.missing(Column::FilingOn);
            None
        }
        (None, Some(_)) => {
            r.missing(Column::FilingNumber);
            None
        }
        _ => None,
    }
}

fn cross_border(r: &mut Reading<'_>) -> Option<bool> {
    let text = r.text(Column::CrossBorder)?;
    match fold(&text).as_str() {
        "是" | "跨境" | "yes" | "true" | "1" | "y" => Some(true),
        "否" | "非跨境" | "no" | "false" | "0" | "n" => Some(false),
        _ => {
            r.push(
                Flaw::new(
                    Column::CrossBorder,
                    &text,
                    "yesOrNo",
                    "应填写 是 或 否。",
                    "Must be yes or no.",
                )
                .cure(
                    "被许可人为外国或港澳台主体的填 是。",
                    "Write yes for a licensee from abroad, Hong Kong, Macao or Taiwan.",
                ),
            );
            None
        }
    }
}
