//! The way in: a password, a second factor where there is one, and the new session. Every attempt is counted before
//! anything is compared, and unknown, wrong and disabled get the same answer.

use crate::{
    domain::{
        account::{Account, Login, Outcome, wait_minutes},
        event::sha256_hex,
        id::Id,
        time::Instant,
    },
    ops::{
        Error, Result, Services,
        accounts::{self, passwords, second_factor},
        audit,
        keys::Secret,
    },
    store::{
        Tx, accounts as rows, second_factors as factors,
        sessions::{self, Session},
    },
};

/// How long a code may be waited for once the password was right.
const HALF_SECONDS: i64 = 300;

/// The browser that signs in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser<'a> {
    /// As it names itself.
    pub device: &'a str,
    /// The session that it brought along.
    pub brought: Option<&'a str>,
}

/// How far a right password leads.
#[derive(Debug)]
pub enum Entered {
    In(Account, Secret),
    /// A code of the second factor is asked for; this token stands for the password.
    Half(Secret),
}

/// What failures of a login are counted under.
pub(in crate::ops) fn login_hash(login: &Login) -> String {
    sha256_hex(login.as_str().as_bytes())
}

/// Signs in; whatever session the browser brought along ends, so that nobody can have prepared it.
pub async fn sign_in(
    services: &Services,
    login: &str,
    password: &str,
    browser: Browser<'_>,
) -> Result<Entered> {
    let parsed = Login::parse(login).ok();
    let login_hash = parsed.as_ref().map_or_else(
        || sha256_hex(login.trim().to_lowercase().as_bytes()),
        login_hash,
    );
    let wait = attempt(services, &login_hash).await?;
    let mut tx = services.read().await?;
    let account = match &parsed {
        Some(login) => rows::find_by_login(&mut tx, login).await?,
        None => None,
    };
    let hash = match &account {
        Some(account) => rows::find_password_hash(&mut tx, &account.id).await?,
        None => None,
    };
    drop(tx);
    // Unknown, wrong and disabled take the same time and get the same answer.
    let fits = passwords::fits(password, hash.clone()).await?;
    let known = account.as_ref().map(|account| account.id.clone());
    let (Some(account), Some(hash), true) = (account, hash, fits) else {
        failed(services, known.as_ref(), &login_hash, "passwordWrong").await?;
        return Err(Error::SignIn);
    };
    let mut tx = services.db.begin_plain().await?;
    // Disabled, or given another password, while it was verified: the row is taken before the session is made.
    if !rows::hold(&mut tx, &account.id, &hash).await? {
        drop(tx);
        failed(services, known.as_ref(), &login_hash, "accountDisabled").await?;
        return Err(Error::SignIn);
    }
    let entered = admit(services, &mut tx, account, &hash, browser, None).await?;
    match &entered {
        // The failures before stay counted: the code is guessed at under the same lock-out.
        Entered::Half(_) => rows::forgive_attempt(&mut tx, &login_hash, wait).await?,
        Entered::In(..) => rows::forget_attempts(&mut tx, &login_hash).await?,
    }
    tx.commit().await?;
    Ok(entered)
}

/// Lets in whoever has shown who they are, and half of the way where the account has a second factor.
pub(in crate::ops) async fn admit(
    services: &Services,
    tx: &mut Tx,
    account: Account,
    password_hash: &str,
    browser: Browser<'_>,
    with: Option<&str>,
) -> Result<Entered> {
    if !second_factor::is_enrolled(tx, &account.id).await? {
        let token = enter(services, tx, &account.id, browser, with).await?;
        return Ok(Entered::In(account, token));
    }
    let half = factors::Half {
        account: account.id,
        password_mark: sha256_hex(password_hash.as_bytes()),
        login_hash: login_hash(&account.login),
        expires_at: services.now().plus_seconds(HALF_SECONDS),
    };
    let token = hex::encode(services.ids.secret());
    factors::insert_half(tx, &half, &sha256_hex(token.as_bytes())).await?;
    Ok(Entered::Half(Secret::new(token)))
}

/// The second step of a sign-in: a code of the app, or one for recovery.
pub async fn finish_sign_in(
    services: &Services,
    half: &str,
    code: &str,
    browser: Browser<'_>,
) -> Result<(Account, Secret)> {
    let half_hash = sha256_hex(half.as_bytes());
    let mut tx = services.read().await?;
    let half = factors::find_half(&mut tx, &half_hash, services.now())
        .await?
        .ok_or_else(too_late)?;
    drop(tx);
    attempt(services, &half.login_hash).await?;
    let mut tx = services.db.begin_plain().await?;
    let account = accounts::current(&mut tx, &half.account).await?;
    let hash = rows::find_password_hash(&mut tx, &account.id).await?;
    let hash = hash.filter(|hash| sha256_hex(hash.as_bytes()) == half.password_mark);
    let hash = hash.ok_or_else(too_late)?;
    if let Err(error) = second_factor::take(services, &mut tx, &account.id, code).await {
        drop(tx);
        failed(services, Some(&account.id), &half.login_hash, "codeWrong").await?;
        return Err(error);
    }
    if !factors::take_half(&mut tx, &half_hash).await?
        || !rows::hold(&mut tx, &account.id, &hash).await?
    {
        return Err(too_late());
    }
    let token = enter(services, &mut tx, &account.id, browser, None).await?;
    rows::forget_attempts(&mut tx, &half.login_hash).await?;
    tx.commit().await?;
    Ok((account, token))
}

/// Writes down that a sign-in failed; of a login that nobody has only a piece of its hash, that repeats can be seen.
async fn failed(
    services: &Services,
    account: Option<&Id>,
    login_hash: &str,
    reason: &str,
) -> Result<()> {
    let (actor, about) = match account {
        Some(id) => (accounts::actor_name(id), accounts::subject(id)),
        None => (
            "anonymous".to_owned(),
            format!("logins/{}", &login_hash[..16]),
        ),
    };
    let reason = match account {
        Some(_) => reason,
        None => "loginUnknown",
    };
    let why = (Outcome::Failed, Some(reason));
    let mut tx = services.db.begin_plain().await?;
    accounts::write(&mut tx, services, &actor, "signInFailed", &about, why).await?;
    tx.commit().await?;
    Ok(())
}

fn too_late() -> Error {
    Error::fault(
        "",
        "signInExpired",
        "这次登录已过时，请重新输入密码。",
        "This sign-in has expired; begin again with the password.",
    )
}

async fn enter(
    services: &Services,
    tx: &mut Tx,
    account: &Id,
    browser: Browser<'_>,
    with: Option<&str>,
) -> Result<Secret> {
    if let Some(token) = browser.brought {
        sessions::end_by_token(tx, &sha256_hex(token.as_bytes())).await?;
    }
    begin(services, tx, account, browser.device, with).await
}

/// A session of an account that has just been made or has just changed its password.
pub async fn begin_for(
    services: &Services,
    account: &Account,
    browser: Browser<'_>,
) -> Result<Secret> {
    let mut tx = services.db.begin_plain().await?;
    accounts::current(&mut tx, &account.id).await?;
    let token = enter(services, &mut tx, &account.id, browser, None).await?;
    tx.commit().await?;
    Ok(token)
}

/// `with` is the provider that said who it is, for the audit; without one it was the password.
async fn begin(
    services: &Services,
    tx: &mut Tx,
    account: &Id,
    device: &str,
    with: Option<&str>,
) -> Result<Secret> {
    let now = services.now();
    let token = hex::encode(services.ids.secret());
    let session = Session {
        id: services.ids.next(now),
        account: account.clone(),
        acting_for: None,
        device: device
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect(),
        begun_at: now,
        rotated_at: now,
        seen_at: now,
    };
    sessions::insert(tx, &session, &sha256_hex(token.as_bytes())).await?;
    let (actor, about) = (accounts::actor_name(account), accounts::subject(account));
    let how = (Outcome::Done, with);
    accounts::write(tx, services, &actor, "signedIn", &about, how).await?;
    Ok(Secret::new(token))
}

/// Counts the attempt before anything is compared, so that a thousand at once are no more than one after another.
/// Returns until when the login waits after it.
pub(in crate::ops) async fn attempt(
    services: &Services,
    login_hash: &str,
) -> Result<Option<Instant>> {
    let now = services.now();
    let mut tx = services.db.begin_plain().await?;
    let counted = rows::count_attempt(&mut tx, login_hash, now).await?;
    let until = Instant::from_micros(counted.locked_until);
    if until > now {
        drop(tx);
        let about = format!("logins/{}", &login_hash[..16]);
        audit::refused(services, "anonymous", "signInFailed", &about, "locked").await;
        let seconds = (until.micros() - now.micros()) / 1_000_000 + 1;
        return Err(Error::Wait { seconds });
    }
    let minutes = wait_minutes(counted.failures);
    let wait = (minutes > 0).then(|| now.plus_seconds(minutes * 60));
    if let Some(until) = wait {
        rows::lock(&mut tx, login_hash, until).await?;
    }
    tx.commit().await?;
    Ok(wait)
}
