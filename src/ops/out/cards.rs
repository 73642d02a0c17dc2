//! The cards of a holder as a sheet to be filled in: a row a patent, with what stands on its card and what the check
//! says. It is read back as it is.

use super::{Made, OutFormat, Spool};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        card::{CardFinding, CardItem},
        dictionary::Topic,
        stock::{StockFilter, StockPlace},
        text::Lang,
    },
    ops::{
        Result, Services,
        cards::{self, Line, SheetColumn},
        tables::Heading as _,
    },
    sheet::Value,
    store::dictionaries,
};

/// Patents read at once.
const PIECE: i64 = 500;

/// The cards of the stock that a filter leaves; one's own, or the named holder's for an officer.
pub async fn cards(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    filter: &StockFilter,
    format: OutFormat,
) -> Result<Made> {
    access::check_role(actor, Operation::ExportCards)?;
    let owner = cards::writer(services, actor, Operation::ExportCards, organisation).await?;
    let mut tx = services.read().await?;
    let maturity = dictionaries::load(&mut tx, Topic::Maturity).await?.value;
    let number = SheetColumn::Number.title().to_owned();
    let items = SheetColumn::ALL.iter().skip(1);
    let mut headers = vec![number, "专利名称".to_owned(), "部门".to_owned()];
    headers.extend(items.map(|column| column.title().to_owned()));
    headers.extend(["卡片状态".to_owned(), "检查意见".to_owned()]);
    let spool = Spool::open(services, format, "通俗卡片", headers);
    let mut after: Option<StockPlace> = None;
    loop {
        let page = cards::page(&mut tx, services, &owner, filter, after.as_ref(), PIECE).await?;
        let Some(last) = page.last() else { break };
        after = Some(StockPlace {
            key: String::new(),
            number: last.patent.number.clone(),
        });
        let rows = page.iter().map(|line| {
            let said = line
                .card
                .as_ref()
                .and_then(|card| card.value.maturity.as_deref());
            let said = said.map_or_else(String::new, |code| maturity.text(code).zh);
            row(line, &said)
        });
        if !spool.rows(rows.collect()).await {
            break;
        }
    }
    spool.finish().await
}

fn row(line: &Line, maturity: &str) -> Vec<Value> {
    let content = line.card.as_ref().map(|card| card.value.content());
    let content = content.unwrap_or_default();
    let findings = if line.card.is_some() {
        told(&line.findings)
    } else {
        String::new()
    };
    let mut cells = vec![
        line.patent.number.zl(),
        line.patent.title.clone(),
        line.unit.clone().unwrap_or_default(),
    ];
    for item in CardItem::ALL {
        cells.push(match item {
            CardItem::Problem => content.problem.clone(),
            CardItem::Novelty => content.novelty.clone(),
            CardItem::Advantage => content.advantage.clone(),
            CardItem::Products => content.products.join("、"),
            CardItem::Maturity => maturity.to_owned(),
        });
    }
    cells.extend([line.state().zh().to_owned(), findings]);
    cells.into_iter().map(Value::from).collect()
}

fn told(findings: &[CardFinding]) -> String {
    let words = findings.iter().map(|finding| {
        let (text, cure) = (finding.text(), finding.cure());
        format!("{}{}", text.in_lang(Lang::Zh), cure.in_lang(Lang::Zh))
    });
    words.collect::<Vec<_>>().join(" ")
}
