//! The fees of the whole stock: what is late, what falls due month by month, what keeping it costs, and both sheets.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

use super::{CLASS, HERE, classes, note, yuan};
use crate::{
    domain::{
        annuity::{FeeState, HolderFees, ReductionClass},
        money::Fen,
        stock::StockFilter,
    },
    ops::{
        self, Error,
        annuities::{self, FeeFilter, FeeLine, FeePlace, Overview, Report},
        out::{self, OutFormat},
    },
    web::{
        Web,
        desk::{Nav, Tab, choices::word, tables},
        errors,
        form::{Field, Form, FormView, status_of},
        out::sent,
        session::{Member, see_other},
        upload,
        visitor::Visitor,
        words::grouped,
    },
};

/// Patents a page.
const SHOWN: usize = 50;

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
