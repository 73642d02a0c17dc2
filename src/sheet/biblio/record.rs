//! One patent, gathered element by element. Where the office writes a number in several forms, the first that it
//! calls original counts; nothing is put together that does not stand together.

use crate::domain::intake::{Cell, Column};

/// What an open element gathers text for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Country,
    Number,
    Kind,
    Date,
    Title,
    Abstract,
    Claim,
    Class,
    MainClass,
    Section,
    SectionClass,
    Subclass,
    Group,
    Subgroup,
    Locarno,
    PatentNumber,
    Applicant,
    Owner,
    Inventor,
    Region,
}

/// A reference to a document: of the application or of a publication.
#[derive(Default)]
struct Reference {
    country: String,
    number: String,
    kind: String,
    date: String,
}

pub(super) struct Record {
    left: usize,
    too_long: bool,
    text: String,
    /// What is being gathered, and how deep its element stands.
    target: Option<(Target, usize)>,
    reference: Reference,
    applications: Vec<Reference>,
    publications: Vec<Reference>,
    patent_number: String,
    title: String,
    abstract_text: String,
    claim: String,
    classes: Vec<String>,
    main_class: String,
    class: [String; 5],
    locarno: Vec<String>,
    applicants: Vec<String>,
    owners: Vec<String>,
    inventors: Vec<String>,
    region: String,
}

/// A name by the element that holds it.
const NAMES: [&str; 8] = [
    "name",
    "orgname",
    "organizationname",
    "organizationstandardname",
    "entityname",
    "personfullname",
    "lastname",
    "fullname",
];

impl Record {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            left: limit,
            too_long: false,
            text: String::new(),
            target: None,
            reference: Reference::default(),
            applications: Vec::new(),
            publications: Vec::new(),
            patent_number: String::new(),
            title: String::new(),
            abstract_text: String::new(),
            claim: String::new(),
            classes: Vec::new(),
            main_class: String::new(),
            class: Default::default(),
            locarno: Vec::new(),
            applicants: Vec::new(),
            owners: Vec::new(),
            inventors: Vec::new(),
            region: String::new(),
        }
    }

    pub(super) fn too_long(&self) -> bool {
        self.too_long
    }

    /// A wrapper without a number or a title is no patent.
    pub(super) fn says_anything(&self) -> bool {
        !(self.applications.is_empty()
            && self.publications.is_empty()
            && self.title.is_empty()
            && self.patent_number.is_empty())
    }

    /// An element opens; `path` begins with the record and ends with it.
    pub(super) fn start(&mut self, path: &[String], attribute: &dyn Fn(&str) -> Option<String>) {
        let Some((name, above)) = path.split_last() else {
            return;
        };
        if above.is_empty() {
            self.root(attribute);
        }
        if matches!(
            name.as_str(),
            "documentid" | "applicationreference" | "publicationreference"
        ) || is_identification(name)
        {
            self.reference = Reference::default();
        }
        if self.target.is_some() {
            return;
        }
        if let Some(target) = self.target_of(name, above) {
            self.text.clear();
            self.target = Some((target, path.len()));
        }
    }

    /// The numbers that the record's own element bears count where nothing else says them.
    fn root(&mut self, attribute: &dyn Fn(&str) -> Option<String>) {
        let first = |names: [&str; 2]| names.into_iter().find_map(attribute).unwrap_or_default();
        let reference = Reference {
            country: first(["country", "country"]),
            number: first(["docNumber", "doc-number"]),
            kind: first(["kind", "kind"]),
            date: first(["datePublication", "date-publ"]),
        };
        if !reference.number.is_empty() {
            self.publications.push(reference);
        }
    }

    fn target_of(&self, name: &str, above: &[String]) -> Option<Target> {
        let within = |names: &[&str]| above.iter().any(|n| names.contains(&n.as_str()));
        let in_reference = within(&["applicationreference", "publicationreference"])
            || above.iter().any(|name| is_identification(name));
        if in_reference {
            return match name {
                "country" | "wipost3code" | "ipofficecode" => Some(Target::Country),
                "docnumber" | "applicationnumbertext" | "publicationnumber" => Some(Target::Number),
                "kind" | "patentdocumentkindcode" => Some(Target::Kind),
                "date" | "filingdate" | "publicationdate" | "applicationdate" => Some(Target::Date),
                _ => None,
            };
        }
        if NAMES.contains(&name) {
            return if within(&["inventors", "inventordetails", "inventorbag", "inventor"]) {
                Some(Target::Inventor)
            } else if within(&["assignee", "assignees", "assigneedetails", "assigneebag"])
                || within(&[
                    "grantee",
                    "grantees",
                    "patentee",
                    "patentees",
                    "patenteedetails",
                ])
            {
                Some(Target::Owner)
            } else if within(&[
                "applicant",
                "applicants",
                "applicantdetails",
                "applicantbag",
            ]) {
                Some(Target::Applicant)
            } else {
                None
            };
        }
        let in_class = within(&["classificationipcr", "ipcrclassification"]);
        match name {
            "inventiontitle" | "designtitle" if self.title.is_empty() => Some(Target::Title),
            "abstract" if self.abstract_text.is_empty() => Some(Target::Abstract),
            "claim" if self.claim.is_empty() && within(&["claims"]) => Some(Target::Claim),
            "text" | "patentclassificationtext" if in_class => Some(Target::Class),
            "section" if in_class => Some(Target::Section),
            "class" | "mainclass" if in_class => Some(Target::SectionClass),
            "subclass" if in_class => Some(Target::Subclass),
            "maingroup" if in_class => Some(Target::Group),
            "subgroup" if in_class => Some(Target::Subgroup),
            "mainclassification" if within(&["classificationipc"]) => Some(Target::MainClass),
            "furtherclassification" if within(&["classificationipc"]) => Some(Target::Class),
            "mainclassification" | "text" if within(&["classificationlocarno"]) => {
                Some(Target::Locarno)
            }
            "classificationlocarno" | "locarnoclassification" => Some(Target::Locarno),
            "patentnumber" if self.patent_number.is_empty() => Some(Target::PatentNumber),
            "province" if self.region.is_empty() && within(&["applicant"]) => Some(Target::Region),
            _ => None,
        }
    }

    /// Text between tags, written by `write` where it is wanted.
    pub(super) fn text(&mut self, write: impl FnOnce(&mut String)) {
        if self.target.is_none() || self.too_long {
            return;
        }
        let before = self.text.len();
        write(&mut self.text);
        let length = self.text.len() - before;
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => {
                self.too_long = true;
                self.text.clear();
            }
        }
    }

    /// The last element of `path` closes.
    pub(super) fn end(&mut self, path: &[String]) {
        if let Some((target, _)) = self.target.take_if(|(_, depth)| *depth >= path.len()) {
            let text = std::mem::take(&mut self.text);
            self.keep(target, text.trim());
        }
        let Some((name, above)) = path.split_last() else {
            return;
        };
        match name.as_str() {
            "classificationipcr" | "ipcrclassification" => self.close_class(),
            "documentid" => self.close_reference(above),
            name if is_identification(name) => self.close_reference(path),
            _ => {}
        }
    }

    fn keep(&mut self, target: Target, text: &str) {
        // A list of elements costs memory by itself: it is bounded with the text.
        let Some(left) = self.left.checked_sub(32) else {
            self.too_long = true;
            return;
        };
        self.left = left;
        if text.is_empty() {
            return;
        }
        let own = text.to_owned();
        match target {
            Target::Country => self.reference.country = own,
            Target::Number => self.reference.number = own,
            Target::Kind => self.reference.kind = own,
            Target::Date => self.reference.date = own,
            Target::Title => self.title = own,
            Target::Abstract => self.abstract_text = own,
            Target::Claim => self.claim = own,
            Target::Class => self.classes.push(own),
            Target::MainClass => self.main_class = own,
            Target::Section => self.class[0] = own,
            Target::SectionClass => self.class[1] = own,
            Target::Subclass => self.class[2] = own,
            Target::Group => self.class[3] = own,
            Target::Subgroup => self.class[4] = own,
            Target::Locarno => self.locarno.push(own),
            Target::PatentNumber => self.patent_number = own,
            Target::Applicant => self.applicants.push(own),
            Target::Owner => self.owners.push(own),
            Target::Inventor => self.inventors.push(own),
            Target::Region => self.region = own,
        }
    }

    /// A class in its five parts counts where it is not written out as well.
    fn close_class(&mut self) {
        let [section, class, subclass, group, subgroup] = std::mem::take(&mut self.class);
        let symbol = format!("{section}{class}{subclass}{group}/{subgroup}");
        let bare = |text: &str| {
            let head = text.split('(').next().unwrap_or_default();
            let kept = head.chars().filter(|c| !c.is_whitespace());
            kept.collect::<String>()
        };
        let known = self.classes.iter().any(|known| bare(known) == symbol);
        if !group.is_empty() && !known {
            self.classes.push(symbol);
        }
    }

    fn close_reference(&mut self, above: &[String]) {
        let reference = std::mem::take(&mut self.reference);
        if reference.number.is_empty() {
            return;
        }
        let within = |part: &str| above.iter().any(|name| name.contains(part));
        if within("application") && !within("publication") {
            self.applications.push(reference);
        } else if within("publication") {
            self.publications.push(reference);
        }
    }

    /// The record as cells, under the names that a table would use.
    pub(super) fn cells(self) -> Vec<(Column, String, Cell)> {
        let mut cells = Vec::new();
        let mut put = |column, header: &str, cell| cells.push((column, header.to_owned(), cell));
        let text = |text: String| Cell::Text(text);
        let filing = self.applications.iter().find(|one| !one.date.is_empty());
        if let Some(date) = filing.map(|one| one.date.clone()) {
            put(Column::FilingDate, "申请日", text(date));
        }
        for one in &self.applications {
            put(Column::AppNumber, "申请号", text(one.application()));
        }
        if !self.patent_number.is_empty() {
            put(Column::AppNumber, "专利号", text(self.patent_number));
        }
        // The first that is written out; the record's own element comes first and serves where nothing else does.
        let full = self
            .publications
            .iter()
            .rev()
            .find(|one| !one.kind.is_empty());
        if let Some(one) = full {
            put(Column::PubNumber, "公开（公告）号", text(one.publication()));
            if !one.date.is_empty() {
                put(
                    Column::PublicationDate,
                    "公开（公告）日",
                    text(one.date.clone()),
                );
            }
        }
        let fields = [
            (Column::Title, "名称", self.title),
            (Column::Abstract, "摘要", self.abstract_text),
            (Column::MainClaim, "主权项", self.claim),
            (Column::IpcMain, "主分类号", self.main_class),
            (Column::Region, "省份", self.region),
        ];
        for (column, header, value) in fields {
            if !value.is_empty() {
                put(column, header, text(value));
            }
        }
        let lists = [
            (Column::Ipc, "分类号", self.classes),
            (Column::Locarno, "洛迦诺分类号", self.locarno),
            (Column::Applicant, "申请人", self.applicants),
            (Column::Owner, "专利权人", self.owners),
            (Column::Inventors, "发明人", self.inventors),
        ];
        for (column, header, items) in lists {
            if !items.is_empty() {
                put(column, header, Cell::List(items));
            }
        }
        cells
    }
}

impl Reference {
    /// The number of another country keeps its country, so that it cannot pass for one of ours.
    fn application(&self) -> String {
        let number = &self.number;
        if self.country.is_empty() || number.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return number.clone();
        }
        format!("{}{number}", self.country)
    }

    fn publication(&self) -> String {
        let bare = self.application();
        if bare.ends_with(|c: char| c.is_ascii_digit()) {
            format!("{bare}{}", self.kind)
        } else {
            bare
        }
    }
}

/// ST.96: what identifies an application or a publication without a `DocumentID`.
fn is_identification(name: &str) -> bool {
    matches!(
        name,
        "applicationidentification" | "patentpublicationidentification"
    )
}
