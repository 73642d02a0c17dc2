//! The filing pack of a licence as one ZIP: its papers, the documents that are kept here, and a list of them all whose hashes
//! `sha256sum -c` checks. It is written a part of a file at a time into a scratch file, so that it stays in constant memory,
//! holds no connection while it is sent, and nothing is sent before everything is known to be whole.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::{sync::mpsc, task::JoinHandle};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{Around, document};
use crate::{
    domain::{
        access::{self, Actor, Operation},
        id::Id,
        licence::EvidenceKind,
        paper::LicencePaper,
        text::Lang,
        time::Instant,
    },
    ops::{Error, Result, Services, files},
};

/// A pack that is ready to be sent.
#[derive(Debug)]
pub struct Pack {
    pub file: File,
    pub bytes: u64,
    /// Without path: `filing-NUMBER-LICENCE.zip`.
    pub name: String,
    /// Files in it, the lists not counted.
    pub files: usize,
}

/// What goes into the archive, in its order.
enum Piece {
    /// A member begins: its name, what it is, the hash that its bytes must have where that is known.
    Member(String, &'static str, Option<String>),
    Bytes(Bytes),
}

/// The pack of a licence, for its two sides and the office. The statement of a dispute is no paper of the filing.
pub async fn pack(services: &Services, actor: &Actor, id: &Id) -> Result<Pack> {
    access::check_role(actor, Operation::GetFilingPack)?;
    let around = Around::load(services, actor, id).await?;
    let licence = &around.dealing.licence.value;
    let name = format!("filing-{}-{}.zip", licence.number, licence.id);
    let spool = Spool::open(&services.limits.scratch, services.now());
    let papers = [
        LicencePaper::Filing,
        LicencePaper::Notice,
        LicencePaper::Receipt,
    ];
    let mut count = papers.len();
    for kind in papers {
        let paper = around.paper(services, kind);
        let text = document(&paper, Lang::Zh);
        let place = format!("papers/{}.html", kind.as_str());
        spool.put(Piece::Member(place, kind.zh(), None)).await;
        spool.put(Piece::Bytes(text.into())).await;
        if services.face.is_some() {
            let pdf = super::pdf(services, paper, Lang::Zh).await?;
            let place = format!("papers/{}.pdf", kind.as_str());
            spool.put(Piece::Member(place, kind.zh(), None)).await;
            spool.put(Piece::Bytes(pdf.into())).await;
            count += 1;
        }
    }
    let kept = around.kept.iter();
    let wanted = kept.filter(|kept| kept.kind != EvidenceKind::Dispute);
    for (n, kept) in (1..).zip(wanted) {
        let (file, parts) = files::content(services, actor, &kept.file.id).await?;
        let place = format!("documents/{n:02}-{}", file.name);
        let hash = Some(kept.file.sha256.clone());
        spool.put(Piece::Member(place, kept.kind.zh(), hash)).await;
        count += 1;
        let mut parts = std::pin::pin!(parts);
        while let Some(bytes) = parts.try_next().await? {
            if !spool.put(Piece::Bytes(bytes)).await {
                break;
            }
        }
    }
    let (file, bytes) = spool.finish().await?;
    Ok(Pack {
        file,
        bytes,
        name,
        files: count,
    })
}

/// An archive that is being written on a thread of its own.
struct Spool {
    send: mpsc::Sender<Piece>,
    writing: JoinHandle<std::io::Result<(File, u64)>>,
}

impl Spool {
    fn open(scratch: &Path, now: Instant) -> Self {
        let (send, pieces) = mpsc::channel(2);
        let scratch = scratch.to_owned();
        let writing = tokio::task::spawn_blocking(move || write(&scratch, now, pieces));
        Self { send, writing }
    }

    /// `false` once the writer has failed; `finish` says why.
    async fn put(&self, piece: Piece) -> bool {
        self.send.send(piece).await.is_ok()
    }

    async fn finish(self) -> Result<(File, u64)> {
        drop(self.send);
        let written = self.writing.await;
        let written = written.map_err(|e| Error::Internal(format!("pack: {e}")))?;
        written.map_err(|e| Error::Internal(format!("pack: {e}")))
    }
}

/// A member that has been written.
struct Listed {
    name: String,
    what: &'static str,
    sha256: String,
    bytes: u64,
}

/// The member that is being written.
struct Current {
    name: String,
    what: &'static str,
    wanted: Option<String>,
    hasher: Sha256,
    bytes: u64,
}

struct Writer {
    zip: ZipWriter<BufWriter<File>>,
    options: SimpleFileOptions,
    listed: Vec<Listed>,
    current: Option<Current>,
}

impl Writer {
    fn begin(
        &mut self,
        name: String,
        what: &'static str,
        wanted: Option<String>,
    ) -> std::io::Result<()> {
        self.end()?;
        self.zip.start_file(name.as_str(), self.options)?;
        self.current = Some(Current {
            name,
            what,
            wanted,
            hasher: Sha256::new(),
            bytes: 0,
        });
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.zip.write_all(bytes)?;
        if let Some(current) = &mut self.current {
            current.hasher.update(bytes);
            current.bytes += bytes.len() as u64;
        }
        Ok(())
    }

    /// Ends the current member; one that is not what the record cites ends everything.
    fn end(&mut self) -> std::io::Result<()> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        let sha256 = hex::encode(current.hasher.finalize());
        if current.wanted.is_some_and(|wanted| wanted != sha256) {
            let what = format!("{} is not the file that was cited", current.name);
            return Err(std::io::Error::other(what));
        }
        self.listed.push(Listed {
            name: current.name,
            what: current.what,
            sha256,
            bytes: current.bytes,
        });
        Ok(())
    }

    fn text(&mut self, name: &str, what: &'static str, text: &str) -> std::io::Result<()> {
        self.begin(name.to_owned(), what, None)?;
        self.bytes(text.as_bytes())?;
        self.end()
    }
}

/// One line a file: hash, name, size in bytes, what it is.
pub const LIST: &str = "list.tsv";
/// The same hashes as `sha256sum -c` reads them; the list's own among them.
pub const SUMS: &str = "SHA256SUMS";

fn write(
    scratch: &Path,
    now: Instant,
    mut pieces: mpsc::Receiver<Piece>,
) -> std::io::Result<(File, u64)> {
    std::fs::create_dir_all(scratch)?;
    let file = tempfile::tempfile_in(scratch)?;
    let mut options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true)
        .unix_permissions(0o644);
    if let Some(time) = stamp(now) {
        options = options.last_modified_time(time);
    }
    let mut writer = Writer {
        zip: ZipWriter::new(BufWriter::new(file)),
        options,
        listed: Vec::new(),
        current: None,
    };
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Member(name, what, wanted) => writer.begin(name, what, wanted)?,
            Piece::Bytes(bytes) => writer.bytes(&bytes)?,
        }
    }
    writer.end()?;
    let mut list = String::from("sha256\tname\tbytes\twhat\n");
    for line in &writer.listed {
        let _ = writeln!(
            list,
            "{}\t{}\t{}\t{}",
            line.sha256, line.name, line.bytes, line.what
        );
    }
    writer.text(LIST, "清单", &list)?;
    let mut sums = String::new();
    for line in &writer.listed {
        let _ = writeln!(sums, "{}  {}", line.sha256, line.name);
    }
    writer.text(SUMS, "", &sums)?;
    let mut file = writer
        .zip
        .finish()?
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    let bytes = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    Ok((file, bytes))
}

/// The moment in Beijing as an archive tells it.
fn stamp(now: Instant) -> Option<zip::DateTime> {
    let day = now.day();
    let year = u16::try_from(day.year()).ok()?;
    let (month, day) = (
        u8::try_from(day.month()).ok()?,
        u8::try_from(day.day()).ok()?,
    );
    zip::DateTime::from_date_and_time(year, month, day, 0, 0, 0).ok()
}
