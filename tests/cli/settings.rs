//! Settings that cannot hold end every command with 78; `parceld config` shows what holds.

use crate::bed::Bed;

fn nowhere() -> Bed {
    Bed::at("redis://127.0.0.1:1", "none")
}

#[tokio::test]
async fn a_setting_that_cannot_hold_ends_with_78_key_value_origin_and_what_is_allowed() {
    let cases = [
        (
            "PARCELD__WORKER__LEASE",
            "15s",
            "worker.lease = \"15s\" (environment variable PARCELD__WORKER__LEASE): must be at least 2 x vendor.timeout",
        ),
        (
            "PARCELD__WORKER__LEESE",
            "15s",
            "worker.leese = \"15s\" (environment variable PARCELD__WORKER__LEESE): is not known; did you mean worker.lease?",
        ),
        (
            "PARCELD__RATE_LIMIT__PER_SECOND",
            "fast",
            "must be a whole number from 0 to 1000",
        ),
        (
            "PARCELD__RATE_LIMIT__PER_SECOND",
            "0",
            "no limit is only for something local",
        ),
        ("PARCELD__REDIS__URL", "localhost", "redis.url = \"localhost\""),
    ];
    for (name, value, message) in cases {
        let ran = nowhere().with(name, value).run(&["stats"]).await;
        assert_eq!(ran.code, 78, "{ran:?}");
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    let file = nowhere().run(&["--config", "/nowhere/p.toml", "stats"]).await;
    assert_eq!(file.code, 78);
    assert!(file.stderr.contains("/nowhere/p.toml"), "{}", file.stderr);
}

#[tokio::test]
async fn a_worker_without_a_token_ends_with_78_and_says_how_to_give_one() {
    let ran = nowhere().run(&["worker"]).await;
    assert_eq!(ran.code, 78);
    assert!(
        ran.stderr.contains("vendor.access_token is not set"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("vendor.access_token_file"), "{}", ran.stderr);
}

#[tokio::test]
async fn settings_are_checked_and_printed_without_secrets() {
    let bed = nowhere()
        .with("PARCELD__VENDOR__ACCESS_TOKEN", "hush-hush")
        .with("PARCELD__REDIS__URL", "redis://me:hush-hush@127.0.0.1:1/0");
    let check = bed.run(&["config", "check"]).await;
    assert_eq!(
        (check.code, check.stdout.as_str()),
        (0, "the settings can be used\n")
    );
    let print = bed.run(&["config", "print", "--set", "retry.max=20m"]).await;
    assert_eq!(print.code, 0);
    assert!(!print.stdout.contains("hush"), "{}", print.stdout);
    assert!(
        print.stdout.contains("retry.max = \"20m\"  # flag --set\n"),
        "{}",
        print.stdout
    );
    let broken = bed
        .run(&["config", "check", "--set", "vendor.endpoints.send.fields.tids=x"])
        .await;
    assert_eq!(broken.code, 78);
    assert!(broken.stderr.contains("tids"), "{}", broken.stderr);
}

#[tokio::test]
async fn a_usage_that_is_not_known_ends_with_2() {
    for args in [&[][..], &["fly"], &["stats", "-o", "xml"], &["worker", "--fast"]] {
        assert_eq!(nowhere().run(args).await.code, 2, "{args:?}");
    }
    assert_eq!(nowhere().run(&["--help"]).await.code, 0);
}
