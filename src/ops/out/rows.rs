//! The columns of each list that goes out, and a record as a row of them. What a list does not show is in no row.

use std::collections::HashMap;

use super::List;
use crate::{
    domain::{
        codes::{AppNo, Ipc},
        declaration::Declaration,
        holding::Holding,
        id::Id,
        indicator::Unit,
        licence::{Evidence, Licence},
        money::Fen,
        need::Need,
        party::Organisation,
        patent::Patent,
        reference::{Entry, Names},
        search::NeedHit,
        time::Day,
    },
    ops::{audit, tasks::Task},
    sheet::Value,
};

/// The key of JSON lines and the title of a sheet.
type Columns = &'static [(&'static str, &'static str)];

const NEEDS: Columns = &[
    ("id", "编号"),
    ("title", "需求"),
    ("text", "需求说明"),
    ("organisation", "单位"),
    ("industry", "行业代码"),
    ("industryName", "行业"),
    ("ipc", "IPC分类号"),
    ("budgetYuan", "首年预算（元）"),
    ("region", "地区代码"),
    ("regionName", "地区"),
    ("state", "状态"),
    ("until", "截止日"),
    ("openToday", "今天有效"),
];

const DECLARATIONS: Columns = &[
    ("number", "专利号"),
    ("title", "发明名称"),
    ("organisation", "声明单位"),
    ("patentees", "专利权人"),
    ("state", "状态"),
    ("declarationNumber", "开放许可声明编号"),
    ("submittedOn", "提交日"),
    ("effectiveOn", "声明生效日"),
    ("until", "许可期限届满日"),
    ("endedOn", "终止日"),
    ("feeMode", "支付方式"),
    ("terms", "许可使用费"),
    ("mainClass", "主分类号"),
    ("industry", "行业代码"),
    ("industryName", "行业"),
    ("onOffer", "今天可取得许可"),
    ("id", "编号"),
];

const LICENCES: Columns = &[
    ("number", "专利号"),
    ("title", "发明名称"),
    ("holder", "许可人"),
    ("licensee", "被许可人"),
    ("state", "状态"),
    ("noticeOn", "通知日"),
    ("paidOn", "支付日"),
    ("paidYuan", "已支付（元）"),
    ("effectiveOn", "生效日"),
    ("until", "许可截止日"),
    ("terms", "许可使用费"),
    ("filingDueOn", "备案期限"),
    ("filingNumber", "备案号"),
    ("filedOn", "备案日"),
    ("overdue", "备案逾期"),
    ("declaration", "声明"),
    ("id", "编号"),
];

const UNITS: Columns = &[
    ("number", "专利号"),
    ("title", "发明名称"),
    ("holder", "权利人"),
    ("licensee", "被许可人"),
    ("on", "计入日"),
    ("declarationNumber", "开放许可声明编号"),
    ("filingNumber", "备案号"),
    ("free", "免费"),
    ("disputed", "有异议"),
    ("industry", "行业代码"),
    ("industryName", "行业"),
    ("recordedLate", "补录"),
    ("sources", "公告文件 SHA-256"),
    ("evidence", "证据 SHA-256"),
    ("declaration", "声明"),
    ("licence", "许可"),
];

const TASKS: Columns = &[
    ("kind", "待办"),
    ("number", "专利号"),
    ("title", "发明名称"),
    ("organisation", "单位"),
    ("since", "起始日"),
    ("dueOn", "期限"),
    ("overdue", "逾期"),
    ("blocks", "原因"),
    ("subject", "记录"),
];

const ORGANISATIONS: Columns = &[
    ("uscc", "统一社会信用代码"),
    ("name", "名称"),
    ("kind", "类型"),
    ("district", "区划代码"),
    ("districtName", "区划"),
    ("aliases", "曾用名"),
    ("unverified", "待核实"),
    ("id", "编号"),
];

const HOLDINGS: Columns = &[
    ("number", "专利号"),
    ("title", "专利名称"),
    ("kind", "专利类型"),
    ("legalStatus", "法律状态"),
    ("organisation", "持有单位"),
    ("state", "权属"),
    ("firstPatentee", "第一专利权人"),
    ("conversion", "实施状态"),
    ("unit", "所属学院"),
    ("published", "是否公开"),
    ("id", "编号"),
];

const AUDIT: Columns = &[
    ("at", "时间"),
    ("who", "谁"),
    ("what", "做了什么"),
    ("subject", "对象"),
    ("address", "来自"),
    ("result", "结果"),
    ("reason", "原因"),
    ("seq", "变更序号"),
];

pub(super) const fn columns(list: List) -> Columns {
    match list {
        List::Needs => NEEDS,
        List::Declarations => DECLARATIONS,
        List::Licences => LICENCES,
        List::Units => UNITS,
        List::Tasks => TASKS,
        List::Organisations => ORGANISATIONS,
        List::Holdings => HOLDINGS,
        List::Audit => AUDIT,
    }
}

/// Names of organisations by id.
type Parties = HashMap<Id, String>;
type Patents = HashMap<AppNo, Patent>;

fn text(text: &str) -> Value {
    text.to_owned().into()
}

fn maybe(text: Option<&String>) -> Value {
    text.cloned().unwrap_or_default().into()
}

fn day(day: Option<Day>) -> Value {
    day.map(|day| day.to_string()).unwrap_or_default().into()
}

fn yes(is: bool) -> Value {
    text(if is { "是" } else { "否" })
}

fn yuan(amount: Option<Fen>) -> Value {
    amount.map(|fen| fen.to_string()).unwrap_or_default().into()
}

fn zh(entry: Option<&Entry>) -> Value {
    entry
        .map(|entry| entry.zh.clone())
        .unwrap_or_default()
        .into()
}

fn title(patents: &Patents, number: &AppNo) -> Value {
    maybe(patents.get(number).map(|patent| &patent.title))
}

pub(super) fn need(hit: &NeedHit, names: &Names) -> Vec<Value> {
    let need: &Need = &hit.need;
    let ipc: Vec<&str> = need.ipc.iter().map(Ipc::as_str).collect();
    let industry = need.industry.as_deref();
    vec![
        need.id.to_string().into(),
        text(&need.title),
        text(&need.text),
        text(&hit.organisation_name),
        maybe(need.industry.as_ref()),
        zh(industry.and_then(|code| names.industry(code))),
        ipc.join("；").into(),
        yuan(need.budget_fen),
        text(&need.region),
        zh(names.region(&need.region)),
        text(need.state.zh()),
        day(need.until),
        yes(hit.open_today),
    ]
}

pub(super) fn declaration(
    d: &Declaration,
    parties: &Parties,
    names: &Names,
    today: Day,
) -> Vec<Value> {
    vec![
        d.number.zl().into(),
        text(&d.title),
        maybe(parties.get(&d.organisation)),
        d.patentees.join("；").into(),
        text(d.state.zh()),
        maybe(d.declaration_number.as_ref()),
        day(d.submitted_on),
        day(d.effective_on),
        day(Some(d.until)),
        day(d.ended_on),
        text(d.terms.mode().zh()),
        d.terms.sentence().into(),
        maybe(d.main_class.as_ref()),
        maybe(d.industry.as_ref()),
        zh(d.industry.as_deref().and_then(|code| names.industry(code))),
        yes(d.is_offered_on(today)),
        d.id.to_string().into(),
    ]
}

pub(super) fn licence(l: &Licence, parties: &Parties, patents: &Patents, today: Day) -> Vec<Value> {
    let paid = l.payments.iter().fold(Fen::ZERO, |sum, payment| {
        sum.saturating_add(payment.amount_fen)
    });
    let paid = (!l.payments.is_empty()).then_some(paid);
    // An individual is not named in a list.
    let licensee = match l.licensee.organisation() {
        Some(id) => maybe(parties.get(id)),
        None => text("自然人"),
    };
    vec![
        l.number.zl().into(),
        title(patents, &l.number),
        maybe(parties.get(&l.holder)),
        licensee,
        text(l.state.zh()),
        day(l.notice_on),
        day(l.paid_on),
        yuan(paid),
        day(l.effective_on),
        day(Some(l.until)),
        l.terms.sentence().into(),
        day(l.filing_due_on),
        maybe(l.filing.as_ref().map(|filing| &filing.number)),
        day(l.filing.as_ref().map(|filing| filing.on)),
        yes(l.filing_overdue_on(today)),
        l.declaration.to_string().into(),
        l.id.to_string().into(),
    ]
}

pub(super) fn unit(unit: &Unit, parties: &Parties, names: &Names) -> Vec<Value> {
    let sources: Vec<&str> = unit
        .sources
        .iter()
        .map(|file| file.sha256.as_str())
        .collect();
    let proof = |one: &Evidence| format!("{} {}", one.kind.zh(), one.file.sha256);
    let evidence: Vec<String> = unit.evidence.iter().map(proof).collect();
    let industry = unit.industry.as_deref();
    let id = |id: Option<&Id>| -> Value { id.map(Id::to_string).unwrap_or_default().into() };
    vec![
        unit.number.zl().into(),
        text(&unit.title),
        maybe(parties.get(&unit.holder)),
        maybe(unit.licensee.as_ref().and_then(|id| parties.get(id))),
        day(Some(unit.on)),
        maybe(unit.declaration_number.as_ref()),
        maybe(unit.filing_number.as_ref()),
        yes(unit.free),
        yes(unit.disputed),
        maybe(unit.industry.as_ref()),
        zh(industry.and_then(|code| names.industry(code))),
        yes(unit.recorded_late),
        sources.join("；").into(),
        evidence.join("；").into(),
        id(Some(&unit.declaration)),
        id(unit.licence.as_ref()),
    ]
}

pub(super) fn task(task: &Task, parties: &Parties, patents: &Patents) -> Vec<Value> {
    let blocks: Vec<&str> = task.blocks.iter().map(|block| block.as_str()).collect();
    vec![
        text(task.kind.zh()),
        task.number.zl().into(),
        title(patents, &task.number),
        maybe(parties.get(&task.organisation)),
        day(task.since),
        day(task.due_on),
        yes(task.overdue),
        blocks.join("；").into(),
        format!("/v1/{}/{}", task.noun.plural(), task.id).into(),
    ]
}

pub(super) fn organisation(party: &Organisation, names: &Names) -> Vec<Value> {
    vec![
        party.uscc.to_string().into(),
        text(&party.name),
        text(party.kind.as_str()),
        text(&party.district),
        zh(names.region(&party.district)),
        party.aliases.join("；").into(),
        yes(party.unverified),
        party.id.to_string().into(),
    ]
}

pub(super) fn holding(h: &Holding, parties: &Parties, patents: &Patents) -> Vec<Value> {
    let patent = patents.get(&h.number);
    let state = if h.state.is_confirmed() {
        "已确认"
    } else {
        "待确认"
    };
    vec![
        h.number.zl().into(),
        title(patents, &h.number),
        text(patent.map_or("", |p| p.kind.zh())),
        text(patent.map_or("", |p| p.legal_status.zh())),
        maybe(parties.get(&h.organisation)),
        text(state),
        yes(h.first_patentee),
        text(h.conversion.zh()),
        maybe(h.unit.as_ref()),
        yes(h.published),
        h.id.to_string().into(),
    ]
}

pub(super) fn audit(audit::Entry { line, seq }: &audit::Entry) -> Vec<Value> {
    vec![
        line.at.rfc3339().into(),
        text(&line.actor),
        text(&line.what),
        text(&line.subject),
        maybe(line.address.as_ref()),
        text(line.outcome.as_str()),
        maybe(line.reason.as_ref()),
        seq.map_or(Value::Empty, Value::Number),
    ]
}
