//! `/about/merging`: the rules by which a record follows its sources. `/about/permissions`: who may do what, and who sees which field, written from the one permission table and the one
//! field table by which the house itself decides.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{merging, visitor::Visitor};
use crate::domain::{
    access::{FIELDS, PERMISSIONS, Permission, Role, Scope, Shown},
    merge::Unit,
};

#[derive(Template)]
#[template(path = "permissions.html")]
struct Page<'a> {
    v: &'a Visitor,
    roles: Vec<&'static str>,
    /// Title and rows of the operations of each scope.
    groups: Vec<(&'static str, Vec<Row>)>,
    records: Vec<Record>,
}

struct Row {
    says: String,
    id: &'static str,
    cells: Vec<Cell>,
}

/// What a role may do: to any record that it sees, to its own organisation's, or nothing.
struct Cell {
    mark: &'static str,
    words: &'static str,
}

struct Record {
    name: &'static str,
    shown: &'static str,
    fields: String,
}

/// `GET /about/permissions`
pub async fn permissions(v: Visitor) -> Response {
    let page = Page {
        roles: Role::ALL.map(|role| role_words(&v, role)).into(),
        groups: groups(&v),
        records: records(&v),
        v: &v,
    };
    v.page(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "merging.html")]
struct Merging<'a> {
    v: &'a Visitor,
    rules: Vec<&'static str>,
    units: Vec<(&'static str, &'static str)>,
}

/// `GET /about/merging`
pub async fn merging(v: Visitor) -> Response {
    let units = Unit::ALL.map(|unit| (v.t(unit.zh(), unit.en()), unit.as_str()));
    let page = Merging {
        rules: merging::rules(&v),
        units: units.into(),
        v: &v,
    };
    v.page(StatusCode::OK, &page)
}

fn groups(v: &Visitor) -> Vec<(&'static str, Vec<Row>)> {
    let of = |scope: Scope| {
        let rows = PERMISSIONS.iter().filter(move |row| row.scope == scope);
        rows.map(|row| Row {
            says: v.text(&row.operation.says()).to_owned(),
            id: row.id,
            cells: Role::ALL.map(|role| cell(v, row, role)).into(),
        })
        .collect()
    };
    Scope::ALL
        .map(|scope| (scope_words(v, scope), of(scope)))
        .into()
}

fn cell(v: &Visitor, row: &Permission, role: Role) -> Cell {
    let (mark, words) = if row.any.contains(&role) {
        ("●", v.t("可以", "May"))
    } else if row.own.contains(&role) {
        ("○", v.t("仅限本单位", "Own organisation only"))
    } else {
        ("–", v.t("不可以", "May not"))
    };
    Cell { mark, words }
}

/// A role as people call it.
pub fn role_words(v: &Visitor, role: Role) -> &'static str {
    match role {
        Role::Anonymous => v.t("公众", "Anybody"),
        Role::Holder => v.t("持有人", "Holder"),
        Role::Enterprise => v.t("企业", "Enterprise"),
        Role::Platform => v.t("外部平台", "Platform"),
        Role::Office => v.t("主管部门", "Office"),
        Role::Administrator => v.t("管理员", "Administrator"),
    }
}

/// A scope as people call it.
pub fn scope_words(v: &Visitor, scope: Scope) -> &'static str {
    match scope {
        Scope::Read => v.t("检索和读取", "Search and read"),
        Scope::Register => v.t("导入和修改存量", "Import and edit stock"),
        Scope::Trade => v.t("声明、许可、需求", "Declarations, licences, needs"),
        Scope::Office => v.t("主管部门事务", "The office's work"),
        Scope::Keys => v.t("管理密钥", "Manage keys"),
    }
}

fn records(v: &Visitor) -> Vec<Record> {
    let record = |(noun, shown, fields): &(&str, Shown, &[&str])| Record {
        name: noun_words(v, noun),
        shown: match shown {
            Shown::Public => v.t("公开", "Public"),
            Shown::Own => v.t("本单位和主管部门", "Its organisation and the office"),
            Shown::Office => v.t("主管部门", "The office"),
        },
        fields: fields.join(", "),
    };
    FIELDS.iter().map(record).collect()
}

fn noun_words(v: &Visitor, noun: &str) -> &'static str {
    match noun {
        "patent" => v.t("专利", "Patent"),
        "organisation" => v.t("单位", "Organisation"),
        "holding" => v.t("存量记录（公开后）", "Holding (once published)"),
        "declaration" => v.t("声明（公告后）", "Declaration (once announced)"),
        "licence" => v.t("许可（生效后）", "Licence (once in effect)"),
        "encumbrance" => v.t("权利负担（登记后）", "Burden (once registered)"),
        "target" => v.t("指标", "Target"),
        "need" => v.t("需求（公开后）", "Need (once opened)"),
        "inventory" => v.t("盘点登记", "Stock record"),
        "dueList" => v.t("应盘点清单", "Due list"),
        "submission" => v.t("报送", "Submission"),
        "submissionAnswers" => v.t("平台答复", "A platform's answers"),
        "referenceTable" => v.t("参考数据表", "Reference table"),
        "import" => v.t("导入", "Import"),
        "importMapping" => v.t("已保存的列对应", "Saved mapping of columns"),
        "conflict" => v.t("来源冲突", "Conflict of sources"),
        "auditHead" => v.t("审计链头", "Head of the audit chain"),
        "unitSource" => v.t("各项内容的来源", "Where a value comes from"),
        "message" => v.t("消息", "Message"),
        "file" => v.t("文件", "File"),
        "key" => v.t("API 密钥", "API key"),
        _ => v.t("其他记录", "Another record"),
    }
}
