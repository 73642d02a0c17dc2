//! A paper as PDF for A4 with its text as text: selectable and searchable, set in the operator's own font, since none comes with
//! the program. Built with the feature `pdf` alone.

use std::{path::Path, sync::Arc};

use krilla::{
    Document,
    geom::{PathBuilder, Point},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::Stroke,
    surface::Surface,
    text::{Font as Face, GlyphId, KrillaGlyph},
};
use skrifa::{
    FontRef, MetadataProvider as _,
    instance::{LocationRef, Size},
};

use crate::domain::{
    paper::{Cell, Paper, Part},
    text::{Lang, Text},
};

/// A4, points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 48.0;
const TEXT: f32 = 10.5;
const LEADING: f32 = 1.5;
/// Between a cell's border and what stands in it.
const PAD: f32 = 4.0;

/// The operator's font.
#[derive(Clone)]
pub struct Font {
    data: Arc<dyn AsRef<[u8]> + Send + Sync>,
    index: u32,
    face: Face,
}

impl Font {
    /// Reads it; says why it cannot.
    pub fn load(path: &Path, index: u32) -> Result<Self, String> {
        let data = std::fs::read(path);
        let data = data.map_err(|why| format!("paper_font {}: {why}", path.display()))?;
        let data: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(data);
        let none = || format!("paper_font {} has no face {index}", path.display());
        let face = Face::new(data.clone().into(), index).ok_or_else(none)?;
        Ok(Self { data, index, face })
    }
}

/// The paper as the bytes of a PDF.
pub fn pdf(paper: &Paper, lang: Lang, font: &Font) -> Result<Vec<u8>, String> {
    let broken = |e: &dyn std::fmt::Debug| format!("pdf: {e:?}");
    let face = &font.face;
    let font = FontRef::from_index((*font.data).as_ref(), font.index).map_err(|e| broken(&e))?;
    let mut flow = Flow::new(&font, lang);
    flow.paper(paper);
    let mut document = Document::new();
    let title = paper.title.in_lang(lang).to_owned();
    let language = lang.tag().to_owned();
    document.set_metadata(Metadata::new().title(title).language(language));
    for page in &flow.pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT);
        let settings = settings.ok_or_else(|| "pdf: page".to_owned())?;
        let mut open = document.start_page_with(settings);
        let mut surface = open.surface();
        page.draw(&mut surface, face);
        surface.finish();
        open.finish();
    }
    document.finish().map_err(|e| broken(&e))
}

/// A line of text at a place.
struct Line {
    x: f32,
    /// Of the baseline.
    y: f32,
    size: f32,
    text: String,
    glyphs: Vec<KrillaGlyph>,
}

#[derive(Default)]
struct Sheet {
    lines: Vec<Line>,
    /// From and to.
    rules: Vec<[f32; 4]>,
}

impl Sheet {
    fn draw(&self, surface: &mut Surface<'_>, face: &Face) {
        for line in &self.lines {
            let at = Point::from_xy(line.x, line.y);
            surface.draw_glyphs(at, &line.glyphs, face.clone(), &line.text, line.size, false);
        }
        surface.set_stroke(Some(Stroke {
            width: 0.5,
            opacity: NormalizedF32::ONE,
            ..Stroke::default()
        }));
        surface.set_fill(None);
        for [x0, y0, x1, y1] in &self.rules {
            let mut path = PathBuilder::new();
            path.move_to(*x0, *y0);
            path.line_to(*x1, *y1);
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

/// What stands in a place of a row.
enum Set {
    Lines(Vec<String>),
    /// A line to write on.
    Blank,
}

/// The pages as they fill from top to bottom.
struct Flow<'a> {
    font: &'a FontRef<'a>,
    lang: Lang,
    pages: Vec<Sheet>,
    /// Where the next line begins, from the top.
    y: f32,
}

impl<'a> Flow<'a> {
    fn new(font: &'a FontRef<'a>, lang: Lang) -> Self {
        Self {
            font,
            lang,
            pages: vec![Sheet::default()],
            y: MARGIN,
        }
    }

    fn t<'b>(&self, zh: &'b str, en: &'b str) -> &'b str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn page(&mut self) -> &mut Sheet {
        if self.pages.is_empty() {
            self.pages.push(Sheet::default());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// A new page where this much does not fit any more.
    fn room(&mut self, height: f32) {
        if self.y + height > HEIGHT - MARGIN && self.y > MARGIN {
            self.pages.push(Sheet::default());
            self.y = MARGIN;
        }
    }

    /// The glyph of a character and its advance in parts of the em.
    fn glyph(&self, c: char) -> (GlyphId, f32) {
        let id = self.font.charmap().map(c).unwrap_or_default();
        let metrics = self
            .font
            .glyph_metrics(Size::new(1.0), LocationRef::default());
        (
            GlyphId::new(id.to_u32()),
            metrics.advance_width(id).unwrap_or(1.0),
        )
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.glyph(c).1).sum::<f32>() * size
    }

    /// Breaks a text where the width ends: between any two characters that are no Latin word, else between words.
    fn broken(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0.0);
        let mut word_from = 0;
        for c in text.chars() {
            let advance = self.glyph(c).1 * size;
            if used + advance > width && !line.is_empty() {
                let at = if c.is_ascii_graphic() && word_from > 0 {
                    word_from
                } else {
                    line.len()
                };
                let rest = line.split_off(at);
                lines.push(line.trim_end().to_owned());
                line = rest;
                used = self.width(&line, size);
                word_from = 0;
            }
            line.push(c);
            used += advance;
            if !c.is_ascii_graphic() {
                word_from = line.len();
            }
        }
        lines.push(line);
        lines
    }

    fn line(&mut self, text: &str, x: f32, y: f32, size: f32) {
        let mut glyphs = Vec::new();
        for (at, c) in text.char_indices() {
            let (id, advance) = self.glyph(c);
            glyphs.push(KrillaGlyph::new(
                id,
                advance,
                0.0,
                0.0,
                0.0,
                at..at + c.len_utf8(),
                None,
            ));
        }
        let line = Line {
            x,
            y: y + size,
            size,
            text: text.to_owned(),
            glyphs,
        };
        self.page().lines.push(line);
    }

    fn paragraph(&mut self, text: &str, size: f32) {
        for line in self.broken(text, WIDTH - 2.0 * MARGIN, size) {
            self.room(size * LEADING);
            let y = self.y;
            self.line(&line, MARGIN, y, size);
            self.y += size * LEADING;
        }
    }

    /// What a cell says; `None` where it is to be written by hand.
    fn said<'b>(&self, cell: &'b Cell) -> Option<&'b str> {
        match cell {
            Cell::Said(text) => Some(text.in_lang(self.lang)),
            Cell::Record(text) | Cell::Plain(text) => Some(text),
            Cell::Blank => None,
        }
    }

    fn set(&self, cell: &Cell, width: f32) -> Set {
        let Some(text) = self.said(cell) else {
            return Set::Blank;
        };
        let lines = text.lines();
        Set::Lines(
            lines
                .flat_map(|line| self.broken(line, width, TEXT))
                .collect(),
        )
    }

    /// A row of a table; its border is drawn around each cell.
    fn row(&mut self, cells: &[(Set, f32)]) {
        let lines = cells.iter().map(|(set, _)| match set {
            Set::Lines(lines) => lines.len().max(1),
            Set::Blank => 1,
        });
        let tallest = lines.max().unwrap_or(1);
        #[expect(clippy::cast_precision_loss, reason = "a page has few lines")]
        let height = tallest as f32 * TEXT * LEADING + PAD;
        self.room(height);
        let (top, mut x) = (self.y, MARGIN);
        for (set, width) in cells {
            if let Set::Lines(lines) = set {
                let mut y = top + PAD / 2.0;
                for line in lines {
                    self.line(line, x + PAD, y, TEXT);
                    y += TEXT * LEADING;
                }
            }
            let (right, bottom) = (x + width, top + height);
            self.page().rules.extend([
                [x, top, right, top],
                [x, bottom, right, bottom],
                [x, top, x, bottom],
                [right, top, right, bottom],
            ]);
            x = right;
        }
        self.y += height;
    }

    fn heading(&mut self, text: &Text) {
        self.room(TEXT * LEADING * 4.0);
        self.y += 6.0;
        let said = text.in_lang(self.lang).to_owned();
        self.paragraph(&said, 12.0);
    }

    fn paper(&mut self, paper: &Paper) {
        let title = paper.title.in_lang(self.lang).to_owned();
        let x = (WIDTH - self.width(&title, 17.0)) / 2.0;
        let y = self.y;
        self.line(&title, x.max(MARGIN), y, 17.0);
        self.y += 17.0 * LEADING + 4.0;
        if paper.fictional {
            let said = self.t("演示数据 · 虚构", "Demo data · fictional");
            self.paragraph(said, TEXT);
        }
        if let Some(to) = &paper.to {
            let said = format!("{}{}", self.t("致：", "To: "), to.in_lang(self.lang));
            self.paragraph(&said, TEXT);
        }
        for part in &paper.parts {
            self.part(part);
        }
        self.signs(paper);
        let foot = match self.lang {
            Lang::Zh => format!(
                "本单由开许平台按记录生成，不是国家知识产权局的表格。记录 {} 第 {} 版 · 打印日 {}",
                paper.record, paper.version, paper.printed_on
            ),
            Lang::En => format!(
                "Made by this platform from its record; not a form of the patent office. Record {}, version {} · printed {}",
                paper.record, paper.version, paper.printed_on
            ),
        };
        self.y += 10.0;
        self.paragraph(&foot, 8.5);
    }

    fn part(&mut self, part: &Part) {
        let full = WIDTH - 2.0 * MARGIN;
        match part {
            Part::Fields(heading, fields) => {
                self.heading(heading);
                for (name, cell) in fields {
                    let (first, second) = (full * 0.28, full * 0.72);
                    let name = self.set(&Cell::Said(name.clone()), first - 2.0 * PAD);
                    let said = self.set(cell, second - 2.0 * PAD);
                    self.row(&[(name, first), (said, second)]);
                }
            }
            Part::Table(heading, columns, rows) => {
                self.heading(heading);
                #[expect(clippy::cast_precision_loss, reason = "a table has few columns")]
                let width = full / columns.len().max(1) as f32;
                let head = columns
                    .iter()
                    .map(|name| Cell::Said(name.clone()))
                    .collect();
                for row in std::iter::once(&head).chain(rows) {
                    let row: &Vec<Cell> = row;
                    let cells = row
                        .iter()
                        .map(|cell| (self.set(cell, width - 2.0 * PAD), width));
                    let cells: Vec<(Set, f32)> = cells.collect();
                    self.row(&cells);
                }
            }
            Part::Words(heading, lines) => {
                self.heading(heading);
                for line in lines {
                    if let Some(said) = self.said(line) {
                        self.paragraph(said, TEXT);
                    }
                }
            }
        }
    }

    /// A line to sign on and one for the day.
    fn signs(&mut self, paper: &Paper) {
        self.heading(&Text::new("签章", "Signatures"));
        for sign in &paper.signs {
            self.room(TEXT * LEADING * 4.0);
            self.y += TEXT * LEADING;
            let said = format!("{}{}", sign.in_lang(self.lang), self.t("：", ": "));
            let day = self.t("日期：", "Date: ").to_owned();
            let (mut from, to) = (MARGIN + self.width(&said, TEXT), WIDTH - MARGIN - 150.0);
            if from + 60.0 > to {
                // Too long a name to sign beside it.
                self.paragraph(&said, TEXT);
                from = MARGIN;
            } else {
                let y = self.y;
                self.line(&said, MARGIN, y, TEXT);
            }
            let y = self.y;
            let base = y + TEXT * 1.2;
            self.line(&day, to + 8.0, y, TEXT);
            let after = to + 8.0 + self.width(&day, TEXT);
            let page = self.page();
            page.rules.push([from, base, to, base]);
            page.rules.push([after, base, WIDTH - MARGIN, base]);
            self.y += TEXT * LEADING;
        }
    }
}
