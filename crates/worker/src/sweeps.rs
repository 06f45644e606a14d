//! Errands: one page a claim, read for everybody who waits for it.

mod balance;
mod catalogue;
mod kept;
mod orders;
mod packages;
pub(crate) mod pass;

use std::sync::Arc;

use parceld_domain::errand::Errand;
use parceld_domain::retry;
use parceld_domain::verdict::{Refusal, Verdict};
use parceld_store::{ErrandClaim, StoreError, Turn};

use crate::effect_point::effect_point;
use crate::execute::InFlight;
use crate::heal;
use crate::insist::insist;
use crate::lease::Lease;
use crate::run::Shared;
use crate::slot::{self, Leave};

/// Refusals in a row after which a page is not waited for any longer.
const PAGE_REFUSALS_MAX: u32 = 5;

/// Why a page was not done with.
#[derive(Debug)]
enum Unread {
    /// The vendor refused, or its answer is not clear.
    Refused(Refusal),
    /// What the page showed could not be given on; its lease runs out and the page is read again.
    Store(StoreError),
}

impl From<Refusal> for Unread {
    fn from(refusal: Refusal) -> Self {
        Unread::Refused(refusal)
    }
}

impl From<StoreError> for Unread {
    fn from(error: StoreError) -> Self {
        Unread::Store(error)
    }
}

/// What a page leaves behind.
#[derive(Debug)]
struct Turned {
    turn: Turn,
    kept: String,
    /// Whether it proves nothing about what it did not show.
    faulted: bool,
}

impl Turned {
    const fn to(turn: Turn) -> Self {
        Turned {
            turn,
            kept: String::new(),
            faulted: false,
        }
    }
}

/// Reads one page of an errand and turns it.
pub(crate) async fn run(shared: &Arc<Shared>, claim: ErrandClaim) {
    let _counted = InFlight::enter(&shared.in_flight);
    let name = claim.errand.to_string();
    effect_point!(Taken, claim);
    if shared.stop.is_cancelled() {
        return hand_back(shared, &claim, &name, "the worker is to stop").await;
    }
    let _lease = Lease::keep(shared, &claim.grant, Some(name.clone()), Vec::new());
    slot::learn(&shared.lead_us, claim.grant.made);
    let per_second = shared.store.settings().per_second;
    let leave = Leave::new(&claim.grant, per_second, shared.settings.policy.vendor_timeout_ms);
    if let Err(missed) = leave.wait().await {
        return hand_back(shared, &claim, &name, &missed.to_string()).await;
    }
    effect_point!(Slot);
    let read = leave.in_time(async {
        match &claim.errand {
            Errand::Orders => orders::read(shared, &claim).await,
            Errand::Packages => packages::read(shared, &claim).await,
            Errand::Catalogue => catalogue::read(shared, &claim).await,
            Errand::Probe(scope) => balance::read(shared, &claim, scope).await,
        }
    });
    match read.await {
        Err(missed) => hand_back(shared, &claim, &name, &missed.to_string()).await,
        Ok(Ok(turned)) => {
            let faulted = claim.faulted || turned.faulted;
            turn(shared, &claim, &turned.turn, faulted, &turned.kept).await;
            heal(shared, &claim, None).await;
        }
        Ok(Err(Unread::Refused(refusal))) => {
            refused(shared, &claim, &refusal).await;
            heal(shared, &claim, Some(&refusal)).await;
        }
        Ok(Err(Unread::Store(error))) => {
            tracing::warn!(errand = name, %error, "a page is read again after its lease")
        }
    }
}

/// A page may have been the probe of its endpoint; the probes that read the balance judge for themselves.
async fn heal(shared: &Shared, claim: &ErrandClaim, refusal: Option<&Refusal>) {
    if !matches!(claim.errand, Errand::Probe(_)) {
        heal::after(shared, &claim.grant, refusal).await;
    }
}

async fn hand_back(shared: &Shared, claim: &ErrandClaim, name: &str, why: &str) {
    tracing::info!(why, errand = name, fence = claim.grant.fence, "handed back");
    insist("hand_back", || {
        shared.store.hand_back(&claim.grant, Some(name), &[])
    })
    .await;
    effect_point!(HandedBack);
}

async fn turn(shared: &Shared, claim: &ErrandClaim, turn: &Turn, faulted: bool, kept: &str) {
    let turned = insist("turn_page", async || {
        let turned = shared
            .store
            .turn_page(&claim.grant, &claim.errand, turn, faulted, kept)
            .await?;
        effect_point!(Settled);
        Ok(turned)
    })
    .await;
    effect_point!(Seen);
    // A probe that has healed its scope has ended its errand with it.
    if turned == Some(false) && !matches!(claim.errand, Errand::Probe(_)) {
        tracing::warn!(errand = %claim.errand, "an errand's page was turned by another worker meanwhile");
    }
}

/// A page that was refused is read again later; the pass then proves no absence any more.
async fn refused(shared: &Shared, claim: &ErrandClaim, refusal: &Refusal) {
    let errand = &claim.errand;
    if let Verdict::Blocked(scope) = &refusal.verdict {
        tracing::warn!(%errand, %scope, vendor.code = refusal.code, error = refusal.msg, "parked");
        insist("park", || shared.store.park(scope, &refusal.msg)).await;
        effect_point!(Parked);
    } else {
        tracing::warn!(%errand, vendor.code = refusal.code, error = refusal.msg, "a page could not be read");
    }
    if let Errand::Probe(_) = errand {
        return turn(shared, claim, &Turn::End, false, "").await;
    }
    // A refused page leaves the number of refusals in a row behind, in front of what the page before it left.
    let (refusals, kept) = kept_refusals(&claim.kept);
    if claim.page > 1 && refusals + 1 >= PAGE_REFUSALS_MAX && !matches!(refusal.verdict, Verdict::Blocked(_))
    {
        return give_up(shared, claim).await;
    }
    let delay_ms = retry::delay_ms(&shared.settings.policy, refusals + 1, fastrand::f64());
    let again = Turn::Again {
        page: claim.page,
        delay_ms,
    };
    turn(shared, claim, &again, true, &format!("{}|{kept}", refusals + 1)).await;
}

/// Ends a pass at a page that is never given: what came since it began stands on the pages before that one.
async fn give_up(shared: &Shared, claim: &ErrandClaim) {
    tracing::error!(
        errand = %claim.errand, page = claim.page,
        "a page was refused {PAGE_REFUSALS_MAX} times in a row; the pass is given up and begun anew"
    );
    if matches!(claim.errand, Errand::Packages | Errand::Orders)
        && let Err(Unread::Store(error)) = pass::give_up(shared, claim).await
    {
        return tracing::warn!(errand = %claim.errand, %error, "a pass is given up after its lease");
    }
    turn(shared, claim, &Turn::End, true, "").await;
}

/// `<refusals>|<what the page before left>`, or only the latter.
fn kept_refusals(kept: &str) -> (u32, &str) {
    kept.split_once('|')
        .and_then(|(refusals, kept)| Some((refusals.parse().ok()?, kept)))
        .unwrap_or((0, kept))
}
