//! 国民经济行业分类 (GB/T 4754-2017): a section letter with up to four digits, as patents and declarations say it.
//! Sections and the divisions of manufacturing have names here; a finer code is shown by its nearest name.

/// Code and name of the sections, and of the divisions in which patents are mostly used.
pub const NAMES: [(&str, &str); 61] = [
    ("A", "农、林、牧、渔业"),
    ("A01", "农业"),
    ("A03", "畜牧业"),
    ("A04", "渔业"),
    ("B", "采矿业"),
    ("C", "制造业"),
    ("C13", "农副食品加工业"),
    ("C14", "食品制造业"),
    ("C15", "酒、饮料和精制茶制造业"),
    ("C17", "纺织业"),
    ("C18", "纺织服装、服饰业"),
    ("C19", "皮革、毛皮、羽毛及其制品和制鞋业"),
    ("C20", "木材加工和木、竹、藤、棕、草制品业"),
    ("C21", "家具制造业"),
    ("C22", "造纸和纸制品业"),
    ("C23", "印刷和记录媒介复制业"),
    ("C24", "文教、工美、体育和娱乐用品制造业"),
    ("C25", "石油、煤炭及其他燃料加工业"),
    ("C26", "化学原料和化学制品制造业"),
    ("C27", "医药制造业"),
    ("C28", "化学纤维制造业"),
    ("C29", "橡胶和塑料制品业"),
    ("C30", "非金属矿物制品业"),
    ("C31", "黑色金属冶炼和压延加工业"),
    ("C32", "有色金属冶炼和压延加工业"),
    ("C33", "金属制品业"),
    ("C34", "通用设备制造业"),
    ("C35", "专用设备制造业"),
    ("C36", "汽车制造业"),
    ("C37", "铁路、船舶、航空航天和其他运输设备制造业"),
    ("C38", "电气机械和器材制造业"),
    ("C39", "计算机、通信和其他电子设备制造业"),
    ("C40", "仪器仪表制造业"),
    ("C41", "其他制造业"),
    ("C42", "废弃资源综合利用业"),
    ("C43", "金属制品、机械和设备修理业"),
    ("D", "电力、热力、燃气及水生产和供应业"),
    ("D44", "电力、热力生产和供应业"),
    ("D46", "水的生产和供应业"),
    ("E", "建筑业"),
    ("F", "批发和零售业"),
    ("G", "交通运输、仓储和邮政业"),
    ("H", "住宿和餐饮业"),
    ("I", "信息传输、软件和信息技术服务业"),
    ("I63", "电信、广播电视和卫星传输服务"),
    ("I64", "互联网和相关服务"),
    ("I65", "软件和信息技术服务业"),
    ("J", "金融业"),
    ("K", "房地产业"),
    ("L", "租赁和商务服务业"),
    ("M", "科学研究和技术服务业"),
    ("M73", "研究和试验发展"),
    ("M74", "专业技术服务业"),
    ("N", "水利、环境和公共设施管理业"),
    ("N77", "生态保护和环境治理业"),
    ("O", "居民服务、修理和其他服务业"),
    ("P", "教育"),
    ("Q", "卫生和社会工作"),
    ("R", "文化、体育和娱乐业"),
    ("S", "公共管理、社会保障和社会组织"),
    ("T", "国际组织"),
];

/// A section letter (A–T) and none or two to four digits.
pub fn is_code(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| (b'A'..=b'T').contains(&b))
        && matches!(text.len(), 1 | 3..=5)
        && bytes.all(|b| b.is_ascii_digit())
}

/// Section, division, group and class of a code, as far as it goes: `C`, `C35`, `C351`, `C3511`.
pub fn levels(code: &str) -> Vec<&str> {
    [1, 3, 4, 5]
        .into_iter()
        .filter_map(|end| code.get(..end))
        .collect()
}

/// The name of a code, or of the nearest level above it that has one here.
pub fn name_of(code: &str) -> Option<&'static str> {
    let named = |level: &&str| NAMES.iter().find(|(known, _)| known == level);
    let levels = levels(code);
    levels.iter().rev().find_map(named).map(|(_, name)| *name)
}
