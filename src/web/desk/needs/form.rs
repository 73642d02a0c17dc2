//! The form of a need, and what was typed into it.

use crate::{
    domain::{
        codes::Ipc,
        money::Fen,
        need::{Need, TEXT_CHARS},
    },
    ops::{self, Error, needs::Content},
    web::{
        form::{Field, Form, FormView},
        needs::industries,
        visitor::Visitor,
    },
};

/// The form of a need; with one, filled with what it says.
pub(super) fn need_form(v: &Visitor, action: &str, need: Option<&Need>) -> FormView {
    let text = |value: Option<String>| value.unwrap_or_default();
    let yuan = need
        .and_then(|need| need.budget_fen)
        .map(|fen| (fen.0 / 100).to_string());
    let classes = |need: &Need| {
        need.ipc
            .iter()
            .map(Ipc::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let title = Field::new("title", v.t("标题", "Title"))
        .hint(v.t(
            "一句话说清要解决什么，2 至 80 字",
            "In one line what is wanted, 2 to 80 characters",
        ))
        .value(need.map_or("", |need| &need.title));
    let body = Field::area("text", v.t("需求说明", "What is needed"), TEXT_CHARS)
        .hint(v.t(
            "现状、难点、想要的效果；写得越具体，匹配越准",
            "The present state, the difficulty, the effect wanted; details make better matches",
        ))
        .value(need.map_or("", |need| &need.text));
    let industry = Field::new(
        "industry",
        v.t("行业（国民经济行业分类）", "Industry (GB/T 4754)"),
    )
    .optional()
    .options(industries(
        v,
        v.t("不填", "Not said"),
        need.and_then(|need| need.industry.as_deref())
            .unwrap_or_default(),
    ))
    .value(&text(need.and_then(|need| need.industry.clone())));
    let ipc = Field::new("ipc", v.t("IPC 分类号", "IPC symbols"))
        .optional()
        .hint(v.t(
            "知道就填，用空格隔开，例如 A01K61/60",
            "Where you know them, with blanks between, e.g. A01K61/60",
        ))
        .value(&text(need.map(classes)));
    let budget = Field::new(
        "budgetFen",
        v.t(
            "首年固定费用预算（元）",
            "Budget for the fixed fee of the first year (yuan)",
        ),
    )
    .optional()
    .hint(v.t(
        "只用来提示费用是否在预算内；公告价格对谁都一样",
        "Shown against the fee; the announced price is the same for everyone",
    ))
    .value(&text(yuan));
    let region = Field::new("region", v.t("地区代码", "Region code"))
        .optional()
        .hint(v.t(
            "六位，不填即本单位所在区",
            "Six digits; your own district when empty",
        ))
        .value(need.map_or("", |need| &need.region));
    let until = Field::new("until", v.t("截止日", "Last day"))
        .kind("date")
        .optional()
        .value(&text(
            need.and_then(|need| need.until).map(|day| day.to_string()),
        ));
    let fields = vec![title, body, industry, ipc, budget, region, until];
    let button = match need {
        Some(_) => v.t("保存修改", "Save"),
        None => v.t("存为草稿", "Save as a draft"),
    };
    FormView::new(v, action, button, fields)
}

/// What was typed; every field that cannot be read is told at once.
pub(super) fn content(form: &Form) -> ops::Result<Content> {
    let mut faults = Vec::new();
    let mut fault = |pointer: &str, code, zh: &str, en: &str| {
        faults.push(ops::Fault::new(pointer, code, zh, en));
    };
    let typed = |name: &str| Some(form.get(name).trim()).filter(|text| !text.is_empty());
    let budget_fen = typed("budgetFen").and_then(|text| {
        let yuan = text.replace(',', "").parse().ok().filter(|yuan| *yuan >= 0);
        if yuan.is_none() {
            fault(
                "/budgetFen",
                "amountInvalid",
                "请填写整数元，例如 20000。",
                "Whole yuan, e.g. 20000.",
            );
        }
        yuan.map(Fen::yuan)
    });
    let until = typed("until").and_then(|text| {
        let day = text.parse().ok();
        if day.is_none() {
            fault(
                "/until",
                "dayInvalid",
                "请填写日期，例如 2026-12-31。",
                "A day such as 2026-12-31.",
            );
        }
        day
    });
    let symbols = typed("ipc").unwrap_or_default();
    let symbols = symbols
        .split([' ', ',', ';', '，', '；', '、'])
        .filter(|s| !s.is_empty());
    let ipc: Result<Vec<Ipc>, _> = symbols.map(Ipc::parse).collect();
    if ipc.is_err() {
        fault(
            "/ipc",
            "ipcInvalid",
            "有不是 IPC 的分类号，例如 A01K61/60。",
            "Not an IPC symbol such as A01K61/60.",
        );
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(Content {
        title: form.get("title").to_owned(),
        text: form.get("text").to_owned(),
        industry: typed("industry").map(str::to_owned),
        ipc: ipc.unwrap_or_default(),
        budget_fen,
        region: typed("region").map(str::to_owned),
        until,
    })
}
