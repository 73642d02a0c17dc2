//! 专利开放许可声明 with the contents of 审查指南第五部分第十一章 3.3, and the request to withdraw it (4), which has no
//! conditions.

use std::collections::HashMap;

use super::{
    Cell, DeclarationPaper, Paper, Part, amount, contact as contact_fields, filed, named, sentence,
};
use crate::domain::{
    declaration::{Declaration, DeclarationState},
    file::FileRef,
    id::Id,
    party::{Contact, Organisation},
    patent::{Patent, PatentKind},
    refusal::{Refusal, Refused},
    text::Text,
    time::Day,
};

/// A declaration with what is kept beside it.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'a> {
    pub declaration: &'a Declaration,
    pub version: i64,
    pub patent: &'a Patent,
    pub organisation: &'a Organisation,
    pub contact: Option<&'a Contact>,
    /// The commitment as it was given, or as it would be given today.
    pub commitment: &'a str,
    /// The names of the files that it cites.
    pub names: &'a HashMap<Id, String>,
    pub today: Day,
}

impl Declared<'_> {
    fn paper(&self, kind: DeclarationPaper, parts: Vec<Part>, signs: Vec<Text>) -> Paper {
        Paper {
            title: Text::new(kind.zh(), kind.en()),
            to: Some(named("国家知识产权局", "The patent office (CNIPA)")),
            parts,
            signs,
            record: format!("declarations/{}", self.declaration.id),
            version: self.version,
            printed_on: self.today,
            fictional: self.declaration.fictional,
        }
    }

    /// 专利
    fn patent(&self) -> Part {
        let (declaration, patent) = (self.declaration, self.patent);
        Part::Fields(
            named("专利", "The patent"),
            vec![
                (
                    named("专利号", "Patent number"),
                    Cell::Plain(declaration.number.zl()),
                ),
                (
                    named("发明创造名称", "Title"),
                    Cell::Record(declaration.title.clone()),
                ),
                (
                    named("专利类型", "Type"),
                    Cell::said(patent.kind.zh(), patent.kind.en()),
                ),
                (
                    named("主分类号", "Main class"),
                    Cell::plain(declaration.main_class.as_ref()),
                ),
                (named("申请日", "Filed on"), Cell::plain(patent.filing_date)),
                (
                    named("授权公告日", "Granted on"),
                    Cell::plain(patent.grant_date),
                ),
            ],
        )
    }

    /// 专利权人及其联系方式
    fn patentees(&self) -> Part {
        let holder = self.organisation;
        let mut fields = vec![
            (
                named("专利权人", "Patentees"),
                Cell::Record(self.declaration.patentees.join("；")),
            ),
            (
                named("声明人", "Declared by"),
                Cell::Record(format!("{}（{}）", holder.name, holder.uscc)),
            ),
        ];
        fields.extend(contact_fields(self.contact));
        Part::Fields(named("专利权人", "The patentees"), fields)
    }

    /// A signature of each patentee, and the agency's where one acts.
    fn signs(&self) -> Vec<Text> {
        let of = |name: &String| {
            Text::new(
                format!("专利权人 {name}（签字或者盖章）"),
                format!("Patentee {name} (signature or seal)"),
            )
        };
        let mut signs: Vec<Text> = self.declaration.patentees.iter().map(of).collect();
        signs.push(named(
            "专利代理机构（盖章，委托代理的填写）",
            "Agency (seal, where one acts)",
        ));
        signs
    }

    /// 评价报告
    fn evaluation(&self) -> Cell {
        match &self.declaration.evaluation {
            Some(report) => Cell::said(report.conclusion.zh(), report.conclusion.en()),
            None if self.patent.kind == PatentKind::Invention => {
                Cell::said("发明专利，无需提交", "An invention: none is wanted")
            }
            None => Cell::Blank,
        }
    }

    /// What is handed in with it.
    fn papers(&self) -> Part {
        let d = self.declaration;
        let cell = |file: &FileRef| filed(self.names.get(&file.id), file);
        let mut rows = Vec::new();
        let mut row = |what: Cell, file: Cell| rows.push(vec![what, file]);
        match &d.commitment {
            Some(file) => row(Cell::said("承诺书", "Commitment"), cell(file)),
            None => row(
                Cell::said("承诺书", "Commitment"),
                Cell::said("尚未作出", "Not given yet"),
            ),
        }
        if let Some(report) = &d.evaluation {
            row(
                Cell::said("专利权评价报告", "Evaluation report"),
                cell(&report.file),
            );
        }
        for consent in &d.consents {
            let what = Cell::said(
                format!("共有人同意：{}", consent.name),
                format!("Consent of {}", consent.name),
            );
            row(what, cell(&consent.file));
        }
        for file in &d.sources {
            row(
                Cell::said("公告、决定", "Announcement or decision"),
                cell(file),
            );
        }
        Part::Table(
            named("附件", "Attached"),
            vec![
                named("文件", "Document"),
                named("名称和摘要值", "Name and hash"),
            ],
            rows,
        )
    }
}

/// 专利开放许可声明
pub fn declaration(of: &Declared<'_>) -> Paper {
    let d = of.declaration;
    let mut terms = vec![
        (
            named("支付方式和标准", "Payment and standard"),
            sentence(&d.terms),
        ),
        (
            named("许可生效前应付", "Due before a licence begins"),
            amount(d.terms.due_at_start()),
        ),
        (
            named("许可期限至", "Licence until"),
            Cell::plain(Some(d.until)),
        ),
        (
            named("使用费计算依据和方式的简要说明", "How the fee was reckoned"),
            Cell::record(Some(d.explanation.as_str()).filter(|text| !text.is_empty())),
        ),
        (
            named("其他需要明确的事项", "Anything else"),
            d.other
                .clone()
                .map_or_else(|| Cell::said("无", "None"), Cell::Record),
        ),
    ];
    if let Some(reason) = &d.cap_override {
        terms.push((
            named("超过一般上限的理由", "Why above the usual limit"),
            Cell::Record(reason.clone()),
        ));
    }
    terms.push((
        named("专利权评价报告结论", "What the evaluation report finds"),
        of.evaluation(),
    ));
    let parts = vec![
        of.patent(),
        of.patentees(),
        Part::Fields(named("许可条件", "The terms"), terms),
        Part::Words(
            named("符合开放许可声明条件的承诺", "The commitment"),
            // One that is not given yet has no day: that is written beside the signature.
            of.commitment
                .lines()
                .filter(|line| !line.trim().is_empty())
                .filter(|line| d.commitment.is_some() || !line.starts_with("承诺日期"))
                .map(|line| Cell::Record(line.to_owned()))
                .collect(),
        ),
        of.papers(),
        course(d),
    ];
    of.paper(DeclarationPaper::Declaration, parts, of.signs())
}

/// Where it stands.
fn course(d: &Declaration) -> Part {
    let mut fields = vec![(
        named("状态", "State"),
        Cell::said(d.state.zh(), d.state.en()),
    )];
    let mut known = |zh: &str, en: &str, cell: Option<String>| {
        if let Some(text) = cell {
            fields.push((named(zh, en), Cell::Plain(text)));
        }
    };
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    known("提交日", "Submitted on", day(d.submitted_on));
    known(
        "开放许可声明编号",
        "Declaration number",
        d.declaration_number.clone(),
    );
    known("声明生效日", "In effect since", day(d.effective_on));
    known(
        "请求撤回日",
        "Withdrawal requested on",
        day(d.withdrawal_requested_on),
    );
    known("结束日", "Ended on", day(d.ended_on));
    if let Some(reason) = &d.reason {
        fields.push((named("理由", "Reason"), Cell::Record(reason.clone())));
    }
    if d.recorded_late {
        fields.push((
            named("说明", "Note"),
            Cell::said("公告后补录", "Recorded after it was announced"),
        ));
    }
    Part::Fields(named("经过", "Its course"), fields)
}

/// 撤回声明: of a declaration that was announced, and not before.
pub fn withdrawal(of: &Declared<'_>) -> Result<Paper, Refused> {
    let d = of.declaration;
    if !d.state.was_announced() {
        return Err(Refusal::new(
            "notAnnounced",
            "声明尚未公告，没有可撤回的声明。",
            "The declaration has not been announced; there is nothing to withdraw.",
        )
        .by("审查指南第五部分第十一章 4")
        .into());
    }
    let requested = matches!(
        d.state,
        DeclarationState::WithdrawalRequested | DeclarationState::Withdrawn
    );
    let announced = vec![
        (
            named("开放许可声明编号", "Declaration number"),
            Cell::plain(d.declaration_number.as_ref()),
        ),
        (
            named("声明生效日", "In effect since"),
            Cell::plain(d.effective_on),
        ),
        (
            named("支付方式和标准", "Payment and standard"),
            sentence(&d.terms),
        ),
        (
            named("许可期限至", "Licence until"),
            Cell::plain(Some(d.until)),
        ),
    ];
    let grounds = d.must_withdraw.iter().flat_map(|duty| &duty.blocks);
    let (zh, en): (Vec<&str>, Vec<&str>) = grounds.map(|b| (b.zh(), b.en())).unzip();
    let mut request = vec![(
        named("撤回的理由", "Reason"),
        Cell::record(d.reason.as_deref().filter(|_| requested)),
    )];
    if !zh.is_empty() {
        request.push((
            named("出现的情形", "What has arisen"),
            Cell::said(zh.join("；"), en.join("; ")),
        ));
    }
    request.push((
        named("请求撤回日", "Requested on"),
        Cell::plain(d.withdrawal_requested_on),
    ));
    request.push((
        named("撤回公告日", "Withdrawal announced on"),
        Cell::plain(
            d.ended_on
                .filter(|_| d.state == DeclarationState::Withdrawn),
        ),
    ));
    let said = Cell::said(
        "专利权人请求撤回上述专利开放许可声明，撤回不附有任何条件，全体专利权人均已同意。声明被公告撤回的，不影响在先给予的\
         开放许可的效力（《中华人民共和国专利法》第五十条第二款）。",
        "The patentees request to withdraw the declaration named above, without any condition and with the consent of all \
         of them. Its withdrawal leaves the open licences given before as they are (Patent Law, Art. 50(2)).",
    );
    let parts = vec![
        of.patent(),
        of.patentees(),
        Part::Fields(named("被撤回的声明", "The declaration"), announced),
        Part::Fields(named("撤回", "The withdrawal"), request),
        Part::Words(named("请求", "The request"), vec![said]),
    ];
    Ok(of.paper(DeclarationPaper::Withdrawal, parts, of.signs()))
}
