//! The second factor of an account: enrolled with the password and a first code, taken away with a code or by an officer.
//! The secret is shown until it is confirmed and never again. It is kept in clear, apart from the accounts: whoever could
//! read it there reads the whole database, and a key to seal it with would lie beside it on the same disk. Every code
//! that is typed is counted by the same lock-out as passwords.

use super::{actor_name, current, note, office::of_another, shown_password, subject};
use crate::{
    domain::{
        access::{Actor, Role},
        account::Account,
        event::sha256_hex,
        id::Id,
        second_factor::{
            self as totp, RECOVERY_CODES, SECRET_BYTES, folded, matching_step, recovery_code,
        },
        text::Text,
    },
    ops::{Error, Result, Services, sessions},
    store::{Tx, accounts, second_factors as factors, sessions as open},
};

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub enrolled: bool,
    /// The operator wants it of this role.
    pub required: bool,
    /// Recovery codes that are left.
    pub codes: i64,
}

/// What is shown once, for the authenticator app.
pub struct Enrolment {
    pub uri: String,
    /// The secret in letters, for typing.
    pub text: String,
}

impl Enrolment {
    fn of(account: &Account, secret: &[u8]) -> Self {
        Self {
            uri: totp::otpauth(account.login.as_str(), secret),
            text: totp::base32(secret),
        }
    }
}

/// Must this role have one?
pub(in crate::ops) fn is_required(services: &Services, role: Role) -> bool {
    services.access.office_second_factor && matches!(role, Role::Office | Role::Administrator)
}

pub(in crate::ops) async fn is_enrolled(tx: &mut Tx, account: &Id) -> Result<bool> {
    let factor = factors::find(tx, account).await?;
    Ok(factor.is_some_and(|factor| factor.confirmed))
}

/// How an account stands.
pub async fn standing(services: &Services, account: &Account) -> Result<Standing> {
    let mut tx = services.read().await?;
    Ok(Standing {
        enrolled: is_enrolled(&mut tx, &account.id).await?,
        required: is_required(services, account.role),
        codes: factors::count_recovery_codes(&mut tx, &account.id).await?,
    })
}

/// Begins an enrolment; the password is asked for, because whoever finds a browser open must not bind their own phone.
pub async fn begin(services: &Services, id: &Id, password: &str) -> Result<Enrolment> {
    let account = shown_password(services, id, password).await?;
    let secret = services.ids.secret();
    let secret = &secret[..SECRET_BYTES];
    let mut tx = services.db.begin_plain().await?;
    if !factors::begin(&mut tx, id, secret, services.now()).await? {
        return Err(enrolled_already());
    }
    accounts::forget_attempts(&mut tx, &sessions::login_hash(&account.login)).await?;
    tx.commit().await?;
    Ok(Enrolment::of(&account, secret))
}

fn enrolled_already() -> Error {
    Error::fault(
        "",
        "secondFactorExists",
        "已启用两步验证；如要更换，请先停用。",
        "There is a second factor; take it away first to set another.",
    )
}

/// The enrolment that waits for its first code, to be shown again with what was wrong.
pub async fn waiting(services: &Services, id: &Id) -> Result<Option<Enrolment>> {
    let mut tx = services.read().await?;
    let account = current(&mut tx, id).await?;
    let factor = factors::find(&mut tx, id).await?;
    let open = factor.filter(|factor| !factor.confirmed);
    Ok(open.map(|factor| Enrolment::of(&account, &factor.secret)))
}

/// Confirms with a first code; gives the recovery codes, shown this once.
pub async fn confirm(services: &Services, id: &Id, typed: &str) -> Result<Vec<String>> {
    let mut tx = services.read().await?;
    let account = current(&mut tx, id).await?;
    match factors::find(&mut tx, id).await? {
        Some(factor) if !factor.confirmed => {}
        Some(_) => return Err(enrolled_already()),
        None => return Err(code_wrong()),
    }
    drop(tx);
    sessions::attempt(services, &sessions::login_hash(&account.login)).await?;
    let mut tx = services.db.begin_plain().await?;
    take_totp(services, &mut tx, id, &folded(typed)).await?;
    factors::confirm(&mut tx, id).await?;
    let codes = renewed(services, &mut tx, &account).await?;
    let actor = actor_name(id);
    note(&mut tx, services, &actor, "secondFactorSet", &subject(id)).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Ten new recovery codes; the old ones end.
async fn renewed(services: &Services, tx: &mut Tx, account: &Account) -> Result<Vec<String>> {
    let made = (0..RECOVERY_CODES).map(|_| recovery_code(&services.ids.secret()));
    let codes: Vec<String> = made.collect();
    let hashes: Vec<_> = codes.iter().map(|code| hash_of(&folded(code))).collect();
    factors::set_recovery_codes(tx, &account.id, &hashes).await?;
    accounts::forget_attempts(tx, &sessions::login_hash(&account.login)).await?;
    Ok(codes)
}

fn hash_of(code: &str) -> String {
    sha256_hex(code.as_bytes())
}

fn code_wrong() -> Error {
    Error::fault(
        "/code",
        "codeWrong",
        "验证码不正确或已经用过，请等下一个验证码再试。",
        "The code is not right or was used; wait for the next one.",
    )
}

async fn take_totp(services: &Services, tx: &mut Tx, id: &Id, code: &str) -> Result<()> {
    let factor = factors::find(tx, id).await?.ok_or_else(code_wrong)?;
    let step = matching_step(&factor.secret, code, services.now(), factor.last_step)
        .ok_or_else(code_wrong)?;
    // Somebody with the same code may have been quicker.
    if factors::take_step(tx, id, step).await? {
        Ok(())
    } else {
        Err(code_wrong())
    }
}

/// Uses a code up, of the app or for recovery. The attempt has been counted already.
pub(in crate::ops) async fn take(
    services: &Services,
    tx: &mut Tx,
    id: &Id,
    typed: &str,
) -> Result<()> {
    let code = folded(typed);
    if code.len() == 6 {
        return take_totp(services, tx, id, &code).await;
    }
    let now = services.now();
    if !factors::take_recovery_code(tx, id, &hash_of(&code), now).await? {
        return Err(code_wrong());
    }
    let actor = actor_name(id);
    note(tx, services, &actor, "recoveryCodeUsed", &subject(id)).await
}

/// A transaction in which this account has shown a code.
async fn shown(services: &Services, id: &Id, typed: &str) -> Result<(Tx, Account)> {
    let mut tx = services.read().await?;
    let account = current(&mut tx, id).await?;
    if !is_enrolled(&mut tx, id).await? {
        return Err(code_wrong());
    }
    drop(tx);
    sessions::attempt(services, &sessions::login_hash(&account.login)).await?;
    let mut tx = services.db.begin_plain().await?;
    take(services, &mut tx, id, typed).await?;
    Ok((tx, account))
}

/// New recovery codes for whoever shows a code.
pub async fn renew(services: &Services, id: &Id, typed: &str) -> Result<Vec<String>> {
    let (mut tx, account) = shown(services, id, typed).await?;
    let codes = renewed(services, &mut tx, &account).await?;
    let actor = actor_name(id);
    note(
        &mut tx,
        services,
        &actor,
        "recoveryCodesRenewed",
        &subject(id),
    )
    .await?;
    tx.commit().await?;
    Ok(codes)
}

/// Takes one's own second factor away, with a code; not where the operator requires one.
pub async fn remove(services: &Services, id: &Id, typed: &str) -> Result<()> {
    let (mut tx, account) = shown(services, id, typed).await?;
    if is_required(services, account.role) {
        return Err(Error::fault(
            "",
            "secondFactorRequired",
            "主管部门账户必须使用两步验证；更换手机请由另一位主管人员重置。",
            "Accounts of the office must have a second factor; another officer resets it when a phone is changed.",
        ));
    }
    factors::remove(&mut tx, id).await?;
    accounts::forget_attempts(&mut tx, &sessions::login_hash(&account.login)).await?;
    let actor = actor_name(id);
    note(
        &mut tx,
        services,
        &actor,
        "secondFactorRemoved",
        &subject(id),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// An officer takes another's second factor away, and ends the other's sessions: a lost phone.
pub async fn reset(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    let own = Text::new(
        "不能重置自己的两步验证，请由另一位主管人员办理。",
        "Nobody resets their own second factor; another officer does.",
    );
    let (mut tx, _) = of_another(services, actor, id, own).await?;
    if factors::remove(&mut tx, id).await? {
        open::end_all(&mut tx, id).await?;
        note(
            &mut tx,
            services,
            &actor.name,
            "secondFactorReset",
            &subject(id),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}
