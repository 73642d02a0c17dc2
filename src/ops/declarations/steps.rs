//! Taking a step: the gate for readying and submitting, the files a step cites, and what the end of a declaration
//! means for the licences under it.

use super::{Shown, current, papers, put, refuse_taken, sentence, subject};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        declaration::{Declaration, DeclarationState, Step},
        eligibility::Block,
        event::Sight,
        file::FileRef,
        id::Id,
        time::Day,
    },
    ops::{
        Error, Result, Services,
        announce::announce,
        files, inbox, letter, performances,
        watch::{Dossiers, death},
    },
    store::{Tx, contacts, licences},
};

/// A step as it is asked for; files by their ids.
#[derive(Clone, Debug)]
pub enum Asked {
    Ready,
    Reopen,
    Submit {
        on: Day,
    },
    Announce {
        declaration_number: String,
        effective_on: Day,
        source: Id,
    },
    Refuse {
        on: Day,
        reason: String,
        source: Option<Id>,
    },
    RequestWithdrawal {
        on: Day,
        reason: String,
    },
    Withdraw {
        announced_on: Day,
        source: Id,
    },
    Terminate {
        announced_on: Day,
        source: Id,
    },
    Revoke {
        announced_on: Day,
        source: Id,
    },
    Annul {
        reason: String,
    },
}

/// Takes a step at version `expected`. Readying and submitting pass the gate; an end that is announced settles
/// the licences under the declaration again.
pub async fn step(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    asked: Asked,
) -> Result<Shown> {
    access::check_role(actor, Operation::StepDeclaration)?;
    let mut tx = services.write(actor).await?;
    let shown = step_in(services, &mut tx, actor, id, expected, asked).await?;
    tx.commit().await?;
    Ok(shown)
}

/// The same inside a transaction.
pub(in crate::ops) async fn step_in(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    id: &Id,
    expected: i64,
    asked: Asked,
) -> Result<Shown> {
    if matches!(asked, Asked::Annul { .. }) && actor.sight() != Sight::Office {
        return Err(Denied::Role.into());
    }
    let current = current(tx, actor, Operation::StepDeclaration, id, expected).await?;
    let today = tx.now().day();
    let mut value = current.value.clone();
    let wanted = [(value.organisation.clone(), value.number.clone())];
    let dossiers = Dossiers::load(tx, &wanted).await?;
    let case = dossiers
        .case(&value.organisation, &value.number)
        .ok_or_else(|| {
            Error::Internal(format!("declaration {id} without patent or organisation"))
        })?;
    let findings = if matches!(asked, Asked::Ready | Asked::Submit { .. }) {
        // The patent may have changed since the draft was written; what is committed to is what it says now.
        value.describe(case.patent);
        let papers = papers(tx, services, &value, case.patent).await?;
        case.declaring(&value, papers, today, &services.rules)
    } else {
        case.standing(today)
    };
    if let Asked::Announce { effective_on, .. } = &asked {
        value.check_term(case.patent, *effective_on)?;
    }
    let commitment = match asked {
        // Written only when the step is taken: the transaction is rolled back with a refusal.
        Asked::Ready => {
            let text = letter::commitment(case.organisation, case.patent, today);
            let name = format!("承诺书-{}.txt", value.number);
            let owner = Some(&value.organisation);
            Some(files::write_text(tx, services, &name, &text, owner, &[], actor).await?)
        }
        _ => None,
    };
    let step = cited(tx, actor, asked, commitment).await?;
    let next = value.step(step, &findings, today, &services.rules)?;
    if next.declaration_number != value.declaration_number {
        refuse_taken(tx, &next).await?;
    }
    // Announced with a block that has arisen meanwhile: the duty to withdraw begins at once.
    let next = next.watched(&findings, today).unwrap_or(next);
    let record = put(services, tx, actor, &current, next).await?;
    if record.value.ended_on != current.value.ended_on
        || record.value.state == DeclarationState::Void
    {
        let death = death(&dossiers, &record.value, today);
        settle_licences(services, tx, actor, &record.value, death).await?;
    }
    let contact = contacts::find(tx, &subject(id)).await?;
    Ok(Shown { record, contact })
}

/// The step with its files looked up.
async fn cited(
    tx: &mut Tx,
    actor: &Actor,
    asked: Asked,
    commitment: Option<FileRef>,
) -> Result<Step> {
    Ok(match asked {
        Asked::Ready => Step::Ready {
            commitment: commitment
                .ok_or_else(|| Error::Internal("a step without commitment".into()))?,
        },
        Asked::Reopen => Step::Reopen,
        Asked::Submit { on } => Step::Submit { on },
        Asked::Announce {
            declaration_number,
            effective_on,
            source,
        } => Step::Announce {
            declaration_number,
            effective_on,
            source: files::cite(tx, actor, &source, "/source").await?,
        },
        Asked::Refuse { on, reason, source } => Step::Refuse {
            on,
            reason: sentence("/reason", &reason)?,
            source: match source {
                Some(source) => Some(files::cite(tx, actor, &source, "/source").await?),
                None => None,
            },
        },
        Asked::RequestWithdrawal { on, reason } => Step::RequestWithdrawal {
            on,
            reason: sentence("/reason", &reason)?,
        },
        Asked::Withdraw {
            announced_on,
            source,
        } => Step::Withdraw {
            announced_on,
            source: files::cite(tx, actor, &source, "/source").await?,
        },
        Asked::Terminate {
            announced_on,
            source,
        } => Step::Terminate {
            announced_on,
            source: files::cite(tx, actor, &source, "/source").await?,
        },
        Asked::Revoke {
            announced_on,
            source,
        } => Step::Revoke {
            announced_on,
            source: files::cite(tx, actor, &source, "/source").await?,
        },
        Asked::Annul { reason } => Step::Annul {
            reason: sentence("/reason", &reason)?,
        },
    })
}

/// What a declaration's end means for the licences under it: those taken before stand, those that came too late
/// never took effect (专利法第五十条第二款).
async fn settle_licences(
    services: &Services,
    tx: &mut Tx,
    actor: &Actor,
    declaration: &Declaration,
    death: Option<(Block, Day)>,
) -> Result<()> {
    for licence in licences::list_by_declaration(tx, &declaration.id).await? {
        let mut next = licence.value.clone();
        next.settle(declaration, &services.rules);
        next.end_by(declaration, death, &services.rules.ends);
        if next != licence.value {
            let after = licences::update(tx, next, licence.version).await?;
            announce(tx, Some(&licence.value), &after);
            let acting = inbox::acting(actor);
            inbox::licence(tx, services, acting, Some(&licence.value), &after.value).await?;
            performances::follow(tx, services, &after.value).await?;
        }
    }
    Ok(())
}
