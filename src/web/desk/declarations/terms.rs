//! Fee terms in a form: the fields, what stands in them for given terms, and the terms that they say.

use crate::{
    domain::{
        intake::Cell,
        money::Fen,
        record::{Column, Flaw, Line, read_terms, yuan},
        terms::{Doubt, FeeMode, MAX_TEXT_CHARS, Royalty, RoyaltyBase, Terms},
    },
    ops::{Error, Fault, Result},
    web::{
        form::{Field, Form},
        visitor::Visitor,
    },
};

/// The columns of terms, each a field of the form by its key.
const COLUMNS: [Column; 7] = [
    Column::Mode,
    Column::Amount,
    Column::EveryMonths,
    Column::Base,
    Column::Rate,
    Column::PayWithinDays,
    Column::Terms,
];

/// The ways of paying in plain words.
fn modes(v: &Visitor) -> Vec<(&'static str, String)> {
    let said = |mode| match mode {
        FeeMode::Free => v.t(
            "无偿：任何人通知后即可免费使用",
            "Free: anyone may use it after a notice",
        ),
        FeeMode::LumpSum => v.t(
            "一次总付：许可生效前付清一笔",
            "Lump sum: one amount before the licence begins",
        ),
        FeeMode::Instalments => v.t(
            "分期支付：约定的几笔，按天数付",
            "Instalments: several amounts on fixed days",
        ),
        FeeMode::PerPeriod => v.t(
            "按期定额：每期付同样的数额（如每年）",
            "Per period: the same amount each period, such as a year",
        ),
        FeeMode::Royalty => v.t(
            "提成支付：按净销售额或利润的比例",
            "Royalty: a share of net sales or of profit",
        ),
        FeeMode::EntryAndRoyalty => v.t(
            "入门费加提成：先付一笔，再按比例",
            "Entry fee and royalty: an amount first, then a share",
        ),
        FeeMode::Stages => v.t(
            "分段：先后不同的方式（在“其他条款”中填写）",
            "In stages: one way after another (under “other terms”)",
        ),
    };
    FeeMode::ALL
        .map(|mode| (mode.as_str(), said(mode).to_owned()))
        .into()
}

fn bases(v: &Visitor) -> Vec<(&'static str, String)> {
    let mut list = vec![("", v.t("不提成", "no royalty").to_owned())];
    list.extend(RoyaltyBase::ALL.map(|base| (base.as_str(), v.t(base.zh(), base.en()).to_owned())));
    list
}

/// The fields, filled with what these terms say.
pub fn fields(v: &Visitor, terms: Option<&Terms>) -> Vec<Field> {
    let said = Said::of(terms);
    let pasted = Field::area(
        "termsText",
        v.t(
            "粘贴条款文字（可代替下面各栏）",
            "Paste the text of the terms (instead of the fields below)",
        ),
        MAX_TEXT_CHARS,
    )
    .optional()
    .hint(v.t(
        "例如：首年免费，第2年起每年1万元。全文读懂才会采用，读不懂的部分会原样列出",
        "It is taken only where all of it is understood; whatever is not is shown as it stands",
    ));
    let empty = v.t("不适用时留空", "Leave it empty where it does not apply");
    vec![
        pasted,
        Field::new("feeMode", v.t("支付方式", "Way of paying"))
            .options(modes(v))
            .value(said.mode),
        Field::new(
            "amountYuan",
            v.t(
                "金额（元）：一次总付、每期金额或入门费",
                "Amount (CNY): the lump sum, the amount of a period, or the entry fee",
            ),
        )
        .optional()
        .value(&said.amount)
        .hint(v.t(
            "可写 20000 或 2万；分期写“金额@生效后天数”，例如 10000@0;5000@180",
            "Instalments as amount@days after the licence begins, e.g. 10000@0;5000@180",
        )),
        Field::new(
            "everyMonths",
            v.t(
                "每期或结算期（月）",
                "Months of a period or settlement period",
            ),
        )
        .optional()
        .value(&said.months)
        .hint(v.t(
            "每年填 12；按期定额和提成时填写",
            "12 for a year; for fees per period and royalties",
        )),
        Field::new("royaltyBase", v.t("提成基数", "Base of the royalty"))
            .optional()
            .options(bases(v))
            .value(said.base),
        Field::new("royaltyRate", v.t("提成比例", "Rate of the royalty"))
            .optional()
            .value(&said.rate)
            .hint(v.t(
                "例如 3%；一般不高于净销售额的 20% 或利润的 40%",
                "Such as 3%; as a rule not above 20% of net sales or 40% of profit",
            )),
        Field::new(
            "payWithinDays",
            v.t(
                "每期结束后多少天内付清",
                "Days to pay after the end of a period",
            ),
        )
        .optional()
        .value(&said.days)
        .hint(v.t("提成时填写，例如 30", "For royalties, such as 30")),
        Field::new(
            "floorYuan",
            v.t("每期最低提成（元）", "Royalty of a period, at least (CNY)"),
        )
        .optional()
        .value(&said.floor)
        .hint(empty),
        Field::new(
            "capYuan",
            v.t("每期最高提成（元）", "Royalty of a period, at most (CNY)"),
        )
        .optional()
        .value(&said.cap)
        .hint(empty),
        Field::area(
            "terms",
            v.t(
                "其他条款（JSON，仅在上面各栏写不下时）",
                "Other terms (JSON, only where the fields above do not suffice)",
            ),
            8_000,
        )
        .optional()
        .value(&said.json)
        .hint(v.t(
            "填写时上面各栏除支付方式外留空",
            "The fields above, but for the way of paying, stay empty then",
        )),
    ]
}

/// What stands in the fields for given terms.
#[derive(Default)]
struct Said {
    mode: &'static str,
    amount: String,
    months: String,
    base: &'static str,
    rate: String,
    days: String,
    floor: String,
    cap: String,
    json: String,
}

fn plain(amount: Fen) -> String {
    let text = amount.to_string().replace(',', "");
    text.strip_suffix(".00").unwrap_or(&text).to_owned()
}

impl Said {
    fn of(terms: Option<&Terms>) -> Self {
        let mut said = Self {
            mode: terms.map_or(FeeMode::LumpSum, Terms::mode).as_str(),
            ..Self::default()
        };
        match terms {
            None | Some(Terms::Free) => {}
            Some(Terms::LumpSum { amount_fen }) => said.amount = plain(*amount_fen),
            Some(Terms::Instalments { parts }) => {
                let parts = parts
                    .iter()
                    .map(|part| format!("{}@{}", plain(part.amount_fen), part.after_days));
                said.amount = parts.collect::<Vec<_>>().join(";");
            }
            Some(Terms::PerPeriod {
                amount_fen,
                every_months,
            }) => {
                said.amount = plain(*amount_fen);
                said.months = every_months.to_string();
            }
            Some(Terms::Royalty(royalty)) => said.royalty(royalty),
            Some(Terms::EntryAndRoyalty { entry_fen, royalty }) => {
                said.amount = plain(*entry_fen);
                said.royalty(royalty);
            }
            Some(terms @ Terms::Stages { .. }) => {
                said.json = serde_json::to_string_pretty(terms).unwrap_or_default();
            }
        }
        said
    }

    fn royalty(&mut self, royalty: &Royalty) {
        self.base = royalty.base.as_str();
        self.rate = format!("{}.{:02}%", royalty.rate_bp / 100, royalty.rate_bp % 100);
        self.months = royalty.every_months.to_string();
        self.days = royalty.pay_within_days.to_string();
        self.floor = royalty.floor_fen.map(plain).unwrap_or_default();
        self.cap = royalty.cap_fen.map(plain).unwrap_or_default();
    }
}

/// The terms that a form says, or every field that is wrong.
pub fn read(form: &Form) -> Result<Terms> {
    let pasted = form.get("termsText").trim();
    if !pasted.is_empty() {
        return worded(pasted);
    }
    let cells = COLUMNS.into_iter().filter_map(|column| {
        let text = form.get(column.key()).trim();
        let cell = Cell::Text(text.to_owned());
        (!text.is_empty()).then(|| (column, column.title().to_owned(), cell))
    });
    let line = Line {
        number: 1,
        cells: cells.collect(),
    };
    let mut faults = Vec::new();
    let (floor, cap) = (
        limit(form, "floorYuan", &mut faults),
        limit(form, "capYuan", &mut faults),
    );
    let terms = read_terms(&line).map_err(|flaws| faults.extend(flaws.into_iter().map(fault)));
    let Ok(mut terms) = terms else {
        return Err(Error::Invalid(faults));
    };
    match &mut terms {
        Terms::Royalty(royalty) | Terms::EntryAndRoyalty { royalty, .. } => {
            royalty.floor_fen = floor.or(royalty.floor_fen);
            royalty.cap_fen = cap.or(royalty.cap_fen);
        }
        _ if floor.is_some() || cap.is_some() => faults.push(Fault::new(
            "/floorYuan",
            "feesDisagree",
            "每期最低、最高提成只用于提成。",
            "A floor or cap belongs to a royalty.",
        )),
        _ => {}
    }
    if faults.is_empty() {
        Ok(terms)
    } else {
        Err(Error::Invalid(faults))
    }
}

/// The terms of a pasted text, or everything of it that is in doubt.
fn worded(text: &str) -> Result<Terms> {
    let reading = Terms::read(text);
    reading.terms.ok_or_else(|| {
        let doubts = reading.doubts.into_iter();
        let fault =
            |doubt: Doubt| Fault::new("/termsText", doubt.code, doubt.text.zh, doubt.text.en);
        Error::Invalid(doubts.map(fault).collect())
    })
}

/// An amount that may be left out.
fn limit(form: &Form, name: &str, faults: &mut Vec<Fault>) -> Option<Fen> {
    let text = form.get(name).trim();
    if text.is_empty() {
        return None;
    }
    let wrong = |_| {
        Fault::new(
            format!("/{name}"),
            "amountInvalid",
            "这不是金额，请填写例如 5000。",
            "This is not an amount; write such as 5000.",
        )
    };
    yuan(text).map_err(|why| faults.push(wrong(why))).ok()
}

fn fault(flaw: Flaw) -> Fault {
    let pointer = flaw
        .column
        .map_or_else(String::new, |column| format!("/{}", column.key()));
    let mut fault = Fault::new(pointer, flaw.code, flaw.text.zh, flaw.text.en);
    if let Some(cure) = flaw.cure {
        fault.text.zh.push_str(&cure.zh);
        fault.text.en.push(' ');
        fault.text.en.push_str(&cure.en);
    }
    fault
}
