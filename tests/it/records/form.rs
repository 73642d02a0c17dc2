//! The form as a browser sends it, without script: what is typed stays, the key and the files never do.

use axum::http::Method;
use kaixu::domain::access::Role;

use super::{DECLARATIONS, District, counts, declarations, number, post, taken};
use crate::{
    imports::head,
    on_both,
    support::{World, http::Answer, sql},
};

const BOUNDARY: &str = "----kaixu";

/// A file chosen in the form: field, name, media type, content.
type Chosen<'a> = (&'a str, &'a str, &'a str, Vec<u8>);

/// The body as a browser writes it: texts, the key, the files.
fn body(texts: &[(&str, &str)], key: &str, files: &[Chosen<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        out.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").into_bytes(),
        );
        out.extend_from_slice(content);
        out.extend(b"\r\n");
    };
    for (name, text) in texts.iter().chain(&[("key", key)]) {
        part(format!("name=\"{name}\""), text.as_bytes());
    }
    for (name, file, kind, content) in files {
        part(
            format!("name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {kind}"),
            content,
        );
    }
    out.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    out
}

async fn send(world: &World, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let mut asking = world.ask(Method::POST, path);
    for (name, value) in headers {
        asking = asking.header(name, value);
    }
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    asking.header("content-type", &kind).body(body).send().await
}

/// What every page of the form must be, and must not hold.
#[track_caller]
fn page(answer: &Answer, status: u16, key: &str) -> String {
    let text = answer.text();
    assert_eq!(answer.status.as_u16(), status, "{text}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert!(
        answer
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    assert!(!text.contains("<script") && !text.contains(" style=") && !text.contains("onclick"));
    assert!(key.is_empty() || !text.contains(key), "the key is shown");
    text
}

const TEXTS: [(&str, &str); 6] = [
    ("organisation", ""),
    ("declarationNumber", "KF-FORM-1"),
    ("effectiveOn", "2024年3月1日"),
    ("until", "2029-03-01"),
    ("feeMode", "lumpSum"),
    ("amountYuan", "2万"),
];

on_both! {
    async fn a_declaration_and_a_licence_are_recorded_by_form(world) {
        let district = District::new(&world).await;
        let key = &district.key;
        page(&world.get("/record").await, 200, "");
        let empty = page(&world.get("/record/declaration").await, 200, "");
        let order: Vec<_> = ["name=\"patentNumber\"", "name=\"feeMode\"", "name=\"key\"", "name=\"source\"", "<button"]
            .iter().map(|part| empty.rfind(part).expect(part)).collect();
        assert!(order.is_sorted(), "texts, key, files: {order:?}");
        assert!(empty.contains("type=\"password\" autocomplete=\"off\"") && empty.contains("enctype=\"multipart/form-data\""));
        let number = number(0);
        let mut texts = TEXTS.to_vec();
        texts.insert(0, ("patentNumber", &number));
        let source: Chosen<'_> = ("source", "公告页.pdf", "application/pdf", [b"%PDF-1.7\n".to_vec(), vec![b'x'; 3 << 20]].concat());
        let ours = [("sec-fetch-site", "same-origin"), ("origin", "https://kaixu.example"), ("host", "kaixu.example")];
        let done = send(&world, "/record/declaration", &ours, body(&texts, key, std::slice::from_ref(&source))).await;
        let done = page(&done, 201, key);
        let at = done.find("/v1/declarations/").expect("a link");
        let path = done[at..].split('"').next().expect("its end").to_owned();
        assert!(done.contains("href=\"/record/declaration\""));
        let record = world.get(&path).await.json();
        assert_eq!((record["declarationNumber"].as_str(), record["recordedLate"].as_bool()), (Some("KF-FORM-1"), Some(true)));
        let again = send(&world, "/record/declaration", &[], body(&texts, key, &[source])).await;
        assert!(page(&again, 200, key).contains("此前已登记"));
        assert_eq!(world.get("/v1/declarations").await.json()["total"], 1);
        let licence = [("declarationNumber", "KF-FORM-1"), ("licensee", district.firms[0].name.as_str()), ("licenseeKind", "organisation"),
            ("noticeOn", "2025-01-02"), ("paidOn", "20250103"), ("crossBorder", "no")];
        // What a browser sends for a file that was not chosen, and for one whose type it does not know.
        let files: [Chosen<'_>; 3] = [
            ("noticeFile", "通知.eml", "application/octet-stream", b"From: a@b\r\nTo: c@d\r\nSubject: x\r\n\r\ny".to_vec()),
            ("voucher", "凭证.png", "image/png", b"\x89PNG\r\n\x1a\nrest".to_vec()),
            ("receipt", "", "application/octet-stream", Vec::new()),
        ];
        let done = send(&world, "/record/licence", &[("origin", "http://kaixu.example"), ("host", "kaixu.example")], body(&licence, key, &files)).await;
        let done = page(&done, 201, key);
        let at = done.find("/v1/licences/").expect("a link");
        let record = world.get(done[at..].split('"').next().expect("its end")).await.json();
        assert_eq!((&record["state"], &record["effectiveOn"]), (&"effective".into(), &"2025-01-03".into()));
        assert_eq!(record["missingEvidence"].as_array().map(Vec::len), Some(0), "{record}");
        crate::support::invariants::hold(&world).await;
    }

    async fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays(world) {
        let district = District::new(&world).await;
        let files = sql::number(&world.services.db, "select count(*) from files").await;
        let before = head(&world).await;
        let number = number(0);
        let mut texts = TEXTS.to_vec();
        texts.insert(0, ("patentNumber", &number));
        let source = || -> [Chosen<'static>; 1] { [("source", "公告.txt", "text/plain", "公告".into())] };
        let path = "/record/declaration";
        for wrong in ["", "kx_wrong", "kx_00000000000000000000000000000000_0"] {
            let text = page(&send(&world, path, &[], body(&texts, wrong, &source())).await, 401, wrong);
            assert!(text.contains("id=\"key-error\"") && text.contains("value=\"KF-FORM-1\""), "{text}");
            assert!(text.contains("<option value=\"lumpSum\" selected>"));
        }
        let holder = world.key(Role::Holder, Some(&district.holder)).await;
        page(&send(&world, path, &[], body(&texts, &holder, &source())).await, 403, &holder);
        let mut bad = texts.clone();
        bad[3].1 = "昨天\"><b>";
        bad.push(("withdrawnOn", "2024-02-31"));
        let text = page(&send(&world, path, &[], body(&bad, &district.key, &source())).await, 422, &district.key);
        assert!(text.contains("value=\"昨天&#34;&#62;&#60;b&#62;\"") && text.contains("id=\"effectiveOn-error-1\">不是日期。"), "{text}");
        assert!(text.contains("id=\"withdrawnOn-error-1\">日期不存在。"), "everything at once");
        let english = [("accept-language", "en")];
        let text = page(&send(&world, path, &english, body(&bad, &district.key, &source())).await, 422, &district.key);
        assert!(text.contains("There is no such day."), "{text}");
        assert_eq!(sql::number(&world.services.db, "select count(*) from files").await, files, "no file is stored for a form that is refused");
        let none = page(&send(&world, path, &[], body(&texts, &district.key, &[])).await, 422, "");
        assert!(none.contains("id=\"source-error-1\""), "{none}");
        let program: [Chosen<'_>; 1] = [("source", "公告.pdf", "application/pdf", b"MZ\x90\0".to_vec())];
        let text = page(&send(&world, path, &[], body(&texts, &district.key, &program)).await, 422, "");
        assert!(text.contains("id=\"source-error-1\""), "{text}");
        let large: [Chosen<'_>; 1] = [("source", "公告.pdf", "application/pdf", [b"%PDF-1.7\n".to_vec(), vec![b'x'; 9 << 20]].concat())];
        let text = page(&send(&world, path, &[], body(&texts, &district.key, &large)).await, 422, "");
        assert!(text.contains("id=\"source-error-1\""), "{text}");
        // A rule of the law stands at its field as well.
        let mut early = texts.clone();
        early[3].1 = "2022-01-01";
        let text = page(&send(&world, path, &[], body(&early, &district.key, &source())).await, 422, "");
        assert!(text.contains("id=\"effectiveOn-error-1\""), "{text}");
        assert_eq!(head(&world).await, before, "nothing is recorded");
    }

    async fn a_form_of_another_site_or_of_another_make_is_refused(world) {
        let district = District::new(&world).await;
        let report = taken(&post(&world, &district.key, "kind=declarations", declarations().csv()).await);
        assert_eq!(counts(&report)[1], 12);
        assert_eq!(DECLARATIONS.len(), 13);
        let licence = [("declarationNumber", "KF2024-0000"), ("licensee", district.firms[0].name.as_str()), ("noticeOn", "2025-01-02")];
        let form = || body(&licence, &district.key, &[]);
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example"), ("host", "kaixu.example")],
            &[("origin", "null"), ("host", "kaixu.example")],
        ] {
            page(&send(&world, "/record/licence", headers, form()).await, 403, &district.key);
        }
        let asking = world.ask(Method::POST, "/record/licence").header("content-type", "application/x-www-form-urlencoded");
        page(&asking.body("key=x").send().await, 400, "");
        let cut = form();
        let cut = send(&world, "/record/licence", &[], cut[..cut.len() - 20].to_vec()).await;
        assert_eq!(cut.status, 400, "{}", cut.text());
        assert_eq!(world.get("/v1/licences").await.json()["total"], 0);
        page(&send(&world, "/record/licence", &[("sec-fetch-site", "none")], form()).await, 201, &district.key);
    }
}
