//! Listening for wakes: the claim loop sleeps until something is due, or until somebody says so.

use std::sync::Arc;
use std::time::Duration;

use crate::run::Shared;

/// Pause before a lost subscription is made again; claims are asked for every two seconds meanwhile.
const PAUSE: Duration = Duration::from_secs(1);

/// Passes every wake on, for ever.
pub(crate) async fn listen(shared: Arc<Shared>) {
    loop {
        if let Ok(mut wakes) = shared.store.wakes().await {
            // What was published before the subscription stood was not heard.
            shared.woken.notify_one();
            while wakes.next().await {
                shared.woken.notify_one();
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
