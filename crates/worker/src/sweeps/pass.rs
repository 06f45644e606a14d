//! One pass over the pages of a list, newest rows first: who was met, when to stop, who was looked for in vain.

use std::collections::HashMap;

use parceld_domain::flow::{self, gift_cancel, gift_order};
use parceld_domain::job::Job;
use parceld_domain::outcome::{Fate, Outcome};
use parceld_domain::payload::Payload;
use parceld_domain::state::{State, Step};
use parceld_domain::transition::Transition;
use parceld_store::{ErrandClaim, Loaded, Turn, Unreadable};
use serde::{Deserialize, Serialize};

use super::{Turned, Unread, kept_refusals};
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

/// What the pages of a pass leave for those behind them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// Rows read so far.
    read: u64,
    /// How long before now the newest row of the first page was created, by the vendor's dates.
    behind_ms: Option<i64>,
}

impl Kept {
    /// With this page read.
    fn after(claim: &ErrandClaim, page: &Page, now_ms: u64) -> Self {
        let (_, kept) = kept_refusals(&claim.kept);
        let before: Kept = match claim.page {
            1 => Kept {
                behind_ms: page.newest_ms.and_then(|newest_ms| age_ms(newest_ms, now_ms)),
                ..Kept::default()
            },
            _ => serde_json::from_str(kept).unwrap_or_default(),
        };
        Kept {
            read: before.read + page.rows as u64,
            ..before
        }
    }

    /// Whether a page whose newest row is from `newest_ms` lies wholly before `since_ms`. The vendor's clock and zone
    /// are not ours: its dates are compared with each other. The newest row of all is no younger than now, so that what
    /// was created since lies at most as far behind it as `since_ms` lies behind now.
    fn is_before(&self, newest_ms: i64, since_ms: u64) -> bool {
        let (Some(behind_ms), Ok(since_ms)) = (self.behind_ms, i64::try_from(since_ms)) else {
            return false;
        };
        newest_ms.saturating_add(OLDER_MS).saturating_add(behind_ms) < since_ms
    }
}

fn age_ms(at_ms: i64, now_ms: u64) -> Option<i64> {
    i64::try_from(now_ms).ok()?.checked_sub(at_ms)
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
    // A list that says it has rows and shows none of them is no answer.
    let faulted = claim.faulted || page.unread > 0 || (kept.read == 0 && page.total.unwrap_or(0) > 0);
    if page.unread > 0 {
        tracing::error!(errand = %claim.errand, page = claim.page, rows = page.unread, "rows of a page cannot be read");
    }
    let is_short = page.rows < PAGE_ROWS as usize;
    let no_more = page.rows == 0 || (is_short && page.total.is_none_or(|total| kept.read >= total));
    let older = match (page.newest_ms, claim.oldest_since_ms) {
        (Some(newest_ms), Some(oldest_ms)) => kept.is_before(newest_ms, oldest_ms),
        _ => false,
    };
    // The rows of one order may straddle pages: a pass ends early only behind a page that concerns nobody.
    let all_met = page.concerned == 0 && shared.store.unmet_count(&claim.errand).await? == 0;
    if !(no_more || older || all_met || claim.page >= PAGES_MAX) {
        return Ok(Turned {
            turn: Turn::Page(claim.page + 1),
            kept: serde_json::to_string(&kept).unwrap_or_default(),
            faulted,
        });
    }
    if !all_met {
        let proof = match (faulted, no_more || older) {
            (true, _) => Proof::Nothing,
            (false, true) => Proof::Absent,
            (false, false) => Proof::DepthSpent,
        };
        tell_the_unmet(shared, claim, proof).await?;
    }
    Ok(Turned::to(Turn::End))
}

/// Ends a pass that cannot be read to its end. It proves nothing, but those who only poll still see their deadline.
pub(super) async fn give_up(shared: &Shared, claim: &ErrandClaim) -> Result<(), Unread> {
    tell_the_unmet(shared, claim, Proof::Nothing).await
}

/// What the end of a pass says of the jobs that it did not meet.
#[derive(Clone, Copy)]
enum Proof {
    /// Every row that could concern them was read.
    Absent,
    /// They lie deeper than a pass reads, if anywhere.
    DepthSpent,
    /// A page between could not be read.
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
                Proof::Nothing if job.step == Step::Poll => gift_order::Event::DepthSpent { pass_began_ms },
                Proof::Nothing => return None,
            };
            gift_order::apply(job, order, event, &context)
        }
        Payload::GiftCancel(cancel) => {
            let event = match proof {
                Proof::Absent => gift_cancel::Event::Unseen { pass_began_ms },
                Proof::DepthSpent => gift_cancel::Event::DepthSpent { pass_began_ms },
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

    const HOUR_MS: i64 = OLDER_MS;
    const NOW_MS: i64 = 1_700_000_000_000;

    /// Whether a page is old for an intent of a minute ago, its newest row being so old and the newest of all so old.
    fn is_before(newest_age_ms: i64, behind_ms: i64) -> bool {
        let kept = Kept {
            read: 100,
            behind_ms: Some(behind_ms),
        };
        kept.is_before(NOW_MS - newest_age_ms, u64::try_from(NOW_MS - 60_000).unwrap())
    }

    #[test]
    fn a_page_is_old_by_the_vendors_own_dates_whatever_its_clock_says() {
        for skew_ms in [-13 * HOUR_MS, -2 * HOUR_MS, 0, 2 * HOUR_MS, 8 * HOUR_MS] {
            assert!(!is_before(skew_ms, skew_ms), "the first page is never old");
            assert!(!is_before(skew_ms + HOUR_MS, skew_ms));
            assert!(is_before(skew_ms + HOUR_MS + 60_001, skew_ms));
        }
    }

    #[test]
    fn a_pass_whose_first_page_tells_no_age_goes_on() {
        assert!(!Kept::default().is_before(0, 1_700_000_000_000));
    }

    #[test]
    fn only_rows_that_run_newest_first_tell_the_age_of_those_behind_them() {
        let newest = |rows: &[Option<i64>]| newest_ms(rows.iter().copied());
        assert_eq!(newest(&[Some(30), None, Some(20), Some(10)]), Some(30));
        assert_eq!(newest(&[Some(10)]), Some(10));
        assert_eq!(newest(&[Some(10), Some(20), Some(30)]), None);
        assert_eq!(newest(&[None]), None);
    }
}
