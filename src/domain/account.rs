//! Accounts: a person with a business contact who signs in and acts in one role for one party. What makes a login and a
//! password fit stands here, and how long an account waits after failures; hashing is done elsewhere.

use unicode_normalization::UnicodeNormalization as _;

use super::{access::Role, id::Id, review::Duty, time::Instant, words::words};

words! {
    /// Where an account stands.
    pub enum AccountState {
        Active = "active", "有效", "Active";
        /// Asks to act for an organisation that is registered already; an officer decides. Until then it reads what
        /// everybody may read.
        Waiting = "waiting", "待核验", "Waiting";
        Disabled = "disabled", "已停用", "Disabled";
    }
}

words! {
    /// How an act ended that the audit tells of.
    pub enum Outcome {
        Done = "done", "完成", "Done";
        /// It was tried and did not succeed: a wrong password.
        Failed = "failed", "失败", "Failed";
        /// Whoever tried may not.
        Refused = "refused", "被拒绝", "Refused";
    }
}

/// An account, without its password's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: Id,
    pub login: Login,
    /// The business contact: a person or a department.
    pub name: String,
    pub role: Role,
    /// The organisation or the individual it acts for; `None` for the office.
    pub party: Option<Id>,
    pub state: AccountState,
    /// Invites and deactivates the colleagues of its organisation.
    pub manages: bool,
    /// What it answers for among its party's affairs.
    pub duty: Duty,
    pub created_at: Instant,
}

/// What one signs in with: an e-mail address or a telephone number, folded so that each is written in one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Login(String);

/// It is neither an e-mail address nor a telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an e-mail address nor a telephone number")]
pub struct LoginError;

impl Login {
    /// Reads and folds: width and case of an address, marks and the country's prefix of a number.
    pub fn parse(text: &str) -> Result<Self, LoginError> {
        let text: String = text.nfkc().collect::<String>().trim().to_lowercase();
        if text.len() > 200 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            let digits = telephone(&text).ok_or(LoginError)?;
            return Ok(Self(digits));
        }
        if let Some((name, host)) = text.split_once('@') {
            let plain = |part: &str| {
                !part.is_empty() && !part.contains(['@', '<', '>', '"', ',', ';', '\\', '(', ')'])
            };
            let dotted = host.contains('.') && host.split('.').all(|label| !label.is_empty());
            return (plain(name) && plain(host) && dotted)
                .then_some(Self(text.clone()))
                .ok_or(LoginError);
        }
        telephone(&text).map(Self).ok_or(LoginError)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Can mail be sent to it?
    pub fn is_mail(&self) -> bool {
        self.0.contains('@')
    }
}

/// Six to fifteen digits, without the marks between them and without +86.
fn telephone(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '（' | '）'))
        .collect();
    let digits = kept.strip_prefix("+86").unwrap_or(&kept);
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let fits = (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| digits.to_owned())
}

/// What is wrong with a proposed password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has 10 to 200 characters")]
    Length,
    #[error("a password is not the login")]
    Login,
    #[error("everybody's password")]
    Common,
}

/// The commonest passwords of at least ten characters, and the beginnings and words that make up most others.
const COMMON: &[&str] = &[
    "1234567890",
    "12345678901",
    "123456789012",
    "0123456789",
    "0987654321",
    "9876543210",
    "1122334455",
    "1234512345",
    "1212121212",
    "123123123123",
    "147258369",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "qwerty12345",
    "qwerty123456",
    "asdfghjkl;",
    "asdfghjkl123",
    "a123456789",
    "aa123456789",
    "abc123456789",
    "abcd123456",
    "abcd1234567",
    "abcdefghij",
    "q123456789",
    "zxcvbnm123",
    "woaini1314",
    "woaini5201314",
    "5201314520",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "passw0rd123",
    "p@ssw0rd123",
    "admin12345",
    "admin123456",
    "administrator",
    "iloveyou123",
    "letmein1234",
    "welcome123",
    "welcome1234",
    "changeme123",
    "1234567890a",
    "123456789a",
    "123456789q",
    "qq123456789",
    "a1234567890",
    "kaixu12345",
    "kaixu123456",
];

/// May this be the password of this login?
pub fn check_password(login: &Login, password: &str) -> Result<(), PasswordError> {
    let length = password.chars().count();
    if !(10..=200).contains(&length) {
        return Err(PasswordError::Length);
    }
    let folded = password.to_lowercase();
    let local = login.as_str().split('@').next().unwrap_or_default();
    if folded == login.as_str() || folded == local {
        return Err(PasswordError::Login);
    }
    let first = folded.chars().next();
    if COMMON.contains(&folded.as_str()) || folded.chars().all(|c| Some(c) == first) {
        return Err(PasswordError::Common);
    }
    Ok(())
}

/// Failures that cost nothing.
const FREE_FAILURES: i64 = 4;
const MAX_WAIT_MINUTES: i64 = 60;

/// How long a login waits after its latest failure, the `failures`th in a row: from the fifth 1, 2, 4 … 60 minutes.
pub fn wait_minutes(failures: i64) -> i64 {
    let over = failures - FREE_FAILURES - 1;
    match over {
        ..0 => 0,
        0..=5 => 1 << over,
        _ => MAX_WAIT_MINUTES,
    }
}
