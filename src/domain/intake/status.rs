//! The wording of legal status (案件状态, gazette events, PatSnap codes, incoPat, PatentHub). Dead phrases come before live ones, because 避免重复授权 contains 授权; what is unknown stays
//! Unknown and is never treated as in force.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::patent::LegalStatus::{
    self, Abandoned, Expired, FeeGrace, InForce, Invalidated, LapsedRestorable, Pending,
    RejectedOrWithdrawn, TerminatedFee, Unknown,
};

/// What a text says about life and death, even where it names no cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Alive,
    Pending,
    Dead,
    /// Says nothing.
    Silent,
}

/// Phrases in the order in which they are tried; the first contained in the text decides. 失效 alone says
/// that the patent is dead, not how it died.
const PHRASES: &[(LegalStatus, Life, &[&str])] = &[
    (
        Unknown,
        Life::Silent,
        &[
            "指定期满",
            "指定期届满",
            "授权未交费",
            "授权未缴费",
            "未确认",
            "权利恢复",
            "权利的恢复",
        ],
    ),
    (Unknown, Life::Pending, &["未授权", "未获授权", "待授权"]),
    (LapsedRestorable, Life::Silent, &["等恢复", "待失效"]),
    (FeeGrace, Life::Alive, &["滞纳金"]),
    (
        Pending,
        Life::Pending,
        &[
            "驳回等复审",
            "复审请求审",
            "复审中",
            "复审受理",
            "等年登印费",
            "等待颁证",
            "准备颁证",
            "公告封卷",
            "待发授权",
        ],
    ),
    (
        Unknown,
        Life::Silent,
        &["无效宣告请求", "无效审查", "无效程序"],
    ),
    (
        TerminatedFee,
        Life::Dead,
        &[
            "未缴年费",
            "未交年费",
            "未缴费",
            "欠费",
            "年费终止",
            "费用终止",
        ],
    ),
    (Expired, Life::Dead, &["届满"]),
    (
        Abandoned,
        Life::Dead,
        &["避免重复", "避重", "重复授权", "放弃"],
    ),
    (
        InForce,
        Life::Alive,
        &["部分无效", "部分宣告无效", "宣告部分无效"],
    ),
    (
        Invalidated,
        Life::Dead,
        &[
            "全部无效",
            "全部撤销",
            "无效宣告失效",
            "宣告无效",
            "专利权无效",
        ],
    ),
    (
        InForce,
        Life::Alive,
        &[
            "开放许可声明撤回",
            "开放许可声明的撤回",
            "撤回开放许可",
            "撤回专利开放许可",
        ],
    ),
    (
        RejectedOrWithdrawn,
        Life::Dead,
        &["驳回", "撤回", "视撤", "分案结案", "申请终止"],
    ),
    (
        Unknown,
        Life::Dead,
        &["失效", "无效", "无权", "终止", "撤销"],
    ),
    (Pending, Life::Pending, &["申请权"]),
    (
        InForce,
        Life::Alive,
        &[
            "专利权维持",
            "维持有效",
            "有效",
            "有权",
            "授权",
            "授予",
            "许可",
            "质押",
            "保全",
            "专利权的转移",
            "专利权人的",
            "专利权转移",
        ],
    ),
    (
        Pending,
        Life::Pending,
        &[
            "审中",
            "实审",
            "实质审查",
            "公开",
            "公布",
            "受理",
            "初审",
            "待分配",
            "新案",
            "回案",
            "一通",
            "中通",
            "出案",
            "等待",
            "待答复",
            "在审",
            "审查中",
            "待审",
            "申请中",
            "指定期内",
        ],
    ),
];

type Code = (&'static [&'static str], LegalStatus, Life);

/// 简单法律状态 of PatSnap.
const VALIDITY_CODES: &[Code] = &[
    (&["0"], Unknown, Life::Dead),
    (&["1"], InForce, Life::Alive),
    (&["2", "221"], Pending, Life::Pending),
    (&["220", "999"], Unknown, Life::Silent),
];

/// 法律状态 of PatSnap.
const STATUS_CODES: &[Code] = &[
    (&["1", "2"], Pending, Life::Pending),
    (&["3", "23"], InForce, Life::Alive),
    (&["8", "19", "20", "25", "30"], Abandoned, Life::Dead),
    (
        &["11", "12", "13", "17", "18", "24"],
        RejectedOrWithdrawn,
        Life::Dead,
    ),
    (&["14"], Invalidated, Life::Dead),
    (&["15"], Expired, Life::Dead),
    (&["16"], TerminatedFee, Life::Dead),
    (&["22"], Unknown, Life::Dead),
];

/// Events of the gazette, and English words.
const EVENT_CODES: &[Code] = &[
    (
        &[
            "gr01", "c14", "tr01", "ip01", "ol01", "ee01", "em01", "ec01",
        ],
        InForce,
        Life::Alive,
    ),
    (
        &["pe01", "pm01", "pc01", "pp01", "pd01"],
        InForce,
        Life::Alive,
    ),
    (&["granted", "active", "inforce"], InForce, Life::Alive),
    (&["cf01"], TerminatedFee, Life::Dead),
    (&["cx01"], Expired, Life::Dead),
    (&["av01"], Abandoned, Life::Dead),
    (&["iw01"], Invalidated, Life::Dead),
    (&["wd01", "rj01"], RejectedOrWithdrawn, Life::Dead),
    (
        &["pb01", "se01", "c06", "c10", "ta01", "pending"],
        Pending,
        Life::Pending,
    ),
];

fn of_code(code: &str, validity: bool) -> Option<(LegalStatus, Life)> {
    let own = if validity {
        VALIDITY_CODES
    } else {
        STATUS_CODES
    };
    let found = own
        .iter()
        .chain(EVENT_CODES)
        .find(|(codes, ..)| codes.contains(&code));
    found.map(|(_, status, life)| (*status, *life))
}

pub(super) fn fold(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace() && !"()[]{}【】〔〕<>《》\"'".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

fn verdict(text: &str, validity: bool) -> (LegalStatus, Life) {
    // PatSnap appends events behind `|`; the status itself comes first.
    let folded = fold(text);
    let head = folded.split('|').next().unwrap_or_default();
    if let Some(found) = of_code(head, validity) {
        return found;
    }
    let found = PHRASES
        .iter()
        .find(|(_, _, phrases)| phrases.iter().any(|phrase| head.contains(phrase)));
    found.map_or((Unknown, Life::Silent), |(status, life, _)| {
        (*status, *life)
    })
}

/// What the status and validity cells say together.
pub(super) struct StatusRead {
    pub status: LegalStatus,
    /// The source's words: the status text, else the validity; both where they contradict each other.
    pub text: Option<String>,
    pub conflict: bool,
}

/// Reads the two cells together. A code of our own in the validity cell (`inForce`) is taken as it is.
pub(super) fn read(status_text: Option<&str>, validity: Option<&str>) -> StatusRead {
    if let Some(own) = validity.and_then(LegalStatus::parse) {
        return StatusRead {
            status: own,
            text: status_text.map(str::to_owned),
            conflict: false,
        };
    }
    if let (Some(own), None) = (status_text.and_then(LegalStatus::parse), validity) {
        return StatusRead {
            status: own,
            text: None,
            conflict: false,
        };
    }
    let first = status_text.map_or((Unknown, Life::Silent), |text| verdict(text, false));
    let second = validity.map_or((Unknown, Life::Silent), |text| verdict(text, true));
    let conflict = first.1 != Life::Silent && second.1 != Life::Silent && first.1 != second.1;
    let status = match (conflict, first, second) {
        (true, ..) => Unknown,
        (_, (Unknown, life), (other, said)) if life == Life::Silent || life == said => other,
        (_, (status, _), _) => status,
    };
    let text = match (status_text, validity) {
        (Some(a), Some(b)) if conflict => Some(format!("{a} / {b}")),
        (a, b) => a.or(b).map(str::to_owned),
    };
    StatusRead {
        status,
        text,
        conflict,
    }
}

/// The legal status that one text of a source means; for people's input and for tests.
pub fn legal_status_of(text: &str) -> LegalStatus {
    read(Some(text), None).status
}
