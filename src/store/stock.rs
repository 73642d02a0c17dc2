//! An organisation's own stock as its officer works on it: holdings with their patents, searched, narrowed, ordered
//! and counted by one statement over the organisation's rows.

use sqlx::{QueryBuilder, types::Json};

use super::{
    Result, Stored, Tx,
    document::{Column, Narrowing, Piece, push_column, push_narrowing},
};
use crate::domain::{
    card::CardState,
    codes::AppNo,
    holding::{Conversion, Holding},
    id::Id,
    inventory::Inventory,
    party::name_key,
    patent::{LegalStatus, Patent, PatentKind},
    review::{Reach, RecordState},
    stock::{OfferStage, StockCounts, StockFilter, StockOrder, StockPlace, SubmissionNarrowing},
    submission::SubmissionStage,
};

/// A holding, its patent, and its stock record where something was said.
#[derive(Clone, Debug)]
pub struct Entry {
    pub holding: Stored<Holding>,
    pub patent: Patent,
    pub patent_version: i64,
    pub record: Option<Stored<Inventory>>,
}

const FROM: &str = " from holdings h join patents p on p.number = h.number \
                    left join inventory i on i.holding = h.id left join cards c on c.id = h.id \
                    where h.organisation = ";
/// A declaration of this organisation for this patent that is announced.
const OFFERED: &str = "exists (select 1 from declarations d where d.number = h.number \
                       and d.organisation = h.organisation and d.live)";
const NOT_OFFERED: &str = "not exists (select 1 from declarations d where d.number = h.number \
                           and d.organisation = h.organisation and d.live)";
const PREPARING: &str = "exists (select 1 from declarations d where d.number = h.number \
                         and d.organisation = h.organisation and d.state in ('draft', 'ready', 'submitted'))";
const NOT_PREPARING: &str = "not exists (select 1 from declarations d where d.number = h.number \
                             and d.organisation = h.organisation and d.state in ('draft', 'ready', 'submitted'))";

/// `text` anywhere in the words, its own signs taken literally; a number in any notation.
fn pattern(text: &str) -> String {
    let number = AppNo::parse(text).ok();
    let folded = number.map_or_else(|| name_key(text), |(number, _)| number.to_string());
    let folded = folded.to_lowercase();
    let escaped = folded
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

fn narrowing(filter: &StockFilter) -> Narrowing {
    let mut n = Narrowing::default();
    if let Some(text) = &filter.text {
        n.sql(" and p.words like ")
            .value(pattern(text))
            .sql(" escape '\\'");
    }
    n.maybe(" and p.kind = ", filter.kind.map(PatentKind::as_str));
    n.maybe(
        " and p.legal_status = ",
        filter.legal_status.map(LegalStatus::as_str),
    );
    n.maybe(
        " and h.conversion = ",
        filter.conversion.map(Conversion::as_str),
    );
    n.maybe(" and h.unit = ", filter.unit.clone());
    n.either(filter.published, " and h.published", " and not h.published");
    n.either(
        filter.confirmed,
        " and h.state <> 'claimed'",
        " and h.state = 'claimed'",
    );
    n.either(
        filter.complete,
        " and i.filled and h.conversion <> 'unknown'",
        " and (i.id is null or not i.filled or h.conversion = 'unknown')",
    );
    n.maybe(" and coalesce(i.maturity, '') = ", filter.maturity.clone());
    n.maybe(" and coalesce(i.grade, '') = ", filter.grade.clone());
    n.maybe(
        " and coalesce(i.state, 'draft') = ",
        filter.state.map(RecordState::as_str),
    );
    match filter.card {
        None => {}
        Some(CardState::Missing) => {
            n.sql(" and (c.id is null or not c.written)");
        }
        Some(CardState::Failing) => {
            n.sql(" and c.written and not c.passed");
        }
        Some(CardState::Passed) => {
            n.sql(" and c.passed");
        }
    }
    if let Some(day) = filter.overdue_on {
        n.sql(" and i.due_on <> '' and i.due_on < ")
            .value(day.to_string());
    }
    match &filter.reach {
        Reach::All => {}
        Reach::Assigned(account) => {
            n.sql(" and i.assignee = ").value(account.to_string());
        }
        Reach::Units(units) => {
            n.sql(" and h.unit in (''");
            for unit in units {
                n.sql(", ").value(unit.as_str());
            }
            n.sql(") and h.unit <> ''");
        }
    }
    match filter.way.as_deref() {
        None => {}
        Some("") => {
            n.sql(" and coalesce(i.ways, '') = ''");
        }
        // Codes are letters, digits and hyphens: nothing in them is a sign of the pattern.
        Some(way) => {
            n.sql(" and i.ways like ").value(format!("%|{way}|%"));
        }
    }
    if let Some(narrowing) = &filter.submission {
        submitted(&mut n, narrowing);
    }
    match filter.offer {
        None => {}
        Some(OfferStage::Offered) => {
            n.sql(" and ").sql(OFFERED);
        }
        Some(OfferStage::Preparing) => {
            n.sql(" and ").sql(NOT_OFFERED).sql(" and ").sql(PREPARING);
        }
        Some(OfferStage::Not) => {
            n.sql(" and ")
                .sql(NOT_OFFERED)
                .sql(" and ")
                .sql(NOT_PREPARING);
        }
    }
    n
}

/// Another version of the patent, its holding or its stock record than the file told of.
const CHANGED: &str = "(s.patent_version <> p.version or s.holding_version <> h.version \
                       or s.inventory_version <> coalesce(i.version, 0))";

/// Narrows to where patents stand for a platform.
fn submitted(n: &mut Narrowing, narrowing: &SubmissionNarrowing) {
    let there = match narrowing.stage {
        SubmissionStage::Never | SubmissionStage::Pending => " and not exists",
        _ => " and exists",
    };
    n.sql(there)
        .sql(" (select 1 from submissions s where s.holding = h.id and s.platform = ")
        .value(narrowing.platform.as_str());
    match narrowing.stage {
        SubmissionStage::Never => {}
        SubmissionStage::Exported => {
            n.sql(" and s.state = 'exported'");
        }
        SubmissionStage::Accepted => {
            n.sql(" and s.state = 'accepted'");
        }
        SubmissionStage::Rejected => {
            n.sql(" and s.state = 'rejected'");
        }
        SubmissionStage::Changed => {
            n.sql(" and ").sql(CHANGED);
        }
        // What is not waiting: handed in as it stands, and not rejected.
        SubmissionStage::Pending => {
            n.sql(" and s.state <> 'rejected' and not ").sql(CHANGED);
        }
    }
    n.sql(")");
}

/// What a list in this order goes on behind, and the order.
fn ordered(n: &mut Narrowing, order: StockOrder, after: Option<&StockPlace>) -> &'static str {
    if let Some(place) = after {
        let number = place.number.as_str();
        match order {
            StockOrder::Number => {
                n.sql(" and h.number > ").value(number);
            }
            StockOrder::Filed => {
                let row = n.sql(" and (p.filed_on, h.number) < (");
                row.value(place.key.as_str())
                    .sql(", ")
                    .value(number)
                    .sql(")");
            }
            StockOrder::Term => {
                let row = n.sql(" and (p.expires_on, h.number) < (");
                row.value(place.key.as_str())
                    .sql(", ")
                    .value(number)
                    .sql(")");
            }
        }
    }
    match order {
        StockOrder::Number => " order by h.number limit ",
        StockOrder::Filed => " order by p.filed_on desc, h.number desc limit ",
        StockOrder::Term => " order by p.expires_on desc, h.number desc limit ",
    }
}

/// A page of an organisation's stock.
pub async fn page(
    tx: &mut Tx,
    organisation: &Id,
    filter: &StockFilter,
    order: StockOrder,
    after: Option<&StockPlace>,
    limit: i64,
) -> Result<Vec<Entry>> {
    type Row = (
        i64,
        Json<Holding>,
        String,
        Json<Patent>,
        i64,
        Option<i64>,
        Option<Json<Inventory>>,
        Option<String>,
    );
    let mut narrowing = narrowing(filter);
    let order = ordered(&mut narrowing, order, after);
    let rows: Vec<Row> = on!(tx, conn => {
        let mut query = QueryBuilder::new(
            "select h.version, h.doc, h.hash, p.doc, p.version, i.version, i.doc, i.hash");
        query.push(FROM).push_bind(organisation.to_string());
        push_narrowing!(query, narrowing);
        query.push(order).push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    let entries = rows.into_iter().map(
        |(version, Json(value), hash, Json(patent), patent_version, at, record, its)| Entry {
            holding: Stored {
                version,
                hash,
                value,
            },
            patent,
            patent_version,
            record: at
                .zip(record)
                .zip(its)
                .map(|((version, record), hash)| Stored {
                    version,
                    hash,
                    value: record.0,
                }),
        },
    );
    Ok(entries.collect())
}

/// How many there are in all.
pub async fn count(tx: &mut Tx, organisation: &Id, filter: &StockFilter) -> Result<i64> {
    let narrowing = narrowing(filter);
    Ok(on!(tx, conn => {
        let mut query = QueryBuilder::new("select count(*)");
        query.push(FROM).push_bind(organisation.to_string());
        push_narrowing!(query, narrowing);
        query.build_query_scalar().fetch_one(&mut **conn).await?
    }))
}

/// Holdings that the filter meets, in id order: a change of what is filtered by skips and repeats none.
pub async fn page_by_id(
    tx: &mut Tx,
    organisation: &Id,
    filter: &StockFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<Stored<Holding>>> {
    type Row = (i64, Json<Holding>, String);
    let narrowing = narrowing(filter);
    let rows: Vec<Row> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select h.version, h.doc, h.hash");
        query.push(FROM).push_bind(organisation.to_string());
        push_narrowing!(query, narrowing);
        query.push(" and h.id > ").push_bind(after.to_owned());
        query.push(" order by h.id limit ").push_bind(limit);
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    let stored = |(version, Json(value), hash)| Stored {
        version,
        hash,
        value,
    };
    Ok(rows.into_iter().map(stored).collect())
}

/// The organisation's stock in figures.
pub async fn counts(tx: &mut Tx, organisation: &Id) -> Result<StockCounts> {
    type Row = (i64, i64, i64, i64, i64, i64);
    let (all, unused, claimed, kept_back, complete, offered): Row = on!(tx, conn => {
        let mut query = QueryBuilder::new(
            "select count(*), count(*) filter (where h.conversion = 'unused'), \
             count(*) filter (where h.state = 'claimed'), \
             count(*) filter (where h.state <> 'claimed' and not h.published), \
             count(*) filter (where i.filled and h.conversion <> 'unknown'), count(*) filter (where ");
        query.push(OFFERED);
        query.push(") from holdings h left join inventory i on i.holding = h.id where h.organisation = ");
        query.push_bind(organisation.to_string());
        query.build_query_as().fetch_one(&mut **conn).await?
    });
    Ok(StockCounts {
        all,
        unused,
        offered,
        claimed,
        kept_back,
        complete,
    })
}

/// The organisation's units, the largest first, at most so many.
pub async fn units(tx: &mut Tx, organisation: &Id, limit: i64) -> Result<Vec<(String, i64)>> {
    Ok(on!(tx, conn => sqlx::query_as(
            "select unit, count(*) from holdings where organisation = $1 \
             group by unit order by count(*) desc, unit limit $2")
        .bind(organisation.to_string()).bind(limit).fetch_all(&mut **conn).await?))
}

/// The inventions and utility models of an organisation that share their filing day with one of the other kind.
pub async fn filed_together(tx: &mut Tx, organisation: &Id) -> Result<Vec<AppNo>> {
    const HELD: &str = "select p.number, p.kind, p.filed_on from holdings h join patents p on p.number = h.number \
                        where h.organisation = ";
    let rows: Vec<String> = on!(tx, conn => {
        let mut query = QueryBuilder::new("with held as (");
        query.push(HELD).push_bind(organisation.to_string());
        query.push(" and p.filed_on <> '' and p.kind in ('invention', 'utilityModel')) \
                    select number from held where filed_on in \
                    (select filed_on from held group by filed_on having count(distinct kind) = 2) order by number");
        query.build_query_scalar().fetch_all(&mut **conn).await?
    });
    let number = |text: String| super::word(&text, |text| AppNo::parse(text).ok().map(|(n, _)| n));
    rows.into_iter().map(number).collect()
}
