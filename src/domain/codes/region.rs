//! 行政区划 (GB/T 2260): six-digit codes, the provinces and, for the home district, the divisions of Weihai,
//! three of which are statistical only. A district code is data of the organisation, never read from an address.

use crate::domain::patent::Region;

/// Code and name of every province and of Weihai's divisions.
const NAMES: [(&str, &str); 42] = [
    ("110000", "北京市"),
    ("120000", "天津市"),
    ("130000", "河北省"),
    ("140000", "山西省"),
    ("150000", "内蒙古自治区"),
    ("210000", "辽宁省"),
    ("220000", "吉林省"),
    ("230000", "黑龙江省"),
    ("310000", "上海市"),
    ("320000", "江苏省"),
    ("330000", "浙江省"),
    ("340000", "安徽省"),
    ("350000", "福建省"),
    ("360000", "江西省"),
    ("370000", "山东省"),
    ("371000", "威海市"),
    ("371002", "环翠区"),
    ("371003", "文登区"),
    ("371071", "威海火炬高技术产业开发区"),
    ("371072", "威海经济技术开发区"),
    ("371073", "威海临港经济技术开发区"),
    ("371082", "荣成市"),
    ("371083", "乳山市"),
    ("410000", "河南省"),
    ("420000", "湖北省"),
    ("430000", "湖南省"),
    ("440000", "广东省"),
    ("450000", "广西壮族自治区"),
    ("460000", "海南省"),
    ("500000", "重庆市"),
    ("510000", "四川省"),
    ("520000", "贵州省"),
    ("530000", "云南省"),
    ("540000", "西藏自治区"),
    ("610000", "陕西省"),
    ("620000", "甘肃省"),
    ("630000", "青海省"),
    ("640000", "宁夏回族自治区"),
    ("650000", "新疆维吾尔自治区"),
    ("710000", "台湾省"),
    ("810000", "香港特别行政区"),
    ("820000", "澳门特别行政区"),
];

/// Six digits that do not begin with zero.
pub fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0')
}

/// Nine digits: a town or street of a district, whose code it begins with (统计用区划代码).
pub fn is_town(text: &str) -> bool {
    text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0')
}

/// The name of a code known here.
pub fn name_of(code: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, name)| *name)
}

/// Reads a source's region cell: `370000`, `山东`, `山东省`, `山东;37`, `37[中国|山东]`. Only a whole name or
/// code counts; an address does not.
pub fn parse(text: &str) -> Option<Region> {
    let parts = text
        .split([';', '；', ',', '，', '|', '[', ']', ' ', '(', ')'])
        .map(str::trim);
    parts.filter(|part| !part.is_empty()).find_map(|part| {
        let code = match part.len() {
            2 if part.bytes().all(|b| b.is_ascii_digit()) => format!("{part}0000"),
            _ => part.to_owned(),
        };
        let by_name = |name: &str| {
            name == part
                || name.strip_suffix(['省', '市', '区']) == Some(part)
                || (name.ends_with("自治区") && part.chars().count() >= 2 && name.starts_with(part))
                || name.strip_suffix("特别行政区") == Some(part)
        };
        let (code, name) = NAMES
            .iter()
            .find(|(known, name)| *known == code || by_name(name))?;
        Some(Region {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
        })
    })
}
