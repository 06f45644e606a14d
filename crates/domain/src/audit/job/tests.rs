use super::*;
use crate::audit::LIMITS;

const NOW_MS: u64 = 1_800_000_000_000;

/// A sound shipment in this state.
fn ship(state: State) -> JobLook {
    let fields = [
        ("kind", "taobao.ship"),
        ("key", "K"),
        ("state", state.as_str()),
        ("step", "send"),
        ("version", "3"),
        ("attempts", "0"),
        ("created_ms", "1799999000000"),
        ("units", "1"),
        ("lane", "ship/send/-/7"),
        ("memory", ""),
        ("updated_at", "2027-01-15T15:00:00.000+08:00"),
        ("run_at", "2027-01-15T16:00:00.000+08:00"),
    ];
    let payload = r#"{"shop_id":"7","tid":"1","out_sid":"YT1","company_code":"YTO"}"#;
    let mut sets = BTreeMap::new();
    if state != State::Ready {
        sets.insert(state, NOW_MS);
    }
    JobLook {
        id: "a".to_owned(),
        fields: fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        payload: Some(Private::new(payload.to_owned())),
        is_listed: true,
        sets,
        key_holder: Some("a".to_owned()),
        is_scope_stopped: true,
        now_ms: NOW_MS,
        ..JobLook::default()
    }
}

fn with(mut look: JobLook, fields: &[(&str, &str)]) -> JobLook {
    for (name, value) in fields {
        look.fields.insert((*name).to_owned(), (*value).to_owned());
    }
    look
}

fn running() -> JobLook {
    with(ship(State::Running), &[("fence", "9"), ("worker", "w")])
}

fn waiting() -> JobLook {
    let fields = [
        ("kind", "gift.cancel"),
        ("step", "confirm"),
        ("errand", "packages"),
        ("watch", "package:1"),
    ];
    JobLook {
        payload: Some(Private::new(r#"{"package_id":"1"}"#.to_owned())),
        is_awaited: true,
        ..with(ship(State::Waiting), &fields)
    }
}

fn parked() -> JobLook {
    JobLook {
        is_blocked: true,
        ..with(ship(State::Parked), &[("scope", "shop:7")])
    }
}

fn faults(look: &JobLook) -> Vec<Fault> {
    judge_job(look, &LIMITS)
        .into_iter()
        .map(|finding| finding.fault)
        .collect()
}

#[test]
fn a_sound_job_of_every_state_is_right() {
    for state in State::ALL {
        let look = match state {
            State::Running => running(),
            State::Waiting => waiting(),
            State::Parked => parked(),
            state => ship(*state),
        };
        assert_eq!(judge_job(&look, &LIMITS), [], "{state}");
    }
    let gone = JobLook {
        id: "a".to_owned(),
        ..JobLook::default()
    };
    assert_eq!(judge_job(&gone, &LIMITS), []);
}

#[test]
fn what_no_worker_could_read_is_found() {
    let table: [&[(&str, &str)]; 8] = [
        &[("kind", "taobao.sell")],
        &[("state", "asleep")],
        &[("step", "pay")],
        &[("step", "run")],
        &[("version", "x")],
        &[("lane", "ship")],
        &[("memory", "{")],
        &[("kind", "gift.cancel"), ("step", "cancel")],
    ];
    for fields in table {
        assert_eq!(
            faults(&with(ship(State::Done), fields))[0],
            Fault::JobUnreadable,
            "{fields:?}"
        );
    }
    let bare = JobLook {
        payload: None,
        ..ship(State::Done)
    };
    assert_eq!(faults(&bare), [Fault::JobUnreadable]);
}

#[test]
fn a_job_of_a_later_form_is_judged_by_its_own_version_only() {
    let spoilt = with(ship(State::Done), &[("kind", "taobao.sell"), ("begun", "1")]);
    assert_ne!(faults(&spoilt), []);
    let newer = JobLook {
        is_newer: true,
        ..spoilt
    };
    assert_eq!(faults(&newer), []);
}

#[test]
fn what_cannot_be_read_is_not_quoted() {
    let payload = Private::new(r#"{"shop_id":"7","consignee":"张三"}"#.to_owned());
    let look = JobLook {
        payload: Some(payload),
        ..ship(State::Done)
    };
    let findings = judge_job(&look, &LIMITS);
    assert_eq!(findings[0].fault, Fault::JobUnreadable);
    assert!(!findings[0].detail.contains("张三"), "{}", findings[0].detail);
    assert!(!format!("{look:?}").contains("张三"));
}

#[test]
fn a_job_stands_in_the_set_of_its_state_only() {
    let mut look = ship(State::Done);
    look.sets.clear();
    assert_eq!(faults(&look), [Fault::StateUnlisted]);
    look.sets.insert(State::Failed, 1);
    assert_eq!(faults(&look), [Fault::StateDoubled, Fault::StateUnlisted]);
    let mut ready = ship(State::Ready);
    ready.sets.insert(State::Parked, 1);
    assert_eq!(faults(&ready), [Fault::StateDoubled]);
    assert_eq!(
        faults(&JobLook {
            is_listed: false,
            ..ship(State::Ready)
        }),
        [Fault::JobUnlisted]
    );
}

#[test]
fn a_job_that_lost_its_set_goes_back_with_the_time_that_its_hash_tells() {
    for (state, score_ms) in [
        (State::Scheduled, 1_800_000_000_000),
        (State::Done, 1_799_996_400_000),
        (State::Running, NOW_MS),
    ] {
        let mut look = match state {
            State::Running => running(),
            state => ship(state),
        };
        look.sets.clear();
        let cure = Cure::List {
            id: "a".to_owned(),
            score_ms,
        };
        assert_eq!(judge_job(&look, &LIMITS)[0].cure, Some(cure), "{state}");
    }
}

#[test]
fn an_id_without_a_job_is_found_in_every_set_that_holds_it() {
    let look = JobLook {
        id: "a".to_owned(),
        sets: [(State::Done, 1), (State::Running, 1)].into(),
        is_listed: true,
        ..JobLook::default()
    };
    assert_eq!(faults(&look), [Fault::JobMissing; 3]);
}

#[test]
fn a_key_leads_to_the_job_that_bears_it_unless_a_newer_one_took_it_over() {
    let led = |holder: Option<&str>, key_expires| JobLook {
        key_holder: holder.map(str::to_owned),
        key_expires,
        ..ship(State::Failed)
    };
    assert_eq!(faults(&led(None, false)), [Fault::KeyLost]);
    assert_eq!(faults(&led(Some("a"), true)), [Fault::KeyLost]);
    assert_eq!(faults(&led(Some("b"), false)), [Fault::KeyElsewhere]);
    assert_eq!(faults(&with(led(Some("b"), false), &[("replaced_by", "b")])), []);
    assert_eq!(faults(&with(led(None, false), &[("key", "")])), []);
    // Which key it bore is not known: nothing may be made of it.
    let unknown = with(led(None, false), &[("kind", "taobao.sell")]);
    assert_eq!(faults(&unknown), [Fault::JobUnreadable]);
}

#[test]
fn a_lease_is_somebodys_for_a_bounded_time() {
    let until = |until_ms| {
        let mut look = running();
        look.sets.insert(State::Running, until_ms);
        look
    };
    assert_eq!(faults(&until(NOW_MS - 60_000)), []);
    assert_eq!(faults(&until(NOW_MS - 60_001)), [Fault::LeaseOverdue]);
    assert_eq!(faults(&until(NOW_MS + 60_000 + Limits::AHEAD_MAX_MS)), []);
    assert_eq!(
        faults(&until(NOW_MS + 60_001 + Limits::AHEAD_MAX_MS)),
        [Fault::LeaseEndless]
    );
    assert_eq!(faults(&ship(State::Running)), [Fault::LeaseUnheld]);
}

#[test]
fn an_intent_is_of_a_running_call_that_ends() {
    const ON_DEATH: &str = r#"{"to":"ready","set":{}}"#;
    let begun = |ago_ms: u64, on_death: &str| {
        let since = (NOW_MS - ago_ms).to_string();
        with(
            running(),
            &[("begun", "1"), ("begun_ms", &since), ("on_death", on_death)],
        )
    };
    assert_eq!(faults(&begun(160_000, ON_DEATH)), []);
    assert_eq!(faults(&begun(160_001, ON_DEATH)), [Fault::IntentUnsettled]);
    assert_eq!(faults(&begun(1, "{}")), [Fault::IntentUnreadable]);
    assert_eq!(faults(&begun(1, "")), [Fault::IntentUnreadable]);
    assert_eq!(faults(&begun(1, r#"{"set":{}}"#)), [Fault::IntentUnreadable]);
    for state in [State::Ready, State::Waiting, State::Done] {
        let look = match state {
            State::Waiting => waiting(),
            state => ship(state),
        };
        assert_eq!(
            faults(&with(look, &[("begun", "1")])),
            [Fault::IntentLeft],
            "{state}"
        );
    }
}

#[test]
fn what_is_due_for_long_is_found() {
    for (mut look, state) in [
        (ship(State::Scheduled), State::Scheduled),
        (waiting(), State::Waiting),
    ] {
        look.sets.insert(state, NOW_MS - 60_001);
        assert_eq!(faults(&look), [Fault::DueOverdue], "{state}");
    }
}

#[test]
fn a_waiting_job_is_known_to_its_errand_and_found_by_a_name() {
    assert_eq!(
        faults(&JobLook {
            is_awaited: false,
            ..waiting()
        }),
        [Fault::WaitUnlisted]
    );
    assert_eq!(
        faults(&with(waiting(), &[("errand", "walk")])),
        [Fault::WaitUnlisted]
    );
    assert_eq!(faults(&with(waiting(), &[("watch", "")])), [Fault::WatchNone]);
    assert_eq!(
        faults(&JobLook {
            watch_missing: 1,
            ..waiting()
        }),
        [Fault::WatchLost]
    );
    // A gift order that waits for the catalogue is found by no row.
    let create = with(waiting(), &[("step", "cancel"), ("watch", "")]);
    assert_eq!(faults(&create), []);
}

#[test]
fn a_parked_job_belongs_to_a_parked_scope_that_knows_of_it() {
    assert_eq!(
        faults(&JobLook {
            is_blocked: false,
            ..parked()
        }),
        [Fault::ParkedLost]
    );
    assert_eq!(
        faults(&JobLook {
            is_scope_stopped: false,
            ..parked()
        }),
        [Fault::ParkedLost]
    );
    assert_eq!(
        faults(&with(parked(), &[("scope", "street:7")])),
        [Fault::ParkedLost]
    );
}
