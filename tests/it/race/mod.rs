//! A withdrawal and a notice at the same moment: one is first, and the other knows of it. Two processes over one
//! PostgreSQL, then one process over SQLite; never is there a licence that takes effect on the day on which the end
//! was announced, or later (I6).

mod arena;
mod round;

use std::sync::Arc;

use arena::Arena;
use round::{Outcome, Split};

/// Rounds at a time; they meet at the one writer.
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_in_one_process_and_a_notice_in_the_other_know_of_each_other() {
    if let Some(arena) = Arena::of_two_processes().await {
        race(arena, 1_000, 100).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_and_a_notice_in_one_process_on_sqlite_know_of_each_other() {
    race(Arena::of_one_process().await, 200, 40).await;
}

/// So many rounds, and so many more beside a licence of the day before.
async fn race(arena: Arena, rounds: u32, beside_earlier: u32) {
    let arena = Arc::new(arena);
    let begun = std::time::Instant::now();
    for (rounds, earlier) in [(rounds, false), (beside_earlier, true)] {
        let split = play(&arena, rounds, earlier).await;
        println!("{split:?} after {:?}", begun.elapsed());
        assert_eq!(split.noticed_first + split.withdrawn_first, rounds);
    }
    round::doors_agree(&arena).await;
    arena.verifies().await;
}

/// Prepares so many declarations, then races for each of them; counts who came first.
async fn play(arena: &Arc<Arena>, rounds: u32, earlier: bool) -> Split {
    let numbers = arena.patents(rounds).await;
    let declared = together(arena, numbers, move |arena, place, number| async move {
        round::declared(&arena, &number, place, earlier).await
    });
    let declared = declared.await;
    let outcomes = together(arena, declared, |arena, place, declared| async move {
        round::run(&arena, place, &declared).await
    });
    let mut split = Split::default();
    for outcome in outcomes.await {
        match outcome {
            Outcome::NoticedFirst => split.noticed_first += 1,
            Outcome::WithdrawnFirst => split.withdrawn_first += 1,
        }
    }
    split
}

/// Does the same with every item and its place, several at a time.
async fn together<T, U: Send + 'static, F: Future<Output = U> + Send + 'static>(
    arena: &Arc<Arena>,
    items: Vec<T>,
    task: impl Fn(Arc<Arena>, usize, T) -> F,
) -> Vec<U> {
    let mut outcomes = Vec::with_capacity(items.len());
    let mut items = items.into_iter().enumerate().peekable();
    while items.peek().is_some() {
        let batch = items.by_ref().take(AT_ONCE);
        let running: Vec<_> = batch
            .map(|(place, item)| tokio::spawn(task(arena.clone(), place, item)))
            .collect();
        for outcome in running {
            outcomes.push(outcome.await.expect("no forbidden state"));
        }
    }
    outcomes
}
