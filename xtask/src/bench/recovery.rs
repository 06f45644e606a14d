//! From the kill of a worker amid its calls to the next call of the same jobs, as the vendor receives them. One clock:
//! the worker is killed and the vendor's ledger looked at by this process.

use std::iter;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use parceld_harness::{Process, wait_until};

use super::figures::{Figures, percentile, shown};
use super::ground::Ground;
use crate::job_lines::{orders_sync, taobao_ship};
use crate::simulator::Simulator;

/// As config/parceld.toml has them.
const TIMEOUT: Duration = Duration::from_secs(10);
const SETTLE_TIME: Duration = Duration::from_secs(30);

/// How long a worker's calls stay its own, and how many kills are measured under that.
struct Lease {
    length: Duration,
    kills: usize,
}

const LEASES: [Lease; 2] = [
    // The shortest that is accepted with this timeout: twice as long.
    Lease {
        length: Duration::from_secs(20),
        kills: 5,
    },
    // As config/parceld.toml has it.
    Lease {
        length: Duration::from_secs(60),
        kills: 2,
    },
];

/// Beyond the lease: the longest sleep of a worker that has nothing to do, a slot and the call.
const LATE_MAX: Duration = Duration::from_secs(3);
/// The calls of each kill are older than those of the one before by so much, so that not all leases are as fresh.
const AGE_STEP: Duration = Duration::from_millis(1_200);
/// `RestartSec` of deploy/parceld.service.
const RESTART_PAUSE: Duration = Duration::from_secs(2);
/// For a start, for the first calls, and for the end of jobs that are on their way.
const SOON: Duration = Duration::from_secs(30);

/// Who goes on with the jobs of a killed worker.
#[derive(Debug, Clone, Copy)]
enum Heir {
    /// One that runs already.
    Standby,
    /// The only one, started again as systemd does.
    Restarted,
}

/// What one kill brought: when the vendor had the next call of each job, and how often it shipped.
struct Recovery {
    read_again_s: f64,
    looked_up_s: f64,
    shipments: u64,
}

/// A worker that the vendor does not answer.
struct Scene {
    simulator: Simulator,
    ground: Ground,
    lease: Duration,
    /// How old its calls are when it is killed.
    age: Duration,
}

pub(super) fn measure(binary: &Path) -> Result<Figures, String> {
    let mut figures = Figures::default();
    let mut shipments = 0;
    for heir in [Heir::Standby, Heir::Restarted] {
        let mut recoveries = kills(binary, heir)?.into_iter();
        for lease in &LEASES {
            let recoveries: Vec<Recovery> = recoveries.by_ref().take(lease.kills).collect();
            tell(&mut figures, heir, lease, &recoveries);
            shipments = shipments.max(
                recoveries
                    .iter()
                    .map(|one| one.shipments)
                    .max()
                    .unwrap_or_default(),
            );
        }
    }
    figures.at_most("shipments per trade, at most", shipments as f64, 1.0, "");
    Ok(figures)
}

/// All kills of one heir at once, each on a ground of its own, where next to nothing happens meanwhile; in the order of
/// [`LEASES`].
fn kills(binary: &Path, heir: Heir) -> Result<Vec<Recovery>, String> {
    let scenes: Result<Vec<Scene>, String> = LEASES
        .iter()
        .flat_map(|lease| (0..).zip(iter::repeat_n(lease.length, lease.kills)))
        .map(|(number, lease)| Scene::set(binary, lease, AGE_STEP * number))
        .collect();
    let scenes = scenes?;
    thread::scope(|scope| {
        let killing: Vec<_> = scenes
            .iter()
            .map(|scene| scope.spawn(move || scene.kill(heir)))
            .collect();
        killing
            .into_iter()
            .map(|one| one.join().map_err(|_| "a measurement has panicked".to_owned())?)
            .collect()
    })
}

impl Scene {
    /// With two jobs to be done, a read and a shipment.
    fn set(binary: &Path, lease: Duration, age: Duration) -> Result<Self, String> {
        let simulator = Simulator::start(binary)?;
        simulator.inject(
            r#"[{"endpoint": "mpaging-orders", "when": "after", "fault": {"hang_ms": 60000}},
                {"endpoint": "send", "when": "after", "fault": {"hang_ms": 60000}}]"#,
        )?;
        let settings = format!(
            "worker.lease = \"{}s\"\nvendor.timeout = \"{}s\"\nvendor.settle_time = \"{}s\"",
            lease.as_secs(),
            TIMEOUT.as_secs(),
            SETTLE_TIME.as_secs()
        );
        let ground = Ground::new(binary, simulator.address(), &settings)?;
        ground.enqueue([orders_sync("9", 1), taobao_ship("R-1", "1", 1)].into_iter())?;
        Ok(Self {
            simulator,
            ground,
            lease,
            age,
        })
    }

    /// Kills the worker amid both calls and waits until its heir has ended both jobs.
    fn kill(&self, heir: Heir) -> Result<Recovery, String> {
        let mut worker = self.ground.program.start_worker()?;
        wait_until("both calls are in flight", SOON, || {
            match self.simulator.ledger()?.get("in_flight").count() {
                2 => Ok(()),
                others => Err(format!("{others} are")),
            }
        })?;
        let in_flight = Instant::now();
        let standby = match heir {
            Heir::Standby => Some(self.start_beside()?),
            Heir::Restarted => None,
        };
        thread::sleep(self.age.saturating_sub(in_flight.elapsed()));
        let killed = Instant::now();
        worker.kill().map_err(|error| error.to_string())?;
        let _heir = match standby {
            Some(standby) => standby,
            None => {
                thread::sleep(RESTART_PAUSE);
                self.ground.program.start_worker()?
            }
        };
        // Renewed at every third of it, a lease has more than this to go: nobody needs to look before.
        thread::sleep((killed + self.lease / 2).saturating_duration_since(Instant::now()));
        let read_again_s = self.seconds_until(killed, "mpaging-orders", 2)?;
        let looked_up_s = self.seconds_until(killed, "detail", 1)?;
        self.ground.wait_until_done(2, SOON)?;
        Ok(Recovery {
            read_again_s,
            looked_up_s,
            shipments: self.simulator.ledger()?.get("shipments_per_trade").greatest(),
        })
    }

    /// Starts a second worker; answers it once Redis knows of both.
    fn start_beside(&self) -> Result<Process, String> {
        let worker = self.ground.program.start_worker()?;
        wait_until("two workers run", SOON, || {
            match self.ground.redis(&["HLEN", "parceld:workers"])?.as_str() {
                "2" => Ok(()),
                others => Err(format!("{others} are known")),
            }
        })?;
        Ok(worker)
    }

    /// How long after the kill the vendor has had so many calls of an endpoint.
    fn seconds_until(&self, killed: Instant, endpoint: &str, calls: u64) -> Result<f64, String> {
        wait_until(
            &format!("{calls} calls of {endpoint}"),
            self.lease + SOON,
            || match self.simulator.ledger()?.get("by_endpoint").get(endpoint).count() {
                seen if seen >= calls => Ok(killed.elapsed().as_secs_f64()),
                seen => Err(format!("{seen}")),
            },
        )
    }
}

fn tell(figures: &mut Figures, heir: Heir, lease: &Lease, recoveries: &[Recovery]) {
    let heir = match heir {
        Heir::Standby => "standby",
        Heir::Restarted => "restarted",
    };
    let name = |what: &str| format!("lease {} s, {heir}: {what}", lease.length.as_secs());
    // What is unclear is not looked up before it can be seen.
    let unclear = lease.length.max(TIMEOUT + SETTLE_TIME);
    let read_again_s = sorted(recoveries.iter().map(|one| one.read_again_s));
    let looked_up_s = sorted(recoveries.iter().map(|one| one.looked_up_s));
    figures.tell(&name("kills"), recoveries.len());
    figures.tell(
        &name("read again, p50"),
        shown(percentile(&read_again_s, 0.5), "s"),
    );
    for (what, sorted, wait) in [
        ("read again, longest", &read_again_s, lease.length),
        ("look-up, longest", &looked_up_s, unclear),
    ] {
        let longest = percentile(sorted, 1.0);
        figures.at_most(&name(what), longest, (wait + LATE_MAX).as_secs_f64(), "s");
    }
}

fn sorted(seconds: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut seconds: Vec<f64> = seconds.collect();
    seconds.sort_by(f64::total_cmp);
    seconds
}
