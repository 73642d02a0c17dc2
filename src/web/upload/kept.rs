//! What becomes of the files of a form: evidence that is cited, lists that wait for somebody to agree, sheets that are read
//! at once.

use axum::extract::multipart::Field;

use super::{Upload, pieces};
use crate::{
    domain::{access::Denied, id::Id, media::MediaType, reference::Kind},
    ops::{
        self, Error, annuities, cards, due, files, imports, questionnaire, reference, submissions,
        tables::Asked,
    },
    web::{Web, form::day},
};

/// What becomes of the files of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Evidence, cited by its id.
    File,
    /// A list of patents, to be looked at before it is imported; its id is the import's.
    Import,
    /// What a holder has to register; its id is the holder's.
    Due,
    /// Cards of the stock; the report says what became of them, as for the next two.
    Cards,
    /// Payments of annual fees.
    Fees,
    /// A reference table; it has no id.
    Reference,
    /// A platform's answers to what was handed to it.
    Answers,
    /// The questionnaire.
    Questionnaire,
}

/// What became of the rows of a sheet.
pub enum Report {
    Cards(cards::Report),
    Fees(annuities::Report),
    Questionnaire(questionnaire::Report),
}

impl Upload {
    /// Stores or reads a file; the id by which others name it, where it has one.
    pub(super) async fn keep(
        &mut self,
        web: &Web,
        name: String,
        field: Field<'_>,
    ) -> ops::Result<Option<Id>> {
        let report = match self.kept {
            Kept::File => return self.store(web, name, field).await.map(Some),
            Kept::Import => return self.import(web, name, field).await.map(Some),
            Kept::Due => return self.due(web, name, field).await.map(Some),
            Kept::Answers => return self.answers(web, name, field).await.map(Some),
            Kept::Reference => return self.reference(web, name, field).await.map(|()| None),
            Kept::Cards => self.cards(web, &name, field).await?,
            Kept::Fees => self.fees(web, &name, field).await?,
            Kept::Questionnaire => self.questionnaire(web, name, field).await?,
        };
        self.report = Some(report);
        Ok(None)
    }

    async fn store(&self, web: &Web, name: String, field: Field<'_>) -> ops::Result<Id> {
        let said = field.content_type().unwrap_or_default();
        let by_name = || MediaType::of_name(&name).map_or("", MediaType::as_str);
        // Browsers do not know every type that is taken.
        let media_type = MediaType::read(said).map_or_else(by_name, MediaType::as_str);
        let new = files::NewFile {
            media_type: media_type.to_owned(),
            name,
            owner: None,
            idempotency_key: None,
        };
        let actor = &self.member.actor;
        Ok(files::create(&web.services, actor, new, pieces(field))
            .await?
            .id)
    }

    async fn import(&self, web: &Web, name: String, field: Field<'_>) -> ops::Result<Id> {
        let text =
            |name| Some(self.form.get(name).trim().to_owned()).filter(|text| !text.is_empty());
        let new = imports::NewImport {
            holder: text("holder"),
            file_name: Some(name.chars().take(200).collect()),
            status_as_of: text("statusAsOf").and_then(|day| day.parse().ok()),
            said: Vec::new(),
            guesses: true,
            idempotency_key: None,
        };
        let actor = &self.member.actor;
        Ok(imports::rehearse(&web.services, actor, new, pieces(field))
            .await?
            .id)
    }

    /// A list in the place of the holder's last one; only an officer names another holder.
    async fn due(&self, web: &Web, name: String, field: Field<'_>) -> ops::Result<Id> {
        let text =
            |name| Some(self.form.get(name).trim().to_owned()).filter(|text| !text.is_empty());
        let actor = &self.member.actor;
        let own = actor.organisation.as_ref().map(Id::to_string);
        let named = text("holder").filter(|_| self.member.is_officer());
        let holder = named.or(own).ok_or(Error::Denied(Denied::Role))?;
        let new = due::NewDueList {
            as_of: day(&self.form, "asOf")?,
            source: text("source"),
            file_name: Some(name.chars().take(200).collect()),
        };
        let put = due::put(&web.services, actor, &holder, new, pieces(field)).await?;
        Ok(put.record.value.organisation)
    }

    /// What comes with a sheet of one's own stock.
    fn asked(&self, name: &str) -> ops::Result<Asked> {
        let own = self.member.actor.organisation.as_ref();
        own.ok_or(Error::Denied(Denied::Role))?;
        Ok(Asked {
            organisation: None,
            dry_run: self.form.get("rehearse") == "yes",
            file_name: Some(name.chars().take(200).collect()),
        })
    }

    async fn cards(&self, web: &Web, name: &str, field: Field<'_>) -> ops::Result<Report> {
        let (asked, actor) = (self.asked(name)?, &self.member.actor);
        let read = cards::import(&web.services, actor, asked, pieces(field));
        read.await.map(Report::Cards)
    }

    async fn fees(&self, web: &Web, name: &str, field: Field<'_>) -> ops::Result<Report> {
        let (asked, actor) = (self.asked(name)?, &self.member.actor);
        let read = annuities::import(&web.services, actor, asked, pieces(field));
        read.await.map(Report::Fees)
    }

    /// Answers, by the id under which they were read.
    async fn answers(&self, web: &Web, name: String, field: Field<'_>) -> ops::Result<Id> {
        let (platform, actor) = (self.form.get("platform"), &self.member.actor);
        let services = &web.services;
        let read = submissions::answer(services, actor, platform, Some(name), pieces(field));
        Ok(read.await?.answers.id)
    }

    /// Rows of the questionnaire, filled in at once.
    async fn questionnaire(
        &self,
        web: &Web,
        name: String,
        field: Field<'_>,
    ) -> ops::Result<Report> {
        let (services, actor) = (&web.services, &self.member.actor);
        let read = questionnaire::import(services, actor, Some(name), false, pieces(field));
        read.await.map(Report::Questionnaire)
    }

    /// A table in the place of the one that stands.
    async fn reference(&self, web: &Web, name: String, field: Field<'_>) -> ops::Result<()> {
        let kind = Kind::parse(self.form.get("kind")).ok_or(Error::NotFound("referenceTable"))?;
        let new = reference::NewTable {
            version: self.form.get("version").to_owned(),
            source: self.form.get("source").to_owned(),
            file_name: Some(name.chars().take(200).collect()),
        };
        let actor = &self.member.actor;
        reference::put(&web.services, actor, kind, new, pieces(field)).await?;
        Ok(())
    }
}
