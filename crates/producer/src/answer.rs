//! What a caller is told about a job that it enqueued.

use parceld_domain::kind::Kind;
use parceld_domain::line::LineError;
use parceld_store::StoreError;
use serde::Serialize;

/// A job that is in, now or since an earlier time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Its id for life.
    pub id: String,
    /// What it asks for.
    pub kind: Kind,
    /// Its key; `None` where every job is new.
    pub key: Option<String>,
    /// Its state now; `gone` when the job of this key was removed since.
    pub state: String,
    /// Whether it was in before, with the same payload: nothing was done.
    pub duplicate: bool,
    /// The failed or cancelled job that gave its key up to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// Why a job was not taken in; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The job cannot be taken as it is.
    #[error(transparent)]
    Invalid(#[from] LineError),
    /// Its key belongs to another job with another payload.
    #[error("{}", conflict(key, id, state, hold))]
    Conflict {
        /// The key.
        key: String,
        /// The job that holds it.
        id: String,
        /// That job's state.
        state: String,
        /// The vendor order of that job that could still be paid, or `unknown`; empty if that is not the reason.
        hold: String,
    },
}

/// Why nothing is known to be enqueued.
#[derive(Debug, thiserror::Error)]
pub enum EnqueueError {
    /// The job was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Redis did not answer: enqueue again, what was taken in answers as a duplicate.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who holds the key, and what to do. Where something may be paid, another key is no way out: it would buy it twice.
fn conflict(key: &str, id: &str, state: &str, hold: &str) -> String {
    let held = format!("key: {key:?} belongs to job {id} ({state}) with another payload");
    match (hold, state) {
        ("", "done") => format!("{held}; it is done, so a change needs another key"),
        ("", "failed" | "cancelled") => format!(
            "{held}, which a later version of parceld has written; enqueue with that version or give another key"
        ),
        ("", _) => format!("{held}; cancel that job first (parceld jobs cancel {id}) or give another key"),
        ("unknown", "failed" | "cancelled") => format!(
            "{held}; whether its vendor order was created or paid is not known: `parceld jobs retry {id}` looks it up \
             before it does anything else"
        ),
        (order, "failed") => format!(
            "{held}; its vendor order {order} may be paid or could still be: `parceld jobs cancel {id}` gives the key up \
             if it is surely unpaid, and says what to do if it is not"
        ),
        (order, "cancelled") => format!(
            "{held}; its vendor order {order} may be paid or could still be: `parceld jobs retry {id}` looks it up before \
             it does anything else"
        ),
        ("unknown", _) => format!("{held}, whose vendor order is being looked up; wait for its end"),
        (order, "done") => {
            format!("{held} and vendor order {order}; it is done, so a change needs another key")
        }
        (order, _) => format!("{held} and vendor order {order}; wait for its end or give another key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(state: &str, hold: &str) -> String {
        let (key, id) = ("ERP-1".to_owned(), "01J".to_owned());
        Refusal::Conflict {
            key,
            id,
            state: state.to_owned(),
            hold: hold.to_owned(),
        }
        .to_string()
    }

    #[test]
    fn a_conflict_names_the_job_its_state_and_the_vendor_order() {
        let plain = refusal("ready", "");
        assert!(
            plain.starts_with("key: \"ERP-1\" belongs to job 01J (ready)"),
            "{plain}"
        );
        assert!(plain.contains("parceld jobs cancel 01J"), "{plain}");
        let failed = refusal("failed", "2020111");
        assert!(
            failed.contains("vendor order 2020111") && failed.contains("parceld jobs cancel 01J"),
            "{failed}"
        );
        assert!(refusal("waiting", "2020111").contains("vendor order 2020111"));
        for state in ["failed", "cancelled"] {
            let unknown = refusal(state, "unknown");
            assert!(unknown.contains("parceld jobs retry 01J"), "{unknown}");
            assert!(refusal(state, "").contains("later version"));
        }
        assert!(!refusal("done", "").contains("cancel"));
    }
}
