//! Probes of the account and of the balance: the balance is read, which costs nothing and needs the credential.

use parceld_domain::money::Points;
use parceld_domain::scope::Scope;
use parceld_domain::verdict::Verdict;
use parceld_store::{ErrandClaim, Turn};

use super::{Turned, Unread};
use crate::effect_point::effect_point;
use crate::heal;
use crate::run::Shared;

pub(super) async fn read(shared: &Shared, claim: &ErrandClaim, scope: &Scope) -> Result<Turned, Unread> {
    let answer = shared.vendor.get_user_balance().await;
    effect_point!(Replied);
    let healed = match (scope, &answer) {
        // Enough for the cheapest payment that was short of points; the dearer ones park it again.
        (Scope::Balance, Ok(balance)) => *balance >= claim.need.unwrap_or(Points(1)),
        (Scope::Balance, Err(_)) => false,
        (_, Ok(_)) => true,
        (_, Err(refusal)) => refusal.code.is_some() && refusal.verdict != Verdict::Blocked(Scope::Account),
    };
    if healed {
        heal::resume(shared, scope).await;
        return Ok(Turned::to(Turn::End));
    }
    answer?;
    Ok(Turned::to(Turn::End))
}
