//! The desk: the pages on which a holder or an enterprise does its own work, under one navigation that shows each of
//! them what is theirs.

mod appraisals;
mod cards;
mod choices;
mod conflicts;
mod consents;
mod declarations;
mod disputes;
pub mod due;
mod enquiries;
mod events;
mod fees;
mod home;
mod imports;
mod inventory;
mod licences;
mod needs;
mod papers;
mod questionnaire;
mod review;
mod stock;
mod sub_units;
mod submissions;
pub mod tables;
mod tasks;

use askama::Template;
use axum::{
    Router,
    routing::{get, post},
};

use super::{Web, session::Member, visitor::Visitor};
use crate::{domain::access::Role, ops::Services};

/// The desk's pages.
pub fn router(services: &Services) -> Router<Web> {
    Router::new()
        .route("/desk", get(home::show))
        .route("/desk/stock", get(stock::show))
        .route("/desk/stock/sheet", get(stock::sheet))
        .route("/desk/stock/edit", post(stock::edit))
        .route("/desk/tasks", get(tasks::show))
        .route("/desk/review", get(review::show))
        .route(
            "/desk/review/settings",
            get(review::settings).post(review::set),
        )
        .route("/desk/inventory/{id}/steps", post(inventory::step))
        .route(
            "/desk/inventory/{id}",
            get(inventory::show).post(inventory::update),
        )
        .merge(imports::router(services))
        .route("/desk/appraisals", get(appraisals::show))
        .merge(cards::router(services))
        .route("/desk/conflicts", get(conflicts::show))
        .route("/desk/conflicts/{id}", post(conflicts::resolve))
        .route("/desk/consents", get(consents::show))
        .route("/desk/consents/{id}", post(consents::answer))
        .merge(due::router(services))
        .merge(events::router(services))
        .merge(fees::router(services))
        .merge(papers::router())
        .merge(submissions::router(services))
        .route("/desk/units", get(sub_units::list))
        .route("/desk/units/defaults", post(sub_units::fill))
        .route(
            "/desk/units/new",
            get(sub_units::begin).post(sub_units::create),
        )
        .route(
            "/desk/units/{code}",
            get(sub_units::show).post(sub_units::update),
        )
        .merge(questionnaire::router(services))
        .merge(declarations::router(services))
        .route("/desk/needs", get(needs::list).post(needs::create))
        .route("/desk/needs/{id}", get(needs::show).post(needs::update))
        .route("/desk/needs/{id}/steps", post(needs::step))
        .route("/desk/needs/{id}/feedback", post(needs::feedback))
        .merge(licences::router(services))
        .merge(enquiries::router())
        .merge(disputes::router(services))
}

/// One of the desk's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Home,
    Stock,
    Review,
    Cards,
    Fees,
    Appraisals,
    Imports,
    Due,
    Platforms,
    Declarations,
    Consents,
    Licences,
    Enquiries,
    Needs,
    Tasks,
}

impl Entry {
    const ALL: [Self; 15] = [
        Self::Home,
        Self::Stock,
        Self::Review,
        Self::Cards,
        Self::Fees,
        Self::Appraisals,
        Self::Imports,
        Self::Due,
        Self::Platforms,
        Self::Declarations,
        Self::Consents,
        Self::Licences,
        Self::Enquiries,
        Self::Needs,
        Self::Tasks,
    ];

    const fn address(self) -> &'static str {
        match self {
            Self::Home => "/desk",
            Self::Stock => "/desk/stock",
            Self::Review => "/desk/review",
            Self::Cards => "/desk/cards",
            Self::Fees => "/desk/fees",
            Self::Appraisals => "/desk/appraisals",
            Self::Imports => "/desk/imports",
            Self::Due => "/desk/due",
            Self::Platforms => "/desk/platforms",
            Self::Declarations => "/desk/declarations",
            Self::Consents => "/desk/consents",
            Self::Licences => "/desk/licences",
            Self::Enquiries => "/desk/enquiries",
            Self::Needs => "/desk/needs",
            Self::Tasks => "/desk/tasks",
        }
    }

    fn label(self, v: &Visitor) -> &'static str {
        match self {
            Self::Home => v.t("概览", "Overview"),
            Self::Stock => v.t("存量", "Stock"),
            Self::Review => v.t("盘点审核", "Review"),
            Self::Cards => v.t("卡片", "Cards"),
            Self::Fees => v.t("年费", "Fees"),
            Self::Appraisals => v.t("分级", "Grading"),
            Self::Imports => v.t("导入", "Imports"),
            Self::Due => v.t("应盘点", "Due"),
            Self::Platforms => v.t("报送", "Platforms"),
            Self::Declarations => v.t("声明", "Declarations"),
            Self::Consents => v.t("同意", "Consents"),
            Self::Licences => v.t("许可", "Licences"),
            Self::Enquiries => v.t("询问", "Enquiries"),
            Self::Needs => v.t("需求", "Needs"),
            Self::Tasks => v.t("待办", "Tasks"),
        }
    }

    const fn is_for(self, role: Role) -> bool {
        match self {
            Self::Home | Self::Consents | Self::Licences | Self::Enquiries | Self::Tasks => true,
            Self::Stock
            | Self::Review
            | Self::Cards
            | Self::Fees
            | Self::Appraisals
            | Self::Imports
            | Self::Due
            | Self::Platforms => {
                matches!(role, Role::Holder)
            }
            Self::Declarations => !matches!(role, Role::Enterprise),
            Self::Needs => !matches!(role, Role::Holder),
        }
    }
}

/// The navigation of the desk, written into a page with `{{ nav|safe }}`.
#[derive(Template)]
#[template(path = "desknav.html")]
pub struct Nav {
    name: &'static str,
    entries: Vec<Link>,
}

/// An entry of a navigation.
pub struct Link {
    pub label: &'static str,
    pub href: &'static str,
    pub current: bool,
}

impl Nav {
    /// The navigation of another part of the house.
    pub const fn of(name: &'static str, entries: Vec<Link>) -> Self {
        Self { name, entries }
    }

    pub fn new(v: &Visitor, member: &Member, current: Entry) -> Self {
        let role = member.actor.role;
        // A narrower duty opens the records it covers and no other part of the desk.
        let is_narrow = member.actor.is_narrow();
        let entries = Entry::ALL
            .into_iter()
            .filter(|entry| entry.is_for(role) && (!is_narrow || *entry == Entry::Review));
        Self {
            name: v.t("工作台", "Desk"),
            entries: entries
                .map(|entry| Link {
                    label: entry.label(v),
                    href: entry.address(),
                    current: entry == current,
                })
                .collect(),
        }
    }
}
