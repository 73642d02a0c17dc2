//! The tokenizers of the index.

use std::{cell::RefCell, rc::Rc};

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::cut::{Cut, Piece};

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

thread_local! {
    /// The text that this thread cut last. The index asks for its words right after its bigrams.
    static LAST: RefCell<(String, Rc<Cut>)> = RefCell::new((String::new(), Rc::new(Cut::of(""))));
}

/// Longer texts are not kept for a second question.
const LAST_BYTES: usize = 64 << 10;

/// A text cut into runs, once for both of its fields.
fn cut(text: &str) -> Rc<Cut> {
    LAST.with_borrow_mut(|(last, cut)| {
        if last == text {
            return cut.clone();
        }
        let new = Rc::new(Cut::of(text));
        if text.len() <= LAST_BYTES {
            text.clone_into(last);
            *cut = new.clone();
        }
        new
    })
}

/// The tokens of one text; one buffer serves them all.
pub struct Tokens {
    cut: Rc<Cut>,
    pieces: std::vec::IntoIter<Piece>,
    token: Token,
}

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let cut = cut(text);
        let pieces = match self {
            Self::Bigrams => cut.bigrams(false),
            Self::Words => cut.words(),
            Self::Characters => cut.characters(),
        };
        Tokens {
            cut,
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
        let chars = &self.cut.kept[piece.from..piece.to];
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
