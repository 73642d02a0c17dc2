//! Business contacts and individuals: personal data, kept apart from the documents that the chain vouches for.

use std::collections::HashMap;

use sqlx::{QueryBuilder, types::Json};

use super::{Result, Tx};
use crate::domain::{
    id::Id,
    party::{Contact, Individual},
    time::Instant,
};

/// Sets the contact of a record (`declarations/ID`).
pub async fn set(tx: &mut Tx, subject: &str, contact: &Contact) -> Result<()> {
    on!(tx, conn => sqlx::query(
            "insert into contacts (subject, doc) values ($1, $2) on conflict (subject) do update set doc = excluded.doc")
        .bind(subject).bind(Json(contact)).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find(tx: &mut Tx, subject: &str) -> Result<Option<Contact>> {
    let found: Option<Json<Contact>> = on!(tx, conn =>
        sqlx::query_scalar("select doc from contacts where subject = $1")
            .bind(subject).fetch_optional(&mut **conn).await?);
    Ok(found.map(|Json(contact)| contact))
}

/// The contacts of these records, by subject.
pub async fn list(tx: &mut Tx, subjects: &[String]) -> Result<HashMap<String, Contact>> {
    let mut found = HashMap::new();
    for chunk in subjects.chunks(500) {
        let rows: Vec<(String, Json<Contact>)> = on!(tx, conn => {
            let mut query = QueryBuilder::new("select subject, doc from contacts where subject in (");
            let mut list = query.separated(", ");
            for subject in chunk {
                list.push_bind(subject.clone());
            }
            query.push(")");
            query.build_query_as().fetch_all(&mut **conn).await?
        });
        found.extend(
            rows.into_iter()
                .map(|(subject, Json(contact))| (subject, contact)),
        );
    }
    Ok(found)
}

pub async fn add_individual(tx: &mut Tx, individual: &Individual, now: Instant) -> Result<()> {
    on!(tx, conn => sqlx::query("insert into individuals (id, name, contact, verified, created_at) values ($1, $2, $3, $4, $5)")
        .bind(individual.id.to_string()).bind(&individual.name).bind(&individual.contact)
        .bind(individual.verified).bind(now.micros())
        .execute(&mut **conn).await?.rows_affected());
    Ok(())
}

pub async fn find_individual(tx: &mut Tx, id: &Id) -> Result<Option<Individual>> {
    let row: Option<(String, String, bool)> = on!(tx, conn =>
        sqlx::query_as("select name, contact, verified from individuals where id = $1")
            .bind(id.to_string()).fetch_optional(&mut **conn).await?);
    Ok(row.map(|(name, contact, verified)| Individual {
        id: id.clone(),
        name,
        contact,
        verified,
    }))
}

/// Those of `ids` that exist, in no particular order.
pub async fn list_individuals(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Individual>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(String, String, String, bool)> = on!(tx, conn => {
        let mut query = QueryBuilder::new("select id, name, contact, verified from individuals where id in (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        query.push(")");
        query.build_query_as().fetch_all(&mut **conn).await?
    });
    let individual = |(id, name, contact, verified): (String, String, String, bool)| {
        Ok(Individual {
            id: super::id(&id)?,
            name,
            contact,
            verified,
        })
    };
    rows.into_iter().map(individual).collect()
}

/// An officer's word that the individual is who it says, or that it is not.
pub async fn set_verified(tx: &mut Tx, id: &Id, verified: bool) -> Result<()> {
    on!(tx, conn => sqlx::query("update individuals set verified = $2 where id = $1")
        .bind(id.to_string()).bind(verified).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// What stands in the place of a name that was erased.
const NOBODY: &str = "—";

/// Takes an individual's name and contact; the id stays, for whatever names it.
pub async fn erase_individual(tx: &mut Tx, id: &Id) -> Result<()> {
    on!(tx, conn => sqlx::query("update individuals set name = $2, contact = $2, verified = false where id = $1")
        .bind(id.to_string()).bind(NOBODY).execute(&mut **conn).await?.rows_affected());
    Ok(())
}

/// Individuals who registered and wait for a check, oldest first.
pub async fn list_unverified(tx: &mut Tx, limit: i64) -> Result<Vec<Individual>> {
    let rows: Vec<(String, String, String)> = on!(tx, conn => sqlx::query_as(
            "select id, name, contact from individuals where not verified and name <> $2 order by id limit $1")
        .bind(limit).bind(NOBODY).fetch_all(&mut **conn).await?);
    rows.into_iter()
        .map(|(id, name, contact)| {
            Ok(Individual {
                id: super::id(&id)?,
                name,
                contact,
                verified: false,
            })
        })
        .collect()
}

/// The known individual of this name and contact, so that one person is one licensee; never one who has only
/// said so itself.
pub async fn find_same_individual(tx: &mut Tx, name: &str, contact: &str) -> Result<Option<Id>> {
    let found: Option<String> = on!(tx, conn =>
        sqlx::query_scalar("select id from individuals where name = $1 and contact = $2 and verified order by id limit 1")
            .bind(name).bind(contact).fetch_optional(&mut **conn).await?);
    found.map(|text| super::id(&text)).transpose()
}
