//! Forms, both ways. What comes in has passed the checks against forgery before a handler sees it: the request comes
//! from one of our own pages, and its token is bound to this session and this action. What goes out carries that token.

use askama::Template;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts as _, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};

use super::{Web, errors, visitor::Visitor};
use crate::{
    domain::{event::sha256_hex, text::Text, time::Day},
    ops::{Error, Fault, sessions::Caller},
};

/// The name of the field with the token.
pub const TOKEN: &str = "csrf";

/// A form that has passed the checks.
pub struct Form {
    pub visitor: Visitor,
    fields: Vec<(String, String)>,
}

impl Form {
    pub const fn new(visitor: Visitor, fields: Vec<(String, String)>) -> Self {
        Self { visitor, fields }
    }

    pub fn add(&mut self, name: String, value: String) {
        self.fields.push((name, value));
    }

    /// Every value of a field: what was ticked.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_name = self.fields.iter().filter(move |(n, _)| n == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// A field's first value, or nothing.
    pub fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

impl FromRequest<Web> for Form {
    type Rejection = Response;
    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = admitted(&mut parts, web).await?;
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let is_form = kind.is_some_and(|kind| {
            kind.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
        let action = parts.uri.path().to_owned();
        let bytes = Bytes::from_request(Request::from_parts(parts, body), web).await;
        let fields: Vec<(String, String)> = match bytes {
            Ok(bytes) if is_form => url::form_urlencoded::parse(&bytes).into_owned().collect(),
            _ => Vec::new(),
        };
        let form = Self::new(visitor, fields);
        if token_fits(&form.visitor, &action, form.get(TOKEN)) {
            Ok(form)
        } else {
            Err(errors::form_page(&form.visitor))
        }
    }
}

/// Whoever sends a form, if it can be one of ours.
pub async fn admitted(parts: &mut Parts, web: &Web) -> Result<Visitor, Response> {
    let visitor = match Visitor::from_request_parts(parts, web).await {
        Ok(visitor) => visitor,
        Err(never) => match never {},
    };
    if is_foreign(&parts.headers) {
        return Err(errors::form_page(&visitor));
    }
    Ok(visitor)
}

/// Is the token the one that our page with this form had?
pub fn token_fits(visitor: &Visitor, action: &str, token: &str) -> bool {
    let expected = visitor.csrf(action);
    // Hashes are compared, so the time taken tells nothing about the token.
    !expected.is_empty() && sha256_hex(expected.as_bytes()) == sha256_hex(token.as_bytes())
}

/// Did another site's page send this? A browser says so in `Sec-Fetch-Site` and `Origin`.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return true;
    }
    let Some(origin) = text("origin") else {
        return false;
    };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_none() || authority != text("host")
}

/// Too many attempts from one address?
pub fn check_share(web: &Web, caller: Option<&Caller>) -> Result<(), Error> {
    web.check_share(caller.map_or("unknown", |caller| caller.0.as_str()))
}

/// A form as a page shows it.
#[derive(Template)]
#[template(path = "form.html")]
pub struct FormView {
    action: String,
    token: String,
    /// Tells the fields of one form from those of another on the same page.
    mark: String,
    button: String,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    /// What is wrong with the whole of it.
    error: Option<String>,
    /// Files go with it.
    multipart: bool,
    /// A button in a line rather than a form of its own.
    inline: bool,
}

/// One field: its label, what stands in it, what is wrong with it.
pub struct Field {
    name: &'static str,
    label: String,
    kind: &'static str,
    value: String,
    autocomplete: &'static str,
    hint: Option<String>,
    error: Option<String>,
    /// Value and label of each, for a choice.
    options: Vec<(String, String)>,
    required: bool,
    /// The most characters.
    longest: usize,
}

impl Field {
    pub fn new(name: &'static str, label: &str) -> Self {
        Self {
            name,
            label: label.to_owned(),
            kind: "text",
            value: String::new(),
            autocomplete: "off",
            hint: None,
            error: None,
            options: Vec::new(),
            required: true,
            longest: 200,
        }
    }

    /// Text of several lines.
    pub fn area(name: &'static str, label: &str, longest: usize) -> Self {
        Self {
            kind: "area",
            longest,
            ..Self::new(name, label)
        }
    }

    /// A box to tick; ticked, its value is `yes`.
    pub fn tick(name: &'static str, label: &str) -> Self {
        Self {
            kind: "checkbox",
            ..Self::new(name, label)
        }
    }

    /// A file to choose.
    pub fn file(name: &'static str, label: &str) -> Self {
        Self {
            kind: "file",
            ..Self::new(name, label)
        }
    }

    pub fn password(name: &'static str, label: &str, autocomplete: &'static str) -> Self {
        Self {
            kind: "password",
            autocomplete,
            ..Self::new(name, label)
        }
    }

    #[must_use]
    pub const fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    #[must_use]
    pub const fn autocomplete(mut self, word: &'static str) -> Self {
        self.autocomplete = word;
        self
    }

    #[must_use]
    pub fn hint(mut self, text: &str) -> Self {
        self.hint = Some(text.to_owned());
        self
    }

    #[must_use]
    pub fn value(mut self, text: &str) -> Self {
        text.clone_into(&mut self.value);
        self
    }

    #[must_use]
    pub fn options<T: Into<String>>(mut self, options: Vec<(T, String)>) -> Self {
        let option = |(value, label): (T, String)| (value.into(), label);
        self.options = options.into_iter().map(option).collect();
        self
    }
}

impl FormView {
    pub fn new(visitor: &Visitor, action: &str, button: &str, fields: Vec<Field>) -> Self {
        // What is typed must be there before the first file is: see `upload`.
        let (files, texts): (Vec<_>, Vec<_>) = fields.into_iter().partition(|f| f.kind == "file");
        Self {
            action: action.to_owned(),
            token: visitor.csrf(action),
            mark: action.trim_matches('/').replace('/', "-"),
            button: button.to_owned(),
            hidden: Vec::new(),
            multipart: !files.is_empty(),
            fields: texts.into_iter().chain(files).collect(),
            error: None,
            inline: false,
        }
    }

    /// A button that does something to one thing.
    pub fn button(visitor: &Visitor, action: &str, label: &str) -> Self {
        Self {
            inline: true,
            ..Self::new(visitor, action, label, Vec::new())
        }
    }

    /// Told from other forms with the same action on one page.
    #[must_use]
    pub fn marked(mut self, mark: &str) -> Self {
        self.mark = format!("{}-{mark}", self.mark);
        self
    }

    #[must_use]
    pub fn hide(mut self, name: &'static str, value: &str) -> Self {
        self.hidden.push((name, value.to_owned()));
        self
    }

    /// Is it shown again because it did not pass?
    pub fn is_wrong(&self) -> bool {
        self.error.is_some() || self.fields.iter().any(|field| field.error.is_some())
    }

    /// What was typed, except passwords and files; and at each field what is wrong with it.
    #[must_use]
    pub fn filled(mut self, form: &Form, error: &Error) -> Self {
        let visitor = &form.visitor;
        let kept = |f: &&mut Field| !matches!(f.kind, "password" | "file");
        for field in self.fields.iter_mut().filter(kept) {
            form.get(field.name).clone_into(&mut field.value);
        }
        // What was typed was typed against the version that was read, not against what has come since.
        let version = self.hidden.iter_mut().find(|(name, _)| *name == "version");
        if let Some((_, version)) = version.filter(|_| !form.get("version").is_empty()) {
            form.get("version").clone_into(version);
        }
        let mut elsewhere = Vec::new();
        let faults: &[Fault] = match error {
            Error::Invalid(faults)
            | Error::Unlawful { faults, .. }
            | Error::Prevented { faults, .. } => faults,
            _ => &[],
        };
        for fault in faults {
            let name = fault.pointer.trim_start_matches('/');
            let text = visitor.text(&fault.text).to_owned();
            match self.fields.iter_mut().find(|f| f.name == name) {
                Some(field) => field.error = Some(text),
                None => elsewhere.push(text),
            }
        }
        if faults.is_empty() {
            elsewhere.push(visitor.text(&error.text()).to_owned());
        }
        self.error = (!elsewhere.is_empty()).then(|| elsewhere.join(" "));
        self
    }
}

/// The status of a form that is shown again.
pub const fn status_of(error: &Error) -> Option<StatusCode> {
    match error {
        Error::Invalid(_) | Error::Unlawful { .. } => Some(StatusCode::UNPROCESSABLE_ENTITY),
        Error::Prevented { .. } => Some(StatusCode::CONFLICT),
        Error::SignIn => Some(StatusCode::UNAUTHORIZED),
        Error::Wait { .. } => Some(StatusCode::TOO_MANY_REQUESTS),
        _ => None,
    }
}

/// The day in a field.
pub fn day(form: &Form, field: &str) -> Result<Day, Error> {
    let text = Text::new(
        "请填写日期，例如 2026-03-01。",
        "Give a day such as 2026-03-01.",
    );
    form.get(field)
        .parse()
        .map_err(|_| Error::fault(&format!("/{field}"), "dayInvalid", text.zh, text.en))
}

/// Two fields that must say the same.
pub fn check_twice(form: &Form, one: &str, other: &str) -> Result<(), Error> {
    if form.get(one) == form.get(other) {
        return Ok(());
    }
    let text = Text::new("两次填写的密码不一致。", "The two passwords differ.");
    Err(Error::fault(
        &format!("/{other}"),
        "passwordsDiffer",
        text.zh,
        text.en,
    ))
}
