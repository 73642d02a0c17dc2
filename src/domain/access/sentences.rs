//! What each operation is, in a sentence for people; the table at `/about/permissions` is made of these and of the
//! permission table. An operation without a sentence does not compile.

use super::Operation;
use crate::domain::text::Text;

/// One arm an operation, in both languages.
macro_rules! sentences {
    ($($operation:ident $zh:literal $en:literal;)*) => {
        impl Operation {
            /// What it is, in both languages.
            pub fn says(self) -> Text {
                let (zh, en) = match self { $(Self::$operation => ($zh, $en),)* };
                Text::new(zh, en)
            }
        }
    };
}

sentences! {
    SearchPatents "检索专利" "Search patents";
    ExportPatents "导出检索结果" "Export what a search found";
    GetPatent "查看一件专利" "Read one patent";
    ListPatentFamily "查看同族专利" "Read a patent's family";
    SimilarPatents "查看相似专利" "Find patents like one";
    GetCard "查看专利的通俗卡片" "Read a patent's card in plain words";
    PutCard "填写通俗卡片" "Write a card";
    ListCards "查看本单位卡片的完成情况" "List the cards of a holder's stock";
    ExportCards "下载卡片表格" "Download the cards as a sheet";
    ImportCards "以表格批量填写卡片" "Write many cards from a sheet";
    ListOrganisations "查看单位名录" "List organisations";
    ExportOrganisations "导出单位名录" "Take the register of organisations out";
    GetOrganisation "查看一个单位" "Read one organisation";
    CreateOrganisation "登记单位" "Register an organisation";
    UpdateOrganisation "修改单位信息" "Change an organisation";
    ListHoldings "查看存量专利" "List stock patents";
    ExportHoldings "导出存量记录" "Take holdings out";
    GetHolding "查看一条存量记录" "Read one holding";
    UpdateHolding "修改存量记录：实施状态、部门、是否公开" "Change a holding: conversion, unit, publication";
    ConfirmHolding "核定专利权属" "Confirm who holds a patent";
    CreateImport "批量导入存量专利" "Import stock from a file";
    ListImports "查看导入记录" "List imports";
    GetImport "查看一次导入的结果" "Read one import";
    GetImportRejects "下载导入中被退回的行" "Download the rows that an import refused";
    GetImportPreview "预览导入：各列的对应、前几行、问题" "Preview an import: columns, first rows, problems";
    PutImportMapping "指定导入文件各列的含义" "Say what the columns of a file are";
    CommitImport "确认导入" "Agree to an import";
    DiscardImport "放弃导入" "Give an import up";
    ListImportMappings "查看已保存的列对应" "List saved mappings of columns";
    DeleteImportMapping "删除已保存的列对应" "Remove a saved mapping";
    CreateFile "上传证据文件" "Upload evidence";
    GetFile "查看文件信息" "Read what a file is";
    GetFileContent "下载文件" "Download a file";
    PutPatentStatus "更新专利法律状态" "Update a patent's legal status";
    GetPatentSources "查看专利各项内容的来源" "See where a patent's values come from";
    CorrectPatent "更正专利的著录内容" "Correct a patent's record by hand";
    TakeBackCorrection "撤销人工更正" "Take a correction back";
    ListConflicts "查看来源之间的冲突" "List conflicts between sources";
    GetConflict "查看一处冲突" "Read one conflict";
    ResolveConflict "处理冲突" "Decide a conflict";
    GetEligibility "核查能否声明开放许可" "Check whether a patent may be declared";
    ListDeclarations "查看已公告的声明" "List announced declarations";
    ExportDeclarations "导出声明" "Take declarations out";
    GetDeclaration "查看一份声明" "Read one declaration";
    CreateDeclaration "起草开放许可声明" "Draft a declaration";
    UpdateDeclaration "修改声明草稿" "Change a draft";
    StepDeclaration "推进声明：提交、公告、撤回" "Move a declaration on: submit, announce, withdraw";
    PutKnowHow "填写技术指导附件" "Write the know-how annex of an offer";
    RecordDeclaration "补录平台外已公告的声明" "Record a declaration announced elsewhere";
    ListLicences "查看已生效的许可" "List licences in effect";
    ExportLicences "导出许可" "Take licences out";
    GetLicence "查看一项许可" "Read one licence";
    CreateLicence "发出许可通知" "Give notice and take a licence";
    DeliverNotice "登记通知送达" "Record that a notice was delivered";
    AddPayment "登记支付" "Record a payment";
    AnswerLicence "确认或提出异议" "Confirm or dispute a licence";
    FileLicence "登记许可备案" "Record the filing of a licence";
    AnnulLicence "注销误录的许可" "Annul a licence recorded in error";
    GetPerformance "查看许可的履行情况" "See how a licence is carried out";
    AddRoyaltyReport "报送提成结算期的销售额或利润" "Report the figure of a royalty period";
    AddFollowUp "答复许可实施情况回访" "Say what has become of a licence";
    StateRelation "说明双方是否有关联关系" "Say whether the two sides are related";
    ListEnquiries "查看询问" "List enquiries";
    GetEnquiry "查看一件询问" "Read one enquiry";
    CreateEnquiry "向专利权人提出询问" "Ask a patentee before a notice";
    AnswerEnquiry "答复询问" "Answer an enquiry";
    ListDisputes "查看许可纠纷" "List disputes of licences";
    GetDispute "查看一件许可纠纷" "Read one dispute";
    CreateDispute "登记许可纠纷" "Open a dispute of a licence";
    StepDispute "登记纠纷的进展与结果" "Record a step or the outcome of a dispute";
    RecordLicence "补录平台外已达成的许可" "Record a licence taken elsewhere";
    ImportRecords "批量补录声明和许可" "Record declarations and licences from a list";
    ImportEvents "批量登记法律事件与法律状态" "Record legal events and statuses from a list";
    GetRecordsTemplate "下载补录模板" "Download the template for records";
    ListEncumbrances "查看质押、保全等权利负担" "List pledges, attachments and other burdens";
    GetEncumbrance "查看一条权利负担" "Read one burden";
    CreateEncumbrance "登记权利负担" "Record a burden";
    UpdateEncumbrance "修改权利负担" "Change a burden";
    ListNeeds "查看公开的技术需求" "List open needs";
    ExportNeeds "导出技术需求" "Take needs out";
    GetNeed "查看一条需求" "Read one need";
    CreateNeed "提出技术需求" "Post a need";
    UpdateNeed "修改需求" "Change a need";
    StepNeed "公开或结束需求" "Open or close a need";
    ListNeedMatches "查看与需求匹配的专利" "See the patents that match a need";
    CreateNeedFeedback "评价匹配结果" "Say how well a match fits";
    ListNeedFeedback "查看对匹配的评价" "Read what was said of matches";
    ListPatentNeeds "查看与专利匹配的需求" "See the needs that match a patent";
    StepInventory "提交、审核、登记或退回盘点档案" "Submit, approve, register or return a stock record";
    ListInventorySteps "查看档案的审核经过" "Read the course of a record's review";
    GetReviewRules "查看本单位的审核设置" "Read how records are reviewed";
    UpdateReviewRules "设置本单位怎样审核" "Set how records are reviewed";
    ListAppraisals "查看存量专利的分级分类建议" "List what could be done with each patent of a stock";
    GetAppraisal "查看一件专利的画像与建议" "Read one patent's profile and suggestion";
    ListAnnualFees "查看年费到期情况" "List a stock's annual fees";
    GetAnnualFeeOverview "查看年费合计与缴费日历" "See the sums and the calendar of annual fees";
    GetAnnualFees "查看一件专利的年费" "Read one patent's annual fees";
    PutAnnualFees "登记年费缴纳与减缴" "Record payments and the reduction of a patent";
    GetHolderFees "查看本单位的减缴资格" "Read a holder's reduction classes";
    PutHolderFees "登记本单位的减缴资格" "Say a holder's reduction classes";
    ExportAnnualFees "下载年费缴费清单" "Download the sheet of fees to pay";
    ImportAnnualFees "以表格登记年费缴纳" "Record payments from a sheet";
    ListSubmissions "查看向平台报送的情况" "See what was handed to platforms";
    CreateSubmission "按平台格式导出并登记报送" "Hand stock to a platform";
    CreateSubmissionAnswers "读入平台的答复" "Read a platform's answers";
    GetSubmissionRejects "下载未能对应的答复" "Download the answers that fit nothing";
    ImportInventory "批量读入盘点六项" "Read the questionnaire from a sheet";
    ListReferenceTables "查看参考数据表" "List the reference tables";
    GetReferenceTable "查看一张参考数据表的版本和来源" "Read a reference table's version and source";
    ListReferenceLines "查看参考数据" "Read the lines of a reference table";
    PutReferenceTable "装载参考数据表" "Load a reference table";
    RemoveReferenceTable "撤下装载的参考数据表，恢复内置表" "Remove a loaded reference table for the built-in one";
    ListTasks "查看待办" "List tasks";
    ExportTasks "导出待办" "Take tasks out";
    ListMessages "查看消息" "Read messages";
    VerifyOrganisation "核验主体身份" "Verify an organisation";
    ListKeys "查看 API 密钥" "List API keys";
    GetKey "查看一个密钥" "Read one key";
    CreateKey "创建密钥" "Make a key";
    UpdateKey "修改密钥的权限、地址和期限" "Change a key's scopes, networks and expiry";
    RotateKey "换发密钥" "Give a key a new secret";
    DeleteKey "吊销密钥" "Revoke a key";
    CreateToken "以密钥换取访问令牌" "Get a token for a key";
    ListAudit "查看审计" "Read the audit";
    ExportAudit "导出审计" "Export the audit";
    ListTargets "查看指标" "List targets";
    GetTarget "查看一项指标" "Read one target";
    CreateTarget "设定指标" "Set a target";
    UpdateTarget "修改指标" "Change a target";
    GetProgress "查看进度" "Read the progress";
    GetProgressQuality "查看统计质量：无偿、批量、未备案、有异议" "See what there is to ask about the counted units";
    GetProgressForecast "查看到期预测" "See where the count will stand";
    ListProgressItems "查看计入指标的每一项及其证据" "Read every unit that counts, with its evidence";
    ListChanges "读取变更流" "Read the feed of changes";
    GetLatestSnapshot "读取全量快照" "Read the full snapshot";
    QuoteTerms "试算许可费" "Work out a fee";
    ListClosings "查看已封账的月份" "List closed months";
    GetClosing "查看一个月的封账" "Read one closed month";
    CreateClosing "封账" "Close a month";
    GetBulletin "查看月度通报" "Read a month's bulletin";
    ListReported "查看上报指标" "List reported figures";
    GetReported "查看一项上报指标" "Read one reported figure";
    CreateReported "填报指标" "Enter a reported figure";
    UpdateReported "更正上报指标" "Correct a reported figure";
    ExportProgressItems "导出计入明细" "Take counted units out";
    GetCoverage "查看登记覆盖率" "See how much of the due stock is registered";
    GetDueList "查看应盘点清单" "Read a due list";
    PutDueList "上传应盘点清单" "Give a due list";
    StateDueCount "填报应盘点件数" "State how many are due";
    ListDueNumbers "逐件查看应盘点的专利" "List the numbers of a due list";
    ListInventory "查看盘点档案" "List stock records";
    GetInventory "查看一份盘点档案" "Read one stock record";
    UpdateInventory "填写盘点档案" "Fill in a stock record";
    GetInventoryCompleteness "查看盘点完整率" "Count complete stock records";
    ListDictionaries "查看盘点字典" "List the dictionaries of stock records";
    GetDictionary "查看一个字典" "Read one dictionary";
    UpdateDictionary "维护盘点字典" "Keep a dictionary";
}
