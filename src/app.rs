//! Assembles the parts: opens database and index, spawns the background tasks, serves, and stops gracefully:
//! requests in flight are answered, a running import is left to be continued.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::{
    api,
    config::{self, Config},
    domain::{
        annuity::{Band, FeeSchedule},
        event::ChainHash,
        id::Ids,
        money::Fen,
        provider::{self, Circle, ClaimRule},
        rules::{EndEffect, Ends, Rules},
        terms::Caps,
        time::{Clock, Instant},
        working_days::Calendar,
    },
    jobs,
    ops::{self, Services, accounts::providers::Provider, installation, targets},
    remote::{
        http::Guarded,
        mail::{self, Mailer},
        oidc,
    },
    search::{self, Search},
    sheet,
    store::{self, Db},
    web,
};

/// Opens the configured database and brings its schema up to date.
pub async fn open_database(config: &Config) -> anyhow::Result<Db> {
    let db = match config.database_url.as_str() {
        Some(url) => Db::open_postgres(url)
            .await
            .context("cannot open PostgreSQL (DATABASE_URL)")?,
        None => {
            let file = config.data.join("kaixu.sqlite");
            Db::open_sqlite(&file)
                .await
                .with_context(|| format!("cannot open {}", file.display()))?
        }
    };
    db.migrate().await?;
    let wanted = config.chain_hash.map(|set| match set {
        config::ChainHash::Sha256 => ChainHash::Sha256,
        config::ChainHash::Sm3 => ChainHash::Sm3,
    });
    store::meta::settle_chain_hash(&db, wanted, Clock::System.now()).await?;
    Ok(db)
}

/// What the operations need, without an index: for the command line.
pub fn services(config: &Config, db: Db, search: Option<Search>) -> anyhow::Result<Services> {
    Ok(Services {
        db,
        search,
        clock: Clock::System,
        ids: Arc::new(Ids::random()),
        rules: Arc::new(rules(&config.rules, &config.annual_fees)),
        access: ops::Access {
            office_second_factor: config.access.office_second_factor,
            audit_days: config.access.audit_days.days(),
        },
        refusals: Arc::default(),
        counted: Arc::default(),
        covered: Arc::default(),
        demand: Arc::default(),
        reference: Arc::default(),
        layouts: Arc::new(
            sheet::Layouts::load(&config.data.join("layouts")).map_err(anyhow::Error::msg)?,
        ),
        face: face(config)?,
        site: config.site.trim_end_matches('/').into(),
        limits: ops::Limits {
            upload_bytes: config.limits.upload_bytes,
            file_bytes: config.limits.file_bytes,
            sheet: sheet::Limits {
                rows: config.limits.import_rows,
                scratch: config.data.join("scratch"),
                ..sheet::Limits::default()
            },
            scratch: config.data.join("scratch"),
        },
        mail: mailer(&config.smtp)?,
        providers: providers(config)?,
    })
}

/// The font of papers as PDF.
fn face(config: &Config) -> anyhow::Result<Option<ops::papers::Face>> {
    let Some(path) = &config.paper_font else {
        return Ok(None);
    };
    let face = ops::papers::Face::load(path, config.paper_font_face);
    Ok(Some(face.map_err(anyhow::Error::msg)?))
}

/// With whom people may sign in. Nothing is asked of a provider before somebody does.
fn providers(config: &Config) -> anyhow::Result<Arc<[Provider]>> {
    if config.oidc.is_empty() {
        return Ok(Arc::default());
    }
    let site = config.site.trim_end_matches('/');
    anyhow::ensure!(
        !site.is_empty(),
        "[[oidc]] needs `site`: where providers send browsers back"
    );
    let http = Guarded::new(&config.remote.private_hosts)?;
    let made = config.oidc.iter().map(|set| {
        let name = set.name.as_str();
        let namesakes = config.oidc.iter().filter(|other| other.name == set.name);
        anyhow::ensure!(
            namesakes.count() == 1,
            "[[oidc]] two providers are named {name}"
        );
        anyhow::ensure!(
            set.claim.is_empty() == set.domains.is_empty(),
            "[[oidc]] {name}: claim and domains go together"
        );
        let settings = oidc::Settings {
            issuer: &set.issuer,
            client_id: &set.client_id,
            secret: set.secret.reveal(),
            scopes: &set.scopes,
            back: &format!("{site}/signin/with/{name}"),
        };
        let label = if set.label.is_empty() {
            name
        } else {
            &set.label
        };
        Ok(Provider {
            about: provider::Provider {
                name: name.to_owned(),
                label: label.to_owned(),
                circles: set.circles.iter().map(|c| circle(*c)).collect(),
                rule: (!set.claim.is_empty()).then(|| ClaimRule {
                    claim: set.claim.clone(),
                    domains: set.domains.clone(),
                }),
                trusts_email: set.trust_email,
            },
            remote: oidc::Provider::new(http.clone(), &settings)?,
        })
    });
    made.collect()
}

const fn circle(set: config::Circle) -> Circle {
    match set {
        config::Circle::Office => Circle::Office,
        config::Circle::Holders => Circle::Holders,
        config::Circle::Enterprises => Circle::Enterprises,
    }
}

fn mailer(set: &config::Smtp) -> anyhow::Result<Option<Mailer>> {
    if set.host.is_empty() {
        return Ok(None);
    }
    let settings = mail::Settings {
        host: &set.host,
        port: set.port,
        user: &set.user,
        password: set.password.reveal(),
        from: &set.from,
        encryption: match set.tls {
            config::Tls::Tls => mail::Encryption::Tls,
            config::Tls::StartTls => mail::Encryption::StartTls,
            config::Tls::None => mail::Encryption::None,
        },
        site: &set.site,
    };
    Ok(Some(Mailer::new(&settings)?))
}

/// What the operator has set, over what is usual.
fn rules(set: &config::Rules, fees: &config::AnnualFees) -> Rules {
    let usual = Rules::default();
    Rules {
        status_max_age_days: i32::from(set.status_max_age_days),
        filing_months: i16::from(set.filing_months),
        withdraw_days: i32::from(set.withdraw_days),
        follow_up_days: i32::from(set.follow_up_days),
        enquiry_working_days: set.enquiry_working_days,
        calendar: Calendar {
            off: set.days_off.iter().copied().collect(),
            worked: set.days_worked.iter().copied().collect(),
        },
        remind_days: i32::from(set.remind_days),
        ends: Ends {
            termination: effect(set.licences_after_termination),
            revocation: effect(set.licences_after_revocation),
            right_ended: effect(set.licences_after_right_ended),
            invalidation: effect(set.licences_after_invalidation),
        },
        caps: Caps {
            fixed_fen: Fen(set.fee_fixed_fen),
            net_sales_bp: set.fee_net_sales_bp,
            profit_bp: set.fee_profit_bp,
        },
        promotional_words: set
            .promotional_words
            .clone()
            .unwrap_or(usual.promotional_words),
        annual_fees: schedule(fees, usual.annual_fees),
        card_required: set.card_required,
        publicity_required: set.publicity_required,
        approval_required: set.approval_required,
        statutory_since: usual.statutory_since,
    }
}

const fn effect(set: config::EndEffect) -> EndEffect {
    match set {
        config::EndEffect::Stand => EndEffect::Stand,
        config::EndEffect::End => EndEffect::End,
    }
}

/// The annual fees where the operator has set others.
fn schedule(set: &config::AnnualFees, usual: FeeSchedule) -> FeeSchedule {
    let bands = |set: &Option<config::FeeBands>, usual: Vec<Band>| {
        let Some(set) = set else { return usual };
        let band = |(from, to, yuan)| Band {
            from,
            to,
            fee_fen: Fen::yuan(yuan),
        };
        set.bands().map(band).collect()
    };
    let share =
        |set: Option<config::BasisPoints>, usual| set.map_or(usual, config::BasisPoints::value);
    FeeSchedule {
        invention: bands(&set.invention, usual.invention),
        utility_model: bands(&set.utility_model, usual.utility_model),
        design: bands(&set.design, usual.design),
        late_step_bp: share(set.late_step_bp, usual.late_step_bp),
        single_bp: share(set.single_bp, usual.single_bp),
        joint_bp: share(set.joint_bp, usual.joint_bp),
        reduced_years: set.reduced_years.unwrap_or(usual.reduced_years),
        open_licence_bp: share(set.open_licence_bp, usual.open_licence_bp),
    }
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub services: Services,
    stop: Stop,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    background: Vec<tokio::task::JoinHandle<()>>,
}

/// Tells every task to stop.
#[derive(Clone)]
struct Stop {
    token: CancellationToken,
    jobs: watch::Sender<bool>,
}

impl Stop {
    fn all(&self) {
        self.token.cancel();
        self.jobs.send_replace(true);
    }
}

/// Attempts to sign in or to register from one address.
const ATTEMPTS_PER_MINUTE: u32 = 20;
/// How long requests in flight may take when the server stops.
const GRACE: Duration = Duration::from_secs(20);

impl Server {
    /// Opens everything and begins to serve at the configured address.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        let db = open_database(config).await?;
        let (search, indexer) = Search::open(search::Options::new(config.data.join("index")))
            .context(
                "cannot open the search index; is another server running on this data folder?",
            )?;
        let services = services(config, db.clone(), Some(search))?;
        let name = installation::id(&services)
            .await
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        targets::ensure(&services)
            .await
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!(
                "cannot listen on {}; is another server running there?",
                config.listen
            )
        })?;
        let address = listener.local_addr()?;
        let stop = Stop {
            token: CancellationToken::new(),
            jobs: watch::Sender::new(false),
        };
        let background = vec![
            tokio::spawn(indexer.run(Arc::new(db), stop.token.clone())),
            tokio::spawn(jobs::run(
                services.clone(),
                config.data.join("index"),
                stop.jobs.subscribe(),
            )),
            tokio::spawn(housekeeping(services.clone(), stop.token.clone())),
        ];
        let limits = api::Limits {
            body_bytes: config.limits.body_bytes,
            request: Duration::from_secs(config.limits.request_seconds),
            requests_per_minute: config.limits.requests_per_minute,
            behind_proxy: config.limits.behind_proxy,
        };
        let state = api::State::new(services.clone(), &name, limits);
        let options = web::Options {
            secure: config.limits.behind_proxy || !config.listen.ip().is_loopback(),
            attempts_per_minute: ATTEMPTS_PER_MINUTE,
        };
        let router = api::router(state, web::router(services.clone(), options));
        let token = stop.token.clone();
        let serving = tokio::spawn(async move {
            axum::serve(
                listener,
                router.into_make_service_with_connect_info::<SocketAddr>(),
            )
            .with_graceful_shutdown(async move { token.cancelled().await })
            .await
        });
        Ok(Self {
            address,
            services,
            stop,
            serving,
            background,
        })
    }

    /// Serves until SIGINT or SIGTERM, then stops gracefully.
    pub async fn until_signal(self) -> anyhow::Result<()> {
        signal().await;
        tracing::info!("stopping");
        self.stop().await
    }

    /// Answers what is in flight, ends the background tasks, closes the database.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.all();
        if let Ok(served) = tokio::time::timeout(GRACE, self.serving).await {
            served??;
        }
        for task in self.background {
            let _ = tokio::time::timeout(GRACE, task).await;
        }
        self.services.db.close().await;
        Ok(())
    }
}

/// Once at start and soon after each midnight: what time alone has changed, what may be thrown away, and the day's head of
/// the audit chain.
async fn housekeeping(services: Services, stop: CancellationToken) {
    loop {
        if let Err(error) = installation::sweep(&services).await {
            tracing::warn!(%error, "housekeeping");
        }
        match ops::watch::run(&services).await {
            Ok(changed) => tracing::info!(changed, "declarations looked through"),
            Err(error) => tracing::warn!(%error, "watch"),
        }
        match ops::reminders::run(&services).await {
            Ok(given) => tracing::info!(given, "reminders given"),
            Err(error) => tracing::warn!(%error, "reminders"),
        }
        // Last, so that the day's head vouches for what the run itself has changed.
        if let Err(error) = ops::audit_heads::run(&services).await {
            tracing::warn!(%error, "head of the audit chain");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(until_midnight(services.now())) => {}
        }
    }
}

/// The time until just after the next midnight in Shanghai.
fn until_midnight(now: Instant) -> Duration {
    let next = now.day().tomorrow().map_or(now, Instant::start_of);
    let left = next.micros().saturating_sub(now.micros());
    Duration::from_micros(u64::try_from(left).unwrap_or(0)) + Duration::from_secs(5)
}

async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
