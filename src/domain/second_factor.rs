//! The second factor of a sign-in: codes of six digits by time (RFC 6238, HMAC-SHA1, 30 seconds) as every authenticator
//! app computes them, and recovery codes for whoever has lost the app. Pure computation; what was used stands elsewhere.

use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

use super::time::Instant;

/// Seconds of one time step.
const STEP_SECONDS: i64 = 30;
/// Clocks differ: the step before and the one after are taken too.
const LEEWAY_STEPS: i64 = 1;
/// RFC 4226 §4 R6 recommends 160 bits.
pub const SECRET_BYTES: usize = 20;
/// Recovery codes of an account.
pub const RECOVERY_CODES: usize = 10;
const RECOVERY_BYTES: usize = 10;

/// The time step at a moment.
pub const fn step_at(now: Instant) -> i64 {
    now.micros().div_euclid(STEP_SECONDS * 1_000_000)
}

/// The code of a time step: RFC 4226 §5.3 over the step's number.
pub fn code(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("a key of any length fits");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let word = [
        digest[at] & 0x7f,
        digest[at + 1],
        digest[at + 2],
        digest[at + 3],
    ];
    format!("{:06}", u32::from_be_bytes(word) % 1_000_000)
}

/// The step near now whose code this is, later than the last one used: no code opens twice.
pub fn matching_step(secret: &[u8], typed: &str, now: Instant, last_used: i64) -> Option<i64> {
    let here = step_at(now);
    let steps = here - LEEWAY_STEPS..=here + LEEWAY_STEPS;
    let mut found = None;
    // Every step is computed, so that the time taken tells nothing of which one fits.
    for step in steps {
        let fits = differs(code(secret, step).as_bytes(), typed.as_bytes()) == 0;
        if fits && step > last_used {
            found = Some(step);
        }
    }
    found
}

fn differs(one: &[u8], other: &[u8]) -> u8 {
    if one.len() != other.len() {
        return 1;
    }
    one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b))
}

/// RFC 4648 without padding, as authenticator apps want a secret typed.
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(LETTERS[((held >> bits) & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(char::from(LETTERS[((held << (5 - bits)) & 31) as usize]));
    }
    out
}

/// What the QR code says: whose secret it is and how codes are made of it.
pub fn otpauth(login: &str, secret: &[u8]) -> String {
    let login = utf8_percent_encode(login, NON_ALPHANUMERIC);
    let secret = base32(secret);
    format!(
        "otpauth://totp/Kaixu:{login}?secret={secret}&issuer=Kaixu&algorithm=SHA1&digits=6&period=30"
    )
}

/// What was typed: marks between the characters mean nothing, nor does case.
pub fn folded(typed: &str) -> String {
    let kept = typed.chars().filter(char::is_ascii_alphanumeric).take(40);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

/// A recovery code from 80 random bits, in groups of four.
pub fn recovery_code(random: &[u8; 32]) -> String {
    let text = base32(&random[..RECOVERY_BYTES]);
    let groups: Vec<_> = text
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect();
    groups.join("-")
}
