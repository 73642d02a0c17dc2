//! Twins and divisionals: told by parties, days, kinds and words; on the API and on the page; and how many of the real
//! twins are told.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    io::{BufRead as _, Write as _},
};

use kaixu::{
    domain::{
        access::Actor,
        family::{Kinship, Relation, kinship},
        intake,
        patent::Patent,
    },
    ops::imports::{FileImport, import_file},
    sheet,
};
use serde_json::Value;

use crate::{
    on_both,
    support::{World, data, market::number},
};

const TEXT: &str =
    "一种渔网清洗装置，包括机架、毛刷辊和喷淋管，毛刷辊与喷淋管沿渔网的行进方向交替布置。";

/// Number, title, owner, filing day, abstract.
type Line<'a> = (String, &'a str, &'a str, &'a str, &'a str);

async fn import(world: &World, lines: &[Line<'_>]) {
    let mut table = String::from("申请号,专利名称,申请人,申请日,摘要\n");
    for (number, title, owner, filed, text) in lines {
        writeln!(table, "{number},{title},{owner},{filed},{text}").expect("writes");
    }
    let path = world.file("family.csv", table);
    let asked = FileImport {
        path: &path,
        holder: None,
        status_as_of: None,
        dry_run: false,
        on_progress: &mut |_| {},
        on_reject: &mut |reject| panic!("{reject:?}"),
        on_look: &mut |_| {},
        said: Vec::new(),
        guesses: false,
    };
    let operator = Actor::operator("test");
    let done = import_file(&world.services, &operator, asked).await;
    done.expect("imports").expect("is read");
    world.indexed().await;
}

fn related(answer: &Value) -> Vec<(String, String, bool)> {
    let items = answer["items"].as_array().expect("items");
    let told = items.iter().map(|item| {
        let text = |name: &str| item[name].as_str().expect("text").to_owned();
        (
            text("number"),
            text("relation"),
            item["certain"].as_bool().expect("a flag"),
        )
    });
    told.collect()
}

on_both! {
    async fn a_twin_and_a_divisional_are_found_and_what_is_merely_of_the_same_day_is_not(world) {
        let zl = |year, kind, serial| number(year, kind, serial).zl();
        let (one, twin) = (zl(2019, 1, 11), zl(2019, 2, 12));
        import(&world, &[
            (one.clone(), "渔网清洗装置", "蓝湾大学", "2019-03-01", TEXT),
            (twin.clone(), "一种渔网清洗机", "蓝湾大学；红崖研究所", "2019-03-01", TEXT),
            (zl(2021, 1, 13), "渔网清洗装置", "蓝湾大学", "2019-03-01", TEXT),
            (zl(2019, 2, 14), "海带切割机", "蓝湾大学", "2019-03-01", "一种海带切割机，包括刀盘和输送带，刀盘设于输送带上方。"),
            (zl(2019, 2, 15), "渔网清洗装置", "成山学院", "2019-03-01", TEXT),
            (zl(2019, 2, 16), "渔网清洗装置", "蓝湾大学", "2019-03-02", TEXT),
            (zl(2019, 2, 17), "渔网清洗装置", "蓝湾大学", "", TEXT),
            (zl(2018, 2, 18), "渔网清洗装置", "蓝湾大学", "", TEXT),
        ]).await;
        let of = async |zl: &str| related(&world.get(&format!("/v1/patents/{zl}/family")).await.json());
        let is = |year, kind, serial, relation: &str, certain| (number(year, kind, serial).to_string(), relation.to_owned(), certain);
        assert_eq!(of(&one).await, [
            is(2019, 2, 12, "twin", true), is(2019, 2, 17, "twin", false), is(2021, 1, 13, "division", true),
        ]);
        assert_eq!(of(&twin).await, [is(2019, 1, 11, "twin", true)]);
        assert_eq!(of(&zl(2019, 2, 14)).await, []);
        let page = world.get(&format!("/patents/{}", number(2019, 1, 11))).await.text();
        assert!(page.contains("同样的发明创造与分案") && page.contains(&format!("/patents/{}", number(2019, 2, 12))), "{page}");
        let alone = world.get(&format!("/patents/{}", number(2019, 2, 14))).await.text();
        assert!(!alone.contains("同样的发明创造与分案"));
        world.get(&format!("/v1/patents/{}/family", zl(2011, 1, 1))).await.problem(404, "notFound");
    }
}

/// By records most of which lack the filing day.
#[test]
fn real_twins_are_told() {
    let Some(folder) = data::folder() else {
        return;
    };
    let bare = |text: &str| text.trim_start_matches("CN").replace('.', "");
    let text = std::fs::read_to_string(folder.join("eval/twins.csv")).expect("reads");
    let labelled: Vec<[String; 2]> = text
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some([bare(cells.next()?), bare(cells.next()?)])
        })
        .collect();
    let wanted: HashSet<&String> = labelled.iter().flatten().collect();
    let corpus = std::fs::File::open(folder.join("patents_108k.jsonl.gz")).expect("opens");
    let mut lines = tempfile::NamedTempFile::new().expect("temp file");
    for line in std::io::BufReader::new(flate2::read::GzDecoder::new(corpus)).lines() {
        let line = line.expect("text");
        let record: Value = serde_json::from_str(&line).expect("JSON");
        if wanted.contains(&bare(record["app_no"].as_str().expect("a number"))) {
            writeln!(lines, "{line}").expect("writes");
        }
    }
    let rows = sheet::open(lines.path(), None, &sheet::Limits::default()).expect("opens");
    let read = rows.map(|row| {
        intake::read_row(&row.expect("a row"))
            .expect("reads")
            .patent
    });
    let patents: HashMap<String, Patent> = read
        .map(|patent| (patent.number.to_string(), patent))
        .collect();
    let told = labelled
        .iter()
        .filter(|[one, other]| {
            let (Some(one), Some(other)) = (patents.get(one), patents.get(other)) else {
                return false;
            };
            matches!(
                kinship(one, other),
                Some(Kinship {
                    relation: Relation::Twin,
                    ..
                })
            ) && matches!(
                kinship(other, one),
                Some(Kinship {
                    relation: Relation::Twin,
                    ..
                })
            )
        })
        .count();
    assert!(
        labelled.len() > 2_000 && told * 100 >= labelled.len() * 95,
        "{told} of {}",
        labelled.len()
    );
}
