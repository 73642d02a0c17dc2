//! 许可使用费计算依据和方式的简要说明, the part that follows from the terms: what is paid, how each amount comes about, an
//! example. Why the fee is what it is, only the patentee can say (审查指南第五部分第十一章 3.3: 一般不超过 2000 字).

use super::{DueKind, Royalty, Terms, caps::percent};
use crate::domain::money::Fen;

/// The most characters of an explanation (审查指南第五部分第十一章 3.3).
pub const MAX_EXPLANATION_CHARS: usize = 2_000;

/// Before the words of the terms, and after them.
pub(super) const HEAD: &str = "计算方式：";
pub(super) const TAIL: &str = "\n计算说明：";

/// Of what the example of a royalty is reckoned, a settlement period.
const EXAMPLE: Fen = Fen::yuan(1_000_000);

impl Terms {
    /// How the fee is reckoned, in Chinese; read back by [`Terms::read`] into these very terms. None where it would be
    /// longer than an explanation may be: such terms have to be explained by hand.
    pub fn explanation(&self) -> Option<String> {
        let said = format!("{HEAD}{}{TAIL}{}", self.short_sentence(), self.reckoning());
        (said.chars().count() <= MAX_EXPLANATION_CHARS).then_some(said)
    }

    fn reckoning(&self) -> String {
        if self.is_free() {
            return "许可使用费为零元，支付方式为无偿，被许可人不支付任何费用。".to_owned();
        }
        let mut said = Vec::new();
        let fixed = self.first_year_fixed();
        said.push(format!(
            "许可生效前应付人民币{}元，生效后第一年（365日）内的固定费用合计人民币{fixed}元",
            self.due_at_start()
        ));
        // Of several stages the first tells how all are reckoned.
        said.extend(
            self.royalties()
                .first()
                .map(|(_, royalty)| example(royalty)),
        );
        said.push("所有被许可人适用同一标准，不因被许可人不同而变化".to_owned());
        said.join("；") + "。"
    }
}

fn example(royalty: &Royalty) -> String {
    let what = DueKind::Royalty {
        base: royalty.base,
        rate_bp: royalty.rate_bp,
        floor_fen: royalty.floor_fen,
        cap_fen: royalty.cap_fen,
    };
    let plain = EXAMPLE.scaled(i64::from(royalty.rate_bp), 10_000);
    let owed = what.amount_fen(EXAMPLE);
    let bounded = if owed == plain {
        ""
    } else {
        "（适用每期最低额或最高额后）"
    };
    let (base, rate) = (royalty.base.zh(), percent(royalty.rate_bp));
    format!(
        "提成费＝结算期内实施本专利所得{base}×{rate}，例：一个结算期的{base}为人民币{EXAMPLE}元的，该期提成费为人民币{owed}元{bounded}"
    )
}
