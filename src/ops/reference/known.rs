//! What codes are called, kept in memory and looked after about once a second, so that replicas follow each other.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use crate::{
    domain::reference::{Kind, Names},
    ops::{Result, Services},
    store::reference,
};

/// Whoever shows names asks for another version at most so often.
const LOOK: Duration = Duration::from_secs(1);

/// The names in memory, of which versions they are, and when that was last looked at.
#[derive(Default)]
pub struct Known {
    names: RwLock<Option<(Instant, Versions, Arc<Names>)>>,
    /// One loads, the others wait.
    loading: tokio::sync::Mutex<()>,
}

type Versions = Vec<(String, i64)>;

impl Known {
    fn fresh(&self) -> Option<Arc<Names>> {
        let kept = self.names.read().unwrap_or_else(PoisonError::into_inner);
        let (looked, _, names) = kept.as_ref()?;
        (looked.elapsed() < LOOK).then(|| names.clone())
    }

    fn of(&self, versions: &Versions) -> Option<Arc<Names>> {
        let mut kept = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let (looked, known, names) = kept.as_mut()?;
        (known == versions).then(|| {
            *looked = Instant::now();
            names.clone()
        })
    }

    fn keep(&self, versions: Versions, names: Arc<Names>) {
        let mut kept = self.names.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((Instant::now(), versions, names));
    }

    /// Whoever asks next looks at the versions.
    pub(super) fn look_again(&self) {
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn last(&self) -> Option<Arc<Names>> {
        let kept = self.names.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|(_, _, names)| names.clone())
    }
}

/// What codes are called. A database that does not answer takes nobody's names away: the last ones known stand, or the
/// built-in ones; whatever else is asked of it will say what is wrong.
pub async fn names(services: &Services) -> Arc<Names> {
    if let Some(names) = services.reference.fresh() {
        return names;
    }
    let _one = services.reference.loading.lock().await;
    if let Some(names) = services.reference.fresh() {
        return names;
    }
    match look(services).await {
        Ok(names) => names,
        Err(_) => services.reference.last().unwrap_or_else(Names::built_in),
    }
}

async fn look(services: &Services) -> Result<Arc<Names>> {
    let mut tx = services.read().await?;
    let versions = reference::versions(&mut tx).await?;
    if let Some(names) = services.reference.of(&versions) {
        return Ok(names);
    }
    let mut names = Names::built_in();
    for (kind, _) in &versions {
        let kind = reference::kind_of(kind)?;
        if kind == Kind::IndustryFees {
            continue;
        }
        let (table, lines) = reference::load_whole(&mut tx, kind).await?;
        names = Arc::new(Names::clone(&names).with(&table, lines));
    }
    services.reference.keep(versions, names.clone());
    Ok(names)
}
