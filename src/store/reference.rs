//! Reference tables: one header each, and the lines of the file that stands. The lines of a file come in pieces under an id
//! of its own and count only once the header names it.

use sqlx::QueryBuilder;

use super::{Result, Stored, Tx, document, word};
use crate::domain::{
    id::Id,
    money::Fen,
    reference::{Entry, IndustryFee, Kind, Line, ReferenceTable},
};
use document::{Column, Document};

/// A header as it is stored: with the id under which its lines stand.
impl Document for ReferenceTable {
    const TABLE: &'static str = "reference_tables";
    const COLUMNS: &'static [&'static str] = &["list"];

    fn key(&self) -> String {
        self.kind.as_str().to_owned()
    }

    /// A new header has no lines until `name_lines` says which.
    fn columns(&self) -> Vec<Column> {
        vec![Column::from("")]
    }

    fn hash(&self) -> String {
        self.document_hash()
    }
}

pub async fn find(tx: &mut Tx, kind: Kind) -> Result<Option<Stored<ReferenceTable>>> {
    document::find(tx, kind.as_str().to_owned()).await
}

pub async fn list_by_keys(tx: &mut Tx, keys: &[String]) -> Result<Vec<Stored<ReferenceTable>>> {
    document::list(tx, "id", keys).await
}

pub async fn page_by_id(
    tx: &mut Tx,
    after: &str,
    limit: i64,
) -> Result<Vec<Stored<ReferenceTable>>> {
    document::page_by_id(tx, after, limit).await
}

/// The table that stands: the one that was loaded, or the built-in one at version 0.
pub async fn load(tx: &mut Tx, kind: Kind) -> Result<Stored<ReferenceTable>> {
    let built_in = || {
        let value = ReferenceTable::built_in(kind);
        Stored {
            version: 0,
            hash: value.document_hash(),
            value,
        }
    };
    Ok(find(tx, kind).await?.unwrap_or_else(built_in))
}

/// Stores the next version and says under which id its lines stand (none: the built-in ones) and who put it there.
pub async fn put(
    tx: &mut Tx,
    table: ReferenceTable,
    from: i64,
    lines: Option<&Id>,
    actor: &str,
) -> Result<Stored<ReferenceTable>> {
    let stored = if from == 0 {
        document::insert(tx, table).await?
    } else {
        document::update(tx, table, from).await?
    };
    let list = lines.map(Id::to_string).unwrap_or_default();
    on!(tx, conn => sqlx::query("update reference_tables set list = $2, actor = $3 where id = $1")
        .bind(stored.value.kind.as_str()).bind(list).bind(actor)
        .execute(&mut **conn).await?.rows_affected());
    Ok(stored)
}

/// Where the lines of a kind stand (empty: the built-in ones), and who put the table there.
pub async fn place(tx: &mut Tx, kind: Kind) -> Result<Option<(String, String)>> {
    Ok(on!(tx, conn =>
        sqlx::query_as("select list, actor from reference_tables where id = $1")
            .bind(kind.as_str()).fetch_optional(&mut **conn).await?))
}

/// Kind and version of every table that was put: what a cache compares.
pub async fn versions(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    Ok(on!(tx, conn =>
        sqlx::query_as("select id, version from reference_tables order by id")
            .fetch_all(&mut **conn).await?))
}

/// Adds lines of a file. Each key comes once.
pub async fn add_lines(tx: &mut Tx, list: &Id, lines: &[Line]) -> Result<()> {
    let list = list.to_string();
    let (mut named, mut fees) = (Vec::new(), Vec::new());
    for line in lines {
        match line {
            Line::Name(e) => named.push((e.code.as_str(), "", e.zh.as_str(), e.en.as_str())),
            Line::Industry { ipc, industry } => named.push((ipc, industry, "", "")),
            Line::Fee(fee) => fees.push(fee),
        }
    }
    for chunk in named.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new("insert into reference_lines (list, code, target, zh, en) ");
            query.push_values(chunk, |mut tuple, (code, target, zh, en)| {
                tuple.push_bind(list.clone()).push_bind(*code).push_bind(*target).push_bind(*zh).push_bind(*en);
            });
            query.build().execute(&mut **conn).await?;
        });
    }
    for chunk in fees.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new(
                "insert into industry_fee_reference \
                 (list, industry_code, year, contracts, avg_amount_fen, avg_rate_bp, source) ");
            query.push_values(chunk, |mut tuple, fee| {
                tuple.push_bind(list.clone()).push_bind(&fee.industry_code).push_bind(fee.year)
                    .push_bind(fee.contracts).push_bind(fee.avg_amount_fen.map(|fen| fen.0))
                    .push_bind(fee.avg_rate_bp).push_bind(&fee.source);
            });
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}

type FeeRow = (String, i64, i64, Option<i64>, Option<i64>, String);

fn fee_line((industry_code, year, contracts, amount, avg_rate_bp, source): FeeRow) -> Line {
    Line::Fee(IndustryFee {
        year,
        industry_code,
        contracts,
        avg_amount_fen: amount.map(Fen),
        avg_rate_bp,
        source,
    })
}

/// Lines in order of their keys, at most `limit` after one; `prefix` narrows them to codes that begin so.
pub async fn page_lines(
    tx: &mut Tx,
    kind: Kind,
    list: &str,
    prefix: &str,
    after: (&str, &str, i64),
    limit: i64,
) -> Result<Vec<Line>> {
    // Codes are ASCII, so whatever begins with the prefix lies below it with a sign that no code has.
    let end = format!("{prefix}~");
    if kind == Kind::IndustryFees {
        let rows: Vec<FeeRow> = on!(tx, conn => sqlx::query_as(
                "select industry_code, year, contracts, avg_amount_fen, avg_rate_bp, source \
                 from industry_fee_reference where list = $1 and industry_code >= $2 and industry_code < $3 \
                 and (industry_code, year) > ($4, $5) order by industry_code, year limit $6")
            .bind(list).bind(prefix).bind(&end).bind(after.0).bind(after.2).bind(limit)
            .fetch_all(&mut **conn).await?);
        return Ok(rows.into_iter().map(fee_line).collect());
    }
    let rows: Vec<(String, String, String, String)> = on!(tx, conn => sqlx::query_as(
            "select code, target, zh, en from reference_lines where list = $1 and code >= $2 and code < $3 \
             and (code, target) > ($4, $5) order by code, target limit $6")
        .bind(list).bind(prefix).bind(&end).bind(after.0).bind(after.1).bind(limit)
        .fetch_all(&mut **conn).await?);
    let line = |(code, target, zh, en): (String, String, String, String)| match kind {
        Kind::IpcIndustries => Line::Industry {
            ipc: code,
            industry: target,
        },
        _ => Line::Name(Entry { code, zh, en }),
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Lines read at once.
const PIECE: i64 = 5_000;

/// Every line of a table that was loaded; the loader has bounded how many there are.
pub async fn all_lines(tx: &mut Tx, kind: Kind, list: &str) -> Result<Vec<Line>> {
    let mut all: Vec<Line> = Vec::new();
    loop {
        let after = all.last().map(|line| {
            let (code, target, year) = line.key();
            (code.to_owned(), target.to_owned(), year)
        });
        let (code, target, year) = after.unwrap_or_default();
        let piece = page_lines(tx, kind, list, "", (&code, &target, year), PIECE).await?;
        let full = i64::try_from(piece.len()).is_ok_and(|n| n == PIECE);
        all.extend(piece);
        if !full {
            return Ok(all);
        }
    }
}

/// The header and the lines of a kind as they stand together.
pub async fn load_whole(tx: &mut Tx, kind: Kind) -> Result<(ReferenceTable, Vec<Line>)> {
    let table = load(tx, kind).await?.value;
    let lines = match place(tx, kind).await? {
        Some((list, _)) if !table.built_in => all_lines(tx, kind, &list).await?,
        _ => kind.built_in_lines(),
    };
    Ok((table, lines))
}

/// Removes a piece of lines that no longer stand; `false` when nothing was left.
pub async fn remove_lines(tx: &mut Tx, list: &str) -> Result<bool> {
    let named = on!(tx, conn => sqlx::query(
            "delete from reference_lines where list = $1 and (code, target) in \
             (select code, target from reference_lines where list = $1 order by code, target limit 5000)")
        .bind(list).execute(&mut **conn).await?.rows_affected());
    let fees = on!(tx, conn => sqlx::query(
            "delete from industry_fee_reference where list = $1 and (industry_code, year) in \
             (select industry_code, year from industry_fee_reference where list = $1 order by industry_code, year limit 5000)")
        .bind(list).execute(&mut **conn).await?.rows_affected());
    Ok(named + fees > 0)
}

/// Lines of a file that began before `before` (ids are in the order of time) and that no header names.
pub async fn find_abandoned(tx: &mut Tx, before: &Id) -> Result<Option<String>> {
    let before = before.to_string();
    for sql in [
        "select min(list) from reference_lines where list < $1 and list not in (select list from reference_tables)",
        "select min(list) from industry_fee_reference where list < $1 \
         and list not in (select list from reference_tables)",
    ] {
        let found: Option<String> = on!(tx, conn => sqlx::query_scalar(sql)
            .bind(&before).fetch_one(&mut **conn).await?);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// How many lines of a list have codes that begin with a prefix.
pub async fn count_lines(tx: &mut Tx, kind: Kind, list: &str, prefix: &str) -> Result<i64> {
    let sql = match kind {
        Kind::IndustryFees => {
            "select count(*) from industry_fee_reference \
             where list = $1 and industry_code >= $2 and industry_code < $3"
        }
        _ => "select count(*) from reference_lines where list = $1 and code >= $2 and code < $3",
    };
    Ok(on!(tx, conn => sqlx::query_scalar(sql)
        .bind(list).bind(prefix).bind(format!("{prefix}~")).fetch_one(&mut **conn).await?))
}

/// The word of a stored kind.
pub fn kind_of(text: &str) -> Result<Kind> {
    word(text, Kind::parse)
}
