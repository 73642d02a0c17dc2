//! The pages: what they say of errors, how they mark and escape, how they put numbers and terms in plain
//! words, and how links add and take away conditions.

use axum::http::{HeaderMap, StatusCode, Uri, header};
use http_body_util::BodyExt as _;
use jiff::civil::date;
use kaixu::{
    domain::{
        access::Denied,
        codes::{AppNo, number::NumberError},
        money::Fen,
        patent::LegalStatus,
        search::{Highlight, OfferHit, Span, TextField},
        terms::FeeMode,
        text::Lang,
    },
    ops::{Error, Fault, params::Params},
    web::{
        address::{Address, search_for},
        assets, errors, facets, hits,
        visitor::Visitor,
        words,
    },
};

fn visitor(uri: &str, headers: &[(header::HeaderName, &str)]) -> Visitor {
    let map: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.clone(), value.parse().unwrap()))
        .collect();
    Visitor::of(&Address::of(&uri.parse::<Uri>().unwrap()), &map)
}

async fn text(response: axum::response::Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn language_is_asked_for_then_remembered_then_preferred() {
    let english = (header::ACCEPT_LANGUAGE, "en-GB,en;q=0.9");
    let cookie = (header::COOKIE, "a=b; lang=zh");
    assert_eq!(visitor("/", &[]).lang, Lang::Zh);
    assert_eq!(visitor("/", std::slice::from_ref(&english)).lang, Lang::En);
    assert_eq!(
        visitor("/", &[english.clone(), cookie.clone()]).lang,
        Lang::Zh
    );
    assert_eq!(visitor("/?lang=en", &[cookie]).lang, Lang::En);
    assert_eq!(visitor("/?lang=xx", &[english]).lang, Lang::En);
}

#[test]
fn language_switch_keeps_the_question() {
    let visitor = visitor("/patents?q=%E6%B8%94%20%E7%BD%91&kind=design&lang=zh", &[]);
    assert_eq!(
        visitor.in_lang("en"),
        "?q=%E6%B8%94%20%E7%BD%91&kind=design&lang=en"
    );
}

#[test]
fn conditions_are_added_and_taken_away_one_by_one() {
    let address = Address::of(
        &"/patents?q=a%26b&kind=invention,design&kind=&after=x"
            .parse()
            .unwrap(),
    );
    assert_eq!(
        address.values("kind").collect::<Vec<_>>(),
        ["invention", "design"]
    );
    let without = address.without_value("kind", "design").without(&["after"]);
    assert_eq!(without.search(), "/patents?q=a%26b&kind=invention");
    assert_eq!(
        without.question().with("format", "csv").at("/x"),
        "/x?q=a%26b&kind=invention&format=csv"
    );
    assert_eq!(search_for("ipc", "H01M50/533"), "/patents?ipc=H01M50/533");
    assert_eq!(Address::default().search(), "/patents");
    assert!(!address.without(&["kind"]).is_narrowed());
}

#[test]
fn forms_carry_every_condition_they_do_not_ask_for() {
    let address = Address::of(
        &"/patents?q=a&kind=design&filedFrom=2020-01-01&after=x"
            .parse()
            .unwrap(),
    );
    let carried = facets::carried(&address, &["filedFrom"]);
    let pairs: Vec<(&str, &str)> = carried
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(pairs, [("q", "a"), ("kind", "design")]);
}

#[test]
fn marks_fall_on_characters_and_lose_none() {
    let cut = |text: &str, spans: &[(usize, usize)]| {
        let spans = spans
            .iter()
            .map(|(start, end)| Span {
                start: *start,
                end: *end,
            })
            .collect();
        let highlight = Highlight {
            field: TextField::Title,
            text: text.into(),
            spans,
        };
        let pieces = hits::pieces(&highlight);
        pieces
            .into_iter()
            .map(|p| {
                if p.marked {
                    format!("[{}]", p.text)
                } else {
                    p.text
                }
            })
            .collect::<String>()
    };
    assert_eq!(cut("渔网清洗装置", &[(0, 2), (4, 6)]), "[渔网]清洗[装置]");
    assert_eq!(cut("渔网", &[(0, 2)]), "[渔网]");
    assert_eq!(cut("渔网", &[(1, 9)]), "渔网");
    assert_eq!(cut("渔网清洗", &[(2, 4), (0, 1)]), "渔网[清洗]");
    assert_eq!(cut("", &[]), "");
}

#[test]
fn terms_are_told_in_plain_words() {
    let today = date(2026, 11, 23);
    let say = |status, day| words::term(status, day, today).zh;
    assert_eq!(
        say(LegalStatus::InForce, Some(date(2036, 2, 24))),
        "还有 9 年 3 个月"
    );
    assert_eq!(
        say(LegalStatus::InForce, Some(date(2027, 11, 23))),
        "还有 1 年"
    );
    assert_eq!(
        say(LegalStatus::Unknown, Some(date(2026, 11, 24))),
        "还有 1 天"
    );
    assert_eq!(say(LegalStatus::InForce, Some(today)), "已届满");
    assert_eq!(say(LegalStatus::InForce, None), "申请日未知");
    assert_eq!(
        say(LegalStatus::TerminatedFee, Some(date(2036, 1, 1))),
        "权利已终止"
    );
    assert_eq!(
        say(LegalStatus::Pending, Some(date(2036, 1, 1))),
        "尚未授权"
    );
    let english = words::term(LegalStatus::InForce, Some(date(2027, 12, 24)), today).en;
    assert_eq!(english, "1 year 1 month left");
}

#[test]
fn offers_are_told_in_plain_words_in_both_languages() {
    let say = |fen: i64, royalty: bool, mode: FeeMode| {
        let offer = OfferHit {
            declaration: crate::register::id(1),
            from: date(2026, 5, 1),
            until: date(2031, 5, 1),
            mode,
            first_year_fixed_fen: Fen(fen),
            free: mode == FeeMode::Free,
            royalty,
            know_how: None,
        };
        words::offer(&offer)
    };
    let told = say(200_000, false, FeeMode::LumpSum);
    assert_eq!(told.zh, "可开放许可 · 首年 2,000 元 · 至 2031-05-01");
    assert_eq!(
        told.en,
        "On offer · CNY 2,000 in the first year · until 2031-05-01"
    );
    let told = say(0, false, FeeMode::Free);
    assert_eq!(told.zh, "可开放许可 · 免费 · 至 2031-05-01");
    let told = say(1_050, true, FeeMode::EntryAndRoyalty);
    assert_eq!(
        told.zh,
        "可开放许可 · 首年 10.50 元，另计提成 · 至 2031-05-01"
    );
    let told = say(0, true, FeeMode::Royalty);
    assert_eq!(told.zh, "可开放许可 · 按提成支付 · 至 2031-05-01");
    let told = say(0, false, FeeMode::Stages);
    assert_eq!(told.zh, "可开放许可 · 首年无需付费 · 至 2031-05-01");
}

#[test]
fn zl_is_written_for_granted_patents_only() {
    let (number, _) = AppNo::parse("ZL201910699568").unwrap();
    assert!(
        words::number(LegalStatus::InForce, &number)
            .1
            .starts_with("ZL2019")
    );
    assert!(
        words::number(LegalStatus::Pending, &number)
            .1
            .starts_with("CN2019")
    );
}

#[test]
fn numbers_are_grouped_by_thousands() {
    let grouped: Vec<String> = [0, 999, 1_000, 1_234_567].map(words::grouped).into();
    assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
}

#[test]
fn asset_addresses_carry_their_hash() {
    assert!(assets::style().starts_with("/assets/style."));
    assert_eq!(
        assets::style().len(),
        "/assets/style.0123456789ab.css".len()
    );
    assert_eq!(
        assets::icon().len(),
        "/assets/favicon.0123456789ab.svg".len()
    );
}

#[tokio::test]
async fn every_error_has_its_status_and_both_languages() {
    let fault = || Fault::new("?kind", "valueUnknown", "没有", "none");
    let all = [
        (Error::Denied(Denied::Unauthenticated), 401),
        (Error::Denied(Denied::Role), 403),
        (Error::Credentials, 401),
        (Error::NotFound("patent"), 404),
        (Error::NotFound("page"), 404),
        (Error::Number(NumberError::Year), 400),
        (Error::Parameters(vec![fault()]), 400),
        (
            Error::Invalid(vec![Fault::new("/name", "nameInvalid", "名", "name")]),
            422,
        ),
        (Error::Stale { current: 3 }, 412),
        (Error::UsccTaken, 409),
        (Error::KeyReused, 422),
        (Error::CursorInvalid, 400),
        (Error::CursorMismatch, 400),
        (Error::CursorExpired, 410),
        (Error::TooLarge { limit: 1 }, 413),
        (Error::UploadBroken, 400),
        (Error::Busy, 503),
        (Error::NotReady, 503),
        (Error::Internal("secret detail".into()), 500),
    ];
    for (error, status) in all {
        for (uri, lang) in [("/?lang=zh", "zh-CN"), ("/?lang=en", "en")] {
            let response = errors::page(&visitor(uri, &[]), &error);
            assert_eq!(response.status().as_u16(), status, "{error}");
            assert_eq!(response.headers()[header::CONTENT_LANGUAGE], lang);
            assert!(
                response.headers()[header::SET_COOKIE]
                    .to_str()
                    .unwrap()
                    .starts_with("lang=")
            );
            let page = text(response).await;
            assert!(page.contains(&format!("<html lang=\"{lang}\">")));
            assert!(!page.contains("secret detail"));
        }
    }
}

#[tokio::test]
async fn what_a_reader_typed_is_escaped() {
    let mut params = Params::parse("kind=%3Cscript%3Ealert(1)%3C/script%3E").unwrap();
    let fault = params
        .words("kind", |_| None::<u8>, &["invention"])
        .unwrap_err();
    let visitor = visitor("/patents?kind=%3Cscript%3E&q=%22%3E%3Cb%3E", &[]);
    let response = errors::page(&visitor, &fault.into());
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let page = text(response).await;
    assert!(
        page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"),
        "{page}"
    );
    assert!(!page.contains("<script"));
    assert!(!page.contains("\"><b>"));
    assert!(
        page.contains("/patents?q=%22%3E%3Cb%3E"),
        "the way on keeps what was right"
    );
}

#[tokio::test]
async fn a_wrong_check_character_is_explained_and_mended() {
    let (right, _) = AppNo::parse("201910699568").unwrap();
    let last = if right.as_str().ends_with('1') {
        '2'
    } else {
        '1'
    };
    let typed = format!("ZL{}.{last}", right.body());
    let why = AppNo::parse(&typed).unwrap_err();
    let page = text(errors::number_page(
        &visitor("/", &[]),
        &Error::Number(why),
        &typed,
    ))
    .await;
    assert!(page.contains(&format!("/patents/{right}")));
    assert!(page.contains(&right.zl()));
}

#[test]
fn parameters_say_what_is_wrong_with_them() {
    let code = |query: &str, name: &str| {
        let mut params = Params::parse(query).map_err(|fault| fault.code)?;
        params.day(name).map_err(|fault| fault.code)?;
        params.finish().map_err(|fault| fault.code)
    };
    assert_eq!(code("filedFrom=2024-02-30", "filedFrom"), Err("dayInvalid"));
    assert_eq!(
        code("filedFrom=2024-01-01&filedFrom=2024-01-02", "filedFrom"),
        Err("repeated")
    );
    assert_eq!(code("filedFrom=%ff", "filedFrom"), Err("encodingInvalid"));
    assert_eq!(code("filedFrom=%00", "filedFrom"), Err("controlCharacter"));
    assert_eq!(code("x=1", "filedFrom"), Err("parameterUnknown"));
    assert_eq!(code("filedFrom=", "filedFrom"), Ok(()));
    assert_eq!(code("", "filedFrom"), Ok(()));
}
