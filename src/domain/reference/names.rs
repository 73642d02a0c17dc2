//! What codes are called: the tables that stand, in memory, asked by everything that shows a code.

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::{Entry, Kind, Line, ReferenceTable, Relation};
use crate::domain::{
    codes::{Ipc, industry},
    need::Need,
    search::{Bucket, Facet, FacetField, Hit},
};

/// The names of one kind, in order of their codes.
#[derive(Clone, Debug, Default)]
struct Titles(Vec<Entry>);

impl Titles {
    fn of(lines: Vec<Line>) -> Self {
        let entry = |line| match line {
            Line::Name(entry) => Some(entry),
            Line::Industry { .. } | Line::Fee(_) => None,
        };
        let mut entries: Vec<Entry> = lines.into_iter().filter_map(entry).collect();
        entries.sort_unstable();
        Self(entries)
    }

    fn find(&self, code: &str) -> Option<&Entry> {
        let at = self
            .0
            .binary_search_by(|entry| entry.code.as_str().cmp(code));
        at.ok().map(|at| &self.0[at])
    }
}

/// What the codes of a need are called, beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NeedNames {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_name: Option<String>,
    /// In the order of the classes, each by the finest level that has a title.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipc_titles: Vec<String>,
}

/// Every table that names something.
#[derive(Clone, Debug)]
pub struct Names {
    ipc: Titles,
    industries: Titles,
    regions: Titles,
    strategic: Titles,
    relation: Arc<Relation>,
}

static BUILT_IN: LazyLock<Arc<Names>> = LazyLock::new(|| {
    let titles = |kind: Kind| Titles::of(kind.built_in_lines());
    Arc::new(Names {
        ipc: titles(Kind::Ipc),
        industries: titles(Kind::Industries),
        regions: titles(Kind::Regions),
        strategic: titles(Kind::Strategic),
        relation: Arc::default(),
    })
});

impl Names {
    /// With which an installation begins.
    pub fn built_in() -> Arc<Self> {
        BUILT_IN.clone()
    }

    /// These with one table replaced.
    #[must_use]
    pub fn with(mut self, table: &ReferenceTable, lines: Vec<Line>) -> Self {
        match table.kind {
            Kind::Ipc => self.ipc = Titles::of(lines),
            Kind::Industries => self.industries = Titles::of(lines),
            Kind::Regions => self.regions = Titles::of(lines),
            Kind::Strategic => self.strategic = Titles::of(lines),
            Kind::IpcIndustries => self.relation = Arc::new(Relation::of(table, lines)),
            // Fees are looked up one by one, in the store.
            Kind::IndustryFees => {}
        }
        self
    }

    /// By which industries are derived.
    pub fn relation(&self) -> &Relation {
        &self.relation
    }

    /// The title of exactly this level: `H`, `H01`, `H01M`, `H01M50`, `H01M50/533`.
    pub fn class(&self, level: &str) -> Option<&Entry> {
        let group = level.strip_suffix("/00").unwrap_or(level);
        self.ipc.find(group)
    }

    /// The title of a symbol, or of the nearest level above it that has one.
    pub fn ipc(&self, symbol: &Ipc) -> Option<&Entry> {
        symbol
            .levels()
            .into_iter()
            .rev()
            .find_map(|level| self.class(level))
    }

    /// The name of an industry, or of the nearest level above it that has one.
    pub fn industry(&self, code: &str) -> Option<&Entry> {
        let levels = industry::levels(code).into_iter().rev();
        levels
            .into_iter()
            .find_map(|level| self.industries.find(level))
    }

    /// The name of a division of 2, 4, 6 or 9 digits.
    pub fn region(&self, code: &str) -> Option<&Entry> {
        self.regions.find(&format!("{code:0<6}"))
    }

    /// The name of a strategic industry, or of the nearest level above it that has one.
    pub fn strategic(&self, code: &str) -> Option<&Entry> {
        let mut level = code;
        loop {
            if let Some(found) = self.strategic.find(level) {
                return Some(found);
            }
            level = level.rsplit_once('.')?.0;
        }
    }

    /// Sections and divisions, to choose one from.
    pub fn divisions(&self) -> impl Iterator<Item = &Entry> {
        self.industries
            .0
            .iter()
            .filter(|entry| entry.code.len() <= 3)
    }

    /// Puts names beside the codes of a hit.
    pub fn name_hit(&self, hit: &mut Hit) {
        hit.ipc_titles = self.titles(&hit.ipc);
        hit.industry_names = self.industry_names(&hit.industries);
    }

    /// The titles of these symbols, in their order; empty text where there is none.
    pub fn titles(&self, ipc: &[Ipc]) -> Vec<String> {
        let title = |symbol| self.ipc(symbol).map(|e| e.zh.clone()).unwrap_or_default();
        ipc.iter().map(title).collect()
    }

    /// These industries with their names, or those of the level above.
    pub fn called(&self, codes: &[String]) -> Vec<Entry> {
        let entry = |code: &String| {
            let found = self.industry(code);
            Entry {
                code: code.clone(),
                zh: found.map(|e| e.zh.clone()).unwrap_or_default(),
                en: found.map(|e| e.en.clone()).unwrap_or_default(),
            }
        };
        codes.iter().map(entry).collect()
    }

    /// The names of these industries, in their order; empty text where there is none.
    pub fn industry_names(&self, codes: &[String]) -> Vec<String> {
        let name = |code: &String| {
            self.industry(code)
                .map(|e| e.zh.clone())
                .unwrap_or_default()
        };
        codes.iter().map(name).collect()
    }

    /// What the codes of a need are called.
    pub fn of_need(&self, need: &Need) -> NeedNames {
        let industry = need
            .industry
            .as_deref()
            .and_then(|code| self.industry(code));
        NeedNames {
            industry_name: industry.map(|entry| entry.zh.clone()),
            region_name: self.region(&need.region).map(|entry| entry.zh.clone()),
            ipc_titles: self.titles(&need.ipc),
        }
    }

    /// Labels the values of a facet that are codes of these tables.
    pub fn name_facet(&self, facet: &mut Facet) {
        let field = facet.field;
        for Bucket { value, label, .. } in &mut facet.buckets {
            if let Some(entry) = self.of_facet(field, value) {
                label.clone_from(&entry.zh);
            }
        }
    }

    /// The entry of a facet's value.
    pub fn of_facet(&self, field: FacetField, value: &str) -> Option<&Entry> {
        match field {
            FacetField::IpcSection => self.class(value),
            // The subclass itself or, where the table ends above it, its class.
            FacetField::IpcSubclass => self.class(value).or_else(|| self.class(value.get(..3)?)),
            FacetField::Industry => self.industry(value),
            FacetField::Region => self.region(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_a_name_is_called_by_the_level_above_it() {
        let names = Names::built_in();
        let symbol = Ipc::parse("H01M50/533").expect("a symbol");
        assert_eq!(names.ipc(&symbol).map(|e| e.code.as_str()), Some("H01"));
        assert_eq!(
            names.industry("C3511").map(|e| e.code.as_str()),
            Some("C35")
        );
        assert_eq!(names.region("37").map(|e| e.zh.as_str()), Some("山东省"));
        assert_eq!(
            names.region("371002001").map(|e| e.zh.as_str()),
            Some("环翠楼街道")
        );
        assert_eq!(names.strategic("9.1.2").map(|e| e.code.as_str()), Some("9"));
        assert!(names.region("999999").is_none() && names.industry("Z").is_none());
    }

    #[test]
    fn a_loaded_table_takes_the_place_of_the_built_in_one_as_a_whole() {
        let table = ReferenceTable {
            version: "2".into(),
            ..ReferenceTable::built_in(Kind::Ipc)
        };
        let line = Line::Name(Entry::new("H01M50", "电池壳体", ""));
        let names = Names::clone(&Names::built_in()).with(&table, vec![line]);
        let symbol = |text| Ipc::parse(text).expect("a symbol");
        assert_eq!(
            names.ipc(&symbol("H01M50/00")).map(|e| e.zh.as_str()),
            Some("电池壳体")
        );
        assert!(names.ipc(&symbol("A01K61/60")).is_none() && names.class("H01").is_none());
    }
}
