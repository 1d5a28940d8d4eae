//! `kubectl sagemaker logs` is `kubectl smlogs`, argument by argument.

use std::fs;

use insta::assert_snapshot;
use serde_json::json;

use crate::smlogs::story::Story;
use crate::support::built::binaries;
use crate::support::process::Program;

/// All that a program leaves.
fn left(program: Program) -> (String, String, i32) {
    let finished = program.run();
    (finished.stdout.clone(), finished.stderr.clone(), finished.code())
}

#[test]
fn every_argument_and_the_exit_code_are_passed_on() {
    let story = Story::at_speed("passed-on", 50.0);
    story.ended_job("job", 1, &json!({ "sandbox_training_seconds": "5", "sandbox_outcome": "fail" }));
    let same = |typed: &[&'static str], passed: &[&'static str]| {
        let logs = left(story.home.plugin("kubectl-sagemaker", &story.aws, typed.iter().copied()));
        assert_eq!(logs, left(story.smlogs(passed.iter().copied())), "{typed:?}");
        logs
    };
    let (stdout, _, code) = same(&["logs", "trainingjob", "job", "-f"], &["trainingjob", "job", "-f"]);
    assert!(code == 3 && !stdout.is_empty(), "{code}\n{stdout}");
    same(&["logs", "trainingjob/job", "--tail", "-1", "-o", "raw"], &["trainingjob/job", "--tail", "-1", "-o", "raw"]);
    // What both know, and what only the one that is called may judge.
    same(&["--context", "admin", "logs", "trainingjob/job"], &["--context", "admin", "trainingjob/job"]);
    same(&["logs", "logs", "--color", "pink"], &["logs", "--color", "pink"]);
    let (help, _, code) = same(&["logs", "--help"], &["--help"]);
    assert!(code == 0 && help.contains("Usage: kubectl smlogs"), "{help}");
    same(&["help", "logs"], &["--help"]);
    // `logs` may be a name too.
    let other = left(story.home.plugin("kubectl-sagemaker", &story.aws, ["status", "logs"]));
    assert_eq!(other.2, 1, "{}", other.1);
    assert!(other.1.starts_with("error: object \"logs\" not found"), "{}", other.1);
}

#[test]
fn without_the_other_plugin_it_is_told_what_to_do() {
    let story = Story::at_speed("left-alone", 50.0);
    // On the same file system, so that the program need not be copied.
    let folder = tempfile::tempdir_in(binaries()).expect("there is room for a folder");
    let alone = folder.path().join("kubectl-sagemaker");
    fs::hard_link(binaries().join("kubectl-sagemaker"), &alone).expect("a file can have two names");
    let logs = || story.home.cluster().program(&alone).args(["logs", "trainingjob", "job"]);
    let (stdout, stderr, code) = left(logs().env("PATH", "/nonexistent"));
    assert_snapshot!(format!("{stdout}{stderr}exit {code}"), @r"
    error: kubectl-smlogs, which reads logs, is not installed
    hint: put it beside kubectl-sagemaker, or into a folder of PATH
    exit 1
    ");
    // It is on the PATH of tests.
    let (_, stderr, code) = left(logs().args(["-n", story.home.name()]));
    assert_eq!(code, 1);
    assert!(stderr.starts_with("error: trainingjob \"job\" not found"), "{stderr}");
}
