//! The audit: silent about what the moves leave, and told of everything that is broken by hand.

mod broken;
mod later_form;
mod mended;
mod money;
mod size;
mod sound;

use parceld_domain::audit::{Fault, Finding, Limits};
use parceld_domain::class::Class;
use parceld_domain::endpoint::Endpoint;
use parceld_domain::errand::Errand;
use parceld_domain::kind::Kind;
use parceld_domain::lane::Lane;
use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::private::Private;
use parceld_domain::scope::Scope;
use parceld_domain::state::{State, Step};
use parceld_store::{Audit, Begun, NewJob};

use crate::bed::{Bed, failed, parked, taobao, to, written};

const LIMITS: Limits = Limits {
    lease_ms: 60_000,
    call_ms: 40_000,
    patience_ms: 60_000,
    per_second: 10,
};

/// A shipment with a payload that a worker could read.
fn ship(id: &str) -> NewJob {
    let payload = format!(r#"{{"shop_id":"1","tid":"{id}","out_sid":"YT1","company_code":"YTO"}}"#);
    NewJob {
        payload: Private::new(payload),
        ..taobao(id, "1")
    }
}

fn cancel(id: &str) -> NewJob {
    NewJob {
        kind: Kind::GiftCancel,
        step: Step::Cancel,
        lane: Lane::new(Class::Cancel, Endpoint::GetPackageCancel, ""),
        payload: Private::new(r#"{"package_id":"1"}"#.to_owned()),
        ..taobao(id, "")
    }
}

/// One job in every state, each named after it, and a parked scope.
async fn populated() -> Bed {
    let bed = Bed::new().await;
    bed.bring(ship("failed"), failed(614)).await;
    bed.bring(ship("done"), Fate::Done).await;
    bed.bring(ship("parked"), parked(Scope::Shop("9".to_owned())))
        .await;
    await_packages(&bed).await;
    bed.put(ship("running")).await;
    let claim = bed.take().await;
    assert_eq!(bed.begin(&claim).await, Begun::Granted);
    let later = bed.now_ms().await + 600_000;
    bed.put(NewJob {
        due_ms: Some(later),
        ..ship("scheduled")
    })
    .await;
    bed.put(ship("cancelled")).await;
    let job = bed.job("cancelled").await;
    bed.store
        .operate(&[(&job, to(&job, Fate::Cancelled))])
        .await
        .unwrap();
    bed.put(ship("ready")).await;
    bed
}

/// The jobs of [`populated`].
fn each_state() -> impl Iterator<Item = &'static str> {
    State::ALL.iter().map(|state| state.as_str())
}

async fn await_packages(bed: &Bed) {
    bed.put(cancel("waiting")).await;
    let claim = bed.take().await;
    let fate = Fate::Waiting {
        errand: Errand::Packages,
        delay_ms: 600_000,
        since_ms: 1,
    };
    let outcome = Outcome::new("unknown", fate, Step::Confirm, Attempts::Keep);
    let outcome = outcome.with_watch(vec!["package:1".to_owned()]);
    let moves = [("waiting".to_owned(), written(&claim.jobs[0], outcome))];
    assert_eq!(bed.store.settle(&claim.grant, &moves).await.unwrap(), [true]);
}

async fn audit(bed: &Bed) -> Audit {
    bed.store.audit(&LIMITS).await.unwrap()
}

async fn findings(bed: &Bed) -> Vec<Finding> {
    audit(bed).await.findings
}

fn told(findings: &[Finding]) -> Vec<(Fault, &str)> {
    let mut told: Vec<_> = findings
        .iter()
        .map(|finding| (finding.fault, finding.subject.as_str()))
        .collect();
    told.sort_unstable();
    told
}
