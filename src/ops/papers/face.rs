//! The operator's font for papers as PDF. None comes with the program, and without the feature `pdf` there is none to have.

use std::path::Path;

use crate::domain::{paper::Paper, text::Lang};

/// A font that was read, cheap to clone.
#[derive(Clone)]
pub struct Face {
    #[cfg(feature = "pdf")]
    inner: super::pdf::Font,
    #[cfg(not(feature = "pdf"))]
    none: std::convert::Infallible,
}

impl Face {
    /// Reads a TTF, OTF or TTC file; `index` is the face within a collection.
    #[cfg(feature = "pdf")]
    pub fn load(path: &Path, index: u32) -> Result<Self, String> {
        let inner = super::pdf::Font::load(path, index)?;
        Ok(Self { inner })
    }

    /// Says why there is no PDF.
    #[cfg(not(feature = "pdf"))]
    pub fn load(path: &Path, _: u32) -> Result<Self, String> {
        Err(format!(
            "paper_font names {}, but this program was built without the feature pdf",
            path.display()
        ))
    }

    /// The paper as the bytes of a PDF.
    pub fn pdf(&self, paper: &Paper, lang: Lang) -> Result<Vec<u8>, String> {
        #[cfg(feature = "pdf")]
        return super::pdf::pdf(paper, lang, &self.inner);
        #[cfg(not(feature = "pdf"))]
        {
            let _ = (paper, lang);
            match self.none {}
        }
    }
}
