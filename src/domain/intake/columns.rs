//! Which header means which column: the wording of CNIPA, CNIPR, incoPat, PatSnap, innojoy, PatentHub,
//! of home-made sheets, of the gazette and of our own JSON. A header must match as a whole.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::{codes::AppNo, text::Text, words::words};

words! {
    /// The columns that we understand; the word names the field where somebody says what a column is.
    pub enum Column {
        /// 申请号 or 专利号
        AppNumber = "applicationNumber", "申请号（专利号）", "Application number";
        /// 公开(公告)号: A, B, U or S
        PubNumber = "publicationNumber", "公开（公告）号", "Publication number";
        /// 授权公告号
        GrantNumber = "grantNumber", "授权公告号", "Grant number";
        /// 专利名称
        Title = "title", "专利名称", "Title";
        /// 专利类型, 文献类型, 公开类型
        Kind = "kind", "专利类型", "Kind";
        /// 申请日
        FilingDate = "filingDate", "申请日", "Filing day";
        /// 公开(公告)日: of the document whose number stands beside it
        PublicationDate = "publicationDate", "公开（公告）日", "Publication day";
        /// 首次公开日
        FirstPublicationDate = "firstPublicationDate", "首次公开日", "First publication day";
        /// 授权公告日
        GrantDate = "grantDate", "授权公告日", "Grant day";
        /// 当前权利人, 专利权人
        Owner = "owner", "当前权利人", "Owner";
        /// 申请人, 申请(专利权)人
        Applicant = "applicant", "申请人", "Applicant";
        /// 发明人, 设计人
        Inventors = "inventors", "发明人", "Inventors";
        /// IPC 主分类
        IpcMain = "ipcMain", "IPC 主分类", "Main IPC class";
        /// IPC 分类
        Ipc = "ipc", "IPC 分类", "IPC classes";
        /// 洛迦诺分类
        Locarno = "locarno", "洛迦诺分类", "Locarno classes";
        /// 当前法律状态, 案件状态
        StatusText = "status", "法律状态", "Legal status";
        /// 专利有效性, 简单法律状态
        Validity = "validity", "专利有效性", "Validity";
        /// 法律状态日期
        StatusAsOf = "statusAsOf", "法律状态日期", "Day of the status";
        /// 摘要
        Abstract = "abstract", "摘要", "Abstract";
        /// 主权项
        MainClaim = "mainClaim", "主权项", "Main claim";
        /// 国民经济行业 (GB/T 4754)
        Industry = "industry", "国民经济行业", "Industry";
        /// 是否转化, 实施状态, 许可类型
        Conversion = "conversion", "实施（转化）状态", "Use so far";
        /// 所属学院
        Unit = "unit", "所属学院或部门", "Unit";
        /// 国省代码, 省份
        Region = "region", "省市", "Region";
        /// 统一社会信用代码
        Uscc = "uscc", "统一社会信用代码", "Credit code";
        /// 导出日期: the source's day of this row
        SourceDay = "sourceDay", "数据日期（导出日期）", "Day of the source";
        /// `stage` of our own JSON
        Stage = "stage", "公布阶段", "Stage";
        /// `checkSource` of our own JSON, `app_no_printed`
        CheckSource = "checkSource", "校验位来源", "Source of the check character";
        /// `fictional` of our own JSON
        Fictional = "fictional", "虚构标记", "Fictional";
    }
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
         applicationnumber applicationno appno appnumber appnum filingid \
         专利申请编号 申请编号 专利号码 专利申请号码 专利号授权 标准申请号 申请号标准 中国申请号 国家申请号 \
         applicationnumbers applnno applno",
    ),
    (
        Column::PubNumber,
        "公开公告号 公开号 公告号 公布号 公布公告号 申请公布号 专利公开号 公开公告号码 专利公开公告号 \
         pubno publicationnumber publicationno documentnumber \
         公开公告编号 公开文献号 文献号 公开号公告号 公开号或公告号 公布号公告号 publicationnumbers displaykey",
    ),
    (
        Column::GrantNumber,
        "授权公告号 授权号 专利授权号 授权公告号码 authorizationnoticeid grantnumber grantno \
         授权公布号 授权公告编号 专利授权公告号 grantpublicationnumber",
    ),
    (
        Column::Title,
        "标题 标题中文 专利名称 发明名称 名称 发明创造名称 专利标题 专利名 标题简体中文 标题译简体中文 标题原文 \
         patsnap专利标题 title name inventiontitle \
         题名 专利题名 title题名 发明创造标题 发明名称中文 专利名称中文 专利标题中文 中文标题 知识产权名称 成果专利名称 \
         patenttitle titleofinvention",
    ),
    (
        Column::Kind,
        "专利类型 文献类型 公开类型 类型 专利种类 专利类别 patenttype type kind 文献种类代码 \
         专利种类名称 专利类型名称",
    ),
    (
        Column::FilingDate,
        "申请日 申请日期 专利申请日 专利申请日期 申请时间 appdate filingdate applicationdate \
         专利申请时间 申请日年月日 申请年月日 filingcreationdate applicationfilingdate datefiled fileddate",
    ),
    (
        Column::PublicationDate,
        "公开公告日 公开公告日期 公布公告日 公开日 公开日期 公布日 公告日 公告日期 申请公布日 公开公告时间 \
         pubdate publicationdate documentdate \
         公开公告年月日 公开时间 公开日公告日 publicationdates datepublished",
    ),
    (Column::FirstPublicationDate, "首次公开日 首次公开日期"),
    (
        Column::GrantDate,
        "授权公告日 授权日 授权日期 授权公告日期 专利授权日 授权时间 grantdate authorizedannouncementdate 颁证日 颁证日期 \
         授权公告时间 专利授权日期 专利授权时间 专利授权公告日 授权公布日 dategranted granteddate issuedate",
    ),
    (
        Column::Owner,
        "当前权利人 当前专利权人 现专利权人 专利权人 当前申请专利权人 标当前申请专利权人 权利人 专利权人名称 \
         第一专利权人 owners owner patentee patentees currentassignee \
         专利所有人 专利所有权人 所有权人 权利人名称 专利权利人 现权利人 最新专利权人 最新权利人 变更后专利权人 权属单位 \
         专利权人当前 currentassignees currentowner currentowners assigneecurrent",
    ),
    (
        Column::Applicant,
        "申请人 申请人中文 申请专利权人 申请人专利权人 申请人名称 原始申请专利权人 标原始申请专利权人 专利申请人 \
         第一申请人 第一申请专利权人 applicants applicant \
         申请单位 专利申请单位 全部申请人 申请人列表 主申请人 assignee assignees assigneeapplicant assigneeoriginal originalassignee originalassignees",
    ),
    (
        Column::Inventors,
        "发明人 发明设计人 发明人设计人 设计人 发明人中文 全部发明人 发明人姓名 专利发明人 第一发明人 \
         inventors inventor designer designers \
         专利发明设计人 全体发明人 发明人列表 发明人全部 专利完成人 inventorauthor",
    ),
    (
        Column::IpcMain,
        "ipc主分类 ipc主分类号 主分类号 主分类 国际主分类号 mainipc ipcmain \
         ipc主分类号小组 国际专利主分类号 主ipc 主ipc分类号 firstipc",
    ),
    (
        Column::Ipc,
        "ipc ipc分类号 分类号 国际专利分类号 ipc分类 国际分类号 国际专利分类 专利分类号 ipc国际分类号 ipcs intcl \
         国际专利分类ipc ipc国际专利分类 全部ipc ipc分类号全部 ipccurrent ipcrclassifications ipcclassifications ipcclassification \
         internationalclassifications internationalclassification ipccodes ipccode",
    ),
    (
        Column::Locarno,
        "洛迦诺分类号 loc分类号 外观分类号 外观设计分类号 洛迦诺分类 locarno分类号 外观设计洛迦诺分类号 loc locarno \
         洛迦诺分类号loc 国际外观设计分类号 外观设计国际分类号 locarnoclassification",
    ),
    (
        Column::StatusText,
        "当前法律状态 最新法律状态 案件状态 法律状态 法律状态事件 专利状态 法律状态信息 当前状态 专利法律状态 状态 \
         statustext currentstatus status \
         案件当前状态 专利当前状态 当前专利状态 法律状态当前 最新专利状态 专利法律状态名称",
    ),
    (
        Column::Validity,
        "专利有效性 有效性 简单法律状态 专利权状态 有效状态 legalstatus simplelegalstatus \
         有效性法律状态",
    ),
    (
        Column::StatusAsOf,
        "statusasof 状态截止日 法律状态截止日 法律状态日期 状态日期 法律状态更新日 法律状态更新时间 \
         当前法律状态公告日 法律状态公告日",
    ),
    (
        Column::Abstract,
        "摘要 摘要中文 摘要文本 专利摘要 摘要内容 文摘 摘要简体中文 摘要译简体中文 简要说明 abstract summary \
         summary摘要 技术摘要 发明摘要 摘要原文",
    ),
    (
        Column::MainClaim,
        "主权项 首项权利要求 主权项内容 主权利要求 首权项 首权 独立权利要求1 权利要求1 mainclaim claims \
         独立权利要求 主权利要求1 第一权利要求 firstclaim",
    ),
    (
        Column::Industry,
        "国民经济分类 gbc分类号 国民经济行业分类号 国民经济行业分类 国民经济行业 国民经济分类号 industries",
    ),
    (
        Column::Conversion,
        "转化状态 实施状态 专利实施状态 专利转化状态 转化实施状态 转化情况 实施情况 专利转化情况 转化实施情况 \
         是否转化 是否已转化 是否实施 conversion 许可类型 \
         转移转化情况 转化运用情况 成果转化情况 转化状况 实施状况 是否转化运用 是否已实施",
    ),
    (
        Column::Unit,
        "所属学院 二级单位 所属二级单位 所在学院 学院 所属院系 院系 所属部门 部门 所属单位 所在单位 unit \
         归属学院 归属部门 归属院系 所属学院部门 所属院系部门 学院部门 二级学院",
    ),
    (
        Column::Region,
        "国省代码 申请人国省代码 申请人省市代码 申请人地区 申请人省份 申请人省市 国家省份 省份 省市 region province \
         国别省市代码 省市代码 申请人所在省 申请人省 所在省份 申请人所属省市",
    ),
    (
        Column::Uscc,
        "统一社会信用代码 工商统一社会信用代码 统一信用代码 社会信用代码 uscc",
    ),
    (
        Column::SourceDay,
        "sourceday 导出日期 导出日 导出时间 数据日期 数据截止日 数据截止日期 数据更新日期 检索日期 下载日期 exportdate exportedon",
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
pub(super) fn fold(header: &str) -> String {
    header
        .nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A folded header without the marks of a template.
pub(super) fn bare(folded: &str) -> &str {
    folded.trim_end_matches("必填").trim_end_matches("选填")
}

impl Column {
    /// The column that a header of a table means.
    pub fn of_header(header: &str) -> Option<Place> {
        if header.len() > 120 {
            return None;
        }
        PLACES.get(bare(&fold(header))).copied()
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
        Text::new(self.zh(), self.en())
    }

    /// May somebody say that a column is this? Not of the marks that only our own records have.
    pub const fn is_offered(self) -> bool {
        !matches!(self, Self::Stage | Self::CheckSource | Self::Fictional)
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
                | Self::SourceDay
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
    // Most cells hold no number at all, and their characters need not be folded to see it.
    if text.chars().filter(|c| c.is_numeric()).count() < 8 {
        return false;
    }
    let text = text.trim();
    let word = text.split(char::is_whitespace).next().unwrap_or_default();
    [text, word]
        .iter()
        .any(|t| (9..=24).contains(&t.chars().count()) && AppNo::parse(t).is_ok())
}
