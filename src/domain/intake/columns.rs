//! Which header means which column: the wording of CNIPA, CNIPR, incoPat, PatSnap, innojoy, PatentHub,
//! of home-made sheets, of the gazette and of our own JSON. A header must match as a whole.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::{codes::AppNo, text::Text};

/// The columns that we understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// 申请号 or 专利号
    AppNumber,
    /// 公开(公告)号: A, B, U or S
    PubNumber,
    /// 授权公告号
    GrantNumber,
    Title,
    /// 专利类型, 文献类型, 公开类型
    Kind,
    FilingDate,
    /// 公开(公告)日: of the document whose number stands beside it
    PublicationDate,
    /// 首次公开日
    FirstPublicationDate,
    GrantDate,
    /// 当前权利人, 专利权人
    Owner,
    /// 申请人, 申请(专利权)人
    Applicant,
    Inventors,
    IpcMain,
    Ipc,
    Locarno,
    /// 当前法律状态, 案件状态
    StatusText,
    /// 专利有效性, 简单法律状态
    Validity,
    StatusAsOf,
    Abstract,
    /// 主权项
    MainClaim,
    /// 国民经济行业 (GB/T 4754)
    Industry,
    /// 是否转化, 实施状态, 许可类型
    Conversion,
    /// 所属学院
    Unit,
    /// 国省代码, 省份
    Region,
    /// 统一社会信用代码
    Uscc,
    /// `stage` of our own JSON
    Stage,
    /// `checkSource` of our own JSON, `app_no_printed`
    CheckSource,
    /// `fictional` of our own JSON
    Fictional,
}

/// A header understood: its column, and its preference among several of the same column (0 first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub column: Column,
    pub rank: usize,
}

/// Folded headers by column, the preferred first.
const ALIASES: &[(Column, &str)] = &[
    (
        Column::AppNumber,
        "申请号 专利申请号 申请专利号 申请号专利号 专利号申请号 专利号 申请号或专利号 申请号码 \
         applicationnumber applicationno appno appnumber appnum filingid",
    ),
    (
        Column::PubNumber,
        "公开公告号 公开号 公告号 公布号 公布公告号 申请公布号 专利公开号 公开公告号码 专利公开公告号 \
         pubno publicationnumber publicationno documentnumber",
    ),
    (
        Column::GrantNumber,
        "授权公告号 授权号 专利授权号 授权公告号码 authorizationnoticeid grantnumber grantno",
    ),
    (
        Column::Title,
        "标题 标题中文 专利名称 发明名称 名称 发明创造名称 专利标题 专利名 标题简体中文 标题译简体中文 标题原文 \
         patsnap专利标题 title name inventiontitle",
    ),
    (
        Column::Kind,
        "专利类型 文献类型 公开类型 类型 专利种类 专利类别 patenttype type kind 文献种类代码",
    ),
    (
        Column::FilingDate,
        "申请日 申请日期 专利申请日 专利申请日期 申请时间 appdate filingdate applicationdate",
    ),
    (
        Column::PublicationDate,
        "公开公告日 公开公告日期 公布公告日 公开日 公开日期 公布日 公告日 公告日期 申请公布日 公开公告时间 \
         pubdate publicationdate documentdate",
    ),
    (Column::FirstPublicationDate, "首次公开日 首次公开日期"),
    (
        Column::GrantDate,
        "授权公告日 授权日 授权日期 授权公告日期 专利授权日 授权时间 grantdate authorizedannouncementdate 颁证日 颁证日期",
    ),
    (
        Column::Owner,
        "当前权利人 当前专利权人 现专利权人 专利权人 当前申请专利权人 标当前申请专利权人 权利人 专利权人名称 \
         第一专利权人 owners owner patentee patentees currentassignee",
    ),
    (
        Column::Applicant,
        "申请人 申请人中文 申请专利权人 申请人专利权人 申请人名称 原始申请专利权人 标原始申请专利权人 专利申请人 \
         第一申请人 第一申请专利权人 applicants applicant",
    ),
    (
        Column::Inventors,
        "发明人 发明设计人 发明人设计人 设计人 发明人中文 全部发明人 发明人姓名 专利发明人 第一发明人 \
         inventors inventor designer designers",
    ),
    (
        Column::IpcMain,
        "ipc主分类 ipc主分类号 主分类号 主分类 国际主分类号 mainipc ipcmain",
    ),
    (
        Column::Ipc,
        "ipc ipc分类号 分类号 国际专利分类号 ipc分类 国际分类号 国际专利分类 专利分类号 ipc国际分类号 ipcs intcl",
    ),
    (
        Column::Locarno,
        "洛迦诺分类号 loc分类号 外观分类号 外观设计分类号 洛迦诺分类 locarno分类号 外观设计洛迦诺分类号 loc locarno",
    ),
    (
        Column::StatusText,
        "当前法律状态 最新法律状态 案件状态 法律状态 法律状态事件 专利状态 法律状态信息 当前状态 专利法律状态 状态 \
         statustext currentstatus status",
    ),
    (
        Column::Validity,
        "专利有效性 有效性 简单法律状态 专利权状态 有效状态 legalstatus simplelegalstatus",
    ),
    (
        Column::StatusAsOf,
        "statusasof 状态截止日 法律状态截止日 法律状态日期 状态日期 法律状态更新日 法律状态更新时间 \
         当前法律状态公告日 法律状态公告日",
    ),
    (
        Column::Abstract,
        "摘要 摘要中文 摘要文本 专利摘要 摘要内容 文摘 摘要简体中文 摘要译简体中文 简要说明 abstract summary",
    ),
    (
        Column::MainClaim,
        "主权项 首项权利要求 主权项内容 主权利要求 首权项 首权 独立权利要求1 权利要求1 mainclaim claims",
    ),
    (
        Column::Industry,
        "国民经济分类 gbc分类号 国民经济行业分类号 国民经济行业分类 国民经济行业 国民经济分类号 industries",
    ),
    (
        Column::Conversion,
        "转化状态 实施状态 专利实施状态 专利转化状态 转化实施状态 转化情况 实施情况 专利转化情况 转化实施情况 \
         是否转化 是否已转化 是否实施 conversion 许可类型",
    ),
    (
        Column::Unit,
        "所属学院 二级单位 所属二级单位 所在学院 学院 所属院系 院系 所属部门 部门 所属单位 所在单位 unit",
    ),
    (
        Column::Region,
        "国省代码 申请人国省代码 申请人省市代码 申请人地区 申请人省份 申请人省市 国家省份 省份 省市 region province",
    ),
    (
        Column::Uscc,
        "统一社会信用代码 工商统一社会信用代码 统一信用代码 社会信用代码 uscc",
    ),
    (Column::Stage, "stage"),
    (Column::CheckSource, "checksource appnoprinted"),
    (Column::Fictional, "fictional"),
];

static PLACES: LazyLock<HashMap<&'static str, Place>> = LazyLock::new(|| {
    ALIASES
        .iter()
        .flat_map(|(column, names)| {
            let named = names.split_whitespace().enumerate();
            named.map(|(rank, name)| {
                (
                    name,
                    Place {
                        column: *column,
                        rank,
                    },
                )
            })
        })
        .collect()
});

/// NFKC, lower case, letters and digits alone, so that brackets, blanks, slashes and asterisks do not count.
fn fold(header: &str) -> String {
    header
        .nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Column {
    /// The column that a header of a table means.
    pub fn of_header(header: &str) -> Option<Place> {
        if header.len() > 120 {
            return None;
        }
        let folded = fold(header);
        let bare = folded.trim_end_matches("必填").trim_end_matches("选填");
        PLACES.get(bare).copied()
    }

    /// The column that a key of a JSON record means: as a header, and `number` of our own records.
    pub fn of_key(key: &str) -> Option<Place> {
        match key {
            "number" => Some(Place {
                column: Self::AppNumber,
                rank: usize::MAX,
            }),
            _ => Self::of_header(key),
        }
    }

    /// What the column is called, in both languages.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::AppNumber => ("申请号（专利号）", "Application number"),
            Self::PubNumber => ("公开（公告）号", "Publication number"),
            Self::GrantNumber => ("授权公告号", "Grant number"),
            Self::Title => ("专利名称", "Title"),
            Self::Kind => ("专利类型", "Kind"),
            Self::FilingDate => ("申请日", "Filing day"),
            Self::PublicationDate => ("公开（公告）日", "Publication day"),
            Self::FirstPublicationDate => ("首次公开日", "First publication day"),
            Self::GrantDate => ("授权公告日", "Grant day"),
            Self::Owner => ("当前权利人", "Owner"),
            Self::Applicant => ("申请人", "Applicant"),
            Self::Inventors => ("发明人", "Inventors"),
            Self::IpcMain => ("IPC 主分类", "Main IPC class"),
            Self::Ipc => ("IPC 分类", "IPC classes"),
            Self::Locarno => ("洛迦诺分类", "Locarno classes"),
            Self::StatusText => ("法律状态", "Legal status"),
            Self::Validity => ("专利有效性", "Validity"),
            Self::StatusAsOf => ("法律状态日期", "Day of the status"),
            Self::Abstract => ("摘要", "Abstract"),
            Self::MainClaim => ("主权项", "Main claim"),
            Self::Industry => ("国民经济行业", "Industry"),
            Self::Conversion => ("实施（转化）状态", "Use so far"),
            Self::Unit => ("所属学院或部门", "Unit"),
            Self::Region => ("省市", "Region"),
            Self::Uscc => ("统一社会信用代码", "Credit code"),
            Self::Stage => ("公布阶段", "Stage"),
            Self::CheckSource => ("校验位来源", "Source of the check character"),
            Self::Fictional => ("虚构标记", "Fictional"),
        };
        Text::new(zh, en)
    }

    /// Is a number in this column an Excel serial day?
    pub const fn is_date(self) -> bool {
        matches!(
            self,
            Self::FilingDate
                | Self::PublicationDate
                | Self::FirstPublicationDate
                | Self::GrantDate
                | Self::StatusAsOf
        )
    }
}

/// Is this 公开日 (A) by its header alone, whatever number stands beside it?
pub(super) fn names_publication_only(header: &str) -> bool {
    matches!(
        fold(header).as_str(),
        "公开日" | "公开日期" | "公布日" | "申请公布日" | "publicationdate"
    )
}

/// Does the text hold an application number, alone or before a blank? Tells columns that are shifted
/// against their headers.
pub fn holds_application_number(text: &str) -> bool {
    let text = text.trim();
    let word = text.split(char::is_whitespace).next().unwrap_or_default();
    [text, word]
        .iter()
        .any(|t| (9..=24).contains(&t.chars().count()) && AppNo::parse(t).is_ok())
}
