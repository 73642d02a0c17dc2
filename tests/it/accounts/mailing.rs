//! Mail against a small SMTP server: one mail a reader, nothing in it but what kind of thing happened and a link; a
//! server that is away is tried again. And two servers over one PostgreSQL share their sessions.

use std::sync::{Arc, Mutex};

use kaixu::{
    domain::{
        access::{Actor, Role},
        time::Clock,
    },
    ops::{Services, mail, organisations, verification, work},
    remote::mail::{Encryption, Mailer, Settings},
    store::Db,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

use super::entering::{member, uscc};
use crate::support::browser::{Browser, PASSWORD};
use crate::{
    on_both_at,
    support::{World, postgres_database},
};

/// Takes every mail; returns its port and what it was sent.
async fn server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let port = listener.local_addr().expect("an address").port();
    let mails = Arc::new(Mutex::new(Vec::new()));
    let kept = mails.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let (mut line, mut mail, mut data) = (String::new(), String::new(), false);
            let _ = stream.write_all(b"220 test\r\n").await;
            while stream.read_line(&mut line).await.is_ok_and(|n| n > 0) {
                let answer: &[u8] = if data && line == ".\r\n" {
                    data = false;
                    kept.lock().expect("kept").push(std::mem::take(&mut mail));
                    b"250 ok\r\n"
                } else if data {
                    mail.push_str(&line);
                    b""
                } else if line.starts_with("DATA") {
                    data = true;
                    b"354 go\r\n"
                } else {
                    mail.push_str(&line);
                    b"250 ok\r\n"
                };
                let _ = stream.write_all(answer).await;
                line.clear();
            }
        }
    });
    (port, mails)
}

fn mailing(services: &Services, port: u16) -> Services {
    let settings = Settings {
        host: "127.0.0.1",
        port,
        user: "",
        password: "",
        from: "开许 <no-reply@kaixu.test>",
        encryption: Encryption::None,
        site: "https://kaixu.test/",
    };
    Services {
        mail: Some(Mailer::new(&settings).expect("fits")),
        ..services.clone()
    }
}

on_both_at! {
    "2026-03-02T02:00:00Z";

    async fn a_message_is_mailed_to_its_readers_and_tried_again(world) {
        let maker = world.organisation("海角渔具有限公司").await;
        let _mail = member(&world, "wang@example.com", Role::Enterprise, Some(maker.uscc.as_str())).await;
        let _telephone = member(&world, "13800000000", Role::Enterprise, Some(maker.uscc.as_str())).await;
        let _other = member(&world, "office@example.com", Role::Office, None).await;
        let (port, mails) = server().await;
        let away = mailing(&world.services, 1);
        let operator = Actor::operator("test");
        let version = organisations::get(&away, &operator, maker.uscc.as_str()).await.expect("there").version;
        verification::verify(&away, &operator, &maker.id, version, false).await.expect("verifies");
        let job = work::claim(&away, mail::KIND, 15).await.expect("claims").expect("a job");
        let error = mail::run_job(&away, &job).await.expect_err("nobody listens");
        work::give_back(&away, &job, &error, false).await.expect("gives back");
        assert!(work::claim(&away, mail::KIND, 15).await.expect("claims").is_none(), "not at once, and no second job");
        let clock = &world.services.clock;
        clock.set(clock.now().plus_seconds(3));
        let here = mailing(&world.services, port);
        let job = work::claim(&here, mail::KIND, 15).await.expect("claims").expect("again");
        mail::run_job(&here, &job).await.expect("sends");
        let mails = mails.lock().expect("mails").clone();
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert!(mails[0].contains("RCPT TO:<wang@example.com>"), "{}", mails[0]);
        assert!(!mails[0].contains("invitation") && !mails[0].contains(PASSWORD));
        clock.set(clock.now().plus_seconds(86_400));
        assert!(work::claim(&here, mail::KIND, 15).await.expect("claims").is_none(), "done");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_over_one_postgresql_share_their_sessions() {
    let Some(url) = postgres_database().await else {
        return;
    };
    let mut worlds = Vec::new();
    for _ in 0..2 {
        let db = Db::open_postgres(&url).await.expect("opens");
        let folder = tempfile::tempdir().expect("temp folder");
        worlds.push(World::by(Clock::System, db, folder));
    }
    let one = Browser::new(&worlds[0]);
    assert_eq!(
        one.register(&uscc(1), "海角渔具有限公司", "wang@example.com")
            .await
            .status,
        303
    );
    let other = Browser::new(&worlds[1]);
    other.set_cookie("kaixu", &one.cookie("kaixu").expect("signed in"));
    assert!(other.is_in().await);
    assert_eq!(other.send("/", "/signout", &[]).await.status, 303);
    assert!(!one.is_in().await);
}
