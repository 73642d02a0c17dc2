//! Hashing passwords (argon2id, 19 MiB, two passes): on threads that may block, a few at a time, never while a
//! transaction is open. Whether a login exists costs the same time as whether its password is right.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::{
    domain::account::{Login, PasswordError, check_password},
    ops::{Error, Fault, Result, Services},
};

/// Hashes at the same time: each takes 19 MiB.
static TURNS: Semaphore = Semaphore::const_new(4);

/// What unknown logins are compared with; nobody's password.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hashed("nobody signs in with this", b"sixteen bytes it").unwrap_or_default());

fn hashed(password: &str, salt: &[u8]) -> Result<String> {
    let hash: std::result::Result<PasswordHash, _> =
        Argon2::default().hash_password_with_salt(password.as_bytes(), salt);
    hash.map(|hash| hash.to_string())
        .map_err(|why| Error::Internal(format!("argon2: {why}")))
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let lost = |_| Error::Internal("hashing was broken off".into());
    let _turn = TURNS
        .acquire()
        .await
        .map_err(|_| Error::Internal("no turns".into()))?;
    tokio::task::spawn_blocking(work).await.map_err(lost)
}

/// The PHC string of a password under a fresh salt.
pub(super) async fn hash(services: &Services, password: &str) -> Result<String> {
    let (password, salt) = (password.to_owned(), services.ids.secret());
    apart(move || hashed(&password, &salt[..16])).await?
}

/// Is it the password of this hash? Without a hash the answer is no, after the same work.
pub(in crate::ops) async fn fits(password: &str, hash: Option<String>) -> Result<bool> {
    let password = password.to_owned();
    apart(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let right = PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        });
        right && known
    })
    .await
}

/// Why this may not be the login's password.
pub(super) fn fault(login: &Login, password: &str) -> Option<Fault> {
    let (code, zh, en) = match check_password(login, password).err()? {
        PasswordError::Length => (
            "passwordLength",
            "密码应为 10 至 200 个字符。",
            "A password has 10 to 200 characters.",
        ),
        PasswordError::Login => (
            "passwordIsLogin",
            "密码不能与登录名相同。",
            "The password must not be the login.",
        ),
        PasswordError::Common => (
            "passwordCommon",
            "这个密码太常见，容易被猜到，请换一个。",
            "This password is one of the first that anybody tries; choose another.",
        ),
    };
    Some(Fault::new("/password", code, zh, en))
}
