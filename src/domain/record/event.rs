//! A line that says what happened to a patent, or how it stands: a pledge, a preservation, a suspension, a licence beside
//! the open one, a transfer, a lapse, a restoration, an invalidation, or a status of the register, each in the words or
//! codes of the gazette and of the office's own queries.

use std::collections::HashMap;

use super::{Column, Flaw, Line, columns::fold, read::Reading};
use crate::domain::{
    codes::AppNo,
    encumbrance::EncumbranceKind::{
        self, ExclusiveLicence, OrdinaryLicence, Pledge, Preservation, SoleLicence, Suspension,
    },
    intake::{RejectCode, day_of, legal_status_of},
    patent::LegalStatus::{self, Abandoned, Expired, InForce, Invalidated, TerminatedFee},
    time::Day,
};

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLine {
    pub number: AppNo,
    pub said: Said,
    /// In the words of the line.
    pub words: String,
    pub on: Day,
    /// The last day of what begins.
    pub until: Option<Day>,
    /// Pledgee, court, licensee, new owners.
    pub parties: Vec<String>,
    /// Owners before a transfer.
    pub before: Vec<String>,
    /// 登记号、备案号
    pub registration: Option<String>,
    /// Id, SHA-256 or name of a file.
    pub source: Option<String>,
}

/// What an event or a status comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Lies on the patent from that day on.
    Begins(EncumbranceKind),
    /// Another party or another end.
    Changes(&'static [EncumbranceKind]),
    /// That day is the first without it.
    Ends(&'static [EncumbranceKind]),
    Status(LegalStatus),
    Transfer,
}

const LICENCES: &[EncumbranceKind] = &[ExclusiveLicence, SoleLicence, OrdinaryLicence];
const PLEDGES: &[EncumbranceKind] = &[Pledge];
const PRESERVATIONS: &[EncumbranceKind] = &[Preservation];
const SUSPENSIONS: &[EncumbranceKind] = &[Suspension];

/// A word, before the line's other cells are asked.
enum Word {
    Said(Said),
    /// A licence of some kind begins.
    Licence,
    /// 开放许可声明: another list.
    Open,
    /// Nothing that is kept: a procedure under way, an address.
    NotKept,
    Unknown,
}

/// Reads a line; every cell that is wrong is told.
pub fn read_event(line: &Line) -> Result<EventLine, Vec<Flaw>> {
    let mut r = Reading::new(line);
    if r.text(Column::Number).is_none() {
        r.push(Flaw::of(Column::Number, RejectCode::MissingNumber, ""));
    }
    let number = r.number();
    let words = r.required(Column::Event);
    let said = words.as_deref().and_then(|words| said(&mut r, words));
    let on = r.required_day(Column::EventOn);
    let until = r.day(Column::EventUntil);
    let parties = names(&r, Column::Party);
    let before = names(&r, Column::PartyBefore);
    let registration = r.exact(Column::Registration);
    let source = r.text(Column::Source);
    if said == Some(Said::Transfer) && parties.is_empty() {
        r.missing(Column::Party);
    }
    let value = (|| {
        Some(EventLine {
            number: number?,
            said: said?,
            words: words?,
            on: on?,
            until,
            parties,
            before,
            registration,
            source,
        })
    })();
    r.finish(value)
}

/// The day of a line, to put a list in order; lines without one come first.
pub fn event_day(line: &Line) -> Option<Day> {
    day_of(line.cell(Column::EventOn)?).ok().flatten()
}

/// The latest transfer of each patent among these lines.
pub fn latest_transfers(lines: &[Line]) -> HashMap<AppNo, Day> {
    let mut latest = HashMap::new();
    let transfers = lines.iter().filter_map(|line| read_event(line).ok());
    for line in transfers.filter(|line| line.said == Said::Transfer) {
        let day = latest.entry(line.number).or_insert(line.on);
        *day = line.on.max(*day);
    }
    latest
}

fn names(r: &Reading<'_>, column: Column) -> Vec<String> {
    let text = r.text(column).unwrap_or_default();
    let parts = text.split([';', '；', '|', '\n']).map(str::trim);
    parts.filter(|n| !n.is_empty()).map(str::to_owned).collect()
}

fn said(r: &mut Reading<'_>, words: &str) -> Option<Said> {
    let flaw = match word(words) {
        Word::Said(said) => return Some(said),
        Word::Licence => {
            let kind = r.text(Column::LicenceType).unwrap_or_default();
            match licence_of(&fold(&kind)).or_else(|| licence_of(&fold(words))) {
                Some(kind) => return Some(Said::Begins(kind)),
                None => Flaw::new(
                    Column::LicenceType,
                    &kind,
                    "licenceTypeRequired",
                    "许可备案须写明许可类型。",
                    "A licence on file needs its type.",
                )
                .cure(
                    "填写独占、排他或普通。",
                    "Write exclusive, sole or ordinary (独占、排他、普通).",
                ),
            }
        }
        Word::Open => Flaw::new(
            Column::Event,
            words,
            "recordElsewhere",
            "开放许可声明及其撤回不在此登记。",
            "Open licence declarations and their ends are not recorded here.",
        )
        .cure(
            "请用“已公告的声明”清单（kind=declarations），或在声明记录上办理。",
            "Use the list of declarations (kind=declarations), or the declaration's own record.",
        ),
        Word::NotKept => Flaw::new(
            Column::Event,
            words,
            "eventNotKept",
            "这类事项不影响开放许可，不登记。",
            "Nothing is kept of this: it does not bear on an open licence.",
        )
        .cure(
            "有了结果（无效决定、著录项目变更）后，登记结果或重新导入专利数据。",
            "Record its outcome (a decision), or import the patent's data anew.",
        ),
        Word::Unknown => Flaw::new(
            Column::Event,
            words,
            "eventUnknown",
            "看不出是什么事项或状态。",
            "This is no event and no status that is known.",
        )
        .cure(
            "请用公报事务代码（如 PE01、CF01）或公报、登记簿的用语。",
            "Use a gazette code (PE01, CF01) or the words of gazette and register.",
        ),
    };
    r.push(flaw);
    None
}

fn licence_of(folded: &str) -> Option<EncumbranceKind> {
    let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    if has(&["独占", "exclusive"]) {
        Some(ExclusiveLicence)
    } else if has(&["排他", "sole"]) {
        Some(SoleLicence)
    } else if has(&["普通", "ordinary"]) {
        Some(OrdinaryLicence)
    } else {
        None
    }
}

/// Codes of the gazette.
fn of_code(code: &str) -> Option<Word> {
    Some(match code {
        "pe01" => Word::Said(Said::Begins(Pledge)),
        "pm01" => Word::Said(Said::Changes(PLEDGES)),
        "pc01" => Word::Said(Said::Ends(PLEDGES)),
        "pp01" => Word::Said(Said::Begins(Preservation)),
        "pd01" => Word::Said(Said::Ends(PRESERVATIONS)),
        "ee01" => Word::Licence,
        "em01" => Word::Said(Said::Changes(LICENCES)),
        "ec01" => Word::Said(Said::Ends(LICENCES)),
        "tr01" => Word::Said(Said::Transfer),
        "cf01" => Word::Said(Said::Status(TerminatedFee)),
        "cx01" => Word::Said(Said::Status(Expired)),
        "av01" => Word::Said(Said::Status(Abandoned)),
        "iw01" => Word::Said(Said::Status(Invalidated)),
        "gr01" | "c14" | "ip01" | "rr01" => Word::Said(Said::Status(InForce)),
        "ol01" => Word::Open,
        "cp01" | "cp02" | "cp03" | "cb03" | "dd01" | "cd02" => Word::NotKept,
        _ => return None,
    })
}

/// What an event or a status means. Encumbrances come first, because a pledge whose term has run out (届满) is no patent
/// that has; and 等恢复 is a lapse, not a restoration.
fn word(words: &str) -> Word {
    let folded = fold(words);
    if let Some(kind) = EncumbranceKind::ALL
        .into_iter()
        .find(|k| fold(k.as_str()) == folded)
    {
        return Word::Said(Said::Begins(kind));
    }
    if let Some(status) = LegalStatus::ALL
        .into_iter()
        .find(|s| fold(s.as_str()) == folded)
    {
        return Word::Said(Said::Status(status));
    }
    let code: String = folded
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    if let Some(word) = of_code(&code) {
        return word;
    }
    let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let ends = has(&["注销", "解除", "终止", "届满", "期满", "结束", "恢复"]);
    if has(&["质押"]) {
        return phase(Said::Begins(Pledge), PLEDGES, ends, has(&["变更"]));
    }
    if has(&["保全"]) {
        return phase(Said::Begins(Preservation), PRESERVATIONS, ends, false);
    }
    if has(&["中止"]) {
        return phase(Said::Begins(Suspension), SUSPENSIONS, ends, false);
    }
    if has(&["开放许可"]) {
        return Word::Open;
    }
    if has(&["许可"]) {
        return match (ends, has(&["变更"])) {
            (true, _) => Word::Said(Said::Ends(LICENCES)),
            (_, true) => Word::Said(Said::Changes(LICENCES)),
            _ => Word::Licence,
        };
    }
    if has(&["权利恢复", "权利的恢复", "专利权恢复", "恢复权利"]) {
        return Word::Said(Said::Status(InForce));
    }
    if has(&["申请权的转移", "申请权转移"]) {
        return Word::NotKept;
    }
    if has(&["转移", "转让"]) {
        return Word::Said(Said::Transfer);
    }
    match legal_status_of(words) {
        LegalStatus::Unknown if has(&["无效", "复审", "变更", "更正"]) => Word::NotKept,
        LegalStatus::Unknown => Word::Unknown,
        status => Word::Said(Said::Status(status)),
    }
}

fn phase(begins: Said, kinds: &'static [EncumbranceKind], ends: bool, changes: bool) -> Word {
    Word::Said(match (ends, changes) {
        (true, _) => Said::Ends(kinds),
        (_, true) => Said::Changes(kinds),
        _ => begins,
    })
}

impl Said {
    /// How certain an end of the right is; of two statuses of the same day the graver one stands.
    pub const fn gravity(status: LegalStatus) -> u8 {
        match status {
            LegalStatus::Unknown => 0,
            LegalStatus::Pending => 1,
            LegalStatus::InForce => 2,
            LegalStatus::FeeGrace => 3,
            LegalStatus::LapsedRestorable => 4,
            LegalStatus::TerminatedFee
            | LegalStatus::Expired
            | LegalStatus::Abandoned
            | LegalStatus::RejectedOrWithdrawn => 5,
            LegalStatus::Invalidated => 6,
        }
    }
}
