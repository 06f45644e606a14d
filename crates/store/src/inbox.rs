//! The inbox: job lines that any language pushes, taken in order, one move a line.

use redis::aio::MultiplexedConnection;
use redis::{Direction, Value};
use serde_json::json;

use crate::connect::Store;
use crate::enqueue::{Enqueued, NewJob, arguments, enqueued};
use crate::error::StoreError;

/// A line as it was pushed; not necessarily UTF-8.
pub type InboxLine = Vec<u8>;

/// Characters of a refused line that are kept for the operator.
const REJECTED_LINE_MAX: usize = 65_536;

impl Store {
    /// The next lines, oldest first, at most `most`; they stay where they are.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn inbox_peek(&self, most: isize) -> Result<Vec<InboxLine>, StoreError> {
        let mut pipe = redis::pipe();
        pipe.lrange(self.key("inbox"), -most, -1);
        let (mut lines,): (Vec<InboxLine>,) = self.ask("LRANGE", &pipe).await?;
        // Pushed at the head, so the oldest stands last.
        lines.reverse();
        Ok(lines)
    }

    /// Takes in the job of the next line and removes the line, in one move.
    ///
    /// # Errors
    /// `Unreachable` or `Full`: the line is still there or its job is in; the same call again tells.
    pub async fn inbox_accept(&self, line: &InboxLine, job: &NewJob) -> Result<Enqueued, StoreError> {
        let reply: Vec<Value> = self.moves().enqueue.run(self, &arguments(job, line)).await?;
        enqueued(reply)
    }

    /// Moves the next line to the rejected ones; false when another worker took it.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer.
    pub async fn inbox_reject(&self, line: &InboxLine, error: &str) -> Result<bool, StoreError> {
        let shown: String = String::from_utf8_lossy(line)
            .chars()
            .take(REJECTED_LINE_MAX)
            .collect();
        let args = [
            line.clone(),
            json!(error).to_string().into_bytes(),
            json!(shown).to_string().into_bytes(),
        ];
        let moved: i64 = self.moves().reject.run(self, &args).await?;
        Ok(moved == 1)
    }

    /// Waits until the inbox has a line, at most `seconds`; needs a connection of its own, made when `held` is empty.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer; the held connection is dropped.
    pub async fn inbox_wait(
        &self,
        held: &mut Option<MultiplexedConnection>,
        seconds: f64,
    ) -> Result<bool, StoreError> {
        if held.is_none() {
            *held = Some(self.link().blocking_connection().await?);
        }
        let connection = held.as_mut().expect("it was made just above");
        let inbox = self.key("inbox");
        // Moving the oldest line to where it stands is a peek that blocks; BRPOP would lose it with the worker.
        let moved: Result<Option<InboxLine>, _> = redis::cmd("BLMOVE")
            .arg(&inbox)
            .arg(&inbox)
            .arg(Direction::Right)
            .arg(Direction::Right)
            .arg(seconds)
            .query_async(connection)
            .await;
        match moved {
            Ok(line) => Ok(line.is_some()),
            Err(error) => {
                *held = None;
                // Generation 0 is never the shared connection's.
                Err(self.link().judge(0, "BLMOVE", error).await)
            }
        }
    }
}
