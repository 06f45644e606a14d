//! The limit: ten calls in any second, whoever makes them.

use parceld_domain::state::State;

use crate::lines::{douyin, gift, taobao};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn three_saturated_workers_never_make_eleven_calls_in_a_second() {
    let world = World::limited().await;
    world.set_option("ship_after_ms", 100).await;
    let mut lines: Vec<_> = (0..36).map(taobao).collect();
    lines.extend((0..4).map(|number| gift(&format!("G-{number}"))));
    lines.extend((0..60).map(|number| douyin("7", number)));
    let jobs = lines.len();
    world.enqueue_all(lines).await;
    for _ in 0..3 {
        world.start_worker().await;
    }
    world.wait_for_count(State::Done, jobs).await;
    let ledger = world.judged().await;
    assert!(ledger["calls"].as_u64() >= Some(40), "{ledger}");
    // The judge has seen no second with more than ten; a full one shows that the limit was reached at all.
    assert!(ledger["worst_second"].as_u64() >= Some(9), "{ledger}");
}
