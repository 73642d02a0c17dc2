//! Evidence from the operator's disk: the files of a folder that a list names become the office's files, each
//! content once under its name.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::stream;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;

use super::run;
use crate::{
    domain::{access::Actor, file::file_name, media::MediaType, record::RecordKind},
    ops::{
        Error, Result, Services,
        files::{self, NewFile},
    },
    store,
};

/// A folder of evidence, and what the list wants of it.
#[derive(Clone, Debug)]
pub struct Folder {
    /// In the folder, and of a type that is taken.
    pub there: Vec<String>,
    path: PathBuf,
}

/// Which of the files that a list names are in the folder. Names that lead elsewhere are none of its files.
pub async fn named_in(
    services: &Services,
    kind: RecordKind,
    list: &Path,
    folder: &Path,
) -> Result<Folder> {
    let mut there = run::named_files(services, kind, list).await?;
    there.retain(|name| {
        let sound = file_name(name).is_ok_and(|kept| kept == *name);
        sound && MediaType::of_name(name).is_some() && folder.join(name).is_file()
    });
    Ok(Folder {
        there,
        path: folder.to_owned(),
    })
}

impl Folder {
    /// Stores one of its files as the office's, unless the office has it; `true` when it was stored.
    pub async fn store(&self, services: &Services, actor: &Actor, name: &str) -> Result<bool> {
        let path = self.path.join(name);
        let digest = digest(path.clone()).await?;
        let mut tx = services.read().await?;
        let known = store::files::find_for_name(&mut tx, None, name).await?;
        drop(tx);
        if known.iter().any(|file| file.sha256 == digest) {
            return Ok(false);
        }
        let kind = MediaType::of_name(name).ok_or(Error::MediaType)?;
        let new = NewFile {
            name: name.to_owned(),
            media_type: kind.as_str().to_owned(),
            owner: None,
            idempotency_key: None,
        };
        let file = tokio::fs::File::open(&path).await.map_err(internal)?;
        let parts = stream::try_unfold(file, |mut file| async move {
            let mut part = vec![0; 1 << 16];
            let read = file.read(&mut part).await.map_err(internal)?;
            part.truncate(read);
            Ok((read > 0).then(|| (Bytes::from(part), file)))
        });
        files::create(services, actor, new, parts).await?;
        Ok(true)
    }
}

async fn digest(path: PathBuf) -> Result<String> {
    let hashing = tokio::task::spawn_blocking(move || {
        let mut hasher = Sha256::new();
        let mut file = std::fs::File::open(path)?;
        let mut part = vec![0; 1 << 16];
        loop {
            match std::io::Read::read(&mut file, &mut part)? {
                0 => return Ok::<_, std::io::Error>(hex::encode(hasher.finalize())),
                read => hasher.update(&part[..read]),
            }
        }
    });
    let digest = hashing.await.map_err(|e| Error::Internal(e.to_string()))?;
    digest.map_err(internal)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn internal(error: std::io::Error) -> Error {
    Error::Internal(format!("evidence: {error}"))
}
