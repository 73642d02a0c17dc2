//! The gate's findings for people: each with its article and its cure, and the form that cures it where there is one.

use askama::Template;

use super::Failed;
use crate::{
    domain::{
        eligibility::Block,
        encumbrance::{Encumbrance, EncumbranceKind},
        patent::LegalStatus,
        time::Day,
    },
    ops::{Stored, declarations::Dossier},
    web::{
        form::{Field, FormView},
        visitor::Visitor,
        words,
    },
};

/// The gate as a page shows it.
#[derive(Template)]
#[template(path = "desk_gate.html")]
pub struct Gate<'a> {
    v: &'a Visitor,
    as_of: Day,
    items: Vec<Item>,
    /// What the form is for, and the form.
    cures: Vec<(String, FormView)>,
}

struct Item {
    text: String,
    article: &'static str,
    cure: String,
    /// Where it is cured, when that is another page.
    way: Option<(&'static str, String)>,
}

impl<'a> Gate<'a> {
    pub fn new(v: &'a Visitor, dossier: &Dossier, failed: Failed<'_>) -> Self {
        let items = dossier.findings.iter().map(|finding| {
            let refusal = finding.refusal();
            let cure = refusal.cure.as_ref();
            Item {
                text: v.text(&refusal.text).to_owned(),
                article: refusal.article.unwrap_or_default(),
                cure: cure.map_or_else(String::new, |cure| v.text(cure).to_owned()),
                way: way(v, finding.block, dossier),
            }
        });
        let filled = |action: &str, form: FormView| match failed {
            Some((at, typed, error)) if at == action => form.filled(typed, error),
            _ => form,
        };
        let mut cures = Vec::new();
        if dossier
            .findings
            .iter()
            .any(|finding| is_status(finding.block))
        {
            let action = format!("/desk/patents/{}/status", dossier.patent.number);
            let form = status_form(v, &action, dossier);
            cures.push((
                v.t("登记核实的法律状态", "Record the status that was checked")
                    .to_owned(),
                filled(&action, form),
            ));
        }
        for found in dossier
            .encumbrances
            .iter()
            .filter(|found| hinders(&found.value))
        {
            let value = &found.value;
            if value.organisation.as_ref() != Some(&dossier.organisation.id) {
                continue;
            }
            let action = format!("/desk/encumbrances/{}", value.id);
            let party = value.party.as_deref().unwrap_or_default();
            let title = format!(
                "{} {} {party}",
                v.t(value.kind.zh(), value.kind.en()),
                value.from
            );
            cures.push((
                title,
                filled(&action, encumbrance_form(v, &action, found, dossier)),
            ));
        }
        Self {
            v,
            as_of: dossier.as_of,
            items: items.collect(),
            cures,
        }
    }

    pub fn is_clear(&self) -> bool {
        self.items.is_empty()
    }
}

/// Is it cured by a newer legal status?
const fn is_status(block: Block) -> bool {
    matches!(
        block,
        Block::NotGranted
            | Block::FeeUnpaid
            | Block::Terminated
            | Block::StatusUnknown
            | Block::StatusStale
    )
}

fn hinders(encumbrance: &Encumbrance) -> bool {
    match encumbrance.kind {
        EncumbranceKind::Pledge => encumbrance.consent.is_none(),
        kind => kind != EncumbranceKind::OrdinaryLicence,
    }
}

/// The page on which it is cured.
fn way(v: &Visitor, block: Block, dossier: &Dossier) -> Option<(&'static str, String)> {
    match block {
        Block::NoEvalReport
        | Block::EvalNegative
        | Block::CoOwnerConsent
        | Block::TermExceeded
        | Block::PeriodOver
        | Block::PromotionalWording
        | Block::FeeCap
        | Block::ContactMissing => {
            let id = &dossier.shown.as_ref()?.record.value.id;
            Some((
                v.t("去修改声明", "Edit the declaration"),
                format!("/desk/declarations/{id}/edit"),
            ))
        }
        Block::AlreadyOffered => {
            let id = &dossier.other.as_ref()?.id;
            Some((
                v.t("查看另一份声明", "See the other declaration"),
                format!("/desk/declarations/{id}"),
            ))
        }
        Block::TermUnknown => Some((
            v.t("重新导入著录项目", "Import the record again"),
            "/desk/imports".to_owned(),
        )),
        _ => None,
    }
}

/// Where a cure leads back to.
fn back(form: FormView, dossier: &Dossier) -> FormView {
    let id = dossier
        .shown
        .as_ref()
        .map(|shown| shown.record.value.id.to_string());
    form.hide("declaration", &id.unwrap_or_default())
        .hide("number", dossier.patent.number.as_str())
}

fn status_form(v: &Visitor, action: &str, dossier: &Dossier) -> FormView {
    let mut statuses = vec![("", v.t("请选择", "Choose").to_owned())];
    statuses.extend(
        LegalStatus::ALL.map(|status| (status.as_str(), words::status(status, v.lang).to_owned())),
    );
    let fields = vec![
        Field::new(
            "legalStatus",
            v.t("查到的法律状态", "The status that was found"),
        )
        .options(statuses),
        Field::new("statusText", v.t("登记簿的原文", "The register's words")).optional(),
        Field::new("asOf", v.t("查询日期", "Day of the query"))
            .kind("date")
            .value(&dossier.as_of.to_string()),
        Field::file(
            "source",
            v.t(
                "登记簿副本或查询结果（PDF 或图片）",
                "Register extract or query result (PDF or picture)",
            ),
        ),
    ];
    back(
        FormView::new(v, action, v.t("登记", "Record"), fields),
        dossier,
    )
}

fn encumbrance_form(
    v: &Visitor,
    action: &str,
    found: &Stored<Encumbrance>,
    dossier: &Dossier,
) -> FormView {
    let mut fields = vec![
        Field::new(
            "releasedOn",
            v.t(
                "解除、注销日（没有则留空）",
                "Released on (empty where it was not)",
            ),
        )
        .kind("date")
        .optional(),
    ];
    if found.value.kind == EncumbranceKind::Pledge {
        fields.push(
            Field::file(
                "consent",
                v.t(
                    "质权人同意实行开放许可的书面文件",
                    "The pledgee's written consent",
                ),
            )
            .optional(),
        );
    }
    fields.push(
        Field::file(
            "source",
            v.t("解除、注销的证明文件", "Proof of the release"),
        )
        .optional(),
    );
    let form = FormView::new(v, action, v.t("登记", "Record"), fields);
    back(form.hide("version", &found.version.to_string()), dossier)
}
