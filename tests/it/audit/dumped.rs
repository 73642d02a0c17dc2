//! A dump is whole or it is found out: any line that is changed, missing, doubled or moved; and what was rewritten
//! with a fitting sum is named for what it says.

use std::io::Write as _;

use kaixu::{
    domain::event::sha256_hex,
    ops::{dump, verify},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;

use super::history;
use crate::{on_both_at, support::World};

async fn lines(world: &World) -> Vec<String> {
    let mut bytes = Vec::new();
    dump::write(&world.services, &mut bytes)
        .await
        .expect("is dumped");
    let text = String::from_utf8(bytes).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

fn said(lines: &[Vec<u8>]) -> Result<verify::Report, verify::Break> {
    let mut bytes = lines.join(&b'\n');
    bytes.push(b'\n');
    verify::verify_dump(bytes.as_slice()).expect("is read")
}

/// The lines with a last line that fits them.
fn resealed(mut lines: Vec<String>) -> Vec<Vec<u8>> {
    let last = lines.pop().expect("a last line");
    let before = lines.join("\n") + "\n";
    let old: Value = serde_json::from_str(&last).expect("JSON");
    let old = old["sha256"].as_str().expect("a sum").to_owned();
    lines.push(last.replace(&old, &sha256_hex(before.as_bytes())));
    lines.into_iter().map(String::into_bytes).collect()
}

#[derive(Clone, Debug)]
enum Deed {
    /// Another bit of a byte.
    Flip(usize, u8),
    Delete,
    Double,
    Swap,
}

fn deeds() -> impl Strategy<Value = (usize, Deed)> {
    let deed = prop_oneof![
        3 => (any::<usize>(), 0..7_u8).prop_map(|(at, bit)| Deed::Flip(at, bit)),
        1 => Just(Deed::Delete),
        1 => Just(Deed::Double),
        1 => Just(Deed::Swap),
    ];
    (any::<usize>(), deed)
}

fn done(lines: &[String], at: usize, deed: &Deed) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = lines.iter().map(|line| line.clone().into_bytes()).collect();
    let at = at % lines.len();
    match deed {
        Deed::Flip(byte, bit) => {
            let place = byte % lines[at].len();
            lines[at][place] ^= 1 << bit;
        }
        Deed::Delete => {
            lines.remove(at);
        }
        Deed::Double => lines.insert(at, lines[at].clone()),
        Deed::Swap => {
            let other = (at + 1) % lines.len();
            lines.swap(at, other);
        }
    }
    lines
}

on_both_at! { "2024-02-01T01:00:00Z";
    async fn any_line_that_is_changed_is_found(world) {
        history::lived(&world).await;
        let lines = lines(&world).await;
        assert!(lines.len() > 150);
        let whole: Vec<Vec<u8>> = lines.iter().map(|line| line.clone().into_bytes()).collect();
        assert!(said(&whole).is_ok());
        let mut runner = TestRunner::new(Config { cases: 64, ..Config::default() });
        runner.run(&deeds(), |(at, deed)| {
            let changed = done(&lines, at, &deed);
            prop_assert!(changed != whole && said(&changed).is_err(), "line {}: {deed:?}", at % lines.len() + 1);
            Ok(())
        }).expect("all are found");
        for cut in [1, 2, 40, lines.len() - 1] {
            assert!(said(&whole[..lines.len() - cut]).is_err(), "the last {cut} lines cut off");
        }
        let mut more = whole.clone();
        more.push(b"{}".to_vec());
        assert_eq!(said(&more).expect_err("one line too many").what, "comes after the last line");
        let halved = whole.join(&b'\n');
        assert!(verify::verify_dump(&halved[..halved.len() / 2]).expect("is read").is_err());
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&whole.join(&b'\n')).and_then(|()| packed.write_all(b"\n")).expect("packs");
        let packed = packed.finish().expect("packs");
        assert!(verify::verify_dump(packed.as_slice()).expect("is read").is_ok());
        assert!(verify::verify_dump(&packed[..packed.len() - 9]).expect("is read").is_err());
    }

    async fn what_is_rewritten_with_a_fitting_sum_is_named(world) {
        history::lived(&world).await;
        let lines = lines(&world).await;
        let mut tried = 0;
        for kind in ["change", "record", "file", "indicators"] {
            let of_kind = format!("{{\"type\":\"{kind}\"");
            let places: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].starts_with(&of_kind)).collect();
            let place = places[places.len() / 2];
            let line: Value = serde_json::from_str(&lines[place]).expect("JSON");
            for field in line.as_object().expect("an object").keys().filter(|f| *f != "type") {
                let mut other = line.clone();
                other[field] = match &line[field] {
                    Value::Number(number) => (number.as_i64().expect("whole") + 1).into(),
                    Value::String(text) if field == "asOf" => text.replace("2025", "2024").into(),
                    Value::String(text) => format!("{text}x").into(),
                    Value::Null => "2024-04-09".into(),
                    Value::Object(_) if kind == "indicators" => serde_json::json!({ "m1": 1 }),
                    Value::Array(_) => serde_json::json!([]),
                    _ => serde_json::json!({ "zusatz": 1 }),
                };
                let mut changed = lines.clone();
                changed[place] = other.to_string();
                let found = said(&resealed(changed)).expect_err(field).to_string();
                let name = match kind {
                    "change" => format!("change {}", line["seq"]),
                    "record" => line["key"].as_str().expect("a key").to_owned(),
                    "file" => line["id"].as_str().expect("an id").to_owned(),
                    _ => line["target"].as_str().expect("an id").to_owned(),
                };
                // What cannot even be read is named by its line; a row of another number is missing.
                let numbered = found.starts_with(&format!("line {}:", place + 1));
                let missing = found.contains(&format!("{name} is missing"));
                assert!(found.contains(&name) || numbered || missing, "{kind}.{field}: {found}");
                tried += 1;
            }
        }
        assert!(tried > 30, "{tried}");
        // A unit more than there is, with figures that fit it.
        let place = lines.iter().position(|line| line.contains("\"type\":\"indicators\"")).expect("figures");
        let mut line: Value = serde_json::from_str(&lines[place]).expect("JSON");
        let total = line["figures"]["m3"]["total"].as_i64().expect("a number");
        assert!(total > 0, "{line}");
        line["figures"]["m3"]["total"] = (total + 1).into();
        let mut changed = lines.clone();
        changed[place] = line.to_string();
        let target = line["target"].as_str().expect("an id").to_owned();
        assert_eq!(said(&resealed(changed)).expect_err("more").to_string(), format!("targets/{target}: its figures are not those counted"));
        line["figures"]["m3"]["total"] = total.into();
        let units = line["units"][2]["keys"].as_array_mut().expect("keys");
        let gone = units.remove(0);
        let mut changed = lines.clone();
        changed[place] = line.to_string();
        let gone = gone.as_str().expect("text");
        assert_eq!(said(&resealed(changed)).expect_err("fewer").to_string(), format!("targets/{target}: m3: shown and counted differ in {gone}"));
    }
}
