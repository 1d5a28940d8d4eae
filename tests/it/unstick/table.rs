//! Every row of the table: deleting or not, an operator or none, what AWS says, and what was asked for.

use std::thread;

use serde_json::json;

use super::ground::{Ground, Operator};
use crate::smlogs::story::PLURAL;

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is let go, and nothing in AWS is touched.
    Goes,
    /// The job is stopped, and it is let go.
    GoesAfterStop,
    /// All stays as it is, exit code 6.
    Stays,
}

use Fate::{Goes, GoesAfterStop, Stays};

/// What AWS says of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aws {
    Gone,
    Ended,
    Running,
    Denied,
    Unreachable,
}

/// What is asked for: the flags, with `NAME` for the object's.
const PLAIN: &[&str] = &["--yes"];
const STOP: &[&str] = &["--stop-aws", "--yes"];
const ABANDON: &[&str] = &["--abandon-aws-resource", "--confirm", "NAME"];
const FORCE: &[&str] = &["--force", "--confirm", "NAME"];
const FORCE_STOP: &[&str] = &["--force", "--stop-aws", "--confirm", "NAME"];
const FORCE_ABANDON: &[&str] = &["--force", "--abandon-aws-resource", "--confirm", "NAME"];

/// Whether it is being deleted, whether an operator is there, and what becomes of it if the job is over, runs, or is not
/// to be seen.
type Row = (bool, Operator, &'static [&'static str], [Fate; 3]);

const TABLE: [Row; 24] = [
    //                                        over   runs           unknown
    (true, Operator::Dead, PLAIN, /*       */ [Goes, Stays, Stays]),
    (true, Operator::Dead, STOP, /*        */ [Goes, GoesAfterStop, Stays]),
    (true, Operator::Dead, ABANDON, /*     */ [Goes, Goes, Goes]),
    (true, Operator::Dead, FORCE, /*       */ [Goes, Stays, Stays]),
    (true, Operator::Dead, FORCE_STOP, /*  */ [Goes, GoesAfterStop, Stays]),
    (true, Operator::Dead, FORCE_ABANDON, /**/ [Goes, Goes, Goes]),
    (true, Operator::Alive, PLAIN, /*      */ [Stays, Stays, Stays]),
    (true, Operator::Alive, STOP, /*       */ [Stays, Stays, Stays]),
    (true, Operator::Alive, ABANDON, /*    */ [Stays, Stays, Stays]),
    (true, Operator::Alive, FORCE, /*      */ [Goes, Stays, Stays]),
    (true, Operator::Alive, FORCE_STOP, /* */ [Goes, GoesAfterStop, Stays]),
    (true, Operator::Alive, FORCE_ABANDON, /**/ [Goes, Goes, Goes]),
    (false, Operator::Dead, PLAIN, /*      */ [Stays, Stays, Stays]),
    (false, Operator::Dead, STOP, /*       */ [Stays, Stays, Stays]),
    (false, Operator::Dead, ABANDON, /*    */ [Stays, Stays, Stays]),
    (false, Operator::Dead, FORCE, /*      */ [Goes, Stays, Stays]),
    (false, Operator::Dead, FORCE_STOP, /* */ [Goes, GoesAfterStop, Stays]),
    (false, Operator::Dead, FORCE_ABANDON, /**/ [Goes, Goes, Goes]),
    (false, Operator::Alive, PLAIN, /*     */ [Stays, Stays, Stays]),
    (false, Operator::Alive, STOP, /*      */ [Stays, Stays, Stays]),
    (false, Operator::Alive, ABANDON, /*   */ [Stays, Stays, Stays]),
    (false, Operator::Alive, FORCE, /*     */ [Goes, Stays, Stays]),
    (false, Operator::Alive, FORCE_STOP, /**/ [Goes, GoesAfterStop, Stays]),
    (false, Operator::Alive, FORCE_ABANDON, /**/ [Goes, Goes, Goes]),
];

/// Plays the rows of one column, those of each operator beside the others.
fn play(aws: Aws) {
    thread::scope(|scope| {
        for operator in [Operator::Dead, Operator::Alive] {
            scope.spawn(move || play_with(aws, operator));
        }
    });
}

fn play_with(aws: Aws, operator: Operator) {
    let ground = Ground::new("table", operator);
    let rows = || TABLE.iter().enumerate().filter(|(_, row)| row.1 == operator);
    for (number, (deleting, ..)) in rows() {
        let name = format!("job-{number}");
        ground.held(&name);
        match aws {
            Aws::Gone => ground.aws.forget_job(&name),
            Aws::Ended => ground.end(&name),
            Aws::Running | Aws::Denied | Aws::Unreachable => {}
        }
        if *deleting {
            ground.home.delete(PLURAL, &name);
        }
    }
    match aws {
        Aws::Denied => {
            ground.aws.deny("sagemaker:DescribeTrainingJob");
        }
        Aws::Unreachable => {
            ground.aws.fault(&json!({ "operation": "DescribeTrainingJob", "action": "resetBefore" }));
        }
        Aws::Gone | Aws::Ended | Aws::Running => {}
    }
    for (number, (deleting, _, flags, fates)) in rows() {
        let fate = match aws {
            Aws::Gone | Aws::Ended => fates[0],
            Aws::Running => fates[1],
            Aws::Denied | Aws::Unreachable => fates[2],
        };
        check(&ground, &format!("job-{number}"), *deleting, flags, fate);
    }
}

/// Unsticks one object, and looks at what has become of it and of its job.
fn check(ground: &Ground, name: &str, deleting: bool, flags: &[&str], fate: Fate) {
    let stops = ground.stops(name);
    let finished = ground.unstick([name].into_iter().chain(flags.iter().map(|flag| flag_of(flag, name))));
    let row = format!("{name}, {flags:?}: {fate:?}\n{}{}", finished.stdout, finished.stderr);
    assert_eq!(finished.code(), if fate == Stays { 6 } else { 0 }, "{row}");
    assert_eq!(finished.stdout.contains(&format!("trainingjob/{name} released")), fate != Stays, "{row}");
    // An object that nobody has deleted goes on without what held it.
    let object = ground.home.get(PLURAL, name);
    let is_held = object.as_ref().is_some_and(|object| object["metadata"]["finalizers"].is_array());
    assert_eq!(is_held, fate == Stays, "{row}");
    assert_eq!(object.is_some(), fate == Stays || !deleting, "{row}");
    assert_eq!(ground.stops(name) - stops, usize::from(fate == GoesAfterStop), "{row}");
    if fate == GoesAfterStop {
        assert_eq!(ground.word(name), "Stopped", "{row}");
    }
}

fn flag_of<'a>(flag: &'a str, name: &'a str) -> &'a str {
    if flag == "NAME" { name } else { flag }
}

#[test]
fn an_object_whose_job_is_gone() {
    play(Aws::Gone);
}

#[test]
fn an_object_whose_job_has_ended() {
    play(Aws::Ended);
}

#[test]
fn an_object_whose_job_runs() {
    play(Aws::Running);
}

#[test]
fn an_object_whose_job_may_not_be_looked_at() {
    play(Aws::Denied);
}

#[test]
fn an_object_whose_job_cannot_be_reached() {
    play(Aws::Unreachable);
}
