//! The field table names every field that a record can have, and no other.

use kaixu::{
    api,
    domain::access::{FIELDS, Shown},
};
use serde_json::Value;

/// A record and the schema that shows its fields.
const SCHEMAS: &[(&str, &str)] = &[
    ("patent", "Patent"),
    ("organisation", "Organisation"),
    ("holding", "Holding"),
    ("declaration", "Declaration"),
    ("licence", "Licence"),
    ("encumbrance", "Encumbrance"),
    ("target", "Target"),
    ("closing", "Closing"),
    ("auditHead", "AuditHead"),
    ("reported", "Reported"),
    ("need", "Need"),
    ("inventory", "Inventory"),
    ("card", "Card"),
    ("feeLedger", "FeeLedger"),
    ("performance", "Performance"),
    ("enquiry", "Enquiry"),
    ("dispute", "Dispute"),
    ("dictionary", "Dictionary"),
    ("dueList", "DueList"),
    ("submission", "Submission"),
    ("submissionAnswers", "SubmissionAnswers"),
    ("referenceTable", "ReferenceTable"),
    ("import", "ImportOut"),
    ("importMapping", "MappingOut"),
    ("conflict", "Conflict"),
    ("listing", "Listing"),
    ("consent", "ConsentRequest"),
    ("unitSource", "UnitSourceOut"),
    ("message", "MessageOut"),
    ("file", "FileOut"),
    ("key", "KeyOut"),
];

#[test]
fn every_field_of_every_record_has_a_row_in_the_field_table() {
    let document: Value = serde_json::to_value(api::document()).expect("JSON");
    for &(noun, schema) in SCHEMAS {
        let properties = &document["components"]["schemas"][schema]["properties"];
        let mut shown: Vec<&str> = properties
            .as_object()
            .unwrap_or_else(|| panic!("no schema {schema}"))
            .keys()
            .map(String::as_str)
            .collect();
        let (_, _, fields) = FIELDS
            .iter()
            .find(|(n, ..)| *n == noun)
            .expect("the noun has a row");
        let mut listed = fields.to_vec();
        shown.sort_unstable();
        listed.sort_unstable();
        assert_eq!(shown, listed, "{noun}");
    }
    assert_eq!(FIELDS.len(), SCHEMAS.len());
}

#[test]
fn what_goes_into_the_index_and_the_public_feed_is_public() {
    // None of them is in the index or in the public feed; a stock record and a due list are told, whole, to their holder
    // and the office.
    let told = |noun: &str| {
        !matches!(
            noun,
            "import"
                | "importMapping"
                | "conflict"
                | "listing"
                | "consent"
                | "unitSource"
                | "file"
                | "message"
                | "key"
                | "inventory"
                | "dueList"
                | "feeLedger"
                | "performance"
                | "enquiry"
                | "dispute"
                | "submission"
                | "submissionAnswers"
        )
    };
    for (noun, shown, _) in FIELDS.iter().filter(|(noun, ..)| told(noun)) {
        assert_eq!(
            *shown,
            Shown::Public,
            "{noun}: keep restricted fields out of the index and the feed first"
        );
    }
}
