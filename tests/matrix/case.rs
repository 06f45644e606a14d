//! One field of the matrix: a step, a point of its call, and a blow.

use std::collections::BTreeSet;

use parceld_test_support::World;
use parceld_worker::effect_point::{POINTS, Place, Point};

use crate::blow::{BLOWS, Blow};
use crate::judgement::{follower, judge};
use crate::subject::{BALANCE, SUBJECTS, Subject};
use crate::watch::Watch;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    subject: &'static Subject,
    point: Point,
    blow: Blow,
}

/// The whole matrix.
pub(crate) fn all() -> Vec<Case> {
    let points = |subject: &'static Subject| subject.points().into_iter().map(move |point| (subject, point));
    subjects()
        .flat_map(points)
        .flat_map(|(subject, point)| BLOWS.map(|blow| Case { subject, point, blow }))
        .collect()
}

/// A fixed part of it: every point of every step under one blow, and every point under every blow.
pub(crate) fn part() -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, subject) in subjects().enumerate() {
        // A point's blow is another one with each step.
        for (place, point) in subject.points().into_iter().enumerate() {
            let blow = BLOWS[(turn + place) % BLOWS.len()];
            cases.push(Case { subject, point, blow });
        }
    }
    for point in POINTS.iter().map(|row| row.point) {
        for blow in BLOWS {
            let is_there = cases.iter().any(|case| case.point == point && case.blow == blow);
            let subject = subjects().find(|subject| subject.points().contains(&point));
            if let (false, Some(subject)) = (is_there, subject) {
                cases.push(Case { subject, point, blow });
            }
        }
    }
    cases
}

fn subjects() -> impl Iterator<Item = &'static Subject> {
    SUBJECTS.iter().chain([&BALANCE])
}

impl Case {
    pub(crate) fn name(&self) -> String {
        let Case { subject, point, blow } = self;
        format!("{} {} {blow:?}", subject.step, point.row().name)
    }

    /// Lets the load come to the point, strikes, and has the work ended by another worker or by the same; answers
    /// the points that were passed.
    pub(crate) async fn survive(&self, world: &mut World) -> BTreeSet<Point> {
        let Case { subject, point, blow } = *self;
        world.renew().await;
        subject.set_up(world, point).await;
        let mut load = subject.load();
        let mut ids = world.enqueue(&load);
        let watch = Watch::new();
        let order = blow.order(subject, point);
        let mut first = world.worker_with(&watch.variables(&order));
        blow.strike(world, &watch, &mut first, (subject, point)).await;
        if blow.needs_a_follower(point) {
            load.push(follower());
            ids.extend(world.enqueue(&load[load.len() - 1..]));
        }
        blow.assert_fallen(&mut first).await;
        let _second = blow
            .ends_the_worker()
            .then(|| world.worker_with(&watch.variables("")));
        for id in &ids {
            world.wait_for_done(id).await;
        }
        judge(world, &load).await;
        let mut passed = watch.passed();
        // What only the vendor can tell was waited for.
        if point.row().place == Place::Vendor {
            passed.insert(point);
        }
        assert!(passed.contains(&point), "{passed:?}");
        passed
    }
}
