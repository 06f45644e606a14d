//! The namespace becomes another version's, or is flushed away, under a worker that runs.

use std::time::Duration;

use parceld_test_support::judge::{assert_all_done, clean_ledger_of_mixed};
use parceld_test_support::{BOUND, Crew, World, jobs, wait_until};
use tokio::time::sleep;

use crate::PARCELD;

const SIXES: usize = 20;
/// Of another version.
const NEWER: &str = "2";
/// How long calls may still arrive that were claimed before, with all their moves.
const CLAIMED_BEFORE: Duration = Duration::from_secs(2);
/// A worker that went on would make a dozen moves and more.
const A_WHILE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_reconnects_to_a_newer_namespace_stays_and_touches_nothing_until_it_is_its_own() {
    let world = World::new(PARCELD).await;
    let mut crew = stopped_by_newer(&world, || {
        world.redis.command(&["CLIENT", "KILL", "TYPE", "normal"]);
    })
    .await;
    goes_on_when_it_is_its_own(&world, &mut crew).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_namespace_becomes_newer_under_its_connection_sees_it_as_well() {
    let world = World::new(PARCELD).await;
    let mut crew = stopped_by_newer(&world, || ()).await;
    goes_on_when_it_is_its_own(&world, &mut crew).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_marks_a_namespace_again_that_was_flushed_away() {
    let world = World::new(PARCELD).await;
    let mut crew = Crew::of(&world, 1);
    world.enqueue(&jobs::mixed(1));
    world.wait_for_further_calls(1).await;
    world.redis.command(&["FLUSHALL"]);
    wait_until("the namespace is marked", BOUND, async || {
        let marks = world.redis.command(&["EXISTS", "parceld:format", "parceld:HELP"]);
        if marks == "2" { Ok(()) } else { Err(marks) }
    })
    .await;
    assert_eq!(world.redis.command(&["GET", "parceld:format"]), "1");
    crew.assert_alive();
    let id = world.enqueue(&[jobs::taobao(9_999)]).remove(0);
    world.wait_for_done(&id).await;
}

/// A worker with work under way that has met a newer namespace, told by `meet`, and has said so once.
async fn stopped_by_newer(world: &World, meet: impl FnOnce()) -> Crew {
    world.enqueue(&jobs::mixed(SIXES));
    let mut crew = Crew::of(world, 1);
    world.wait_for_further_calls(5).await;
    world.redis.command(&["SET", "parceld:format", NEWER]);
    meet();
    wait_until("the worker says that it waits", BOUND, async || {
        match refusals(&crew) {
            0 => Err(format!("{:#?}", crew.stderr())),
            _ => Ok(()),
        }
    })
    .await;
    sleep(CLAIMED_BEFORE).await;
    let before = (world.redis.moves(), world.calls().await.len());
    sleep(A_WHILE).await;
    assert_eq!((world.redis.moves(), world.calls().await.len()), before);
    crew.assert_alive();
    assert_eq!(refusals(&crew), 1, "{:#?}", crew.stderr());
    let enqueue = world
        .start_enqueue(&[jobs::taobao(9_999)])
        .join()
        .expect("the command ends");
    assert_eq!(enqueue.status.code(), Some(78), "{enqueue:?}");
    crew
}

async fn goes_on_when_it_is_its_own(world: &World, crew: &mut Crew) {
    let open = jobs::mixed(SIXES).len() - world.count("done");
    assert!(open > 0, "nothing was left to go on with");
    world.redis.command(&["SET", "parceld:format", "1"]);
    world.wait_for_ended(jobs::mixed(SIXES).len()).await;
    crew.assert_alive();
    assert_all_done(world, jobs::mixed(SIXES).len());
    clean_ledger_of_mixed(world, SIXES).await;
}

/// How often claims were given up with the reason for it.
fn refusals(crew: &Crew) -> usize {
    let is_refusal = |line: &String| {
        line.contains("no claim can be made") && line.contains(&format!("holds data of format {NEWER}"))
    };
    crew.stderr().iter().filter(|line| is_refusal(line)).count()
}
