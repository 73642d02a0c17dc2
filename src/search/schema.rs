//! The fields of the index. A change here raises `VERSION`, and every installation builds a new index
//! beside its old one at the next start.

use tantivy::{
    Index,
    schema::{
        FAST, Field, IndexRecordOption, STRING, Schema, SchemaBuilder, TextFieldIndexing,
        TextOptions,
    },
    tokenizer::TextAnalyzer,
};

use super::{analyzer::Analyzer, offers::OfferFields};
use crate::domain::search::{FacetField, TextField};

/// The version of schema and analyser together, part of the index folder's name.
pub const VERSION: u32 = 6;

/// One text field, indexed as bigrams and, but for names, as words.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    pub bigrams: Field,
    pub words: Option<Field>,
}

/// Handles of all fields.
#[derive(Clone, Debug)]
pub struct Fields {
    pub title: Text,
    pub abstract_text: Text,
    pub claim: Text,
    pub card: Text,
    pub names: Text,
    /// Single characters of title, abstract, claim and card.
    pub characters: Field,
    /// `patent` or `need`: no question about one finds the other.
    pub noun: Field,
    /// Every level of the industry codes that the source or the need names.
    pub industry: Field,
    /// Every level of a patent's industries, derived ones included.
    pub industries: Field,
    pub need: NeedFields,
    /// Application number: the key.
    pub number: Field,
    /// Publication and grant numbers, with and without kind code.
    pub other_numbers: Field,
    pub audience: Field,
    pub kind: Field,
    pub legal_status: Field,
    pub ipc: Field,
    pub region: Field,
    /// Organisation ids.
    pub holder: Field,
    pub conversion: Field,
    /// `organisation|conversion`, so that both filters meet in one holding.
    pub holder_conversion: Field,
    /// Holding ids, so that a deleted holding still finds its patent.
    pub holding: Field,
    pub applicant: Field,
    pub number_key: Field,
    /// Days since 1970-01-01.
    pub filed: Field,
    pub granted: Field,
    pub expires: Field,
    pub offer: OfferFields,
    /// Values to count, one column per facet that is counted by value.
    pub facets: Vec<(FacetField, Field)>,
    /// What a hit shows, as JSON.
    pub stored: Field,
}

/// Handles of the fields that needs alone have.
#[derive(Clone, Debug)]
pub struct NeedFields {
    /// The need's id: the key.
    pub id: Field,
    pub title: Text,
    pub text: Text,
    pub characters: Field,
    pub organisation: Field,
    pub state: Field,
    /// When it was first written, and its id's tail: together they order needs as their ids do.
    pub posted: Field,
    pub tail: Field,
    /// The last day, as days since 1970-01-01; without one a day that never comes.
    pub until: Field,
}

pub const NEED_POSTED: &str = "needPosted";
pub const NEED_TAIL: &str = "needTail";
pub const NUMBER_KEY: &str = "numberKey";
pub const FILED: &str = "filed";
pub const EXPIRES: &str = "expires";

/// The name of a facet's column; `None` where it is counted by days.
pub const fn facet_column(field: FacetField) -> Option<&'static str> {
    Some(match field {
        FacetField::Kind => "countKind",
        FacetField::LegalStatus => "countLegalStatus",
        FacetField::Conversion => "countConversion",
        FacetField::IpcSection => "countIpcSection",
        FacetField::IpcSubclass => "countIpcSubclass",
        FacetField::Region => "countRegion",
        FacetField::Industry => "countIndustry",
        FacetField::Holder => "countHolder",
        FacetField::Applicant => "countApplicant",
        FacetField::FilingYear => "countFilingYear",
        FacetField::FeeMode => "countFeeMode",
        FacetField::Offer => return None,
    })
}

fn text_options(analyzer: Analyzer, record: IndexRecordOption, norms: bool) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(analyzer.name())
        .set_index_option(record);
    TextOptions::default().set_indexing_options(indexing.set_fieldnorms(norms))
}

/// A text as bigrams and, where wanted, as words.
fn text_field(builder: &mut SchemaBuilder, name: &str, with_words: bool) -> Text {
    let bigrams = text_options(
        Analyzer::Bigrams,
        IndexRecordOption::WithFreqsAndPositions,
        true,
    );
    let words = text_options(Analyzer::Words, IndexRecordOption::WithFreqs, true);
    Text {
        bigrams: builder.add_text_field(&format!("{name}Bigrams"), bigrams),
        words: with_words.then(|| builder.add_text_field(&format!("{name}Words"), words)),
    }
}

fn need_fields(builder: &mut SchemaBuilder) -> NeedFields {
    let single = text_options(Analyzer::Characters, IndexRecordOption::Basic, false);
    NeedFields {
        id: builder.add_text_field("need", STRING),
        title: text_field(builder, "needTitle", true),
        text: text_field(builder, "needText", true),
        characters: builder.add_text_field("needCharacters", single),
        organisation: builder.add_text_field("needOrganisation", STRING),
        state: builder.add_text_field("needState", STRING),
        posted: builder.add_i64_field(NEED_POSTED, FAST),
        tail: builder.add_u64_field(NEED_TAIL, FAST),
        until: builder.add_i64_field("needUntil", FAST),
    }
}

/// Builds the schema and the handles of its fields.
pub fn build() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let mut text = |name, with_words| text_field(&mut builder, name, with_words);
    let (title, abstract_text) = (text("title", true), text("abstract", true));
    let (claim, names) = (text("claim", true), text("names", false));
    let card = text("card", true);
    let single = text_options(Analyzer::Characters, IndexRecordOption::Basic, false);
    let need = need_fields(&mut builder);
    let counted = TextOptions::default().set_fast("raw");
    let fields = Fields {
        noun: builder.add_text_field("noun", STRING),
        industry: builder.add_text_field("industry", STRING),
        industries: builder.add_text_field("industries", STRING),
        need,
        title,
        abstract_text,
        claim,
        card,
        names,
        characters: builder.add_text_field("characters", single),
        number: builder.add_text_field("number", STRING),
        other_numbers: builder.add_text_field("otherNumbers", STRING),
        audience: builder.add_text_field("audience", STRING),
        kind: builder.add_text_field("kind", STRING),
        legal_status: builder.add_text_field("legalStatus", STRING),
        ipc: builder.add_text_field("ipc", STRING),
        region: builder.add_text_field("region", STRING),
        holder: builder.add_text_field("holder", STRING),
        conversion: builder.add_text_field("conversion", STRING),
        holder_conversion: builder.add_text_field("holderConversion", STRING),
        holding: builder.add_text_field("holding", STRING),
        applicant: builder.add_text_field("applicant", STRING),
        number_key: builder.add_u64_field(NUMBER_KEY, FAST),
        filed: builder.add_i64_field(FILED, FAST),
        granted: builder.add_i64_field("granted", FAST),
        expires: builder.add_i64_field(EXPIRES, FAST),
        offer: OfferFields::build(&mut builder),
        facets: FacetField::ALL
            .into_iter()
            .filter_map(|facet| {
                let column = facet_column(facet)?;
                Some((facet, builder.add_text_field(column, counted.clone())))
            })
            .collect(),
        stored: builder.add_bytes_field("stored", tantivy::schema::STORED),
    };
    (builder.build(), fields)
}

/// Teaches an index our analysers.
pub fn register(index: &Index) {
    for analyzer in Analyzer::ALL {
        index
            .tokenizers()
            .register(analyzer.name(), TextAnalyzer::from(analyzer));
    }
}

impl Fields {
    pub fn text(&self, field: TextField) -> Text {
        match field {
            TextField::Title => self.title,
            TextField::Abstract => self.abstract_text,
            TextField::Claim => self.claim,
            TextField::Card => self.card,
            TextField::Names => self.names,
        }
    }
}
