//! One test body, two databases: every test of a world runs on SQLite and on PostgreSQL.

/// Runs one test body on a world of either database.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($world:ident) $body:block)*) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($world: $crate::support::World) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                run($crate::support::World::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(world) = $crate::support::World::postgres().await {
                    run(world).await;
                }
            }
        })*
    };
}

/// The same on worlds whose clock stands at a moment until a test sets it. They tell of the law, and when one has
/// ended, everything that must always hold is checked.
#[macro_export]
macro_rules! on_both_at {
    ($at:literal; $(async fn $name:ident($world:ident) $body:block)*) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($world: $crate::support::World) {
                $body
                $crate::support::invariants::hold(&$world).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                let clock = kaixu::domain::time::Clock::fixed($at);
                run($crate::support::World::sqlite_by(clock).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                let clock = kaixu::domain::time::Clock::fixed($at);
                if let Some(world) = $crate::support::World::postgres_by(clock).await {
                    run(world).await;
                }
            }
        })*
    };
}
