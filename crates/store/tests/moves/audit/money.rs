//! Money that may have been spent twice.

use parceld_domain::audit::Fault;
use parceld_domain::private::Private;
use parceld_store::NewJob;

use super::{findings, told};
use crate::bed::{Bed, gift};

/// A gift order whose payload a worker could read.
fn order(id: &str) -> NewJob {
    let payload = r#"{"product_id":"28","warehouse_id":"23","source":"taobao","consignees":[{"consignee":"张三",
        "mobile":"15568821111","province":"浙江","city":"杭州","district":"余杭区","address":"余杭街道1号"}]}"#;
    NewJob {
        payload: Private::new(payload.to_owned()),
        ..gift(id)
    }
}

#[tokio::test]
async fn a_key_or_a_vendor_order_that_two_jobs_paid_is_found_and_names_no_person() {
    let bed = Bed::new().await;
    for id in ["a", "b"] {
        bed.put(order(id)).await;
    }
    assert_eq!(findings(&bed).await, []);
    for (id, memory) in [("a", r#"{"payments":1}"#), ("b", r#"{"payments":2}"#)] {
        let job = format!("~job:{id}");
        let _: i64 = bed
            .raw(&[
                "HSET",
                &job,
                "memory",
                memory,
                "result",
                r#"{"order_sn":"2020"}"#,
                "hold",
                "1,2",
            ])
            .await;
    }
    let _: i64 = bed
        .raw(&["HSET", "~job:b", "key", "key-a", "replaced_by", "a"])
        .await;
    let findings = findings(&bed).await;
    let faults: Vec<Fault> = told(&findings).into_iter().map(|(fault, _)| fault).collect();
    let expected = [
        Fault::PaidTwice,
        Fault::KeyPaidTwice,
        Fault::OrderShared,
        Fault::OrdersDoubled,
        Fault::OrdersDoubled,
        Fault::KeyElsewhere,
    ];
    assert_eq!(faults, expected, "{findings:#?}");
    assert!(!format!("{findings:?}").contains("张三"));
}
