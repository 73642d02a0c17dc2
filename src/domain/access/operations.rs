//! Who may do what: every operation and the one permission table. Whatever has no row is refused.

use super::{
    Role::{self, Administrator, Anonymous, Enterprise, Holder, Office, Platform},
    Scope,
};

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
/// What a member with a narrower duty than an officer's may do of its organisation's own; which records, its duty says.
pub const NARROW: &[Operation] = &[
    Operation::ListInventory,
    Operation::GetInventory,
    Operation::UpdateInventory,
    Operation::StepInventory,
    Operation::ListInventorySteps,
    Operation::PutCard,
];
/// Those who act for an organisation.
const MEMBERS: &[Role] = &[Holder, Enterprise];
const NOBODY: &[Role] = &[];

/// One list makes the operations and the table, so that neither has a row that the other lacks.
macro_rules! permissions {
    ($($operation:ident $id:literal $scope:ident $any:ident $own:ident;)*) => {
        /// Every operation of the product; the API's operation ids are these names in camelCase.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $($operation),*
        }

        /// The permission table, deny by default.
        pub const PERMISSIONS: &[Permission] = &[$(Permission {
            operation: Operation::$operation, id: $id, scope: Scope::$scope, any: $any, own: $own,
        }),*];
    };
}

permissions! {
    SearchPatents "searchPatents" Read EVERYONE NOBODY;
    ExportPatents "exportPatents" Read EVERYONE NOBODY;
    GetPatent "getPatent" Read EVERYONE NOBODY;
    SimilarPatents "similarPatents" Read EVERYONE NOBODY;
    ListPatentFamily "listPatentFamily" Read EVERYONE NOBODY;
    GetCard "getCard" Read EVERYONE NOBODY;
    PutCard "putCard" Register OFFICERS HOLDERS;
    ListCards "listCards" Read OFFICERS HOLDERS;
    ExportCards "exportCards" Read OFFICERS HOLDERS;
    ImportCards "importCards" Register OFFICERS HOLDERS;
    ListOrganisations "listOrganisations" Read EVERYONE NOBODY;
    ExportOrganisations "exportOrganisations" Read EVERYONE NOBODY;
    GetOrganisation "getOrganisation" Read EVERYONE NOBODY;
    CreateOrganisation "createOrganisation" Office OFFICERS NOBODY;
    UpdateOrganisation "updateOrganisation" Office OFFICERS NOBODY;
    ListHoldings "listHoldings" Read EVERYONE NOBODY;
    ExportHoldings "exportHoldings" Read EVERYONE NOBODY;
    GetHolding "getHolding" Read EVERYONE NOBODY;
    UpdateHolding "updateHolding" Register OFFICERS HOLDERS;
    ConfirmHolding "confirmHolding" Office OFFICERS NOBODY;
    CreateImport "createImport" Register OFFICERS HOLDERS;
    ListImports "listImports" Register OFFICERS HOLDERS;
    GetImport "getImport" Register OFFICERS HOLDERS;
    GetImportRejects "getImportRejects" Register OFFICERS HOLDERS;
    GetImportPreview "getImportPreview" Register OFFICERS HOLDERS;
    PutImportMapping "putImportMapping" Register OFFICERS HOLDERS;
    CommitImport "commitImport" Register OFFICERS HOLDERS;
    DiscardImport "discardImport" Register OFFICERS HOLDERS;
    ListImportMappings "listImportMappings" Register OFFICERS HOLDERS;
    DeleteImportMapping "deleteImportMapping" Register OFFICERS HOLDERS;
    CreateFile "createFile" Trade OFFICERS MEMBERS;
    GetFile "getFile" Read OFFICERS MEMBERS;
    GetFileContent "getFileContent" Read OFFICERS MEMBERS;
    PutPatentStatus "putPatentStatus" Register OFFICERS HOLDERS;
    GetPatentSources "getPatentSources" Read OFFICERS HOLDERS;
    CorrectPatent "correctPatent" Register OFFICERS HOLDERS;
    TakeBackCorrection "takeBackCorrection" Register OFFICERS HOLDERS;
    ListConflicts "listConflicts" Read OFFICERS HOLDERS;
    GetConflict "getConflict" Read OFFICERS HOLDERS;
    ResolveConflict "resolveConflict" Register OFFICERS HOLDERS;
    GetEligibility "getEligibility" Read OFFICERS HOLDERS;
    ListDeclarations "listDeclarations" Read EVERYONE NOBODY;
    ExportDeclarations "exportDeclarations" Read EVERYONE NOBODY;
    GetDeclaration "getDeclaration" Read EVERYONE NOBODY;
    CreateDeclaration "createDeclaration" Trade OFFICERS HOLDERS;
    UpdateDeclaration "updateDeclaration" Trade OFFICERS HOLDERS;
    StepDeclaration "stepDeclaration" Trade OFFICERS HOLDERS;
    PutKnowHow "putKnowHow" Trade OFFICERS HOLDERS;
    RecordDeclaration "recordDeclaration" Trade OFFICERS HOLDERS;
    GetDeclarationPaper "getDeclarationPaper" Read OFFICERS HOLDERS;
    ListLicences "listLicences" Read EVERYONE NOBODY;
    ExportLicences "exportLicences" Read EVERYONE NOBODY;
    GetLicence "getLicence" Read EVERYONE NOBODY;
    CreateLicence "createLicence" Trade OFFICERS MEMBERS;
    DeliverNotice "deliverNotice" Trade OFFICERS MEMBERS;
    AddPayment "addPayment" Trade OFFICERS MEMBERS;
    AnswerLicence "answerLicence" Trade OFFICERS HOLDERS;
    FileLicence "fileLicence" Trade OFFICERS MEMBERS;
    AnnulLicence "annulLicence" Office OFFICERS NOBODY;
    GetPerformance "getPerformance" Read OFFICERS MEMBERS;
    AddRoyaltyReport "addRoyaltyReport" Trade OFFICERS MEMBERS;
    AddFollowUp "addFollowUp" Trade OFFICERS MEMBERS;
    StateRelation "stateRelation" Trade OFFICERS MEMBERS;
    ListEnquiries "listEnquiries" Read OFFICERS MEMBERS;
    GetEnquiry "getEnquiry" Read OFFICERS MEMBERS;
    CreateEnquiry "createEnquiry" Trade OFFICERS MEMBERS;
    AnswerEnquiry "answerEnquiry" Trade OFFICERS HOLDERS;
    ListDisputes "listDisputes" Read OFFICERS MEMBERS;
    GetDispute "getDispute" Read OFFICERS MEMBERS;
    CreateDispute "createDispute" Trade OFFICERS MEMBERS;
    StepDispute "stepDispute" Trade OFFICERS MEMBERS;
    RecordLicence "recordLicence" Trade OFFICERS HOLDERS;
    GetLicencePaper "getLicencePaper" Read OFFICERS MEMBERS;
    GetFilingPack "getFilingPack" Read OFFICERS MEMBERS;
    ImportRecords "importRecords" Office OFFICERS NOBODY;
    ImportEvents "importEvents" Register OFFICERS HOLDERS;
    GetRecordsTemplate "getRecordsTemplate" Read EVERYONE NOBODY;
    ImportListings "importListings" Office OFFICERS NOBODY;
    ListListings "listListings" Read OFFICERS HOLDERS;
    GetListing "getListing" Read OFFICERS HOLDERS;
    DecideListing "decideListing" Office OFFICERS NOBODY;
    EnterListing "enterListing" Office OFFICERS NOBODY;
    ConvertListing "convertListing" Trade OFFICERS HOLDERS;
    ListConsents "listConsents" Read OFFICERS MEMBERS;
    GetConsent "getConsent" Read OFFICERS MEMBERS;
    AskConsent "askConsent" Trade OFFICERS HOLDERS;
    AnswerConsent "answerConsent" Trade NOBODY MEMBERS;
    ListEncumbrances "listEncumbrances" Read EVERYONE NOBODY;
    GetEncumbrance "getEncumbrance" Read EVERYONE NOBODY;
    CreateEncumbrance "createEncumbrance" Trade OFFICERS HOLDERS;
    UpdateEncumbrance "updateEncumbrance" Trade OFFICERS HOLDERS;
    ListNeeds "listNeeds" Read EVERYONE NOBODY;
    ExportNeeds "exportNeeds" Read EVERYONE NOBODY;
    GetNeed "getNeed" Read EVERYONE NOBODY;
    CreateNeed "createNeed" Trade OFFICERS MEMBERS;
    UpdateNeed "updateNeed" Trade OFFICERS MEMBERS;
    StepNeed "stepNeed" Trade OFFICERS MEMBERS;
    ListNeedMatches "listNeedMatches" Read OFFICERS MEMBERS;
    CreateNeedFeedback "createNeedFeedback" Trade OFFICERS MEMBERS;
    ListNeedFeedback "listNeedFeedback" Read OFFICERS MEMBERS;
    ListPatentNeeds "listPatentNeeds" Read OFFICERS HOLDERS;
    ListInventory "listInventory" Read OFFICERS HOLDERS;
    GetInventory "getInventory" Read OFFICERS HOLDERS;
    UpdateInventory "updateInventory" Register OFFICERS HOLDERS;
    StepInventory "stepInventory" Register OFFICERS HOLDERS;
    ListInventorySteps "listInventorySteps" Read OFFICERS HOLDERS;
    GetReviewRules "getReviewRules" Read OFFICERS HOLDERS;
    UpdateReviewRules "updateReviewRules" Register OFFICERS HOLDERS;
    GetSubUnits "getSubUnits" Read OFFICERS HOLDERS;
    UpdateSubUnits "updateSubUnits" Register OFFICERS HOLDERS;
    FillSubUnits "fillSubUnits" Register NOBODY HOLDERS;
    GetInventoryCompleteness "getInventoryCompleteness" Read OFFICERS HOLDERS;
    ListDictionaries "listDictionaries" Read EVERYONE NOBODY;
    GetDictionary "getDictionary" Read EVERYONE NOBODY;
    UpdateDictionary "updateDictionary" Office OFFICERS NOBODY;
    ListAppraisals "listAppraisals" Read OFFICERS HOLDERS;
    GetAppraisal "getAppraisal" Read OFFICERS HOLDERS;
    ListAnnualFees "listAnnualFees" Read OFFICERS HOLDERS;
    GetAnnualFeeOverview "getAnnualFeeOverview" Read OFFICERS HOLDERS;
    GetAnnualFees "getAnnualFees" Read OFFICERS HOLDERS;
    PutAnnualFees "putAnnualFees" Register OFFICERS HOLDERS;
    GetHolderFees "getHolderFees" Read OFFICERS HOLDERS;
    PutHolderFees "putHolderFees" Register OFFICERS HOLDERS;
    ExportAnnualFees "exportAnnualFees" Read OFFICERS HOLDERS;
    ImportAnnualFees "importAnnualFees" Register OFFICERS HOLDERS;
    ListSubmissions "listSubmissions" Read OFFICERS HOLDERS;
    CreateSubmission "createSubmission" Register NOBODY HOLDERS;
    CreateSubmissionAnswers "createSubmissionAnswers" Register NOBODY HOLDERS;
    GetSubmissionRejects "getSubmissionRejects" Read OFFICERS HOLDERS;
    ImportInventory "importInventory" Register NOBODY HOLDERS;
    ListReferenceTables "listReferenceTables" Read EVERYONE NOBODY;
    GetReferenceTable "getReferenceTable" Read EVERYONE NOBODY;
    ListReferenceLines "listReferenceLines" Read EVERYONE NOBODY;
    PutReferenceTable "putReferenceTable" Office OFFICERS NOBODY;
    RemoveReferenceTable "removeReferenceTable" Office OFFICERS NOBODY;
    ListTasks "listTasks" Read OFFICERS MEMBERS;
    ExportTasks "exportTasks" Read OFFICERS MEMBERS;
    ListMessages "listMessages" Read OFFICERS MEMBERS;
    VerifyOrganisation "verifyOrganisation" Office OFFICERS NOBODY;
    ListKeys "listKeys" Keys OFFICERS MEMBERS;
    GetKey "getKey" Keys OFFICERS MEMBERS;
    CreateKey "createKey" Keys OFFICERS MEMBERS;
    UpdateKey "updateKey" Keys OFFICERS MEMBERS;
    RotateKey "rotateKey" Keys OFFICERS MEMBERS;
    DeleteKey "deleteKey" Keys OFFICERS MEMBERS;
    CreateToken "createToken" Read EVERYONE NOBODY;
    ListAudit "listAudit" Office OFFICERS NOBODY;
    ExportAudit "exportAudit" Office OFFICERS NOBODY;
    ListAuditHeads "listAuditHeads" Read EVERYONE NOBODY;
    GetAuditHead "getAuditHead" Read EVERYONE NOBODY;
    ListTargets "listTargets" Read EVERYONE NOBODY;
    GetTarget "getTarget" Read EVERYONE NOBODY;
    CreateTarget "createTarget" Office OFFICERS NOBODY;
    UpdateTarget "updateTarget" Office OFFICERS NOBODY;
    GetProgress "getProgress" Read EVERYONE NOBODY;
    GetProgressQuality "getProgressQuality" Read EVERYONE NOBODY;
    GetProgressForecast "getProgressForecast" Read EVERYONE NOBODY;
    ListProgressItems "listProgressItems" Read EVERYONE NOBODY;
    ListClosings "listClosings" Read EVERYONE NOBODY;
    GetClosing "getClosing" Read EVERYONE NOBODY;
    CreateClosing "createClosing" Office OFFICERS NOBODY;
    GetBulletin "getBulletin" Read EVERYONE NOBODY;
    ExportBulletin "exportBulletin" Read EVERYONE NOBODY;
    ListReported "listReported" Read EVERYONE NOBODY;
    GetReported "getReported" Read EVERYONE NOBODY;
    CreateReported "createReported" Office OFFICERS NOBODY;
    UpdateReported "updateReported" Office OFFICERS NOBODY;
    ExportProgressItems "exportProgressItems" Read EVERYONE NOBODY;
    GetCoverage "getCoverage" Read EVERYONE NOBODY;
    GetDueList "getDueList" Read OFFICERS HOLDERS;
    PutDueList "putDueList" Register OFFICERS HOLDERS;
    StateDueCount "stateDueCount" Register OFFICERS HOLDERS;
    ListDueNumbers "listDueNumbers" Read OFFICERS HOLDERS;
    ListChanges "listChanges" Read EVERYONE NOBODY;
    GetLatestSnapshot "getLatestSnapshot" Read EVERYONE NOBODY;
    QuoteTerms "quoteTerms" Read EVERYONE NOBODY;
    ParseTerms "parseTerms" Read EVERYONE NOBODY;
    GetPriceBasis "getPriceBasis" Read EVERYONE NOBODY;
}
