//! What can be wrong with a file as a whole, and with one row of it.

use crate::domain::{intake::Reject, text::Lang};

/// A file that cannot be read, or not further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    #[error("the file cannot be read: {0}")]
    Io(String),
    #[error("the file is empty")]
    Empty,
    #[error("{0} is not a supported format; save it as XLSX, XLS, ODS, CSV or JSON lines")]
    Unsupported(String),
    #[error("the text is neither UTF-8 nor GBK/GB18030 (nor UTF-16 with a byte order mark)")]
    Encoding,
    #[error("there is no application number column (申请号, 专利号); the headers are: {}", .seen.join(" | "))]
    NoHeader { seen: Vec<String> },
    #[error("the file has no column {name:?}; its columns are: {}", .seen.join(" | "))]
    ColumnUnknown { name: String, seen: Vec<String> },
    #[error("{column:?} would be a second column of {field}; leave one of them unread")]
    FieldTwice { field: &'static str, column: String },
    #[error("the file ends too early: it is truncated")]
    Truncated,
    #[error("the file is damaged: {0}")]
    Corrupt(String),
    #[error("the file is protected by a password; save it without one")]
    Protected,
    #[error("the XML declares a document type or entities; save it without them")]
    DocumentType,
    #[error("{format} is read up to {limit_bytes} bytes; save it as XLSX or CSV, or split it")]
    FormatTooBig {
        format: &'static str,
        limit_bytes: u64,
    },
    #[error("the archive is refused for its member {member}: {}", .why.text(Lang::En))]
    UnsafeMember { member: String, why: Unsafe },
    #[error("in {member}: {problem}")]
    Member {
        member: String,
        problem: Box<SheetError>,
    },
    #[error("the file grows beyond {limit_bytes} bytes when decompressed")]
    TooBig { limit_bytes: u64 },
    #[error("the file has more than {limit} rows")]
    TooManyRows { limit: u64 },
    #[error(
        "the texts of this workbook take more than {limit_bytes} bytes; split it or save it as CSV"
    )]
    TooManyStrings { limit_bytes: usize },
}

impl SheetError {
    /// The stable code.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Io(_) => "fileUnreadable",
            Self::Empty => "fileEmpty",
            Self::Unsupported(_) => "formatUnsupported",
            Self::Encoding => "encodingUnknown",
            Self::NoHeader { .. } => "headerMissing",
            Self::ColumnUnknown { .. } => "columnUnknown",
            Self::FieldTwice { .. } => "fieldTwice",
            Self::Truncated => "fileTruncated",
            Self::Corrupt(_) => "fileDamaged",
            Self::Protected => "fileProtected",
            Self::DocumentType => "documentType",
            Self::FormatTooBig { .. } => "formatTooBig",
            Self::UnsafeMember { .. } => "archiveUnsafe",
            Self::Member { problem, .. } => problem.as_str(),
            Self::TooBig { .. } => "fileTooBig",
            Self::TooManyRows { .. } => "tooManyRows",
            Self::TooManyStrings { .. } => "tooManyStrings",
        }
    }

    /// What is wrong and what to do, for people.
    pub fn text(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::Io(cause) => format!("无法读取文件：{cause}"),
            Self::Empty => "文件为空".into(),
            Self::Unsupported(what) => {
                format!("不支持的格式（{what}），请另存为 XLSX、XLS、ODS、CSV 或 JSON Lines")
            }
            Self::Encoding => "文本编码不是 UTF-8、GBK/GB18030 或带 BOM 的 UTF-16".into(),
            Self::NoHeader { seen } => format!(
                "没有找到申请号列（申请号、专利号）；文件的表头为：{}",
                seen.join("、")
            ),
            Self::ColumnUnknown { name, seen } => {
                format!(
                    "文件中没有“{name}”这一列；文件的各列为：{}",
                    seen.join("、")
                )
            }
            Self::FieldTwice { field, column } => {
                format!("“{column}”将成为第二个 {field} 列，请将其中一列改为不读取")
            }
            Self::Truncated => "文件不完整，末尾被截断".into(),
            Self::Corrupt(cause) => format!("文件已损坏：{cause}"),
            Self::Protected => "文件有密码保护，请取消密码后再导入".into(),
            Self::DocumentType => "XML 中声明了文档类型（DTD）或实体，请去掉后再导入".into(),
            Self::FormatTooBig {
                format,
                limit_bytes,
            } => format!("{format} 文件超过 {limit_bytes} 字节，请另存为 XLSX 或 CSV，或拆分文件"),
            Self::UnsafeMember { member, why } => {
                format!("压缩包因其中的文件 {member} 被拒绝：{}", why.text(Lang::Zh))
            }
            Self::Member { member, problem } => format!("{member}：{}", problem.text(Lang::Zh)),
            Self::TooBig { limit_bytes } => format!("解压后超过 {limit_bytes} 字节"),
            Self::TooManyRows { limit } => format!("超过 {limit} 行，请拆分文件"),
            Self::TooManyStrings { limit_bytes } => {
                format!("工作簿的文字超过 {limit_bytes} 字节，请拆分或另存为 CSV")
            }
        }
    }
}

/// Why a member of an archive makes the whole archive unwelcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsafe {
    /// Its path is absolute or leads out of the archive.
    Path,
    /// It is a link, not a file.
    Link,
    /// It is encrypted.
    Encrypted,
}

impl Unsafe {
    const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Path, Lang::Zh) => "路径为绝对路径或指向压缩包之外",
            (Self::Path, Lang::En) => "its path is absolute or leads out of the archive",
            (Self::Link, Lang::Zh) => "这是链接而不是文件",
            (Self::Link, Lang::En) => "it is a link, not a file",
            (Self::Encrypted, Lang::Zh) => "已加密，请去掉密码重新压缩",
            (Self::Encrypted, Lang::En) => "it is encrypted; pack it again without a password",
        }
    }
}

/// One row that is not there: reading goes on after a refusal and ends after a fatal problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowProblem {
    Rejected(Reject),
    Fatal(SheetError),
}

impl From<Reject> for RowProblem {
    fn from(reject: Reject) -> Self {
        Self::Rejected(reject)
    }
}

impl From<SheetError> for RowProblem {
    fn from(error: SheetError) -> Self {
        Self::Fatal(error)
    }
}
