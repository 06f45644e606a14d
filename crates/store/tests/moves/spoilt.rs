//! Job hashes spoilt by a hand or by another program: whatever stands in a field, everybody else goes on, and the job
//! is found by a person.

use std::fs;

use parceld_domain::errand::Errand;
use parceld_domain::job::Job;
use parceld_domain::outcome::Fate;
use parceld_domain::private::Private;
use parceld_domain::scope::Scope;
use parceld_domain::state::State;
use parceld_domain::transition::Transition;
use parceld_store::{Begun, Claimed, JobFilter, NewJob, Turn, Unreadable};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::bed::{Bed, begin, douyin, failed, gift, parked, payment, taobao, to};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moves/corpus");
/// Cases where nothing else is asked for; `PROPTEST_CASES` asks for more.
const CASES: u32 = 120;
/// Every case has a Redis to itself for some milliseconds: the claims that its jobs need and a few more.
const CLAIMS_MAX: usize = 60;
const VICTIM: &str = "victim";
/// So many that each of two members of a set is drawn, but for one time in a million.
const PROBES: usize = 20;

/// Fields that some move or reader looks at.
const FIELDS: [&str; 34] = [
    "kind",
    "key",
    "remark",
    "state",
    "step",
    "attempts",
    "version",
    "deaths",
    "max_batch",
    "created_ms",
    "created_at",
    "payload",
    "memory",
    "result",
    "format",
    "lane",
    "units",
    "errand",
    "scope",
    "failed_as",
    "begun",
    "begun_ms",
    "on_death",
    "intent",
    "watch",
    "fence",
    "claim",
    "entered_run",
    "parked_ms",
    "generation",
    "hold",
    "alone",
    "code",
    "class",
];

/// Where the job stands when it is spoilt.
#[derive(Debug, Clone, Copy)]
enum Place {
    Ready,
    Scheduled,
    Unbegun,
    Begun,
    Waiting,
    Parked,
    Failed,
    Done,
}

const PLACES: [Place; 8] = [
    Place::Ready,
    Place::Scheduled,
    Place::Unbegun,
    Place::Begun,
    Place::Waiting,
    Place::Parked,
    Place::Failed,
    Place::Done,
];

#[derive(Debug, Clone)]
struct Case {
    place: Place,
    spoilt: Vec<(&'static str, Option<Vec<u8>>)>,
}

fn cases() -> impl Strategy<Value = Case> {
    let value = prop_oneof![
        1 => Just(None),
        8 => prop::sample::select(corpus()).prop_map(Some),
        3 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Some),
        1 => any::<u8>().prop_map(|byte| Some(vec![byte; 1 << 20])),
        2 => any::<u64>().prop_map(|number| Some(number.to_string().into_bytes())),
    ];
    let field = (prop::sample::select(FIELDS.to_vec()), value);
    let spoilt = prop::collection::vec(field, 1..4);
    (prop::sample::select(PLACES.to_vec()), spoilt).prop_map(|(place, spoilt)| Case { place, spoilt })
}

#[test]
fn whatever_stands_in_a_job_everybody_else_goes_on_and_the_counters_hold() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: std::env::var("PROPTEST_CASES")
            .ok()
            .and_then(|cases| cases.parse().ok())
            .unwrap_or(CASES),
        max_shrink_iters: 200,
        ..Config::with_source_file(file!())
    };
    TestRunner::new(config)
        .run(&cases(), |case| {
            runtime.block_on(survives(&case));
            Ok(())
        })
        .unwrap();
}

/// The fields that moves read where a job stands, one by one: chance meets each of them too seldom.
#[tokio::test]
async fn no_field_that_a_move_reads_where_a_job_stands_stops_the_others() {
    const READ: [(Place, &[&str]); 8] = [
        (
            Place::Ready,
            &["state", "lane", "units", "max_batch", "attempts", "version"],
        ),
        (Place::Scheduled, &["state", "lane", "version"]),
        (Place::Unbegun, &["state", "lane", "on_death", "version"]),
        (
            Place::Begun,
            &["state", "begun_ms", "on_death", "deaths", "begun", "version"],
        ),
        (Place::Waiting, &["state", "errand", "kind", "attempts", "step"]),
        (Place::Parked, &["state", "scope", "lane", "version"]),
        (Place::Failed, &["failed_as", "generation", "hold", "version"]),
        (Place::Done, &["state", "kind", "key"]),
    ];
    for (place, fields) in READ {
        for field in fields {
            for value in [None, Some("redy"), Some("-1"), Some("{\"to\":\"waiting\"}")] {
                let value = value.map(|value| value.as_bytes().to_vec());
                survives(&Case {
                    place,
                    spoilt: vec![(*field, value)],
                })
                .await;
            }
        }
    }
}

/// Each value of the corpus in each field, at the one place where most moves read it.
#[tokio::test]
async fn no_value_of_the_corpus_stops_a_claim() {
    for field in FIELDS {
        let bed = Bed::new().await;
        let values = corpus();
        let lane = |number: usize| number.to_string();
        for (number, value) in values.iter().enumerate() {
            let id = format!("v{number}");
            bed.put(douyin(&id, &lane(number))).await;
            bed.spoil(&id, field, Some(value)).await;
        }
        for number in 0..values.len() {
            bed.put(taobao(&format!("n{number}"), &lane(number))).await;
        }
        work(&bed, 6 * values.len()).await;
        for number in 0..values.len() {
            assert_eq!(bed.state(&format!("n{number}")).await, "done", "{field}");
        }
        states_hold(&bed, field).await;
    }
}

/// Names among the lanes that are none, with hints behind them.
#[tokio::test]
async fn what_is_no_lane_stops_no_claim_no_probe_and_no_resume() {
    let scope = Scope::Shop("9".to_owned());
    for spoilt in [
        "",
        "x",
        "ship",
        "ship/send",
        "ship/nowhere/-/9",
        "no/send/-/9",
        "\u{fffd}\t\n",
    ] {
        let hint = async |bed: &Bed| {
            bed.raw::<i64>(&["RPUSH", &format!("~lane:{spoilt}"), VICTIM])
                .await
        };
        let bed = Bed::new().await;
        bed.put(taobao("aside", "9")).await;
        bed.store.park(&scope, "303").await.unwrap();
        bed.nothing().await;
        bed.put(douyin(VICTIM, "7")).await;
        bed.spoil(VICTIM, "lane", Some(spoilt.as_bytes())).await;
        hint(&bed).await;
        let _: i64 = bed.raw(&["LPUSH", "~ring:ship", spoilt]).await;
        bed.put(taobao("other", "7")).await;
        work(&bed, CLAIMS_MAX).await;
        assert_eq!(bed.state("other").await, "done", "{spoilt}");
        assert_eq!(bed.state(VICTIM).await, "failed", "{spoilt}");
        hint(&bed).await;
        let _: i64 = bed.raw(&["SADD", "~aside:shop:9", spoilt]).await;
        for _ in 0..PROBES {
            let _: i64 = bed.raw(&["ZADD", "~errands", "1", "probe:shop:9"]).await;
            if let Some(Claimed::Jobs(probe)) = bed.ask().await {
                bed.store.give_back(Claimed::Jobs(probe)).await.unwrap();
            }
        }
        hint(&bed).await;
        assert!(bed.store.resume(&scope).await.unwrap());
        work(&bed, CLAIMS_MAX).await;
        assert_eq!(bed.state("aside").await, "done", "{spoilt}");
        let left: i64 = bed.raw(&["EXISTS", "~aside:shop:9", "~resuming"]).await;
        assert_eq!(left, 0, "{spoilt}");
    }
}

async fn survives(case: &Case) {
    let bed = Bed::with(|settings| {
        settings.keep_done_ms = 0;
        settings.errand_gap_ms = 0;
    })
    .await;
    place(&bed, case.place).await;
    for (field, value) in &case.spoilt {
        bed.spoil(VICTIM, field, value.as_deref()).await;
    }
    let neighbours = ["n1", "n2", "n3", "n4"];
    bed.put(douyin("n1", "7")).await;
    bed.put(douyin("n2", "7")).await;
    bed.put(taobao("n3", "7")).await;
    bed.put(gift("n4")).await;
    let _: i64 = bed
        .raw(&[
            "HSET",
            "~catalogue",
            "fetched_ms",
            &bed.now_ms().await.to_string(),
        ])
        .await;
    work(&bed, CLAIMS_MAX).await;
    for id in neighbours {
        assert_eq!(bed.state(id).await, "done", "{id} beside {case:?}");
    }
    bed.store.resume(&Scope::Shop("9".to_owned())).await.unwrap();
    operate(&bed).await;
    work(&bed, CLAIMS_MAX).await;
    states_hold(&bed, &format!("{case:?}")).await;
    let is_newer = loaded(&bed, VICTIM).await == Err(Unreadable::Newer);
    let stays: Option<f64> = bed.raw(&["ZSCORE", "~parked", VICTIM]).await;
    assert!(stays.is_none() || is_newer, "parked for ever: {case:?}");
    bed.store.expire().await.unwrap();
    // The key of a spoilt job is asked for once more: an answer comes, whatever it is.
    let again = NewJob {
        id: "again".to_owned(),
        payload: Private::new("{\"tid\":\"another\"}".to_owned()),
        ..victim(case.place)
    };
    bed.store.enqueue(&again).await.unwrap();
}

fn victim(place: Place) -> NewJob {
    match place {
        Place::Waiting => payment(VICTIM),
        Place::Parked | Place::Scheduled => taobao(VICTIM, "9"),
        _ => douyin(VICTIM, "7"),
    }
}

async fn place(bed: &Bed, place: Place) {
    let fate = match place {
        Place::Ready => return bed.put(victim(place)).await,
        Place::Unbegun | Place::Begun => {
            bed.put(victim(place)).await;
            let claim = bed.take().await;
            if matches!(place, Place::Begun) {
                assert_eq!(bed.begin(&claim).await, Begun::Granted);
            }
            return bed.lose_lease(VICTIM).await;
        }
        Place::Scheduled => Fate::Scheduled { delay_ms: 0 },
        Place::Waiting => Fate::Waiting {
            errand: Errand::Packages,
            delay_ms: 0,
            since_ms: 1,
        },
        Place::Parked => parked(Scope::Shop("9".to_owned())),
        Place::Failed => failed(614),
        Place::Done => Fate::Done,
    };
    bed.bring(victim(place), fate).await;
}

/// What workers do, as far as it is the store's: every move must answer.
async fn work(bed: &Bed, claims: usize) {
    for _ in 0..claims {
        match bed.claim().await {
            Claimed::Nothing { wait_ms: 0 } => {}
            Claimed::Nothing { .. } => return,
            Claimed::Errand(claim) => {
                let (unmet, _) = bed.store.unmet(&claim.errand, 0, 100).await.unwrap();
                bed.store.condemn(&unmet.unreadable).await.unwrap();
                let turned = bed
                    .store
                    .turn_page(&claim.grant, &claim.errand, &Turn::End, false, "");
                turned.await.unwrap();
            }
            Claimed::Jobs(claim) => {
                let broken: Vec<(String, Transition)> = claim
                    .broken
                    .iter()
                    .map(|(id, why)| (id.clone(), Transition::unreadable(why)))
                    .collect();
                bed.store.settle(&claim.grant, &broken).await.unwrap();
                let begins: Vec<_> = claim.jobs.iter().map(begin).collect();
                let begun = bed.store.begin(&claim.grant, &claim.lane, 1, &begins).await;
                assert_eq!(begun.unwrap(), Begun::Granted);
                let moves: Vec<_> = claim
                    .jobs
                    .iter()
                    .map(|job| (job.id.clone(), to(job, Fate::Done)))
                    .collect();
                bed.store.settle(&claim.grant, &moves).await.unwrap();
            }
        }
    }
}

/// What operators do with the job.
async fn operate(bed: &Bed) {
    if let Ok(job) = loaded(bed, VICTIM).await
        && job.state == State::Failed
    {
        let again = to(&job, Fate::Ready { front: false });
        bed.store.operate(&[(&job, again)]).await.unwrap();
    }
    bed.store.job(VICTIM).await.unwrap();
}

/// `stats` and `jobs list` answer; the counters are those of the sets; whoever cannot be read is claimed no more: it has
/// ended, or a later version will read it.
async fn states_hold(bed: &Bed, told: &str) {
    let stats = bed.store.stats().await.unwrap();
    let filter = JobFilter {
        limit: 1_000,
        ..JobFilter::default()
    };
    let listed = bed.store.list(&filter).await.unwrap();
    assert_eq!(stats.states.values().sum::<u64>(), listed.len() as u64, "{told}");
    for (state, count) in &stats.states {
        if *state != State::Ready {
            let members: u64 = bed.raw(&["ZCARD", &format!("~{state}")]).await;
            assert_eq!(members, *count, "{state}: {told}");
        }
    }
    for job in listed {
        let is_newer = loaded(bed, &job.id).await == Err(Unreadable::Newer);
        let is_readable = loaded(bed, &job.id).await.is_ok();
        let mut is_over = false;
        for state in ["failed", "done", "parked"] {
            let score: Option<f64> = bed.raw(&["ZSCORE", &format!("~{state}"), &job.id]).await;
            is_over |= score.is_some();
        }
        assert!(is_over || is_readable || is_newer, "{told}: {job:?}");
    }
}

async fn loaded(bed: &Bed, id: &str) -> Result<Job, Unreadable> {
    let mut loaded = bed.store.load(&[id.to_owned()]).await.unwrap();
    match loaded.unreadable.pop() {
        None => Ok(loaded.jobs.remove(0)),
        Some((_, why)) => Err(why),
    }
}

fn corpus() -> Vec<Vec<u8>> {
    let files = fs::read_dir(CORPUS).expect("the corpus stands beside the tests");
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}
