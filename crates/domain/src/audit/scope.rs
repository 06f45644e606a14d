//! Parked scopes and errands.

use super::{Cure, Fault, Finding, Limits};

/// One scope at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeLook {
    /// Its name.
    pub scope: String,
    /// Whether it is parked.
    pub is_parked: bool,
    /// Whether it stands in the list of parked scopes.
    pub is_listed: bool,
    /// Whether an operator holds it, so that no probe lifts it.
    pub is_held: bool,
    /// Whether a probe of it is due, now or later.
    pub has_probe: bool,
    /// Its jobs, as its counter says.
    pub jobs: i64,
    /// The jobs that it parked and the ready ones that it stops; `None` where there are too many lanes for one look.
    pub counted: Option<i64>,
}

/// One errand at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrandLook {
    /// Its name.
    pub name: String,
    /// Redis's time, Unix milliseconds.
    pub now_ms: u64,
    /// Whether a pass is under way.
    pub has_page: bool,
    /// When it is due, or its lease ends; `None` if nobody asks for it.
    pub due_ms: Option<u64>,
}

/// What is wrong with a scope.
#[must_use]
pub fn judge_scope(look: &ScopeLook) -> Vec<Finding> {
    let subject = format!("scope:{}", look.scope);
    let mut findings = Vec::new();
    let wrong = match look {
        ScopeLook {
            is_parked: false,
            is_listed: true,
            ..
        } => Some("it is listed as parked and is not"),
        ScopeLook {
            is_parked: true,
            is_listed: false,
            ..
        } => Some("it is parked and not listed"),
        ScopeLook {
            is_parked: true,
            is_held: false,
            has_probe: false,
            ..
        } => Some("it is parked and no probe is due"),
        _ => None,
    };
    if let Some(detail) = wrong {
        let cure = Some(Cure::Probe(look.scope.clone()));
        findings.push(Finding::new(Fault::ScopeUnprobed, subject.clone(), detail, cure));
    }
    if let Some(counted) = look
        .counted
        .filter(|counted| look.is_parked && *counted != look.jobs)
    {
        let detail = format!("the counter says {}, {counted} jobs wait for it", look.jobs);
        let cure = Some(Cure::CountScope(look.scope.clone()));
        findings.push(Finding::new(Fault::CountWrong, subject, detail, cure));
    }
    findings
}

/// What is wrong with an errand.
#[must_use]
pub fn judge_errand(look: &ErrandLook, limits: &Limits) -> Vec<Finding> {
    let subject = || format!("errand:{}", look.name);
    let cure = || Some(Cure::Turn(look.name.clone()));
    match look.due_ms {
        None if look.has_page => {
            let detail = "a pass is under way and no page of it is due";
            vec![Finding::new(Fault::ErrandStuck, subject(), detail, cure())]
        }
        Some(due_ms) if due_ms > look.now_ms + limits.lease_ms + Limits::AHEAD_MAX_MS => {
            let hours = (due_ms - look.now_ms) / 3_600_000;
            let detail = format!("it is leased or due in {hours} h only");
            vec![Finding::new(Fault::ErrandStuck, subject(), detail, cure())]
        }
        Some(due_ms) if due_ms + limits.patience_ms < look.now_ms => {
            let detail = format!("it has been due for {} s", (look.now_ms - due_ms) / 1000);
            vec![Finding::new(Fault::DueOverdue, subject(), detail, None)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::LIMITS;

    const NOW_MS: u64 = 1_800_000_000_000;

    #[test]
    fn a_parked_scope_is_listed_and_probed_unless_it_is_held() {
        let scope = |is_parked, is_listed, is_held, has_probe| ScopeLook {
            scope: "account".to_owned(),
            is_parked,
            is_listed,
            is_held,
            has_probe,
            ..ScopeLook::default()
        };
        let table = [
            (scope(true, true, false, true), false),
            (scope(true, true, true, false), false),
            (scope(false, false, false, false), false),
            (scope(true, true, false, false), true),
            (scope(true, false, false, true), true),
            (scope(false, true, false, false), true),
        ];
        for (look, is_wrong) in table {
            let findings = judge_scope(&look);
            assert_eq!(findings.len(), usize::from(is_wrong), "{look:?}");
        }
    }

    #[test]
    fn the_jobs_of_a_parked_scope_are_counted() {
        let look = ScopeLook {
            is_parked: true,
            is_listed: true,
            is_held: true,
            jobs: 2,
            counted: Some(3),
            ..ScopeLook::default()
        };
        assert_eq!(judge_scope(&look)[0].fault, Fault::CountWrong);
        assert!(
            judge_scope(&ScopeLook {
                counted: Some(2),
                ..look.clone()
            })
            .is_empty()
        );
        assert!(
            judge_scope(&ScopeLook {
                counted: None,
                ..look
            })
            .is_empty()
        );
    }

    #[test]
    fn an_errand_is_due_leased_for_a_time_or_not_asked_for() {
        let errand = |has_page, due_ms| ErrandLook {
            name: "orders".to_owned(),
            now_ms: NOW_MS,
            has_page,
            due_ms,
        };
        let table = [
            (errand(false, None), None),
            (errand(true, Some(NOW_MS + 60_000)), None),
            (errand(true, Some(NOW_MS - 59_000)), None),
            (errand(true, None), Some(Fault::ErrandStuck)),
            (
                errand(false, Some(NOW_MS + 2 * Limits::AHEAD_MAX_MS)),
                Some(Fault::ErrandStuck),
            ),
            (errand(false, Some(NOW_MS - 61_000)), Some(Fault::DueOverdue)),
        ];
        for (look, fault) in table {
            let found = judge_errand(&look, &LIMITS).first().map(|finding| finding.fault);
            assert_eq!(found, fault, "{look:?}");
        }
    }
}
