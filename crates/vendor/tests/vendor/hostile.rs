//! Replies of any bytes: each call ends with what it asked for, or with a refusal that shows nothing of a person.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use parceld_domain::id::Id;
use parceld_domain::verdict::{Refusal, Verdict};
use parceld_harness::{Mutation, mutated};
use parceld_vendor::{DetailQuery, OrderFilter, PackageFilter, Vendor};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::payloads;
use crate::server::{Reply, Server};

/// Who must stand in no refusal, unless the vendor's own message says it.
const NAME: &str = "王小明";
const PHONE: &str = "13912345678";
/// Batches of replies, one to each endpoint; `PROPTEST_CASES` asks for more.
const CASES: u32 = 40;
/// The samples of the vendor's documents, in the order of [`call`].
const SAMPLES: [&str; 13] = [
    "list-warehouse",
    "get-product-list",
    "get-shop-info",
    "order-create",
    "submit-payment",
    "get-order-list",
    "get-package-list",
    "get-package-cancel",
    "get-user-balance",
    "dy-ship-free",
    "send",
    "detail",
    "mpaging-orders",
];

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/{name}.json"))).unwrap()
}

/// The call of this number, and whether it is one with an effect.
async fn call(vendor: &Vendor, number: usize) -> (Result<String, Refusal>, bool) {
    fn shown<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> Result<String, Refusal> {
        answer.map(|answer| format!("{answer:?}"))
    }
    let id = Id::from("28");
    let ids = [Id::from("1"), Id::from("2")];
    match number {
        0 => (shown(vendor.list_warehouse().await), false),
        1 => (shown(vendor.get_product_list(1, 100).await), false),
        2 => (shown(vendor.get_shop_info(&id).await), false),
        3 => (
            shown(vendor.order_create(&payloads::gift_order(), "ERP-1").await),
            true,
        ),
        4 => (shown(vendor.submit_payment(&id, None).await), true),
        5 => (
            shown(vendor.get_order_list(1, 100, &OrderFilter::default()).await),
            false,
        ),
        6 => (
            shown(vendor.get_package_list(1, 100, &PackageFilter::default()).await),
            false,
        ),
        7 => (shown(vendor.get_package_cancel(&id).await), true),
        8 => (shown(vendor.get_user_balance().await), false),
        9 => {
            let ships = [
                payloads::douyin_ship("4839A", "SF1"),
                payloads::douyin_ship("4840A", "SF2"),
            ];
            (
                shown(
                    vendor
                        .dy_ship_free(&id, None, &ships.iter().collect::<Vec<_>>())
                        .await,
                ),
                true,
            )
        }
        10 => (shown(vendor.send(&payloads::taobao_ship()).await), true),
        11 => (
            shown(vendor.detail(&DetailQuery::look_up(id.clone(), id)).await),
            false,
        ),
        _ => (shown(vendor.mpaging_orders(&id, None, &ids).await), false),
    }
}

/// Gives each reply to one call after the other and judges what comes of it.
async fn judge(replies: &[(usize, Vec<u8>)]) {
    let bytes = replies.iter().map(|(_, body)| {
        let mut reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
        reply.extend_from_slice(body);
        Reply::bytes(reply)
    });
    let server = Server::answering(bytes.collect::<Vec<_>>()).await;
    let vendor = server.vendor();
    for (number, body) in replies {
        let told = || {
            format!(
                "{}: {}",
                SAMPLES[*number],
                String::from_utf8_lossy(&body[..body.len().min(2_000)])
            )
        };
        let answer = tokio::time::timeout(Duration::from_secs(10), call(&vendor, *number)).await;
        let (answer, has_effect) = answer.unwrap_or_else(|_| panic!("it takes too long: {}", told()));
        let Err(refusal) = answer else { continue };
        let shown = format!("{refusal:?} {}", refusal.msg);
        assert!(
            !shown.contains(NAME) && !shown.contains(PHONE),
            "{shown} after {}",
            told()
        );
        assert!(refusal.msg.chars().count() <= 1_000, "{shown}");
        // Bytes have come, so whoever has an effect may have had it.
        assert!(
            !has_effect || refusal.verdict != Verdict::NotSent,
            "{shown} after {}",
            told()
        );
    }
    assert_eq!(server.seen().len(), replies.len(), "no call is made twice");
}

fn corpus() -> Vec<Vec<u8>> {
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus")).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[tokio::test]
async fn every_reply_of_the_corpus_ends_every_call() {
    for body in corpus() {
        let replies: Vec<_> = (0..SAMPLES.len()).map(|number| (number, body.clone())).collect();
        judge(&replies).await;
    }
}

#[tokio::test]
async fn a_reply_beyond_its_bound_is_given_up() {
    const BOUND: usize = 1 << 16;
    let body = format!(r#"{{"code":0,"msg":"{}","data":[]}}"#, "长".repeat(BOUND));
    let server = Server::answering([Reply::ok(&body)]).await;
    let vendor = server.vendor_with(|settings| settings.reply_bytes_max = BOUND);
    let refusal = vendor.get_user_balance().await.unwrap_err();
    assert!(refusal.msg.contains("longer than 65536 bytes"), "{refusal:?}");
}

#[test]
fn a_sound_reply_in_any_disrepair_ends_its_call() {
    let damage = prop_oneof![
        6 => prop::collection::vec(any::<Mutation>(), 1..4).prop_map(Ok),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Err),
    ];
    let batch = prop::collection::vec(damage, SAMPLES.len());
    let config = Config {
        cases: std::env::var("PROPTEST_CASES")
            .ok()
            .and_then(|cases| cases.parse().ok())
            .unwrap_or(CASES),
        ..Config::with_source_file(file!())
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    TestRunner::new(config)
        .run(&batch, |batch| {
            let replies: Vec<(usize, Vec<u8>)> = batch
                .into_iter()
                .enumerate()
                .map(|(number, damage)| match damage {
                    Ok(mutations) => (
                        number,
                        mutated(&with_a_person(&sample(SAMPLES[number])), &mutations),
                    ),
                    Err(bytes) => (number, bytes),
                })
                .collect();
            runtime.block_on(judge(&replies));
            Ok(())
        })
        .unwrap();
}

/// The reply with somebody in its data.
fn with_a_person(reply: &[u8]) -> Vec<u8> {
    let mut reply: serde_json::Value = serde_json::from_slice(reply).unwrap();
    match &mut reply["data"] {
        serde_json::Value::Object(data) => {
            data.insert("consignee".to_owned(), NAME.into());
            data.insert("mobile".to_owned(), PHONE.into());
        }
        serde_json::Value::Array(rows) => {
            let rows = rows.iter_mut().filter_map(serde_json::Value::as_object_mut);
            rows.for_each(|row| drop(row.insert("consignee".to_owned(), format!("{NAME} {PHONE}").into())));
        }
        _ => {}
    }
    serde_json::to_vec(&reply).unwrap()
}
