//! The clauses in which announcements say a fee. At each place one whole clause is taken or none; what no clause
//! takes is left over up to the next sign, and told.

mod free;
mod money;
mod when;
mod words;

use self::{
    free::{free, free_first, free_until},
    money::{bound, entry, lump, per_unit, periodic, share},
    when::{period, settle, settle_days},
    words::FILLERS,
};
use super::{Period, cursor::Cursor, facts::Facts};

const SIGNS: [char; 9] = [',', '。', ';', ':', '、', '.', '(', ')', '!'];

/// Everything that a folded text says.
pub(super) fn facts(text: &str) -> Facts {
    let mut facts = Facts::default();
    let mut at = Cursor { rest: text };
    loop {
        at.rest = at.rest.trim_start_matches(SIGNS);
        if at.rest.is_empty() {
            return facts;
        }
        let read = CLAUSES.iter().any(|clause| {
            let before = at;
            let said = at.attempt(|at| {
                clause(
                    at,
                    &mut Draft {
                        facts: &mut facts,
                        before,
                    },
                )
            });
            said.is_some()
        });
        if !read && !at.eat(FILLERS) {
            let end = end_of_clause(at.rest);
            facts.leftover(&at.rest[..end]);
            at.rest = &at.rest[end..];
        }
    }
}

/// Up to the next sign that does not stand within a number.
fn end_of_clause(text: &str) -> usize {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let ends = text.match_indices(SIGNS).find(|(at, sign)| {
        let (before, after) = (&text[..*at], &text[at + sign.len()..]);
        !(digit(before.chars().next_back()) && digit(after.chars().next()))
    });
    ends.map_or(text.len(), |(at, _)| at)
}

/// The facts, and where the clause began.
struct Draft<'f, 'a> {
    facts: &'f mut Facts,
    before: Cursor<'a>,
}

type Clause = for<'a> fn(&mut Cursor<'a>, &mut Draft<'_, 'a>) -> Option<()>;

/// In the order in which they are tried: what is more particular first.
const CLAUSES: [Clause; 12] = [
    free_first,
    free_until,
    free,
    settle_days,
    settle,
    period,
    per_unit,
    entry,
    bound,
    periodic,
    lump,
    share,
];

impl<'a> Draft<'_, 'a> {
    fn set<T: PartialEq + Copy>(
        &mut self,
        at: &Cursor<'a>,
        field: fn(&mut Facts) -> &mut Option<T>,
        value: T,
    ) {
        let known = *field(self.facts);
        if known.is_some_and(|known| known != value) {
            self.facts.clash(at.taken(self.before));
        }
        *field(self.facts) = Some(value);
    }

    /// An amount: even the same one a second time may be another payment.
    fn pay<T: PartialEq + Copy>(
        &mut self,
        at: &Cursor<'a>,
        field: fn(&mut Facts) -> &mut Option<T>,
        value: T,
    ) {
        if field(self.facts).is_some() {
            self.facts.clash(at.taken(self.before));
        }
        *field(self.facts) = Some(value);
    }
}

/// The period of a text that says nothing else.
pub(super) fn period_alone(text: &str) -> Option<Period> {
    let facts = facts(text);
    facts.period().filter(|_| facts.has_no_doubt())
}
