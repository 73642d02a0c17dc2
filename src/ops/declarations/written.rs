//! What people write into a declaration: its terms checked, its files looked up.

use super::subject;
use crate::{
    domain::{
        access::Actor,
        declaration::{
            Approval, Conclusion, Consent, Content, Declaration, Evaluation, Internal, Publicity,
        },
        eligibility::{OwnSteps, Papers},
        id::Id,
        party::Contact,
        patent::Patent,
        terms::Terms,
        time::Day,
    },
    ops::{Error, Result, Services, cards, files, terms},
    store::{Tx, contacts, declarations, reviews},
};

/// What somebody writes into a declaration; files by their ids.
#[derive(Clone, Debug)]
pub struct Written {
    pub terms: Terms,
    pub until: Day,
    pub explanation: String,
    pub other: Option<String>,
    pub cap_override: Option<String>,
    pub evaluation: Option<(Id, Conclusion)>,
    /// Co-owners by name.
    pub consents: Vec<(String, Id)>,
    pub internal: Steps,
    pub contact: Option<Contact>,
}

/// 公示 and 内部审批 as they are written; files by their ids.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// First day, last day, document.
    pub publicity: Option<(Day, Day, Id)>,
    pub approval: Option<(Day, Id)>,
}

/// The same with their files looked up.
async fn internal(tx: &mut Tx, actor: &Actor, steps: Steps) -> Result<Internal> {
    let publicity = match steps.publicity {
        Some((from, until, file)) => Some(Publicity {
            from,
            until,
            file: files::cite(tx, actor, &file, "/internal/publicity/file").await?,
        }),
        None => None,
    };
    let approval = match steps.approval {
        Some((on, file)) => Some(Approval {
            on,
            file: files::cite(tx, actor, &file, "/internal/approval/file").await?,
        }),
        None => None,
    };
    Ok(Internal {
        publicity,
        approval,
    })
}

/// What was written, with its files looked up and its terms checked.
pub(super) async fn content(
    tx: &mut Tx,
    actor: &Actor,
    written: Written,
) -> Result<(Content, Option<Contact>)> {
    if let Err(faults) = written.terms.check() {
        return Err(Error::Invalid(terms::faults("/terms", faults)));
    }
    if written
        .contact
        .as_ref()
        .is_some_and(|contact| !contact.is_sound())
    {
        return Err(Error::fault(
            "/contact",
            "contactInvalid",
            "联系人、电话、邮箱和地址各为 1 至 200 字，不含控制字符。",
            "Name, telephone, e-mail and address have 1 to 200 characters each.",
        ));
    }
    let evaluation = match written.evaluation {
        Some((file, conclusion)) => Some(Evaluation {
            file: files::cite(tx, actor, &file, "/evaluation/file").await?,
            conclusion,
        }),
        None => None,
    };
    if written.consents.len() > 50 {
        return Err(Error::fault(
            "/consents",
            "tooMany",
            "共有人同意最多 50 份。",
            "At most 50 consents.",
        ));
    }
    let mut consents = Vec::with_capacity(written.consents.len());
    for (place, (name, file)) in written.consents.into_iter().enumerate() {
        let pointer = format!("/consents/{place}/file");
        consents.push(Consent {
            name,
            file: files::cite(tx, actor, &file, &pointer).await?,
            signed: None,
        });
    }
    let internal = internal(tx, actor, written.internal).await?;
    let content = Content {
        terms: written.terms,
        until: written.until,
        explanation: written.explanation,
        other: written.other,
        cap_override: written.cap_override,
        evaluation,
        consents,
        internal,
    };
    Ok((content, written.contact))
}

/// What the gate wants to know beside the record.
pub(super) async fn papers(
    tx: &mut Tx,
    services: &Services,
    declaration: &Declaration,
    patent: &Patent,
) -> Result<Papers> {
    let contact = contacts::find(tx, &subject(&declaration.id)).await?;
    let others =
        declarations::list_by_numbers(tx, std::slice::from_ref(&declaration.number)).await?;
    let card = cards::standing(tx, services, &declaration.organisation, patent).await?;
    let own = reviews::load_rules(tx, &declaration.organisation)
        .await?
        .value;
    Ok(Papers {
        card,
        wants: OwnSteps {
            publicity: services.rules.publicity_required || own.price_publicity,
            approval: services.rules.approval_required || own.price_approval,
        },
        has_contact: contact.is_some_and(|contact| contact.is_usable()),
        has_rival: others
            .iter()
            .any(|other| other.value.id != declaration.id && other.value.state.is_under_way()),
    })
}

/// A reason of 1 to 500 characters.
pub(in crate::ops) fn sentence(pointer: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if !(1..=500).contains(&text.chars().count())
        || text.chars().any(|c| c.is_control() && c != '\n')
    {
        return Err(Error::fault(
            pointer,
            "textLength",
            "请填写 1 至 500 字的理由。",
            "Give a reason of 1 to 500 characters.",
        ));
    }
    Ok(text.to_owned())
}
