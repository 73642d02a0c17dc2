//! The questionnaire as a sheet: the six items of the stock record (domain facts §5.4) as columns of the national inventory
//! sheet, each row of one patent. A value is a wording or a code of the office's dictionaries as a whole, or it is refused
//! with what is allowed; an empty cell leaves the record as it is.

use super::{
    codes::AppNo,
    dictionary::{Dictionaries, Dictionary, Topic},
    holding::Conversion,
    intake::{Cell, conversion_of, excerpt, text_of},
    inventory::{Funding, InventoryPatch},
    party::Contact,
    record::yuan,
    text::Text,
};

/// A column of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Number,
    Funding,
    Project,
    Conversion,
    Ways,
    Maturity,
    Grade,
    Scenario,
    Price,
    Inventor,
    Contact,
    Telephone,
}

/// Headers as they are compared: no blanks, no brackets, no signs.
const HEADERS: [(Column, &[&str]); 12] = [
    (
        Column::Number,
        &["专利号", "申请号", "申请号专利号", "专利申请号", "number"],
    ),
    (
        Column::Funding,
        &[
            "是否财政资助",
            "财政资助",
            "是否属于财政资助科研项目形成专利",
            "是否属于财政资助科研项目形成的专利",
            "funding",
        ],
    ),
    (
        Column::Project,
        &["项目编号", "财政资助项目编号", "科研项目编号", "project"],
    ),
    (
        Column::Conversion,
        &[
            "实施状态",
            "专利实施状态",
            "专利实施状态含产业化",
            "转化状态",
            "conversion",
        ],
    ),
    (
        Column::Ways,
        &[
            "转化意愿",
            "转化方式",
            "可接受的转化方式",
            "转化意愿可接受的转化方式",
            "ways",
        ],
    ),
    (Column::Maturity, &["技术成熟度", "成熟度", "maturity"]),
    (
        Column::Grade,
        &["专利自评", "自评", "专利价值分级自评", "自评等级", "grade"],
    ),
    (
        Column::Scenario,
        &["应用场景", "产业化前景", "应用场景产业化前景", "scenario"],
    ),
    (
        Column::Price,
        &[
            "期望价格元",
            "期望价格",
            "意向价格",
            "意向价格元",
            "price",
            "priceyuan",
        ],
    ),
    (Column::Inventor, &["填报发明人", "负责发明人", "inventor"]),
    (Column::Contact, &["联系人", "contact"]),
    (Column::Telephone, &["联系电话", "电话", "telephone"]),
];

/// What a header means.
pub fn header_of(header: &str) -> Option<Column> {
    use unicode_normalization::UnicodeNormalization as _;
    let folded: String = header
        .nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let means = |(_, names): &&(Column, &[&str])| names.contains(&folded.as_str());
    HEADERS.iter().find(means).map(|(column, _)| *column)
}

/// What a row says of one patent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub row: u64,
    pub number: AppNo,
    pub conversion: Option<Conversion>,
    pub items: InventoryPatch,
}

/// Why a row is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub row: u64,
    /// The Chinese header of the column.
    pub column: &'static str,
    pub code: &'static str,
    pub value: String,
    pub text: Text,
}

impl Column {
    /// Its usual header.
    pub fn title(self) -> &'static str {
        let found = HEADERS.iter().find(|(column, _)| *column == self);
        found.map_or("", |(_, names)| names[0])
    }
}

fn refusal(row: u64, column: Column, code: &'static str, value: &str, text: Text) -> Refusal {
    Refusal {
        row,
        column: column.title(),
        code,
        value: excerpt(value),
        text,
    }
}

/// A row that is refused for a reason that is not a cell's.
pub fn refused(row: u64, code: &'static str, value: &str) -> Refusal {
    let text = match code {
        "notInStock" => Text::new(
            "不是本单位的存量专利，请先导入。",
            "Not in this stock; import it first.",
        ),
        "numberTwice" => Text::new("同一件专利出现两次。", "This patent is there twice."),
        _ => Text::new("这一行无法读取。", "The row cannot be read."),
    };
    refusal(row, Column::Number, code, value, text)
}

fn not_offered(dictionary: &Dictionary) -> Text {
    let offered = dictionary.entries.iter().filter(|entry| !entry.retired);
    let zh: Vec<&str> = offered.clone().map(|entry| entry.zh.as_str()).collect();
    let en: Vec<&str> = offered.map(|entry| entry.code.as_str()).collect();
    Text::new(
        format!(
            "不在“{}”的可选项中；可填：{}。",
            dictionary.topic.zh(),
            zh.join("、")
        ),
        format!(
            "Not among {}; allowed are: {}.",
            dictionary.topic.en(),
            en.join(", ")
        ),
    )
}

/// Reads a row.
pub fn read(row: u64, cells: &[(Column, Cell)], all: &Dictionaries) -> Result<Line, Refusal> {
    let of = |column: Column| -> Option<String> {
        let found = cells.iter().find(|(known, _)| *known == column);
        found.and_then(|(_, cell)| said(cell))
    };
    let choose = |column, topic: Topic, text: &str| -> Result<String, Refusal> {
        let dictionary = all.of(topic);
        let entry = dictionary.read(text);
        entry.map(|entry| entry.code.clone()).ok_or_else(|| {
            refusal(
                row,
                column,
                "notInDictionary",
                text,
                not_offered(dictionary),
            )
        })
    };
    let chosen = |column, topic| -> Result<Option<Option<String>>, Refusal> {
        let code = of(column)
            .map(|text| choose(column, topic, &text))
            .transpose()?;
        Ok(code.map(Some))
    };
    let text = of(Column::Number).unwrap_or_default();
    let number = AppNo::parse(&text).map(|(number, _)| number).map_err(|_| {
        let words = Text::new("不是申请号。", "Not an application number.");
        refusal(row, Column::Number, "numberInvalid", &text, words)
    })?;
    let funding = match (of(Column::Funding), of(Column::Project)) {
        (None, None) => None,
        (None, Some(project)) => {
            let words = Text::new(
                "有项目编号，但没有填写是否财政资助。",
                "A project's number without a word on public funding.",
            );
            return Err(refusal(
                row,
                Column::Funding,
                "fundingMissing",
                &project,
                words,
            ));
        }
        (Some(level), project) => {
            let level = choose(Column::Funding, Topic::Funding, &level)?;
            Some(Some(Funding { level, project }))
        }
    };
    let ways = of(Column::Ways).map(|text| {
        let items = text.split([';', '；', '、', ',', '，', '|', '/', '\n']);
        let items = items.map(str::trim).filter(|item| !item.is_empty());
        items
            .map(|item| choose(Column::Ways, Topic::Ways, item))
            .collect()
    });
    let price_fen = of(Column::Price).map(|text| {
        let words = || Text::new("不是金额（元）。", "Not an amount in yuan.");
        yuan(&text).map_err(|_| refusal(row, Column::Price, "amountInvalid", &text, words()))
    });
    let contact = match (of(Column::Contact), of(Column::Telephone)) {
        (None, None) => None,
        (name, telephone) => Some(Some(Contact {
            name,
            telephone,
            ..Contact::default()
        })),
    };
    let conversion = of(Column::Conversion)
        .map(|text| conversion(row, &text))
        .transpose()?;
    Ok(Line {
        row,
        number,
        conversion,
        items: InventoryPatch {
            funding,
            ways: ways.transpose()?,
            price_fen: price_fen.transpose()?.map(Some),
            maturity: chosen(Column::Maturity, Topic::Maturity)?,
            grade: chosen(Column::Grade, Topic::Grade)?,
            scenario: of(Column::Scenario).map(Some),
            contact,
            inventor: of(Column::Inventor).map(Some),
            assignee: None,
        },
    })
}

/// The text of a cell; `否` and `无` are answers here, not silence.
fn said(cell: &Cell) -> Option<String> {
    if let Cell::Text(text) = cell
        && matches!(text.trim(), "无" | "none")
    {
        return Some(text.trim().to_owned());
    }
    text_of(cell)
}

fn conversion(row: u64, text: &str) -> Result<Conversion, Refusal> {
    let mut own = Conversion::ALL.into_iter();
    let own = own.find(|c| c.as_str() == text || c.zh() == text);
    let read = own.or_else(|| Some(conversion_of(text)).filter(|c| *c != Conversion::Unknown));
    read.ok_or_else(|| {
        let zh: Vec<&str> = Conversion::ALL.iter().map(|c| c.zh()).collect();
        let words = Text::new(
            format!("不是实施状态；可填：{}。", zh.join("、")),
            format!(
                "Not a use; allowed are: {}.",
                Conversion::ALL.map(Conversion::as_str).join(", ")
            ),
        );
        refusal(row, Column::Conversion, "conversionUnknown", text, words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Dictionaries {
        Dictionaries(Topic::ALL.map(Dictionary::beginning).into())
    }

    fn row(cells: &[(Column, &str)]) -> Result<Line, Refusal> {
        let number = (Column::Number, Cell::Text("202480012345.0".into()));
        let cells = cells
            .iter()
            .map(|(column, text)| (*column, Cell::Text((*text).into())));
        read(
            2,
            &std::iter::once(number).chain(cells).collect::<Vec<_>>(),
            &all(),
        )
    }

    #[test]
    fn six_items_are_read_by_wording_or_code_and_silence_changes_nothing() {
        let line = row(&[
            (Column::Funding, "省级"),
            (Column::Project, "ZR2020"),
            (Column::Conversion, "未实施"),
            (Column::Ways, "开放许可；assignment"),
            (Column::Maturity, "中试"),
            (Column::Grade, "4"),
            (Column::Scenario, "深水网箱"),
        ])
        .expect("a line");
        assert_eq!(line.conversion, Some(Conversion::Unused));
        assert_eq!(
            line.items.ways,
            Some(vec!["openLicence".into(), "assignment".into()])
        );
        assert_eq!(line.items.maturity, Some(Some("pilot".into())));
        assert_eq!(line.items.grade, Some(Some("4".into())));
        let funding = line.items.funding.flatten().expect("funding");
        assert_eq!(
            (funding.level.as_str(), funding.project.as_deref()),
            ("provincial", Some("ZR2020"))
        );
        let silent = row(&[(Column::Maturity, ""), (Column::Ways, "-")]).expect("a line");
        assert!(silent.items.is_empty() && silent.conversion.is_none());
    }

    #[test]
    fn an_unknown_value_is_refused_with_what_is_allowed() {
        let refused = row(&[(Column::Maturity, "差不多")]).expect_err("unknown");
        assert_eq!(
            (refused.code, refused.column),
            ("notInDictionary", "技术成熟度")
        );
        assert!(refused.text.zh.contains("中试"), "{}", refused.text.zh);
        assert_eq!(
            row(&[(Column::Project, "X")]).expect_err("alone").code,
            "fundingMissing"
        );
        assert_eq!(
            row(&[(Column::Ways, "开放许可、送人")])
                .expect_err("unknown")
                .value,
            "送人"
        );
        assert_eq!(
            row(&[(Column::Conversion, "谁知道")])
                .expect_err("unknown")
                .code,
            "conversionUnknown"
        );
        assert_eq!(header_of("技术成熟度 "), Some(Column::Maturity));
    }
}
