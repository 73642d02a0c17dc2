//! Everything a caller may learn of a failed operation: a stable code for machines, a sentence in Chinese and
//! English for people. The API and the pages each map it once.

use crate::{
    domain::{
        access::Denied,
        codes::number::NumberError,
        refusal::{Refusal, Refused},
        terms::TermsFault,
        text::Text,
    },
    store,
};

/// One thing wrong with the input: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer into the body, or `?name` for a query parameter.
    pub pointer: String,
    pub code: &'static str,
    pub text: Text,
    /// 法条, where the law says so.
    pub article: Option<&'static str>,
    /// What would remove it; boxed, because most faults have none.
    pub cure: Option<Box<Text>>,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self {
            pointer: refusal.pointer.to_owned(),
            code: refusal.code,
            text: refusal.text,
            article: refusal.article,
            cure: refusal.cure.map(Box::new),
        }
    }
}

impl From<TermsFault> for Fault {
    /// The pointer is relative to the terms.
    fn from(fault: TermsFault) -> Self {
        Self {
            pointer: fault.pointer,
            code: fault.code,
            text: fault.text,
            article: None,
            cure: None,
        }
    }
}

impl Fault {
    pub fn new(
        pointer: impl Into<String>,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            text: Text::new(zh, en),
            article: None,
            cure: None,
        }
    }

    /// The same fault inside the part of a body at `pointer`.
    #[must_use]
    pub fn within(mut self, pointer: &str) -> Self {
        self.pointer.insert_str(0, pointer);
        self
    }
}

/// Why an operation was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The credentials are wrong, expired or revoked.
    #[error("credentials not accepted")]
    Credentials,
    /// No such login, another password, or an account that is disabled: all alike.
    #[error("sign-in not accepted")]
    SignIn,
    /// Too many failures in a row for this login, or too many attempts from one address.
    #[error("wait {seconds} s")]
    Wait { seconds: i64 },
    /// The party has not been verified yet, and what it asks for needs that.
    #[error("the party is not verified")]
    Unverified(Fault),
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The number in the address cannot be an application number.
    #[error("not an application number: {0}")]
    Number(NumberError),
    /// Parameters of the address are wrong.
    #[error("{} parameters are wrong", .0.len())]
    Parameters(Vec<Fault>),
    /// The content is understood but wrong.
    #[error("{} faults", .0.len())]
    Invalid(Vec<Fault>),
    /// A rule of the law or of the market was not met; the values asked for are the reason.
    #[error("refused: {code}")]
    Unlawful {
        code: &'static str,
        faults: Vec<Fault>,
    },
    /// A rule was not met because of how things stand.
    #[error("refused: {code}")]
    Prevented {
        code: &'static str,
        faults: Vec<Fault>,
    },
    /// A record that may be there once is there already.
    #[error("{0} exists")]
    Exists(&'static str),
    /// Somebody else has changed the record.
    #[error("the record is at version {current}")]
    Stale { current: i64 },
    #[error("an organisation with this USCC exists")]
    UsccTaken,
    /// The idempotency key was used for something else.
    #[error("idempotency key reused")]
    KeyReused,
    #[error("the cursor is not ours or was altered")]
    CursorInvalid,
    #[error("the cursor belongs to another query or reader")]
    CursorMismatch,
    #[error("the cursor has expired")]
    CursorExpired,
    #[error("more than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the upload broke off")]
    UploadBroken,
    /// Files of this media type are not taken.
    #[error("media type not taken")]
    MediaType,
    #[error("busy")]
    Busy,
    #[error("the search index is being built")]
    NotReady,
    #[error("internal: {0}")]
    Internal(String),
}

impl From<Fault> for Error {
    /// One parameter of the address is wrong.
    fn from(fault: Fault) -> Self {
        Self::Parameters(vec![fault])
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let code = refused.code;
        let by_value = refused
            .refusals
            .iter()
            .all(|refusal| !refusal.pointer.is_empty());
        let faults = refused.refusals.into_iter().map(Fault::from).collect();
        // A missing acknowledgement has a place in the body, and yet it is the state of things that wants it.
        if by_value && code != "acknowledgementRequired" {
            Self::Unlawful { code, faults }
        } else {
            Self::Prevented { code, faults }
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Busy => Self::Busy,
            other => Self::Internal(other.to_string()),
        }
    }
}

impl Error {
    /// The stable code for machines; part of the API's contract.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied(Denied::Unauthenticated) => "unauthenticated",
            Self::Denied(Denied::Scope) => "scopeMissing",
            Self::Denied(Denied::Role) => "roleNotAllowed",
            Self::Denied(Denied::NotYours) => "notYours",
            Self::Denied(Denied::Duty) => "dutyNotAllowed",
            Self::Denied(Denied::Address) => "addressNotAllowed",
            Self::Credentials => "credentialsRejected",
            Self::SignIn => "signInRejected",
            Self::Wait { .. } => "waitFirst",
            Self::Unverified(_) => "partyUnverified",
            Self::NotFound(_) => "notFound",
            Self::Number(_) => "numberInvalid",
            Self::Parameters(_) => "parameterInvalid",
            Self::Invalid(_) => "invalid",
            Self::Unlawful { code, .. } | Self::Prevented { code, .. } => code,
            Self::Exists(noun) => exists_code(noun),
            Self::Stale { .. } => "versionStale",
            Self::UsccTaken => "usccTaken",
            Self::KeyReused => "idempotencyKeyReused",
            Self::CursorInvalid => "cursorInvalid",
            Self::CursorMismatch => "cursorMismatch",
            Self::CursorExpired => "cursorExpired",
            Self::TooLarge { .. } => "tooLarge",
            Self::UploadBroken => "uploadBroken",
            Self::MediaType => "mediaTypeUnsupported",
            Self::Busy => "busy",
            Self::NotReady => "indexNotReady",
            Self::Internal(_) => "internal",
        }
    }

    /// What happened and what to do about it.
    pub fn text(&self) -> Text {
        match self {
            Self::Denied(why) => denied(*why),
            Self::Credentials => Text::new(
                "密钥不正确、已过期或已吊销，请检查或换用新的密钥。",
                "The key is wrong, expired or revoked; check it or use a new one.",
            ),
            Self::SignIn => Text::new(
                "登录名或密码不正确。",
                "The login or the password is not right.",
            ),
            Self::Wait { seconds } => wait(*seconds),
            Self::Unverified(fault) => refused(std::slice::from_ref(fault)),
            Self::NotFound(noun) => not_found(noun),
            Self::Number(why) => number(why),
            Self::Parameters(faults) => faults.first().map_or_else(
                || Text::new("参数有误。", "A parameter is wrong."),
                |first| {
                    let name = first.pointer.trim_start_matches('?');
                    Text::new(
                        format!("参数 {name}：{}", first.text.zh),
                        format!("Parameter {name}: {}", first.text.en),
                    )
                },
            ),
            Self::Invalid(faults) => faults.first().map_or_else(
                || Text::new("内容有误。", "The content is not valid."),
                |first| first.text.clone(),
            ),
            Self::Unlawful { faults, .. } | Self::Prevented { faults, .. } => refused(faults),
            Self::Exists(noun) => exists(noun),
            Self::Stale { current } => Text::new(
                format!("记录已被他人修改，当前版本为 {current}。请重新读取后再改。"),
                format!(
                    "Somebody has changed the record, it is at version {current}. Read it again, then repeat your change."
                ),
            ),
            Self::UsccTaken => Text::new(
                "该统一社会信用代码已登记，请直接使用已有单位。",
                "An organisation with this USCC is registered; use that one.",
            ),
            Self::KeyReused => Text::new(
                "此 Idempotency-Key 已用于另一个不同的请求，请换一个新的键。",
                "This Idempotency-Key was used for a different request; use a new key.",
            ),
            Self::CursorInvalid => Text::new(
                "游标无法识别，请从第一页重新开始。",
                "The cursor is not one of ours; start again from the first page.",
            ),
            Self::CursorMismatch => Text::new(
                "游标属于另一个查询条件或另一位读者，请用原来的条件，或从第一页重新开始。",
                "The cursor belongs to another query or reader; repeat the original conditions or start again.",
            ),
            Self::CursorExpired => Text::new(
                "游标已过期，请从第一页重新开始；要取全部结果请用导出或快照。",
                "The cursor has expired; start again, or take the export or snapshot for a whole result.",
            ),
            Self::TooLarge { limit } => Text::new(
                format!("内容超过上限 {limit} 字节，请拆分后再传。"),
                format!("The body exceeds {limit} bytes; split it."),
            ),
            Self::UploadBroken => Text::new(
                "上传中断，请重新上传。",
                "The upload broke off; send it again.",
            ),
            Self::MediaType => Text::new(
                "不收这种类型的文件。请以 Content-Type 注明类型；可用：PDF、OFD、JPEG、PNG、TIFF、WebP、\
                 DOC(X)、XLS(X)、CSV、纯文本、XML、EML、ZIP。",
                "Files of this type are not taken. Name the type in Content-Type; taken are PDF, OFD, JPEG, PNG, \
                 TIFF, WebP, DOC(X), XLS(X), CSV, plain text, XML, EML and ZIP.",
            ),
            Self::Busy => Text::new(
                "系统正忙，请稍后重试。",
                "The system is busy; try again shortly.",
            ),
            Self::NotReady => Text::new(
                "检索索引正在建立，请稍后重试。",
                "The search index is being built; try again shortly.",
            ),
            Self::Internal(_) => Text::new(
                "系统内部错误，已记录。请凭请求编号联系管理员。",
                "Internal error, recorded. Contact the operator with the request id.",
            ),
        }
    }

    /// A refusal with a single fault.
    pub fn fault(
        pointer: &str,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![Fault::new(pointer, code, zh, en)])
    }
}

fn wait(seconds: i64) -> Text {
    let minutes = (seconds + 59) / 60;
    Text::new(
        format!("尝试次数过多，请 {minutes} 分钟后再试。"),
        format!("Too many attempts; try again in {minutes} min."),
    )
}

/// What stands in the way, and the first cure.
fn refused(faults: &[Fault]) -> Text {
    let said: Vec<_> = faults
        .iter()
        .map(|fault| fault.text.zh.trim_end_matches('。'))
        .collect();
    let said_en: Vec<_> = faults
        .iter()
        .map(|fault| fault.text.en.trim_end_matches('.'))
        .collect();
    let cure = match faults {
        [only] => only.cure.clone(),
        _ => None,
    };
    let cure = cure.map_or_else(|| Text::new("", ""), |cure| *cure);
    let mut text = Text::new(
        format!("{}。", said.join("；")),
        format!("{}.", said_en.join("; ")),
    );
    if !cure.zh.is_empty() {
        text = Text::new(
            format!("{}{}", text.zh, cure.zh),
            format!("{} {}", text.en, cure.en),
        );
    }
    text
}

const fn exists_code(noun: &str) -> &'static str {
    match noun.as_bytes() {
        b"declaration" => "declarationExists",
        b"licence" => "licenceExists",
        _ => "exists",
    }
}

fn exists(noun: &str) -> Text {
    match noun {
        "declaration" => Text::new(
            "该开放许可声明编号已登记，请核对编号，或查看已有记录。",
            "This declaration number is recorded already; check it, or look at the existing record.",
        ),
        "licence" => Text::new(
            "该被许可人在此声明下已有许可记录，不必重复。",
            "This licensee has a licence under this declaration already; one is enough.",
        ),
        "reported" => Text::new(
            "该区划同一天的这项指标已填报，请在原记录上更正。",
            "This indicator is reported for the district and day already; correct that record.",
        ),
        _ => Text::new("记录已存在。", format!("Such a {noun} exists already.")),
    }
}

/// Why an actor may not, for people.
fn denied(why: Denied) -> Text {
    match why {
        Denied::Unauthenticated => Text::new(
            "请先出示 API 密钥（Authorization: Bearer …）。",
            "Present an API key first (Authorization: Bearer …).",
        ),
        Denied::Scope => Text::new(
            "此密钥没有这项权限范围，请向管理员申请。",
            "This key lacks the scope; ask the administrator for it.",
        ),
        Denied::Role => Text::new("您的角色不能进行此操作。", "Your role may not do this."),
        Denied::NotYours => Text::new(
            "此记录属于其他单位。",
            "This record belongs to another organisation.",
        ),
        Denied::Address => Text::new(
            "此密钥不能从这个网络地址使用，请由密钥所有人在允许的地址中加入它。",
            "This key may not be used from this network address; its owner can add the address to the key's list.",
        ),
        Denied::Duty => Text::new(
            "这不在您的分工之内，请联系本单位经办人。",
            "This is not within your duty; ask your organisation's officer.",
        ),
    }
}

fn not_found(noun: &str) -> Text {
    let zh = match noun {
        "patent" => "没有这件专利，请核对申请号。",
        "organisation" => "没有这个单位，请核对编号或统一社会信用代码。",
        "holding" => "没有这条存量记录，或您无权查看。",
        "import" => "没有这次导入，或您无权查看。",
        "import mapping" => "没有这份已保存的列对应，或您无权查看。",
        "conflict" => "没有这处冲突，或您无权查看。",
        "unit" => "没有这一项，请核对名称。",
        "declaration" => "没有这份声明，或您无权查看。",
        "licence" => "没有这项许可，或您无权查看。",
        "enquiry" => "没有这件询问，或您无权查看。",
        "dispute" => "没有这件纠纷，或您无权查看。",
        "encumbrance" => "没有这条权利负担记录，或您无权查看。",
        "target" => "没有这个指标，请核对编号。",
        "closing" => "没有这次封账，请核对编号。",
        "auditHead" => "没有这一天的链头，请核对日期。",
        "reported" => "没有这项上报指标，请核对编号。",
        "need" => "没有这条需求，或您无权查看。",
        "card" => "这件专利还没有公开的通俗卡片。",
        "key" => "没有这个密钥，或您无权查看。",
        "inventory" => "没有这份盘点档案，或您无权查看。",
        "sub-unit" => "本单位没有这个二级单位，请核对代码。",
        "dictionary" => "没有这个字典，请核对名称。",
        "platform" => "没有这个平台的表格格式，请核对名称。",
        "answers" => "没有这份答复，或您无权查看。",
        "referenceTable" => "没有这张参考数据表，请核对名称。",
        "file" => "没有这个文件，或您无权查看。",
        "paper" => "没有这种单据，请核对名称。",
        "invitation" => "邀请链接无效、已使用或已过期，请联系邀请人重新发送。",
        "account" => "没有这个账户，或它的状态已经改变。",
        "message" => "没有这条消息，或您无权查看。",
        "delegation" => "没有这项代理关系，或您无权查看。",
        "session" => "没有这个登录会话，可能已经退出。",
        "individual" => "没有这位自然人。",
        "provider" => "没有设置这个身份提供方。",
        "identity" => "没有这个关联的身份，可能已经解除。",
        _ => "没有这个地址，请核对路径。",
    };
    Text::new(
        zh,
        format!("There is no such {noun}, or you may not see it; check the address."),
    )
}

/// What is wrong with a number, for people.
pub fn number(why: &NumberError) -> Text {
    let (zh, en) = match why {
        NumberError::Empty => ("没有填写申请号。".to_owned(), "The application number is empty.".to_owned()),
        NumberError::Scientific => (
            "申请号被电子表格改成了科学计数法，位数已丢失；请把该列设为文本后重新导出。".into(),
            "A spreadsheet turned the number into scientific notation and lost digits; export the column as text.".into(),
        ),
        NumberError::Publication => (
            "这是公开（公告）号，不是申请号；请填写申请号或专利号。".into(),
            "This is a publication number; give the application number.".into(),
        ),
        NumberError::Characters => (
            "申请号只能由数字和校验位组成，例如 ZL201910699568.X。".into(),
            "Only digits and a check character belong in an application number, e.g. ZL201910699568.X.".into(),
        ),
        NumberError::Length(found) => (
            format!("申请号应为 13 位（2003 年以前 9 位，均含校验位），这里是 {found} 位。"),
            format!("13 characters are wanted (9 before 2003, check character included), here are {found}."),
        ),
        NumberError::Year => ("申请号中的年份不可能。".into(), "The year in the number is impossible.".into()),
        NumberError::Kind => (
            "申请号的种类位应为 1、2、3、8 或 9。".into(),
            "The type digit must be 1, 2, 3, 8 or 9.".into(),
        ),
        NumberError::Check { expected, found } => (
            format!("校验位 {found} 不对，按前面的数字应为 {expected}；请核对每一位。"),
            format!("The check character {found} does not fit, {expected} would; check every digit."),
        ),
    };
    Text::new(zh, en)
}
