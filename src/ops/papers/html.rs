//! A paper as HTML: one text for the page, the API and the pack. Headings in their order, a table head for every field, the
//! language of whatever is not the reader's, lines to write on, and nothing that moves. The standalone form carries its own
//! style for A4 and asks for nothing from anywhere.

use std::fmt::Write as _;

use crate::domain::{
    paper::{Cell, Paper, Part},
    text::{Lang, Text},
};

/// The style of a paper by itself.
const STYLE: &str = "\
@page{size:A4;margin:18mm 16mm}\
body{max-width:46rem;margin:1.5rem auto;padding:0 1rem;background:#fff;color:#111;font:16px/1.6 \
\"Noto Serif CJK SC\",\"Source Han Serif SC\",SimSun,serif}\
h1{font-size:1.5rem;text-align:center}h2{font-size:1.0625rem;margin:1.25rem 0 .25rem}\
table{width:100%;border-collapse:collapse}th,td{border:1px solid #555;padding:.25rem .5rem;text-align:left;\
vertical-align:top;overflow-wrap:anywhere}tbody th{width:11em;font-weight:400;background:#f3f3f3}\
tr,.sign{break-inside:avoid}h2{break-after:avoid}\
.blank{display:inline-block;width:10em;max-width:100%;height:1.2em;border-bottom:1px solid #333}\
td .blank,th .blank{display:block;width:auto}.sign{display:flex;flex-wrap:wrap;gap:.5rem;padding-top:1.5rem}.sign .blank{flex:1;width:auto;min-width:6em}\
.k{font-size:.875rem;color:#444;overflow-wrap:anywhere}\
@media print{body{max-width:none;margin:0;padding:0;font-size:10.5pt}}";

/// The paper's own part of a page, from its heading on.
pub fn fragment(paper: &Paper, lang: Lang) -> String {
    let mut out = Out {
        html: String::with_capacity(8 << 10),
        lang,
    };
    out.paper(paper);
    out.html
}

/// The paper as a document by itself.
pub fn document(paper: &Paper, lang: Lang) -> String {
    let title = escaped(paper.title.in_lang(lang));
    let tag = lang.tag();
    let body = fragment(paper, lang);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

struct Out {
    html: String,
    lang: Lang,
}

impl Out {
    fn add(&mut self, text: &str) {
        self.html.push_str(text);
    }

    fn text(&mut self, text: &Text) {
        let said = escaped(text.in_lang(self.lang));
        self.add(&said);
    }

    fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// A line to write on, which is told to whoever cannot see it.
    fn blank(&mut self) {
        let said = self.t("留白，手写", "blank, to be written by hand");
        let _ = write!(
            self.html,
            "<span class=\"blank\" role=\"img\" aria-label=\"{said}\"></span>"
        );
    }

    fn cell(&mut self, cell: &Cell) {
        match cell {
            Cell::Said(text) => self.text(text),
            Cell::Record(text) if self.lang == Lang::Zh => self.add(&escaped(text)),
            Cell::Record(text) => {
                let said = escaped(text);
                let _ = write!(self.html, "<span lang=\"zh-CN\">{said}</span>");
            }
            Cell::Plain(text) => {
                let said = escaped(text);
                let _ = write!(self.html, "<span class=\"num\">{said}</span>");
            }
            Cell::Blank => self.blank(),
        }
    }

    fn paper(&mut self, paper: &Paper) {
        self.add("<h1>");
        self.text(&paper.title);
        self.add("</h1>\n");
        if paper.fictional {
            let said = self.t("演示数据 · 虚构", "Demo data · fictional");
            let _ = writeln!(self.html, "<p class=\"note\">{said}</p>");
        }
        if let Some(to) = &paper.to {
            self.add("<p>");
            self.add(self.t("致：", "To: "));
            self.text(to);
            self.add("</p>\n");
        }
        for part in &paper.parts {
            self.part(part);
        }
        let heading = self.t("签章", "Signatures");
        let _ = writeln!(self.html, "<h2>{heading}</h2>");
        for sign in &paper.signs {
            self.add("<p class=\"sign\">");
            self.text(sign);
            self.add(self.t("：", ": "));
            self.blank();
            self.add(self.t("日期：", "Date: "));
            self.blank();
            self.add("</p>\n");
        }
        self.foot(paper);
    }

    fn part(&mut self, part: &Part) {
        let (Part::Fields(heading, _) | Part::Table(heading, ..) | Part::Words(heading, _)) = part;
        self.add("<h2>");
        self.text(heading);
        self.add("</h2>\n");
        match part {
            Part::Fields(_, fields) => {
                self.add("<table class=\"list\"><tbody>\n");
                for (name, cell) in fields {
                    self.add("<tr><th scope=\"row\">");
                    self.text(name);
                    self.add("</th><td>");
                    self.cell(cell);
                    self.add("</td></tr>\n");
                }
                self.add("</tbody></table>\n");
            }
            Part::Table(_, columns, rows) => {
                self.add("<table class=\"list\"><thead><tr>");
                for column in columns {
                    self.add("<th scope=\"col\">");
                    self.text(column);
                    self.add("</th>");
                }
                self.add("</tr></thead><tbody>\n");
                for row in rows {
                    self.row(row);
                }
                self.add("</tbody></table>\n");
            }
            Part::Words(_, lines) => {
                for line in lines {
                    self.add("<p>");
                    self.cell(line);
                    self.add("</p>\n");
                }
            }
        }
    }

    fn row(&mut self, cells: &[Cell]) {
        self.add("<tr>");
        for (n, cell) in cells.iter().enumerate() {
            let (open, close) = if n == 0 {
                ("<th scope=\"row\">", "</th>")
            } else {
                ("<td>", "</td>")
            };
            self.add(open);
            self.cell(cell);
            self.add(close);
        }
        self.add("</tr>\n");
    }

    fn foot(&mut self, paper: &Paper) {
        let (record, version, day) = (escaped(&paper.record), paper.version, paper.printed_on);
        let said = match self.lang {
            Lang::Zh => format!(
                "本单由开许平台按记录生成，不是国家知识产权局的表格。记录 {record} 第 {version} 版 · 打印日 {day}"
            ),
            Lang::En => format!(
                "Made by this platform from its record; not a form of the patent office. Record {record}, version {version} · \
                 printed {day}"
            ),
        };
        let _ = writeln!(self.html, "<p class=\"k\">{said}</p>");
    }
}

/// A text in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
