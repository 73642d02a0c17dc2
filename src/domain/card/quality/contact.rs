//! A way around the market, found in a text.

use unicode_normalization::UnicodeNormalization as _;

/// A telephone number, an e-mail address, a link, or the name of a messenger's account.
pub(super) fn contact(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let lower = text.to_lowercase();
    let marks = [
        "://",
        "www.",
        "微信号",
        "加微信",
        "qq号",
        "qq群",
        "公众号",
        "扫码",
        "扫一扫",
        "电话：",
        "电话:",
        "手机号",
        "联系人",
    ];
    if let Some(mark) = marks.into_iter().find(|mark| lower.contains(mark)) {
        return Some(mark.to_owned());
    }
    let bytes = lower.as_bytes();
    let letter = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    for (at, _) in lower.match_indices('@') {
        if at > 0 && letter(bytes.get(at - 1)) && letter(bytes.get(at + 1)) {
            return Some("@".to_owned());
        }
    }
    for end in [".com", ".cn", ".net", ".org"] {
        for (at, _) in lower.match_indices(end) {
            if at > 0 && letter(bytes.get(at - 1)) && !letter(bytes.get(at + end.len())) {
                return Some(end.to_owned());
            }
        }
    }
    telephone(&text)
}

/// A run of digits, parted by single blanks or strokes, that is dialled.
fn telephone(text: &str) -> Option<String> {
    let signs: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < signs.len() {
        if !signs[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (mut digits, mut end) = (String::new(), at);
        while let Some(sign) = signs.get(end) {
            let parts = matches!(sign, ' ' | '-' | '—' | '–')
                && signs.get(end + 1).is_some_and(char::is_ascii_digit);
            if sign.is_ascii_digit() {
                digits.push(*sign);
            } else if !parts {
                break;
            }
            end += 1;
        }
        let second = digits.as_bytes().get(1).copied().unwrap_or_default();
        let is_mobile = digits.len() == 11 && digits.starts_with('1') && second >= b'3';
        let is_landline = (10..=12).contains(&digits.len()) && digits.starts_with('0');
        let is_service =
            digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
        if is_mobile || is_landline || is_service {
            return Some(signs[at..end].iter().collect());
        }
        at = end;
    }
    None
}
