//! A connection that takes longer to make than a slot lasts.

use parceld_domain::policy::Policy;
use parceld_domain::state::State;

use crate::lines::taobao;
use crate::narrow_way::NarrowWay;
use crate::world::{World, quick_policy};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_connection_came_too_late_goes_back_and_costs_its_job_no_attempt() {
    let policy = Policy {
        vendor_timeout_ms: 3_000,
        ..quick_policy()
    };
    let world = World::with(policy, 10).await;
    let way = NarrowWay::closed().await;
    world.start_worker_through(&way.address()).await;
    let id = world.enqueue(&taobao(0)).await;
    way.wait_for_one_outside().await;
    way.open_to(world.simulator.clone());
    let job = world.wait_for(&id, State::Done).await;
    assert_eq!(job.fields["attempts"], "1", "{job:?}");
    assert!(
        job.history.iter().any(|entry| entry.contains("handed_back")),
        "{job:?}"
    );
    assert_eq!(world.judged().await["calls"], 1);
}
