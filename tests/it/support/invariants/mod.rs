//! What must hold whatever has happened (the house plan, §5), as one check to be called after a hard test, when
//! nothing is being written any more: the audit of the database and of its dump, every way of following the feed,
//! what each reader may see, the count against its units, exports against their totals.

mod count;
mod readers;
mod shown;

use kaixu::ops::{Services, dump, verify};
use serde_json::Value;

use self::readers::Readers;
use super::{World, process::Installation, services_over};

/// Everything holds in this world.
pub async fn hold(world: &World) {
    let counted = audited(&world.services).await;
    if world.services.search.is_some() {
        world.indexed().await;
    }
    let readers = Readers::of(world).await;
    readers.follow_to_the_same_records(world).await;
    shown::nothing_hidden(world, &readers).await;
    count::figures_are_their_units(world, &counted).await;
    if world.services.search.is_some() {
        shown::exports_are_whole(world, &readers).await;
    }
    readers.leave(world).await;
}

/// The same for a database that another process serves; what only the index can tell is left out.
pub async fn hold_beside(services: &Services) {
    let services = Services {
        search: None,
        ..services.clone()
    };
    hold(&World::beside(services)).await;
}

/// The same for an installation of processes.
pub async fn hold_in(place: &Installation) {
    let services = services_over(place.db().await, None, place.folder.path());
    hold_beside(&services).await;
    services.db.close().await;
}

/// The audit finds nothing, in the database and in its dump, and both have seen as much. Returns what the dump says
/// of each target.
async fn audited(services: &Services) -> Vec<Value> {
    let report = verify::verify(services).await.expect("the audit runs");
    let report = report.unwrap_or_else(|found| panic!("the audit names {found}"));
    let mut dump = Vec::new();
    dump::write(services, &mut dump).await.expect("is dumped");
    let dumped = verify::verify_dump(dump.as_slice()).expect("is read");
    let dumped = dumped.unwrap_or_else(|found| panic!("the audit of the dump names {found}"));
    let both = verify::Report {
        blobs: 0,
        imports: 0,
        sources: 0,
        ..report
    };
    assert_eq!(dumped, both, "the dump and the database");
    let text = String::from_utf8(dump).expect("UTF-8");
    let lines = text
        .lines()
        .filter(|line| line.starts_with("{\"type\":\"indicators\""));
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}
