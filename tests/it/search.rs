//! What people type and what they find.

use kaixu::{
    domain::{
        event::Sight,
        holding::Conversion,
        patent::{LegalStatus, PatentKind},
        reference::Names,
        search::{Cursor, DayRange, Facet, FacetField, Found, Query, Sort, TextField},
    },
    search::Error,
};
use proptest::{
    prelude::ProptestConfig,
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};

use crate::register::{Holding, Running, TODAY, With as _, ask, bodies, id, many, number, patent};

const LONG_ABSTRACT: &str = "本发明公开了一种用于电动汽车的散热结构，包括箱体和设置于箱体内的风机，所述风机的出风口朝向电池模组，\
    箱体两侧开设有进风口，进风口处设有滤网，滤网可拆卸地连接于箱体，便于清洗和更换，结构简单，成本低廉，散热效果好，\
    使用寿命长，适合推广；滤网为不锈钢丝网，网孔直径为两毫米，滤网边缘包覆有橡胶密封条，密封条与箱体过盈配合，防止灰尘进入箱体，其特征在于箱体底部还铺设有石墨烯导热膜，石墨烯导热膜与电池模组贴合。";

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

fn sorted(mut bodies: Vec<String>) -> Vec<String> {
    bodies.sort();
    bodies
}

async fn words() -> Running {
    Running::over(vec![
        patent(
            "201910000001",
            "侵犯专利权的赔偿数额计算方法",
            "本发明涉及数据处理。",
        ),
        patent("201910000002", "专利检索系统", "本发明涉及检索。"),
        patent(
            "201920000003",
            "石墨烯散热膜",
            "一种膜，由石墨烯制成，用于手机散热。",
        ),
        patent("201920000004", "锂电池隔膜", "一种锂电池用的隔膜，耐高温。"),
        patent("201920000005", "太阳能水泵", LONG_ABSTRACT),
        patent(
            "201920000006",
            "３Ｄ打印机喷头",
            "一种３Ｄ打印机喷头，电压为２４Ｖ，ｐＨ７．５。",
        ),
        patent(
            "201920000007",
            "臺灣電機裝置",
            "一種電機，轉速為3000轉，溫度20℃，面積5㎡。",
        ),
    ])
    .await
}

#[tokio::test]
async fn several_words_typed_as_one_string_need_not_stand_together() {
    let running = words().await;
    assert_eq!(running.ask("专利权赔偿").await, ["201910000001"]);
    assert_eq!(running.ask("石墨烯手机散热").await, ["201920000003"]);
}

#[tokio::test]
async fn every_typed_term_must_be_found() {
    let running = words().await;
    assert_eq!(
        sorted(running.ask("石墨烯").await),
        ["201920000003", "201920000005"]
    );
    assert_eq!(running.ask("石墨烯 手机").await, ["201920000003"]);
    assert!(running.ask("石墨烯 锂电池 喷头").await.is_empty());
}

#[tokio::test]
async fn a_single_character_is_found_inside_words() {
    let running = words().await;
    assert_eq!(running.ask("泵").await, ["201920000005"]);
    assert_eq!(
        sorted(running.ask("膜").await),
        ["201920000003", "201920000004", "201920000005"]
    );
}

#[tokio::test]
async fn a_phrase_stands_as_typed() {
    let running = words().await;
    assert_eq!(running.ask("\"石墨烯散热\"").await, ["201920000003"]);
    assert_eq!(running.ask("“石墨烯导热膜”").await, ["201920000005"]);
    assert!(running.ask("\"散热石墨烯\"").await.is_empty());
}

#[tokio::test]
async fn terms_can_be_excluded_and_be_alternatives() {
    let running = words().await;
    assert_eq!(running.ask("石墨烯 -手机").await, ["201920000005"]);
    assert_eq!(running.ask("石墨烯 NOT 手机").await, ["201920000005"]);
    assert_eq!(
        sorted(running.ask("隔膜 OR 喷头").await),
        ["201920000004", "201920000006"]
    );
    assert_eq!(
        sorted(running.ask("隔膜|喷头").await),
        ["201920000004", "201920000006"]
    );
    assert_eq!(
        running.ask("-电池 -专利 -散热 -打印").await,
        ["201920000007"]
    );
}

#[tokio::test]
async fn width_case_script_and_units_do_not_matter() {
    let running = words().await;
    for text in ["3d打印", "3D打印机", "３Ｄ打印", "24v", "ph7.5", "PH7.5"] {
        assert_eq!(running.ask(text).await, ["201920000006"], "{text}");
    }
    for text in ["台湾电机", "臺灣電機", "20°C", "20℃", "5m2"] {
        assert_eq!(running.ask(text).await, ["201920000007"], "{text}");
    }
}

#[tokio::test]
async fn a_paragraph_finds_what_is_most_like_it() {
    let running = words().await;
    let need = "我公司生产电动汽车，电池模组温度过高，影响使用寿命。希望找到散热结构，最好使用石墨烯导热膜，温度不超过 -20℃ 到 60℃。";
    assert_eq!(running.ask(need).await[0], "201920000005");
}

#[tokio::test]
async fn nothing_typed_is_everything_and_mere_punctuation_is_nothing() {
    let running = words().await;
    assert_eq!(running.find(ask("  ")).await.unwrap().total, 7);
    assert_eq!(running.find(ask("，。！")).await.unwrap().total, 0);
    assert_eq!(running.find(ask("\"")).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_number_in_any_notation_finds_its_patent_alone() {
    let running = Running::over(vec![
        patent("201910699568", "甲", "文中提到201710345450。").published_as("CN110000001A"),
        patent("201710345450", "乙", ""),
        patent("95115608", "丙", "").published_as("CN1340998A"),
    ])
    .await;
    let notations = [
        "201910699568X",
        "ZL201910699568.X",
        "zl 201910699568.x",
        "CN201910699568.X",
        "CN 2019 1 0699568.X",
        "２０１９１０６９９５６８．Ｘ",
        "201910699568",
        "专利号：ZL201910699568.X",
        "CN110000001A",
        "cn110000001",
        "110000001",
    ];
    for text in notations {
        assert_eq!(running.ask(text).await, ["201910699568"], "{text}");
    }
    for text in [
        "95115608.X",
        "95115608",
        "ZL95115608.X",
        "CN1340998A",
        "1340998",
    ] {
        assert_eq!(running.ask(text).await, ["95115608"], "{text}");
    }
    let list = running
        .ask("ZL201910699568.X，201710345450.8；95115608")
        .await;
    assert_eq!(sorted(list), ["201710345450", "201910699568", "95115608"]);
    assert_eq!(
        running.ask("201710345450.7").await,
        Vec::<String>::new(),
        "a wrong check character"
    );
}

#[tokio::test]
async fn names_find_patents() {
    let mut invented = patent("201910000001", "装置", "");
    invented.inventors = vec!["欧阳建国".into()];
    let running = Running::over(vec![
        invented,
        patent("201910000002", "设备", "").applicants(&["威海广泰空港设备股份有限公司"]),
        patent("201910000003", "机构", "").owners(&["哈尔滨工业大学(威海)"]),
    ])
    .await;
    assert_eq!(running.ask("欧阳建国").await, ["201910000001"]);
    assert_eq!(running.ask("威海广泰").await, ["201910000002"]);
    assert_eq!(
        running.ask("哈尔滨工业大学（威海）").await,
        ["201910000003"]
    );
}

/// Four patents, two organisations, three published holdings and one kept back.
async fn stock() -> Running {
    let running = Running::over(vec![
        patent("201810000001", "甲电池", "")
            .ipc(&["H01M50/533", "H01M10/04"])
            .applicants(&["海大（威海）有限公司"])
            .filed("2018-03-01")
            .granted("2020-01-10")
            .status(LegalStatus::InForce)
            .region("370000"),
        patent("201820000002", "乙电池", "")
            .ipc(&["H01L21/02"])
            .applicants(&["海大(威海)有限公司", "乙厂"])
            .filed("2018-06-01")
            .granted("2019-01-10")
            .status(LegalStatus::Expired)
            .region("110000"),
        patent("201930000003", "丙电池", "")
            .applicants(&["丙厂"])
            .filed("2019-06-02")
            .region("371000"),
        patent("201910000004", "丁电池", "")
            .ipc(&["A01K87/04"])
            .owners(&["乙厂"]),
    ])
    .await;
    running.register.name(&id(1), "海大", "371002");
    running.register.name(&id(2), "理工", "370200");
    let hold = |n: u8, org: u8, body: &str, conversion, published| {
        let held = Holding {
            organisation: id(org),
            number: number(body),
            conversion,
            published,
        };
        running.register.hold(&id(n), held);
    };
    hold(11, 1, "201810000001", Conversion::Unused, true);
    hold(12, 2, "201810000001", Conversion::Licensed, true);
    hold(13, 1, "201820000002", Conversion::Licensed, true);
    hold(14, 2, "201930000003", Conversion::Unused, false);
    running.settled().await;
    running
}

async fn filtered(running: &Running, change: impl FnOnce(&mut Query)) -> Vec<String> {
    let mut query = ask("电池");
    change(&mut query);
    sorted(running.bodies(query).await)
}

#[tokio::test]
async fn every_filter_keeps_what_it_names() {
    let running = stock().await;
    let run = &running;
    assert_eq!(
        filtered(run, |q| q.filters.kinds = vec![PatentKind::UtilityModel]).await,
        ["201820000002"]
    );
    assert_eq!(
        filtered(run, |q| q.filters.kinds =
            vec![PatentKind::UtilityModel, PatentKind::Design])
        .await,
        ["201820000002", "201930000003"]
    );
    for (ipc, count) in [
        ("H", 2),
        ("H01", 2),
        ("h01m", 1),
        ("H01M50", 1),
        ("H01M50/533", 1),
        ("H01M5", 0),
        ("A01K", 1),
    ] {
        assert_eq!(
            filtered(run, |q| q.filters.ipc = vec![ipc.into()])
                .await
                .len(),
            count,
            "{ipc}"
        );
    }
    assert_eq!(
        filtered(run, |q| q.filters.applicants =
            vec!["海大(威海) 有限公司".into()])
        .await
        .len(),
        2
    );
    assert_eq!(
        filtered(run, |q| q.filters.applicants = vec!["乙厂".into()]).await,
        ["201820000002", "201910000004"]
    );
    assert_eq!(
        filtered(run, |q| q.filters.applicants = vec!["海大".into()])
            .await
            .len(),
        0
    );
    assert_eq!(
        filtered(run, |q| q.filters.legal_statuses =
            vec![LegalStatus::InForce])
        .await,
        ["201810000001"]
    );
    let from = DayRange {
        from: Some(day("2018-06-01")),
        to: None,
    };
    assert_eq!(
        filtered(run, |q| q.filters.filed = from).await,
        ["201820000002", "201930000003"]
    );
    let to = DayRange {
        from: None,
        to: Some(day("2019-01-10")),
    };
    assert_eq!(
        filtered(run, |q| q.filters.granted = to).await,
        ["201820000002"]
    );
    assert_eq!(
        filtered(run, |q| q.filters.in_term = Some(true)).await,
        ["201810000001", "201820000002", "201930000003"]
    );
    assert_eq!(
        filtered(run, |q| (q.filters.in_term, q.today) =
            (Some(false), jiff::civil::date(2028, 6, 1)))
        .await,
        ["201820000002"]
    );
}

#[tokio::test]
async fn holders_districts_and_conversions_come_from_published_holdings() {
    let running = stock().await;
    let run = &running;
    assert_eq!(
        filtered(run, |q| q.filters.holders = vec![id(1)]).await,
        ["201810000001", "201820000002"]
    );
    assert_eq!(
        filtered(run, |q| q.filters.holders = vec![id(2)]).await,
        ["201810000001"]
    );
    assert_eq!(
        filtered(run, |q| q.filters.conversions = vec![Conversion::Unused]).await,
        ["201810000001"]
    );
    let both = |org: u8, conversion| {
        move |q: &mut Query| {
            (q.filters.holders, q.filters.conversions) = (vec![id(org)], vec![conversion]);
        }
    };
    assert_eq!(
        filtered(run, both(1, Conversion::Licensed)).await,
        ["201820000002"],
        "the same holding fits both"
    );
    for (code, expected) in [
        ("37", 3),
        ("370000", 3),
        ("3710", 3),
        ("371002", 2),
        ("3702", 1),
        ("11", 1),
        ("371003", 0),
    ] {
        assert_eq!(
            filtered(run, |q| q.filters.regions = vec![code.into()])
                .await
                .len(),
            expected,
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_refused() {
    let running = words().await;
    let mut query = ask("");
    query.filters.ipc = vec!["Z9".into()];
    assert!(matches!(
        running.find(query).await,
        Err(Error::Filter("ipc"))
    ));
    let mut query = ask("");
    query.filters.regions = vec!["威海".into()];
    assert!(matches!(
        running.find(query).await,
        Err(Error::Filter("regions"))
    ));
}

fn buckets(found: &Found, field: FacetField) -> Vec<(String, u64)> {
    let facet: &Facet = found
        .facets
        .iter()
        .find(|facet| facet.field == field)
        .unwrap();
    facet
        .buckets
        .iter()
        .map(|bucket| (bucket.value.clone(), bucket.count))
        .collect()
}

fn pairs(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected
        .iter()
        .map(|(value, count)| ((*value).to_owned(), *count))
        .collect()
}

#[tokio::test]
async fn a_facet_counts_without_its_own_filter_and_with_all_others() {
    let running = stock().await;
    let mut query = ask("电池");
    query.facets = FacetField::ALL.to_vec();
    query.filters.kinds = vec![PatentKind::Invention];
    query.filters.ipc = vec!["H01M".into()];
    let found = running.find(query).await.unwrap();
    assert_eq!(
        (found.total, bodies(&found)),
        (1, vec!["201810000001".to_owned()])
    );
    assert_eq!(
        buckets(&found, FacetField::Kind),
        pairs(&[("invention", 1)]),
        "within H01M"
    );
    assert_eq!(
        buckets(&found, FacetField::IpcSection),
        pairs(&[("A", 1), ("H", 1)]),
        "within inventions"
    );
    assert_eq!(
        buckets(&found, FacetField::IpcSubclass),
        pairs(&[("A01K", 1), ("H01M", 1)])
    );
    assert_eq!(
        buckets(&found, FacetField::LegalStatus),
        pairs(&[("inForce", 1)]),
        "within both"
    );
    assert_eq!(
        buckets(&found, FacetField::FilingYear),
        pairs(&[("2018", 1)])
    );
    assert_eq!(
        buckets(&found, FacetField::Conversion),
        pairs(&[("licensed", 1), ("unused", 1)])
    );
}

#[tokio::test]
async fn facets_name_their_values_and_fold_the_writings_of_a_name() {
    let running = stock().await;
    let mut query = ask("");
    query.facets = vec![
        FacetField::Applicant,
        FacetField::Holder,
        FacetField::Region,
        FacetField::Kind,
    ];
    query.filters.holders = vec![id(1)];
    query.filters.conversions = vec![Conversion::Unused];
    let found = running.find(query).await.unwrap();
    assert_eq!(found.total, 1);
    assert_eq!(
        buckets(&found, FacetField::Holder),
        [(id(1).to_string(), 1), (id(2).to_string(), 1)]
    );
    assert_eq!(found.facets[1].buckets[0].label, "海大");
    let everything = Query {
        facets: vec![FacetField::Applicant, FacetField::Region, FacetField::Kind],
        ..ask("")
    };
    let mut found = running.find(everything).await.unwrap();
    // What codes are called is known beside the index, as whoever answers a search has it.
    let names = Names::built_in();
    found
        .facets
        .iter_mut()
        .for_each(|facet| names.name_facet(facet));
    assert_eq!(
        buckets(&found, FacetField::Applicant),
        pairs(&[("乙厂", 2), ("海大(威海)有限公司", 2), ("丙厂", 1)])
    );
    assert_eq!(
        buckets(&found, FacetField::Region),
        pairs(&[("370000", 3), ("110000", 1)])
    );
    assert_eq!(found.facets[1].buckets[0].label, "山东省");
    assert_eq!(found.facets[2].buckets[0].label, "发明");
}

fn marked(found: &Found, field: TextField) -> Vec<String> {
    let highlights = found
        .hits
        .iter()
        .flat_map(|hit| &hit.highlights)
        .filter(|mark| mark.field == field);
    let piece = |text: &str, start: usize, end: usize| {
        text.chars()
            .skip(start)
            .take(end - start)
            .collect::<String>()
    };
    highlights
        .flat_map(|mark| {
            mark.spans
                .iter()
                .map(|span| piece(&mark.text, span.start, span.end))
        })
        .collect()
}

#[tokio::test]
async fn marks_fall_on_the_characters_as_the_source_writes_them() {
    let running = words().await;
    let found = running.find(ask("3d打印 ph7.5")).await.unwrap();
    assert_eq!(marked(&found, TextField::Title), ["３Ｄ打印"]);
    assert_eq!(
        marked(&found, TextField::Abstract),
        ["３Ｄ打印", "ｐＨ７．５"]
    );
    let found = running.find(ask("台湾电机")).await.unwrap();
    assert_eq!(marked(&found, TextField::Title), ["臺灣電機"]);
    assert_eq!(marked(&found, TextField::Abstract), ["電機"]);
    let found = running.find(ask("\"5m2\"")).await.unwrap();
    assert_eq!(marked(&found, TextField::Abstract), ["5㎡"]);
    let found = running.find(ask("泵")).await.unwrap();
    assert_eq!(marked(&found, TextField::Title), ["泵"]);
}

#[tokio::test]
async fn a_long_text_is_shown_where_the_words_stand() {
    let running = words().await;
    let found = running.find(ask("石墨烯导热膜")).await.unwrap();
    let hit = found
        .hits
        .iter()
        .find(|hit| hit.number.body() == "201920000005")
        .unwrap();
    let mark = hit
        .highlights
        .iter()
        .find(|mark| mark.field == TextField::Abstract)
        .unwrap();
    assert!(
        LONG_ABSTRACT.contains(&mark.text)
            && mark.text.chars().count() < LONG_ABSTRACT.chars().count()
    );
    assert_eq!(
        marked(&found, TextField::Abstract)
            .iter()
            .filter(|text| *text == "石墨烯导热膜")
            .count(),
        2
    );
}

#[tokio::test]
async fn results_can_be_ordered() {
    let running = stock().await;
    let order = |sort| Query { sort, ..ask("") };
    assert_eq!(
        running.bodies(order(Sort::Newest)).await,
        [
            "201930000003",
            "201820000002",
            "201810000001",
            "201910000004"
        ]
    );
    assert_eq!(
        running.bodies(order(Sort::TermLeft)).await,
        [
            "201810000001",
            "201930000003",
            "201820000002",
            "201910000004"
        ]
    );
    assert_eq!(
        running.bodies(order(Sort::Number)).await,
        [
            "201810000001",
            "201820000002",
            "201910000004",
            "201930000003"
        ]
    );
    assert_eq!(
        running.bodies(order(Sort::Relevance)).await,
        running.bodies(order(Sort::Newest)).await
    );
    let found = words().await.find(ask("石墨烯")).await.unwrap();
    assert_eq!(bodies(&found), ["201920000003", "201920000005"]);
    assert!(found.hits[0].score > found.hits[1].score);
}

/// Walks a whole result page by page, changing the index after each page.
async fn walk(running: &Running, mut query: Query) -> Vec<String> {
    let mut seen = Vec::new();
    let mut disturbance = 0;
    loop {
        let found = running.find(query.clone()).await.unwrap();
        seen.extend(bodies(&found));
        assert!(found.hits.len() <= query.limit);
        let Some(next) = found.next else { return seen };
        query.cursor = Some(next);
        disturbance += 1;
        let body = format!("20191{disturbance:07}");
        running
            .register
            .put(patent(&body, "石墨烯电池隔膜石墨烯", "石墨烯电池隔膜").filed("2030-01-01"));
        running.register.put(many(disturbance).pop().unwrap());
        running.settled().await;
    }
}

#[tokio::test]
async fn pages_by_key_have_no_gap_and_no_double_while_the_index_changes() {
    let running = Running::over(many(100)).await;
    for sort in [Sort::Number, Sort::Newest, Sort::TermLeft] {
        let query = Query {
            sort,
            limit: 7,
            ..ask("石墨烯电池")
        };
        let before = bodies(
            &running
                .find(Query {
                    limit: 200,
                    ..query.clone()
                })
                .await
                .unwrap(),
        );
        let seen = walk(&running, query).await;
        let old: Vec<&String> = seen.iter().filter(|body| before.contains(body)).collect();
        assert_eq!(old, before.iter().collect::<Vec<_>>(), "{sort:?}");
        assert_eq!(
            sorted(seen.clone())
                .windows(2)
                .filter(|pair| pair[0] == pair[1])
                .count(),
            0
        );
    }
}

#[tokio::test]
async fn pages_by_relevance_stay_those_of_the_first_page() {
    let running = Running::over(many(100)).await;
    let query = Query {
        limit: 3,
        ..ask("石墨烯电池隔膜 壳体")
    };
    let before = bodies(
        &running
            .find(Query {
                limit: 200,
                ..query.clone()
            })
            .await
            .unwrap(),
    );
    assert_eq!(before.len(), 20);
    assert_eq!(walk(&running, query).await, before);
}

#[tokio::test]
async fn a_cursor_serves_its_own_question_only() {
    let running = Running::over(many(40)).await;
    for sort in [Sort::Number, Sort::Relevance] {
        let query = Query {
            sort,
            limit: 3,
            ..ask("石墨烯")
        };
        let next = running.find(query.clone()).await.unwrap().next;
        assert!(next.is_some());
        let mut changed = vec![
            Query {
                text: "太阳能".into(),
                ..query.clone()
            },
            Query {
                sort: Sort::TermLeft,
                ..query.clone()
            },
            Query {
                sight: Sight::Office,
                ..query.clone()
            },
            query.clone(),
        ];
        changed[3].filters.kinds = vec![PatentKind::Invention];
        for other in changed {
            let refused = running
                .find(Query {
                    cursor: next.clone(),
                    ..other
                })
                .await;
            assert!(matches!(refused, Err(Error::CursorMismatch)), "{refused:?}");
        }
        let larger = Query {
            cursor: next,
            limit: 20,
            facets: FacetField::ALL.to_vec(),
            ..query
        };
        assert_eq!(
            running.find(larger).await.unwrap().hits.len(),
            5,
            "a page may grow and want facets"
        );
    }
}

#[tokio::test]
async fn a_relevance_cursor_expires_with_its_snapshot() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let mut options = Running::options(&folder);
    options.kept_snapshots = 1;
    let running = Running::start(std::sync::Arc::default(), folder, options).await;
    for patent in many(30) {
        running.register.put(patent);
    }
    running.settled().await;
    let query = Query {
        limit: 2,
        ..ask("石墨烯")
    };
    let first = running.find(query.clone()).await.unwrap().next;
    running.register.put(patent("202010000001", "石墨烯", ""));
    running.settled().await;
    let second = running.find(query.clone()).await.unwrap().next;
    assert!(matches!(
        running
            .find(Query {
                cursor: first,
                ..query.clone()
            })
            .await,
        Err(Error::CursorExpired)
    ));
    assert!(
        running
            .find(Query {
                cursor: second.clone(),
                ..query.clone()
            })
            .await
            .is_ok()
    );
    let (register, folder) = running.stop().await;
    let options = Running::options(&folder);
    let again = Running::start(register, folder, options).await;
    assert!(
        matches!(
            again
                .find(Query {
                    cursor: second,
                    ..query
                })
                .await,
            Err(Error::CursorExpired)
        ),
        "a new process"
    );
}

#[tokio::test]
async fn a_tampered_cursor_is_refused() {
    let running = Running::over(many(30)).await;
    let query = Query {
        sort: Sort::Number,
        limit: 2,
        ..ask("石墨烯")
    };
    let good = running.find(query.clone()).await.unwrap().next.unwrap().0;
    let mut bad = vec![
        String::new(),
        "####".into(),
        "AAAA".into(),
        "汉字".into(),
        "A".repeat(10_000),
        good[1..].into(),
    ];
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        bad.push(String::from_utf8(bytes).unwrap());
    }
    let mut random = TestRunner::deterministic();
    for form in [
        "[A-Za-z0-9_-]{0,120}",
        "AgAA[A-Za-z0-9_-]{80}",
        "\\PC{0,60}",
    ] {
        let form = proptest::string::string_regex(form).unwrap();
        bad.extend((0..100).map(|_| form.new_tree(&mut random).unwrap().current()));
    }
    for text in bad {
        let refused = running
            .find(Query {
                cursor: Some(Cursor(text.clone())),
                ..query.clone()
            })
            .await;
        assert!(matches!(refused, Err(Error::CursorInvalid)), "{text}");
    }
}

#[tokio::test]
async fn an_export_has_every_hit_in_order_of_number_from_one_moment() {
    let running = Running::over(many(120)).await;
    let export = running
        .search
        .export(Query {
            limit: 1,
            ..ask("石墨烯")
        })
        .unwrap();
    running.register.put(patent("201710000001", "石墨烯", ""));
    running.register.remove(&number("201810000001"));
    running.settled().await;
    assert_eq!(export.total(), 24);
    let exported: Vec<String> = export
        .map(|hit| hit.unwrap().number.body().to_owned())
        .collect();
    assert_eq!(exported, sorted(exported.clone()));
    assert_eq!((exported.len(), exported[0].as_str()), (24, "201810000001"));
    assert_eq!(running.find(ask("石墨烯")).await.unwrap().total, 24);
}

#[tokio::test]
async fn similar_finds_the_twin_and_not_itself() {
    let mut patents = many(60);
    let text = "一种渔线轮的制动机构，包括摩擦片、棘轮和旋钮，旋转旋钮压紧摩擦片。";
    patents.push(patent("201810999901", "渔线轮制动机构", text).ipc(&["A01K89/015"]));
    patents.push(patent("201820999902", "一种渔线轮的刹车", text).ipc(&["A01K89/015"]));
    let running = Running::over(patents).await;
    let hits = running
        .search
        .similar(&number("201810999901"), 5, &Sight::Public, TODAY)
        .await
        .unwrap();
    assert_eq!(hits[0].number, number("201820999902"));
    assert!(hits.iter().all(|hit| hit.number != number("201810999901")));
    let missing = running
        .search
        .similar(&number("201510000001"), 5, &Sight::Public, TODAY)
        .await;
    assert!(matches!(missing, Err(Error::NotFound)));
}

#[test]
fn no_text_at_all_makes_search_panic() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let running = runtime.block_on(words());
    let scraps = proptest::sample::select(vec![
        "石墨烯",
        "\"",
        "“",
        "”",
        "-",
        " ",
        "OR",
        "|",
        "NOT ",
        "(",
        "）",
        "3D",
        "ｐＨ",
        "℃",
        ".",
        "ZL",
        "201910699568",
        ".X",
        "\u{0}",
        "\u{301}",
        "é",
        "臺",
        "👍🏽",
        "が",
        "한",
        "H01M",
        "「",
        "的",
        "，",
        "。",
        "泵",
        "\u{200b}",
        "一种",
        "ﬁ",
        "①",
        "½",
    ]);
    let typed = proptest::collection::vec(scraps, 0..12).prop_map(|scraps| scraps.concat());
    let config = ProptestConfig {
        failure_persistence: None,
        cases: 150,
        ..ProptestConfig::default()
    };
    proptest::proptest!(config, |(typed in typed, any in ".{0,60}", long in 0_usize..3)| {
        for text in [typed.clone(), any.clone(), format!("{typed}{any}").repeat(long * 40)] {
            let found = runtime.block_on(running.find(ask(&text))).unwrap();
            for mark in found.hits.iter().flat_map(|hit| &hit.highlights) {
                let length = mark.text.chars().count();
                assert!(mark.spans.iter().all(|span| span.start < span.end && span.end <= length));
                assert!(mark.spans.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
        }
    });
}
