//! What a holder has said of its headers, kept for the next file that has the same ones: listed, offered again, removed.

use super::{Error, Result, Services};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        event::Sight,
        id::Id,
        intake::{Mapping, signature},
        register::{Import, PreviewColumn, SavedColumn, SavedMapping},
    },
    store::{Stored, Tx, import_mappings},
};

/// Keeps a mapping in the place of the one for the same headers; one that says nothing takes it away.
pub(super) async fn keep(
    tx: &mut Tx,
    services: &Services,
    import: &Import,
    columns: &[PreviewColumn],
    mapping: &Mapping,
) -> Result<()> {
    let organisation = import.organisation.as_ref();
    let signature = signature(columns.iter().map(|column| column.key.as_str()));
    let known = import_mappings::find_for(tx, organisation, &signature).await?;
    let said = columns.iter().filter_map(|column| {
        Some(SavedColumn {
            field: mapping.said(&column.key)?,
            key: column.key.clone(),
            header: column.header.clone(),
        })
    });
    let said: Vec<SavedColumn> = said.collect();
    match known {
        Some(known) if said.is_empty() => {
            import_mappings::remove(tx, &known.value.id).await?;
        }
        Some(known) if known.value.columns == said => {}
        _ if said.is_empty() => {}
        _ => {
            let now = tx.now();
            let saved = SavedMapping {
                id: services.ids.next(now),
                organisation: organisation.cloned(),
                signature,
                columns: said,
                file_name: import.file_name.clone(),
                saved_by: import.actor.clone(),
                saved_at: now,
            };
            import_mappings::put(tx, &saved).await?;
        }
    }
    Ok(())
}

/// Whose a reader sees: its organisation's, or an officer everyone's.
fn owner(actor: &Actor) -> Result<Option<Id>> {
    match actor.sight() {
        Sight::Office => Ok(None),
        Sight::Own(id) => Ok(Some(id)),
        Sight::Public => Err(Denied::NotYours.into()),
    }
}

/// A page, the latest first, and the exact total.
pub async fn list(
    services: &Services,
    actor: &Actor,
    before: Option<&str>,
    limit: usize,
) -> Result<(Vec<Stored<SavedMapping>>, i64)> {
    access::check_role(actor, Operation::ListImportMappings)?;
    let own = owner(actor)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = services.read().await?;
    let page = import_mappings::page(&mut tx, own.as_ref(), before, limit).await?;
    Ok((page, import_mappings::count(&mut tx, own.as_ref()).await?))
}

/// Removes one: the next file with these headers is read as if nobody had said anything.
pub async fn remove(services: &Services, actor: &Actor, id: &Id) -> Result<()> {
    access::check_role(actor, Operation::DeleteImportMapping)?;
    let mut tx = services.write(actor).await?;
    let found = import_mappings::find(&mut tx, id)
        .await?
        .ok_or(Error::NotFound("import mapping"))?;
    access::check(
        actor,
        Operation::DeleteImportMapping,
        found.value.organisation.as_ref(),
    )
    .map_err(|_| Error::NotFound("import mapping"))?;
    import_mappings::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}
