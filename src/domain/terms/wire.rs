//! The JSON of terms on its way in: one flat record, so that a value of the wrong kind is named by its own JSON
//! pointer; a field that is unknown, missing or of another mode is refused by name.

use serde::Deserialize;

use super::{FeeMode, Part, Royalty, RoyaltyBase, Stage, Terms};
use crate::domain::money::Fen;

/// Every field that terms of any mode have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fields {
    mode: FeeMode,
    amount_fen: Option<Fen>,
    parts: Option<Vec<Part>>,
    every_months: Option<u32>,
    base: Option<RoyaltyBase>,
    rate_bp: Option<u32>,
    pay_within_days: Option<u32>,
    floor_fen: Option<Fen>,
    cap_fen: Option<Fen>,
    entry_fen: Option<Fen>,
    royalty: Option<Royalty>,
    stages: Option<Vec<Stage>>,
}

/// A royalty that stands by itself. `Royalty` cannot refuse unknown fields on its own: as terms it has a `mode`
/// beside its fields, and its schema must allow that.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoyaltyFields {
    base: RoyaltyBase,
    rate_bp: u32,
    every_months: u32,
    pay_within_days: u32,
    floor_fen: Option<Fen>,
    cap_fen: Option<Fen>,
}

impl From<RoyaltyFields> for Royalty {
    fn from(fields: RoyaltyFields) -> Self {
        Self {
            base: fields.base,
            rate_bp: fields.rate_bp,
            every_months: fields.every_months,
            pay_within_days: fields.pay_within_days,
            floor_fen: fields.floor_fen,
            cap_fen: fields.cap_fen,
        }
    }
}

impl Fields {
    /// The name of a field that nobody has taken.
    fn left(&self) -> Option<&'static str> {
        [
            ("amountFen", self.amount_fen.is_some()),
            ("parts", self.parts.is_some()),
            ("everyMonths", self.every_months.is_some()),
            ("base", self.base.is_some()),
            ("rateBp", self.rate_bp.is_some()),
            ("payWithinDays", self.pay_within_days.is_some()),
            ("floorFen", self.floor_fen.is_some()),
            ("capFen", self.cap_fen.is_some()),
            ("entryFen", self.entry_fen.is_some()),
            ("royalty", self.royalty.is_some()),
            ("stages", self.stages.is_some()),
        ]
        .into_iter()
        .find_map(|(name, given)| given.then_some(name))
    }
}

/// Takes a field that this mode must have.
fn take<T>(field: &mut Option<T>, name: &str) -> Result<T, String> {
    field
        .take()
        .ok_or_else(|| format!("missing field `{name}`"))
}

impl TryFrom<Fields> for Terms {
    type Error = String;

    fn try_from(mut fields: Fields) -> Result<Self, String> {
        let f = &mut fields;
        let terms = match f.mode {
            FeeMode::Free => Self::Free,
            FeeMode::LumpSum => Self::LumpSum {
                amount_fen: take(&mut f.amount_fen, "amountFen")?,
            },
            FeeMode::Instalments => Self::Instalments {
                parts: take(&mut f.parts, "parts")?,
            },
            FeeMode::PerPeriod => Self::PerPeriod {
                amount_fen: take(&mut f.amount_fen, "amountFen")?,
                every_months: take(&mut f.every_months, "everyMonths")?,
            },
            FeeMode::Royalty => Self::Royalty(Royalty {
                base: take(&mut f.base, "base")?,
                rate_bp: take(&mut f.rate_bp, "rateBp")?,
                every_months: take(&mut f.every_months, "everyMonths")?,
                pay_within_days: take(&mut f.pay_within_days, "payWithinDays")?,
                floor_fen: f.floor_fen.take(),
                cap_fen: f.cap_fen.take(),
            }),
            FeeMode::EntryAndRoyalty => Self::EntryAndRoyalty {
                entry_fen: take(&mut f.entry_fen, "entryFen")?,
                royalty: take(&mut f.royalty, "royalty")?,
            },
            FeeMode::Stages => Self::Stages {
                stages: take(&mut f.stages, "stages")?,
            },
        };
        match fields.left() {
            None => Ok(terms),
            Some(name) => Err(format!(
                "field `{name}` does not belong to mode `{}`",
                fields.mode.as_str()
            )),
        }
    }
}
