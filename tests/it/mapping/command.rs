//! `kaixu import --map` and `--guess`, and what the command says of columns and sheets.

use super::{OWN_WORDS, headless};
use crate::{
    installed_on_both,
    support::formats::{X, XlsSheet, xls},
};

const USCC: &str = "12100000400000624D";

installed_on_both! {
    async fn columns_are_named_at_the_command_line_and_what_is_not_read_is_told(place) {
        place.organisation(USCC, "蓝湾大学").await;
        let list = place.file("台账.csv", OWN_WORDS);
        let list = list.to_str().expect("UTF-8");
        let dry = place.run(&["import", list, "--holder", USCC, "--dry-run"]).await;
        assert!(dry.stdout.contains("4 rows, 0 added, 0 merged, 0 unchanged, 4 rejected"), "{dry:?}");
        for said in ["column \"受理编号\": applicationNumber (Shown by header and values", "column \"成果叫法\": not read (A guess, please confirm", "columns not read: 序 | 联系电话", "--map"] {
            assert!(dry.stderr.contains(said), "{said}: {dry:?}");
        }
        let wrong = place.run(&["import", list, "--map", "成果叫法=price"]).await;
        assert!(wrong.code == Some(2) && wrong.stderr.contains("there are: applicationNumber"), "{wrong:?}");
        let nowhere = place.run(&["import", list, "--map", "没有=title"]).await;
        assert!(nowhere.code == Some(1) && nowhere.stderr.contains("the file has no column"), "{nowhere:?}");
        let named = place.done(&["import", list, "--holder", USCC, "--map", "成果叫法=title", "--map", "目前情况="]).await;
        assert!(named.contains("4 rows, 3 added, 0 merged, 0 unchanged, 1 rejected"), "{named}");
        let again = place.run(&["import", list, "--holder", USCC]).await;
        assert!(again.stdout.contains("4 rows, 0 added, 0 merged, 3 unchanged, 1 rejected"), "{again:?}");
        assert!(again.stderr.contains("Your saved mapping"), "{again:?}");
        let bare = place.file("无表头.csv", headless());
        let guessed = place.done(&["import", bare.to_str().expect("UTF-8"), "--guess", "--dry-run"]).await;
        assert!(guessed.contains("1 rejected"), "{guessed}");
    }

    async fn sheets_that_are_not_read_are_told(place) {
        let list = XlsSheet {
            name: "一院",
            rows: vec![vec![X::S("专利号"), X::S("专利名称")], vec![X::S("202480012345.0"), X::S("渔网清洗装置")]],
            ..XlsSheet::default()
        };
        let notes = XlsSheet { name: "填表说明", rows: vec![vec![X::S("由科研院汇总")]], ..XlsSheet::default() };
        let book = place.file("a.xls", xls(&[notes, list]));
        let done = place.run(&["import", book.to_str().expect("UTF-8")]).await;
        assert!(done.stderr.contains("sheet \"填表说明\" is not read: no header that names an application number"), "{done:?}");
    }
}
