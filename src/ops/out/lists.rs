//! Lists of records as files: the same filters, the same audience and the same rows as the list itself, read from one
//! snapshot, a piece at a time.

use std::{collections::HashMap, sync::Arc};

use super::{Made, OutFormat, Spool, rows};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::{AppNo, region},
        event::Sight,
        id::Id,
        indicator::Unit,
        patent::Patent,
        reference::Names,
        search::{Cursor, MAX_LIMIT, NeedQuery},
        time::Day,
        words::words,
    },
    ops::{
        self, Error, Fault, Result, Services, asked, audit,
        declarations::DeclarationFilter,
        holdings::HoldingFilter,
        licences::LicenceFilter,
        organisations,
        params::Params,
        progress::{self, Asked, Which},
        reference,
        tasks::{self, TaskKind},
    },
    sheet::Value,
    store::{self, Tx, declarations, holdings, licences, patents},
};

words! {
    /// A list that goes out as a file.
    pub enum List {
        Needs = "needs", "技术需求", "Needs";
        Declarations = "declarations", "开放许可声明", "Declarations";
        Licences = "licences", "许可", "Licences";
        /// The counted units of a figure.
        Units = "units", "计入明细", "Counted units";
        Tasks = "tasks", "待办", "Tasks";
        Organisations = "organisations", "单位名录", "Organisations";
        Holdings = "holdings", "存量记录", "Holdings";
        Audit = "audit", "操作审计", "Audit";
    }
}

impl List {
    /// What whoever takes it out must be allowed to do.
    const fn operation(self) -> Operation {
        match self {
            Self::Needs => Operation::ExportNeeds,
            Self::Declarations => Operation::ExportDeclarations,
            Self::Licences => Operation::ExportLicences,
            Self::Units => Operation::ExportProgressItems,
            Self::Tasks => Operation::ExportTasks,
            Self::Organisations => Operation::ExportOrganisations,
            Self::Holdings => Operation::ExportHoldings,
            Self::Audit => Operation::ExportAudit,
        }
    }
}

/// Records read at once.
const PIECE: i64 = 500;

/// A list as it is narrowed by its own parameters, as a file.
pub async fn list(
    services: &Services,
    actor: &Actor,
    list: List,
    mut params: Params,
    format: OutFormat,
) -> Result<Made> {
    access::check_role(actor, list.operation())?;
    let mut reading = Reading::begin(services, actor, list, &mut params).await?;
    params.finish()?;
    let columns = rows::columns(list);
    let header = |(key, title): &(&str, &str)| match format {
        OutFormat::Ndjson => (*key).to_owned(),
        OutFormat::Csv | OutFormat::Xlsx => (*title).to_owned(),
    };
    let headers = columns.iter().map(header).collect();
    let spool = Spool::open(services, format, list.zh(), headers);
    while let Some(rows) = reading.next(services, actor).await? {
        if !spool.rows(rows).await {
            break;
        }
    }
    spool.finish().await
}

/// What is left to be read.
enum Left {
    Needs(NeedQuery),
    Declarations(DeclarationFilter, String),
    Licences(LicenceFilter, String),
    Units(std::vec::IntoIter<Unit>),
    Tasks(Vec<TaskKind>, String),
    Organisations(Option<String>, String),
    Holdings(HoldingFilter, String),
    Audit(Box<store::audit::Filter>, audit::Place),
    Nothing,
}

/// A list being read.
struct Reading {
    tx: Tx,
    left: Left,
    names: Arc<Names>,
    sight: Sight,
    today: Day,
    /// Days that a holder has for withdrawing what must be.
    withdraw_days: i32,
}

impl Reading {
    async fn begin(
        services: &Services,
        actor: &Actor,
        list: List,
        params: &mut Params,
    ) -> Result<Self> {
        let left = match list {
            List::Needs => Left::Needs(NeedQuery {
                limit: MAX_LIMIT,
                ..asked::need_query(services, actor, params)?
            }),
            List::Declarations => {
                let (organisation, mut filter) = asked::declarations(params)?;
                filter.organisation = named(services, organisation, "?organisation").await?;
                Left::Declarations(filter, String::new())
            }
            List::Licences => {
                let (sides, filter) = asked::licences(params)?;
                let filter = ops::licences::sided(services, &sides, filter).await?;
                Left::Licences(filter, String::new())
            }
            List::Holdings => {
                let (organisation, mut filter) = asked::holdings(params)?;
                filter.organisation = named(services, organisation, "?organisation").await?;
                Left::Holdings(filter, String::new())
            }
            List::Organisations => Left::Organisations(district(params)?, String::new()),
            List::Units => {
                let (asked, which) = (Asked::take(params)?, Which::take(params)?);
                // Counting takes a while: what is not known here is said before.
                std::mem::take(params).finish()?;
                let (_, units) = progress::items(services, actor, &asked, &which).await?;
                Left::Units(units.into_iter())
            }
            List::Tasks => {
                let words = TaskKind::ALL.map(TaskKind::as_str);
                let kind = params.word("kind", TaskKind::parse, &words)?;
                if actor.sight() == Sight::Public {
                    return Err(access::Denied::NotYours.into());
                }
                let wanted = |k: &TaskKind| kind.is_none_or(|kind| kind == *k);
                Left::Tasks(
                    TaskKind::ALL.into_iter().filter(wanted).collect(),
                    String::new(),
                )
            }
            List::Audit => {
                let asked = asked::audit(params)?;
                let filter = audit::filter(&mut services.read().await?, &asked).await?;
                Left::Audit(Box::new(filter), audit::Place::default())
            }
        };
        // The names may want a connection of their own, so they come before ours.
        let names = reference::names(services).await;
        Ok(Self {
            tx: services.read().await?,
            left,
            names,
            sight: actor.sight(),
            today: services.clock.today(),
            withdraw_days: services.rules.withdraw_days,
        })
    }

    /// The next rows; `None` at the end.
    async fn next(
        &mut self,
        services: &Services,
        actor: &Actor,
    ) -> Result<Option<Vec<Vec<Value>>>> {
        let left = std::mem::replace(&mut self.left, Left::Nothing);
        let (rows, left) = match left {
            Left::Nothing => return Ok(None),
            Left::Needs(query) => self.needs(services, query).await?,
            Left::Declarations(filter, after) => self.declarations(filter, &after).await?,
            Left::Licences(filter, after) => self.licences(filter, &after).await?,
            Left::Units(units) => self.units(units).await?,
            Left::Tasks(kinds, after) => self.tasks(actor, kinds, &after).await?,
            Left::Organisations(district, after) => self.organisations(district, &after).await?,
            Left::Holdings(filter, after) => self.holdings(filter, &after).await?,
            Left::Audit(filter, place) => {
                let piece = usize::try_from(PIECE).unwrap_or(usize::MAX);
                let (found, next) = audit::merged(&mut self.tx, &filter, &place, piece).await?;
                let rows = found.iter().map(rows::audit).collect();
                let left = next.map_or(Left::Nothing, |place| Left::Audit(filter, place));
                (rows, left)
            }
        };
        self.left = left;
        Ok(Some(rows))
    }

    /// From the index, which knows the text that was asked for.
    async fn needs(&self, services: &Services, mut query: NeedQuery) -> Result<Piece> {
        let found = services.search()?.needs(query.clone()).await?;
        let row = |hit| rows::need(hit, &self.names);
        let rows = found.hits.iter().map(row).collect();
        let left = found.next.map_or(Left::Nothing, |Cursor(place)| {
            query.cursor = Some(Cursor(place));
            Left::Needs(query)
        });
        Ok((rows, left))
    }

    async fn declarations(&mut self, filter: DeclarationFilter, after: &str) -> Result<Piece> {
        let found =
            declarations::page(&mut self.tx, &self.sight, &filter, Some(after), PIECE).await?;
        let ids = found.iter().map(|d| d.value.organisation.clone());
        let parties = self.parties(ids.collect()).await?;
        let row = |d| rows::declaration(d, &parties, &self.names, self.today);
        let rows = found.iter().map(|d| row(&d.value)).collect();
        let last = found.last().map(|d| d.value.id.to_string());
        Ok((rows, on(last, |after| Left::Declarations(filter, after))))
    }

    async fn licences(&mut self, filter: LicenceFilter, after: &str) -> Result<Piece> {
        let found = licences::page(&mut self.tx, &self.sight, &filter, Some(after), PIECE).await?;
        let holders = found.iter().map(|l| l.value.holder.clone());
        let licensees = found
            .iter()
            .filter_map(|l| l.value.licensee.organisation().cloned());
        let parties = self.parties(holders.chain(licensees).collect()).await?;
        let numbers = found.iter().map(|l| l.value.number.clone()).collect();
        let known = self.patents(numbers).await?;
        let row = |l| rows::licence(l, &parties, &known, self.today);
        let rows = found.iter().map(|l| row(&l.value)).collect();
        let last = found.last().map(|l| l.value.id.to_string());
        Ok((rows, on(last, |after| Left::Licences(filter, after))))
    }

    async fn holdings(&mut self, filter: HoldingFilter, after: &str) -> Result<Piece> {
        let found = holdings::page(&mut self.tx, &self.sight, &filter, Some(after), PIECE).await?;
        let parties = self
            .parties(found.iter().map(|h| h.value.organisation.clone()).collect())
            .await?;
        let numbers = found.iter().map(|h| h.value.number.clone()).collect();
        let known = self.patents(numbers).await?;
        let row = |h| rows::holding(h, &parties, &known);
        let rows = found.iter().map(|h| row(&h.value)).collect();
        let last = found.last().map(|h| h.value.id.to_string());
        Ok((rows, on(last, |after| Left::Holdings(filter, after))))
    }

    async fn organisations(&mut self, district: Option<String>, after: &str) -> Result<Piece> {
        let narrowed = district.as_deref();
        let found = store::organisations::page(&mut self.tx, narrowed, Some(after), PIECE).await?;
        let row = |party| rows::organisation(party, &self.names);
        let rows = found.iter().map(|party| row(&party.value)).collect();
        let last = found.last().map(|party| party.value.uscc.to_string());
        Ok((rows, on(last, |after| Left::Organisations(district, after))))
    }

    async fn units(&mut self, mut units: std::vec::IntoIter<Unit>) -> Result<Piece> {
        let piece: Vec<Unit> = units
            .by_ref()
            .take(usize::try_from(PIECE).unwrap_or(1))
            .collect();
        let holders = piece.iter().map(|unit| unit.holder.clone());
        let licensees = piece.iter().filter_map(|unit| unit.licensee.clone());
        let parties = self.parties(holders.chain(licensees).collect()).await?;
        let rows: Vec<_> = piece
            .iter()
            .map(|unit| rows::unit(unit, &parties, &self.names))
            .collect();
        let left = if rows.is_empty() {
            Left::Nothing
        } else {
            Left::Units(units)
        };
        Ok((rows, left))
    }

    /// Kind by kind, as the list shows them.
    async fn tasks(
        &mut self,
        actor: &Actor,
        mut kinds: Vec<TaskKind>,
        after: &str,
    ) -> Result<Piece> {
        let Some(kind) = kinds.first().copied() else {
            return Ok((Vec::new(), Left::Nothing));
        };
        let own = match actor.sight() {
            Sight::Own(id) => Some(id),
            Sight::Office | Sight::Public => None,
        };
        let piece = usize::try_from(PIECE).unwrap_or(usize::MAX);
        let tx = &mut self.tx;
        let days = (self.today, self.withdraw_days);
        let (found, _) = tasks::of_kind(tx, kind, own.as_ref(), after, piece, days).await?;
        let parties = self
            .parties(found.iter().map(|task| task.organisation.clone()).collect())
            .await?;
        let numbers = found.iter().map(|task| task.number.clone()).collect();
        let known = self.patents(numbers).await?;
        let rows = found.iter().map(|task| rows::task(task, &parties, &known));
        let rows: Vec<_> = rows.collect();
        let after = match found.last() {
            Some(last) => last.id.to_string(),
            None => {
                kinds.remove(0);
                String::new()
            }
        };
        Ok((rows, Left::Tasks(kinds, after)))
    }

    /// Names of organisations by id.
    async fn parties(&mut self, mut ids: Vec<Id>) -> Result<HashMap<Id, String>> {
        ids.sort_unstable();
        ids.dedup();
        organisations::names_in(&mut self.tx, &ids).await
    }

    async fn patents(&mut self, numbers: Vec<AppNo>) -> Result<HashMap<AppNo, Patent>> {
        let found = patents::list_by_numbers(&mut self.tx, &numbers).await?;
        let keyed = found.into_iter().map(|p| (p.value.number.clone(), p.value));
        Ok(keyed.collect())
    }
}

/// Rows, and what is left after them.
type Piece = (Vec<Vec<Value>>, Left);

/// Goes on behind the last record; without one, the list is at its end.
fn on(last: Option<String>, left: impl FnOnce(String) -> Left) -> Left {
    last.map_or(Left::Nothing, left)
}

async fn named(
    services: &Services,
    reference: Option<String>,
    pointer: &str,
) -> Result<Option<Id>> {
    match reference {
        Some(reference) => {
            let id = organisations::named(services, &reference, pointer).await?;
            Ok(Some(id))
        }
        None => Ok(None),
    }
}

fn district(params: &mut Params) -> Result<Option<String>> {
    let district = params.take("district")?;
    if district
        .as_deref()
        .is_some_and(|code| !region::is_code(code))
    {
        return Err(Error::from(Fault::new(
            "?district",
            "districtInvalid",
            "应为六位行政区划代码，例如 371002。",
            "Must be a six-digit GB/T 2260 code such as 371002.",
        )));
    }
    Ok(district)
}
