//! The inbox: job lines that any language pushes, taken in order, one move a line.

use redis::aio::MultiplexedConnection;
use redis::{Direction, Value};
use serde_json::json;

use crate::connect::Store;
use crate::enqueue::{Enqueued, NewJob, arguments, enqueued};
use crate::error::StoreError;
use crate::link::Lifetime;

/// A line as it was pushed; not necessarily UTF-8.
pub type InboxLine = Vec<u8>;

/// A connection that waits for lines, and does nothing else.
#[derive(Debug)]
pub struct InboxWait {
    connection: MultiplexedConnection,
    lifetime: Lifetime,
}

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
    pub async fn inbox_wait(&self, held: &mut Option<InboxWait>, seconds: f64) -> Result<bool, StoreError> {
        let mut wait = match held.take() {
            Some(wait) => wait,
            None => {
                let (lifetime, connection) = self.link().blocking_connection().await?;
                InboxWait { connection, lifetime }
            }
        };
        let inbox = self.key("inbox");
        // Moving the oldest line to where it stands is a peek that blocks; BRPOP would lose it with the worker.
        let mut peek = redis::cmd("BLMOVE");
        peek.arg(&inbox)
            .arg(&inbox)
            .arg(Direction::Right)
            .arg(Direction::Right)
            .arg(seconds);
        let moved: Result<Option<InboxLine>, _> = tokio::select! {
            moved = peek.query_async(&mut wait.connection) => moved,
            // Lines come in at another server now: the next call waits there.
            () = wait.lifetime.ended() => return Ok(false),
        };
        match moved {
            Ok(line) => {
                *held = Some(wait);
                Ok(line.is_some())
            }
            // Generation 0 is never the shared connection's.
            Err(error) => Err(self.link().judge(0, "BLMOVE", error).await),
        }
    }
}
