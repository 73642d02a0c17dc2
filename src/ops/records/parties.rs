//! Organisations as clerks name them: by name, former name, credit code or id. Read once for a whole list.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{
        codes::Uscc,
        id::Id,
        party::name_key,
        record::{Column, Flaw},
    },
    store::{Result, Tx, organisations},
};

/// Everybody who is registered.
pub(super) struct Directory {
    ids: HashSet<Id>,
    by_uscc: HashMap<String, Id>,
    /// Former names may belong to two.
    by_name: HashMap<String, Vec<Id>>,
}

const PAGE: i64 = 1_000;

impl Directory {
    pub(super) async fn load(tx: &mut Tx) -> Result<Self> {
        let mut directory = Self {
            ids: HashSet::new(),
            by_uscc: HashMap::new(),
            by_name: HashMap::new(),
        };
        let mut after = String::new();
        loop {
            let page = organisations::page_by_id(tx, &after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(directory);
            };
            after = last.value.id.to_string();
            for party in page {
                let party = party.value;
                directory.ids.insert(party.id.clone());
                let uscc = party.uscc.as_str().to_owned();
                directory.by_uscc.insert(uscc, party.id.clone());
                for name in std::iter::once(&party.name).chain(&party.aliases) {
                    let known = directory.by_name.entry(name_key(name)).or_default();
                    if !known.contains(&party.id) {
                        known.push(party.id.clone());
                    }
                }
            }
        }
    }

    /// The one organisation of this name, code or id.
    pub(super) fn find(&self, column: Column, said: &str) -> std::result::Result<Id, Box<Flaw>> {
        if let Some(id) = Id::parse(said).filter(|id| self.ids.contains(id)) {
            return Ok(id);
        }
        let by_code = Uscc::parse(said).ok();
        if let Some(id) = by_code.and_then(|code| self.by_uscc.get(code.as_str())) {
            return Ok(id.clone());
        }
        match self.by_name.get(&name_key(said)).map(Vec::as_slice) {
            Some([only]) => Ok(only.clone()),
            Some([_, _, ..]) => Err(Box::new(
                Flaw::new(
                    column,
                    said,
                    "organisationAmbiguous",
                    "有几个单位用过这个名称。",
                    "Several organisations have had this name.",
                )
                .cure(
                    "请改填统一社会信用代码。",
                    "Write the unified social credit code instead.",
                ),
            )),
            _ => Err(Box::new(unknown(column, said))),
        }
    }
}

fn unknown(column: Column, said: &str) -> Flaw {
    let flaw = Flaw::new(
        column,
        said,
        "organisationUnknown",
        "没有登记这个单位。",
        "No such organisation is registered.",
    );
    let (zh, en) = (
        "请核对名称，或先登记（POST /v1/organisations 或 kaixu organisation add）",
        "Check the name, or register it first (POST /v1/organisations or kaixu organisation add)",
    );
    if column == Column::Licensee {
        flaw.cure(
            format!("{zh}；个人请在被许可人类型填写 个人。"),
            format!("{en}; a natural person needs licenseeKind individual."),
        )
    } else {
        flaw.cure(format!("{zh}。"), format!("{en}."))
    }
}
