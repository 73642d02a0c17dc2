//! Why a row was refused, or what of it was left out, in words for the person who has to mend the file.
//! Codes are stable: they stand in the file of rejects and in the API.

use serde::Serialize;

use crate::domain::text::Lang;

/// A refused row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub row: u64,
    /// The header as in the file; empty where the whole row is meant.
    pub column: String,
    pub code: RejectCode,
    /// The offending value: at most 200 characters, control characters replaced by blanks.
    pub value: String,
}

impl Reject {
    pub fn new(row: u64, column: &str, code: RejectCode, value: &str) -> Self {
        Self {
            row,
            column: excerpt(column),
            code,
            value: excerpt(value),
        }
    }

    /// The same, with the place in a file of several tables before its column.
    #[must_use]
    pub fn within(mut self, place: Option<&str>) -> Self {
        if let Some(place) = place {
            self.column = excerpt(&format!("{place}{}", self.column));
        }
        self
    }
}

/// At most 200 characters; control characters become blanks.
pub fn excerpt(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Something that was left out or looks odd, while the row was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub column: String,
    pub code: WarningCode,
    pub value: String,
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident: $code:literal, $zh:literal, $zh_do:literal, $en:literal, $en_do:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name { $(#[doc = $en] $variant,)* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }

            /// What is wrong.
            pub const fn reason(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$variant, Lang::Zh) => $zh, (Self::$variant, Lang::En) => $en,)*
                }
            }

            /// What to do about it.
            pub const fn remedy(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$variant, Lang::Zh) => $zh_do, (Self::$variant, Lang::En) => $en_do,)*
                }
            }
        }
    };
}

codes! {
    /// Why a row was refused.
    RejectCode {
        MissingNumber: "missingNumber", "没有申请号", "补填申请号后重新导入",
            "no application number", "fill in the application number and import again";
        ScientificNumber: "scientificNumber", "申请号被电子表格改成科学计数法，位数已丢失", "从来源重新导出，将该列设为文本格式",
            "the spreadsheet turned the number into scientific notation and its digits are lost", "export again with this column as text";
        PublicationNumber: "publicationNumber", "这是公开（公告）号，不是申请号", "填写申请号（12 位或 8 位数字加校验位）",
            "this is a publication number, not an application number", "give the application number (12 or 8 digits and a check character)";
        NotANumber: "notANumber", "不是申请号", "填写申请号，例如 CN201910699568.X",
            "this is not an application number", "give the application number, for example CN201910699568.X";
        NumberLength: "numberLength", "申请号位数不对", "核对申请号：13 位或 9 位（含校验位）",
            "the application number has the wrong length", "check the number: 13 or 9 characters with the check character";
        NumberYear: "numberYear", "申请号中的年份不成立", "核对申请号前几位（年份）",
            "no application was filed in the year of this number", "check the leading digits (the year)";
        NumberKind: "numberKind", "申请号的专利类型位不是 1、2、3、8、9", "核对申请号",
            "the type digit of the number is not 1, 2, 3, 8 or 9", "check the number";
        NumberCheck: "numberCheck", "申请号校验位不符", "核对申请号，至少有一位写错",
            "the check character of the application number does not fit", "check the number: at least one character is wrong";
        NumbersDisagree: "numbersDisagree", "同一行的两个号码不一致", "核对申请号与专利号",
            "two numbers of this row disagree", "check the application number and the patent number";
        ShiftedColumns: "shiftedColumns", "单元格内容与表头不符，该行的列可能错位", "使各列与表头对齐后重新导入",
            "the cell does not hold what its header says: the columns of this row are shifted", "align the columns with the header and import again";
        MissingTitle: "missingTitle", "没有专利名称", "补填专利名称",
            "no title", "fill in the title";
        KindConflict: "kindConflict", "专利类型与申请号不一致", "核对专利类型和申请号",
            "the patent type contradicts the application number", "check the type and the number";
        KindLetterConflict: "kindLetterConflict", "公开（公告）号的种类字母与申请号的专利类型不一致", "核对该行的号码是否属于同一件专利",
            "the kind letter of the publication number contradicts the application number", "check that both numbers belong to the same patent";
        NotADate: "notADate", "不是日期", "按 2019-05-21 的格式填写日期",
            "this is not a date", "write the date as 2019-05-21";
        ImpossibleDate: "impossibleDate", "日期不存在", "核对日期",
            "there is no such day", "check the date";
        InconsistentDates: "inconsistentDates", "日期互相矛盾，或早于 1985 年", "核对申请日与公开、授权日期",
            "the dates contradict each other, or lie before 1985", "check the filing date against the publication and grant dates";
        TooLong: "tooLong", "内容超过允许的长度", "缩短该单元格，或检查是否多个单元格并在一起",
            "the text is longer than allowed", "shorten the cell, or check whether several cells have run together";
        WrongEncoding: "wrongEncoding", "该行含有无法识别的字符编码", "以 UTF-8 重新导出",
            "the row holds bytes or characters damaged by a wrong encoding", "export again as UTF-8";
        WrongColumnCount: "wrongColumnCount", "该行的列数与表头不同", "检查分隔符和引号",
            "the row has not as many columns as the header", "check separators and quotation marks";
        BadJson: "badJson", "该行不是 JSON 对象", "每行写一个完整的 JSON 对象",
            "the line is not a JSON object", "write one complete JSON object a line";
        MemberUnreadable: "memberUnreadable", "压缩包中的这个文件无法读取", "单独检查该文件：只读取表格、JSON Lines 和专利 XML，不读取包中的包",
            "this member of the archive cannot be read", "check this file by itself: tables, JSON lines and patent XML are read, archives inside the archive are not";
        LineTooLong: "lineTooLong", "该行过长", "检查引号是否闭合，缩短该行",
            "the line is too long", "check for an open quotation mark, shorten the line";
    }
}

codes! {
    /// What was left out of a row, or looks odd.
    WarningCode {
        CheckComputed: "checkComputed", "号码没有校验位，已按标准算出", "请核对号码",
            "the number has no check character; it was computed", "compare the number with the certificate";
        YearDiffers: "yearDiffers", "申请号年份与申请日不同（分案或 PCT 属正常）", "无需处理",
            "the year of the number is not the filing year (normal for divisional and PCT applications)", "nothing to do";
        SecondNumberUnreadable: "secondNumberUnreadable", "另一列的号码无法识别，未采用", "核对该列",
            "the number in this second column cannot be read and was left out", "check this column";
        PublicationUnreadable: "publicationUnreadable", "公开（公告）号不完整，未采用", "补全种类字母，例如 CN213072711U",
            "the publication number is incomplete and was left out", "complete it with its kind letter, as CN213072711U";
        DateUnassigned: "dateUnassigned", "无法判断是公开日还是授权公告日，未采用", "补充公开（公告）号",
            "publication or grant? the date was left out", "add the publication number";
        DateUnreadable: "dateUnreadable", "日期无法识别，未采用", "核对日期",
            "the date cannot be read and was left out", "check the date";
        MonthOnly: "monthOnly", "只有年月，按该月第一天计", "补充具体日期",
            "only a month is given; its first day stands for it", "give the day";
        ClassDropped: "classDropped", "分类号无法识别，未采用", "核对分类号",
            "the class symbol cannot be read and was left out", "check the symbol";
        NameDropped: "nameDropped", "名称已损坏，未采用", "核对名称",
            "the name is damaged and was left out", "check the name";
        KindUnknown: "kindUnknown", "专利类型的写法无法识别，按申请号判断", "核对专利类型",
            "the wording of the type is unknown; the number decides", "check the type";
        StatusUnknown: "statusUnknown", "法律状态的写法无法识别，保留原文", "按登记簿副本核对",
            "the wording of the status is unknown; the text is kept", "check against the register";
        StatusConflict: "statusConflict", "法律状态与有效性互相矛盾，按未知处理", "按登记簿副本核对",
            "legal status and validity contradict each other; taken as unknown", "check against the register";
        ConversionUnclear: "conversionUnclear", "转化状态的写法无法归类", "填写 未实施、自行实施、已产业化、已许可、已转让 或 已作价入股",
            "the wording of the conversion status cannot be classified", "write 未实施, 自行实施, 已产业化, 已许可, 已转让 or 已作价入股";
        CreditCodeWrong: "creditCodeWrong", "统一社会信用代码校验不符", "核对代码",
            "the unified social credit code does not check out", "check the code";
        TextDamaged: "textDamaged", "文字因编码错误损坏，未采用", "以 UTF-8 重新导出",
            "the text is damaged by a wrong encoding and was left out", "export again as UTF-8";
    }
}
