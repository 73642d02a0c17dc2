//! Layouts: which columns a sheet of stock has, under which titles, in which order and format. A TOML file that the operator
//! changes or adds; the built-in ones are neutral defaults of ours, because no official layout was at hand.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

/// What a column shows of a stock patent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// 1, 2, 3 …
    Ordinal,
    Number,
    Title,
    Kind,
    Patentees,
    FirstPatentee,
    Applicants,
    Inventors,
    FirstInventor,
    FilingDate,
    PublicationNumber,
    PublicationDate,
    GrantNumber,
    GrantDate,
    MainIpc,
    Ipc,
    Locarno,
    Industries,
    Abstract,
    LegalStatus,
    /// The source's own words.
    StatusText,
    StatusAsOf,
    ExpiresOn,
    Conversion,
    Unit,
    Ownership,
    Published,
    OfferState,
    /// The answers of the stock record, in the words of the office's dictionaries.
    Funding,
    Project,
    Ways,
    Maturity,
    Grade,
    Scenario,
    /// In yuan.
    Price,
    Contact,
    Telephone,
    Holder,
    HolderUscc,
    District,
    /// The same words in every row: `value`.
    Constant,
    /// For somebody to fill in.
    Blank,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Style {
    /// Numbers as `ZL201910699568.X`, days as `2019-07-30`.
    #[default]
    Usual,
    /// Numbers as `201910699568.X`.
    Dotted,
    /// Numbers as `201910699568X`, days as `20190730`.
    Plain,
    /// Days as `2019.07.30`.
    Points,
    /// Days as `2019年7月30日`.
    Chinese,
}

/// A column of a layout.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutColumn {
    pub title: String,
    pub field: Source,
    #[serde(default)]
    pub format: Style,
    /// Between the items of a list.
    #[serde(default = "semicolon")]
    pub separator: String,
    /// Of a constant.
    #[serde(default)]
    pub value: String,
}

fn semicolon() -> String {
    "；".to_owned()
}

/// A sheet's layout.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    pub title: String,
    pub title_en: String,
    /// The name of the sheet.
    pub sheet: String,
    /// Is it only ours, not the recipient's own layout?
    #[serde(default)]
    pub neutral: bool,
    /// Is it a platform's sheet? What goes out in it is noted for each patent.
    #[serde(default)]
    pub platform: bool,
    #[serde(rename = "column")]
    pub columns: Vec<LayoutColumn>,
}

/// The layouts by name.
#[derive(Clone, Debug)]
pub struct Layouts(BTreeMap<String, Layout>);

/// Columns of a layout.
const COLUMNS: usize = 200;

const BUILT_IN: [(&str, &str); 3] = [
    ("stock", include_str!("layouts/stock.toml")),
    ("inventory", include_str!("layouts/inventory.toml")),
    ("shandong", include_str!("layouts/shandong.toml")),
];

impl Default for Layouts {
    fn default() -> Self {
        let read = |(name, text): (&str, &str)| {
            let layout = parse(text).expect("the built-in layouts are read by a test");
            (name.to_owned(), layout)
        };
        Self(BUILT_IN.into_iter().map(read).collect())
    }
}

impl Layouts {
    /// The built-in layouts, and those of a folder's `NAME.toml` beside or in place of them. No folder is no fault.
    pub fn load(folder: &Path) -> Result<Self, String> {
        let mut layouts = Self::default();
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Ok(layouts);
        };
        for entry in entries {
            let path = entry.map_err(|e| e.to_string())?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str());
            let is_layout = path.extension().is_some_and(|kind| kind == "toml");
            let Some(name) = name.filter(|_| is_layout) else {
                continue;
            };
            let said = |problem: String| format!("layout {}: {problem}", path.display());
            let text = std::fs::read_to_string(&path).map_err(|e| said(e.to_string()))?;
            let layout = parse(&text).map_err(said)?;
            layouts.0.insert(name.to_owned(), layout);
        }
        Ok(layouts)
    }

    pub fn find(&self, name: &str) -> Option<&Layout> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Layout)> {
        self.0.iter().map(|(name, layout)| (name.as_str(), layout))
    }
}

fn parse(text: &str) -> Result<Layout, String> {
    let layout: Layout = toml::from_str(text).map_err(|e| e.to_string())?;
    if layout.columns.is_empty() || layout.columns.len() > COLUMNS {
        return Err(format!("a layout has 1 to {COLUMNS} columns"));
    }
    // A line of JSON has each name once.
    let mut titles: Vec<&str> = layout.columns.iter().map(|c| c.title.as_str()).collect();
    titles.sort_unstable();
    match titles.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("two columns are called {}", pair[0])),
        None => Ok(layout),
    }
}
