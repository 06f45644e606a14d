//! Asking the Sentinels which server is the master.
//!
//! Not redis-rs's own Sentinel client: it believes the first node in the order of the list, which may be cut off
//! together with a master that is none any more, and it looks at the role on another connection than is then used.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, ErrorKind, Pipeline, RedisError};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use crate::place::to_sentinel;
use crate::settings::SentinelSettings;

/// How long the others are waited for when most have answered: one of them may know of a later failover.
const STRAGGLERS_MAX: Duration = Duration::from_millis(300);

/// The Sentinels of the settings.
pub(crate) struct Sentinels {
    name: String,
    nodes: Vec<Node>,
    config: AsyncConnectionConfig,
}

/// A server, as a Sentinel names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Master {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// What one Sentinel says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    /// Grows with each failover.
    epoch: u64,
    master: Master,
}

struct Node {
    client: Client,
    held: Mutex<Option<MultiplexedConnection>>,
}

impl Sentinels {
    /// For nodes that are reached the way that the master is.
    pub(crate) fn new(
        settings: &SentinelSettings,
        like: &ConnectionInfo,
        answer_timeout: Duration,
    ) -> Result<Self, RedisError> {
        let node = |(host, port): &(String, u16)| {
            Ok(Node {
                client: Client::open(to_sentinel(like, settings, host, *port))?,
                held: Mutex::default(),
            })
        };
        Ok(Sentinels {
            name: settings.master.clone(),
            nodes: settings
                .nodes
                .iter()
                .map(node)
                .collect::<Result<_, RedisError>>()?,
            config: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(answer_timeout))
                .set_response_timeout(Some(answer_timeout)),
        })
    }

    /// The master by the latest failover that any Sentinel knows of; an error unless most of them answer and
    /// agree.
    pub(crate) async fn master(&self) -> Result<Master, RedisError> {
        let mut asked: FuturesUnordered<_> = self.nodes.iter().map(|node| self.ask(node)).collect();
        let (mut answers, mut errors) = (Vec::new(), Vec::new());
        let mut end: Option<Instant> = None;
        loop {
            let next = match end {
                None => asked.next().await,
                // Too late is as good as no answer.
                Some(end) => timeout_at(end, asked.next()).await.unwrap_or_default(),
            };
            match next {
                Some(Ok(answer)) => answers.push(answer),
                Some(Err(error)) => errors.push(error),
                None => break,
            }
            if end.is_none() && is_most(answers.len(), self.nodes.len()) {
                end = Some(Instant::now() + STRAGGLERS_MAX);
            }
        }
        elect(&answers, self.nodes.len()).cloned().map_err(|why| {
            let named: Vec<String> = answers.iter().map(|answer| answer.master.to_string()).collect();
            let detail = format!(
                "{} of {} named a master ({}); the others: {}",
                answers.len(),
                self.nodes.len(),
                named.join(", "),
                errors.join("; ")
            );
            RedisError::from((ErrorKind::Io, why, detail))
        })
    }

    /// The epoch and the address by two commands: while the replicas follow a new master, `MASTER` already tells the
    /// failover's epoch and still the old address. The epoch first: should the failover happen between the two, its
    /// address comes with an epoch that is too low, which is outvoted, and not the other way round.
    fn question(&self) -> Pipeline {
        let mut question = redis::pipe();
        question.cmd("SENTINEL").arg("MASTER").arg(&self.name);
        question
            .cmd("SENTINEL")
            .arg("GET-MASTER-ADDR-BY-NAME")
            .arg(&self.name);
        question
    }

    /// Asks one node, over a connection that is kept only when it has answered; an error names the node.
    async fn ask(&self, node: &Node) -> Result<Answer, String> {
        let named = |why: &dyn fmt::Display| format!("{}: {why}", node.client.get_connection_info().addr());
        let mut held = node.held.lock().await;
        let mut connection = match held.take() {
            Some(connection) => connection,
            None => {
                let made = node
                    .client
                    .get_multiplexed_async_connection_with_config(&self.config);
                made.await.map_err(|error| named(&error))?
            }
        };
        let (fields, place): (HashMap<String, String>, Option<(String, u16)>) = self
            .question()
            .query_async(&mut connection)
            .await
            .map_err(|error| named(&error))?;
        *held = Some(connection);
        answer(&fields, place).ok_or_else(|| named(&"an answer without config-epoch or address"))
    }
}

impl fmt::Display for Sentinels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes: Vec<String> = self
            .nodes
            .iter()
            .map(|node| node.client.get_connection_info().addr().to_string())
            .collect();
        write!(f, "{} (asked of the Sentinels {})", self.name, nodes.join(", "))
    }
}

impl fmt::Display for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

fn answer(fields: &HashMap<String, String>, place: Option<(String, u16)>) -> Option<Answer> {
    let (host, port) = place?;
    Some(Answer {
        epoch: fields.get("config-epoch")?.parse().ok()?,
        master: Master { host, port },
    })
}

fn is_most(answers: usize, nodes: usize) -> bool {
    answers * 2 > nodes
}

/// Of most nodes' answers the one of the latest failover. Fewer prove nothing: they may all be on the side of a master
/// that the others have replaced. Nor do as many votes for each of two masters: the order of the answers must not
/// decide, and the next round may.
fn elect(answers: &[Answer], nodes: usize) -> Result<&Master, &'static str> {
    if !is_most(answers.len(), nodes) {
        return Err("most Sentinels must answer");
    }
    let votes = |candidate: &Answer| answers.iter().filter(|answer| *answer == candidate).count();
    let rank = |answer: &Answer| (answer.epoch, votes(answer));
    let best = answers.iter().map(rank).max();
    let mut latest = answers.iter().filter(|answer| Some(rank(answer)) == best);
    let elected = latest.next().ok_or("most Sentinels must answer")?;
    if latest.any(|other| other != elected) {
        return Err("the Sentinels disagree about the master");
    }
    Ok(&elected.master)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(epoch: u64, port: u16) -> Answer {
        Answer {
            epoch,
            master: Master {
                host: "10.0.0.1".to_owned(),
                port,
            },
        }
    }

    fn elected(answers: &[Answer], nodes: usize) -> Option<u16> {
        elect(answers, nodes).ok().map(|master| master.port)
    }

    #[test]
    fn the_latest_failover_wins_however_few_know_of_it() {
        assert_eq!(elected(&[says(3, 1), says(4, 2), says(3, 1)], 3), Some(2));
        assert_eq!(elected(&[says(4, 2), says(3, 1), says(3, 1)], 3), Some(2));
    }

    #[test]
    fn without_most_of_the_sentinels_there_is_no_master() {
        assert_eq!(elected(&[], 1), None);
        assert_eq!(elected(&[says(9, 1)], 3), None);
        assert_eq!(elected(&[says(9, 1), says(9, 1)], 4), None);
        assert_eq!(elected(&[says(9, 1), says(9, 1)], 3), Some(1));
        assert_eq!(elected(&[says(9, 1)], 1), Some(1));
    }

    #[test]
    fn of_one_failover_the_majority_is_believed() {
        assert_eq!(elected(&[says(0, 1), says(0, 2), says(0, 2)], 3), Some(2));
    }
    #[test]
    fn two_masters_of_one_failover_with_as_many_votes_are_none_whoever_answers_first() {
        assert_eq!(elected(&[says(4, 1), says(4, 2)], 3), None);
        assert_eq!(elected(&[says(4, 2), says(4, 1)], 3), None);
        assert_eq!(elected(&[says(4, 1), says(3, 3), says(4, 2)], 3), None);
        assert_eq!(elected(&[says(4, 2), says(3, 3), says(4, 1)], 3), None);
        assert_eq!(
            elect(&[says(4, 1), says(4, 2)], 3),
            Err("the Sentinels disagree about the master")
        );
    }

    #[test]
    fn while_the_replicas_follow_a_new_master_its_address_is_believed_with_the_new_epoch() {
        let told = [("ip", "10.0.0.1"), ("port", "1"), ("config-epoch", "4")];
        let fields = told
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(
            answer(&fields, Some(("10.0.0.1".to_owned(), 2))),
            Some(says(4, 2))
        );
        assert_eq!(answer(&fields, None), None);
    }
}
