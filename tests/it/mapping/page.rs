//! The same on the page: one choice a column, read again, agreed to, kept, removed.

use kaixu::domain::access::Role;

use super::OWN_WORDS;
use crate::{
    desk::{
        imports::{settled, uploaded},
        member,
    },
    on_both_at,
    support::sql,
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn the_columns_are_chosen_on_the_page_and_kept_for_the_next_file(world) {
        let university = world.organisation("蓝湾大学").await;
        let browser = member(&world, "li@blue.example.com", Role::Holder, Some(university.uscc.as_str())).await;
        let path = uploaded(&browser, "台账.csv", OWN_WORDS.into(), "2026-03-01").await;
        let page = settled(&browser, &path).await;
        for said in ["各列的对应", "受理编号", "2024800123450", "推测，请确认", "个人信息", "确认导入这 3 行", "按此重新试读"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        // The title is said to be the owner, which another column is.
        let remap = format!("{path}/mapping");
        let choices = |title: &'static str| [
            ("c0", ""), ("c1", "applicationNumber"), ("c2", title), ("c3", "grantDate"), ("c4", "filingDate"),
            ("c5", "owner"), ("c6", "inventors"), ("c7", ""), ("c8", ""),
        ];
        let wrong = browser.send(&path, &remap, &choices("owner")).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        assert!(wrong.text().contains("已有另一列"), "{}", wrong.text());
        assert_eq!(browser.send(&path, &remap, &choices("title")).await.status, 303);
        let page = settled(&browser, &path).await;
        assert!(page.contains("已选定") && !page.contains("专利权维持</td>"), "{page}");
        assert_eq!(sql::number(&world.services.db, "select count(*) from patents").await, 0);
        browser.send(&path, &format!("{path}/agree"), &[]).await;
        let done = settled(&browser, &path).await;
        assert!(done.contains("已完成") && done.contains("layout=table"), "{done}");
        assert_eq!(sql::number(&world.services.db, "select count(*) from patents").await, 3);
        let next = uploaded(&browser, "台账二.csv", OWN_WORDS.replace("一种渔网", "另一种渔网").into(), "2026-03-01").await;
        assert!(settled(&browser, &next).await.contains("已保存的对应"));
        let list = browser.get("/desk/imports").await.text();
        assert!(list.contains("成果叫法 → 专利名称"), "{list}");
        let remove = list.split("action=\"").find(|rest| rest.contains("/remove\"")).and_then(|rest| rest.split('"').next()).expect("a button").to_owned();
        assert_eq!(browser.send("/desk/imports", &remove, &[]).await.status, 303);
        assert!(!browser.get("/desk/imports").await.text().contains("成果叫法 →"));
    }

    async fn a_file_in_which_nothing_is_a_number_says_what_to_do(world) {
        let university = world.organisation("蓝湾大学").await;
        let browser = member(&world, "li@blue.example.com", Role::Holder, Some(university.uscc.as_str())).await;
        let path = uploaded(&browser, "a.csv", "姓名,事项\n张三,出差\n李四,培训\n".into(), "").await;
        let page = settled(&browser, &path).await;
        assert!(page.contains("没有一列是申请号") && !page.contains("确认导入"), "{page}");
        let agree = browser.send(&path, &format!("{path}/discard"), &[]).await;
        assert_eq!(agree.status, 303);
    }
}
