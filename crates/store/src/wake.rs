//! Being woken: moves that make the earliest work earlier publish, idle workers listen.

use futures::StreamExt;
use redis::aio::PubSub;

use crate::connect::Store;
use crate::error::StoreError;
use crate::link::Lifetime;

/// A subscription to wakes, on a connection of its own.
pub struct Wakes {
    subscription: PubSub,
    lifetime: Lifetime,
}

impl Store {
    /// Subscribes to wakes.
    ///
    /// # Errors
    /// `Unreachable` when Redis does not answer; without wakes a worker still asks every two seconds.
    pub async fn wakes(&self) -> Result<Wakes, StoreError> {
        let (lifetime, mut subscription) = self.link().subscription().await?;
        match subscription.subscribe(self.key("wake")).await {
            Ok(()) => Ok(Wakes {
                subscription,
                lifetime,
            }),
            // Generation 0 is never the shared connection's.
            Err(error) => Err(self.link().judge(0, "SUBSCRIBE", error).await),
        }
    }
}

impl Wakes {
    /// Waits for the next wake; false when the connection has ended, or leads to a server that is not used any more.
    pub async fn next(&mut self) -> bool {
        let mut messages = self.subscription.on_message();
        tokio::select! {
            message = messages.next() => message.is_some(),
            () = self.lifetime.ended() => false,
        }
    }
}

impl std::fmt::Debug for Wakes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wakes")
    }
}
