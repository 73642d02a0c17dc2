//! What happened to a record, for officers: its rows of the chain, and the lines about accounts that the chain does not
//! carry. An officer asks by what people say: a patent number, an organisation, a declaration number, an id.

use std::collections::{BTreeSet, HashMap};

use super::{Error, Result, Services, inbox};
use crate::{
    domain::{
        access::{Actor, Denied},
        codes::AppNo,
        event::{ChangeRow, Noun, Sight},
        id::Id,
    },
    sheet,
    store::{
        Tx, accounts, audit, changes, declarations, encumbrances, holdings, keys, licences,
        organisations,
    },
};

pub use audit::Line;

/// Rows of one subject at a time, the latest first.
pub const PAGE: usize = 100;
/// Organisations that a text may mean.
const PARTIES: i64 = 20;

/// A record's history, the latest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub rows: Vec<ChangeRow>,
    pub lines: Vec<Line>,
    /// Who the actors are, where they are accounts or keys.
    pub names: HashMap<String, String>,
    /// There are earlier rows than these.
    pub more: bool,
}

/// The subjects that a text means, such as `patents/2019…`: a record by itself, or a patent and all that hangs on it.
pub async fn subjects(services: &Services, actor: &Actor, text: &str) -> Result<Vec<String>> {
    officer(actor)?;
    let text = text.trim();
    if text
        .split_once('/')
        .is_some_and(|(noun, id)| !noun.is_empty() && !id.is_empty())
    {
        return Ok(vec![text.to_owned()]);
    }
    let mut tx = services.read().await?;
    if let Some(id) = Id::parse(text) {
        return of_id(&mut tx, &id).await;
    }
    if let Ok((number, _)) = AppNo::parse(text) {
        return of_patent(&mut tx, &number).await;
    }
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let parties = organisations::list_by_text(&mut tx, text, PARTIES).await?;
    let ids = parties
        .iter()
        .map(|party| subject(Noun::Organisation, &party.value.id));
    Ok(ids.collect())
}

fn subject(noun: Noun, id: &Id) -> String {
    format!("{}/{id}", noun.plural())
}

/// An id says nothing about its noun: whichever has rows.
async fn of_id(tx: &mut Tx, id: &Id) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for noun in Noun::ALL {
        let subject = subject(noun, id);
        if !changes::of_subject(tx, &subject, i64::MAX, 1)
            .await?
            .is_empty()
        {
            found.push(subject);
        }
    }
    for noun in ["accounts", "individuals", "delegations", "invitations"] {
        let subject = format!("{noun}/{id}");
        if !audit::list_by_subject(tx, &subject).await?.is_empty() {
            found.push(subject);
        }
    }
    Ok(found)
}

async fn of_patent(tx: &mut Tx, number: &AppNo) -> Result<Vec<String>> {
    const MOST: i64 = 200;
    let sight = Sight::Office;
    let mut found = vec![format!("{}/{number}", Noun::Patent.plural())];
    let held = holdings::list_by_numbers(tx, std::slice::from_ref(number)).await?;
    found.extend(held.iter().map(|h| subject(Noun::Holding, &h.value.id)));
    let number = Some(number.clone());
    let filter = encumbrances::Filter {
        number: number.clone(),
        ..Default::default()
    };
    let burdens = encumbrances::page(tx, &sight, &filter, None, MOST).await?;
    found.extend(
        burdens
            .iter()
            .map(|e| subject(Noun::Encumbrance, &e.value.id)),
    );
    let filter = declarations::Filter {
        number: number.clone(),
        ..Default::default()
    };
    let declared = declarations::page(tx, &sight, &filter, None, MOST).await?;
    found.extend(
        declared
            .iter()
            .map(|d| subject(Noun::Declaration, &d.value.id)),
    );
    let filter = licences::Filter {
        number,
        ..Default::default()
    };
    let taken = licences::page(tx, &sight, &filter, None, MOST).await?;
    found.extend(taken.iter().map(|l| subject(Noun::Licence, &l.value.id)));
    Ok(found)
}

/// What happened to one subject before a row (`None`: up to now).
pub async fn of(
    services: &Services,
    actor: &Actor,
    subject: &str,
    before: Option<i64>,
) -> Result<History> {
    officer(actor)?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let mut rows = changes::of_subject(&mut tx, subject, before.unwrap_or(i64::MAX), limit).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let mut lines = match before {
        None => audit::list_by_subject(&mut tx, subject).await?,
        Some(_) => Vec::new(),
    };
    lines.reverse();
    if rows.is_empty() && lines.is_empty() && before.is_none() {
        return Err(Error::NotFound("record"));
    }
    let actors = rows.iter().map(|row| row.actor.clone());
    let actors = actors
        .chain(lines.iter().map(|line| line.actor.clone()))
        .collect();
    let names = names(&mut tx, actors).await?;
    Ok(History {
        rows,
        lines,
        names,
        more,
    })
}

/// The names behind `account:ID` and `key:ID`.
async fn names(tx: &mut Tx, actors: BTreeSet<String>) -> Result<HashMap<String, String>> {
    let mut names = HashMap::new();
    for actor in actors {
        let name = match actor
            .split_once(':')
            .map(|(kind, id)| (kind, Id::parse(id)))
        {
            Some(("account", Some(id))) => {
                accounts::find(tx, &id).await?.map(|account| account.name)
            }
            Some(("key", Some(id))) => keys::find(tx, &id).await?.map(|key| key.name),
            _ => None,
        };
        if let Some(name) = name {
            names.insert(actor, name);
        }
    }
    Ok(names)
}

/// The whole history of a subject as a CSV for Excel, the latest first.
pub async fn csv(services: &Services, actor: &Actor, subject: &str) -> Result<Vec<u8>> {
    const HEADER: [&str; 9] = [
        "seq",
        "at",
        "actor",
        "kind",
        "version",
        "audience",
        "effectiveOn",
        "hash",
        "body",
    ];
    let mut out = "\u{feff}".as_bytes().to_vec();
    out.extend(sheet::csv_line(&HEADER));
    let mut before = None;
    loop {
        let found = of(services, actor, subject, before).await?;
        for row in &found.rows {
            out.extend(sheet::csv_line(&[
                &row.seq.to_string(),
                &row.at.rfc3339(),
                &sheet::guarded(&row.actor),
                &row.kind,
                &row.subject_version.to_string(),
                &row.audience,
                &row.effective_on
                    .map_or_else(String::new, |day| day.to_string()),
                &row.hash,
                &sheet::guarded(row.body.as_deref().unwrap_or_default()),
            ]));
        }
        for line in &found.lines {
            let (at, actor) = (line.at.rfc3339(), sheet::guarded(&line.actor));
            out.extend(sheet::csv_line(&[
                "", &at, &actor, &line.what, "", "", "", "", "",
            ]));
        }
        match found.rows.last().filter(|_| found.more) {
            Some(row) => before = Some(row.seq),
            None => return Ok(out),
        }
    }
}

fn officer(actor: &Actor) -> Result<()> {
    if inbox::is_office(actor) {
        Ok(())
    } else {
        Err(Denied::Role.into())
    }
}
