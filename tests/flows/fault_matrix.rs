//! Every fault at every endpoint that the worker calls, before and after the effect, once and twice in a row: the job
//! ends as the table says, and the vendor saw one effect. Each case has a vendor and a namespace of its own.

mod ends;
mod faults;
mod scenes;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use parceld_domain::policy::Policy;
use parceld_test_support::wait_until;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use self::ends::{End, expected};
use self::faults::{Broken, faults};
use self::scenes::Scene;
use crate::world::{BOUND, World, quick_policy};

/// Worlds that stand at once, in all tests of the matrix together.
static WORLDS: Semaphore = Semaphore::const_new(64);
/// So many worlds are looked at, each of them rarely.
const BETWEEN_LOOKS: Duration = Duration::from_millis(60);

/// One row of the matrix.
#[derive(Debug, Clone)]
struct Case {
    scene: Scene,
    fault: Broken,
    when: &'static str,
    times: u32,
}

impl Case {
    fn name(&self) -> String {
        format!(
            "{:?}: {} {} the effect, {} in a row",
            self.scene, self.fault.name, self.when, self.times
        )
    }

    /// Plays it; panics where it does not end as it should.
    async fn play(self) {
        // Room for a busy machine between a late effect and the look that must see it.
        let policy = Policy {
            settle_time_ms: 600,
            ..quick_policy()
        };
        let world = World::with(policy, 0).await;
        let id = self.scene.set(&world, &self).await;
        let job = wait_until(&format!("{} has ended", self.name()), BOUND, async || {
            sleep(BETWEEN_LOOKS).await;
            let job = world.store.job(&id).await.map_err(|error| error.to_string())?;
            let job = job.expect("no job is lost");
            if matches!(&*job.fields["state"], "done" | "failed") {
                Ok(job)
            } else {
                Err(format!("{job:?}"))
            }
        })
        .await;
        let end = expected(self.scene, self.fault.name, self.when);
        let (state, class) = match end {
            End::Done | End::DoneInVain => ("done", ""),
            End::Failed(class) => ("failed", class),
        };
        let found = (
            &*job.fields["state"],
            job.fields.get("class").map_or("", |class| class),
        );
        assert_eq!(found, (state, class), "{}: {job:?}", self.name());
        let ledger = world.judged().await;
        let effects = u64::from(end == End::Done);
        self.scene.judge(&job, &ledger, effects);
    }
}

/// All rows of these scenes, at once.
async fn play_all(scenes: &[Scene]) {
    let mut cases = Vec::new();
    for scene in scenes {
        for fault in faults() {
            for when in fault.whens {
                for times in scene.times() {
                    cases.push(Case {
                        scene: *scene,
                        fault: fault.clone(),
                        when,
                        times: *times,
                    });
                }
            }
        }
    }
    let count = cases.len();
    let runtime = Handle::current();
    let mut playing = JoinSet::new();
    for case in cases {
        let place = WORLDS.acquire().await.expect("nobody closes it");
        let runtime = runtime.clone();
        // A thread each: no case waits while another asks its Redis.
        playing.spawn_blocking(move || {
            let _place = place;
            let name = case.name();
            let played = catch_unwind(AssertUnwindSafe(|| runtime.block_on(case.play())));
            played.err().map(|_| name)
        });
    }
    let failures: Vec<String> = playing.join_all().await.into_iter().flatten().collect();
    assert!(
        failures.is_empty(),
        "{} of {count} cases:\n{}",
        failures.len(),
        failures.join("\n")
    );
    // Past the capture of the test's output: the count is what a reader of the ring's log wants to know.
    let _ = writeln!(std::io::stderr(), "fault matrix: {count} cases of {scenes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_a_create_one_order_is_paid_once() {
    play_all(&[Scene::Create]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_a_payment_at_a_vendor_that_charges_twice_one_payment_is_made() {
    play_all(&[Scene::Pay]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_a_cancellation_or_a_shipment_it_happens_once() {
    play_all(&[Scene::Cancel, Scene::Send, Scene::ShipDouyin]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_a_read_the_job_ends_and_its_effect_happens_once() {
    play_all(&Scene::READS).await;
}
