//! `/desk/declarations`: a holder's open-licence declarations from the gate to their end. Every page shows what the
//! gate says now, what comes next, and only the steps that may be taken; the rules themselves are the domain's.

mod consents;
mod cure;
mod fields;
mod gate;
mod list;
mod offered;
mod outcome;
mod price;
mod show;
mod steps;
mod terms;
mod write;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::{
    domain::{declaration::Declaration, text::Text},
    ops::{Error, Services},
    web::{Web, form::Form, upload},
};

/// The form of a page that did not pass: its action, what was typed, why.
type Failed<'a> = Option<(&'a str, &'a Form, &'a Error)>;

/// What comes next, for whoever keeps this declaration.
fn next(declaration: &Declaration) -> Text {
    use crate::domain::declaration::DeclarationState as S;
    let (zh, en) = match declaration.state {
        _ if declaration.must_withdraw.is_some() => (
            "出现了不得继续开放许可的情形：应当向国家知识产权局请求撤回，并通知被许可人。",
            "A circumstance forbids to go on: request the withdrawal and tell the licensees.",
        ),
        S::Draft => (
            "核对条款，消除资格审查中的问题，然后承诺并转为就绪。",
            "Check the terms, cure what the gate finds, then commit to it.",
        ),
        S::Ready => (
            "通过国家知识产权局的专利业务办理系统提交声明，再登记提交日期。",
            "Submit it in the patent office's filing system, then record the day.",
        ),
        S::Submitted => (
            "等待国家知识产权局公告；公告后登记声明编号和生效日。",
            "Wait for the announcement, then record its number and effective day.",
        ),
        S::Announced => (
            "企业可以随时发出通知取得许可；条件不能更改，变更须撤回后重新声明。",
            "Licences can be taken at any time. Terms never change: withdraw and declare anew.",
        ),
        S::WithdrawalRequested => (
            "撤回公告之前仍可取得许可；公告后登记撤回公告日。",
            "Licences can still be taken until the withdrawal is announced; then record that day.",
        ),
        S::Refused => (
            "不予公告。可以消除原因后重新声明。",
            "Refused. Cure the reason and declare anew.",
        ),
        S::Withdrawn | S::Terminated | S::Revoked | S::Expired => (
            "已经结束。此前取得的许可不受影响。",
            "It has ended; licences taken before stand.",
        ),
        S::Void => ("误录，已作废。", "Entered by mistake; void."),
    };
    Text::new(zh, en)
}

/// The pages of declarations.
pub fn router(services: &Services) -> Router<Web> {
    let with_files = Router::new()
        .route("/desk/declarations", post(write::create))
        .route("/desk/declarations/{id}/edit", post(write::edit))
        .route("/desk/declarations/{id}/announce", post(steps::announce))
        .route("/desk/declarations/{id}/refuse", post(steps::refuse))
        .route("/desk/declarations/{id}/end", post(steps::end))
        .route("/desk/patents/{number}/status", post(cure::status))
        .route("/desk/encumbrances/{id}", post(cure::encumbrance))
        .layer(DefaultBodyLimit::max(upload::body_bytes(services)));
    Router::new()
        .route("/desk/declarations", get(list::show))
        .route("/desk/declarations/new", get(write::begin))
        .route("/desk/declarations/{id}", get(show::show))
        .route("/desk/declarations/{id}/edit", get(write::show_edit))
        .route("/desk/declarations/{id}/ready", post(steps::ready))
        .route("/desk/declarations/{id}/reopen", post(steps::reopen))
        .route("/desk/declarations/{id}/submit", post(steps::submit))
        .route(
            "/desk/declarations/{id}/request-withdrawal",
            post(steps::request_withdrawal),
        )
        .route("/desk/declarations/{id}/annul", post(steps::annul))
        .route("/desk/declarations/{id}/ask-consent", post(consents::ask))
        .route("/desk/declarations/{id}/know-how", post(steps::know_how))
        .merge(with_files)
}
