//! What a licence's page says of it: its sides and terms, what happened in the order of its days, its documents.

use super::forms::Side;
use crate::{
    domain::{licence::Licence, time::Instant},
    ops::dealings::Dealing,
    web::{visitor::Visitor, words},
};

/// A document that proves something, with its file.
pub struct Document {
    pub kind: &'static str,
    pub href: String,
    pub sha256: String,
}

/// The sides and the terms, by name.
pub fn facts(v: &Visitor, dealing: &Dealing) -> Vec<(&'static str, String)> {
    let (licence, declaration) = (&dealing.licence.value, &dealing.declaration);
    let announced = &declaration.value;
    let code = dealing.licensee.uscc.as_deref();
    let code = code.map_or_else(String::new, |code| format!("（{code}）"));
    let terms = &licence.terms;
    let number = announced.declaration_number.as_deref().unwrap_or("—");
    let effective = announced
        .effective_on
        .map_or_else(String::new, |day| day.to_string());
    let version = declaration.version;
    let mut facts = vec![
        (
            v.t("专利权人", "Patentee"),
            format!("{}（{}）", dealing.holder.name, dealing.holder.uscc),
        ),
        (
            v.t("被许可人", "Licensee"),
            format!("{}{code}", dealing.licensee.name),
        ),
        (
            v.t("声明", "Declaration"),
            v.t(
                &format!("{number}，{effective} 生效（现为第 {version} 版）"),
                &format!("{number}, in effect since {effective} (now version {version})"),
            )
            .to_owned(),
        ),
        (
            v.t("支付方式、标准", "Terms as announced"),
            v.t(&terms.sentence(), &terms.sentence_en()).to_owned(),
        ),
        (
            v.t("起始应付", "Due at the start"),
            v.text(&words::yuan(terms.due_at_start())).to_owned(),
        ),
        (v.t("许可期限", "Licence until"), licence.until.to_string()),
    ];
    facts.extend(particulars(v, licence));
    facts
}

/// What not every licence has: a licensee from abroad, risks that were acknowledged.
fn particulars(v: &Visitor, licence: &Licence) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if licence.cross_border {
        let said = v.t(
            "境外或港澳台主体：适用《技术进出口管理条例》，属技术出口，请先查禁止、限制出口技术目录，并办理技术进出口合同登记",
            "A licensee outside the mainland: this is technology export. Check the catalogue of what may not be exported, \
             and register the contract (技术进出口管理条例)",
        );
        facts.push((v.t("跨境", "Cross-border"), said.to_owned()));
    }
    if let Some(annex) = &licence.know_how {
        let name = v.t(
            "技术指导（通知时所附）",
            "Guidance, as offered with the notice",
        );
        facts.push((name, words::know_how(v, annex)));
    }
    let risks: Vec<&str> = licence
        .acknowledged
        .iter()
        .map(|b| v.t(b.zh(), b.en()))
        .collect();
    if !risks.is_empty() {
        facts.push((v.t("已知悉的风险", "Risks acknowledged"), risks.join("；")));
    }
    facts
}

/// What happened, in the order of its days.
pub fn timeline(v: &Visitor, licence: &Licence) -> Vec<(String, String)> {
    let mut line = Vec::new();
    let mut push = |day: String, words: String| line.push((day, words));
    if let Some(at) = &licence.given_at {
        let at: Option<jiff::Timestamp> = at.parse().ok();
        let at = at.map(|at| Instant::from_micros(at.as_microsecond()));
        push(
            at.map_or_else(String::new, Instant::in_beijing),
            v.t("发出书面通知", "Notice given").to_owned(),
        );
    }
    if let Some(day) = licence.notice_on {
        let how = v.t(licence.delivery.zh(), licence.delivery.en());
        push(
            day.to_string(),
            format!(
                "{}（{how}）",
                v.t("通知到达专利权人", "Notice reached the patentee")
            ),
        );
    }
    for payment in &licence.payments {
        let amount = v.text(&words::yuan(payment.amount_fen)).to_owned();
        push(
            payment.paid_on.to_string(),
            format!("{} {amount}", v.t("付款", "Paid")),
        );
    }
    if let Some(day) = licence.effective_on {
        push(
            day.to_string(),
            v.t("许可生效", "Licence in effect").to_owned(),
        );
    }
    if let Some(answer) = &licence.response {
        let said = v.t(answer.verdict.zh(), answer.verdict.en());
        push(
            answer.on.to_string(),
            format!("{}：{said}", v.t("专利权人答复", "The patentee says")),
        );
    }
    if let Some(filing) = &licence.filing {
        push(
            filing.on.to_string(),
            format!("{} {}", v.t("备案", "Filed as"), filing.number),
        );
    }
    if let Some(day) = licence.ended_on {
        push(
            day.to_string(),
            v.t(
                "许可随声明或专利权终止",
                "Ended with the declaration or the right",
            )
            .to_owned(),
        );
    }
    if let Some(reason) = &licence.reason {
        push(
            "—".to_owned(),
            format!("{}{reason}", v.t("作废：", "Void: ")),
        );
    }
    line
}

/// Both sides may read what proves their licence; what the announcement was recorded from is the office's to read.
pub fn documents(v: &Visitor, dealing: &Dealing, side: Side) -> Vec<Document> {
    let announced = v.t("声明公告", "Announcement");
    let sources = dealing.declaration.value.sources.iter();
    let sources = sources
        .filter(|_| side == Side::Office)
        .map(|file| (announced, file));
    let own = dealing
        .licence
        .value
        .evidence
        .iter()
        .map(|e| (v.t(e.kind.zh(), e.kind.en()), &e.file));
    own.chain(sources)
        .map(|(kind, file)| Document {
            kind,
            href: format!("/files/{}", file.id),
            sha256: file.sha256.clone(),
        })
        .collect()
}
