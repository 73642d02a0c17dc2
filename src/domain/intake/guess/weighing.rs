//! One column by the hint of its header and the evidence of its values.

use super::{Basis, Reading};
use crate::domain::{
    intake::{Column, columns::fold, evidence::Evidence},
    text::Text,
};

/// The words of a header, folded.
pub(super) struct Hint(String);

impl Hint {
    pub fn of(header: &str) -> Self {
        Self(fold(header))
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.0.contains(word))
    }

    /// A table without headers gives no hints.
    fn is_silent(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a column may be, and how sure that is.
pub(super) struct Guess {
    pub field: Option<Column>,
    basis: Basis,
    /// For choosing among several columns of one field.
    pub weight: usize,
    reason: Text,
}

impl Guess {
    pub fn into_reading(self, twice: bool) -> Reading {
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

pub(super) fn guess(hint: &Hint, e: &Evidence, years: &[Option<i16>]) -> Option<Guess> {
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
