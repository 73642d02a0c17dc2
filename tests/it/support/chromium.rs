//! A real Chromium, driven over WebDriver. It ends with its test.

use std::{
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::process::until;

pub struct Chromium {
    driver: Child,
    pub client: Client,
    pub site: String,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The driver is the first of a group of processes, and its browsers are of that group too.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.driver.wait();
    }
}

/// The driver of Debian's package.
const DRIVER: &str = "/usr/bin/chromedriver";

impl Chromium {
    /// A browser for a site; `None`, with a line that says so, where there is no Chromium.
    pub async fn start(site: &str) -> Option<Self> {
        if !Path::new(DRIVER).exists() {
            eprintln!("skipped: no {DRIVER}");
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("binds");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let driver = Command::new(DRIVER)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("the driver runs");
        // Root may not use the sandbox; the only pages opened are our own.
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--lang=zh-CN", "--force-device-scale-factor=1"],
            "prefs": {"intl.accept_languages": "zh-CN"},
        });
        let wanted: Capabilities = [("goog:chromeOptions".to_owned(), options)]
            .into_iter()
            .collect();
        let address = format!("http://127.0.0.1:{port}");
        let client = until("Chromium starts", async || {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder
                .capabilities(wanted.clone())
                .connect(&address)
                .await
                .ok()
        })
        .await;
        Some(Self {
            driver,
            client,
            site: site.to_owned(),
        })
    }

    /// Opens an address of the site.
    pub async fn open(&self, path: &str) {
        let whole = format!("{}{path}", self.site);
        self.client.goto(&whole).await.expect("opens");
    }

    /// The path and the query of the page that is open.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        let query = url
            .query()
            .map_or_else(String::new, |query| format!("?{query}"));
        format!("{}{query}", url.path())
    }

    /// The window, in pixels.
    pub async fn size(&self, width: u32, height: u32) {
        self.client
            .set_window_size(width, height)
            .await
            .expect("resizes");
    }

    /// What a piece of script returns.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("runs")
    }

    /// The whole text that can be seen.
    pub async fn text(&self) -> String {
        let text = self.ask("return document.body.innerText").await;
        text.as_str().expect("a text").to_owned()
    }

    #[track_caller]
    fn find(&self, css: &str) -> impl Future<Output = Element> {
        let caller = std::panic::Location::caller();
        async move {
            match self.client.find(Locator::Css(css)).await {
                Ok(found) => found,
                Err(error) => panic!("{caller}: {css}: {error}\n{}", self.text().await),
            }
        }
    }

    /// Follows a link or sends a form, and waits for the page that it leads to, however long the answer takes.
    #[track_caller]
    pub fn go(&self, css: &str) -> impl Future<Output = ()> {
        let (old, pressed) = (self.find("html"), self.press(css));
        async move {
            let old = old.await;
            pressed.await;
            until("another page opens", async || {
                old.tag_name().await.err().map(drop)
            })
            .await;
            until("the page is whole", async || {
                let state = self
                    .client
                    .execute("return document.readyState", Vec::new())
                    .await;
                state.ok().filter(|state| state == "complete").map(drop)
            })
            .await;
        }
    }

    /// Presses the first button, or ticks the first box, that a selector finds.
    #[track_caller]
    pub fn press(&self, css: &str) -> impl Future<Output = ()> {
        let found = self.find(css);
        async move { found.await.click().await.expect("clicks") }
    }

    /// The text of the first element that a selector finds.
    pub async fn text_of(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("reads")
    }

    /// Types into a field; a file's path chooses the file.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) -> impl Future<Output = ()> {
        let found = self.find(css);
        async move { found.await.send_keys(text).await.expect("types") }
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, login: &str, password: &str) {
        self.open("/signin").await;
        self.fill("main [name=login]", login).await;
        self.fill("main [name=password]", password).await;
        self.go("main form button").await;
    }

    /// Signs out.
    pub async fn sign_out(&self) {
        self.go("form[action='/signout'] button").await;
    }

    /// Writes a picture of the whole page.
    pub async fn picture(&self, name: &str, width: u32) {
        let height = self
            .ask("return document.documentElement.scrollHeight")
            .await;
        let height = height.as_f64().unwrap_or(800.0).clamp(600.0, 6_000.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped"
        )]
        self.size(width, height as u32).await;
        let picture = self.client.screenshot().await.expect("a picture");
        let folder = pictures();
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}-{width}.png")), picture).expect("writes");
    }
}

/// Where pictures go: a folder that is not kept in git.
fn pictures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots")
}
