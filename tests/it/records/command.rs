//! `kaixu record` as an operator meets it, with a folder of evidence.

use crate::{
    installed_on_both,
    support::{
        process::{lines, number},
        sql,
    },
};

const USCC: &str = "12100000400000624D";
const MAKER: &str = "914403001922038216";

installed_on_both! {
    async fn lists_are_recorded_with_the_evidence_of_a_folder(place) {
        place.organisation(USCC, "蓝湾大学").await;
        place.organisation(MAKER, "海角渔具有限公司").await;
        let stock = place.file("stock.jsonl", lines(0..3));
        place.done(&["import", stock.to_str().expect("UTF-8"), "--holder", USCC]).await;
        let evidence = place.folder.path().join("证据");
        std::fs::create_dir(&evidence).expect("a folder");
        for (name, content) in [("公告.txt", "公告"), ("通知.txt", "通知"), ("不用.txt", "没人提到"), ("假.pdf", "不是 PDF")] {
            std::fs::write(evidence.join(name), content).expect("writes");
        }
        let declared = format!("专利号,声明编号,声明生效日,许可期限,支付方式,公告文件\n{},甲-1,2024-03-01,2029-03-01,免费,公告.txt\n{},甲-2,2024-03-01,2029-03-01,免费,../公告.txt\n", number(0), number(1));
        let declared = place.file("声明.csv", declared);
        let taken = place.file("许可.csv", format!("声明编号,被许可人,通知日,通知文件,支付凭证\n甲-1,{MAKER},2025-01-02,通知.txt,\n甲-1,没有,2025-01-02,通知.txt,\n甲-1,蓝湾大学,2025-01-02,通知.txt,假.pdf\n"));
        let (declared, taken, folder) = (declared.to_str().expect("UTF-8"), taken.to_str().expect("UTF-8"), evidence.to_str().expect("UTF-8"));
        let db = place.db().await;
        let state = "select (select seq from head) * 1000 + (select count(*) from files)";
        let before = sql::number(&db, state).await;
        let dry = place.done(&["record", "declarations", declared, "--evidence", folder, "--dry-run"]).await;
        assert!(dry.contains(": 2 rows, 1 recorded, 0 completed, 0 repeated, 1 rejected (dry run: nothing was written)"), "{dry}");
        assert_eq!(sql::number(&db, state).await, before);
        let without = place.done(&["record", "declarations", declared]).await;
        assert!(without.contains("2 rows, 0 recorded, 0 completed, 0 repeated, 2 rejected"), "{without}");
        let real = place.done(&["record", "declarations", declared, "--evidence", folder]).await;
        assert!(real.contains("1 of the named files are here, 1 newly stored"), "{real}");
        assert!(real.contains(": 2 rows, 1 recorded, 0 completed, 0 repeated, 1 rejected\n  3 公告文件 fileUnknown: 没有这个文件。"), "{real}");
        let rejects = place.folder.path().join("退回.csv");
        let said = place.run(&["record", "licences", taken, "--evidence", folder, "--rejects", rejects.to_str().expect("UTF-8")]).await;
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.stderr.contains("假.pdf"), "{said:?}");
        assert!(said.stdout.contains(": 3 rows, 1 recorded, 0 completed, 0 repeated, 2 rejected"), "{said:?}");
        let rejects = std::fs::read_to_string(&rejects).expect("there");
        assert!(rejects.starts_with("\u{feff}行号,列,原因代码,原因,处理办法,原值\r\n3,被许可人,organisationUnknown,没有登记这个单位。,"), "{rejects}");
        assert!(rejects.lines().nth(2).expect("a line").starts_with("4,支付凭证,fileUnknown,"), "{rejects}");
        let again = place.done(&["record", "declarations", declared, "--evidence", folder]).await;
        assert!(again.contains("0 newly stored") && again.contains("0 recorded, 0 completed, 1 repeated, 1 rejected"), "{again}");
        assert_eq!(sql::number(&db, "select count(*) from files").await, 2);
        db.close().await;
        place.done(&["verify"]).await;
    }

    async fn events_are_recorded_from_the_command_line(place) {
        place.organisation(USCC, "蓝湾大学").await;
        let stock = place.file("stock.jsonl", lines(0..2));
        place.done(&["import", stock.to_str().expect("UTF-8"), "--holder", USCC]).await;
        let list = place.file("事件.csv", format!("专利号,事件,日期,质权人,登记号\n{0},PE01,2024-01-02,甲银行,Y1\n{0},PC01,2024-02-02,,Y1\n{1},天气晴,2024-02-02,,\n", number(0), number(1)));
        let list = list.to_str().expect("UTF-8");
        let dry = place.done(&["record", "events", list, "--dry-run"]).await;
        assert!(dry.contains(": 3 rows, 2 recorded, 0 completed, 0 repeated, 1 rejected (dry run: nothing was written)"), "{dry}");
        let real = place.done(&["record", "events", list]).await;
        assert!(real.contains(": 3 rows, 2 recorded, 0 completed, 0 repeated, 1 rejected\n  4 事件 eventUnknown"), "{real}");
        let again = place.done(&["record", "events", list]).await;
        assert!(again.contains(": 3 rows, 0 recorded, 0 completed, 2 repeated, 1 rejected"), "{again}");
        place.done(&["verify"]).await;
    }

    async fn a_list_that_cannot_be_read_fails_with_what_is_known(place) {
        let list = place.file("a.csv", "专利号,被许可人,通知日,备注\n");
        let unknown = place.run(&["record", "licences", list.to_str().expect("UTF-8")]).await;
        assert!(unknown.code == Some(1) && unknown.stderr.contains("Unknown columns: 备注") && unknown.stderr.contains("noticeOn"), "{unknown:?}");
        let missing = place.run(&["record", "licences", "nowhere.csv"]).await;
        assert!(missing.code == Some(1) && missing.stderr.contains("cannot read nowhere.csv"), "{missing:?}");
        let folder = place.run(&["record", "licences", list.to_str().expect("UTF-8"), "--evidence", "nowhere"]).await;
        assert!(folder.code == Some(1) && folder.stderr.contains("nowhere is not a folder"), "{folder:?}");
    }
}
