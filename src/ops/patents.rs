//! Finding patents (from the index alone) and reading one (from the database).

use super::{
    Error, Fault, Result, Services, announce::announce, cards, files, provenance, reference, watch,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        card::Card,
        codes::AppNo,
        declaration::{Declaration, not_future},
        event::Audience,
        family::{Kinship, kinship},
        file::FileRef,
        holding::Holding,
        id::Id,
        merge::{By, Source, Unit},
        party::Organisation,
        patent::{LegalStatus, Patent},
        refusal::{Refusal, Refused},
        search::{DayRange, Filters, Found, Hit, Query, Sort},
        time::Day,
    },
    search,
    store::{self, Stored, Tx, declarations, holdings, organisations, patents, sources},
};

impl From<search::Error> for Error {
    fn from(error: search::Error) -> Self {
        match error {
            search::Error::NotReady => Self::NotReady,
            search::Error::Busy => Self::Busy,
            search::Error::CursorInvalid => Self::CursorInvalid,
            search::Error::CursorMismatch => Self::CursorMismatch,
            search::Error::CursorExpired => Self::CursorExpired,
            search::Error::NotFound => Self::NotFound("patent"),
            search::Error::Filter(name) => Self::from(Fault::new(
                format!("?{name}"),
                "valueInvalid",
                "取值无法识别，请核对。",
                "The value cannot be read; check it.",
            )),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// A patent with those of its holdings that this reader may see.
pub struct PatentRecord {
    pub patent: Stored<Patent>,
    pub holders: Vec<(Stored<Holding>, Organisation)>,
    /// Its declarations that this reader may see, in the order in which they were made.
    pub declarations: Vec<Stored<Declaration>>,
    /// Its public card.
    pub card: Option<Stored<Card>>,
}

/// Reads an application number in any notation.
pub fn parse_number(text: &str) -> Result<AppNo> {
    AppNo::parse(text)
        .map(|(number, _)| number)
        .map_err(Error::Number)
}

/// Searches; the reader's sight is put in here, whatever the caller wrote.
pub async fn search(services: &Services, actor: &Actor, mut query: Query) -> Result<Found> {
    access::check(actor, Operation::SearchPatents, None)?;
    query.sight = actor.sight();
    query.today = services.clock.today();
    let mut found = services.search()?.search(query).await?;
    let names = reference::names(services).await;
    for hit in &mut found.hits {
        names.name_hit(hit);
    }
    for facet in &mut found.facets {
        names.name_facet(facet);
    }
    Ok(found)
}

/// Patents most like this one, best first.
pub async fn similar(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    limit: usize,
) -> Result<Vec<Hit>> {
    access::check(actor, Operation::SimilarPatents, None)?;
    let (sight, today) = (actor.sight(), services.clock.today());
    let mut found = services
        .search()?
        .similar(number, limit, &sight, today)
        .await?;
    let names = reference::names(services).await;
    for hit in &mut found {
        names.name_hit(hit);
    }
    Ok(found)
}

/// Candidates looked at; one applicant rarely files so many on a day.
const CANDIDATES: usize = 200;
/// The same where the day is not known and the title alone leads to them.
const TITLED: usize = 50;

/// Patents of the same invention or divided from the same application, in number order: the index names the
/// candidates, the records decide.
pub async fn family(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
) -> Result<Vec<(Kinship, Patent)>> {
    access::check(actor, Operation::ListPatentFamily, None)?;
    let patent = patents::find(&mut services.read().await?, number).await?;
    let patent = patent.ok_or(Error::NotFound("patent"))?.value;
    relatives(services, actor, &patent).await
}

/// The same for a patent that was read already.
pub async fn relatives(
    services: &Services,
    actor: &Actor,
    patent: &Patent,
) -> Result<Vec<(Kinship, Patent)>> {
    access::check(actor, Operation::ListPatentFamily, None)?;
    let parties = patent.applicants.iter().chain(&patent.owners);
    let filters = Filters {
        applicants: parties.cloned().collect(),
        ..Filters::default()
    };
    if filters.applicants.is_empty() {
        return Ok(Vec::new());
    }
    let (sight, today) = (actor.sight(), services.clock.today());
    let mut titled = Query::new(patent.title.clone(), sight.clone(), today);
    (titled.filters, titled.limit) = (filters.clone(), TITLED);
    let mut found = services.search()?.search(titled).await?.hits;
    if patent.filing_date.is_some() {
        let mut dated = Query::new("", sight, today);
        (dated.filters, dated.limit, dated.sort) = (filters, CANDIDATES, Sort::Number);
        dated.filters.filed = DayRange {
            from: patent.filing_date,
            to: patent.filing_date,
        };
        found.extend(services.search()?.search(dated).await?.hits);
    }
    let mut numbers: Vec<AppNo> = found.into_iter().map(|hit| hit.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut tx = services.read().await?;
    let mut related: Vec<(Kinship, Patent)> = patents::list_by_numbers(&mut tx, &numbers)
        .await?
        .into_iter()
        .filter_map(|other| Some((kinship(patent, &other.value)?, other.value)))
        .collect();
    related.sort_by(|(_, one), (_, two)| one.number.cmp(&two.number));
    Ok(related)
}

/// One patent from the database: what it says is current and binding.
pub async fn get(services: &Services, actor: &Actor, number: &AppNo) -> Result<PatentRecord> {
    access::check(actor, Operation::GetPatent, None)?;
    let mut tx = services.read().await?;
    let patent = patents::find(&mut tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?;
    let sight = actor.sight();
    debug_assert!(sight.sees(&Audience::Public));
    let mut held = holdings::list_by_numbers(&mut tx, std::slice::from_ref(number)).await?;
    held.retain(|holding| sight.sees(&holding.value.audience()));
    held.sort_by_key(|holding| (!holding.value.first_patentee, holding.value.id.clone()));
    let ids: Vec<_> = held
        .iter()
        .map(|holding| holding.value.organisation.clone())
        .collect();
    let parties = organisations::list_by_ids(&mut tx, &ids).await?;
    let holders = held
        .into_iter()
        .filter_map(|holding| {
            let party = parties
                .iter()
                .find(|party| party.value.id == holding.value.organisation)?;
            Some((holding, party.value.clone()))
        })
        .collect();
    let mut declared = declarations::list_by_numbers(&mut tx, std::slice::from_ref(number)).await?;
    declared.retain(|declaration| sight.sees(&declaration.value.audience()));
    declared.sort_by_key(|d| (d.value.effective_on, d.value.id.clone()));
    Ok(PatentRecord {
        card: cards::public(&mut tx, number).await?,
        patent,
        holders,
        declarations: declared,
    })
}

/// What somebody found out about a patent's legal status, and when.
#[derive(Clone, Debug)]
pub struct StatusFinding {
    pub legal_status: LegalStatus,
    /// The words of the register.
    pub text: Option<String>,
    pub as_of: Day,
    /// The register extract or query result.
    pub source: Id,
}

/// Records a dated finding of the legal status with its document. A newer day replaces an older one, never the
/// other way round; announced declarations are held against the gate at once.
pub async fn put_status(
    services: &Services,
    actor: &Actor,
    number: &AppNo,
    finding: StatusFinding,
) -> Result<Stored<Patent>> {
    access::check_role(actor, Operation::PutPatentStatus)?;
    let mut tx = services.write(actor).await?;
    let current = patents::find(&mut tx, number)
        .await?
        .ok_or(Error::NotFound("patent"))?;
    let own = match &actor.organisation {
        Some(own) => {
            let held = holdings::list_by_numbers(&mut tx, std::slice::from_ref(number)).await?;
            held.into_iter()
                .map(|holding| holding.value.organisation)
                .find(|holder| holder == own)
        }
        None => None,
    };
    access::check(actor, Operation::PutPatentStatus, own.as_ref())?;
    not_future("/asOf", finding.as_of, tx.now().day())?;
    if let Some(known) = current
        .value
        .status_as_of
        .filter(|known| finding.as_of < *known)
    {
        return Err(Error::from(Refused::from(
            Refusal::new(
                "statusOlder",
                format!("已有 {known} 的法律状态，不能用更早的替换。"),
                format!("A status of {known} is known; an older one does not replace it."),
            )
            .at("/asOf"),
        )));
    }
    if finding.legal_status == LegalStatus::Abandoned {
        watch::refuse_own_act(&mut tx, actor, number).await?;
    }
    let source = files::cite(&mut tx, actor, &finding.source, "/source").await?;
    let said = Said {
        legal_status: finding.legal_status,
        text: finding.text,
        as_of: finding.as_of,
        source: Some(source),
    };
    let after = state_in(services, &mut tx, actor, current, said).await?;
    tx.commit().await?;
    Ok(after)
}

/// What is said of a patent's status, checked for who says it and when.
pub(super) struct Said {
    pub legal_status: LegalStatus,
    pub text: Option<String>,
    pub as_of: Day,
    pub source: Option<FileRef>,
}

/// Writes a status in the transaction of whatever brings it; announced declarations are held against the gate.
pub(super) async fn state_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    current: Stored<Patent>,
    said: Said,
) -> Result<Stored<Patent>> {
    let text = said
        .text
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    if text
        .as_ref()
        .is_some_and(|text| text.chars().count() > 200 || text.chars().any(char::is_control))
    {
        return Err(Error::fault(
            "/statusText",
            "textLength",
            "应为 1 至 200 字。",
            "1 to 200 characters.",
        ));
    }
    let mut next = current.value.clone();
    next.legal_status = said.legal_status;
    next.status_text = text;
    next.status_as_of = Some(said.as_of);
    next.status_source = said.source;
    let unit = (Unit::Status, said.as_of);
    replace(services, tx, actor, current, next, unit).await
}

/// Puts a patent's next state in place of the current one; the unit that changed has a finding of that day as its source.
pub(super) async fn replace(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    current: Stored<Patent>,
    next: Patent,
    (unit, day): (Unit, Day),
) -> Result<Stored<Patent>> {
    let number = next.number.clone();
    let after = Stored {
        version: current.version + 1,
        hash: next.document_hash(),
        value: next,
    };
    patents::put(tx, std::slice::from_ref(&after)).await?;
    announce(tx, Some(&current.value), &after);
    let mut of = sources::find(tx, number.as_str()).await?;
    of.set(
        unit,
        Source {
            day,
            by: By::Finding,
            import: None,
            party: actor.organisation.clone(),
            stated: true,
            actor: Some(actor.name.clone()),
            reason: None,
            under: None,
        },
    );
    sources::put(tx, &[(number.as_str().to_owned(), of)]).await?;
    provenance::supersede(tx, &number, &[unit], None).await?;
    watch::recheck(tx, services, std::slice::from_ref(&number)).await?;
    Ok(after)
}

/// How many patents there are, and how many organisations hold them.
pub async fn totals(services: &Services) -> Result<(i64, i64)> {
    let mut tx = services.read().await?;
    let patents = patents::count(&mut tx).await?;
    Ok((patents, store::organisations::count_holders(&mut tx).await?))
}
