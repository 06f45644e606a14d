//! How each case ends: done with one effect, but for what this table names.

use super::scenes::Scene;

/// An end of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Done, with exactly one effect.
    Done,
    /// Done without the effect: the vendor said success, and nothing that it can be asked belies that.
    DoneInVain,
    /// Failed with this class, without an effect.
    Failed(&'static str),
}

/// The exceptions: scene, faults, end. All strike before the effect.
const EXCEPTIONS: [(Scene, &[&str], End); 10] = [
    // A code in no table is looked up once and never called again (H20).
    (Scene::Create, &["unknown-code"], End::Failed("unknown")),
    (Scene::Pay, &["unknown-code"], End::Failed("unknown")),
    (Scene::Send, &["unknown-code"], End::Failed("unknown")),
    (Scene::Cancel, &["unknown-code"], End::Failed("terminal")),
    // A payment that was confirmed and does not show is never repeated (ADR 9).
    (Scene::Pay, &["bare-success"], End::Failed("human")),
    // The reply to a cancellation has no proof in it (B1).
    (Scene::Cancel, &["bare-success"], End::DoneInVain),
    // An empty catalogue has neither product nor warehouse.
    (Scene::Products, &["bare-success"], End::Failed("terminal")),
    (Scene::Warehouses, &["bare-success"], End::Failed("terminal")),
    // Empty lists are answers.
    (Scene::SyncOrders, &["bare-success"], End::DoneInVain),
    (Scene::SyncLogistics, &["bare-success"], End::DoneInVain),
];

/// How a case ends.
pub(super) fn expected(scene: Scene, fault: &str, when: &str) -> End {
    // After the answer of a read there is no effect that could show, so that both lie alike.
    let counts = when == "before" || Scene::READS.contains(&scene);
    EXCEPTIONS
        .iter()
        .find(|(row, faults, _)| counts && *row == scene && faults.contains(&fault))
        .map_or(End::Done, |(_, _, end)| *end)
}
