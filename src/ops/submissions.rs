//! Handing a holder's stock to a platform: the sheet goes out in the platform's layout and each patent is noted as exported;
//! the platform's answer sheet comes back and is matched, and what fits nothing stands in a file of rejects. A holder's own;
//! the office reads.

use std::{collections::HashMap, io::Seek as _};

use bytes::Bytes;
use futures_util::Stream;

pub use crate::store::submissions::Filter as SubmissionFilter;

use super::{
    Error, Fault, Result, Services, accounts::note, organisations, out::Made, out::OutFormat,
    out::stock_sheet, uploads,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        event::Sight,
        id::Id,
        stock::{StockFilter, SubmissionNarrowing},
        submission::{
            AnswerLine, Column, Misfit, Submission, SubmissionAnswers, SubmissionStage,
            SubmissionState, header_of, misfit, read_answer,
        },
        text::Lang,
    },
    sheet::{self, Layout},
    store::submissions::{self, File},
};

/// Rows of an answer sheet.
const ANSWER_ROWS: u64 = 100_000;

/// The platforms: layouts that are a platform's own sheet.
pub fn platforms(services: &Services) -> impl Iterator<Item = (&str, &Layout)> {
    services
        .layouts
        .iter()
        .filter(|(_, layout)| layout.platform)
}

fn platform<'a>(services: &'a Services, name: &str) -> Result<(&'a str, &'a Layout)> {
    let found = platforms(services).find(|(known, _)| *known == name);
    found.ok_or(Error::NotFound("platform"))
}

/// Takes one's own stock out in a platform's layout and notes each patent of the file as exported. `pending`: only what
/// was never exported, has changed since, or was rejected.
pub async fn export(
    services: &Services,
    actor: &Actor,
    name: &str,
    mut filter: StockFilter,
    pending: bool,
    format: OutFormat,
) -> Result<Made> {
    let own = own(actor, Operation::CreateSubmission)?;
    let (name, layout) = platform(services, name)?;
    if pending {
        filter.submission = Some(SubmissionNarrowing {
            platform: name.to_owned(),
            stage: SubmissionStage::Pending,
        });
    }
    let (mut made, exported) = stock_sheet(services, actor, &filter, layout, format).await?;
    let hashing = tokio::task::spawn_blocking(move || {
        let sha256 = uploads::sha256_of(&mut made.file)?;
        made.file.rewind()?;
        Ok::<_, std::io::Error>((made, sha256))
    });
    let hashed = hashing
        .await
        .map_err(|e| Error::Internal(format!("hash: {e}")))?;
    let (made, sha256) = hashed.map_err(|e| Error::Internal(format!("hash: {e}")))?;
    let file = File {
        organisation: &own,
        platform: name,
        on: services.clock.today(),
        by: &actor.name,
        sha256: &sha256,
    };
    let mut tx = services.db.begin_plain().await?;
    submissions::put(&mut tx, &file, &exported).await?;
    let about = format!("submissions/{name}");
    note(&mut tx, services, &actor.name, "stockSubmitted", &about).await?;
    tx.commit().await?;
    Ok(made)
}

/// The organisation that acts for itself.
fn own(actor: &Actor, operation: Operation) -> Result<Id> {
    access::check_role(actor, operation)?;
    let own = actor.organisation.clone().ok_or(access::Denied::NotYours)?;
    access::check(actor, operation, Some(&own))?;
    Ok(own)
}

/// What was read of an answer sheet before.
#[derive(Clone, Debug)]
pub struct Read {
    pub answers: SubmissionAnswers,
    /// This very file was read before; nothing has changed.
    pub repeated: bool,
}

/// Reads a platform's answer sheet and notes what it says of each patent that was handed in.
pub async fn answer(
    services: &Services,
    actor: &Actor,
    name: &str,
    file_name: Option<String>,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<Read> {
    let own = own(actor, Operation::CreateSubmissionAnswers)?;
    let (name, _) = platform(services, name)?;
    let limit = services.limits.upload_bytes;
    let (file, sha256) = uploads::spool(services, limit, upload).await?;
    let mut tx = services.read().await?;
    if let Some(answers) = submissions::find_by_file(&mut tx, &own, name, &sha256).await? {
        return Ok(Read {
            answers,
            repeated: true,
        });
    }
    drop(tx);
    let limits = sheet::Limits {
        rows: ANSWER_ROWS.min(services.limits.sheet.rows),
        inflated_bytes: services.limits.sheet.inflated_bytes.min(64 << 20),
        line_bytes: services.limits.sheet.line_bytes.min(64 << 10),
        ..services.limits.sheet.clone()
    };
    let (path, called) = (file.path().to_owned(), file_name.clone());
    let reading =
        tokio::task::spawn_blocking(move || lines_of(&path, called.as_deref(), &limits)).await;
    let sheet = reading.map_err(|e| Error::Internal(format!("reader: {e}")))??;
    let mut answers = SubmissionAnswers {
        id: services.ids.next(services.now()),
        organisation: own.clone(),
        platform: name.to_owned(),
        read_on: services.clock.today(),
        file_name: file_name.map(|name| name.chars().take(200).collect()),
        sha256,
        rows: sheet.rows,
        accepted: 0,
        rejected: 0,
        unmatched: 0,
    };
    let mut misfits = sheet.misfits;
    let mut tx = services.db.begin_plain().await?;
    let numbers: Vec<AppNo> = sheet
        .lines
        .iter()
        .map(|(_, line)| line.number.clone())
        .collect();
    let known = submissions::known(&mut tx, &own, name, &numbers).await?;
    let known: std::collections::HashSet<String> = known.into_iter().collect();
    for (row, line) in &sheet.lines {
        if !known.contains(line.number.as_str()) {
            misfits.push(misfit(*row, "notExported", &line.number.zl()));
            continue;
        }
        submissions::answer(&mut tx, &answers, &actor.name, line).await?;
        match line.state {
            SubmissionState::Rejected => answers.rejected += 1,
            SubmissionState::Accepted | SubmissionState::Exported => answers.accepted += 1,
        }
    }
    misfits.sort_by_key(|misfit| misfit.row);
    answers.unmatched = i64::try_from(misfits.len()).unwrap_or(i64::MAX);
    let rejects = String::from_utf8_lossy(&rejects_csv(&misfits)).into_owned();
    submissions::add_answers(&mut tx, &answers, &actor.name, &rejects).await?;
    let about = format!("submissions/{name}");
    note(&mut tx, services, &actor.name, "answersRead", &about).await?;
    tx.commit().await?;
    Ok(Read {
        answers,
        repeated: false,
    })
}

/// The lines of an answer sheet, each number once.
#[derive(Default)]
struct AnswerSheet {
    rows: i64,
    lines: Vec<(u64, AnswerLine)>,
    misfits: Vec<Misfit>,
}

fn lines_of(
    path: &std::path::Path,
    name: Option<&str>,
    limits: &sheet::Limits,
) -> Result<AnswerSheet> {
    let known = |header: &str| header_of(header).map(|_| false);
    let table = sheet::read_table(path, name, limits, &known).map_err(|problem| {
        let zh = format!("{}。", problem.text(Lang::Zh));
        let en = format!("{}.", problem.text(Lang::En));
        Error::fault("", problem.as_str(), zh, en)
    })?;
    let columns: Vec<Option<Column>> = table.headers.iter().map(|h| header_of(h)).collect();
    let has = |column| columns.contains(&Some(column));
    if !has(Column::Number) || !has(Column::Result) {
        return Err(Error::fault(
            "",
            "headerMissing",
            "缺少“申请号”或“审核结果”列。",
            "A column of application numbers or of results is missing.",
        ));
    }
    let mut sheet = AnswerSheet::default();
    let mut seen: HashMap<AppNo, AnswerLine> = HashMap::new();
    for row in table.rows {
        sheet.rows += 1;
        let number = row.number;
        let Ok(cells) = row.cells else {
            sheet.misfits.push(misfit(number, "rowUnreadable", ""));
            continue;
        };
        let cells = cells.into_iter().filter_map(|(at, cell)| {
            let column = columns.get(at).copied().flatten()?;
            Some((column, cell))
        });
        match read_answer(number, &cells.collect::<Vec<_>>()) {
            Ok(line) => match seen.get(&line.number) {
                Some(before) if *before == line => {}
                Some(_) => {
                    let misfit = misfit(number, "numberTwice", &line.number.zl());
                    sheet.misfits.push(misfit);
                }
                None => {
                    seen.insert(line.number.clone(), line.clone());
                    sheet.lines.push((number, line));
                }
            },
            Err(misfit) => sheet.misfits.push(misfit),
        }
    }
    Ok(sheet)
}

/// The rows that fit nothing, in the form of every other file of rejects.
fn rejects_csv(misfits: &[Misfit]) -> Vec<u8> {
    let mut out = sheet::rejects_header(Lang::Zh);
    for one in misfits {
        out.extend(sheet::csv_line(&[
            &one.row.to_string(),
            "",
            one.code,
            one.text.in_lang(Lang::Zh),
            "",
            &sheet::guarded(&one.value),
        ]));
    }
    out
}

/// What was read of an answer sheet, and its file of rejects; of another organisation's there is none.
pub async fn answers(
    services: &Services,
    actor: &Actor,
    id: &Id,
) -> Result<(SubmissionAnswers, String)> {
    access::check_role(actor, Operation::GetSubmissionRejects)?;
    let found = submissions::find_answers(&mut services.read().await?, id).await?;
    let visible = found.filter(|(answers, _)| match actor.sight_within() {
        Sight::Office => true,
        Sight::Own(own) => own == answers.organisation,
        Sight::Public => false,
    });
    let found = visible.ok_or(Error::NotFound("answers"))?;
    access::check(
        actor,
        Operation::GetSubmissionRejects,
        Some(&found.0.organisation),
    )?;
    Ok(found)
}

/// What was handed in, of one's own stock; of any organisation or of all for the office.
pub async fn list(
    services: &Services,
    actor: &Actor,
    organisation: Option<&str>,
    mut filter: SubmissionFilter,
    after: (&str, &str),
    limit: usize,
) -> Result<(Vec<Submission>, i64)> {
    access::check_role(actor, Operation::ListSubmissions)?;
    filter.organisation = match (organisation, actor.sight()) {
        (Some(reference), _) => {
            Some(organisations::named(services, reference, "?organisation").await?)
        }
        (None, Sight::Office) => None,
        (None, _) => actor.organisation.clone(),
    };
    if let Some(organisation) = &filter.organisation {
        access::check(actor, Operation::ListSubmissions, Some(organisation))?;
    } else if actor.sight() != Sight::Office {
        return Err(access::Denied::NotYours.into());
    }
    if let Some(name) = &filter.platform
        && platform(services, name).is_err()
    {
        let known: Vec<&str> = platforms(services).map(|(name, _)| name).collect();
        return Err(Error::from(Fault::new(
            "?platform",
            "valueUnknown",
            format!("没有这个平台；可用：{}。", known.join("、")),
            format!(
                "There is no such platform; allowed are: {}.",
                known.join(", ")
            ),
        )));
    }
    let mut tx = services.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok((
        submissions::page(&mut tx, &filter, after, limit).await?,
        submissions::count(&mut tx, &filter).await?,
    ))
}

/// Where these holdings of one's own stand, every platform's.
pub async fn of_holdings(
    services: &Services,
    actor: &Actor,
    holdings: &[Id],
) -> Result<Vec<Submission>> {
    let own = actor.organisation.as_ref();
    let found = submissions::of_holdings(&mut services.read().await?, holdings).await?;
    let mine = |one: &Submission| own == Some(&one.organisation);
    Ok(found.into_iter().filter(mine).collect())
}
