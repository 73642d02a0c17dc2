//! The letters that the system writes: the licensee's notice, the declarer's commitment, the holder's receipt. Plain
//! text that says everything needed, kept as a file with its hash; never a copy of an official form.

use crate::domain::{
    codes::AppNo,
    consent::ConsentRequest,
    declaration::Declaration,
    eligibility::Block,
    licence::{Licence, Payment},
    party::Organisation,
    patent::Patent,
    time::Day,
};

/// 符合开放许可声明条件的承诺 (审查指南第五部分第十一章 3.3).
pub(super) fn commitment(organisation: &Organisation, patent: &Patent, on: Day) -> String {
    format!(
        "专利开放许可声明条件承诺书\n\n专利号：{}\n发明名称：{}\n声明人：{}（{}）\n\n\
         本单位承诺：该专利已经授权公告且专利权有效；不存在独占或者排他许可、中止、未按照规定缴纳年费、未经质权人同意的质押\
         以及其他妨碍专利权有效实施的情形；全体专利权人同意实行开放许可；所提交的材料真实、准确、完整，如有虚假，愿意承担\
         相应法律责任（《专利法实施细则》第八十五条、第八十六条、第八十八条）。出现前述情形时，将及时撤回声明并通知被许可人。\n\n\
         承诺日期：{on}\n",
        patent.number.zl(),
        patent.title,
        organisation.name,
        organisation.uscc.as_str(),
    )
}

/// Who gives a notice.
pub(super) struct Party<'a> {
    pub name: &'a str,
    /// 统一社会信用代码, where it has one.
    pub uscc: Option<&'a str>,
    pub contact: Option<&'a str>,
}

/// 书面通知 (专利法第五十一条第一款).
pub(super) fn notice(
    declaration: &Declaration,
    licensee: &Party<'_>,
    given_at: &str,
    acknowledged: &[Block],
) -> String {
    let code = licensee
        .uscc
        .map_or_else(String::new, |code| format!("（{code}）"));
    let contact = licensee
        .contact
        .map_or_else(String::new, |text| format!("联系方式：{text}\n"));
    let risks = if acknowledged.is_empty() {
        String::new()
    } else {
        let named: Vec<_> = acknowledged.iter().map(|block| block.zh()).collect();
        format!("被许可人已知悉：{}。\n", named.join("；"))
    };
    format!(
        "取得专利开放许可的通知\n\n致专利权人：{}\n\n\
         根据《中华人民共和国专利法》第五十一条，{}{code}愿意按照已公告的支付方式和标准实施下列专利，特此书面通知。\n\n\
         专利号：{}\n发明名称：{}\n开放许可声明编号：{}\n声明生效日：{}\n许可期限：至 {}\n\
         支付方式和标准：{}\n{risks}\n\
         被许可人：{}{code}\n{contact}通知时间：{given_at}\n",
        declaration.patentees.join("、"),
        licensee.name,
        declaration.number.zl(),
        declaration.title,
        declaration.declaration_number.as_deref().unwrap_or("—"),
        declaration
            .effective_on
            .map_or_else(|| "—".to_owned(), |day| day.to_string()),
        declaration.until,
        declaration.terms.sentence(),
        licensee.name,
    )
}

/// 收款凭证: the patentee's own word that it has been paid.
pub(super) fn receipt(
    holder: &Organisation,
    number: &AppNo,
    licensee: &str,
    payment: &Payment,
) -> String {
    format!(
        "收款确认\n\n{}（{}）确认：已于 {} 收到 {licensee} 就专利 {} 支付的开放许可使用费人民币 {} 元（{}）。\n",
        holder.name,
        holder.uscc.as_str(),
        payment.paid_on,
        number.zl(),
        payment.amount_fen,
        payment.amount_fen.capitals(),
    )
}

/// 同意书 of a co-owner or pledgee, given by its account (审查指南第五部分第十一章 3.2, 实施细则第八十六条第（四）项).
pub(super) fn consent(
    request: &ConsentRequest,
    declarer: &Organisation,
    party: &Organisation,
    title: &str,
    on: Day,
) -> String {
    format!(
        "同意实行专利开放许可的同意书\n\n{}（{}，{}）同意{}（{}）就下列专利按照下列支付方式、标准和许可期限声明专利开放许可。\n\n\
         专利号：{}\n发明名称：{title}\n支付方式和标准：{}\n许可期限：至 {}\n\n\
         本同意由同意人的账户于 {on} 在线给出，只适用于上述支付方式、标准和许可期限。\n",
        party.name,
        request.role.zh(),
        party.uscc.as_str(),
        declarer.name,
        declarer.uscc.as_str(),
        request.number.zl(),
        request.terms.sentence(),
        request.until,
    )
}

/// 委托书, given by the principal's account (专利法第十八条第二款: patent matters may be entrusted to an agency).
pub(super) fn delegation(
    principal: &Organisation,
    agency: &Organisation,
    (from, until): (Day, Day),
    on: Day,
) -> String {
    format!(
        "委托书\n\n委托人：{}（{}）\n受托人：{}（{}）\n\n\
         委托人委托受托人自 {from} 至 {until} 代为登记专利、办理专利开放许可声明及其撤回、许可的确认与备案等本平台上的事务。\
         受托人不得转委托；委托人可以随时终止委托。\n\n本委托书由委托人的账户于 {on} 在线给出。\n",
        principal.name,
        principal.uscc.as_str(),
        agency.name,
        agency.uscc.as_str(),
    )
}

/// 使用费为零的声明: stands in the place of a voucher where nothing is due (审查指南第五部分第十一章 7).
pub(super) fn free_statement(holder: &Organisation, licence: &Licence, licensee: &str) -> String {
    format!(
        "专利开放许可使用费声明\n\n专利号：{}\n专利权人：{}（{}）\n被许可人：{licensee}\n许可生效日：{}\n\n\
         依照公告的开放许可声明，本项许可使用费为零，支付方式无偿，故无支付凭证。\n",
        licence.number.zl(),
        holder.name,
        holder.uscc.as_str(),
        licence
            .effective_on
            .map_or_else(|| "—".to_owned(), |day| day.to_string()),
    )
}
