//! The pages of needs without a script: an enterprise writes, opens, reads its matches and says what it thinks.

use kaixu::domain::access::Role;

use super::{body, opened};
use crate::{accounts::entering::member, on_both_at, support::market::Market};

on_both_at! { "2026-03-02T01:00:00Z";
    async fn an_enterprise_posts_a_need_and_says_which_patent_is_of_use(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let maker = market.maker.uscc.to_string();
        let browser = member(&world, "maker@firm.example", Role::Enterprise, Some(&maker)).await;
        let wrong = [("title", "渔网清洗"), ("text", "渔网清洗装置"), ("budgetFen", "两万"), ("ipc", "不是"), ("until", "")];
        let shown = browser.send("/desk/needs", "/desk/needs", &wrong).await;
        assert_eq!(shown.status, 422);
        assert!(shown.text().contains("请填写整数元") && shown.text().contains("value=\"渔网清洗\""), "{}", shown.text());
        let right = [("title", "渔网清洗"), ("text", "急需渔网清洗装置，不起网。"), ("industry", "A04"), ("budgetFen", "20000")];
        let made = browser.send("/desk/needs", "/desk/needs", &right).await;
        assert_eq!(made.status, 303, "{}", made.text());
        let desk = made.header("location").to_owned();
        world.indexed().await;
        let page = browser.get(&desk).await.text();
        assert!(page.contains("草稿") && page.contains(number.as_str()) && page.contains("为什么合适"), "{page}");
        let public = desk.replace("/desk", "");
        assert_eq!(world.get(&public).await.status, 404);
        let steps = format!("{desk}/steps");
        let open = browser.send(&desk, &steps, &[("version", "1"), ("step", "open")]).await;
        assert_eq!(open.status, 303, "{}", open.text());
        assert_eq!(world.get(&public).await.status, 200);
        let path = format!("{desk}/feedback");
        let said = [("number", number.as_str()), ("rank", "1"), ("verdict", "useful"), ("tier", "stock"), ("score", "12.5")];
        assert_eq!(browser.send(&desk, &path, &said).await.status, 303);
        assert!(browser.get(&desk).await.text().contains("您的反馈"));
        let edited = [("title", "渔网水下清洗"), ("text", "渔网清洗装置，不起网。"), ("version", "2")];
        assert_eq!(browser.send(&desk, &desk, &edited).await.status, 303);
        assert!(browser.get("/desk/needs").await.text().contains("渔网水下清洗"));
    }

    async fn the_public_list_searches_and_escapes_and_a_stranger_has_no_desk(world) {
        let market = Market::new(&world).await;
        let id = opened(&market, &body("渔网<b>清洗</b>", "渔网清洗装置，不起网。")).await;
        opened(&market, &body("香肠扎口", "香肠灌装之后自动扎口。")).await;
        world.indexed().await;
        let found = world.get("/needs?q=%E6%B8%94%E7%BD%91&industry=").await;
        let text = found.text();
        assert_eq!(found.status, 200);
        assert!(text.contains(&id) && !text.contains("香肠") && !text.contains("<b>清洗"), "{text}");
        assert!(world.get("/needs?lang=en").await.text().contains("lang=\"en\""));
        assert_eq!(world.get(&format!("/desk/needs/{id}")).await.status, 303, "sign in first");
        let other = world.organisation("旁观有限公司").await.uscc.to_string();
        let trader = member(&world, "other@firm.example", Role::Enterprise, Some(&other)).await;
        assert_eq!(trader.get(&format!("/desk/needs/{id}")).await.status, 403);
        assert!(!trader.get(&format!("/needs/{id}")).await.text().contains("/desk/needs/"));
    }

    async fn a_patents_page_shows_its_holder_the_needs_and_nobody_else(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let id = opened(&market, &body("渔网清洗", "渔网清洗装置，不起网。")).await;
        world.indexed().await;
        let path = format!("/patents/{number}");
        let (uscc, maker) = (market.university.uscc.to_string(), market.maker.uscc.to_string());
        let holder = member(&world, "holder@uni.example", Role::Holder, Some(&uscc)).await;
        let officer = member(&world, "office@gov.example", Role::Office, None).await;
        let enterprise = member(&world, "maker@firm.example", Role::Enterprise, Some(&maker)).await;
        for (browser, sees) in [(&holder, true), (&officer, true), (&enterprise, false)] {
            let text = browser.get(&path).await.text();
            assert_eq!(text.contains("可能的需求"), sees, "{text}");
            assert_eq!(text.contains(&id), sees);
        }
        assert!(!world.get(&path).await.text().contains("可能的需求"));
    }
}
