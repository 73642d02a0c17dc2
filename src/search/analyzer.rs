//! From text to terms, the same way for documents and questions. Width, case, compatibility forms, accents
//! and traditional characters are folded one character at a time, so that every token knows which
//! characters of the original it stands for.

use std::sync::LazyLock;

use jieba_rs::{Jieba, TokenizeMode};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Simplified forms of the basic block, by code point.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let single = |c: char| {
        fast2s::convert(c.encode_utf8(&mut [0; 4]))
            .chars()
            .next()
            .unwrap_or(c)
    };
    ('\u{3400}'..='\u{9fff}').map(single).collect()
});

/// Words that say nothing about a patent's subject.
const STOP_WORDS: [&str; 62] = [
    "一种",
    "方法",
    "装置",
    "系统",
    "设备",
    "基于",
    "用于",
    "以及",
    "及其",
    "具有",
    "所述",
    "其中",
    "包括",
    "包含",
    "本发明",
    "发明",
    "实用新型",
    "实用",
    "新型",
    "公开",
    "涉及",
    "提供",
    "提供了",
    "公开了",
    "领域",
    "技术",
    "特征",
    "在于",
    "进行",
    "通过",
    "可以",
    "能够",
    "实现",
    "采用",
    "设有",
    "设置",
    "上述",
    "该",
    "的",
    "及",
    "其",
    "和",
    "与",
    "或",
    "在",
    "中",
    "对",
    "了",
    "为",
    "由",
    "是",
    "上",
    "并",
    "将",
    "使",
    "有",
    "于",
    "而",
    "等",
    "属于",
    "相关",
    "制备方法",
];

/// One character after folding.
#[derive(Clone, Copy, Debug)]
pub struct Folded {
    pub ch: char,
    /// Which character of the original it came from.
    at: u32,
    /// Where that character begins and ends, in bytes.
    from: u32,
    to: u32,
}

/// What a term is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Two neighbouring characters inside one word.
    Inner,
    /// Two neighbouring characters of different words: evidence of a phrase, not of a subject.
    Across,
    /// A run of letters and digits.
    Alnum,
    /// A character that stands alone between other things.
    Lone,
}

/// A term of a text, with its place there.
#[derive(Clone, Debug)]
pub struct Gram {
    pub text: String,
    pub class: Class,
    pub stop: bool,
    /// Counts characters and runs; something between two runs counts one more.
    pub position: usize,
    /// Characters of the original.
    pub start: usize,
    pub end: usize,
    bytes: (u32, u32),
}

struct Run {
    han: bool,
    chars: Vec<Folded>,
    position: usize,
}

pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Folds a text, character by character.
pub fn fold(text: &str) -> Vec<Folded> {
    let mut folded = Vec::with_capacity(text.len() / 2);
    for (at, (byte, c)) in text.char_indices().enumerate() {
        let place = |ch| Folded {
            ch,
            at: narrow(at),
            from: narrow(byte),
            to: narrow(byte + c.len_utf8()),
        };
        if c.is_ascii() {
            folded.push(place(c.to_ascii_lowercase()));
        } else if ('\u{3400}'..='\u{9fff}').contains(&c) {
            folded.push(place(simplified(c)));
        } else {
            let parts = std::iter::once(c)
                .nfkd()
                .filter(|part| !is_combining_mark(*part));
            folded.extend(
                parts
                    .flat_map(char::to_lowercase)
                    .map(|part| place(simplified(part))),
            );
        }
    }
    folded
}

fn simplified(c: char) -> char {
    let place = u32::from(c).wrapping_sub(0x3400) as usize;
    SIMPLIFIED.get(place).copied().unwrap_or(c)
}

fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Cuts a text into runs of Chinese characters and runs of letters and digits. A blank between Chinese
/// characters is an accident of typesetting; a point belongs to a number only between digits.
fn runs(text: &str) -> Vec<Run> {
    let folded = fold(text);
    let mut runs: Vec<Run> = Vec::new();
    let mut position = 0;
    let (mut open, mut blank) = (false, false);
    for (i, current) in folded.iter().enumerate() {
        let han = is_han(current.ch);
        let digit_at = |place: Option<usize>| {
            place
                .and_then(|p| folded.get(p))
                .is_some_and(|next: &Folded| next.ch.is_ascii_digit())
        };
        let point = current.ch == '.'
            && open
            && !blank
            && digit_at(i.checked_sub(1))
            && digit_at(Some(i + 1));
        if !han && !current.ch.is_alphanumeric() && !point {
            if current.ch.is_whitespace() {
                blank = true;
            } else if open {
                open = false;
                position += 1;
            }
            continue;
        }
        let joins = open && runs.last().is_some_and(|run| run.han == han) && (han || !blank);
        if joins {
            if han {
                position += 1;
            }
        } else {
            position += usize::from(!runs.is_empty());
            runs.push(Run {
                han,
                chars: Vec::new(),
                position,
            });
        }
        if let Some(run) = runs.last_mut() {
            run.chars.push(*current);
        }
        (open, blank) = (true, false);
    }
    runs
}

fn gram(chars: &[Folded], class: Class, stop: bool, position: usize) -> Gram {
    let (first, last) = (chars[0], chars[chars.len() - 1]);
    Gram {
        text: chars.iter().map(|folded| folded.ch).collect(),
        class,
        stop,
        position,
        start: first.at as usize,
        end: last.at as usize + 1,
        bytes: (first.from, last.to),
    }
}

/// The bigrams and runs of a text. `classed` asks the dictionary which bigrams lie inside a word and which
/// are stop words; documents do without.
pub fn grams(text: &str, classed: bool) -> Vec<Gram> {
    let mut grams = Vec::new();
    for run in runs(text) {
        if !run.han {
            grams.push(gram(&run.chars, Class::Alnum, false, run.position));
        } else if run.chars.len() == 1 {
            let stop = STOP_WORDS
                .iter()
                .any(|word| word.chars().eq([run.chars[0].ch]));
            grams.push(gram(&run.chars, Class::Lone, stop, run.position));
        } else {
            let (word_of, stops) = if classed {
                words_of(&run)
            } else {
                (Vec::new(), Vec::new())
            };
            for (i, pair) in run.chars.windows(2).enumerate() {
                let inner = !classed || word_of[i] == word_of[i + 1];
                let class = if inner { Class::Inner } else { Class::Across };
                let stop = classed && (stops[i] || stops[i + 1]);
                grams.push(gram(pair, class, stop, run.position + i));
            }
        }
    }
    grams
}

/// For each character of a run: the word it belongs to and whether that is a stop word. Neighbouring words
/// of one character, which the dictionary does not know together, count as one word.
fn words_of(run: &Run) -> (Vec<usize>, Vec<bool>) {
    let text: String = run.chars.iter().map(|folded| folded.ch).collect();
    let (mut word_of, mut stops) = (Vec::new(), Vec::new());
    let (mut word, mut last_lone) = (0, false);
    for token in JIEBA.cut(&text, true) {
        let length = token.end - token.start;
        let stop = STOP_WORDS.contains(&token.word);
        let lone = length == 1 && !stop;
        if !(lone && last_lone) {
            word += 1;
        }
        last_lone = lone;
        word_of.extend(std::iter::repeat_n(word, length));
        stops.extend(std::iter::repeat_n(stop, length));
    }
    word_of.resize(run.chars.len(), word);
    stops.resize(run.chars.len(), false);
    (word_of, stops)
}

/// The words of a text: the dictionary's, in search mode, without stop words and single characters.
pub fn words(text: &str) -> Vec<Gram> {
    let mut words = Vec::new();
    for run in runs(text) {
        if !run.han {
            words.push(gram(&run.chars, Class::Alnum, false, run.position));
            continue;
        }
        let text: String = run.chars.iter().map(|folded| folded.ch).collect();
        for token in JIEBA.tokenize(&text, TokenizeMode::Search, true) {
            let fits = token.end > token.start + 1 && token.end <= run.chars.len();
            if fits && !STOP_WORDS.contains(&token.word) {
                words.push(gram(
                    &run.chars[token.start..token.end],
                    Class::Inner,
                    false,
                    run.position + token.start,
                ));
            }
        }
    }
    words
}

/// Every single Chinese character of a text, for questions of one character.
fn characters(text: &str) -> Vec<Gram> {
    let han = runs(text).into_iter().filter(|run| run.han);
    han.flat_map(|run| {
        let position = run.position;
        let grams = run.chars.iter().enumerate();
        grams
            .map(move |(i, one)| gram(&[*one], Class::Lone, false, position + i))
            .collect::<Vec<_>>()
    })
    .collect()
}

/// The tokenizers under which the schema's text fields are written.
#[derive(Clone, Copy)]
pub enum Analyzer {
    Bigrams,
    Words,
    Characters,
}

impl Analyzer {
    pub const ALL: [Self; 3] = [Self::Bigrams, Self::Words, Self::Characters];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Bigrams => "bigrams",
            Self::Words => "words",
            Self::Characters => "characters",
        }
    }
}

/// The tokens of one text.
pub struct Tokens {
    grams: std::vec::IntoIter<Gram>,
    token: Token,
}

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let grams = match self {
            Self::Bigrams => grams(text, false),
            Self::Words => words(text),
            Self::Characters => characters(text),
        };
        Tokens {
            grams: grams.into_iter(),
            token: Token::default(),
        }
    }
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        let Some(gram) = self.grams.next() else {
            return false;
        };
        self.token = Token {
            offset_from: gram.bytes.0 as usize,
            offset_to: gram.bytes.1 as usize,
            position: gram.position,
            text: gram.text,
            position_length: 1,
        };
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
