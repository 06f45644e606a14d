//! Job lines of any bytes: refused with a bounded word that shows nothing of a person, or taken in and read back.

#![allow(clippy::unwrap_used, reason = "a test ends where it is surprised")]

use std::fs;

use parceld_domain::line::{JobLine, LINE_BYTES_MAX};
use parceld_domain::payload::Payload;
use parceld_harness::{Mutation, mutated};
use proptest::prelude::*;

/// Who must stand in no error and in nothing that is printed.
const NAME: &str = "王小明";
const PHONE: &str = "13912345678";
/// Characters of an error: it names a field, shows a short value, and says what is allowed.
const ERROR_MAX: usize = 1_000;

/// A sound line of each kind, with everything that it may say.
const SOUND: [&str; 6] = [
    r#"{"kind":"taobao.ship","key":"ERP-1","run_at":"2026-11-21T20:13:05+08:00","payload":{"shop_id":"123456789","tid":1692089714634374451,"out_sid":"YT0001","company_code":"YTO","sub_tid":"1,2","is_split":1,"sender_id":"11","cancel_id":"12","feature":"identCode=1:a,b","vvtype":"4"}}"#,
    r#"{"kind":"douyin.ship","payload":{"shop_id":"s","order_id":"4839943515679900001A","logistics_code":"sf","waybill_code":"SF1","vvtype":1}}"#,
    r#"{"kind":"gift.order","key":"G-1","payload":{"product_id":11,"warehouse_id":23,"source":"tmall","product_number":2,"shop_id":"7","consignees":[{"consignee":"王小明","mobile":13912345678,"province":"浙江","city":"杭州","district":"余杭区","address":"王小明家13912345678","platform_order_sn":"202011041511461997011"}]}}"#,
    r#"{"kind":"gift.cancel","payload":{"package_id":243}}"#,
    r#"{"kind":"orders.sync","payload":{"owner_id":"o","order_sns":["201117-6",202011041511461997011],"type":1}}"#,
    r#"{"kind":"logistics.sync","payload":{"shop_id":"s","buyer_nick":"王小明","receiver_name":"王小明","start_created":"2021-04-01 00:00:00","freight_payer":"seller"}}"#,
];

/// What must hold of any bytes; `is_private` says that no field that an error shows can hold what is a person's.
fn holds(line: &[u8], is_private: bool) {
    match JobLine::parse(line) {
        Ok(job) => reads_back(&job),
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(
                shown.chars().count() <= 2 * ERROR_MAX,
                "{} characters",
                shown.chars().count()
            );
            assert!(!shown.chars().any(|letter| letter == '\n'), "{shown}");
            assert!(
                !is_private || !(shown.contains(NAME) || shown.contains(PHONE)),
                "{shown}"
            );
        }
    }
}

/// What was taken in is stored, read back and, put in again, the same work under the same key.
fn reads_back(job: &JobLine) {
    let text = job.normalised.expose();
    assert!(text.len() <= LINE_BYTES_MAX);
    assert_eq!(Payload::decode(job.kind, text).unwrap(), job.payload);
    // A line with all its words is somewhat longer than its payload.
    if text.len() < LINE_BYTES_MAX - 1024 && !job.key.is_empty() && job.key.len() <= 128 {
        let key = serde_json::to_string(&job.key).unwrap();
        let again = format!(r#"{{"kind":"{}","key":{key},"payload":{text}}}"#, job.kind);
        let again = JobLine::parse(again.as_bytes()).unwrap();
        assert_eq!((&again.payload, &again.key), (&job.payload, &job.key));
        assert_eq!(again.normalised, job.normalised);
    }
    let printed = format!("{job:?}");
    assert!(!printed.contains(NAME) && !printed.contains(PHONE), "{printed}");
}

#[test]
fn every_line_of_the_corpus_is_refused_without_a_name_or_taken_in() {
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus")).unwrap();
    let paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        eprintln!("{}", path.display());
        holds(&fs::read(&path).unwrap(), true);
    }
}

#[test]
fn sound_lines_are_taken_in_and_read_back() {
    for line in SOUND {
        reads_back(&JobLine::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}")));
    }
}

#[test]
fn a_line_beyond_its_bound_is_not_even_read() {
    for bytes in [LINE_BYTES_MAX + 1, 1 << 20, 1 << 26] {
        let error = JobLine::parse(&vec![b'['; bytes]).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("line: is {bytes} bytes long; at most {LINE_BYTES_MAX}")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(3_000)))]

    #[test]
    fn any_bytes_are_refused_or_taken_in(line in prop::collection::vec(any::<u8>(), 0..300)) {
        holds(&line, true);
    }

    #[test]
    fn any_text_in_any_field_is_refused_or_taken_in(
        kind in 0..SOUND.len(),
        place in any::<prop::sample::Index>(),
        text in any::<String>(),
    ) {
        let line: serde_json::Value = serde_json::from_str(SOUND[kind]).unwrap();
        let mut leaves = leaves(&line, String::new());
        let leaf = leaves.remove(place.index(leaves.len()));
        let mut line = line;
        *line.pointer_mut(&leaf).unwrap() = serde_json::Value::String(text);
        holds(line.to_string().as_bytes(), true);
    }

    #[test]
    fn a_sound_line_in_any_disrepair_is_refused_or_taken_in(
        kind in 0..SOUND.len(),
        mutations in prop::collection::vec(any::<Mutation>(), 1..4),
    ) {
        // What is cut out of the middle may bring a name into a field that an error shows, such as the kind.
        let is_private = !mutations.iter().any(|(what, _, _)| matches!(what % 8, 3 | 4));
        holds(&mutated(SOUND[kind].as_bytes(), &mutations), is_private);
    }
}

/// The pointers of everything that is neither an object nor a list.
fn leaves(value: &serde_json::Value, at: String) -> Vec<String> {
    match value {
        serde_json::Value::Object(fields) => {
            let below = fields
                .iter()
                .flat_map(|(name, value)| leaves(value, format!("{at}/{name}")));
            below.collect()
        }
        serde_json::Value::Array(items) => {
            let below = items.iter().enumerate();
            below
                .flat_map(|(index, value)| leaves(value, format!("{at}/{index}")))
                .collect()
        }
        _ => vec![at],
    }
}

/// How many, unless `PROPTEST_CASES` says.
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(usual)
}
