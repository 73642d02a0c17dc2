//! `kaixu demo`: a living register within seconds, on the embedded database, from fictional holders and
//! patents written for it. Filled through the same operations as real data; every record says it is fictional.

mod cards;
mod dealing;
mod market;
mod needs;
mod people;
mod script;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write as _,
    net::SocketAddr,
    path::Path,
};

use anyhow::Context as _;
use serde::Deserialize;

use super::{keep::unused, operator, said};
use crate::{
    app::{self, Server},
    config::Config,
    domain::{
        access::Role,
        annuity::{HolderFees, ReductionClass},
        codes::{AppNo, Uscc},
        party::OrganisationKind,
        sub_unit::{RecordDefaults, SubUnit, SubUnits},
    },
    ops::{
        Services, annuities,
        imports::{FileImport, import_file},
        keys, organisations, sub_units, targets,
    },
};

const ORGANISATIONS: &str = include_str!("demo/organisations.json");
/// The district whose count the demonstration shows.
const HOME: &str = "371002";
const PATENTS: &str = include_str!("demo/patents.jsonl");

#[derive(Deserialize)]
struct Holder {
    uscc: Uscc,
    name: String,
    kind: OrganisationKind,
    district: String,
    town: Option<String>,
}

#[derive(Deserialize)]
struct Applicants {
    applicants: Vec<String>,
}

#[derive(Deserialize)]
struct Unit {
    unit: Option<String>,
}

#[derive(Deserialize)]
struct Titled {
    number: AppNo,
    title: String,
}

/// Fills the demonstration where it is empty, then serves it.
pub async fn run(mut config: Config, reset: bool, listen: SocketAddr) -> anyhow::Result<()> {
    config.data = Path::new("data").join("demo");
    config.database_url = String::new().into();
    config.listen = listen;
    // The keys are written last: without them the filling was cut short, and is done anew.
    let keys = config.data.join("keys.txt");
    if reset || !keys.exists() {
        if config.data.exists() {
            unused(&config)?;
            std::fs::remove_dir_all(&config.data)
                .with_context(|| format!("cannot remove {}", config.data.display()))?;
        }
        let db = app::open_database(&config).await?;
        let services = app::services(&config, db, None)?;
        fill(&services).await?;
        said(targets::ensure(&services).await)?;
        let cast = market::play(&services, &declarable()?).await?;
        // A patent of another: who claims it waits for an officer.
        let foreign = PATENTS.lines().next().unwrap_or_default();
        import(&services, &cast.holder.to_string(), foreign).await?;
        needs::post(&services, &cast.enterprises, &titles()?).await?;
        let people = people::enter(&services, &cast).await?;
        let shown = people + &demo_keys(&services, &cast).await?;
        std::fs::write(&keys, shown)?;
        services.db.close().await;
    }
    let server = Server::start(&config).await?;
    println!("Kaixu 开许 demo / 演示（数据均为虚构，all data is fictional）");
    println!("  http://{}", server.address);
    println!("  http://{}/docs", server.address);
    print!("{}", std::fs::read_to_string(&keys).unwrap_or_default());
    println!("    export U=http://{}", server.address);
    server.until_signal().await
}

async fn fill(services: &Services) -> anyhow::Result<()> {
    let holders: Vec<Holder> = serde_json::from_str(ORGANISATIONS).context("demo organisations")?;
    let mut stock: HashMap<String, String> = HashMap::new();
    for line in PATENTS.lines() {
        let patent: Applicants = serde_json::from_str(line).context("demo patents")?;
        let first = patent.applicants.into_iter().next().unwrap_or_default();
        let lines = stock.entry(first).or_default();
        lines.push_str(line);
        lines.push('\n');
    }
    for holder in holders {
        let lines = stock.remove(&holder.name).unwrap_or_default();
        let uscc = holder.uscc.to_string();
        let new = organisations::NewOrganisation {
            uscc: holder.uscc,
            name: holder.name,
            aliases: Vec::new(),
            kind: holder.kind,
            district: holder.district,
            town: holder.town,
            fictional: true,
        };
        let is_reduced = matches!(
            new.kind,
            OrganisationKind::University | OrganisationKind::Institute
        );
        said(organisations::create(services, &operator(), None, new).await)?;
        if is_reduced {
            let fees = HolderFees {
                reduction: ReductionClass::Single,
                with_co_owners: ReductionClass::Joint,
            };
            let named = Some(uscc.as_str());
            said(annuities::set_holder_fees(services, &operator(), named, 0, fees).await)?;
        }
        import(services, &uscc, &lines).await?;
        name_units(services, &uscc, &lines).await?;
    }
    Ok(())
}

/// Keeps the units that a holder's patents name; all would grant open licences.
async fn name_units(services: &Services, holder: &str, lines: &str) -> anyhow::Result<()> {
    let mut seen: Vec<String> = Vec::new();
    for line in lines.lines() {
        let patent: Unit = serde_json::from_str(line).context("demo patents")?;
        seen.extend(patent.unit.filter(|unit| !seen.contains(unit)));
    }
    let units = seen.into_iter().zip(1..).map(|(name, n)| SubUnit {
        code: format!("{n:02}"),
        name,
        aliases: Vec::new(),
        closed: false,
        defaults: RecordDefaults {
            ways: vec!["openLicence".to_owned()],
            ..RecordDefaults::default()
        },
    });
    let list = SubUnits {
        units: units.collect(),
    };
    said(sub_units::update(services, &operator(), Some(holder), 0, list).await)?;
    Ok(())
}

/// Imports lines of the demonstration's patents into a holder's stock.
async fn import(services: &Services, holder: &str, lines: &str) -> anyhow::Result<()> {
    std::fs::create_dir_all(&services.limits.scratch)?;
    let folder = tempfile::tempdir_in(&services.limits.scratch)?;
    let path = folder.path().join("演示专利.jsonl");
    std::fs::write(&path, lines)?;
    let asked = FileImport {
        path: &path,
        holder: Some(holder),
        status_as_of: None,
        said: Vec::new(),
        guesses: false,
        dry_run: false,
        on_progress: &mut |_| {},
        on_reject: &mut |_| {},
        on_look: &mut |_| {},
    };
    let counts = said(import_file(services, &operator(), asked).await)??;
    anyhow::ensure!(
        counts.rejected == 0,
        "demo patents of {holder}: {} rejected",
        counts.rejected
    );
    Ok(())
}

/// What the market declares: the stock of the district's own holders, one after the other in turn, and every
/// fourth time that of a neighbour.
fn declarable() -> anyhow::Result<Vec<market::Stock>> {
    let holders: Vec<Holder> = serde_json::from_str(ORGANISATIONS).context("demo organisations")?;
    let local: HashSet<&str> = holders
        .iter()
        .filter(|holder| holder.district == HOME)
        .map(|holder| holder.name.as_str())
        .collect();
    let (mut home, mut away) = (BTreeMap::new(), BTreeMap::new());
    for line in PATENTS.lines() {
        let patent: market::Stock = serde_json::from_str(line).context("demo patents")?;
        if patent.is_fit() {
            let holder = patent.applicants[0].clone();
            let side = if local.contains(holder.as_str()) {
                &mut home
            } else {
                &mut away
            };
            side.entry(holder).or_insert_with(Vec::new).push(patent);
        }
    }
    let (mut home, mut away) = (in_turn(&home), in_turn(&away));
    let mut stock = Vec::new();
    while let Some(patent) = if stock.len() % 4 == 3 {
        away.next()
    } else {
        home.next()
    } {
        stock.push(patent);
    }
    Ok(stock)
}

/// Number and title of every patent.
fn titles() -> anyhow::Result<Vec<(AppNo, String)>> {
    let read = |line: &str| {
        let titled: Titled = serde_json::from_str(line).context("demo patents")?;
        Ok((titled.number, titled.title))
    };
    PATENTS.lines().map(read).collect()
}

/// The first of every holder, then the second of every holder, and so on.
fn in_turn(by_holder: &BTreeMap<String, Vec<market::Stock>>) -> std::vec::IntoIter<market::Stock> {
    let most = by_holder.values().map(Vec::len).max().unwrap_or(0);
    let rounds = (0..most).flat_map(|place| by_holder.values().map(move |stock| stock.get(place)));
    rounds.flatten().cloned().collect::<Vec<_>>().into_iter()
}

/// One key per role and what else a walk through the API needs, as lines for a shell.
async fn demo_keys(services: &Services, cast: &market::Cast) -> anyhow::Result<String> {
    let holder = said(organisations::get(services, &operator(), &cast.holder.to_string()).await)?;
    let mut text = String::from("  API / 接口（复制到终端 for a shell）\n");
    writeln!(text, "    export HOLDER={}", holder.value.uscc)?;
    let roles = [
        ("H", Role::Holder, Some(&cast.holder), "持有人 holder"),
        (
            "E",
            Role::Enterprise,
            Some(&cast.enterprise),
            "企业 enterprise",
        ),
        ("O", Role::Office, None, "主管部门 office"),
        ("P", Role::Platform, None, "平台 platform"),
    ];
    for (variable, role, organisation, name) in roles {
        let new = keys::NewKey {
            name: name.to_owned(),
            role,
            organisation: organisation.map(ToString::to_string),
            scopes: Vec::new(),
            expires_at: None,
        };
        let (_, secret) = said(keys::add(services, new).await)?;
        writeln!(text, "    export {variable}={}  # {name}", secret.reveal())?;
    }
    Ok(text)
}
