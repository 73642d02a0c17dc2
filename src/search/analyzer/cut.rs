//! A text cut into runs of Chinese characters and runs of letters and digits, and the terms that lie in them.

use std::{collections::HashSet, sync::LazyLock};

use jieba_rs::{Jieba, TokenizeMode};

use super::{
    Class, Gram,
    folding::{Folded, fold, is_han},
};

static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);

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

fn is_stop(word: &str) -> bool {
    STOPS.contains(word)
}

/// Where a term stands among the kept characters of a text; most terms of a document are never more than this.
pub(super) struct Piece {
    pub(super) from: usize,
    pub(super) to: usize,
    class: Class,
    stop: bool,
    pub(super) position: usize,
}

/// Neighbouring characters of one kind, among those kept.
struct Run {
    han: bool,
    from: usize,
    to: usize,
    position: usize,
}

/// A text cut into runs.
pub(super) struct Cut {
    pub(super) kept: Vec<Folded>,
    runs: Vec<Run>,
}

impl Cut {
    /// Cuts a text into runs of Chinese characters and runs of letters and digits. A blank between Chinese
    /// characters is an accident of typesetting; a point belongs to a number only between digits.
    pub(super) fn of(text: &str) -> Self {
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
    pub(super) fn bigrams(&self, classed: bool) -> Vec<Piece> {
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
    pub(super) fn words(&self) -> Vec<Piece> {
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
    pub(super) fn characters(&self) -> Vec<Piece> {
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

    pub(super) fn grams(&self, pieces: Vec<Piece>) -> Vec<Gram> {
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
