//! Who sleeps is woken by what makes the earliest work earlier.

use std::time::Duration;

use parceld_domain::scope::Scope;
use parceld_store::{NewJob, Wakes};
use tokio::time::timeout;

use crate::bed::{Bed, taobao};

const BOUND: Duration = Duration::from_secs(10);

async fn woken(wakes: &mut Wakes) {
    assert!(
        timeout(BOUND, wakes.next()).await.expect("nobody was woken"),
        "the connection ended"
    );
}

#[tokio::test]
async fn a_job_in_an_empty_lane_and_an_earlier_due_time_wake_the_workers() {
    let bed = Bed::new().await;
    let mut wakes = bed.store.wakes().await.unwrap();
    bed.put(taobao("a", "1")).await;
    woken(&mut wakes).await;
    let now_ms = bed.now_ms().await;
    bed.put(NewJob {
        due_ms: Some(now_ms + 60_000),
        ..taobao("later", "1")
    })
    .await;
    woken(&mut wakes).await;
    bed.put(NewJob {
        due_ms: Some(now_ms + 30_000),
        ..taobao("sooner", "1")
    })
    .await;
    woken(&mut wakes).await;
}

#[tokio::test]
async fn a_resumed_scope_wakes_the_workers() {
    let bed = Bed::new().await;
    bed.store.park(&Scope::Account, "401").await.unwrap();
    let mut wakes = bed.store.wakes().await.unwrap();
    bed.store.resume(&Scope::Account).await.unwrap();
    woken(&mut wakes).await;
}

#[tokio::test]
async fn a_job_behind_others_wakes_nobody() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "1")).await;
    let later = bed.now_ms().await + 60_000;
    bed.put(NewJob {
        due_ms: Some(later),
        ..taobao("b", "1")
    })
    .await;
    let mut wakes = bed.store.wakes().await.unwrap();
    bed.put(taobao("c", "1")).await;
    bed.put(NewJob {
        due_ms: Some(later + 1),
        ..taobao("d", "1")
    })
    .await;
    // The mark comes first, because Redis tells in order.
    let _: i64 = bed.raw(&["PUBLISH", "~wake", "mark"]).await;
    woken(&mut wakes).await;
    let more = timeout(Duration::from_millis(50), wakes.next()).await;
    assert!(more.is_err(), "there was a wake besides the mark");
}
