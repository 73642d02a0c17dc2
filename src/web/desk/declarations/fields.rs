//! The form of a declaration's content: terms, period, explanation, contact and papers, with what the draft holds.

use super::{terms, write::action_of};
use crate::{
    domain::{
        declaration::{Conclusion, Declaration},
        party::Contact,
        patent::PatentKind,
        terms::MAX_EXPLANATION_CHARS,
    },
    ops::declarations::Dossier,
    web::{
        form::{Field, FormView},
        visitor::Visitor,
    },
};

/// The fields of co-owners' consents, and of their names.
pub const CONSENTS: [(&str, &str); 4] = [
    ("consent0", "consentName0"),
    ("consent1", "consentName1"),
    ("consent2", "consentName2"),
    ("consent3", "consentName3"),
];

/// The form, for a new declaration or for a draft.
pub fn content_form(v: &Visitor, dossier: &Dossier) -> FormView {
    let draft = dossier.shown.as_ref().map(|shown| &shown.record.value);
    let contact = dossier
        .shown
        .as_ref()
        .and_then(|shown| shown.contact.as_ref());
    let mut fields = terms::fields(v, draft.map(|draft| &draft.terms));
    fields.extend(period_fields(v, dossier, draft));
    fields.extend(contact_fields(v, contact));
    fields.extend(step_fields(v, draft));
    fields.extend(paper_fields(v, dossier, draft));
    let button = v.t("保存草稿并预览", "Save the draft and see it");
    let mut form = FormView::new(v, &action_of(dossier), button, fields)
        .hide("number", dossier.patent.number.as_str());
    for ((_, hidden), name) in CONSENTS.into_iter().zip(consenting(dossier, draft)) {
        form = form.hide(hidden, name);
    }
    match &dossier.shown {
        Some(shown) => form.hide("version", &shown.record.version.to_string()),
        None => form,
    }
}

fn period_fields(v: &Visitor, dossier: &Dossier, draft: Option<&Declaration>) -> Vec<Field> {
    let last = dossier
        .patent
        .expires_on()
        .and_then(|day| day.yesterday().ok());
    let until = draft
        .map(|draft| draft.until)
        .or(last)
        .map_or_else(String::new, |day| day.to_string());
    let latest = last.map_or_else(
        || {
            v.t(
                "申请日不明，无法推算专利权期限",
                "The filing date is unknown, so the term cannot be computed",
            )
            .to_owned()
        },
        |day| {
            format!(
                "{} {day}",
                v.t(
                    "许可的最后一日；最晚为",
                    "The licence's last day; at the latest"
                )
            )
        },
    );
    let explanation = draft.map_or("", |draft| draft.explanation.as_str());
    let typed = explanation.chars().count();
    let counter = format!(
        "{} {typed} / {MAX_EXPLANATION_CHARS}{}",
        v.t("已写", "Written so far:"),
        v.t(
            " 字。留空则按条款写出计算方式，之后可补充计算依据；不得使用“最佳”“首选”一类宣传用语",
            ". Left empty, it is written from the terms; add on what the fee is based. Promotional words are refused"
        ),
    );
    vec![
        Field::new(
            "until",
            v.t("许可期限届满日", "Last day of the licence period"),
        )
        .kind("date")
        .value(&until)
        .hint(&latest),
        Field::area(
            "explanation",
            v.t(
                "使用费计算依据和方式的简要说明（2000 字以内）",
                "How the fee was reckoned (2,000 characters at most)",
            ),
            MAX_EXPLANATION_CHARS,
        )
        .value(explanation)
        .hint(&counter),
        Field::area(
            "other",
            v.t("其他需要明确的事项", "Anything else"),
            MAX_EXPLANATION_CHARS,
        )
        .optional()
        .value(draft.and_then(|d| d.other.as_deref()).unwrap_or_default()),
        Field::area(
            "capOverride",
            v.t("超过一般上限的理由", "Why the usual limit is exceeded"),
            500,
        )
        .optional()
        .value(
            draft
                .and_then(|d| d.cap_override.as_deref())
                .unwrap_or_default(),
        )
        .hint(v.t(
            "固定费用合计超过 2000 万元或提成超过上限时填写",
            "Where fixed money exceeds CNY 20 million or a rate its limit",
        )),
    ]
}

fn contact_fields(v: &Visitor, contact: Option<&Contact>) -> Vec<Field> {
    let said = |pick: fn(&Contact) -> &Option<String>| {
        contact.and_then(|c| pick(c).as_deref()).unwrap_or_default()
    };
    let one = v.t(
        "电话、邮箱、地址至少填一项，随声明公布",
        "At least one of telephone, e-mail and address; published with the declaration",
    );
    vec![
        Field::new(
            "contactName",
            v.t("业务联系人或部门", "Business contact or department"),
        )
        .optional()
        .value(said(|c| &c.name)),
        Field::new("contactTelephone", v.t("联系电话", "Telephone"))
            .optional()
            .kind("tel")
            .value(said(|c| &c.telephone))
            .hint(one),
        Field::new("contactEmail", v.t("电子邮箱", "E-mail"))
            .optional()
            .value(said(|c| &c.email)),
        Field::new("contactAddress", v.t("通信地址", "Address"))
            .optional()
            .value(said(|c| &c.address)),
    ]
}

/// 公示 and 内部审批: days and documents, for whoever has them.
fn step_fields(v: &Visitor, draft: Option<&Declaration>) -> Vec<Field> {
    let shown = draft.and_then(|draft| draft.internal.publicity.as_ref());
    let approval = draft.and_then(|draft| draft.internal.approval.as_ref());
    let text =
        |day: Option<crate::domain::time::Day>| day.map_or_else(String::new, |day| day.to_string());
    let kept = |known: bool| {
        let words = (
            "已上传；另选文件则替换",
            "Uploaded; another file replaces it",
        );
        if known { v.t(words.0, words.1) } else { "" }
    };
    let optional = v.t(
        "本单位有这一程序的填写，例如高校的成果名称和拟交易价格公示",
        "For holders with this step, as universities that show the price inside the unit",
    );
    vec![
        Field::new("publicityFrom", v.t("内部公示开始日", "Publicity from"))
            .kind("date")
            .optional()
            .value(&text(shown.map(|shown| shown.from)))
            .hint(optional),
        Field::new("publicityUntil", v.t("内部公示截止日", "Publicity until"))
            .kind("date")
            .optional()
            .value(&text(shown.map(|shown| shown.until))),
        Field::new("approvalOn", v.t("内部审批日", "Approved on"))
            .kind("date")
            .optional()
            .value(&text(approval.map(|approval| approval.on))),
        Field::file(
            "publicityFile",
            v.t("公示材料", "Document of the publicity"),
        )
        .optional()
        .hint(kept(shown.is_some())),
        Field::file("approvalFile", v.t("审批材料", "Document of the approval"))
            .optional()
            .hint(kept(approval.is_some())),
    ]
}

/// Co-owners, those without consent first, as many as the form takes at once.
fn consenting<'a>(dossier: &'a Dossier, draft: Option<&Declaration>) -> Vec<&'a str> {
    let given = |name: &str| {
        draft.is_some_and(|draft| draft.consents.iter().any(|consent| consent.is_of(name)))
    };
    let mut names = dossier.co_owners();
    names.sort_by_key(|name| given(name));
    names.truncate(CONSENTS.len());
    names
}

fn paper_fields(v: &Visitor, dossier: &Dossier, draft: Option<&Declaration>) -> Vec<Field> {
    let mut fields = Vec::new();
    let kept = v.t(
        "已上传；另选文件则替换",
        "Uploaded; another file replaces it",
    );
    if dossier.patent.kind != PatentKind::Invention {
        let known = draft.and_then(|draft| draft.evaluation.as_ref());
        let conclusions = Conclusion::ALL.map(|c| (c.as_str(), v.t(c.zh(), c.en()).to_owned()));
        fields.push(
            Field::new(
                "conclusion",
                v.t(
                    "专利权评价报告的结论",
                    "Conclusion of the evaluation report",
                ),
            )
            .options(conclusions.into())
            .value(
                known
                    .map_or(Conclusion::Positive, |known| known.conclusion)
                    .as_str(),
            ),
        );
        let file = Field::file(
            "evaluation",
            v.t(
                "专利权评价报告（实用新型、外观设计必备）",
                "Evaluation report (wanted for utility models and designs)",
            ),
        );
        fields.push(
            file.optional()
                .hint(if known.is_some() { kept } else { "" }),
        );
    }
    for ((field, _), name) in CONSENTS.into_iter().zip(consenting(dossier, draft)) {
        let label = format!(
            "{}{name}",
            v.t("共有人的书面同意：", "Written consent of the co-owner: ")
        );
        let given =
            draft.is_some_and(|draft| draft.consents.iter().any(|consent| consent.is_of(name)));
        fields.push(
            Field::file(field, &label)
                .optional()
                .hint(if given { kept } else { "" }),
        );
    }
    fields
}
