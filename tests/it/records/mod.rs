//! Records of what happened elsewhere: lists by API and command line, and the form. A fictional district with twelve
//! announced declarations of every fee kind and sixty licences taken under them.

mod amounts;
mod command;
mod events;
mod form;
mod lists;
mod rejects;

use std::fmt::Write as _;

use axum::http::Method;
use kaixu::domain::{access::Role, party::Organisation, time::Day};
use serde_json::Value;

use crate::{
    imports::import,
    support::{World, http::Answer, process::lines, table},
};

/// A table as a clerk has it: header and rows.
#[derive(Clone)]
pub struct Sheet {
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    pub fn csv(&self) -> String {
        let quoted = |cell: &str| {
            if cell.contains(['"', ',', '\n']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.to_owned()
            }
        };
        let mut out = self.header.join(",");
        out.push_str("\r\n");
        for row in &self.rows {
            let cells: Vec<_> = row.iter().map(|cell| quoted(cell)).collect();
            write!(out, "{}\r\n", cells.join(",")).expect("writes");
        }
        out
    }

    pub fn gbk(&self) -> Vec<u8> {
        encoding_rs::GB18030.encode(&self.csv()).0.into_owned()
    }

    /// A workbook: days as Excel's serial numbers, plain amounts as numbers, all else as text.
    pub fn xlsx(&self) -> Vec<u8> {
        let header = self.header.iter().map(|cell| (*cell).to_owned()).collect();
        let mut rows = String::new();
        for row in std::iter::once(&header).chain(&self.rows) {
            rows.push_str("<row>");
            for cell in row {
                let day = cell.parse::<Day>().ok().filter(|_| cell.len() == 10);
                if let Some(day) = day {
                    let first = jiff::civil::date(1899, 12, 30);
                    let serial = first.until(day).expect("days").get_days();
                    write!(rows, "<c><v>{serial}</v></c>").expect("writes");
                } else if cell.parse::<f64>().is_ok() {
                    write!(rows, "<c><v>{cell}</v></c>").expect("writes");
                } else {
                    let text = cell.replace('&', "&amp;").replace('<', "&lt;");
                    write!(rows, "<c t=\"inlineStr\"><is><t>{text}</t></is></c>").expect("writes");
                }
            }
            rows.push_str("</row>");
        }
        table::workbook_of("", &rows)
    }

    pub fn jsonl(&self) -> String {
        let mut out = String::new();
        for row in &self.rows {
            let pairs = self.header.iter().zip(row);
            let object: serde_json::Map<String, Value> = pairs
                .map(|(key, cell)| ((*key).to_owned(), cell.clone().into()))
                .collect();
            out.push_str(&serde_json::to_string(&object).expect("JSON"));
            out.push('\n');
        }
        out
    }
}

/// The district: who is there, and the office's key.
pub struct District {
    pub holder: Organisation,
    pub firms: Vec<Organisation>,
    pub key: String,
}

pub use crate::support::process::number;

impl District {
    /// A holder with its patents, five firms, and the office's files.
    pub async fn new(world: &World) -> Self {
        let holder = world.organisation("蓝湾大学").await;
        let mut firms = Vec::new();
        for n in 0..5 {
            firms.push(
                world
                    .organisation(&format!("威海{n}号渔具（集团）有限公司"))
                    .await,
            );
        }
        import(world, Some(&holder), lines(0..14)).await;
        let key = world.key(Role::Office, None).await;
        for name in ["公告.txt", "通知.txt", "凭证.txt", "备案.txt"] {
            upload(world, &key, name, &format!("{name}的内容")).await;
        }
        Self { holder, firms, key }
    }
}

/// Uploads a text as the office's file and returns its record.
pub async fn upload(world: &World, key: &str, name: &str, text: &str) -> Value {
    let name: String =
        percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string();
    let asking = world
        .ask(Method::POST, &format!("/v1/files?name={name}"))
        .key(key);
    let answer = asking
        .header("content-type", "text/plain")
        .body(text.to_owned())
        .send()
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

pub async fn post(world: &World, key: &str, query: &str, body: impl Into<Vec<u8>>) -> Answer {
    let asking = world
        .ask(Method::POST, &format!("/v1/records?{query}"))
        .key(key);
    asking.body(body.into()).send().await
}

/// Sends a list that is taken; returns what became of it.
#[track_caller]
pub fn taken(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// rows, recorded, completed, repeated, rejected
pub fn counts(report: &Value) -> [u64; 5] {
    let count = |name: &str| report[name].as_u64().expect("a count");
    let rejected = report["rejected"].as_array().expect("a list").len() as u64;
    [
        count("rows"),
        count("recorded"),
        count("completed"),
        count("repeated"),
        rejected,
    ]
}

pub const DECLARATIONS: [&str; 13] = [
    "专利号",
    "专利权人",
    "开放许可声明编号",
    "声明生效日",
    "许可期限",
    "支付方式",
    "金额（元）",
    "周期（月）",
    "提成基数",
    "提成比例（%）",
    "付款期限（天）",
    "条款",
    "公告文件",
];

/// What is due at the start under declaration `n`, fen.
pub const DUE: [i64; 12] = [
    0, 2_000_000, 2_500_050, 1_000_000, 300_000, 120_000, 0, 5_000_000, 0, 0, 700, 0,
];

/// Twelve announced declarations, every fee kind; the eleventh and twelfth by JSON terms.
pub fn declarations() -> Sheet {
    let fees: [[&str; 7]; 12] = [
        ["无偿", "", "", "", "", "", ""],
        ["一次总付", "2万", "", "", "", "", ""],
        ["一次性付费", "¥25,000.50元", "", "", "", "", ""],
        ["分期", "10000@0;5000@180", "", "", "", "", ""],
        ["按年", "3000", "", "", "", "", ""],
        ["按期", "1200.00", "6个月", "", "", "", ""],
        ["提成", "", "12", "净销售额", "3%", "30", ""],
        ["入门费加提成", "5万元", "12", "利润", "0.5%", "60天", ""],
        ["免费", "0", "", "", "", "", ""],
        ["提成", "", "6", "利润额", "12.25", "0", ""],
        [
            "",
            "",
            "",
            "",
            "",
            "",
            r#"{"mode":"lumpSum","amountFen":700}"#,
        ],
        [
            "分段",
            "",
            "",
            "",
            "",
            "",
            r#"{"mode":"stages","stages":[{"months":12,"terms":{"mode":"free"}},{"terms":{"mode":"lumpSum","amountFen":100}}]}"#,
        ],
    ];
    let row = |(n, fee): (usize, [&str; 7])| {
        let owner = ["", "蓝湾大学"][n % 2];
        let zl = format!("ZL{}", number(u32::try_from(n).expect("small")));
        let mut row = vec![
            zl,
            owner.to_owned(),
            format!("KF2024-{n:04}"),
            "2024-03-01".into(),
            "2029年2月28日".into(),
        ];
        row.extend(fee.map(str::to_owned));
        row.push("公告.txt".into());
        row
    };
    Sheet {
        header: DECLARATIONS.to_vec(),
        rows: fees.into_iter().enumerate().map(row).collect(),
    }
}

pub const LICENCES: [&str; 12] = [
    "开放许可声明编号",
    "专利号",
    "被许可人",
    "书面通知日",
    "支付日",
    "支付金额（元）",
    "备案号",
    "备案日",
    "通知文件",
    "支付凭证",
    "备案证明",
    "跨境",
];

/// Sixty licences, five under each declaration, and how many of them are fully proved.
pub fn licences(district: &District) -> (Sheet, usize) {
    let mut rows = Vec::new();
    let mut complete = 0;
    for n in 0..60_usize {
        let (d, firm) = (n / 5, &district.firms[n % 5]);
        let due = DUE[d] > 0;
        // By name with other brackets, by credit code, by name.
        let licensee = [
            firm.name.replace('（', "(").replace('）', ")"),
            firm.uscc.to_string(),
            firm.name.clone(),
        ];
        let day = format!("2025-{:02}-{:02}", d + 1, n % 28 + 1);
        let noticed = !n.is_multiple_of(4);
        let voucher = !n.is_multiple_of(5);
        let filed = n.is_multiple_of(3);
        let certificate = n.is_multiple_of(6);
        complete += usize::from((noticed && (!due || voucher)) || (filed && certificate));
        let when = |yes: bool, text: &str| if yes { text.to_owned() } else { String::new() };
        rows.push(vec![
            when(n % 2 == 0, &format!("KF2024-{d:04}")),
            when(n % 2 == 1, &number(u32::try_from(d).expect("small"))),
            licensee[n % 3].clone(),
            day.clone(),
            when(due, &day),
            String::new(),
            when(filed, &format!("备案-{n}")),
            when(filed, "2026-02-03"),
            when(noticed, "通知.txt"),
            when(voucher && due, "凭证.txt"),
            when(certificate, "备案.txt"),
            when(n % 2 == 0, "否"),
        ]);
    }
    (
        Sheet {
            header: LICENCES.to_vec(),
            rows,
        },
        complete,
    )
}
