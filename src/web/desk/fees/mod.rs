//! `/desk/fees`: the annual fees of the stock: what is late, what falls due month by month, what keeping it costs, the
//! sheet for paying and the sheet of what was paid; and `/desk/fees/{number}`, one patent year by year.

mod list;
mod one;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::{
    domain::{
        annuity::{FeeStanding, FeeState, ReductionClass},
        money::Fen,
    },
    ops::Services,
    web::{Web, upload, visitor::Visitor, words::grouped},
};

const HERE: &str = "/desk/fees";
const CLASS: &str = "/desk/fees/reduction";

/// The pages of annual fees.
pub fn router(services: &Services) -> Router<Web> {
    let uploading = Router::new()
        .route(HERE, post(list::send))
        .layer(DefaultBodyLimit::max(upload::import_bytes(services)));
    Router::new()
        .route(HERE, get(list::show))
        .route("/desk/fees/sheet", get(list::sheet))
        .route(CLASS, post(list::set_class))
        .route("/desk/fees/{number}", get(one::show).post(one::pay))
        .route("/desk/fees/{number}/reduction", post(one::set_own))
        .merge(uploading)
}

/// Yuan as a page shows it.
pub fn yuan(fen: Fen) -> String {
    let whole = grouped((fen.0 / 100).unsigned_abs());
    match fen.0 % 100 {
        0 => whole,
        cents => format!("{whole}.{cents:02}"),
    }
}

/// A class and its words, to choose.
fn classes(v: &Visitor) -> Vec<(&'static str, String)> {
    let class = |class: ReductionClass| (class.as_str(), v.t(class.zh(), class.en()).to_owned());
    ReductionClass::ALL.map(class).into()
}

/// What the amount is made of, where it is not the full fee.
fn note(v: &Visitor, standing: &FeeStanding) -> Option<String> {
    let next = standing.next?;
    let mut parts = Vec::new();
    if next.reduction_bp > 0 {
        let percent = next.reduction_bp / 100;
        parts.push(if next.by_licence {
            format!("{} {percent}%", v.t("开放许可减", "open licence, less"))
        } else {
            format!("{} {percent}%", v.t("费减", "reduced by"))
        });
    }
    if standing.late_fen > Fen::ZERO && standing.state != FeeState::Lapsed {
        let late = yuan(standing.late_fen);
        parts.push(format!("{} {late}", v.t("含滞纳金", "with a late fee of")));
    }
    (!parts.is_empty()).then(|| parts.join(v.t("，", ", ")))
}
