//! The fees of one patent, year by year, with the forms for a payment and for its own reduction.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{HERE, classes, note, yuan};
use crate::{
    domain::{
        annuity::{FeePayment, FeeState, ReductionClass},
        money::Fen,
    },
    ops::{
        self, Error,
        annuities::{self, Said, Shown},
        patents,
    },
    web::{
        Web,
        desk::{Nav, Tab, choices::word},
        errors,
        form::{Field, Form, FormView, day, status_of},
        session::{Member, see_other},
        visitor::Visitor,
        words::{self},
    },
};

#[derive(Template)]
#[template(path = "desk_fee.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    title: String,
    number: String,
    patent_href: String,
    fictional: bool,
    state: &'static str,
    late: bool,
    paid: Option<String>,
    due: Option<(String, String, String)>,
    note: Option<String>,
    /// Whether a filed open licence spares anything in the next fee; `None` without one.
    licence: Option<String>,
    years: Vec<Year>,
    pay: FormView,
    class: FormView,
}

/// One year of the table.
struct Year {
    year: u8,
    due: String,
    full: String,
    rate: String,
    fee: String,
    paid: Option<String>,
    next: bool,
}

/// `GET /desk/fees/{number}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Response {
    page(&web, &member, &visitor, &number, None).await
}

async fn page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    number: &str,
    failed: Option<(&Form, &Error, &str)>,
) -> Response {
    let built = async {
        let number = patents::parse_number(number)?;
        annuities::get(&web.services, &member.actor, &number, None).await
    };
    match built.await {
        Ok(shown) => {
            let status = failed.and_then(|(_, error, _)| status_of(error));
            let page = Page::new(v, member, &shown, failed);
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

impl<'a> Page<'a> {
    fn new(
        v: &'a Visitor,
        member: &Member,
        shown: &Shown,
        failed: Option<(&Form, &Error, &str)>,
    ) -> Self {
        let standing = &shown.standing;
        let action = format!("{HERE}/{}", shown.patent.number);
        let own = format!("{action}/reduction");
        let version = shown.record.version.to_string();
        let form = |view: FormView, action: &str| match failed {
            Some((sent, error, place)) if place == action => view.filled(sent, error),
            _ => view,
        };
        let (_, number) = words::number(shown.patent.legal_status, &shown.patent.number);
        let is_lost = standing.state == FeeState::Lapsed;
        let to_pay = |next: crate::domain::annuity::YearFee| {
            let amount = if is_lost {
                v.t(
                    "权利可能已终止，请先核实",
                    "the right may have ended; check first",
                )
                .to_owned()
            } else {
                format!("{} {}", yuan(standing.to_pay()), v.t("元", "yuan"))
            };
            (next.year.to_string(), next.due.to_string(), amount)
        };
        let pay = FormView::new(
            v,
            &action,
            v.t("登记缴费", "Record a payment"),
            pay_fields(v, shown),
        );
        let class = FormView::new(v, &own, v.t("保存", "Save"), class_fields(v, shown));
        Self {
            v,
            nav: Nav::new(v, member, Tab::Fees),
            title: shown.patent.title.clone(),
            number,
            patent_href: format!("/patents/{}", shown.patent.number),
            fictional: shown.patent.fictional,
            state: v.t(standing.state.zh(), standing.state.en()),
            late: matches!(standing.state, FeeState::Grace | FeeState::Lapsed),
            paid: standing.paid_through.map(|(year, basis)| {
                let known = v.t(basis.zh(), basis.en());
                format!("{} {year}{}（{known}）", v.t("第", "year"), v.t(" 年", ""))
            }),
            due: standing.next.map(to_pay),
            note: note(v, standing),
            licence: licence(v, shown),
            years: years(shown),
            pay: form(pay.hide("version", &version), &action),
            class: form(class.hide("version", &version), &own),
        }
    }
}

/// What a filed open licence spares in the next fee, honestly also where that is nothing.
fn licence(v: &Visitor, shown: &Shown) -> Option<String> {
    let next = shown.standing.next.filter(|_| !shown.open.is_empty())?;
    Some(if next.saved_fen > Fen::ZERO {
        format!(
            "{} {} {}",
            v.t(
                "已备案的开放许可为下一笔年费节省",
                "The filed open licence spares"
            ),
            yuan(next.saved_fen),
            v.t("元。", "yuan in the next fee.")
        )
    } else if next.reduction_bp > 0 && !next.by_licence {
        v.t("已备案开放许可，但费减比例更高，两者不叠加：开放许可节省 0 元。", "An open licence is filed, but the other reduction is higher and they do not add up: it spares 0 yuan.").to_owned()
    } else {
        v.t(
            "已备案开放许可，但下一笔年费不在其减缴范围内：节省 0 元。",
            "An open licence is filed, but the next fee is outside its period: it spares 0 yuan.",
        )
        .to_owned()
    })
}

fn years(shown: &Shown) -> Vec<Year> {
    let payments = &shown.record.value.payments;
    let next = shown.standing.next.map(|next| next.year);
    let year = |fee: &crate::domain::annuity::YearFee| {
        let paid = payments.iter().find(|payment| payment.year == fee.year);
        Year {
            year: fee.year,
            due: fee.due.to_string(),
            full: yuan(fee.full_fen),
            rate: format!("{}%", fee.reduction_bp / 100),
            fee: yuan(fee.fee_fen),
            paid: paid.map(|payment| payment.on.to_string()),
            next: next == Some(fee.year),
        }
    };
    shown.years.iter().map(year).collect()
}

fn pay_fields(v: &Visitor, shown: &Shown) -> Vec<Field> {
    let next = shown.standing.next.map(|next| next.year.to_string());
    vec![
        Field::new("year", v.t("缴费年度", "Year of the patent")).value(&next.unwrap_or_default()),
        Field::new("on", v.t("缴费日", "Day of payment")).kind("date"),
        Field::new("amount", v.t("缴费金额（元）", "Amount (yuan)")).optional(),
    ]
}

fn class_fields(v: &Visitor, shown: &Shown) -> Vec<Field> {
    let mut options = classes(v);
    options.insert(
        0,
        (
            "",
            v.t("按本单位的减缴资格", "As for all of ours").to_owned(),
        ),
    );
    let own = shown
        .record
        .value
        .reduction
        .map_or("", ReductionClass::as_str);
    let label = v.t("本件的减缴资格", "The class of this patent");
    vec![
        Field::new("reduction", label)
            .options(options)
            .value(own)
            .optional(),
    ]
}

/// `POST /desk/fees/{number}`: one payment.
pub async fn pay(
    State(web): State<Web>,
    member: Member,
    Path(number): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let parsed = patents::parse_number(&number)?;
        let version = form.get("version").parse().unwrap_or(-1);
        let payment = payment(&form)?;
        let (services, actor) = (&web.services, &member.actor);
        annuities::pay(services, actor, &parsed, None, version, payment).await
    };
    answered(&web, &member, &number, &form, "", done.await).await
}

fn payment(form: &Form) -> ops::Result<FeePayment> {
    let year = form.get("year").trim().parse().map_err(|_| {
        Error::fault(
            "/year",
            "yearInvalid",
            "请填写 1 至 20 的整数。",
            "Give a whole number from 1 to 20.",
        )
    })?;
    let amount = form.get("amount").trim().replace([',', '，'], "");
    let amount_fen = if amount.is_empty() {
        None
    } else {
        let yuan: i64 = amount
            .parse()
            .ok()
            .filter(|yuan| (0..=1_000_000).contains(yuan))
            .ok_or_else(|| {
                Error::fault(
                    "/amount",
                    "amountInvalid",
                    "请填写整数元，例如 900。",
                    "Give whole yuan, such as 900.",
                )
            })?;
        Some(Fen::yuan(yuan))
    };
    Ok(FeePayment {
        year,
        on: day(form, "on")?,
        amount_fen,
        note: None,
    })
}

/// `POST /desk/fees/{number}/reduction`: this patent's own class.
pub async fn set_own(
    State(web): State<Web>,
    member: Member,
    Path(number): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let parsed = patents::parse_number(&number)?;
        let version = form.get("version").parse().unwrap_or(-1);
        let (services, actor) = (&web.services, &member.actor);
        let known = annuities::get(services, actor, &parsed, None).await?;
        let said = Said {
            reduction: word("reduction", form.get("reduction"), ReductionClass::parse)?,
            payments: known.record.value.payments,
        };
        annuities::put(services, actor, &parsed, None, version, said).await
    };
    answered(&web, &member, &number, &form, "/reduction", done.await).await
}

async fn answered(
    web: &Web,
    member: &Member,
    number: &str,
    form: &Form,
    step: &str,
    done: ops::Result<Shown>,
) -> Response {
    match done {
        Ok(_) => see_other(&format!("{HERE}/{number}")),
        Err(error) if status_of(&error).is_some() => {
            let place = format!("{HERE}/{number}{step}");
            let failed = Some((form, &error, place.as_str()));
            page(web, member, &form.visitor, number, failed).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}
