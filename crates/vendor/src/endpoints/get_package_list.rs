//! `get-package-list`: gift packages and their waybills, page by page.

use parceld_domain::endpoint::Endpoint;
use parceld_domain::id::Id;
use parceld_domain::money::Points;
use parceld_domain::vendor_status::VendorStatus;
use parceld_domain::verdict::Refusal;
use serde_json::value::RawValue;

use crate::china_time;
use crate::endpoints::get_order_list::NO_SUCH_ORDER;
use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::lenient::{Misread, Object, readable};
use crate::vendor::Vendor;

/// Which packages; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageFilter {
    /// Those of one order.
    pub order_sn: Option<Id>,
    /// Those in one status; rows leave such a set while one pages (trap F4).
    pub status: Option<VendorStatus>,
}

/// One page of gift packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagePage {
    /// The rows, in the vendor's order.
    pub packages: Vec<PackageRow>,
    /// How many packages there are on all pages, if the reply says so.
    pub total: Option<u64>,
    /// Rows that could not be read: on this page absence proves nothing.
    pub unread: usize,
}

/// One gift package; the recipient is left out, nobody needs it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRow {
    /// What `get-package-cancel` needs; the callback calls it `consignee_id` (trap D5).
    pub package_id: Id,
    /// The order's id, safely labelled.
    pub order_id: Id,
    /// The order's number.
    pub order_sn: Id,
    /// The recipient's `platform_order_sn`, by another name (trap D6).
    pub platform_order_sn: Option<Id>,
    /// Where it stands; `Other(0)` where the row does not say.
    pub status: VendorStatus,
    /// The waybill number; only with it is a package finished (trap E6).
    pub express_no: Option<Id>,
    /// The carrier's name, not its code (trap E9).
    pub express_company_name: Option<String>,
    /// Goods and freight of this package.
    pub package_total_price: Option<Points>,
    /// When it was created, Unix milliseconds.
    pub created_ms: Option<i64>,
}

impl Vendor {
    /// One page, the first being 1 (trap F1). A filter for an order that does not exist finds nothing.
    ///
    /// # Errors
    /// Whatever is not an envelope of code 0 with readable rows.
    pub async fn get_package_list(
        &self,
        page: u32,
        size: u32,
        filter: &PackageFilter,
    ) -> Result<PackagePage, Refusal> {
        let conditions = Fields::new()
            .id_if("order_sn", filter.order_sn.as_ref())
            .text_if("status", filter.status.map(|status| status.code().to_string()));
        let fields = Fields::new().object("filter", conditions).range(page, size);
        match self.call(Endpoint::GetPackageList, None, fields, decode).await {
            Err(refusal) if refusal.code == Some(NO_SUCH_ORDER) && filter.order_sn.is_some() => {
                Ok(PackagePage {
                    packages: Vec::new(),
                    unread: 0,
                    total: Some(0),
                })
            }
            result => result,
        }
    }
}

fn decode(envelope: &Envelope<'_>) -> Result<PackagePage, Misread> {
    let (rows, total) = envelope.data_object()?.listed("list", "total", "data.list")?;
    let (packages, unread) = readable(rows, package);
    Ok(PackagePage {
        unread,
        packages,
        total,
    })
}

/// A row that cannot be told from another is none: absence counts.
fn package(raw: &RawValue) -> Result<PackageRow, Misread> {
    let row = Object::read(raw).ok_or(Misread("data.list[]"))?;
    Ok(PackageRow {
        package_id: row.id("id").ok_or(Misread("data.list[].id"))?,
        order_id: row.id("order_id").ok_or(Misread("data.list[].order_id"))?,
        order_sn: row.id("order_sn").ok_or(Misread("data.list[].order_sn"))?,
        platform_order_sn: row.id("ext_platform_order_sn"),
        status: VendorStatus::from(row.whole("status").unwrap_or(0)),
        express_no: row.id("express_no"),
        express_company_name: row.text("express_company_name"),
        package_total_price: row.points("package_total_price"),
        created_ms: row
            .text("create_time")
            .and_then(|text| china_time::unix_ms(&text)),
    })
}
