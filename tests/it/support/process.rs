//! The real program in processes of its own: a temporary data folder, a free port, an environment without
//! our settings. What dies here dies by SIGKILL unless a test says otherwise; nothing survives its test.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use kaixu::store::Db;
use tempfile::TempDir;

/// Runs one test body on an installation over either database.
#[macro_export]
macro_rules! installed_on_both {
    ($(async fn $name:ident($place:ident) $body:block)*) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($place: $crate::support::process::Installation) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                run($crate::support::process::Installation::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(place) = $crate::support::process::Installation::postgres().await {
                    run(place).await;
                }
            }
        })*
    };
}

/// Long enough for anything on a busy machine; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// A data folder and, where wanted, a PostgreSQL database.
pub struct Installation {
    pub folder: TempDir,
    pub database: Option<String>,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Installation {
    pub fn sqlite() -> Self {
        Self::over(None)
    }

    /// Over a fresh migrated database; `None` where there is no PostgreSQL for tests.
    pub async fn postgres() -> Option<Self> {
        Some(Self::over(Some(super::postgres_database().await?)))
    }

    pub fn over(database: Option<String>) -> Self {
        let folder = tempfile::tempdir().expect("temp folder");
        Self { folder, database }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file beside the data folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("writes");
        path
    }

    /// The program with these arguments, in this installation.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare_command(self.folder.path());
        command
            .arg("--data")
            .arg(self.data())
            .args(arguments)
            .stdin(Stdio::null());
        command.env("KAIXU_LIMITS_REQUESTS_PER_MINUTE", "0");
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Outcome {
        outcome_of(self.command(arguments)).await
    }

    /// Runs a command that has to succeed; returns what it printed.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> impl Future<Output = String> {
        let caller = std::panic::Location::caller();
        let running = outcome_of(self.command(arguments));
        async move {
            let outcome = running.await;
            assert_eq!(outcome.code, Some(0), "{caller}: {outcome:?}");
            outcome.stdout
        }
    }

    /// The same database, opened by the test itself.
    pub async fn db(&self) -> Db {
        match &self.database {
            Some(url) => Db::open_postgres(url).await.expect("opens"),
            None => Db::open_sqlite(&self.data().join("kaixu.sqlite"))
                .await
                .expect("opens"),
        }
    }

    /// Registers an organisation and returns its id.
    pub async fn organisation(&self, uscc: &str, name: &str) -> String {
        let said = self
            .done(&[
                "organisation",
                "add",
                "--uscc",
                uscc,
                "--name",
                name,
                "--kind",
                "university",
            ])
            .await;
        said.trim().to_owned()
    }

    /// The secret of a new key of this role.
    pub async fn key(&self, role: &str) -> String {
        let said = self
            .done(&["key", "add", "--name", "test", "--role", role])
            .await;
        said.trim().to_owned()
    }

    /// Starts a server and waits until it answers.
    pub async fn serve(&self) -> Running {
        Running::start(self.command(&["serve", "--listen", "127.0.0.1:0"])).await
    }
}

/// The program under test: this build's, or the one that KAIXU_TEST_PROGRAM names (a release build, say).
pub fn program() -> String {
    std::env::var("KAIXU_TEST_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_kaixu").to_owned())
}

/// The program in a working folder, with PostgreSQL's tools in reach and none of our settings.
pub fn bare_command(folder: &Path) -> Command {
    let mut command = Command::new(program());
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("KAIXU_") || name.starts_with("PG") || name == "DATABASE_URL" {
            command.env_remove(&*name);
        }
    }
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    for bin in std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
    {
        path.push(":");
        path.push(bin.path().join("bin"));
    }
    command.env("PATH", path);
    command
}

/// Runs a command to its end, beside the test's own tasks.
pub async fn outcome_of(mut command: Command) -> Outcome {
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("joins")
        .expect("the program runs");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
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
            http: reqwest::Client::new(),
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

/// VmHWM of a living process, bytes.
pub fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Asks again and again until there is an answer.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Application number of the `n`th made-up invention, and its JSON line.
pub fn number(n: u32) -> String {
    let body = format!("20201{n:07}");
    kaixu::domain::codes::AppNo::parse(&body)
        .expect("completes")
        .0
        .to_string()
}

pub fn line(n: u32) -> String {
    let number = number(n);
    format!(
        "{{\"app_no\":\"{number}\",\"title\":\"第{n}号渔网清洗装置\",\"abstract\":\"一种装置。\",\"applicants\":[\"蓝湾大学\"],\"app_date\":\"2020-03-01\"}}\n"
    )
}

/// A file of JSON lines with these made-up inventions.
pub fn lines(range: std::ops::Range<u32>) -> String {
    range.map(line).collect()
}
