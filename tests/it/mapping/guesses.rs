//! The pure rule: what a header hints at and values prove.

use kaixu::domain::intake::{Basis, Cell, Column, Mapping, Reading, Sample, keys_of, readings};

fn read(table: &str) -> Vec<Reading> {
    read_with(table, &Mapping::default(), &Mapping::default())
}

fn read_with(table: &str, chosen: &Mapping, saved: &Mapping) -> Vec<Reading> {
    let mut lines = table.lines().map(|line| line.split(','));
    let headers: Vec<String> = lines
        .next()
        .expect("headers")
        .map(|h| h.trim().to_owned())
        .collect();
    let rows: Vec<Vec<&str>> = lines.map(Iterator::collect).collect();
    let columns: Vec<Vec<Cell>> = (0..headers.len())
        .map(|at| {
            let cells = rows.iter().map(|row| row.get(at).copied().unwrap_or(""));
            cells.map(|text| Cell::Text(text.to_owned())).collect()
        })
        .collect();
    let keys = keys_of(&headers);
    let samples: Vec<Sample<'_>> = (0..headers.len())
        .map(|at| Sample {
            key: &keys[at],
            header: &headers[at],
            values: &columns[at],
        })
        .collect();
    readings(&samples, chosen, saved)
}

fn fields(readings: &[Reading]) -> Vec<Option<Column>> {
    readings.iter().map(|reading| reading.field).collect()
}

#[test]
fn headers_in_other_words_are_read_by_hint_and_value() {
    let table = super::OWN_WORDS.split_once('\n').expect("a title").1;
    let read = read(table);
    assert_eq!(
        fields(&read),
        [
            None,
            Some(Column::AppNumber),
            Some(Column::Title),
            Some(Column::GrantDate),
            Some(Column::FilingDate),
            Some(Column::Owner),
            Some(Column::Inventors),
            Some(Column::StatusText),
            None,
        ],
        "{read:#?}"
    );
    assert_eq!(
        read[1].basis,
        Basis::Proven,
        "the check characters prove it"
    );
    assert_eq!(read[3].basis, Basis::Proven);
    assert_eq!(
        read[2].basis,
        Basis::Likely,
        "nothing in its header says title"
    );
    assert!(read[8].reason.zh.contains("个人信息"), "{:?}", read[8]);
    assert!(read.iter().all(|r| !r.reason.zh.is_empty() && r.reason.en.is_ascii()
        || r.reason.en.contains('“')));
}

#[test]
fn values_that_prove_nothing_stay_unread() {
    let read = read("甲,乙,丙,丁\n12,好,2020-01-01,1\n15,好,2021-03-04,2\n20,差,2022-05-06,3\n");
    assert_eq!(fields(&read), [None; 4], "{read:#?}");
    assert!(read[2].reason.zh.contains("哪一个日期"), "{:?}", read[2]);
}

#[test]
fn numbers_and_days_of_other_patents_and_parties_are_not_taken() {
    let read = read(
        "优先权申请号,引证专利,年费缴纳日,代理单位,质权银行\n\
         201910699568X,CN213072711U,2024-01-01,北京某某专利代理有限公司,某某银行有限公司\n\
         2018205571760,CN112576945A,2024-02-01,威海某某知识产权代理事务所,某某银行有限公司\n",
    );
    assert_eq!(fields(&read)[..4], [None; 4], "{read:#?}");
    assert!(read[3].reason.zh.contains("代理机构"));
}

#[test]
fn a_field_is_never_given_to_two_columns() {
    let read = read(
        "申请号,编号\n201910699568X,201910699568X\n2018205571760,2018205571760\n2024800123450,2024800123450\n",
    );
    assert_eq!(fields(&read), [Some(Column::AppNumber), None]);
    assert!(read[1].reason.zh.contains("已有别的列"), "{:?}", read[1]);
}

#[test]
fn a_known_header_whose_values_contradict_it_is_told() {
    let read = read(
        "申请号,名称,申请日\nCN213072711U,甲装置,张三\nCN112576945A,乙装置,李四\nCN111111111B,丙装置,王五\n",
    );
    let said = read[0].contradiction.as_ref().expect("it is told");
    assert!(said.zh.contains("更像公开（公告）号"), "{said:?}");
    assert!(read[1].contradiction.is_none());
    assert!(read[2].contradiction.is_some());
    let ruined = self::read("申请号,名称\n2.01E+12,甲\n2.02E+12,乙\n2.02E+12,丙\n");
    let said = ruined[0].contradiction.as_ref().expect("it is told");
    assert!(said.zh.contains("科学计数法"), "{said:?}");
}

#[test]
fn without_headers_values_alone_speak_and_somebody_must_confirm() {
    let rows = super::headless();
    let width = rows.lines().next().expect("a row").split(',').count();
    let table = format!("{}\n{rows}", ",".repeat(width - 1));
    let read = read(&table);
    let fields = fields(&read);
    assert_eq!(fields[1], Some(Column::AppNumber));
    assert_eq!(fields[2], Some(Column::Title));
    assert_eq!(
        fields[4],
        Some(Column::FilingDate),
        "its years are those of the numbers"
    );
    assert_eq!(fields[3], None, "a later day may be anything");
    assert_eq!(fields[5], Some(Column::Owner));
    assert_eq!(fields[8], None);
    assert_eq!(read[5].basis, Basis::Likely);
}

#[test]
fn what_was_saved_is_taken_over_unless_the_values_refute_it() {
    let mut saved = Mapping::default();
    saved.say("甲", Some(Column::AppNumber));
    saved.say("乙", None);
    let good = "甲,乙\n201910699568X,一种装置\n2018205571760,一种方法\n2024800123450,另一种方法\n";
    let read = read_with(good, &Mapping::default(), &saved);
    assert_eq!(
        (read[0].field, read[0].basis),
        (Some(Column::AppNumber), Basis::Saved)
    );
    assert_eq!((read[1].field, read[1].basis), (None, Basis::Saved));
    let turned =
        "乙,甲\n201910699568X,一种新的装置\n2018205571760,一种新的方法\n2024800123450,另一种方法\n";
    let mut chosen = Mapping::default();
    chosen.say("乙", Some(Column::AppNumber));
    let read = read_with(turned, &chosen, &saved);
    assert_eq!(
        (read[0].field, read[0].basis),
        (Some(Column::AppNumber), Basis::Chosen)
    );
    assert_ne!(
        read[1].basis,
        Basis::Saved,
        "titles are no numbers: {:?}",
        read[1]
    );
}
