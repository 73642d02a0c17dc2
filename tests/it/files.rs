//! Files of evidence: they come back as they were sent, to those who may read them, and nobody else learns
//! that they are there.

use axum::{
    body::Body,
    http::{Method, header},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use kaixu::{
    domain::{
        access::{Actor, Role, Scope},
        event::sha256_hex,
        id::Id,
        party::Organisation,
        review::Reach,
        time::Clock,
    },
    ops::{self, files, installation, keys, verify},
    store,
};
use serde_json::Value;

use crate::{
    on_both,
    support::{World, http::Answer, sql},
};

const PDF: &str = "application/pdf";
/// 付款凭证 2026.pdf
const NAME: &str = "%E4%BB%98%E6%AC%BE%E5%87%AD%E8%AF%81%202026.pdf";

/// A PDF to the eye of whoever looks at its beginning.
fn pdf(size: usize) -> Vec<u8> {
    let filling = (0..size).map(|n| u8::try_from(n % 251).expect("small"));
    b"%PDF-1.7\n"
        .iter()
        .copied()
        .chain(filling)
        .take(size)
        .collect()
}

async fn send(world: &World, key: &str, query: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let asking = world
        .ask(Method::POST, &format!("/v1/files?{query}"))
        .key(key);
    asking.header("content-type", kind).body(body).send().await
}

/// Uploads a file that is taken.
async fn sent(world: &World, key: &str, query: &str, body: impl Into<Body>) -> Value {
    let answer = send(world, key, query, PDF, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let file = answer.json();
    let id = file["id"].as_str().expect("an id");
    assert_eq!(answer.header("location"), format!("/v1/files/{id}"));
    file
}

fn id(file: &Value) -> Id {
    Id::parse(file["id"].as_str().expect("an id")).expect("a UUID")
}

async fn read(world: &World, key: &str, path: &str) -> Answer {
    world.ask(Method::GET, path).key(key).send().await
}

async fn count(world: &World, table: &str) -> i64 {
    sql::number(&world.services.db, &format!("select count(*) from {table}")).await
}

/// An actor of that organisation, as its key makes one.
fn member(role: Role, of: &Organisation) -> Actor {
    Actor {
        role,
        name: "key:test".into(),
        organisation: Some(of.id.clone()),
        scopes: Scope::ALL.into(),
        reach: Reach::All,
    }
}

on_both! {
    async fn a_file_comes_back_as_it_was_sent_with_its_chinese_name_and_as_an_attachment(world) {
        let owner = world.organisation("蓝湾大学").await;
        let key = world.key(Role::Holder, Some(&owner)).await;
        let bytes = pdf((3 << 20) + 17);
        let file = sent(&world, &key, &format!("name={NAME}"), bytes.clone()).await;
        let sha256 = sha256_hex(&bytes);
        assert_eq!((&file["name"], &file["mediaType"]), (&"付款凭证 2026.pdf".into(), &PDF.into()));
        assert_eq!((&file["sha256"], &file["sizeBytes"]), (&sha256.clone().into(), &bytes.len().into()));
        assert_eq!(file["owner"], owner.id.to_string());
        let told = read(&world, &key, &format!("/v1/files/{}", id(&file))).await;
        assert_eq!(told.json(), file);
        let path = file["content"].as_str().expect("an address");
        let content = || world.ask(Method::GET, path).key(&key).header("accept-encoding", "gzip");
        let answer = content().send().await;
        assert_eq!((answer.status.as_u16(), answer.bytes == bytes), (200, true));
        let tag = format!("\"{sha256}\"");
        for (name, value) in [
            ("content-type", PDF), ("content-length", &bytes.len().to_string()), ("etag", &tag),
            ("content-disposition", &format!("attachment; filename*=UTF-8''{NAME}")),
            ("x-content-type-options", "nosniff"), ("content-security-policy", "sandbox"),
            ("cache-control", "private, no-cache, no-transform"), ("content-encoding", ""),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
        let known = content().header("if-none-match", &tag).send().await;
        assert_eq!((known.status.as_u16(), known.bytes.len(), known.header("etag")), (304, 0, tag.as_str()));
        assert!(known.header("cache-control").starts_with("private"));
        let text = send(&world, &key, "name=a.txt", "text/plain; charset=UTF-8", "凭证\n".repeat(9_000)).await.json();
        let answer = world.ask(Method::GET, text["content"].as_str().expect("an address")).key(&key)
            .header("accept-encoding", "gzip").send().await;
        assert_eq!((answer.header("content-encoding"), answer.bytes.len()), ("", 63_000), "never packed");
        let head = world.ask(Method::HEAD, path).key(&key).send().await;
        assert_eq!((head.header("content-length"), head.bytes.len()), (bytes.len().to_string().as_str(), 0));
    }

    async fn the_same_content_twice_is_one_blob_and_two_files(world) {
        let (one, other) = (world.organisation("蓝湾大学").await, world.organisation("威海渔具厂").await);
        let (a, b) = (world.key(Role::Holder, Some(&one)).await, world.key(Role::Enterprise, Some(&other)).await);
        let first = sent(&world, &a, "name=a.pdf", pdf(2_000_000)).await;
        let second = sent(&world, &b, "name=b.pdf", pdf(2_000_000)).await;
        assert_eq!(first["sha256"], second["sha256"]);
        assert_eq!((count(&world, "files").await, count(&world, "blobs").await, count(&world, "blob_parts").await), (2, 1, 2));
        let path = second["content"].as_str().expect("an address");
        assert!(read(&world, &b, path).await.bytes == pdf(2_000_000));
        read(&world, &a, path).await.problem(404, "notFound");
        let again = sent(&world, &a, "name=a.pdf", pdf(10)).await;
        let mut tx = world.services.db.read().await.expect("reads");
        let ids = |found: Vec<kaixu::domain::file::File>| found.into_iter().map(|f| f.id).collect::<Vec<_>>();
        let named = store::files::find_for_name(&mut tx, Some(&one.id), "a.pdf").await.expect("finds");
        assert_eq!(ids(named), [id(&again), id(&first)], "newest first");
        assert_eq!(store::files::find_for_name(&mut tx, None, "a.pdf").await.expect("finds"), []);
        let alike = store::files::find_by_sha256(&mut tx, first["sha256"].as_str().expect("text")).await.expect("finds");
        assert_eq!(ids(alike), [id(&first), id(&second)]);
        let listed = store::files::list_by_ids(&mut tx, &[id(&second), one.id]).await.expect("lists");
        assert_eq!(ids(listed), [id(&second)]);
    }

    async fn a_file_exists_for_its_owner_its_readers_and_the_office_alone(world) {
        let (owner, reader) = (world.organisation("蓝湾大学").await, world.organisation("威海渔具厂").await);
        let stranger = world.organisation("红崖学院").await;
        let own = world.key(Role::Holder, Some(&owner)).await;
        let let_in = world.key(Role::Enterprise, Some(&reader)).await;
        let file = sent(&world, &own, "name=a.pdf", pdf(500)).await;
        let mut tx = world.services.db.begin_write(world.services.now(), "test").await.expect("writes");
        files::share(&mut tx, &id(&file), std::slice::from_ref(&reader.id)).await.expect("shares");
        files::share(&mut tx, &id(&file), &[reader.id, owner.id.clone()]).await.expect("again");
        tx.commit().await.expect("commits");
        let office = world.key(Role::Office, None).await;
        let others = [
            world.key(Role::Holder, Some(&stranger)).await, world.key(Role::Enterprise, Some(&stranger)).await,
        ];
        let platform = world.key(Role::Platform, Some(&owner)).await;
        let nowhere = world.services.ids.next(world.services.now());
        for (path, missing) in [
            (format!("/v1/files/{}", id(&file)), format!("/v1/files/{nowhere}")),
            (format!("/v1/files/{}/content", id(&file)), format!("/v1/files/{nowhere}/content")),
        ] {
            for key in [&own, &let_in, &office] {
                assert_eq!(read(&world, key, &path).await.status, 200);
            }
            for key in &others {
                let (refused, absent) = (read(&world, key, &path).await, read(&world, key, &missing).await);
                let (refused, absent) = (refused.problem(404, "notFound"), absent.problem(404, "notFound"));
                assert_eq!(refused["detail"], absent["detail"]);
                let by_hash = path.replace(&id(&file).to_string(), file["sha256"].as_str().expect("text"));
                read(&world, key, &by_hash).await.problem(404, "notFound");
            }
            world.get(&path).await.problem(401, "unauthenticated");
            read(&world, &platform, &path).await.problem(403, "roleNotAllowed");
        }
        // A tag that matches tells a stranger nothing either.
        let tag = format!("\"{}\"", file["sha256"].as_str().expect("text"));
        let asking = world.ask(Method::GET, file["content"].as_str().expect("an address")).key(&others[0]);
        asking.header("if-none-match", &tag).send().await.problem(404, "notFound");
    }

    async fn an_officer_uploads_for_an_organisation_or_for_the_office_and_a_member_for_its_own(world) {
        let (one, other) = (world.organisation("蓝湾大学").await, world.organisation("红崖学院").await);
        let office = world.key(Role::Office, Some(&other)).await;
        let key = world.key(Role::Holder, Some(&one)).await;
        for reference in [one.uscc.to_string(), one.id.to_string()] {
            let file = sent(&world, &office, &format!("name=a.pdf&owner={reference}"), pdf(99)).await;
            assert_eq!(file["owner"], one.id.to_string());
            assert_eq!(read(&world, &key, file["content"].as_str().expect("an address")).await.status, 200);
        }
        let file = sent(&world, &office, "name=a.pdf", pdf(99)).await;
        assert_eq!(file.get("owner"), None, "the office's");
        read(&world, &key, file["content"].as_str().expect("an address")).await.problem(404, "notFound");
        let mine = sent(&world, &key, &format!("name=a.pdf&owner={}", one.uscc), pdf(99)).await;
        assert_eq!(mine["owner"], one.id.to_string());
        send(&world, &key, &format!("name=a.pdf&owner={}", other.id), PDF, pdf(99)).await.problem(403, "notYours");
        let unknown = send(&world, &office, "name=a.pdf&owner=12100000400000624D", PDF, pdf(99)).await;
        assert_eq!(unknown.problem(400, "parameterInvalid")["errors"][0]["code"], "unknownOrganisation");
        let platform = world.key(Role::Platform, None).await;
        send(&world, &platform, "name=a.pdf", PDF, pdf(99)).await.problem(403, "roleNotAllowed");
        let nobody = world.ask(Method::POST, "/v1/files?name=a.pdf").body(pdf(99)).send().await;
        nobody.problem(401, "unauthenticated");
    }

    async fn every_refusal_has_its_code_and_leaves_nothing(world) {
        let key = world.key(Role::Office, None).await;
        let html = "<!doctype html><title>x</title>";
        for (query, kind, body, status, code) in [
            ("", PDF, pdf(99), 400, "fileNameInvalid"),
            ("name=%20%20", PDF, pdf(99), 400, "fileNameInvalid"),
            ("name=a%2Fb.pdf", PDF, pdf(99), 400, "fileNameInvalid"),
            ("name=a%0Ab.pdf", PDF, pdf(99), 400, "fileNameInvalid"),
            ("name=a.exe", PDF, pdf(99), 400, "fileNameInvalid"),
            ("name=a.pdf&name=b.pdf", PDF, pdf(99), 400, "repeated"),
            ("name=a.pdf&x=1", PDF, pdf(99), 400, "parameterUnknown"),
            ("name=a.pdf", "", pdf(99), 415, "mediaTypeUnsupported"),
            ("name=a.pdf", "application/octet-stream", pdf(99), 415, "mediaTypeUnsupported"),
            ("name=a.txt", "text/html", html.into(), 415, "mediaTypeUnsupported"),
            ("name=a.txt", "image/svg+xml", "<svg/>".into(), 415, "mediaTypeUnsupported"),
            ("name=a.pdf", PDF, html.into(), 422, "fileTypeRefused"),
            ("name=a.txt", "text/plain", html.into(), 422, "fileTypeRefused"),
            ("name=a.xml", "application/xml", "<svg/>".into(), 422, "fileTypeRefused"),
            ("name=a.zip", "application/zip", b"MZ\x90\0\x03".to_vec(), 422, "fileTypeRefused"),
            ("name=a.png", "image/png", pdf(99), 422, "fileTypeMismatch"),
            ("name=a.csv", "text/csv", pdf(99), 422, "fileTypeMismatch"),
            ("name=a.pdf", PDF, Vec::new(), 422, "fileEmpty"),
        ] {
            let answer = send(&world, &key, query, kind, body).await;
            assert_eq!(answer.status.as_u16(), status, "{query} {kind}: {}", answer.text());
            let problem = answer.json();
            let found = if status == 415 { &problem["code"] } else { &problem["errors"][0]["code"] };
            assert_eq!(found, code, "{query} {kind}: {problem}");
        }
        let mut services = world.services.clone();
        services.limits.file_bytes = 3 << 20;
        let new = || files::NewFile { name: "a.pdf".into(), media_type: PDF.into(), ..Default::default() };
        let office = Actor::operator("test");
        let pieces = |bytes: Vec<u8>| stream::iter(bytes.chunks(70_000).map(|c| Ok(Bytes::copy_from_slice(c))).collect::<Vec<_>>());
        let large = files::create(&services, &office, new(), pieces(pdf((3 << 20) + 1))).await;
        assert!(matches!(large, Err(ops::Error::TooLarge { limit: 3_145_728 })), "{large:?}");
        assert_eq!((count(&world, "files").await, count(&world, "blobs").await), (0, 0));
        let whole = files::create(&services, &office, new(), pieces(pdf(3 << 20))).await.expect("fits");
        assert_eq!(whole.size_bytes, 3 << 20);
    }

    async fn the_same_request_again_has_one_effect_and_another_with_its_key_is_refused(world) {
        let owner = world.organisation("蓝湾大学").await;
        // A key that may upload and not read gets its answer again all the same.
        let new = keys::NewKey {
            name: "test".into(), role: Role::Enterprise, organisation: Some(owner.id.to_string()), scopes: vec![Scope::Trade], expires_at: None,
        };
        let key = keys::add(&world.services, new).await.expect("adds").1.reveal().to_owned();
        let ask = |name: &str, size| {
            let asking = world.ask(Method::POST, &format!("/v1/files?name={name}")).key(&key).header("idempotency-key", "once");
            asking.header(header::CONTENT_TYPE.as_str(), PDF).body(pdf(size)).send()
        };
        let first = ask("a.pdf", 1_000).await;
        let again = ask("a.pdf", 1_000).await;
        assert_eq!((again.status.as_u16(), again.json()), (201, first.json()));
        ask("b.pdf", 1_000).await.problem(422, "idempotencyKeyReused");
        ask("a.pdf", 1_001).await.problem(422, "idempotencyKeyReused");
        assert_eq!((count(&world, "files").await, count(&world, "blobs").await), (1, 1));
        read(&world, &key, first.header("location")).await.problem(403, "scopeMissing");
    }

    async fn an_upload_that_breaks_off_leaves_nothing_after_the_sweep(world) {
        let key = world.key(Role::Office, None).await;
        let broken = stream::iter([Ok(pdf(1 << 20)), Err(std::io::Error::other("line cut"))]);
        send(&world, &key, "name=a.pdf", PDF, Body::from_stream(broken)).await.problem(400, "uploadBroken");
        assert_eq!(count(&world, "blobs").await, 0);
        // The request itself ends with its connection, so nobody is left to clean up.
        let silent = stream::iter([Ok::<_, std::io::Error>(pdf(3 << 20))]).chain(stream::pending());
        let request = send(&world, &key, "name=a.pdf", PDF, Body::from_stream(silent));
        let stored = async {
            while count(&world, "blob_parts").await < 3 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            answer = request => panic!("{}", answer.text()),
            () = stored => {}
        }
        let kept = sent(&world, &key, "name=b.pdf", pdf(99)).await;
        let mut services = world.services.clone();
        services.clock = Clock::fixed(&services.now().plus_seconds(90_000).rfc3339());
        installation::sweep(&services).await.expect("sweeps");
        assert_eq!((count(&world, "blobs").await, count(&world, "blob_parts").await, count(&world, "files").await), (1, 1, 1));
        assert_eq!(read(&world, &key, kept["content"].as_str().expect("an address")).await.bytes, pdf(99));
    }

    async fn the_audit_names_a_file_whose_bytes_are_not_those_that_were_stored(world) {
        let key = world.key(Role::Office, None).await;
        let file = sent(&world, &key, "name=a.pdf", pdf(99)).await;
        let db = &world.services.db;
        let report = verify::verify(&world.services).await.expect("runs").expect("holds");
        assert_eq!((report.files, report.blobs), (1, 1));
        let bytes = |text: &str| match db {
            store::Db::Sqlite { .. } => format!("x'{text}'"),
            store::Db::Postgres(_) => format!("'\\x{text}'"),
        };
        let (other, whole) = (bytes("00"), bytes(&hex::encode(pdf(99))));
        let sha256 = file["sha256"].as_str().expect("text");
        let content = "its content is not the one that was stored";
        let facts = "is not as it was stored";
        for (change, back, wanted) in [
            (format!("blob_parts set bytes = {other}"), format!("blob_parts set bytes = {whole}"), content),
            ("blobs set size_bytes = 98".into(), "blobs set size_bytes = 99".into(), content),
            ("blobs set complete = false".into(), "blobs set complete = true".into(), "its content is missing"),
            ("files set size_bytes = 98".into(), "files set size_bytes = 99".into(), facts),
            ("files set sha256 = 'x'".into(), format!("files set sha256 = '{sha256}'"), facts),
        ] {
            assert_eq!(sql::execute(db, &format!("update {change}")).await, 1);
            let found = verify::verify(&world.services).await.expect("runs").expect_err(&change);
            assert_eq!(found.to_string(), format!("files/{}: {wanted}", id(&file)), "{change}");
            sql::execute(db, &format!("update {back}")).await;
            assert!(verify::verify(&world.services).await.expect("runs").is_ok(), "{back}");
        }
    }

    async fn other_records_cite_what_their_writer_may_read_and_letters_go_to_their_readers(world) {
        let (owner, reader) = (world.organisation("蓝湾大学").await, world.organisation("威海渔具厂").await);
        let (writer, enterprise) = (member(Role::Holder, &owner), member(Role::Enterprise, &reader));
        let key = world.key(Role::Holder, Some(&owner)).await;
        let file = sent(&world, &key, "name=a.pdf", pdf(99)).await;
        let services = &world.services;
        let mut tx = services.db.begin_write(services.now(), "test").await.expect("writes");
        let cited = files::cite(&mut tx, &writer, &id(&file), "/evidence/0").await.expect("cites");
        assert_eq!((cited.id.to_string().into(), cited.sha256.into()), (file["id"].clone(), file["sha256"].clone()));
        let nowhere = services.ids.next(services.now());
        for (actor, id) in [(&enterprise, &id(&file)), (&writer, &nowhere), (&Actor::anonymous(), &id(&file))] {
            let Err(ops::Error::Invalid(faults)) = files::cite(&mut tx, actor, id, "/evidence/0").await else {
                panic!("cites {id}");
            };
            assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/evidence/0", "fileUnknown"));
            assert!(faults[0].text.zh.contains("POST /v1/files"));
        }
        let readers = std::slice::from_ref(&reader.id);
        let notice = files::write_text(&mut tx, services, "许可通知.txt", "通知", Some(&owner.id), readers, &writer).await.expect("writes");
        let copy = files::write_text(&mut tx, services, "许可通知.txt", "通知", None, &[], &writer).await.expect("writes");
        assert!(notice.sha256 == copy.sha256 && notice.id != copy.id);
        let long = "长".repeat(400_000);
        for text in ["", long.as_str()] {
            assert!(files::write_text(&mut tx, services, "a.txt", text, None, &[], &writer).await.is_err());
        }
        assert!(files::cite(&mut tx, &enterprise, &notice.id, "").await.is_ok(), "within the same transaction");
        assert!(files::cite(&mut tx, &enterprise, &copy.id, "").await.is_err());
        tx.commit().await.expect("commits");
        assert_eq!((count(&world, "files").await, count(&world, "blobs").await), (3, 2));
        let key = world.key(Role::Enterprise, Some(&reader)).await;
        let answer = read(&world, &key, &format!("/v1/files/{}/content", notice.id)).await;
        assert_eq!((answer.text().as_str(), answer.header("content-type")), ("通知", "text/plain"));
        let mut tx = services.db.begin_write(services.now(), "test").await.expect("writes");
        files::write_text(&mut tx, services, "b.txt", "不作数", None, &[], &writer).await.expect("writes");
        drop(tx);
        assert_eq!((count(&world, "files").await, count(&world, "blobs").await), (3, 2), "nothing of what was rolled back");
        assert!(verify::verify(services).await.expect("runs").is_ok());
    }
}
