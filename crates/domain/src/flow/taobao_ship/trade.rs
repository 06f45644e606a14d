//! What the logistics orders of a trade say about its shipment.

use crate::id::Id;
use crate::payload::TaobaoShip;

/// A logistics order of the trade; fields without a value are left out by the vendor (trap B11).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The waybill number.
    pub out_sid: Option<Id>,
    /// `yes` once the seller has shipped.
    pub seller_confirm: Option<String>,
    /// The logistics status.
    pub status: Option<String>,
    /// The sub-orders of this logistics order.
    pub sub_tids: Vec<Id>,
}

/// What the rows of a look-up show.
pub(super) enum Found<'a> {
    /// Shipped with our waybill.
    Ours,
    /// Shipped with another one.
    Other(&'a Row),
    /// Closed or cancelled, in this status.
    Closed(&'a str),
    /// Bears this waybill, and neither confirms nor denies that it is shipped.
    Undecided(&'a Id),
    /// Rows of other parts of a split trade only.
    Unmatched,
    /// Not shipped, or not shown.
    NotShipped,
}

/// What the rows say about the trade, or the part of it, that this job ships.
pub(super) fn found<'a>(payload: &TaobaoShip, rows: &'a [Row]) -> Found<'a> {
    let is_split = payload.is_split.as_ref().is_some_and(|flag| flag.as_str() == "1");
    let candidates: Vec<&Row> = rows
        .iter()
        .filter(|row| !is_split || has_sub_orders(payload, row))
        .collect();
    if candidates.is_empty() && !rows.is_empty() {
        return Found::Unmatched;
    }
    let shipped: Vec<&Row> = candidates.iter().copied().filter(|row| is_shipped(row)).collect();
    if shipped
        .iter()
        .any(|row| row.out_sid.as_ref() == Some(&payload.out_sid))
    {
        return Found::Ours;
    }
    if let Some(row) = shipped.first() {
        return Found::Other(row);
    }
    let mut statuses = candidates.iter().filter_map(|row| row.status.as_deref());
    if let Some(status) = statuses.find(|status| matches!(*status, "CLOSED" | "CANCELLED")) {
        return Found::Closed(status);
    }
    let undecided = candidates.iter().filter(|row| !is_denied(row));
    let mut waybills = undecided.filter_map(|row| row.out_sid.as_ref());
    waybills.next().map_or(Found::NotShipped, Found::Undecided)
}

/// Whether the row is of exactly the sub-orders that this job ships.
fn has_sub_orders(payload: &TaobaoShip, row: &Row) -> bool {
    let mut ours: Vec<&str> = payload
        .sub_tid
        .iter()
        .flat_map(|list| list.as_str().split(','))
        .map(str::trim)
        .collect();
    let mut theirs: Vec<&str> = row.sub_tids.iter().map(Id::as_str).collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    ours == theirs
}

/// `ACCEPTED_BY_RECEIVER` means "seller has shipped" for everything done by `send` (trap E7).
fn is_shipped(row: &Row) -> bool {
    row.seller_confirm.as_deref() == Some("yes") || row.status.as_deref() == Some("ACCEPTED_BY_RECEIVER")
}

/// Whether the vendor says that the seller has not shipped. A missing `seller_confirm` says nothing (trap B11).
fn is_denied(row: &Row) -> bool {
    row.seller_confirm.as_deref() == Some("no")
        || matches!(row.status.as_deref(), Some("CREATED" | "RECREATED"))
}
