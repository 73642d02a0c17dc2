//! The count as it is shown: figures and the units behind them, for any day and any state of knowledge. Both are
//! made by one function from the bodies in the change rows, so that they cannot disagree with each other or with
//! the chain (I3).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use super::{
    Error, Fault, Result, Services, organisations::names_in, params::Params, reference, targets,
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        event::{Noun, Sight},
        id::Id,
        indicator::{self, Charge, Concern, Known, Metric, Part, Reckoning, Slice, Target, Unit},
        party::Organisation,
        patent::PatentKind,
        performance::Performance,
        reference::Names,
        text::Lang,
        time::{Day, Instant},
    },
    store::{Tx, changes},
};

/// The knowledge by which is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownAt {
    /// Everything recorded until the end of this day.
    Day(Day),
    /// Everything up to this change.
    Seq(i64),
}

impl KnownAt {
    /// Reads a day or the number of a change.
    pub fn read(text: &str) -> std::result::Result<Self, Fault> {
        if let Ok(seq) = text.parse::<i64>() {
            return Ok(Self::Seq(seq));
        }
        text.parse().map(Self::Day).map_err(|_| {
            Fault::new(
                "?knownAt",
                "knownAtInvalid",
                "应为日期（2026-12-31）或变更序号。",
                "Must be a day such as 2026-12-31 or the number of a change.",
            )
        })
    }
}

/// What is asked of the count.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The oldest target when none is named.
    pub target: Option<Id>,
    /// Today when none is named.
    pub as_of: Option<Day>,
    /// All that is known when none is named.
    pub known_at: Option<KnownAt>,
}

impl Asked {
    /// Reads `target`, `asOf` and `knownAt`.
    pub fn take(params: &mut Params) -> std::result::Result<Self, Fault> {
        let known_at = params.take("knownAt")?;
        Ok(Self {
            target: params.word("target", Id::parse, &["UUID"])?,
            as_of: params.day("asOf")?,
            known_at: known_at.as_deref().map(KnownAt::read).transpose()?,
        })
    }
}

/// Which units: of a figure, of a part of it, or those that raise a concern.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// The target's own when none is named.
    pub metric: Option<Metric>,
    pub slice: Slice,
    pub concern: Option<Concern>,
}

impl Which {
    pub fn of(metric: Metric) -> Self {
        Self {
            metric: Some(metric),
            ..Self::default()
        }
    }

    /// Reads `metric`, `concern` and the parts by their names: `month=2026-03&type=invention`.
    pub fn take(params: &mut Params) -> std::result::Result<Self, Fault> {
        let mut which = Self {
            metric: params.word("metric", Metric::parse, &Metric::ALL.map(Metric::as_str))?,
            concern: params.word(
                "concern",
                Concern::parse,
                &Concern::ALL.map(Concern::as_str),
            )?,
            slice: Slice::default(),
        };
        for part in Part::ALL {
            if let Some(key) = params.take(part.as_str())?
                && !which.slice.narrow(part, key)
            {
                return Err(Fault::new(
                    format!("?{}", part.as_str()),
                    "partInvalid",
                    format!("“{}”的值应取自指标页中的该分类。", part.zh()),
                    format!("Take the key of `{}` from the figures.", part.as_str()),
                ));
            }
        }
        Ok(which)
    }
}

/// By which day and knowledge was counted.
#[derive(Clone, Debug)]
pub struct Basis {
    pub target: Target,
    pub as_of: Day,
    /// The last change that was known.
    pub known_at: i64,
    pub names: HashMap<Id, String>,
    /// What codes are called.
    pub codes: Arc<Names>,
}

impl Basis {
    /// The address of a figure's units by this day and knowledge, within the site.
    pub fn units_at(&self, metric: Metric) -> String {
        self.at(&format!("/progress/{}", metric.as_str()))
    }

    /// The address of the units of one part of a figure.
    pub fn part_at(&self, metric: Metric, part: Part, key: &str) -> String {
        // Keys are ids, months, codes and words: nothing in them needs an escape.
        format!("{}&{}={key}", self.units_at(metric), part.as_str())
    }

    /// The same day and knowledge at another address.
    pub fn at(&self, path: &str) -> String {
        format!(
            "{path}?target={}&asOf={}&knownAt={}",
            self.target.id, self.as_of, self.known_at
        )
    }

    /// A part's key as people read it.
    pub fn name(&self, part: Part, key: &str, lang: Lang) -> String {
        let said = |zh: &str, en: &str| match lang {
            Lang::Zh => zh.to_owned(),
            // Not every table has an English name.
            Lang::En if en.is_empty() => zh.to_owned(),
            Lang::En => en.to_owned(),
        };
        let named = match part {
            Part::Holder => Id::parse(key).and_then(|id| self.names.get(&id).cloned()),
            Part::Kind => PatentKind::parse(key).map(|kind| said(kind.zh(), kind.en())),
            Part::Charge => Charge::parse(key).map(|charge| said(charge.zh(), charge.en())),
            Part::Town | Part::Industry if key.is_empty() => {
                Some(said("来源未给出", "not given by the source"))
            }
            Part::Town => self.codes.region(key).map(|town| said(&town.zh, &town.en)),
            Part::Industry => {
                let entry = self.codes.industry(key);
                entry.map(|entry| format!("{key} {}", said(&entry.zh, &entry.en)))
            }
            Part::Month => None,
        };
        named.unwrap_or_else(|| key.to_owned())
    }
}

/// The figures of a target, with what there is to ask about them and where they lead.
pub async fn progress(
    services: &Services,
    actor: &Actor,
    asked: &Asked,
) -> Result<(Basis, Arc<Reckoning>)> {
    access::check(actor, Operation::GetProgress, None)?;
    look(services, asked).await
}

/// What there is to ask about the units of the target's own figure.
pub async fn quality(
    services: &Services,
    actor: &Actor,
    asked: &Asked,
) -> Result<(Basis, Arc<Reckoning>)> {
    access::check(actor, Operation::GetProgressQuality, None)?;
    look(services, asked).await
}

/// Where the target's own figure will stand on its last day.
pub async fn forecast(
    services: &Services,
    actor: &Actor,
    asked: &Asked,
) -> Result<(Basis, Arc<Reckoning>)> {
    access::check(actor, Operation::GetProgressForecast, None)?;
    look(services, asked).await
}

async fn look(services: &Services, asked: &Asked) -> Result<(Basis, Arc<Reckoning>)> {
    let codes = reference::names(services).await;
    let mut tx = services.read().await?;
    let (mut basis, known) = basis(services, &mut tx, codes, asked).await?;
    let found = services.counted.reckoning(&known, &basis).await?;
    let holders = found.count.parts.get(&Part::Holder);
    let holders = holders.into_iter().flat_map(|split| split.keys());
    let holders: Vec<Id> = holders.filter_map(|id| Id::parse(id)).collect();
    basis.names = names_in(&mut tx, &holders).await?;
    Ok((basis, found))
}

/// The units of one figure, or those of a part of it, all of them; the caller pages.
pub async fn items(
    services: &Services,
    actor: &Actor,
    asked: &Asked,
    which: &Which,
) -> Result<(Basis, Vec<Unit>)> {
    access::check(actor, Operation::ListProgressItems, None)?;
    if which.concern.is_some_and(Concern::is_confidential) && actor.sight() != Sight::Office {
        return Err(Denied::to(actor).into());
    }
    let codes = reference::names(services).await;
    let mut tx = services.read().await?;
    let (basis, known) = basis(services, &mut tx, codes, asked).await?;
    let metric = which.metric.unwrap_or(basis.target.metric);
    let (target, as_of, which) = (basis.target.clone(), basis.as_of, which.clone());
    let units = reckoned(move || {
        let mut units = indicator::units(&known, &target, as_of, metric);
        if let Some(concern) = which.concern {
            // Raised by the whole figure, whatever part of it is asked for.
            let raised = indicator::concerned(&units, concern, as_of);
            units = raised.into_iter().cloned().collect();
        }
        units.retain(|unit| which.slice.holds(unit));
        units
    });
    Ok((basis, units.await?))
}

/// Counting is work for a thread of its own: a hundred thousand declarations take a while.
pub(super) async fn reckoned<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::Internal(format!("count: {e}")))
}

/// The codes' names come first: they may want a connection of their own, and nobody waits for a second one while it
/// holds the first.
async fn basis(
    services: &Services,
    tx: &mut Tx,
    codes: Arc<Names>,
    asked: &Asked,
) -> Result<(Basis, Arc<Known>)> {
    let target = targets::chosen(tx, asked.target.as_ref()).await?;
    let head = changes::head(tx).await?.seq;
    let known_at = match asked.known_at {
        None => head,
        Some(KnownAt::Seq(seq)) if (0..=head).contains(&seq) => seq,
        Some(KnownAt::Seq(_)) => {
            return Err(Error::from(Fault::new(
                "?knownAt",
                "outOfRange",
                format!("变更序号应为 0 到 {head}。"),
                format!("A change number is 0 to {head}."),
            )));
        }
        Some(KnownAt::Day(day)) => {
            let next = day.tomorrow().unwrap_or(day);
            changes::last_counted(tx, head, Some(Instant::start_of(next))).await?
        }
    };
    let basis = Basis {
        target,
        as_of: asked.as_of.unwrap_or_else(|| services.clock.today()),
        known_at,
        names: HashMap::new(),
        codes,
    };
    let known = services.counted.known(tx, known_at).await?;
    Ok((basis, known))
}

/// What was counted last, for everybody who asks the same: it stays until a row that bears on the count is added.
#[derive(Default)]
pub struct Counted {
    known: Mutex<Option<(i64, Arc<Known>)>>,
    last: Mutex<Option<Kept>>,
}

/// A reckoning, and all that it was made from.
struct Kept {
    known: Arc<Known>,
    target: Target,
    as_of: Day,
    reckoning: Arc<Reckoning>,
}

impl Counted {
    pub(super) async fn known(&self, tx: &mut Tx, at: i64) -> Result<Arc<Known>> {
        let last = changes::last_counted(tx, at, None).await?;
        let kept = self.known.lock().ok().and_then(|kept| kept.clone());
        if let Some((seq, known)) = &kept
            && *seq == last
        {
            return Ok(known.clone());
        }
        let known = Arc::new(known(tx, last).await?);
        // Questions about the past do not push the present out.
        if let Ok(mut kept) = self.known.lock()
            && kept.as_ref().is_none_or(|(seq, _)| *seq < last)
        {
            *kept = Some((last, known.clone()));
        }
        Ok(known)
    }

    async fn reckoning(&self, known: &Arc<Known>, basis: &Basis) -> Result<Arc<Reckoning>> {
        if let Ok(kept) = self.last.lock()
            && let Some(kept) = &*kept
            && Arc::ptr_eq(&kept.known, known)
            && kept.target == basis.target
            && kept.as_of == basis.as_of
        {
            return Ok(kept.reckoning.clone());
        }
        let (known, target, as_of) = (known.clone(), basis.target.clone(), basis.as_of);
        let made = reckoned(move || Kept {
            reckoning: Arc::new(indicator::reckon(&known, &target, as_of)),
            known,
            target,
            as_of,
        })
        .await?;
        let reckoning = made.reckoning.clone();
        if let Ok(mut kept) = self.last.lock() {
            *kept = Some(made);
        }
        Ok(reckoning)
    }
}

/// Everything that was known at a change and bears on the count, read from the bodies in the rows.
pub(super) async fn known(tx: &mut Tx, seq: i64) -> Result<Known> {
    let mut known = Known {
        declarations: bodies(tx, Noun::Declaration, seq).await?,
        licences: bodies(tx, Noun::Licence, seq).await?,
        ..Known::default()
    };
    for party in bodies::<Organisation>(tx, Noun::Organisation, seq).await? {
        known.register(&party);
    }
    for carried in bodies::<Performance>(tx, Noun::Performance, seq).await? {
        known.performances.insert(carried.id.clone(), carried);
    }
    Ok(known)
}

/// Rows read at a time.
const PAGE: i64 = 2_000;

async fn bodies<T: serde::de::DeserializeOwned>(
    tx: &mut Tx,
    noun: Noun,
    seq: i64,
) -> Result<Vec<T>> {
    let mut records = Vec::new();
    let mut after = String::new();
    loop {
        let page = changes::bodies_at(tx, noun, seq, &after, PAGE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(records);
        };
        after.clone_from(last);
        for (subject, body) in page {
            let record = serde_json::from_str(&body);
            records.push(record.map_err(|e| Error::Internal(format!("body of {subject}: {e}")))?);
        }
    }
}
