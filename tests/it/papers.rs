//! Papers to print and sign: they say every field of the record in both languages, leave lines to write on, are for those who
//! may see the record, and go out with the documents as one pack whose hashes anybody can check.

use std::{collections::BTreeMap, io::Read as _, process::Command};

use axum::http::Method;
use kaixu::{
    domain::{
        access::{Actor, Role},
        event::sha256_hex,
        id::Id,
    },
    ops::papers,
    store::Db,
};
use serde_json::json;

use crate::{
    accounts::entering::member,
    installed_on_both, on_both_at,
    support::{
        World,
        http::Answer,
        market::{Market, id_of, lump},
        process::{lines, number},
        sql,
    },
};

async fn paper(world: &World, path: &str, key: &str, lang: &str) -> Answer {
    let asking = world.ask(Method::GET, path).key(key);
    asking.header("accept-language", lang).send().await
}

/// Every row of a table has a head that says of what it is the head.
fn is_well_made(html: &str) {
    assert_eq!(html.matches("<h1>").count(), 1, "{html}");
    assert!(html.matches("<h2>").count() > 2, "{html}");
    assert_eq!(
        html.matches("<th").count() - html.matches("<thead").count(),
        html.matches("<th scope=").count(),
        "{html}"
    );
    for bad in ["<script", "onclick", "http://", "https://", "src="] {
        assert!(!html.contains(bad), "{bad}: {html}");
    }
}

/// The members of a ZIP.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a ZIP");
    let mut members = BTreeMap::new();
    for n in 0..archive.len() {
        let mut member = archive.by_index(n).expect("a member");
        let name = member.name().expect("UTF-8").into_owned();
        let mut content = Vec::new();
        member.read_to_end(&mut content).expect("reads");
        let before = members.insert(name, content);
        assert!(before.is_none(), "one is there twice");
    }
    members
}

/// `sha256sum -c` over the unpacked files.
fn checked(members: &BTreeMap<String, Vec<u8>>) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in members {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
        std::fs::write(path, content).expect("writes");
    }
    let mut command = Command::new("sha256sum");
    let command = command.args(["--check", "--strict", "--quiet", "SHA256SUMS"]);
    command
        .current_dir(&folder)
        .status()
        .expect("coreutils")
        .success()
}

on_both_at! { "2026-03-02T02:00:00Z";
    async fn a_declarations_papers_say_every_field_and_leave_lines_to_sign_on(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let mut draft = Market::draft(&number, &lump(30_000));
        draft["explanation"] = json!("按<b>同类</b>许可 & 市场确定。");
        draft["other"] = json!("另附技术资料。");
        let made = market.post("/v1/declarations", &market.holder_key, &draft).await;
        let declaration = made.header("location").to_owned();
        let printed = paper(&world, &format!("{declaration}/papers/declaration"), &market.holder_key, "zh").await;
        assert_eq!(printed.status, 200, "{}", printed.text());
        assert_eq!((printed.header("content-type"), printed.header("content-language")), ("text/html; charset=utf-8", "zh-CN"));
        assert!(printed.header("content-security-policy").contains("default-src 'none'"));
        let html = printed.text();
        is_well_made(&html);
        let zl = number.zl();
        for said in [
            zl.as_str(), "一种渔网清洗装置", "蓝湾大学", "2019-05-01", "2021-06-01", "叁万元整", "2030-12-31", "科技处", "0631-0000000",
            "另附技术资料。", "按&lt;b&gt;同类&lt;/b&gt;许可 &amp; 市场确定。", "本单位承诺", "签字或者盖章", "草稿", "尚未作出", "@page{size:A4",
            "不是国家知识产权局的表格", market.university.uscc.as_str(), "<html lang=\"zh-CN\">",
        ] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert!(html.matches("class=\"blank\"").count() >= 5, "lines to write on: {html}");
        assert!(!html.contains("承诺日期"), "not given yet: {html}");
        let early = paper(&world, &format!("{declaration}/papers/withdrawal"), &market.holder_key, "zh").await;
        early.problem(409, "notAnnounced");
        let english = paper(&world, &format!("{declaration}/papers/declaration"), &market.holder_key, "en").await.text();
        is_well_made(&english);
        for said in ["Open-licence declaration", "Patent number", "<span lang=\"zh-CN\">", "blank, to be written by hand", "<html lang=\"en\">"] {
            assert!(english.contains(said), "{said}: {english}");
        }
    }

    async fn a_withdrawal_is_printed_with_its_reason_and_what_was_announced(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        let path = format!("{declaration}/papers/withdrawal");
        let before = paper(&world, &path, &market.holder_key, "zh").await.text();
        assert!(before.contains(&format!("KX{number}")) && before.contains("不附有任何条件"), "{before}");
        let asked = json!({ "step": "requestWithdrawal", "on": "2026-03-02", "reason": "拟自行产业化" });
        assert_eq!(market.step(&declaration, &asked).await.status, 200);
        let html = paper(&world, &path, &market.holder_key, "zh").await.text();
        is_well_made(&html);
        assert!(html.contains("拟自行产业化") && html.contains("2026-03-02"), "{html}");
        let said = paper(&world, &format!("{declaration}/papers/declaration"), &market.office_key, "zh").await.text();
        assert!(said.contains("承诺日期：2026-03-02") && said.contains("SHA-256"), "the commitment as it was given: {said}");
        // Its own record's readers alone; a public record does not make its papers public.
        paper(&world, &path, &market.maker_key, "zh").await.problem(403, "roleNotAllowed");
        let other = world.organisation("东礁学院").await;
        let other = world.key(Role::Holder, Some(&other)).await;
        assert!([403, 404].contains(&paper(&world, &path, &other, "zh").await.status.as_u16()));
        let nobody = world.get(&path).await;
        nobody.problem(401, "unauthenticated");
        paper(&world, &format!("{declaration}/papers/notice"), &market.holder_key, "zh").await.problem(404, "notFound");
    }

    async fn a_licences_papers_and_pack_are_for_its_two_sides(world) {
        let market = Market::new(&world).await;
        let number = market.patent().await;
        let declaration = market.announced(&number, &lump(100)).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        let filing = format!("{licence}/papers/filing");
        let early = paper(&world, &filing, &market.maker_key, "zh").await.text();
        assert!(early.contains("待生效"), "{early}");
        let receipt = paper(&world, &format!("{licence}/papers/receipt"), &market.holder_key, "zh").await.text();
        assert!(receipt.contains("收款合计</th><td><span class=\"blank\""), "nothing is received yet: {receipt}");
        assert_eq!(market.pay(&licence, &market.maker_key, 100).await.status, 201);
        for (key, sees) in [(&market.holder_key, true), (&market.maker_key, true), (&market.office_key, true), (&market.trader_key, false)] {
            for last in ["papers/notice", "papers/receipt", "papers/filing", "pack"] {
                let answer = paper(&world, &format!("{licence}/{last}"), key, "zh").await;
                assert_eq!(answer.status.as_u16(), if sees { 200 } else { 404 }, "{last}");
            }
        }
        let html = paper(&world, &filing, &market.maker_key, "zh").await.text();
        is_well_made(&html);
        for said in ["备案申请表", "书面通知", "支付凭证", "请求人身份证明", "委托书", "经办人身份证明", "证据.pdf", "2026-06-02", "普通许可（开放许可）", "蓝湾大学", "海角渔具有限公司", "壹佰元整"] {
            assert!(html.contains(said), "{said}: {html}");
        }
        let english = paper(&world, &format!("{licence}/papers/notice"), &market.maker_key, "en").await.text();
        is_well_made(&english);
        assert!(english.contains("Art. 51") && english.contains("Licensee (signature or seal)"), "{english}");
        // The pack: papers, documents word for word, and lists that any machine checks.
        let answer = paper(&world, &format!("{licence}/pack"), &market.maker_key, "zh").await;
        assert_eq!(answer.header("content-type"), "application/zip");
        assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
        assert!(answer.header("content-disposition").contains(&format!("filing-{number}-{}", id_of(&licence))));
        let members = unpacked(&answer.bytes);
        let names: Vec<&str> = members.keys().map(String::as_str).collect();
        assert_eq!(names.len(), 7, "{names:?}");
        assert!(names.contains(&"documents/02-证据.pdf") && names.contains(&"papers/filing.html"), "{names:?}");
        assert!(checked(&members));
        let list = String::from_utf8(members["list.tsv"].clone()).expect("UTF-8");
        assert_eq!(list.lines().count(), 6, "{list}");
        for line in list.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let content = &members[cells[1]];
            assert_eq!((cells[0], cells[2]), (sha256_hex(content).as_str(), content.len().to_string().as_str()), "{line}");
        }
        let mut forged = members.clone();
        forged.insert("documents/02-证据.pdf".into(), b"%PDF-1.7 other".to_vec());
        assert!(!checked(&forged));
        assert_eq!(market.world.ask(Method::GET, &format!("{licence}/pack?x=1")).key(&market.maker_key).send().await.status, 400);
        paper(&world, &format!("{licence}/papers/declaration"), &market.maker_key, "zh").await.problem(404, "notFound");
    }

    async fn what_is_not_as_it_was_cited_is_never_packed_and_a_dispute_stays_out(world) {
        let market = Market::new(&world).await;
        let declaration = market.announced(&market.patent().await, &json!({ "mode": "free" })).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        let verdict = json!({ "verdict": "disputed", "statement": "通知没有收到。" });
        let path = format!("{licence}/answer");
        let answer = market.change(Method::PUT, &path, &licence, &market.holder_key, &verdict).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let id = Id::parse(id_of(&licence)).expect("an id");
        let actor = Actor::operator("test");
        let pack = papers::pack(&world.services, &actor, &id).await.expect("packs");
        assert_eq!(pack.files, 4, "three papers and the notice");
        let receipt = paper(&world, &format!("{licence}/papers/receipt"), &market.holder_key, "zh").await.text();
        assert!(receipt.contains("使用费为零"), "{receipt}");
        let db = &world.services.db;
        sql::execute(db, "create table saved as select * from blob_parts").await;
        let byte = match db { Db::Sqlite { .. } => "x'2550'", Db::Postgres(_) => "'\\x2550'" };
        sql::execute(db, &format!("update blob_parts set bytes = {byte}")).await;
        assert!(papers::pack(&world.services, &actor, &id).await.is_err());
        sql::execute(db, "delete from blob_parts").await;
        sql::execute(db, "insert into blob_parts select * from saved").await;
        sql::execute(db, "drop table saved").await;
    }

    async fn each_records_page_leads_to_its_papers(world) {
        let market = Market::new(&world).await;
        let declaration = market.announced(&market.patent().await, &lump(100)).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        let holder = member(&world, "holder@example.com", Role::Holder, Some(market.university.uscc.as_str())).await;
        let maker = member(&world, "maker@example.com", Role::Enterprise, Some(market.maker.uscc.as_str())).await;
        let officer = member(&world, "officer@example.com", Role::Office, None).await;
        let at = format!("/desk/declarations/{}", id_of(&declaration));
        for browser in [&holder, &officer] {
            let page = browser.get(&at).await.text();
            for form in ["declaration", "withdrawal"] {
                let place = format!("{at}/papers/{form}");
                assert!(page.contains(&format!("href=\"{place}\"")), "{page}");
                let printed = browser.get(&place).await;
                assert_eq!(printed.status, 200);
                assert!(printed.text().contains("class=\"blank\"") && !printed.text().contains("<style"), "{}", printed.text());
            }
        }
        let at = format!("/desk/licences/{}", id_of(&licence));
        for browser in [&holder, &maker, &officer] {
            let page = browser.get(&at).await.text();
            for last in ["papers/notice", "papers/receipt", "papers/filing", "pack"] {
                let place = format!("{at}/{last}");
                assert!(page.contains(&format!("href=\"{place}\"")), "{place}: {page}");
                assert_eq!(browser.get(&place).await.status, 200, "{place}");
            }
        }
        let english = maker.get(&format!("{at}/papers/filing?lang=en")).await.text();
        assert!(english.contains("Documents to hand in"), "{english}");
        let pack = maker.get(&format!("{at}/pack")).await;
        assert!(checked(&unpacked(&pack.bytes)));
        assert_eq!(maker.get(&format!("{at}/papers/nothing")).await.status, 404);
    }
}

installed_on_both! {
    async fn the_pack_is_written_at_the_command_line(place) {
        let (university, maker) = ("12100000400000624D", "914403001922038216");
        place.organisation(university, "蓝湾大学").await;
        place.organisation(maker, "海角渔具有限公司").await;
        let stock = place.file("stock.jsonl", lines(0..1));
        place.done(&["import", stock.to_str().expect("UTF-8"), "--holder", university]).await;
        let evidence = place.folder.path().join("evidence");
        std::fs::create_dir(&evidence).expect("a folder");
        for name in ["公告.txt", "通知.txt"] {
            std::fs::write(evidence.join(name), name).expect("writes");
        }
        let folder = evidence.to_str().expect("UTF-8");
        let declared = place.file("声明.csv", format!("专利号,声明编号,声明生效日,许可期限,支付方式,公告文件\n{},甲-1,2024-03-01,2029-03-01,免费,公告.txt\n", number(0)));
        let taken = place.file("许可.csv", format!("声明编号,被许可人,通知日,通知文件\n甲-1,{maker},2025-01-02,通知.txt\n"));
        for (kind, list) in [("declarations", &declared), ("licences", &taken)] {
            let said = place.done(&["record", kind, list.to_str().expect("UTF-8"), "--evidence", folder]).await;
            assert!(said.contains("1 rows, 1 recorded"), "{said}");
        }
        let db = place.db().await;
        let licence = sql::text(&db, "select id from licences").await;
        db.close().await;
        let file = place.folder.path().join("pack.zip");
        let name = file.to_str().expect("UTF-8");
        let said = place.done(&["pack", &licence, name]).await;
        assert!(said.starts_with("4 files in "), "{said}");
        let members = unpacked(&std::fs::read(&file).expect("there"));
        assert_eq!(members["documents/01-通知.txt"], "通知.txt".as_bytes());
        assert!(checked(&members));
        let again = place.run(&["pack", &licence, name]).await;
        assert!(again.code == Some(1) && again.stderr.contains("exists already"), "{again:?}");
        place.done(&["pack", &licence, name, "--force"]).await;
        let unknown = place.run(&["pack", "nothing", name, "--force"]).await;
        assert!(unknown.code == Some(1) && unknown.stderr.contains("nothing is no id"), "{unknown:?}");
        let missing = place.run(&["pack", "00000000-0000-7000-8000-000000000001", name, "--force"]).await;
        assert!(missing.code == Some(1) && missing.stderr.contains("no such licence"), "{missing:?}");
    }
}
