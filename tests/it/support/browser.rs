//! A browser as far as pages need one: it keeps cookies, reads a form's token from the page, and sends forms and files.

use std::{collections::BTreeMap, sync::Mutex};

use axum::http::{Method, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{World, http::Answer};

pub const PASSWORD: &str = "海参-渔网-Kaixu-93";

/// Between the parts of a form with files.
pub const BOUNDARY: &str = "----kaixu";

/// A file chosen in a form: field, name, media type, content.
pub type Chosen<'a> = (&'a str, &'a str, &'a str, Vec<u8>);

/// The body of a form with files as a browser writes it.
pub fn multipart(texts: &[(&str, &str)], files: &[Chosen<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        out.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").into_bytes(),
        );
        out.extend_from_slice(content);
        out.extend(b"\r\n");
    };
    for (name, text) in texts {
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

/// A browser with its cookies.
pub struct Browser<'a> {
    pub world: &'a World,
    jar: Mutex<BTreeMap<String, String>>,
    /// Every `Set-Cookie` that it was sent.
    pub sent: Mutex<Vec<String>>,
}

impl<'a> Browser<'a> {
    pub fn new(world: &'a World) -> Self {
        Self {
            world,
            jar: Mutex::default(),
            sent: Mutex::default(),
        }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().expect("jar").get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        let mut jar = self.jar.lock().expect("jar");
        jar.insert(name.to_owned(), value.to_owned());
    }

    fn keep(&self, answer: &Answer) {
        let mut jar = self.jar.lock().expect("jar");
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().expect("ASCII").to_owned();
            let (pair, rest) = text.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if rest.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
            self.sent.lock().expect("sent").push(text);
        }
    }

    fn cookies(&self) -> String {
        let jar = self.jar.lock().expect("jar");
        let pairs: Vec<String> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("; ")
    }

    pub async fn get(&self, path: &str) -> Answer {
        let answer = self
            .world
            .ask(Method::GET, path)
            .header("cookie", &self.cookies())
            .header("host", "kaixu.test")
            .header("accept", "text/html")
            .send()
            .await;
        self.keep(&answer);
        answer
    }

    /// Sends fields as they are, with more headers.
    pub async fn post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs: Vec<String> = fields
            .iter()
            .map(|(n, v)| format!("{}={}", encoded(n), encoded(v)))
            .collect();
        let mut asking = self
            .world
            .ask(Method::POST, path)
            .header("cookie", &self.cookies())
            .header("host", "kaixu.test")
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            asking = asking.header(name, value);
        }
        let answer = asking.body(pairs.join("&")).send().await;
        self.keep(&answer);
        answer
    }

    /// Opens a page and sends its form with this action: texts, then files.
    pub async fn upload(
        &self,
        page: &str,
        action: &str,
        fields: &[(&str, &str)],
        files: &[Chosen<'_>],
    ) -> Answer {
        let token = self.token(page, action).await;
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.post_body(action, &kind, multipart(&all, files)).await
    }

    /// Sends a body of another type, as our own pages do.
    pub async fn post_body(&self, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
        let asking = self.world.ask(Method::POST, path);
        let answer = asking
            .header("cookie", &self.cookies())
            .header("host", "kaixu.test")
            .header("origin", "http://kaixu.test")
            .header("accept", "text/html")
            .header("content-type", kind)
            .body(body.into())
            .send()
            .await;
        self.keep(&answer);
        answer
    }

    /// Signs in again where a session has ended meanwhile.
    pub async fn sign_in_if_out(&self, login: &str) {
        if !self.is_in().await {
            assert_eq!(self.sign_in(login, PASSWORD).await.status, 303);
        }
    }

    /// The token of the form with this action on a page.
    pub async fn token(&self, page: &str, action: &str) -> String {
        let answer = self.get(page).await;
        let text = answer.text();
        token_of(&text, action)
            .unwrap_or_else(|| panic!("no form {action} on {page}: {} {text}", answer.status))
    }

    /// Opens a page and sends its form with this action.
    pub async fn send(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token(page, action).await;
        let mut all = fields.to_vec();
        all.push(("csrf", &token));
        let headers = [
            ("origin", "http://kaixu.test"),
            ("sec-fetch-site", "same-origin"),
        ];
        self.post(action, &all, &headers).await
    }

    /// Registers an enterprise.
    pub async fn register(&self, uscc: &str, organisation: &str, login: &str) -> Answer {
        let fields = [
            ("as", "enterprise"),
            ("uscc", uscc),
            ("organisation", organisation),
            ("kind", "enterprise"),
            ("district", "371002"),
            ("name", "王联系"),
            ("login", login),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        self.send("/register", "/register", &fields).await
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> Answer {
        let fields = [("login", login), ("password", password)];
        self.send("/signin", "/signin", &fields).await
    }

    /// Is somebody signed in here?
    pub async fn is_in(&self) -> bool {
        self.get("/").await.text().contains("action=\"/signout\"")
    }
}

/// The token of the form with this action.
pub fn token_of(page: &str, action: &str) -> Option<String> {
    let form = &page[page.find(&format!("action=\"{action}\""))?..];
    let value = form.split_once("name=\"csrf\" value=\"")?.1;
    Some(value.split_once('"')?.0.to_owned())
}
