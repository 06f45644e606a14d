//! A Redis that is not there, does not answer, or cannot serve.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use parceld_test_support::{Persistence, PrivateRedis};

use crate::bed::{Bed, ship};

/// What a command may take that gives up after 5 s, on a busy machine.
const GIVEN_UP: Duration = Duration::from_secs(12);

const ONE_SHOT: [&[&str]; 8] = [
    &["enqueue"],
    &["jobs", "list"],
    &["jobs", "show", "x"],
    &["jobs", "cancel", "x"],
    &["jobs", "retry", "--state", "failed"],
    &["stats"],
    &["audit"],
    &["resume", "--all"],
];

#[tokio::test]
async fn without_redis_every_one_shot_command_ends_with_69() {
    // A port that was free an instant ago: nothing listens there.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let bed = Bed::at(&format!("redis://127.0.0.1:{port}"), "none");
    for args in ONE_SHOT {
        let began = Instant::now();
        let ran = bed.run(args).await;
        assert_eq!(ran.code, 69, "{args:?}: {ran:?}");
        assert!(
            ran.stderr
                .contains(&format!("127.0.0.1:{port} cannot be reached")),
            "{}",
            ran.stderr
        );
        assert!(began.elapsed() < GIVEN_UP, "{args:?}");
    }
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_given_up_after_five_seconds() {
    let mut redis = PrivateRedis::start(Persistence::None).await;
    redis.freeze();
    let began = Instant::now();
    let ran = Bed::at(&redis.url(), "frozen")
        .feed(&["enqueue"], ship("A", "YT1").to_string().as_bytes())
        .await;
    assert_eq!(ran.code, 69, "{ran:?}");
    assert_eq!(ran.stdout, "");
    assert!(began.elapsed() < GIVEN_UP);
    redis.thaw();
}

#[tokio::test]
async fn a_redis_that_evicts_is_refused_with_the_cure() {
    let redis = PrivateRedis::start(Persistence::None).await;
    redis.set_config("maxmemory-policy", "allkeys-lru");
    let ran = Bed::at(&redis.url(), "evicts").run(&["stats"]).await;
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(
        ran.stderr
            .contains("maxmemory-policy is allkeys-lru; set it to noeviction"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn a_namespace_of_another_format_is_refused_and_left_alone() {
    let redis = PrivateRedis::start(Persistence::None).await;
    redis.command(&["SET", "other:format", "99"]);
    let ran = Bed::at(&redis.url(), "other")
        .feed(&["enqueue"], ship("A", "YT1").to_string().as_bytes())
        .await;
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(ran.stderr.contains("holds data of format 99"), "{}", ran.stderr);
    assert_eq!(redis.command(&["DBSIZE"]), "1");
}

#[tokio::test]
async fn a_redis_that_keeps_nothing_is_warned_of() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let ran = Bed::at(&redis.url(), "volatile").feed(&["enqueue"], b"").await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.contains("keeps no append-only file"), "{}", ran.stderr);
}
