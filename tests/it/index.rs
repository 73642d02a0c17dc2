//! How the index follows the register, and what it survives.

use std::{fs, sync::Arc};

use kaixu::{
    domain::{holding::Conversion, search::Query},
    search::{Error, Search},
};

use crate::register::{Holding, Register, Running, ask, bodies, id, ids, many, number, patent};

fn folders(running: &Running) -> Vec<String> {
    let entries = fs::read_dir(running.folder.path().join("index")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with('v')).collect();
    names.sort();
    names
}

#[tokio::test]
async fn new_changed_and_removed_patents_are_followed() {
    let running = Running::over(many(5)).await;
    running
        .register
        .put(patent("201910000001", "海带切割机", ""));
    running.settled().await;
    assert_eq!(running.ask("海带切割").await, ["201910000001"]);
    running
        .register
        .put(patent("201910000001", "扇贝清洗机", ""));
    running.settled().await;
    assert!(running.ask("海带切割").await.is_empty());
    assert_eq!(running.ask("扇贝清洗").await, ["201910000001"]);
    running.register.remove(&number("201910000001"));
    running.settled().await;
    assert!(running.ask("扇贝清洗").await.is_empty());
    let found = running.find(ask("")).await.unwrap();
    assert_eq!(
        (found.total, found.applied_seq),
        (5, running.register.last())
    );
}

#[tokio::test]
async fn a_renamed_organisation_is_renamed_on_all_its_patents() {
    let running = Running::over(many(1_200)).await;
    running.register.name(&id(1), "旧名大学", "371002");
    for (holding, n) in ids(1_100).iter().zip(1..) {
        let number = number(&format!("20181{n:07}"));
        let held = Holding {
            organisation: id(1),
            number,
            conversion: Conversion::Unused,
            published: true,
        };
        running.register.hold(holding, held);
    }
    running.settled().await;
    assert_eq!(running.find(ask("旧名大学")).await.unwrap().total, 1_100);
    running.register.name(&id(1), "新名学院", "371003");
    running.settled().await;
    assert_eq!(running.find(ask("旧名大学")).await.unwrap().total, 0);
    let found = running.find(ask("新名学院")).await.unwrap();
    assert_eq!(
        (found.total, found.hits[0].holders[0].name.as_str()),
        (1_100, "新名学院")
    );
    let mut query = ask("");
    query.filters.regions = vec!["371003".into()];
    assert_eq!(running.find(query).await.unwrap().total, 1_100);
}

#[tokio::test]
async fn a_holding_leaves_the_index_when_it_is_withheld_or_deleted() {
    let running = Running::over(many(3)).await;
    running.register.name(&id(1), "某大学", "371002");
    let held = |n: u32, published| Holding {
        organisation: id(1),
        number: number(&format!("20181{n:07}")),
        conversion: Conversion::Unused,
        published,
    };
    running.register.hold(&id(11), held(1, true));
    running.register.hold(&id(12), held(2, true));
    running.settled().await;
    let of_holder = || {
        let mut query = ask("");
        query.filters.holders = vec![id(1)];
        query
    };
    assert_eq!(running.find(of_holder()).await.unwrap().total, 2);
    running.register.hold(&id(11), held(1, false));
    running.settled().await;
    assert_eq!(running.bodies(of_holder()).await, ["201810000002"]);
    running.register.release(&id(12));
    running.settled().await;
    assert_eq!(
        running.find(of_holder()).await.unwrap().total,
        0,
        "although the source has forgotten its number"
    );
    assert_eq!(running.find(ask("")).await.unwrap().total, 3);
}

#[tokio::test]
async fn a_restart_continues_where_the_last_commit_ended() {
    for crash in [false, true] {
        let running = Running::over(many(20)).await;
        assert_eq!(running.register.scans(), 1);
        let (register, folder) = if crash {
            running.kill().await
        } else {
            running.stop().await
        };
        register.put(patent("201910000001", "海带切割机", ""));
        register.remove(&number("201810000001"));
        let options = Running::options(&folder);
        let again = Running::start(register, folder, options).await;
        assert_eq!(again.register.scans(), 1, "no second scan");
        assert_eq!(again.ask("海带切割").await, ["201910000001"]);
        assert_eq!(again.find(ask("")).await.unwrap().total, 20);
    }
}

#[tokio::test]
async fn a_rebuild_grows_beside_the_old_index_and_replaces_it() {
    let running = Running::over(many(50)).await;
    assert_eq!(folders(&running), ["v6-000001"]);
    let kept = Query {
        limit: 2,
        ..ask("石墨烯")
    };
    let next = running.find(kept.clone()).await.unwrap().next;
    running.search.rebuild();
    while folders(&running) != ["v6-000002"] {
        assert_eq!(
            running.find(ask("石墨烯")).await.unwrap().total,
            10,
            "it answers all the time"
        );
        tokio::task::yield_now().await;
    }
    assert_eq!(running.register.scans(), 2);
    running.register.put(patent("201910000001", "石墨烯", ""));
    running.settled().await;
    assert_eq!(running.find(ask("石墨烯")).await.unwrap().total, 11);
    let rest = running
        .find(Query {
            cursor: next,
            limit: 100,
            ..kept
        })
        .await
        .unwrap();
    assert_eq!(
        bodies(&rest).len(),
        8,
        "the page of the old index is still there"
    );
    let (register, folder) = running.stop().await;
    let options = Running::options(&folder);
    let again = Running::start(register, folder, options).await;
    assert_eq!(
        (folders(&again), again.register.scans()),
        (vec!["v6-000002".to_owned()], 2)
    );
}

#[tokio::test]
async fn a_damaged_or_half_built_index_is_built_anew() {
    for damage in ["meta", "current", "older", "half"] {
        let (register, folder) = Running::over(many(20)).await.stop().await;
        let root = folder.path().join("index");
        match damage {
            "meta" => fs::write(root.join("v6-000001/meta.json"), "{").unwrap(),
            "current" => fs::write(root.join("CURRENT"), "nonsense").unwrap(),
            "older" => {
                fs::rename(root.join("v6-000001"), root.join("v1-000001")).unwrap();
                fs::write(root.join("CURRENT"), "v1-000001").unwrap();
            }
            _ => fs::create_dir(root.join("v6-000007")).unwrap(),
        }
        let (search, indexer) = Search::open(Running::options(&folder)).unwrap();
        assert_eq!(search.ready(), damage == "half");
        if !search.ready() {
            assert!(matches!(search.search(ask("")).await, Err(Error::NotReady)));
        }
        drop((search, indexer));
        let options = Running::options(&folder);
        let again = Running::start(register, folder, options).await;
        assert_eq!(again.find(ask("")).await.unwrap().total, 20, "{damage}");
        assert_eq!(
            again.register.scans(),
            if damage == "half" { 1 } else { 2 },
            "{damage}"
        );
        assert_eq!(folders(&again).len(), 1, "{damage}");
    }
}

#[tokio::test]
async fn an_index_of_another_database_does_not_answer() {
    let (_, folder) = Running::over(many(20)).await.stop().await;
    let other = Register::default();
    for n in 1..=30 {
        other.put(patent(&format!("20191{n:07}"), "钓具", ""));
    }
    let options = Running::options(&folder);
    let running = Running::start(Arc::new(other), folder, options).await;
    assert_eq!(running.find(ask("")).await.unwrap().total, 30);
    assert_eq!(running.find(ask("石墨烯")).await.unwrap().total, 0);
}

#[tokio::test]
async fn the_folder_has_one_owner() {
    let running = Running::over(many(3)).await;
    let refused = Search::open(Running::options(&running.folder));
    assert!(matches!(refused.err(), Some(Error::Locked)));
    let (_, folder) = running.stop().await;
    assert!(Search::open(Running::options(&folder)).is_ok());
}
