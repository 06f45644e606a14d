//! `get-package-cancel`: cancels one package. A write, despite its name (D15).

use serde_json::json;

use super::{Answer, Desk, Refused};
use crate::fields::Fields;
use crate::reply::Reply;

/// Nothing is refunded: the documents promise nothing (G5).
pub(super) fn get_package_cancel(fields: &Fields, desk: &mut Desk<'_>) -> Result<Answer, Refused> {
    let package_id = fields.whole("package_id")?.ok_or_else(|| Reply::refused(205))?;
    let package = desk
        .state
        .orders
        .package_mut(package_id)
        .ok_or_else(|| Reply::refused(10411))?;
    if !package.cancel(desk.now_ms) {
        return Err(Reply::refused(10412).into());
    }
    desk.sums.cancelled(package_id);
    Ok(Answer::changed(Reply::ok(json!([]))))
}
