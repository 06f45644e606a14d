//! Redis against what should stand there: hashes, sets, lanes, counters, errands, scopes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::future::join_all;
use parceld_domain::errand::Errand;
use parceld_domain::kind::Kind;
use parceld_domain::state::State;

use super::expected::{Expected, ExpectedJob, Span, scopes_of};
use crate::bed::Bed;

const ERRANDS: [Errand; 3] = [Errand::Packages, Errand::Orders, Errand::Catalogue];

/// Everything in which Redis differs; times that were known between two readings are known exactly afterwards.
pub(super) async fn compare(bed: &Bed, expected: &mut Expected) -> Vec<String> {
    let mut wrong = Wrong(Vec::new());
    counters(bed, expected, &mut wrong).await;
    jobs(bed, expected, &mut wrong).await;
    sets(bed, expected, &mut wrong).await;
    lanes(bed, expected, &mut wrong).await;
    errands(bed, expected, &mut wrong).await;
    scopes(bed, expected, &mut wrong).await;
    wrong.0
}

struct Wrong(Vec<String>);

impl Wrong {
    fn differs<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, held: &T, wanted: &T) {
        if held != wanted {
            self.0
                .push(format!("{what}: Redis has {held:?}, expected {wanted:?}"));
        }
    }

    /// Takes the time that Redis has, if it can be that one.
    fn adopt(&mut self, what: &str, span: &mut Span, held: u64) {
        if !span.holds(held) {
            self.0
                .push(format!("{what}: Redis has {held}, expected {span:?}"));
        }
        *span = Span::at(held);
    }
}

async fn counters(bed: &Bed, expected: &Expected, wrong: &mut Wrong) {
    let stats = bed.store.stats().await.unwrap();
    for state in State::ALL {
        let count = expected.jobs.values().filter(|job| job.state == *state).count();
        wrong.differs(
            &format!("number of {state}"),
            &stats.states[state],
            &(count as u64),
        );
    }
    for kind in Kind::ALL {
        let count = expected.jobs.values().filter(|job| job.kind == *kind).count();
        wrong.differs(&format!("number of {kind}"), &stats.kinds[kind], &(count as u64));
    }
    let accepted: u64 = stats.states.values().sum();
    wrong.differs("accepted", &accepted, &(expected.jobs.len() as u64));
    wrong.differs("accepted ever", &stats.accepted_total, &expected.accepted_total);
    let events: u64 = bed.raw(&["XLEN", "~events"]).await;
    wrong.differs("events", &events, &expected.events);
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    for job in expected.jobs.values().filter(|job| job.state == State::Failed) {
        let code = job.code.as_deref().filter(|code| !code.is_empty()).unwrap_or("-");
        *codes.entry(format!("{code} {}", job.kind)).or_default() += 1;
    }
    let held: BTreeMap<String, u64> = bed.raw(&["HGETALL", "~failed:codes"]).await;
    wrong.differs("failed by code", &held, &codes);
}

async fn jobs(bed: &Bed, expected: &Expected, wrong: &mut Wrong) {
    let held: BTreeSet<String> = members(bed, "jobs").await.into_keys().collect();
    wrong.differs("jobs", &held, &expected.jobs.keys().cloned().collect());
    let hashes = hashes(bed, expected.jobs.keys().map(|id| format!("job:{id}"))).await;
    for ((id, job), hash) in expected.jobs.iter().zip(hashes) {
        wrong.differs(id, &fields_of_hash(&hash, job), &fields(job));
    }
    let held = expected.keys.keys().map(async |(kind, key)| {
        bed.raw::<Option<String>>(&["GET", &format!("~key:{kind}:{key}")])
            .await
    });
    for (((_, key), id), held) in expected.keys.iter().zip(join_all(held).await) {
        wrong.differs(&format!("key {key}"), &held.as_ref(), &Some(id));
    }
}

/// What is compared of a job; fields of one state are read in that state only.
fn fields(job: &ExpectedJob) -> BTreeMap<&'static str, String> {
    let of = |state: State, value: Option<String>| value.filter(|_| job.state == state).unwrap_or_default();
    let mut watch = job.watch.clone();
    watch.sort_unstable();
    BTreeMap::from([
        ("state", job.state.to_string()),
        ("step", job.step.to_string()),
        ("payload", job.payload.clone()),
        ("remark", job.remark.clone()),
        ("lane", job.lane.to_string()),
        ("attempts", job.attempts.to_string()),
        ("version", job.version.to_string()),
        ("deaths", job.deaths.to_string()),
        ("alone", u32::from(job.alone).to_string()),
        ("max_batch", job.max_batch.unwrap_or_default().to_string()),
        ("begun", u32::from(job.begun.is_some()).to_string()),
        (
            "fence",
            of(State::Running, job.fence.map(|fence| fence.to_string())),
        ),
        (
            "errand",
            of(State::Waiting, job.errand.as_ref().map(ToString::to_string)),
        ),
        ("scope", of(State::Parked, job.scope.clone())),
        ("code", job.code.clone().unwrap_or_else(|| "none".to_owned())),
        ("hold", job.hold.clone()),
        ("replaced_by", job.replaced_by.clone().unwrap_or_default()),
        ("watch", watch.join("\n")),
    ])
}

fn fields_of_hash(hash: &HashMap<String, String>, job: &ExpectedJob) -> BTreeMap<&'static str, String> {
    fields(job)
        .keys()
        .map(|field| {
            let held = hash.get(*field).cloned();
            let value = match *field {
                "begun" => u32::from(held.is_some()).to_string(),
                "deaths" | "alone" | "max_batch" => held.unwrap_or_else(|| "0".to_owned()),
                "code" => held.unwrap_or_else(|| "none".to_owned()),
                "fence" | "errand" | "scope" => held.filter(|_| applies(field, job)).unwrap_or_default(),
                "watch" => {
                    let mut names: Vec<&str> = hash
                        .get("watch")
                        .map_or(Vec::new(), |held| held.lines().collect());
                    names.sort_unstable();
                    names.join("\n")
                }
                _ => held.unwrap_or_default(),
            };
            (*field, value)
        })
        .collect()
}

fn applies(field: &str, job: &ExpectedJob) -> bool {
    match field {
        "fence" => job.state == State::Running,
        "errand" => job.state == State::Waiting,
        _ => job.state == State::Parked,
    }
}

/// Asked for all at once: the comparison is made after every act.
async fn hashes(bed: &Bed, keys: impl Iterator<Item = String>) -> Vec<HashMap<String, String>> {
    join_all(keys.map(async |key| bed.raw(&["HGETALL", &format!("~{key}")]).await)).await
}

async fn members(bed: &Bed, set: &str) -> BTreeMap<String, u64> {
    let flat: Vec<String> = bed
        .raw(&["ZRANGE", &format!("~{set}"), "0", "-1", "WITHSCORES"])
        .await;
    let pair = |pair: &[String]| (pair[0].clone(), pair[1].parse().unwrap());
    flat.chunks(2).map(pair).collect()
}

/// No job stands in two places, and each at its time.
async fn sets(bed: &Bed, expected: &mut Expected, wrong: &mut Wrong) {
    let states = || State::ALL.iter().filter(|state| **state != State::Ready);
    let held = join_all(states().map(async |state| members(bed, state.as_str()).await)).await;
    for (state, held) in states().zip(held) {
        let wanted = expected.jobs.iter().filter(|(_, job)| job.state == *state);
        let wanted: Vec<&String> = wanted.map(|(id, _)| id).collect();
        wrong.differs(
            &format!("members of {state}"),
            &held.keys().collect::<Vec<_>>(),
            &wanted,
        );
        for (id, score) in &held {
            if let Some(job) = expected.jobs.get_mut(id).filter(|job| job.state == *state) {
                wrong.adopt(&format!("time of {id}, {state}"), &mut job.score, *score);
            }
        }
    }
    let watching: BTreeSet<String> = expected
        .jobs
        .iter()
        .flat_map(|(id, job)| job.watch.iter().map(move |name| format!("{name}\t{id}")))
        .collect();
    let held: BTreeSet<String> = members(bed, "watch").await.into_keys().collect();
    wrong.differs("watch", &held, &watching);
}

async fn lanes(bed: &Bed, expected: &Expected, wrong: &mut Wrong) {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    let lanes = || expected.lanes.iter().filter(|(_, ids)| !ids.is_empty());
    let hints = lanes().map(async |(lane, _)| {
        bed.raw::<Vec<String>>(&["LRANGE", &format!("~lane:{lane}"), "0", "-1"])
            .await
    });
    for ((lane, ids), hints) in lanes().zip(join_all(hints).await) {
        counted.insert(lane.clone(), ids.len());
        let exact = |id: &&String| expected.jobs.get(*id).is_some_and(|job| !job.loose);
        let held: Vec<&String> = hints.iter().filter(|id| ids.contains(id)).filter(exact).collect();
        wrong.differs(lane, &held, &ids.iter().filter(exact).collect());
        for id in ids.iter().filter(|id| !hints.contains(id)) {
            wrong
                .0
                .push(format!("{id} is ready and stands nowhere in {lane}"));
        }
    }
    let held: BTreeMap<String, usize> = bed.raw(&["HGETALL", "~ready"]).await;
    wrong.differs("ready by lane", &held, &counted);
}

async fn errands(bed: &Bed, expected: &mut Expected, wrong: &mut Wrong) {
    for errand in &ERRANDS {
        let held: BTreeSet<String> = members(bed, &format!("wait:{errand}"))
            .await
            .into_keys()
            .collect();
        let waiting: BTreeSet<String> = expected.waiting_for(errand).cloned().collect();
        let seen = expected.errands.get(&errand.to_string()).map(|pass| &pass.seen);
        let unmet = waiting
            .iter()
            .filter(|id| !seen.is_some_and(|seen| seen.contains(*id)));
        let unmet = unmet.count() as u64;
        wrong.differs(&format!("waiting for {errand}"), &held, &waiting);
        let counted = bed.store.unmet_count(errand).await.unwrap();
        wrong.differs(&format!("not met by {errand}"), &counted, &unmet);
    }
    let mut due = members(bed, "errands").await;
    let hashes = hashes(bed, expected.errands.keys().map(|name| format!("errand:{name}"))).await;
    for ((name, errand), hash) in expected.errands.iter_mut().zip(hashes) {
        match (due.remove(name), &mut errand.due) {
            (Some(held), Some(due)) => wrong.adopt(&format!("time of {name}"), due, held),
            (None, Some(due)) if *due == Span::ANY => errand.due = None,
            (held, due) => wrong.differs(&format!("time of {name}"), &held, &due.map(|due| due.to)),
        }
        let number = |field: &str| hash.get(field).map(|held| held.parse::<u64>().unwrap());
        wrong.differs(&format!("fence of {name}"), &number("fence"), &errand.fence);
        wrong.differs(
            &format!("page of {name}"),
            &number("page"),
            &errand.page.map(u64::from),
        );
        match (number("again_ms"), &mut errand.again) {
            (Some(held), Some(again)) => wrong.adopt(&format!("{name} again"), again, held),
            (held, again) => wrong.differs(&format!("{name} again"), &held, &again.map(|at| at.to)),
        }
    }
    wrong.differs("other errands", &due, &BTreeMap::new());
}

async fn scopes(bed: &Bed, expected: &Expected, wrong: &mut Wrong) {
    let mut held = bed.store.parked_scopes().await.unwrap();
    held.sort_unstable();
    wrong.differs(
        "parked scopes",
        &held,
        &expected.scopes.keys().cloned().collect::<Vec<_>>(),
    );
    let hashes = hashes(bed, expected.scopes.keys().map(|scope| format!("scope:{scope}"))).await;
    for ((scope, parked), hash) in expected.scopes.iter().zip(hashes) {
        wrong.differs(&format!("{scope} held"), &hash.contains_key("held"), &parked.held);
        let probing = hash.get("probing").map(|until| until.parse::<u64>().unwrap());
        wrong.differs(&format!("{scope} probed until"), &probing, &parked.probing);
        let its_own = |job: &&ExpectedJob| job.state == State::Parked && job.scope.as_ref() == Some(scope);
        let blocked: u64 = bed.raw(&["SCARD", &format!("~blocked:{scope}")]).await;
        let wanted = expected.jobs.values().filter(its_own).count() as u64;
        wrong.differs(&format!("blocked by {scope}"), &blocked, &wanted);
        let stopped = |job: &&ExpectedJob| job.state == State::Ready && scopes_of(&job.lane).contains(scope);
        let wanted = wanted + expected.jobs.values().filter(stopped).count() as u64;
        let held = hash.get("jobs").map(|jobs| jobs.parse::<u64>().unwrap());
        wrong.differs(&format!("jobs of {scope}"), &held, &Some(wanted));
    }
}
