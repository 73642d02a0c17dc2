//! Three hundred cards are no work of days: the sheet goes out, comes back filled, and says what is wrong row by row.

use axum::http::Method;
use serde_json::{Value, json};

use super::bare;
use crate::{
    on_both_at,
    support::{World, cards, market::Market},
};

async fn send(world: &World, key: &str, query: &str, sheet: &str) -> Value {
    let path = format!("/v1/cards/imports{query}");
    let asking = world.ask(Method::POST, &path).key(key);
    let answer = asking.body(sheet.to_owned()).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn codes(list: &Value) -> Vec<(u64, &str, &str)> {
    let all = list.as_array().expect("a list").iter();
    all.map(|one| {
        let text = |name: &str| one[name].as_str().expect("a text");
        (
            one["row"].as_u64().expect("a row"),
            text("column"),
            text("code"),
        )
    })
    .collect()
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_sheet_writes_what_is_right_and_tells_what_is_not(world) {
        let market = Market::new(&world).await;
        let (one, two, three) = (bare(&market, 21).await, bare(&market, 22).await, bare(&market, 23).await);
        let good = cards::content();
        let row = |number: &str, novelty: &str, products: &str, maturity: &str| {
            format!("{number},甲乙,{},{novelty},{},{products},{maturity}\n", good.problem, good.advantage)
        };
        let sheet = [
            "申请号,备注,解决什么问题,新在哪里,比什么好,能做成什么产品,技术成熟度\n".to_owned(),
            row(&one.zl(), &good.novelty, "网箱清洗机、船底清洗刷盘", "中试"),
            row(&two.zl(), "其特征在于所述机器会自己走，人站在船上看着就可以，不用下水。", "网箱清洗机", "中试"),
            row(&three.zl(), &good.novelty, "网箱清洗机", "很成熟"),
            row("ZL202480012345.0", &good.novelty, "网箱清洗机", "中试"),
            row("没有号码", &good.novelty, "网箱清洗机", "中试"),
        ];
        let sheet = sheet.concat();
        let counted = |report: &Value| {
            let figure = |name: &str| report[name].as_u64().expect("a figure");
            [figure("rows"), figure("passed"), figure("failing"), figure("unchanged")]
        };
        let tried = send(&world, &market.holder_key, "?dryRun=true", &sheet).await;
        assert_eq!(counted(&tried), [5, 1, 1, 0], "{tried}");
        assert_eq!(market.read("/v1/cards?state=missing", &market.holder_key).await["total"], 3, "nothing is written");
        let done = send(&world, &market.holder_key, "", &sheet).await;
        assert_eq!(counted(&done), [5, 1, 1, 0], "{done}");
        assert_eq!(done["ignored"], json!(["备注"]));
        assert_eq!(codes(&done["findings"]), [(3, "新在哪里", "claimSpeak")], "{done}");
        assert_eq!(
            codes(&done["rejected"]),
            [(4, "技术成熟度", "notInDictionary"), (5, "申请号", "notInStock"), (6, "申请号", "numberInvalid")],
            "{done}"
        );
        // Sent again, nothing is written twice; an empty cell leaves its item.
        let again = send(&world, &market.holder_key, "", &sheet).await;
        assert_eq!(counted(&again), [5, 0, 0, 2], "{again}");
        let mend = format!("专利号,新在哪里,能做成什么产品\n{},{},\n", two.zl(), good.novelty);
        let mended = send(&world, &market.holder_key, "", &mend).await;
        assert_eq!(counted(&mended), [1, 1, 0, 0], "{mended}");
        let listed = market.read("/v1/cards", &market.holder_key).await;
        let state = |number: &str| {
            let all = listed["items"].as_array().expect("items").iter();
            all.clone().find(|line| line["number"] == number).expect("is listed")["state"].clone()
        };
        let numbers = [one.to_string(), two.to_string(), three.to_string()];
        assert_eq!(numbers.each_ref().map(|n| state(n)), [json!("passed"), json!("passed"), json!("missing")]);
        assert_eq!(market.read("/v1/cards?state=passed&limit=1", &market.holder_key).await["total"], 2);
        for (header, code) in [("专利号,备注\n", "headerMissing"), ("专利号,优势,比什么好\n", "headerTwice")] {
            let asking = world.ask(Method::POST, "/v1/cards/imports").key(&market.holder_key);
            let wrong = asking.body(format!("{header}{},甲,乙\n", one.zl())).send().await;
            assert_eq!(wrong.problem(422, "invalid")["errors"][0]["code"], code);
        }
    }

    async fn the_sheet_that_goes_out_comes_back_unchanged(world) {
        let market = Market::new(&world).await;
        let number = bare(&market, 31).await;
        bare(&market, 32).await;
        cards::write(&world.services, &market.university.id, &number).await;
        for format in ["csv", "ndjson", "xlsx"] {
            let path = format!("/v1/cards/sheet?format={format}");
            let answer = world.ask(Method::GET, &path).key(&market.holder_key).send().await;
            assert_eq!((answer.status.as_u16(), answer.header("x-total-count")), (200, "2"), "{format}");
            let asking = world.ask(Method::POST, "/v1/cards/imports").key(&market.holder_key);
            let back = asking.body(answer.bytes.clone()).send().await;
            assert_eq!(back.status, 200, "{format}: {}", back.text());
            let back = back.json();
            assert_eq!((&back["rows"], &back["unchanged"]), (&json!(2), &json!(2)), "{format}: {back}");
            let listed = market.read("/v1/cards?state=missing", &market.holder_key).await;
            assert_eq!(listed["total"], 1, "{format}: an empty row writes no card");
        }
    }
}
