//! `GET /desk/declarations/{id}`: where a declaration stands, what it will or did announce with a worked example,
//! the gate as it is now, its course and papers, and the steps that may be taken.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{Failed, consents, gate::Gate, next, offered, outcome::id_of};
use crate::{
    domain::{
        access::Actor,
        declaration::{Declaration, DeclarationState},
        file::FileRef,
        money::Fen,
        party::Contact,
        terms::{DueKind, MAX_EXPLANATION_CHARS, RoyaltyBase, Terms},
        time::Day,
    },
    ops::{
        Services,
        declarations::{self, Dossier},
        terms::{QuoteQuery, quote},
    },
    web::{
        Web,
        desk::{Nav, Tab, papers},
        errors,
        form::FormView,
        session::Member,
        visitor::Visitor,
        words,
    },
};

/// The turnover of the worked example, per year.
const EXAMPLE_FEN: Fen = Fen::yuan(1_000_000);
/// The length of the worked example, months, where the period allows it.
const EXAMPLE_MONTHS: i32 = 36;
/// Dues shown of it.
const EXAMPLE_DUES: usize = 8;

/// What is said of a declaration on its page.
pub struct About {
    pub title: String,
    pub number: String,
    pub patent_href: String,
    pub kind: &'static str,
    pub patentees: String,
    pub state: &'static str,
    pub live: bool,
    pub fictional: bool,
    pub sentence: String,
    pub start: String,
    pub until: String,
    pub explanation: String,
    pub characters: String,
    pub other: Option<String>,
    pub cap_override: Option<String>,
    pub contact: Option<String>,
    /// Day and what happened.
    pub course: Vec<(String, String)>,
    pub declaration_number: Option<String>,
    pub example: Option<Example>,
}

/// What an enterprise would pay.
pub struct Example {
    pub said: String,
    pub total: String,
    pub dues: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk_declaration.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    about: About,
    next: String,
    must_withdraw: bool,
    is_draft: bool,
    here: String,
    /// Left out where nothing follows from it any more.
    gate: Option<Gate<'a>>,
    /// The commitment that is given with readiness.
    commitment: Option<String>,
    forms: Vec<(String, FormView)>,
    papers: Vec<(String, &'static str)>,
    files: Vec<(String, String)>,
    licences: usize,
    other: Option<String>,
}

/// `GET /desk/declarations/{id}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    page(&web, &visitor, &member, &id, None).await
}

/// The page, once more where a form of it did not pass.
pub async fn page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    id: &str,
    failed: Failed<'_>,
) -> Response {
    let found = async { declarations::dossier(&web.services, &member.actor, &id_of(id)?).await };
    let status = if failed.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    match found.await {
        Ok(dossier) => match Page::new(&web.services, v, member, &dossier, failed) {
            Some(page) => v.form_page(status, &page),
            None => errors::page(v, &crate::ops::Error::NotFound("declaration")),
        },
        Err(error) => errors::page(v, &error),
    }
}

impl<'a> Page<'a> {
    fn new(
        services: &Services,
        v: &'a Visitor,
        member: &Member,
        dossier: &Dossier,
        failed: Failed<'_>,
    ) -> Option<Self> {
        let record = &dossier.shown.as_ref()?.record;
        let value = &record.value;
        let gate = Gate::new(v, dossier, failed);
        let state = value.state;
        let before = matches!(state, DeclarationState::Draft | DeclarationState::Ready);
        let is_draft = state == DeclarationState::Draft;
        let mut forms = offered::forms(v, member, record, gate.is_clear(), dossier.as_of);
        forms.extend(consents::form(v, dossier, value));
        forms.extend(offered::annex(v, record));
        let filled = forms.into_iter().map(|(title, action, form)| match failed {
            Some((at, typed, error)) if at == action => (title, form.filled(typed, error)),
            _ => (title, form),
        });
        Some(Self {
            v,
            nav: Nav::new(v, member, Tab::Declarations),
            about: About::new(services, v, dossier, value),
            next: v.text(&next(value)).to_owned(),
            must_withdraw: value.must_withdraw.is_some(),
            is_draft,
            here: format!("/desk/declarations/{}", value.id),
            commitment: (is_draft && gate.is_clear()).then(|| dossier.commitment.clone()),
            gate: (before || state.is_live()).then_some(gate),
            forms: filled.collect(),
            papers: papers::of_declaration(v, &value.id, state.was_announced()),
            files: files(v, value),
            licences: dossier.licences,
            other: dossier
                .other
                .as_ref()
                .map(|other| format!("/desk/declarations/{}", other.id)),
        })
    }
}

impl About {
    pub fn new(services: &Services, v: &Visitor, dossier: &Dossier, value: &Declaration) -> Self {
        let patent = &dossier.patent;
        let contact = dossier
            .shown
            .as_ref()
            .and_then(|shown| shown.contact.as_ref());
        Self {
            title: value.title.clone(),
            number: words::number(patent.legal_status, &patent.number).1,
            patent_href: format!("/patents/{}", patent.number),
            kind: words::kind(patent.kind, v.lang),
            patentees: value.patentees.join("；"),
            state: v.t(value.state.zh(), value.state.en()),
            live: value.state.is_live(),
            fictional: value.fictional,
            sentence: v
                .t(&value.terms.sentence(), &value.terms.sentence_en())
                .to_owned(),
            start: v.text(&words::yuan(value.terms.due_at_start())).to_owned(),
            until: value.until.to_string(),
            explanation: value.explanation.clone(),
            characters: format!(
                "{} / {MAX_EXPLANATION_CHARS}",
                value.explanation.chars().count()
            ),
            other: value.other.clone(),
            cap_override: value.cap_override.clone(),
            contact: contact.map(reach),
            course: course(v, value),
            declaration_number: value.declaration_number.clone(),
            example: example(services, v, value, dossier.as_of),
        }
    }
}

/// How somebody is reached.
fn reach(contact: &Contact) -> String {
    let parts = [
        &contact.name,
        &contact.telephone,
        &contact.email,
        &contact.address,
    ];
    let said: Vec<&str> = parts
        .into_iter()
        .filter_map(|part| part.as_deref())
        .collect();
    said.join(" · ")
}

/// What happened on which day.
fn course(v: &Visitor, value: &Declaration) -> Vec<(String, String)> {
    let ended = v.t(value.state.zh(), value.state.en());
    let days: [(Option<Day>, &str); 4] = [
        (
            value.submitted_on,
            v.t("提交国家知识产权局", "Submitted to the patent office"),
        ),
        (
            value.effective_on,
            v.t("公告，声明生效", "Announced and in effect"),
        ),
        (
            value.withdrawal_requested_on,
            v.t("请求撤回", "Withdrawal requested"),
        ),
        (value.ended_on, ended),
    ];
    let known = days
        .into_iter()
        .filter_map(|(day, what)| Some((day?.to_string(), what.to_owned())));
    let mut course: Vec<_> = known.collect();
    if let Some(reason) = &value.reason {
        course.push((v.t("理由", "Reason").to_owned(), reason.clone()));
    }
    if value.recorded_late {
        let late = v.t("公告后补录", "recorded after it was announced");
        course.push((v.t("说明", "Note").to_owned(), late.to_owned()));
    }
    course
}

/// A licence from today on a round turnover, within the period; none where no licence can be taken any more.
fn example(services: &Services, v: &Visitor, value: &Declaration, today: Day) -> Option<Example> {
    use DeclarationState as S;
    let open = matches!(value.state, S::Draft | S::Ready | S::Submitted) || value.state.is_live();
    let after = value.until.tomorrow().ok().filter(|_| open)?;
    let left = today.until((jiff::Unit::Month, after)).ok()?.get_months();
    let query = QuoteQuery {
        terms: value.terms.clone(),
        months: u32::try_from(left.min(EXAMPLE_MONTHS)).ok()?,
        from: None,
        net_sales_fen_per_year: Some(EXAMPLE_FEN),
        profit_fen_per_year: Some(EXAMPLE_FEN.scaled(1, 10)),
    };
    let quoted = quote(services, &Actor::anonymous(), query).ok()?;
    let dues = quoted.quote.dues.iter().take(EXAMPLE_DUES).map(|due| {
        let what = match due.due.what {
            DueKind::Fixed { .. } => v.t("固定费用", "fixed fee"),
            DueKind::Royalty { .. } => v.t("提成", "royalty"),
        };
        (
            format!("{} {what}", due.due.due_on),
            v.text(&words::yuan(due.amount_fen)).to_owned(),
        )
    });
    Some(Example {
        said: format!(
            "{} {today} {} {}{}",
            v.t("一家企业自", "An enterprise that uses it from"),
            v.t("起使用到", "until"),
            quoted.until,
            turnover(v, &value.terms),
        ),
        total: v.text(&words::yuan(quoted.quote.total_fen)).to_owned(),
        dues: dues.collect(),
    })
}

/// The figures that the example supposes.
fn turnover(v: &Visitor, terms: &Terms) -> &'static str {
    match terms.royalty_bases().as_slice() {
        [] => "",
        [RoyaltyBase::NetSales] => v.t(
            "、每年净销售额 100 万元",
            " with net sales of CNY 1,000,000 a year",
        ),
        [RoyaltyBase::Profit] => v.t("、每年利润 10 万元", " with a profit of CNY 100,000 a year"),
        _ => v.t(
            "、每年净销售额 100 万元和利润 10 万元",
            " with net sales of CNY 1,000,000 and a profit of CNY 100,000 a year",
        ),
    }
}

/// The papers: what each is, and where it is read.
fn files(v: &Visitor, value: &Declaration) -> Vec<(String, String)> {
    let place = |file: &FileRef| format!("/files/{}", file.id);
    let mut files = Vec::new();
    if let Some(file) = &value.commitment {
        files.push((v.t("承诺书", "Commitment").to_owned(), place(file)));
    }
    if let Some(report) = &value.evaluation {
        let conclusion = v.t(report.conclusion.zh(), report.conclusion.en());
        files.push((
            format!(
                "{} · {conclusion}",
                v.t("专利权评价报告", "Evaluation report")
            ),
            place(&report.file),
        ));
    }
    for consent in &value.consents {
        files.push((
            format!("{}{}", v.t("共有人同意：", "Consent of "), consent.name),
            place(&consent.file),
        ));
    }
    let steps = [
        (
            v.t("公示材料", "Publicity"),
            value.internal.publicity.as_ref().map(|p| &p.file),
        ),
        (
            v.t("审批材料", "Approval"),
            value.internal.approval.as_ref().map(|a| &a.file),
        ),
    ];
    for (label, file) in steps {
        files.extend(file.map(|file| (label.to_owned(), place(file))));
    }
    for (n, file) in value.sources.iter().enumerate() {
        files.push((
            format!(
                "{} {}",
                v.t("公告、决定", "Announcement or decision"),
                n + 1
            ),
            place(file),
        ));
    }
    files
}
