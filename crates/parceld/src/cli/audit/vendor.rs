//! The vendor's part of an audit: its list of orders, read in the account's own slots, beside the jobs.

use std::time::Duration;

use parceld_domain::audit::{OrderLimits, Reach};
use parceld_store::{Audit, OrdersAudit};
use parceld_vendor::Vendor;
use parceld_worker::{Listing, OrderReader, Unread};
use serde::Serialize;

use super::super::connect::PatientStore;
use super::super::failure::Failure;
use super::super::output::note;
use super::super::progress::Progress;
use crate::settings::Settings;

/// Orders that no page showed and that are asked for by their number; each is a call.
const ASKED_MAX: usize = 20;

/// What was looked at.
#[derive(Serialize)]
pub(super) struct LookedAt {
    pages: u32,
    pub(super) orders: usize,
    /// Those that bear a remark of ours.
    ours: u64,
    /// How far back the list was read, seconds; none: to its end.
    back_s: Option<u64>,
    /// Keys that may yet come right by themselves, or are too new to be judged.
    unsettled: u64,
}

/// Reads the vendor's list and adds what it shows to be wrong; with what kept it from being read to where it should.
pub(super) async fn look(
    store: &PatientStore,
    vendor: Vendor,
    settings: &Settings,
    since: Duration,
    audit: &mut Audit,
) -> (LookedAt, Option<Failure>) {
    let reader = OrderReader::new(store.store().clone(), vendor);
    let mut progress = Progress::new(None);
    let Listing { list, cut } = reader
        .list(since, |pages, orders| {
            progress.show(0, &format!("{orders} orders of the vendor on {pages} pages"));
        })
        .await;
    progress.end();
    let mut cut = cut.map(failure);
    let policy = &settings.policy;
    let call_ms = policy.vendor_timeout_ms + policy.settle_time_ms;
    let limits = OrderLimits::of(&list, call_ms, policy.price_tolerance);
    let looked = store.ask(async |store| store.audit_orders(&list, &limits).await);
    let mut orders = match looked.await {
        Ok(orders) => orders,
        Err(failure) => {
            cut = Some(failure);
            OrdersAudit::default()
        }
    };
    audit.add(orders.findings);
    for (asked, (order_sn, finding)) in orders.absent.into_iter().enumerate() {
        if cut.is_some() || asked >= ASKED_MAX {
            orders.unsettled += 1;
            continue;
        }
        match reader.is_shown(&order_sn).await {
            Ok(true) => {}
            Ok(false) => audit.add([finding]),
            Err(unread) => {
                orders.unsettled += 1;
                cut = Some(failure(unread));
            }
        }
    }
    if cut.is_some() {
        audit.unsettled.push("vendor");
    }
    if orders.unsettled > 0 {
        audit.unsettled.push("vendor-orders");
    }
    let looked_at = LookedAt {
        pages: list.pages,
        orders: list.orders.len(),
        ours: orders.ours,
        back_s: match list.reach {
            Reach::Whole => None,
            Reach::Age(age_ms) => Some(age_ms / 1000),
        },
        unsettled: orders.unsettled,
    };
    (looked_at, cut)
}

impl LookedAt {
    /// Says what of the vendor's orders was left out.
    pub(super) fn tell(&self) {
        match self.back_s {
            None => {}
            Some(0) => note(
                "how far back the vendor's list was read does not follow from its rows, so no order counts as missing from it",
            ),
            Some(back_s) => note(&format!(
                "of the vendor's orders those of the last {} h were looked at, and no older ones; --since looks further back",
                back_s / 3600
            )),
        }
        if self.unsettled > 0 {
            note(&format!(
                "of {} keys the orders could not be judged: their jobs still move, or did so just now; audit again later",
                self.unsettled
            ));
        }
    }
}

/// Why there is no whole answer, with the exit code that says so.
fn failure(unread: Unread) -> Failure {
    match unread {
        Unread::Store(error) => error.into(),
        other => Failure::new(format!("the vendor's orders were not all read: {other}")),
    }
}
