//! The units that are merged: a field, or fields that only make sense together.

use serde_json::{Map, Value};

use crate::domain::{
    holding::{Conversion, Holding},
    intake::Column,
    patent::{LegalStatus, Patent},
    words::words,
};

words! {
    /// One thing that a source says and that is taken or left as a whole.
    #[schema(as = SourceUnit)]
    pub enum Unit {
        /// 专利名称
        Title = "title", "专利名称", "Title";
        /// 摘要
        Abstract = "abstract", "摘要", "Abstract";
        /// 主权项
        MainClaim = "mainClaim", "主权项", "Main claim";
        /// IPC and Locarno classes
        Classes = "classes", "分类号", "Classes";
        /// 国民经济行业
        Industries = "industries", "国民经济行业", "Industries";
        /// 申请人
        Applicants = "applicants", "申请人", "Applicants";
        /// 当前权利人
        Owners = "owners", "当前权利人", "Owners";
        /// 发明人
        Inventors = "inventors", "发明人", "Inventors";
        /// 申请日
        Filing = "filing", "申请日", "Filing day";
        /// 公开号 and 公开日
        Publication = "publication", "公开", "Publication";
        /// 授权公告号 and 授权公告日
        Grant = "grant", "授权公告", "Grant";
        /// 法律状态 with its words, its day and its document
        Status = "status", "法律状态", "Legal status";
        /// 省市
        Region = "region", "省市", "Region";
        /// 实施状态, of one holder's stock
        Conversion = "conversion", "实施状态", "Use so far";
        /// 所属学院, of one holder's stock
        Department = "department", "所属学院或部门", "Unit of the holder";
    }
}

/// What an incoming record says of a unit, against what is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Nothing,
    Same,
    /// The same, and something that is open here.
    More,
    Other,
}

impl Said {
    /// Several fields of one unit: what differs in one differs in all.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Other, _) | (_, Self::Other) => Self::Other,
            (Self::More, _) | (_, Self::More) => Self::More,
            (Self::Same, _) | (_, Self::Same) => Self::Same,
            _ => Self::Nothing,
        }
    }

    fn of<T: PartialEq>(here: Option<&T>, new: Option<&T>) -> Self {
        match (here, new) {
            (_, None) => Self::Nothing,
            (None, Some(_)) => Self::More,
            (Some(here), Some(new)) if here == new => Self::Same,
            _ => Self::Other,
        }
    }

    fn of_list<T: PartialEq>(here: &[T], new: &[T]) -> Self {
        if new.is_empty() {
            Self::Nothing
        } else if here.is_empty() {
            Self::More
        } else if here == new {
            Self::Same
        } else {
            Self::Other
        }
    }
}

impl Unit {
    /// Those of a patent's record; the others are of a holder's stock.
    pub const OF_PATENT: [Self; 13] = [
        Self::Title,
        Self::Abstract,
        Self::MainClaim,
        Self::Classes,
        Self::Industries,
        Self::Applicants,
        Self::Owners,
        Self::Inventors,
        Self::Filing,
        Self::Publication,
        Self::Grant,
        Self::Status,
        Self::Region,
    ];

    pub fn is_of_patent(self) -> bool {
        Self::OF_PATENT.contains(&self)
    }

    /// Is it what the published or granted document itself says?
    pub const fn is_of_document(self) -> bool {
        matches!(
            self,
            Self::Title
                | Self::Abstract
                | Self::MainClaim
                | Self::Classes
                | Self::Industries
                | Self::Applicants
                | Self::Owners
                | Self::Inventors
        )
    }

    /// Does it decide who holds the patent?
    pub const fn is_of_patentees(self) -> bool {
        matches!(self, Self::Owners | Self::Applicants)
    }

    /// The unit of a column, if the column is recorded.
    pub const fn of_column(column: Column) -> Option<Self> {
        Some(match column {
            Column::Title => Self::Title,
            Column::Abstract => Self::Abstract,
            Column::MainClaim => Self::MainClaim,
            Column::IpcMain | Column::Ipc | Column::Locarno => Self::Classes,
            Column::Industry => Self::Industries,
            Column::Applicant => Self::Applicants,
            Column::Owner => Self::Owners,
            Column::Inventors => Self::Inventors,
            Column::FilingDate => Self::Filing,
            Column::PubNumber | Column::PublicationDate | Column::FirstPublicationDate => {
                Self::Publication
            }
            Column::GrantNumber | Column::GrantDate => Self::Grant,
            Column::StatusText | Column::Validity | Column::StatusAsOf => Self::Status,
            Column::Region => Self::Region,
            Column::Conversion => Self::Conversion,
            Column::Unit => Self::Department,
            Column::AppNumber
            | Column::Kind
            | Column::Uscc
            | Column::SourceDay
            | Column::Stage
            | Column::CheckSource
            | Column::Fictional => return None,
        })
    }

    /// What `new` says of it, against what is `here`.
    pub fn compare(self, here: &Patent, new: &Patent) -> Said {
        match self {
            Self::Title => {
                let text = |p: &Patent| (!p.title.is_empty()).then(|| p.title.clone());
                Said::of(text(here).as_ref(), text(new).as_ref())
            }
            Self::Abstract => Said::of(here.abstract_text.as_ref(), new.abstract_text.as_ref()),
            Self::MainClaim => Said::of(here.main_claim.as_ref(), new.main_claim.as_ref()),
            Self::Classes => {
                let ipc = Said::of_list(&here.ipc, &new.ipc);
                ipc.and(Said::of_list(&here.locarno, &new.locarno))
            }
            Self::Industries => Said::of_list(&here.industries, &new.industries),
            Self::Applicants => Said::of_list(&here.applicants, &new.applicants),
            Self::Owners => Said::of_list(&here.owners, &new.owners),
            Self::Inventors => Said::of_list(&here.inventors, &new.inventors),
            Self::Filing => Said::of(here.filing_date.as_ref(), new.filing_date.as_ref()),
            Self::Publication => {
                let (a, b) = (&here.publication_number, &new.publication_number);
                let number = Said::of(a.as_ref(), b.as_ref());
                let (a, b) = (here.publication_date, new.publication_date);
                number.and(Said::of(a.as_ref(), b.as_ref()))
            }
            Self::Grant => {
                let (a, b) = (&here.grant_number, &new.grant_number);
                let number = Said::of(a.as_ref(), b.as_ref());
                let (a, b) = (here.grant_date, new.grant_date);
                number.and(Said::of(a.as_ref(), b.as_ref()))
            }
            Self::Status => {
                let status = |p: &Patent| {
                    let says = p.legal_status != LegalStatus::Unknown || p.status_text.is_some();
                    says.then_some(p.legal_status)
                };
                Said::of(status(here).as_ref(), status(new).as_ref())
            }
            Self::Region => Said::of(here.region.as_ref(), new.region.as_ref()),
            Self::Conversion | Self::Department => Said::Nothing,
        }
    }

    /// Does the record say nothing of it?
    pub fn is_empty(self, patent: &Patent) -> bool {
        self.compare(patent, patent) == Said::Nothing
    }

    /// Fills what is open.
    pub(super) fn fill(self, from: &Patent, to: &mut Patent) {
        self.copy(from, to, false);
    }

    /// Replaces what `from` says.
    pub(super) fn take(self, from: &Patent, to: &mut Patent) {
        self.copy(from, to, true);
    }

    fn copy(self, from: &Patent, to: &mut Patent, over: bool) {
        fn one<T: Clone>(from: Option<&T>, to: &mut Option<T>, over: bool) {
            if from.is_some() && (over || to.is_none()) {
                *to = from.cloned();
            }
        }
        fn list<T: Clone>(from: &[T], to: &mut Vec<T>, over: bool) {
            if !from.is_empty() && (over || to.is_empty()) {
                *to = from.to_vec();
            }
        }
        match self {
            Self::Title => {
                if !from.title.is_empty() && (over || to.title.is_empty()) {
                    to.title.clone_from(&from.title);
                }
            }
            Self::Abstract => one(from.abstract_text.as_ref(), &mut to.abstract_text, over),
            Self::MainClaim => one(from.main_claim.as_ref(), &mut to.main_claim, over),
            Self::Classes => {
                list(&from.ipc, &mut to.ipc, over);
                list(&from.locarno, &mut to.locarno, over);
            }
            Self::Industries => list(&from.industries, &mut to.industries, over),
            Self::Applicants => list(&from.applicants, &mut to.applicants, over),
            Self::Owners => list(&from.owners, &mut to.owners, over),
            Self::Inventors => list(&from.inventors, &mut to.inventors, over),
            Self::Filing => one(from.filing_date.as_ref(), &mut to.filing_date, over),
            Self::Publication => {
                let number = from.publication_number.as_ref();
                one(number, &mut to.publication_number, over);
                one(
                    from.publication_date.as_ref(),
                    &mut to.publication_date,
                    over,
                );
            }
            Self::Grant => {
                one(from.grant_number.as_ref(), &mut to.grant_number, over);
                one(from.grant_date.as_ref(), &mut to.grant_date, over);
            }
            Self::Status if over => {
                to.legal_status = from.legal_status;
                to.status_text.clone_from(&from.status_text);
                to.status_as_of = from.status_as_of;
                to.status_source.clone_from(&from.status_source);
            }
            Self::Region => one(from.region.as_ref(), &mut to.region, over),
            Self::Status | Self::Conversion | Self::Department => {}
        }
    }

    /// What a holder's stock entry says of it.
    pub fn value_of_holding(self, holding: &Holding) -> Value {
        let mut own = Map::new();
        match self {
            Self::Conversion => {
                own.insert("conversion".into(), holding.conversion.as_str().into());
            }
            Self::Department => {
                if let Some(unit) = &holding.unit {
                    own.insert("unit".into(), unit.as_str().into());
                }
            }
            _ => {}
        }
        Value::Object(own)
    }

    /// The stock entry with this in the place of its own.
    pub fn put_holding(self, holding: &Holding, value: &Value) -> Option<Holding> {
        let mut next = holding.clone();
        match self {
            Self::Conversion => {
                next.conversion = Conversion::parse(value.get("conversion")?.as_str()?)?;
            }
            Self::Department => {
                let unit = value.get("unit").and_then(Value::as_str);
                next.unit = unit.map(str::to_owned);
            }
            _ => return None,
        }
        Some(next)
    }

    /// The names of its fields in the record's JSON.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Title => &["title"],
            Self::Abstract => &["abstract"],
            Self::MainClaim => &["mainClaim"],
            Self::Classes => &["ipc", "locarno"],
            Self::Industries => &["industries"],
            Self::Applicants => &["applicants"],
            Self::Owners => &["owners"],
            Self::Inventors => &["inventors"],
            Self::Filing => &["filingDate"],
            Self::Publication => &["publicationNumber", "publicationDate"],
            Self::Grant => &["grantNumber", "grantDate"],
            Self::Status => &["legalStatus", "statusText", "statusAsOf", "statusSource"],
            Self::Region => &["region"],
            Self::Conversion => &["conversion"],
            Self::Department => &["unit"],
        }
    }

    /// Its fields of a record, as JSON; what is not known is absent.
    pub fn value(self, patent: &Patent) -> Value {
        let all = serde_json::to_value(patent).unwrap_or_default();
        let own = self.fields().iter().filter_map(|name| {
            let value = all.get(*name)?;
            Some(((*name).to_owned(), value.clone()))
        });
        Value::Object(own.collect::<Map<_, _>>())
    }

    /// The record with these fields in the place of its own; `None` where they do not fit.
    pub fn put(self, patent: &Patent, value: &Value) -> Option<Patent> {
        let new = value.as_object()?;
        if new
            .keys()
            .any(|name| !self.fields().contains(&name.as_str()))
        {
            return None;
        }
        let mut all = serde_json::to_value(patent).ok()?;
        let fields = all.as_object_mut()?;
        for name in self.fields() {
            match new.get(*name) {
                Some(value) if !value.is_null() => fields.insert((*name).to_owned(), value.clone()),
                _ => fields.remove(*name),
            };
        }
        serde_json::from_value(all).ok()
    }
}
