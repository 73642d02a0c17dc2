//! The wording of 实施状态 and 是否转化: whether and how a holder has put a patent to use.

use super::status::fold;
use crate::domain::holding::Conversion;

/// 实施状态, 是否转化, 许可类型 and our own codes. `Unknown` where the words say "converted" but not how.
pub fn conversion_of(text: &str) -> Conversion {
    if let Some(own) = Conversion::parse(text.trim()) {
        return own;
    }
    let folded = fold(text);
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    if matches!(
        folded.as_str(),
        "否" | "无" | "没有" | "no" | "false" | "0" | "n"
    ) || says(&[
        "未转化",
        "未实施",
        "未许可",
        "未转让",
        "未产业化",
        "没有转化",
        "尚未",
        "闲置",
        "沉睡",
        "待转化",
        "无转化",
    ]) {
        return Conversion::Unused;
    }
    let kinds = [
        (
            Conversion::Contributed,
            says(&["作价入股", "作价投资", "入股"]),
        ),
        (Conversion::Transferred, says(&["转让"])),
        (Conversion::Licensed, says(&["许可"])),
        (Conversion::Industrialised, says(&["产业化"])),
        (
            Conversion::OwnUse,
            says(&["自行实施", "自行应用", "自用", "自实施", "自行使用"]),
        ),
    ];
    let mut said = kinds.iter().filter(|(_, yes)| *yes).map(|(kind, _)| *kind);
    match (said.next(), said.next()) {
        (Some(only), None) => only,
        _ => Conversion::Unknown,
    }
}
