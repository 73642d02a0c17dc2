//! What an unknown column may be: its header gives a hint, its values prove or refute it. What neither shows stays
//! unread; a field that one column has already is never given to a second. Every reading comes with its reason, in
//! words for the person who confirms or changes it.

use serde::{Deserialize, Serialize};

use super::{Cell, Column, Mapping, columns::fold, evidence::Evidence};
use crate::domain::{text::Text, words::words};

words! {
    /// Why a column is read as it is.
    #[schema(as = GuessBasis)]
    pub enum Basis {
        /// Its header is known.
        Header = "header", "表头已知", "Known header";
        /// The holder confirmed it for a file with these headers.
        Saved = "saved", "已保存的对应", "Your saved mapping";
        /// Somebody said so for this file.
        Chosen = "chosen", "已选定", "Chosen";
        /// Header and values, or values that prove themselves, say so.
        Proven = "proven", "按表头和内容推断", "Shown by header and values";
        /// The values look like it; somebody should confirm it.
        Likely = "likely", "推测，请确认", "A guess, please confirm";
        /// Nobody can tell.
        None = "none", "不读取", "Not read";
    }
}

/// How one column is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// `None`: it is not read.
    pub field: Option<Column>,
    pub basis: Basis,
    pub reason: Text,
    /// What of its values speaks against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradiction: Option<Text>,
}

/// A column with the first of its values.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    pub key: &'a str,
    pub header: &'a str,
    pub values: &'a [Cell],
}

/// Reads every column of a table: as `chosen`, else as `saved` and not refuted, else by its known header, else by a
/// guess.
pub fn readings(samples: &[Sample<'_>], chosen: &Mapping, saved: &Mapping) -> Vec<Reading> {
    let evidence: Vec<Evidence> = samples.iter().map(|s| Evidence::of(s.values)).collect();
    let mut readings: Vec<Option<Reading>> = samples
        .iter()
        .zip(&evidence)
        .map(|(sample, evidence)| settled(sample, evidence, chosen, saved))
        .collect();
    let mut taken: Vec<Column> = readings.iter().flatten().filter_map(|r| r.field).collect();
    let years = evidence
        .iter()
        .max_by_key(|e| e.numbers)
        .map_or(&[][..], |e| &e.year_of_row);
    let mut guesses: Vec<(usize, Guess)> = Vec::new();
    for (at, (sample, evidence)) in samples.iter().zip(&evidence).enumerate() {
        if readings[at].is_none() {
            let hint = Hint(fold(sample.header));
            guesses.extend(guess(&hint, evidence, years).into_iter().map(|g| (at, g)));
        }
    }
    // The surest first, the left one of equals.
    guesses.sort_by_key(|(at, guess)| (std::cmp::Reverse(guess.weight), *at));
    for (at, guess) in guesses {
        if readings[at].is_some() {
            continue;
        }
        let twice = guess.field.is_some_and(|field| taken.contains(&field));
        taken.extend(guess.field.filter(|_| !twice));
        readings[at] = Some(guess.into_reading(twice));
    }
    readings
        .into_iter()
        .zip(&evidence)
        .map(|(reading, evidence)| reading.unwrap_or_else(|| unread(evidence)))
        .collect()
}

/// What is known without guessing.
fn settled(
    sample: &Sample<'_>,
    evidence: &Evidence,
    chosen: &Mapping,
    saved: &Mapping,
) -> Option<Reading> {
    let known = Column::of_header(sample.header).map(|place| place.column);
    let reading = |field: Option<Column>, basis: Basis, zh: &str, en: &str| Reading {
        field,
        basis,
        reason: Text::new(zh, en),
        contradiction: field.and_then(|field| contradiction(field, evidence)),
    };
    if let Some(field) = chosen.said(sample.key) {
        return Some(reading(
            field,
            Basis::Chosen,
            "由您指定",
            "as you have said",
        ));
    }
    if let Some(field) = saved.said(sample.key) {
        let saved = reading(
            field,
            Basis::Saved,
            "沿用您为相同表头的表格保存的对应",
            "as you saved it for tables with these headers",
        );
        // What the values refute is not taken over; it is read as if nothing were saved.
        if saved.contradiction.is_none() {
            return Some(saved);
        }
    }
    known.map(|field| {
        reading(
            Some(field),
            Basis::Header,
            "表头的常用写法",
            "a usual wording of the header",
        )
    })
}

/// The words of a header, folded.
struct Hint(String);

impl Hint {
    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.0.contains(word))
    }

    /// A table without headers gives no hints.
    fn is_silent(&self) -> bool {
        self.0.is_empty()
    }
}

struct Guess {
    field: Option<Column>,
    basis: Basis,
    /// For choosing among several columns of one field.
    weight: usize,
    reason: Text,
}

impl Guess {
    fn into_reading(self, twice: bool) -> Reading {
        if let (true, Some(field)) = (twice, self.field) {
            let reason = Text::new(
                format!("像“{}”，但已有别的列", field.zh()),
                format!(
                    "looks like “{}”, which another column has already",
                    field.en()
                ),
            );
            return Reading {
                field: None,
                basis: Basis::None,
                reason,
                contradiction: None,
            };
        }
        Reading {
            field: self.field,
            basis: self.basis,
            reason: self.reason,
            contradiction: None,
        }
    }
}

/// What stands in columns that no patent's record has.
const FOREIGN: [&str; 34] = [
    "分案",
    "优先权",
    "同族",
    "母案",
    "原申请",
    "引证",
    "被引",
    "引用",
    "转让",
    "受让",
    "质押",
    "质权",
    "出质",
    "被许可",
    "许可人",
    "缴费",
    "缴纳",
    "年费",
    "到期",
    "期限",
    "失效日",
    "届满",
    "联系",
    "经办",
    "负责人",
    "代理人",
    "审查员",
    "priority",
    "family",
    "cited",
    "citation",
    "expir",
    "合同",
    "备案",
];

fn guess(hint: &Hint, e: &Evidence, years: &[Option<i16>]) -> Option<Guess> {
    if e.filled == 0 {
        return None;
    }
    let share = |count: usize| count * 1_000 / e.filled;
    let told = |count: usize| {
        Text::new(
            format!("抽查的 {} 个值中 {count} 个如此", e.filled),
            format!("{count} of {} sampled values are", e.filled),
        )
    };
    let make = |field: Column, proven: bool, count: usize| {
        let of = told(count);
        Some(Guess {
            field: Some(field),
            basis: if proven { Basis::Proven } else { Basis::Likely },
            weight: share(count) + if proven { 2_000 } else { 0 },
            reason: Text::new(
                format!("内容是{}：{}", field.zh(), of.zh),
                format!("the values are “{}”: {}", field.en(), of.en),
            ),
        })
    };
    let not = |zh: &str, en: &str| {
        Some(Guess {
            field: None,
            basis: Basis::None,
            weight: 5_000,
            reason: Text::new(zh, en),
        })
    };
    if e.most(e.personal, 60) {
        return not(
            "像电话、邮箱或证件号，属于个人信息，不读取",
            "telephone numbers, mail addresses or identity cards: personal, not read",
        );
    }
    if e.most(e.agencies, 60) || hint.says(&["代理机构", "代理所", "agency", "agent"]) {
        return not(
            "像专利代理机构，本系统不登记",
            "patent agencies, which are not recorded here",
        );
    }
    if hint.says(&FOREIGN) {
        return not(
            "表头说的是另一件专利、另一方或另一个日期，不读取",
            "the header speaks of another patent, party or day; not read",
        );
    }
    if e.most(e.numbers, 60) {
        return make(Column::AppNumber, e.most(e.checked, 50), e.numbers);
    }
    if e.most(e.publications, 60) {
        let grant = hint.says(&["授权", "grant"]) && e.grants == e.publications;
        let field = if grant {
            Column::GrantNumber
        } else {
            Column::PubNumber
        };
        return make(field, true, e.publications);
    }
    if e.most(e.credit_codes, 80) {
        return make(Column::Uscc, true, e.credit_codes);
    }
    if e.most(e.days, 80) {
        return guess_day(hint, e, years, &make, &not);
    }
    if e.most(e.classes, 70) {
        let main = hint.says(&["主", "main", "first"]) && e.lists == 0;
        let field = if main { Column::IpcMain } else { Column::Ipc };
        return make(field, true, e.classes);
    }
    if e.most(e.locarno, 80) {
        let named = hint.says(&["洛迦诺", "loc", "外观", "分类"]);
        return make(Column::Locarno, named, e.locarno);
    }
    guess_words(hint, e, &make).or_else(|| guess_text(hint, e, &make, &not))
}

type Make<'a> = &'a dyn Fn(Column, bool, usize) -> Option<Guess>;
type Not<'a> = &'a dyn Fn(&str, &str) -> Option<Guess>;

/// A day: which one, the header says, or the year of the application number beside it.
fn guess_day(
    hint: &Hint,
    e: &Evidence,
    years: &[Option<i16>],
    make: Make<'_>,
    not: Not<'_>,
) -> Option<Guess> {
    let named = [
        (Column::SourceDay, &["导出", "下载", "export"][..]),
        (Column::StatusAsOf, &["状态", "status"]),
        (Column::GrantDate, &["授权", "颁证", "获权", "grant"]),
        (
            Column::FilingDate,
            &["申请", "受理", "递交", "filing", "filed", "application"],
        ),
        (Column::PublicationDate, &["公开", "公布", "公告", "publi"]),
    ];
    if let Some((field, _)) = named.iter().find(|(_, words)| hint.says(words)) {
        return make(*field, true, e.days);
    }
    if !hint.is_silent() {
        return not(
            "是日期，但表头没有说明是哪一个日期",
            "days, but the header does not say which",
        );
    }
    let pairs = e.day_of_row.iter().zip(years);
    let known: Vec<bool> = pairs
        .filter_map(|(day, year)| Some(day.as_ref()?.year() == (*year)?))
        .collect();
    let agree = known.iter().filter(|yes| **yes).count();
    if known.len() >= 3 && agree * 10 >= known.len() * 8 {
        return make(Column::FilingDate, false, agree);
    }
    not(
        "是日期，但看不出是哪一个日期",
        "days, but nothing shows which",
    )
}

/// Columns of a few fixed words.
fn guess_words(hint: &Hint, e: &Evidence, make: Make<'_>) -> Option<Guess> {
    let use_ = hint.says(&["转化", "实施", "运用", "产业化", "许可"]);
    if use_ && e.most(e.conversions, 60) {
        return make(Column::Conversion, true, e.conversions);
    }
    if e.most(e.kinds, 80) {
        return make(Column::Kind, true, e.kinds);
    }
    if e.most(e.validities, 80) {
        let named = hint.says(&["有效", "状态", "效力", "status"]);
        return make(Column::Validity, named, e.validities);
    }
    if e.most(e.statuses, 70) && !use_ {
        let named = hint.says(&["状态", "法律", "status"]);
        return make(Column::StatusText, named, e.statuses);
    }
    if e.most(e.conversions, 80) {
        return make(Column::Conversion, false, e.conversions);
    }
    if e.most(e.industries, 80) {
        let named = hint.says(&["国民经济", "行业", "industr"]);
        return make(Column::Industry, named, e.industries);
    }
    if e.most(e.regions, 80) {
        let named = hint.says(&["省", "地区", "区域", "国别", "region", "province"]);
        return make(Column::Region, named, e.regions);
    }
    None
}

/// Names and prose.
fn guess_text(hint: &Hint, e: &Evidence, make: Make<'_>, not: Not<'_>) -> Option<Guess> {
    let unit = hint.says(&["学院", "院系", "部门", "科室", "二级", "department"]);
    if unit && e.plain_numbers == 0 && e.coded == 0 && e.prose == 0 {
        return make(Column::Unit, true, e.filled);
    }
    if e.most(e.claims, 60) {
        let named = hint.says(&["权利要求", "权项", "claim"]);
        return make(Column::MainClaim, named, e.claims);
    }
    if e.most(e.prose, 60) {
        let named = hint.says(&["摘要", "简介", "内容", "概述", "abstract", "summary"]);
        return make(Column::Abstract, named, e.prose);
    }
    let owner = hint.says(&[
        "权利人",
        "专利权",
        "所有",
        "持有",
        "权属",
        "owner",
        "assignee",
        "patentee",
    ]);
    let applicant = hint.says(&["申请人", "申请单位", "申请者", "applicant"]);
    if e.most(e.organisations, 60) {
        return match (owner, applicant) {
            (true, _) => make(Column::Owner, true, e.organisations),
            (_, true) => make(Column::Applicant, true, e.organisations),
            _ if e.most(e.units, 60) && e.distinct < e.filled => make(Column::Unit, false, e.units),
            _ => make(Column::Owner, false, e.organisations),
        };
    }
    let inventor = hint.says(&[
        "发明人",
        "设计人",
        "完成人",
        "研发人",
        "创作人",
        "inventor",
        "designer",
    ]);
    if e.most(e.people, 60) {
        return match (inventor, owner, applicant) {
            (true, ..) => make(Column::Inventors, true, e.people),
            (_, true, _) => make(Column::Owner, true, e.people),
            (_, _, true) => make(Column::Applicant, true, e.people),
            _ if hint.is_silent() => make(Column::Inventors, false, e.people),
            _ => not(
                "像人名，但表头没有说是发明人",
                "names of people, but the header does not call them inventors",
            ),
        };
    }
    let varied = e.distinct * 10 >= e.filled * 8;
    if e.most(e.titles, 70) && varied {
        let named = hint.says(&["名称", "题名", "题目", "标题", "主题", "title"]);
        let other = hint.says(&[
            "英文", "译", "english", "备注", "说明", "地址", "address", "项目",
        ]);
        if !other {
            return make(Column::Title, named, e.titles);
        }
    }
    None
}

/// A column of which nobody can tell what it is.
fn unread(evidence: &Evidence) -> Reading {
    let reason = if evidence.filled == 0 {
        Text::new(
            "抽查的各行都是空的",
            "empty in the rows that were looked at",
        )
    } else {
        Text::new(
            "看不出是什么内容，不读取；需要时请指定",
            "nothing shows what it is; not read unless you say so",
        )
    };
    Reading {
        field: None,
        basis: Basis::None,
        reason,
        contradiction: None,
    }
}

/// What values of a column say against what it is taken for; of three values at least.
fn contradiction(field: Column, e: &Evidence) -> Option<Text> {
    if e.filled < 3 {
        return None;
    }
    let (fits, wanted) = match field {
        Column::AppNumber => (e.numbers, 50),
        Column::PubNumber | Column::GrantNumber => (e.publications, 50),
        Column::Uscc => (e.credit_codes, 50),
        Column::Ipc | Column::IpcMain => (e.classes + e.locarno, 50),
        Column::Locarno => (e.locarno + e.classes, 50),
        Column::Kind => (e.kinds, 50),
        date if date.is_date() => (e.days, 50),
        Column::Title
        | Column::Abstract
        | Column::MainClaim
        | Column::Owner
        | Column::Applicant
        | Column::Inventors
        | Column::StatusText
        | Column::Validity
        | Column::Conversion
        | Column::Unit => (e.filled - e.coded, 60),
        _ => return None,
    };
    if e.most(fits, wanted) {
        return None;
    }
    let instead = if field == Column::AppNumber && e.most(e.ruined, 50) {
        Text::new(
            "，多数被电子表格改成科学计数法",
            "; a spreadsheet has turned most into scientific notation",
        )
    } else {
        let looks = [
            (e.numbers, "申请号", "application numbers"),
            (e.publications, "公开（公告）号", "publication numbers"),
            (e.days, "日期", "days"),
            (e.classes, "IPC 分类", "IPC classes"),
            (e.organisations, "单位名称", "organisations"),
            (e.people, "人名", "people"),
            (e.titles, "名称", "titles"),
        ];
        match looks.into_iter().find(|(count, ..)| e.most(*count, 50)) {
            Some((_, zh, en)) => Text::new(format!("，更像{zh}"), format!("; they look like {en}")),
            None => Text::new("", ""),
        }
    };
    Some(Text::new(
        format!(
            "抽查的 {} 个值中只有 {fits} 个是{}{}，请核对",
            e.filled,
            field.zh(),
            instead.zh
        ),
        format!(
            "only {fits} of {} sampled values are “{}”{}; check this column",
            e.filled,
            field.en(),
            instead.en
        ),
    ))
}

/// The mapping by which a file is then read: whatever differs from what the headers mean by themselves. Guesses that
/// are only likely are left out unless `accept` says that somebody has seen or accepts them.
pub fn mapping_of(samples: &[Sample<'_>], readings: &[Reading], accept: bool) -> Mapping {
    let mut mapping = Mapping::default();
    for (sample, reading) in samples.iter().zip(readings) {
        let known = Column::of_header(sample.header).map(|place| place.column);
        let field = reading
            .field
            .filter(|_| accept || reading.basis != Basis::Likely);
        // What somebody has left unread is not guessed at again.
        let left = field.is_none() && matches!(reading.basis, Basis::Chosen | Basis::Saved);
        if field != known || left {
            mapping.say(sample.key, field);
        }
    }
    mapping
}

/// A field that two columns are said to be, of which one does not bear its name: the later of them.
pub fn named_twice(samples: &[Sample<'_>], mapping: &Mapping) -> Option<(usize, Column)> {
    let mut first: Vec<(Column, bool)> = Vec::new();
    for (at, sample) in samples.iter().enumerate() {
        let Some(place) = mapping.place(sample.key, sample.header) else {
            continue;
        };
        let known = Column::of_header(sample.header).map(|p| p.column) == Some(place.column);
        if first
            .iter()
            .any(|(field, by_name)| *field == place.column && !(known && *by_name))
        {
            return Some((at, place.column));
        }
        first.push((place.column, known));
    }
    None
}
