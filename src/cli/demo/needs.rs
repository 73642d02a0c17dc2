//! The demonstration's needs: one of every enterprise, most of them open, a few closed, two still drafts; and what
//! some enterprises said of the patents they were shown.

use anyhow::Context as _;

use crate::{
    cli::{operator, said},
    domain::{
        codes::{AppNo, Ipc},
        id::Id,
        matching::Tier,
        money::Fen,
        need::{FeedbackVerdict, NeedStep},
    },
    ops::{
        Services,
        matches::{self, NewFeedback},
        needs::{self, Content, NewNeed},
    },
};

/// A line an enterprise: industry, IPC, budget in yuan, state, title, text.
const NEEDS: &str = include_str!("needs.txt");

/// The line of the need, its opinion, the place at which it was shown, and words of the patent's title.
const OPINIONS: [(usize, FeedbackVerdict, u32, &str); 6] = [
    (1, FeedbackVerdict::Useful, 1, "干海参连续泡发"),
    (2, FeedbackVerdict::Contacted, 2, "船底附着物清除机器人"),
    (6, FeedbackVerdict::Useful, 1, "铣削颤振"),
    (13, FeedbackVerdict::Useful, 1, "能量回收装置的盐差"),
    (19, FeedbackVerdict::Useful, 1, "渔船混合动力"),
    (15, FeedbackVerdict::NotUseful, 3, "热转印碳带张力"),
];

/// Posts the needs; `patents` are numbers and titles.
pub async fn post(
    services: &Services,
    enterprises: &[Id],
    patents: &[(AppNo, String)],
) -> anyhow::Result<()> {
    let mut posted = Vec::new();
    for (line, enterprise) in NEEDS.lines().zip(enterprises) {
        posted.push(one(services, enterprise, line).await?);
    }
    for (place, verdict, rank, words) in OPINIONS {
        let need = posted.get(place).context("a need of the demonstration")?;
        let named = patents.iter().find(|(_, title)| title.contains(words));
        let Some((number, _)) = named else { continue };
        let new = NewFeedback {
            number: number.clone(),
            rank,
            verdict,
            tier: Tier::Stock,
            score: 30.0,
            note: None,
        };
        said(matches::add_feedback(services, &operator(), None, need, new).await)?;
    }
    Ok(())
}

async fn one(services: &Services, enterprise: &Id, line: &str) -> anyhow::Result<Id> {
    let fields: Vec<&str> = line.splitn(6, '|').collect();
    let [industry, ipc, budget, state, title, text] = fields[..] else {
        anyhow::bail!("a need of the demonstration: {line}");
    };
    let symbols = ipc.split(' ').filter(|symbol| !symbol.is_empty());
    let content = Content {
        title: title.to_owned(),
        text: text.to_owned(),
        industry: Some(industry.to_owned()),
        ipc: symbols.map(Ipc::parse).collect::<Result<_, _>>()?,
        budget_fen: Some(Fen::yuan(budget.parse()?)),
        region: None,
        until: None,
    };
    let new = NewNeed {
        organisation: Some(enterprise.to_string()),
        content,
    };
    let made = said(needs::create(services, &operator(), None, new).await)?;
    let (id, mut version) = (made.record.record.value.id, made.record.record.version);
    let steps: &[NeedStep] = match state {
        "draft" => &[],
        "closed" => &[NeedStep::Open, NeedStep::Close],
        _ => &[NeedStep::Open],
    };
    for step in steps {
        let done = needs::step(services, &operator(), &id, version, *step).await;
        version = said(done)?.record.version;
    }
    Ok(id)
}
