//! A list in words of its own: uploaded, its columns confirmed and changed, read again, imported, and what was said kept;
//! a conflict of two files decided. A real Chromium, and pages alone.

use super::{PASSWORD, checks, demo};
use crate::support::{chromium::Chromium, process::Installation};

/// Opens the page again until nothing is under way.
async fn settled(browser: &Chromium, path: &str) {
    for _ in 0..100 {
        browser.open(path).await;
        if !browser.text().await.contains("正在处理") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("still at work: {path}");
}

/// Sets a day or a choice: how one is typed hangs on the browser's language.
async fn choose(browser: &Chromium, css: &str, value: &str) {
    let script = format!("document.querySelector({css:?}).value = {value:?};");
    browser.ask(&script).await;
}

async fn upload(
    browser: &Chromium,
    place: &Installation,
    name: &str,
    table: &str,
    day: &str,
) -> String {
    let file = place.file(name, table);
    browser.open("/desk/imports").await;
    choose(browser, "main [name=statusAsOf]", day).await;
    browser
        .fill("main [name=list]", file.to_str().expect("UTF-8"))
        .await;
    browser.go("main form.entry button").await;
    let path = browser.path().await;
    settled(browser, &path).await;
    path
}

async fn whole(browser: &Chromium, path: &str, name: &str) {
    for width in [390, 1280] {
        browser.size(width, 900).await;
        browser.open(path).await;
        let faults = checks::faults(browser).await;
        assert!(faults.is_empty(), "{path} at {width}: {faults:?}");
        browser.picture(name, width).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_columns_are_said_on_the_page_and_a_conflict_is_decided() {
    let place = Installation::sqlite();
    let server = demo(&place).await;
    let Some(browser) = Chromium::start(&server.address).await else {
        return;
    };
    let offer = super::journey::offer(&server).await;
    browser.sign_in("holder@demo.example", PASSWORD).await;
    let path = upload(&browser, &place, "台账.csv", crate::mapping::OWN_WORDS, "").await;
    whole(&browser, &path, "holder-import-preview").await;
    let page = browser.text().await;
    assert!(
        page.contains("推测，请确认") && page.contains("确认导入这 3 行"),
        "{page}"
    );
    // The status is nobody's word: it is left unread.
    choose(&browser, "select[name=c7]", "").await;
    browser.go("form.mapping button").await;
    settled(&browser, &path).await;
    let page = browser.text().await;
    assert!(
        page.contains("已选定") && page.contains("状态不明"),
        "{page}"
    );
    browser.go("form[action$='/agree'] button").await;
    settled(&browser, &path).await;
    assert!(browser.text().await.contains("已完成"));
    browser.open("/desk/imports").await;
    assert!(browser.text().await.contains("成果叫法 → 专利名称"));

    // Another name on the day on which the demonstration was recorded.
    let today = jiff::tz::Offset::constant(8).to_datetime(jiff::Timestamp::now());
    let table = format!("申请号,专利名称\n{},换了一种名称\n", offer.number);
    let path = upload(
        &browser,
        &place,
        "一.csv",
        &table,
        &today.date().to_string(),
    )
    .await;
    assert!(browser.text().await.contains("冲突"));
    browser.go("form[action$='/agree'] button").await;
    settled(&browser, &path).await;
    whole(&browser, "/desk/conflicts", "holder-conflicts").await;
    let page = browser.text().await;
    assert!(
        page.contains("换了一种名称") && page.contains(&offer.title),
        "{page}"
    );
    browser.go("main form.line button").await;
    assert!(browser.text().await.contains("没有待处理的冲突"));
    let patent = format!("/patents/{}", offer.number);
    whole(&browser, &patent, "holder-patent-sources").await;
    assert!(browser.text().await.contains("各项内容的来源"));
}
