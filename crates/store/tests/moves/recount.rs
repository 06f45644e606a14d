//! What the counters and sets should hold, counted anew from the jobs' hashes; it shares nothing with the moves.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use parceld_domain::kind::Kind;
use parceld_domain::state::State;

use crate::bed::Bed;

type Hashes = BTreeMap<String, HashMap<String, String>>;

/// Everything in which Redis differs from the recount.
pub(crate) async fn recount(bed: &Bed) -> Vec<String> {
    let mut wrong = Vec::new();
    let ids: Vec<String> = bed.raw(&["ZRANGE", "~jobs", "0", "-1"]).await;
    let mut jobs = Hashes::new();
    for id in ids {
        let hash = bed.raw(&["HGETALL", &format!("~job:{id}")]).await;
        jobs.insert(id, hash);
    }
    states(bed, &jobs, &mut wrong).await;
    lanes(bed, &jobs, &mut wrong).await;
    scopes(bed, &jobs, &mut wrong).await;
    errands(bed, &jobs, &mut wrong).await;
    wrong
}

fn compare<T: PartialEq + std::fmt::Debug>(wrong: &mut Vec<String>, what: &str, held: &T, counted: &T) {
    if held != counted {
        wrong.push(format!("{what}: Redis has {held:?}, the recount {counted:?}"));
    }
}

/// The ids of the jobs for which `is` holds.
fn those(jobs: &Hashes, is: impl Fn(&HashMap<String, String>) -> bool) -> BTreeSet<String> {
    let chosen = jobs.iter().filter(|(_, job)| is(job));
    chosen.map(|(id, _)| id.clone()).collect()
}

fn is(job: &HashMap<String, String>, field: &str, value: &str) -> bool {
    job.get(field).is_some_and(|held| held == value)
}

async fn members(bed: &Bed, set: &str) -> BTreeSet<String> {
    bed.raw::<Vec<String>>(&["ZRANGE", set, "0", "-1"])
        .await
        .into_iter()
        .collect()
}

async fn states(bed: &Bed, jobs: &Hashes, wrong: &mut Vec<String>) {
    let stats = bed.store.stats().await.unwrap();
    compare(
        wrong,
        "accepted",
        &stats.states.values().sum(),
        &(jobs.len() as u64),
    );
    for state in State::ALL {
        let counted = those(jobs, |job| is(job, "state", state.as_str()));
        compare(
            wrong,
            state.as_str(),
            &stats.states[state],
            &(counted.len() as u64),
        );
        if *state != State::Ready {
            let held = members(bed, &format!("~{state}")).await;
            compare(wrong, &format!("members of {state}"), &held, &counted);
        }
    }
    for kind in Kind::ALL {
        let counted = those(jobs, |job| is(job, "kind", kind.as_str())).len() as u64;
        compare(wrong, kind.as_str(), &stats.kinds[kind], &counted);
    }
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    for job in jobs.values().filter(|job| is(job, "state", "failed")) {
        let code = Some(job["code"].as_str())
            .filter(|code| !code.is_empty())
            .unwrap_or("-");
        *codes.entry(format!("{code} {}", job["kind"])).or_default() += 1;
    }
    let held: BTreeMap<String, u64> = bed.raw(&["HGETALL", "~failed:codes"]).await;
    compare(wrong, "failed:codes", &held, &codes);
}

async fn lanes(bed: &Bed, jobs: &Hashes, wrong: &mut Vec<String>) {
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for (id, job) in jobs.iter().filter(|(_, job)| is(job, "state", "ready")) {
        let lane = job["lane"].clone();
        let hints: Vec<String> = bed.raw(&["LRANGE", &format!("~lane:{lane}"), "0", "-1"]).await;
        if !hints.contains(id) {
            wrong.push(format!("{id} is ready and stands nowhere in {lane}"));
        }
        let place: Option<String> = bed.raw(&["HGET", "~lanes", &lane]).await;
        let class = lane.split('/').next().unwrap_or_default();
        let ring: Vec<String> = bed.raw(&["LRANGE", &format!("~ring:{class}"), "0", "-1"]).await;
        let in_ring = ring.iter().filter(|other| **other == lane).count();
        let aside: bool = match place.as_deref() {
            None | Some("ring") => false,
            Some(scope) => bed.raw(&["SISMEMBER", &format!("~aside:{scope}"), &lane]).await,
        };
        if in_ring + usize::from(aside) != 1 {
            wrong.push(format!(
                "{lane}: {in_ring} times in its ring, aside: {aside}, place {place:?}"
            ));
        }
        *counted.entry(lane).or_default() += 1;
    }
    let held: BTreeMap<String, u64> = bed.raw(&["HGETALL", "~ready"]).await;
    compare(wrong, "ready jobs by lane", &held, &counted);
}

async fn scopes(bed: &Bed, jobs: &Hashes, wrong: &mut Vec<String>) {
    for scope in bed.store.stats().await.unwrap().parked {
        let parked = those(jobs, |job| {
            is(job, "state", "parked") && is(job, "scope", &scope.scope)
        });
        let blocked: Vec<String> = bed.raw(&["SMEMBERS", &format!("~blocked:{}", scope.scope)]).await;
        compare(
            wrong,
            &format!("blocked by {}", scope.scope),
            &blocked.into_iter().collect(),
            &parked,
        );
        let stopped = those(jobs, |job| {
            is(job, "state", "ready") && is_stopped(&job["lane"], &scope.scope)
        });
        let counted = (parked.len() + stopped.len()) as u64;
        compare(wrong, &format!("jobs of {}", scope.scope), &scope.jobs, &counted);
    }
}

/// By the lane's name: `<class>/<endpoint>/<variant>/<shop>`.
fn is_stopped(lane: &str, scope: &str) -> bool {
    let parts: Vec<&str> = lane.splitn(4, '/').collect();
    match scope.split_once(':') {
        None if scope == "account" => true,
        None => parts[0] == "pay",
        Some(("shop", id)) => parts[3] == id,
        Some((_, endpoint)) => parts[1] == endpoint,
    }
}

async fn errands(bed: &Bed, jobs: &Hashes, wrong: &mut Vec<String>) {
    for errand in ["packages", "orders", "catalogue"] {
        let counted = those(jobs, |job| {
            is(job, "state", "waiting") && is(job, "errand", errand)
        });
        let held = members(bed, &format!("~wait:{errand}")).await;
        compare(wrong, &format!("wait:{errand}"), &held, &counted);
    }
    let watching: BTreeSet<String> = jobs
        .iter()
        .flat_map(|(id, job)| {
            let names = job.get("watch").map(String::as_str).unwrap_or_default();
            names.lines().map(move |name| format!("{name}\t{id}"))
        })
        .collect();
    compare(wrong, "watch", &members(bed, "~watch").await, &watching);
}
