//! What a holder has to register: its list of numbers or its count comes in and takes the place of the one before; how
//! much of it is registered; which numbers are missing. A list is read row by row into pieces of its own, and stands
//! only when it was read to its end, so that a million numbers hold up nobody and half a list never counts.

use std::path::Path;

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

use super::{Error, Fault, Result, Services, announce::announce, organisations, uploads};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        due::{
            Coverage, DueBasis, DueClass, DueCounts, DueList, DueNumber, DueProblem, MOST,
            PROBLEMS, SOURCE_CHARS,
        },
        event::Sight,
        id::Id,
        intake::{Reject, read_due},
        patent::Patent,
        text::Lang,
        time::{Day, Instant},
    },
    sheet::{self, RowProblem, SheetError, csv_line, guarded_line},
    store::{Stored, Tx, due, patents},
};

/// Numbers stored in one transaction.
const BATCH: usize = 5_000;
/// Numbers of a page of the sheet to fill in.
const PIECE: i64 = 500;

/// What comes with a list.
#[derive(Clone, Debug)]
pub struct NewDueList {
    /// The day of which it tells.
    pub as_of: Day,
    /// The holder's own list, when nobody says where it is from.
    pub source: Option<String>,
    pub file_name: Option<String>,
}

/// A count without numbers.
#[derive(Clone, Debug)]
pub struct NewDueCount {
    pub count: i64,
    pub as_of: Day,
    pub source: String,
}

/// What a holder has to register, and how much of it is.
#[derive(Clone, Debug)]
pub struct Standing {
    pub record: Stored<DueList>,
    pub counts: DueCounts,
}

impl Standing {
    pub fn coverage(&self) -> Coverage {
        Coverage {
            list: self.record.value.clone(),
            counts: self.counts,
        }
    }
}

/// The holder that is named, if this actor may do that with what is its own.
async fn holder(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    reference: &str,
) -> Result<Id> {
    access::check_role(actor, operation)?;
    let mut tx = services.read().await?;
    let found = organisations::find(&mut tx, reference).await?;
    let id = found.ok_or(Error::NotFound("organisation"))?.value.id;
    access::check(actor, operation, Some(&id))?;
    Ok(id)
}

/// A list is of a day that has come, from a source that is named in a few words.
fn checked(services: &Services, as_of: Day, source: &str) -> Result<String> {
    let source = source.trim();
    let mut faults = Vec::new();
    if as_of > services.clock.today() {
        faults.push(Fault::new(
            "/asOf",
            "dayInFuture",
            "日期在今天之后，请核对。",
            "The day is after today.",
        ));
    }
    if source.is_empty()
        || source.chars().count() > SOURCE_CHARS
        || source.chars().any(char::is_control)
    {
        faults.push(Fault::new(
            "/source",
            "sourceInvalid",
            format!("请用不超过 {SOURCE_CHARS} 字说明来源。"),
            format!("Say the source in at most {SOURCE_CHARS} characters."),
        ));
    }
    if faults.is_empty() {
        Ok(source.to_owned())
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Puts a list in the place of what stood before. The same file with the same day and source changes nothing.
pub async fn put(
    services: &Services,
    actor: &Actor,
    reference: &str,
    new: NewDueList,
    upload: impl Stream<Item = Result<Bytes>>,
) -> Result<Standing> {
    let organisation = holder(services, actor, Operation::PutDueList, reference).await?;
    let said = new.source.as_deref().map(str::trim);
    let said = said.filter(|text| !text.is_empty());
    let source = said.unwrap_or(DueBasis::Numbers.zh());
    let source = checked(services, new.as_of, source)?;
    let limit = services.limits.upload_bytes;
    let (file, sha256) = uploads::spool(services, limit, upload).await?;
    let stood = due::find(&mut services.read().await?, &organisation).await?;
    if let Some(stood) = stood
        && stood.value.sha256.as_ref() == Some(&sha256)
        && stood.value.as_of == new.as_of
        && stood.value.source == source
    {
        return standing(services, stood).await;
    }
    let list = services.ids.next(services.now());
    let read = match store(services, &list, file.path(), new.file_name.as_deref()).await {
        Ok(read) => read,
        Err(error) => {
            forget(services, &list.to_string()).await?;
            return Err(error);
        }
    };
    let next = DueList {
        organisation,
        basis: DueBasis::Numbers,
        count: read.count,
        as_of: new.as_of,
        source,
        by_office: actor.sight() == Sight::Office,
        file_name: new.file_name,
        sha256: Some(sha256),
        rows: read.rows,
        rejected: read.rejected,
        problems: read.problems,
        list: Some(list),
    };
    replace(services, actor, next).await
}

/// States a count in the place of what stood before.
pub async fn state(
    services: &Services,
    actor: &Actor,
    reference: &str,
    new: NewDueCount,
) -> Result<Standing> {
    let organisation = holder(services, actor, Operation::StateDueCount, reference).await?;
    let source = checked(services, new.as_of, &new.source)?;
    if !(1..=MOST).contains(&new.count) {
        return Err(Error::fault(
            "/count",
            "countInvalid",
            format!("件数应为 1 至 {MOST}。"),
            format!("A count is 1 to {MOST}."),
        ));
    }
    let next = DueList {
        organisation,
        basis: DueBasis::Stated,
        count: new.count,
        as_of: new.as_of,
        source,
        by_office: actor.sight() == Sight::Office,
        file_name: None,
        sha256: None,
        rows: 0,
        rejected: 0,
        problems: Vec::new(),
        list: None,
    };
    replace(services, actor, next).await
}

async fn replace(services: &Services, actor: &Actor, next: DueList) -> Result<Standing> {
    let mut tx = services.write(actor).await?;
    let stood = due::find(&mut tx, &next.organisation).await?;
    let record = match &stood {
        Some(stood) if stood.value == next => stood.clone(),
        Some(stood) => {
            let record = due::update(&mut tx, next, stood.version).await?;
            announce(&mut tx, Some(&stood.value), &record);
            record
        }
        None => {
            let record = due::insert(&mut tx, next).await?;
            announce(&mut tx, None, &record);
            record
        }
    };
    tx.commit().await?;
    let old = stood.and_then(|stood| stood.value.list);
    if let Some(old) = old.filter(|old| record.value.list.as_ref() != Some(old)) {
        // What fails here is swept the day after.
        let _ = forget(services, &old.to_string()).await;
    }
    standing(services, record).await
}

/// What was read of a file.
struct Read {
    count: i64,
    rows: i64,
    rejected: i64,
    problems: Vec<DueProblem>,
}

/// Reads a file to its end and stores its numbers under an id that nothing names yet.
async fn store(services: &Services, list: &Id, path: &Path, name: Option<&str>) -> Result<Read> {
    let (send, mut pieces) = mpsc::channel::<Vec<DueNumber>>(2);
    let (path, name) = (path.to_owned(), name.map(str::to_owned));
    let limits = services.limits.sheet.clone();
    let reading =
        tokio::task::spawn_blocking(move || numbers(&path, name.as_deref(), &limits, &send));
    while let Some(piece) = pieces.recv().await {
        let mut tx = services.db.begin_plain().await?;
        due::add_numbers(&mut tx, list, &piece).await?;
        tx.commit().await?;
    }
    let read = reading
        .await
        .map_err(|e| Error::Internal(format!("reader: {e}")))?;
    let mut read = read.map_err(|problem| {
        let zh = format!("{}。", problem.text(Lang::Zh));
        let en = format!("{}.", problem.text(Lang::En));
        Error::fault("", problem.as_str(), zh, en)
    })?;
    read.count = due::count_numbers(&mut services.read().await?, list).await?;
    if read.count == 0 {
        return Err(Error::fault(
            "",
            "noNumbers",
            "没有读到任何申请号，请核对文件。",
            "No application number was read; check the file.",
        ));
    }
    Ok(read)
}

fn numbers(
    path: &Path,
    name: Option<&str>,
    limits: &sheet::Limits,
    send: &mpsc::Sender<Vec<DueNumber>>,
) -> std::result::Result<Read, SheetError> {
    let mut read = Read {
        count: 0,
        rows: 0,
        rejected: 0,
        problems: Vec::new(),
    };
    let mut piece = Vec::with_capacity(BATCH);
    for row in sheet::open(path, name, limits)? {
        read.rows += 1;
        let number = match row {
            Ok(row) => read_due(&row),
            Err(RowProblem::Rejected(reject)) => Err(reject),
            Err(RowProblem::Fatal(problem)) => return Err(problem),
        };
        match number {
            Ok(number) => piece.push(number),
            Err(Reject {
                row, code, value, ..
            }) => {
                read.rejected += 1;
                if read.problems.len() < PROBLEMS {
                    let code = code.as_str().to_owned();
                    read.problems.push(DueProblem { row, code, value });
                }
            }
        }
        // Nobody takes the piece any more: whoever asked has gone.
        if piece.len() == BATCH
            && send
                .blocking_send(std::mem::replace(&mut piece, Vec::with_capacity(BATCH)))
                .is_err()
        {
            break;
        }
    }
    let _ = send.blocking_send(piece);
    Ok(read)
}

/// Removes the numbers of a list that does not stand, a piece a transaction.
async fn forget(services: &Services, list: &str) -> Result<()> {
    loop {
        let mut tx = services.db.begin_plain().await?;
        let more = due::remove_numbers(&mut tx, list).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// Removes what uploads that broke off before this moment have left.
pub(super) async fn sweep(services: &Services, before: Instant) -> Result<()> {
    let before = services.ids.next(before);
    let mut tx = services.read().await?;
    let standing = all(&mut tx).await?.into_iter();
    let standing: Vec<Id> = standing.filter_map(|record| record.value.list).collect();
    drop(tx);
    loop {
        let mut tx = services.read().await?;
        let found = due::find_abandoned(&mut tx, &standing, &before).await?;
        drop(tx);
        match found {
            Some(list) => forget(services, &list).await?,
            None => return Ok(()),
        }
    }
}

/// Every holder's; there are as many as holders.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Stored<DueList>>> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = due::page_by_id(tx, &after, 500).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = last.value.organisation.to_string();
        found.extend(page);
    }
}

/// How much of a list is registered.
pub(super) async fn counted(tx: &mut Tx, list: &DueList) -> Result<DueCounts> {
    match &list.list {
        Some(numbers) => Ok(due::counts(tx, &list.organisation, numbers).await?),
        None => {
            let registered = due::count_beyond(tx, &list.organisation, None).await?;
            Ok(DueCounts::of_stated(registered, list.count))
        }
    }
}

async fn standing(services: &Services, record: Stored<DueList>) -> Result<Standing> {
    let counts = counted(&mut services.read().await?, &record.value).await?;
    Ok(Standing { record, counts })
}

/// What stands for a holder.
pub async fn find(services: &Services, actor: &Actor, reference: &str) -> Result<Option<Standing>> {
    let organisation = holder(services, actor, Operation::GetDueList, reference).await?;
    let record = due::find(&mut services.read().await?, &organisation).await?;
    match record {
        Some(record) => standing(services, record).await.map(Some),
        None => Ok(None),
    }
}

/// A number with what is known of its patent here.
#[derive(Clone, Debug)]
pub struct DueLine {
    pub number: AppNo,
    pub patent: Option<Patent>,
}

/// The numbers of a class in their order, at most `limit` after one.
pub async fn numbers_of(
    services: &Services,
    actor: &Actor,
    reference: &str,
    class: DueClass,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<DueLine>> {
    let organisation = holder(services, actor, Operation::ListDueNumbers, reference).await?;
    let mut tx = services.read().await?;
    let record = due::find(&mut tx, &organisation)
        .await?
        .ok_or(Error::NotFound("dueList"))?;
    let (list, after) = (record.value.list.as_ref(), after.unwrap_or_default());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let numbers = due::page_numbers(&mut tx, &organisation, list, class, after, limit).await?;
    let mut known = patents::list_by_numbers(&mut tx, &numbers).await?;
    let lines = numbers.into_iter().map(|number| {
        let at = known.iter().position(|p| p.value.number == number);
        DueLine {
            patent: at.map(|at| known.swap_remove(at).value),
            number,
        }
    });
    Ok(lines.collect())
}

/// The header of a sheet to fill in, which the import reads.
pub fn sheet_header() -> Vec<u8> {
    let mut out = "\u{feff}".as_bytes().to_vec();
    out.extend(csv_line(&[
        "专利号",
        "专利名称",
        "专利类型",
        "申请日",
        "授权公告日",
        "专利权人",
        "发明人",
        "法律状态",
        "所属学院",
        "转化状态",
    ]));
    out
}

/// The next missing numbers as lines of the sheet, filled in where the patent is known here, and the last of them.
pub async fn sheet_lines(
    services: &Services,
    actor: &Actor,
    reference: &str,
    after: Option<&str>,
) -> Result<Option<(Vec<u8>, String)>> {
    let limit = usize::try_from(PIECE).unwrap_or(500);
    let class = DueClass::Missing;
    let lines = numbers_of(services, actor, reference, class, after, limit).await?;
    let Some(last) = lines.last() else {
        return Ok(None);
    };
    let last = last.number.to_string();
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let mut out = Vec::new();
    for DueLine { number, patent } in &lines {
        let kind = number.kind().zh().to_owned();
        let cells = match patent {
            Some(p) => [
                number.zl(),
                p.title.clone(),
                kind,
                day(p.filing_date),
                day(p.grant_date),
                p.patentees().join("; "),
                p.inventors.join("; "),
                p.status_text.clone().unwrap_or_default(),
                String::new(),
                String::new(),
            ],
            None => {
                let mut cells: [String; 10] = Default::default();
                cells[0] = number.zl();
                cells[2] = kind;
                cells
            }
        };
        out.extend(guarded_line(&cells));
    }
    Ok(Some((out, last)))
}
