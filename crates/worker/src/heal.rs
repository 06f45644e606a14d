//! What a probe found out: the first call that a parked scope does not refuse resumes it.

use parceld_domain::scope::Scope;
use parceld_domain::verdict::{Refusal, Verdict};
use parceld_store::Grant;

use crate::effect_point::effect_point;
use crate::insist::insist;
use crate::run::Shared;

/// Resumes the scope that this call tried, unless its answer blocks it again or is none. An invalid token is refused before
/// anything else is looked at.
pub(crate) async fn after(shared: &Shared, grant: &Grant, refusal: Option<&Refusal>) {
    let Some(scope) = &grant.probe else { return };
    let blocks = |refusal: &Refusal| {
        let is_blocked = |scope: &Scope| refusal.verdict == Verdict::Blocked(scope.clone());
        refusal.code.is_none() || is_blocked(scope) || is_blocked(&Scope::Account)
    };
    if !refusal.is_some_and(blocks) {
        resume(shared, scope).await;
    }
}

/// Lets a scope's work go on.
pub(crate) async fn resume(shared: &Shared, scope: &Scope) {
    if insist("resume", || shared.store.heal(scope)).await == Some(true) {
        tracing::info!(%scope, "the scope has healed and is resumed");
    }
    effect_point!(Healed);
}
