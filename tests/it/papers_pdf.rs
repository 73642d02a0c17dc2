//! Papers as PDF, in a program that was built to make them: their Chinese text is text, in the operator's own font.

use std::{io::Read as _, path::PathBuf};

use axum::http::Method;
use kaixu::ops::papers::Face;

use crate::{
    on_both_at,
    support::{
        World,
        market::{Market, lump},
    },
};

/// A font with Chinese characters, where this machine has one.
fn font() -> Option<PathBuf> {
    let named = std::env::var_os("KAIXU_TEST_FONT").map(PathBuf::from);
    let usual = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";
    let font = named.unwrap_or_else(|| usual.into());
    if font.exists() {
        return Some(font);
    }
    eprintln!("skipped: no font {}", font.display());
    None
}

/// Every stream of a PDF, unpacked where it is packed.
fn streams(pdf: &[u8]) -> String {
    let find = |from: usize, what: &[u8]| {
        let rest = &pdf[from..];
        rest.windows(what.len())
            .position(|w| w == what)
            .map(|at| from + at)
    };
    let (mut all, mut from) = (String::new(), 0);
    while let Some(begin) = find(from, b"stream\n") {
        let begin = begin + b"stream\n".len();
        let end = find(begin, b"endstream").expect("its end");
        let mut text = Vec::new();
        let unpacked = flate2::read::ZlibDecoder::new(&pdf[begin..end]).read_to_end(&mut text);
        if unpacked.is_ok() {
            all.push_str(&String::from_utf8_lossy(&text));
        }
        from = end + b"endstream".len();
    }
    all
}

on_both_at! { "2026-03-02T02:00:00Z";
    async fn a_paper_is_a_pdf_whose_chinese_text_can_be_selected(world) {
        let Some(font) = font() else { return };
        assert!(Face::load(&font, 99).is_err());
        let mut services = world.services.clone();
        services.face = Some(Face::load(&font, 2).expect("a font"));
        let market = Market::new(&world).await;
        let declaration = market.announced(&market.patent().await, &lump(30_000)).await;
        let licence = market.notice(&declaration, &market.maker_key).await.header("location").to_owned();
        let without = world.ask(Method::GET, &format!("{licence}/papers/notice?format=pdf")).key(&market.maker_key).send().await;
        without.problem(409, "pdfUnavailable");
        let with = World::beside(services);
        for paper in [format!("{declaration}/papers/declaration"), format!("{licence}/papers/filing")] {
            let answer = with.ask(Method::GET, &format!("{paper}?format=pdf")).key(&market.holder_key).send().await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/pdf"));
            assert!(answer.bytes.starts_with(b"%PDF-"));
            assert!(answer.bytes.len() < 400_000, "only what is used of the font is in it: {}", answer.bytes.len());
            let unpacked = streams(&answer.bytes).to_uppercase();
            // 专 利 许 可, as the text behind the glyphs.
            for code in ["4E13", "5229", "8BB8", "53EF"] {
                assert!(unpacked.contains(&format!("<{code}>")), "{code}");
            }
        }
        let pack = with.ask(Method::GET, &format!("{licence}/pack")).key(&market.holder_key).send().await;
        assert!(String::from_utf8_lossy(&pack.bytes).contains("papers/filing.pdf"));
    }
}
