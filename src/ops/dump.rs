//! Everything that is counted and whatever proves it as one file of lines, for whoever wants to check the count
//! without the database: the chain, every record, every file's hash, the figures. Restricted records are in it.

use std::io::Write;

use super::{
    Error, Result, Services,
    verify::{
        Sum,
        line::{End, Line},
        source::{self, Stop, Taker},
    },
};

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub changes: u64,
    pub records: u64,
    pub files: u64,
    pub indicators: u64,
}

struct Writer<'a> {
    out: &'a mut (dyn Write + Send),
    sum: Sum,
    written: Written,
}

impl Writer<'_> {
    fn put(&mut self, line: &Line) -> Result<()> {
        let internal = |e: &dyn std::fmt::Display| Error::Internal(format!("dump: {e}"));
        let mut text = serde_json::to_vec(line).map_err(|e| internal(&e))?;
        text.push(b'\n');
        self.sum.add(&text);
        self.out.write_all(&text).map_err(|e| internal(&e))
    }
}

impl Taker for Writer<'_> {
    type Enough = Error;

    fn take(&mut self, line: Line) -> Result<()> {
        match &line {
            Line::Change(_) => self.written.changes += 1,
            Line::Record(_) => self.written.records += 1,
            Line::File(_) => self.written.files += 1,
            Line::Indicators(_) => self.written.indicators += 1,
            Line::Dump(_) | Line::End(_) => {}
        }
        self.put(&line)
    }

    fn unreadable(&mut self, subject: String) -> Stop<Error> {
        Stop::Failed(Error::Internal(format!("{subject} is not JSON")))
    }
}

/// Writes everything from one snapshot of the database, a page in memory at a time.
pub async fn write(services: &Services, out: &mut (dyn Write + Send)) -> Result<Written> {
    let mut tx = services.read().await?;
    let mut writer = Writer {
        out,
        sum: Sum::default(),
        written: Written::default(),
    };
    match source::tell(services, &mut tx, &mut writer).await {
        Ok(()) => {}
        Err(Stop::Enough(error) | Stop::Failed(error)) => return Err(error),
    }
    let written = writer.written;
    let end = Line::End(End {
        changes: written.changes,
        records: written.records,
        files: written.files,
        indicators: written.indicators,
        sha256: writer.sum.hex(),
    });
    writer.put(&end)?;
    Ok(written)
}
