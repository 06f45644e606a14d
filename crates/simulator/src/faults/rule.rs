//! A scripted fault: which calls it strikes, and how often.

use serde::{Deserialize, Serialize};

use super::Fault;
use crate::endpoint::Endpoint;
use crate::facts::Facts;

const ANY: &str = "*";

/// Whether a fault comes before the effect of the call or after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// Nothing happens at the vendor.
    #[default]
    Before,
    /// The effect is there, the answer is not.
    After,
}

/// One scripted fault.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(default = "any")]
    pub(crate) endpoint: String,
    #[serde(default)]
    when: When,
    /// How many calls it strikes yet.
    #[serde(default = "once")]
    times: u32,
    /// How many matching calls it lets through first.
    #[serde(default)]
    skip: u32,
    #[serde(default, rename = "match", skip_serializing_if = "Match::is_any")]
    matching: Match,
    fault: Fault,
}

impl Rule {
    /// Counts a call, and answers the fault if it strikes.
    pub(crate) fn strike(&mut self, endpoint: Endpoint, facts: &Facts) -> Option<(When, Fault)> {
        let matches = self.endpoint == ANY || self.endpoint == endpoint.name();
        if !matches || self.is_spent() || !self.matching.fits(facts) {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times -= 1;
        Some((self.when, self.fault.clone()))
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.times == 0
    }

    /// Whether its endpoint exists.
    pub(crate) fn names_an_endpoint(&self) -> bool {
        self.endpoint == ANY || Endpoint::is_name(&self.endpoint)
    }
}

/// Parts of facts that must all be found.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Match {
    #[serde(skip_serializing_if = "Option::is_none")]
    shop: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_sn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package_id: Option<String>,
    /// `<page>/<rows>`
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<String>,
}

impl Match {
    fn fits(&self, facts: &Facts) -> bool {
        let single = |wanted: &Option<String>, fact: &Option<String>| match (wanted, fact) {
            (None, _) => true,
            (Some(part), Some(whole)) => whole.contains(part.as_str()),
            (Some(_), None) => false,
        };
        let among = |wanted: &Option<String>, facts: &[String]| {
            wanted
                .as_ref()
                .is_none_or(|part| facts.iter().any(|whole| whole.contains(part.as_str())))
        };
        single(&self.shop, &facts.shop)
            && single(&self.tid, &facts.tid)
            && single(&self.out_sid, &facts.out_sid)
            && single(&self.remark, &facts.remark)
            && single(&self.order_id, &facts.order_id)
            && (single(&self.order_sn, &facts.order_sn) || among(&self.order_sn, &facts.order_sns))
            && single(&self.package_id, &facts.package_id)
            && single(&self.page, &facts.page)
            && among(&self.pair, &facts.pairs)
    }

    fn is_any(&self) -> bool {
        *self == Self::default()
    }
}

fn any() -> String {
    ANY.to_owned()
}

fn once() -> u32 {
    1
}
