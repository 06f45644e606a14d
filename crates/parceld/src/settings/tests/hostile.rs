//! Settings of any bytes: they hold, or are refused in a bounded word that shows no secret.

use parceld_harness::{Mutation, mutated};
use proptest::prelude::*;

use super::*;

/// The access token, and the password in every address.
const SECRET: &str = "s3cr3t-marker";
/// Characters of a refusal: the key, its value, where it came from and what is allowed.
const REFUSAL_MAX: usize = 2_000;
/// A settings file with a secret wherever one can stand.
const FILE: &str = r#"
[redis]
url = "rediss://user:s3cr3t-marker@redis.example.com:6380/0?x=s3cr3t-marker"
namespace = "{erp}"

[vendor]
access_token = "s3cr3t-marker"
base_url = "https://user:s3cr3t-marker@vendor.example.com/"
timeout = "10s"

[worker]
lease = "60s"
in_flight = 32

[rate_limit]
per_second = 10

[vendor.endpoints.send]
path = "/tool/erps/send"
encoding = "multipart"
"#;

/// What must hold of any file, and of variables and flags beside it.
fn holds(file: &[u8], variables: &[(&str, &str)], flags: &[&str]) {
    let file = TempFile::new(&format!("hostile-{:?}", std::thread::current().id()), file);
    let read = load_with(Some(&file.0), variables, flags);
    let shown = match &read {
        Ok(settings) => {
            let shown: String = settings.shown().iter().map(Shown::line).collect();
            format!("{shown}{:?}", settings.store.per_second)
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(
                shown.chars().count() <= REFUSAL_MAX,
                "{} characters",
                shown.chars().count()
            );
            format!("{shown} {error:?}")
        }
    };
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn every_file_of_the_corpus_holds_or_is_refused_without_a_secret() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/src/settings/corpus");
    let paths: Vec<PathBuf> = fs::read_dir(corpus)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        eprintln!("{}", path.display());
        holds(&fs::read(&path).unwrap(), &[], &[]);
    }
}

#[test]
fn a_slip_in_the_name_of_a_secret_does_not_show_it() {
    for key in [
        "vendor.acces_token",
        "vendor.token",
        "vendor.accesstoken",
        "vender.access_token",
        "redis.password",
        "access_token",
        "vendor.access_token.value",
        "vendor.api_secret",
    ] {
        let flag = format!("{key}={SECRET}");
        let variable = variable_of(key);
        holds(b"", &[(variable.as_str(), SECRET)], &[]);
        holds(b"", &[], &[flag.as_str()]);
        holds(format!("{key} = \"{SECRET}\"").as_bytes(), &[], &[]);
        holds(format!("{key} = [\"{SECRET}\"]").as_bytes(), &[], &[]);
        holds(b"", &[], &[flag.replace('=', ":").as_str()]);
    }
    let far = format!("vendor.base_url=http://user:{SECRET}@vendor.example.com");
    holds(b"", &[], &["rate_limit.per_second=0", far.as_str()]);
    for key in [
        "redis.urls",
        "redis.address",
        "vendor.base_uri",
        "redis.url",
        "vendor.base_url",
        "redis.url.host",
    ] {
        let address = format!("redis://user:{SECRET}@host/0");
        holds(b"", &[], &[format!("{key}={address}").as_str()]);
        holds(format!("{key} = \"{address}\"").as_bytes(), &[], &[]);
        holds(format!("{key} = [\"{address}\"]").as_bytes(), &[], &[]);
    }
}

fn variable_of(key: &str) -> String {
    format!("PARCELD__{}", key.to_uppercase().replace('.', "__"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400)
    ))]

    #[test]
    fn any_file_holds_or_is_refused(file in prop::collection::vec(any::<u8>(), 0..400)) {
        holds(&file, &[], &[]);
    }

    #[test]
    fn a_sound_file_in_any_disrepair_holds_or_is_refused(
        // Nothing is cut out or doubled in the middle: that could bring the secret under a key that is none.
        mutations in prop::collection::vec(any::<Mutation>().prop_filter("cut", |change| !matches!(change.0 % 8, 3 | 4)), 1..3),
    ) {
        holds(&mutated(FILE.as_bytes(), &mutations), &[], &[]);
    }

    #[test]
    fn any_value_of_any_variable_or_flag_holds_or_is_refused(
        place in any::<prop::sample::Index>(),
        value in any::<String>(),
        name in "[A-Z_\\[\\]0-9.]{0,40}",
    ) {
        let settings = load(&[], &[]).unwrap();
        let keys: Vec<String> = settings.shown().iter().map(Shown::line).collect();
        let key = keys[place.index(keys.len())].split(' ').next().unwrap().to_owned();
        let value = value.replace('\0', "");
        holds(b"", &[(variable_of(&key).as_str(), &value)], &[]);
        holds(b"", &[(format!("PARCELD__{name}").as_str(), &value)], &[]);
        holds(b"", &[], &[format!("{key}={value}").as_str(), value.as_str()]);
    }
}
