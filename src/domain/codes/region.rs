//! 行政区划 (GB/T 2260): six-digit codes, the provinces and, for the home district, the divisions of Weihai,
//! three of which are statistical only. A district code is data of the organisation, never read from an address.

use crate::domain::patent::Region;

/// Code, Chinese and English name of every province and of Weihai's divisions.
pub const NAMES: [(&str, &str, &str); 42] = [
    ("110000", "北京市", "Beijing"),
    ("120000", "天津市", "Tianjin"),
    ("130000", "河北省", "Hebei"),
    ("140000", "山西省", "Shanxi"),
    ("150000", "内蒙古自治区", "Inner Mongolia"),
    ("210000", "辽宁省", "Liaoning"),
    ("220000", "吉林省", "Jilin"),
    ("230000", "黑龙江省", "Heilongjiang"),
    ("310000", "上海市", "Shanghai"),
    ("320000", "江苏省", "Jiangsu"),
    ("330000", "浙江省", "Zhejiang"),
    ("340000", "安徽省", "Anhui"),
    ("350000", "福建省", "Fujian"),
    ("360000", "江西省", "Jiangxi"),
    ("370000", "山东省", "Shandong"),
    ("371000", "威海市", "Weihai"),
    ("371002", "环翠区", "Huancui District"),
    ("371003", "文登区", "Wendeng District"),
    (
        "371071",
        "威海火炬高技术产业开发区",
        "Weihai Torch High-tech Zone",
    ),
    (
        "371072",
        "威海经济技术开发区",
        "Weihai Economic and Technological Zone",
    ),
    ("371073", "威海临港经济技术开发区", "Weihai Lingang Zone"),
    ("371082", "荣成市", "Rongcheng"),
    ("371083", "乳山市", "Rushan"),
    ("410000", "河南省", "Henan"),
    ("420000", "湖北省", "Hubei"),
    ("430000", "湖南省", "Hunan"),
    ("440000", "广东省", "Guangdong"),
    ("450000", "广西壮族自治区", "Guangxi"),
    ("460000", "海南省", "Hainan"),
    ("500000", "重庆市", "Chongqing"),
    ("510000", "四川省", "Sichuan"),
    ("520000", "贵州省", "Guizhou"),
    ("530000", "云南省", "Yunnan"),
    ("540000", "西藏自治区", "Tibet"),
    ("610000", "陕西省", "Shaanxi"),
    ("620000", "甘肃省", "Gansu"),
    ("630000", "青海省", "Qinghai"),
    ("640000", "宁夏回族自治区", "Ningxia"),
    ("650000", "新疆维吾尔自治区", "Xinjiang"),
    ("710000", "台湾省", "Taiwan"),
    ("810000", "香港特别行政区", "Hong Kong"),
    ("820000", "澳门特别行政区", "Macao"),
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
        .find(|(known, ..)| *known == code)
        .map(|(_, name, _)| *name)
}

/// Streets and towns of 环翠区: nine-digit statistical codes below 371002.
pub const STREETS: [(&str, &str, &str); 9] = [
    ("371002001", "环翠楼街道", "Huancuilou Street"),
    ("371002002", "鲸园街道", "Jingyuan Street"),
    ("371002003", "竹岛街道", "Zhudao Street"),
    ("371002011", "孙家疃街道", "Sunjiatuan Street"),
    ("371002012", "嵩山街道", "Songshan Street"),
    ("371002100", "张村镇", "Zhangcun Town"),
    ("371002101", "羊亭镇", "Yangting Town"),
    ("371002102", "温泉镇", "Wenquan Town"),
    ("371002109", "桥头镇", "Qiaotou Town"),
];

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
        let (code, name, _) = NAMES
            .iter()
            .find(|(known, name, _)| *known == code || by_name(name))?;
        Some(Region {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
        })
    })
}
