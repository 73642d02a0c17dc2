//! What the parameters of a search ask for. The one place where the names of the search's parameters become
//! a question: `GET /v1/patents`, its export and the page `/patents` all read them here, and so do other lists and their
//! files.

use super::{
    Error, Fault, Result, Services, audit, declarations, holdings, licences, organisations,
    params::{Params, excerpt},
    patents,
};
use crate::domain::{
    access::Actor,
    account::Outcome,
    codes::{AppNo, Ipc, industry},
    declaration::{DeclarationState, KnowHowKind},
    holding::{Conversion, HoldingState},
    id::Id,
    licence::LicenceState,
    money::Fen,
    need::NeedState,
    patent::{LegalStatus, PatentKind},
    search::{Cursor, DayRange, FacetField, Filters, MAX_LIMIT, NeedQuery, Query, Sort},
    terms::{FeeMode, MAX_FEN},
};

/// Takes the search's parameters out of `params`. Everything that is wrong with them is told at once.
pub async fn query(services: &Services, actor: &Actor, params: &mut Params) -> Result<Query> {
    let mut faults = Faults::default();
    let mut query = Query::new("", actor.sight(), services.clock.today());
    query.text = faults.keep(params.take("q")).unwrap_or_default();
    query.filters = filters(params, &mut faults);
    query.filters.holders = holders(services, actor, params, &mut faults).await?;
    let sorts = params.word("sort", Sort::parse, &Sort::ALL.map(Sort::as_str));
    query.sort = faults.keep(sorts).unwrap_or_default();
    let facets = params.words(
        "facet",
        FacetField::parse,
        &FacetField::ALL.map(FacetField::as_str),
    );
    query.facets = faults.keep(facets);
    query.facets.dedup();
    query.limit = faults
        .keep(params.number("limit", 1..=MAX_LIMIT))
        .unwrap_or(query.limit);
    query.cursor = faults.keep(params.take("after")).map(Cursor);
    if faults.0.is_empty() {
        Ok(query)
    } else {
        Err(Error::Parameters(faults.0))
    }
}

fn filters(params: &mut Params, faults: &mut Faults) -> Filters {
    let ipc_examples = ["H", "H01", "H01M", "H01M50", "H01M50/533"];
    let kinds = PatentKind::ALL.map(PatentKind::as_str);
    let conversions = Conversion::ALL.map(Conversion::as_str);
    let statuses = LegalStatus::ALL.map(LegalStatus::as_str);
    let modes = FeeMode::ALL.map(FeeMode::as_str);
    let helps = KnowHowKind::ALL.map(KnowHowKind::as_str);
    let most_yuan = MAX_FEN.0 / 100;
    Filters {
        kinds: faults.keep(params.words("kind", PatentKind::parse, &kinds)),
        ipc: faults.keep(params.words("ipc", |text| Ipc::prefix(text).ok(), &ipc_examples)),
        holders: Vec::new(),
        applicants: params
            .take_all("applicant")
            .into_iter()
            .filter(|name| !name.trim().is_empty())
            .collect(),
        regions: faults.keep(params.words("region", region, &["37", "3710", "371002"])),
        industries: faults.keep(params.words("industry", industry::parse, &["C", "C35", "C3511"])),
        conversions: faults.keep(params.words("conversion", Conversion::parse, &conversions)),
        legal_statuses: faults.keep(params.words("legalStatus", LegalStatus::parse, &statuses)),
        filed: DayRange {
            from: faults.keep(params.day("filedFrom")),
            to: faults.keep(params.day("filedTo")),
        },
        granted: DayRange {
            from: faults.keep(params.day("grantedFrom")),
            to: faults.keep(params.day("grantedTo")),
        },
        in_term: faults.keep(yes_or_no(params, "inTerm")),
        term_left_years_at_least: faults.keep(params.number("termLeftAtLeast", 1..=20)),
        on_offer: faults.keep(yes_or_no(params, "onOffer")),
        free: faults.keep(yes_or_no(params, "free")),
        fee_at_most_fen: faults
            .keep(params.number("feeAtMost", 0..=most_yuan))
            .map(|yuan| Fen::yuan(yuan).0),
        fee_modes: faults.keep(params.words("feeMode", FeeMode::parse, &modes)),
        know_how: faults.keep(params.words("knowHow", KnowHowKind::parse, &helps)),
    }
}

/// Takes the parameters of a question about needs: `GET /v1/needs` and the page `/needs` read them here.
pub fn need_query(services: &Services, actor: &Actor, params: &mut Params) -> Result<NeedQuery> {
    let mut faults = Faults::default();
    let mut query = NeedQuery::new(actor.sight(), services.clock.today());
    let states = NeedState::ALL.map(NeedState::as_str);
    let examples = ["C", "C35", "C3511"];
    query.text = faults.keep(params.take("q")).unwrap_or_default();
    query.industries = faults.keep(params.words("industry", industry::parse, &examples));
    query.regions = faults.keep(params.words("region", region, &["37", "3710", "371002"]));
    query.organisations = faults.keep(params.words("organisation", Id::parse, &["an id"]));
    query.states = faults.keep(params.words("state", NeedState::parse, &states));
    query.open = faults.keep(yes_or_no(params, "open")).unwrap_or_default();
    query.limit = faults
        .keep(params.number("limit", 1..=MAX_LIMIT))
        .unwrap_or(query.limit);
    query.cursor = faults.keep(params.take("after")).map(Cursor);
    if faults.0.is_empty() {
        Ok(query)
    } else {
        Err(Error::Parameters(faults.0))
    }
}

/// Takes the parameters of a list of declarations: the organisation as it was named, and the filter.
pub fn declarations(
    params: &mut Params,
) -> Result<(Option<String>, declarations::DeclarationFilter)> {
    let organisation = params.take("organisation")?;
    let states = DeclarationState::ALL.map(DeclarationState::as_str);
    let filter = declarations::DeclarationFilter {
        number: number(params)?,
        state: params.word("state", DeclarationState::parse, &states)?,
        must_withdraw: yes_or_no(params, "mustWithdraw")?.unwrap_or_default(),
        ..declarations::DeclarationFilter::default()
    };
    Ok((organisation, filter))
}

/// The sides of licences as a list's parameters name them, by id or USCC.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    pub holder: Option<String>,
    pub licensee: Option<String>,
    /// Holder or licensee.
    pub party: Option<String>,
}

/// Takes the parameters of a list of licences: the sides as they were named, and the filter.
pub fn licences(params: &mut Params) -> Result<(Sides, licences::LicenceFilter)> {
    let sides = Sides {
        holder: params.take("holder")?,
        licensee: params.take("licensee")?,
        party: params.take("party")?,
    };
    let states = LicenceState::ALL.map(LicenceState::as_str);
    let filter = licences::LicenceFilter {
        declaration: params.word("declaration", Id::parse, &["UUID"])?,
        number: number(params)?,
        state: params.word("state", LicenceState::parse, &states)?,
        ..licences::LicenceFilter::default()
    };
    Ok((sides, filter))
}

/// Takes the parameters of a list of holdings: the organisation as it was named, and the filter.
pub fn holdings(params: &mut Params) -> Result<(Option<String>, holdings::HoldingFilter)> {
    let organisation = params.take("organisation")?;
    let states = HoldingState::ALL.map(HoldingState::as_str);
    let conversions = Conversion::ALL.map(Conversion::as_str);
    let filter = holdings::HoldingFilter {
        organisation: None,
        state: params.word("state", HoldingState::parse, &states)?,
        conversion: params.word("conversion", Conversion::parse, &conversions)?,
    };
    Ok((organisation, filter))
}

/// Takes the parameters of a list of the audit.
pub fn audit(params: &mut Params) -> Result<audit::Asked> {
    let outcomes = Outcome::ALL.map(Outcome::as_str);
    Ok(audit::Asked {
        who: params.take("who")?,
        what: params.take("what")?,
        subject: params.take("subject")?,
        outcome: params.word("result", Outcome::parse, &outcomes)?,
        from: params.day("from")?,
        until: params.day("until")?,
    })
}

/// An application number in any notation.
fn number(params: &mut Params) -> Result<Option<AppNo>> {
    let text = params.take("number")?;
    text.map(|text| patents::parse_number(&text)).transpose()
}

fn yes_or_no(params: &mut Params, name: &str) -> std::result::Result<Option<bool>, Fault> {
    params.word(name, |text| text.parse().ok(), &["true", "false"])
}

/// Organisations by id or USCC.
async fn holders(
    services: &Services,
    actor: &Actor,
    params: &mut Params,
    faults: &mut Faults,
) -> Result<Vec<Id>> {
    let mut ids = Vec::new();
    for reference in faults.keep(params.list("holder")) {
        match organisations::get(services, actor, &reference).await {
            Ok(found) => ids.push(found.value.id),
            Err(Error::NotFound(_)) => faults.0.push(Fault::new(
                "?holder",
                "unknownOrganisation",
                format!("没有登记“{}”这个单位。", excerpt(&reference)),
                format!("No organisation {:?} is registered.", excerpt(&reference)),
            )),
            Err(other) => return Err(other),
        }
    }
    Ok(ids)
}

/// A region code at province, city or district level.
fn region(text: &str) -> Option<String> {
    (matches!(text.len(), 2 | 4 | 6) && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.to_owned())
}

/// All that is wrong so far.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn keep<T: Default>(&mut self, read: std::result::Result<T, Fault>) -> T {
        read.unwrap_or_else(|fault| {
            self.0.push(fault);
            T::default()
        })
    }
}
