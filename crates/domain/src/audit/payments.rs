//! Gift orders against each other: at most one paid order a key, and no vendor order in two jobs.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Fault, Finding, JobLook, mark};
use crate::kind::Kind;

/// What was seen of the gift orders so far: two hashes and an id for each, so that a million fit into memory.
#[derive(Debug, Default)]
pub struct Payments {
    by_order: HashMap<u64, Box<str>>,
    paid_by_key: HashMap<u64, Box<str>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Remembered {
    payments: u32,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Known {
    order_sn: Option<crate::id::Id>,
}

impl Payments {
    /// Takes one job in; what it shows to be wrong, alone or beside those before it.
    pub fn meet(&mut self, look: &JobLook) -> Vec<Finding> {
        if look.field("kind") != Kind::GiftOrder.as_str() {
            return Vec::new();
        }
        let subject = format!("job:{}", look.id);
        let mut findings = Vec::new();
        let mut found =
            |fault, detail: String| findings.push(Finding::new(fault, subject.clone(), detail, None));
        let payments = read::<Remembered>(look.field("memory")).payments;
        if payments > 1 {
            found(
                Fault::PaidTwice,
                format!("{payments} payments of its vendor order were confirmed"),
            );
        }
        if look.field("hold").contains(',') {
            found(
                Fault::OrdersDoubled,
                format!("vendor orders {} bear its remark", look.field("hold")),
            );
        }
        if let Some(order_sn) = read::<Known>(look.field("result")).order_sn {
            let earlier = self
                .by_order
                .insert(mark(order_sn.as_str()), look.id.as_str().into());
            if let Some(earlier) = earlier.filter(|earlier| **earlier != *look.id) {
                found(
                    Fault::OrderShared,
                    format!("job {earlier} holds vendor order {order_sn} for its own as well"),
                );
            }
        }
        let key = look.field("key");
        if payments > 0 && !key.is_empty() {
            let earlier = self.paid_by_key.insert(mark(key), look.id.as_str().into());
            if let Some(earlier) = earlier.filter(|earlier| **earlier != *look.id) {
                found(
                    Fault::KeyPaidTwice,
                    format!("job {earlier} of the same key has paid an order as well"),
                );
            }
        }
        findings
    }
}

/// What cannot be read is found as such elsewhere.
fn read<T: Default + serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gift(id: &str, key: &str, memory: &str, result: &str, hold: &str) -> JobLook {
        let fields = [
            ("kind", "gift.order"),
            ("key", key),
            ("memory", memory),
            ("result", result),
            ("hold", hold),
        ];
        JobLook {
            id: id.to_owned(),
            fields: fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..JobLook::default()
        }
    }

    fn faults(looks: &[JobLook]) -> Vec<Fault> {
        let mut payments = Payments::default();
        looks
            .iter()
            .flat_map(|look| payments.meet(look))
            .map(|finding| finding.fault)
            .collect()
    }

    const PAID: &str = r#"{"payments":1}"#;

    #[test]
    fn each_key_with_one_paid_order_of_its_own_is_right() {
        let one = gift("a", "K", PAID, r#"{"order_sn":"1"}"#, "1");
        let other = gift("b", "L", PAID, r#"{"order_sn":"2"}"#, "2");
        let unpaid = gift("c", "K", "", "", "");
        // A scan may show a job twice.
        assert_eq!(faults(&[one.clone(), other, unpaid, one]), []);
    }

    #[test]
    fn money_that_may_have_been_spent_twice_is_found() {
        let once = gift("a", "K", PAID, r#"{"order_sn":"1"}"#, "1");
        let again = gift("b", "K", PAID, r#"{"order_sn":"2"}"#, "2");
        assert_eq!(faults(&[once.clone(), again]), [Fault::KeyPaidTwice]);
        let same_order = gift("b", "L", "", r#"{"order_sn":"1"}"#, "1");
        assert_eq!(faults(&[once, same_order]), [Fault::OrderShared]);
        assert_eq!(
            faults(&[gift("a", "K", r#"{"payments":2}"#, "", "1")]),
            [Fault::PaidTwice]
        );
        assert_eq!(faults(&[gift("a", "K", "", "", "1,2")]), [Fault::OrdersDoubled]);
    }
}
