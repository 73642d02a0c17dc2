//! A rich history: declarations in every state, licences in every state, late ones and corrected ones, targets that
//! change, an organisation that moves and one that is renamed, holdings that are hidden.

use kaixu::{
    domain::{
        access::Role,
        declaration::DeclarationState as S,
        licence::{LicenceState, Verdict},
        money::Fen,
        party::Organisation,
        terms::{Part, Terms},
    },
    ops::{
        declarations::Asked,
        licences::{self, Proof, Taker},
        targets, watch,
    },
};
use serde_json::json;

use super::{
    chronicle::{Chronicle, day, invention, member, model},
    later::{burdened, moved},
};
use crate::support::World;

/// Lives through two years.
pub async fn lived(world: &World) -> Chronicle {
    let chronicle = Chronicle::of(world);
    let c = &chronicle;
    targets::ensure(&c.services).await.expect("a target");
    let university = &world.organisation("蓝湾大学").await;
    let college = &world.organisation("红崖学院").await;
    let fishing = &world.organisation("威海渔具厂").await;
    let machines = &world.organisation("成山机械厂").await;
    // The patentee of the first has an inbox here; notices to the other go by letter.
    let inbox = world.key(Role::Holder, Some(university)).await;
    assert!(!inbox.is_empty());
    let mine: Vec<String> = (1..12).map(invention).collect();
    let mine: Vec<&str> = mine.iter().map(String::as_str).collect();
    let models = [model(1), model(2)];
    c.stock(university, &mine, json!({})).await;
    let shared = json!({ "owners": ["红崖学院", "蓝湾大学"] });
    c.stock(college, &[&models[0], &models[1]], shared).await;
    declared(c, university, &mine).await;
    let open = offered(c, university, &mine).await;
    taken(c, &open, [university, fishing, machines]).await;
    by_letter(c, college, &models[0], fishing).await;
    burdened(c, university, mine[7]).await;
    moved(c, university, machines).await;
    c.on("2025-12-20");
    watch::run(&c.services).await.expect("looks");
    chronicle
}

/// One in each state that never came to an announcement, and those that ended elsewhere.
async fn declared(c: &Chronicle, a: &Organisation, numbers: &[&str]) {
    let free = || Chronicle::written(&Terms::Free, "2027-12-31");
    c.on("2024-02-05");
    let office = &c.office;
    c.draft(office, a, numbers[0], free()).await;
    let ready = c.draft(office, a, numbers[1], free()).await;
    c.step(&ready, Asked::Ready).await;
    c.step(&ready, Asked::Reopen).await;
    c.step(&ready, Asked::Ready).await;
    let submitted = c.draft(office, a, numbers[2], free()).await;
    c.step(&submitted, Asked::Ready).await;
    let on = day("2024-02-05");
    c.step(&submitted, Asked::Submit { on }).await;
    let refused = c.draft(office, a, numbers[3], free()).await;
    c.step(&refused, Asked::Ready).await;
    c.step(&refused, Asked::Submit { on }).await;
    c.on("2024-03-01");
    let refusal = Asked::Refuse {
        on: day("2024-02-28"),
        reason: "材料不齐".into(),
        source: Some(c.file(office).await),
    };
    c.step(&refused, refusal).await;
    let ended = Some((S::Terminated, "2024-02-20"));
    c.record(a, numbers[4], free(), ("K-T", "2024-01-25"), ended)
        .await;
    let ended = Some((S::Revoked, "2024-02-21"));
    c.record(a, numbers[5], free(), ("K-R", "2024-01-26"), ended)
        .await;
    let void = c
        .record(a, numbers[6], free(), ("K-V", "2024-01-27"), None)
        .await;
    let taker = Taker::Individual {
        name: "王海生".into(),
        contact: "13900000000".into(),
    };
    let under_it = c.taken(&void, taker, ("2024-02-01", None), None).await;
    let reason = "误录".into();
    c.step(&void, Asked::Annul { reason }).await;
    c.is(&under_it, LicenceState::Ineffective).await;
    // Its number is free again.
    c.record(a, numbers[6], free(), ("K-V", "2024-01-27"), None)
        .await;
}

/// Announced here: to stay, to be withdrawn, to expire, to be asked for.
struct Open {
    stays: kaixu::domain::id::Id,
    ends: kaixu::domain::id::Id,
    expires: kaixu::domain::id::Id,
}

async fn offered(c: &Chronicle, a: &Organisation, numbers: &[&str]) -> Open {
    c.on("2024-03-11");
    let lump = Terms::LumpSum {
        amount_fen: Fen::yuan(20_000),
    };
    let parts = Terms::Instalments {
        parts: [0, 365]
            .map(|after_days| Part {
                amount_fen: Fen::yuan(5_000),
                after_days,
            })
            .into(),
    };
    let office = &c.office;
    let announced = async |n: usize, terms: &Terms, until: &str, number: &str| {
        let id = c
            .draft(office, a, numbers[n], Chronicle::written(terms, until))
            .await;
        c.announce(&id, number).await;
        id
    };
    let stays = announced(7, &lump, "2028-12-31", "K-1").await;
    let ends = announced(8, &parts, "2028-12-31", "K-2").await;
    let expires = announced(9, &Terms::Free, "2024-12-31", "K-3").await;
    let asked = announced(10, &Terms::Free, "2028-12-31", "K-4").await;
    let request = Asked::RequestWithdrawal {
        on: day("2024-03-11"),
        reason: "拟自行实施".into(),
    };
    c.step(&asked, request).await;
    Open {
        stays,
        ends,
        expires,
    }
}

async fn taken(c: &Chronicle, open: &Open, [a, x, y]: [&Organisation; 3]) {
    let (holder, one, two) = (
        member(Role::Holder, a),
        member(Role::Enterprise, x),
        member(Role::Enterprise, y),
    );
    let by = |party: &Organisation| Taker::Organisation(party.uscc.as_str().to_owned());
    c.on("2024-04-01");
    let paid = c.notice(&one, &open.stays, None).await;
    let partly = c.notice(&two, &open.stays, None).await;
    let free = c.notice(&one, &open.expires, None).await;
    c.is(&free, LicenceState::Effective).await;
    c.on("2024-04-20");
    c.pay(&one, &paid, 20_000, "2024-04-10", Proof::Voucher)
        .await;
    c.is(&paid, LicenceState::Effective).await;
    c.pay(&holder, &partly, 5_000, "2024-04-12", Proof::Receipt)
        .await;
    c.is(&partly, LicenceState::Pending).await;
    c.answer(&paid, Verdict::Disputed).await;
    c.answer(&free, Verdict::Confirmed).await;
    c.filed(&free, "2024510000101", "2024-04-15").await;
    // Corrected: entered twice, struck once.
    let twice = c
        .taken(&open.ends, by(x), ("2024-04-02", Some("2024-04-03")), None)
        .await;
    let version = c.licence(&twice).await.version;
    let struck = licences::annul(&c.services, &c.office, &twice.id, version, "误录").await;
    struck.expect("is struck");
    let filing = Some(("2024510000102", "2024-04-19"));
    c.taken(
        &open.ends,
        by(x),
        ("2024-04-02", Some("2024-04-05")),
        filing,
    )
    .await;
    let late = c.notice(&two, &open.ends, None).await;
    c.on("2024-06-03");
    c.pay(&two, &late, 5_000, "2024-06-02", Proof::Voucher)
        .await;
    c.is(&late, LicenceState::Effective).await;
    // The withdrawal of May becomes known in June: what was paid after it came too late.
    let source = c.file(&c.office).await;
    let withdrawn = Asked::Withdraw {
        announced_on: day("2024-05-20"),
        source,
    };
    c.step(&open.ends, withdrawn).await;
    c.is(&late, LicenceState::Pending).await;
}

/// A utility model with a co-owner, licences by letter.
async fn by_letter(c: &Chronicle, b: &Organisation, number: &str, x: &Organisation) {
    c.on("2024-06-10");
    let mut written = Chronicle::written(&Terms::Free, "2029-06-30");
    written.evaluation = c.evaluation().await;
    written.consents = vec![("蓝湾大学".into(), c.file(&c.office).await)];
    // Its status of February is too old by now.
    let status = json!({ "owners": ["红崖学院", "蓝湾大学"], "statusAsOf": "2024-06-09" });
    c.stock(b, &[number], status).await;
    let id = c.draft(&c.office, b, number, written).await;
    c.announce(&id, "K-5").await;
    let taker = Taker::Organisation(x.id.to_string());
    let letter = c.notice(&c.office, &id, Some(taker)).await;
    let person = Taker::Individual {
        name: "李渔".into(),
        contact: "13800000000".into(),
    };
    let never = c.notice(&c.office, &id, Some(person)).await;
    c.is(&letter, LicenceState::Pending).await;
    c.on("2024-06-20");
    c.deliver(&letter, "2024-06-15").await;
    c.is(&letter, LicenceState::Effective).await;
    c.is(&never, LicenceState::Pending).await;
}
