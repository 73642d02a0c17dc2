//! Who may do what, asked of the running router: every operation of the OpenAPI document by every kind of
//! caller, compared with the permission table. A new operation fails here until it has a row and a way to be called.

mod audited;
mod markers;
mod own_keys;
mod people;
mod scene;

use axum::http::Method;
use kaixu::{
    domain::{
        access::{Actor, PERMISSIONS, Permission, Role, Scope, check},
        codes::Uscc,
        id::Id,
        party::Organisation,
        review::Reach,
    },
    ops::keys,
};
use serde_json::json;

use crate::{on_both, openapi::operations, support::World};
use scene::{FILE, Scene};

/// A kind of caller: its role, and whether it belongs to the organisation whose records are asked for.
const CALLERS: [(&str, Role, bool); 7] = [
    ("nobody", Role::Anonymous, false),
    ("the holder itself", Role::Holder, true),
    ("another holder", Role::Holder, false),
    ("an enterprise", Role::Enterprise, false),
    ("a platform", Role::Platform, false),
    ("an officer", Role::Office, false),
    ("an administrator", Role::Administrator, false),
];

/// May this caller, by the table? Operations that name a record name one of the holder's own.
fn may(row: &Permission, role: Role, owns: bool) -> bool {
    // A list is made for whoever asks, of what is theirs.
    row.any.contains(&role)
        || (row.own.contains(&role)
            && (owns
                || row.id == "createKey"
                || matches!(
                    row.id,
                    // Lines on another's patents are refused one by one.
                    "importEvents"
                        | "listImports"
                        | "listConflicts"
                        | "listListings"
                        | "listConsents"
                        | "listImportMappings"
                        | "listSubmissions"
                        | "importInventory"
                        | "createSubmission"
                        | "createSubmissionAnswers"
                        | "listTasks"
                        | "listEnquiries"
                        | "listDisputes"
                        | "exportTasks"
                        | "listMessages"
                        | "listKeys"
                )))
}

on_both! {
    async fn every_operation_answers_every_role_as_the_table_says(world) {
        let scene = Scene::new(&world).await;
        let mut wrong = Vec::new();
        for (id, operation) in operations() {
            let row = PERMISSIONS.iter().find(|row| row.id == id).unwrap_or_else(|| panic!("{id} has no row"));
            for (caller, role, owns) in CALLERS {
                let answer = scene.call(&id, &operation, caller).await;
                let status = answer.status.as_u16();
                let as_expected = match (may(row, role, owns), role) {
                    (true, _) => answer.status.is_success(),
                    (false, Role::Anonymous) => status == 401,
                    (false, _) => matches!(status, 403 | 404),
                };
                if !as_expected {
                    wrong.push(format!("{id} by {caller}: {status} {}", answer.text()));
                }
                if !answer.status.is_success() {
                    assert_eq!(answer.header("content-type"), "application/problem+json", "{id} by {caller}");
                }
                if status == 401 {
                    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{id}");
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn what_is_not_published_exists_for_its_holder_and_the_office_alone(world) {
        let scene = Scene::new(&world).await;
        let hidden = &scene.records["hidden holding"];
        let path = format!("/v1/holdings/{hidden}");
        for (caller, role, owns) in CALLERS {
            let ask = |method: Method, path: &str| {
                let asking = world.ask(method, path);
                match scene.keys.get(caller) {
                    Some(key) => asking.key(key),
                    None => asking,
                }
            };
            let sees = owns || matches!(role, Role::Office | Role::Administrator);
            let read = ask(Method::GET, &path).send().await;
            assert_eq!(read.status.as_u16(), if sees { 200 } else { 404 }, "{caller}");
            let listed = ask(Method::GET, "/v1/holdings").send().await;
            assert_eq!(listed.text().contains(hidden.as_str()), sees, "{caller}");
            assert_eq!(listed.json()["total"], if sees { 2 } else { 1 }, "{caller}");
            let patent = ask(Method::GET, "/v1/patents/ZL201990001234.4").send().await.json();
            assert_eq!(patent["holders"].as_array().map(Vec::len), Some(usize::from(sees)), "{caller}");
            let edit = ask(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({ "unit": "甲" })).send().await;
            let expected = match (sees, role) {
                (true, Role::Holder) => 200,
                (true, _) => 412,
                (false, Role::Anonymous) => 401,
                (false, Role::Platform | Role::Enterprise) => 403,
                (false, _) => 404,
            };
            assert_eq!(edit.status.as_u16(), expected, "{caller}: {}", edit.text());
            let imports = ask(Method::GET, "/v1/imports").send().await;
            assert_eq!(imports.text().contains(&scene.records["import"]), sees, "{caller}");
        }
    }

    async fn an_officers_key_of_an_organisation_still_sees_every_import(world) {
        let scene = Scene::new(&world).await;
        let office = world.organisation("市场监管局").await;
        let key = world.key(Role::Office, Some(&office)).await;
        let listed = world.ask(Method::GET, "/v1/imports").key(&key).send().await.json();
        assert_eq!(listed["items"][0]["id"], scene.records["import"].as_str(), "{listed}");
    }

    async fn a_key_can_do_only_what_its_scopes_say(world) {
        let holder = world.organisation("蓝湾大学").await;
        let reader = key(&world, Role::Holder, Some(&holder), &[Scope::Read], None).await.1;
        let ask = |method: Method, path: &str| world.ask(method, path).key(&reader);
        assert_eq!(ask(Method::GET, "/v1/organisations").send().await.status, 200);
        ask(Method::POST, "/v1/imports").body(FILE).send().await.problem(403, "scopeMissing");
        ask(Method::GET, "/v1/imports").send().await.problem(403, "scopeMissing");
        let writer = key(&world, Role::Holder, Some(&holder), &[Scope::Register], None).await.1;
        let created = world.ask(Method::POST, "/v1/imports").key(&writer).body(FILE).send().await;
        assert_eq!(created.status, 202, "{}", created.text());
        world.ask(Method::GET, "/v1/organisations").key(&writer).send().await.problem(403, "scopeMissing");
        // A scope adds nothing to what the role may do.
        let greedy = key(&world, Role::Holder, Some(&holder), &Scope::ALL, None).await.1;
        let new = json!({ "uscc": Uscc::complete("1237100200009999"), "name": "甲乙", "kind": "institute", "district": "371002" });
        world.ask(Method::POST, "/v1/organisations").key(&greedy).json(&new).send().await.problem(403, "roleNotAllowed");
    }

    async fn a_key_that_is_not_valid_is_refused_and_never_taken_for_nobody(world) {
        let holder = world.organisation("蓝湾大学").await;
        let now = world.services.now();
        let (id, good) = key(&world, Role::Holder, Some(&holder), &[], Some(3600)).await;
        let ask = |key: &str| world.ask(Method::GET, "/v1/organisations").header("authorization", key).send();
        assert_eq!(ask(&format!("Bearer {good}")).await.status, 200);
        assert_eq!(ask(&format!("bearer {good}")).await.status, 200);
        let expired = key(&world, Role::Platform, None, &[], Some(-1)).await.1;
        let secret = good.rsplit_once('_').expect("two parts").1;
        let last = if good.ends_with('0') { "1" } else { "0" };
        let unknown = world.services.ids.next(now).to_string().replace('-', "");
        let refused = [
            format!("Bearer {expired}"),
            format!("Bearer {}{last}", &good[..good.len() - 1]),
            format!("Bearer {}", &good[..good.len() - 1]),
            format!("Bearer {good}0"),
            format!("Bearer {good} {good}"),
            format!("Bearer kx_{unknown}_{secret}"),
            format!("Bearer kx__{secret}"),
            format!("Bearer {secret}"),
            format!("Basic {good}"),
            format!("{good} Bearer"),
            good.clone(),
            "Bearer".into(),
            "Bearer ".into(),
            "Bearer kx_".into(),
            "Bearer null".into(),
            String::new(),
        ];
        for text in &refused {
            let answer = ask(text).await;
            let problem = answer.problem(401, "credentialsRejected");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            assert!(!problem.to_string().contains(secret), "{problem}");
        }
        let twice = world.ask(Method::GET, "/v1/organisations").key(&good).header("authorization", "Bearer x").send().await;
        twice.problem(401, "credentialsRejected");
        let ended = keys::revoke(&world.services, &Actor::operator("test"), &id).await.expect("revokes");
        ask(&format!("Bearer {good}")).await.problem(401, "credentialsRejected");
        let again = keys::revoke(&world.services, &Actor::operator("test"), &id).await.expect("is there");
        assert_eq!(again.revoked_at, Some(ended.revoked_at.expect("ended")), "it ends once");
    }

    async fn the_table_is_shown_to_people_in_both_languages_as_it_decides(world) {
        for (lang, own, footer) in [("zh", "仅限本单位", "权限表"), ("en", "Own organisation only", "Who may do what")] {
            let page = world.get(&format!("/about/permissions?lang={lang}")).await;
            assert_eq!(page.status, 200);
            let text = page.text();
            for row in PERMISSIONS {
                let says = row.operation.says();
                let says = if lang == "en" { says.en } else { says.zh };
                let at = text.find(&format!("<code class=\"k\">{}</code>", row.id)).unwrap_or_else(|| panic!("{}", row.id));
                let line = &text[at..at + text[at..].find("</tr>").expect("its end")];
                assert!(text[..at].rsplit("<th").next().is_some_and(|head| head.contains(says.replace('\'', "&#39;").as_str())), "{}: {says}", row.id);
                assert_eq!(line.matches(own).count(), row.own.len(), "{}", row.id);
                assert_eq!(line.matches('●').count(), row.any.len(), "{}", row.id);
            }
            assert!(world.get(&format!("/?lang={lang}")).await.text().contains(footer));
        }
    }

    async fn a_delegate_keeps_no_keys_of_its_principal(world) {
        let principal = world.organisation("蓝湾大学").await;
        let delegate = Actor {
            role: Role::Holder,
            name: format!("account:{} for {}", principal.id, principal.id),
            organisation: Some(principal.id.clone()),
            scopes: Scope::ALL.into(),
            reach: Reach::All,
        };
        let asked = keys::Asked {
            name: "甲".into(),
            role: None,
            organisation: None,
            scopes: Vec::new(),
            networks: Vec::new(),
            expires_at: None,
        };
        assert!(keys::create(&world.services, &delegate, None, asked).await.is_err());
        assert!(keys::page(&world.services, &delegate, "", 10).await.is_err());
        let (id, _) = key(&world, Role::Holder, Some(&principal), &[], None).await;
        assert!(keys::revoke(&world.services, &delegate, &id).await.is_err());
    }

    async fn a_keys_secret_is_nowhere_in_the_database(world) {
        let (id, good) = key(&world, Role::Platform, None, &[], None).await;
        let secret = good.rsplit_once('_').expect("two parts").1.to_owned();
        let listed = keys::list(&world.services).await.expect("lists");
        assert_eq!(listed.iter().map(|k| k.id.clone()).collect::<Vec<_>>(), [id]);
        assert!(!format!("{listed:?}").contains(&secret));
    }
}

/// The fourth relation besides own, other and nobody's: a delegate acts as its principal, and no longer as itself.
#[test]
fn a_delegate_may_what_its_principal_may_and_nothing_for_its_own_agency() {
    let id =
        |n: u8| Id::parse(&format!("00000000-0000-7000-8000-0000000000{n:02}")).expect("an id");
    let (agency, principal, other) = (id(1), id(2), id(3));
    for role in [Role::Holder, Role::Enterprise] {
        let delegate = Actor {
            role,
            name: format!("account:{} for {principal}", id(9)),
            organisation: Some(principal.clone()),
            scopes: Scope::ALL.into(),
            reach: Reach::All,
        };
        assert!(delegate.is_delegate() && delegate.account() == Some(id(9)));
        for row in PERMISSIONS {
            let any = row.any.contains(&role);
            let may = |owner: &Id| check(&delegate, row.operation, Some(owner)).is_ok();
            assert_eq!(
                may(&principal),
                any || row.own.contains(&role),
                "{}",
                row.id
            );
            assert_eq!((may(&agency), may(&other)), (any, any), "{}", row.id);
        }
    }
}

/// A key with these scopes that expires in so many seconds.
async fn key(
    world: &World,
    role: Role,
    organisation: Option<&Organisation>,
    scopes: &[Scope],
    expires_in_seconds: Option<i64>,
) -> (Id, String) {
    let new = keys::NewKey {
        name: "test".into(),
        role,
        organisation: organisation.map(|o| o.id.to_string()),
        scopes: scopes.to_vec(),
        expires_at: expires_in_seconds.map(|seconds| world.services.now().plus_seconds(seconds)),
    };
    let (key, secret) = keys::add(&world.services, new).await.expect("adds a key");
    (key.id, secret.reveal().to_owned())
}
