//! From text to terms, the same way for documents and questions. Width, case, compatibility forms, accents
//! and traditional characters are folded one character at a time, so that every token knows which
//! characters of the original it stands for.

use std::{collections::HashSet, sync::LazyLock};

use jieba_rs::{Jieba, TokenizeMode};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// What each character of the basic plane is folded to, where that is one character: nearly always.
static FOLDS: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
    let fold = |code: u16| {
        let mut folded = decomposed(char::from_u32(code.into())?);
        let only = folded.next()?;
        folded.next().is_none().then_some(only)
    };
    (0..=u16::MAX).map(fold).collect()
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

static STOPS: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP_WORDS.into());

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
}

/// Where a term stands among the kept characters of a text; most terms of a document are never more than this.
struct Piece {
    from: usize,
    to: usize,
    class: Class,
    stop: bool,
    position: usize,
}

/// Neighbouring characters of one kind, among those kept.
struct Run {
    han: bool,
    from: usize,
    to: usize,
    position: usize,
}

/// A text cut into runs.
struct Cut {
    kept: Vec<Folded>,
    runs: Vec<Run>,
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
        let only = FOLDS.get(u32::from(c) as usize).copied().flatten();
        match only {
            Some(only) => folded.push(place(only)),
            None => folded.extend(decomposed(c).map(place)),
        }
    }
    folded
}

/// The parts of a character without accents, in lower case and simplified.
fn decomposed(c: char) -> impl Iterator<Item = char> {
    let parts = std::iter::once(c)
        .nfkd()
        .filter(|part| !is_combining_mark(*part));
    parts.flat_map(char::to_lowercase).map(simplified)
}

fn simplified(c: char) -> char {
    if !('\u{3400}'..='\u{9fff}').contains(&c) {
        return c;
    }
    let mut text = [0; 4];
    fast2s::convert(c.encode_utf8(&mut text))
        .chars()
        .next()
        .unwrap_or(c)
}

fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl Cut {
    /// Cuts a text into runs of Chinese characters and runs of letters and digits. A blank between Chinese
    /// characters is an accident of typesetting; a point belongs to a number only between digits.
    fn of(text: &str) -> Self {
        let folded = fold(text);
        let mut kept: Vec<Folded> = Vec::with_capacity(folded.len());
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
                let (from, to) = (kept.len(), kept.len());
                runs.push(Run {
                    han,
                    from,
                    to,
                    position,
                });
            }
            kept.push(*current);
            if let Some(run) = runs.last_mut() {
                run.to = kept.len();
            }
            (open, blank) = (true, false);
        }
        Self { kept, runs }
    }

    /// The characters of a run as text, for the dictionary.
    fn text_of(&self, run: &Run) -> String {
        self.kept[run.from..run.to].iter().map(|f| f.ch).collect()
    }

    /// The bigrams and runs. `classed` asks the dictionary which bigrams lie inside a word and which are stop
    /// words; documents do without.
    fn bigrams(&self, classed: bool) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(self.kept.len());
        for run in &self.runs {
            let (from, to, position) = (run.from, run.to, run.position);
            let whole = |class, stop| Piece {
                from,
                to,
                class,
                stop,
                position,
            };
            if !run.han {
                pieces.push(whole(Class::Alnum, false));
            } else if to - from == 1 {
                let alone = self.kept[from].ch;
                let stop = is_stop(alone.encode_utf8(&mut [0; 4]));
                pieces.push(whole(Class::Lone, stop));
            } else {
                let (word_of, stops) = if classed {
                    self.words_of(run)
                } else {
                    (Vec::new(), Vec::new())
                };
                pieces.extend((0..to - from - 1).map(|i| {
                    let inner = !classed || word_of[i] == word_of[i + 1];
                    Piece {
                        from: from + i,
                        to: from + i + 2,
                        class: if inner { Class::Inner } else { Class::Across },
                        stop: classed && (stops[i] || stops[i + 1]),
                        position: position + i,
                    }
                }));
            }
        }
        pieces
    }

    /// For each character of a run: the word it belongs to and whether that is a stop word. Neighbouring words
    /// of one character, which the dictionary does not know together, count as one word.
    fn words_of(&self, run: &Run) -> (Vec<usize>, Vec<bool>) {
        let text = self.text_of(run);
        let (mut word_of, mut stops) = (Vec::new(), Vec::new());
        let (mut word, mut last_lone) = (0, false);
        for token in JIEBA.cut(&text, true) {
            let length = token.end - token.start;
            let stop = is_stop(token.word);
            let lone = length == 1 && !stop;
            if !(lone && last_lone) {
                word += 1;
            }
            last_lone = lone;
            word_of.extend(std::iter::repeat_n(word, length));
            stops.extend(std::iter::repeat_n(stop, length));
        }
        word_of.resize(run.to - run.from, word);
        stops.resize(run.to - run.from, false);
        (word_of, stops)
    }

    /// The words: the dictionary's, in search mode, without stop words and single characters.
    fn words(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for run in &self.runs {
            if !run.han {
                pieces.push(Piece {
                    from: run.from,
                    to: run.to,
                    class: Class::Alnum,
                    stop: false,
                    position: run.position,
                });
                continue;
            }
            let text = self.text_of(run);
            for token in JIEBA.tokenize(&text, TokenizeMode::Search, true) {
                let fits = token.end > token.start + 1 && token.end <= run.to - run.from;
                if fits && !is_stop(token.word) {
                    pieces.push(Piece {
                        from: run.from + token.start,
                        to: run.from + token.end,
                        class: Class::Inner,
                        stop: false,
                        position: run.position + token.start,
                    });
                }
            }
        }
        pieces
    }

    /// Each Chinese character by itself.
    fn characters(&self) -> Vec<Piece> {
        let han = self.runs.iter().filter(|run| run.han);
        let single = |from| Piece {
            from,
            to: from + 1,
            class: Class::Lone,
            stop: false,
            position: 0,
        };
        han.flat_map(|run| run.from..run.to).map(single).collect()
    }

    fn grams(&self, pieces: Vec<Piece>) -> Vec<Gram> {
        let gram = |piece: Piece| {
            let chars = &self.kept[piece.from..piece.to];
            Gram {
                text: chars.iter().map(|folded| folded.ch).collect(),
                class: piece.class,
                stop: piece.stop,
                position: piece.position,
                start: chars[0].at as usize,
                end: chars[chars.len() - 1].at as usize + 1,
            }
        };
        pieces.into_iter().map(gram).collect()
    }
}

fn is_stop(word: &str) -> bool {
    STOPS.contains(word)
}

/// The bigrams and runs of a text. `classed` asks the dictionary which bigrams lie inside a word and which
/// are stop words; documents do without.
pub fn grams(text: &str, classed: bool) -> Vec<Gram> {
    let cut = Cut::of(text);
    cut.grams(cut.bigrams(classed))
}

/// The words of a text: the dictionary's, in search mode, without stop words and single characters.
pub fn words(text: &str) -> Vec<Gram> {
    let cut = Cut::of(text);
    cut.grams(cut.words())
}

/// Every Chinese character of these texts once, as one text: nobody asks how often or where a single character stands.
pub fn characters<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    // A bit for each character of the basic plane; of the rare others one may come twice.
    let mut known = [0_u64; 1 << 10];
    let mut is_new = |c: char| {
        let (word, bit) = (u32::from(c) as usize / 64, 1 << (u32::from(c) % 64));
        known.get_mut(word).is_none_or(|word| {
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        })
    };
    let folded = texts.into_iter().flat_map(fold).map(|folded| folded.ch);
    folded.filter(|c| is_han(*c) && is_new(*c)).collect()
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

/// The tokens of one text; one buffer serves them all.
pub struct Tokens {
    kept: Vec<Folded>,
    pieces: std::vec::IntoIter<Piece>,
    token: Token,
}

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let cut = Cut::of(text);
        let pieces = match self {
            Self::Bigrams => cut.bigrams(false),
            Self::Words => cut.words(),
            Self::Characters => cut.characters(),
        };
        Tokens {
            kept: cut.kept,
            pieces: pieces.into_iter(),
            token: Token::default(),
        }
    }
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        let Some(piece) = self.pieces.next() else {
            return false;
        };
        let chars = &self.kept[piece.from..piece.to];
        let token = &mut self.token;
        token.text.clear();
        token.text.extend(chars.iter().map(|folded| folded.ch));
        token.offset_from = chars[0].from as usize;
        token.offset_to = chars[chars.len() - 1].to as usize;
        token.position = piece.position;
        token.position_length = 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
