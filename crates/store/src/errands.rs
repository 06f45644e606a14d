//! Errands: whom a row concerns, what it changes, and the turning of pages.

use parceld_domain::errand::Errand;
use parceld_domain::job::Job;
use parceld_domain::transition::Transition;
use redis::Value;

use crate::call::{tried, written};
use crate::claim::Grant;
use crate::connect::Store;
use crate::error::StoreError;
use crate::reply::{self, JOB_FIELDS, Unreadable};

/// A name by which a row finds jobs, such as `sn:<order_sn>`, and the jobs that watch it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watcher {
    /// The watched name.
    pub name: String,
    /// The watching job.
    pub id: String,
}

/// Jobs as they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Those that can be read.
    pub jobs: Vec<Job>,
    /// Ids of the others, and why.
    pub unreadable: Vec<(String, Unreadable)>,
}

/// Where an errand's call leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// On to this page, at once.
    Page(u32),
    /// The same page again after this time: the call failed.
    Again {
        /// The page.
        page: u32,
        /// Until then.
        delay_ms: u64,
    },
    /// The pass is over.
    End,
}

/// Jobs that may watch one name; more than a handful would be a mistake of the ERP's.
const WATCHERS_MAX: isize = 20;
/// Jobs that one call of observe moves: while a script runs, Redis answers nobody else.
const OBSERVE_MAX: usize = 100;

impl Store {
    /// The jobs that watch any of these names.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn watchers(&self, names: &[String]) -> Result<Vec<Watcher>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipe = redis::pipe();
        for name in names {
            // Members are `<name>\t<id>`: no name holds a tab, and no id a byte above `~`.
            pipe.zrangebylex_limit(
                self.key("watch"),
                format!("[{name}\t"),
                format!("[{name}\t~"),
                0,
                WATCHERS_MAX,
            );
        }
        let found: Vec<Vec<String>> = self.ask("ZRANGEBYLEX", &pipe).await?;
        let split = |member: String| {
            let (name, id) = member.rsplit_once('\t')?;
            Some(Watcher {
                name: name.to_owned(),
                id: id.to_owned(),
            })
        };
        Ok(found.into_iter().flatten().filter_map(split).collect())
    }

    /// These jobs as they stand.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn load(&self, ids: &[String]) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        if ids.is_empty() {
            return Ok(loaded);
        }
        let mut pipe = redis::pipe();
        for id in ids {
            pipe.cmd("HMGET")
                .arg(self.key(&format!("job:{id}")))
                .arg(&JOB_FIELDS);
        }
        let found: Vec<Vec<Value>> = self.ask("HMGET", &pipe).await?;
        for (id, fields) in ids.iter().zip(found) {
            match reply::job(id.clone(), fields) {
                Ok(job) => loaded.jobs.push(job),
                Err(why) => loaded.unreadable.push((id.clone(), why)),
            }
        }
        Ok(loaded)
    }

    /// Gives waiting jobs whose hash was spoilt to a person; those of a later version are left alone.
    ///
    /// # Errors
    /// `Unreachable`: condemn again.
    pub async fn condemn(&self, unreadable: &[(String, Unreadable)]) -> Result<(), StoreError> {
        let spoilt: Vec<&(String, Unreadable)> = unreadable
            .iter()
            .filter(|(_, why)| matches!(why, Unreadable::Spoilt(_)))
            .collect();
        for some in spoilt.chunks(OBSERVE_MAX) {
            let args: Vec<String> = some
                .iter()
                .flat_map(|(id, why)| [id.clone(), why.to_string()])
                .collect();
            let _: Vec<i64> = self.moves().condemn.run(self, &args).await?;
        }
        Ok(())
    }

    /// Gives waiting jobs what an errand saw; `None` = it was met, nothing changes. Answers for each whether it moved.
    ///
    /// # Errors
    /// `Unreachable`: observe again; what moved does not move twice.
    pub async fn observe(
        &self,
        errand: &Errand,
        seen: &[(&Job, Option<Transition>)],
    ) -> Result<Vec<bool>, StoreError> {
        let mut moved: Vec<i64> = Vec::with_capacity(seen.len());
        for some in seen.chunks(OBSERVE_MAX) {
            let mut args = vec![errand.to_string()];
            for (job, transition) in some {
                args.push(job.id.clone());
                args.push(job.step.to_string());
                args.push(job.version.to_string());
                args.push(transition.as_ref().map(written).unwrap_or_default());
            }
            moved.extend(self.moves().observe.run::<Vec<i64>>(self, &args).await?);
        }
        Ok(moved.into_iter().map(|moved| moved == 1).collect())
    }

    /// How many jobs wait for the errand that this pass has not met; one that came in during the pass counts as met,
    /// because a pass that began before it proves nothing about it.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn unmet_count(&self, errand: &Errand) -> Result<u64, StoreError> {
        let wait = self.key(&format!("wait:{errand}"));
        let mut pipe = redis::pipe();
        pipe.zcard(&wait);
        pipe.cmd("ZINTERCARD")
            .arg(2)
            .arg(&wait)
            .arg(self.key(&format!("seen:{errand}")));
        let (waiting, met): (u64, u64) = self.ask("ZINTERCARD", &pipe).await?;
        Ok(waiting.saturating_sub(met))
    }

    /// Jobs that wait for the errand and that this pass has not met, oldest first, from `skip` on, at most `most`
    /// looked at; answers the jobs and whether more may follow.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn unmet(
        &self,
        errand: &Errand,
        skip: usize,
        most: usize,
    ) -> Result<(Loaded, bool), StoreError> {
        let mut pipe = redis::pipe();
        pipe.cmd("ZRANGE")
            .arg(self.key(&format!("wait:{errand}")))
            .arg(skip)
            .arg(skip + most - 1);
        let (ids,): (Vec<String>,) = self.ask("ZRANGE", &pipe).await?;
        if ids.is_empty() {
            return Ok((Loaded::default(), false));
        }
        let mut pipe = redis::pipe();
        pipe.cmd("SMISMEMBER")
            .arg(self.key(&format!("seen:{errand}")))
            .arg(&ids);
        let (met,): (Vec<i64>,) = self.ask("SMISMEMBER", &pipe).await?;
        let more = ids.len() == most;
        let unmet: Vec<String> = ids
            .into_iter()
            .zip(met)
            .filter(|(_, met)| *met == 0)
            .map(|(id, _)| id)
            .collect();
        Ok((self.load(&unmet).await?, more))
    }

    /// Ends the errand's call; `kept` is left for the next page, `faulted` says that absence proves nothing.
    /// False when the lease was lost.
    ///
    /// # Errors
    /// `Unreachable`: turn again, or let the lease run out.
    pub async fn turn_page(
        &self,
        grant: &Grant,
        errand: &Errand,
        turn: &Turn,
        faulted: bool,
        kept: &str,
    ) -> Result<bool, StoreError> {
        let (page, delay_ms) = match turn {
            Turn::Page(page) => (page.to_string(), 0),
            Turn::Again { page, delay_ms } => (page.to_string(), *delay_ms),
            Turn::End => (String::new(), 0),
        };
        let [scope, lease_until_ms] = tried(grant);
        let args = [
            errand.to_string(),
            grant.fence.to_string(),
            page,
            delay_ms.to_string(),
            scope,
            lease_until_ms,
            "faulted".to_owned(),
            u8::from(faulted && *turn != Turn::End).to_string(),
            "kept".to_owned(),
            kept.to_owned(),
        ];
        let turned: i64 = self.moves().turn_page.run(self, &args).await?;
        Ok(turned == 1)
    }

    /// Puts a freshly fetched catalogue in place; false when the lease was lost.
    ///
    /// # Errors
    /// `Unreachable`: publish again.
    pub async fn publish_catalogue(
        &self,
        grant: &Grant,
        began_ms: u64,
        catalogue: &str,
    ) -> Result<bool, StoreError> {
        let args = [
            grant.fence.to_string(),
            began_ms.to_string(),
            catalogue.to_owned(),
        ];
        let placed: i64 = self.moves().publish_catalogue.run(self, &args).await?;
        Ok(placed == 1)
    }

    /// The catalogue as it was published, JSON; `None` if there was none yet.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn catalogue(&self) -> Result<Option<String>, StoreError> {
        let mut pipe = redis::pipe();
        pipe.hget(self.key("catalogue"), "json");
        let (json,): (Option<String>,) = self.ask("HGET", &pipe).await?;
        Ok(json)
    }

    /// Lets jobs that waited for the errand's answer go on, at most `most`; as many as that = ask again.
    ///
    /// # Errors
    /// `Unreachable`: release again.
    pub async fn release(&self, errand: &Errand, most: u64) -> Result<u64, StoreError> {
        self.moves()
            .release
            .run(self, &[errand.to_string(), most.to_string()])
            .await
    }
}
