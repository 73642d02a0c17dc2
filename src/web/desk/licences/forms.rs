//! The forms of a licence: which of them fit its state and the reader's side. There is none by which a patentee could
//! accept or refuse (专利法第五十一条).

use crate::{
    domain::{
        licence::{Delivery, Licence, LicenceState, Verdict},
        money::Fen,
        time::Day,
    },
    ops::dealings::Dealing,
    web::{
        form::{Field, FormView},
        session::Member,
        visitor::Visitor,
    },
};

/// On which side of a licence a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Holder,
    Licensee,
    Office,
}

impl Side {
    pub fn of(member: &Member, licence: &Licence) -> Self {
        if member.is_officer() {
            Self::Office
        } else if member.actor.organisation.as_ref() == Some(&licence.holder) {
            Self::Holder
        } else {
            Self::Licensee
        }
    }
}

/// Title, last part of the address, and form.
pub type Fitting = (&'static str, &'static str, FormView);

/// The forms that fit, what is due next first. `once` makes a payment that is sent twice one payment.
pub fn fitting(v: &Visitor, dealing: &Dealing, side: Side, today: Day, once: &str) -> Vec<Fitting> {
    let licence = &dealing.licence.value;
    let mut forms = Vec::new();
    if matches!(licence.state, LicenceState::Void) {
        return forms;
    }
    let version = dealing.licence.version.to_string();
    let action = |last: &str| format!("/desk/licences/{}/{last}", licence.id);
    let letter = licence.delivery == Delivery::Letter && licence.notice_on.is_none();
    if letter && side != Side::Holder {
        forms.push((
            v.t("登记送达", "Record the delivery"),
            "delivery",
            delivery(v, &action("delivery"), today).hide("version", &version),
        ));
    }
    if !licence.terms.is_free() && licence.state != LicenceState::Ineffective {
        let title = match side {
            Side::Holder => v.t("登记收款", "Record a receipt"),
            _ => v.t("登记付款，上传凭证", "Record a payment with its voucher"),
        };
        let form = payment(v, &action("payments"), licence, side, today);
        forms.push((title, "payments", form.hide("once", once)));
    }
    if licence.state == LicenceState::Effective {
        let title = match licence.filing {
            None => v.t("登记备案", "Record the filing"),
            Some(_) => v.t("更正备案登记", "Correct the filing"),
        };
        forms.push((
            title,
            "filing",
            filing(v, &action("filing"), licence, today).hide("version", &version),
        ));
    }
    if side == Side::Holder {
        let title = v.t("答复通知", "Answer the notice");
        forms.push((
            title,
            "answer",
            answer(v, &action("answer")).hide("version", &version),
        ));
    }
    if side == Side::Office {
        let reason = Field::area(
            "reason",
            v.t("作废理由（仅限误录）", "Reason (entered by mistake)"),
            1_000,
        );
        let form = FormView::new(v, &action("annulment"), v.t("作废", "Strike"), vec![reason]);
        forms.push((
            v.t("作废记录", "Strike the record"),
            "annulment",
            form.hide("version", &version),
        ));
    }
    forms
}

fn delivery(v: &Visitor, action: &str, today: Day) -> FormView {
    let fields = vec![
        Field::new("on", v.t("送达日", "Day of delivery"))
            .kind("date")
            .value(&today.to_string()),
        Field::file(
            "file",
            v.t(
                "送达凭证（PDF 或图片）",
                "Proof of delivery (PDF or picture)",
            ),
        ),
    ];
    FormView::new(v, action, v.t("登记送达", "Record"), fields)
}

fn payment(v: &Visitor, action: &str, licence: &Licence, side: Side, today: Day) -> FormView {
    let missing = licence.missing_at_start();
    let amount = if missing > Fen::ZERO {
        missing.to_string()
    } else {
        String::new()
    };
    let mut fields = vec![
        Field::new("amount", v.t("金额（元）", "Amount (yuan)")).value(&amount),
        Field::new("paidOn", v.t("付款日", "Day of payment"))
            .kind("date")
            .value(&today.to_string()),
    ];
    if side == Side::Office {
        let kinds = vec![
            (
                "voucher",
                v.t("被许可人的支付凭证", "The licensee’s voucher")
                    .to_owned(),
            ),
            (
                "receipt",
                v.t("专利权人的收款凭证", "The patentee’s receipt")
                    .to_owned(),
            ),
        ];
        fields.push(Field::new("proof", v.t("凭证", "Proof")).options(kinds));
    }
    fields.push(match side {
        Side::Holder => Field::file(
            "file",
            v.t("收款凭证（PDF 或图片）", "Receipt (PDF or picture)"),
        )
        .optional()
        .hint(v.t(
            "没有的话，系统按您的登记写一份收款确认",
            "Without one a receipt is written from this form",
        )),
        _ => Field::file(
            "file",
            v.t("支付凭证（PDF 或图片）", "Voucher (PDF or picture)"),
        ),
    });
    let button = match side {
        Side::Holder => v.t("登记收款", "Record the receipt"),
        _ => v.t("登记付款", "Record the payment"),
    };
    FormView::new(v, action, button, fields)
}

fn filing(v: &Visitor, action: &str, licence: &Licence, today: Day) -> FormView {
    let number = licence
        .filing
        .as_ref()
        .map_or("", |filing| filing.number.as_str());
    let on = licence.filing.as_ref().map_or(today, |filing| filing.on);
    let fields = vec![
        Field::new("number", v.t("备案号", "Filing number")).value(number),
        Field::new("on", v.t("备案日", "Day of filing"))
            .kind("date")
            .value(&on.to_string()),
        Field::file(
            "file",
            v.t("备案证明（PDF 或图片）", "Certificate (PDF or picture)"),
        )
        .optional(),
    ];
    FormView::new(v, action, v.t("登记备案", "Record the filing"), fields)
}

fn answer(v: &Visitor, action: &str) -> FormView {
    let verdicts = vec![
        (
            Verdict::Confirmed.as_str(),
            v.t("确认收到通知", "The notice was received").to_owned(),
        ),
        (
            Verdict::Disputed.as_str(),
            v.t("有异议", "Dispute it").to_owned(),
        ),
    ];
    let fields = vec![
        Field::new("verdict", v.t("答复", "Answer")).options(verdicts).hint(v.t(
            "许可不以您的同意为前提，答复不改变其效力；不答复也可以",
            "The licence needs no consent and an answer does not change its effect; none is required",
        )),
        Field::area("statement", v.t("异议说明", "What is disputed"), 2_000)
            .optional()
            .hint(v.t("有异议时必填", "Required with a dispute")),
    ];
    FormView::new(v, action, v.t("答复", "Answer"), fields)
}
