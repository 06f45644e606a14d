//! One look at everything that the story is about.

use crate::json::Json;
use crate::program::Program;
use crate::simulator::Simulator;

/// What parceld says and what the vendor saw, read one right after the other.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) stats: Json,
    pub(super) ledger: Json,
    gifts: Json,
    failed: Json,
}

impl Scene {
    pub(super) fn look(program: &Program, simulator: &Simulator) -> Result<Self, String> {
        Ok(Self {
            stats: program.stats()?,
            gifts: program.ask(&["jobs", "list", "--kind", "gift.order"])?,
            failed: program.ask(&["jobs", "list", "--state", "failed"])?,
            ledger: simulator.ledger()?,
        })
    }

    /// Jobs in this state.
    pub(super) fn jobs(&self, state: &str) -> u64 {
        self.stats.get("states").get(state).count()
    }

    /// Calls to this endpoint that the vendor saw.
    pub(super) fn calls(&self, endpoint: &str) -> u64 {
        self.ledger.get("by_endpoint").get(endpoint).count()
    }

    /// The parked scope of this name.
    pub(super) fn parked(&self, scope: &str) -> Option<&Json> {
        find(self.stats.get("parked"), "scope", scope)
    }

    /// The failed job of this key.
    pub(super) fn failed(&self, key: &str) -> Option<&Json> {
        find(&self.failed, "key", key)
    }

    /// The gift order of this key, if it is done.
    pub(super) fn done_gift(&self, key: &str) -> Option<&Json> {
        find(&self.gifts, "key", key).filter(|job| job.get("state").text() == "done")
    }

    /// Gift orders that are done.
    pub(super) fn done_gifts(&self) -> u64 {
        let done = self
            .gifts
            .items()
            .iter()
            .filter(|job| job.get("state").text() == "done");
        done.count() as u64
    }
}

fn find<'a>(list: &'a Json, name: &str, wanted: &str) -> Option<&'a Json> {
    list.items().iter().find(|item| item.get(name).text() == wanted)
}
