//! turn_page.lua, observe.lua, release.lua and publish_catalogue.lua: shared reads and what they bring.

use parceld_domain::errand::Errand;
use parceld_domain::outcome::Fate;
use parceld_store::{Claimed, ErrandClaim, Turn};

use crate::bed::{Bed, gift, ids, payment, to};

const NO_GAP: u64 = 0;

fn waiting(errand: Errand, delay_ms: u64) -> Fate {
    Fate::Waiting {
        errand,
        delay_ms,
        since_ms: 1_700_000_000_000,
    }
}

async fn bed_with_gap(gap_ms: u64) -> Bed {
    Bed::with(|settings| settings.errand_gap_ms = gap_ms).await
}

async fn turn(bed: &Bed, claim: &ErrandClaim, turn: Turn) -> bool {
    bed.store
        .turn_page(&claim.grant, &claim.errand, &turn, false, "")
        .await
        .unwrap()
}

#[tokio::test]
async fn a_waiting_job_that_is_due_sends_its_errand_out_page_by_page() {
    let bed = bed_with_gap(NO_GAP).await;
    bed.bring(payment("a"), waiting(Errand::Packages, 0)).await;
    let first = bed.errand().await;
    assert_eq!((&first.errand, first.page), (&Errand::Packages, 1));
    assert_eq!(first.oldest_since_ms, Some(1_700_000_000_000));
    bed.nothing().await;
    assert!(
        bed.store
            .turn_page(&first.grant, &first.errand, &Turn::Page(2), true, "cursor")
            .await
            .unwrap()
    );
    assert!(!turn(&bed, &first, Turn::Page(3)).await, "a page is turned once");
    let second = bed.errand().await;
    assert_eq!((second.page, second.began_ms), (2, first.began_ms));
    assert_eq!((second.faulted, second.kept.as_str()), (true, "cursor"));
    assert!(second.grant.fence > first.grant.fence);
    assert!(turn(&bed, &second, Turn::End).await);
    bed.nothing().await;
    let asked: Option<u64> = bed.raw(&["ZSCORE", "~errands", "packages"]).await;
    assert_eq!(asked, None);
}

#[tokio::test]
async fn a_page_that_failed_is_read_again_after_its_delay() {
    let bed = bed_with_gap(NO_GAP).await;
    bed.bring(payment("a"), waiting(Errand::Packages, 0)).await;
    let claim = bed.errand().await;
    assert!(
        turn(
            &bed,
            &claim,
            Turn::Again {
                page: 1,
                delay_ms: 60_000
            }
        )
        .await
    );
    // A job that falls due meanwhile must not undo the pause.
    bed.bring(payment("b"), waiting(Errand::Packages, 0)).await;
    bed.nothing().await;
    let due_ms: u64 = bed.raw(&["ZSCORE", "~errands", "packages"]).await;
    assert!(due_ms > bed.now_ms().await + 50_000);
    let _: i64 = bed.raw(&["ZADD", "~errands", "1", "packages"]).await;
    let again = bed.errand().await;
    assert_eq!((again.page, again.began_ms), (1, claim.began_ms));
}

#[tokio::test]
async fn a_lost_errand_is_taken_up_at_its_page_and_the_old_fence_turns_nothing() {
    let bed = bed_with_gap(NO_GAP).await;
    bed.bring(payment("a"), waiting(Errand::Orders, 0)).await;
    let old = bed.errand().await;
    assert_eq!(bed.store.renew(&old.grant, Some("orders"), &[]).await.unwrap(), 1);
    let _: i64 = bed.raw(&["ZADD", "~errands", "1", "orders"]).await;
    let new = bed.errand().await;
    assert_eq!(new.page, 1);
    assert_eq!(bed.store.renew(&old.grant, Some("orders"), &[]).await.unwrap(), 0);
    assert!(!turn(&bed, &old, Turn::End).await);
    assert!(turn(&bed, &new, Turn::End).await);
}

#[tokio::test]
async fn a_handed_back_errand_is_due_again_at_once() {
    let bed = bed_with_gap(NO_GAP).await;
    bed.bring(payment("a"), waiting(Errand::Orders, 0)).await;
    let claim = bed.errand().await;
    bed.store
        .hand_back(&claim.grant, Some("orders"), &[])
        .await
        .unwrap();
    assert_eq!(bed.errand().await.errand, Errand::Orders);
}

#[tokio::test]
async fn who_falls_due_amid_a_pass_gets_another_one_and_who_was_due_before_does_not() {
    let bed = bed_with_gap(NO_GAP).await;
    bed.bring(payment("a"), waiting(Errand::Packages, 0)).await;
    let claim = bed.errand().await;
    let _: i64 = bed.raw(&["ZADD", "~waiting", "1", "a"]).await;
    bed.nothing().await;
    assert!(turn(&bed, &claim, Turn::End).await);
    bed.nothing().await;

    let _: i64 = bed.raw(&["ZADD", "~waiting", "1", "a"]).await;
    let claim = bed.errand().await;
    while bed.now_ms().await <= claim.began_ms {}
    bed.bring(payment("b"), waiting(Errand::Packages, 0)).await;
    bed.nothing().await;
    assert!(turn(&bed, &claim, Turn::End).await);
    assert_eq!(bed.errand().await.page, 1);
}

#[tokio::test]
async fn passes_begin_no_closer_than_their_gap() {
    let bed = bed_with_gap(30_000).await;
    bed.bring(payment("a"), waiting(Errand::Packages, 0)).await;
    let claim = bed.errand().await;
    assert!(turn(&bed, &claim, Turn::End).await);
    let _: i64 = bed.raw(&["ZADD", "~waiting", "1", "a"]).await;
    bed.nothing().await;
    let due_ms: u64 = bed.raw(&["ZSCORE", "~errands", "packages"]).await;
    assert_eq!(due_ms, claim.began_ms + 30_000);
}

#[tokio::test]
async fn a_pass_has_met_everybody_only_when_those_who_wait_were_met_or_came_in_since() {
    let bed = bed_with_gap(NO_GAP).await;
    for (id, delay_ms) in [("a", 60_000), ("b", 0)] {
        bed.bring(payment(id), waiting(Errand::Packages, delay_ms)).await;
    }
    let claim = bed.errand().await;
    bed.bring(payment("c"), waiting(Errand::Packages, 60_000)).await;
    let seen = bed.job("a").await;
    let done = Some(to(&seen, Fate::Done));
    bed.store
        .observe(&Errand::Packages, &[(&seen, done)])
        .await
        .unwrap();
    // "a" was met and waits no more, which must not make up for "b".
    assert_eq!(bed.store.unmet_count(&Errand::Packages).await.unwrap(), 1);
    assert!(turn(&bed, &claim, Turn::End).await);
    assert_eq!(bed.store.unmet_count(&Errand::Packages).await.unwrap(), 2);
}

#[tokio::test]
async fn an_observation_of_an_older_version_does_nothing() {
    let bed = bed_with_gap(NO_GAP).await;
    let seen = bed.bring(payment("a"), waiting(Errand::Packages, 60_000)).await;
    assert_eq!(bed.store.unmet_count(&Errand::Packages).await.unwrap(), 1);
    let met = bed
        .store
        .observe(&Errand::Packages, &[(&seen, None)])
        .await
        .unwrap();
    assert_eq!((met, bed.state("a").await.as_str()), (vec![true], "waiting"));
    assert_eq!(bed.store.unmet_count(&Errand::Packages).await.unwrap(), 0);
    let polled = Some(to(&seen, waiting(Errand::Packages, 90_000)));
    assert_eq!(
        bed.store
            .observe(&Errand::Packages, &[(&seen, polled)])
            .await
            .unwrap(),
        [true]
    );
    // It waits again in the same step; what was decided about its former state is void.
    let done = Some(to(&seen, Fate::Done));
    assert_eq!(
        bed.store
            .observe(&Errand::Packages, &[(&seen, done.clone())])
            .await
            .unwrap(),
        [false]
    );
    let seen = bed.job("a").await;
    assert_eq!(
        bed.store
            .observe(&Errand::Packages, &[(&seen, done)])
            .await
            .unwrap(),
        [true]
    );
    assert_eq!((bed.count("done").await, bed.count("waiting").await), (1, 0));
    let left: i64 = bed.raw(&["ZCARD", "~wait:packages"]).await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn jobs_that_a_pass_has_not_met_are_told_apart() {
    let bed = bed_with_gap(NO_GAP).await;
    let a = bed.bring(payment("a"), waiting(Errand::Packages, 60_000)).await;
    bed.bring(payment("b"), waiting(Errand::Packages, 60_000)).await;
    bed.store.observe(&Errand::Packages, &[(&a, None)]).await.unwrap();
    let (unmet, more) = bed.store.unmet(&Errand::Packages, 0, 10).await.unwrap();
    assert_eq!(
        unmet.jobs.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(),
        ["b"]
    );
    assert!(!more);
    // A new pass has met nobody.
    let _: i64 = bed.raw(&["ZADD", "~waiting", "1", "a"]).await;
    bed.errand().await;
    assert_eq!(
        bed.store
            .unmet(&Errand::Packages, 0, 10)
            .await
            .unwrap()
            .0
            .jobs
            .len(),
        2
    );
}

#[tokio::test]
async fn a_release_lets_only_the_waiting_of_that_errand_go_in_bounded_portions() {
    let bed = bed_with_gap(NO_GAP).await;
    for id in ["a", "b", "c"] {
        bed.bring(payment(id), waiting(Errand::Catalogue, 60_000)).await;
    }
    bed.bring(payment("other"), waiting(Errand::Packages, 60_000))
        .await;
    let _: i64 = bed
        .raw(&["ZADD", "~wait:catalogue", "9999999999999", "ghost"])
        .await;
    assert_eq!(bed.store.release(&Errand::Catalogue, 2).await.unwrap(), 2);
    assert_eq!(bed.store.release(&Errand::Catalogue, 2).await.unwrap(), 2);
    assert_eq!(bed.store.release(&Errand::Catalogue, 2).await.unwrap(), 0);
    assert_eq!((bed.count("ready").await, bed.count("waiting").await), (3, 1));
}

#[tokio::test]
async fn a_gift_order_is_created_only_beside_a_fresh_catalogue_that_is_fetched_once() {
    let bed = bed_with_gap(NO_GAP).await;
    bed.put(gift("a")).await;
    bed.put(gift("b")).await;
    let claim = bed.errand().await;
    assert_eq!((&claim.errand, claim.page), (&Errand::Catalogue, 1));
    bed.nothing().await;
    let began_ms = bed.now_ms().await;
    assert!(
        bed.store
            .publish_catalogue(&claim.grant, began_ms, r#"{"名":"册"}"#)
            .await
            .unwrap()
    );
    assert!(turn(&bed, &claim, Turn::End).await);
    assert_eq!(
        bed.store.catalogue().await.unwrap().as_deref(),
        Some(r#"{"名":"册"}"#)
    );
    assert_eq!(ids(&bed.take().await), ["a"]);
    assert!(
        !bed.store
            .publish_catalogue(&claim.grant, began_ms, "{}")
            .await
            .unwrap(),
        "the fence is old"
    );
    // Ten minutes and more later.
    let _: i64 = bed.raw(&["HSET", "~catalogue", "fetched_ms", "2"]).await;
    let claim = bed.errand().await;
    assert!(
        bed.store
            .publish_catalogue(&claim.grant, 1, "older")
            .await
            .unwrap()
    );
    assert_ne!(bed.store.catalogue().await.unwrap().as_deref(), Some("older"));
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_fetched_now_is_not_asked_for_without_pause() {
    let bed = bed_with_gap(NO_GAP).await;
    bed.put(gift("a")).await;
    bed.store
        .park(&"endpoint:list-warehouse".parse().unwrap(), "404")
        .await
        .unwrap();
    bed.nothing().await;
    let answer = bed.claim().await;
    assert!(matches!(answer, Claimed::Nothing { wait_ms: 1.. }), "{answer:?}");
}

#[tokio::test]
async fn an_order_that_was_cancelled_asks_for_no_catalogue() {
    let bed = bed_with_gap(NO_GAP).await;
    bed.put(gift("a")).await;
    let job = bed.job("a").await;
    bed.store
        .operate(&[(&job, to(&job, Fate::Cancelled))])
        .await
        .unwrap();
    bed.nothing().await;
}
