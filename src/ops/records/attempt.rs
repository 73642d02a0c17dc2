//! One line in its own transaction: read, recorded or told from what is recorded already, committed, or refused in
//! the words of its cell. A rehearsal does all of it but the commit.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use super::{declarations, events, licences, parties::Directory, report::ToWithdraw};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        declaration::Declaration,
        file::FileRef,
        id::Id,
        licence::Licence,
        record::{Column, Flaw, Line, RecordKind},
        time::Day,
    },
    ops::{Error, Fault, Result, Services},
    store,
};

/// What became of a line that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done<T = Id> {
    Recorded(T),
    /// Recorded before; evidence or a filing that it lacked was added.
    Completed(T),
    /// Recorded before, and nothing new.
    Repeated(T),
}

impl<T> Done<T> {
    /// The record.
    pub const fn id(&self) -> &T {
        match self {
            Self::Recorded(id) | Self::Completed(id) | Self::Repeated(id) => id,
        }
    }

    /// The same, of which it does not matter which record it is.
    pub(super) fn nameless(self) -> Done<()> {
        match self {
            Self::Recorded(_) => Done::Recorded(()),
            Self::Completed(_) => Done::Completed(()),
            Self::Repeated(_) => Done::Repeated(()),
        }
    }
}

/// Why a line went no further.
pub(super) enum Stop {
    Flaw(Box<Flaw>),
    /// A rule or the database; rules are turned into flaws.
    Failed(Error),
}

impl Stop {
    pub(super) fn flaw(flaw: Flaw) -> Self {
        Self::Flaw(Box::new(flaw))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Box<Flaw>> for Stop {
    fn from(flaw: Box<Flaw>) -> Self {
        Self::Flaw(flaw)
    }
}

/// What a rehearsal would have written, so that later lines meet it.
#[derive(Default)]
pub(super) struct Rehearsal {
    /// By declaration number.
    pub(super) declarations: HashMap<String, Declaration>,
    /// By declaration and licensee as the line names it.
    pub(super) licences: HashMap<(Id, String), Licence>,
    /// What lines of events have made of patents.
    pub(super) events: events::Overlay,
}

/// What the lines of a list share.
pub(super) struct Desk<'a> {
    pub(super) services: &'a Services,
    pub(super) actor: &'a Actor,
    pub(super) directory: Directory,
    /// `None`: in earnest.
    pub(super) rehearsal: Option<Rehearsal>,
    /// Names of files that a rehearsal takes as stored.
    pub(super) promised: HashSet<String>,
    /// Declarations that lines have made to be withdrawn.
    pub(super) must_withdraw: Vec<ToWithdraw>,
    /// The list itself, where it is kept: the source of what it says of a status.
    pub(super) document: Option<FileRef>,
    /// The latest transfer of each patent that the list tells of.
    pub(super) transfers: HashMap<AppNo, Day>,
}

impl<'a> Desk<'a> {
    pub(super) async fn open(
        services: &'a Services,
        actor: &'a Actor,
        dry_run: bool,
        promised: &[String],
    ) -> Result<Self> {
        let mut tx = services.read().await?;
        Ok(Self {
            services,
            actor,
            directory: Directory::load(&mut tx).await?,
            rehearsal: dry_run.then(Rehearsal::default),
            promised: promised.iter().filter(|_| dry_run).cloned().collect(),
            must_withdraw: Vec::new(),
            document: None,
            transfers: HashMap::new(),
        })
    }

    /// What becomes of a line.
    pub(super) async fn take(
        &mut self,
        kind: RecordKind,
        line: &Line,
    ) -> Result<std::result::Result<Done<()>, Vec<Flaw>>> {
        if kind != RecordKind::Events {
            let taken = self.record(kind, line).await?;
            return Ok(taken.map(Done::nameless));
        }
        let mut attempt = 0;
        loop {
            let outcome = events::take(self, line).await;
            match settled(kind, line, outcome, &mut attempt)? {
                Some(outcome) => return Ok(outcome),
                None => pause(attempt).await,
            }
        }
    }

    /// The same of a line that becomes one record.
    async fn record(
        &mut self,
        kind: RecordKind,
        line: &Line,
    ) -> Result<std::result::Result<Done, Vec<Flaw>>> {
        let mut attempt = 0;
        loop {
            let outcome = match kind {
                RecordKind::Declarations => declarations::take(self, line).await,
                RecordKind::Licences => licences::take(self, line).await,
                RecordKind::Events => return Err(Error::Internal("an event is no record".into())),
            };
            match settled(kind, line, outcome, &mut attempt)? {
                Some(outcome) => return Ok(outcome),
                None => pause(attempt).await,
            }
        }
    }
}

/// What an attempt came to; `None`: the database was busy, try again.
fn settled<T>(
    kind: RecordKind,
    line: &Line,
    outcome: std::result::Result<T, Refused>,
    attempt: &mut u64,
) -> Result<Option<std::result::Result<T, Vec<Flaw>>>> {
    match outcome {
        Ok(done) => Ok(Some(Ok(done))),
        Err(Refused::Flaws(flaws)) => Ok(Some(Err(flaws))),
        Err(Refused::Stop(Stop::Flaw(flaw))) => Ok(Some(Err(vec![*flaw]))),
        Err(Refused::Stop(Stop::Failed(Error::Busy))) if *attempt < 20 => {
            *attempt += 1;
            Ok(None)
        }
        Err(Refused::Stop(Stop::Failed(error))) => flaws(kind, line, error).map(|f| Some(Err(f))),
    }
}

async fn pause(attempt: u64) {
    tokio::time::sleep(Duration::from_millis(50 * attempt)).await;
}

/// The line cannot be read, or goes no further.
pub(super) enum Refused {
    Flaws(Vec<Flaw>),
    Stop(Stop),
}

impl<E: Into<Stop>> From<E> for Refused {
    fn from(stop: E) -> Self {
        Self::Stop(stop.into())
    }
}

/// Records one line, for a form.
pub async fn record(
    services: &Services,
    actor: &Actor,
    kind: RecordKind,
    line: &Line,
) -> Result<std::result::Result<Done, Vec<Flaw>>> {
    access::check(actor, Operation::ImportRecords, None)?;
    Desk::open(services, actor, false, &[])
        .await?
        .record(kind, line)
        .await
}

/// A rule's refusal as flaws of the line's cells; what is no fault of the line ends the list.
fn flaws(kind: RecordKind, line: &Line, error: Error) -> Result<Vec<Flaw>> {
    match error {
        Error::Invalid(faults)
        | Error::Parameters(faults)
        | Error::Unlawful { faults, .. }
        | Error::Prevented { faults, .. } => Ok(faults
            .into_iter()
            .map(|fault| flaw(kind, line, fault))
            .collect()),
        Error::NotFound("patent") => Ok(vec![
            blank(line, Column::Number, |said| {
                Flaw::new(
                    Column::Number,
                    said,
                    "patentUnknown",
                    "库中没有这件专利。",
                    "This patent is not registered.",
                )
            })
            .cure(
                "请先导入这件专利（POST /v1/imports 或 kaixu import）。",
                "Import the patent first (POST /v1/imports or kaixu import).",
            ),
        ]),
        Error::Exists(_) => {
            let column = match kind {
                RecordKind::Declarations => Column::DeclarationNumber,
                RecordKind::Licences => Column::Licensee,
                RecordKind::Events => Column::Event,
            };
            let (code, text) = (error.code(), error.text());
            Ok(vec![blank(line, column, |said| {
                Flaw::new(column, said, code, text.zh.clone(), text.en.clone())
            })])
        }
        other => Err(other),
    }
}

fn flaw(kind: RecordKind, line: &Line, fault: Fault) -> Flaw {
    let column = column_of(kind, line, &fault.pointer);
    let said = column.map_or(String::new(), |column| line.said(column));
    let mut flaw = Flaw::new(column, &said, fault.code, fault.text.zh, fault.text.en);
    flaw.cure = fault.cure.map(|cure| *cure);
    flaw
}

fn blank(line: &Line, column: Column, make: impl Fn(&str) -> Flaw) -> Flaw {
    make(&line.said(column))
}

/// Which cell a pointer into the body of the single record means.
fn column_of(kind: RecordKind, line: &Line, pointer: &str) -> Option<Column> {
    use Column as C;
    let first_of = |columns: &[Column]| {
        let filled = columns
            .iter()
            .find(|column| !line.said(**column).is_empty());
        filled.or(columns.last()).copied()
    };
    if let Some(term) = pointer.strip_prefix("/terms") {
        if !line.said(C::Terms).is_empty() {
            return Some(C::Terms);
        }
        return Some(match term.rsplit('/').next().unwrap_or_default() {
            "everyMonths" => C::EveryMonths,
            "rateBp" => C::Rate,
            "payWithinDays" => C::PayWithinDays,
            _ => C::Amount,
        });
    }
    Some(match (kind, pointer) {
        (_, "/organisation") => C::Organisation,
        (RecordKind::Declarations | RecordKind::Events, "/number") => C::Number,
        (RecordKind::Events, "/from" | "/releasedOn" | "/asOf" | "/on") => C::EventOn,
        (RecordKind::Events, "/until") => C::EventUntil,
        (RecordKind::Events, "/party") => C::Party,
        (RecordKind::Events, "/registration") => C::Registration,
        (RecordKind::Events, "/statusText") => C::Event,
        (_, "/declarationNumber" | "/declaration") => C::DeclarationNumber,
        (_, "/effectiveOn") => C::EffectiveOn,
        (_, "/until") => C::Until,
        (_, "/source") => C::Source,
        (_, "/explanation") => C::Explanation,
        (_, "/announcedOn") => first_of(&[C::TerminatedOn, C::RevokedOn, C::WithdrawnOn])?,
        (_, "/noticeOn") => C::NoticeOn,
        (_, "/paidOn") => C::PaidOn,
        (_, "/amountFen") => C::PaidAmount,
        (_, "/payments") => first_of(&[C::PaidAmount, C::PaidOn])?,
        (RecordKind::Licences, "/on") => C::FilingOn,
        (RecordKind::Licences, "/number") => C::FilingNumber,
        (_, "/licensee/organisation" | "/licensee/individual/name") => C::Licensee,
        (_, "/licensee/individual/contact") => C::LicenseeContact,
        _ => return None,
    })
}
