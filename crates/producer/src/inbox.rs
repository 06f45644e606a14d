//! One line of the inbox: taken in or rejected, in one move each.

use parceld_domain::line::JobLine;
use parceld_store::{InboxLine, StoreError};
use ulid::Ulid;

use crate::answer::{Answer, Refusal};
use crate::producer::{Producer, new_job, told};

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxTaken {
    /// Its job is in, now or since an earlier time.
    Accepted(Answer),
    /// It stands among the rejected lines, with this reason.
    Rejected(Refusal),
    /// Another worker took it.
    Gone,
}

impl Producer {
    /// Takes the next line of the inbox in: call it with what [`parceld_store::Store::inbox_peek`] showed, in order.
    ///
    /// # Errors
    /// When Redis does not answer or takes no new work: the line is still there, or its job is in; peek again.
    pub async fn take_inbox_line(&self, line: &InboxLine) -> Result<InboxTaken, StoreError> {
        let parsed = match JobLine::parse(line) {
            Ok(parsed) => parsed,
            Err(error) => return self.reject(line, error.into()).await,
        };
        let job = new_job(Ulid::generate(), &parsed);
        let enqueued = self.store().inbox_accept(line, &job).await?;
        match told(&job, enqueued) {
            Some(Ok(answer)) => Ok(InboxTaken::Accepted(answer)),
            Some(Err(refusal)) => self.reject(line, refusal).await,
            None => Ok(InboxTaken::Gone),
        }
    }

    async fn reject(&self, line: &InboxLine, refusal: Refusal) -> Result<InboxTaken, StoreError> {
        let moved = self.store().inbox_reject(line, &refusal.to_string()).await?;
        Ok(if moved {
            InboxTaken::Rejected(refusal)
        } else {
            InboxTaken::Gone
        })
    }
}
