//! How a licence is carried out, on its page: what is due and what was reported of it, what the licensee answers after 3, 6
//! and 12 months, whether the sides are related, and the disputes over it.

use axum::{
    extract::{Path, Request, State},
    response::Response,
};

use super::{
    forms::{Fitting, Side},
    one::after,
};
use crate::{
    domain::{
        dictionary::{Dictionary, Topic},
        dispute::{Dispute, DisputeStage},
        id::Id,
        licence::LicenceState,
        money::Fen,
        performance::{FOLLOW_UP_MONTHS, NOTE_CHARS, SalesBand},
        record::yuan,
        terms::{DueKind, RoyaltyBase},
        time::Day,
    },
    ops::{
        self, Error, Services, Stored, dictionaries,
        disputes::{self, DisputeFilter, NewEntry},
        performances::{self, Answered, Carried, ReportAsked},
    },
    web::{
        Web,
        form::{Field, Form, FormView, day},
        session::Member,
        upload,
        visitor::Visitor,
        words,
    },
};

/// What stands around a licence for its sides and the office.
pub struct Around {
    carried: Carried,
    disputes: Vec<Stored<Dispute>>,
    mediators: Dictionary,
}

/// One line of the account.
pub struct Due {
    pub on: String,
    pub what: String,
    pub amount: String,
    pub state: &'static str,
    pub overdue: bool,
}

/// Disputes of one licence that its page lists.
const DISPUTES: usize = 20;
/// Characters of a dispute's text.
const LONGEST: usize = 2_000;

impl Around {
    pub async fn of(services: &Services, member: &Member, id: &Id) -> ops::Result<Self> {
        let actor = &member.actor;
        let filter = DisputeFilter {
            licence: Some(id.clone()),
            open: None,
        };
        Ok(Self {
            carried: performances::get(services, actor, id).await?,
            disputes: disputes::list(services, actor, filter, None, DISPUTES)
                .await?
                .0,
            mediators: dictionaries::get(services, actor, Topic::Mediation)
                .await?
                .value,
        })
    }

    /// Everything due, in the order of the days.
    pub fn account(&self, v: &Visitor, today: Day) -> Vec<Due> {
        let lines = self.carried.lines.iter().map(|line| {
            let late = line.due.due_on < today;
            let period = line
                .due
                .period
                .map_or_else(String::new, |(from, to)| format!(" {from} – {to}"));
            let what = match line.due.what {
                DueKind::Fixed { .. } => v.t("固定费用", "fixed fee"),
                DueKind::Royalty {
                    base: RoyaltyBase::NetSales,
                    ..
                } => v.t("提成（净销售额）", "royalty on net sales"),
                DueKind::Royalty {
                    base: RoyaltyBase::Profit,
                    ..
                } => v.t("提成（利润额）", "royalty on profit"),
            };
            let amount = line
                .amount_fen
                .map(|fen| v.text(&words::yuan(fen)).to_owned());
            let (state, overdue) = match line.amount_fen {
                None if line.due.period.is_some_and(|(_, to)| to < today) => {
                    (v.t("待报送", "to be reported"), late)
                }
                None => (v.t("结算期未满", "the period runs"), false),
                Some(_) if line.paid => (v.t("已付", "paid"), false),
                Some(fen) if fen == Fen::ZERO => (v.t("无须支付", "nothing due"), false),
                Some(_) if late => (v.t("逾期未付", "overdue"), true),
                Some(_) => (v.t("未到期", "not due yet"), false),
            };
            Due {
                on: line.due.due_on.to_string(),
                what: format!("{what}{period}"),
                amount: amount.unwrap_or_else(|| "—".to_owned()),
                state,
                overdue,
            }
        });
        lines.collect()
    }

    /// What the sides have told, in the order of its days.
    pub fn said(&self, v: &Visitor) -> Vec<(String, String)> {
        let Some(record) = &self.carried.record else {
            return Vec::new();
        };
        let mut said: Vec<(Day, String)> = Vec::new();
        for report in &record.value.reports {
            let figure = v.text(&words::yuan(report.figure_fen)).to_owned();
            let due = v.text(&words::yuan(report.due_fen)).to_owned();
            let told = v
                .t(
                    &format!("{} 至 {} 报送 {figure}，应付 {due}", report.from, report.to),
                    &format!(
                        "{} to {}: {figure} reported, {due} due",
                        report.from, report.to
                    ),
                )
                .to_owned();
            said.push((report.reported_on, told));
        }
        for answer in &record.value.follow_ups {
            let worked = if answer.worked {
                v.t("已实施", "worked")
            } else {
                v.t("未实施", "not worked")
            };
            let product = if answer.product {
                v.t("，已有产品", ", a product is made")
            } else {
                ""
            };
            let sales = v.t(answer.sales.zh(), answer.sales.en());
            let note = answer.note.as_deref().unwrap_or_default();
            let told = v
                .t(
                    &format!(
                        "{} 个月回访：{worked}{product}，{sales}。{note}",
                        answer.months
                    ),
                    &format!(
                        "After {} months: {worked}{product}; {sales}. {note}",
                        answer.months
                    ),
                )
                .to_owned();
            said.push((answer.on, told));
        }
        for relation in &record.value.relations {
            let who = v.t(relation.by.zh(), relation.by.en());
            let what = if relation.related {
                v.t("双方有关联关系", "the sides are related")
            } else {
                v.t("双方没有关联关系", "the sides are not related")
            };
            let note = relation.note.as_deref().unwrap_or_default();
            said.push((
                relation.on,
                format!("{who}{}{what} {note}", v.t("：", ": ")),
            ));
        }
        said.sort_by_key(|(day, _)| *day);
        let line = |(day, words): (Day, String)| (day.to_string(), words);
        said.into_iter().map(line).collect()
    }

    pub fn disputes(&self, v: &Visitor) -> Vec<(String, String)> {
        let line = |found: &Stored<Dispute>| {
            let dispute = &found.value;
            let state = dispute.end.as_ref().map_or_else(
                || v.t(dispute.stage.zh(), dispute.stage.en()),
                |end| v.t(end.outcome.zh(), end.outcome.en()),
            );
            let day = dispute
                .opened_on()
                .map_or_else(String::new, |day| day.to_string());
            (
                format!("/desk/disputes/{}", dispute.id),
                format!("{day} {state}"),
            )
        };
        self.disputes.iter().map(line).collect()
    }

    /// Told where there is a dispute.
    pub fn mediators(&self, v: &Visitor) -> Vec<String> {
        let disputed = self.carried.licence.value.is_disputed() || !self.disputes.is_empty();
        if disputed {
            words::entries(v, &self.mediators)
        } else {
            Vec::new()
        }
    }
}

/// The forms that fit: what the licensee reports and answers, what either side tells.
pub fn fitting(v: &Visitor, around: &Around, side: Side, today: Day) -> Vec<Fitting> {
    let licence = &around.carried.licence.value;
    let action = |last: &str| format!("/desk/licences/{}/{last}", licence.id);
    let mut forms = Vec::new();
    if licence.state == LicenceState::Void {
        return forms;
    }
    let in_effect = licence.state == LicenceState::Effective;
    let tells = side != Side::Holder;
    if tells && let Some(form) = report_form(v, &action("royalty"), around, today) {
        forms.push((
            v.t("报送提成结算", "Report a royalty period"),
            "royalty",
            form,
        ));
    }
    if tells
        && in_effect
        && let Some(form) = follow_up_form(v, &action("follow-up"), around, today)
    {
        forms.push((
            v.t("回访：实施得怎样", "What became of it"),
            "follow-up",
            form,
        ));
    }
    let yes = vec![
        ("no", v.t("没有关联关系", "not related").to_owned()),
        ("yes", v.t("有关联关系", "related").to_owned()),
    ];
    let fields = vec![
        Field::new("related", v.t("双方", "The two sides are")).options(yes).hint(v.t(
            "例如控股、同一实际控制人、近亲属；如实说明不影响许可的效力",
            "A holding, the same controlling person, close family; saying so takes nothing from the licence",
        )),
        Field::area("note", v.t("说明", "Note"), NOTE_CHARS).optional(),
    ];
    let form = FormView::new(v, &action("relation"), v.t("说明", "Say so"), fields);
    forms.push((v.t("关联关系", "Relation of the sides"), "relation", form));
    let fields = vec![
        Field::new("stage", v.t("现处阶段", "Where it stands"))
            .options(stages(v, DisputeStage::Consultation)),
        Field::new("on", v.t("日期", "Day"))
            .kind("date")
            .value(&today.to_string()),
        Field::area("text", v.t("争议内容", "What is disputed"), LONGEST),
        Field::file(
            "file",
            v.t("材料（PDF 或图片）", "Document (PDF or picture)"),
        )
        .optional(),
    ];
    let form = FormView::new(v, &action("dispute"), v.t("登记纠纷", "Open it"), fields);
    forms.push((v.t("登记纠纷", "Open a dispute"), "dispute", form));
    forms
}

/// The stages from one on.
pub fn stages(v: &Visitor, from: DisputeStage) -> Vec<(&'static str, String)> {
    let later = DisputeStage::ALL.into_iter().filter(|stage| *stage >= from);
    later
        .map(|stage| (stage.as_str(), v.t(stage.zh(), stage.en()).to_owned()))
        .collect()
}

fn report_form(v: &Visitor, action: &str, around: &Around, today: Day) -> Option<FormView> {
    let over = around.carried.lines.iter().filter(|line| {
        let royalty = matches!(line.due.what, DueKind::Royalty { .. });
        royalty && line.due.period.is_some_and(|(_, to)| to <= today)
    });
    let mut periods: Vec<(String, String)> = over
        .filter_map(|line| {
            let (from, to) = line.due.period?;
            let done = if line.amount_fen.is_some() {
                v.t("（已报送，可更正）", " (reported; correct it)")
            } else {
                ""
            };
            Some((format!("{from}|{to}"), format!("{from} – {to}{done}")))
        })
        .collect();
    // What is not reported yet comes first.
    periods.sort_by_key(|(_, label)| label.contains(['（', '(']));
    if periods.is_empty() {
        return None;
    }
    let fields = vec![
        Field::new("period", v.t("结算期", "Period")).options(periods),
        Field::new(
            "figure",
            v.t("本期净销售额或利润（元）", "Net sales or profit (yuan)"),
        )
        .hint(v.t(
            "按公告的提成基数填写，系统按公告条件算出应付款",
            "By the announced base; the due follows",
        )),
        Field::file(
            "file",
            v.t("依据（PDF 或图片）", "What shows it (PDF or picture)"),
        )
        .optional(),
    ];
    Some(FormView::new(v, action, v.t("报送", "Report"), fields))
}

fn follow_up_form(v: &Visitor, action: &str, around: &Around, today: Day) -> Option<FormView> {
    let effective = around.carried.licence.value.effective_on?;
    let asked = FOLLOW_UP_MONTHS.into_iter().filter(|months| {
        let day = effective.saturating_add(jiff::Span::new().months(*months));
        day <= today
    });
    let mut asked: Vec<(String, String)> = asked
        .map(|months| {
            let label = v
                .t(
                    &format!("生效后 {months} 个月"),
                    &format!("after {months} months"),
                )
                .to_owned();
            (months.to_string(), label)
        })
        .collect();
    // The latest is what is asked now.
    asked.reverse();
    if asked.is_empty() {
        return None;
    }
    let answers = |yes: &str, no: &str| vec![("yes", yes.to_owned()), ("no", no.to_owned())];
    let bands = SalesBand::ALL.into_iter();
    let fields = vec![
        Field::new("months", v.t("时点", "When")).options(asked),
        Field::new("worked", v.t("技术用起来了吗", "Did it work")).options(answers(
            v.t("已实施", "yes, it is worked"),
            v.t("没有实施", "no"),
        )),
        Field::new("product", v.t("做出产品了吗", "Was a product made"))
            .options(answers(v.t("有产品", "yes"), v.t("还没有", "not yet"))),
        Field::new("sales", v.t("相关销售额", "Sales of it")).options(
            bands
                .map(|band| (band.as_str(), v.t(band.zh(), band.en()).to_owned()))
                .collect(),
        ),
        Field::area("note", v.t("说明", "Note"), NOTE_CHARS).optional(),
    ];
    Some(FormView::new(v, action, v.t("答复", "Answer"), fields))
}

fn id(text: &str) -> ops::Result<Id> {
    Id::parse(text).ok_or(Error::NotFound("licence"))
}

fn period(form: &Form) -> ops::Result<(Day, Day)> {
    let days = form.get("period").split_once('|');
    let days = days.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    days.ok_or_else(|| {
        Error::fault(
            "/period",
            "dayInvalid",
            "请选择结算期。",
            "Choose a period.",
        )
    })
}

fn figure(form: &Form) -> ops::Result<Fen> {
    let (text, sign) = match form.get("figure").trim().strip_prefix(['-', '−', '－']) {
        Some(rest) => (rest, -1),
        None => (form.get("figure"), 1),
    };
    yuan(text).map(|fen| Fen(fen.0 * sign)).map_err(|_| {
        Error::fault(
            "/figure",
            "amountInvalid",
            "请填写金额，例如 20000 或 2万元。",
            "Give an amount in yuan, for instance 20000.",
        )
    })
}

/// `POST /desk/licences/{id}/royalty`
pub async fn report(State(web): State<Web>, Path(at): Path<String>, request: Request) -> Response {
    let checked = |_: &Member, form: &Form| period(form).and(figure(form)).map(|_| ());
    let mut upload = match upload::receive(&web, request, checked).await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let done = async {
        upload.settled()?;
        let (from, to) = period(&upload.form)?;
        let new = ReportAsked {
            from,
            to,
            figure_fen: figure(&upload.form)?,
            file: upload.file("file").cloned(),
        };
        let actor = &upload.member.actor;
        performances::report(&web.services, actor, None, &id(&at)?, new).await
    };
    let done = done.await.map(|_| ());
    after(&web, &upload.member, &upload.form, &at, "royalty", done).await
}

/// `POST /desk/licences/{id}/follow-up`
pub async fn follow_up(
    State(web): State<Web>,
    member: Member,
    Path(at): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let new = Answered {
            months: form.get("months").parse().unwrap_or(0),
            worked: form.get("worked") == "yes",
            product: form.get("product") == "yes",
            sales: SalesBand::parse(form.get("sales")).unwrap_or(SalesBand::None),
            note: Some(form.get("note").to_owned()),
        };
        performances::follow_up(&web.services, &member.actor, None, &id(&at)?, new).await
    };
    let done = done.await.map(|_| ());
    after(&web, &member, &form, &at, "follow-up", done).await
}

/// `POST /desk/licences/{id}/relation`
pub async fn relation(
    State(web): State<Web>,
    member: Member,
    Path(at): Path<String>,
    form: Form,
) -> Response {
    let done = async {
        let (related, note) = (form.get("related") == "yes", form.get("note").to_owned());
        let (services, actor) = (&web.services, &member.actor);
        performances::state(services, actor, None, &id(&at)?, related, Some(note)).await
    };
    let done = done.await.map(|_| ());
    after(&web, &member, &form, &at, "relation", done).await
}

/// What a form says of a step of a dispute.
pub fn entry(form: &Form, file: Option<Id>) -> ops::Result<NewEntry> {
    let stage = DisputeStage::parse(form.get("stage"))
        .ok_or_else(|| Error::fault("/stage", "valueInvalid", "请选择阶段。", "Choose a stage."))?;
    Ok(NewEntry {
        stage,
        on: day(form, "on")?,
        text: form.get("text").to_owned(),
        file,
    })
}

/// `POST /desk/licences/{id}/dispute`
pub async fn dispute(State(web): State<Web>, Path(at): Path<String>, request: Request) -> Response {
    let received = upload::receive(&web, request, |_, form| day(form, "on").map(|_| ()));
    let mut upload = match received.await {
        Ok(upload) => upload,
        Err(refusal) => return refusal,
    };
    let done = async {
        upload.settled()?;
        let new = entry(&upload.form, upload.file("file").cloned())?;
        let actor = &upload.member.actor;
        disputes::create(&web.services, actor, None, &id(&at)?, new).await
    };
    let done = done.await.map(|_| ());
    after(&web, &upload.member, &upload.form, &at, "dispute", done).await
}
