//! Which patents the open needs ask for: each open need's best matches, counted by patent. Public needs and public
//! patents alone, so the figures tell nobody anything of anybody's own. Worked out for the newest needs once, and again
//! when the index has moved on.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use crate::{
    domain::{codes::AppNo, event::Sight, search::NeedQuery, time::Day},
    ops::{Result, Services},
};

/// Open needs looked at, the newest first.
const NEEDS: usize = 100;
/// Best matches of each.
const MATCHES: usize = 50;
/// Figures of an earlier state of the index are good for so long.
const STALE: Duration = Duration::from_secs(20);

type Counted = Arc<HashMap<AppNo, usize>>;

/// What was counted last: at which change, for which day, when.
#[derive(Default)]
pub struct Demand(Mutex<Option<(i64, Day, Instant, Counted)>>);

impl Demand {
    /// For how many open needs each patent is among the best matches. Whoever asks meanwhile waits for the one that
    /// works it out.
    pub(super) async fn of_today(&self, services: &Services) -> Result<Counted> {
        let search = services.search()?;
        let (seq, today) = (search.applied_seq(), services.clock.today());
        let mut last = self.0.lock().await;
        if let Some((at, day, when, counted)) = last.as_ref()
            && *day == today
            && (*at == seq || when.elapsed() < STALE)
        {
            return Ok(counted.clone());
        }
        let mut query = NeedQuery::new(Sight::Public, today);
        (query.open, query.limit) = (true, NEEDS);
        let mut counted: HashMap<AppNo, usize> = HashMap::new();
        for hit in search.needs(query).await?.hits {
            let found = search
                .patents_for(hit.need, MATCHES, &Sight::Public, today)
                .await?;
            for one in found {
                *counted.entry(one.hit.number).or_default() += 1;
            }
        }
        let counted = Arc::new(counted);
        *last = Some((seq, today, Instant::now(), counted.clone()));
        Ok(counted)
    }
}
