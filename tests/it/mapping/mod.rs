//! Columns whose headers nobody knows: guessed from the values, confirmed by a person, kept for the next file.

mod command;
mod flow;
mod guesses;
mod page;

use axum::http::Method;
use serde_json::Value;

use crate::support::World;

/// The preview once the file has been read through.
pub async fn rehearsed(world: &World, key: &str, path: &str) -> Value {
    for _ in 0..1_000 {
        let answer = world
            .ask(Method::GET, &format!("{path}/preview"))
            .key(key)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let preview = answer.json();
        if preview["state"] != "rehearsing" {
            return preview;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("still rehearsing: {path}");
}

/// A university's list in words of its own; rows enough for a guess.
pub const OWN_WORDS: &str = "某校知识产权台账,,,,,,,,\n\
    序,受理编号,成果叫法,获权时间,递交日,归谁所有,完成人员,目前情况,联系电话\n\
    1,2024800123450,一种渔网清洗装置,2025-03-04,2024-03-01,蓝湾大学,张三;李四,专利权维持,13800138000\n\
    2,201910699568X,节能型切片机的控制方法,2021年12月1日,2019/7/31,蓝湾大学,王五,专利权维持,13900139000\n\
    3,2018205571760,折叠式养殖网箱,20190108,2018.04.19,蓝湾大学,赵六;钱七,未缴年费专利权终止,13700137000\n\
    4,坏号码,海参育苗池的排污结构,2020-01-01,2018-04-19,蓝湾大学,孙八,专利权维持,13600136000\n";

/// The same without any header.
pub fn headless() -> String {
    let rows = OWN_WORDS.lines().skip(2);
    rows.map(|row| format!("{row}\n")).collect()
}
