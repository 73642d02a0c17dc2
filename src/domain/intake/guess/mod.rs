//! What an unknown column may be: its header gives a hint, its values prove or refute it. What neither shows stays
//! unread; a field that one column has already is never given to a second. Every reading comes with its reason, in
//! words for the person who confirms or changes it.

mod weighing;

use serde::{Deserialize, Serialize};

use weighing::{Guess, Hint, guess};

use super::{Cell, Column, Mapping, evidence::Evidence};
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
            let hint = Hint::of(sample.header);
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
