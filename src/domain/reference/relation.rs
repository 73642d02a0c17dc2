//! From the classes of a patent to the industries that it belongs to, where its source names none. The first symbol that the
//! table knows decides (主分类号 is the one that fits best), at the finest level that the table has.

use super::{Kind, Line, ReferenceTable};
use crate::domain::codes::Ipc;

/// Industries of one patent, at most; more are said at a coarser level.
const MOST: usize = 6;

/// A table of classes and industries, ready to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    version: String,
    /// Tells one table from another.
    mark: String,
    /// Class and industry, in order.
    pairs: Vec<(Box<str>, Box<str>)>,
}

/// Industries that were derived, and by which version of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    pub industries: Vec<String>,
    pub version: String,
}

impl Default for Relation {
    fn default() -> Self {
        let table = ReferenceTable::built_in(Kind::IpcIndustries);
        Self::of(&table, Kind::IpcIndustries.built_in_lines())
    }
}

impl Relation {
    pub fn of(table: &ReferenceTable, lines: impl IntoIterator<Item = Line>) -> Self {
        let pair = |line| match line {
            Line::Industry { ipc, industry } => Some((ipc.into(), industry.into())),
            Line::Name(_) | Line::Fee(_) => None,
        };
        let mut pairs: Vec<(Box<str>, Box<str>)> = lines.into_iter().filter_map(pair).collect();
        pairs.sort_unstable();
        Self {
            version: table.version.clone(),
            mark: table.document_hash(),
            pairs,
        }
    }

    /// Changes whenever the table does.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// The industries of a patent with these symbols; none where the table knows none of them.
    pub fn derive(&self, ipc: &[Ipc]) -> Derived {
        let found = ipc.iter().find_map(|symbol| {
            let levels = symbol.levels().into_iter().rev();
            levels
                .map(|level| self.of_class(level))
                .find(|found| !found.is_empty())
        });
        let industries = found.map(few).unwrap_or_default();
        let version = if industries.is_empty() {
            ""
        } else {
            &self.version
        };
        Derived {
            industries,
            version: version.to_owned(),
        }
    }

    fn of_class(&self, class: &str) -> Vec<&str> {
        let from = self.pairs.partition_point(|(ipc, _)| &**ipc < class);
        let of = self.pairs[from..]
            .iter()
            .take_while(|(ipc, _)| &**ipc == class);
        of.map(|(_, industry)| &**industry).collect()
    }
}

/// The codes, or the fewer levels above them.
fn few(codes: Vec<&str>) -> Vec<String> {
    let mut codes = codes;
    for most_chars in [5, 4, 3, 1] {
        for code in &mut codes {
            *code = code.get(..most_chars).unwrap_or(code);
        }
        codes.dedup();
        if codes.len() <= MOST {
            break;
        }
    }
    codes.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(texts: &[&str]) -> Vec<Ipc> {
        texts
            .iter()
            .map(|t| Ipc::parse(t).expect("a symbol"))
            .collect()
    }

    #[test]
    fn the_finest_level_of_the_first_known_symbol_decides() {
        let seed = Relation::default();
        let industries = |texts: &[&str]| seed.derive(&symbols(texts)).industries;
        assert_eq!(industries(&["A01K61/60", "H01M50/533"]), ["A04"]);
        assert_eq!(industries(&["A01K5/00"]), ["A03", "A04"]);
        assert_eq!(industries(&["A99Z1/00", "H01M50/533"]), ["C38"]);
        assert_eq!(seed.derive(&symbols(&["A99Z1/00"])), Derived::default());
        assert_eq!(seed.derive(&[]), Derived::default());
    }

    #[test]
    fn many_industries_are_said_at_a_coarser_level_and_none_is_dropped() {
        let table = ReferenceTable::built_in(Kind::IpcIndustries);
        let line = |n: usize| Line::Industry {
            ipc: "H01M".into(),
            industry: format!("C38{}{}", n / 10, n % 10),
        };
        let relation = Relation::of(&table, (10..40).map(line));
        let derived = relation.derive(&symbols(&["H01M50/533"]));
        assert_eq!(derived.industries, ["C381", "C382", "C383"]);
        assert_eq!(derived.version, table.version);
    }
}
