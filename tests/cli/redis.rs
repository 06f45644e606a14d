//! A Redis that is not there, does not answer, or cannot serve.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use parceld_test_support::{BOUND, Persistence, PrivateRedis, Process, Signal, wait_until};

use crate::bed::{Bed, binary, ship, text};

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

/// One text for all that stands in a Redis, every byte of it.
fn all_of(redis: &PrivateRedis) -> String {
    const ALL: &str = "local names, all = redis.call('KEYS', '*'), {}
        table.sort(names)
        for i, name in ipairs(names) do all[i] = name .. redis.sha1hex(redis.call('DUMP', name)) end
        return table.concat(all, ' ')";
    redis.command(&["EVAL", ALL, "0"])
}

#[tokio::test]
async fn whoever_would_write_refuses_a_namespace_of_a_later_version_and_leaves_it_alone() {
    let redis = PrivateRedis::start(Persistence::Always).await;
    let bed = Bed::at(&redis.url(), "later").with("PARCELD__VENDOR__ACCESS_TOKEN", "token");
    let ids = bed.enqueue(&[ship("A", "YT1"), ship("B", "YT2")]).await;
    let [ready, other] = [text(&ids[0], "id"), text(&ids[1], "id")];
    bed.json(&["park", "shop:7", "--reason", "盘点"]).await;
    // What a repair would mend, and what later versions write.
    redis.command(&["DEL", "later:key:taobao.ship:B"]);
    redis.command(&["SET", "later:format", "99"]);
    let before = all_of(&redis);
    let commands: [&[&str]; 9] = [
        &["worker"],
        &["enqueue"],
        &["jobs", "retry", &ready, &other],
        &["jobs", "retry", "--state", "failed"],
        &["jobs", "cancel", &ready],
        &["park", "shop:8", "--reason", "盘点"],
        &["resume", "shop:7"],
        &["resume", "--all"],
        &["audit", "--repair"],
    ];
    for args in commands {
        let ran = bed.feed(args, ship("C", "YT3").to_string().as_bytes()).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (78, ""), "{args:?}: {ran:?}");
        for words in [
            "the namespace later holds data of format 99, this version reads and writes format 1",
            "use the matching version of parceld, or another redis.namespace",
        ] {
            assert!(ran.stderr.contains(words), "{args:?}: {}", ran.stderr);
        }
        assert_eq!(all_of(&redis), before, "{args:?}");
    }
}

#[tokio::test]
async fn a_redis_that_keeps_nothing_is_warned_of() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let ran = Bed::at(&redis.url(), "volatile").feed(&["enqueue"], b"").await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.contains("keeps no append-only file"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_refused_account_ends_with_78_at_once_and_is_not_repeated_to_anybody() {
    let redis = PrivateRedis::start(Persistence::None).await;
    redis.command(&[
        "ACL",
        "SETUSER",
        "erp-user",
        "on",
        ">hush-hush",
        "~*",
        "+@all",
        "-info",
    ]);
    let at = |account: &str| redis.url().replace("redis://", &format!("redis://{account}"));
    let (few, wrong) = (at("erp-user:hush-hush@"), at("erp-user:hush-wrong@"));
    redis.command(&["CONFIG", "SET", "requirepass", "hush-default"]);
    let cases = [
        (
            few.as_str(),
            "the user has no permissions to run the 'info' command",
        ),
        (wrong.as_str(), "the user or the password is wrong"),
        (&at(":hush-wrong@"), "the user or the password is wrong"),
        (&at(""), "it wants a password"),
        (&at("").replace("/0", "/1"), "it wants a password"),
    ];
    for (url, why) in cases {
        let ran = Bed::at(url, "refused")
            .with("PARCELD__LOG__LEVEL", "debug")
            .run(&["stats"])
            .await;
        assert_eq!((ran.code, ran.stdout.as_str()), (78, ""), "{url}: {ran:?}");
        let expected =
            format!("refuses the account of redis.url: {why}; give redis.url the user and the password");
        assert!(ran.stderr.contains(&expected), "{url}: {}", ran.stderr);
        for secret in ["hush", "erp-user"] {
            assert!(!ran.stderr.contains(secret), "{url}: {}", ran.stderr);
        }
        assert!(!ran.stderr.contains("trying again"), "{url}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn a_worker_lives_on_while_its_account_is_refused_and_says_so() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let open = Bed::at(&redis.url(), "refused");
    redis.command(&["ACL", "SETUSER", "erp-user", "on", ">wrong", "~*", "&*", "+@all"]);
    let bed = Bed::at(
        &redis.url().replace("redis://", "redis://erp-user:hush@"),
        "refused",
    )
    .with("PARCELD__VENDOR__ACCESS_TOKEN", "token");
    let mut worker = Process::start(binary(), &["worker"], &bed.envs());
    let said = "refuses the account of redis.url: the user or the password is wrong";
    worker.wait_for_line(said, BOUND).await;
    redis.command(&["ACL", "SETUSER", "erp-user", ">hush"]);
    let is_listed = async || {
        let workers = open.json(&["stats"]).await["workers"].clone();
        let listed = workers.as_array().is_some_and(|workers| !workers.is_empty());
        if listed { Ok(()) } else { Err(workers.to_string()) }
    };
    wait_until("the worker is listed", BOUND, is_listed).await;
    // Another password while it is at work, with its connections cut as well.
    redis.command(&["ACL", "SETUSER", "erp-user", "resetpass", ">another"]);
    redis.command(&["CLIENT", "KILL", "USER", "erp-user"]);
    worker.wait_for_line("no claim can be made", BOUND).await;
    redis.command(&["ACL", "SETUSER", "erp-user", ">hush"]);
    worker.wait_for_line("Redis answers again", BOUND).await;
    worker.signal(Signal::Terminate);
    assert_eq!(worker.wait_for_exit(BOUND).await.code(), Some(0));
}
