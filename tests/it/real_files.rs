//! The real exports, imported whole, for an organisation that none of them names.

use serde_json::json;

use crate::{
    imports::{counts, head, import},
    on_both,
    support::{data, sql},
};

on_both! {
    // Counted by hand (Python, openpyxl): rows, numbers that are there already, rows whose number is ruined.
    async fn every_real_file_comes_in_with_the_counts_stated_by_hand_and_confirms_nothing_for_a_stranger(world) {
        let Some(folder) = data::folder() else { return };
        let stranger = world.organisation("无人知晓学院").await;
        // The last file names 16 + 665 + 37 patents of the files before; some of them say something new.
        let files = [
            ("exports/cnipr_25_columns.xlsx", [199, 199, 0, 0, 0]),
            ("exports/shandong_list_7384.xlsx", [7384, 7384, 0, 0, 0]),
            ("exports/patenthub.csv", [450, 450, 0, 0, 0]),
            ("exports/patentstar_shifted_columns.csv", [108, 0, 0, 0, 108]),
            ("exports/patsnap_header.xlsx", [1, 1, 0, 0, 0]),
            ("exports/cnipa_gazette_gbk_ruined_numbers.csv", [1500, 131, 0, 4, 1365]),
            ("patents_3k.jsonl.gz", [3431, 3431 - 718, 718, 0, 0]),
        ];
        let mut added = 0;
        for (name, wanted) in files {
            let bytes = std::fs::read(folder.join(name)).expect("reads");
            let done = import(&world, Some(&stranger), bytes.clone()).await;
            let [rows, new, merged, unchanged, rejected] = counts(&done);
            if name.starts_with("patents_3k") {
                assert_eq!([rows, new, merged + unchanged, 0, rejected], wanted, "{name} {done}");
            } else {
                assert_eq!([rows, new, merged, unchanged, rejected], wanted, "{name} {done}");
            }
            assert_eq!((&done["counts"]["held"], &done["counts"]["claimed"]), (&json!(new), &json!(new)), "{name}");
            let before = head(&world).await;
            let again = import(&world, Some(&stranger), bytes).await;
            assert_eq!(counts(&again), [rows, 0, 0, rows - rejected, rejected], "{name}");
            assert_eq!(head(&world).await, before, "{name}");
            added += new;
        }
        let db = &world.services.db;
        assert_eq!(sql::number(db, "select count(*) from patents").await, added);
        assert_eq!(sql::number(db, "select count(*) from holdings where state = 'claimed' and not published").await, added);
        assert_eq!(world.get("/v1/holdings").await.json()["total"], 0);
    }
}
