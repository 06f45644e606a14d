//! `order-create` and `submit-payment`, and the checks before them.

use parceld_domain::catalogue::{Preflight, preflight};
use parceld_domain::flow::IllegalEvent;
use parceld_domain::flow::gift_order::{
    Event, VendorOrder, apply, beside_rivals, look_before_payment, rival_names,
};
use parceld_domain::job::Job;
use parceld_domain::outcome::Outcome;
use parceld_domain::payload::GiftOrder;
use parceld_domain::state::Step;
use parceld_domain::verdict::Refusal;
use parceld_store::StoreError;

use super::{decided, refusal_of};
use crate::run::Shared;

/// What the check before the call says.
pub(super) enum Checked {
    /// The call may be made; the job remembers what it should cost.
    Go {
        /// What the workflow remembers from now on.
        memory: String,
    },
    /// No call: refused, or the catalogue must be fetched again first.
    Decided(Box<Outcome>),
}

/// Checks an order that is to be created against the catalogue, so that a doomed one costs nothing, a first payment
/// against other jobs of the same vendor order, and one that is repeated against the age of the look that permits it.
pub(super) async fn check(
    shared: &Shared,
    job: &Job,
    order: &GiftOrder,
) -> Result<Option<Checked>, StoreError> {
    if job.step != Step::Create {
        let outcome = match look_before_payment(job, order, &shared.context()) {
            Some(look) => Some(look),
            None => beside(shared, job, order).await?,
        };
        return Ok(outcome.map(|outcome| Checked::Decided(Box::new(outcome))));
    }
    let context = shared.context();
    let held = shared.catalogue.get(&shared.store, context.now_ms).await?;
    let mut found = preflight(order, &held, job.created_at_ms, context.now_ms);
    if !matches!(found, Preflight::Go { .. }) {
        // Another worker may have fetched a newer one since.
        let newest = shared.catalogue.read(&shared.store).await?;
        found = preflight(order, &newest, job.created_at_ms, context.now_ms);
    }
    let goes = matches!(found, Preflight::Go { .. });
    let outcome = decided(apply(job, order, Event::Preflighted(found), &context));
    Ok(Some(match outcome.memory {
        Some(memory) if goes => Checked::Go { memory },
        _ => Checked::Decided(Box::new(outcome)),
    }))
}

/// What keeps a job from a payment that another may make, or have made.
async fn beside(shared: &Shared, job: &Job, order: &GiftOrder) -> Result<Option<Outcome>, StoreError> {
    let names = rival_names(job, order, &shared.context());
    let watchers = shared.store.watchers(&names).await?;
    let rivals: Vec<String> = watchers
        .into_iter()
        .map(|watcher| watcher.id)
        .filter(|id| *id != job.id)
        .collect();
    if rivals.is_empty() {
        return Ok(None);
    }
    let rivals = shared.store.load(&rivals).await?.jobs;
    Ok(beside_rivals(job, order, &rivals, &shared.context()))
}

pub(super) async fn make(
    shared: &Shared,
    job: &Job,
    order: &GiftOrder,
) -> (Result<Outcome, IllegalEvent>, Option<Refusal>) {
    let (event, refusal) = if job.step == Step::Pay {
        pay(shared, job, order).await
    } else {
        create(shared, job, order).await
    };
    (apply(job, order, event, &shared.context()), refusal)
}

async fn create(shared: &Shared, job: &Job, order: &GiftOrder) -> (Event, Option<Refusal>) {
    let answer = shared.vendor.order_create(order, &job.remark).await;
    let answer = answer.map_err(|refusal| nameless(refusal, order));
    let refusal = refusal_of(&answer);
    let event = match answer {
        Ok(created) => Event::Created {
            order_id: created.order_id,
            order_sn: created.order_sn,
            total_price: created.total_price,
        },
        Err(refusal) => Event::CreateRefused(refusal),
    };
    (event, refusal)
}

/// The vendor's words are stored, told and logged, and they may quote a recipient.
fn nameless(mut refusal: Refusal, order: &GiftOrder) -> Refusal {
    for consignee in &order.consignees {
        let (name, address) = (consignee.consignee.expose(), consignee.address.expose());
        for quoted in [name, address, consignee.mobile.expose().as_str()] {
            // A single letter names nobody and would blot out the message.
            if quoted.chars().nth(1).is_some() {
                refusal.msg = refusal.msg.replace(quoted, "***");
            }
        }
    }
    refusal
}

async fn pay(shared: &Shared, job: &Job, asked: &GiftOrder) -> (Event, Option<Refusal>) {
    // Every way to this step leads through a known id; should that be broken, the flow refuses the event and a person looks.
    let order_id = VendorOrder::of(job).ok().and_then(|order| order.order_id);
    let Some(order_id) = order_id else {
        return (Event::Unseen { pass_began_ms: 0 }, None);
    };
    let answer = shared
        .vendor
        .submit_payment(&order_id, asked.shop_id.as_ref())
        .await;
    let refusal = refusal_of(&answer);
    (answer.map_or_else(Event::PayRefused, |()| Event::Paid), refusal)
}

#[cfg(test)]
mod tests {
    use parceld_domain::payload::Consignee;
    use parceld_domain::private::Private;
    use parceld_domain::verdict::{ErrorClass, Hint, Verdict};

    use super::*;

    #[test]
    fn a_recipient_whom_the_vendor_quotes_is_not_named() {
        let order = GiftOrder {
            consignees: vec![Consignee {
                consignee: Private::new("张三".to_owned()),
                mobile: Private::new("13977778888".into()),
                address: Private::new("余杭街道1号".to_owned()),
                ..Consignee::default()
            }],
            ..GiftOrder::default()
        };
        let refusal = Refusal {
            verdict: Verdict::Terminal,
            code: Some(10409),
            msg: "收件人张三手机号13977778888格式错误".to_owned(),
            advice: String::new(),
            class: ErrorClass::Terminal,
            hint: Hint::None,
            link: None,
        };
        assert_eq!(nameless(refusal, &order).msg, "收件人***手机号***格式错误");
    }
}
