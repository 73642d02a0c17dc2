//! The real program in processes of its own: a temporary data folder and, where wanted, a PostgreSQL database,
//! in an environment without our settings.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use kaixu::store::Db;
use tempfile::TempDir;

use super::server::Running;

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
pub const PATIENCE: Duration = Duration::from_mins(6);

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
