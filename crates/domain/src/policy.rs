//! The settings that decisions depend on, in one value.

/// What decides besides the job and the answer. Durations in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// First retry delay.
    pub retry_initial_ms: u64,
    /// Longest retry delay.
    pub retry_max_ms: u64,
    /// Attempts of one step before the job fails.
    pub retry_max_attempts: u32,
    /// Deadline of one vendor call.
    pub vendor_timeout_ms: u64,
    /// How long an effect may appear late at the vendor.
    pub settle_time_ms: u64,
    /// First poll of a paid gift order after its payment.
    pub poll_initial_ms: u64,
    /// Longest pause between polls.
    pub poll_max_ms: u64,
    /// How long after its payment a gift order may take.
    pub gift_deadline_ms: u64,
    /// How many points above the expected price are still paid.
    pub price_tolerance: i64,
    /// Most Douyin shipments in one call.
    pub douyin_ship_units: u32,
    /// Most order numbers in one call.
    pub orders_sync_units: u32,
    /// Most repeats of an identical Douyin pair after unknown outcomes.
    pub douyin_repeats: u32,
    /// Whether the two 614 messages for which the vendor advises it are tried once more.
    pub retry_614_once: bool,
}

impl Default for Policy {
    /// The documented defaults of `config/parceld.toml`.
    fn default() -> Self {
        Policy {
            retry_initial_ms: 2_000,
            retry_max_ms: 600_000,
            retry_max_attempts: 12,
            vendor_timeout_ms: 10_000,
            settle_time_ms: 30_000,
            poll_initial_ms: 30_000,
            poll_max_ms: 1_800_000,
            gift_deadline_ms: 7 * 86_400_000,
            price_tolerance: 0,
            douyin_ship_units: 50,
            orders_sync_units: 50,
            douyin_repeats: 5,
            retry_614_once: true,
        }
    }
}
