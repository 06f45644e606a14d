//! A Redis that is not there, does not answer, or cannot serve.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parceld_test_support::{BOUND, Persistence, PrivateRedis, Process, Proxy, Signal, wait_until};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::bed::{Bed, Ran, binary, ship, text};

/// What a command may take that gives up after 5 s, on a busy machine; twice the patience is too long.
const GIVEN_UP: Duration = Duration::from_secs(8);

/// They wait no shorter either: a Redis that is being started is used.
const FIVE_SECONDS: Duration = Duration::from_secs(5);

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

/// Runs all these at once; each with what it left and how long it took.
async fn at_once(bed: Bed, commands: &[&'static [&'static str]]) -> Vec<(String, Ran, Duration)> {
    let bed = Arc::new(bed);
    let mut running = JoinSet::new();
    for args in commands.iter().copied() {
        let bed = Arc::clone(&bed);
        running.spawn(async move {
            let began = Instant::now();
            let ran = bed.feed(args, ship("N", "YT1").to_string().as_bytes()).await;
            (args.join(" "), ran, began.elapsed())
        });
    }
    running.join_all().await
}

#[tokio::test]
async fn without_redis_every_one_shot_command_ends_with_69() {
    // A port that was free an instant ago: nothing listens there.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let bed = Bed::at(&format!("redis://127.0.0.1:{port}"), "none");
    for (command, ran, took) in at_once(bed, &ONE_SHOT).await {
        assert_eq!((ran.code, ran.stdout.as_str()), (69, ""), "{command}: {ran:?}");
        let expected = format!("127.0.0.1:{port} cannot be reached");
        assert!(ran.stderr.contains(&expected), "{command}: {}", ran.stderr);
        assert!(took > FIVE_SECONDS && took < GIVEN_UP, "{command}: {took:?}");
    }
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_given_up_after_five_seconds() {
    let mut redis = PrivateRedis::start(Persistence::None).await;
    redis.freeze();
    // Longer than the command's own patience.
    let bed = Bed::at(&redis.url(), "frozen")
        .with("PARCELD__REDIS__CONNECT_TIMEOUT", "60s")
        .with("PARCELD__REDIS__RESPONSE_TIMEOUT", "60s");
    for (command, ran, took) in at_once(bed, &ONE_SHOT).await {
        assert_eq!((ran.code, ran.stdout.as_str()), (69, ""), "{command}: {ran:?}");
        assert!(took > FIVE_SECONDS && took < GIVEN_UP, "{command}: {took:?}");
    }
    redis.thaw();
}

#[tokio::test]
async fn connection_and_first_question_are_waited_for_with_one_patience() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let bed = Bed::at(&redis.url(), "stalls");
    bed.enqueue(&[ship("A", "YT1")]).await;
    let cases: [(&[&str], &str); 6] = [
        (&["enqueue"], "EVALSHA"),
        (&["jobs", "list"], "ZREVRANGE"),
        (&["jobs", "cancel", "x"], "HMGET"),
        (&["jobs", "retry", "--state", "failed"], "TIME"),
        (&["stats"], "EVALSHA"),
        (&["audit"], "EVALSHA"),
    ];
    let mut running = JoinSet::new();
    for (args, question) in cases {
        let proxy = Proxy::to(redis.port()).await;
        // The connection takes some seconds; then the question comes through no more.
        proxy.delay(Duration::from_millis(700), Duration::from_millis(700));
        proxy.deafen_from(question);
        running.spawn(async move {
            let bed = Bed::at(&proxy.redis_url(), "stalls").with("PARCELD__REDIS__RESPONSE_TIMEOUT", "60s");
            let began = Instant::now();
            let ran = bed.feed(args, ship("B", "YT1").to_string().as_bytes()).await;
            (args, ran, began.elapsed(), proxy.is_deaf())
        });
    }
    for (args, ran, took, was_asked) in running.join_all().await {
        assert!(was_asked, "{args:?} met no Redis that stalls later: {ran:?}");
        assert_eq!((ran.code, ran.stdout.as_str()), (69, ""), "{args:?}: {ran:?}");
        assert!(took > FIVE_SECONDS && took < GIVEN_UP, "{args:?}: {took:?}");
    }
}

#[tokio::test]
async fn a_move_that_is_not_repeated_is_given_up_as_well_and_says_how_to_go_on() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let id = text(
        &Bed::at(&redis.url(), "stalls").enqueue(&[ship("A", "YT1")]).await[0],
        "id",
    );
    let proxy = Proxy::to(redis.port()).await;
    proxy.deafen_from("EVALSHA");
    let bed = Bed::at(&proxy.redis_url(), "stalls").with("PARCELD__REDIS__RESPONSE_TIMEOUT", "60s");
    let began = Instant::now();
    let ran = bed.run(&["jobs", "cancel", &id]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (69, ""), "{ran:?}");
    assert!(
        ran.stderr.contains("the same command again moves the rest"),
        "{}",
        ran.stderr
    );
    assert!(began.elapsed() < GIVEN_UP);
}

#[tokio::test]
async fn a_redis_that_comes_while_it_is_waited_for_is_used() {
    let mut redis = PrivateRedis::start(Persistence::Always).await;
    let bed = Bed::at(&redis.url(), "late");
    let id = text(&bed.enqueue(&[ship("A", "YT1")]).await[0], "id");
    redis.kill();
    let cancel: &'static [&'static str] = Vec::leak(vec!["jobs", "cancel", String::leak(id)]);
    let commands: [&[&str]; 6] = [
        &["enqueue"],
        &["jobs", "list"],
        cancel,
        &["jobs", "retry", "--state", "failed"],
        &["stats"],
        &["audit"],
    ];
    let come = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        redis.restart().await;
    };
    let (ran, ()) = tokio::join!(at_once(bed, &commands), come);
    for (command, ran, _) in ran {
        assert_eq!(ran.code, 0, "{command}: {ran:?}");
    }
}

#[tokio::test]
async fn an_enqueue_under_way_goes_on_when_redis_comes_back_in_time() {
    let mut redis = PrivateRedis::start(Persistence::Always).await;
    let mut child = Bed::at(&redis.url(), "again")
        .command(&["enqueue"])
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = async || timeout(BOUND, answers.next_line()).await.unwrap().unwrap();
    stdin
        .write_all(format!("{}\n", ship("A", "YT1")).as_bytes())
        .await
        .unwrap();
    assert!(next().await.expect("an answer").contains("\"duplicate\":false"));
    redis.kill();
    // Asked while nothing listens, and once for the line that is answered already.
    let lines = format!("{}\n{}\n", ship("A", "YT1"), ship("B", "YT1"));
    stdin.write_all(lines.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    redis.restart().await;
    assert!(next().await.expect("an answer").contains("\"duplicate\":true"));
    assert!(next().await.expect("an answer").contains("\"duplicate\":false"));
    drop(stdin);
    assert_eq!(
        timeout(BOUND, child.wait()).await.unwrap().unwrap().code(),
        Some(0)
    );
}

#[tokio::test]
async fn what_is_answered_piece_by_piece_is_not_given_up_however_long_it_takes() {
    let redis = PrivateRedis::start(Persistence::None).await;
    let lines: Vec<_> = (0..2000)
        .map(|number| ship(&format!("K{number}"), "YT1"))
        .collect();
    Bed::at(&redis.url(), "slow").enqueue(&lines).await;
    let proxy = Proxy::to(redis.port()).await;
    proxy.delay(Duration::from_millis(400), Duration::from_millis(400));
    let began = Instant::now();
    let listed = Bed::at(&proxy.redis_url(), "slow")
        .json(&["jobs", "list", "--limit", "2000"])
        .await;
    assert_eq!(listed.as_array().map(Vec::len), Some(2000));
    assert!(
        began.elapsed() > GIVEN_UP,
        "it was no test: {:?}",
        began.elapsed()
    );
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
    for level in ["info", "error"] {
        let bed = Bed::at(&redis.url(), "volatile")
            .with("PARCELD__VENDOR__ACCESS_TOKEN", "token")
            .with("PARCELD__LOG__LEVEL", level);
        let mut worker = Process::start(binary(), &["worker"], &bed.envs());
        worker.wait_for_line("keeps no append-only file", BOUND).await;
    }
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
