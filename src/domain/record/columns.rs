//! Which header means which column of a sheet of records. A header must match as a whole; one that is not known is
//! refused with the whole file, so that nothing is read by half.

use unicode_normalization::UnicodeNormalization as _;

use super::RecordKind;

macro_rules! columns {
    ($($(#[$about:meta])* $variant:ident $key:literal $title:literal $others:literal;)*) => {
        /// A column of a sheet of records, and a field of the form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Column { $($(#[$about])* $variant,)* }

        impl Column {
            /// The English header, and the name of the form's field.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }

            /// The Chinese header.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// Other headers that mean the same, separated by blanks.
            const fn others(self) -> &'static str {
                match self { $(Self::$variant => $others,)* }
            }
        }
    };
}

columns! {
    Number "patentNumber" "专利号" "申请号 专利号申请号 申请号专利号 专利申请号 number applicationNumber";
    Organisation "organisation" "专利权人" "声明单位 专利权人声明单位 许可人 patentee holder";
    DeclarationNumber "declarationNumber" "开放许可声明编号" "声明编号 专利开放许可声明编号";
    /// 声明生效日 = the day of its announcement
    EffectiveOn "effectiveOn" "声明生效日" "生效日期 生效日 声明生效日期 声明公告日 effectiveDay";
    /// 许可期限: its last day
    Until "until" "许可期限届满日" "许可期限 许可期限至 许可期限截止日 许可截止日 licenceUntil";
    Mode "feeMode" "支付方式" "许可使用费支付方式 付费方式 mode";
    Amount "amountYuan" "金额（元）" "金额 固定费用（元） 固定费用 入门费（元） 入门费 许可使用费（元） 许可使用费 amount";
    EveryMonths "everyMonths" "周期（月）" "周期 结算周期（月） 结算周期 periodMonths";
    Base "royaltyBase" "提成基数" "base";
    Rate "royaltyRate" "提成比例（%）" "提成比例 提成率（%） 提成率 rate ratePercent";
    PayWithinDays "payWithinDays" "付款期限（天）" "付款期限 付款期限（日）";
    /// All other terms, as the JSON of `POST /v1/declarations/records`
    Terms "terms" "条款" "条款JSON";
    WithdrawnOn "withdrawnOn" "撤回公告日" "撤回日期 撤回日";
    TerminatedOn "terminatedOn" "终止公告日" "终止日期 终止日";
    RevokedOn "revokedOn" "撤销公告日" "撤销日期 撤销日";
    Source "source" "公告文件" "来源文件 公告来源文件 sourceFile";
    Explanation "explanation" "说明" "简要说明 使用费计算说明";
    Licensee "licensee" "被许可人" "被许可人名称 被许可单位";
    LicenseeKind "licenseeKind" "被许可人类型" "licenseeType";
    LicenseeContact "licenseeContact" "被许可人联系方式" "";
    NoticeOn "noticeOn" "通知日" "书面通知日 通知日期 书面通知日期 noticeDay";
    PaidOn "paidOn" "支付日" "支付日期 付款日 付款日期 paymentDay";
    PaidAmount "paidAmountYuan" "支付金额（元）" "支付金额 付款金额（元） 付款金额 paidAmount paymentAmount";
    FilingNumber "filingNumber" "备案号" "合同备案号 许可备案号";
    FilingOn "filingOn" "备案日" "备案日期 filingDay filedOn";
    NoticeFile "noticeFile" "通知文件" "书面通知文件 通知书";
    Voucher "voucher" "支付凭证" "付款凭证 voucherFile paymentVoucher";
    Receipt "receipt" "收款凭证" "专利权人收款凭证 receiptFile";
    FilingFile "filingFile" "备案证明" "备案证明文件 filingCertificate";
    CrossBorder "crossBorder" "跨境" "是否跨境 跨境许可";
    /// A gazette event or a status, in words or as a code
    Event "event" "法律事件或状态" "法律事件 事件 事务数据类型 法律状态 当前法律状态 最新法律状态 法律状态事件 案件状态 专利状态 状态 legalStatus status";
    EventOn "eventOn" "事件日或查询日" "事件日 日期 公告日 法律状态公告日 当前法律状态公告日 法律状态日期 状态日期 查询日 查询日期 登记日 登记生效日 生效日期 生效日 statusAsOf date";
    EventUntil "eventUntil" "截止日" "到期日 期限届满日 质押期限 许可期限 until";
    Party "party" "相对人" "质权人 当前质权人 受让人 被许可人 法院 申请执行人 变更后权利人 变更后 counterparty";
    PartyBefore "partyBefore" "变更前权利人" "原权利人 转让人 变更前 transferor";
    Registration "registration" "登记号或备案号" "登记号 备案号 质押登记号 许可合同备案号 合同备案号 质押合同登记号 文号 公报卷期号 gazetteNumber";
    LicenceType "licenceType" "许可类型" "许可种类 typeOfLicence";
}

const DECLARATIONS: &[Column] = &[
    Column::Number,
    Column::Organisation,
    Column::DeclarationNumber,
    Column::EffectiveOn,
    Column::Until,
    Column::Mode,
    Column::Amount,
    Column::EveryMonths,
    Column::Base,
    Column::Rate,
    Column::PayWithinDays,
    Column::Terms,
    Column::WithdrawnOn,
    Column::TerminatedOn,
    Column::RevokedOn,
    Column::Source,
    Column::Explanation,
];

const LICENCES: &[Column] = &[
    Column::DeclarationNumber,
    Column::Number,
    Column::Licensee,
    Column::LicenseeKind,
    Column::LicenseeContact,
    Column::NoticeOn,
    Column::PaidOn,
    Column::PaidAmount,
    Column::FilingNumber,
    Column::FilingOn,
    Column::NoticeFile,
    Column::Voucher,
    Column::Receipt,
    Column::FilingFile,
    Column::CrossBorder,
];

const EVENTS: &[Column] = &[
    Column::Number,
    Column::Event,
    Column::EventOn,
    Column::Party,
    Column::PartyBefore,
    Column::Registration,
    Column::EventUntil,
    Column::LicenceType,
    Column::Source,
];

/// NFKC, lower case, letters and digits alone, so that brackets, blanks and slashes do not count.
pub(super) fn fold(text: &str) -> String {
    text.nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Column {
    /// The columns of such a sheet, in the order of its template.
    pub const fn all(kind: RecordKind) -> &'static [Self] {
        match kind {
            RecordKind::Declarations => DECLARATIONS,
            RecordKind::Licences => LICENCES,
            RecordKind::Events => EVENTS,
        }
    }

    /// The column that a header means; `声明编号/开放许可声明编号` means what both its parts mean.
    pub fn of_header(kind: RecordKind, header: &str) -> Option<Self> {
        if header.len() > 120 {
            return None;
        }
        Self::named(kind, header).or_else(|| {
            let mut parts = header.split(['/', '／']);
            let first = Self::named(kind, parts.next()?)?;
            let same = parts.all(|part| Self::named(kind, part) == Some(first));
            same.then_some(first)
        })
    }

    fn named(kind: RecordKind, name: &str) -> Option<Self> {
        let folded = fold(name);
        let bare = folded.trim_end_matches("必填").trim_end_matches("选填");
        let names = |column: &Self| {
            [column.key(), column.title()]
                .into_iter()
                .chain(column.others().split_whitespace())
                .any(|name| fold(name) == bare)
        };
        Self::all(kind).iter().copied().find(names)
    }

    /// Is a number here an Excel serial day?
    pub const fn is_date(self) -> bool {
        matches!(
            self,
            Self::EffectiveOn
                | Self::Until
                | Self::WithdrawnOn
                | Self::TerminatedOn
                | Self::RevokedOn
                | Self::NoticeOn
                | Self::PaidOn
                | Self::FilingOn
                | Self::EventOn
                | Self::EventUntil
        )
    }

    /// Does it name a file of evidence?
    pub const fn is_file(self) -> bool {
        matches!(
            self,
            Self::Source | Self::NoticeFile | Self::Voucher | Self::Receipt | Self::FilingFile
        )
    }
}

/// What is wrong with the header of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// Headers that are none of ours.
    Unknown(Vec<String>),
    /// Two headers of the same meaning.
    Repeated(Column),
    /// None of these columns is there; one of them must be.
    Missing(Vec<Column>),
}

/// The column of each header (an empty header has none), or everything that is wrong with the header.
pub fn plan(kind: RecordKind, headers: &[String]) -> Result<Vec<Option<Column>>, Vec<HeaderFault>> {
    let columns: Vec<Option<Column>> = headers
        .iter()
        .map(|header| Column::of_header(kind, header))
        .collect();
    let mut faults = Vec::new();
    let unknown: Vec<String> = headers
        .iter()
        .zip(&columns)
        .filter(|(header, column)| column.is_none() && !header.trim().is_empty())
        .map(|(header, _)| header.trim().chars().take(60).collect())
        .collect();
    if !unknown.is_empty() {
        faults.push(HeaderFault::Unknown(unknown));
    }
    let has = |wanted: &Column| columns.contains(&Some(*wanted));
    for column in Column::all(kind) {
        let times = columns.iter().flatten().filter(|c| *c == column).count();
        if times > 1 {
            faults.push(HeaderFault::Repeated(*column));
        }
    }
    let required: &[&[Column]] = match kind {
        RecordKind::Declarations => &[
            &[Column::Number],
            &[Column::DeclarationNumber],
            &[Column::EffectiveOn],
            &[Column::Until],
            &[Column::Mode, Column::Terms],
            &[Column::Source],
        ],
        RecordKind::Licences => &[
            &[Column::DeclarationNumber, Column::Number],
            &[Column::Licensee],
            &[Column::NoticeOn],
        ],
        RecordKind::Events => &[&[Column::Number], &[Column::Event], &[Column::EventOn]],
    };
    for either in required {
        if !either.iter().any(has) {
            faults.push(HeaderFault::Missing(either.to_vec()));
        }
    }
    if faults.is_empty() {
        Ok(columns)
    } else {
        Err(faults)
    }
}
