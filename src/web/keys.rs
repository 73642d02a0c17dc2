//! `/account/keys`: the API keys of one's organisation: made, changed, rotated, revoked. A secret stands on the page that
//! answers its making, and nowhere afterwards.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{
    Web,
    about::{role_words, scope_words},
    errors,
    form::{Field, Form, FormView, day, status_of},
    session::{Member, see_other},
    visitor::Visitor,
};
use crate::{
    domain::{
        access::{Role, Scope},
        id::Id,
        time::Instant,
    },
    ops::{
        self, Error, idempotency,
        keys::{self, Asked, Changes, Key},
    },
};

const HERE: &str = "/account/keys";
/// Keys a page.
const SHOWN: i64 = 100;

#[derive(Template)]
#[template(path = "keys.html")]
struct List<'a> {
    v: &'a Visitor,
    /// The secret that was just made: shown this once.
    made: Option<Made>,
    keys: Vec<Line>,
    form: FormView,
    unfolded: bool,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "key.html")]
struct One<'a> {
    v: &'a Visitor,
    made: Option<Made>,
    line: Line,
    facts: Vec<(&'static str, String)>,
    /// Title and form of each thing that can be done.
    forms: Vec<(&'static str, FormView)>,
}

/// A secret as it is handed over; `None`: this very form was sent before.
struct Made {
    secret: Option<String>,
}

struct Line {
    name: String,
    href: String,
    id: String,
    facts: String,
    state: &'static str,
    used: String,
}

/// The field of a scope.
const fn field_of(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "scope-read",
        Scope::Register => "scope-register",
        Scope::Trade => "scope-trade",
        Scope::Office => "scope-office",
        Scope::Keys => "scope-keys",
    }
}

fn line(v: &Visitor, key: &Key, now: Instant) -> Line {
    let scopes: Vec<_> = key.scopes.iter().map(|s| scope_words(v, *s)).collect();
    let state = match (key.revoked_at, key.expires_at) {
        (Some(_), _) => v.t("已吊销", "Revoked"),
        (None, Some(end)) if end <= now => v.t("已过期", "Expired"),
        _ => v.t("有效", "Works"),
    };
    let used = match (key.last_used_at, &key.last_used_from) {
        (Some(at), Some(from)) => format!("{} · {from}", at.in_beijing()),
        (Some(at), None) => at.in_beijing(),
        _ => v.t("从未使用", "Never used").to_owned(),
    };
    Line {
        name: key.name.clone(),
        href: format!("{HERE}/{}", key.id),
        id: key.id.to_string(),
        facts: format!(
            "{} · {}",
            role_words(v, key.role),
            scopes.join(v.t("、", ", "))
        ),
        state,
        used,
    }
}

/// Name, addresses, last day and scopes: of a new key, or as they stand.
fn fields(v: &Visitor, member: &Member, key: Option<&Key>) -> Vec<Field> {
    let networks = key.map_or_else(String::new, |key| {
        let lines: Vec<_> = key.networks.iter().map(ToString::to_string).collect();
        lines.join("\n")
    });
    let until = key.and_then(|key| key.expires_at);
    let until = until.map_or_else(String::new, |at| at.day().to_string());
    let mut fields = vec![
        Field::new("name", v.t("用途", "What it is for")).value(key.map_or("", |key| &key.name)),
        Field::area("networks", v.t("允许的地址", "Addresses it may be used from"), 4_000)
            .optional()
            .value(&networks)
            .hint(v.t(
                "每行一个 IPv4、IPv6 地址或地址段（如 203.0.113.0/24）；不填则不限",
                "One IPv4 or IPv6 address or network (203.0.113.0/24) a line; from everywhere when empty",
            )),
        Field::new("until", v.t("失效日", "First day on which it no longer works"))
            .kind("date")
            .optional()
            .value(&until),
    ];
    let role = key.map_or(member.actor.role, |key| key.role);
    let usable = role.scopes().iter();
    fields.extend(usable.map(|scope| {
        let ticked = key.map_or(*scope == Scope::Read, |key| key.scopes.contains(scope));
        let field = Field::tick(field_of(*scope), scope_words(v, *scope)).optional();
        field.value(if ticked { "yes" } else { "" })
    }));
    fields
}

fn create_form(v: &Visitor, member: &Member, once: &str) -> FormView {
    let mut all = fields(v, member, None);
    if member.is_officer() {
        let roles = [Role::Office, Role::Platform].map(|r| (r.as_str(), role_words(v, r).into()));
        all.insert(
            1,
            Field::new("role", v.t("角色", "Role")).options(roles.into()),
        );
    }
    FormView::new(v, HERE, v.t("创建", "Make"), all).hide("once", once)
}

fn once(web: &Web) -> String {
    hex::encode(web.services.ids.secret())
}

/// `GET /account/keys`
pub async fn list(State(web): State<Web>, member: Member, visitor: Visitor) -> Response {
    let form = create_form(&visitor, &member, &once(&web));
    list_page(&web, &visitor, &member, form, None, StatusCode::OK).await
}

async fn list_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    form: FormView,
    made: Option<Made>,
    status: StatusCode,
) -> Response {
    let after = Id::parse(v.address.first("after")).map_or_else(String::new, |id| id.to_string());
    match keys::page(&web.services, &member.actor, &after, SHOWN + 1).await {
        Ok((mut found, _)) => {
            let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
            let more = found.len() > shown;
            found.truncate(shown);
            let last = found.last().filter(|_| more);
            let now = web.services.now();
            let page = List {
                v,
                made,
                unfolded: form.is_wrong() || found.is_empty(),
                form,
                next: last.map(|key| format!("{HERE}?after={}", key.id)),
                keys: found.iter().map(|key| line(v, key, now)).collect(),
            };
            v.form_page(status, &page)
        }
        Err(error) => errors::page(v, &error),
    }
}

fn scopes_in(form: &Form) -> Vec<Scope> {
    let ticked = |scope: &Scope| form.get(field_of(*scope)) == "yes";
    Scope::ALL.into_iter().filter(ticked).collect()
}

fn networks_in(form: &Form) -> Vec<String> {
    let lines = form.get("networks").lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn until_in(form: &Form) -> ops::Result<Option<Instant>> {
    match form.get("until") {
        "" => Ok(None),
        _ => Ok(Some(Instant::start_of(day(form, "until")?))),
    }
}

/// What is wrong stands at the field that the page has.
fn placed(error: Error) -> Error {
    match error {
        Error::Invalid(mut faults) => {
            for fault in &mut faults {
                let field = match fault.pointer.as_str() {
                    "/expiresAt" => "/until",
                    "/scopes" => "/scope-read",
                    at if at.starts_with("/networks/") => "/networks",
                    _ => continue,
                };
                field.clone_into(&mut fault.pointer);
            }
            Error::Invalid(faults)
        }
        other => other,
    }
}

/// `POST /account/keys`: the secret is on the answer, and nowhere afterwards.
pub async fn create(State(web): State<Web>, member: Member, form: Form) -> Response {
    let v = &form.visitor;
    let scopes = scopes_in(&form);
    let made = async {
        if scopes.is_empty() {
            // No scope ticked means none, not all.
            return Err(nothing_ticked());
        }
        let asked = Asked {
            name: form.get("name").to_owned(),
            role: Role::parse(form.get("role")),
            organisation: None,
            scopes: scopes.clone(),
            networks: networks_in(&form),
            expires_at: until_in(&form)?,
        };
        let what = format!("{asked:?}");
        let repeat = form.get("once");
        let repeat = (!repeat.is_empty())
            .then(|| idempotency::Key::new(&member.actor, repeat, "createKey", what.as_bytes()));
        keys::create(&web.services, &member.actor, repeat.as_ref(), asked).await
    };
    match made.await.map_err(placed) {
        Ok((_, secret)) => {
            let secret = secret.map(|secret| secret.reveal().to_owned());
            let (made, next) = (Some(Made { secret }), create_form(v, &member, &once(&web)));
            list_page(&web, v, &member, next, made, StatusCode::CREATED).await
        }
        Err(error) => match status_of(&error) {
            Some(status) => {
                let shown = create_form(v, &member, form.get("once")).filled(&form, &error);
                list_page(&web, v, &member, shown, None, status).await
            }
            None => errors::page(v, &error),
        },
    }
}

fn nothing_ticked() -> Error {
    Error::fault(
        "/scope-read",
        "scopesInvalid",
        "请至少选择一项权限范围。",
        "Choose at least one scope.",
    )
}

/// `GET /account/keys/{id}`
pub async fn show(
    State(web): State<Web>,
    member: Member,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    one_page(&web, &visitor, &member, &id, None, None).await
}

/// The form that did not pass, and why.
type Failed<'a> = Option<(&'a str, &'a Form, &'a Error)>;

async fn one_page(
    web: &Web,
    v: &Visitor,
    member: &Member,
    id: &str,
    made: Option<Made>,
    failed: Failed<'_>,
) -> Response {
    let found = async {
        let id = Id::parse(id).ok_or(Error::NotFound("key"))?;
        keys::get(&web.services, &member.actor, &id).await
    };
    let key = match found.await {
        Ok(key) => key,
        Err(error) => return errors::page(v, &error),
    };
    let status = match (&made, failed) {
        (_, Some((.., error))) => status_of(error).unwrap_or(StatusCode::OK),
        (Some(_), None) => StatusCode::CREATED,
        (None, None) => StatusCode::OK,
    };
    let now = web.services.now();
    let forms = match key.revoked_at {
        Some(_) => Vec::new(),
        None => forms(v, member, &key, failed),
    };
    let page = One {
        v,
        made,
        line: line(v, &key, now),
        facts: facts(v, &key, now),
        forms,
    };
    v.form_page(status, &page)
}

fn facts(v: &Visitor, key: &Key, now: Instant) -> Vec<(&'static str, String)> {
    let mut facts = vec![(v.t("创建", "Made"), key.created_at.in_beijing())];
    if let Some(end) = key.expires_at {
        facts.push((v.t("失效", "Expires"), end.in_beijing()));
    }
    if let Some(at) = key.revoked_at {
        facts.push((v.t("吊销", "Revoked"), at.in_beijing()));
    }
    if let Some((_, until)) = key.previous.as_ref().filter(|(_, until)| now < *until) {
        let label = v.t("旧密钥可用至", "The old secret works until");
        facts.push((label, until.in_beijing()));
    }
    facts
}

fn forms(
    v: &Visitor,
    member: &Member,
    key: &Key,
    failed: Failed<'_>,
) -> Vec<(&'static str, FormView)> {
    let (id, version) = (key.id.to_string(), key.version.to_string());
    let at = |action: &str| format!("{HERE}/{id}/{action}");
    let days = [
        ("0", v.t("立即失效", "ends at once").to_owned()),
        ("1", v.t("再用 1 天", "works for 1 more day").to_owned()),
        ("7", v.t("再用 7 天", "works for 7 more days").to_owned()),
        ("30", v.t("再用 30 天", "works for 30 more days").to_owned()),
    ];
    let overlap = Field::new("overlap", v.t("旧密钥", "The old secret")).options(days.into());
    let change = fields(v, member, Some(key));
    let all = [
        (
            "rotate",
            v.t("换发密钥", "Give it a new secret"),
            FormView::new(v, &at("rotate"), v.t("换发", "Rotate"), vec![overlap]),
        ),
        (
            "change",
            v.t("修改", "Change"),
            FormView::new(v, &at("change"), v.t("保存", "Save"), change),
        ),
        (
            "revoke",
            v.t("吊销", "Revoke"),
            FormView::new(
                v,
                &at("revoke"),
                v.t("立即吊销", "End it at once"),
                Vec::new(),
            ),
        ),
    ];
    let all = all.into_iter().map(|(action, title, form)| {
        let form = form.hide("version", &version);
        match failed {
            Some((at, sent, error)) if at == action => (title, form.filled(sent, error)),
            _ => (title, form),
        }
    });
    all.collect()
}

fn parsed(id: &str, form: &Form) -> ops::Result<(Id, i64)> {
    let id = Id::parse(id).ok_or(Error::NotFound("key"))?;
    let version = form.get("version").parse();
    Ok((id, version.map_err(|_| Error::NotFound("key"))?))
}

/// The key's page again: with the new secret, or with what is wrong.
async fn answer(
    web: &Web,
    member: &Member,
    form: &Form,
    (id, action): (&str, &str),
    outcome: ops::Result<Option<Made>>,
) -> Response {
    match outcome.map_err(placed) {
        Ok(None) => see_other(&format!("{HERE}/{id}")),
        Ok(made) => one_page(web, &form.visitor, member, id, made, None).await,
        Err(error) if status_of(&error).is_some() => {
            one_page(
                web,
                &form.visitor,
                member,
                id,
                None,
                Some((action, form, &error)),
            )
            .await
        }
        Err(error) => errors::page(&form.visitor, &error),
    }
}

/// `POST /account/keys/{id}/rotate`
pub async fn rotate(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let rotated = async {
        let (key, version) = parsed(&id, &form)?;
        let days: i64 = form.get("overlap").parse().unwrap_or(0);
        let until = (days > 0).then(|| web.services.now().plus_seconds(days.min(30) * 86_400));
        let done = keys::rotate(&web.services, &member.actor, &key, version, until).await?;
        let secret = Some(done.1.reveal().to_owned());
        Ok(Some(Made { secret }))
    };
    let outcome = rotated.await;
    answer(&web, &member, &form, (&id, "rotate"), outcome).await
}

/// `POST /account/keys/{id}/change`
pub async fn change(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let changed = async {
        let (key, version) = parsed(&id, &form)?;
        let scopes = scopes_in(&form);
        if scopes.is_empty() {
            return Err(nothing_ticked());
        }
        let changes = Changes {
            name: Some(form.get("name").to_owned()),
            scopes: Some(scopes),
            networks: Some(networks_in(&form)),
            expires_at: Some(until_in(&form)?),
        };
        keys::update(&web.services, &member.actor, &key, version, changes).await?;
        Ok(None)
    };
    let outcome = changed.await;
    answer(&web, &member, &form, (&id, "change"), outcome).await
}

/// `POST /account/keys/{id}/revoke`
pub async fn revoke(
    State(web): State<Web>,
    member: Member,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let ended = async {
        let key = Id::parse(&id).ok_or(Error::NotFound("key"))?;
        keys::revoke(&web.services, &member.actor, &key).await?;
        Ok(None)
    };
    let outcome = ended.await;
    answer(&web, &member, &form, (&id, "revoke"), outcome).await
}
