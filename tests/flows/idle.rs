//! Idle workers: woken by what comes in, and by the time at which something is due.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parceld_domain::state::State;

use crate::lines::taobao;
use crate::world::World;

/// An idle worker asks by itself every two seconds; whatever is quicker was a wake.
const WOKEN_WITHIN: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_is_woken_by_what_comes_in() {
    let world = World::new().await;
    world.start_worker().await;
    let id = world.enqueue(&taobao(0)).await;
    world.wait_for(&id, State::Done).await;
    // Without a wake each of them would wait for what is left of the two seconds since the one before.
    for number in 1..4 {
        let start = Instant::now();
        let id = world.enqueue(&taobao(number)).await;
        world.wait_for(&id, State::Done).await;
        assert!(start.elapsed() < WOKEN_WITHIN, "{:?}", start.elapsed());
    }
    world.judged().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_job_runs_at_its_time_and_not_before() {
    let world = World::new().await;
    world.start_worker().await;
    let due = SystemTime::now() + Duration::from_millis(1_200);
    let mut line = taobao(1);
    let due_ms = due.duration_since(UNIX_EPOCH).unwrap().as_millis();
    let run_at = jiff::Timestamp::from_millisecond(due_ms.try_into().unwrap()).unwrap();
    line["run_at"] = run_at.to_string().into();
    let id = world.enqueue(&line).await;
    assert_eq!(world.job(&id).await.fields["state"], "scheduled");
    world.wait_for(&id, State::Done).await;
    // Milliseconds were cut off the time that the line gives.
    let ended = SystemTime::now() + Duration::from_millis(1);
    let late = ended.duration_since(due).expect("it did not run before its time");
    assert!(late < WOKEN_WITHIN, "{late:?}");
    world.judged().await;
}
