//! `/office/coverage`: what every holder has registered of what is due, and for the district; each holder leads to its
//! numbers, and a holder that has said nothing can be named by its code.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::Officer;
use crate::{
    domain::due::DueBasis,
    ops::coverage::{self, DistrictCoverage},
    web::{
        Web,
        desk::due::{grouped, percent},
        errors,
        nav::{Nav, Tab},
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "office_coverage.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    rows: Vec<Row>,
    total: Row,
}

/// One holder's figures.
pub struct Row {
    pub name: String,
    pub href: String,
    pub registered: String,
    pub due: String,
    pub percent: String,
    pub as_of: String,
    pub source: String,
    pub basis: &'static str,
}

/// `GET /office/coverage`
pub async fn show(State(web): State<Web>, officer: Officer, visitor: Visitor) -> Response {
    let found = coverage::coverage(&web.services, &officer.0.actor, None).await;
    match found {
        Ok(found) => {
            let page = Page {
                v: &visitor,
                nav: Nav::new(&visitor, &officer.0, Tab::Coverage),
                rows: rows(&visitor, &found),
                total: total(&visitor, &found),
            };
            visitor.form_page(StatusCode::OK, &page)
        }
        Err(error) => errors::page(&visitor, &error),
    }
}

fn rows(v: &Visitor, found: &DistrictCoverage) -> Vec<Row> {
    let row = |holder: &coverage::HolderCoverage| Row {
        name: holder.name.clone(),
        href: format!("/desk/due?holder={}", holder.organisation),
        registered: grouped(holder.registered),
        due: grouped(holder.due),
        percent: percent(holder.share_bp()).unwrap_or_default(),
        as_of: holder.as_of.to_string(),
        source: holder.source.clone(),
        basis: match holder.basis {
            DueBasis::Stated if holder.by_office => v.t("主管部门说明", "Stated by the office"),
            basis => v.t(basis.zh(), basis.en()),
        },
    };
    found.holders.iter().map(row).collect()
}

fn total(v: &Visitor, found: &DistrictCoverage) -> Row {
    Row {
        name: v.t("合计", "All together").to_owned(),
        href: String::new(),
        registered: grouped(found.registered),
        due: grouped(found.due),
        percent: percent(found.share_bp()).unwrap_or_default(),
        as_of: String::new(),
        source: String::new(),
        basis: "",
    }
}
