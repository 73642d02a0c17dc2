//! The basis of a price: nothing of fewer than five patents, never one licence, the loaded table with its source, an estimate
//! with its inputs; by the API and beside the form of a declaration.

use axum::http::Method;
use kaixu::domain::{
    access::Role,
    money::Fen,
    price::{Inputs, Likeness, Priced, Spread, comparables},
    terms::{Caps, Terms},
};
use serde_json::json;

use crate::{
    accounts::entering::member,
    on_both_at,
    support::market::{Market, lump},
};

fn priced(patent: usize, yuan: i64) -> Priced {
    let day = |text: &str| text.parse().expect("a day");
    Priced {
        patent: patent.to_string(),
        main_class: Some("A01K63/10".into()),
        industry: Some("C3575".into()),
        terms: Terms::LumpSum {
            amount_fen: Fen::yuan(yuan),
        },
        days: (day("2025-01-01"), day("2026-12-31")),
    }
}

#[test]
fn fewer_than_five_patents_say_nothing_however_many_licences_they_have() {
    let four: Vec<Priced> = (0..40).map(|n| priced(n % 4, 10_000)).collect();
    assert_eq!(comparables(&four, Some("A01K63/00"), Some("C3575")), []);
    let five: Vec<Priced> = (0..5)
        .map(|n| priced(n, 10_000 + 1_234 * i64::try_from(n).unwrap()))
        .collect();
    let found = comparables(&five, Some("A01K1/00"), Some("C35"));
    let likeness: Vec<Likeness> = found.iter().map(|c| c.likeness).collect();
    assert_eq!(
        likeness,
        [
            Likeness::IpcSubclass,
            Likeness::IpcClass,
            Likeness::Industry
        ]
    );
    assert_eq!(found[0].patents, 5);
    let spread = found[0].fixed_fen.expect("enough");
    let figures: Vec<i64> = five.iter().map(|p| p.terms.due_at_start().0).collect();
    for figure in [spread.lower, spread.median, spread.upper] {
        assert!(
            !figures[1..].contains(&figure),
            "{spread:?} is a licence's own"
        );
    }
    assert_eq!(comparables(&five, Some("B23K1/00"), None), []);
    assert_eq!(found[0].net_sales_bp, None, "no royalty among them");
}

#[test]
fn a_spread_is_the_middle_half_to_two_digits() {
    assert_eq!(Spread::of(vec![1, 2, 3, 4]), None);
    let spread = Spread::of(vec![100, 212, 318, 427, 555]).expect("enough");
    assert_eq!((spread.lower, spread.median, spread.upper), (210, 320, 430));
}

#[test]
fn an_estimate_is_its_inputs_multiplied_and_cut_to_the_usual_limit() {
    let inputs = Inputs {
        net_sales_fen_per_year: Fen::yuan(1_000_000),
        rate_bp: 300,
        years: 5,
        kept_bp: 6_000,
    };
    let estimate = inputs.estimate(&Caps::default());
    assert_eq!(
        (estimate.lump_fen, estimate.capped),
        (Fen::yuan(90_000), false)
    );
    let huge = Inputs {
        net_sales_fen_per_year: Fen::yuan(10_000_000_000),
        ..inputs
    };
    let estimate = huge.estimate(&Caps::default());
    assert_eq!(
        (estimate.lump_fen, estimate.capped),
        (Fen::yuan(20_000_000), true)
    );
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_price_has_a_basis_or_nothing_is_shown(world) {
        let market = Market::new(&world).await;
        let mut numbers = Vec::new();
        for n in 1..=5 {
            let number = market.patent().await;
            let table = format!("专利号,专利名称,专利权人,主分类号,国民经济分类\n{},一种渔网清洗装置{number},蓝湾大学,A01K63/10,C3575\n", number.zl());
            market.import(&table).await;
            numbers.push((number, n * 10_000 + 321));
        }
        let path = format!("/v1/patents/{}/price-basis", numbers[0].0);
        let take = async |(number, yuan): &(kaixu::domain::codes::AppNo, i64)| {
            let declaration = market.announced(number, &lump(*yuan)).await;
            let licence = market.notice(&declaration, &market.maker_key).await;
            assert_eq!(licence.status, 201, "{}", licence.text());
            let paid = market.pay(licence.header("location"), &market.maker_key, *yuan).await;
            assert_eq!(paid.json()["state"], "effective", "{}", paid.text());
        };
        for one in &numbers[..4] {
            take(one).await;
        }
        let basis = world.get(&path).await.json();
        assert_eq!((&basis["comparables"], &basis["fewest"], &basis["mainClass"]), (&json!([]), &json!(5), &json!("A01K63/10")), "{basis}");
        assert_eq!((basis.get("estimate"), basis.get("industrySource"), &basis["industryFees"]), (None, None, &json!([])));
        take(&numbers[4]).await;
        let basis = world.get(&path).await.json();
        let closest = &basis["comparables"][0];
        assert_eq!((&closest["likeness"], &closest["key"], &closest["patents"]), (&json!("ipcSubclass"), &json!("A01K"), &json!(5)), "{basis}");
        assert_eq!(closest["fixedFen"], json!({ "median": 3_000_000, "lower": 2_000_000, "upper": 4_000_000 }));
        // The table of the operator, with its source.
        let table = "行业代码,年份,合同数,平均金额（元）,平均提成率（%）,来源\nC35,2023,120,350000,3.5%,年度统计\nC35,2022,100,300000,3%,年度统计\n";
        let put = world.ask(Method::PUT, "/v1/reference-tables/industryFees?version=1&source=%E5%85%AC%E5%BC%80%E7%BB%9F%E8%AE%A1").key(&market.office_key);
        let put = put.body(table).send().await;
        assert!(put.status.is_success(), "{}", put.text());
        let basis = world.get(&format!("{path}?netSalesFenPerYear=100000000&rateBp=300&years=5&keptBp=6000")).await.json();
        assert_eq!((&basis["industrySource"], &basis["industryFees"][0]["year"], &basis["industryFees"][0]["avgRateBp"]), (&json!("公开统计"), &json!(2023), &json!(350)), "{basis}");
        assert_eq!((&basis["estimate"]["lumpFen"], &basis["estimate"]["capped"], &basis["estimate"]["rateBp"]), (&json!(9_000_000), &json!(false), &json!(300)), "{basis}");
        for wrong in ["?rateBp=300", "?netSalesFenPerYear=1&rateBp=99999&years=1&keptBp=1", "?rateBp=x", "?more=1"] {
            world.get(&format!("{path}{wrong}")).await.problem(400, "parameterInvalid");
        }
        world.get("/v1/patents/202480012345.0/price-basis").await.problem(404, "notFound");
        // Beside the form, at the moment of pricing.
        let holder = member(&world, "ip@example.com", Role::Holder, Some(&market.university.id.to_string())).await;
        let here = format!("/desk/declarations/new?number={}", numbers[0].0);
        let page = holder.get(&here).await.text();
        assert!(page.contains("定价依据") && page.contains("同一 IPC 小类 A01K") && page.contains("30,000.00") && page.contains("公开统计"), "{page}");
        let page = holder.get(&format!("{here}&netSales=100%E4%B8%87&rate=3&years=5&kept=60")).await.text();
        assert!(page.contains("1,000,000.00 × 3.00% × 5 年 × 60.00% = 90,000.00"), "{page}");
        let page = holder.get(&format!("{here}&netSales=abc")).await.text();
        assert!(page.contains("估算的四项都应填写数字"), "{page}");
    }
}
