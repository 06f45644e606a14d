//! What the demo shows: an ERP's file on its way to the vendor, with all that goes wrong on a usual day.

mod closing;
mod erp;
mod milestones;
mod scene;

use std::time::{Duration, Instant};

use parceld_harness::wait_until;

use self::erp::{CLOSED_TID, CUT_KEY, JOBS, SHUT, SHUT_SHOP};
use self::milestones::{Milestone, WHILE_DRAINING};
use self::scene::Scene;
use crate::json::Json;
use crate::stage::{ORDERS, Stage};

/// Short waits, so that a minute is enough; the limit of calls is the real one.
pub(crate) const SETTINGS: &str = r#"
vendor.timeout = "3s"
vendor.settle_time = "3s"
worker.lease = "10s"
gift_order.poll_initial = "3s"
"#;

/// The whole takes a quarter of this on a machine with nothing else to do.
const CHAPTER_BOUND: Duration = Duration::from_secs(60);

/// What `enqueue` answers with when it has refused a line.
const EXIT_BAD_INPUT: i32 = 65;

/// Plays the story and prints what happens; an error says what did not come out as told.
pub(crate) fn tell(stage: &mut Stage) -> Result<(), String> {
    set_up_the_vendor(stage)?;
    println!("An ERP has work for a vendor that allows 10 calls a second. parceld does it.");
    hand_in(stage)?;
    let start = drain(stage)?;
    authorise(stage, start)?;
    close(stage)
}

/// What the vendor and the network will do to us.
fn set_up_the_vendor(stage: &Stage) -> Result<(), String> {
    stage.simulator.change(&format!(
        r#"{{"shops": {{"{SHUT_SHOP}": "unauthorised"}}, "trades": {{"{CLOSED_TID}": {{"standing": "closed"}}}}}}"#
    ))?;
    stage.simulator.inject(&format!(
        r#"[{{"endpoint": "submit-payment", "when": "after", "match": {{"remark": "{CUT_KEY}"}}, "fault": {{"cut": true}}}}]"#
    ))
}

fn hand_in(stage: &Stage) -> Result<(), String> {
    let file = erp::file();
    stage.folder.write(ORDERS, &file)?;
    chapter(
        1,
        "The ERP writes a file, one JSON object a line, and hands it in:",
    );
    let sample = file.lines().next().unwrap_or_default();
    println!(
        "   {}\n    …",
        sample.replace(",\"payload\"", ",\n    \"payload\"")
    );
    typed(&format!("parceld enqueue {ORDERS}"));
    let ran = stage.program.run(&["enqueue", ORDERS])?;
    if ran.code != Some(EXIT_BAD_INPUT) {
        return Err(format!(
            "enqueue left with {:?} instead of {EXIT_BAD_INPUT}: {}",
            ran.code, ran.stderr
        ));
    }
    let mut taken_in = 0;
    for answer in ran.stdout.lines() {
        let answer = Json::parse(answer)?;
        let line = answer.get("line").count();
        if !answer.get("error").text().is_empty() {
            println!("   line {line}: refused, {}", answer.get("error").text());
        } else if answer.get("duplicate") == &Json::Bool(true) {
            let key = answer.get("key").text();
            println!("   line {line}: {key} is in already; it answers the same id and is shipped once");
        } else {
            taken_in += 1;
        }
    }
    println!("   {taken_in} jobs are in and survive a loss of power from here on");
    if taken_in == JOBS {
        Ok(())
    } else {
        Err(format!("{taken_in} jobs were taken in instead of {JOBS}"))
    }
}

/// Answers when the worker started.
fn drain(stage: &mut Stage) -> Result<Instant, String> {
    chapter(2, "A worker drains them. In front, the seconds since it started:");
    typed("parceld worker");
    let start = Instant::now();
    stage.start_worker()?;
    let mut open = WHILE_DRAINING.to_vec();
    wait_until("the file is drained", CHAPTER_BOUND, || {
        stage.still_plays()?;
        let scene = Scene::look(&stage.program, &stage.simulator)?;
        open.retain(|milestone| !told(milestone, &scene, start));
        match open.first() {
            None => Ok(()),
            Some(next) => Err(format!("not yet: {}; {:?}", next.name, scene.stats.get("states"))),
        }
    })?;
    Ok(start)
}

fn told(milestone: &Milestone, scene: &Scene, start: Instant) -> bool {
    let words = (milestone.words)(scene);
    if let Some(words) = &words {
        happened(start, words);
    }
    words.is_some()
}

fn authorise(stage: &Stage, start: Instant) -> Result<(), String> {
    chapter(
        3,
        &format!("The owner of shop {SHUT_SHOP} has opened the link. An operator lets the shop go on:"),
    );
    stage
        .simulator
        .change(&format!(r#"{{"shops": {{"{SHUT_SHOP}": "authorised"}}}}"#))?;
    let scope = format!("shop:{SHUT_SHOP}");
    typed(&format!("parceld resume {scope}"));
    let ran = stage.program.run(&["resume", &scope])?;
    if ran.code != Some(0) {
        return Err(format!("resume left with {:?}: {}", ran.code, ran.stderr));
    }
    wait_until("the shop's shipments are done", CHAPTER_BOUND, || {
        let stats = stage.program.stats()?;
        let states = stats.get("states");
        if states.get("done").count() == JOBS - 1 {
            Ok(())
        } else {
            Err(format!("{states:?}"))
        }
    })?;
    happened(start, &format!("its {SHUT} shipments are done"));
    Ok(())
}

fn close(stage: &Stage) -> Result<(), String> {
    let scene = Scene::look(&stage.program, &stage.simulator)?;
    chapter(4, "What came of it:");
    closing::print_table(&scene);
    println!();
    closing::judge(&scene)
}

fn chapter(number: u8, words: &str) {
    println!("\n{number}. {words}\n");
}

fn typed(command: &str) {
    println!("   $ {command}");
}

fn happened(start: Instant, words: &str) {
    let mut lines = words.lines();
    println!(
        "   {:5.1} s  {}",
        start.elapsed().as_secs_f64(),
        lines.next().unwrap_or_default()
    );
    for line in lines {
        println!("            {line}");
    }
}
