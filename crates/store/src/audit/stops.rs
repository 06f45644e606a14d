//! Parked scopes and errands.

use parceld_domain::audit::{judge_errand, judge_scope};

use super::Auditor;
use super::scan::Cursor;
use crate::error::StoreError;

impl Auditor<'_> {
    /// Every scope that is parked or listed as such, and every errand that is due or under way.
    pub(super) async fn all_stops(&mut self) -> Result<(), StoreError> {
        let mut cursor = Cursor::START;
        while !cursor.is_at_end() {
            let scopes = self.store.scan_set("scopes", &mut cursor).await?;
            self.scopes.extend(scopes);
        }
        let mut cursor = Cursor::START;
        while !cursor.is_at_end() {
            let errands = self.store.scan_sorted("errands", &mut cursor).await?;
            self.errands.extend(errands);
        }
        let scopes: Vec<String> = std::mem::take(&mut self.scopes).into_iter().collect();
        for look in self.look_at_scopes(&scopes).await? {
            self.audit.scopes += 1;
            self.found(judge_scope(&look));
        }
        let errands: Vec<String> = std::mem::take(&mut self.errands).into_iter().collect();
        for look in self.look_at_errands(&errands).await? {
            self.audit.errands += 1;
            let findings = judge_errand(&look, self.limits);
            self.found(findings);
        }
        Ok(())
    }
}
