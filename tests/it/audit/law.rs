//! Records that the chain vouches for and the law does not allow: written as a faulty operation would write them,
//! with version, hashes and rows all in order. The audit names each for what is wrong with it.

use kaixu::{
    domain::{
        declaration::Declaration,
        event::{Audience, Noun, canonical_json, sha256_hex},
        licence::Licence,
        terms::Terms,
    },
    ops::{closings, progress, targets},
    store::{Stored, Tx, declarations},
};
use serde_json::json;

use super::{
    chronicle::{Chronicle, day, invention, model},
    faulty::{all, closing, declaration, encumber, faulty, licence, record, with},
    history,
};
use crate::{on_both_at, support::sql};

on_both_at! { "2024-02-01T01:00:00Z";
    async fn a_licence_is_what_its_declaration_and_its_days_make_of_it(world) {
        history::lived(&world).await;
        let (_, taken) = all(&world).await;
        let of = |state: &str, more: fn(&Licence) -> bool| taken.iter()
            .find(|l| l.value.state.as_str() == state && more(&l.value)).unwrap_or_else(|| panic!("no {state}"));
        let paid = of("effective", |l| !l.payments.is_empty() && l.given_at.is_some());
        let free = of("effective", |l| l.terms == Terms::Free && l.filing.is_some());
        let pending = of("pending", |l| l.notice_on.is_some());
        let late = of("ineffective", |_| true);
        let void = of("void", |_| true);
        let here = |l: &Stored<Licence>, what: &str| format!("licences/{}: {what}", l.value.id);
        for (known, fields, wanted) in [
            (paid, json!({ "effectiveOn": "2024-04-11" }), here(paid, "took effect on 2024-04-11, by its days on 2024-04-10")),
            (paid, json!({ "paidOn": "2024-04-09" }), here(paid, "was paid on 2024-04-09, by its payments on 2024-04-10")),
            (paid, json!({ "filingDueOn": "2024-07-11" }), here(paid, "its filing is not due a number of months after its effect")),
            (paid, json!({ "filingDueOn": null }), here(paid, "its filing is not due a number of months after its effect")),
            (paid, json!({ "state": "pending", "effectiveOn": null }), here(paid, "is pending, by its days it is effective")),
            (pending, json!({ "state": "effective", "effectiveOn": "2024-04-12", "filingDueOn": "2024-07-12" }), here(pending, "is effective, by its days it is pending")),
            (late, json!({ "state": "effective", "effectiveOn": "2024-02-01" }), here(late, "is effective, by its days it is ineffective")),
            (free, json!({ "filing": { "number": "1", "on": "2024-03-31" } }), here(free, "was filed before it took effect")),
            (paid, json!({ "terms": { "mode": "free" } }), "its terms changed".into()),
            (paid, json!({ "payments": [] }), "lost a payment".into()),
            (paid, json!({ "evidence": [] }), "lost a document that proves it".into()),
            (paid, json!({ "noticeOn": "2024-03-30" }), "its notice changed".into()),
            (paid, json!({ "licensee": { "organisation": paid.value.holder } }), "became another's".into()),
            (paid, json!({ "response": { "verdict": "confirmed", "on": "2099-01-01" } }), "something of it lies in the future".into()),
            (void, json!({ "state": "effective" }), "changed after it was void".into()),
        ] {
            let said = licence(&world, known, fields.clone()).await;
            assert!(said.ends_with(&wanted), "{fields}: {said}");
        }
        // A document that nobody has.
        let mut evidence = serde_json::to_value(&paid.value.evidence).expect("JSON");
        let other = world.services.ids.next(world.services.clock.now());
        let more = json!({ "kind": "other", "file": { "id": other, "sha256": sha256_hex(b"x") } });
        evidence.as_array_mut().expect("a list").push(more);
        let said = licence(&world, paid, json!({ "evidence": evidence })).await;
        assert_eq!(said, here(paid, &format!("cites files/{other}, which is missing")));
        evidence[0]["file"]["sha256"] = sha256_hex(b"x").into();
        let said = licence(&world, paid, json!({ "evidence": evidence })).await;
        assert!(said.ends_with("lost a document that proves it"), "{said}");
    }

    async fn a_declaration_is_what_its_course_and_its_surroundings_allow(world) {
        let c = history::lived(&world).await;
        let office = c.office.clone();
        let (known, _) = all(&world).await;
        let a = known[0].value.organisation.clone();
        let holder = kaixu::ops::organisations::get(&world.services, &office, &a.to_string()).await.expect("is there").value;
        c.draft(&office, &holder, &invention(8), Chronicle::written(&Terms::Free, "2028-12-31")).await;
        c.draft(&office, &holder, &model(2), Chronicle::written(&Terms::Free, "2028-12-31")).await;
        let (known, _) = all(&world).await;
        let of = |state: &str, more: &dyn Fn(&Declaration) -> bool| known.iter()
            .find(|d| d.value.state.as_str() == state && more(&d.value)).unwrap_or_else(|| panic!("no {state}"));
        let live = of("announced", &|d| d.must_withdraw.is_none());
        let burdened = of("announced", &|d| d.must_withdraw.is_some());
        let draft = of("draft", &|d| d.number.as_str() == invention(1));
        let rival = of("draft", &|d| d.number.as_str() == invention(8));
        let model_draft = of("draft", &|d| d.number.as_str() == model(2));
        let withdrawn = of("withdrawn", &|_| true);
        let refused = of("refused", &|_| true);
        let expired = of("expired", &|_| true);
        let void = of("void", &|_| true);
        let file = serde_json::to_value(&live.value.sources[0]).expect("JSON");
        let here = |d: &Stored<Declaration>, what: &str| format!("declarations/{}: {what}", d.value.id);
        let readied = json!({ "state": "ready", "commitment": file });
        let reported = json!({ "state": "ready", "commitment": file, "evaluation": { "file": file, "conclusion": "positive" } });
        let negative = json!({ "state": "ready", "commitment": file, "evaluation": { "file": file, "conclusion": "negative" } });
        for (known, fields, wanted) in [
            (burdened, json!({ "mustWithdraw": null }), here(burdened, "names nothing as the reason to withdraw it, there is SUSPENDED")),
            (burdened, json!({ "mustWithdraw": { "since": "2024-09-02", "blocks": ["OTHER"] } }), here(burdened, "names OTHER as the reason to withdraw it, there is SUSPENDED")),
            (live, json!({ "mustWithdraw": { "since": "2025-12-20", "blocks": ["FEE_UNPAID"] } }), here(live, "names FEE_UNPAID as the reason to withdraw it, there is nothing")),
            (live, json!({ "endedOn": "2025-12-20" }), "its state and its end disagree".into()),
            (live, json!({ "sources": null }), "lost a document that it was recorded from".into()),
            (live, json!({ "terms": { "mode": "lumpSum", "amountFen": 5 } }), "its content changed after the draft".into()),
            (live, json!({ "until": "2030-12-31" }), "its content changed after the draft".into()),
            (live, json!({ "title": "别的" }), "its patent's facts changed after the submission".into()),
            (live, json!({ "effectiveOn": "2024-03-10" }), "its announcement changed".into()),
            (live, json!({ "state": "submitted" }), "no step leads from its last state to this one".into()),
            (withdrawn, json!({ "state": "announced", "endedOn": null }), "no step leads from its last state to this one".into()),
            (void, json!({ "reason": null }), "no step leads from its last state to this one".into()),
            (refused, json!({ "state": "void", "reason": null }), "is void for no reason".into()),
            (expired, json!({ "state": "withdrawn" }), "its end was announced outside its days".into()),
            (draft, json!({ "state": "ready" }), "its state and its commitment disagree".into()),
            (draft, json!({ "state": "ready", "commitment": file, "until": "2024-12-31" }), "was readied after its period".into()),
            (draft, json!({ "state": "submitted", "submittedOn": "2024-02-05", "commitment": file }), "no step leads from its last state to this one".into()),
            (rival, readied.clone(), "was readied beside another of the same patent".into()),
            (model_draft, readied, "was readied without an evaluation report".into()),
            (model_draft, negative, "was readied with a negative evaluation report".into()),
            (model_draft, reported, "was readied without the consent of 红崖学院".into()),
        ] {
            let said = declaration(&world, known, fields.clone()).await;
            assert!(said.ends_with(&wanted), "{fields}: {said}");
        }
        // A patent that may be readied, and one on which a court has its hand.
        let may = json!({ "state": "ready", "commitment": file });
        let said = declaration(&world, draft, may.clone()).await;
        assert!(said.starts_with("nothing"), "{said}");
        let said = faulty(&world, async |tx: &mut Tx| {
            encumber(&world, tx, &draft.value, "preservation", None).await;
            let next = declarations::update(tx, with(&draft.value, &may), draft.version).await.expect("stores");
            let (key, body) = (next.value.id.to_string(), canonical_json(&next.value));
            let told = (vec![next.value.audience()], None);
            record(tx, (Noun::Declaration, &key), (next.version, &next.hash), Some(&body), told);
        }).await;
        assert_eq!(said, here(draft, "was readied in spite of SUSPENDED"));
        let said = faulty(&world, async |tx: &mut Tx| {
            encumber(&world, tx, &live.value, "soleLicence", Some("2025-12-20")).await;
        }).await;
        assert!(said.ends_with("is an exclusive or sole licence that its holder recorded beside an open one"), "{said}");
        // A number that another bears, where the database would not see it.
        sql::execute(&world.services.db, "drop index declarations_by_declaration_number").await;
        let ended = of("terminated", &|_| true);
        let other = world.services.ids.next(world.services.clock.now());
        let said = faulty(&world, async |tx: &mut Tx| {
            let twin = declarations::insert(tx, with(&ended.value, &json!({ "id": other }))).await.expect("stores");
            let body = canonical_json(&twin.value);
            let told = (vec![Audience::Public], twin.value.effective_on);
            record(tx, (Noun::Declaration, &other.to_string()), (1, &twin.hash), Some(&body), told);
        }).await;
        assert_eq!(said, format!("declarations/{other}: has the number of declarations/{}", ended.value.id));
    }

    async fn a_closing_is_what_was_counted_right_before_it(world) {
        history::lived(&world).await;
        let c = Chronicle::of(&world);
        let all = closings::list(&c.services, &c.office, None).await.expect("closings");
        let last = &all.last().expect("is closed").value;
        let head = sql::number(&world.services.db, "select seq from head").await;
        let target = targets::get(&c.services, &c.office, &last.target.id).await.expect("a target").value;
        let asked = progress::Asked { as_of: Some(day("2024-12-31")), ..progress::Asked::default() };
        let (_, found) = progress::progress(&c.services, &c.office, &asked).await.expect("counts");
        let count = &found.count;
        let id = world.services.ids.next(world.services.clock.now());
        let sound = json!({ "id": id, "target": target, "month": "2024-12", "asOf": "2024-12-31", "knownAt": head, "figures": count.all });
        assert!(closing(&world, last, sound.clone()).await.starts_with("nothing"));
        let mut more = sound["figures"].clone();
        more["m1"]["total"] = json!(count.all.m1.total + 1);
        for (fields, wanted) in [
            (json!({ "figures": more }), "its figures are not those counted"),
            (json!({ "knownAt": head - 1 }), "was not counted by what was known"),
            (json!({ "asOf": "2024-12-30" }), "is not of its month's last day"),
            (json!({ "target": last.target }), "is of a target as it was not"),
            (json!({ "month": "2099-01", "asOf": "2099-01-31" }), "is not of its month's last day"),
        ] {
            let mut wrong = sound.clone();
            wrong.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
            let said = closing(&world, last, wrong).await;
            assert!(said.ends_with(wanted), "{fields}: {said}");
        }
    }

    async fn a_row_tells_whole_numbers_to_whom_it_may(world) {
        history::lived(&world).await;
        let (known, taken) = all(&world).await;
        let draft = known.iter().find(|d| d.value.state.as_str() == "draft").expect("a draft");
        let row = async |body: String, audience: Audience| faulty(&world, async |tx: &mut Tx| {
            let hash = sha256_hex(body.as_bytes());
            let (key, told) = (draft.value.id.to_string(), (vec![audience], None));
            record(tx, (Noun::Declaration, &key), (draft.version + 1, &hash), Some(&body), told);
        }).await;
        let own = draft.value.audience();
        let mut document = serde_json::to_value(&draft.value).expect("JSON");
        document["terms"] = json!({ "mode": "lumpSum", "amountFen": 1.5 });
        let said = row(document.to_string(), own.clone()).await;
        assert!(said.ends_with("its body has a number that is not whole"), "{said}");
        document["terms"]["amountFen"] = 100.into();
        let spaced = canonical_json(&document).replacen(':', ": ", 1);
        let said = row(spaced, own.clone()).await;
        assert!(said.ends_with("its body is not canonical JSON"), "{said}");
        let said = row(canonical_json(&document), Audience::Public).await;
        assert!(said.ends_with("is told to others than may see it"), "{said}");
        let said = row("[]".into(), own.clone()).await;
        assert!(said.contains("its body cannot be read"), "{said}");
        let id = &taken[0].value.id;
        let said = faulty(&world, async |tx: &mut Tx| {
            let stored = (taken[0].version + 2, taken[0].hash.as_str());
            let told = (taken[0].value.audiences(), taken[0].value.effective_on);
            let body = canonical_json(&taken[0].value);
            record(tx, (Noun::Licence, &id.to_string()), stored, Some(&body), told);
        }).await;
        assert!(said.ends_with("its version does not follow the one before"), "{said}");
    }
}
