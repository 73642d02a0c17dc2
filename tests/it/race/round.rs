//! One round: a free declaration, its withdrawal announced today at one door, a notice at the other, and what may be
//! read of it at both afterwards.

use axum::http::Method;
use kaixu::domain::{
    codes::AppNo,
    eligibility::Block,
    time::{Clock, Day},
};
use serde_json::{Value, json};

use super::arena::{Answer, Arena, Asking};

/// Who came first, by what is recorded.
pub enum Outcome {
    NoticedFirst,
    WithdrawnFirst,
}

#[derive(Debug, Default)]
pub struct Split {
    pub noticed_first: u32,
    pub withdrawn_first: u32,
}

/// A declaration that is on offer.
pub struct Declared {
    id: String,
    /// The licence of the day before, as it was recorded.
    earlier: Option<Value>,
}

const HOLDER: usize = 0;
const MAKER: usize = 1;
const TRADER: usize = 2;

fn today() -> Day {
    Clock::System.today()
}

async fn post(arena: &Arena, door: usize, party: usize, path: &str, body: &Value) -> Answer {
    let asking = Asking {
        method: Method::POST,
        path,
        party,
        version: None,
        body: Some(body),
    };
    arena.ask(door, &asking).await
}

async fn get(arena: &Arena, door: usize, path: &str) -> Value {
    let asking = Asking {
        method: Method::GET,
        path,
        party: HOLDER,
        version: None,
        body: None,
    };
    let answer = arena.ask(door, &asking).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.json);
    answer.json
}

/// A licence taken yesterday, elsewhere.
async fn recorded(arena: &Arena, door: usize, declaration: &str, licensee: Value) -> Answer {
    let body = json!({
        "declaration": declaration, "licensee": licensee, "noticeOn": today().yesterday().unwrap(),
        "evidence": [{ "kind": "notice", "file": arena.paper }],
    });
    post(arena, door, HOLDER, "/v1/licences/records", &body).await
}

/// Announced elsewhere in 2024, free; with `earlier`, a licence of yesterday under it.
pub async fn declared(arena: &Arena, number: &AppNo, place: usize, earlier: bool) -> Declared {
    let body = json!({
        "number": number, "terms": { "mode": "free" }, "until": "2037-12-31",
        "declarationNumber": format!("KX{number}"), "effectiveOn": "2024-03-01", "source": arena.paper,
    });
    let path = "/v1/declarations/records";
    let answer = post(arena, place % 2, HOLDER, path, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    let id = answer.json["id"].as_str().expect("an id").to_owned();
    let mut declared = Declared { id, earlier: None };
    if earlier {
        let maker = json!({ "organisation": arena.usccs[MAKER] });
        let answer = recorded(arena, place % 2, &declared.id, maker).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        assert_eq!(answer.json["state"], "effective");
        declared.earlier = Some(answer.json);
    }
    declared
}

async fn withdraw(arena: &Arena, door: usize, declaration: &str) -> Answer {
    let body = json!({ "step": "withdraw", "announcedOn": today(), "source": arena.paper });
    let asking = Asking {
        method: Method::POST,
        path: &format!("/v1/declarations/{declaration}/steps"),
        party: HOLDER,
        version: Some(1),
        body: Some(&body),
    };
    arena.ask(door, &asking).await
}

async fn notice(arena: &Arena, door: usize, declaration: &str) -> Answer {
    let body = json!({ "declaration": declaration, "acknowledged": Block::ALL });
    post(arena, door, TRADER, "/v1/licences", &body).await
}

/// A licence of yesterday that becomes known only now, taken by a person.
async fn belated(arena: &Arena, door: usize, declared: &Declared) -> Option<Answer> {
    declared.earlier.as_ref()?;
    let person = json!({ "individual": { "name": "王海", "contact": "0631-1234567" } });
    Some(recorded(arena, door, &declared.id, person).await)
}

/// Withdrawal and notice at the same moment; asserts everything that must hold whoever is first.
pub async fn run(arena: &Arena, place: usize, declared: &Declared) -> Outcome {
    let (one, other) = (place % 2, 1 - place % 2);
    let id = &declared.id;
    let late = belated(arena, one, declared);
    let (withdrawn, noticed, belated) = if place % 4 < 2 {
        tokio::join!(withdraw(arena, one, id), notice(arena, other, id), late)
    } else {
        let (noticed, withdrawn, late) =
            tokio::join!(notice(arena, other, id), withdraw(arena, one, id), late);
        (withdrawn, noticed, late)
    };
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.json);
    let ended = withdrawn.json["endedOn"].as_str().expect("a day");

    // Read at either door.
    let path = format!("/v1/licences?declaration={id}");
    let listed = get(arena, place / 4 % 2, &path).await;
    let licences = listed["items"].as_array().expect("a list");
    for licence in licences {
        let taken = licence["effectiveOn"].as_str();
        assert_eq!(
            licence["state"] == "effective",
            taken.is_some(),
            "{licence}"
        );
        assert!(
            taken.is_none_or(|on| on < ended),
            "after the end: {licence}"
        );
    }
    let find = |id: &Value| licences.iter().find(|licence| licence["id"] == *id);
    if let (Some(earlier), Some(belated)) = (&declared.earlier, &belated) {
        assert_eq!(find(&earlier["id"]), Some(earlier), "untouched");
        assert_eq!(belated.status, 201, "{}", belated.json);
        assert_eq!(belated.json["state"], "effective");
        assert_eq!(find(&belated.json["id"]), Some(&belated.json), "untouched");
    }
    let others = usize::from(belated.is_some()) * 2;
    if noticed.status == 201 {
        let licence = find(&noticed.json["id"]).expect("was taken");
        assert_eq!(noticed.json["state"], "effective", "when it was given");
        assert_eq!(
            licence["state"], "ineffective",
            "given on the day: {licence}"
        );
        assert_eq!(
            (licence["version"].as_i64(), licences.len()),
            (Some(2), others + 1)
        );
        Outcome::NoticedFirst
    } else {
        assert_eq!(noticed.status, 409, "{}", noticed.json);
        assert_eq!(noticed.json["code"], "declarationEnded", "{}", noticed.json);
        assert_eq!(licences.len(), others);
        Outcome::WithdrawnFirst
    }
}

/// Both doors show the same declarations, all of them ended, and the same licences.
pub async fn doors_agree(arena: &Arena) {
    for path in ["/v1/declarations?limit=200", "/v1/licences?limit=200"] {
        let mut page = path.to_owned();
        loop {
            let (here, there) = tokio::join!(get(arena, 0, &page), get(arena, 1, &page));
            assert_eq!(here, there, "{page}");
            for record in here["items"].as_array().expect("a list") {
                let open = ["announced", "withdrawalRequested"]
                    .contains(&record["state"].as_str().unwrap());
                assert!(!open, "{record}");
            }
            let Some(next) = here["next"].as_str() else {
                break;
            };
            page = format!("{path}&after={next}");
        }
    }
}
