//! What the processes of one case write down about the points that they pass, and the file by which one is held.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use parceld_test_support::{BOUND, wait_until};
use parceld_worker::effect_point::{BLOWS, FOLDER, HELD, PASSED, Point};

/// A folder of one case; removed with it.
#[derive(Debug)]
pub(crate) struct Watch {
    folder: PathBuf,
}

static FOLDERS: AtomicU32 = AtomicU32::new(0);

impl Watch {
    pub(crate) fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("parceld-matrix-{}-{number}", process::id()));
        fs::create_dir(&folder).expect("the folder of temporary files can be written to");
        Watch { folder }
    }

    /// The variables of a worker on which these blows fall.
    pub(crate) fn variables<'a>(&'a self, blows: &'a str) -> [(&'static str, &'a str); 2] {
        let folder = self.folder.to_str().expect("the name is ours");
        [(FOLDER, folder), (BLOWS, blows)]
    }

    /// Waits until a call is held.
    pub(crate) async fn wait_for_hold(&self) {
        wait_until("the call is held", BOUND, async || {
            if self.folder.join(HELD).exists() {
                Ok(())
            } else {
                Err(self.written())
            }
        })
        .await;
    }

    /// Lets the held call go on.
    pub(crate) fn release(&self) {
        fs::remove_file(self.folder.join(HELD)).expect("a call is held");
    }

    /// Waits until calls of this subject have passed a point so often.
    pub(crate) async fn wait_for(&self, point: Point, subject: &str, passings: usize) {
        let line = format!("{} {subject}", point.row().name);
        wait_until(&format!("`{line}` is passed"), BOUND, async || {
            let written = self.written();
            if written.lines().filter(|passed| passed.starts_with(&line)).count() >= passings {
                Ok(())
            } else {
                Err(written)
            }
        })
        .await;
    }

    /// Every point that calls of this subject have passed.
    pub(crate) fn passed_by(&self, subject: &str) -> BTreeSet<Point> {
        let written = self.written();
        let lines = written.lines().filter_map(|line| line.split_once(' '));
        let names = lines.filter(|(_, passer)| passer.starts_with(subject));
        names.filter_map(|(name, _)| Point::of(name)).collect()
    }

    fn written(&self) -> String {
        fs::read_to_string(self.folder.join(PASSED)).unwrap_or_default()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
