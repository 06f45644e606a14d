//! The points, numbered and named.

/// A point in the life of a call, in the order in which a call passes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`POINTS` says what each is")]
pub enum Point {
    Claimed = 1,
    Taken,
    Prepared,
    Begun,
    Slot,
    Sent,
    Applied,
    Replied,
    Observed,
    Published,
    Released,
    Parked,
    Settled,
    Seen,
    Healed,
    HandedBack,
}

/// Who can tell that a call has come so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The worker's pipeline: a line of it marks the point.
    Worker,
    /// Nobody but the vendor, for the worker only waits.
    Vendor,
}

/// One row of the table.
#[derive(Debug)]
pub struct EffectPoint {
    /// By which the table numbers it.
    pub point: Point,
    /// In files and in words.
    pub name: &'static str,
    /// Who passes it.
    pub place: Place,
    /// What has happened, and what has not.
    pub is_at: &'static str,
}

const fn row(point: Point, name: &'static str, place: Place, is_at: &'static str) -> EffectPoint {
    EffectPoint {
        point,
        name,
        place,
        is_at,
    }
}

/// Every point, by number.
pub const POINTS: [EffectPoint; 16] = {
    use Place::{Vendor, Worker};
    [
        row(
            Point::Claimed,
            "claimed",
            Worker,
            "the claim's reply is read, and nobody has the call yet",
        ),
        row(
            Point::Taken,
            "taken",
            Worker,
            "the call has a task of its own, which has done nothing",
        ),
        row(
            Point::Prepared,
            "prepared",
            Worker,
            "what needs no call is settled; no intent of the others is on record",
        ),
        row(
            Point::Begun,
            "begun",
            Worker,
            "begin's reply is read: the intent is on record",
        ),
        row(
            Point::Slot,
            "slot",
            Worker,
            "the slot has come, and no byte has left",
        ),
        row(
            Point::Sent,
            "sent",
            Vendor,
            "the call has arrived at the vendor, and has done nothing",
        ),
        row(
            Point::Applied,
            "applied",
            Vendor,
            "the vendor has done it, and holds the answer back",
        ),
        row(
            Point::Replied,
            "replied",
            Worker,
            "the answer is read, and nothing is made of it",
        ),
        row(
            Point::Observed,
            "observed",
            Worker,
            "what a page showed has moved the jobs that wait for it",
        ),
        row(
            Point::Published,
            "published",
            Worker,
            "the new catalogue is in place, and its jobs still wait",
        ),
        row(
            Point::Released,
            "released",
            Worker,
            "the jobs that waited for the catalogue go on",
        ),
        row(
            Point::Parked,
            "parked",
            Worker,
            "the scope that refused a page is parked, and the page not turned",
        ),
        row(
            Point::Settled,
            "settled",
            Worker,
            "settle (of an errand: turn_page) has run, and its caller does not know",
        ),
        row(Point::Seen, "seen", Worker, "its reply is seen"),
        row(
            Point::Healed,
            "healed",
            Worker,
            "the scope that the call probed is resumed",
        ),
        row(
            Point::HandedBack,
            "handed-back",
            Worker,
            "a claim that came to nothing is back in its lane",
        ),
    ]
};

// Numbered without gaps, up to the last point.
const _: () = {
    assert!(POINTS.len() == Point::HandedBack as usize);
    let mut index = 0;
    while index < POINTS.len() {
        assert!(POINTS[index].point as usize == index + 1);
        index += 1;
    }
};

impl Point {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static EffectPoint {
        let row = POINTS.iter().find(|row| row.point == self);
        row.expect("the table has every point, or it does not compile")
    }

    /// The point of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let row = POINTS.iter().find(|row| row.name == name);
        row.map(|row| row.point)
    }
}
