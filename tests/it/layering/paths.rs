//! The paths that a Rust source names: `use` trees flattened, inline paths, `super` resolved, local names of
//! imported modules followed. A tokenizer, not a parser: enough to know who leans on whom.

use std::collections::HashMap;

/// A path as the source names it, from the crate's root (`["crate", "store", "jobs"]`) or from another crate's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    pub path: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    line: usize,
    text: String,
}

/// Identifiers and punctuation; comments, strings and characters are left out.
fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let (mut at, mut line, mut found) = (0, 1, Vec::new());
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    while at < chars.len() {
        let rest = &chars[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => rest
                .windows(2)
                .position(|w| w == ['*', '/'])
                .map_or(rest.len(), |end| end + 2),
            ['r', '#' | '"', ..] | ['b', 'r', '#' | '"', ..] if raw_string(rest).is_some() => {
                raw_string(rest).unwrap_or(1)
            }
            ['"', ..] => string(rest),
            ['\'', '\\', ..] => {
                2 + rest[2..]
                    .iter()
                    .skip(1)
                    .position(|c| *c == '\'')
                    .map_or(0, |end| end + 2)
            }
            ['\'', _, '\'', ..] => 3,
            [':', ':', ..] => {
                found.push(Token {
                    line,
                    text: "::".into(),
                });
                2
            }
            [c, ..] if is_name(*c) => {
                let end = rest.iter().position(|c| !is_name(*c)).unwrap_or(rest.len());
                found.push(Token {
                    line,
                    text: rest[..end].iter().collect(),
                });
                end
            }
            [c, ..] => {
                if !c.is_whitespace() {
                    found.push(Token {
                        line,
                        text: c.to_string(),
                    });
                }
                1
            }
            [] => break,
        };
        let length = length.clamp(1, rest.len());
        line += rest[..length].iter().filter(|c| **c == '\n').count();
        at += length;
    }
    found
}

fn string(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string(rest: &[char]) -> Option<usize> {
    let start = rest.iter().position(|c| *c == '#' || *c == '"')?;
    let hashes = rest[start..].iter().take_while(|c| **c == '#').count();
    if rest.get(start + hashes) != Some(&'"') {
        return None;
    }
    let body = start + hashes + 1;
    (body..rest.len())
        .find(|at| {
            rest[*at] == '"'
                && rest[at + 1..]
                    .iter()
                    .take(hashes)
                    .filter(|c| **c == '#')
                    .count()
                    == hashes
        })
        .map(|end| end + 1 + hashes)
}

/// Every path that the source of `module` (`["search", "cursor"]`) names, in order.
pub fn named(source: &str, module: &[String]) -> Vec<Named> {
    let tokens = tokens(source);
    let (mut found, mut local, mut at) = (Vec::new(), HashMap::new(), 0);
    while at < tokens.len() {
        let before = at.checked_sub(1).map_or("", |b| tokens[b].text.as_str());
        if tokens[at].text == "use" && !matches!(before, "::" | ".") {
            let end = at + tokens[at..].iter().position(|t| t.text == ";").unwrap_or(0);
            let mut tree = Tree {
                tokens: &tokens[at + 1..end],
                found: Vec::new(),
            };
            tree.read(&[]);
            for (named, alias) in tree.found {
                let path = resolved(&named.path, module, &HashMap::new());
                local.insert(alias, path.clone());
                found.push(Named { path, ..named });
            }
            at = end + 1;
        } else if is_start(&tokens, at) {
            let (length, path) = inline(&tokens[at..]);
            let path = resolved(&path, module, &local);
            found.push(Named {
                line: tokens[at].line,
                path,
            });
            at += length;
        } else {
            at += 1;
        }
    }
    found
}

/// A name followed by `::`, itself no part of a longer path.
fn is_start(tokens: &[Token], at: usize) -> bool {
    let text = |at: usize| tokens.get(at).map_or("", |t| t.text.as_str());
    let is_name = text(at).starts_with(|c: char| c.is_alphabetic() || c == '_');
    is_name && text(at + 1) == "::" && (at == 0 || text(at - 1) != "::")
}

fn inline(tokens: &[Token]) -> (usize, Vec<String>) {
    let mut path = vec![tokens[0].text.clone()];
    let mut at = 1;
    while tokens.get(at).is_some_and(|t| t.text == "::")
        && tokens
            .get(at + 1)
            .is_some_and(|t| t.text.starts_with(|c: char| c.is_alphabetic() || c == '_'))
    {
        path.push(tokens[at + 1].text.clone());
        at += 2;
    }
    (at, path)
}

struct Tree<'a> {
    tokens: &'a [Token],
    found: Vec<(Named, String)>,
}

impl Tree<'_> {
    /// One branch: `a::b`, `a::{…}`, `a::*`, `a as b`.
    fn read(&mut self, prefix: &[String]) {
        let (mut path, mut line) = (prefix.to_vec(), 0);
        while let Some((first, rest)) = self.tokens.split_first() {
            line = first.line;
            match first.text.as_str() {
                "{" => {
                    self.tokens = rest;
                    while self.tokens.first().is_some_and(|t| t.text != "}") {
                        self.read(&path);
                        if self.tokens.first().is_some_and(|t| t.text == ",") {
                            self.tokens = &self.tokens[1..];
                        }
                    }
                    self.tokens = self.tokens.get(1..).unwrap_or_default();
                    return;
                }
                "}" | "," => break,
                "::" | "*" => self.tokens = rest,
                "as" => {
                    let alias = rest.first().map(|t| t.text.clone()).unwrap_or_default();
                    self.tokens = rest.get(1..).unwrap_or_default();
                    self.found.push((Named { line, path }, alias));
                    return;
                }
                name => {
                    path.push(name.to_owned());
                    self.tokens = rest;
                }
            }
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let alias = path.last().cloned().unwrap_or_default();
        self.found.push((Named { line, path }, alias));
    }
}

/// The path from a root: `super` climbs from the module, an imported name stands for what was imported.
fn resolved(
    path: &[String],
    module: &[String],
    local: &HashMap<String, Vec<String>>,
) -> Vec<String> {
    let root = |inner: &[String]| [&["crate".to_owned()], inner].concat();
    let Some((first, rest)) = path.split_first() else {
        return Vec::new();
    };
    match first.as_str() {
        "kaixu" => root(rest),
        "self" => [root(module).as_slice(), rest].concat(),
        "super" => {
            let supers = path.iter().take_while(|p| *p == "super").count();
            let kept = module.len().saturating_sub(supers);
            [root(&module[..kept]).as_slice(), &path[supers..]].concat()
        }
        name => match local.get(name) {
            Some(known) if known.first().is_some_and(|f| f != name) => {
                [known.as_slice(), rest].concat()
            }
            _ => path.to_vec(),
        },
    }
}
