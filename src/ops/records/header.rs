//! A list whose header is not understood to the last column is refused whole, with everything that is known.

use crate::{
    domain::record::{Column, HeaderFault, RecordKind, plan},
    ops::{Error, Fault, Result},
    sheet::SheetError,
};

/// The column of each header, or the refusal of the file.
pub(super) fn columns(kind: RecordKind, headers: &[String]) -> Result<Vec<Option<Column>>> {
    plan(kind, headers)
        .map_err(|faults| Error::Invalid(faults.iter().map(|fault| of(kind, fault)).collect()))
}

/// A file that cannot be read, or not further.
pub(super) fn unreadable(kind: RecordKind, problem: &SheetError) -> Error {
    let (zh, en) = known(kind);
    let (zh, en) = match problem {
        SheetError::NoHeader { seen } => (
            format!(
                "没有找到{}的表头，文件中看到的是：{}。可用的列：{zh}。",
                kind.zh(),
                seen.join("、")
            ),
            format!(
                "There is no header of {}; seen were: {}. Known columns: {en}.",
                kind.en(),
                seen.join(" | ")
            ),
        ),
        SheetError::TooManyRows { limit } => (
            format!("超过 {limit} 行，请拆分后分次提交。"),
            format!("More than {limit} rows; split the file and send the parts one by one."),
        ),
        other => (
            format!("{}。", other.text(crate::domain::text::Lang::Zh)),
            format!("{}.", other.text(crate::domain::text::Lang::En)),
        ),
    };
    Error::Invalid(vec![Fault::new("", problem.as_str(), zh, en)])
}

fn of(kind: RecordKind, fault: &HeaderFault) -> Fault {
    let (zh, en) = known(kind);
    match fault {
        HeaderFault::Unknown(headers) => Fault::new(
            "",
            "headersUnknown",
            format!(
                "不认识的列：{}。整个文件未读取；请改名或删除这些列。可用的列：{zh}。",
                headers.join("、")
            ),
            format!(
                "Unknown columns: {}. Nothing was read; rename or delete them. Known columns: {en}.",
                headers.join(" | ")
            ),
        ),
        HeaderFault::Repeated(column) => Fault::new(
            "",
            "headerRepeated",
            format!("有两列的意思都是“{}”，请只留一列。", column.title()),
            format!("Two columns mean {}; keep one of them.", column.key()),
        ),
        HeaderFault::Missing(either) => {
            let join = |name: fn(Column) -> &'static str, or: &str| {
                let names: Vec<_> = either.iter().map(|column| name(*column)).collect();
                names.join(or)
            };
            Fault::new(
                "",
                "headersMissing",
                format!("缺少列：{}。可用的列：{zh}。", join(Column::title, "或")),
                format!(
                    "Missing: {}. Known columns: {en}.",
                    join(Column::key, " or ")
                ),
            )
        }
    }
}

fn known(kind: RecordKind) -> (String, String) {
    let all = Column::all(kind);
    let titles: Vec<_> = all.iter().map(|column| column.title()).collect();
    let keys: Vec<_> = all.iter().map(|column| column.key()).collect();
    (titles.join("、"), keys.join(", "))
}
