//! The media types of files that are taken, and whether a file's beginning fits the type it claims. What a
//! browser or a desktop would run (HTML, SVG, programs) is none of them, whatever it calls itself.

use quick_xml::{Reader, events::Event};

use super::words::words;

words! {
    /// A media type that is taken.
    pub enum MediaType {
        Pdf = "application/pdf";
        Jpeg = "image/jpeg";
        Png = "image/png";
        Tiff = "image/tiff";
        WebP = "image/webp";
        /// Open Fixed-layout Document (GB/T 33190).
        Ofd = "application/ofd";
        Doc = "application/msword";
        Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        Xls = "application/vnd.ms-excel";
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Csv = "text/csv";
        Text = "text/plain";
        Zip = "application/zip";
        Xml = "application/xml";
        /// An e-mail (EML).
        Mail = "message/rfc822";
    }
}

/// Why a file's content does not fit the type that it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error("the content is of another type")]
    Other,
    /// A web page, an SVG picture or a program.
    #[error("the content is a web page or a program")]
    Active,
}

const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

impl MediaType {
    /// Reads a `Content-Type`; its parameters and the usual other names are understood.
    pub fn read(header: &str) -> Option<Self> {
        let essence = header.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        Self::parse(&essence).or(match essence.as_str() {
            "image/jpg" | "image/pjpeg" => Some(Self::Jpeg),
            "application/x-ofd" | "application/vnd.ofd" => Some(Self::Ofd),
            "application/x-zip-compressed" => Some(Self::Zip),
            "text/xml" => Some(Self::Xml),
            _ => None,
        })
    }

    /// The type that a file's name promises.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        Some(match ending.to_ascii_lowercase().as_str() {
            "pdf" => Self::Pdf,
            "jpg" | "jpeg" => Self::Jpeg,
            "png" => Self::Png,
            "tif" | "tiff" => Self::Tiff,
            "webp" => Self::WebP,
            "ofd" => Self::Ofd,
            "doc" => Self::Doc,
            "docx" => Self::Docx,
            "xls" => Self::Xls,
            "xlsx" => Self::Xlsx,
            "csv" => Self::Csv,
            "txt" => Self::Text,
            "zip" => Self::Zip,
            "xml" => Self::Xml,
            "eml" => Self::Mail,
            _ => return None,
        })
    }

    /// How the bytes of such a file begin; empty for text.
    const fn beginnings(self) -> &'static [&'static [u8]] {
        match self {
            Self::Pdf => &[b"%PDF-"],
            Self::Jpeg => &[b"\xff\xd8\xff"],
            Self::Png => &[b"\x89PNG\r\n\x1a\n"],
            Self::Tiff => &[b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"],
            Self::WebP => &[b"RIFF"],
            Self::Ofd | Self::Docx | Self::Xlsx => &[ZIP],
            // The second is an archive of nothing.
            Self::Zip => &[ZIP, b"PK\x05\x06"],
            Self::Doc | Self::Xls => &[COMPOUND],
            Self::Csv | Self::Text | Self::Xml | Self::Mail => &[],
        }
    }

    /// Does a file of this type begin like that? `head` is its beginning, or all of a small file. A ZIP is
    /// not looked into: what kind of document it holds is for whoever opens it.
    pub fn check(self, head: &[u8]) -> Result<(), Misfit> {
        let fits = match self {
            Self::Csv | Self::Text => is_text(head),
            Self::Xml => return xml(head),
            Self::Mail => is_text(head) && is_mail(&text(head)),
            // Some writers put a byte order mark or an empty line before the mark.
            Self::Pdf => begins(self, unmarked(head).trim_ascii_start()),
            _ => begins(self, head),
        };
        let is_page = matches!(self, Self::Csv | Self::Text) || !fits;
        if is_program(head) || (is_page && is_web_page(&text(head))) {
            return Err(Misfit::Active);
        }
        if fits { Ok(()) } else { Err(Misfit::Other) }
    }
}

fn begins(kind: MediaType, head: &[u8]) -> bool {
    let mut known = kind.beginnings().iter();
    known.any(|known| head.starts_with(known))
        && (kind != MediaType::WebP || head.get(8..12) == Some(b"WEBP"))
}

/// Without a byte order mark.
fn unmarked(head: &[u8]) -> &[u8] {
    head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head)
}

/// The beginning as text. What matters here is ASCII, so that GBK need not be told from UTF-8.
fn text(head: &[u8]) -> String {
    let head = &head[..head.len().min(1 << 16)];
    encoding_rs::UTF_8.decode(head).0.into_owned()
}

/// Text of any encoding has no zero bytes, but for UTF-16, which then says what it is.
fn is_text(head: &[u8]) -> bool {
    let is_wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    (is_wide || !head.contains(&0)) && !MediaType::ALL.iter().any(|kind| begins(*kind, head))
}

fn is_program(head: &[u8]) -> bool {
    const PROGRAMS: [&[u8]; 7] = [
        b"\x7fELF",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"#!",
    ];
    // Two letters alone may begin a sentence; a program for Windows has zero bytes soon after.
    (head.starts_with(b"MZ") && head.contains(&0))
        || PROGRAMS.iter().any(|known| head.starts_with(known))
}

/// The tags by which browsers take a text for a page (WHATWG MIME Sniffing), and those of pictures that run.
const PAGE_TAGS: &[&str] = &[
    "!doctype html",
    "!doctype svg",
    "html",
    "head",
    "script",
    "iframe",
    "h1",
    "div",
    "font",
    "table",
    "a",
    "style",
    "title",
    "b",
    "body",
    "br",
    "p",
    "svg",
    "meta",
    "link",
    "img",
    "object",
    "embed",
];

fn is_web_page(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        let after = [("<!--", "-->"), ("<?", "?>")]
            .into_iter()
            .find_map(|(open, close)| {
                rest.strip_prefix(open)
                    .map(|inner| inner.split_once(close).map_or("", |(_, after)| after))
            });
        let Some(after) = after else { break };
        rest = after.trim_start();
    }
    let Some(tag) = rest.strip_prefix('<') else {
        return false;
    };
    PAGE_TAGS.iter().any(|known| {
        tag.get(..known.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(known))
            && tag[known.len()..].starts_with([' ', '\t', '\r', '\n', '\x0c', '/', '>'])
    })
}

/// The first line is a header field (RFC 5322), or the mark of a mailbox.
fn is_mail(text: &str) -> bool {
    let line = text.trim_start().lines().next().unwrap_or_default();
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
    line.starts_with("From ") || line.split_once(':').is_some_and(|(name, _)| is_name(name))
}

/// Well-formed up to the root element, which is neither a page nor a picture.
fn xml(head: &[u8]) -> Result<(), Misfit> {
    const ACTIVE: [&str; 2] = ["http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"];
    let text = text(head);
    if is_program(head) || is_web_page(&text) {
        return Err(Misfit::Active);
    }
    if !is_text(head) {
        return Err(Misfit::Other);
    }
    let mut reader = Reader::from_str(&text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(root) | Event::Empty(root)) => {
                let local = root.local_name();
                let is_active = ["html", "svg"]
                    .iter()
                    .any(|name| local.as_ref().eq_ignore_ascii_case(name))
                    || ACTIVE.iter().any(|space| root.as_ref().contains(space));
                return if is_active {
                    Err(Misfit::Active)
                } else {
                    Ok(())
                };
            }
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_)) => {}
            Ok(Event::Text(between)) if between.trim_ascii().is_empty() => {}
            _ => return Err(Misfit::Other),
        }
    }
}
