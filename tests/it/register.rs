//! A small register in memory that plays the database of the search index, and a running index over it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use kaixu::{
    domain::{
        codes::{AppNo, Ipc, PubNo},
        event::{ChangeRow, Noun, Sight},
        holding::Conversion,
        id::{Id, Ids},
        patent::{CheckSource, LegalStatus, Patent, Region, Stage},
        reference::Derived,
        search::{Found, OfferHit, Query},
        time::{Day, Instant},
    },
    search::{Entry, Error, Holder, Options, Search, Source, SourceError},
};
use tokio_util::sync::CancellationToken;

pub const TODAY: Day = jiff::civil::date(2026, 6, 1);
const LONG: Duration = Duration::from_mins(1);

/// The application number of a body of 12 or 8 digits.
pub fn number(body: &str) -> AppNo {
    AppNo::parse(body).expect("a body of digits").0
}

pub fn id(n: u8) -> Id {
    Id::parse(&format!("00000000-0000-7000-8000-0000000000{n:02x}")).expect("a UUID")
}

/// A patent with only a title and an abstract.
pub fn patent(body: &str, title: &str, text: &str) -> Patent {
    let number = number(body);
    Patent {
        kind: number.kind(),
        number,
        check_source: CheckSource::Computed,
        title: title.into(),
        abstract_text: (!text.is_empty()).then(|| text.into()),
        main_claim: None,
        ipc: Vec::new(),
        locarno: Vec::new(),
        industries: Vec::new(),
        applicants: Vec::new(),
        owners: Vec::new(),
        inventors: Vec::new(),
        filing_date: None,
        publication_number: None,
        publication_date: None,
        grant_number: None,
        grant_date: None,
        stage: Stage::Listed,
        legal_status: LegalStatus::Unknown,
        status_text: None,
        status_as_of: None,
        status_source: None,
        region: None,
        fictional: false,
    }
}

/// Short ways to fill in what a test is about.
pub trait With: Sized {
    fn ipc(self, symbols: &[&str]) -> Self;
    fn applicants(self, names: &[&str]) -> Self;
    fn owners(self, names: &[&str]) -> Self;
    fn filed(self, day: &str) -> Self;
    fn granted(self, day: &str) -> Self;
    fn status(self, status: LegalStatus) -> Self;
    fn region(self, code: &str) -> Self;
    fn published_as(self, number: &str) -> Self;
}

impl With for Patent {
    fn ipc(mut self, symbols: &[&str]) -> Self {
        self.ipc = symbols
            .iter()
            .map(|symbol| Ipc::parse(symbol).expect("a symbol"))
            .collect();
        self
    }
    fn applicants(mut self, names: &[&str]) -> Self {
        self.applicants = names.iter().map(ToString::to_string).collect();
        self
    }
    fn owners(mut self, names: &[&str]) -> Self {
        self.owners = names.iter().map(ToString::to_string).collect();
        self
    }
    fn filed(mut self, day: &str) -> Self {
        self.filing_date = Some(day.parse().expect("a day"));
        self
    }
    fn granted(mut self, day: &str) -> Self {
        self.grant_date = Some(day.parse().expect("a day"));
        self
    }
    fn status(mut self, status: LegalStatus) -> Self {
        self.legal_status = status;
        self
    }
    fn region(mut self, code: &str) -> Self {
        self.region = Some(Region {
            code: code.into(),
            name: String::new(),
        });
        self
    }
    fn published_as(mut self, number: &str) -> Self {
        self.publication_number = Some(PubNo::parse(number).expect("a publication number"));
        self
    }
}

#[derive(Clone)]
pub struct Holding {
    pub organisation: Id,
    pub number: AppNo,
    pub conversion: Conversion,
    pub published: bool,
}

#[derive(Default)]
struct State {
    patents: BTreeMap<AppNo, Patent>,
    organisations: BTreeMap<Id, (String, String)>,
    holdings: BTreeMap<Id, Holding>,
    offers: BTreeMap<Id, (AppNo, OfferHit)>,
    rows: Vec<ChangeRow>,
    scans: usize,
    declarations_asked: usize,
}

impl State {
    fn note(&mut self, noun: Noun, verb: &str, key: &str) -> i64 {
        let seq = i64::try_from(self.rows.len()).expect("few rows") + 1;
        self.rows.push(ChangeRow {
            seq,
            at: Instant::from_micros(seq),
            actor: "test".into(),
            kind: format!("{}.{verb}", noun.as_str()),
            subject: format!("{}/{key}", noun.plural()),
            subject_version: 1,
            audience: "public".into(),
            effective_on: None,
            body: None,
            body_hash: String::new(),
            prev: String::new(),
            hash: format!("{key} {seq}"),
        });
        seq
    }

    fn entry(&self, patent: &Patent) -> Entry {
        let shown = self
            .holdings
            .iter()
            .filter(|(_, h)| h.published && h.number == patent.number);
        let holders = shown.map(|(holding, h)| {
            let (name, district) = self
                .organisations
                .get(&h.organisation)
                .cloned()
                .unwrap_or_default();
            let (id, conversion) = (h.organisation.clone(), h.conversion);
            Holder {
                holding: holding.clone(),
                id,
                name,
                district,
                conversion,
            }
        });
        Entry {
            patent: patent.clone(),
            holders: holders.collect(),
            card: None,
            offers: self
                .offers
                .values()
                .filter(|(number, _)| *number == patent.number)
                .map(|(_, offer)| offer.clone())
                .collect(),
            derived: Derived::default(),
        }
    }
}

/// The register; every change has its row.
#[derive(Default)]
pub struct Register(Mutex<State>);

impl Register {
    pub fn put(&self, patent: Patent) -> i64 {
        let mut state = self.0.lock().unwrap();
        let key = patent.number.to_string();
        state.patents.insert(patent.number.clone(), patent);
        state.note(Noun::Patent, "set", &key)
    }

    pub fn remove(&self, number: &AppNo) -> i64 {
        let mut state = self.0.lock().unwrap();
        state.patents.remove(number);
        state.note(Noun::Patent, "gone", number.as_str())
    }

    pub fn name(&self, organisation: &Id, name: &str, district: &str) -> i64 {
        let mut state = self.0.lock().unwrap();
        state
            .organisations
            .insert(organisation.clone(), (name.into(), district.into()));
        state.note(Noun::Organisation, "set", &organisation.to_string())
    }

    pub fn hold(&self, holding: &Id, held: Holding) -> i64 {
        let mut state = self.0.lock().unwrap();
        state.holdings.insert(holding.clone(), held);
        state.note(Noun::Holding, "set", &holding.to_string())
    }

    pub fn release(&self, holding: &Id) -> i64 {
        let mut state = self.0.lock().unwrap();
        state.holdings.remove(holding);
        state.note(Noun::Holding, "gone", &holding.to_string())
    }

    /// Announces an offer of a patent, or replaces the same declaration's; the row brings the record along.
    pub fn offer(&self, number: &AppNo, offer: OfferHit) -> i64 {
        let body = serde_json::json!({ "number": number, "more": [] }).to_string();
        self.declare(number, offer, Some(body))
    }

    /// As `offer`, by a row that keeps the hash alone.
    pub fn offer_without_body(&self, number: &AppNo, offer: OfferHit) -> i64 {
        self.declare(number, offer, None)
    }

    fn declare(&self, number: &AppNo, offer: OfferHit, body: Option<String>) -> i64 {
        let mut state = self.0.lock().unwrap();
        let key = offer.declaration.to_string();
        state
            .offers
            .insert(offer.declaration.clone(), (number.clone(), offer));
        let seq = state.note(Noun::Declaration, "set", &key);
        state.rows.last_mut().expect("just noted").body = body;
        seq
    }

    /// How often the numbers of declarations were asked for.
    pub fn declarations_asked(&self) -> usize {
        self.0.lock().unwrap().declarations_asked
    }

    /// How often the whole register was read from its beginning.
    pub fn scans(&self) -> usize {
        self.0.lock().unwrap().scans
    }

    pub fn last(&self) -> i64 {
        self.0.lock().unwrap().rows.last().map_or(0, |row| row.seq)
    }
}

impl Source for Register {
    async fn head(&self) -> Result<i64, SourceError> {
        Ok(self.last())
    }

    async fn changes_after(&self, seq: i64, limit: usize) -> Result<Vec<ChangeRow>, SourceError> {
        let state = self.0.lock().unwrap();
        Ok(state
            .rows
            .iter()
            .filter(|row| row.seq > seq)
            .take(limit)
            .cloned()
            .collect())
    }

    async fn documents(&self, numbers: &[AppNo]) -> Result<Vec<Entry>, SourceError> {
        let state = self.0.lock().unwrap();
        Ok(numbers
            .iter()
            .filter_map(|number| state.patents.get(number))
            .map(|p| state.entry(p))
            .collect())
    }

    async fn scan(&self, after: Option<&AppNo>, limit: usize) -> Result<Vec<Entry>, SourceError> {
        let mut state = self.0.lock().unwrap();
        state.scans += usize::from(after.is_none());
        let rest = state
            .patents
            .values()
            .filter(|patent| after.is_none_or(|after| patent.number > *after));
        Ok(rest.take(limit).map(|patent| state.entry(patent)).collect())
    }

    async fn numbers_of(
        &self,
        org: &Id,
        after: Option<&AppNo>,
        limit: usize,
    ) -> Result<Vec<AppNo>, SourceError> {
        let state = self.0.lock().unwrap();
        let held = state
            .holdings
            .values()
            .filter(|h| h.organisation == *org)
            .map(|h| h.number.clone());
        let numbers: std::collections::BTreeSet<AppNo> = held.collect();
        Ok(numbers
            .into_iter()
            .filter(|number| after.is_none_or(|after| number > after))
            .take(limit)
            .collect())
    }

    async fn numbers_of_holdings(&self, ids: &[Id]) -> Result<HashMap<Id, AppNo>, SourceError> {
        let world = self.0.lock().unwrap();
        let known = |id: &Id| Some((id.clone(), world.holdings.get(id)?.number.clone()));
        Ok(ids.iter().filter_map(known).collect())
    }

    async fn numbers_of_declarations(&self, ids: &[Id]) -> Result<HashMap<Id, AppNo>, SourceError> {
        let mut world = self.0.lock().unwrap();
        world.declarations_asked += 1;
        let known = |id: &Id| Some((id.clone(), world.offers.get(id)?.0.clone()));
        Ok(ids.iter().filter_map(known).collect())
    }
}

/// A running index over a register.
pub struct Running {
    pub search: Search,
    pub register: Arc<Register>,
    pub folder: Arc<tempfile::TempDir>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    pub fn options(folder: &tempfile::TempDir) -> Options {
        let mut options = Options::new(folder.path().join("index"));
        options.writer_memory_bytes = 15_000_000;
        options.writer_threads = 1;
        options.poll = Duration::from_millis(10);
        options
    }

    pub async fn over(patents: Vec<Patent>) -> Self {
        let register = Register::default();
        for patent in patents {
            register.put(patent);
        }
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let options = Self::options(&folder);
        Self::start(Arc::new(register), folder, options).await
    }

    pub async fn start(
        register: Arc<Register>,
        folder: Arc<tempfile::TempDir>,
        options: Options,
    ) -> Self {
        let (search, indexer) = Search::open(options).unwrap();
        let stop = CancellationToken::new();
        let task = tokio::spawn(indexer.run(register.clone(), stop.clone()));
        let running = Self {
            search,
            register,
            folder,
            stop,
            task,
        };
        running.settled().await;
        running
    }

    /// Waits until the index has everything that the register has.
    pub async fn settled(&self) {
        self.search.look();
        assert!(
            self.search.wait_for(self.register.last(), LONG).await,
            "the index follows the register"
        );
    }

    pub async fn stop(self) -> (Arc<Register>, Arc<tempfile::TempDir>) {
        self.stop.cancel();
        self.task.await.unwrap();
        (self.register, self.folder)
    }

    /// As a crash: nothing is committed any more.
    pub async fn kill(self) -> (Arc<Register>, Arc<tempfile::TempDir>) {
        self.task.abort();
        let _aborted = self.task.await;
        (self.register, self.folder)
    }

    pub async fn ask(&self, text: &str) -> Vec<String> {
        self.bodies(ask(text)).await
    }

    /// The bodies of the numbers found, in order.
    pub async fn bodies(&self, query: Query) -> Vec<String> {
        bodies(&self.find(query).await.unwrap())
    }

    pub async fn find(&self, query: Query) -> Result<Found, Error> {
        self.search.search(query).await
    }
}

pub fn bodies(found: &Found) -> Vec<String> {
    found
        .hits
        .iter()
        .map(|hit| hit.number.body().to_owned())
        .collect()
}

/// A public question.
pub fn ask(text: &str) -> Query {
    Query::new(text, Sight::Public, TODAY)
}

/// Many patents that differ in number, day and words.
pub fn many(count: usize) -> Vec<Patent> {
    let subjects = [
        "石墨烯电池隔膜",
        "太阳能路灯控制",
        "海参养殖池",
        "钓鱼竿导环",
        "轮胎硫化机",
    ];
    let one = |n: usize| {
        let text = format!(
            "本发明公开了{}，编号{n}，包括壳体。",
            subjects[n % 5].repeat(1 + n % 3)
        );
        patent(&format!("20181{:07}", n + 1), subjects[n % 5], &text)
            .filed(&format!("2018-{:02}-{:02}", 1 + n % 12, 1 + n % 28))
            .ipc(&[[
                "H01M50/40",
                "F21S9/03",
                "A01K61/30",
                "A01K87/04",
                "B29D30/06",
            ][n % 5]])
    };
    (0..count).map(one).collect()
}

/// Ids in a fixed order.
pub fn ids(count: usize) -> Vec<Id> {
    let ids = Ids::seeded(7);
    (0..count)
        .map(|_| ids.next(Instant::from_micros(0)))
        .collect()
}
