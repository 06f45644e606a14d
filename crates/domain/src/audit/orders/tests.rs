use super::*;

const BEGAN_MS: u64 = 1_700_000_000_000;
const HOUR_MS: u64 = 3_600_000;

const LIMITS: OrderLimits = OrderLimits {
    settled_ms: BEGAN_MS - 40_000,
    price_tolerance: 0,
};

const PAID: VendorStatus = VendorStatus::AwaitingShipment;
const SHIPPED: VendorStatus = VendorStatus::Shipped;
const UNPAID: VendorStatus = VendorStatus::AwaitingPayment;
const CANCELLED: VendorStatus = VendorStatus::Cancelled;

/// Created an hour ago, paid and told to cost 195.
const BOUGHT: &str =
    r#"{"payments":1,"expected":195,"since_ms":1699996400000,"poll_since_ms":1699996400000}"#;
/// Created an hour ago and never paid.
const CREATED: &str = r#"{"expected":195,"since_ms":1699996400000}"#;
/// The same, and a payment had no answer.
const UNCLEAR: &str = r#"{"expected":195,"since_ms":1699996400000,"unclear_payments":1,"unknown":true}"#;
const OF_A: &str = r#"{"order_id":"1","order_sn":"A","total_price":195,"packages":[]}"#;

/// A job that came to where it stands so long before the list was begun.
fn job(state: &str, step: &str, memory: &str, result: &str, before_ms: u64) -> JobLook {
    let fields = [
        ("kind", "gift.order"),
        ("key", "K"),
        ("remark", "K"),
        ("state", state),
        ("step", step),
        ("memory", memory),
        ("result", result),
    ];
    JobLook {
        id: "j".to_owned(),
        fields: fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        sets: [(state.parse().unwrap(), BEGAN_MS - before_ms)].into(),
        ..JobLook::default()
    }
}

fn order(order_sn: &str, status: VendorStatus) -> ListedOrder {
    ListedOrder {
        order_sn: order_sn.into(),
        remark: "K".to_owned(),
        status,
        total_price: Some(Points(195)),
    }
}

fn judged(jobs: &[JobLook], orders: &[ListedOrder]) -> (Vec<Fault>, bool) {
    let look = KeyLook {
        key: "K".to_owned(),
        jobs: jobs.to_vec(),
        orders: orders.to_vec(),
    };
    let judged = judge_key(&look, &LIMITS);
    let faults = judged.findings.iter().map(|finding| finding.fault).collect();
    (faults, judged.is_unsettled)
}

fn list(reach: Reach, orders: &[ListedOrder]) -> OrderList {
    let orders = orders.iter().map(|order| (order.order_sn.clone(), order.clone()));
    OrderList {
        orders: orders.collect(),
        pages: 1,
        reach,
        began_ms: BEGAN_MS,
    }
}

#[test]
fn what_jobs_and_their_orders_show_together() {
    use Fault::{VendorDoubled, VendorPaidTwice, VendorPaidUnasked, VendorUnpaid};
    const OK: &[Fault] = &[];
    // Before the list was begun: long, and shorter than lists may lag.
    let (old, new) = (HOUR_MS, 10_000);
    let (a, b) = (|status| order("A", status), |status| order("B", status));
    #[rustfmt::skip]
    let table = [
        // Paid, and shown so.
        (job("done", "poll", BOUGHT, OF_A, old), vec![a(PAID)], OK, false),
        (job("done", "poll", BOUGHT, OF_A, new), vec![a(SHIPPED)], OK, false),
        (job("waiting", "poll", BOUGHT, OF_A, old), vec![a(SHIPPED)], OK, false),
        // Paid, and shown otherwise: not while lists may lag, nor where its own sweep looks.
        (job("done", "poll", BOUGHT, OF_A, old), vec![a(UNPAID)], &[VendorUnpaid], false),
        (job("done", "poll", BOUGHT, OF_A, new), vec![a(UNPAID)], OK, true),
        (job("waiting", "poll", BOUGHT, OF_A, old), vec![a(UNPAID)], OK, true),
        (job("failed", "confirm", BOUGHT, OF_A, old), vec![a(UNPAID)], &[VendorUnpaid], false),
        (job("done", "poll", BOUGHT, OF_A, old), vec![a(CANCELLED)], &[VendorUnpaid], false),
        (job("failed", "confirm", BOUGHT, OF_A, old), vec![a(CANCELLED)], OK, false),
        // Never paid, and shown so, or paid by somebody else.
        (job("parked", "pay", CREATED, OF_A, old), vec![a(UNPAID)], OK, false),
        (job("parked", "pay", CREATED, OF_A, new), vec![a(PAID)], &[VendorPaidUnasked], false),
        (job("running", "pay", CREATED, OF_A, new), vec![a(PAID)], OK, true),
        (job("cancelled", "pay", CREATED, OF_A, new), vec![a(UNPAID)], OK, false),
        (job("cancelled", "pay", CREATED, OF_A, new), vec![a(SHIPPED)], &[VendorPaidUnasked], false),
        (job("ready", "create", "", "", new), vec![a(PAID)], &[VendorPaidUnasked], false),
        (job("ready", "create", "", "", new), vec![a(UNPAID)], OK, false),
        // Perhaps paid: its look-up tells, until it has ended without knowing.
        (job("waiting", "confirm", UNCLEAR, OF_A, old), vec![a(PAID)], OK, true),
        (job("waiting", "find", CREATED, "", old), vec![a(PAID)], OK, true),
        (job("failed", "confirm", UNCLEAR, OF_A, new), vec![a(PAID)], OK, true),
        (job("failed", "confirm", UNCLEAR, OF_A, old), vec![a(PAID)], &[VendorPaidUnasked], false),
        (job("failed", "find", CREATED, "", old), vec![a(PAID)], &[VendorPaidUnasked], false),
        // Two orders.
        (job("done", "poll", BOUGHT, OF_A, new), vec![a(PAID), b(PAID)], &[VendorPaidTwice], false),
        (job("done", "poll", BOUGHT, OF_A, old), vec![a(PAID), b(CANCELLED)], OK, false),
        (job("done", "poll", BOUGHT, OF_A, old), vec![a(PAID), b(UNPAID)], &[VendorDoubled], false),
        (job("done", "poll", BOUGHT, OF_A, new), vec![a(PAID), b(UNPAID)], OK, true),
        (job("waiting", "poll", BOUGHT, OF_A, old), vec![a(PAID), b(UNPAID)], &[VendorDoubled], false),
        (job("failed", "find", CREATED, "", old), vec![a(UNPAID), b(UNPAID)], &[VendorDoubled], false),
        (job("failed", "find", CREATED, "", old), vec![a(UNPAID)], OK, false),
        (job("waiting", "find", CREATED, "", old), vec![a(UNPAID), b(UNPAID)], OK, true),
        (job("done", "poll", BOUGHT, OF_A, old), vec![a(CANCELLED), b(PAID)], &[VendorPaidUnasked, VendorUnpaid], false),
    ];
    for (job, orders, faults, is_unsettled) in table {
        let shown = format!("{:?} {orders:?}", job.fields);
        assert_eq!(
            judged(&[job], &orders),
            (faults.to_vec(), is_unsettled),
            "{shown}"
        );
    }
}

#[test]
fn a_key_whose_job_is_gone_may_have_one_paid_order_and_no_two() {
    assert_eq!(judged(&[], &[order("A", PAID)]), (vec![], false));
    assert_eq!(
        judged(&[], &[order("A", PAID), order("B", UNPAID)]),
        (vec![], false)
    );
    assert_eq!(
        judged(&[], &[order("A", PAID), order("B", SHIPPED)]),
        (vec![Fault::VendorPaidTwice], false)
    );
}

#[test]
fn orders_of_one_key_are_told_apart_by_the_remarks_of_its_jobs() {
    let mut first = job("cancelled", "pay", CREATED, OF_A, HOUR_MS);
    first.id = "first".to_owned();
    let mut second = job("done", "poll", BOUGHT, &OF_A.replace("\"A\"", "\"B\""), HOUR_MS);
    second.fields.insert("remark".to_owned(), "K#2".to_owned());
    let of_second = ListedOrder {
        remark: "K#2".to_owned(),
        ..order("B", PAID)
    };
    let jobs = [second, first];
    assert_eq!(
        judged(&jobs, &[order("A", UNPAID), of_second.clone()]),
        (vec![], false)
    );
    assert_eq!(
        judged(&jobs, &[order("A", PAID), of_second]),
        (vec![Fault::VendorPaidTwice, Fault::VendorPaidUnasked], false)
    );
}

#[test]
fn a_price_is_too_high_where_neither_the_catalogue_nor_the_create_said_it() {
    let dearer = |points| ListedOrder {
        total_price: Some(Points(points)),
        ..order("A", PAID)
    };
    let job = job("done", "poll", BOUGHT, OF_A, HOUR_MS);
    assert_eq!(judged(std::slice::from_ref(&job), &[dearer(195)]).0, []);
    assert_eq!(
        judged(std::slice::from_ref(&job), &[dearer(196)]).0,
        [Fault::VendorOverpriced]
    );
    // Paid under a greater tolerance than today's.
    let mut told = job;
    told.fields
        .insert("result".to_owned(), OF_A.replace("195", "200"));
    assert_eq!(judged(std::slice::from_ref(&told), &[dearer(200)]).0, []);
    assert_eq!(judged(&[told], &[dearer(201)]).0, [Fault::VendorOverpriced]);
}

#[test]
fn a_part_cancelled_order_is_no_contradiction_whatever_its_own_status_says() {
    let packages = r#""packages":[{"package_id":"1","status":"4"},{"package_id":"2","status":"3"}]"#;
    let result = OF_A.replace(r#""packages":[]"#, packages);
    let job = job("done", "poll", BOUGHT, &result, HOUR_MS);
    assert_eq!(judged(&[job], &[order("A", CANCELLED)]), (vec![], false));
}

#[test]
fn only_a_paid_job_that_the_list_reaches_beyond_is_absent_from_it() {
    let done = job("done", "poll", BOUGHT, OF_A, HOUR_MS / 2);
    let is_absent = |job: &JobLook, reach, orders: &[ListedOrder]| {
        judge_absent(job, &list(reach, orders), &LIMITS).is_some()
    };
    assert!(is_absent(&done, Reach::Whole, &[order("B", PAID)]));
    assert!(is_absent(&done, Reach::Age(HOUR_MS + 1), &[]));
    assert!(!is_absent(&done, Reach::Age(HOUR_MS), &[]));
    assert!(!is_absent(&done, Reach::Whole, &[order("A", CANCELLED)]));
    for (state, step, memory, before_ms) in [
        ("done", "poll", BOUGHT, 10_000),
        ("waiting", "poll", BOUGHT, HOUR_MS),
        ("failed", "pay", CREATED, HOUR_MS),
        ("done", "poll", "", HOUR_MS),
    ] {
        let other = job(state, step, memory, OF_A, before_ms);
        assert!(!is_absent(&other, Reach::Whole, &[]), "{state} {memory}");
    }
}

#[test]
fn jobs_that_cannot_be_judged_say_nothing() {
    let mut newer = job("done", "poll", BOUGHT, OF_A, HOUR_MS);
    newer.is_newer = true;
    let spoilt = job("done", "poll", "not JSON", OF_A, HOUR_MS);
    for job in [newer, spoilt, JobLook::default()] {
        assert_eq!(judged(&[job], &[order("A", UNPAID)]), (vec![], false));
    }
}
