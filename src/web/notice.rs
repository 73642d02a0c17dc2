//! `/patents/{number}/notice`: a licence is taken here. The announced terms once more, who takes it, what is due; the
//! form names the declaration and the version that was read. Nobody at the other side is asked (专利法第五十一条).

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{
    Web, errors,
    form::{Field, Form, FormView, status_of},
    session::{Member, see_other},
    visitor::Visitor,
    words,
};
use crate::{
    domain::{eligibility::Block, id::Id, text::Text},
    ops::{
        self, Error,
        idempotency::Key,
        licences::{self, NewNotice},
        patents,
        prospects::{self, Prospect},
    },
};

#[derive(Template)]
#[template(path = "notice.html")]
struct Page<'a> {
    v: &'a Visitor,
    number: String,
    zl: String,
    title: &'a str,
    declaration_number: &'a str,
    effective_on: String,
    version: i64,
    holder: &'a str,
    taker: &'a str,
    /// The agency that acts for the taker.
    agency: Option<&'a str>,
    mode: &'static str,
    sentence: String,
    start: String,
    free: bool,
    until: String,
    reaches_holder: bool,
    verified: bool,
    /// The licence that stands already.
    standing: Option<String>,
    form: Option<FormView>,
}

fn address(number: &str) -> String {
    format!("/patents/{number}/notice")
}

/// `GET /patents/{number}/notice`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Response {
    let found = async {
        let number = patents::parse_number(&number)?;
        prospects::prospect(&web.services, &member.actor, &number).await
    };
    match found.await {
        Ok(found) => {
            let once = hex::encode(web.services.ids.secret());
            let form = form(&visitor, &found, &once);
            page(&visitor, &member, &found, form, StatusCode::OK)
        }
        Err(error) => errors::page(&visitor, &error),
    }
}

fn page(
    v: &Visitor,
    member: &Member,
    found: &Prospect,
    form: FormView,
    status: StatusCode,
) -> Response {
    let declaration = &found.declaration.value;
    let terms = &declaration.terms;
    let sentence = v.t(&terms.sentence(), &terms.sentence_en()).to_owned();
    let acting = member.principal.as_ref().and(member.party.as_ref());
    let effective_on = declaration.effective_on.map(|day| day.to_string());
    let page = Page {
        v,
        number: declaration.number.to_string(),
        zl: declaration.number.zl(),
        title: &declaration.title,
        declaration_number: declaration.declaration_number.as_deref().unwrap_or("—"),
        effective_on: effective_on.unwrap_or_default(),
        version: found.declaration.version,
        holder: &found.holder.name,
        taker: &found.taker,
        agency: acting.map(ops::sessions::Party::name),
        mode: v.t(terms.mode().zh(), terms.mode().en()),
        sentence,
        start: v.text(&words::yuan(terms.due_at_start())).to_owned(),
        free: terms.due_at_start() == crate::domain::money::Fen::ZERO,
        until: declaration.until.to_string(),
        reaches_holder: found.reaches_holder,
        verified: found.verified,
        standing: found
            .standing
            .as_ref()
            .map(|id| format!("/desk/licences/{id}")),
        form: (found.verified && found.standing.is_none()).then_some(form),
    };
    v.form_page(status, &page)
}

fn form(v: &Visitor, found: &Prospect, once: &str) -> FormView {
    let declaration = &found.declaration.value;
    let risks = found.risks.iter().map(|risk| {
        let block = risk.block;
        let label = v.t("已知悉风险：", "I know this risk: ").to_owned();
        Field::tick(
            block.as_str(),
            &format!("{label}{}", v.t(block.zh(), block.en())),
        )
        .hint(&risk.detail)
    });
    let mut fields: Vec<Field> = risks.collect();
    let border = v.t(
        "被许可人是境外或港澳台主体（须另办技术进出口合同登记）",
        "The licensee is foreign or from Hong Kong, Macao or Taiwan (the contract must be registered for technology \
         import and export)",
    );
    fields.push(Field::tick("crossBorder", border).optional());
    let related = v.t(
        "被许可人与专利权人有关联关系（如实说明，不影响取得许可，只告知双方和主管部门）",
        "The licensee and the patentee are related (say so truly: it takes nothing away, and only the two sides and the \
         office are told)",
    );
    fields.push(Field::tick("related", related).optional());
    let number = declaration.declaration_number.as_deref().unwrap_or("—");
    let version = found.declaration.version;
    let agree = v.t(
        &format!("已阅读第 {number} 号声明（第 {version} 版），愿按公告的支付方式和标准实施该专利"),
        &format!(
            "I have read declaration {number} (version {version}) and will use the patent on the announced terms"
        ),
    )
    .to_owned();
    fields.push(Field::tick("agree", &agree));
    let action = address(declaration.number.as_str());
    FormView::new(v, &action, v.t("发出许可通知", "Give notice"), fields)
        .hide("declaration", &declaration.id.to_string())
        .hide("version", &version.to_string())
        .hide("once", once)
}

/// `POST /patents/{number}/notice`
pub async fn give(
    State(web): State<Web>,
    member: Member,
    Path(number): Path<String>,
    form: Form,
) -> Response {
    let (services, actor) = (&web.services, &member.actor);
    let given = async {
        let new = read(&form)?;
        let asked = format!("{new:?}");
        let key = Key::new(actor, form.get("once"), "createLicence", asked.as_bytes());
        let key = (form.get("once").len() == 64).then_some(&key);
        licences::create(services, actor, key, new).await
    };
    let error = match given.await {
        Ok(made) => return see_other(&format!("/desk/licences/{}", made.record.value.id)),
        Err(error) => error,
    };
    let v = &form.visitor;
    let Some(status) = status_of(&error) else {
        return errors::page(v, &error);
    };
    let found = async {
        let number = patents::parse_number(&number)?;
        prospects::prospect(services, actor, &number).await
    };
    match found.await {
        Ok(found) => {
            let again = self::form(v, &found, form.get("once")).filled(&form, &error);
            page(v, &member, &found, again, status)
        }
        Err(error) => errors::page(v, &error),
    }
}

fn read(form: &Form) -> ops::Result<NewNotice> {
    if form.get("agree") != "yes" {
        let text = Text::new(
            "请勾选：您已阅读公告的条件并愿按其实施。",
            "Tick that you have read the announced terms and will keep to them.",
        );
        return Err(Error::fault("/agree", "termsNotAgreed", text.zh, text.en));
    }
    let seen = form.get("version").parse().ok();
    Ok(NewNotice {
        declaration: Id::parse(form.get("declaration")).ok_or(Error::NotFound("declaration"))?,
        licensee: None,
        acknowledged: Block::ALL
            .into_iter()
            .filter(|b| form.get(b.as_str()) == "yes")
            .collect(),
        cross_border: form.get("crossBorder") == "yes",
        related: (form.get("related") == "yes").then_some(true),
        seen: Some(seen.ok_or(Error::NotFound("declaration"))?),
    })
}
