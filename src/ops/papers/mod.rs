//! Papers for whoever may see the record: made from it at the moment they are asked for and stored nowhere, so that they
//! say what the record says.

mod face;
mod html;
mod pack;
#[cfg(feature = "pdf")]
mod pdf;

pub use face::Face;
pub use html::{document, fragment};
pub use pack::{Pack, pack};

use std::collections::HashMap;

use super::{
    Error, Result, Services, dealings,
    declarations::{self, Shown},
    letter,
};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        declaration::Declaration,
        file::FileRef,
        id::Id,
        licence::Licensee,
        media::MediaType,
        paper::{self, DeclarationPaper, Declared, Kept, LicencePaper, Licensed, Paper},
        party::{Contact, Organisation},
        patent::Patent,
        refusal::{Refusal, Refused},
        text::Lang,
    },
    store::{Tx, contacts, files, organisations, patents},
};

/// A paper of a declaration: for its holder and the office.
pub async fn of_declaration(
    services: &Services,
    actor: &Actor,
    id: &Id,
    kind: DeclarationPaper,
) -> Result<Paper> {
    access::check_role(actor, Operation::GetDeclarationPaper)?;
    let Shown { record, contact } = declarations::get(services, actor, id).await?;
    let value = &record.value;
    access::check(
        actor,
        Operation::GetDeclarationPaper,
        Some(&value.organisation),
    )?;
    let mut tx = services.read().await?;
    let patent = patents::find(&mut tx, &value.number)
        .await?
        .ok_or(Error::NotFound("patent"))?
        .value;
    let organisation = organisations::find(&mut tx, &value.organisation)
        .await?
        .ok_or(Error::NotFound("organisation"))?
        .value;
    let today = services.clock.today();
    let names = names(&mut tx, cited(value)).await?;
    let given = match &value.commitment {
        Some(file) => text_of(&mut tx, file).await?,
        None => None,
    };
    let commitment = given.unwrap_or_else(|| letter::commitment(&organisation, &patent, today));
    let declared = Declared {
        declaration: value,
        version: record.version,
        patent: &patent,
        organisation: &organisation,
        contact: contact.as_ref(),
        commitment: &commitment,
        names: &names,
        today,
    };
    Ok(match kind {
        DeclarationPaper::Declaration => paper::declaration(&declared),
        DeclarationPaper::Withdrawal => paper::withdrawal(&declared)?,
    })
}

/// A paper as PDF, where the program was built to make them and the operator has named a font.
pub async fn pdf(services: &Services, paper: Paper, lang: Lang) -> Result<Vec<u8>> {
    let Some(face) = services.face.clone() else {
        return Err(Refused::from(Refusal::new(
            "pdfUnavailable",
            "本系统没有启用 PDF，请打印网页。",
            "This installation makes no PDF; print the page instead.",
        ))
        .into());
    };
    let made = tokio::task::spawn_blocking(move || face.pdf(&paper, lang)).await;
    let made = made.map_err(|e| Error::Internal(format!("pdf: {e}")))?;
    made.map_err(Error::Internal)
}

/// The files that a declaration cites.
fn cited(d: &Declaration) -> Vec<Id> {
    let report = d.evaluation.iter().map(|report| &report.file);
    let consents = d.consents.iter().map(|consent| &consent.file);
    let all = report
        .chain(consents)
        .chain(&d.commitment)
        .chain(&d.sources);
    all.map(|file| file.id.clone()).collect()
}

async fn names(tx: &mut Tx, ids: Vec<Id>) -> Result<HashMap<Id, String>> {
    let found = files::list_by_ids(tx, &ids).await?;
    Ok(found.into_iter().map(|file| (file.id, file.name)).collect())
}

/// A text of ours, word for word; `None` where it is no text. Such a text is one part at most.
async fn text_of(tx: &mut Tx, file: &FileRef) -> Result<Option<String>> {
    let found = files::find(tx, &file.id).await?;
    if found.is_none_or(|found| found.media_type != MediaType::Text) {
        return Ok(None);
    }
    let bytes = files::read_part(tx, &file.id, 0).await?;
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// A paper of a licence: for its two sides and the office.
pub async fn of_licence(
    services: &Services,
    actor: &Actor,
    id: &Id,
    kind: LicencePaper,
) -> Result<Paper> {
    access::check_role(actor, Operation::GetLicencePaper)?;
    let around = Around::load(services, actor, id).await?;
    Ok(around.paper(services, kind))
}

/// A licence with everything that its papers say.
struct Around {
    dealing: dealings::Dealing,
    patent: Patent,
    holder_contact: Option<Contact>,
    licensee_contact: Option<String>,
    kept: Vec<Kept>,
}

impl Around {
    /// For whoever `dealings` shows the licence to.
    async fn load(services: &Services, actor: &Actor, id: &Id) -> Result<Self> {
        let dealing = dealings::get(services, actor, id).await?;
        let licence = &dealing.licence.value;
        let mut tx = services.read().await?;
        let patent = patents::find(&mut tx, &licence.number)
            .await?
            .ok_or(Error::NotFound("patent"))?
            .value;
        let subject = format!("declarations/{}", licence.declaration);
        let holder_contact = contacts::find(&mut tx, &subject).await?;
        let licensee_contact = match &licence.licensee {
            Licensee::Organisation(_) => None,
            Licensee::Individual(id) => contacts::find_individual(&mut tx, id)
                .await?
                .map(|person| person.contact),
        };
        let evidence = licence.evidence.iter();
        let ids = evidence.clone().map(|e| e.file.id.clone()).collect();
        let mut names = names(&mut tx, ids).await?;
        let kept = evidence.map(|e| Kept {
            kind: e.kind,
            file: e.file.clone(),
            name: names.remove(&e.file.id).unwrap_or_default(),
        });
        Ok(Self {
            kept: kept.collect(),
            patent,
            holder_contact,
            licensee_contact,
            dealing,
        })
    }

    fn paper(&self, services: &Services, kind: LicencePaper) -> Paper {
        let dealing = &self.dealing;
        let holder: &Organisation = &dealing.holder;
        let licensed = Licensed {
            licence: &dealing.licence.value,
            version: dealing.licence.version,
            declaration: &dealing.declaration.value,
            patent: &self.patent,
            holder,
            holder_contact: self.holder_contact.as_ref(),
            licensee: &dealing.licensee.name,
            licensee_uscc: dealing.licensee.uscc.as_deref(),
            licensee_contact: self.licensee_contact.as_deref(),
            kept: &self.kept,
            today: services.clock.today(),
        };
        match kind {
            LicencePaper::Notice => paper::notice(&licensed),
            LicencePaper::Receipt => paper::receipt(&licensed),
            LicencePaper::Filing => paper::filing(&licensed),
        }
    }
}
