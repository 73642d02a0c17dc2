//! What holds for any sound terms, any licence and any turnover.

use kaixu::domain::{
    money::Fen,
    terms::{MAX_EXPLANATION_CHARS, MAX_FEN, Part, Royalty, RoyaltyBase, Stage, Terms, Turnover},
    time::Day,
};
use proptest::prelude::*;
use serde_json::Value;

use super::day;

/// Amounts near each other, so that two terms often share them, and any others.
fn amount() -> impl Strategy<Value = Fen> {
    prop_oneof![(1_i64..4).prop_map(Fen), (1..=MAX_FEN.0).prop_map(Fen)]
}

fn months() -> impl Strategy<Value = u32> {
    prop_oneof![1_u32..4, Just(12), 1_u32..=240]
}

fn days() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..4, Just(30), 0_u32..=7_300]
}

fn a_royalty() -> impl Strategy<Value = Royalty> {
    let base = prop_oneof![Just(RoyaltyBase::NetSales), Just(RoyaltyBase::Profit)];
    let bounds = (
        proptest::option::of(amount()),
        proptest::option::of(amount()),
    );
    let rate = prop_oneof![1_u32..4, 1_u32..=10_000];
    (base, rate, months(), days(), bounds).prop_map(
        |(base, rate_bp, every_months, pay_within_days, (one, other))| {
            let (floor_fen, cap_fen) = match (one, other) {
                (Some(a), Some(b)) => (Some(a.min(b)), Some(a.max(b))),
                bounds => bounds,
            };
            Royalty {
                base,
                rate_bp,
                every_months,
                pay_within_days,
                floor_fen,
                cap_fen,
            }
        },
    )
}

fn a_plan() -> impl Strategy<Value = Terms> {
    let amounts = proptest::collection::vec(amount(), 1..5);
    let on = proptest::collection::btree_set(days(), 1..5);
    (amounts, on).prop_map(|(amounts, on)| {
        let parts = on.into_iter().zip(amounts.into_iter().cycle());
        let part = |(after_days, amount_fen)| Part {
            amount_fen,
            after_days,
        };
        Terms::Instalments {
            parts: parts.take(5).map(part).collect(),
        }
    })
}

// Boxed: the strategies of two terms at once are too large for a test's stack.
fn plain() -> BoxedStrategy<Terms> {
    prop_oneof![
        Just(Terms::Free),
        amount().prop_map(|amount_fen| Terms::LumpSum { amount_fen }),
        a_plan(),
        (amount(), months()).prop_map(|(amount_fen, every_months)| Terms::PerPeriod {
            amount_fen,
            every_months
        }),
        a_royalty().prop_map(Terms::Royalty),
        (amount(), a_royalty())
            .prop_map(|(entry_fen, royalty)| Terms::EntryAndRoyalty { entry_fen, royalty }),
    ]
    .boxed()
}

fn any_terms() -> BoxedStrategy<Terms> {
    let before = (prop_oneof![1_u32..4, 1_u32..=60], plain());
    let staged = (proptest::collection::vec(before, 1..4), plain()).prop_map(|(before, last)| {
        let mut stages: Vec<_> = before
            .into_iter()
            .map(|(months, terms)| Stage {
                months: Some(months),
                terms,
            })
            .collect();
        stages.push(Stage {
            months: None,
            terms: last,
        });
        Terms::Stages { stages }
    });
    prop_oneof![3 => plain(), 1 => staged].boxed()
}

/// First and last day.
fn a_licence() -> impl Strategy<Value = (Day, Day)> {
    let length = prop_oneof![0_i64..800, 0_i64..7_305];
    (0_i64..14_600, length).prop_map(|(start, length)| {
        let from = day("2020-01-01").saturating_add(jiff::Span::new().days(start));
        (from, from.saturating_add(jiff::Span::new().days(length)))
    })
}

fn a_turnover() -> impl Strategy<Value = Turnover> {
    (0_i64..=1_000_000_000_000_000, 0_i64..=1_000_000_000_000_000).prop_map(|(sales, profit)| {
        Turnover {
            net_sales_fen_per_year: Fen(sales),
            profit_fen_per_year: Fen(profit),
        }
    })
}

/// Every number and word in a JSON value, changed alone.
fn variants(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(n) => n.as_i64().map_or(Vec::new(), |n| {
            vec![(n + 1).into(), (n - 1).into(), (n * 10).into()]
        }),
        Value::String(word) if word == "netSales" => vec!["profit".into()],
        Value::String(word) if word == "profit" => vec!["netSales".into()],
        Value::Array(items) => {
            let mut found = Vec::new();
            for (n, item) in items.iter().enumerate() {
                for other in variants(item) {
                    let mut changed = items.clone();
                    changed[n] = other;
                    found.push(changed.into());
                }
                let mut without = items.clone();
                without.remove(n);
                found.push(without.into());
            }
            found
        }
        Value::Object(fields) => {
            let mut found = Vec::new();
            for (name, field) in fields {
                for other in variants(field) {
                    let mut changed = fields.clone();
                    changed[name] = other;
                    found.push(changed.into());
                }
                let mut without = fields.clone();
                without.remove(name);
                found.push(without.into());
            }
            found
        }
        _ => Vec::new(),
    }
}

proptest! {
    #[test]
    fn generated_terms_are_sound_and_survive_json(terms in any_terms()) {
        prop_assert_eq!(terms.check(), Ok(()));
        let json = serde_json::to_value(&terms).expect("writes");
        prop_assert_eq!(&json["mode"], terms.mode().as_str());
        prop_assert_eq!(&serde_json::from_value::<Terms>(json.clone()).expect("reads"), &terms);
        prop_assert_eq!(&serde_json::from_str::<Terms>(&json.to_string()).expect("reads"), &terms);
        let mut more = json;
        more["note"] = "x".into();
        prop_assert!(serde_json::from_value::<Terms>(more).is_err());
    }

    #[test]
    fn the_sentence_of_any_terms_is_read_back_to_the_same_terms(terms in any_terms()) {
        let reading = Terms::read(&terms.sentence());
        prop_assert_eq!(reading.doubts, vec![]);
        prop_assert_eq!(reading.terms, Some(terms));
    }

    #[test]
    fn the_explanation_of_any_terms_is_short_and_is_read_back_to_the_same_terms(terms in any_terms()) {
        match terms.explanation() {
            Some(said) => {
                prop_assert!(said.chars().count() <= MAX_EXPLANATION_CHARS);
                let reading = Terms::read(&said);
                prop_assert_eq!(reading.doubts, vec![], "{}", said);
                prop_assert_eq!(reading.terms.as_ref(), Some(&terms));
                // What people add leaves it as certain.
                prop_assert_eq!(Terms::told_by(&format!("{said}\n计算依据：参照同类许可。")), Some(terms));
            }
            // Only a plan of very many parts cannot be told so shortly.
            None => prop_assert!(terms.sentence().chars().count() > 1_000),
        }
    }

    #[test]
    fn a_sentence_with_a_character_less_or_more_is_read_as_what_it_says_or_not_at_all(terms in any_terms(), at in any::<prop::sample::Index>(), more in "[0-9一二三元%不期月]") {
        let sentence = terms.sentence();
        let chars: Vec<char> = sentence.chars().collect();
        let at = at.index(chars.len());
        let without: String = chars.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, c)| c).collect();
        let with: String = chars[..at].iter().collect::<String>() + &more + &chars[at..].iter().collect::<String>();
        for text in [without, with] {
            if let Some(read) = Terms::read(&text).terms {
                // Another figure may make another sentence of ours; then it says those terms and no others.
                prop_assert!(read == terms || read.sentence() == text, "{}: {:?}", text, read);
            }
        }
    }

    #[test]
    fn dues_ascend_are_numbered_and_sum_to_the_total(terms in any_terms(), (from, until) in a_licence(), turnover in a_turnover()) {
        let quote = terms.quote(from, until, &turnover);
        let dues = terms.dues(from, until);
        prop_assert_eq!(quote.dues.iter().map(|q| q.due.clone()).collect::<Vec<_>>(), dues.clone());
        let sum: i128 = quote.dues.iter().map(|q| i128::from(q.amount_fen.0)).sum();
        prop_assert_eq!(sum, i128::from(quote.total_fen.0), "nothing was lost to saturation");
        prop_assert_eq!(quote.fixed_fen.checked_add(quote.royalty_fen), Some(quote.total_fen));
        prop_assert!(dues.windows(2).all(|pair| pair[0].due_on <= pair[1].due_on));
        prop_assert!(dues.iter().zip(1..).all(|(due, number)| due.number == number && due.due_on >= from));
        for due in &dues {
            if let Some((first, last)) = due.period {
                prop_assert!(from <= first && first <= last && last <= until, "{:?}", due);
            }
        }
        prop_assert!(quote.dues.iter().all(|q| q.amount_fen >= Fen::ZERO));
        prop_assert_eq!(terms.is_free(), terms.dues(from, from.saturating_add(jiff::Span::new().years(21))).is_empty());
    }

    #[test]
    fn what_is_due_at_the_start_is_the_fixed_money_of_the_effective_day(terms in any_terms(), (from, until) in a_licence()) {
        let dues = terms.dues(from, until);
        let first: Fen = dues.iter().filter(|due| due.due_on == from).filter_map(kaixu::domain::terms::Due::fixed_fen).sum();
        prop_assert_eq!(terms.due_at_start(), first);
        prop_assert!(terms.due_at_start() <= terms.first_year_fixed());
    }

    #[test]
    fn a_quote_never_falls_when_turnover_grows(terms in any_terms(), (from, until) in a_licence(), one in a_turnover(), other in a_turnover()) {
        let low = Turnover {
            net_sales_fen_per_year: one.net_sales_fen_per_year.min(other.net_sales_fen_per_year),
            profit_fen_per_year: one.profit_fen_per_year.min(other.profit_fen_per_year),
        };
        let high = Turnover {
            net_sales_fen_per_year: one.net_sales_fen_per_year.max(other.net_sales_fen_per_year),
            profit_fen_per_year: one.profit_fen_per_year.max(other.profit_fen_per_year),
        };
        let (less, more) = (terms.quote(from, until, &low), terms.quote(from, until, &high));
        prop_assert!(less.total_fen <= more.total_fen);
        prop_assert_eq!(less.fixed_fen, more.fixed_fen);
    }

    #[test]
    fn a_quote_never_falls_when_the_licence_grows(terms in plain(), (from, until) in a_licence(), turnover in a_turnover()) {
        let longer = until.saturating_add(jiff::Span::new().days(1));
        prop_assert!(terms.quote(from, until, &turnover).total_fen <= terms.quote(from, longer, &turnover).total_fen);
    }

    #[test]
    fn periods_of_one_royalty_fill_the_licence_without_gap(royalty in a_royalty(), (from, until) in a_licence()) {
        let dues = Terms::Royalty(royalty).dues(from, until);
        let periods: Vec<_> = dues.iter().filter_map(|due| due.period).collect();
        prop_assert_eq!(periods.first().map(|p| p.0), Some(from));
        prop_assert_eq!(periods.last().map(|p| p.1), Some(until));
        prop_assert!(periods.windows(2).all(|pair| pair[0].1.tomorrow().ok() == Some(pair[1].0)));
    }

    #[test]
    fn two_different_terms_never_read_alike(one in any_terms(), other in any_terms()) {
        prop_assert_eq!(one == other, one.sentence() == other.sentence());
        prop_assert_eq!(one == other, one.sentence_en() == other.sentence_en());
    }

    /// Any one thing of the terms changed changes the wording in both languages.
    #[test]
    fn the_wording_tells_every_single_difference(terms in any_terms()) {
        let json = serde_json::to_value(&terms).expect("writes");
        let sound = variants(&json).into_iter().filter_map(|json| serde_json::from_value::<Terms>(json).ok());
        let mut read = std::collections::BTreeMap::from([(terms.sentence(), terms.clone())]);
        for other in sound.filter(|other| other.check().is_ok()) {
            prop_assert!(other == terms || other.sentence_en() != terms.sentence_en(), "{:?}", other);
            let before = read.insert(other.sentence(), other.clone());
            prop_assert!(before.as_ref().is_none_or(|before| *before == other), "{:?} and {:?}", before, other);
        }
    }

    #[test]
    fn every_amount_stands_in_the_wording_in_digits_and_in_capitals(fen in 1..=MAX_FEN.0) {
        let text = Terms::LumpSum { amount_fen: Fen(fen) }.sentence();
        let written = format!("人民币{}元（大写：{}）", Fen(fen), Fen(fen).capitals());
        prop_assert!(text.contains(&written), "{}", text);
    }
}
