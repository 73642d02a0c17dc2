//! What the values of a column are, whatever its header says: how many of a sample are numbers, days, classes, names.
//! Each is told by the same rule by which the import reads it, so that what is proven here is read there.

use super::{
    Cell,
    cells::{DayError, day_of, looks_coded, looks_like_organisation, text_of},
    conversion::conversion_of,
    names::items_of,
    status::legal_status_of,
    wording::{industry_of, kind_of, read_ipc, read_locarno, read_region},
};
use crate::domain::{
    codes::{AppNo, PubNo, Uscc, industry, number::NumberError},
    holding::Conversion,
    patent::{LegalStatus, Stage},
    time::Day,
};

/// What was counted over the values that say something.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// Values that say something.
    pub(super) filled: usize,
    /// Application numbers, a wrong check character or not.
    pub(super) numbers: usize,
    /// Of them those whose check character is printed and right.
    pub(super) checked: usize,
    /// Numbers of which a spreadsheet has kept only the first digits.
    pub(super) ruined: usize,
    pub(super) publications: usize,
    pub(super) grants: usize,
    pub(super) days: usize,
    pub(super) classes: usize,
    pub(super) locarno: usize,
    /// Values of more than one class.
    pub(super) lists: usize,
    pub(super) credit_codes: usize,
    pub(super) kinds: usize,
    pub(super) statuses: usize,
    /// 有效, 失效, 审中 and nothing else.
    pub(super) validities: usize,
    pub(super) conversions: usize,
    pub(super) regions: usize,
    pub(super) industries: usize,
    pub(super) organisations: usize,
    pub(super) agencies: usize,
    /// Schools and departments.
    pub(super) units: usize,
    pub(super) people: usize,
    /// Longer than 80 characters.
    pub(super) prose: usize,
    pub(super) claims: usize,
    /// As long as a title, and nothing else.
    pub(super) titles: usize,
    pub(super) distinct: usize,
    pub(super) coded: usize,
    /// Telephone numbers, addresses of mail, identity cards.
    pub(super) personal: usize,
    pub(super) plain_numbers: usize,
    /// The day or the number of each row, to hold columns against each other.
    pub(super) day_of_row: Vec<Option<Day>>,
    pub(super) year_of_row: Vec<Option<i16>>,
}

impl Evidence {
    /// Looks at the values of a column, row by row.
    pub(super) fn of(values: &[Cell]) -> Self {
        let mut found = Self::default();
        let mut met: Vec<String> = Vec::new();
        for cell in values {
            let text = text_of(cell);
            let read = text.as_deref().map(AppNo::parse);
            let misread = matches!(read, Some(Err(NumberError::Check { .. })));
            let number = read.and_then(Result::ok);
            let day = match day_of(cell) {
                Ok(day) => day,
                Err(DayError::MonthOnly(day)) => Some(day),
                Err(_) => None,
            };
            let day = day.filter(|day| (1985..2100).contains(&day.year()) && number.is_none());
            found.numbers += usize::from(misread || number.is_some());
            found.day_of_row.push(day);
            found
                .year_of_row
                .push(number.as_ref().map(|(number, _)| number.year()));
            let Some(text) = text else { continue };
            found.filled += 1;
            found.look(cell, &text);
            if let Some((_, source)) = number {
                let printed = source == crate::domain::patent::CheckSource::Printed;
                found.checked += usize::from(printed);
            }
            found.days += usize::from(day.is_some());
            if !met.contains(&text) {
                met.push(text);
            }
        }
        found.distinct = met.len();
        found
    }

    fn look(&mut self, cell: &Cell, text: &str) {
        let mut count = |to: fn(&mut Self) -> &mut usize, yes: bool| {
            if yes {
                *to(self) += 1;
            }
        };
        let length = text.chars().count();
        let items = items_of(cell);
        let all = |is: &dyn Fn(&str) -> bool| !items.is_empty() && items.iter().all(|i| is(i));
        let coded = looks_coded(text);
        let publication = PubNo::parse(text).ok();
        count(|f| &mut f.coded, coded);
        count(
            |f| &mut f.ruined,
            AppNo::parse(text) == Err(NumberError::Scientific),
        );
        count(
            |f| &mut f.grants,
            publication
                .as_ref()
                .is_some_and(|number| number.stage() == Stage::Granted),
        );
        count(|f| &mut f.publications, publication.is_some());
        let classes = all(&|item| item.contains('/') && !read_ipc(item).is_empty());
        let locarno = !classes && all(&|item| item.len() <= 16 && read_locarno(item).is_some());
        count(|f| &mut f.classes, classes);
        count(|f| &mut f.locarno, locarno);
        count(|f| &mut f.lists, items.len() > 1);
        count(
            |f| &mut f.credit_codes,
            all(&|item| Uscc::parse(item).is_ok()),
        );
        let short = length <= 30 && !coded;
        let (kind, stage) = kind_of(text);
        count(
            |f| &mut f.kinds,
            length <= 12 && !coded && (kind.is_some() || stage != Stage::Listed),
        );
        let conversion =
            short && text.parse::<f64>().is_err() && conversion_of(text) != Conversion::Unknown;
        // The numbers by which one database writes a status prove nothing by themselves.
        let plain = text.parse::<f64>().is_ok();
        let status = short && !plain && legal_status_of(text) != LegalStatus::Unknown;
        let validity = matches!(
            text,
            "有效" | "无效" | "失效" | "审中" | "有权" | "无权" | "在审" | "有效专利" | "失效专利"
        );
        count(|f| &mut f.validities, validity);
        count(|f| &mut f.statuses, status || validity);
        count(|f| &mut f.conversions, conversion);
        count(
            |f| &mut f.regions,
            length <= 24 && !coded && read_region(text).is_some(),
        );
        count(
            |f| &mut f.industries,
            all(&|item| industry_of(item).is_some_and(|c| c.len() > 1 && industry::is_code(&c))),
        );
        let agency = length <= 60 && is_agency(text);
        let organisation = length <= 200 && all(&|item| looks_like_organisation(item)) && !agency;
        count(|f| &mut f.agencies, agency);
        count(|f| &mut f.organisations, organisation);
        count(|f| &mut f.units, length <= 30 && is_unit(text));
        let personal = is_personal(text);
        count(|f| &mut f.personal, personal);
        let people = !status && !validity && !conversion && kind.is_none() && all(&is_person);
        count(|f| &mut f.people, people);
        count(|f| &mut f.plain_numbers, plain);
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        count(|f| &mut f.prose, length > 80);
        count(
            |f| &mut f.claims,
            text.starts_with('1') && text.contains("其特征") || text.contains("其特征在于"),
        );
        let title = (4..=80).contains(&length)
            && letters * 2 > length
            && !(coded || organisation || agency || status || personal || people)
            && kind.is_none_or(|_| length > 12)
            && read_region(text).is_none()
            && !text.contains("://");
        count(|f| &mut f.titles, title);
    }

    /// Is it so of at least this many of a hundred values?
    pub(super) const fn most(&self, count: usize, percent: usize) -> bool {
        count > 0 && count * 100 >= self.filled * percent
    }
}

fn is_agency(text: &str) -> bool {
    let says = |word: &str| text.contains(word);
    says("代理") && (says("专利") || says("商标") || says("知识产权"))
        || says("知识产权") && (says("事务所") || says("代理"))
        || says("专利事务所")
}

fn is_unit(text: &str) -> bool {
    const ENDS: [&str; 9] = [
        "学院",
        "系",
        "学部",
        "部",
        "处",
        "实验室",
        "研究所",
        "研究室",
        "教研室",
    ];
    ENDS.iter().any(|end| text.ends_with(end)) && !text.contains("大学")
}

/// A Chinese name, or a foreign one in Chinese letters, or two to four words of letters.
fn is_person(text: &str) -> bool {
    let length = text.chars().count();
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    if text.chars().all(chinese) {
        return (2..=4).contains(&length) && !looks_like_organisation(text);
    }
    let mixed = text.chars().any(chinese);
    let marks = |c: char| c.is_alphabetic() || " .-·・'’".contains(c);
    let words = text.split([' ', '·', '・', '.', '-']).count();
    text.chars().all(marks)
        && (2..=5).contains(&words)
        && length <= 40
        && (!mixed || text.contains(['·', '・']))
}

fn is_personal(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+- Xx()".contains(c));
    let telephone = plain && (10..=13).contains(&digits) && AppNo::parse(text).is_err();
    let identity = plain && text.len() == 18 && Uscc::parse(text).is_err();
    telephone || identity || (text.contains('@') && text.contains('.'))
}
