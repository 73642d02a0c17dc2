//! `GET /`: what this is, a search box, what the register holds, and the ways in. An empty register or one
//! whose index is still being built has a front page too.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{address::search_for, errors, visitor::Visitor, words};
use crate::{
    domain::{
        access::Actor,
        patent::PatentKind,
        search::{Facet, FacetField, Query},
        text::Text,
    },
    ops::{self, Error, Services, patents, progress},
};

#[derive(Template)]
#[template(path = "home.html")]
pub struct Home<'a> {
    v: &'a Visitor,
    patents: String,
    organisations: String,
    /// `27 / 50`
    licences: Option<String>,
    is_empty: bool,
    kinds: Vec<Way>,
    sections: Vec<Way>,
    examples: Vec<Way>,
    verbs: [Verb; 4],
}

/// A way into the register.
struct Way {
    code: &'static str,
    label: &'static str,
    /// What it is for, in one sentence.
    note: &'static str,
    count: Option<String>,
    href: String,
}

/// One of the four things that the marketplace is for.
struct Verb {
    name: Text,
    text: Text,
    /// How far it is.
    state: Text,
    /// Something of it can be done today.
    live: bool,
}

/// The front page.
pub async fn show(State(services): State<Services>, visitor: Visitor) -> Response {
    match answer(&services, &visitor).await {
        Ok(response) => response,
        Err(error) => errors::page(&visitor, &error),
    }
}

async fn answer(services: &Services, visitor: &Visitor) -> ops::Result<Response> {
    let (patents, organisations) = patents::totals(services).await?;
    let counts = counts(services).await?;
    let page = Home {
        v: visitor,
        patents: words::grouped(u64::try_from(patents).unwrap_or(0)),
        organisations: words::grouped(u64::try_from(organisations).unwrap_or(0)),
        licences: headline(services).await?,
        is_empty: patents == 0,
        kinds: kinds(visitor, &counts),
        sections: sections(visitor, &counts),
        examples: examples(visitor),
        verbs: verbs(),
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// The district's count against its target; nothing where no target is set.
async fn headline(services: &Services) -> ops::Result<Option<String>> {
    let asked = progress::Asked::default();
    match progress::progress(services, &Actor::anonymous(), &asked).await {
        Ok((basis, count)) => {
            let value = count.all.of(basis.target.metric).total;
            Ok(Some(format!("{value} / {}", basis.target.value)))
        }
        Err(Error::NotFound(_)) => Ok(None),
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

fn kinds(visitor: &Visitor, counts: &[Facet]) -> Vec<Way> {
    let note = |kind| match kind {
        PatentKind::Invention => visitor.t(
            "产品、方法的新技术方案，保护 20 年",
            "New products and processes, 20 years",
        ),
        PatentKind::UtilityModel => visitor.t(
            "产品的形状、构造，保护 10 年",
            "Shape and structure of products, 10 years",
        ),
        PatentKind::Design => visitor.t(
            "产品的外观，保护 15 年（2021 年 6 月前申请的 10 年）",
            "Looks of products, 15 years (10 if filed before June 2021)",
        ),
    };
    let way = |kind: PatentKind| Way {
        code: "",
        label: words::kind(kind, visitor.lang),
        note: note(kind),
        count: count_of(counts, FacetField::Kind, kind.as_str()),
        href: search_for("kind", kind.as_str()),
    };
    PatentKind::ALL.map(way).into()
}

fn sections(visitor: &Visitor, counts: &[Facet]) -> Vec<Way> {
    let way = |(code, zh, en): (&'static str, &'static str, &'static str)| Way {
        code,
        label: visitor.t(zh, en),
        note: "",
        count: count_of(counts, FacetField::IpcSection, code),
        href: search_for("ipc", code),
    };
    words::SECTIONS.map(way).into()
}

fn examples(visitor: &Visitor) -> Vec<Way> {
    let texts = ["海参加工", "复合材料 管道", "\"温室大棚\" -灌溉"];
    let way = |text: &'static str| Way {
        code: "",
        label: text,
        note: visitor.t("示例", "Example"),
        count: None,
        href: search_for("q", text),
    };
    texts.map(way).into()
}

fn verbs() -> [Verb; 4] {
    let verb = |name: (&str, &str), text: (&str, &str), open: Option<(&str, &str)>| {
        let (zh, en) = open.unwrap_or(("筹备中", "in preparation"));
        Verb {
            name: Text::new(name.0, name.1),
            text: Text::new(text.0, text.1),
            state: Text::new(zh, en),
            live: open.is_some(),
        }
    };
    [
        verb(
            ("登记", "Register"),
            (
                "高校、院所和国有企业把尚未转化的存量专利全部登记入库。",
                "Universities, institutes and state-owned enterprises register every patent they do not use yet.",
            ),
            Some(("已开通", "open")),
        ),
        verb(
            ("开放", "Offer"),
            (
                "权利人依专利法声明开放许可：价格和条件公开，对谁都一样。",
                "Owners declare a statutory open licence: price and terms are public and the same for everyone.",
            ),
            Some(("接口已开通", "open by API")),
        ),
        verb(
            ("匹配", "Match"),
            (
                "中小企业检索、比对，找到合用的专利；书面通知并付费，即获许可。",
                "Small firms search and compare; a written notice and the payment make the licence.",
            ),
            Some(("检索已开通", "search is open")),
        ),
        verb(
            ("计数", "Count"),
            (
                "每一件许可都有凭据可查；公开数据由各级平台通过接口读取。",
                "Every licence is counted with its evidence; other platforms read the public data by API.",
            ),
            Some(("已开通", "open")),
        ),
    ]
}
