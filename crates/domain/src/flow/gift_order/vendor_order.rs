//! What is known of the vendor order; the job's outward result.

use serde::{Deserialize, Serialize};

use super::SeenPackage;
use crate::id::Id;
use crate::job::Job;
use crate::money::Points;
use crate::vendor_status::VendorStatus;

/// The vendor order of a job, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VendorOrder {
    /// What `submit-payment` wants; absent until a create or a package names it.
    pub order_id: Option<Id>,
    /// The order's number.
    pub order_sn: Option<Id>,
    /// What it costs.
    pub total_price: Option<Points>,
    /// Its packages, once a sweep has met them.
    pub packages: Vec<Package>,
}

/// One package of the vendor order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// What `gift.cancel` wants.
    pub package_id: Id,
    /// The recipient's platform order number.
    pub platform_order_sn: Option<Id>,
    /// The vendor's number: 1 awaiting payment, 2 awaiting shipment, 3 shipped, 4 shipping cancelled.
    pub status: Id,
    /// The waybill number.
    pub express_no: Option<String>,
    /// The carrier's name.
    pub express_company_name: Option<String>,
}

impl VendorOrder {
    /// What the job's result says.
    ///
    /// # Errors
    /// When the stored result is not of this shape.
    pub fn of(job: &Job) -> Result<Self, serde_json::Error> {
        super::super::read(&job.result)
    }

    /// Takes over what rows of a sweep show.
    pub(super) fn take(&mut self, rows: &[SeenPackage]) {
        for row in rows {
            if self.order_id.is_none() && !row.order_id.is_empty() {
                self.order_id = Some(row.order_id.clone());
            }
            match self
                .packages
                .iter_mut()
                .find(|package| package.package_id == row.package_id)
            {
                Some(package) => package.take(row),
                None => self.packages.push(Package::new(row)),
            }
        }
    }

    /// Whether as many packages as recipients are known, and each is at its end.
    pub(super) fn is_finished(&self, recipients: usize) -> bool {
        self.packages.len() >= recipients
            && self
                .packages
                .iter()
                .all(|package| package.express_no.is_some() || package.is(VendorStatus::Cancelled))
    }

    /// Whether as many packages as recipients are known, all with this status.
    pub(super) fn is_wholly(&self, status: VendorStatus, recipients: usize) -> bool {
        self.packages.len() >= recipients && self.packages.iter().all(|package| package.is(status))
    }
}

impl Package {
    fn new(row: &SeenPackage) -> Self {
        let mut package = Package {
            package_id: row.package_id.clone(),
            platform_order_sn: Some(row.platform_order_sn.clone()).filter(|sn| !sn.is_empty()),
            status: Id::default(),
            express_no: None,
            express_company_name: None,
        };
        package.take(row);
        package
    }

    /// A waybill once known is never forgotten (trap I9: a package never moves backwards).
    fn take(&mut self, row: &SeenPackage) {
        self.status = Id::from(row.status.code().to_string());
        if !row.express_no.is_empty() {
            self.express_no = Some(row.express_no.clone());
        }
        if !row.express_company_name.is_empty() {
            self.express_company_name = Some(row.express_company_name.clone());
        }
    }

    fn is(&self, status: VendorStatus) -> bool {
        self.status.as_str() == status.code().to_string()
    }
}
