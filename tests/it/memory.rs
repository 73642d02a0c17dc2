//! Memory stays bounded whatever the file: 300 MB of long rows through the server and through the command
//! line. VmHWM is what the kernel saw the process hold at most, mapped pages of the index included.

use std::{io::Write as _, path::Path, process::Stdio};

use crate::support::{
    process::{Installation, number, peak_of, until},
    server::Running,
    sql,
};

/// A server: some 10 MB of rows on their way (a batch read, two waiting, one written several times over), what
/// the index writer holds and what waits for it, SQLite's cache of 32 MB, the dictionary, the program itself:
/// some 320 MB; and up to 115 MB of mapped index while segments are merged, which the kernel may take back.
const SERVER_BYTES: u64 = 512 << 20;
/// The command line: the same without an index; its allocator keeps some tens of MB ready that a server gives back.
const COMMAND_BYTES: u64 = 200 << 20;

const FILE_BYTES: u64 = 300_000_000;
const PATENTS: u32 = 2_800;
/// Every patent comes twice, and a ruined number ends each of the two rounds.
const ROWS: u32 = 2 * (PATENTS + 1);

/// About 18,000 characters, other ones in every row.
fn prose(n: u32) -> String {
    const WORDS: [&str; 8] = [
        "渔网",
        "清洗",
        "装置",
        "碳纤维",
        "海水",
        "养殖",
        "传感器",
        "的控制方法，",
    ];
    let mut text = format!("第{n}号发明，");
    let mut seed = n.wrapping_mul(2_654_435_761) | 1;
    while text.len() < 54_000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push_str(WORDS[(seed >> 24) as usize % WORDS.len()]);
    }
    text
}

/// Writes the file row by row: number and abstract as `row` puts them.
fn write(path: &Path, header: &str, row: impl Fn(&str, &str) -> String) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).expect("creates"));
    out.write_all(header.as_bytes()).expect("writes");
    for _ in 0..2 {
        for n in 0..PATENTS {
            out.write_all(row(&number(n), &prose(n)).as_bytes())
                .expect("writes");
        }
        out.write_all(row("2.01E+12", "坏行").as_bytes())
            .expect("writes");
    }
    out.flush().expect("writes");
    assert!(path.metadata().expect("there").len() > FILE_BYTES);
}

fn json_lines(path: &Path) {
    write(path, "", |number, prose| {
        format!(
            "{{\"app_no\":\"{number}\",\"title\":\"渔网清洗装置\",\"abstract\":\"{prose}\",\"applicants\":[\"蓝湾大学\"]}}\n"
        )
    });
}

fn csv(path: &Path) {
    write(
        path,
        "申请号,专利名称,摘要,申请人\n",
        |number, prose| format!("{number},渔网清洗装置,\"{prose}\",蓝湾大学\n"),
    );
}

fn assert_bounded(what: &str, peak: u64, bound: u64) {
    println!(
        "{what}: {} MB at most, {} MB allowed",
        peak >> 20,
        bound >> 20
    );
    assert!(
        peak < bound,
        "{what} held {} MB, {} MB are allowed",
        peak >> 20,
        bound >> 20
    );
}

/// Uploads the file, waits until all of it is searchable, and compares the server's peak with its bound.
async fn upload(what: &str, place: &Installation, path: &Path) {
    let key = place.key("office").await;
    let server = place.serve().await;
    let file = tokio::fs::File::open(path).await.expect("opens");
    let body = reqwest::Body::wrap_stream(tokio_util::io::ReaderStream::new(file));
    let location = server.upload(&key, "", body).await;
    let done = server.imported(&key, &location).await;
    let counts = &done["counts"];
    assert_eq!(
        ["rows", "added", "unchanged", "rejected"].map(|name| counts[name].as_u64()),
        [ROWS, PATENTS, PATENTS, 2].map(|n| Some(n.into())),
        "{done}"
    );
    searchable(&server).await;
    assert_bounded(what, server.peak_bytes(), SERVER_BYTES);
}

async fn searchable(server: &Running) {
    server.counts("", PATENTS.into()).await;
    let one = server
        .json("/v1/patents?q=%E7%AC%AC2799%E5%8F%B7%E5%8F%91%E6%98%8E&limit=1")
        .await;
    assert_eq!(one["items"][0]["number"], number(2_799), "{one}");
}

/// Runs a command to its end, compares its peak with its bound and returns what it said.
async fn bounded(what: &str, place: &Installation, arguments: &[&str]) -> String {
    let mut command = place.command(arguments);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("runs");
    let mut peak = 0;
    let status = until("the command ends", async || {
        // The peak only grows, so the last look is the peak, give or take its last 20 ms.
        peak = peak_of(child.id()).unwrap_or(peak);
        child.try_wait().expect("waits")
    });
    assert!(status.await.success(), "{what}");
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("piped"), &mut said)
        .expect("reads");
    assert_bounded(what, peak, COMMAND_BYTES);
    said
}

/// Imports the file at the command line.
async fn import(what: &str, place: &Installation, path: &Path) {
    let said = bounded(what, place, &["import", path.to_str().expect("UTF-8")]).await;
    let wanted = format!("{ROWS} rows, {PATENTS} added, 0 merged, {PATENTS} unchanged, 2 rejected");
    assert!(said.contains(&wanted), "{said}");
    let db = place.db().await;
    assert_eq!(
        sql::number(&db, "select count(*) from patents").await,
        i64::from(PATENTS)
    );
}

/// Dumps what was imported and verifies it, in the database and in the dump.
async fn audit(what: &str, place: &Installation) {
    let dump = place.folder.path().join("dump.ndjson");
    let dump = dump.to_str().expect("UTF-8");
    bounded(&format!("dump, {what}"), place, &["dump", dump]).await;
    assert!(std::fs::metadata(dump).expect("there").len() > FILE_BYTES / 2);
    bounded(&format!("verify, {what}"), place, &["verify"]).await;
    let checked = ["verify", "--dump", dump];
    let said = bounded(&format!("verify --dump, {what}"), place, &checked).await;
    assert!(said.ends_with(": all hold\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_megabytes_of_json_lines_pass_within_the_bounds() {
    let place = Installation::sqlite();
    let path = place.folder.path().join("a.jsonl");
    json_lines(&path);
    upload("server, JSONL, SQLite", &place, &path).await;
    if let Some(other) = Installation::postgres().await {
        import("import, JSONL, PostgreSQL", &other, &path).await;
        audit("PostgreSQL", &other).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_megabytes_of_csv_pass_within_the_bounds() {
    let place = Installation::sqlite();
    let path = place.folder.path().join("a.csv");
    csv(&path);
    import("import, CSV, SQLite", &place, &path).await;
    audit("SQLite", &place).await;
    if let Some(other) = Installation::postgres().await {
        upload("server, CSV, PostgreSQL", &other, &path).await;
    }
}

/// Some long texts fill an eighth of what is allowed for them; a million go through a temporary file.
#[tokio::test(flavor = "multi_thread")]
async fn a_million_shared_texts_of_a_workbook_pass_within_the_bound() {
    const TEXTS: u32 = 1_000_000;
    const STEP: u32 = 5_000;
    let place = Installation::sqlite();
    let path = place.folder.path().join("a.xlsx");
    let file = std::io::BufWriter::new(std::fs::File::create(&path).expect("creates"));
    let mut zip = zip::ZipWriter::new(file);
    let fast = zip::write::SimpleFileOptions::default().compression_level(Some(1));
    let mut part = |name: &str, write: &dyn Fn(&mut dyn std::io::Write) -> std::io::Result<()>| {
        zip.start_file(name, fast).expect("a part");
        write(&mut zip).expect("writes");
    };
    part("xl/workbook.xml", &|out| {
        out.write_all(b"<workbook><sheets><sheet name=\"A\"/></sheets></workbook>")
    });
    part("xl/sharedStrings.xml", &|out| {
        write!(out, "<sst><si><t>申请号</t></si><si><t>专利名称</t></si>")?;
        let tail = "的控制方法".repeat(6);
        (0..TEXTS).try_for_each(|n| write!(out, "<si><t>第{n}号渔网清洗装置{tail}</t></si>"))?;
        write!(out, "</sst>")
    });
    part("xl/worksheets/sheet1.xml", &|out| {
        write!(
            out,
            "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row>"
        )?;
        (0..TEXTS / STEP).try_for_each(|n| {
            let text = (n * STEP).wrapping_mul(7_919) % TEXTS + 2;
            write!(
                out,
                "<row><c t=\"str\"><v>{}</v></c><c t=\"s\"><v>{text}</v></c></row>",
                number(n)
            )
        })?;
        write!(out, "</sheetData></worksheet>")
    });
    zip.finish().expect("an archive").flush().expect("writes");
    let arguments = ["import", path.to_str().expect("UTF-8")];
    let said = bounded("import, a million shared texts", &place, &arguments).await;
    assert!(said.contains("200 rows, 200 added"), "{said}");
    let db = place.db().await;
    let titles =
        "select count(*) from patents where cast(doc as text) like '%第%号渔网清洗装置的控制方法%'";
    assert_eq!(sql::number(&db, titles).await, 200);
}
