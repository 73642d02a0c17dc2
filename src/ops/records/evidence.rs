//! The files that a line names: by id, by the SHA-256 of their bytes, or by name among the files of the office and
//! of those whom the line concerns.

use super::attempt::{Desk, Stop};
use crate::{
    domain::{
        event::Sight,
        file::FileRef,
        id::Id,
        record::{Column, Flaw},
    },
    ops::files::{cite, write_text},
    store::{Tx, files},
};

/// The one file that is meant. `parties`: whose files are looked through beside the office's.
pub(super) async fn find(
    desk: &Desk<'_>,
    tx: &mut Tx,
    parties: &[Id],
    column: Column,
    said: &str,
) -> Result<FileRef, Stop> {
    let office = matches!(desk.actor.sight(), Sight::Office);
    if let Some(id) = Id::parse(said) {
        // Whoever is no officer names what they may use.
        if !office {
            return Ok(cite(tx, desk.actor, &id, "/source").await?);
        }
        if let Some(file) = files::find(tx, &id).await? {
            return Ok(file.reference());
        }
    }
    let digest = said.to_ascii_lowercase();
    let candidates = if digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        let mut found = files::find_by_sha256(tx, &digest).await?;
        found.retain(|file| {
            file.owner
                .as_ref()
                .map_or(office, |owner| parties.contains(owner))
        });
        found
    } else {
        let mut found = Vec::new();
        if office {
            found = files::find_for_name(tx, None, said).await?;
        }
        for party in parties {
            found.extend(files::find_for_name(tx, Some(party), said).await?);
        }
        found
    };
    if candidates.is_empty() && desk.promised.contains(said) {
        // Stands in for the file until the rehearsal's transaction is rolled back.
        let (services, actor) = (desk.services, desk.actor);
        return Ok(write_text(tx, services, said, "dry run", None, &[], actor).await?);
    }
    let Some(first) = candidates.first() else {
        return Err(Stop::flaw(
            Flaw::new(
                column,
                said,
                "fileUnknown",
                "没有这个文件。",
                "There is no such file.",
            )
            .cure(
                "请先用 POST /v1/files 上传（命令行用 --evidence 文件夹），再填写文件名、编号或 SHA-256。",
                "Upload it with POST /v1/files first (or --evidence FOLDER at the command line), then give its name, id or \
                 SHA-256.",
            ),
        ));
    };
    // Copies of the same bytes prove the same.
    if candidates.iter().any(|file| file.sha256 != first.sha256) {
        return Err(Stop::flaw(
            Flaw::new(
                column,
                said,
                "fileAmbiguous",
                format!("有 {} 个同名文件，内容不同。", candidates.len()),
                format!("{} files of this name differ in content.", candidates.len()),
            )
            .cure(
                "请改填文件编号或 SHA-256。",
                "Give the file's id or SHA-256 instead.",
            ),
        ));
    }
    Ok(first.reference())
}
