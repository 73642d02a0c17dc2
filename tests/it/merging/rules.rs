//! The pure rules, one by one.

use kaixu::domain::{
    id::Id,
    merge::{Because, By, Clash, Source, Sources, Unit, merge},
    patent::Patent,
};
use serde_json::json;

use crate::support::table::row;

/// A source of nobody's: of a day that somebody named, or of the day on which it came in.
pub fn source(stated: Option<&str>) -> Source {
    Source {
        day: stated.unwrap_or("2026-03-02").parse().expect("a day"),
        by: By::Import,
        import: None,
        party: None,
        stated: stated.is_some(),
        actor: None,
        reason: None,
        under: None,
    }
}

fn patent(more: &[(&str, &str)]) -> Patent {
    let mut cells = vec![("申请号", "CN201910699568.X"), ("专利名称", "一种切片机")];
    cells.retain(|(name, _)| more.iter().all(|(own, _)| own != name));
    cells.extend_from_slice(more);
    kaixu::domain::intake::read_row(&row(&cells))
        .expect("reads")
        .patent
}

fn title(text: &str) -> Patent {
    patent(&[("专利名称", text)])
}

#[test]
fn the_newer_day_wins_unit_by_unit_and_an_older_one_changes_nothing() {
    let here = patent(&[("专利名称", "甲"), ("发明人", "张三")]);
    let old = Sources::of_one(source(Some("2026-01-01")));
    let new = source(Some("2026-02-01"));
    let merged = merge(&here, &old, &title("乙"), &new, false);
    assert_eq!(merged.patent.title, "乙");
    assert_eq!(
        merged.patent.inventors,
        ["张三"],
        "what it does not say stays"
    );
    assert_eq!(merged.sources.of(Unit::Title), Some(&new));
    assert_eq!(
        merged.sources.of(Unit::Inventors).map(|s| s.day),
        old.of(Unit::Title).map(|s| s.day)
    );
    // An older file: the title is newer, of the inventors nothing is lost.
    let between = source(Some("2026-01-15"));
    let incoming = patent(&[("专利名称", "丙"), ("发明人", "李四")]);
    let again = merge(&merged.patent, &merged.sources, &incoming, &between, false);
    assert_eq!(
        (
            again.patent.title.as_str(),
            again.patent.inventors.as_slice()
        ),
        ("乙", &["李四".to_owned()][..])
    );
    assert!(again.clashes.is_empty());
}

#[test]
fn the_same_value_of_a_newer_day_is_confirmed_so_that_what_lies_between_cannot_replace_it() {
    let here = title("甲");
    let first = Sources::of_one(source(Some("2026-01-01")));
    let confirmed = merge(&here, &first, &here, &source(Some("2026-03-01")), false);
    assert_eq!(confirmed.patent, here);
    let between = merge(
        &here,
        &confirmed.sources,
        &title("乙"),
        &source(Some("2026-02-01")),
        false,
    );
    assert_eq!(between.patent.title, "甲");
    assert!(between.clashes.is_empty(), "it is only older");
}

#[test]
fn equal_days_and_different_values_are_a_conflict_but_a_later_upload_of_the_same_party_mends() {
    let here = title("甲");
    let clash = Clash {
        unit: Unit::Title,
        because: Because::SameDay,
    };
    let stated = source(Some("2026-01-01"));
    let merged = merge(
        &here,
        &Sources::of_one(stated.clone()),
        &title("乙"),
        &stated,
        false,
    );
    assert_eq!(
        (merged.patent.title.as_str(), &merged.clashes[..]),
        ("甲", &[clash][..])
    );
    // Nobody named a day.
    let silent = source(None);
    let mended = merge(
        &here,
        &Sources::of_one(silent.clone()),
        &title("乙"),
        &silent,
        false,
    );
    assert_eq!(
        (mended.patent.title.as_str(), mended.clashes.len()),
        ("乙", 0)
    );
    let repeated = merge(
        &here,
        &Sources::of_one(silent.clone()),
        &title("乙"),
        &silent,
        true,
    );
    assert_eq!(
        (repeated.patent.title.as_str(), &repeated.clashes[..]),
        ("甲", &[clash][..]),
        "rows of one file"
    );
    let other = Source {
        party: Id::parse("01900000-0000-7000-8000-000000000000"),
        ..silent.clone()
    };
    assert!(other.party.is_some());
    let foreign = merge(
        &here,
        &Sources::of_one(silent.clone()),
        &title("乙"),
        &other,
        false,
    );
    assert_eq!(&foreign.clashes[..], &[clash]);
    let office = merge(&here, &Sources::of_one(other), &title("乙"), &silent, false);
    assert_eq!(office.patent.title, "乙", "the office mends as well");
}

#[test]
fn a_correction_stands_against_every_source_and_what_they_say_lies_beneath() {
    let here = title("更正");
    let mut sources = Sources::of_one(source(Some("2026-01-01")));
    sources.set(
        Unit::Title,
        Source {
            by: By::Correction,
            ..source(Some("2026-01-02"))
        },
    );
    let newer = source(Some("2026-12-31"));
    let merged = merge(&here, &sources, &title("乙"), &newer, false);
    assert_eq!(merged.patent.title, "更正");
    assert_eq!(
        merged.clashes,
        [Clash {
            unit: Unit::Title,
            because: Because::Corrected
        }]
    );
    let under = merged
        .sources
        .of(Unit::Title)
        .and_then(|s| s.under.as_deref())
        .expect("beneath");
    assert_eq!(under.value, json!({ "title": "乙" }));
    let older = merge(
        &here,
        &merged.sources,
        &title("旧"),
        &source(Some("2026-06-01")),
        false,
    );
    let under = older
        .sources
        .of(Unit::Title)
        .and_then(|s| s.under.clone())
        .expect("beneath");
    assert_eq!(under.value, json!({ "title": "乙" }), "the newest");
}

#[test]
fn a_number_and_its_date_are_one_unit() {
    let here = patent(&[("公开号", "CN110000001A"), ("公开日", "2019-12-03")]);
    let sources = Sources::of_one(source(Some("2026-01-01")));
    let other = patent(&[("公开号", "CN110000002A")]);
    let merged = merge(&here, &sources, &other, &source(Some("2025-01-01")), false);
    assert_eq!(merged.patent, here);
    let value = Unit::Publication.value(&here);
    assert_eq!(
        value,
        json!({ "publicationNumber": "CN110000001A", "publicationDate": "2019-12-03" })
    );
    assert_eq!(Unit::Publication.put(&other, &value).expect("fits"), here);
    assert!(
        Unit::Title
            .put(&here, &json!({ "owners": ["甲"] }))
            .is_none(),
        "of another unit"
    );
    assert!(
        Unit::Filing
            .put(&here, &json!({ "filingDate": "昨天" }))
            .is_none()
    );
}

#[test]
fn the_cell_as_it_stood_is_kept_only_where_the_record_does_not_say_it() {
    let cells = [
        ("申请号", "CN201910699568.X"),
        ("专利名称", "一种切片机"),
        ("申请日", "2019.07.31"),
        ("专利权人", "甲大学；乙公司"),
        ("法律状态", "有权-授权"),
        ("IPC分类号", "B26D1/09(2006.01)I;怪类"),
    ];
    let intake = kaixu::domain::intake::read_row(&row(&cells)).expect("reads");
    let raw: Vec<String> = intake
        .raw
        .iter()
        .map(|(c, text)| format!("{}={text}", c.as_str()))
        .collect();
    assert_eq!(
        raw,
        ["ipc=B26D1/09(2006.01)I;怪类"],
        "another notation of the same is no other value"
    );
    let long = "长".repeat(5_000);
    let cells = [
        ("申请号", "CN201910699568.X"),
        ("专利名称", "一种切片机"),
        ("权利人", "甲大学"),
        ("摘要", long.as_str()),
    ];
    let intake = kaixu::domain::intake::read_row(&row(&cells)).expect("reads");
    assert!(intake.raw.iter().map(|(_, text)| text.len()).sum::<usize>() <= 1_500);
}
