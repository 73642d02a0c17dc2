//! The annual fees of a holder's stock as a sheet for paying many at once: the columns that a fee payment wants.

use super::{Made, OutFormat, Spool};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        annuity::FeeState,
        money::Fen,
    },
    ops::{
        Result, Services,
        annuities::{self, FeeFilter, FeeLine},
        cards::writer,
    },
    sheet::Value,
};

const HEADERS: [&str; 16] = [
    "序号",
    "专利号",
    "专利名称",
    "专利权人",
    "部门",
    "缴费年度",
    "应缴日",
    "宽限期届满日",
    "标准年费（元）",
    "减缴比例（%）",
    "应缴年费（元）",
    "滞纳金（元）",
    "合计（元）",
    "缴费状态",
    "已缴至年度",
    "开放许可节省（元）",
];
/// Rows handed over at once.
const PIECE: usize = 500;

/// What is to be paid, in number order; one's own, or the named holder's for an officer.
pub async fn annual_fees(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    filter: &FeeFilter,
    format: OutFormat,
) -> Result<Made> {
    access::check_role(actor, Operation::ExportAnnualFees)?;
    let owner = writer(services, actor, Operation::ExportAnnualFees, organisation).await?;
    let headers = HEADERS.map(str::to_owned).into();
    let spool = Spool::open(services, format, "年费", headers);
    let mut tx = services.read().await?;
    let mut scan = annuities::Scan::begin(&mut tx, services, &owner, filter).await?;
    let mut ordinal = 0;
    loop {
        let Some(lines) = scan.next(&mut tx).await? else {
            break;
        };
        for piece in lines.chunks(PIECE) {
            let rows = piece.iter().map(|line| {
                ordinal += 1;
                row(ordinal, line)
            });
            if !spool.rows(rows.collect()).await {
                return spool.finish().await;
            }
        }
    }
    spool.finish().await
}

fn row(ordinal: i64, line: &FeeLine) -> Vec<Value> {
    let standing = &line.standing;
    let next = standing.next;
    let money = |fen: Option<Fen>| fen.map_or_else(String::new, yuan);
    let text = |text: Option<String>| text.unwrap_or_default();
    let late = next.map(|_| standing.late_fen);
    let total = next.map(|_| standing.to_pay());
    let is_lost = standing.state == FeeState::Lapsed;
    let cells = vec![
        line.number.zl(),
        line.title.clone(),
        line.patentees.join(";"),
        line.unit.clone().unwrap_or_default(),
        text(next.map(|n| n.year.to_string())),
        text(next.map(|n| n.due.to_string())),
        text(next.map(|n| n.grace_until.to_string())),
        money(next.map(|n| n.full_fen)),
        text(next.map(|n| (n.reduction_bp / 100).to_string())),
        money(next.map(|n| n.fee_fen)),
        money(late.filter(|_| !is_lost)),
        money(total.filter(|_| !is_lost)),
        standing.state.zh().to_owned(),
        text(standing.paid_through.map(|(year, _)| year.to_string())),
        money(next.map(|n| n.saved_fen)),
    ];
    let cells = cells.into_iter().map(Value::from);
    std::iter::once(Value::Number(ordinal))
        .chain(cells)
        .collect()
}

/// Yuan with two decimals, as a bank's sheet wants it.
fn yuan(fen: Fen) -> String {
    format!("{}.{:02}", fen.0 / 100, fen.0 % 100)
}
