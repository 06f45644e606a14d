//! What earlier versions have stored is read and worked to its end, and this version stores nothing that no fixture shows.

mod dump;
mod fixture;
mod populate;
mod shape;
mod time_shift;
mod vendor_side;

use std::env;

use parceld_domain::audit::Fault;
use parceld_domain::kind::Kind;
use parceld_domain::payload::Payload;
use parceld_domain::state::State;
use parceld_test_support::wait_until;

use self::fixture::Fixture;
use crate::world::{BOUND, World};

/// Set to a name, it has the second test write what it finds as a new fixture of this name.
const WRITE: &str = "PARCELD_WRITE_FIXTURE";

/// A person has to undo what a person did.
const HELD: [&str; 5] = [
    "balance",
    "endpoint:get-package-list",
    "endpoint:get-order-list",
    "endpoint:detail",
    "endpoint:mpaging-orders",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_in_each_form_is_read_and_worked_to_its_end_without_a_second_effect() {
    let fixtures = Fixture::all();
    assert!(!fixtures.is_empty());
    futures::future::join_all(fixtures.into_iter().map(upgraded)).await;
}

async fn upgraded(mut fixture: Fixture) {
    let world = World::limited().await;
    vendor_side::repeat(&world, &mut fixture).await;
    fixture.load(&world).await;
    // An earlier version did not count a job with every parked scope that stops it.
    world.judged_but_for(&[Fault::CountWrong]).await;
    let ids = fixture.ids();
    every_job_is_shown_and_decoded(&world, &ids).await;
    drain(&world, &fixture.name, &ids).await;
    judge(&world, &fixture).await;
}

async fn every_job_is_shown_and_decoded(world: &World, ids: &[String]) {
    let stats = world.stats().await;
    assert_eq!(stats.states.values().sum::<u64>(), ids.len() as u64, "{stats:?}");
    assert!(
        State::ALL.iter().all(|state| stats.states[state] > 0),
        "{stats:?}"
    );
    assert!(Kind::ALL.iter().all(|kind| stats.kinds[kind] > 0), "{stats:?}");
    let loaded = world.store.load(ids).await.unwrap();
    assert!(loaded.unreadable.is_empty(), "{:?}", loaded.unreadable);
    for job in &loaded.jobs {
        let payload = Payload::decode(job.kind, job.payload.expose());
        assert!(payload.is_ok(), "{job:?}");
        let shown = world.job(&job.id).await;
        assert_eq!(shown.fields["state"], job.state.to_string());
        assert!(!shown.history.is_empty(), "{shown:?}");
    }
}

/// Lets workers go on with everything, until nothing is left.
async fn drain(world: &World, fixture: &str, ids: &[String]) {
    for scope in HELD {
        world.resume(scope).await;
    }
    let before = world.stats().await.states;
    let open = ids.len() as u64 - before[&State::Failed] - before[&State::Cancelled];
    world.start_worker().await;
    world.start_worker().await;
    wait_until(
        &format!("every job of {fixture} has ended well"),
        BOUND,
        async || {
            let stats = world.stats().await;
            if stats.states[&State::Done] == open {
                Ok(())
            } else {
                Err(format!("{stats:?}: {:#?}", unended(world, ids).await))
            }
        },
    )
    .await;
}

async fn unended(world: &World, ids: &[String]) -> Vec<String> {
    let mut unended = Vec::new();
    for id in ids {
        let fields = world.job(id).await.fields;
        if fields["state"] != "done" {
            let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
            let words = ["kind", "key", "step", "state", "scope", "msg"].map(field);
            unended.push(words.join(" "));
        }
    }
    unended
}

/// The vendor saw each effect once, those included that were made before the fixture was taken.
async fn judge(world: &World, fixture: &Fixture) {
    let ledger = world.judged().await;
    for remark in fixture.keys_of("gift.order") {
        assert_eq!(ledger["paid_orders_per_remark"][&remark], 1, "{remark}: {ledger}");
        assert_eq!(ledger["orders_per_remark"][&remark], 1, "{remark}: {ledger}");
    }
    for package in fixture.packages_cancelled_or_to_cancel() {
        assert_eq!(ledger["cancels_per_package"][&package], 1, "{package}: {ledger}");
    }
    for trade in fixture.trades() {
        assert_eq!(ledger["shipments_per_trade"][&trade], 1, "{trade}: {ledger}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn this_version_stores_what_the_newest_fixture_shows() {
    let world = World::limited().await;
    populate::everything(&world).await;
    let found = Fixture::taken(&world).await;
    if let Ok(name) = env::var(WRITE) {
        found.write(&name);
    }
    let newest = Fixture::all().pop().expect("there is a fixture");
    let (known, found) = (shape::of(&newest), shape::of(&found));
    for (what, fields) in &found {
        let known = known.get(what);
        assert_eq!(
            Some(fields),
            known,
            "{what} is stored otherwise than in {}: see tests/flows/fixture/README.md",
            newest.name
        );
    }
    for what in known.keys() {
        assert!(
            found.contains_key(what),
            "{what} of {} is stored no more: see tests/flows/fixture/README.md",
            newest.name
        );
    }
}
