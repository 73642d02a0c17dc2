//! Needs and patents for each other, from the index alone. A need is a person's words, long and full of asking: the
//! words of asking are cut out, what is left weighs by how rare it is among the patents, the title most. What is on
//! offer comes first, then stock; what shares too little with the best hit is not shown at all.

use std::{collections::BTreeMap, sync::Arc};

use tantivy::{
    DocAddress, Searcher, Term,
    collector::TopDocs,
    query::{BooleanQuery, Occur, Query},
    schema::Field,
};

use super::{
    Error, Shared, analyzer,
    answer::gather,
    bag::{Bag, Unit},
    document::Stored,
    filters::{self, Condition},
    highlight::Marker,
    live::Snapshot,
    needs::{self, StoredNeed},
    pieces::constant,
    query::Compiler,
    typed,
};
use crate::domain::{
    card::CardContent,
    codes::{AppNo, Ipc, industry},
    event::Sight,
    holding::Conversion,
    matching::{PatentFacts, SharedWords, Tier, weigh},
    need::Need,
    patent::LegalStatus,
    search::{Hit, Match, NeedMatch, PatentMatch, Query as Question, Sort},
    time::Day,
};

/// Terms taken of one text, the rarest first.
const GRAMS: usize = 72;
/// How often the title counts beside the text, which says it once more.
const TITLE_TIMES: usize = 3;
/// Characters of a text that are read.
const READ_CHARS: usize = 1_500;
/// What a match gains by a shared level of class, a shared division, a shared district.
const CLASS_WORTH: f32 = 2.0;
const INDUSTRY_WORTH: f32 = 2.0;
const REGION_WORTH: f32 = 0.5;
/// The least share of the best score that is shown: a need that nobody answers well is answered with few.
const FLOOR: f32 = 0.35;
/// The least share of a need's telling words, by weight, that a match says too: where nothing answers a need, nothing
/// is shown.
const LEAST_TOLD: f32 = 0.15;
/// Words named in a reason.
const NAMED: usize = 8;
const MISSED: usize = 5;

/// Words of asking and of praise: they say that something is wanted, never what.
const ASKING: [&str; 86] = [
    "急需",
    "亟需",
    "亟待",
    "希望",
    "寻求",
    "寻找",
    "征集",
    "需求",
    "需要",
    "要求",
    "解决",
    "问题",
    "难题",
    "难点",
    "瓶颈",
    "攻关",
    "攻克",
    "突破",
    "研发",
    "开发",
    "研究",
    "研制",
    "合作",
    "引进",
    "转让",
    "企业",
    "公司",
    "我司",
    "我们",
    "本公司",
    "我公司",
    "单位",
    "高校",
    "院所",
    "专家",
    "团队",
    "目前",
    "现有",
    "现在",
    "当前",
    "近年来",
    "随着",
    "由于",
    "因此",
    "如何",
    "怎样",
    "是否",
    "能否",
    "提高",
    "提升",
    "改善",
    "改进",
    "降低",
    "减少",
    "达到",
    "满足",
    "实现",
    "保证",
    "有效",
    "先进",
    "国内",
    "国外",
    "国际",
    "水平",
    "市场",
    "产品",
    "项目",
    "技术",
    "以上",
    "以下",
    "成本",
    "费用",
    "方案",
    "办法",
    "效果",
    "效率",
    "一半",
    "容易",
    "严重",
    "困难",
    "明显",
    "只能",
    "不同",
    "之后",
    "适合",
    "最好",
];

/// The text without its words of asking; what stood beside them does not grow together.
fn told(text: &str) -> String {
    let cut = ASKING
        .iter()
        .fold(text.to_owned(), |text, word| text.replace(word, "，"));
    cut.chars().take(READ_CHARS).collect()
}

/// A part of a query, and how it is wanted.
type Part = (Occur, Box<dyn Query>);

/// What is looked for: weighted terms, classes, industry, region.
fn query_of(
    compiler: &Compiler<'_>,
    title: &str,
    body: &str,
    gains: Vec<Part>,
) -> Result<Option<Vec<Part>>, Error> {
    let text = format!("{}{body}", format!("{title}\n").repeat(TITLE_TIMES));
    let units: Vec<Unit> = compiler.units(&text, Some(GRAMS))?;
    let counted = units.iter().filter(|unit| unit.counts).count();
    if counted == 0 {
        return Ok(None);
    }
    let minimum = u16::try_from(counted.div_ceil(5).min(2)).unwrap_or(2);
    let bag = Bag {
        units: Arc::new(units),
        minimum,
    };
    let mut parts: Vec<Part> = vec![(Occur::Must, Box::new(bag))];
    parts.extend(gains);
    Ok(Some(parts))
}

/// A gain for every level of class from the subclass down, and for the division.
fn gains<'a>(
    compiler: &Compiler<'_>,
    ipc: &[Ipc],
    industries: impl Iterator<Item = &'a String>,
    regions: impl Iterator<Item = &'a String>,
) -> Vec<Part> {
    let fields = compiler.fields;
    let mut worth: BTreeMap<(Field, String), f32> = BTreeMap::new();
    let classes = ipc
        .iter()
        .flat_map(|symbol| symbol.levels().into_iter().skip(2));
    worth.extend(classes.map(|level| ((fields.ipc, level.to_owned()), CLASS_WORTH)));
    let divisions =
        industries.filter_map(|code| industry::levels(code).into_iter().take(2).next_back());
    worth.extend(divisions.map(|level| ((fields.industry, level.to_owned()), INDUSTRY_WORTH)));
    worth.extend(regions.map(|code| ((fields.region, code.clone()), REGION_WORTH)));
    let gain = |((field, text), worth): ((Field, String), f32)| {
        (
            Occur::Should,
            constant(Term::from_field_text(field, &text), worth),
        )
    };
    worth.into_iter().map(gain).collect()
}

/// The best documents under some conditions.
fn best(
    searcher: &Searcher,
    wanted: &[Part],
    conditions: Vec<Condition>,
    limit: usize,
) -> Result<Vec<(f32, DocAddress)>, Error> {
    let mut parts: Vec<Part> = wanted
        .iter()
        .map(|(occur, query)| (*occur, query.box_clone()))
        .collect();
    parts.extend(
        conditions
            .into_iter()
            .map(|(_, query)| (Occur::Must, query)),
    );
    let collector = TopDocs::with_limit(limit.max(1)).order_by_score();
    Ok(searcher.search(&BooleanQuery::new(parts), &collector)?)
}

/// The patents of a tier on a day: expired ones never.
fn of_tier(tier: Tier, sight: &Sight, today: Day) -> Question {
    let mut question = Question::new("", sight.clone(), today);
    question.filters.in_term = Some(true);
    question.filters.on_offer = Some(tier == Tier::Offer);
    if tier == Tier::Stock {
        // Most exports do not say the status: such a patent is shown, and the doubt with it.
        question.filters.legal_statuses = vec![
            LegalStatus::InForce,
            LegalStatus::FeeGrace,
            LegalStatus::Unknown,
        ];
        question.filters.conversions = vec![Conversion::Unused, Conversion::Unknown];
    }
    question
}

/// Patents for a need, what is on offer first.
pub fn patents_for(
    shared: &Shared,
    need: &Need,
    limit: usize,
    sight: &Sight,
    today: Day,
) -> Result<Vec<PatentMatch>, Error> {
    let snapshot = shared.snapshot()?;
    let (searcher, fields) = (&snapshot.searcher, &snapshot.live.fields);
    let compiler = Compiler::new(searcher, fields, None)?;
    let (title, body) = (told(&need.title), told(&need.text));
    let gained = gains(
        &compiler,
        &need.ipc,
        need.industry.iter(),
        std::iter::once(&need.region),
    );
    let Some(wanted) = query_of(&compiler, &title, &body, gained)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for tier in Tier::ALL {
        let conditions = filters::compile(&of_tier(tier, sight, today), fields)?;
        let hits = best(searcher, &wanted, conditions, limit)?;
        found.extend(hits.into_iter().map(|hit| (tier, hit)));
    }
    let words = Telling::of(&compiler, &title, &body)?;
    let floor = FLOOR
        * found
            .iter()
            .map(|(_, (score, _))| *score)
            .fold(0.0, f32::max);
    let mut matches = Vec::new();
    for (tier, (score, address)) in found {
        if score < floor || matches.len() == limit {
            continue;
        }
        let stored = Stored::read(searcher, fields, address)?;
        if let Some(shared) = words.shared(&texts_of(&stored)) {
            matches.push(patent_match(
                need,
                tier,
                stored,
                shared,
                score,
                today,
                matches.len() + 1,
            ));
        }
    }
    Ok(matches)
}

fn texts_of(stored: &Stored) -> String {
    let card = stored.card.as_ref().map(CardContent::words);
    let parts = [
        Some(stored.title.as_str()),
        stored.abstract_text.as_deref(),
        stored.claim.as_deref(),
        card.as_deref(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn facts(stored: &Stored, today: Day) -> PatentFacts<'_> {
    PatentFacts {
        ipc: &stored.ipc,
        industries: &stored.industries,
        regions: &stored.regions,
        legal_status: stored.legal_status,
        expires_on: stored.expires_on,
        offer: stored.offer.as_ref().filter(|offer| offer.is_on(today)),
    }
}

fn patent_match(
    need: &Need,
    tier: Tier,
    stored: Stored,
    words: SharedWords,
    score: f32,
    today: Day,
    rank: usize,
) -> PatentMatch {
    let (reasons, misfits) = weigh(need, &facts(&stored, today), &words, today);
    let highlights = Marker::of_words(&words.matched).mark(&stored);
    let mut hit: Hit = stored.into_hit(score, today);
    hit.highlights = highlights;
    Match {
        rank,
        tier,
        hit,
        words,
        reasons,
        misfits,
    }
}

/// The open needs of a day that a patent may answer, best first.
pub fn needs_for(
    shared: &Shared,
    number: &AppNo,
    limit: usize,
    sight: &Sight,
    today: Day,
) -> Result<Vec<NeedMatch>, Error> {
    let snapshot = shared.snapshot()?;
    let (searcher, fields) = (&snapshot.searcher, &snapshot.live.fields);
    let patent = patent_at(&snapshot, number, sight, today)?;
    let compiler = Compiler::of_needs(searcher, fields)?;
    let body = patent.abstract_text.as_deref().or(patent.claim.as_deref());
    let body: String = body.unwrap_or_default().chars().take(READ_CHARS).collect();
    let gained = gains(
        &compiler,
        &patent.ipc,
        patent.industries.iter(),
        patent.regions.iter(),
    );
    let Some(wanted) = query_of(&compiler, &patent.title, &body, gained)? else {
        return Ok(Vec::new());
    };
    let mut conditions = needs::seen(fields, sight);
    conditions.extend(needs::open_on(fields, today));
    let found = best(searcher, &wanted, conditions, limit)?;
    let floor = FLOOR * found.first().map_or(0.0, |(score, _)| *score);
    let by_patents = Compiler::new(searcher, fields, None)?;
    let texts = texts_of(&patent);
    let tier = match facts(&patent, today).offer {
        Some(_) => Tier::Offer,
        None => Tier::Stock,
    };
    let mut matches = Vec::new();
    for (score, address) in found.into_iter().filter(|(score, _)| *score >= floor) {
        let stored = StoredNeed::read(searcher, fields, address)?;
        let (title, body) = (told(&stored.need.title), told(&stored.need.text));
        let Some(words) = Telling::of(&by_patents, &title, &body)?.shared(&texts) else {
            continue;
        };
        let (reasons, misfits) = weigh(&stored.need, &facts(&patent, today), &words, today);
        matches.push(Match {
            rank: matches.len() + 1,
            tier,
            hit: stored.into_hit(score, today, &Marker::of_words(&words.matched)),
            words,
            reasons,
            misfits,
        });
    }
    Ok(matches)
}

/// The patent of this number, where the reader can see it in the index.
fn patent_at(
    snapshot: &Snapshot,
    number: &AppNo,
    sight: &Sight,
    today: Day,
) -> Result<Stored, Error> {
    let question = Question::new(number.zl(), sight.clone(), today);
    let typed = typed::read(&question.text);
    let found = gather(snapshot, &question, &typed, Sort::Number, None, 1)?;
    let (_, address) = found.places.first().ok_or(Error::NotFound)?;
    Stored::read(&snapshot.searcher, &snapshot.live.fields, *address)
}

/// The words of a need that tell what it is about, the most telling first.
struct Telling(Vec<(String, f32)>);

impl Telling {
    /// By rarity among the patents; a word that no patent has tells something only in the title.
    fn of(compiler: &Compiler<'_>, title: &str, body: &str) -> Result<Self, Error> {
        let mut weights: BTreeMap<String, f32> = BTreeMap::new();
        for (text, times, unknown) in [(title, 2.0, Some(1.0)), (body, 1.0, None)] {
            for word in analyzer::words(text) {
                let long = word.text.chars().count() > 1;
                if let (true, Some(rarity)) = (long, compiler.rarity(&word.text)?.or(unknown)) {
                    let weight = weights.entry(word.text).or_default();
                    *weight = weight.max(rarity * times);
                }
            }
        }
        let mut words: Vec<(String, f32)> = weights.into_iter().collect();
        words.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Ok(Self(words))
    }

    /// Which of them a text has, and which of the most telling it has not; `None` where it has too few.
    fn shared(&self, text: &str) -> Option<SharedWords> {
        let folded: String = analyzer::fold(text)
            .iter()
            .map(|folded| folded.ch)
            .collect();
        let key = &self.0[..self.0.len().min(2 * NAMED)];
        let (mut told, mut all) = (0.0, 0.0);
        for (word, weight) in key {
            all += weight;
            if folded.contains(word.as_str()) {
                told += weight;
            }
        }
        if told <= 0.0 || told < LEAST_TOLD * all {
            return None;
        }
        let (has, lacks): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .map(|(word, _)| word.as_str())
            .partition(|word| folded.contains(word));
        let telling = |word: &&str| key.iter().any(|(known, _)| known == word);
        Some(SharedWords {
            matched: longest(has.iter().copied(), NAMED),
            missing: longest(lacks.into_iter().filter(telling), MISSED),
        })
    }
}

/// At most so many, without those that are part of a longer one that is named.
fn longest<'a>(words: impl Iterator<Item = &'a str>, most: usize) -> Vec<String> {
    let words: Vec<&str> = words.collect();
    let part = |word: &str| {
        words
            .iter()
            .any(|other| other.len() > word.len() && other.contains(word))
    };
    let whole = words.iter().filter(|word| !part(word));
    whole.take(most).map(|word| (*word).to_owned()).collect()
}
