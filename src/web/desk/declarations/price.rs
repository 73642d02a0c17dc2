//! The basis of a price beside the form of a declaration: comparable licences, the industry table, and an estimate from
//! figures that the holder types. Each stands with where it comes from; nothing is suggested without it.

use askama::Template;

use crate::{
    domain::{
        codes::AppNo,
        money::Fen,
        price::{Comparable, FEWEST, Spread},
        reference::IndustryFee,
    },
    ops::{
        self,
        prices::{self, Given, PriceBasis},
    },
    web::{Web, session::Member, visitor::Visitor},
};

#[derive(Template)]
#[template(path = "price.html")]
pub struct Price<'a> {
    v: &'a Visitor,
    action: String,
    number: String,
    fewest: usize,
    comparables: Vec<Row>,
    fees: Vec<Row>,
    source: Option<String>,
    inputs: Vec<(&'static str, &'static str, String)>,
    estimate: Option<String>,
    wrong: Option<String>,
}

/// One line of a table: what, and its figures in words.
struct Row {
    what: String,
    figures: Vec<String>,
}

/// The block for a patent; `action` is the page's own address, to which the figures of an estimate are sent.
pub async fn block<'a>(
    web: &Web,
    v: &'a Visitor,
    member: &Member,
    number: &AppNo,
    action: &str,
) -> ops::Result<Price<'a>> {
    let inputs = inputs(v);
    let (services, actor) = (&web.services, &member.actor);
    let asked = given(v);
    let found = match asked {
        Some(given) => prices::basis(services, actor, number, given).await,
        None => Err(unreadable()),
    };
    let (basis, wrong) = match found {
        Ok(basis) => (basis, None),
        Err(error @ ops::Error::Parameters(_)) => {
            let basis = prices::basis(services, actor, number, Given::default()).await?;
            (basis, Some(v.text(&error.text()).to_owned()))
        }
        Err(other) => return Err(other),
    };
    Ok(Price {
        v,
        action: action.to_owned(),
        number: number.to_string(),
        fewest: FEWEST,
        comparables: basis.comparables.iter().map(|c| comparable(v, c)).collect(),
        fees: basis
            .industry_fees
            .iter()
            .map(|fee| industry(v, fee))
            .collect(),
        source: basis.industry_source.clone(),
        inputs,
        estimate: estimate(v, &basis),
        wrong,
    })
}

/// The fields of the estimate with what was typed: name, label, value.
fn inputs(v: &Visitor) -> Vec<(&'static str, &'static str, String)> {
    let typed = |name: &str| v.address.first(name).chars().take(30).collect::<String>();
    vec![
        (
            "netSales",
            v.t(
                "一家被许可人预计年净销售额（元）",
                "Net sales of one licensee in a year (CNY)",
            ),
            typed("netSales"),
        ),
        ("rate", v.t("提成率（%）", "Rate (%)"), typed("rate")),
        ("years", v.t("年数", "Years"), typed("years")),
        (
            "kept",
            v.t("折扣后保留（%）", "Kept after the discount (%)"),
            typed("kept"),
        ),
    ]
}

/// What was typed; `None` where a figure is none.
fn given(v: &Visitor) -> Option<Given> {
    use crate::domain::record::{rate_bp, whole, yuan};
    let text = |name: &str| v.address.first(name).trim().to_owned();
    if ["netSales", "rate", "years", "kept"]
        .iter()
        .all(|name| text(name).is_empty())
    {
        return Some(Given::default());
    }
    let percent = |name: &str| {
        let text = text(name);
        let text = format!("{}%", text.trim_end_matches(['%', '％']));
        rate_bp(&text).ok().map(i64::from)
    };
    Some(Given {
        net_sales_fen_per_year: Some(yuan(&text("netSales")).ok()?.0),
        rate_bp: Some(percent("rate")?),
        years: Some(i64::from(whole(&text("years"))?)),
        kept_bp: Some(percent("kept")?),
    })
}

fn unreadable() -> ops::Error {
    ops::Error::Parameters(vec![ops::Fault::new(
        "?netSales",
        "estimateInput",
        "估算的四项都应填写数字，例如 1000000、3、5、60。",
        "Give numbers for all four figures of the estimate, such as 1000000, 3, 5, 60.",
    )])
}

fn comparable(v: &Visitor, found: &Comparable) -> Row {
    let money = |s: Spread| format!("{} – {} – {}", Fen(s.lower), Fen(s.median), Fen(s.upper));
    let percent = |bp: i64| format!("{}.{:02}%", bp / 100, bp % 100);
    let rates = |s: Spread| {
        let parts = [percent(s.lower), percent(s.median), percent(s.upper)];
        parts.join(" – ")
    };
    let fixed = v.t("固定费用（元）", "Fixed fees (CNY)");
    let sales = v.t("净销售额提成", "Share of net sales");
    let profit = v.t("利润额提成", "Share of profit");
    let figures = [
        found.fixed_fen.map(|s| format!("{fixed} {}", money(s))),
        found.net_sales_bp.map(|s| format!("{sales} {}", rates(s))),
        found.profit_bp.map(|s| format!("{profit} {}", rates(s))),
    ];
    let patents = v.t("件有许可的专利", "patents with licences");
    let likeness = v.t(found.likeness.zh(), found.likeness.en());
    Row {
        what: format!("{likeness} {} · {} {patents}", found.key, found.patents),
        figures: figures.into_iter().flatten().collect(),
    }
}

fn industry(v: &Visitor, fee: &IndustryFee) -> Row {
    let average = v.t("平均金额（元）", "Average amount (CNY)");
    let rate = v.t("平均提成", "Average rate");
    let contracts = v.t("份合同", "contracts");
    let figures = [
        fee.avg_amount_fen.map(|fen| format!("{average} {fen}")),
        fee.avg_rate_bp
            .map(|bp| format!("{rate} {}.{:02}%", bp / 100, bp % 100)),
        Some(fee.source.clone()),
    ];
    Row {
        what: format!(
            "{} · {} · {} {contracts}",
            fee.industry_code, fee.year, fee.contracts
        ),
        figures: figures.into_iter().flatten().collect(),
    }
}

/// The estimate in one line, inputs first.
fn estimate(v: &Visitor, basis: &PriceBasis) -> Option<String> {
    let (inputs, estimate) = basis.estimate?;
    let percent = |bp: u32| format!("{}.{:02}%", bp / 100, bp % 100);
    let years = v.t("年", "years");
    let cut = if estimate.capped {
        v.t(
            "（已按固定费用一般上限截止）",
            " (cut to the usual limit of fixed fees)",
        )
    } else {
        ""
    };
    Some(format!(
        "{} × {} × {} {years} × {} = {}{cut}",
        inputs.net_sales_fen_per_year,
        percent(inputs.rate_bp),
        inputs.years,
        percent(inputs.kept_bp),
        estimate.lump_fen,
    ))
}
