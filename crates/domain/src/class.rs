//! Classes of work: lanes that share a weight when slots are short.

/// Lanes of a class share its weight in the stride scheduling of slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Look-ups of unknown outcomes.
    Reconcile,
    /// Payments of gift orders.
    Pay,
    /// Cancellations of packages, which race against the vendor's shipping.
    Cancel,
    /// Shipments.
    Ship,
    /// Creation of gift orders, and the catalogue they need.
    Create,
    /// Probes of parked scopes.
    Operator,
    /// Package sweeps.
    Poll,
    /// Order and logistics syncs.
    Sync,
}

crate::words!(Class, "class", {
    Reconcile => "reconcile",
    Pay => "pay",
    Cancel => "cancel",
    Ship => "ship",
    Create => "create",
    Operator => "operator",
    Poll => "poll",
    Sync => "sync",
});

impl Class {
    /// The default share of slots while several classes have work; settings may change it.
    #[must_use]
    pub const fn default_weight(self) -> u32 {
        match self {
            Class::Reconcile => 32,
            Class::Pay | Class::Cancel => 16,
            Class::Ship | Class::Create | Class::Operator => 8,
            Class::Poll => 4,
            Class::Sync => 2,
        }
    }
}
