//! A list as a stored file, row by row: held against our declarations, kept where it is of a holder of ours, told where it
//! cannot be read. The same list again writes nothing.

use std::collections::HashMap;

use super::{
    contact_subject,
    sheet::{self, Column},
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        codes::AppNo,
        declaration::Declaration,
        file::FileRef,
        id::Id,
        listing::{Listing, ListingState},
        party::{Contact, name_key},
        text::Lang,
    },
    ops::{
        Result, Services,
        announce::announce,
        files,
        tables::{Sheet, Told, unreadable},
    },
    sheet as sheets,
    sheet::TableRow,
    store::{Stored, Tx, contacts, declarations, holdings, listings, organisations},
};

/// Rows read in one transaction.
const BATCH: usize = 100;

/// What became of the rows. `added`, `revised`, `repeated`, `outside` and `rejected` make up all of them.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub rows: u64,
    pub added: u64,
    /// Known, and the list says something else now, or our declaration does.
    pub revised: u64,
    pub repeated: u64,
    /// Of holders that are not registered here and patents that nobody here declares: not kept.
    pub outside: u64,
    pub rejected: Vec<Told>,
    /// The rejected rows as a file, where there are any and the list was read in earnest.
    pub rejects: Option<FileRef>,
    /// How the rows that are kept stand now.
    pub states: Vec<(ListingState, u64)>,
    /// Headers of which nothing was read.
    pub ignored: Vec<String>,
}

impl Report {
    fn stands(&mut self, state: ListingState) {
        match self.states.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) => *count += 1,
            None => self.states.push((state, 1)),
        }
    }
}

/// Reads the list that is stored as this file.
pub async fn import(
    services: &Services,
    actor: &Actor,
    source: &Id,
    dry_run: bool,
) -> Result<Report> {
    access::check(actor, Operation::ImportListings, None)?;
    let cited = {
        let mut tx = services.read().await?;
        files::cite(&mut tx, actor, source, "/source").await?
    };
    let (file, parts) = files::content(services, actor, source).await?;
    let sheet = Sheet::<Column>::receive(services, Some(&file.name), parts).await?;
    let mut report = Report {
        ignored: sheet.ignored(),
        ..Report::default()
    };
    let parties = Parties::load(&mut services.read().await?).await?;
    for rows in sheet.rows().chunks(BATCH) {
        let mut tx = services.write(actor).await?;
        let mut desk = Desk::open(services, &parties, &sheet, &cited, &mut tx, rows).await?;
        for row in rows {
            report.rows += 1;
            if let Err(reject) = &row.cells {
                report.rejected.push(unreadable(row, reject));
                continue;
            }
            match desk.take(&mut tx, row).await {
                Ok(done) => done.told(&mut report),
                Err(error) => report.rejected.push(sheet.refused(row, error)?),
            }
        }
        if !dry_run {
            tx.commit().await?;
        }
    }
    if !dry_run && !report.rejected.is_empty() {
        let mut tx = services.write(actor).await?;
        let text = rejects_csv(&report.rejected);
        let file = files::write_text(
            &mut tx,
            services,
            "公布清单-退回.csv",
            &text,
            None,
            &[],
            actor,
        );
        report.rejects = Some(file.await?);
        tx.commit().await?;
    }
    Ok(report)
}

/// The rejected rows as a CSV for Excel, in the form of every other file of rejects; the first of very many.
fn rejects_csv(rejected: &[Told]) -> String {
    let mut out = sheets::rejects_header(Lang::Zh);
    for one in rejected {
        let cure = one.cure.as_ref().map_or("", |cure| cure.in_lang(Lang::Zh));
        let line = sheets::csv_line(&[
            &one.row.to_string(),
            &sheets::guarded(&one.column),
            &one.code,
            one.text.in_lang(Lang::Zh),
            cure,
            &sheets::guarded(&one.number),
        ]);
        // A text of ours has at most a MiB.
        if out.len() + line.len() > 1_000_000 {
            break;
        }
        out.extend(line);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What became of one row.
enum Done {
    Added(ListingState),
    Revised(ListingState),
    Repeated(ListingState),
    Outside,
}

impl Done {
    fn told(self, report: &mut Report) {
        match self {
            Self::Added(state) => {
                report.added += 1;
                report.stands(state);
            }
            Self::Revised(state) => {
                report.revised += 1;
                report.stands(state);
            }
            Self::Repeated(state) => {
                report.repeated += 1;
                report.stands(state);
            }
            Self::Outside => report.outside += 1,
        }
    }
}

/// Everybody who is registered, by name and former names.
struct Parties(HashMap<String, Vec<Id>>);

impl Parties {
    async fn load(tx: &mut Tx) -> Result<Self> {
        let mut names: HashMap<String, Vec<Id>> = HashMap::new();
        let mut after = String::new();
        loop {
            let page = organisations::page_by_id(tx, &after, 1_000).await?;
            let Some(last) = page.last() else {
                return Ok(Self(names));
            };
            after = last.value.id.to_string();
            for party in page {
                for name in std::iter::once(&party.value.name).chain(&party.value.aliases) {
                    let known = names.entry(name_key(name)).or_default();
                    if !known.contains(&party.value.id) {
                        known.push(party.value.id.clone());
                    }
                }
            }
        }
    }

    /// The only one of this name; of several patentees the first that is registered.
    fn find(&self, said: &str) -> Option<&Id> {
        let whole = std::iter::once(said);
        let parts = said.split([';', '；', '、', '|', '\n']).map(str::trim);
        whole.chain(parts).find_map(
            |name| match self.0.get(&name_key(name)).map(Vec::as_slice) {
                Some([only]) => Some(only),
                _ => None,
            },
        )
    }
}

/// What the rows of a transaction share.
struct Desk<'a> {
    services: &'a Services,
    parties: &'a Parties,
    sheet: &'a Sheet<Column>,
    source: &'a FileRef,
    ours: HashMap<AppNo, Vec<Declaration>>,
    holders: HashMap<AppNo, Vec<Id>>,
    contacts: HashMap<String, Contact>,
}

impl<'a> Desk<'a> {
    async fn open(
        services: &'a Services,
        parties: &'a Parties,
        sheet: &'a Sheet<Column>,
        source: &'a FileRef,
        tx: &mut Tx,
        rows: &[TableRow],
    ) -> Result<Self> {
        let numbers: Vec<AppNo> = rows.iter().filter_map(|row| sheet.number(row)).collect();
        let mut ours: HashMap<AppNo, Vec<Declaration>> = HashMap::new();
        let mut subjects = Vec::new();
        for found in declarations::list_by_numbers(tx, &numbers).await? {
            subjects.push(format!("declarations/{}", found.value.id));
            let number = found.value.number.clone();
            ours.entry(number).or_default().push(found.value);
        }
        let mut holders: HashMap<AppNo, Vec<Id>> = HashMap::new();
        for found in holdings::list_by_numbers(tx, &numbers).await? {
            if found.value.state.is_confirmed() {
                let holding = found.value;
                holders
                    .entry(holding.number)
                    .or_default()
                    .push(holding.organisation);
            }
        }
        Ok(Self {
            services,
            parties,
            sheet,
            source,
            ours,
            holders,
            contacts: contacts::list(tx, &subjects).await?,
        })
    }

    async fn take(&mut self, tx: &mut Tx, row: &TableRow) -> Result<Done> {
        let id = self.services.ids.next(tx.now());
        let rules = &self.services.rules;
        let (mut listing, contact) = sheet::read(self.sheet, row, self.source, rules, tx, id)?;
        listing.organisation = self.holder(&listing).cloned();
        let none = Vec::new();
        let ours = self.ours.get(&listing.number).unwrap_or(&none);
        if listing.organisation.is_none() && ours.is_empty() {
            return Ok(Done::Outside);
        }
        let meant = listing.meant(ours);
        let here = meant.and_then(|d| self.contacts.get(&format!("declarations/{}", d.id)));
        let known = listings::list_by_lines(tx, &[listing.line()]).await?.pop();
        let Some(known) = known else {
            listing.compare(meant, (here, contact.as_ref()));
            let record = listings::insert(tx, listing).await?;
            announce(tx, None, &record);
            keep_contact(tx, &record.value.id, contact.as_ref()).await?;
            return Ok(Done::Added(record.value.state));
        };
        let kept = contacts::find(tx, &contact_subject(&known.value.id)).await?;
        let next = revised(
            &known,
            listing,
            meant,
            (here, contact.as_ref(), kept.as_ref()),
        );
        let same_contact = contact.is_none() || contact == kept;
        if next == known.value && same_contact {
            return Ok(Done::Repeated(known.value.state));
        }
        keep_contact(tx, &known.value.id, contact.as_ref()).await?;
        if next == known.value {
            return Ok(Done::Revised(known.value.state));
        }
        let record = listings::update(tx, next, known.version).await?;
        announce(tx, Some(&known.value), &record);
        Ok(Done::Revised(record.value.state))
    }

    /// The holder that the row names, else the only one with a confirmed holding.
    fn holder(&self, listing: &Listing) -> Option<&Id> {
        if !listing.holder.is_empty() {
            return self.parties.find(&listing.holder);
        }
        match self.holders.get(&listing.number).map(Vec::as_slice) {
            Some([only]) => Some(only),
            _ => None,
        }
    }
}

/// The known line as the list and our declarations say it now; what was entered and says the same stays as it is.
fn revised(
    known: &Stored<Listing>,
    read: Listing,
    meant: Option<&Declaration>,
    (here, contact, kept): (Option<&Contact>, Option<&Contact>, Option<&Contact>),
) -> Listing {
    let before = &known.value;
    let same = before.says_the_same(&read) && (contact.is_none() || contact == kept);
    if same && before.settled_on.is_some() {
        return before.clone();
    }
    let mut next = if before.says_the_same(&read) {
        before.clone()
    } else {
        Listing {
            id: before.id.clone(),
            listed_on: before.listed_on,
            differences: before.differences.clone(),
            ..read
        }
    };
    if contact.is_some() && contact != kept {
        // Another contact has been weighed by nobody.
        next.differences
            .retain(|d| d.item != crate::domain::listing::ListedItem::Contact);
    }
    if next.state != ListingState::Converted {
        next.settled_on = None;
    }
    next.compare(meant, (here, contact.or(kept)));
    next
}

async fn keep_contact(tx: &mut Tx, id: &Id, contact: Option<&Contact>) -> Result<()> {
    if let Some(contact) = contact {
        contacts::set(tx, &contact_subject(id), contact).await?;
    }
    Ok(())
}
