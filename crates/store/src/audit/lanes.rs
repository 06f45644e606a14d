//! Every lane, and where it stands.

use parceld_domain::audit::{judge_lane, mark};
use parceld_domain::class::Class;

use super::Auditor;
use super::scan::Cursor;
use crate::error::StoreError;

impl Auditor<'_> {
    /// The lanes that anything names, and the hints that stand in them.
    pub(super) async fn find_hints(&mut self) -> Result<(), StoreError> {
        for hash in ["lanes", "ready"] {
            let mut cursor = Cursor::START;
            while !cursor.is_at_end() {
                let lanes = self.store.scan_hash(hash, &mut cursor).await?;
                self.lanes.extend(lanes);
            }
        }
        for class in Class::ALL {
            let mut skip = 0;
            loop {
                let piece = self.store.piece(&format!("ring:{class}"), skip).await?;
                if piece.is_empty() {
                    break;
                }
                skip += piece.len();
                self.lanes.extend(piece);
            }
        }
        for lane in self.lanes.clone() {
            self.hints_of(&lane).await?;
        }
        Ok(())
    }

    /// A head that is taken meanwhile shifts the rest: what is passed over so is suspicious, and is looked for singly.
    async fn hints_of(&mut self, lane: &str) -> Result<(), StoreError> {
        let list = format!("lane:{lane}");
        let mut skip = 0;
        loop {
            let piece = self.store.piece(&list, skip).await?;
            if piece.is_empty() {
                return Ok(());
            }
            skip += piece.len();
            self.hinted.extend(piece.iter().map(|id| mark(id)));
        }
    }

    /// Judges the lanes found so far.
    pub(super) async fn all_lanes(&mut self) -> Result<(), StoreError> {
        let lanes: Vec<String> = std::mem::take(&mut self.lanes).into_iter().collect();
        for look in self.look_at_lanes(&lanes).await? {
            self.audit.lanes += 1;
            self.found(judge_lane(&look));
        }
        Ok(())
    }
}
