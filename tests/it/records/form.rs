//! The form as a browser sends it, without script: what is typed stays, the files never do.

use kaixu::domain::access::Role;

use super::{DECLARATIONS, District, counts, declarations, number, post, taken};
use crate::{
    accounts::entering::member,
    imports::head,
    on_both,
    support::{
        World,
        browser::{BOUNDARY, Browser, Chosen, multipart},
        http::Answer,
        sql,
    },
};

/// An officer, signed in.
async fn officer(world: &World) -> Browser<'_> {
    member(world, "officer@example.com", Role::Office, None).await
}

/// What every page of the form must be.
#[track_caller]
fn page(answer: &Answer, status: u16) -> String {
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
        let officer = officer(&world).await;
        page(&officer.get("/record").await, 200);
        let path = "/record/declaration";
        let empty = page(&officer.get(path).await, 200);
        let order: Vec<_> = ["name=\"csrf\"", "name=\"patentNumber\"", "name=\"feeMode\"", "name=\"source\"", ">登记 <span"]
            .iter().map(|part| empty.rfind(part).expect(part)).collect();
        // The last form with a token on a page is that of the way out.
        assert!(order[1..].is_sorted(), "texts, files: {order:?}");
        assert!(empty.contains("enctype=\"multipart/form-data\""));
        let number = number(0);
        let mut texts = TEXTS.to_vec();
        texts.insert(0, ("patentNumber", &number));
        let source: Chosen<'_> = ("source", "公告页.pdf", "application/pdf", [b"%PDF-1.7\n".to_vec(), vec![b'x'; 3 << 20]].concat());
        let done = page(&officer.upload(path, path, &texts, std::slice::from_ref(&source)).await, 201);
        let at = done.find("/v1/declarations/").expect("a link");
        let record = world.get(done[at..].split('"').next().expect("its end")).await.json();
        assert!(done.contains("href=\"/record/declaration\""));
        assert_eq!((record["declarationNumber"].as_str(), record["recordedLate"].as_bool()), (Some("KF-FORM-1"), Some(true)));
        assert_eq!(record["recorder"], "office");
        assert!(page(&officer.upload(path, path, &texts, &[source]).await, 200).contains("此前已登记"));
        assert_eq!(world.get("/v1/declarations").await.json()["total"], 1);
        let licence = [("declarationNumber", "KF-FORM-1"), ("licensee", district.firms[0].name.as_str()), ("licenseeKind", "organisation"),
            ("noticeOn", "2025-01-02"), ("paidOn", "20250103"), ("crossBorder", "no")];
        // What a browser sends for a file that was not chosen, and for one whose type it does not know.
        let files: [Chosen<'_>; 3] = [
            ("noticeFile", "通知.eml", "application/octet-stream", b"From: a@b\r\nTo: c@d\r\nSubject: x\r\n\r\ny".to_vec()),
            ("voucher", "凭证.png", "image/png", b"\x89PNG\r\n\x1a\nrest".to_vec()),
            ("receipt", "", "application/octet-stream", Vec::new()),
        ];
        let path = "/record/licence";
        let done = page(&officer.upload(path, path, &licence, &files).await, 201);
        let at = done.find("/v1/licences/").expect("a link");
        let record = world.get(done[at..].split('"').next().expect("its end")).await.json();
        assert_eq!((&record["state"], &record["effectiveOn"]), (&"effective".into(), &"2025-01-03".into()));
        assert_eq!(record["missingEvidence"].as_array().map(Vec::len), Some(0), "{record}");
        crate::support::invariants::hold(&world).await;
    }

    async fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays(world) {
        let district = District::new(&world).await;
        let officer = officer(&world).await;
        let files = sql::number(&world.services.db, "select count(*) from files").await;
        let before = head(&world).await;
        let number = number(0);
        let mut texts = TEXTS.to_vec();
        texts.insert(0, ("patentNumber", &number));
        let source = || -> [Chosen<'static>; 1] { [("source", "公告.txt", "text/plain", "公告".into())] };
        let path = "/record/declaration";
        let mut bad = texts.clone();
        bad[3].1 = "昨天\"><b>";
        bad.push(("withdrawnOn", "2024-02-31"));
        let text = page(&officer.upload(path, path, &bad, &source()).await, 422);
        assert!(text.contains("value=\"昨天&#34;&#62;&#60;b&#62;\"") && text.contains("id=\"effectiveOn-error-1\">不是日期。"), "{text}");
        assert!(text.contains("id=\"withdrawnOn-error-1\">日期不存在。"), "everything at once");
        assert!(text.contains("value=\"KF-FORM-1\"") && text.contains("<option value=\"lumpSum\" selected>"));
        let long = "长".repeat(30_000);
        let mut endless = texts.clone();
        endless.push(("explanation", &long));
        let text = page(&officer.upload(path, path, &endless, &source()).await, 422);
        assert!(text.contains("id=\"explanation-error-1\"") && !text.contains(&long), "{text}");
        assert_eq!(sql::number(&world.services.db, "select count(*) from files").await, files, "no file is stored for a form that is refused");
        let none = page(&officer.upload(path, path, &texts, &[]).await, 422);
        assert!(none.contains("id=\"source-error-1\""), "{none}");
        let program: [Chosen<'_>; 1] = [("source", "公告.pdf", "application/pdf", b"MZ\x90\0".to_vec())];
        let text = page(&officer.upload(path, path, &texts, &program).await, 422);
        assert!(text.contains("id=\"source-error-1\""), "{text}");
        let large: [Chosen<'_>; 1] = [("source", "公告.pdf", "application/pdf", [b"%PDF-1.7\n".to_vec(), vec![b'x'; 9 << 20]].concat())];
        let text = page(&officer.upload(path, path, &texts, &large).await, 422);
        assert!(text.contains("id=\"source-error-1\""), "{text}");
        // A rule of the law stands at its field as well.
        let mut early = texts.clone();
        early[3].1 = "2022-01-01";
        let text = page(&officer.upload(path, path, &early, &source()).await, 422);
        assert!(text.contains("id=\"effectiveOn-error-1\""), "{text}");
        officer.get("/?lang=en").await;
        officer.set_cookie("lang", "en");
        let text = page(&officer.upload(path, path, &bad, &source()).await, 422);
        assert!(text.contains("There is no such day."), "{text}");
        assert_eq!(head(&world).await, before, "nothing is recorded");
        drop(district);
    }

    async fn only_an_officer_records_and_only_with_our_own_form(world) {
        let district = District::new(&world).await;
        let report = taken(&post(&world, &district.key, "kind=declarations", declarations().csv()).await);
        assert_eq!(counts(&report)[1], 12);
        assert_eq!(DECLARATIONS.len(), 13);
        let path = "/record/licence";
        let licence = [("declarationNumber", "KF2024-0000"), ("licensee", district.firms[0].name.as_str()), ("noticeOn", "2025-01-02")];
        let stranger = Browser::new(&world);
        let to_sign_in = |answer: Answer| answer.header("location").starts_with("/signin");
        assert!(to_sign_in(stranger.get(path).await));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        assert!(to_sign_in(stranger.post_body(path, &kind, multipart(&licence, &[])).await));
        let id = district.holder.id.to_string();
        let holder = member(&world, "ip@example.com", Role::Holder, Some(&id)).await;
        for page in ["/record", path] {
            assert_eq!(holder.get(page).await.status, 403, "{page}");
        }
        assert_eq!(holder.post_body(path, &kind, multipart(&licence, &[])).await.status, 403);
        let officer = officer(&world).await;
        let token = officer.token(path, path).await;
        let with = |token: &str, extra: &[(&str, &str)]| {
            multipart(&[&[("csrf", token)], &licence[..], extra].concat(), &[])
        };
        for wrong in ["", &token[1..], &officer.token("/record/declaration", "/record/declaration").await] {
            assert_eq!(officer.post_body(path, &kind, with(wrong, &[])).await.status, 403, "{wrong}");
        }
        let mut cut = with(&token, &[]);
        cut.truncate(cut.len() - 20);
        assert_eq!(officer.post_body(path, &kind, cut).await.status, 400);
        assert_eq!(world.get("/v1/licences").await.json()["total"], 0);
        page(&officer.post_body(path, &kind, with(&token, &[])).await, 201);
    }
}
