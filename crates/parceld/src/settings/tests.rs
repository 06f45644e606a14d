//! Each layer, each refusal, and that no secret is shown.

mod hostile;

use std::fs;
use std::path::PathBuf;

use super::*;

fn load(variables: &[(&str, &str)], flags: &[&str]) -> Result<Settings, SettingsError> {
    load_with(None, variables, flags)
}

fn load_with(
    file: Option<&Path>,
    variables: &[(&str, &str)],
    flags: &[&str],
) -> Result<Settings, SettingsError> {
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let flags: Vec<String> = flags.iter().map(ToString::to_string).collect();
    Settings::read(Layers::read(file, variables, &flags)?)
}

fn print(settings: &Settings) -> String {
    settings.shown().iter().map(Shown::line).collect()
}

/// A settings file that is gone with the test.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = std::env::temp_dir().join(format!("parceld-{}-{name}.toml", std::process::id()));
        fs::write(&path, text).unwrap();
        TempFile(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[track_caller]
fn refused(flags: &[&str], message: &str) {
    let error = load(&[], flags).map(|_| ()).unwrap_err().to_string();
    assert!(
        error.contains(message),
        "{flags:?}\n  says: {error}\n  not:  {message}"
    );
}

#[test]
fn the_documented_defaults_are_those_of_the_code() {
    let settings = load(&[], &[]).unwrap();
    assert_eq!(settings.policy, Policy::default());
    let (own, theirs) = (
        &settings.store,
        StoreSettings::new("redis://127.0.0.1:6379/0", "parceld"),
    );
    assert_eq!(format!("{own:?}"), format!("{theirs:?}"));
    assert_eq!(settings.worker.in_flight, 32);
    assert_eq!(settings.worker.shutdown_grace, Duration::from_secs(30));
}

#[test]
fn file_environment_and_flags_win_in_this_order() {
    let file = TempFile::new(
        "order",
        "[retry]\nmax_attempts = 3\ninitial = \"1s\"\nmax = \"2m\"\n",
    );
    let variables = [
        ("PARCELD__RETRY__MAX_ATTEMPTS", "4"),
        ("PARCELD__RETRY__MAX", "3m"),
        ("PARCELD_TEST_REDIS", "x"),
        ("PATH", "/bin"),
        ("PARCELD__REDIS__URL", ""),
    ];
    let settings = load_with(Some(&file.0), &variables, &["retry.max_attempts=5"]).unwrap();
    assert_eq!(settings.policy.retry_initial_ms, 1_000);
    assert_eq!(settings.policy.retry_max_ms, 180_000);
    assert_eq!(settings.policy.retry_max_attempts, 5);
    assert_eq!(settings.store.url, "redis://127.0.0.1:6379/0");
    let print = print(&settings);
    assert!(
        print.contains("retry.max = \"3m\"  # environment variable PARCELD__RETRY__MAX\n"),
        "{print}"
    );
    assert!(
        print.contains(&format!("retry.initial = \"1s\"  # file {}\n", file.0.display())),
        "{print}"
    );
    assert!(print.contains("keep.done = \"7d\"  # default\n"), "{print}");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_one() {
    refused(
        &["retry.max_attempt=1"],
        "retry.max_attempt = \"1\" (flag --set): is not known; did you mean retry.max_attempts?",
    );
    refused(&["rety.max=1s"], "did you mean retry.max?");
    refused(
        &["redis.urll=5"],
        "redis.urll = \"5\" (flag --set): is not known; did you mean redis.url?",
    );
    refused(&["log.levl=info"], "log.levl = \"info\" (flag --set)");
    refused(
        &["redis.urll=redis://a:6379/0"],
        "redis.urll = \"redis://a:6379/0\" (flag --set)",
    );
    refused(
        &["redis.urll=redis://me:hush@a:6379/0"],
        "redis.urll = \"redis://me:***@a:6379/0\" (flag --set)",
    );
    for secret in [
        "vendor.acess_tokn",
        "redis.pasword",
        "vendor.tokn",
        "vendor.api_secrt",
    ] {
        refused(
            &[&format!("{secret}=hush")],
            &format!("{secret} = \"***\" (flag --set)"),
        );
    }
    refused(&["zzz=1"], "is not known; allowed: batch, classify, gift_order");
    refused(
        &["vendor.endpoints.nowhere.path=/x"],
        "where <name> is one of list-warehouse",
    );
    refused(&["vendor.endpoints.send.paths=/x"], "is not known");
    let error = load(&[("PARCELD__WORKER__LEASES", "60s")], &[])
        .map(|_| ())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("(environment variable PARCELD__WORKER__LEASES)"),
        "{error}"
    );
    assert_eq!(
        load(&[], &["novalue"]).map(|_| ()).unwrap_err(),
        SettingsError::Flag("novalue".to_owned())
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_what_is_allowed() {
    refused(
        &["rate_limit.per_second=ten"],
        "rate_limit.per_second = \"ten\" (flag --set): must be a whole number from 0 to 1000",
    );
    refused(&["worker.in_flight=0"], "must be a whole number from 1 to");
    refused(&["batch.douyin_ship=101"], "must be a whole number from 1 to 100");
    refused(&["rate_limit.weights.pay=-1"], "must be a whole number");
    refused(&["vendor.timeout=10"], "must be a duration such as");
    refused(&["classify.retry_614_once=yes"], "must be true or false");
    refused(&["log.format=xml"], "allowed: text, json");
    refused(&["log.level=a=b=c"], "must be error, warn, info");
    refused(&["redis.namespace="], "must not be empty");
    refused(
        &["vendor.endpoints.send.encoding=xml"],
        "allowed: json, multipart, form",
    );
    let file = TempFile::new("types", "[rate_limit]\nper_second = \"10\"\n");
    let error = load_with(Some(&file.0), &[], &[])
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(error.contains("rate_limit.per_second = \"10\" (file "), "{error}");
}

#[test]
fn impossible_combinations_are_refused() {
    refused(
        &["worker.lease=19s"],
        "worker.lease = \"19s\" (flag --set): must be at least 2 x vendor.timeout = \"10s\" (default)",
    );
    refused(
        &["vendor.timeout=31s"],
        "worker.lease = \"60s\" (default): must be at least 2 x vendor.timeout",
    );
    refused(&["retry.max=1s"], "must be at least retry.initial");
    refused(
        &["gift_order.poll_max=1s"],
        "must be at least gift_order.poll_initial",
    );
    refused(&["vendor.timeout=0s"], "must be longer than zero");
    refused(
        &["rate_limit.per_second=0"],
        "no limit is only for something local, and vendor.base_url = \"http://api.vv-tool.com\" (default) leads to",
    );
    refused(&["redis.url=http://x"], "must be an address such as redis://");
    refused(&["redis.namespace=a b"], "must be letters, digits");
    refused(
        &["vendor.base_url=ftp://x"],
        "must begin with http:// or https://",
    );
    assert!(load(&[], &["worker.lease=20s"]).is_ok());
}

#[test]
fn no_limit_is_for_local_addresses_only() {
    let with = |base_url: &str| {
        let base_url = format!("vendor.base_url={base_url}");
        load(&[], &["rate_limit.per_second=0", &base_url]).is_ok()
    };
    for local in [
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://10.1.2.3/x",
        "http://[::1]:1",
    ] {
        assert!(with(local), "{local}");
    }
    for public in [
        "http://8.8.8.8",
        "http://localhost.example.com",
        "https://api.vv-tool.com",
        "http://[2001:db8::1]",
    ] {
        assert!(!with(public), "{public}");
    }
}

#[test]
fn endpoints_are_changed_by_name() {
    let file = TempFile::new(
        "endpoints",
        "[vendor.endpoints.mpaging-orders]\npath = \"/tool/erps/paging-orders\"\nencoding = \"form\"\n\
         fields = { order_sns = \"orderSns[]\" }\n[vendor.endpoints.dy-ship-free.fields]\n\"params.order_id\" = \"oid\"\n",
    );
    let settings = load_with(Some(&file.0), &[("PARCELD__VENDOR__ACCESS_TOKEN", "t")], &[]).unwrap();
    let vendor = settings.vendor().unwrap();
    let orders = &vendor.endpoints[&Endpoint::MpagingOrders];
    assert_eq!(orders.path.as_deref(), Some("/tool/erps/paging-orders"));
    assert_eq!(orders.encoding, Some(parceld_vendor::Encoding::Form));
    assert_eq!(orders.fields["order_sns"], "orderSns[]");
    assert_eq!(
        vendor.endpoints[&Endpoint::DyShipFree].fields["params.order_id"],
        "oid"
    );
}

#[test]
fn no_secret_is_shown() {
    let flags = [
        "redis.url=redis://user:hush@host:1/0",
        "redis.sentinel.nodes=a:1",
        "redis.sentinel.master=m",
        "redis.sentinel.password=hush",
        "vendor.access_token=hush",
    ];
    let settings = load(&[], &flags).unwrap();
    assert!(!format!("{:?}", settings.store.sentinel).contains("hush"));
    let print = print(&settings);
    assert!(!print.contains("hush"), "{print}");
    assert!(
        print.contains("redis.url = \"redis://user:***@host:1/0\""),
        "{print}"
    );
    for flags in [
        ["redis.url=x://user:hush@host"],
        ["redis.url=user:hush@host"],
        ["vendor.base_url=ftp://u:hush@h"],
        ["redis.sentinel.nodes=:hush@a:1,b:2"],
        ["redis.sentinel.nodes=redis://:hush@a:1,redis://:hush@b:2"],
    ] {
        let error = load(&[], &flags).map(|_| ()).unwrap_err().to_string();
        assert!(!error.contains("hush"), "{error}");
    }
    let nodes = TempFile::new(
        "nodes",
        "[redis.sentinel]\nnodes = [\"u:hush@a:1\"]\nmaster = \"m\"\n",
    );
    let error = load_with(Some(&nodes.0), &[], &[]).map(|_| ()).unwrap_err();
    assert!(!error.to_string().contains("hush"), "{error}");
    let file = TempFile::new("broken", "[vendor]\naccess_token = \"hush\n");
    let error = load_with(Some(&file.0), &[], &[])
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(!error.contains("hush"), "{error}");
    assert!(error.contains("line 2"), "{error}");
}

#[test]
fn sentinels_are_read_from_a_list_or_from_one_text() {
    let file = TempFile::new(
        "sentinel",
        "[redis.sentinel]\nnodes = [\"s1.example:26380\", \"10.0.0.2\", \"[::1]:26381\"]\nmaster = \"mymaster\"\n",
    );
    let listed = load_with(Some(&file.0), &[], &[]).unwrap();
    let variables = [
        (
            "PARCELD__REDIS__SENTINEL__NODES",
            "s1.example:26380, 10.0.0.2,[::1]:26381",
        ),
        ("PARCELD__REDIS__SENTINEL__MASTER", "mymaster"),
    ];
    let in_one = load(&variables, &[]).unwrap();
    for settings in [&listed, &in_one] {
        let sentinel = settings.store.sentinel.as_ref().unwrap();
        let expected = [("10.0.0.2", 26_379), ("::1", 26_381), ("s1.example", 26_380)];
        let expected: Vec<(String, u16)> = expected.map(|(host, port)| (host.to_owned(), port)).into();
        assert_eq!(sentinel.nodes, expected);
        assert_eq!(sentinel.master, "mymaster");
    }
    let print = print(&listed);
    assert!(
        print.contains(
            "redis.sentinel.nodes = [\"s1.example:26380\", \"10.0.0.2\", \"[::1]:26381\"]  # file "
        ),
        "{print}"
    );
    assert!(load(&[], &[]).unwrap().store.sentinel.is_none());
}

#[test]
fn sentinels_that_cannot_be_asked_are_refused() {
    const MASTER: &str = "redis.sentinel.master=m";
    refused(
        &[MASTER],
        "redis.sentinel.master = \"m\" (flag --set): means nothing without redis.sentinel.nodes, which is not set",
    );
    refused(
        &["redis.sentinel.password=hush"],
        "redis.sentinel.password = \"***\"",
    );
    refused(
        &["redis.sentinel.nodes=a:1"],
        "needs redis.sentinel.master as well",
    );
    refused(
        &["redis.sentinel.nodes=a:1", MASTER, "redis.sentinel.username=u"],
        "redis.sentinel.username = \"u\" (flag --set): needs redis.sentinel.password as well",
    );
    refused(
        &["redis.sentinel.nodes=a:1,b:2,a:1", MASTER],
        "a:1 stands there twice",
    );
    refused(&["redis.sentinel.nodes=a:1,,b:2", MASTER], "nor any part of it");
    for wrong in ["redis://a:1", "a:port", "a:99999", "user:hush@a:1"] {
        refused(
            &[&format!("redis.sentinel.nodes={wrong}"), MASTER],
            "must be hosts, each with its port",
        );
    }
    refused(&["redis.sentinel.node=a:1"], "did you mean redis.sentinel.nodes?");
}

#[test]
fn a_token_file_wins_and_must_be_readable() {
    let token = TempFile::new("token", " from-file\n");
    let file_flag = format!("vendor.access_token_file={}", token.0.display());
    let settings = load(&[], &[&file_flag, "vendor.access_token=from-setting"]).unwrap();
    let vendor = settings.vendor().unwrap();
    assert_eq!(
        secrecy::ExposeSecret::expose_secret(&vendor.access_token),
        "from-file"
    );
    let missing = load(&[], &["vendor.access_token_file=/nowhere/token"]).unwrap();
    assert!(missing.vendor().unwrap_err().to_string().starts_with(
        "vendor.access_token_file = \"/nowhere/token\" (flag --set): the access token cannot be read"
    ));
    let none = load(&[], &[]).unwrap();
    assert!(
        none.vendor()
            .unwrap_err()
            .to_string()
            .starts_with("vendor.access_token is not set")
    );
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let error = load_with(Some(Path::new("/nowhere/parceld.toml")), &[], &[])
        .map(|_| ())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/nowhere/parceld.toml: the settings cannot be read"),
        "{error}"
    );
}
