//! How much of a text is the patent's own words.

use std::collections::HashSet;

use super::{CardCheck, fold};
use crate::domain::patent::Patent;

/// The patent's own words.
pub(super) struct Source {
    texts: Vec<Vec<char>>,
    pieces: HashSet<Vec<char>>,
}

/// Characters of a piece by which copying is told, the share of copied pieces that is an error or a hint, and the
/// length of a run that is an error by itself.
const PIECE: usize = 8;
const COPIED: usize = 50;
const BORROWED: usize = 25;
const RUN: usize = 40;

impl Source {
    pub(super) fn of(patent: &Patent) -> Self {
        let texts = [
            Some(&patent.title),
            patent.abstract_text.as_ref(),
            patent.main_claim.as_ref(),
        ];
        let texts: Vec<Vec<char>> = texts.into_iter().flatten().map(|text| fold(text)).collect();
        let pieces = texts.iter().flat_map(|text| text.windows(PIECE));
        Self {
            pieces: pieces.map(<[char]>::to_vec).collect(),
            texts,
        }
    }

    /// How much of a text they are, and the longest run of them.
    pub(super) fn shared(&self, text: &[char]) -> Option<(CardCheck, String)> {
        if text.len() < PIECE {
            let whole = self.texts.iter().any(|known| known == text);
            return whole.then(|| (CardCheck::Copied, text.iter().collect()));
        }
        let (mut copied, mut run, mut longest) = (0, 0, (0, 0));
        for (at, piece) in text.windows(PIECE).enumerate() {
            if self.pieces.contains(piece) {
                copied += 1;
                run += 1;
                if run > longest.0 {
                    longest = (run, at + 1 - run);
                }
            } else {
                run = 0;
            }
        }
        if copied == 0 {
            return None;
        }
        let share = copied * 100 / (text.len() - PIECE + 1);
        let length = longest.0 + PIECE - 1;
        let check = if share >= COPIED || length >= RUN {
            CardCheck::Copied
        } else if share >= BORROWED {
            CardCheck::Borrowed
        } else {
            return None;
        };
        let quote = text.iter().skip(longest.1).take(length.min(30));
        Some((check, quote.collect()))
    }
}
