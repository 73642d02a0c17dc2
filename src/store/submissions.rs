//! What was handed to platforms, and the answer sheets that were read.

use sqlx::{QueryBuilder, types::Json};

use super::{Result, Tx, word};
use crate::domain::{
    codes::AppNo,
    id::Id,
    submission::{AnswerLine, Submission, SubmissionAnswers, SubmissionState, Versions},
    time::Day,
};

/// A patent that went out.
#[derive(Clone, Debug)]
pub struct Exported {
    pub holding: Id,
    pub number: AppNo,
    pub versions: Versions,
}

/// What is the same of every patent of one file.
#[derive(Clone, Debug)]
pub struct File<'a> {
    pub organisation: &'a Id,
    pub platform: &'a str,
    pub on: Day,
    pub by: &'a str,
    pub sha256: &'a str,
}

/// Notes what went out in a file; an earlier answer no longer counts.
pub async fn put(tx: &mut Tx, file: &File<'_>, exported: &[Exported]) -> Result<()> {
    for chunk in exported.chunks(500) {
        on!(tx, conn => {
            let mut query = QueryBuilder::new(
                "insert into submissions (holding, platform, organisation, number, state, patent_version, \
                 holding_version, inventory_version, exported_on, exported_by, file_sha256, answered_on, \
                 answered_by, answer_sha256, reason) ");
            query.push_values(chunk, |mut tuple, one| {
                tuple.push_bind(one.holding.to_string()).push_bind(file.platform)
                    .push_bind(file.organisation.to_string()).push_bind(one.number.as_str())
                    .push_bind(SubmissionState::Exported.as_str()).push_bind(one.versions.patent)
                    .push_bind(one.versions.holding).push_bind(one.versions.inventory)
                    .push_bind(file.on.to_string()).push_bind(file.by).push_bind(file.sha256)
                    .push_bind("").push_bind("").push_bind("").push_bind("");
            });
            query.push(
                " on conflict (holding, platform) do update set organisation = excluded.organisation, \
                 state = excluded.state, patent_version = excluded.patent_version, \
                 holding_version = excluded.holding_version, inventory_version = excluded.inventory_version, \
                 exported_on = excluded.exported_on, exported_by = excluded.exported_by, \
                 file_sha256 = excluded.file_sha256, answered_on = '', answered_by = '', answer_sha256 = '', reason = ''");
            query.build().execute(&mut **conn).await?;
        });
    }
    Ok(())
}

/// Which of these numbers were handed to the platform.
pub async fn known(
    tx: &mut Tx,
    organisation: &Id,
    platform: &str,
    numbers: &[AppNo],
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for chunk in numbers.chunks(500) {
        let rows: Vec<String> = on!(tx, conn => {
            let mut query = QueryBuilder::new("select number from submissions where organisation = ");
            query.push_bind(organisation.to_string()).push(" and platform = ").push_bind(platform);
            query.push(" and number in (");
            let mut list = query.separated(", ");
            for number in chunk {
                list.push_bind(number.as_str());
            }
            query.push(")");
            query.build_query_scalar().fetch_all(&mut **conn).await?
        });
        found.extend(rows);
    }
    Ok(found)
}

/// Notes the platform's answer for one patent.
pub async fn answer(
    tx: &mut Tx,
    answers: &SubmissionAnswers,
    by: &str,
    line: &AnswerLine,
) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "update submissions set state = $4, reason = $5, answered_on = $6, answered_by = $7, answer_sha256 = $8 \
             where organisation = $1 and platform = $2 and number = $3")
        .bind(answers.organisation.to_string()).bind(&answers.platform).bind(line.number.as_str())
        .bind(line.state.as_str()).bind(line.reason.as_deref().unwrap_or_default())
        .bind(answers.read_on.to_string()).bind(by).bind(&answers.sha256)
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn add_answers(
    tx: &mut Tx,
    answers: &SubmissionAnswers,
    by: &str,
    rejects: &str,
) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into submission_answers (id, organisation, platform, sha256, actor, doc, rejects) \
             values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(answers.id.to_string()).bind(answers.organisation.to_string()).bind(&answers.platform)
        .bind(&answers.sha256).bind(by).bind(Json(answers)).bind(rejects)
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// The answers that were read from this very file.
pub async fn find_by_file(
    tx: &mut Tx,
    organisation: &Id,
    platform: &str,
    sha256: &str,
) -> Result<Option<SubmissionAnswers>> {
    let found: Option<Json<SubmissionAnswers>> = on!(tx, conn => sqlx::query_scalar(
            "select doc from submission_answers where organisation = $1 and platform = $2 and sha256 = $3")
        .bind(organisation.to_string()).bind(platform).bind(sha256)
        .fetch_optional(&mut **conn).await?);
    Ok(found.map(|Json(answers)| answers))
}

/// Answers with the rows that fitted nothing.
pub async fn find_answers(tx: &mut Tx, id: &Id) -> Result<Option<(SubmissionAnswers, String)>> {
    let found: Option<(Json<SubmissionAnswers>, String)> = on!(tx, conn =>
        sqlx::query_as("select doc, rejects from submission_answers where id = $1")
            .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    Ok(found.map(|(Json(answers), rejects)| (answers, rejects)))
}

/// What a list of submissions is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// `None`: of every organisation, for the office.
    pub organisation: Option<Id>,
    pub platform: Option<String>,
    pub state: Option<SubmissionState>,
    pub changed: Option<bool>,
}

const FROM: &str = " from submissions s join holdings h on h.id = s.holding join patents p on p.number = s.number \
                    left join inventory i on i.holding = s.holding \
                    where ($1 = '' or s.organisation = $1) and ($2 = '' or s.platform = $2) and ($3 = '' or s.state = $3) \
                    and ($4 = '' or ($4 = 'yes') = (s.patent_version <> p.version or s.holding_version <> h.version \
                    or s.inventory_version <> coalesce(i.version, 0)))";

macro_rules! filtered {
    ($query:expr, $filter:expr) => {{
        let filter = $filter;
        let changed = filter
            .changed
            .map_or("", |changed| if changed { "yes" } else { "no" });
        $query
            .bind(
                filter
                    .organisation
                    .as_ref()
                    .map(Id::to_string)
                    .unwrap_or_default(),
            )
            .bind(filter.platform.clone().unwrap_or_default())
            .bind(filter.state.map_or("", SubmissionState::as_str))
            .bind(changed)
    }};
}

type Row = (
    String,
    String,
    String,
    String,
    String,
    bool,
    String,
    String,
    String,
    String,
    String,
    String,
);

/// A page in order of platform and holding.
pub async fn page(
    tx: &mut Tx,
    filter: &Filter,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<Submission>> {
    let sql = format!(
        "select s.holding, s.platform, s.organisation, s.number, s.state, \
         (s.patent_version <> p.version or s.holding_version <> h.version \
          or s.inventory_version <> coalesce(i.version, 0)), \
         s.exported_on, s.exported_by, s.file_sha256, s.answered_on, s.answered_by, s.reason{FROM} \
         and (s.platform, s.holding) > ($5, $6) order by s.platform, s.holding limit $7"
    );
    let rows: Vec<Row> = on!(tx, conn => filtered!(sqlx::query_as(sqlx::AssertSqlSafe(sql.clone())), filter)
        .bind(after.0).bind(after.1).bind(limit).fetch_all(&mut **conn).await?);
    rows.into_iter().map(submission).collect()
}

pub async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64> {
    let sql = format!("select count(*){FROM}");
    Ok(
        on!(tx, conn => filtered!(sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone())), filter)
        .fetch_one(&mut **conn).await?),
    )
}

/// Those of these holdings, every platform's.
pub async fn of_holdings(tx: &mut Tx, holdings: &[Id]) -> Result<Vec<Submission>> {
    let mut found = Vec::new();
    for chunk in holdings.chunks(500) {
        let rows: Vec<Row> = on!(tx, conn => {
            let mut query = QueryBuilder::new(
                "select s.holding, s.platform, s.organisation, s.number, s.state, \
                 (s.patent_version <> p.version or s.holding_version <> h.version \
                  or s.inventory_version <> coalesce(i.version, 0)), \
                 s.exported_on, s.exported_by, s.file_sha256, s.answered_on, s.answered_by, s.reason \
                 from submissions s join holdings h on h.id = s.holding join patents p on p.number = s.number \
                 left join inventory i on i.holding = s.holding where s.holding in (");
            let mut list = query.separated(", ");
            for holding in chunk {
                list.push_bind(holding.to_string());
            }
            query.push(") order by s.holding, s.platform");
            query.build_query_as().fetch_all(&mut **conn).await?
        });
        for row in rows {
            found.push(submission(row)?);
        }
    }
    Ok(found)
}

fn submission(row: Row) -> Result<Submission> {
    let (
        holding,
        platform,
        organisation,
        number,
        state,
        changed,
        on,
        by,
        sha256,
        answered,
        who,
        reason,
    ) = row;
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(Submission {
        holding: word(&holding, Id::parse)?,
        organisation: word(&organisation, Id::parse)?,
        number: word(&number, |text| {
            AppNo::parse(text).ok().map(|(number, _)| number)
        })?,
        platform,
        state: word(&state, SubmissionState::parse)?,
        changed,
        exported_on: word(&on, |text| text.parse().ok())?,
        exported_by: by,
        file_sha256: sha256,
        answered_on: said(answered)
            .map(|day| word(&day, |text| text.parse().ok()))
            .transpose()?,
        answered_by: said(who),
        reason: said(reason),
    })
}
