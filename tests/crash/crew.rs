//! The worker processes of one test, and which of them holds a job.

use parceld_test_support::Process;

use crate::random::Random;
use crate::world::World;

/// Workers by name of their process id.
#[derive(Debug, Default)]
pub(crate) struct Crew(Vec<Process>);

impl Crew {
    /// So many workers.
    pub(crate) fn of(world: &World, count: usize) -> Self {
        Crew((0..count).map(|_| world.worker()).collect())
    }

    /// Takes on another one.
    pub(crate) fn hire(&mut self, world: &World) {
        self.0.push(world.worker());
    }

    /// Takes the worker out that holds the job now.
    pub(crate) fn take_holder(&mut self, world: &World, id: &str) -> Process {
        let name = world.field(id, "worker");
        let holds = |worker: &Process| name.contains(&format!("-{}-", worker.pid()));
        let place = self.0.iter().position(holds);
        self.0
            .remove(place.unwrap_or_else(|| panic!("{name} is none of these workers: {:?}", self.0)))
    }

    /// Takes out any worker and takes another one on for it.
    pub(crate) fn replace_any(&mut self, world: &World, random: &mut Random) -> Process {
        let place = random.below(self.0.len());
        std::mem::replace(&mut self.0[place], world.worker())
    }

    /// Fails unless every worker still runs.
    pub(crate) fn assert_alive(&mut self) {
        for worker in &mut self.0 {
            let ended = worker.exit_status();
            assert!(
                ended.is_none(),
                "a worker has ended with {ended:?}: {:#?}",
                worker.stderr()
            );
        }
    }
}
