//! The rules of merging in words, and values of a unit as people read them: one wording for every page that shows them.

use serde_json::Value;

use super::{visitor::Visitor, words};
use crate::domain::{holding::Conversion, merge::Unit, patent::LegalStatus};

/// The rules of `domain::merge`, in their order.
pub fn rules(v: &Visitor) -> Vec<&'static str> {
    vec![
        v.t(
            "来源没有写的，不删除已有内容；只有来源写了的，补充进来。",
            "What a source does not say erases nothing; what only it says is filled in.",
        ),
        v.t(
            "人工更正优先于任何导入，直到撤销；来源与更正不一致时列为冲突。",
            "A correction by hand stands against every import until it is taken back; a source that disagrees makes a conflict.",
        ),
        v.t(
            "授权文本优先于公开文本，不看日期。",
            "The text of a grant stands against that of its publication, whatever the days.",
        ),
        v.t(
            "逐项比较：来源日期较新的为准，较旧的不覆盖。来源日期是您填写的导出日期或表中的“导出日期”列，没有则为上传当天；法律状态以它自己的日期为准。",
            "Unit by unit the newer day wins, an older source changes nothing. The day is the day of export that you give, or a column of the table, else the day of the upload; a legal status has its own.",
        ),
        v.t(
            "日期相同而内容不同的是冲突：保留现值，等您处理。当天没有填日期的再次上传（同一单位，或主管部门），视为更正前一次。",
            "Equal days and different values are a conflict: what is here stays until you decide. A later upload on the same day, of the same party or the office, neither with a day, is taken for its mending.",
        ),
        v.t(
            "法律状态和它的日期、申请号之外的号码和它的日期，作为一项整体取舍；单元格与记录写法不同的，保留原样备查。",
            "A status with its day, a number with its date are one unit; a cell that stood otherwise in the file is kept as it stood.",
        ),
    ]
}

/// The value of a unit in one line.
pub fn text_of(v: &Visitor, unit: Unit, value: &Value) -> String {
    let fields = unit.fields().iter().filter_map(|name| value.get(*name));
    let texts: Vec<String> = match unit {
        Unit::Status => {
            let text = |name: &str| value.get(name).and_then(Value::as_str);
            let status = text("legalStatus").and_then(LegalStatus::parse);
            let status = status.map(|status| words::status(status, v.lang).to_owned());
            let rest = ["statusText", "statusAsOf"].into_iter().filter_map(text);
            status.into_iter().chain(rest.map(str::to_owned)).collect()
        }
        Unit::Conversion => {
            let said = value.get("conversion").and_then(Value::as_str);
            let said = said.and_then(Conversion::parse);
            said.map(|said| words::conversion(said, v.lang).to_owned())
                .into_iter()
                .collect()
        }
        Unit::Region => {
            let name = value.get("region").and_then(|region| region.get("name"));
            name.and_then(Value::as_str)
                .map(str::to_owned)
                .into_iter()
                .collect()
        }
        _ => fields.map(flat).collect(),
    };
    let text = texts.join(" · ");
    if text.is_empty() {
        return v.t("（空）", "(empty)").to_owned();
    }
    let mut short: String = text.chars().take(300).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join("；"),
        other => other.to_string(),
    }
}
