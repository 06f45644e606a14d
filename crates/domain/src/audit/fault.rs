//! The invariants that the audit can find broken, with why each matters and what to do.

/// What is wrong, in one stable word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// Two payments were confirmed for one job.
    PaidTwice,
    /// Two jobs of one key have each paid an order.
    KeyPaidTwice,
    /// The vendor shows two orders of one key as paid.
    VendorPaidTwice,
    /// The vendor shows an order as paid that its job has not paid.
    VendorPaidUnasked,
    /// The vendor shows a paid order at a price that its job did not allow.
    VendorOverpriced,
    /// Two jobs hold the same vendor order for theirs.
    OrderShared,
    /// Several vendor orders bear one remark.
    OrdersDoubled,
    /// A job that no worker holds has the intent of a call.
    IntentLeft,
    /// A begun call has not been settled long after it must have ended.
    IntentUnsettled,
    /// What is to be done should the worker die cannot be read.
    IntentUnreadable,
    /// The vendor shows the order of a paid job unpaid, cancelled or not at all.
    VendorUnpaid,
    /// The vendor shows more orders of a remark than the job's that await payment.
    VendorDoubled,
    /// A stored job cannot be read.
    JobUnreadable,
    /// A job's hash is in no list of jobs.
    JobUnlisted,
    /// An id stands in a set, and its job does not exist.
    JobMissing,
    /// A job is not in the set of its state.
    StateUnlisted,
    /// A job is in the set of a state that is not its own.
    StateDoubled,
    /// A ready job has no hint in its lane.
    LaneUnlisted,
    /// A lane stands in no ring and not aside, or in more than one place.
    LaneLost,
    /// A running job has no fence or no worker.
    LeaseUnheld,
    /// A lease ran out long ago and nobody reclaims it.
    LeaseOverdue,
    /// A lease ends too far in the future.
    LeaseEndless,
    /// Something has been due for long and nobody takes it.
    DueOverdue,
    /// A waiting job does not stand among those that its errand answers.
    WaitUnlisted,
    /// A waiting job watches no name by which a row could find it.
    WatchNone,
    /// A watched name does not lead to its job, or leads to one that does not watch it.
    WatchLost,
    /// A pass is under way and nobody will continue it.
    ErrandStuck,
    /// A parked job's scope is not parked, or does not know of it.
    ParkedLost,
    /// A parked scope is never probed, or not listed.
    ScopeUnprobed,
    /// A job's key leads to nothing, to another job, or will be forgotten.
    KeyLost,
    /// A key leads to a job that does not exist or does not bear it.
    KeyElsewhere,
    /// A counter differs from what is counted.
    CountWrong,
    /// Granted slots are closer than the limit allows, out of order or far ahead.
    BucketDisordered,
}

crate::words!(Fault, "finding", {
    PaidTwice => "paid-twice",
    KeyPaidTwice => "key-paid-twice",
    VendorPaidTwice => "vendor-paid-twice",
    VendorPaidUnasked => "vendor-paid-unasked",
    VendorOverpriced => "vendor-overpriced",
    OrderShared => "order-shared",
    OrdersDoubled => "orders-doubled",
    IntentLeft => "intent-left",
    IntentUnsettled => "intent-unsettled",
    IntentUnreadable => "intent-unreadable",
    VendorUnpaid => "vendor-unpaid",
    VendorDoubled => "vendor-doubled",
    JobUnreadable => "job-unreadable",
    JobUnlisted => "job-unlisted",
    JobMissing => "job-missing",
    StateUnlisted => "state-unlisted",
    StateDoubled => "state-doubled",
    LaneUnlisted => "lane-unlisted",
    LaneLost => "lane-lost",
    LeaseUnheld => "lease-unheld",
    LeaseOverdue => "lease-overdue",
    LeaseEndless => "lease-endless",
    DueOverdue => "due-overdue",
    WaitUnlisted => "wait-unlisted",
    WatchNone => "watch-none",
    WatchLost => "watch-lost",
    ErrandStuck => "errand-stuck",
    ParkedLost => "parked-lost",
    ScopeUnprobed => "scope-unprobed",
    KeyLost => "key-lost",
    KeyElsewhere => "key-elsewhere",
    CountWrong => "count-wrong",
    BucketDisordered => "bucket-disordered",
});

impl Fault {
    /// Why it matters.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Fault::PaidTwice | Fault::KeyPaidTwice | Fault::VendorPaidTwice => {
                "points may have been spent twice for one order of the ERP"
            }
            Fault::VendorPaidUnasked => {
                "points were spent that parceld knows nothing of, and the order may be paid or bought again"
            }
            Fault::VendorOverpriced => "more points were taken than the job allowed",
            Fault::OrderShared => "two jobs may each pay the same vendor order",
            Fault::OrdersDoubled => "only one of the vendor orders may ever be paid",
            Fault::IntentLeft => {
                "the next call of the job would leave without an intent of its own on record"
            }
            Fault::IntentUnsettled => "the outcome of a call that may have had an effect is not known",
            Fault::IntentUnreadable => {
                "should its worker die, the job fails and goes to a person, and nothing looks up by itself what its call did"
            }
            Fault::VendorUnpaid => "the parcel may never leave, or the points may not have been taken",
            Fault::VendorDoubled => "paid by hand, the other order would be a second purchase",
            Fault::JobUnreadable => "a worker fails the job unseen, or can do nothing with it",
            Fault::JobUnlisted => "the job is not counted, not listed and never removed",
            Fault::JobMissing => "a job was lost, or removed by hand; counters and listings are wrong",
            Fault::StateUnlisted => "nobody ever takes the job on from its state",
            Fault::StateDoubled => "listings and counters are wrong",
            Fault::LaneUnlisted | Fault::LaneLost => "no claim ever finds the jobs",
            Fault::LeaseUnheld => "no worker can settle the job before its lease has run out",
            Fault::LeaseOverdue | Fault::DueOverdue => "no worker claims; the work stands still",
            Fault::LeaseEndless => "should its worker die, nobody takes the job over",
            Fault::WaitUnlisted => "no pass of the errand counts or releases the job",
            Fault::WatchNone | Fault::WatchLost => {
                "no row of a sweep ever finds the job, so its order is looked for in vain"
            }
            Fault::ErrandStuck => {
                "no sweep of this name ever begins again; every job that waits for it waits for ever"
            }
            Fault::ParkedLost => "the job does not go on when its scope does",
            Fault::ScopeUnprobed => "the scope stays parked after its cause has gone, or cannot be seen",
            Fault::KeyLost => "the same line enqueued again would become a second job",
            Fault::KeyElsewhere => {
                "the same line enqueued again is answered for a job that is not there, or by another one"
            }
            Fault::CountWrong => "statistics and metrics are wrong; no work is lost by it",
            Fault::BucketDisordered => "the vendor may see more calls a second than allowed, or none at all",
        }
    }

    /// What to do, for operators.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Fault::PaidTwice | Fault::KeyPaidTwice | Fault::VendorPaidTwice => {
                "请在v兔商城后台按备注核对付款记录，确认重复付款后联系供应商退款；处理前不要重试这些任务"
            }
            Fault::VendorPaidUnasked => {
                "请先暂停 endpoint:submit-payment，在v兔商城后台核对是谁付的款；确属本任务的，失败的任务用 jobs retry 继续查询，其余请联系维护人员"
            }
            Fault::VendorOverpriced => {
                "请在v兔商城后台核对该订单的实际扣款，多扣的请联系供应商退还；核对前请暂停 endpoint:submit-payment"
            }
            Fault::OrderShared => "请暂停 endpoint:submit-payment，按订单号核对归属后取消多余的任务",
            Fault::OrdersDoubled => "同一备注对应多个订单，请在后台保留一个、取消其余后再重试该任务",
            Fault::IntentLeft => {
                "请勿让该任务继续：先暂停其范围，按业务键在供应商后台核对结果，再联系维护人员"
            }
            Fault::IntentUnsettled => {
                "请查看持有该任务的工作进程是否卡住；可重启该进程，任务会先查询结果再继续"
            }
            Fault::IntentUnreadable => {
                "若其工作进程中止，该任务会失败并转人工；届时请先按业务键在供应商后台核对结果，再决定是否重试"
            }
            Fault::VendorUnpaid => {
                "请在v兔商城后台按订单号核对付款与发货情况，并确认 access_token 属于同一账号；核对清楚之前不要重新提交"
            }
            Fault::VendorDoubled => "请在v兔商城后台取消多余的待付款订单，切勿手工付款",
            Fault::JobUnreadable => "任务记录已损坏或来自其他版本，请核对后重新提交，不要直接重试",
            Fault::JobUnlisted => "可用 parceld audit --repair 重新登记",
            Fault::JobMissing => {
                "任务记录已丢失：请核对 Redis 是否被手工修改或丢失过数据，再用 --repair 清理残留编号"
            }
            Fault::StateUnlisted | Fault::StateDoubled => "可用 parceld audit --repair 放回其状态对应的集合",
            Fault::LaneUnlisted | Fault::LaneLost => "可用 parceld audit --repair 放回队列",
            Fault::LeaseUnheld => "等待租约到期，任务会自动收回；若反复出现请联系维护人员",
            Fault::LeaseOverdue | Fault::DueOverdue => {
                "请确认工作进程正在运行（parceld stats），并查看其日志"
            }
            Fault::LeaseEndless => "请核对 Redis 主机时钟；可用 parceld audit --repair 缩短租约",
            Fault::WaitUnlisted => "可用 parceld audit --repair 重新登记",
            Fault::WatchNone => "请按业务键在供应商后台核对该订单，再联系维护人员",
            Fault::WatchLost => "可用 parceld audit --repair 修复索引",
            Fault::ErrandStuck => "可用 parceld audit --repair 使其继续",
            Fault::ParkedLost => "可用 parceld audit --repair 使任务继续，或执行 parceld resume",
            Fault::ScopeUnprobed => {
                "可用 parceld audit --repair 恢复探测，或确认原因消除后执行 parceld resume"
            }
            Fault::KeyLost => "可用 parceld audit --repair 恢复业务键；无法修复的请勿再次提交同一业务键",
            Fault::KeyElsewhere => "请核对该业务键对应的任务；确认供应商侧没有结果之前不要删除业务键",
            Fault::CountWrong => "可用 parceld audit --repair 重新计数；数字变动频繁时请在空闲时再执行",
            Fault::BucketDisordered => {
                "请核对所有工作进程的 rate_limit.per_second 是否一致，并核对 Redis 主机时钟"
            }
        }
    }
}
