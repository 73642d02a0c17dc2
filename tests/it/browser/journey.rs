//! From the search box to the count: an enterprise takes a licence by notice and voucher, the holder does nothing but
//! read of it, an officer opens the very file that proves it. A real Chromium, and pages alone.

use serde_json::Value;

use super::{PASSWORD, demo};
use crate::support::{
    chromium::Chromium,
    process::Installation,
    server::{Running, sign_in},
};

/// An offer of the holder that has an account, with something due at the start.
pub struct Offer {
    pub number: String,
    zl: String,
    pub title: String,
}

pub async fn offer(server: &Running) -> Offer {
    let said = server.printed();
    let line = said
        .lines()
        .find(|line| line.contains("holder@demo.example"));
    let name = line
        .and_then(|line| line.split_once("example（"))
        .expect("named")
        .1;
    let name = name.trim_end().strip_suffix('）').expect("its end");
    let parties = server.json("/v1/organisations?limit=200").await;
    let parties = parties["items"].as_array().expect("a list");
    let holder = parties
        .iter()
        .find(|party| party["name"] == name)
        .expect("the holder");
    let declared = server
        .json("/v1/declarations?state=announced&limit=200")
        .await;
    let declared = declared["items"].as_array().expect("a list").iter();
    let wanted = |one: &&Value| {
        one["organisation"] == holder["id"]
            && one["terms"]["mode"] == "lumpSum"
            && one["mustWithdraw"].is_null()
    };
    let found = declared.clone().find(wanted).expect("an offer to pay for");
    let text = |name: &str| found[name].as_str().expect("a text").to_owned();
    Offer {
        number: text("number"),
        zl: text("zl"),
        title: text("title"),
    }
}

/// The headline figure on the page of the progress.
async fn count(browser: &Chromium) -> i64 {
    browser.open("/progress").await;
    browser
        .text_of(".score .big b")
        .await
        .parse()
        .expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one journey, told once")]
async fn a_licence_is_taken_by_notice_and_voucher_and_the_count_rises_by_one() {
    let place = Installation::sqlite();
    let server = demo(&place).await;
    let Some(browser) = Chromium::start(&server.address).await else {
        return;
    };
    server.counts("", 329).await;
    let offer = offer(&server).await;
    let before = count(&browser).await;

    // An enterprise searches, and finds it.
    browser.open("/").await;
    browser.fill("#q", &offer.title).await;
    browser.go(".search.big button").await;
    browser
        .go(&format!("a[href='/patents/{}']", offer.number))
        .await;
    browser.go("a.go").await;
    assert!(
        browser.path().await.starts_with("/signin?next="),
        "{}",
        browser.path().await
    );
    browser
        .fill("main [name=login]", "enterprise@demo.example")
        .await;
    browser.fill("main [name=password]", PASSWORD).await;
    browser.go("main form button").await;
    assert_eq!(
        browser.path().await,
        format!("/patents/{}/notice", offer.number),
        "back where it was"
    );

    // Notice.
    browser.press("[name=agree]").await;
    browser.go("main form.entry button").await;
    let licence = browser.path().await;
    assert!(
        licence.starts_with("/desk/licences/"),
        "{licence}\n{}",
        browser.text().await
    );
    assert_eq!(
        count(&browser).await,
        before,
        "a notice alone is no licence"
    );

    // Voucher.
    let voucher = place.file("回单.pdf", b"%PDF-1.7\npaid in full\n");
    browser.open(&licence).await;
    browser
        .fill(
            "form[action$='/payments'] [name=file]",
            voucher.to_str().expect("UTF-8"),
        )
        .await;
    browser.go("form[action$='/payments'] button").await;
    assert!(
        browser.text().await.contains("已生效"),
        "{}",
        browser.text().await
    );
    assert_eq!(
        count(&browser).await,
        before + 1,
        "without an act of the holder"
    );
    browser.sign_out().await;

    // The holder reads of it.
    browser.sign_in("holder@demo.example", PASSWORD).await;
    browser.open("/inbox").await;
    let inbox = browser.text().await;
    assert!(inbox.contains(&offer.zl), "{inbox}");
    browser.sign_out().await;

    // An officer goes from the figure to the voucher itself.
    browser.sign_in("office@demo.example", PASSWORD).await;
    browser.open("/progress").await;
    browser.go("a[href^='/progress/m3']").await;
    let row = format!(
        "//tr[.//a[@href='/patents/{}']]//a[starts-with(@href, '/files/')]",
        offer.number
    );
    let proofs = browser
        .client
        .find_all(fantoccini::Locator::XPath(&row))
        .await
        .expect("finds");
    let cookie = sign_in(&server, "office@demo.example", PASSWORD).await;
    let mut found = false;
    for proof in proofs {
        let path = proof
            .attr("href")
            .await
            .expect("reads")
            .expect("an address");
        let asked = server.http.get(format!("{}{path}", server.address));
        let answer = asked
            .header("cookie", &cookie)
            .send()
            .await
            .expect("answers");
        assert_eq!(answer.status(), 200, "{path}");
        let disposition = answer.headers()["content-disposition"]
            .to_str()
            .expect("ASCII")
            .to_owned();
        assert!(disposition.starts_with("attachment"), "{disposition}");
        found |= answer.bytes().await.expect("bytes") == b"%PDF-1.7\npaid in full\n".as_slice();
        let stranger = server.get(&path).await;
        assert_eq!(stranger.status(), 303, "a stranger signs in first");
    }
    assert!(found, "the voucher is among the proofs");
}
