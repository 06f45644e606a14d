//! Reading jobs for operators.

use std::collections::HashMap;

use parceld_domain::kind::Kind;
use parceld_domain::state::State;

use crate::connect::Store;
use crate::error::StoreError;

/// A job's hash as it stands, and its history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Its id.
    pub id: String,
    /// Its fields.
    pub fields: HashMap<String, String>,
    /// Its history, JSON lines, newest first; empty where it was not asked for.
    pub history: Vec<String>,
}

/// Which jobs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only with this code of the vendor.
    pub code: Option<i64>,
    /// At most so many.
    pub limit: usize,
    /// Of an end state: only what ended until then, Unix milliseconds on Redis's clock.
    pub until_ms: Option<u64>,
}

/// Ids read in one round trip.
const CHUNK: usize = 500;
/// Ids looked at before a listing gives up; it says so.
const SCAN_MAX: usize = 200_000;

impl Store {
    /// One job with its history; `None` if there is none of this id.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn job(&self, id: &str) -> Result<Option<JobRecord>, StoreError> {
        let mut pipe = redis::pipe();
        pipe.hgetall(self.key(&format!("job:{id}")))
            .lrange(self.key(&format!("history:{id}")), 0, -1);
        let (fields, history): (HashMap<Text, Text>, Vec<Text>) = self.ask("HGETALL", &pipe).await?;
        Ok((!fields.is_empty()).then(|| JobRecord {
            id: id.to_owned(),
            fields: plain(fields),
            history: history.into_iter().map(|line| line.0).collect(),
        }))
    }

    /// The ids that bear this key, by kind.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn ids_of_key(&self, key: &str) -> Result<Vec<(Kind, String)>, StoreError> {
        let mut pipe = redis::pipe();
        for kind in Kind::ALL {
            pipe.get(self.key(&format!("key:{kind}:{key}")));
        }
        let ids: Vec<Option<String>> = self.ask("GET", &pipe).await?;
        Ok(Kind::ALL
            .iter()
            .zip(ids)
            .filter_map(|(kind, id)| Some((*kind, id?)))
            .collect())
    }

    /// Jobs that fit the filter, newest first.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn list(&self, filter: &JobFilter) -> Result<Vec<JobRecord>, StoreError> {
        let road = self.road(filter).await?;
        let mut found = Vec::new();
        let mut from = 0;
        while found.len() < filter.limit && from < SCAN_MAX {
            let ids = match &road {
                Road::Known(ids) => ids.iter().skip(from).take(CHUNK).cloned().collect(),
                Road::Newest(set) => self.newest(set, from).await?,
                Road::Until(set, until_ms) => self.newest_until(set, *until_ms, from).await?,
            };
            if ids.is_empty() {
                break;
            }
            from += ids.len();
            found.extend(self.fitting(ids, filter).await?);
        }
        found.truncate(filter.limit);
        if from >= SCAN_MAX && found.len() < filter.limit {
            tracing::warn!(looked_at = from, "the listing ends here; narrow it by state");
        }
        Ok(found)
    }

    async fn road(&self, filter: &JobFilter) -> Result<Road, StoreError> {
        // Ready jobs stand in lanes; every other state has a set of its own.
        let set = match filter.state {
            Some(state @ (State::Scheduled | State::Running | State::Waiting | State::Parked)) => {
                return Ok(Road::Known(self.by_acceptance(state.as_str()).await?));
            }
            Some(state) if state != State::Ready => state.as_str(),
            _ => "jobs",
        };
        Ok(match filter.until_ms {
            None => Road::Newest(set),
            Some(until_ms) => Road::Until(set, until_ms),
        })
    }

    /// The members of a set whose scores tell something else than when its jobs came in, newest first, bounded.
    async fn by_acceptance(&self, set: &str) -> Result<Vec<String>, StoreError> {
        let mut pipe = redis::pipe();
        pipe.zrange(self.key(set), 0, SCAN_MAX as isize - 1);
        let (ids,): (Vec<String>,) = self.ask("ZRANGE", &pipe).await?;
        let mut accepted = Vec::with_capacity(ids.len());
        for some in ids.chunks(CHUNK) {
            let mut pipe = redis::pipe();
            pipe.zscore_multiple(self.key("jobs"), some);
            let (scores,): (Vec<Option<f64>>,) = self.ask("ZMSCORE", &pipe).await?;
            accepted.extend(
                scores
                    .into_iter()
                    .map(Option::unwrap_or_default)
                    .zip(some.to_vec()),
            );
        }
        accepted.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(&a.1)));
        Ok(accepted.into_iter().map(|(_, id)| id).collect())
    }

    /// The next ids of a set, its highest scores first.
    async fn newest(&self, set: &str, from: usize) -> Result<Vec<String>, StoreError> {
        let mut pipe = redis::pipe();
        let from = from as isize;
        pipe.zrevrange(self.key(set), from, from + CHUNK as isize - 1);
        let (ids,): (Vec<String>,) = self.ask("ZREVRANGE", &pipe).await?;
        Ok(ids)
    }

    /// The same of those with no higher score than this.
    async fn newest_until(&self, set: &str, until_ms: u64, from: usize) -> Result<Vec<String>, StoreError> {
        let mut pipe = redis::pipe();
        pipe.zrevrangebyscore_limit(self.key(set), until_ms, "-inf", from as isize, CHUNK as isize);
        let (ids,): (Vec<String>,) = self.ask("ZREVRANGEBYSCORE", &pipe).await?;
        Ok(ids)
    }

    async fn fitting(&self, ids: Vec<String>, filter: &JobFilter) -> Result<Vec<JobRecord>, StoreError> {
        let mut pipe = redis::pipe();
        for id in &ids {
            pipe.hgetall(self.key(&format!("job:{id}")));
        }
        let hashes: Vec<HashMap<Text, Text>> = self.ask("HGETALL", &pipe).await?;
        let records = ids.into_iter().zip(hashes).map(|(id, fields)| JobRecord {
            id,
            fields: plain(fields),
            history: Vec::new(),
        });
        Ok(records.filter(|record| filter.fits(&record.fields)).collect())
    }
}

/// How a listing goes through its set.
enum Road {
    /// The ids in their order.
    Known(Vec<String>),
    /// By score, the highest first.
    Newest(&'static str),
    /// The same, from this score down.
    Until(&'static str, u64),
}

/// Text for a person to read. One field that is not UTF-8 must not hide its job, nor all the others of a listing.
#[derive(PartialEq, Eq, Hash)]
struct Text(String);

impl redis::FromRedisValue for Text {
    fn from_redis_value(value: redis::Value) -> Result<Self, redis::ParsingError> {
        let bytes: Vec<u8> = redis::from_redis_value(value)?;
        Ok(Text(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

fn plain(fields: HashMap<Text, Text>) -> HashMap<String, String> {
    fields
        .into_iter()
        .map(|(name, value)| (name.0, value.0))
        .collect()
}

impl JobFilter {
    fn fits(&self, fields: &HashMap<String, String>) -> bool {
        let is = |field: &str, wanted: Option<String>| {
            wanted.is_none_or(|wanted| fields.get(field).is_some_and(|value| *value == wanted))
        };
        !fields.is_empty()
            && is("state", self.state.map(|state| state.to_string()))
            && is("kind", self.kind.map(|kind| kind.to_string()))
            && is("code", self.code.map(|code| code.to_string()))
    }
}
