//! Two kinds of time: an instant (µs, UTC) says when something became known, a day (Asia/Shanghai) says
//! when it took legal effect. The clock is a value, so that tests and the demo can set it.

use std::sync::{Arc, Mutex};

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};

/// A calendar day as the office counts it: Asia/Shanghai, which has kept UTC+8 without summer time since 1992.
pub type Day = Date;

const SHANGHAI: Offset = jiff::tz::offset(8);

/// A moment in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + seconds * 1_000_000)
    }

    /// The day in Shanghai at this moment.
    pub fn day(self) -> Day {
        SHANGHAI.to_datetime(self.timestamp()).date()
    }

    /// Midnight in Shanghai at which the day begins.
    pub fn start_of(day: Day) -> Self {
        let at = SHANGHAI.to_timestamp(day.to_datetime(jiff::civil::Time::midnight()));
        Self(at.map_or(0, Timestamp::as_microsecond))
    }

    /// Reads RFC 3339 with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        let at: Timestamp = text.trim().parse().ok()?;
        Some(Self(at.as_microsecond()))
    }

    /// RFC 3339 in UTC, as the API shows it.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    /// `2026-03-05 10:00:00（北京时间）`, as letters show it.
    pub fn in_beijing(self) -> String {
        let at = SHANGHAI.to_datetime(self.timestamp());
        format!("{}（北京时间）", at.strftime("%Y-%m-%d %H:%M:%S"))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Where "now" comes from.
#[derive(Clone)]
pub enum Clock {
    System,
    /// Stands still until it is set.
    Fixed(Arc<Mutex<Instant>>),
}

impl Clock {
    pub fn fixed(rfc3339: &str) -> Self {
        let at = rfc3339
            .parse::<Timestamp>()
            .map_or(0, Timestamp::as_microsecond);
        Self::Fixed(Arc::new(Mutex::new(Instant(at))))
    }

    pub fn now(&self) -> Instant {
        match self {
            Self::System => Instant(Timestamp::now().as_microsecond()),
            Self::Fixed(at) => *at.lock().expect("no holder of this lock panics"),
        }
    }

    /// Moves a fixed clock; the system clock stays as it is.
    pub fn set(&self, to: Instant) {
        if let Self::Fixed(at) = self {
            *at.lock().expect("no holder of this lock panics") = to;
        }
    }

    pub fn today(&self) -> Day {
        self.now().day()
    }
}
