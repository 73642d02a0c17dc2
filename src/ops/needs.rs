//! Needs: posted, changed, opened and closed by the enterprise or an officer; found by everyone once they
//! are open. An enterprise that is not verified yet may post one: nothing of the law hangs on it. Individuals have
//! none, because a need is shown with a name.

use super::{
    Error, Fault, Result, Services,
    announce::announce,
    idempotency::Key,
    organisations::{self, Created},
    reference,
};
use crate::{
    domain::{
        access::{self, Actor, Denied, Operation},
        codes::Ipc,
        id::Id,
        money::Fen,
        need::{Flaw, Need, NeedState, NeedStep},
        refusal::{Refusal, Refused},
        search::{NeedQuery, NeedsFound},
        time::Day,
    },
    store::{self, Stored, Tx, needs},
};

/// A need to be posted, as a draft.
#[derive(Clone, Debug)]
pub struct NewNeed {
    /// By id or USCC; the actor's own where absent.
    pub organisation: Option<String>,
    pub content: Content,
}

/// What its organisation writes.
#[derive(Clone, Debug)]
pub struct Content {
    pub title: String,
    pub text: String,
    pub industry: Option<String>,
    pub ipc: Vec<Ipc>,
    pub budget_fen: Option<Fen>,
    /// The organisation's district where absent.
    pub region: Option<String>,
    pub until: Option<Day>,
}

/// A need and the name that is shown with it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub record: Stored<Need>,
    pub organisation_name: String,
}

impl Content {
    fn into_need(self, id: Id, organisation: Id, district: &str) -> Need {
        let region = self.region.unwrap_or_else(|| district.to_owned());
        Need {
            id,
            organisation,
            title: self.title.trim().to_owned(),
            text: self.text.replace("\r\n", "\n").trim().to_owned(),
            industry: self.industry,
            ipc: self.ipc,
            budget_fen: self.budget_fen,
            region,
            state: NeedState::Draft,
            until: self.until,
            fictional: false,
        }
    }
}

fn checked(need: &Need) -> Result<()> {
    let flaws = need.flaws();
    if flaws.is_empty() {
        return Ok(());
    }
    let fault = |flaw: Flaw| Fault::new(flaw.pointer, flaw.code, flaw.text.zh, flaw.text.en);
    Err(Error::Invalid(flaws.into_iter().map(fault).collect()))
}

/// Posts a draft.
pub async fn create(
    services: &Services,
    actor: &Actor,
    key: Option<&Key>,
    new: NewNeed,
) -> Result<Created<Shown>> {
    access::check_role(actor, Operation::CreateNeed)?;
    let owner = match (&new.organisation, &actor.organisation) {
        (Some(reference), _) => organisations::named(services, reference, "/organisation").await?,
        (None, Some(own)) => own.clone(),
        (None, None) => {
            return Err(Error::fault(
                "/organisation",
                "organisationRequired",
                "请填写需求单位（编号或统一社会信用代码）。",
                "Name the organisation by its id or USCC.",
            ));
        }
    };
    access::check(actor, Operation::CreateNeed, Some(&owner))?;
    let mut tx = services.write(actor).await?;
    if let Some(key) = key
        && let Some(id) = key.created(&mut tx).await?
    {
        let record = load(&mut tx, &id).await?;
        return Ok(Created {
            record: shown(&mut tx, record).await?,
            repeated: true,
        });
    }
    let party = store::organisations::find(&mut tx, &owner)
        .await?
        .ok_or_else(individuals_have_none)?
        .value;
    let id = services.ids.next(tx.now());
    let mut need = new.content.into_need(id, owner, &party.district);
    need.fictional = party.fictional;
    checked(&need)?;
    let record = needs::insert(&mut tx, need).await?;
    announce(&mut tx, None, &record);
    if let Some(key) = key {
        key.keep(&mut tx, &record.value.id).await?;
    }
    tx.commit().await?;
    let record = Shown {
        record,
        organisation_name: party.name,
    };
    Ok(Created {
        record,
        repeated: false,
    })
}

fn individuals_have_none() -> Error {
    Error::fault(
        "/organisation",
        "organisationsOnly",
        "需求由单位发布；个人可以直接检索专利。",
        "Needs are posted by organisations; individuals can search the patents.",
    )
}

/// Writes a draft or an open need anew, at version `expected`.
pub async fn update(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    content: Content,
) -> Result<Shown> {
    change(
        services,
        actor,
        Operation::UpdateNeed,
        id,
        expected,
        |need, _| {
            if need.state == NeedState::Closed {
                let refusal = Refusal::new(
                    "needState",
                    "该需求已结束，请重新公开后再修改。",
                    "This need is closed; open it again first.",
                );
                return Err(Refused::from(refusal).into());
            }
            let next = content.into_need(need.id.clone(), need.organisation.clone(), &need.region);
            let next = Need {
                state: need.state,
                fictional: need.fictional,
                ..next
            };
            checked(&next)?;
            Ok(next)
        },
    )
    .await
}

/// Opens or closes a need at version `expected`.
pub async fn step(
    services: &Services,
    actor: &Actor,
    id: &Id,
    expected: i64,
    step: NeedStep,
) -> Result<Shown> {
    change(
        services,
        actor,
        Operation::StepNeed,
        id,
        expected,
        |need, today| need.stepped(step, today).map_err(Error::from),
    )
    .await
}

/// The one way in which a need changes.
async fn change(
    services: &Services,
    actor: &Actor,
    operation: Operation,
    id: &Id,
    expected: i64,
    next: impl FnOnce(&Need, Day) -> Result<Need>,
) -> Result<Shown> {
    access::check_role(actor, operation)?;
    let mut tx = services.write(actor).await?;
    let current = visible(actor, load(&mut tx, id).await?)?;
    access::check(actor, operation, Some(&current.value.organisation))?;
    if current.version != expected {
        return Err(Error::Stale {
            current: current.version,
        });
    }
    let today = tx.now().day();
    let next = next(&current.value, today)?;
    if next == current.value {
        return shown(&mut tx, current).await;
    }
    let record = needs::update(&mut tx, next, expected).await?;
    announce(&mut tx, Some(&current.value), &record);
    let record = shown(&mut tx, record).await?;
    tx.commit().await?;
    Ok(record)
}

pub(super) async fn load(tx: &mut Tx, id: &Id) -> Result<Stored<Need>> {
    needs::find(tx, id).await?.ok_or(Error::NotFound("need"))
}

pub(super) fn visible(actor: &Actor, found: Stored<Need>) -> Result<Stored<Need>> {
    if actor.sight().sees(&found.value.audience()) {
        Ok(found)
    } else {
        Err(Error::NotFound("need"))
    }
}

async fn shown(tx: &mut Tx, record: Stored<Need>) -> Result<Shown> {
    let party = store::organisations::find(tx, &record.value.organisation).await?;
    Ok(Shown {
        organisation_name: party.map(|party| party.value.name).unwrap_or_default(),
        record,
    })
}

/// One need, if the caller may see it.
pub async fn get(services: &Services, actor: &Actor, id: &Id) -> Result<Shown> {
    access::check(actor, Operation::GetNeed, None)?;
    let mut tx = services.read().await?;
    let found = visible(actor, load(&mut tx, id).await?)?;
    shown(&mut tx, found).await
}

/// Needs from the index, as a question asks.
pub async fn list(services: &Services, actor: &Actor, query: NeedQuery) -> Result<NeedsFound> {
    access::check(actor, Operation::ListNeeds, None)?;
    let mut found = services.search()?.needs(query).await?;
    let names = reference::names(services).await;
    for hit in &mut found.hits {
        hit.names = names.of_need(&hit.need);
    }
    Ok(found)
}

/// The needs of the actor's own organisation that a desk shows, from the database, the newest first.
pub async fn list_own(services: &Services, actor: &Actor) -> Result<Vec<Stored<Need>>> {
    access::check(actor, Operation::ListNeeds, None)?;
    let Some(own) = &actor.organisation else {
        return Ok(Vec::new());
    };
    let mut tx = services.read().await?;
    let mut found = needs::page_of_organisation(&mut tx, own, None, OWN).await?;
    found.reverse();
    Ok(found)
}

/// Needs of one organisation that a desk lists.
const OWN: i64 = 200;

/// May the actor change needs of this organisation? Pages ask before they show a form.
pub fn may_edit(actor: &Actor, organisation: &Id) -> std::result::Result<(), Denied> {
    access::check(actor, Operation::UpdateNeed, Some(organisation))
}
