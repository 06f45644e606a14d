//! The worker processes of one test, and which of them holds a job.

use crate::Process;

use crate::Random;
use crate::World;

/// Workers by name of their process id.
#[derive(Debug, Default)]
pub struct Crew(Vec<Process>);

impl Crew {
    /// So many workers.
    pub fn of(world: &World, count: usize) -> Self {
        Crew((0..count).map(|_| world.worker()).collect())
    }

    /// Takes on another one.
    pub fn hire(&mut self, world: &World) {
        self.0.push(world.worker());
    }

    /// Takes the worker out that holds the job now.
    pub fn take_holder(&mut self, world: &World, id: &str) -> Process {
        let name = world.field(id, "worker");
        let holds = |worker: &Process| name.contains(&format!("-{}-", worker.pid()));
        let place = self.0.iter().position(holds);
        self.0
            .remove(place.unwrap_or_else(|| panic!("{name} is none of these workers: {:?}", self.0)))
    }

    /// Takes on one that runs already.
    pub fn add(&mut self, worker: Process) {
        self.0.push(worker);
    }

    /// Takes out the worker of this number, counted around, and takes another one on for it.
    pub fn replace(&mut self, world: &World, number: usize) -> Process {
        let place = number % self.0.len();
        std::mem::replace(&mut self.0[place], world.worker())
    }

    /// Takes out any worker and takes another one on for it.
    pub fn replace_any(&mut self, world: &World, random: &mut Random) -> Process {
        self.replace(world, random.below(self.0.len()))
    }

    /// What all of them have written to standard error so far, one after the other.
    pub fn stderr(&self) -> Vec<String> {
        self.0.iter().flat_map(Process::stderr).collect()
    }

    /// Fails unless every worker still runs.
    pub fn assert_alive(&mut self) {
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
