//! Passing a point: it is written down, and where the environment says so, the call halts or a reply gets lost.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use parceld_domain::lane::Lane;
use parceld_store::{Claimed, ErrandClaim, lose_next_reply};
use tokio::task;
use tokio::time::sleep;

use super::table::Point;

/// The variable with the folder in which passings are written down; without it nothing is.
pub const FOLDER: &str = "PARCELD_EFFECT_FOLDER";
/// The variable with the blows, `<point> <subject> <passing> <blow>` each and `;` in between.
///
/// Subjects are taken by how they begin: `<class>/<endpoint>/…` of a lane, `errand/<name>/<page>`. A blow is `hold`,
/// `pause`, or `lose:<move>|<move>…`, and falls at that passing only. The point `start` is the start of the process.
pub const BLOWS: &str = "PARCELD_EFFECT_BLOWS";
/// The file of passings, `<point> <subject>` a line.
pub const PASSED: &str = "passed";
/// The file that stands as long as a call is to be held.
pub const HELD: &str = "held";

/// Longer than any claim's slot is away.
const PAUSE: Duration = Duration::from_millis(1_300);
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Nobody strikes so late: who still waits has been forgotten.
const HOLD_MAX: Duration = Duration::from_secs(60);

const START: &str = "start";

struct Watch {
    folder: PathBuf,
    blows: Mutex<Vec<Blow>>,
    /// Whose call each task makes; the loop of claims has no task.
    subjects: Mutex<HashMap<Option<task::Id>, String>>,
}

#[derive(Debug)]
struct Blow {
    point: String,
    subject: String,
    /// Passings until it falls.
    left: u32,
    kind: String,
}

/// What a call is for, in one word.
pub(crate) trait Subject {
    fn subject(&self) -> Option<String>;
}

impl Subject for Lane {
    fn subject(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Subject for ErrandClaim {
    fn subject(&self) -> Option<String> {
        Some(format!("errand/{}/{}", self.errand, self.page))
    }
}

impl Subject for Claimed {
    fn subject(&self) -> Option<String> {
        match self {
            Claimed::Nothing { .. } => None,
            Claimed::Jobs(claim) => claim.lane.subject(),
            Claimed::Errand(claim) => claim.subject(),
        }
    }
}

/// Blows that fall before anything is claimed.
pub(crate) fn start() {
    let Some(watch) = watch() else { return };
    for blow in locked(&watch.blows).iter().filter(|blow| blow.point == START) {
        lose(blow);
    }
}

/// Passes a point with whose call it is from now on; a claim of nothing passes none.
pub(crate) async fn pass_of(point: Point, subject: &impl Subject) {
    let (Some(watch), Some(subject)) = (watch(), subject.subject()) else {
        return;
    };
    locked(&watch.subjects).insert(task::try_id(), subject);
    pass(point).await;
}

/// Passes a point of the call that this task makes.
pub(crate) async fn pass(point: Point) {
    let Some(watch) = watch() else { return };
    let subject = locked(&watch.subjects)
        .get(&task::try_id())
        .cloned()
        .unwrap_or_default();
    let name = point.row().name;
    let blow = watch.falling(name, &subject);
    match blow.as_ref().map(|blow| blow.kind.as_str()) {
        None => watch.write_down(name, &subject),
        Some("pause") => {
            watch.write_down(name, &subject);
            sleep(PAUSE).await;
        }
        Some("hold") => {
            fs::write(watch.folder.join(HELD), name).expect("a test's folder can be written to");
            watch.write_down(name, &subject);
            watch.hold().await;
        }
        Some(_) => {
            blow.iter().for_each(lose);
            watch.write_down(name, &subject);
        }
    }
}

fn lose(blow: &Blow) {
    let moves = blow.kind.strip_prefix("lose:");
    // From a point on it is whatever comes next that loses its reply.
    let about = if blow.point == START { &blow.subject } else { "" };
    lose_next_reply(moves.expect("no other blow is left"), about);
}

impl Watch {
    /// The blow that falls at this passing, if one does.
    fn falling(&self, point: &str, subject: &str) -> Option<Blow> {
        let mut blows = locked(&self.blows);
        let mut fallen = None;
        for (index, blow) in blows.iter_mut().enumerate() {
            if blow.point == point && subject.starts_with(&blow.subject) {
                blow.left -= 1;
                if blow.left == 0 {
                    fallen = Some(index);
                }
            }
        }
        fallen.map(|index| blows.remove(index))
    }

    fn write_down(&self, point: &str, subject: &str) {
        let passed = self.folder.join(PASSED);
        let file = OpenOptions::new().create(true).append(true).open(passed);
        // One write a line, for another process may write as well.
        let written = file.and_then(|mut file| file.write_all(format!("{point} {subject}\n").as_bytes()));
        written.expect("a test's folder can be written to");
    }

    async fn hold(&self) {
        let begun = std::time::Instant::now();
        while self.folder.join(HELD).exists() && begun.elapsed() < HOLD_MAX {
            sleep(LOOK_EVERY).await;
        }
    }
}

fn watch() -> Option<&'static Watch> {
    static WATCH: OnceLock<Option<Watch>> = OnceLock::new();
    WATCH
        .get_or_init(|| {
            let folder = std::env::var_os(FOLDER)?.into();
            let blows = std::env::var(BLOWS).unwrap_or_default();
            let blows = blows.split(';').filter(|blow| !blow.is_empty()).map(read);
            Some(Watch {
                folder,
                blows: Mutex::new(blows.collect()),
                subjects: Mutex::default(),
            })
        })
        .as_ref()
}

fn read(blow: &str) -> Blow {
    let words: Vec<&str> = blow.split_whitespace().collect();
    let [point, subject, passing, kind] = words[..] else {
        panic!("{BLOWS}: `{blow}` is not `<point> <subject> <passing> <blow>`");
    };
    let known = point == START || Point::of(point).is_some();
    let left = passing.parse().ok().filter(|left| *left > 0);
    let (true, Some(left)) = (known, left) else {
        panic!("{BLOWS}: `{blow}` names no point, or no passing");
    };
    Blow {
        point: point.to_owned(),
        subject: subject.to_owned(),
        left,
        kind: kind.to_owned(),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
