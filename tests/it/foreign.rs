//! Foreign bytes never break a reader: small valid files of every format, cut, flipped, doubled and spliced, and any
//! text for every parser of a cell. No panic, an end, and never more rows than allowed.

use kaixu::{
    domain::{
        codes::{AppNo, Ipc, Locarno, PubNo, Uscc},
        intake::{Cell, day_of, legal_status_of, text_of},
        time::Day,
    },
    sheet::{Limits, read_table},
};
use proptest::{prelude::*, sample::Index};

use crate::support::{
    formats::{X, XlsSheet, compound, ods, xls_stream, zipped},
    table::{file, read_within},
};

const CORPUS: [&[u8]; 7] = [
    include_bytes!("../corpus/list.csv"),
    include_bytes!("../corpus/list.tsv"),
    include_bytes!("../corpus/list.jsonl"),
    include_bytes!("../corpus/st96.xml"),
    include_bytes!("../corpus/st36.xml"),
    include_bytes!("../corpus/sheet.xml"),
    include_bytes!("../corpus/table.xml"),
];
const ROWS: u64 = 500;

fn xlsx(sheet: &[u8]) -> Vec<u8> {
    zipped(&[
        (
            "xl/workbook.xml",
            b"<workbook><sheets><sheet name=\"A\"/><sheet name=\"B\"/></sheets></workbook>",
        ),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>一种机</t></si></sst>".as_bytes(),
        ),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/worksheets/sheet2.xml", CORPUS[5]),
    ])
}

fn document(tables: &[u8]) -> Vec<u8> {
    ods(&String::from_utf8_lossy(tables))
}

/// The records of a small workbook, with texts cut within themselves.
fn records() -> Vec<u8> {
    let sheet = XlsSheet {
        name: "清单",
        rows: vec![
            vec![X::S("申请号"), X::S("名称"), X::S("申请日")],
            vec![X::S("CN201910699568.X"), X::F("切片机"), X::Rk(43_606)],
            vec![X::N(201_820_557_176.0), X::L("炉具"), X::N(43_208.5)],
        ],
        merges: vec![(1, 2, 1)],
    };
    xls_stream(&[sheet], 50)
}

/// Every format, whole: what a mutation of its bytes breaks at the outermost layer.
fn whole() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = CORPUS[..5].iter().map(|seed| seed.to_vec()).collect();
    seeds.push(xlsx(CORPUS[5]));
    seeds.push(document(CORPUS[6]));
    seeds.push(compound("Workbook", &records()));
    seeds.push(zipped(&[("a.csv", CORPUS[0]), ("二.xls", &records())]));
    seeds
}

/// One change to bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Cut(Index),
    Drop(Index, u8),
    Double(Index, u8),
    Insert(Index, Vec<u8>),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<Index>;
    let words = prop::sample::select(vec![
        &b"\"=<>"[..],
        b"\xff\xff\xff\x7f",
        b"\0\0\0\0",
        b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
        b"]]>",
        b"<![CDATA[",
        b"&#x110000;",
        b"r=\"99999999999999999999\"",
        b"-1",
        b"\xe4\xb8",
    ]);
    let one = prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        1 => at().prop_map(Change::Cut),
        2 => (at(), any::<u8>()).prop_map(|(at, n)| Change::Drop(at, n)),
        2 => (at(), any::<u8>()).prop_map(|(at, n)| Change::Double(at, n)),
        2 => (at(), words).prop_map(|(at, word)| Change::Insert(at, word.to_vec())),
    ];
    prop::collection::vec(one, 1..6)
}

fn changed(seed: &[u8], changes: Vec<Change>) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match change {
            Change::Set(at, byte) => bytes[at.index(length)] = byte,
            Change::Cut(at) => bytes.truncate(at.index(length)),
            Change::Drop(at, n) => {
                let from = at.index(length);
                bytes.drain(from..length.min(from + usize::from(n)));
            }
            Change::Double(at, n) => {
                let from = at.index(length);
                let part = bytes[from..length.min(from + usize::from(n))].to_vec();
                bytes.splice(from..from, part);
            }
            Change::Insert(at, part) => {
                let from = at.index(length);
                bytes.splice(from..from, part);
            }
        }
    }
    bytes
}

/// Reads the bytes as patents and as a plain table; what comes of them stays within bounds.
fn bounded(bytes: &[u8]) -> Result<(), TestCaseError> {
    let limits = Limits {
        rows: ROWS,
        inflated_bytes: 1 << 20,
        line_bytes: 1 << 16,
        shared_strings_bytes: 1 << 16,
        ..Limits::default()
    };
    let file = file(bytes);
    let outcome = read_within(file.path(), &limits);
    prop_assert!((outcome.good.len() + outcome.rejects.len()) as u64 <= ROWS);
    for (_, intake) in &outcome.good {
        prop_assert!(AppNo::parse(intake.patent.number.as_str()).is_ok());
        prop_assert!(intake.patent.title.chars().count() <= 2_000);
    }
    for reject in &outcome.rejects {
        prop_assert!(reject.column.chars().count() <= 200 && reject.value.chars().count() <= 200);
    }
    let known = |header: &str| ["申请号", "名称"].contains(&header).then_some(false);
    if let Ok(table) = read_table(file.path(), None, &limits, &known) {
        prop_assert!(table.rows.len() as u64 <= ROWS);
    }
    Ok(())
}

#[test]
fn every_seed_is_read() {
    for (at, seed) in whole().into_iter().enumerate() {
        let outcome = read_within(file(seed).path(), &Limits::default());
        assert!(
            !outcome.good.is_empty() && outcome.fatal.is_none(),
            "{at}: {outcome:?}"
        );
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn a_mutated_file_of_any_format_is_read_or_refused(seed in any::<Index>(), changes in changes()) {
        let seeds = whole();
        bounded(&changed(&seeds[seed.index(seeds.len())], changes))?;
    }

    #[test]
    fn mutated_parts_in_a_sound_archive_are_read_or_refused(what in 0..4_usize, changes in changes()) {
        bounded(&match what {
            0 => xlsx(&changed(CORPUS[5], changes)),
            1 => document(&changed(CORPUS[6], changes)),
            2 => zipped(&[("a", &changed(CORPUS[3], changes)), ("b", CORPUS[1])]),
            _ => compound("Book", &changed(&records(), changes)),
        })?;
    }

    #[test]
    fn mutated_records_of_an_xls_are_read_or_refused(changes in changes()) {
        bounded(&changed(&records(), changes))?;
    }

    #[test]
    fn no_text_breaks_the_parsers_of_a_cell(
        text in prop_oneof!["\\PC{0,60}", "[0-9A-HX./()（）;；年月日ZLCN=\" -]{0,40}", any::<String>()],
        number in any::<f64>(),
    ) {
        if let Ok((number, _)) = AppNo::parse(&text) {
            let again = AppNo::parse(number.as_str()).map(|(again, _)| again);
            prop_assert_eq!(again, Ok(number));
        }
        if let Ok(code) = Uscc::parse(&text) {
            prop_assert_eq!(Uscc::parse(code.as_str()).map(|again| again.as_str().to_owned()).ok(), Some(code.as_str().to_owned()));
        }
        if let Ok(symbol) = Ipc::parse(&text) {
            prop_assert_eq!(Ipc::parse(symbol.as_str()).ok(), Some(symbol));
        }
        if let Ok(class) = Locarno::parse(&text) {
            prop_assert_eq!(Locarno::parse(class.as_str()).ok(), Some(class));
        }
        if let Ok(number) = PubNo::parse(&text) {
            prop_assert_eq!(PubNo::parse(number.as_str()).ok(), Some(number));
        }
        let _ = legal_status_of(&text);
        for cell in [Cell::Text(text.clone()), Cell::Number(number), Cell::List(vec![text])] {
            let _ = (day_of(&cell), text_of(&cell));
        }
    }

    #[test]
    fn a_day_reads_back_from_every_notation(days in 0..40_000_i64) {
        let first: Day = jiff::civil::date(1985, 4, 1);
        let day = first.saturating_add(jiff::Span::new().days(days));
        let texts = ["%Y-%m-%d", "%Y.%m.%d", "%Y%m%d", "%Y/%-m/%-d", "%Y年%-m月%-d日", "%Y-%m-%dT00:00:00"];
        for text in texts.map(|form| day.strftime(form).to_string()) {
            prop_assert_eq!(day_of(&Cell::Text(text)), Ok(Some(day)));
        }
    }
}
