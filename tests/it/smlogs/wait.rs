//! `--wait`, and following a job that has no object.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use insta::assert_snapshot;
use regex::Regex;
use rustix::process::Signal;
use serde_json::json;

use super::gate::Gate;
use super::story::{PLURAL, QUIET, Story, assert_same, lines};
use crate::support::eventually;
use crate::support::process::Finished;

/// How long the longest of these jobs may be followed.
const LONG: Duration = Duration::from_mins(3);

/// What was said, without what differs from run to run.
fn said(story: &Story, finished: &Finished) -> String {
    let text = finished.stderr.replace(story.home.name(), "NAMESPACE");
    let text = Regex::new(r#"status "\w*""#).expect("a pattern").replace_all(&text, "status WORD");
    let text = Regex::new(r"\b(\d+m)?\d+s\b").expect("a pattern").replace_all(&text, "TIME");
    let text = Regex::new(r"\b[\d,]+ lines").expect("a pattern").replace_all(&text, "N lines");
    format!("{text}exit {}", finished.code())
}

#[test]
fn an_object_that_is_yet_to_be_made_is_waited_for() {
    let story = Story::at_speed("late", 50.0);
    let mut running = story.smlogs(["trainingjob/late", "--wait", "--quiet-for", QUIET]).start();
    running.until_stderr_has("waiting for trainingjob/late to be made");
    story.job("late", 1, &json!({ "sandbox_training_seconds": "200", "sandbox_lines_per_second": "5" }));
    let followed = story.while_told("late", || running.finish(LONG));
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_same(&lines(&followed.stdout), &story.written("late"));
}

#[test]
fn an_api_server_that_goes_silent_is_mentioned_while_waiting() {
    let story = Story::at_speed("silent", 50.0);
    let cluster = story.home.cluster();
    for args in [&["trainingjob/late"][..], &["trainingjob", "--all"]] {
        let gate = Gate::to(cluster.server());
        let flags = ["--server", &gate.address(), "--insecure-skip-tls-verify", "--token", cluster.token("admin")];
        let mut running = story.smlogs(args.iter().copied()).args(["--wait"]).args(flags).start();
        running.until_stderr_has("to be made");
        gate.close();
        running.until_stderr_has("note: the API server does not answer");
        running.signal(Signal::INT);
        let waited = running.finish(LONG);
        assert_eq!(waited.code(), 130, "{}", waited.stderr);
        assert!(waited.stderr.trim_end().ends_with("; still waiting"), "{}", waited.stderr);
    }
}

#[test]
fn objects_with_a_label_are_waited_for() {
    let story = Story::at_speed("labelled", 50.0);
    let mut running = story.smlogs(["trainingjob", "-l", "team=late", "--wait", "--quiet-for", QUIET]).start();
    running.until_stderr_has("waiting for a trainingjob with labels team=late to be made");
    story.job("labelled", 1, &json!({ "sandbox_training_seconds": "100", "sandbox_lines_per_second": "5" }));
    story.home.patch(PLURAL, "labelled", &json!({ "metadata": { "labels": { "team": "late" } } })).unwrap();
    let followed = story.while_told("labelled", || running.finish(LONG));
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_same(&lines(&followed.stdout), &story.written("labelled"));
}

#[test]
fn waiting_ends_when_its_time_is_up() {
    let story = Story::at_speed("never", 50.0);
    let waited = story.smlogs(["trainingjob", "never", "nor-this", "--wait", "--timeout", "2s"]).run();
    assert_snapshot!(said(&story, &waited), @r"
    waiting for trainingjob/never and trainingjob/nor-this to be made
    error: gave up on trainingjob/never and trainingjob/nor-this after TIME: --timeout
    exit 5
    ");
    let deaf = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let server = format!("https://{}", deaf.local_addr().expect("it is bound"));
    let unheard = ["--server", &server, "--insecure-skip-tls-verify", "--token", "none"];
    let unheard = story.smlogs(["trainingjob", "never", "-f", "--timeout", "2s"]).args(unheard).run();
    assert_snapshot!(said(&story, &unheard), @r"
    error: gave up on finding what is meant after TIME: --timeout
    exit 5
    ");
    let slip = story.smlogs(["trainingjob", "never", "--wait", "--context", "amdin"]).run();
    assert_snapshot!(said(&story, &slip), @r#"
    error: the kubeconfig has no context "amdin"
    did you mean: admin
    hint: kubectl config get-contexts
    exit 1
    "#);
    let useless = story.smlogs(["trainingjob", "never", "--timeout", "2s"]).run();
    assert_snapshot!(said(&story, &useless), @r"
    error: --timeout is for following
    hint: use it with -f or --wait
    exit 2
    ");
}

#[test]
fn a_job_without_an_object_is_followed_to_its_end() {
    let story = Story::at_speed("ownerless", 20.0);
    let follow = |args: &[&str]| {
        let all = ["trainingjob", "-f", "--quiet-for", "8s", "--region", "us-west-2", "--job"];
        let smlogs = story.smlogs(all.into_iter().chain(args.iter().copied()));
        smlogs.env("KUBECONFIG", "/nonexistent").env("HOME", "/nonexistent")
    };
    story.aws.start_job("orphan", 2, &json!({ "sandbox_training_seconds": "200", "sandbox_lines_per_second": "5" }));
    let knobs = json!({ "sandbox_training_seconds": "100", "sandbox_outcome": "fail", "sandbox_flush_seconds": "1" });
    story.aws.start_job("orphan-2", 1, &knobs);
    let (first, second) = (follow(&["orphan"]).start(), follow(&["orphan-2"]).start());
    let (first, second) = (first.finish(LONG), second.finish(LONG));
    assert_same(&lines(&first.stdout), &story.written("orphan"));
    let waited = |text: String| {
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("waiting for")).collect();
        lines.join("\n")
    };
    assert_snapshot!(waited(said(&story, &first)));
    assert_same(&lines(&second.stdout), &story.written("orphan-2"));
    assert_snapshot!(waited(said(&story, &second)));

    assert_snapshot!(said(&story, &follow(&["orphen"]).run()), @r#"
    error: SageMaker knows no trainingjob "orphen" in us-west-2
    did you mean: orphan
    exit 1
    "#);
    let mut running = follow(&["younger", "--wait"]).start();
    running.until_stderr_has("waiting for trainingjob/younger to be made");
    story.aws.start_job("younger", 1, &json!({ "sandbox_training_seconds": "100", "sandbox_flush_seconds": "1" }));
    let younger = running.finish(LONG);
    assert_eq!(younger.code(), 0, "{}", younger.stderr);
    assert_same(&lines(&younger.stdout), &story.written("younger"));

    story.aws.deny("sagemaker:DescribeTrainingJob");
    let mut denied = follow(&["orphan"]).start();
    denied.until_stderr_has("note: SageMaker does not tell of the job");
    let written = story.written("orphan");
    eventually("all lines", LONG, || {
        let shown = denied.stdout().lines().count();
        if shown == written.len() { Ok(()) } else { Err(format!("{shown} lines")) }
    });
    denied.signal(Signal::INT);
    let denied = denied.finish(LONG);
    assert_eq!(denied.code(), 130, "{}", denied.stderr);
    assert_same(&lines(&denied.stdout), &written);
}

#[test]
fn context_has_no_place_in_a_resume_file() {
    let story = Story::at_speed("context", 50.0);
    let both = story.smlogs(["trainingjob", "a", "--grep", "x", "-C", "2", "--resume", "cursor"]).run();
    assert_snapshot!(said(&story, &both), @r"
    error: --resume cannot keep account of context: -B, --after-context or -C
    hint: leave them out, or search the output: grep -C
    exit 2
    ");
}
