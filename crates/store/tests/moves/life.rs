//! One job from its acceptance to its end, move by move.

use parceld_domain::outcome::Fate;
use parceld_store::{Begun, Claimed};

use crate::bed::{Bed, ids, taobao};

#[tokio::test]
async fn a_job_goes_from_its_lane_through_one_call_to_its_end() {
    let bed = Bed::new().await;
    bed.put(taobao("a", "shop-1")).await;
    let claim = bed.take().await;
    assert_eq!(ids(&claim), ["a"]);
    assert_eq!(bed.begin(&claim).await, Begun::Granted);
    assert!(bed.settle(&claim.grant, &claim.jobs[0], Fate::Done).await);
    assert_eq!(bed.state("a").await, "done");
    assert!(matches!(bed.claim().await, Claimed::Nothing { .. }));
}
