//! The wording of single values: types, classes, industries, regions, and what is wrong with a number.

use unicode_normalization::UnicodeNormalization as _;

use super::{RejectCode, columns::names_publication_only};
use crate::domain::{
    codes::{Ipc, Locarno, PubNo, number::NumberError, region},
    patent::{PatentKind, Region, Stage},
};

/// The refusal for a text that is not an application number.
pub fn number_fault(error: &NumberError, text: &str) -> RejectCode {
    match error {
        NumberError::Empty => RejectCode::MissingNumber,
        NumberError::Scientific => RejectCode::ScientificNumber,
        NumberError::Publication => RejectCode::PublicationNumber,
        _ if PubNo::parse(text).is_ok() => RejectCode::PublicationNumber,
        NumberError::Length(_) | NumberError::Year if is_publication_without_letter(text) => {
            RejectCode::PublicationNumber
        }
        NumberError::Characters => RejectCode::NotANumber,
        NumberError::Length(_) => RejectCode::NumberLength,
        NumberError::Year => RejectCode::NumberYear,
        NumberError::Kind => RejectCode::NumberKind,
        NumberError::Check { .. } => RejectCode::NumberCheck,
    }
}

/// `CN2560177`, `CN105552081`: as old data sets write publication numbers.
fn is_publication_without_letter(text: &str) -> bool {
    let digits = text.trim().strip_prefix("CN").unwrap_or_default();
    matches!(digits.len(), 7 | 9) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The kind and the stage that a type cell names: `发明授权`, `发明公开`, `实用新型`, `B`, `utilityModel`.
pub(super) fn kind_of(text: &str) -> (Option<PatentKind>, Stage) {
    let folded: String = text
        .nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let letter = match folded.as_bytes() {
        [letter] => Some(*letter),
        [letter, digit] if digit.is_ascii_digit() => Some(*letter),
        _ => None,
    };
    let kind = match letter {
        Some(b'a' | b'b' | b'c') => Some(PatentKind::Invention),
        Some(b'u' | b'y') => Some(PatentKind::UtilityModel),
        Some(b's' | b'd') => Some(PatentKind::Design),
        _ if says(&["外观", "design"]) => Some(PatentKind::Design),
        _ if says(&["实用", "新型", "utility"]) => Some(PatentKind::UtilityModel),
        _ if says(&["发明", "invention"]) => Some(PatentKind::Invention),
        _ => None,
    };
    let application = says(&["申请", "application"]) && kind == Some(PatentKind::Invention);
    let stage = match letter {
        Some(b'a') => Stage::Published,
        Some(b'b' | b'c' | b'u' | b'y' | b's' | b'd') => Stage::Granted,
        _ if says(&["授权", "grant"]) => Stage::Granted,
        _ if says(&["公开", "公布"]) || application => Stage::Published,
        _ => Stage::Listed,
    };
    (kind, stage)
}

/// Which document a 公开(公告)日 belongs to where no number stands beside it. Utility models and designs are
/// published only with their grant.
pub(super) fn stage_of_date(
    kind: PatentKind,
    worded: Stage,
    header: &str,
    has_grant_date: bool,
) -> Option<Stage> {
    let publication = kind == PatentKind::Invention && names_publication_only(header);
    match worded {
        _ if publication && has_grant_date => Some(Stage::Published),
        Stage::Listed if publication => Some(Stage::Published),
        Stage::Listed => (kind != PatentKind::Invention).then_some(Stage::Granted),
        named => Some(named),
    }
}

/// The IPC symbols of an item: one, or several between blanks; none where any of them does not parse.
pub(super) fn read_ipc(item: &str) -> Vec<Ipc> {
    match Ipc::parse(item) {
        Ok(symbol) => vec![symbol],
        Err(_) => item
            .split_whitespace()
            .map(Ipc::parse)
            .collect::<Result<_, _>>()
            .unwrap_or_default(),
    }
}

/// A Locarno class; of `09-01-B0367` (class and number of the article, as before 1996) the class.
pub(super) fn read_locarno(item: &str) -> Option<Locarno> {
    let article = |t: &str| {
        t.len() == 5
            && t.starts_with(|c: char| c.is_ascii_uppercase())
            && t[1..].bytes().all(|b| b.is_ascii_digit())
    };
    match item.rsplit_once('-') {
        Some((class, tail)) if article(tail) => Locarno::parse(class).ok(),
        _ => Locarno::parse(item).ok(),
    }
}

/// A code of GB/T 4754 at the head of an item: `C3511`, `C35[专用设备制造业]`.
pub(super) fn industry_of(item: &str) -> Option<String> {
    let folded: String = item.nfkc().flat_map(char::to_uppercase).collect();
    let code: String = folded
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let (section, digits) = code.split_at_checked(1)?;
    let well_formed = ("A"..="T").contains(&section)
        && matches!(digits.len(), 0 | 2..=4)
        && digits.bytes().all(|b| b.is_ascii_digit());
    well_formed.then_some(code)
}

/// The first applicant's region: `山东;37`, `37[中国|山东]`, `中国|山东`. What follows an unknown first part
/// belongs to somebody else and is not read.
pub(super) fn read_region(text: &str) -> Option<Region> {
    let mut parts = text
        .split([';', '；', ',', '，', '|', '[', ']'])
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let first = parts.next()?;
    if matches!(first, "中国" | "CN" | "中国大陆") {
        region::parse(parts.next()?)
    } else {
        region::parse(first)
    }
}

/// Appends what is not there yet.
pub(super) fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
