//! Words that do not belong on a card: the claim's, praise, a sentence without end.

use super::{CardCheck, contact::contact};
use crate::domain::rules::promotional;

/// Characters of a sentence that a layman reads in one breath.
const SENTENCE_CHARS: usize = 80;

/// What is written only in claims and their descriptions.
const CLAIM_WORDS: [&str; 12] = [
    "其特征在于",
    "其特征是",
    "其特征为",
    "所述",
    "权利要求",
    "本发明",
    "本实用新型",
    "本外观设计",
    "本申请",
    "上述技术方案",
    "优选地",
    "实施例",
];

/// Words of a comparison.
const COMPARING: [&str; 16] = [
    "比", "较", "现有", "传统", "以往", "原来", "常规", "普通", "目前", "人工", "进口", "过去",
    "通常", "以前", "一般", "现在",
];

/// Degrees that 最 measures rather than praises: 最大功率, 最终, 最近.
const MEASURED: &str = "大小高低多少长短终近初后外内上下前末底顶远早晚宽窄厚薄深浅";

pub(super) fn wording(text: &str, forbidden: &[String], tell: &mut impl FnMut(CardCheck, String)) {
    let claims: Vec<&str> = CLAIM_WORDS
        .into_iter()
        .filter(|w| text.contains(w))
        .collect();
    if !claims.is_empty() {
        tell(CardCheck::ClaimSpeak, claims.join("、"));
    }
    let praise = promotional(text, forbidden);
    if !praise.is_empty() {
        tell(CardCheck::Superlative, praise.join("、"));
    } else if let Some(most) = boast(text) {
        tell(CardCheck::Boast, most);
    }
    if let Some(way) = contact(text) {
        tell(CardCheck::Contact, way);
    }
}

/// 最 before a word that measures nothing.
fn boast(text: &str) -> Option<String> {
    text.match_indices('最').find_map(|(at, most)| {
        let next = text[at + most.len()..].chars().next()?;
        (!MEASURED.contains(next) && next.is_alphanumeric()).then(|| format!("最{next}"))
    })
}

/// Is something said of what there is today?
pub(super) fn compares(text: &str) -> bool {
    COMPARING.iter().any(|word| text.contains(word))
}

pub(super) fn long_sentence(text: &str) -> Option<String> {
    let mut sentences = text.split(['。', '！', '？', '；', '\n', '!', '?', ';']);
    let long = sentences.find(|sentence| sentence.trim().chars().count() > SENTENCE_CHARS)?;
    let beginning: String = long.trim().chars().take(20).collect();
    Some(format!("{beginning}…"))
}
