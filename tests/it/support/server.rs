//! A server in a process of its own, and what a test asks of it. It dies with its test, by SIGKILL.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Instant,
};

use super::process::{peak_of, until};

/// A client that follows nowhere; at an address of its own, where one is given.
pub fn http(from: Option<std::net::IpAddr>) -> reqwest::Client {
    // As in the product no provider is built in; whoever comes second finds the first one's.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .local_address(from)
        .build()
        .expect("a client")
}

/// A server process. Dropping it kills it.
pub struct Running {
    child: Child,
    printed: Arc<Mutex<String>>,
    pub address: String,
    pub http: reqwest::Client,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts a command that serves, and waits until its first index answers.
    pub async fn start(mut command: Command) -> Self {
        let folder = command.get_current_dir().expect("has one").to_owned();
        let log = folder.join(format!("{:?}.log", Instant::now()).replace(['{', '}', ' '], ""));
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("the program runs");
        let stdout = child.stdout.take().expect("piped");
        let printed = Arc::new(Mutex::new(String::new()));
        let lines = printed.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let mut printed = lines.lock().expect("no holder panics");
                printed.push_str(&line);
                printed.push('\n');
            }
        });
        let mut running = Self {
            child,
            printed,
            address: String::new(),
            http: http(None),
        };
        let said = until("the server prints its address", async || {
            if let Some(status) = running.child.try_wait().expect("waits") {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                panic!("the server ended: {status}\n{log}");
            }
            let printed = running.printed();
            printed.contains("http://127.0.0.1:").then_some(printed)
        })
        .await;
        let at = said.find("http://").expect("printed");
        running.address = said[at..]
            .split_whitespace()
            .next()
            .expect("not empty")
            .to_owned();
        until("the server is ready", async || {
            (running.get("/readyz").await.status() == 200).then_some(())
        })
        .await;
        running
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        self.printed.lock().expect("no holder panics").clone()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        let asked = self.http.get(format!("{}{path}", self.address));
        asked.send().await.expect("answers")
    }

    pub async fn json(&self, path: &str) -> serde_json::Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.expect("JSON")
    }

    /// Uploads a file and returns the import's address.
    pub async fn upload(&self, key: &str, query: &str, body: impl Into<reqwest::Body>) -> String {
        let asked = self
            .http
            .post(format!("{}/v1/imports{query}", self.address))
            .bearer_auth(key)
            .body(body);
        let answer = asked.send().await.expect("answers");
        assert_eq!(
            answer.status(),
            202,
            "{}",
            answer.text().await.unwrap_or_default()
        );
        answer.headers()["location"]
            .to_str()
            .expect("ASCII")
            .to_owned()
    }

    /// An import as it stands.
    pub async fn import(&self, key: &str, location: &str) -> serde_json::Value {
        let asked = self
            .http
            .get(format!("{}{location}", self.address))
            .bearer_auth(key);
        asked
            .send()
            .await
            .expect("answers")
            .json()
            .await
            .expect("JSON")
    }

    /// Waits until the import has ended.
    pub async fn imported(&self, key: &str, location: &str) -> serde_json::Value {
        until("the import ends", async || {
            let import = self.import(key, location).await;
            (import["state"] == "done" || import["state"] == "failed").then_some(import)
        })
        .await
    }

    /// Waits until a search for everything counts this many.
    pub async fn counts(&self, query: &str, total: u64) {
        let path = format!("/v1/patents?limit=1{query}");
        until(&format!("{path} counts {total}"), async || {
            (self.json(&path).await["total"] == total).then_some(())
        })
        .await;
    }

    /// The most memory the process ever had resident (VmHWM).
    pub fn peak_bytes(&self) -> u64 {
        peak_of(self.child.id()).expect("the process lives")
    }

    /// SIGKILL, as when the power fails.
    pub fn kill(mut self) {
        self.child.kill().expect("kills");
        self.child.wait().expect("ends");
    }

    /// SIGTERM, without waiting.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for the process to end by itself.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        let child = &mut self.child;
        until("the process ends", async || {
            child.try_wait().expect("waits")
        })
        .await
    }
}

/// Signs in with a login and a password as a browser does; returns the session's cookie.
pub async fn sign_in(server: &Running, login: &str, password: &str) -> String {
    let fields = [("login", login), ("password", password)];
    submit(&server.http, &server.address, "/signin", &fields).await
}

/// Opens a page with one form and sends it; returns the cookie of the session that it began.
pub async fn submit(
    http: &reqwest::Client,
    site: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> String {
    let cookie = |answer: &reqwest::Response| {
        let set = answer.headers().get("set-cookie").expect("a cookie");
        let text = set.to_str().expect("ASCII");
        text.split(';').next().expect("a pair").to_owned()
    };
    let page = http.get(format!("{site}{path}")).send().await;
    let page = page.expect("answers");
    let form = cookie(&page);
    let text = page.text().await.expect("text");
    let token = super::browser::token_of(&text, path).expect("a form");
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(fields).append_pair("csrf", &token);
    let asked = http
        .post(format!("{site}{path}"))
        .header("cookie", form)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(pairs.finish());
    let answer = asked.send().await.expect("answers");
    assert_eq!(
        answer.status(),
        303,
        "{}",
        answer.text().await.unwrap_or_default()
    );
    cookie(&answer)
}
