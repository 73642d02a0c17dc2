//! A random history of the register, made through the API as people make it: organisations come and are renamed,
//! files are imported, holdings edited, hidden, shown, confirmed and unconfirmed.

use axum::http::Method;
use kaixu::domain::{
    access::Role,
    codes::{AppNo, Uscc},
    party::Organisation,
};
use serde_json::{Value, json};

use crate::{
    smoke::finished,
    support::{World, http::Answer},
};

/// A repeatable sequence (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).expect("small")
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// The people of the history.
pub struct Cast {
    pub holders: [Organisation; 2],
    pub keys: [String; 2],
    pub office: String,
}

impl Cast {
    pub async fn new(world: &World) -> Self {
        let holders = [
            world.organisation("蓝湾大学").await,
            world.organisation("红崖学院").await,
        ];
        let keys = [
            world.key(Role::Holder, Some(&holders[0])).await,
            world.key(Role::Holder, Some(&holders[1])).await,
        ];
        Self {
            holders,
            keys,
            office: world.key(Role::Office, None).await,
        }
    }
}

/// Words that only a holding that was never published contains.
pub const SECRET: &str = "机密研究室";

pub fn number(n: usize) -> String {
    AppNo::parse(&format!("2024100{n:05}"))
        .expect("a number")
        .0
        .to_string()
}

pub async fn import(world: &World, key: &str, lines: &[Value]) -> Value {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let body = lines.join("\n");
    let sent = world
        .ask(Method::POST, "/v1/imports")
        .key(key)
        .body(body)
        .send()
        .await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    let import = finished(world, key, sent.header("location")).await;
    assert_eq!(import["state"], "done", "{import}");
    import
}

/// A holding that nobody but its holder and the office may ever hear of.
pub async fn secret_holding(world: &World, cast: &Cast) -> String {
    let line =
        json!({ "number": number(999), "title": "甲装置", "owners": ["别家公司"], "unit": SECRET });
    import(world, &cast.keys[0], &[line]).await;
    let listed = world
        .ask(Method::GET, "/v1/holdings?state=claimed")
        .key(&cast.keys[0])
        .send()
        .await
        .json();
    listed["items"][0]["id"].as_str().expect("an id").to_owned()
}

/// What happened how often.
#[derive(Debug, Default)]
pub struct Tally {
    pub done: usize,
    pub refused: usize,
    pub hidden: usize,
    pub renamed: usize,
}

impl Tally {
    fn count(&mut self, answer: &Answer) -> bool {
        let status = answer.status.as_u16();
        assert!(
            status < 300 || matches!(status, 409 | 412 | 422),
            "{status} {}",
            answer.text()
        );
        if status < 300 {
            self.done += 1;
        } else {
            self.refused += 1;
        }
        status < 300
    }
}

/// Plays so many steps; `lane` keeps the codes of concurrent histories apart.
pub async fn play(world: &World, cast: &Cast, dice: &mut Dice, lane: usize, steps: usize) -> Tally {
    let mut tally = Tally::default();
    for step in 0..steps {
        match dice.below(10) {
            0 => {
                let new = json!({
                    "uscc": Uscc::complete(&format!("12371002{:08}", 10_000 + lane * 1_000 + step)),
                    "name": format!("第 {lane}-{step} 学院"), "kind": "institute", "district": "371002",
                });
                let asking = world
                    .ask(Method::POST, "/v1/organisations")
                    .key(&cast.office);
                tally.count(&asking.json(&new).send().await);
            }
            1 => {
                let holder = dice.of(&cast.holders);
                let name = *dice.of(&[holder.name.as_str(), "更名后的大学"]);
                let path = format!("/v1/organisations/{}", holder.id);
                let answer = edit(world, &cast.office, &path, &json!({ "name": name })).await;
                tally.renamed += usize::from(tally.count(&answer));
            }
            2..=4 => {
                let lines: Vec<Value> = (0..=dice.below(5)).map(|_| line(dice, cast)).collect();
                let key: &String = dice.of(&cast.keys);
                import(world, key, &lines).await;
                tally.done += 1;
            }
            what => {
                let Some((path, holder)) = some_holding(world, cast, dice).await else {
                    continue;
                };
                let truth = dice.below(2) == 0;
                let body = match what {
                    5 => json!({ "unit": format!("第 {} 研究室", dice.below(4)) }),
                    6 => json!({ "conversion": dice.of(&["licensed", "unused"]) }),
                    7 | 8 => json!({ "published": truth }),
                    _ => json!({ "confirmed": truth }),
                };
                let answer = if what == 9 {
                    edit(world, &cast.office, &format!("{path}/confirmation"), &body).await
                } else {
                    edit(world, &holder, &path, &body).await
                };
                let done = tally.count(&answer);
                tally.hidden += usize::from(done && answer.json()["published"] == false);
            }
        }
    }
    tally
}

/// Reads the version, then asks for the change; another editor may come between.
async fn edit(world: &World, key: &str, target: &str, body: &Value) -> Answer {
    let record = target.trim_end_matches("/confirmation");
    let method = if record == target {
        Method::PATCH
    } else {
        Method::PUT
    };
    let read = world.ask(Method::GET, record).key(key).send().await;
    assert_eq!(read.status, 200, "{record}: {}", read.text());
    let asking = world
        .ask(method, target)
        .key(key)
        .header("if-match", read.header("etag"));
    asking.json(body).send().await
}

fn line(dice: &mut Dice, cast: &Cast) -> Value {
    let [one, other] = cast.holders.each_ref().map(|h| h.name.clone());
    let owners = dice
        .of(&[
            vec![one.clone()],
            vec![other.clone()],
            vec![one, other],
            vec!["别家公司".into()],
            vec!["更名后的大学".into()],
        ])
        .clone();
    let mut line = json!({ "number": number(dice.below(25)), "title": format!("一种装置 {}", dice.below(3)), "owners": owners });
    if dice.below(2) == 0 {
        line["conversion"] = (*dice.of(&["unused", "licensed"])).into();
    }
    if dice.below(2) == 0 {
        line["grantDate"] = format!("2025-0{}-01", dice.below(9) + 1).into();
    }
    line
}

/// The address of some holding that is not the secret one, and its holder's key.
async fn some_holding(world: &World, cast: &Cast, dice: &mut Dice) -> Option<(String, String)> {
    let listed = world
        .ask(Method::GET, "/v1/holdings?limit=200")
        .key(&cast.office)
        .send()
        .await
        .json();
    let open: Vec<&Value> = listed["items"]
        .as_array()?
        .iter()
        .filter(|h| h["unit"] != SECRET)
        .collect();
    if open.is_empty() {
        return None;
    }
    let holding = dice.of(&open);
    let who = usize::from(holding["organisation"] != cast.holders[0].id.to_string());
    Some((
        format!("/v1/holdings/{}", holding["id"].as_str()?),
        cast.keys[who].clone(),
    ))
}
