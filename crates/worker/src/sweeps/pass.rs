//! One pass over the pages of a list, newest rows first: who was met, when to stop, who was looked for in vain.

use std::collections::HashMap;

use parceld_domain::flow::{self, Gap, gift_cancel, gift_order};
use parceld_domain::job::Job;
use parceld_domain::outcome::{Fate, Outcome};
use parceld_domain::payload::Payload;
use parceld_domain::state::{State, Step};
use parceld_domain::transition::Transition;
use parceld_store::{ErrandClaim, Loaded, Turn, Unreadable};

use super::kept::Kept;
use super::{Turned, Unread};
use crate::calls::decided;
use crate::effect_point::effect_point;
use crate::execute::{Item, report, transition, unread};
use crate::run::Shared;

/// Rows of a page.
pub(crate) const PAGE_ROWS: u32 = 100;
/// Pages of a pass.
const PAGES_MAX: u32 = 50;
/// Rows so much older than the oldest open intent end a pass: room for rows that are not quite in order.
pub(crate) const OLDER_MS: i64 = 3_600_000;
/// Waiting jobs looked at in one go at the end of a pass.
const UNMET_CHUNK: usize = 100;

/// What a page says about the pass.
pub(super) struct Page {
    /// Rows on it.
    pub(super) rows: usize,
    /// Those of them that could not be read.
    pub(super) unread: usize,
    /// Rows on all pages, where the answer says so.
    pub(super) total: Option<u64>,
    /// When its newest row was created, where the rows say so and run newest first.
    pub(super) newest_ms: Option<i64>,
    /// Waiting jobs that its rows concern.
    pub(super) concerned: usize,
}

/// Waiting jobs that a page's rows concern, by the names that they watch.
pub(super) async fn concerned(
    shared: &Shared,
    claim: &ErrandClaim,
    names: &[String],
) -> Result<Vec<(Item, Vec<String>)>, Unread> {
    let mut by_id: HashMap<String, Vec<String>> = HashMap::new();
    for watcher in shared.store.watchers(names).await? {
        by_id.entry(watcher.id).or_default().push(watcher.name);
    }
    let ids: Vec<String> = by_id.keys().cloned().collect();
    let loaded = shared.store.load(&ids).await?;
    let items = readable(shared, claim, loaded).await?;
    Ok(items
        .into_iter()
        .map(|item| {
            let names = by_id.remove(&item.job.id).unwrap_or_default();
            (item, names)
        })
        .collect())
}

/// Gives jobs what was seen of them.
pub(super) async fn observe(
    shared: &Shared,
    claim: &ErrandClaim,
    seen: Vec<(Item, Outcome)>,
) -> Result<(), Unread> {
    let moves: Vec<(Job, Transition)> = seen
        .into_iter()
        .map(|(item, outcome)| {
            report(&item.job, &outcome);
            let transition = transition(&item.job, &item.payload, outcome);
            (item.job, transition)
        })
        .collect();
    carry_out(shared, claim, moves).await
}

/// When the newest of a page's rows was created; `None` where they do not run newest first, for then their age says
/// nothing about the rows behind them (trap F4).
pub(crate) fn newest_ms(created_ms: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    let created_ms: Vec<i64> = created_ms.flatten().collect();
    let newest_first = created_ms.first() >= created_ms.last();
    created_ms.into_iter().max().filter(|_| newest_first)
}

/// The next page, or the end of the pass with what its end means for those who were not met.
pub(super) async fn go_on(shared: &Shared, claim: &ErrandClaim, page: &Page) -> Result<Turned, Unread> {
    // Counted, for a vendor may give fewer rows a page than it is asked for (traps F1 and F2).
    let kept = Kept::after(claim, page, shared.store.now_ms());
    if page.unread > 0 {
        tracing::error!(errand = %claim.errand, page = claim.page, rows = page.unread, "rows of a page cannot be read");
    }
    let is_short = page.rows < PAGE_ROWS as usize;
    let no_more = page.rows == 0 || (is_short && page.total.is_none_or(|total| kept.rows >= total));
    // A list that cannot be read at all is not read page by page.
    let is_unreadable = page.unread > 0 && page.unread == page.rows;
    let older = match (page.newest_ms, claim.oldest_since_ms) {
        (Some(newest_ms), Some(oldest_ms)) => kept.is_before(newest_ms, oldest_ms),
        _ => false,
    };
    // The rows of one order may straddle pages: a pass ends early only behind a page that concerns nobody.
    let all_met = page.concerned == 0 && shared.store.unmet_count(&claim.errand).await? == 0;
    if !(no_more || is_unreadable || older || all_met || claim.page >= PAGES_MAX) {
        return Ok(Turned {
            turn: Turn::Page(claim.page + 1),
            kept: serde_json::to_string(&kept).unwrap_or_default(),
            faulted: page.unread > 0,
        });
    }
    if !all_met {
        let proof = match kept.gap(page) {
            Some(Gap::Unreadable) => Proof::NotWhole(Gap::Unreadable),
            _ if claim.faulted => Proof::Nothing,
            Some(gap) => Proof::NotWhole(gap),
            None if no_more || older => Proof::Absent,
            None => Proof::DepthSpent,
        };
        if let Proof::NotWhole(gap) = proof {
            tracing::warn!(errand = %claim.errand, ?gap, "a pass proves no absence");
        }
        tell_the_unmet(shared, claim, proof).await?;
    }
    Ok(Turned::to(Turn::End))
}

/// Ends a pass that cannot be read to its end. It proves no absence, but nobody waits for it for ever.
pub(super) async fn give_up(shared: &Shared, claim: &ErrandClaim) -> Result<(), Unread> {
    tell_the_unmet(shared, claim, Proof::NotWhole(Gap::Unreadable)).await
}

/// What the end of a pass says of the jobs that it did not meet.
#[derive(Clone, Copy)]
enum Proof {
    /// Every row that could concern them was read.
    Absent,
    /// They lie deeper than a pass reads, if anywhere.
    DepthSpent,
    /// It has a gap.
    NotWhole(Gap),
    /// Rows may have moved past it while one of its pages was read again.
    Nothing,
}

/// Jobs that still wait, with their payloads; one that cannot be read goes to a person, and the pass goes on.
async fn readable(shared: &Shared, claim: &ErrandClaim, loaded: Loaded) -> Result<Vec<Item>, Unread> {
    for (id, why) in &loaded.unreadable {
        tracing::error!(job.id = id, %why, "a stored job cannot be read");
    }
    if !loaded.unreadable.is_empty() {
        shared.store.condemn(&loaded.unreadable).await?;
        effect_point!(Observed);
    }
    let (mut items, mut unreadable) = (Vec::new(), Vec::new());
    for job in loaded.jobs.into_iter().filter(|job| job.state == State::Waiting) {
        match Payload::decode(job.kind, job.payload.expose()) {
            Ok(payload) => items.push(Item { job, payload }),
            Err(error) => {
                let transition = unread(&job, &error);
                unreadable.push((job, transition));
            }
        }
    }
    carry_out(shared, claim, unreadable).await?;
    Ok(items)
}

async fn carry_out(
    shared: &Shared,
    claim: &ErrandClaim,
    moves: Vec<(Job, Transition)>,
) -> Result<(), Unread> {
    if moves.is_empty() {
        return Ok(());
    }
    let (jobs, transitions): (Vec<Job>, Vec<Transition>) = moves.into_iter().unzip();
    let moves: Vec<(&Job, Option<Transition>)> = jobs.iter().zip(transitions.into_iter().map(Some)).collect();
    shared.store.observe(&claim.errand, &moves).await?;
    effect_point!(Observed);
    Ok(())
}

/// A pass that was complete has looked for them in vain; one that ended at its depth cannot tell.
async fn tell_the_unmet(shared: &Shared, claim: &ErrandClaim, proof: Proof) -> Result<(), Unread> {
    let mut skip = 0;
    loop {
        let (unmet, more) = shared.store.unmet(&claim.errand, skip, UNMET_CHUNK).await?;
        let newer = unmet
            .unreadable
            .iter()
            .filter(|(_, why)| *why == Unreadable::Newer);
        let may_leave = unmet.jobs.len() + unmet.unreadable.len() - newer.count();
        let items = readable(shared, claim, unmet).await?;
        let unreadable = may_leave - items.len();
        let seen: Vec<(Item, Outcome)> = items
            .into_iter()
            .filter_map(|item| {
                let outcome = unseen(shared, &item.job, &item.payload, claim.began_ms, proof)?;
                Some((item, outcome))
            })
            .collect();
        let leaving = seen
            .iter()
            .filter(|(_, outcome)| !matches!(outcome.fate, Fate::Waiting { .. }))
            .count();
        observe(shared, claim, seen).await?;
        if !more {
            return Ok(());
        }
        // Those who leave let the ones behind them move up.
        skip += UNMET_CHUNK - leaving - unreadable;
    }
}

fn unseen(
    shared: &Shared,
    job: &Job,
    payload: &Payload,
    pass_began_ms: u64,
    proof: Proof,
) -> Option<Outcome> {
    let context: flow::Context<'_> = shared.context();
    let outcome = match payload {
        Payload::GiftOrder(order) => {
            let event = match proof {
                Proof::Absent => gift_order::Event::Unseen { pass_began_ms },
                Proof::DepthSpent => gift_order::Event::DepthSpent { pass_began_ms },
                Proof::NotWhole(gap) => gift_order::Event::NotWhole { pass_began_ms, gap },
                Proof::Nothing if job.step == Step::Poll => gift_order::Event::DepthSpent { pass_began_ms },
                Proof::Nothing => return None,
            };
            gift_order::apply(job, order, event, &context)
        }
        Payload::GiftCancel(cancel) => {
            let event = match proof {
                Proof::Absent => gift_cancel::Event::Unseen { pass_began_ms },
                Proof::DepthSpent => gift_cancel::Event::DepthSpent { pass_began_ms },
                Proof::NotWhole(gap) => gift_cancel::Event::NotWhole { pass_began_ms, gap },
                Proof::Nothing => return None,
            };
            gift_cancel::apply(job, cancel, event, &context)
        }
        _ => return None,
    };
    Some(decided(outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_that_run_newest_first_tell_the_age_of_those_behind_them() {
        let newest = |rows: &[Option<i64>]| newest_ms(rows.iter().copied());
        assert_eq!(newest(&[Some(30), None, Some(20), Some(10)]), Some(30));
        assert_eq!(newest(&[Some(10)]), Some(10));
        assert_eq!(newest(&[Some(10), Some(20), Some(30)]), None);
        assert_eq!(newest(&[None]), None);
    }
}
