//! `/desk/fees`: the annual fees of the stock: what is late, what falls due month by month, what keeping it costs, the
//! sheet for paying and the sheet of what was paid; and `/desk/fees/{number}`, one patent year by year.

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};

use super::{Nav, Tab, choices::word, tables};
use crate::{
    domain::{
        annuity::{FeePayment, FeeStanding, FeeState, HolderFees, ReductionClass},
        money::Fen,
        stock::StockFilter,
    },
    ops::{
        self, Error, Services,
        annuities::{self, FeeFilter, FeeLine, FeePlace, Overview, Report, Said, Shown},
        out::{self, OutFormat},
        patents,
    },
    web::{
        Web, errors,
        form::{Field, Form, FormView, day, status_of},
        out::sent,
        session::{Member, see_other},
        upload,
        visitor::Visitor,
        words::{self, grouped},
    },
};

const HERE: &str = "/desk/fees";
const CLASS: &str = "/desk/fees/reduction";
/// Patents a page.
const SHOWN: usize = 50;

/// The pages of annual fees.
pub fn router(services: &Services) -> Router<Web> {
    let uploading = Router::new()
        .route(HERE, post(send))
        .layer(DefaultBodyLimit::max(upload::import_bytes(services)));
    Router::new()
        .route(HERE, get(show))
        .route("/desk/fees/sheet", get(sheet))
        .route(CLASS, post(set_class))
        .route("/desk/fees/{number}", get(one).post(pay))
        .route("/desk/fees/{number}/reduction", post(set_own))
        .merge(uploading)
}

#[derive(Template)]
#[template(path = "desk_fees.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    as_of: String,
    yearly: String,
    saved: Option<String>,
    /// Label, count, money, address, chosen.
    states: Vec<(&'static str, String, Option<String>, String, bool)>,
    /// Month, count, money, the share of the dearest month in per cent.
    months: Vec<(String, i64, String, i64)>,
    query: String,
    state: &'static str,
    total: String,
    lines: Vec<Row>,
    next: Option<String>,
    sheets: Vec<(&'static str, String)>,
    class: FormView,
    form: FormView,
    done: Option<Done>,
}

struct Row {
    href: String,
    title: String,
    number: String,
    unit: Option<String>,
    state: &'static str,
    late: bool,
    year: Option<String>,
    due: Option<String>,
    to_pay: Option<String>,
    note: Option<String>,
}

/// What became of a sheet.
struct Done {
    report: Report,
    lines: Vec<tables::Line>,
}

/// Yuan as a page shows it.
pub fn yuan(fen: Fen) -> String {
    let whole = grouped((fen.0 / 100).unsigned_abs());
    match fen.0 % 100 {
        0 => whole,
        cents => format!("{whole}.{cents:02}"),
    }
}

/// `GET /desk/fees`
pub async fn show(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    page(&web, &member, &visitor, None, None).await
}

async fn page(
    web: &Web,
    member: &Member,
    v: &Visitor,
    failed: Option<(&Form, &Error, &str)>,
    done: Option<Report>,
) -> Response {
    match build(web, member, v, failed, done).await {
        Ok(page) => {
            let status = failed.and_then(|(_, error, _)| status_of(error));
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

fn filter(v: &Visitor) -> ops::Result<FeeFilter> {
    let query = v.address.first("q").trim();
    Ok(FeeFilter {
        state: word("state", v.address.first("state"), FeeState::parse)?,
        due_by: None,
        stock: StockFilter {
            text: (!query.is_empty()).then(|| query.to_owned()),
            ..StockFilter::default()
        },
    })
}

async fn build<'a>(
    web: &Web,
    member: &Member,
    v: &'a Visitor,
    failed: Option<(&Form, &Error, &str)>,
    done: Option<Report>,
) -> ops::Result<Page<'a>> {
    let (services, actor) = (&web.services, &member.actor);
    let filter = filter(v)?;
    let overview = annuities::overview(services, actor, None).await?;
    let holder = annuities::holder_fees(services, actor, None).await?;
    let after = FeePlace::parse(v.address.first("after"));
    let listed = annuities::list(services, actor, None, &filter, after.as_ref(), SHOWN + 1).await?;
    let (mut found, total) = listed;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().filter(|_| more);
    let next = last.map(|last| v.address.set("after", &last.place().to_string()).at(HERE));
    let sheet = |format: &str| v.address.set("format", format).at("/desk/fees/sheet");
    let form = |view: FormView, action: &str| match failed {
        Some((sent, error, place)) if place == action => view.filled(sent, error),
        _ => view,
    };
    let saved = overview.saved_fen;
    Ok(Page {
        v,
        nav: Nav::new(v, member, Tab::Fees),
        as_of: overview.as_of.to_string(),
        yearly: yuan(overview.yearly_fen),
        saved: (saved > Fen::ZERO).then(|| yuan(saved)),
        states: states(v, &overview, filter.state),
        months: months(&overview),
        query: v.address.first("q").to_owned(),
        state: filter.state.map_or("", FeeState::as_str),
        total: grouped(total.unsigned_abs()),
        lines: found.iter().map(|line| row(v, line)).collect(),
        next,
        sheets: vec![("XLSX", sheet("xlsx")), ("CSV", sheet("csv"))],
        class: form(class_form(v, holder.value, holder.version), CLASS),
        form: form(sheet_form(v), HERE),
        done: done.map(|report| told(v, report)),
    })
}

type StateRow = (&'static str, String, Option<String>, String, bool);

/// What is late stands first.
fn states(v: &Visitor, overview: &Overview, chosen: Option<FeeState>) -> Vec<StateRow> {
    let order = [
        FeeState::Lapsed,
        FeeState::Grace,
        FeeState::Unconfirmed,
        FeeState::Soon,
        FeeState::Upcoming,
        FeeState::Finished,
        FeeState::NotOwed,
        FeeState::Unknown,
    ];
    let rows = order.into_iter().filter_map(|state| {
        let (_, count, sum) = overview.states.iter().find(|(known, ..)| *known == state)?;
        let is_worth = *count > 0 || chosen == Some(state);
        is_worth.then(|| {
            (
                v.t(state.zh(), state.en()),
                grouped(count.unsigned_abs()),
                (*sum > Fen::ZERO && state != FeeState::Lapsed).then(|| yuan(*sum)),
                format!("{HERE}?state={}", state.as_str()),
                chosen == Some(state),
            )
        })
    });
    rows.collect()
}

fn months(overview: &Overview) -> Vec<(String, i64, String, i64)> {
    let dearest = overview.months.iter().map(|month| month.fee_fen.0).max();
    let dearest = dearest.unwrap_or(0).max(1);
    let months = overview.months.iter().map(|month| {
        (
            month.month.strftime("%Y-%m").to_string(),
            month.count,
            yuan(month.fee_fen),
            month.fee_fen.0 * 100 / dearest,
        )
    });
    months.collect()
}

/// A class and its words, to choose.
fn classes(v: &Visitor) -> Vec<(&'static str, String)> {
    let class = |class: ReductionClass| (class.as_str(), v.t(class.zh(), class.en()).to_owned());
    ReductionClass::ALL.map(class).into()
}

fn class_form(v: &Visitor, holder: HolderFees, version: i64) -> FormView {
    let fields = vec![
        Field::new("reduction", v.t("单独申请的专利", "Patents held alone"))
            .options(classes(v))
            .value(holder.reduction.as_str()),
        Field::new(
            "withCoOwners",
            v.t("与他人共有的专利", "Patents held with others"),
        )
        .options(classes(v))
        .value(holder.with_co_owners.as_str())
        .hint(v.t(
            "共有人须全部符合减缴条件；个别专利不同的，在该专利的年费页上改",
            "Every co-owner must qualify; a patent of its own class is changed on its page",
        )),
    ];
    FormView::new(v, CLASS, v.t("保存", "Save"), fields).hide("version", &version.to_string())
}

fn sheet_form(v: &Visitor) -> FormView {
    let fields = vec![
        Field::file(
            "sheet",
            v.t("缴费记录（XLSX、CSV）", "Payments (XLSX, CSV)"),
        )
        .hint(v.t(
            "列：专利号、缴费年度、缴费日、缴费金额（可不填），最多 5000 行",
            "Columns: 专利号, 缴费年度, 缴费日, 缴费金额 (optional), at most 5,000 rows",
        )),
        Field::tick(
            "rehearse",
            v.t("只检查，不保存", "Check only, save nothing"),
        )
        .optional(),
    ];
    FormView::new(v, HERE, v.t("上传", "Upload"), fields)
}

fn row(v: &Visitor, line: &FeeLine) -> Row {
    let standing = &line.standing;
    let is_lost = standing.state == FeeState::Lapsed;
    Row {
        href: format!("{HERE}/{}", line.number),
        title: line.title.clone(),
        number: line.number.zl(),
        unit: line.unit.clone(),
        state: v.t(standing.state.zh(), standing.state.en()),
        late: matches!(standing.state, FeeState::Lapsed | FeeState::Grace),
        year: standing.next.map(|next| next.year.to_string()),
        due: standing.next.map(|next| next.due.to_string()),
        to_pay: standing
            .next
            .filter(|_| !is_lost)
            .map(|_| yuan(standing.to_pay())),
        note: note(v, standing),
    }
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

fn told(v: &Visitor, report: Report) -> Done {
    Done {
        lines: tables::lines(v, report.rejected.iter()),
        report,
    }
}

/// `POST /desk/fees`: a sheet of payments.
pub async fn send(State(web): State<Web>, request: Request) -> Response {
    let received = upload::receive_as(upload::Kept::Fees, &web, request, |_, _| Ok(()));
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let outcome = upload.settled().and_then(|()| upload.was_taken("sheet"));
    let report = match upload.report.take() {
        Some(upload::Report::Fees(report)) => Some(report),
        _ => None,
    };
    let (member, v) = (&upload.member, &upload.form.visitor);
    match outcome {
        Ok(()) => page(&web, member, v, None, report).await,
        Err(error) => page(&web, member, v, Some((&upload.form, &error, HERE)), None).await,
    }
}

/// `POST /desk/fees/reduction`
pub async fn set_class(State(web): State<Web>, member: Member, form: Form) -> Response {
    let done = async {
        let class = |name: &str| {
            let class = ReductionClass::parse(form.get(name));
            class.ok_or(Error::NotFound("reduction"))
        };
        let fees = HolderFees {
            reduction: class("reduction")?,
            with_co_owners: class("withCoOwners")?,
        };
        let version = form.get("version").parse().unwrap_or(-1);
        annuities::set_holder_fees(&web.services, &member.actor, None, version, fees).await
    };
    match done.await {
        Ok(_) => see_other(HERE),
        Err(error) if status_of(&error).is_some() => {
            page(
                &web,
                &member,
                &form.visitor,
                Some((&form, &error, CLASS)),
                None,
            )
            .await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `GET /desk/fees/sheet`
pub async fn sheet(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let made = async {
        let format = OutFormat::parse(visitor.address.first("format"));
        let format = format.ok_or(Error::NotFound("format"))?;
        let filter = filter(&visitor)?;
        out::annual_fees(&web.services, &member.actor, None, &filter, format).await
    };
    match made.await {
        Ok(made) => sent(made, "annual-fees"),
        Err(error) => errors::page(&visitor, &error),
    }
}

#[derive(Template)]
#[template(path = "desk_fee.html")]
struct One<'a> {
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
pub async fn one(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Response {
    fee_page(&web, &member, &visitor, &number, None).await
}

async fn fee_page(
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
            let page = One::new(v, member, &shown, failed);
            v.form_page(status.unwrap_or(StatusCode::OK), &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

impl<'a> One<'a> {
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
            fee_page(web, member, &form.visitor, number, failed).await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}
