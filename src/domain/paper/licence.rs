//! The papers of a licence: the licensee's written notice (专利法第五十一条), the patentee's receipt, and the application to
//! file it with the list of documents that filing wants (审查指南第五部分第十一章 7).

use super::{Cell, LicencePaper, Paper, Part, amount, contact, filed, named, sentence};
use crate::domain::{
    declaration::Declaration,
    file::FileRef,
    licence::{EvidenceKind, Licence, LicenceState},
    money::Fen,
    party::{Contact, Organisation},
    patent::Patent,
    text::Text,
    time::{Day, Instant},
};

/// A licence with its sides and its declaration.
#[derive(Clone, Copy, Debug)]
pub struct Licensed<'a> {
    pub licence: &'a Licence,
    pub version: i64,
    pub declaration: &'a Declaration,
    pub patent: &'a Patent,
    pub holder: &'a Organisation,
    pub holder_contact: Option<&'a Contact>,
    pub licensee: &'a str,
    /// 统一社会信用代码, where it has one.
    pub licensee_uscc: Option<&'a str>,
    /// An individual's telephone number or address.
    pub licensee_contact: Option<&'a str>,
    /// Its evidence, with the files' names.
    pub kept: &'a [Kept],
    pub today: Day,
}

/// A document of the licence that is kept here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub kind: EvidenceKind,
    pub file: FileRef,
    pub name: String,
}

impl Licensed<'_> {
    fn paper(&self, kind: LicencePaper, to: Text, parts: Vec<Part>, signs: Vec<Text>) -> Paper {
        Paper {
            title: Text::new(kind.zh(), kind.en()),
            to: Some(to),
            parts,
            signs,
            record: format!("licences/{}", self.licence.id),
            version: self.version,
            printed_on: self.today,
            fictional: self.licence.fictional,
        }
    }

    fn holder(&self) -> Cell {
        Cell::Record(format!("{}（{}）", self.holder.name, self.holder.uscc))
    }

    fn licensee(&self) -> Cell {
        let code = self.licensee_uscc;
        let code = code.map_or_else(String::new, |code| format!("（{code}）"));
        Cell::Record(format!("{}{code}", self.licensee))
    }

    /// 双方
    fn sides(&self) -> Part {
        let mut fields = vec![
            (
                named("专利权人（许可人）", "Patentee (licensor)"),
                self.holder(),
            ),
            (
                named("全部专利权人", "All patentees"),
                Cell::Record(self.declaration.patentees.join("；")),
            ),
        ];
        let of = |side: (&str, &str), fields: Vec<(Text, Cell)>| {
            let prefixed = move |(name, cell): (Text, Cell)| {
                let name = Text::new(
                    format!("{}{}", side.0, name.zh),
                    format!("{} {}", side.1, name.en.to_lowercase()),
                );
                (name, cell)
            };
            fields.into_iter().map(prefixed).collect::<Vec<_>>()
        };
        fields.extend(of(("专利权人", "Patentee's"), contact(self.holder_contact)));
        fields.push((named("被许可人", "Licensee"), self.licensee()));
        fields.push((
            named("被许可人联系方式", "Licensee's contact"),
            Cell::record(self.licensee_contact),
        ));
        if self.licence.cross_border {
            fields.push((
                named("跨境", "Cross-border"),
                Cell::said(
                    "境外或者港澳台被许可人，须办理技术进出口合同登记",
                    "Foreign licensee: the contract is to be registered for technology trade",
                ),
            ));
        }
        Part::Fields(named("双方", "The sides"), fields)
    }

    /// 专利和声明
    fn subject(&self) -> Part {
        let (licence, declaration, patent) = (self.licence, self.declaration, self.patent);
        Part::Fields(
            named("专利和声明", "Patent and declaration"),
            vec![
                (
                    named("专利号", "Patent number"),
                    Cell::Plain(licence.number.zl()),
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
                (
                    named("开放许可声明编号", "Declaration number"),
                    Cell::plain(declaration.declaration_number.as_ref()),
                ),
                (
                    named("声明生效日", "Declaration in effect since"),
                    Cell::plain(declaration.effective_on),
                ),
            ],
        )
    }

    /// 许可
    fn terms(&self) -> Vec<(Text, Cell)> {
        let licence = self.licence;
        vec![
            (
                named("许可种类", "Kind of licence"),
                Cell::said("普通许可（开放许可）", "Non-exclusive (open licence)"),
            ),
            (
                named("支付方式和标准", "Payment and standard"),
                sentence(&licence.terms),
            ),
            (
                named("许可生效前应付", "Due before it begins"),
                amount(licence.terms.due_at_start()),
            ),
            (
                named("许可期限至", "Licence until"),
                Cell::plain(Some(licence.until)),
            ),
        ]
    }

    fn given(&self) -> Cell {
        let at = self.licence.given_at.as_deref().and_then(Instant::parse);
        Cell::plain(at.map(Instant::in_beijing))
    }

    fn delivery(&self) -> Vec<(Text, Cell)> {
        let licence = self.licence;
        vec![
            (named("通知时间", "Notice given"), self.given()),
            (
                named("送达方式", "How it is delivered"),
                Cell::said(licence.delivery.zh(), licence.delivery.en()),
            ),
            (
                named("到达专利权人之日", "Reached the patentee on"),
                Cell::plain(licence.notice_on),
            ),
            (
                named("付清起始应付之日", "Due at the start paid on"),
                Cell::plain(licence.paid_on),
            ),
            (
                named("许可生效日", "Licence in effect since"),
                Cell::plain(licence.effective_on),
            ),
        ]
    }

    fn payments(&self) -> Part {
        let rows = self.licence.payments.iter().map(|payment| {
            vec![
                Cell::Plain(payment.paid_on.to_string()),
                Cell::Plain(payment.amount_fen.to_string()),
                Cell::Record(payment.amount_fen.capitals()),
            ]
        });
        let mut rows: Vec<Vec<Cell>> = rows.collect();
        if rows.is_empty() {
            rows.push(if self.licence.terms.is_free() {
                vec![
                    Cell::said("使用费为零，支付方式为无偿", "Free: nothing is paid"),
                    Cell::Plain(Fen::ZERO.to_string()),
                    Cell::Record(Fen::ZERO.capitals()),
                ]
            } else {
                vec![Cell::Blank, Cell::Blank, Cell::Blank]
            });
        }
        Part::Table(
            named("付款", "Payments"),
            vec![
                named("付款日", "Paid on"),
                named("金额（元）", "Amount (CNY)"),
                named("大写", "In words"),
            ],
            rows,
        )
    }

    /// The files of these kinds that are kept here.
    fn of_kinds(&self, kinds: &[EvidenceKind]) -> Vec<Cell> {
        let kept = self.kept.iter().filter(|kept| kinds.contains(&kept.kind));
        kept.map(|kept| filed(Some(&kept.name), &kept.file))
            .collect()
    }
}

fn by_licensee() -> Text {
    named("被许可人（签字或者盖章）", "Licensee (signature or seal)")
}

fn by_holder() -> Text {
    named("专利权人（签字或者盖章）", "Patentee (signature or seal)")
}

/// 被许可人书面通知
pub fn notice(of: &Licensed<'_>) -> Paper {
    let mut terms = of.terms();
    terms.extend(of.delivery());
    let risks = of.licence.acknowledged.iter();
    let (zh, en): (Vec<&str>, Vec<&str>) = risks.map(|b| (b.zh(), b.en())).unzip();
    if !zh.is_empty() {
        terms.push((
            named("被许可人已知悉", "Acknowledged by the licensee"),
            Cell::said(zh.join("；"), en.join("; ")),
        ));
    }
    let said = Cell::said(
        "根据《中华人民共和国专利法》第五十一条，被许可人愿意按照已公告的支付方式和标准实施上述专利，特此书面通知。",
        "By Art. 51 of the Patent Law the licensee gives written notice that it will practise the patent named above for the \
         fees announced, paid as announced.",
    );
    let mut parts = vec![
        of.sides(),
        of.subject(),
        Part::Fields(named("许可", "The licence"), terms),
        Part::Words(named("通知", "The notice"), vec![said]),
    ];
    let sent = of.of_kinds(&[EvidenceKind::Notice, EvidenceKind::Delivery]);
    if !sent.is_empty() {
        parts.push(Part::Words(
            named(
                "通知原文和送达凭证",
                "The notice as sent and proof of its delivery",
            ),
            sent,
        ));
    }
    let to = Text::new(
        of.declaration.patentees.join("、"),
        of.declaration.patentees.join(", "),
    );
    of.paper(LicencePaper::Notice, to, parts, vec![by_licensee()])
}

/// 收款凭证
pub fn receipt(of: &Licensed<'_>) -> Paper {
    let paid = of.licence.payments.iter();
    let total = paid.fold(Fen::ZERO, |sum, payment| {
        sum.saturating_add(payment.amount_fen)
    });
    let nothing_yet = of.licence.payments.is_empty() && !of.licence.terms.is_free();
    let total = if nothing_yet {
        Cell::Blank
    } else {
        amount(total)
    };
    let mut terms = of.terms();
    terms.push((named("收款合计", "Received in all"), total));
    let said = Cell::said(
        "专利权人确认：已收到被许可人就上述专利按照公告支付的开放许可使用费，金额和日期如上。",
        "The patentee confirms that it has received the fees named above from the licensee, on the days named.",
    );
    let parts = vec![
        of.sides(),
        of.subject(),
        Part::Fields(named("许可", "The licence"), terms),
        of.payments(),
        Part::Words(named("确认", "The confirmation"), vec![said]),
    ];
    let to = Text::new(of.licensee, of.licensee);
    of.paper(
        LicencePaper::Receipt,
        to,
        parts,
        vec![
            by_holder(),
            named("经办人（签字）", "Handled by (signature)"),
        ],
    )
}

/// 备案申请表
pub fn filing(of: &Licensed<'_>) -> Paper {
    let licence = of.licence;
    let mut terms = of.terms();
    terms.extend(of.delivery());
    if licence.state != LicenceState::Effective {
        terms.push((
            named("状态", "State"),
            Cell::said(licence.state.zh(), licence.state.en()),
        ));
    }
    let mut filed = vec![
        (
            named("备案期限", "To be filed by"),
            Cell::plain(licence.filing_due_on),
        ),
        (
            named("备案号", "Filing number"),
            Cell::plain(licence.filing.as_ref().map(|filing| &filing.number)),
        ),
        (
            named("备案日", "Filed on"),
            Cell::plain(licence.filing.as_ref().map(|filing| filing.on)),
        ),
    ];
    let mut asked = vec![(
        named("请求人", "Who asks"),
        Cell::said(
            "□ 专利权人　□ 被许可人（任何一方均可单独备案）",
            "□ patentee  □ licensee (either side may file alone)",
        ),
    )];
    asked.append(&mut filed);
    for (zh, en) in [
        ("请求人地址、邮编", "Address of who asks"),
        ("经办人", "Handled by"),
        ("经办人电话", "Telephone"),
        ("代理机构", "Agency"),
    ] {
        asked.push((named(zh, en), Cell::Blank));
    }
    let parts = vec![
        Part::Fields(named("备案", "The filing"), asked),
        of.sides(),
        of.subject(),
        Part::Fields(named("许可", "The licence"), terms),
        of.payments(),
        documents(of),
    ];
    let to = named("国家知识产权局", "The patent office (CNIPA)");
    let signs = vec![
        named("请求人（签字或者盖章）", "Who asks (signature or seal)"),
        named("代理机构（盖章）", "Agency (seal)"),
    ];
    of.paper(LicencePaper::Filing, to, parts, signs)
}

/// 应当提交的文件: each with what is kept here, else to be added by hand.
fn documents(of: &Licensed<'_>) -> Part {
    use EvidenceKind as E;
    let here = |kinds: &[EvidenceKind]| {
        let mut kept = of.of_kinds(kinds);
        match kept.len() {
            0 => Cell::Blank,
            1 => kept.remove(0),
            _ => {
                let texts = kept.into_iter().map(|cell| match cell {
                    Cell::Record(text) => text,
                    _ => String::new(),
                });
                Cell::Record(texts.collect::<Vec<_>>().join("；"))
            }
        }
    };
    let paid = match here(&[E::Voucher, E::Receipt]) {
        Cell::Blank if of.licence.terms.due_at_start() == Fen::ZERO => Cell::said(
            "生效前无应付使用费",
            "Nothing is due before the licence begins",
        ),
        other => other,
    };
    let wanted = [
        (
            "请求人签字或者盖章的备案申请表",
            "This application, signed or sealed",
            Cell::said("本表", "This sheet"),
        ),
        (
            "被许可人向专利权人发出的书面通知",
            "The licensee's written notice",
            here(&[E::Notice, E::Delivery]),
        ),
        (
            "支付凭证或者专利权人收款凭证",
            "Payment voucher or the patentee's receipt",
            paid,
        ),
        ("请求人身份证明", "Identity of who asks", Cell::Blank),
        (
            "委托书（委托代理的）",
            "Power of attorney (where an agency acts)",
            Cell::Blank,
        ),
        (
            "经办人身份证明",
            "Identity of whoever handles it",
            Cell::Blank,
        ),
        ("其他材料", "Anything else", here(&[E::Other])),
    ];
    let rows = (1..).zip(wanted).map(|(n, (zh, en, kept))| {
        vec![
            Cell::said(format!("（{n}）{zh}"), format!("({n}) {en}")),
            kept,
        ]
    });
    Part::Table(
        named("应当提交的文件", "Documents to hand in"),
        vec![
            named("文件", "Document"),
            named("本站已存，或者手填", "Kept here, or to be added"),
        ],
        rows.collect(),
    )
}
