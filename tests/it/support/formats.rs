//! Small files of the formats that no library here writes: XLS (records in a compound file) and ODS, byte by byte.

use std::io::{Cursor, Write as _};

use zip::{ZipWriter, write::SimpleFileOptions};

/// One cell of an XLS.
#[derive(Clone, Debug)]
pub enum X {
    /// A shared text.
    S(&'static str),
    /// A text by itself.
    L(&'static str),
    N(f64),
    /// A whole number in 30 bits.
    Rk(i32),
    /// A formula with a text as its last value.
    F(&'static str),
    Skip,
}

/// A sheet: its name, its rows of cells from the first row, and what is merged (first row, last row, column; from 0).
#[derive(Clone, Debug, Default)]
pub struct XlsSheet {
    pub name: &'static str,
    pub rows: Vec<Vec<X>>,
    pub merges: Vec<(u16, u16, u16)>,
}

fn record(out: &mut Vec<u8>, id: u16, body: &[u8]) {
    out.extend(id.to_le_bytes());
    out.extend(
        u16::try_from(body.len())
            .expect("a short record")
            .to_le_bytes(),
    );
    out.extend(body);
}

fn bof(out: &mut Vec<u8>, kind: u16) {
    let mut body = 0x0600_u16.to_le_bytes().to_vec();
    body.extend(kind.to_le_bytes());
    body.extend([0; 12]);
    record(out, 0x0809, &body);
}

/// A text with its length in two bytes, in UTF-16.
fn text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = u16::try_from(units.len())
        .expect("a short text")
        .to_le_bytes()
        .to_vec();
    out.push(1);
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    out
}

/// The shared texts, cut into CONTINUE records within the texts themselves, as Excel does at 8,224 bytes.
fn shared(texts: &[&str], piece: usize) -> Vec<u8> {
    let count = u32::try_from(texts.len()).expect("few").to_le_bytes();
    let mut body = [count, count].concat();
    let (mut out, mut id) = (Vec::new(), 0x00fc);
    for one in texts {
        let whole = text(one);
        if body.len() + 3 > piece {
            record(&mut out, id, &body);
            (body, id) = (Vec::new(), 0x003c);
        }
        body.extend(&whole[..3]);
        for unit in whole[3..].chunks(2) {
            if body.len() + 2 > piece {
                record(&mut out, id, &body);
                (body, id) = (vec![1], 0x003c);
            }
            body.extend(unit);
        }
    }
    record(&mut out, id, &body);
    out
}

/// The stream of records of a workbook.
pub fn xls_stream(sheets: &[XlsSheet], piece: usize) -> Vec<u8> {
    let mut texts: Vec<&str> = Vec::new();
    let mut bodies = Vec::new();
    for sheet in sheets {
        let mut out = Vec::new();
        bof(&mut out, 0x0010);
        for (row, cells) in sheet.rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let mut body = u16::try_from(row).expect("few").to_le_bytes().to_vec();
                body.extend(u16::try_from(column).expect("few").to_le_bytes());
                body.extend([0; 2]);
                let id = match cell {
                    X::Skip => continue,
                    X::S(one) => {
                        let at = texts.iter().position(|known| known == one);
                        let at = at.unwrap_or_else(|| {
                            texts.push(one);
                            texts.len() - 1
                        });
                        body.extend(u32::try_from(at).expect("few").to_le_bytes());
                        0x00fd
                    }
                    X::L(one) => {
                        body.extend(text(one));
                        0x0204
                    }
                    X::N(number) => {
                        body.extend(number.to_le_bytes());
                        0x0203
                    }
                    X::Rk(number) => {
                        body.extend(((number << 2) | 2).to_le_bytes());
                        0x027e
                    }
                    X::F(_) => {
                        body.extend([0, 0, 0, 0, 0, 0, 0xff, 0xff]);
                        body.extend([0; 8]);
                        0x0006
                    }
                };
                record(&mut out, id, &body);
                if let X::F(one) = cell {
                    record(&mut out, 0x0207, &text(one));
                }
            }
        }
        if !sheet.merges.is_empty() {
            let mut body = u16::try_from(sheet.merges.len())
                .expect("few")
                .to_le_bytes()
                .to_vec();
            for (first, last, column) in &sheet.merges {
                body.extend(
                    [*first, *last, *column, *column]
                        .iter()
                        .flat_map(|n| n.to_le_bytes()),
                );
            }
            record(&mut out, 0x00e5, &body);
        }
        record(&mut out, 0x000a, &[]);
        bodies.push(out);
    }
    let shared = shared(&texts, piece);
    let bounds: Vec<Vec<u8>> = sheets
        .iter()
        .map(|sheet| text(sheet.name)[2..].to_vec())
        .collect();
    let heads = 20 + bounds.iter().map(|name| 4 + 7 + name.len()).sum::<usize>() + shared.len() + 4;
    let mut out = Vec::new();
    bof(&mut out, 0x0005);
    let mut at = heads;
    for ((sheet, name), body) in sheets.iter().zip(&bounds).zip(&bodies) {
        let mut bound = u32::try_from(at).expect("small").to_le_bytes().to_vec();
        let length = sheet.name.encode_utf16().count();
        bound.extend([0, 0, u8::try_from(length).expect("a short name")]);
        bound.extend(name);
        record(&mut out, 0x0085, &bound);
        at += body.len();
    }
    out.extend(shared);
    record(&mut out, 0x000a, &[]);
    assert_eq!(out.len(), heads, "the sheets stand where they are said to");
    out.extend(bodies.concat());
    out
}

/// A compound file with one stream in sectors of 512 bytes.
pub fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    const FREE: u32 = 0xffff_ffff;
    const END: u32 = 0xffff_fffe;
    let mut stream = stream.to_vec();
    stream.resize(stream.len().max(4096), 0);
    let length = u32::try_from(stream.len()).expect("small");
    stream.resize(stream.len().div_ceil(512) * 512, 0);
    let sectors = stream.len() / 512;
    // Sectors: the tables, then the directory, then the stream.
    let mut tables = 1;
    while tables * 128 < tables + 1 + sectors {
        tables += 1;
    }
    assert!(tables <= 109, "the header names every table");
    let number = |n: usize| u32::try_from(n).expect("small");
    let mut next = vec![0xffff_fffd_u32; tables];
    next.push(END);
    let first = tables + 1;
    next.extend((1..sectors).map(|n| number(first + n)));
    next.push(END);
    next.resize(tables * 128, FREE);
    let mut out = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    out.resize(24, 0);
    for word in [0x3e_u16, 3, 0xfffe, 9, 6] {
        out.extend(word.to_le_bytes());
    }
    out.resize(44, 0);
    for word in [number(tables), number(tables), 0, 4096, END, 0, END, 0] {
        out.extend(word.to_le_bytes());
    }
    out.extend((0..109).flat_map(|n| if n < tables { number(n) } else { FREE }.to_le_bytes()));
    out.extend(next.iter().flat_map(|n| n.to_le_bytes()));
    for (name, kind, start, length) in [("Root Entry", 5, END, 0), (name, 2, number(first), length)]
    {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let bytes = u16::try_from(entry.len() + 2).expect("a short name");
        entry.resize(64, 0);
        entry.extend(bytes.to_le_bytes());
        entry.push(kind);
        entry.resize(116, 0);
        entry.extend(start.to_le_bytes());
        entry.extend(length.to_le_bytes());
        entry.resize(128, 0);
        out.extend(entry);
    }
    out.resize(out.len() + 256, 0);
    out.extend(stream);
    out
}

pub fn xls(sheets: &[XlsSheet]) -> Vec<u8> {
    compound("Workbook", &xls_stream(sheets, 8224))
}

/// Members of an archive by name.
pub fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a member");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

/// A document of these tables (raw XML inside of `office:spreadsheet`).
pub fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    zipped(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("content.xml", content.as_bytes()),
    ])
}

/// A row of texts of an ODS.
pub fn ods_row(cells: &[&str]) -> String {
    let cells = cells.iter().map(|text| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    });
    format!(
        "<table:table-row>{}</table:table-row>",
        cells.collect::<String>()
    )
}
