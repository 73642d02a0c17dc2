//! Annual fees and reductions that differ from the built-in ones.

use serde::Deserialize;

/// Annual fees and their reductions where they differ from the built-in tables of the patent office.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnnualFees {
    /// `[[1, 3, 900], [4, 6, 1200], …]`: from year, to year, yuan a year.
    pub invention: Option<FeeBands>,
    pub utility_model: Option<FeeBands>,
    pub design: Option<FeeBands>,
    /// What each month after the first adds to a late fee, basis points of the full fee.
    pub late_step_bp: Option<BasisPoints>,
    /// 费减, one applicant and co-owners, basis points off.
    pub single_bp: Option<BasisPoints>,
    pub joint_bp: Option<BasisPoints>,
    /// Years that a reduction covers, the year of grant counted.
    pub reduced_years: Option<u8>,
    /// 开放许可实施期间, basis points off.
    pub open_licence_bp: Option<BasisPoints>,
}

/// A table of fees: its years follow one another from the first.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Vec<[u32; 3]>")]
pub struct FeeBands(Vec<[u32; 3]>);

impl FeeBands {
    /// From year, to year, yuan a year.
    pub fn bands(&self) -> impl Iterator<Item = (u8, u8, i64)> {
        let year = |year: u32| u8::try_from(year).unwrap_or(u8::MAX);
        let bands = self.0.iter();
        bands.map(move |[from, to, yuan]| (year(*from), year(*to), i64::from(*yuan)))
    }
}

impl TryFrom<Vec<[u32; 3]>> for FeeBands {
    type Error = &'static str;
    fn try_from(bands: Vec<[u32; 3]>) -> Result<Self, Self::Error> {
        let mut next = 1;
        for [from, to, yuan] in &bands {
            if *from != next || to < from || *to > 30 || *yuan > 1_000_000 {
                return Err("the years of a fee table follow one another from 1, with yuan a year");
            }
            next = to + 1;
        }
        if bands.is_empty() {
            return Err("a fee table has a year at least");
        }
        Ok(Self(bands))
    }
}

/// A share of at most the whole.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub struct BasisPoints(u32);

impl BasisPoints {
    pub fn value(self) -> i64 {
        i64::from(self.0)
    }
}

impl TryFrom<u32> for BasisPoints {
    type Error = &'static str;
    fn try_from(share: u32) -> Result<Self, Self::Error> {
        (share <= 10_000)
            .then_some(Self(share))
            .ok_or("basis points are at most 10000")
    }
}
