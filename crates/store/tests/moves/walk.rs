//! A seeded random walk over the moves, with a recount from the hashes after every stretch.

use parceld_domain::audit::{Fault, Finding, Limits};
use parceld_domain::errand::Errand;
use parceld_domain::outcome::{Attempts, Fate, Outcome};
use parceld_domain::scope::Scope;
use parceld_domain::state::State;
use parceld_store::{Claimed, ErrandClaim, JobClaim, JobFilter, NewJob, Turn};

use crate::bed::{Bed, douyin, failed, gift, parked, payment, sync, taobao, to, written};
use crate::recount::recount;

const STRETCHES: u32 = 12;
const STEPS: u32 = 40;

struct Walk {
    bed: Bed,
    random: u64,
    put: u32,
    /// Claims in hand, some of which have been lost or ended since.
    claims: Vec<JobClaim>,
    errands: Vec<ErrandClaim>,
}

#[tokio::test]
async fn counters_equal_a_recount_after_any_moves_of_seed_1() {
    walk(0x9E37_79B9_7F4A_7C15).await;
}

#[tokio::test]
async fn counters_equal_a_recount_after_any_moves_of_seed_2() {
    walk(0xD1B5_4A32_D192_ED03).await;
}

#[tokio::test]
async fn counters_equal_a_recount_after_any_moves_of_seed_3() {
    walk(0x2545_F491_4F6C_DD1D).await;
}

async fn walk(seed: u64) {
    let bed = Bed::with(|settings| settings.errand_gap_ms = 0).await;
    let mut walk = Walk {
        bed,
        random: seed,
        put: 0,
        claims: Vec::new(),
        errands: Vec::new(),
    };
    for stretch in 0..STRETCHES {
        for _ in 0..STEPS {
            walk.step().await;
        }
        let wrong = recount(&walk.bed).await;
        assert!(wrong.is_empty(), "seed {seed:#x}, stretch {stretch}: {wrong:#?}");
        let wrong = audited(&walk.bed).await;
        assert!(wrong.is_empty(), "seed {seed:#x}, stretch {stretch}: {wrong:#?}");
    }
    let stats = walk.bed.store.stats().await.unwrap();
    assert!(stats.accepted_total > 50, "the walk did too little: {stats:?}");
}

/// What the audit finds, but for what the walk itself makes: payloads that mean nothing, waits without a name, and due times
/// of long ago.
async fn audited(bed: &Bed) -> Vec<Finding> {
    let limits = Limits {
        lease_ms: 60_000,
        call_ms: 40_000,
        patience_ms: 60_000,
        per_second: 0,
    };
    let mut findings = bed.store.audit(&limits).await.unwrap().findings;
    findings.retain(|finding| {
        use Fault::{DueOverdue, JobUnreadable, LeaseOverdue, WatchNone};
        !matches!(
            finding.fault,
            DueOverdue | JobUnreadable | LeaseOverdue | WatchNone
        )
    });
    findings
}

impl Walk {
    fn below(&mut self, bound: u64) -> u64 {
        // Xorshift64: the walk of a seed is the same on every machine.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % bound
    }

    async fn step(&mut self) {
        match self.below(14) {
            0..=2 => self.enqueue().await,
            3..=5 => self.claim().await,
            6 | 7 => self.settle().await,
            8 => self.begin_or_hand_back().await,
            9 => self.make_due().await,
            10 => self.turn().await,
            11 => self.park_or_resume().await,
            12 => self.operate().await,
            _ => self.observe_or_expire().await,
        }
    }

    fn new_job(&mut self) -> NewJob {
        self.put += 1;
        let id = format!("j{:03}", self.put);
        let shop = self.below(3).to_string();
        match self.below(5) {
            0 => taobao(&id, &shop),
            1 => douyin(&id, &shop),
            2 => gift(&id),
            3 => payment(&id),
            _ => sync(&id, &shop, 20),
        }
    }

    fn scope(&mut self) -> Scope {
        let scopes = [
            "account",
            "balance",
            "shop:0",
            "shop:1",
            "endpoint:send",
            "endpoint:get-package-list",
        ];
        scopes[self.below(scopes.len() as u64) as usize].parse().unwrap()
    }

    fn fate(&mut self) -> Fate {
        match self.below(8) {
            0 => Fate::Ready { front: true },
            1 => Fate::Ready { front: false },
            2 => Fate::Scheduled { delay_ms: 60_000 },
            3 => Fate::Waiting {
                errand: Errand::Packages,
                delay_ms: 60_000,
                since_ms: 1,
            },
            4 => Fate::Waiting {
                errand: Errand::Orders,
                delay_ms: 0,
                since_ms: 1,
            },
            5 => parked(self.scope()),
            6 => failed(600 + self.below(3) as i64),
            _ => Fate::Done,
        }
    }

    async fn enqueue(&mut self) {
        let mut job = self.new_job();
        if self.below(4) == 0 {
            job.due_ms = Some(self.bed.now_ms().await + 60_000);
        }
        self.bed.store.enqueue(&job).await.unwrap();
        if self.below(4) == 0 {
            self.bed.store.enqueue(&job).await.unwrap();
        }
    }

    async fn claim(&mut self) {
        match self.bed.claim().await {
            Claimed::Jobs(claim) => self.claims.push(claim),
            Claimed::Errand(claim) => self.errands.push(claim),
            Claimed::Nothing { .. } => {}
        }
    }

    /// A claim in hand, which stays in hand now and then, so that it is ended twice.
    fn in_hand(&mut self) -> Option<JobClaim> {
        if self.claims.is_empty() {
            return None;
        }
        let at = self.below(self.claims.len() as u64) as usize;
        Some(self.claims.remove(at))
    }

    async fn settle(&mut self) {
        let Some(claim) = self.in_hand() else { return };
        let mut moves = Vec::new();
        for job in &claim.jobs {
            let mut outcome = Outcome::new("walked", self.fate(), job.step, Attempts::Keep);
            if self.below(3) == 0 {
                outcome.watch = Some(vec![format!("sn:{}", job.id)]);
            }
            moves.push((job.id.clone(), written(job, outcome)));
        }
        self.bed.store.settle(&claim.grant, &moves).await.unwrap();
        if self.below(3) == 0 {
            self.claims.push(claim);
        }
    }

    async fn begin_or_hand_back(&mut self) {
        let Some(claim) = self.in_hand() else { return };
        if self.below(2) == 0 {
            self.bed.begin(&claim).await;
        } else {
            let ids: Vec<String> = claim.jobs.iter().map(|job| job.id.clone()).collect();
            self.bed.store.hand_back(&claim.grant, None, &ids).await.unwrap();
        }
        self.claims.push(claim);
    }

    /// Time passes for one member of one set.
    async fn make_due(&mut self) {
        let sets = ["running", "running", "scheduled", "waiting", "errands"];
        let set = format!("~{}", sets[self.below(5) as usize]);
        let members: Vec<String> = self.bed.raw(&["ZRANGE", &set, "0", "-1"]).await;
        if !members.is_empty() {
            let member = &members[self.below(members.len() as u64) as usize];
            let _: i64 = self.bed.raw(&["ZADD", &set, "1", member]).await;
        }
    }

    async fn turn(&mut self) {
        let Some(claim) = self.errands.pop() else { return };
        let turn = match self.below(3) {
            0 => Turn::Page(2),
            1 => Turn::Again { page: 1, delay_ms: 1 },
            _ => Turn::End,
        };
        if claim.errand == Errand::Catalogue {
            self.bed
                .store
                .publish_catalogue(&claim.grant, claim.grant.now_ms, "{}")
                .await
                .unwrap();
        }
        self.bed
            .store
            .turn_page(&claim.grant, &claim.errand, &turn, false, "")
            .await
            .unwrap();
    }

    async fn park_or_resume(&mut self) {
        let scope = self.scope();
        if self.below(3) == 0 {
            self.bed.store.park(&scope, "walked").await.unwrap();
        } else {
            self.bed.store.resume(&scope).await.unwrap();
        }
    }

    async fn operate(&mut self) {
        let id = format!("j{:03}", 1 + self.below(u64::from(self.put.max(1))));
        let jobs = self.bed.store.load(&[id]).await.unwrap().jobs;
        let Some(job) = jobs.first() else { return };
        let fate = if job.state == State::Failed {
            Fate::Ready { front: false }
        } else {
            Fate::Cancelled
        };
        self.bed.store.operate(&[(job, to(job, fate))]).await.unwrap();
    }

    async fn observe_or_expire(&mut self) {
        let state = Some(State::Waiting);
        let filter = JobFilter {
            state,
            limit: 1,
            ..JobFilter::default()
        };
        if let (0, Some(record)) = (self.below(2), self.bed.store.list(&filter).await.unwrap().pop()) {
            let job = self.bed.job(&record.id).await;
            let fate = self.fate();
            self.bed
                .store
                .observe(&Errand::Packages, &[(&job, Some(to(&job, fate)))])
                .await
                .unwrap();
            return;
        }
        let set = ["~done", "~failed", "~cancelled"][self.below(3) as usize];
        let first: Vec<String> = self.bed.raw(&["ZRANGE", set, "0", "0"]).await;
        for id in first {
            let _: i64 = self.bed.raw(&["ZADD", set, "1", &id]).await;
        }
        self.bed.store.expire().await.unwrap();
    }
}
