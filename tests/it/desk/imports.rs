//! A file is looked at, agreed to, imported; the preview says what the import then does; nothing before that.

use kaixu::{domain::access::Role, ops::installation};

use super::member;
use crate::{
    on_both_at,
    support::{
        World,
        browser::Browser,
        data,
        formats::{X, XlsSheet, xls},
        sql,
    },
};

const TABLE: &str = "序号,专利号,专利名称,专利权人,申请日,法律状态,所属学院,转化状态,备注\n\
    1,ZL202480012345.0,一种渔网清洗装置,蓝湾大学,2024-03-01,专利权维持,海洋学院,未实施,甲\n\
    2,ZL201990001234.4,碳纤维鱼竿的缠绕方法,别家公司,2019-05-01,专利权维持,,已许可,\n\
    3,2.01E+12,坏行,蓝湾大学,2019-05-01,,,,\n";

async fn holder(world: &World) -> Browser<'_> {
    let university = world.organisation("蓝湾大学").await;
    member(
        world,
        "li@blue.example.com",
        Role::Holder,
        Some(university.uscc.as_str()),
    )
    .await
}

/// Uploads a file and returns the address of its page.
pub async fn uploaded(browser: &Browser<'_>, name: &str, bytes: Vec<u8>, day: &str) -> String {
    let files = [("list", name, "application/octet-stream", bytes)];
    let answer = browser
        .upload(
            "/desk/imports",
            "/desk/imports",
            &[("statusAsOf", day)],
            &files,
        )
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").to_owned()
}

/// The page once nothing is under way any more.
pub async fn settled(browser: &Browser<'_>, path: &str) -> String {
    loop {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        if answer.headers.get("refresh").is_none() {
            return answer.text();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// The figures of an import's page.
fn figures(page: &str) -> Vec<i64> {
    let list = page
        .split("class=\"plain figures\"")
        .nth(1)
        .and_then(|rest| rest.split("</ul>").next());
    let numbers = list.expect("figures").split("<b>").skip(1);
    numbers
        .map(|rest| {
            rest.split("</b>")
                .next()
                .expect("a number")
                .replace(',', "")
                .parse()
                .expect("a number")
        })
        .collect()
}

async fn patents(world: &World) -> i64 {
    sql::number(&world.services.db, "select count(*) from patents").await
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_file_is_shown_as_understood_and_recorded_only_when_somebody_agrees(world) {
        let browser = holder(&world).await;
        let path = uploaded(&browser, "存量.csv", TABLE.into(), "2026-03-01").await;
        let page = settled(&browser, &path).await;
        assert_eq!(figures(&page), [3, 2, 0, 0, 1, 2, 1], "{page}");
        for said in ["存量.csv", "待确认", "ZL202480012345.0", "一种渔网清洗装置", "海洋学院", "所属学院或部门", "不读取", "科学", "权属待确认"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert_eq!(patents(&world).await, 0, "nothing is recorded");
        let rejects = browser.get(&format!("{path}/rejects.csv")).await;
        assert!(rejects.text().contains("2.01E+12") && rejects.text().lines().count() == 2, "{}", rejects.text());
        let agree = format!("{path}/agree");
        assert_eq!(browser.post(&agree, &[], &[("origin", "http://kaixu.test")]).await.status, 403, "no token, no import");
        assert_eq!(patents(&world).await, 0);
        let token = browser.token(&path, &agree).await;
        for _ in 0..2 {
            // Pressed twice, imported once.
            let answer = browser.post(&agree, &[("csrf", &token)], &[("origin", "http://kaixu.test")]).await;
            assert_eq!(answer.status, 303, "{}", answer.text());
        }
        let done = settled(&browser, &path).await;
        assert_eq!(figures(&done), [3, 2, 0, 0, 1, 2, 1], "{done}");
        assert!(done.contains("已完成") && !done.contains("确认导入"), "{done}");
        assert_eq!(patents(&world).await, 2);
        assert!(browser.get(&format!("{path}/rejects.csv")).await.text().contains("2.01E+12"));
        assert!(browser.get("/desk/stock").await.text().contains("一种渔网清洗装置"));
        // The status has the day of the export.
        let doc = sql::text(&world.services.db, "select cast(doc as text) from patents where number = '2024800123450'").await;
        assert!(doc.contains("2026-03-01"), "{doc}");
        // A second time: everything is known.
        let again = uploaded(&browser, "存量.csv", TABLE.into(), "2026-03-01").await;
        assert_eq!(figures(&settled(&browser, &again).await), [3, 0, 0, 2, 1, 0, 0]);
    }

    async fn the_preview_names_the_sheets_that_are_read_and_those_that_are_not(world) {
        let browser = holder(&world).await;
        let list = |name, number| XlsSheet {
            name,
            rows: vec![vec![X::S("专利号"), X::S("专利名称")], vec![X::S(number), X::S("渔网清洗装置")]],
            ..XlsSheet::default()
        };
        let notes = XlsSheet {
            name: "填表说明",
            rows: vec![vec![X::S("本表由科研院汇总")]],
            ..XlsSheet::default()
        };
        let bytes = xls(&[notes, list("一院", "202480012345.0"), list("二院", "2.01E+12")]);
        let path = uploaded(&browser, "存量.xls", bytes, "2026-03-01").await;
        let page = settled(&browser, &path).await;
        for said in ["依次读取", "<b>一院</b>、<b>二院</b>", "不读取的工作表", "<b>填表说明</b> (没有含申请号", "二院!专利号"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("一院!"), "{page}");
    }

    async fn a_file_that_cannot_be_read_says_so_and_cannot_be_agreed_to(world) {
        let browser = holder(&world).await;
        let path = uploaded(&browser, "a.csv", "姓名,电话\n张三,1\n".into(), "").await;
        let page = settled(&browser, &path).await;
        assert!(page.contains("没有找到申请号列") && page.contains("姓名"), "{page}");
        assert!(!page.contains("确认导入"), "{page}");
        let empty = browser.upload("/desk/imports", "/desk/imports", &[("statusAsOf", "")], &[]).await;
        assert_eq!(empty.status, 422);
        assert!(empty.text().contains("请选择文件"), "{}", empty.text());
        let day = browser.upload("/desk/imports", "/desk/imports", &[("statusAsOf", "昨天")], &[("list", "a.csv", "text/csv", TABLE.into())]).await;
        assert_eq!(day.status, 422);
        assert_eq!(sql::number(&world.services.db, "select count(*) from imports").await, 1, "nothing is kept of them");
    }

    async fn what_nobody_agrees_to_can_be_given_up_and_goes_after_a_week_with_its_file(world) {
        let browser = holder(&world).await;
        let first = uploaded(&browser, "a.csv", TABLE.into(), "").await;
        settled(&browser, &first).await;
        let discard = format!("{first}/discard");
        assert_eq!(browser.send(&first, &discard, &[]).await.status, 303);
        assert_eq!(browser.get(&first).await.status, 404);
        let second = uploaded(&browser, "b.csv", TABLE.replace('甲', "乙").into(), "").await;
        settled(&browser, &second).await;
        let agreed = uploaded(&browser, "c.csv", TABLE.replace('甲', "丙").into(), "").await;
        settled(&browser, &agreed).await;
        browser.send(&agreed, &format!("{agreed}/agree"), &[]).await;
        settled(&browser, &agreed).await;
        world.services.clock.set(world.services.now().plus_seconds(6 * 86_400));
        installation::sweep(&world.services).await.expect("sweeps");
        assert_eq!(sql::number(&world.services.db, "select count(*) from imports").await, 2);
        world.services.clock.set(world.services.now().plus_seconds(2 * 86_400));
        installation::sweep(&world.services).await.expect("sweeps");
        assert_eq!(sql::number(&world.services.db, "select count(*) from imports").await, 1);
        assert_eq!(sql::number(&world.services.db, "select count(*) from blobs").await, 1, "the agreed file is kept");
    }

    async fn somebody_elses_import_is_not_there_and_an_enterprise_imports_nothing(world) {
        let browser = holder(&world).await;
        let path = uploaded(&browser, "a.csv", TABLE.into(), "").await;
        settled(&browser, &path).await;
        let other = world.organisation("东港学院").await;
        let stranger = member(&world, "dong@example.com", Role::Holder, Some(other.uscc.as_str())).await;
        assert_eq!(stranger.get(&path).await.status, 404);
        assert_eq!(stranger.get(&format!("{path}/rejects.csv")).await.status, 404);
        let agree = format!("{path}/agree");
        let token = browser.token(&path, &agree).await;
        let stolen = stranger.post(&agree, &[("csrf", &token)], &[("origin", "http://kaixu.test")]).await;
        assert_eq!(stolen.status, 403, "the token is bound to the session");
        assert!(!stranger.get("/desk/imports").await.text().contains("a.csv"));
        let maker = world.organisation("海角渔具有限公司").await;
        let maker = member(&world, "maker@example.com", Role::Enterprise, Some(maker.uscc.as_str())).await;
        assert_eq!(maker.get("/desk/imports").await.status, 403);
        assert_eq!(patents(&world).await, 0);
    }

    async fn the_preview_of_real_files_says_what_the_import_then_does(world) {
        let Some(folder) = data::folder() else { return };
        let browser = holder(&world).await;
        for name in ["cnipr_25_columns.xlsx", "cnipa_gazette_gbk_ruined_numbers.csv", "patenthub.csv"] {
            let bytes = std::fs::read(folder.join("exports").join(name)).expect("reads");
            let path = uploaded(&browser, name, bytes, "2026-01-01").await;
            let preview = settled(&browser, &path).await;
            assert!(preview.contains("确认导入"), "{preview}");
            let expected = figures(&preview);
            assert!(expected[0] > 100 && expected[1] > 100, "{name}: {expected:?}");
            let before = patents(&world).await;
            browser.send(&path, &format!("{path}/agree"), &[]).await;
            let done = settled(&browser, &path).await;
            assert_eq!(figures(&done), expected, "{name}");
            assert_eq!(patents(&world).await - before, expected[1], "{name}");
            let rejects = browser.get(&format!("{path}/rejects.csv")).await.text();
            if expected[4] > 0 {
                assert_eq!(i64::try_from(rejects.lines().count()).expect("fits") - 1, expected[4], "{name}");
            }
        }
    }
}
