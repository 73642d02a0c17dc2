//! Who may do what: the actor, the roles, and the one permission table. Whatever has no row is refused.

use std::collections::BTreeSet;

use super::{event::Sight, id::Id, words::words};

words! {
    /// What an actor is. Later roles are added here and nowhere else.
    pub enum Role {
        /// Nobody signed in.
        Anonymous = "anonymous";
        /// A patent holder (高校、院所、国企), for its own organisation.
        Holder = "holder";
        /// An enterprise (企业) or other taker of licences, for its own organisation.
        Enterprise = "enterprise";
        /// Another platform reading the public data.
        Platform = "platform";
        /// An officer of the district.
        Office = "office";
        /// Runs the installation.
        Administrator = "administrator";
    }
}

words! {
    /// What a key may be used for; a key can do what its role may do within its scopes, never more.
    pub enum Scope {
        /// Search and read.
        Read = "read";
        /// Import and edit stock.
        Register = "register";
        /// Declare, give notice, record payments and filings, upload evidence.
        Trade = "trade";
        /// Keep organisations, confirm holdings, record what happened elsewhere.
        Office = "office";
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub role: Role,
    /// Stable text for the audit: `anonymous`, `key:ID`, `cli`, `system`.
    pub name: String,
    /// The organisation that a holder or an enterprise acts for.
    pub organisation: Option<Id>,
    pub scopes: BTreeSet<Scope>,
}

impl Role {
    /// Does it act for an organisation, and see what is that organisation's own?
    pub const fn is_member(self) -> bool {
        matches!(self, Self::Holder | Self::Enterprise)
    }
}

impl Actor {
    pub fn anonymous() -> Self {
        Self {
            role: Role::Anonymous,
            name: "anonymous".into(),
            organisation: None,
            scopes: [Scope::Read].into(),
        }
    }

    /// The operator at the command line and the process itself.
    pub fn operator(name: &str) -> Self {
        Self {
            role: Role::Administrator,
            name: name.into(),
            organisation: None,
            scopes: Scope::ALL.into(),
        }
    }

    pub fn sight(&self) -> Sight {
        match (self.role, &self.organisation) {
            (Role::Office | Role::Administrator, _) => Sight::Office,
            (role, Some(id)) if role.is_member() => Sight::Own(id.clone()),
            _ => Sight::Public,
        }
    }
}

/// Every operation of the product; the API's operation ids are these names in camelCase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    SearchPatents,
    ExportPatents,
    GetPatent,
    SimilarPatents,
    ListOrganisations,
    GetOrganisation,
    CreateOrganisation,
    UpdateOrganisation,
    ListHoldings,
    GetHolding,
    UpdateHolding,
    ConfirmHolding,
    CreateImport,
    ListImports,
    GetImport,
    GetImportRejects,
    CreateFile,
    GetFile,
    GetFileContent,
    PutPatentStatus,
    GetEligibility,
    ListDeclarations,
    GetDeclaration,
    CreateDeclaration,
    UpdateDeclaration,
    StepDeclaration,
    RecordDeclaration,
    ListLicences,
    GetLicence,
    CreateLicence,
    DeliverNotice,
    AddPayment,
    AnswerLicence,
    FileLicence,
    AnnulLicence,
    RecordLicence,
    ImportRecords,
    ListEncumbrances,
    GetEncumbrance,
    CreateEncumbrance,
    UpdateEncumbrance,
    ListTasks,
    ListMessages,
    VerifyOrganisation,
    ListTargets,
    GetTarget,
    CreateTarget,
    UpdateTarget,
    GetProgress,
    ListProgressItems,
    ListChanges,
    GetLatestSnapshot,
    QuoteTerms,
}

/// One row of the permission table.
pub struct Permission {
    pub operation: Operation,
    /// The operation id in the OpenAPI document.
    pub id: &'static str,
    pub scope: Scope,
    /// These roles may, for any record they can see.
    pub any: &'static [Role],
    /// These roles may, for records of their own organisation only.
    pub own: &'static [Role],
}

use Role::{Administrator, Anonymous, Enterprise, Holder, Office, Platform};

const EVERYONE: &[Role] = &[
    Anonymous,
    Holder,
    Enterprise,
    Platform,
    Office,
    Administrator,
];
const OFFICERS: &[Role] = &[Office, Administrator];
const HOLDERS: &[Role] = &[Holder];
/// Those who act for an organisation.
const MEMBERS: &[Role] = &[Holder, Enterprise];
const NOBODY: &[Role] = &[];

macro_rules! permissions {
    ($($operation:ident $id:literal $scope:ident $any:ident $own:ident;)*) => {
        &[$(Permission {
            operation: Operation::$operation, id: $id, scope: Scope::$scope, any: $any, own: $own,
        }),*]
    };
}

/// The permission table (deny by default).
pub const PERMISSIONS: &[Permission] = permissions! {
    SearchPatents "searchPatents" Read EVERYONE NOBODY;
    ExportPatents "exportPatents" Read EVERYONE NOBODY;
    GetPatent "getPatent" Read EVERYONE NOBODY;
    SimilarPatents "similarPatents" Read EVERYONE NOBODY;
    ListOrganisations "listOrganisations" Read EVERYONE NOBODY;
    GetOrganisation "getOrganisation" Read EVERYONE NOBODY;
    CreateOrganisation "createOrganisation" Office OFFICERS NOBODY;
    UpdateOrganisation "updateOrganisation" Office OFFICERS NOBODY;
    ListHoldings "listHoldings" Read EVERYONE NOBODY;
    GetHolding "getHolding" Read EVERYONE NOBODY;
    UpdateHolding "updateHolding" Register OFFICERS HOLDERS;
    ConfirmHolding "confirmHolding" Office OFFICERS NOBODY;
    CreateImport "createImport" Register OFFICERS HOLDERS;
    ListImports "listImports" Register OFFICERS HOLDERS;
    GetImport "getImport" Register OFFICERS HOLDERS;
    GetImportRejects "getImportRejects" Register OFFICERS HOLDERS;
    CreateFile "createFile" Trade OFFICERS MEMBERS;
    GetFile "getFile" Read OFFICERS MEMBERS;
    GetFileContent "getFileContent" Read OFFICERS MEMBERS;
    PutPatentStatus "putPatentStatus" Register OFFICERS HOLDERS;
    GetEligibility "getEligibility" Read OFFICERS HOLDERS;
    ListDeclarations "listDeclarations" Read EVERYONE NOBODY;
    GetDeclaration "getDeclaration" Read EVERYONE NOBODY;
    CreateDeclaration "createDeclaration" Trade OFFICERS HOLDERS;
    UpdateDeclaration "updateDeclaration" Trade OFFICERS HOLDERS;
    StepDeclaration "stepDeclaration" Trade OFFICERS HOLDERS;
    RecordDeclaration "recordDeclaration" Trade OFFICERS HOLDERS;
    ListLicences "listLicences" Read EVERYONE NOBODY;
    GetLicence "getLicence" Read EVERYONE NOBODY;
    CreateLicence "createLicence" Trade OFFICERS MEMBERS;
    DeliverNotice "deliverNotice" Trade OFFICERS MEMBERS;
    AddPayment "addPayment" Trade OFFICERS MEMBERS;
    AnswerLicence "answerLicence" Trade OFFICERS HOLDERS;
    FileLicence "fileLicence" Trade OFFICERS MEMBERS;
    AnnulLicence "annulLicence" Office OFFICERS NOBODY;
    RecordLicence "recordLicence" Trade OFFICERS HOLDERS;
    ImportRecords "importRecords" Office OFFICERS NOBODY;
    ListEncumbrances "listEncumbrances" Read EVERYONE NOBODY;
    GetEncumbrance "getEncumbrance" Read EVERYONE NOBODY;
    CreateEncumbrance "createEncumbrance" Trade OFFICERS HOLDERS;
    UpdateEncumbrance "updateEncumbrance" Trade OFFICERS HOLDERS;
    ListTasks "listTasks" Read OFFICERS MEMBERS;
    ListMessages "listMessages" Read OFFICERS MEMBERS;
    VerifyOrganisation "verifyOrganisation" Office OFFICERS NOBODY;
    ListTargets "listTargets" Read EVERYONE NOBODY;
    GetTarget "getTarget" Read EVERYONE NOBODY;
    CreateTarget "createTarget" Office OFFICERS NOBODY;
    UpdateTarget "updateTarget" Office OFFICERS NOBODY;
    GetProgress "getProgress" Read EVERYONE NOBODY;
    ListProgressItems "listProgressItems" Read EVERYONE NOBODY;
    ListChanges "listChanges" Read EVERYONE NOBODY;
    GetLatestSnapshot "getLatestSnapshot" Read EVERYONE NOBODY;
    QuoteTerms "quoteTerms" Read EVERYONE NOBODY;
};

/// To whom a field of a record is shown, among those who see the record at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    Public,
    /// The organisation it belongs to, and the office.
    Own,
    Office,
}

/// The field table: every field of every record, in the names of its JSON. A field without a row is a failed
/// test; one that is not public is kept out of the index, of other organisations' answers and of their feeds.
pub const FIELDS: &[(&str, Shown, &[&str])] = &[
    (
        "patent",
        Shown::Public,
        &[
            "number",
            "checkSource",
            "kind",
            "title",
            "abstract",
            "mainClaim",
            "ipc",
            "locarno",
            "industries",
            "applicants",
            "owners",
            "inventors",
            "filingDate",
            "publicationNumber",
            "publicationDate",
            "grantNumber",
            "grantDate",
            "stage",
            "legalStatus",
            "statusText",
            "statusAsOf",
            "statusSource",
            "region",
            "fictional",
        ],
    ),
    (
        "organisation",
        Shown::Public,
        &[
            "id",
            "uscc",
            "name",
            "aliases",
            "kind",
            "district",
            "unverified",
            "businessLicence",
            "fictional",
        ],
    ),
    // A holding as a whole is its organisation's and the office's until it is published.
    (
        "holding",
        Shown::Public,
        &[
            "id",
            "organisation",
            "number",
            "state",
            "firstPatentee",
            "conversion",
            "unit",
            "published",
        ],
    ),
    // Public once announced.
    (
        "declaration",
        Shown::Public,
        &[
            "id",
            "organisation",
            "number",
            "state",
            "title",
            "patentees",
            "mainClass",
            "industry",
            "terms",
            "until",
            "explanation",
            "other",
            "capOverride",
            "evaluation",
            "consents",
            "commitment",
            "submittedOn",
            "declarationNumber",
            "effectiveOn",
            "withdrawalRequestedOn",
            "endedOn",
            "reason",
            "sources",
            "recordedLate",
            "mustWithdraw",
            "fictional",
        ],
    ),
    // Public once in effect; an individual is an id without a name.
    (
        "licence",
        Shown::Public,
        &[
            "id",
            "declaration",
            "number",
            "holder",
            "licensee",
            "state",
            "terms",
            "until",
            "delivery",
            "givenAt",
            "noticeOn",
            "payments",
            "paidOn",
            "effectiveOn",
            "response",
            "filingDueOn",
            "filing",
            "acknowledged",
            "evidence",
            "crossBorder",
            "recordedLate",
            "reason",
            "fictional",
        ],
    ),
    // Public once registered.
    (
        "encumbrance",
        Shown::Public,
        &[
            "id",
            "number",
            "kind",
            "from",
            "until",
            "releasedOn",
            "party",
            "registration",
            "consent",
            "source",
            "organisation",
        ],
    ),
    (
        "target",
        Shown::Public,
        &[
            "id", "name", "metric", "value", "from", "to", "district", "side", "rule",
        ],
    ),
    (
        "import",
        Shown::Own,
        &[
            "id",
            "state",
            "organisation",
            "fileName",
            "sizeBytes",
            "sha256",
            "counts",
            "failure",
            "createdAt",
            "finishedAt",
            "rejects",
        ],
    ),
    // The recipient's alone; the office reads its own.
    (
        "message",
        Shown::Own,
        &[
            "id", "kind", "title", "subject", "zl", "text", "at", "readAt",
        ],
    ),
    // Besides its owner and the office, those that were let in read a file: the whole of it.
    (
        "file",
        Shown::Own,
        &[
            "id",
            "owner",
            "name",
            "mediaType",
            "sizeBytes",
            "sha256",
            "createdAt",
            "content",
        ],
    ),
];

/// Why an actor may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("sign in first")]
    Unauthenticated,
    #[error("this key lacks the scope")]
    Scope,
    #[error("this role may not do that")]
    Role,
    #[error("this belongs to another organisation")]
    NotYours,
}

/// May `actor` do this to a record of organisation `owner` (`None`: a record that is nobody's)?
pub fn check(actor: &Actor, operation: Operation, owner: Option<&Id>) -> Result<(), Denied> {
    let row = check_role(actor, operation)?;
    let any = row.any.contains(&actor.role);
    if any || (owner.is_some() && actor.organisation.as_ref() == owner) {
        Ok(())
    } else {
        Err(Denied::NotYours)
    }
}

/// May `actor` do this to any record at all? Asked before a record is looked up.
pub fn check_role(actor: &Actor, operation: Operation) -> Result<&'static Permission, Denied> {
    let row = PERMISSIONS
        .iter()
        .find(|row| row.operation == operation)
        .ok_or(Denied::Role)?;
    if !row.any.contains(&actor.role) && !row.own.contains(&actor.role) {
        return Err(if actor.role == Anonymous {
            Denied::Unauthenticated
        } else {
            Denied::Role
        });
    }
    if actor.scopes.contains(&row.scope) {
        Ok(row)
    } else {
        Err(Denied::Scope)
    }
}
