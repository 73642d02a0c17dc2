//! The file of rejects: what a person gets back to mend the rows that were refused.

use crate::domain::{intake::Reject, text::Lang};

/// The byte order mark, so that Excel reads the file, and the header line.
pub fn rejects_header(lang: Lang) -> Vec<u8> {
    let names = match lang {
        Lang::Zh => ["行号", "列", "原因代码", "原因", "处理办法", "原值"],
        Lang::En => ["Row", "Column", "Code", "Reason", "What to do", "Value"],
    };
    let mut out = "\u{feff}".as_bytes().to_vec();
    out.extend(csv_line(&names));
    out
}

/// A line for each refused row. Cells that a spreadsheet would take for a formula get a leading apostrophe.
pub fn rejects_lines(rejects: impl Iterator<Item = Reject>, lang: Lang) -> Vec<u8> {
    rejects
        .flat_map(|reject| {
            let code = reject.code;
            csv_line(&[
                reject.row.to_string().as_str(),
                &guarded(&reject.column),
                code.as_str(),
                code.reason(lang),
                code.remedy(lang),
                &guarded(&reject.value),
            ])
        })
        .collect()
}

/// One line of CSV as Excel writes it.
pub fn csv_line(cells: &[&str]) -> Vec<u8> {
    let mut csv = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    csv.write_record(cells).expect("memory takes every record");
    csv.into_inner().expect("memory takes every record")
}

/// One line of CSV in which no cell is a formula.
pub fn guarded_line<T: AsRef<str>>(cells: &[T]) -> Vec<u8> {
    let cells: Vec<String> = cells.iter().map(|cell| guarded(cell.as_ref())).collect();
    csv_line(&cells.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A cell that a spreadsheet takes for text, whatever it begins with.
pub fn guarded(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if risky {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
