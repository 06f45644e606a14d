//! The keys themselves: hashes that no list names, and keys of the idempotency index that lead astray.

use parceld_domain::audit::{Fault, Finding, mark};

use super::Auditor;
use super::scan::Cursor;
use super::unreadable;
use crate::error::StoreError;
use crate::reply::is_newer;

/// Index keys looked at in one round trip.
const PIECE: usize = 100;

impl Auditor<'_> {
    /// Every key of the namespace, by its name.
    pub(super) async fn all_keys(&mut self) -> Result<(), StoreError> {
        let mut cursor = Cursor::START;
        while !cursor.is_at_end() {
            let (mut unlisted, mut index) = (Vec::new(), Vec::new());
            for name in self.store.scan_keys(&mut cursor).await? {
                match name.split_once(':') {
                    Some(("job", id)) if !self.known.contains(&mark(id)) => unlisted.push(id.to_owned()),
                    Some(("key", _)) => index.push(name),
                    Some(("lane", lane)) => {
                        self.lanes.insert(lane.to_owned());
                    }
                    Some(("scope", scope)) => {
                        self.scopes.insert(scope.to_owned());
                    }
                    Some(("errand", errand)) => {
                        self.errands.insert(errand.to_owned());
                    }
                    _ => {}
                }
            }
            self.judge(unlisted).await?;
            for some in index.chunks(PIECE) {
                self.audit.keys += some.len() as u64;
                let findings = self.astray_keys(some).await?;
                self.found(findings);
            }
        }
        self.judge_suspects().await
    }

    /// Keys that lead to nothing or to a job of another key, key and job read at one instant.
    async fn astray_keys(&self, names: &[String]) -> Result<Vec<Finding>, StoreError> {
        let mut pipe = redis::pipe();
        for name in names {
            pipe.get(self.store.key(name));
        }
        let holders: Vec<Option<String>> = self.store.ask("GET", &pipe).await?;
        let held: Vec<(&String, String)> = names
            .iter()
            .zip(holders)
            .filter_map(|(name, holder)| Some((name, holder?)))
            .collect();
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipe = redis::pipe();
        pipe.atomic();
        for (name, id) in &held {
            pipe.get(self.store.key(name)).pttl(self.store.key(name));
            pipe.cmd("HMGET")
                .arg(self.store.key(&format!("job:{id}")))
                .arg("kind")
                .arg("key")
                .arg("format");
        }
        let replies: Vec<redis::Value> = self.store.ask("HMGET", &pipe).await?;
        let mut findings = Vec::new();
        for ((name, id), seen) in held.iter().zip(replies.chunks(3)) {
            let [holder, left_ms, job] = seen else { continue };
            let read = |value: &redis::Value| redis::from_redis_value::<Option<String>>(value.clone());
            let (Ok(holder), Ok(left_ms)) = (read(holder), redis::from_redis_value::<i64>(left_ms.clone()))
            else {
                return Err(unreadable("GET"));
            };
            let (kind, key, format): (Option<String>, Option<String>, Option<String>) =
                redis::from_redis_value(job.clone()).map_err(|_| unreadable("HMGET"))?;
            // It leads elsewhere by now: whoever moved it saw to the job.
            if holder.as_ref() == Some(id) && !is_newer(format.as_deref().unwrap_or_default()) {
                findings.extend(astray(name, id, left_ms, &(kind, key)));
            }
        }
        Ok(findings)
    }
}

fn astray(name: &str, id: &str, left_ms: i64, job: &(Option<String>, Option<String>)) -> Option<Finding> {
    let detail = match job {
        // The key of a removed job still answers `duplicate` for its time.
        (None, _) if left_ms >= 0 => return None,
        (None, _) => format!("it leads to job {id}, which does not exist, and will never be forgotten"),
        (Some(kind), key) if name == format!("key:{kind}:{}", key.as_deref().unwrap_or_default()) => {
            return None;
        }
        (Some(_), _) => format!("it leads to job {id}, which does not bear it"),
    };
    Some(Finding {
        fault: Fault::KeyElsewhere,
        subject: name.to_owned(),
        detail,
        cure: None,
    })
}
