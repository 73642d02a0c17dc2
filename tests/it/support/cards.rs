//! A card that passes its check for any patent of the tests, written as an operator.

use kaixu::{
    domain::{access::Actor, card::CardContent, codes::AppNo, id::Id},
    ops::{Services, cards},
};

/// In words that no patent of the tests has.
pub fn content() -> CardContent {
    CardContent {
        problem: "养殖户的网箱几周就长满海藻和贝壳，水流不进去，鱼容易缺氧生病。".into(),
        novelty: "机器自己贴着网走，一边刷一边把脏东西吸走，人不用下水。".into(),
        advantage: "比潜水员下水刷网快三倍，刷下来的脏东西不会飘到旁边去。".into(),
        products: vec!["网箱清洗机".into(), "船底清洗刷盘".into()],
        maturity: Some("production".into()),
    }
}

/// Writes it for a holder's patent that has no card yet.
pub async fn write(services: &Services, holder: &Id, number: &AppNo) {
    let actor = Actor::operator("test");
    let holder = holder.to_string();
    let found = cards::get(services, &actor, number, Some(&holder)).await;
    if found.expect("is in stock").record.version == 0 {
        let written = cards::put(services, &actor, number, Some(&holder), 0, content()).await;
        let written = written.expect("is written");
        assert!(written.record.value.passed, "{:?}", written.findings);
    }
}
