//! Two records of one patent become one. A grant outranks a publication, an empty value erases nothing, and
//! importing the same file again changes nothing, whatever duplicates it holds.

use crate::domain::patent::{CheckSource, LegalStatus, Patent, Stage};

/// Whose value wins where both records have one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The incoming record only fills what is empty.
    Fill,
    /// The incoming record's values win.
    Override,
}

impl Mode {
    fn of(existing: Stage, incoming: Stage, seen_in_this_file: bool) -> Self {
        let wins = if seen_in_this_file {
            incoming > existing
        } else {
            incoming >= existing
        };
        if wins { Self::Override } else { Self::Fill }
    }

    fn pick<T: Clone>(self, existing: Option<&T>, incoming: Option<&T>) -> Option<T> {
        match self {
            Self::Fill => existing.or(incoming).cloned(),
            Self::Override => incoming.or(existing).cloned(),
        }
    }

    fn pick_list<T: Clone>(self, existing: &[T], incoming: &[T]) -> Vec<T> {
        let take_incoming = match self {
            Self::Fill => existing.is_empty(),
            Self::Override => !incoming.is_empty(),
        };
        if take_incoming {
            incoming.to_vec()
        } else {
            existing.to_vec()
        }
    }
}

/// The existing record after the incoming one of the same number. `seen_in_this_file`: an earlier row of the
/// same file already brought this number, so that this row must be of a higher stage to replace a value.
pub fn merge(existing: &Patent, incoming: &Patent, seen_in_this_file: bool) -> Patent {
    let mode = Mode::of(existing.stage, incoming.stage, seen_in_this_file);
    let status = if replaces_status(existing, incoming, mode) {
        incoming
    } else {
        existing
    };
    let printed = [existing, incoming]
        .iter()
        .any(|patent| patent.check_source == CheckSource::Printed);
    let title_wins =
        mode == Mode::Override && !incoming.title.is_empty() || existing.title.is_empty();
    Patent {
        number: existing.number.clone(),
        check_source: if printed {
            CheckSource::Printed
        } else {
            CheckSource::Computed
        },
        kind: existing.kind,
        title: if title_wins {
            incoming.title.clone()
        } else {
            existing.title.clone()
        },
        abstract_text: mode.pick(
            existing.abstract_text.as_ref(),
            incoming.abstract_text.as_ref(),
        ),
        main_claim: mode.pick(existing.main_claim.as_ref(), incoming.main_claim.as_ref()),
        ipc: mode.pick_list(&existing.ipc, &incoming.ipc),
        locarno: mode.pick_list(&existing.locarno, &incoming.locarno),
        industries: mode.pick_list(&existing.industries, &incoming.industries),
        applicants: mode.pick_list(&existing.applicants, &incoming.applicants),
        owners: mode.pick_list(&existing.owners, &incoming.owners),
        inventors: mode.pick_list(&existing.inventors, &incoming.inventors),
        filing_date: mode.pick(existing.filing_date.as_ref(), incoming.filing_date.as_ref()),
        publication_number: mode.pick(
            existing.publication_number.as_ref(),
            incoming.publication_number.as_ref(),
        ),
        publication_date: mode.pick(
            existing.publication_date.as_ref(),
            incoming.publication_date.as_ref(),
        ),
        grant_number: mode.pick(
            existing.grant_number.as_ref(),
            incoming.grant_number.as_ref(),
        ),
        grant_date: mode.pick(existing.grant_date.as_ref(), incoming.grant_date.as_ref()),
        stage: existing.stage.max(incoming.stage),
        legal_status: status.legal_status,
        status_text: status.status_text.clone(),
        status_as_of: status.status_as_of,
        status_source: status.status_source.clone(),
        region: mode.pick(existing.region.as_ref(), incoming.region.as_ref()),
        fictional: existing.fictional || incoming.fictional,
    }
}

/// Status, its text and its day move together. Unknown never replaces known, older never newer, undated
/// never dated.
fn replaces_status(existing: &Patent, incoming: &Patent, mode: Mode) -> bool {
    let says = |patent: &Patent| {
        patent.legal_status != LegalStatus::Unknown || patent.status_text.is_some()
    };
    let known = |patent: &Patent| patent.legal_status != LegalStatus::Unknown;
    if !says(incoming) {
        return false;
    }
    if !says(existing) {
        return true;
    }
    if known(existing) && !known(incoming) {
        return false;
    }
    match (existing.status_as_of, incoming.status_as_of) {
        (Some(_), None) => return false,
        (Some(have), Some(new)) if new < have => return false,
        _ => {}
    }
    mode == Mode::Override || (known(incoming) && !known(existing))
}
