//! `GET /`: what this is, a search box, what the register holds, and the ways in. An empty register or one
//! whose index is still being built has a front page too.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{address::search_for, errors, hits::HitView, needs::NeedLine, visitor::Visitor, words};
use crate::{
    domain::{
        access::Actor,
        indicator::Metric,
        patent::PatentKind,
        search::{Facet, FacetField, Found, NeedQuery, NeedsFound, Query, Sort},
        time::Day,
    },
    ops::{self, Error, Services, needs, patents, progress},
};

/// Offers on the front page.
const OFFERS: usize = 4;
/// Needs on the front page.
const NEEDS: usize = 4;

#[derive(Template)]
#[template(path = "home.html")]
pub struct Home<'a> {
    v: &'a Visitor,
    patents: String,
    holders: String,
    score: Option<Score>,
    /// What can be licensed today: how many, and the newest of them.
    on_offer: String,
    offers: Vec<HitView>,
    /// What enterprises look for: how many, and the newest.
    open_needs: String,
    needs: Vec<NeedLine>,
    is_empty: bool,
    kinds: Vec<Way<'a>>,
    sections: Vec<Way<'a>>,
    examples: Vec<Way<'a>>,
    doors: [Door; 4],
}

/// The district's count against its target.
struct Score {
    value: i64,
    target: i64,
    unit: &'static str,
    missing: i64,
    /// Share of the target in whole percent; at most 100.
    percent: i64,
    until: Day,
}

/// A way into the register.
struct Way<'a> {
    code: &'static str,
    label: &'a str,
    count: Option<String>,
    href: String,
}

/// Where one kind of people begins.
struct Door {
    who: &'static str,
    text: &'static str,
    /// Label and address of each first step.
    steps: Vec<(&'static str, &'static str)>,
}

/// The front page.
pub async fn show(State(services): State<Services>, visitor: Visitor) -> Response {
    match answer(&services, &visitor).await {
        Ok(response) => response,
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn answer(services: &Services, visitor: &Visitor) -> ops::Result<Response> {
    let (patents, holders) = patents::totals(services).await?;
    let counts = counts(services).await?;
    let today = services.clock.today();
    let offers = offers(services).await?;
    let on_offer = offers.as_ref().map_or(0, |found| found.total);
    let hits = offers.into_iter().flat_map(|found| found.hits);
    let needs = needs(services).await?;
    let page = Home {
        v: visitor,
        patents: words::grouped(u64::try_from(patents).unwrap_or(0)),
        holders: words::grouped(u64::try_from(holders).unwrap_or(0)),
        score: score(services, visitor).await?,
        on_offer: words::grouped(on_offer),
        open_needs: words::grouped(needs.as_ref().map_or(0, |found| found.total)),
        needs: needs
            .iter()
            .flat_map(|found| found.hits.iter().map(|hit| NeedLine::of(hit, visitor)))
            .collect(),
        offers: hits.map(|hit| HitView::of(&hit, visitor, today)).collect(),
        is_empty: patents == 0,
        kinds: kinds(visitor, &counts),
        sections: sections(visitor, &counts),
        examples: examples(),
        doors: doors(visitor),
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// The district's count against its target; nothing where no target is set.
async fn score(services: &Services, v: &Visitor) -> ops::Result<Option<Score>> {
    let asked = progress::Asked::default();
    match progress::progress(services, &Actor::anonymous(), &asked).await {
        Ok((basis, found)) => {
            let target = basis.target;
            let value = found.count.all.of(target.metric).total;
            let is_patents = matches!(target.metric, Metric::M1 | Metric::M2 | Metric::M4);
            Ok(Some(Score {
                value,
                target: target.value,
                unit: if is_patents {
                    v.t("件", "patents")
                } else {
                    v.t("项", "licences")
                },
                missing: (target.value - value).max(0),
                percent: (value * 100 / target.value.max(1)).min(100),
                until: target.to,
            }))
        }
        Err(Error::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What can be licensed today, the newest patents first; nothing while the index is being built or busy.
async fn offers(services: &Services) -> ops::Result<Option<Found>> {
    let actor = Actor::anonymous();
    let mut query = Query::new("", actor.sight(), services.clock.today());
    query.filters.on_offer = Some(true);
    query.sort = Sort::Newest;
    query.limit = OFFERS;
    match patents::search(services, &actor, query).await {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotReady | Error::Busy) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What enterprises look for today, the newest first; nothing while the index is being built or busy.
async fn needs(services: &Services) -> ops::Result<Option<NeedsFound>> {
    let actor = Actor::anonymous();
    let mut query = NeedQuery::new(actor.sight(), services.clock.today());
    query.open = true;
    query.limit = NEEDS;
    match needs::list(services, &actor, query).await {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotReady | Error::Busy) => Ok(None),
        Err(other) => Err(other),
    }
}

/// How many there are of each kind and section; nothing while the index is being built or busy.
async fn counts(services: &Services) -> ops::Result<Vec<Facet>> {
    let actor = Actor::anonymous();
    let mut query = Query::new("", actor.sight(), services.clock.today());
    query.facets = vec![FacetField::Kind, FacetField::IpcSection];
    query.limit = 1;
    match patents::search(services, &actor, query).await {
        Ok(found) => Ok(found.facets),
        Err(Error::NotReady | Error::Busy) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}

fn count_of(counts: &[Facet], field: FacetField, value: &str) -> Option<String> {
    let facet = counts.iter().find(|facet| facet.field == field)?;
    let bucket = facet.buckets.iter().find(|bucket| bucket.value == value);
    Some(words::grouped(bucket.map_or(0, |bucket| bucket.count)))
}

fn kinds(visitor: &Visitor, counts: &[Facet]) -> Vec<Way<'static>> {
    let way = |kind: PatentKind| Way {
        code: "",
        label: words::kind(kind, visitor.lang),
        count: count_of(counts, FacetField::Kind, kind.as_str()),
        href: search_for("kind", kind.as_str()),
    };
    PatentKind::ALL.map(way).into()
}

fn sections<'a>(visitor: &'a Visitor, counts: &[Facet]) -> Vec<Way<'a>> {
    let way = |code: &'static str| Way {
        code,
        label: visitor.class(code).unwrap_or(code),
        count: count_of(counts, FacetField::IpcSection, code),
        href: search_for("ipc", code),
    };
    ["A", "B", "C", "D", "E", "F", "G", "H"].map(way).into()
}

fn examples() -> Vec<Way<'static>> {
    let texts = ["海参加工", "复合材料 管道", "\"温室大棚\" -灌溉"];
    let way = |text: &'static str| Way {
        code: "",
        label: text,
        count: None,
        href: search_for("q", text),
    };
    texts.map(way).into()
}

fn doors(v: &Visitor) -> [Door; 4] {
    [
        Door {
            who: v.t("企业", "Enterprises"),
            text: v.t(
                "用平常的话找能用的专利，或者写下您的难题让专利来找您；价格公开，书面通知并付费即获许可。",
                "Find a patent in your own words, or state your problem and let patents find you; prices are public, \
                 and a written notice with the payment makes the licence.",
            ),
            steps: vec![
                (v.t("可取得许可的专利", "Patents on offer"), "/patents?onOffer=true&sort=fee"),
                (v.t("提出需求", "State a need"), "/desk/needs"),
                (v.t("注册", "Register"), "/register"),
            ],
        },
        Door {
            who: v.t("高校、院所、国企", "Holders"),
            text: v.t(
                "把手里的导出表格拖进来，未转化的存量专利就登记入库；逐项核查后声明开放许可。",
                "Hand in the export you have and your unused patents are registered; declare an open licence once \
                 the checks pass.",
            ),
            steps: vec![(v.t("登录（账户由主管部门邀请）", "Sign in (accounts by invitation)"), "/signin")],
        },
        Door {
            who: v.t("区县主管部门", "The district"),
            text: v.t(
                "每一项计入的许可都能点开证据；任何一天的数字都能重算。",
                "Every counted licence opens to its evidence; the figures of any day can be counted again.",
            ),
            steps: vec![(v.t("进度与证据", "Progress and evidence"), "/progress")],
        },
        Door {
            who: v.t("省、国家平台", "Platforms"),
            text: v.t(
                "全部公开数据可以通过接口读取：检索、导出、变更流、全量快照，无需密钥。",
                "All public data by API without a key: search, exports, a change feed, full snapshots.",
            ),
            steps: vec![(v.t("接口文档", "API documentation"), "/docs")],
        },
    ]
}
