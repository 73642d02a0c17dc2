//! Every legal event arrives with the other side, in the same commit, and with nobody else.

use axum::http::Method;
use kaixu::domain::access::Role;
use serde_json::json;

use super::entering::member;
use crate::support::browser::Browser;
use crate::{
    on_both_at,
    support::market::{Market, id_of, lump},
};

/// The kinds in an inbox, the newest first.
async fn kinds(market: &Market<'_>, key: &str) -> Vec<String> {
    let messages = market.read("/v1/messages?limit=200", key).await;
    let items = messages["items"].as_array().expect("items").clone();
    assert_eq!(messages["total"], items.len());
    items
        .iter()
        .map(|m| m["kind"].as_str().expect("a kind").to_owned())
        .collect()
}

/// What is new in the inboxes of holder, maker, trader and office.
struct Watch {
    seen: [usize; 4],
}

impl Watch {
    async fn new(market: &Market<'_>) -> Self {
        let mut watch = Self { seen: [0; 4] };
        watch.fresh(market).await;
        watch
    }

    async fn fresh(&mut self, market: &Market<'_>) -> [Vec<String>; 4] {
        let keys = [
            &market.holder_key,
            &market.maker_key,
            &market.trader_key,
            &market.office_key,
        ];
        let mut all: [Vec<String>; 4] = Default::default();
        for ((key, seen), fresh) in keys.into_iter().zip(&mut self.seen).zip(&mut all) {
            let mut kinds = kinds(market, key).await;
            let new = kinds.len() - *seen;
            *seen = kinds.len();
            kinds.truncate(new);
            kinds.reverse();
            *fresh = kinds;
        }
        all
    }

    #[track_caller]
    fn expect(found: &[Vec<String>; 4], holder: &[&str], maker: &[&str]) {
        let none: &[&str] = &[];
        assert_eq!(
            (&found[0][..], &found[1][..]),
            (&owned(holder)[..], &owned(maker)[..])
        );
        assert_eq!(
            (&found[2][..], &found[3][..]),
            (&owned(none)[..], &owned(none)[..])
        );
    }
}

fn owned(kinds: &[&str]) -> Vec<String> {
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn each_step_of_a_licence_is_told_to_the_other_side(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        let mut watch = Watch::new(&market).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        Watch::expect(&watch.fresh(&market).await, &["noticeGiven"], &[]);
        market.pay(&licence, &market.maker_key, 99).await;
        Watch::expect(&watch.fresh(&market).await, &["paymentRecorded"], &[]);
        let receipt = json!({ "amountFen": 100, "paidOn": "2026-03-02", "proof": "receipt" });
        market.post(&format!("{licence}/payments"), &market.holder_key, &receipt).await;
        Watch::expect(&watch.fresh(&market).await, &[], &["paymentRecorded", "licenceEffective"]);
        let answer = format!("{licence}/answer");
        let dispute = json!({ "verdict": "disputed", "statement": "未收到款项" });
        assert_eq!(market.change(Method::PUT, &answer, &licence, &market.holder_key, &dispute).await.status, 200);
        Watch::expect(&watch.fresh(&market).await, &[], &["licenceDisputed"]);
        let filing = json!({ "number": "BA1", "on": "2026-03-02" });
        let path = format!("{licence}/filing");
        assert_eq!(market.change(Method::PUT, &path, &licence, &market.office_key, &filing).await.status, 200);
        Watch::expect(&watch.fresh(&market).await, &["filingRecorded"], &["filingRecorded"]);
        assert_eq!(market.withdraw(&declaration).await.status, 200);
        // Given on the day of the announcement: it never took effect.
        Watch::expect(&watch.fresh(&market).await, &[], &["declarationEnded", "licenceIneffective"]);
    }

    async fn a_block_and_a_late_notice_are_told(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &json!({ "mode": "free" })).await;
        let mut watch = Watch::new(&market).await;
        market.on("2026-03-10");
        market.notice(&declaration, &market.maker_key).await;
        Watch::expect(&watch.fresh(&market).await, &["noticeGiven", "licenceEffective"], &[]);
        market.status(&number, "terminatedFee").await;
        Watch::expect(&watch.fresh(&market).await, &["mustWithdraw"], &["mustWithdraw"]);
        assert_eq!(market.withdraw(&declaration).await.status, 200);
        let told = watch.fresh(&market).await;
        assert!(told[1].contains(&"licenceIneffective".to_owned()), "{told:?}");
    }

    async fn an_officers_confirmation_is_told_to_the_holder(world) {
        let market = Market::new(&world).await;
        let number = market.patent_of("1", "别家公司").await;
        let mut watch = Watch::new(&market).await;
        let listed = market.read("/v1/holdings", &market.holder_key).await;
        let found = listed["items"].as_array().expect("items").iter().find(|h| h["number"] == json!(number)).cloned();
        let path = format!("/v1/holdings/{}", found.expect("held")["id"].as_str().expect("an id"));
        let to = format!("{path}/confirmation");
        assert_eq!(market.change(Method::PUT, &to, &path, &market.office_key, &json!({ "confirmed": true })).await.status, 200);
        Watch::expect(&watch.fresh(&market).await, &["holdingConfirmed"], &[]);
    }

    async fn what_is_refused_tells_nobody_anything(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        market.notice(&declaration, &market.maker_key).await;
        let mut watch = Watch::new(&market).await;
        market.notice(&declaration, &market.maker_key).await.problem(409, "licenceExists");
        Watch::expect(&watch.fresh(&market).await, &[], &[]);
    }

    async fn a_page_shows_the_inbox_and_marks_it_as_read(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        market.notice(&declaration, &market.maker_key).await;
        let holder = member(&world, "li@example.com", Role::Holder, Some(market.university.uscc.as_str())).await;
        let page = holder.get("/inbox").await;
        let text = page.text();
        assert!(text.contains("收到许可通知") && text.contains(&number.zl()) && text.contains("/desk/licences/"), "{text}");
        assert!(text.contains("<b class=\"unread\">1</b>"), "{text}");
        assert_eq!(page.header("cache-control"), "no-store");
        let english = holder.get("/inbox?lang=en").await.text();
        assert!(english.contains("Notice given"), "{english}");
        assert_eq!(holder.send("/inbox", "/inbox/read", &[("message", "")]).await.status, 303);
        let unread = market.read("/v1/messages?state=unread", &market.holder_key).await;
        assert_eq!(unread["total"], 0, "{unread}");
        assert!(!holder.get("/inbox").await.text().contains("class=\"unread\""));
        let nobody = Browser::new(&world).get("/inbox").await;
        assert_eq!((nobody.status.as_u16(), nobody.header("location")), (303, "/signin?next=%2Finbox"));
    }

    async fn a_holder_with_an_account_alone_gets_notices_here(world) {
        let market = Market::new(&world).await;
        let quiet = world.organisation("东礁学院").await;
        let _account = member(&world, "dong@example.com", Role::Holder, Some(quiet.uscc.as_str())).await;
        let number = market.patent_of("1", "东礁学院").await;
        let source = market.file(&market.office_key).await;
        let record = json!({ "organisation": quiet.uscc, "number": number, "terms": { "mode": "free" }, "until": "2030-12-31",
            "declarationNumber": "KX1", "effectiveOn": "2026-01-05", "source": source });
        let declared = market.post("/v1/declarations/records", &market.office_key, &record).await;
        let body = json!({ "declaration": id_of(declared.header("location")), "acknowledged": ["NOT_OWNER"] });
        let taken = market.post("/v1/licences", &market.maker_key, &body).await.json();
        assert_eq!((&taken["delivery"], &taken["state"]), (&json!("platform"), &json!("effective")), "{taken}");
    }
}
