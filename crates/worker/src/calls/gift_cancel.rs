//! `get-package-cancel`.

use parceld_domain::flow::IllegalEvent;
use parceld_domain::flow::gift_cancel::{Event, apply};
use parceld_domain::job::Job;
use parceld_domain::outcome::Outcome;
use parceld_domain::payload::GiftCancel;
use parceld_domain::verdict::Refusal;

use super::refusal_of;
use crate::run::Shared;

pub(super) async fn make(
    shared: &Shared,
    job: &Job,
    cancel: &GiftCancel,
) -> (Result<Outcome, IllegalEvent>, Option<Refusal>) {
    let answer = shared.vendor.get_package_cancel(&cancel.package_id).await;
    let refusal = refusal_of(&answer);
    let event = answer.map_or_else(Event::Refused, |()| Event::Cancelled);
    (apply(job, cancel, event, &shared.context()), refusal)
}
