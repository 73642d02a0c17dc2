//! The pages of all this, in the browser of each side: nobody else sees them, forms say what is wrong at the field.

use kaixu::domain::access::Role;
use serde_json::json;

use super::{declared, share, taken};
use crate::{
    accounts::entering::member,
    on_both_at,
    support::{
        browser::Browser,
        market::{Market, id_of},
    },
};

async fn of<'a>(market: &Market<'a>, name: &str) -> Browser<'a> {
    let (role, party) = match name {
        "holder" => (Role::Holder, Some(market.university.uscc.to_string())),
        "maker" => (Role::Enterprise, Some(market.maker.uscc.to_string())),
        _ => (Role::Office, None),
    };
    let mail = format!("{name}@example.com");
    member(market.world, &mail, role, party.as_deref()).await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn the_licensee_reports_and_answers_on_the_licences_page(world) {
        let market = Market::new(&world).await;
        let licence = taken(&market, &share()).await;
        let at = format!("/desk/licences/{}", id_of(&licence));
        market.on("2027-03-10");
        let maker = of(&market, "maker").await;
        let page = maker.get(&at).await.text();
        assert!(page.contains("待报送") && page.contains("2026-03-02|2027-03-01"), "{page}");
        let action = format!("{at}/royalty");
        let wrong = maker.upload(&at, &action, &[("period", "2026-03-02|2027-03-01"), ("figure", "很多")], &[]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        let sent = maker.upload(&at, &action, &[("period", "2026-03-02|2027-03-01"), ("figure", "1000000")], &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let action = format!("{at}/follow-up");
        let fields = [("months", "12"), ("worked", "yes"), ("product", "yes"), ("sales", "below1m"), ("note", "")];
        assert_eq!(maker.send(&at, &action, &fields).await.status, 303);
        let action = format!("{at}/relation");
        assert_eq!(maker.send(&at, &action, &[("related", "no"), ("note", "")]).await.status, 303);
        let holder = of(&market, "holder").await;
        let page = holder.get(&at).await.text();
        assert!(page.contains("30,000") && page.contains("已有产品") && page.contains("双方没有关联关系"), "{page}");
        assert!(!page.contains(&format!("action=\"{at}/royalty\"")), "the figure is the licensee's to tell");
        let action = format!("{at}/dispute");
        let fields = [("stage", "consultation"), ("on", "2027-03-10"), ("text", "提成基数有争议")];
        let sent = holder.upload(&at, &action, &fields, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let list = holder.get("/desk/disputes").await.text();
        let place = list.split("href=\"/desk/disputes/").nth(1).and_then(|rest| rest.split('"').next()).expect("a dispute");
        let place = format!("/desk/disputes/{place}");
        let page = maker.get(&place).await.text();
        assert!(page.contains("提成基数有争议") && page.contains("人民调解委员会"), "{page}");
        let version = page.split("name=\"version\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let fields = [("version", version.as_str()), ("stage", "mediation"), ("on", "2027-03-10"), ("text", "申请调解"), ("outcome", "")];
        let sent = maker.upload(&place, &format!("{place}/steps"), &fields, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        assert!(holder.get(&at).await.text().contains("行政部门调解"));
    }

    async fn a_question_is_asked_from_the_offer_and_answered_at_the_desk(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let maker = of(&market, "maker").await;
        let ask = format!("/desk/enquiries/new?declaration={}", declared(&declaration).as_str().expect("an id"));
        let offer = maker.get(&format!("/patents/{number}")).await.text();
        assert!(offer.contains(&ask.replace('&', "&amp;")) && offer.contains("人民调解委员会"), "{offer}");
        let page = maker.get(&ask).await.text();
        let hidden = |name: &str| {
            let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("a field");
            rest.split('"').next().expect("a value").to_owned()
        };
        let (of_declaration, once) = (hidden("declaration"), hidden("once"));
        let fields = [("declaration", of_declaration.as_str()), ("once", once.as_str()), ("question", "冬天能不能用？")];
        let sent = maker.send(&ask, "/desk/enquiries/new", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let place = sent.header("location").to_owned();
        let holder = of(&market, "holder").await;
        assert!(holder.get("/desk/enquiries").await.text().contains("冬天能不能用？"));
        assert!(holder.get("/desk/tasks").await.text().contains("答复询问"));
        let page = holder.get(&place).await.text();
        let version = page.split("name=\"version\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let fields = [("version", version.as_str()), ("answer", "零下十度以上都可以。")];
        assert_eq!(holder.send(&place, &place, &fields).await.status, 303);
        let page = maker.get(&place).await.text();
        assert!(page.contains("零下十度以上都可以。") && !page.contains(&format!("action=\"{place}\"")), "{page}");
        let annex = format!("/desk/declarations/{}", id_of(&declaration));
        let page = holder.get(&annex).await.text();
        let action = format!("{annex}/know-how");
        let form = page.split(&format!("action=\"{action}\"")).nth(1).expect("the form");
        let version = form.split("name=\"version\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let bad = [("version", version.as_str()), ("kind", "hours"), ("hours", ""), ("text", "")];
        assert_eq!(holder.send(&annex, &action, &bad).await.status, 422);
        let good = [("version", version.as_str()), ("kind", "hours"), ("hours", "8"), ("text", "")];
        assert_eq!(holder.send(&annex, &action, &good).await.status, 303);
        assert!(maker.get(&format!("/patents/{number}")).await.text().contains("8 学时"));
        let officer = of(&market, "officer").await;
        assert_eq!(officer.get(&place).await.status, 200);
        assert_eq!(world.get(&place).await.status, 303, "nobody reads it without signing in");
    }
}
