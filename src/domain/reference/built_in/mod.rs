//! The tables with which an installation begins, written by us in our own words: sections and classes, not the whole of any
//! official table, and a hand-made seed from classes of the IPC to divisions of industry that no authority has issued.

use super::{Entry, Kind, Line};
use crate::domain::codes::{industry, region};

/// Titles of sections and classes in a few words of ours: `CODE|Chinese|English`.
const IPC: &str = include_str!("ipc.txt");
/// From a class or subclass to divisions: `CODE|DIVISION DIVISION`.
const IPC_INDUSTRIES: &str = include_str!("ipc_industries.txt");

/// 战略性新兴产业分类(2018): its nine fields.
const STRATEGIC: [(&str, &str, &str); 9] = [
    (
        "1",
        "新一代信息技术产业",
        "Next-generation information technology",
    ),
    ("2", "高端装备制造产业", "High-end equipment"),
    ("3", "新材料产业", "New materials"),
    ("4", "生物产业", "Biotechnology"),
    ("5", "新能源汽车产业", "New-energy vehicles"),
    ("6", "新能源产业", "New energy"),
    ("7", "节能环保产业", "Energy saving and environment"),
    ("8", "数字创意产业", "Digital creation"),
    ("9", "相关服务业", "Related services"),
];

/// The version of every table of ours.
pub const VERSION: &str = "kaixu-1";

/// Where a table of ours comes from, for people.
pub const fn source(kind: Kind) -> &'static str {
    match kind {
        Kind::IpcIndustries => "非官方：本平台自编的大类、小类与行业大类对照，仅供参考",
        Kind::Ipc => "本平台自编的部和大类简称，非官方标题",
        Kind::Industries => "GB/T 4754-2017 门类和大类",
        Kind::Regions => "GB/T 2260 省级与威海市，另含统计用区划",
        Kind::Strategic => "战略性新兴产业分类（2018）九大领域",
        Kind::IndustryFees => "尚未装载",
    }
}

/// The lines of a table of ours, in order of their codes.
pub fn lines(kind: Kind) -> Vec<Line> {
    let named = |table: &[(&str, &str, &str)]| -> Vec<Line> {
        let line = |(code, zh, en): &(&str, &str, &str)| Line::Name(Entry::new(code, zh, en));
        table.iter().map(line).collect()
    };
    let mut lines = match kind {
        Kind::Ipc => {
            let fields = |line: &str| {
                let mut fields = line.split('|');
                let mut next = || fields.next().unwrap_or_default().to_owned();
                Line::Name(Entry {
                    code: next(),
                    zh: next(),
                    en: next(),
                })
            };
            IPC.lines().map(fields).collect()
        }
        Kind::Industries => named(&industry::NAMES),
        Kind::Regions => [named(&region::NAMES), named(&region::STREETS)].concat(),
        Kind::IpcIndustries => IPC_INDUSTRIES
            .lines()
            .filter_map(|line| line.split_once('|'))
            .flat_map(|(ipc, industries)| {
                industries.split(' ').map(|industry| Line::Industry {
                    ipc: ipc.to_owned(),
                    industry: industry.to_owned(),
                })
            })
            .collect(),
        Kind::Strategic => named(&STRATEGIC),
        Kind::IndustryFees => Vec::new(),
    };
    lines.sort_by(|a, b| a.key().cmp(&b.key()));
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::codes::Ipc;

    #[test]
    fn every_line_of_ours_is_one_that_could_be_loaded() {
        for kind in Kind::ALL {
            let lines = lines(kind);
            let keys: BTreeSet<_> = lines.iter().map(Line::key).collect();
            assert_eq!(keys.len(), lines.len(), "{kind:?}");
            for line in &lines {
                match line {
                    Line::Name(entry) => {
                        assert_eq!(kind.code_of(&entry.code).as_ref(), Some(&entry.code));
                        assert!(entry.is_sound() && !entry.en.is_empty(), "{entry:?}");
                    }
                    Line::Industry { ipc, industry } => {
                        assert_eq!(Ipc::prefix(ipc).as_ref(), Ok(ipc));
                        assert_eq!(industry::parse(industry).as_ref(), Some(industry));
                        let known = industry::NAMES.iter().any(|(code, ..)| code == industry);
                        assert!(known, "{industry}");
                    }
                    Line::Fee(_) => panic!("there are no fees of ours"),
                }
            }
        }
    }
}
