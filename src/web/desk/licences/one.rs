//! `/desk/licences/{id}`: one licence for its sides and the office: parties, terms, what happened when, what is due
//! next, the documents, and the forms that fit.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{
    super::{Nav, Tab, papers},
    carried::{self, Around, Due},
    course::{Document, documents, facts, timeline},
    forms::{self, Side},
};
use crate::{
    domain::{
        id::Id,
        licence::{Licence, LicenceState, Next},
    },
    ops::{
        self, Error,
        dealings::{self, Dealing},
    },
    web::{
        Web, errors,
        form::{Form, FormView},
        session::Member,
        visitor::Visitor,
    },
};

/// The form that did not pass, and why.
pub type Failed<'a> = Option<(&'a str, &'a Form, &'a Error)>;

#[derive(Template)]
#[template(path = "desk_licence.html")]
struct Page<'a> {
    v: &'a Visitor,
    nav: Nav,
    href: String,
    number: String,
    zl: String,
    title: String,
    state: &'static str,
    live: bool,
    /// What else is to be known at once.
    marks: Vec<&'static str>,
    next: String,
    overdue: bool,
    explained: &'static str,
    facts: Vec<(&'static str, String)>,
    timeline: Vec<(String, String)>,
    evidence: Vec<Document>,
    account: Vec<Due>,
    said: Vec<(String, String)>,
    disputes: Vec<(String, String)>,
    mediators: Vec<String>,
    papers: Vec<(String, &'static str)>,
    forms: Vec<(&'static str, &'static str, FormView)>,
    later: Option<String>,
}

/// `GET /desk/licences/{id}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    page(&web, &visitor, &member, &id, None, StatusCode::OK).await
}

/// The page, with what is wrong with a form that was sent.
pub async fn page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    id: &str,
    failed: Failed<'_>,
    status: StatusCode,
) -> Response {
    let found = async {
        let id = Id::parse(id).ok_or(Error::NotFound("licence"))?;
        let dealing = dealings::get(&web.services, &member.actor, &id).await?;
        let around = Around::of(&web.services, member, &id).await?;
        Ok::<_, Error>((dealing, around))
    };
    match found.await {
        Ok((dealing, around)) => {
            let once = hex::encode(web.services.ids.secret());
            v.form_page(
                status,
                &build(web, v, member, (&dealing, &around), failed, &once),
            )
        }
        Err(error) => errors::page(v, &error),
    }
}

fn build<'a>(
    web: &Web,
    v: &'a Visitor,
    member: &Member,
    (dealing, around): (&Dealing, &Around),
    failed: Failed<'_>,
    once: &str,
) -> Page<'a> {
    let licence = &dealing.licence.value;
    let side = Side::of(member, licence);
    let today = web.services.clock.today();
    let mut fitting = forms::fitting(v, dealing, side, today, once);
    fitting.extend(carried::fitting(v, around, side, today));
    let forms = fitting.into_iter();
    let forms = forms.map(|(title, action, form)| match failed {
        Some((at, sent, error)) if at == action => (title, action, form.filled(sent, error)),
        _ => (title, action, form),
    });
    let later = match dealing.next {
        Next::Later(_) => None,
        _ => licence.later_due(today).map(Next::Later),
    };
    Page {
        v,
        nav: Nav::new(v, member, Tab::Licences),
        href: format!("/desk/licences/{}", licence.id),
        number: licence.number.to_string(),
        zl: licence.number.zl(),
        title: dealing.declaration.value.title.clone(),
        state: v.t(licence.state.zh(), licence.state.en()),
        live: licence.state == LicenceState::Effective,
        marks: marks(v, licence),
        next: v.text(&dealings::next_words(&dealing.next)).to_owned(),
        overdue: matches!(dealing.next, Next::File { overdue: true, .. }),
        explained: explained(v, licence, &dealing.next, side),
        facts: facts(v, dealing),
        timeline: timeline(v, licence),
        evidence: documents(v, dealing, side),
        account: around.account(v, today),
        said: around.said(v),
        disputes: around.disputes(v),
        mediators: around.mediators(v),
        papers: papers::of_licence(v, &licence.id),
        forms: forms.collect(),
        later: later.map(|next| v.text(&dealings::next_words(&next)).to_owned()),
    }
}

fn marks(v: &Visitor, licence: &Licence) -> Vec<&'static str> {
    let mut marks = Vec::new();
    if licence.is_disputed() {
        marks.push(v.t("有异议", "disputed"));
    }
    if licence.cross_border {
        marks.push(v.t("跨境", "cross-border"));
    }
    if licence.ended_on.is_some() {
        marks.push(v.t("已提前终止", "ended early"));
    }
    if licence.fictional {
        marks.push(v.t("演示数据 · 虚构", "Demo data · fictional"));
    }
    marks
}

/// Why that is next, and whose turn it is.
fn explained(v: &Visitor, licence: &Licence, next: &Next, side: Side) -> &'static str {
    match (next, side) {
        (Next::Deliver, _) => v.t(
            "专利权人在本站没有账户：请寄送书面通知，并在下面登记送达日、上传送达凭证。",
            "The patentee has no account here: deliver the letter, then record the day and the proof below.",
        ),
        (Next::Pay { .. }, Side::Holder) => v.t(
            "等待被许可人按公告付款并上传凭证；已收到款的，您也可以登记收款。不需要、也不可以同意或拒绝这项许可。",
            "The licensee is to pay as announced; if you have the money, record a receipt. There is nothing to accept \
             or to refuse.",
        ),
        (Next::Pay { .. }, _) => v.t(
            "按公告的收款方式支付后上传支付凭证；通知与足额付款中较晚的一天许可生效。",
            "Pay as announced, then upload the voucher; the licence takes effect on the later of notice and full payment.",
        ),
        (Next::File { .. }, _) => v.t(
            "许可已经生效。任何一方凭通知和支付凭证向国家知识产权局备案（实施细则第八十七条），并在下面登记备案号。",
            "The licence is in effect. Either side files it with the patent office (Rules Art. 87) and records the \
             number below.",
        ),
        (Next::Later(_), _) => v.t(
            "许可已生效并已备案；以后按公告的期限继续付款。",
            "The licence is in effect and filed; later payments follow the announced schedule.",
        ),
        (Next::Nothing, _) => match licence.state {
            LicenceState::Void => v.t("这条记录已作废（误录）。", "This record is void (entered by mistake)."),
            LicenceState::Ineffective => v.t(
                "通知到达之日声明已不在有效期内，许可没有生效。",
                "The declaration was not open on the day the notice arrived; the licence never took effect.",
            ),
            LicenceState::Pending | LicenceState::Effective => {
                v.t("许可已生效并已备案。", "The licence is in effect and filed.")
            }
        },
    }
}

/// To the page after a form has passed, or the page again with what is wrong at its fields.
pub async fn after(
    web: &Web,
    member: &Member,
    form: &Form,
    id: &str,
    action: &str,
    outcome: ops::Result<()>,
) -> Response {
    match outcome {
        Ok(()) => crate::web::session::see_other(&format!("/desk/licences/{id}")),
        Err(error) => match crate::web::form::status_of(&error) {
            Some(status) => {
                let failed = Some((action, form, &error));
                page(web, &form.visitor, member, id, failed, status).await
            }
            None => errors::page(&form.visitor, &error),
        },
    }
}
