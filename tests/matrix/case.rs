//! One field of the matrix: a step, a point of its call, and a blow.

use parceld_test_support::{Arrivals, World};
use parceld_worker::effect_point::{POINTS, Place, Point};

use crate::blow::{BLOWS, Blow, thaw};
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
    subjects().flat_map(all_of).collect()
}

/// A fixed part of it: every point of every step under one blow, every point under every blow, and all of the steps
/// that cost money.
pub(crate) fn part() -> Vec<Case> {
    let mut cases: Vec<Case> = subjects()
        .filter(|subject| costs_money(subject))
        .flat_map(all_of)
        .collect();
    for (turn, subject) in subjects()
        .enumerate()
        .filter(|(_, subject)| !costs_money(subject))
    {
        // A point's blow is another one with each step.
        for (place, point) in subject.points().into_iter().enumerate() {
            let blows: Vec<Blow> = blows_at(point).collect();
            let blow = blows[(turn + place) % blows.len()];
            cases.push(Case { subject, point, blow });
        }
    }
    for point in POINTS.iter().map(|row| row.point) {
        let subject = subjects().find(|subject| subject.points().contains(&point));
        let subject = subject.unwrap_or_else(|| panic!("no step passes {point:?}"));
        for blow in blows_at(point) {
            if !cases.iter().any(|case| case.point == point && case.blow == blow) {
                cases.push(Case { subject, point, blow });
            }
        }
    }
    cases
}

fn all_of(subject: &'static Subject) -> impl Iterator<Item = Case> {
    let points = subject.points().into_iter();
    points.flat_map(move |point| blows_at(point).map(move |blow| Case { subject, point, blow }))
}

fn blows_at(point: Point) -> impl Iterator<Item = Blow> {
    BLOWS.into_iter().filter(move |blow| blow.is_its_own_at(point))
}

fn costs_money(subject: &Subject) -> bool {
    matches!(subject.endpoint, "order-create" | "submit-payment")
}

fn subjects() -> impl Iterator<Item = &'static Subject> {
    SUBJECTS.iter().chain([&BALANCE])
}

impl Case {
    pub(crate) fn name(&self) -> String {
        let Case { subject, point, blow } = self;
        format!("{} {} {blow:?}", subject.step, point.row().name)
    }

    /// Lets the load come to the point, strikes, and has the work ended by another worker or by the same; answers the
    /// point that was struck, and when the calls arrived.
    pub(crate) async fn survive(&self, world: &mut World) -> (Point, Arrivals) {
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
        if blow == Blow::Freeze {
            thaw(&watch, &mut first, point).await;
        }
        let arrivals = judge(world, &load, |endpoint| subject.refusals_of(endpoint, point)).await;
        let passed = watch.passed_by(subject.claim);
        // What only the vendor can tell was waited for.
        assert!(
            point.row().place == Place::Vendor || passed.contains(&point),
            "{passed:?}"
        );
        let points = subject.points();
        let strange = passed.iter().find(|point| !points.contains(point));
        assert_eq!(strange, None, "a point of this step that no case strikes");
        (point, arrivals)
    }
}
