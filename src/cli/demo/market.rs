//! The demonstration's market: enterprises, declarations in every state and licences of 2024 to 2026 with their
//! evidence, all made by the real operations under a clock that is set to each day.

use bytes::Bytes;
use serde::Deserialize;

use crate::{
    cli::{operator, said},
    domain::{
        codes::{AppNo, Uscc},
        declaration::Conclusion,
        id::Id,
        licence::{EvidenceKind, Filing, LicenceState, Verdict},
        money::Fen,
        party::{Contact, OrganisationKind},
        patent::{LegalStatus, PatentKind},
        reported::Indicator,
        time::{Clock, Day, Instant},
    },
    ops::{
        Services, Stored, closings,
        declarations::{self, Asked, NewDeclaration, Recorded, Steps, Written},
        files::{self, NewFile},
        licences::{self, NewNotice, NewPayment, NewRecord, Proof, Taker},
        organisations::{self, NewOrganisation},
        patents::{self, StatusFinding},
        reported, targets,
    },
};

use super::{
    HOME, cards,
    script::{Course, DECLARATIONS, End, MONTHS, terms},
};

/// Fictional, as everything here: indicator, value and goal in hundredths, who reports it.
const REPORTED: [(Indicator, i64, Option<i64>, &str); 3] = [
    (
        Indicator::HighValuePatents,
        1_180,
        Some(1_200),
        "区市场监管局",
    ),
    (Indicator::CaseClosure, 9_650, Some(9_500), "区市场监管局"),
    (Indicator::TrainedPeople, 86_000, None, "区科技局"),
];

const ENTERPRISES: &str = include_str!("enterprises.txt");

/// The declaration that gets into trouble: one of the district's own, with licences under it.
const TROUBLED: usize = 5;

/// A patent that may be declared.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    pub number: AppNo,
    pub applicants: Vec<String>,
    pub legal_status: LegalStatus,
    pub filing_date: Option<Day>,
    pub grant_date: Option<Day>,
}

impl Stock {
    /// One owner, in force, granted before the first declarations, with some years left.
    pub fn is_fit(&self) -> bool {
        let years = |n: i16| jiff::civil::date(n, 1, 1);
        let recent = match self.number.kind() {
            PatentKind::Invention => years(2012),
            PatentKind::UtilityModel | PatentKind::Design => years(2020),
        };
        self.applicants.len() == 1
            && self.legal_status == LegalStatus::InForce
            && self.grant_date.is_some_and(|day| day < years(2024))
            && self.filing_date.is_some_and(|day| day > recent)
    }
}

struct Play<'a> {
    services: &'a Services,
    clock: Clock,
    enterprises: Vec<Id>,
}

/// Those for whom something waits, so that there is something to see at their desks.
pub struct Cast {
    /// Has a declaration that must be withdrawn.
    pub holder: Id,
    /// Has given a notice and not paid yet.
    pub enterprise: Id,
    /// All of them, in the order of their list.
    pub enterprises: Vec<Id>,
}

/// Plays the market until today; `stock` in the order in which it is declared.
pub async fn play(services: &Services, stock: &[Stock]) -> anyhow::Result<Cast> {
    let mut at = services.clone();
    at.clock = Clock::fixed("2024-02-01T02:00:00Z");
    let clock = at.clock.clone();
    let mut play = Play {
        services: &at,
        clock,
        enterprises: Vec::new(),
    };
    play.enterprises = play.register().await?;
    let today = services.clock.today();
    let (mut taken, mut declared) = (0, Vec::new());
    let mut enterprise = play.enterprises[0].clone();
    for (place, ((month, end, courses), patent)) in DECLARATIONS.iter().zip(stock).enumerate() {
        let day = Play::day(*month, place, today);
        let recorded = place % 8 == 5;
        let Some(declaration) = play.declare(patent, place, day, *end, recorded).await? else {
            continue;
        };
        for (month, course) in *courses {
            let day = Play::day(*month, place + 3, today);
            play.licence(&declaration, taken, day, *course, recorded)
                .await?;
            if *course == Course::Unpaid {
                enterprise = play.taker(taken).clone();
            }
            taken += 1;
        }
        play.finish(&declaration, *end, today).await?;
        declared.push(declaration);
    }
    play.trouble(&stock[TROUBLED], today).await?;
    super::dealing::play(services, &declared, &play.enterprises).await?;
    play.told(today).await?;
    Ok(Cast {
        holder: play.holder(&stock[TROUBLED]).await?,
        enterprise,
        enterprises: play.enterprises,
    })
}

impl Play<'_> {
    /// The month before last is closed, so that the last one waits for somebody to close it; what the plan asks for
    /// beside the licences is reported for it.
    async fn told(&self, today: Day) -> anyhow::Result<()> {
        let before_last = today.saturating_sub(jiff::Span::new().months(2));
        let month = before_last.strftime("%Y-%m").to_string();
        let last = said(targets::list(self.services, &operator()).await)?;
        let over = last
            .first()
            .is_none_or(|target| target.value.to < before_last.first_of_month());
        if over {
            return Ok(());
        }
        self.on(today);
        said(closings::create(self.services, &operator(), None, None, &month).await)?;
        for (indicator, value_hundredths, goal_hundredths, responsible) in REPORTED {
            let written = reported::Written {
                indicator,
                district: HOME.into(),
                on: before_last.last_of_month(),
                value_hundredths,
                goal_hundredths,
                responsible: responsible.into(),
                source: "演示数据（虚构）".into(),
                file: self.file("上报材料").await?,
            };
            said(reported::create(self.services, &operator(), None, written).await)?;
        }
        Ok(())
    }

    /// A day of a month of the script, which is squeezed so that it ends before today.
    fn day(month: i32, place: usize, today: Day) -> Day {
        let first = jiff::civil::date(2024, 2, 1);
        let span = first
            .until(today)
            .map_or(0, |span| span.get_days())
            .max(MONTHS);
        let offset = i32::try_from(place % 7).unwrap_or(0) * 3;
        let days = (span - 40) * month / MONTHS + offset;
        first.saturating_add(jiff::Span::new().days(days.max(0)))
    }

    fn on(&self, day: Day) {
        self.clock
            .set(Instant::start_of(day).plus_seconds(10 * 3_600));
    }

    async fn register(&self) -> anyhow::Result<Vec<Id>> {
        let mut ids = Vec::new();
        for (place, line) in ENTERPRISES.lines().enumerate() {
            let uscc = Uscc::complete(&format!("91371002{place:04}9900"))
                .ok_or_else(|| anyhow::anyhow!("demo enterprise {place}"))?;
            let new = NewOrganisation {
                uscc,
                name: format!("{line}（虚构）"),
                aliases: Vec::new(),
                kind: OrganisationKind::Enterprise,
                district: if place % 5 == 4 { "371082" } else { "371002" }.into(),
                town: None,
                fictional: true,
            };
            let made = said(organisations::create(self.services, &operator(), None, new).await)?;
            ids.push(made.record.value.id);
        }
        Ok(ids)
    }

    /// A small text that stands for a scanned document.
    async fn file(&self, name: &str) -> anyhow::Result<Id> {
        let new = NewFile {
            name: format!("{name}.txt"),
            media_type: "text/plain".into(),
            owner: None,
            idempotency_key: None,
        };
        let day = self.clock.today();
        let text = format!("演示文件（虚构）：{name}，{day}\n");
        let body = futures_util::stream::once(std::future::ready(Ok(Bytes::from(text))));
        Ok(said(files::create(self.services, &operator(), new, body).await)?.id)
    }

    async fn declare(
        &self,
        patent: &Stock,
        place: usize,
        day: Day,
        end: End,
        recorded: bool,
    ) -> anyhow::Result<Option<Id>> {
        self.on(day);
        let holder = self.holder(patent).await?;
        cards::write(self.services, &holder, &patent.number).await?;
        let term = patent.filing_date.map_or(2015, Day::year) + 9;
        let evaluation = match patent.number.kind() {
            PatentKind::Invention => None,
            _ => Some((self.file("专利权评价报告").await?, Conclusion::Positive)),
        };
        let written = Written {
            terms: terms(place),
            until: jiff::civil::date(term.max(2027), 12, 31),
            explanation: "参照同行业许可的一般水平，结合剩余保护期和技术成熟度确定。".into(),
            other: None,
            cap_override: None,
            evaluation,
            consents: Vec::new(),
            internal: Steps::default(),
            contact: Some(Contact {
                name: Some("知识产权办公室（虚构）".into()),
                telephone: Some("0631-0000000".into()),
                ..Contact::default()
            }),
        };
        let new = NewDeclaration {
            organisation: Some(holder.to_string()),
            number: patent.number.clone(),
            written,
        };
        let number = format!("演示{}{:04}", day.year(), place + 1);
        if recorded {
            let recorded = Recorded {
                declaration_number: number,
                effective_on: day,
                source: self.file("开放许可声明公告").await?,
                end: None,
            };
            let made = declarations::record(self.services, &operator(), None, new, recorded).await;
            return Ok(Some(said(made)?.record.record.value.id));
        }
        let made = said(declarations::create(self.services, &operator(), None, new).await)?;
        let id = made.record.record.value.id;
        let submitted = day.yesterday().unwrap_or(day);
        let mut steps = Vec::new();
        if end != End::Draft {
            steps.push(Asked::Ready);
        }
        if !matches!(end, End::Draft | End::Ready) {
            steps.push(Asked::Submit { on: submitted });
        }
        match end {
            End::Draft | End::Ready | End::Submitted => {}
            End::Refused => steps.push(Asked::Refuse {
                on: day,
                reason: "评价报告与声明的专利不一致（演示）".into(),
                source: None,
            }),
            _ => steps.push(Asked::Announce {
                declaration_number: number,
                effective_on: day,
                source: self.file("开放许可声明公告").await?,
            }),
        }
        let is_announced = matches!(steps.last(), Some(Asked::Announce { .. }));
        for step in steps {
            self.step(&id, step).await?;
        }
        Ok(is_announced.then_some(id))
    }

    async fn step(&self, id: &Id, step: Asked) -> anyhow::Result<()> {
        let now = said(declarations::get(self.services, &operator(), id).await)?;
        let version = now.record.version;
        said(declarations::step(self.services, &operator(), id, version, step).await)?;
        Ok(())
    }

    async fn holder(&self, patent: &Stock) -> anyhow::Result<Id> {
        let found = said(patents::get(self.services, &operator(), &patent.number).await)?;
        let holder = found.holders.into_iter().next();
        let (_, party) =
            holder.ok_or_else(|| anyhow::anyhow!("{} has no holder", patent.number))?;
        Ok(party.id)
    }

    /// Who takes the licence of this place in the script.
    fn taker(&self, place: usize) -> &Id {
        &self.enterprises[place * 3 % self.enterprises.len()]
    }

    async fn licence(
        &self,
        declaration: &Id,
        place: usize,
        day: Day,
        course: Course,
        recorded: bool,
    ) -> anyhow::Result<()> {
        self.on(day);
        let taker = Taker::Organisation(self.taker(place).to_string());
        let filing = Filing {
            number: format!("演示备{}{place:04}", day.year()),
            on: day.saturating_add(jiff::Span::new().days(20)),
        };
        if recorded {
            self.on(filing.on);
            let new = NewRecord {
                declaration: declaration.clone(),
                licensee: taker,
                notice_on: day,
                payments: vec![(None, day)],
                filing: Some(filing),
                evidence: vec![
                    (EvidenceKind::Notice, self.file("取得开放许可的通知").await?),
                    (EvidenceKind::Voucher, self.file("银行回单").await?),
                ],
                cross_border: false,
            };
            said(licences::record(self.services, &operator(), None, new).await)?;
            return Ok(());
        }
        let notice = NewNotice {
            declaration: declaration.clone(),
            licensee: Some(taker),
            acknowledged: Vec::new(),
            cross_border: false,
            related: None,
            seen: None,
        };
        let made = said(licences::create(self.services, &operator(), None, notice).await)?;
        let mut licence = made.record;
        if licence.value.notice_on.is_none() {
            let proof = self.file("挂号信回执").await?;
            let (id, version) = (licence.value.id.clone(), licence.version);
            let done =
                licences::deliver(self.services, &operator(), &id, version, day, &proof).await;
            licence = said(done)?;
        }
        if course == Course::Unpaid {
            return Ok(());
        }
        licence = self.pay(licence, day).await?;
        let (id, version) = (licence.value.id.clone(), licence.version);
        match course {
            Course::Filed => {
                self.on(filing.on);
                let proof = self.file("备案证明").await?;
                let done = licences::file(
                    self.services,
                    &operator(),
                    &id,
                    version,
                    &filing,
                    Some(&proof),
                )
                .await;
                said(done)?;
            }
            Course::Disputed => {
                let said_so = Some("通知上的签章与登记名称不一致（演示）");
                let done = licences::answer(
                    self.services,
                    &operator(),
                    &id,
                    version,
                    Verdict::Disputed,
                    said_so,
                )
                .await;
                said(done)?;
            }
            Course::Unfiled | Course::Unpaid => {}
        }
        Ok(())
    }

    async fn pay(
        &self,
        licence: Stored<crate::domain::licence::Licence>,
        day: Day,
    ) -> anyhow::Result<Stored<crate::domain::licence::Licence>> {
        let due = licence.value.terms.due_at_start();
        if licence.value.state == LicenceState::Effective || due == Fen::ZERO {
            return Ok(licence);
        }
        let payment = NewPayment {
            amount_fen: due,
            paid_on: day,
            proof: Proof::Voucher,
            file: Some(self.file("银行回单").await?),
        };
        let id = licence.value.id.clone();
        let paid = licences::pay(self.services, &operator(), None, &id, payment).await;
        Ok(said(paid)?.record)
    }

    async fn finish(&self, declaration: &Id, end: End, today: Day) -> anyhow::Result<()> {
        let ago = |days: i32| today.saturating_sub(jiff::Span::new().days(days));
        self.on(today);
        let step = match end {
            End::Withdrawn => Asked::Withdraw {
                announced_on: ago(60),
                source: self.file("开放许可声明撤回公告").await?,
            },
            End::Terminated => Asked::Terminate {
                announced_on: ago(45),
                source: self.file("开放许可声明终止公告").await?,
            },
            End::Requested => Asked::RequestWithdrawal {
                on: ago(5),
                reason: "拟转让该专利（演示）".into(),
            },
            _ => return Ok(()),
        };
        self.step(declaration, step).await
    }

    /// A fee that was not paid under an announced declaration: a task for its holder.
    async fn trouble(&self, patent: &Stock, today: Day) -> anyhow::Result<()> {
        self.on(today);
        let finding = StatusFinding {
            legal_status: LegalStatus::FeeGrace,
            text: Some("等年费滞纳金".into()),
            as_of: today,
            source: self.file("专利登记簿副本").await?,
        };
        said(patents::put_status(self.services, &operator(), &patent.number, finding).await)?;
        Ok(())
    }
}
