//! What waits, where it is done, and for whom it is there.

use kaixu::domain::access::Role;

use super::member;
use crate::{
    on_both_at,
    support::market::{Market, id_of, lump},
};

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_task_is_there_for_both_sides_until_its_reason_is_gone_and_late_ones_stand_first(world) {
        let market = Market::new(&world).await;
        let (first, second) = (market.patent().await, market.patent().await);
        let declaration = market.announced(&first, &lump(100)).await;
        let other = market.announced(&second, &lump(100)).await;
        let holder = member(&world, "li@blue.example.com", Role::Holder, Some(market.university.uscc.as_str())).await;
        let maker = member(&world, "maker@example.com", Role::Enterprise, Some(market.maker.uscc.as_str())).await;
        let outside = world.organisation("东港学院").await;
        let stranger = member(&world, "dong@example.com", Role::Holder, Some(outside.uscc.as_str())).await;
        let office = member(&world, "office@example.com", Role::Office, None).await;
        assert!(holder.get("/desk/tasks").await.text().contains("没有待办事项"));
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        let place = format!("/desk/licences/{}", id_of(&licence));
        for browser in [&holder, &maker, &office] {
            let page = browser.get("/desk/tasks").await.text();
            assert!(page.contains(&place) && page.contains("待送达或待支付") && page.contains(&first.zl()), "{page}");
        }
        assert!(stranger.get("/desk/tasks").await.text().contains("没有待办事项"));
        assert_eq!(market.pay(&licence, &market.maker_key, 100).await.status, 201);
        let page = holder.get("/desk/tasks").await.text();
        assert!(page.contains("应当备案") && page.contains("2026-06-02") && !page.contains("已逾期"), "{page}");
        // A patent that lapses obliges to withdraw; the filing is late by then.
        market.on("2026-06-10");
        holder.sign_in_if_out("li@blue.example.com").await;
        market.status(&second, "terminatedFee").await;
        let page = holder.get("/desk/tasks").await.text();
        assert!(page.contains("已逾期") && page.contains("专利权已经终止"), "{page}");
        assert!(page.contains("2026-06-25"), "to be withdrawn within fifteen days: {page}");
        let withdraw = format!("/desk/declarations/{}", id_of(&other));
        assert!(page.find(&place) < page.find(&withdraw) && page.contains(&withdraw), "{page}");
        let shown = holder.get(&withdraw).await.text();
        assert!(shown.contains("应当向国家知识产权局请求撤回") && shown.contains("/request-withdrawal"), "{shown}");
        assert!(holder.get("/desk/declarations?mustWithdraw=yes").await.text().contains(&withdraw));
        let narrowed = holder.get("/desk/tasks?kind=filingDue").await.text();
        assert!(narrowed.contains(&place) && !narrowed.contains(&withdraw), "{narrowed}");
    }
}
