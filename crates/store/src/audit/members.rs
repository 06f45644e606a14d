//! Sets whose members name jobs: each member against the job that it names.

use parceld_domain::audit::{Cure, Fault, Finding, mark};
use parceld_domain::errand::Errand;
use parceld_domain::state::State;

use super::Auditor;
use super::scan::Cursor;
use super::unreadable;
use crate::error::StoreError;
use crate::reply::is_newer;

/// Members looked at in one round trip.
const PIECE: usize = 100;

/// A set whose members may outlive what they name.
#[derive(Debug)]
enum Index {
    /// Jobs that an errand answers: the member is an id, the job's field is the errand.
    Wait(String),
    /// Names that lead to jobs: the member is a name, a tab and an id, the job's field holds the name.
    Watch,
}

impl Auditor<'_> {
    /// Every member of the sets of states, and of the indexes of waiting jobs.
    pub(super) async fn all_members(&mut self) -> Result<(), StoreError> {
        for state in State::ALL.iter().filter(|state| **state != State::Ready) {
            let mut cursor = Cursor::START;
            while !cursor.is_at_end() {
                let mut ids = self.store.scan_sorted(state.as_str(), &mut cursor).await?;
                ids.retain(|id| !self.known.contains(&mark(id)));
                self.judge(ids).await?;
            }
        }
        self.judge_suspects().await?;
        // Probes answer no jobs.
        for errand in [Errand::Orders, Errand::Packages, Errand::Catalogue] {
            self.index(&Index::Wait(errand.to_string())).await?;
        }
        self.index(&Index::Watch).await
    }

    async fn index(&mut self, index: &Index) -> Result<(), StoreError> {
        let set = index.set();
        let mut cursor = Cursor::START;
        while !cursor.is_at_end() {
            let members = self.store.scan_sorted(&set, &mut cursor).await?;
            for some in members.chunks(PIECE) {
                let findings = self.astray(index, &set, some).await?;
                self.found(findings);
            }
        }
        Ok(())
    }

    /// Members that lead to a job which does not know of them, member and job read at one instant.
    async fn astray(&self, index: &Index, set: &str, members: &[String]) -> Result<Vec<Finding>, StoreError> {
        let mut pipe = redis::pipe();
        pipe.atomic();
        for member in members {
            pipe.zscore(self.store.key(set), member);
            let job = self.store.key(&format!("job:{}", index.id(member)));
            pipe.cmd("HMGET")
                .arg(job)
                .arg("state")
                .arg(index.field())
                .arg("format");
        }
        let replies: Vec<redis::Value> = self.store.ask("HMGET", &pipe).await?;
        let mut findings = Vec::new();
        for (member, pair) in members.iter().zip(replies.chunks(2)) {
            let [score, job] = pair else { continue };
            let (state, value, format): (Option<String>, Option<String>, Option<String>) =
                redis::from_redis_value(job.clone()).map_err(|_| unreadable("HMGET"))?;
            let is_ours = *score != redis::Value::Nil && !is_newer(format.as_deref().unwrap_or_default());
            if is_ours && !index.fits(member, state.as_deref(), value.as_deref().unwrap_or_default()) {
                findings.push(index.finding(set, member));
            }
        }
        Ok(findings)
    }
}

impl Index {
    fn set(&self) -> String {
        match self {
            Index::Wait(errand) => format!("wait:{errand}"),
            Index::Watch => "watch".to_owned(),
        }
    }

    const fn field(&self) -> &'static str {
        match self {
            Index::Wait(_) => "errand",
            Index::Watch => "watch",
        }
    }

    fn id<'a>(&self, member: &'a str) -> &'a str {
        match self {
            Index::Wait(_) => member,
            Index::Watch => member.rsplit_once('\t').map_or(member, |(_, id)| id),
        }
    }

    fn fits(&self, member: &str, state: Option<&str>, value: &str) -> bool {
        match self {
            Index::Wait(errand) => state == Some("waiting") && value == errand,
            Index::Watch => {
                let name = member.rsplit_once('\t').map(|(name, _)| name);
                state.is_some() && name.is_some_and(|name| value.lines().any(|line| line == name))
            }
        }
    }

    fn finding(&self, set: &str, member: &str) -> Finding {
        let (fault, detail) = match self {
            Index::Wait(_) => (
                Fault::StateDoubled,
                format!("it stands in {set} and does not wait for it"),
            ),
            Index::Watch => (
                Fault::WatchLost,
                "a name leads to it that it does not watch".to_owned(),
            ),
        };
        Finding {
            fault,
            subject: format!("job:{}", self.id(member)),
            detail,
            cure: Some(Cure::Unlist {
                set: set.to_owned(),
                id: member.to_owned(),
            }),
        }
    }
}
