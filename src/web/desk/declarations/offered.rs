//! The forms of the steps that a declaration's state allows, each with the version that was looked at.

use super::steps::ENDS;
use crate::{
    domain::{
        declaration::{Declaration, DeclarationState, KnowHowKind},
        time::Day,
    },
    ops::Stored,
    web::{
        form::{Field, FormView},
        session::Member,
        visitor::Visitor,
    },
};

/// Title, action, form.
type StepForm = (String, String, FormView);

/// The form of the know-how annex, while licences may come of the declaration.
pub fn annex(v: &Visitor, record: &Stored<Declaration>) -> Option<StepForm> {
    let value = &record.value;
    let open = value.state == DeclarationState::Draft || value.state.is_under_way();
    if !open {
        return None;
    }
    let known = value.know_how.as_ref();
    let kinds = KnowHowKind::ALL.into_iter();
    let mut kinds: Vec<_> = kinds
        .map(|kind| (kind.as_str(), v.t(kind.zh(), kind.en()).to_owned()))
        .collect();
    let chosen = known.map_or(KnowHowKind::None, |annex| annex.kind);
    kinds.sort_by_key(|(kind, _)| *kind != chosen.as_str());
    let hours = known.and_then(|annex| annex.hours);
    let text = known.and_then(|annex| annex.text.as_deref());
    let fields = vec![
        Field::new("kind", v.t("技术指导", "Guidance")).options(kinds).hint(v.t(
            "是声明之外的附件，展示在专利页面，可供检索；许可按通知时的附件执行",
            "Beside the declaration: shown on the patent's page and searched by; a licence keeps what was offered then",
        )),
        Field::new("hours", v.t("学时", "Hours"))
            .optional()
            .value(&hours.map_or_else(String::new, |hours| hours.to_string())),
        Field::area("text", v.t("内容与收费说明", "What it covers, how it is priced"), 500)
            .optional()
            .value(text.unwrap_or_default()),
    ];
    let action = format!("/desk/declarations/{}/know-how", value.id);
    let form = FormView::new(v, &action, v.t("保存附件", "Save the annex"), fields)
        .hide("version", &record.version.to_string());
    let title = v.t("技术指导附件", "Know-how annex");
    Some((title.to_owned(), action, form))
}

/// The forms of the steps that may be taken now.
pub fn forms(
    v: &Visitor,
    member: &Member,
    record: &Stored<Declaration>,
    clear: bool,
    today: Day,
) -> Vec<StepForm> {
    use DeclarationState as S;
    let made = |step: &str, title: &str, button: &str, fields: Vec<Field>| {
        let action = format!("/desk/declarations/{}/{step}", record.value.id);
        let form =
            FormView::new(v, &action, button, fields).hide("version", &record.version.to_string());
        (title.to_owned(), action, form)
    };
    let ready = || {
        made(
            "ready",
            v.t("承诺并转为就绪", "Commit to it"),
            v.t("我已核对，作出上述承诺", "Checked; we give this commitment"),
            Vec::new(),
        )
    };
    let submit = || {
        made(
            "submit",
            v.t("已提交国家知识产权局", "Submitted to the patent office"),
            v.t("登记提交日期", "Record the day"),
            vec![on(v, "on", v.t("提交日期", "Day of submission"), today)],
        )
    };
    let reopen = || {
        made(
            "reopen",
            v.t("退回草稿", "Back to the draft"),
            v.t("退回草稿再修改", "Reopen and edit"),
            Vec::new(),
        )
    };
    let announce = || {
        made(
            "announce",
            v.t("登记公告", "Record the announcement"),
            v.t("登记公告", "Record"),
            announcement(v, today),
        )
    };
    let refuse = || {
        made(
            "refuse",
            v.t("登记不予公告", "Record a refusal"),
            v.t("登记不予公告", "Record"),
            refusal(v, today),
        )
    };
    let request = || {
        made(
            "request-withdrawal",
            v.t("请求撤回", "Request the withdrawal"),
            v.t("登记撤回请求", "Record the request"),
            vec![
                on(v, "on", v.t("请求日期", "Day of the request"), today),
                reason(v),
            ],
        )
    };
    let end = || {
        made(
            "end",
            v.t("登记声明的结束", "Record its end"),
            v.t("登记", "Record"),
            ending(v, today),
        )
    };
    let mut forms = match record.value.state {
        S::Draft if clear => vec![ready()],
        S::Ready if clear => vec![submit(), reopen()],
        S::Ready => vec![reopen()],
        S::Submitted => vec![announce(), refuse()],
        S::Announced => vec![request(), end()],
        S::WithdrawalRequested | S::Expired => vec![end()],
        S::Draft | S::Void | S::Refused | S::Withdrawn | S::Terminated | S::Revoked => Vec::new(),
    };
    let may_annul = !matches!(record.value.state, S::Draft | S::Ready | S::Void);
    if member.is_officer() && may_annul {
        forms.push(made(
            "annul",
            v.t("误录作废", "Void (entered by mistake)"),
            v.t("作废", "Void"),
            vec![reason(v)],
        ));
    }
    forms
}

fn on(_: &Visitor, name: &'static str, label: &str, today: Day) -> Field {
    Field::new(name, label)
        .kind("date")
        .value(&today.to_string())
}

fn reason(v: &Visitor) -> Field {
    Field::area("reason", v.t("理由", "Reason"), 500)
}

fn announcement(v: &Visitor, today: Day) -> Vec<Field> {
    vec![
        Field::new(
            "declarationNumber",
            v.t("开放许可声明编号", "Declaration number"),
        )
        .hint(v.t("按公告填写", "As announced")),
        on(
            v,
            "effectiveOn",
            v.t(
                "声明生效日（公告日）",
                "Effective day (of the announcement)",
            ),
            today,
        ),
        Field::file(
            "source",
            v.t(
                "公告文件（PDF 或图片）",
                "The announcement (PDF or picture)",
            ),
        ),
    ]
}

fn refusal(v: &Visitor, today: Day) -> Vec<Field> {
    vec![
        on(v, "on", v.t("决定日期", "Day of the decision"), today),
        reason(v),
        Field::file("source", v.t("决定文件", "The decision")).optional(),
    ]
}

fn ending(v: &Visitor, today: Day) -> Vec<Field> {
    let ways = ENDS.map(|state| (state.as_str(), v.t(state.zh(), state.en()).to_owned()));
    vec![
        Field::new("how", v.t("如何结束", "How it ended")).options(ways.into()),
        on(
            v,
            "announcedOn",
            v.t("公告日", "Day of the announcement"),
            today,
        )
        .hint(v.t(
            "自这一日起不能再取得许可；此前的许可不受影响",
            "From this day on no licence can be taken; earlier ones stand",
        )),
        Field::file(
            "source",
            v.t(
                "公告文件（PDF 或图片）",
                "The announcement (PDF or picture)",
            ),
        ),
    ]
}
