//! Patents handed to a platform (报送): which of a holder's stock went out in a platform's own sheet, as which versions, and
//! what the platform answered. A holder's and the office's alone.

use serde::{Deserialize, Serialize};

use super::{
    codes::AppNo,
    id::Id,
    intake::{Cell, excerpt, text_of},
    text::Text,
    time::Day,
    words::words,
};

words! {
    /// What became of it.
    pub enum SubmissionState {
        /// In a file of ours; the platform has not answered
        Exported = "exported", "已导出", "Exported";
        Accepted = "accepted", "已受理", "Accepted";
        Rejected = "rejected", "被退回", "Rejected";
    }
}

words! {
    /// Where a patent of the stock stands for a platform.
    pub enum SubmissionStage {
        Never = "never", "从未导出", "Never exported";
        Exported = "exported", "已导出待答复", "Exported";
        Accepted = "accepted", "已受理", "Accepted";
        Rejected = "rejected", "被退回", "Rejected";
        /// The patent, its holding or its stock record has another version than the file
        Changed = "changed", "导出后有变化", "Changed since export";
        /// Never exported, changed since, or rejected: what is to go out next
        Pending = "pending", "待报送", "To be handed in";
    }
}

/// The versions that a file told of; 0: there was no stock record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    pub patent: i64,
    pub holding: i64,
    pub inventory: i64,
}

/// A patent as it was handed to one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Submission {
    pub holding: Id,
    pub organisation: Id,
    pub number: AppNo,
    /// The layout of the platform's sheet.
    #[schema(example = "shandong")]
    pub platform: String,
    pub state: SubmissionState,
    /// Something of it has changed since.
    pub changed: bool,
    #[schema(value_type = String, format = "date")]
    pub exported_on: Day,
    /// Who took the file out.
    pub exported_by: String,
    /// Of the file.
    pub file_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date")]
    pub answered_on: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// Why it was rejected, in the platform's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A platform's answer sheet, as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionAnswers {
    pub id: Id,
    pub organisation: Id,
    pub platform: String,
    #[schema(value_type = String, format = "date")]
    pub read_on: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Of the sheet.
    pub sha256: String,
    pub rows: i64,
    pub accepted: i64,
    pub rejected: i64,
    /// Rows that fit nothing that was handed in; the rejects file names them with the reason.
    pub unmatched: i64,
}

/// A column of an answer sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Number,
    Result,
    Reason,
}

/// What a header of an answer sheet means.
pub fn header_of(header: &str) -> Option<Column> {
    let folded: String = header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    Some(match folded.as_str() {
        "申请号" | "专利号" | "申请号专利号" | "专利申请号" | "number" | "applicationnumber" => {
            Column::Number
        }
        "审核结果" | "审核状态" | "处理结果" | "受理结果" | "结果" | "状态" | "result"
        | "status" => Column::Result,
        "原因" | "退回原因" | "驳回原因" | "审核意见" | "意见" | "备注" | "说明" | "reason" => {
            Column::Reason
        }
        _ => return None,
    })
}

const ACCEPTED: [&str; 11] = [
    "通过",
    "审核通过",
    "受理",
    "已受理",
    "接收",
    "已接收",
    "入库",
    "已入库",
    "成功",
    "合格",
    "accepted",
];
const REJECTED: [&str; 10] = [
    "退回",
    "已退回",
    "驳回",
    "不通过",
    "未通过",
    "审核不通过",
    "失败",
    "不合格",
    "不受理",
    "rejected",
];

/// One line of an answer sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerLine {
    pub number: AppNo,
    pub state: SubmissionState,
    pub reason: Option<String>,
}

/// The longest reason, in characters; a longer one is cut, with a sign that it was.
const REASON_CHARS: usize = 500;

/// Why a row of an answer sheet fits nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub row: u64,
    pub code: &'static str,
    pub value: String,
    pub text: Text,
}

/// Reads a row of an answer sheet.
pub fn read_answer(row: u64, cells: &[(Column, Cell)]) -> Result<AnswerLine, Misfit> {
    let of = |column| {
        let found = cells.iter().find(|(known, _)| *known == column);
        found
            .and_then(|(_, cell)| text_of(cell))
            .unwrap_or_default()
    };
    let said = of(Column::Number);
    let number = AppNo::parse(&said).map(|(number, _)| number);
    let number = number.map_err(|_| misfit(row, "numberInvalid", &said))?;
    let result = of(Column::Result).to_lowercase();
    let state = match result.as_str() {
        known if ACCEPTED.contains(&known) => SubmissionState::Accepted,
        known if REJECTED.contains(&known) => SubmissionState::Rejected,
        _ => return Err(misfit(row, "resultUnknown", &result)),
    };
    let reason = of(Column::Reason);
    let mut cut: String = reason.chars().take(REASON_CHARS).collect();
    if cut.len() < reason.len() {
        cut.push('…');
    }
    Ok(AnswerLine {
        number,
        state,
        reason: Some(cut).filter(|reason| !reason.is_empty() && state == SubmissionState::Rejected),
    })
}

/// A row that fits nothing, and why.
pub fn misfit(row: u64, code: &'static str, value: &str) -> Misfit {
    let text = match code {
        "numberInvalid" => Text::new("不是申请号。", "Not an application number."),
        "resultUnknown" => Text::new(
            format!(
                "结果无法识别；可用：{}、{}。",
                ACCEPTED.join("、"),
                REJECTED.join("、")
            ),
            format!(
                "An unknown result; allowed are: {}, {}.",
                ACCEPTED.join(", "),
                REJECTED.join(", ")
            ),
        ),
        "numberTwice" => Text::new(
            "同一件专利有两个不同的答复。",
            "Two different answers of one patent.",
        ),
        "rowUnreadable" => Text::new("这一行无法读取。", "The row cannot be read."),
        _ => Text::new(
            "这件专利没有向该平台导出过，或不是本单位的存量专利。",
            "It was never exported for this platform, or is not in this stock.",
        ),
    };
    Misfit {
        row,
        code,
        value: excerpt(value),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: &str, result: &str, reason: &str) -> Result<AnswerLine, Misfit> {
        let cell = |text: &str| Cell::Text(text.into());
        let cells = [
            (Column::Number, cell(number)),
            (Column::Result, cell(result)),
            (Column::Reason, cell(reason)),
        ];
        read_answer(2, &cells)
    }

    #[test]
    fn an_answer_is_accepted_or_rejected_and_never_guessed() {
        let accepted = row("ZL202480012345.0", "审核通过", "很好").expect("read");
        assert_eq!(
            (accepted.state, accepted.reason),
            (SubmissionState::Accepted, None)
        );
        let rejected = row("2024800123450", "退回", "名称不符").expect("read");
        assert_eq!(rejected.state, SubmissionState::Rejected);
        assert_eq!(rejected.reason.as_deref(), Some("名称不符"));
        assert_eq!(
            row("2024800123450", "待定", "").expect_err("unknown").code,
            "resultUnknown"
        );
        assert_eq!(
            row("2024800123451", "通过", "").expect_err("check").code,
            "numberInvalid"
        );
        assert_eq!(header_of("退回 原因"), Some(Column::Reason));
    }
}
