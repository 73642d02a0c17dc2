//! Two replicas over one PostgreSQL behind nginx, as `docker-compose.yml` has them: three real processes, and the very
//! configuration that is deployed.

use std::{
    net::Ipv4Addr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use crate::{
    accounts::entering::uscc,
    support::{
        browser::PASSWORD,
        process::{Installation, lines, until},
        server::{Running, http, submit},
    },
};

const DEPLOYED: &str = include_str!("../../deploy/nginx.conf");

/// nginx, which ends with the test.
struct Nginx {
    child: Child,
    site: String,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it only when it is asked to.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.child.wait();
    }
}

/// nginx, where it is installed; a line says so where it is not.
fn nginx() -> Option<String> {
    let found = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];
    let program = found.into_iter().find(|path| Path::new(path).exists());
    if program.is_none() {
        eprintln!("skipped: no nginx");
    }
    program.map(str::to_owned)
}

impl Nginx {
    /// The deployed configuration with other addresses.
    async fn start(program: &str, folder: &Path, replicas: [&Running; 2]) -> Self {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).expect("sets");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let bare = |server: &Running| server.address.replace("http://", "");
        let mut text = DEPLOYED
            .replace("kaixu-1:8080", &bare(replicas[0]))
            .replace("kaixu-2:8080", &bare(replicas[1]))
            .replace("listen 80;", &format!("listen 127.0.0.1:{port};"));
        assert_eq!(text.matches("127.0.0.1:").count(), 3, "{text}");
        text.insert_str(0, "daemon off;\npid nginx.pid;\n");
        text = text.replacen("http {", "http {\naccess_log off;\n", 1);
        let file = folder.join("nginx.conf");
        std::fs::write(&file, text).expect("writes");
        let child = Command::new(program)
            .arg("-p")
            .arg(folder)
            .args(["-e", "nginx.log", "-c"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("nginx runs");
        let nginx = Self {
            child,
            site: format!("http://127.0.0.1:{port}"),
        };
        let client = http(None);
        until("nginx answers", async || {
            let asked = client.get(format!("{}/readyz", nginx.site)).send().await;
            asked
                .ok()
                .filter(|answer| answer.status() == 200)
                .map(|_| ())
        })
        .await;
        nginx
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::too_many_lines,
    reason = "one story, told once: starting it all costs more than the steps"
)]
async fn two_replicas_behind_nginx_are_one_marketplace_and_one_is_enough() {
    let (Some(program), Some(place)) = (nginx(), Installation::postgres().await) else {
        return;
    };
    let other = Installation::over(place.database.clone());
    let key = place.key("office").await;
    let serve = |place: &Installation| {
        let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("KAIXU_LIMITS_BEHIND_PROXY", "true");
        Running::start(command)
    };
    let (first, second) = tokio::join!(serve(&place), serve(&other));
    let nginx = Nginx::start(&program, place.folder.path(), [&first, &second]).await;
    // nginx tells visitors apart by address, and so many addresses meet both replicas.
    let visitors: Vec<_> = (1..=16)
        .map(|n| http(Some(Ipv4Addr::new(127, 0, 0, n).into())))
        .collect();
    let get = async |visitor: &reqwest::Client, path: &str, cookie: &str| {
        let asked = visitor.get(format!("{}{path}", nginx.site));
        asked
            .header("cookie", cookie)
            .send()
            .await
            .expect("answers")
    };

    // Written on one, found on the other.
    let asked = visitors[0].post(format!("{}/v1/imports", nginx.site));
    let answer = asked.bearer_auth(&key).body(lines(0..30)).send().await;
    let answer = answer.expect("answers");
    assert_eq!(answer.status(), 202);
    let location = answer.headers()["location"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    assert_eq!(first.imported(&key, &location).await["counts"]["added"], 30);
    let written = Instant::now();
    for server in [&first, &second] {
        server.counts("", 30).await;
    }
    eprintln!(
        "both replicas found it {} ms after the import had ended",
        written.elapsed().as_millis()
    );
    for visitor in &visitors {
        let page: serde_json::Value = get(visitor, "/v1/patents?limit=1", "")
            .await
            .json()
            .await
            .expect("JSON");
        assert_eq!(page["total"], 30);
    }

    // Signed in on one, known on both; signed out on one, forgotten on both.
    let fields = [
        ("as", "enterprise"),
        ("uscc", &uscc(1)),
        ("organisation", "海角渔具有限公司"),
        ("kind", "enterprise"),
        ("district", "371002"),
        ("name", "王联系"),
        ("login", "wang@example.com"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    let cookie = submit(&visitors[0], &nginx.site, "/register", &fields).await;
    for visitor in &visitors {
        let page = get(visitor, "/account", &cookie).await;
        assert_eq!(page.status(), 200);
        assert!(
            page.text()
                .await
                .expect("text")
                .contains("海角渔具有限公司")
        );
    }
    for server in [&first, &second] {
        let page = server.http.get(format!("{}/account", server.address));
        let page = page
            .header("cookie", &cookie)
            .send()
            .await
            .expect("answers");
        assert_eq!(page.status(), 200, "the session holds on each");
    }
    assert_eq!(
        get(&visitors[0], "/metrics", "").await.status(),
        404,
        "not for the world"
    );

    // Pages of one list, sorted by relevance, stay with one searcher.
    for visitor in &visitors {
        let mut path = "/v1/patents?q=%E6%B8%85%E6%B4%97&limit=7".to_owned();
        let mut seen = 0;
        loop {
            let answer = get(visitor, &path, "").await;
            assert_eq!(answer.status(), 200);
            let page: serde_json::Value = answer.json().await.expect("JSON");
            seen += page["items"].as_array().expect("a list").len();
            match page["next"].as_str() {
                Some(next) => {
                    path = format!("/v1/patents?q=%E6%B8%85%E6%B4%97&limit=7&after={next}");
                }
                None => break,
            }
        }
        assert_eq!(seen, 30);
    }

    // One is away: nobody notices.
    first.kill();
    for visitor in &visitors {
        assert_eq!(get(visitor, "/account", &cookie).await.status(), 200);
        assert_eq!(get(visitor, "/v1/patents?limit=1", "").await.status(), 200);
    }
}
