//! Every job, once, in pieces.

use parceld_domain::audit::{Cure, Fault, Finding, JobLook, judge_job, mark};
use parceld_domain::lane::Lane;
use parceld_domain::state::State;

use super::Auditor;
use super::scan::Cursor;
use crate::error::StoreError;

/// Suspicious ready jobs in hand before they are looked for in their lanes.
const SUSPECTS_MAX: usize = 100;

impl Auditor<'_> {
    /// Every job that stands in the list of all jobs.
    pub(super) async fn all_jobs(&mut self) -> Result<(), StoreError> {
        let mut cursor = Cursor::START;
        while !cursor.is_at_end() {
            let ids = self.store.scan_sorted("jobs", &mut cursor).await?;
            self.judge(ids).await?;
        }
        self.judge_suspects().await
    }

    /// Looks at jobs that were not met yet, and judges them.
    pub(super) async fn judge(&mut self, mut ids: Vec<String>) -> Result<(), StoreError> {
        // An iteration may show one twice.
        ids.retain(|id| self.known.insert(mark(id)));
        for look in self.store.look_at_jobs(&ids).await? {
            let findings = judge_job(&look, self.limits);
            self.found(findings);
            if look.is_newer {
                self.audit.jobs += 1;
                self.audit.newer += 1;
            } else if !look.is_gone() {
                self.count(look);
            }
            if self.suspects.len() >= SUSPECTS_MAX {
                self.judge_suspects().await?;
            }
        }
        Ok(())
    }

    /// What the job adds to the counts, and what it shows beside the others.
    fn count(&mut self, look: JobLook) {
        self.audit.jobs += 1;
        let findings = self.payments.meet(&look);
        self.found(findings);
        if look.is_listed {
            *self
                .kinds
                .entry(format!("kind:{}", look.field("kind")))
                .or_default() += 1;
        }
        match look.state() {
            Some(State::Failed) => {
                *self.codes.entry(look.field("failed_as").to_owned()).or_default() += 1;
            }
            Some(State::Ready) => {
                if !self.lanes.contains(look.field("lane")) {
                    self.lanes.insert(look.field("lane").to_owned());
                }
                if !self.hinted.contains(&mark(&look.id)) {
                    self.suspects.push(look.id);
                }
            }
            Some(State::Parked) if !self.scopes.contains(look.field("scope")) => {
                self.scopes.insert(look.field("scope").to_owned());
            }
            _ => {}
        }
    }

    /// Ready jobs whose hint was not seen: it may have been pushed, or moved, while the audit looked elsewhere.
    pub(super) async fn judge_suspects(&mut self) -> Result<(), StoreError> {
        let suspects = std::mem::take(&mut self.suspects);
        let look = self.look_for_hints(&suspects).await?;
        if look.is_unsettled && !self.audit.unsettled.contains(&"lanes") {
            self.audit.unsettled.push("lanes");
        }
        let finding = |(id, lane): (String, String)| Finding {
            fault: Fault::LaneUnlisted,
            subject: format!("job:{id}"),
            detail: format!("it is ready and stands nowhere in {lane}"),
            cure: lane.parse::<Lane>().is_ok().then_some(Cure::Hint(id)),
        };
        self.found(look.lost.into_iter().map(finding).collect());
        Ok(())
    }
}
