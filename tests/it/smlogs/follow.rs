//! `-f`: every line once, and how the job ended.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use regex::Regex;
use rustix::process::Signal;
use serde_json::json;

use super::gate::Gate;
use super::story::{PLURAL, Story, assert_follows_tail, assert_same, lines};
use crate::support::process::Finished;

/// How long the longest of these jobs may be followed.
const LONG: Duration = Duration::from_mins(3);

/// Follows the job from before its first line to its end.
fn follow(story: &Story, name: &str, args: &[&str]) -> Finished {
    let all = ["trainingjob", name, "-f"].into_iter().chain(args.iter().copied());
    story.while_told(name, || story.smlogs(all).start().finish(LONG))
}

/// What was said after the job's end, without what differs from run to run.
fn last_words(story: &Story, followed: &Finished) -> String {
    let said: Vec<&str> = followed
        .stderr
        .lines()
        .skip_while(|line| !line.contains(" lines from ") && !line.starts_with("Failed"))
        .collect();
    let said = said.join("\n").replace(story.home.name(), "NAMESPACE");
    let numbers = Regex::new(r"\b\d+s\b|\b\d+ lines").expect("it is a pattern");
    numbers.replace_all(&said, "N").into_owned()
}

#[test]
fn four_hosts_that_flush_askew_are_followed_for_a_minute_and_every_line_comes_once() {
    let story = Story::at_speed("four-hosts", 20.0);
    story.job("four", 4, &json!({ "sandbox_training_seconds": "1200", "sandbox_lines_per_second": "10" }));
    // A neighbour whose name begins the same writes into the same group.
    story.aws.start_job("four-2", 1, &json!({ "sandbox_training_seconds": "1200" }));
    let begun = Instant::now();
    let followed = follow(&story, "four", &[]);
    assert_eq!(followed.code(), 0, "{}", followed.stderr);

    let printed = lines(&followed.stdout);
    assert!(printed.len() > 1500, "{} lines", printed.len());
    assert_same(&printed, &story.written("four"));
    assert!(
        followed.stderr.contains(&format!("{},{:03} lines from 4 hosts.", printed.len() / 1000, printed.len() % 1000)),
        "{}",
        followed.stderr
    );

    // A poll is one call, and more only where the service cuts its answer short.
    let mut polls = story.aws.calls("FilterLogEvents");
    polls.retain(|call| call.request.get("nextToken").is_none());
    let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap();
    assert!(polls.len() <= seconds + 5, "{} polls in {seconds} s", polls.len());
}

#[test]
fn lines_are_followed_through_throttling_resets_and_cut_answers() {
    let story = Story::at_speed("faults", 20.0);
    story.job("faulty", 2, &json!({ "sandbox_training_seconds": "300", "sandbox_lines_per_second": "10" }));
    let throttled = json!({ "error": { "code": "ThrottlingException", "message": "Rate exceeded", "status": 400 } });
    for (probability, action) in
        [(0.2, throttled), (0.05, json!("resetBefore")), (0.05, json!("resetAfter")), (0.02, json!("truncate"))]
    {
        story.aws.fault(&json!({ "operation": "FilterLogEvents", "probability": probability, "action": action }));
    }
    let followed = follow(&story, "faulty", &[]);
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_same(&lines(&followed.stdout), &story.written("faulty"));
}

#[test]
fn a_failed_job_is_told_with_its_reason_and_exit_code_3() {
    let story = Story::at_speed("failing", 50.0);
    story.job("failing", 1, &json!({ "sandbox_training_seconds": "50", "sandbox_outcome": "fail" }));
    let followed = follow(&story, "failing", &[]);
    assert_eq!(followed.code(), 3, "{}", followed.stderr);
    assert_snapshot!(last_words(&story, &followed), @r"
    Failed after N, billed N: AlgorithmError: ValueError: could not convert string to float: 'NaN?', exit code: 1
    N from 1 host.
    log: https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/TrainingJobs;prefix=failing/;streamFilter=typeLogStreamPrefix
    hint: kubectl describe trainingjob failing -n NAMESPACE
    ");
    assert_same(&lines(&followed.stdout), &story.written("failing"));
}

#[test]
fn a_job_that_ran_out_of_time_is_told_as_stopped_with_exit_code_4() {
    let story = Story::at_speed("stopped", 50.0);
    story.job("stopped", 1, &json!({ "sandbox_training_seconds": "50", "sandbox_outcome": "max-runtime" }));
    let followed = follow(&story, "stopped", &[]);
    assert_eq!(followed.code(), 4, "{}", followed.stderr);
    assert_snapshot!(last_words(&story, &followed), @"
    Stopped after N: MaxRuntimeExceeded, billed N. N from 1 host.
    log: https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/TrainingJobs;prefix=stopped/;streamFilter=typeLogStreamPrefix
    ");
}

#[test]
fn following_begins_before_the_job_has_a_name() {
    let story = Story::at_speed("early", 50.0);
    story.object("early", 1);
    let mut running = story.smlogs(["trainingjob/early", "-f"]).start();
    running.until_stderr_has("waiting for an operator to take up the job");
    story.aws.start_job("early", 1, &json!({ "sandbox_training_seconds": "100" }));
    let followed = story.while_told("early", || running.finish(LONG));
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_snapshot!(last_words(&story, &followed), @"
    Completed in N, billed N. N from 1 host.
    model: s3://somebody-else/output/early/output/model.tar.gz
    log: https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/TrainingJobs;prefix=early/;streamFilter=typeLogStreamPrefix
    ");
    assert_same(&lines(&followed.stdout), &story.written("early"));
}

#[test]
fn what_stands_in_the_way_of_a_job_is_said_while_waiting_until_ctrl_c() {
    let story = Story::at_speed("stalled", 50.0);
    story.object("stalled", 1);
    let condition = json!({
        "type": "Stalled", "status": "True", "reason": "AccessDenied", "lastTransitionTime": "2026-11-23T12:00:00Z",
        "message": "SageMaker refused it: iam:PassRole is not allowed",
    });
    story.home.report(PLURAL, "stalled", &json!({ "conditions": [condition] }));
    let mut running = story.smlogs(["trainingjob/stalled", "-f"]).start();
    running.until_stderr_has("hint:");
    running.signal(Signal::INT);
    let waited = running.finish(LONG);
    assert_eq!(waited.code(), 130);
    assert_snapshot!(waited.stderr.replace(story.home.name(), "NAMESPACE"), @r"
    waiting for the job: AccessDenied: SageMaker refused it: iam:PassRole is not allowed
    hint: kubectl describe trainingjob stalled -n NAMESPACE
    ");
}

#[test]
fn a_job_whose_object_is_deleted_is_followed_to_its_end() {
    let story = Story::at_speed("deleted", 50.0);
    story.job("deleted", 1, &json!({ "sandbox_training_seconds": "300", "sandbox_lines_per_second": "5" }));
    let mut running = story.smlogs(["trainingjob/deleted", "-f"]).start();
    running.until_stdout_has("deleted/algo-1-");
    story.home.delete(PLURAL, "deleted");
    running.until_stderr_has("was deleted; its job is followed to its end");
    let followed = running.finish(LONG);
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_same(&lines(&followed.stdout), &story.written("deleted"));
}

#[test]
fn a_job_that_ended_long_ago_is_followed_without_waiting() {
    let story = Story::at_speed("ended", 50.0);
    story.ended_job("ended", 2, &json!({ "sandbox_training_seconds": "100", "sandbox_lines_per_second": "5" }));
    let condition = json!({
        "type": "Complete", "status": "True", "reason": "Completed", "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    story.home.report(PLURAL, "ended", &json!({ "conditions": [condition] }));
    let polls = story.aws.calls("FilterLogEvents").len();
    let begun = Instant::now();
    let followed = story.smlogs(["trainingjob/ended", "-f"]).run();
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_same(&lines(&followed.stdout), &story.written("ended"));
    assert!(begun.elapsed() < Duration::from_secs(12), "it took {:?}", begun.elapsed());
    assert!(story.aws.calls("FilterLogEvents").len() <= polls + 5, "one listing is enough");
}

#[test]
fn following_from_the_last_lines_brings_those_and_all_new_ones() {
    let story = Story::at_speed("tail-follow", 20.0);
    story.job("tailed", 1, &json!({ "sandbox_training_seconds": "600", "sandbox_lines_per_second": "5" }));
    // Something has to be there before the tail of it can be asked for.
    story.until_shown("tailed", 60);
    let followed = follow(&story, "tailed", &["--tail", "7"]);
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_follows_tail(&lines(&followed.stdout), &story.written("tailed"), 7);
}

#[test]
fn more_lines_than_a_window_holds_are_followed_by_cursors() {
    let story = Story::at_speed("cursors", 20.0);
    story.job("busy", 2, &json!({ "sandbox_training_seconds": "800", "sandbox_lines_per_second": "300" }));
    let followed = follow(&story, "busy", &[]);
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_same(&lines(&followed.stdout), &story.written("busy"));
    assert!(!story.aws.calls("GetLogEvents").is_empty());
}

#[test]
fn credentials_that_expire_meanwhile_are_read_again() {
    let story = Story::at_speed("expired", 20.0);
    story.job("expired", 1, &json!({ "sandbox_training_seconds": "400", "sandbox_lines_per_second": "5" }));
    let mut running = story.smlogs(["trainingjob/expired", "-f"]).start();
    running.until_stdout_has("expired/algo-1-");
    let message = "The security token included in the request is expired";
    let expired = json!({ "error": { "code": "ExpiredTokenException", "message": message, "status": 400 } });
    story.aws.fault(&json!({ "operation": "FilterLogEvents", "count": 6, "action": expired }));
    let followed = story.while_told("expired", || {
        running.until_stderr_has("following on as soon as there are new ones");
        running.finish(LONG)
    });
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_same(&lines(&followed.stdout), &story.written("expired"));
}

#[test]
fn without_the_api_server_logs_are_followed_on_and_sagemaker_tells_their_end() {
    let story = Story::at_speed("away", 20.0);
    for name in ["away", "besides"] {
        story.job(name, 1, &json!({ "sandbox_training_seconds": "500", "sandbox_lines_per_second": "5" }));
    }
    let cluster = story.home.cluster();
    let gate = Gate::to(cluster.server());
    let flags = ["--server", &gate.address(), "--insecure-skip-tls-verify", "--token", cluster.token("admin")];
    let mut running = story.smlogs(["trainingjob", "away", "besides", "-f"]).args(flags).start();
    running.until_stdout_has("away/algo-1-");
    running.until_stdout_has("besides/algo-1-");
    gate.close();
    let note = "note: the API server does not answer";
    running.until_stderr_has(note);
    let followed = running.finish(LONG);
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_eq!(followed.stderr.matches(note).count(), 1, "once for both: {}", followed.stderr);
    let written = [story.written("away"), story.written("besides")].concat();
    assert_same(&lines(&followed.stdout), &written);
}

#[test]
fn several_jobs_are_followed_to_their_ends_and_the_worst_end_is_the_exit_code() {
    let story = Story::at_speed("several-followed", 50.0);
    story.job("good", 2, &json!({ "sandbox_training_seconds": "200", "sandbox_lines_per_second": "5" }));
    story.job("bad", 1, &json!({ "sandbox_training_seconds": "100", "sandbox_outcome": "fail" }));
    let followed = story.while_told("good", || {
        story.while_told("bad", || story.smlogs(["trainingjob", "good", "bad", "-f"]).start().finish(LONG))
    });
    assert_eq!(followed.code(), 3, "{}", followed.stderr);
    let mut written = story.written("good");
    written.extend(story.written("bad"));
    assert_same(&lines(&followed.stdout), &written);
    assert!(followed.stderr.contains("good: Completed in "), "{}", followed.stderr);
    assert!(followed.stderr.contains("bad: Failed after "), "{}", followed.stderr);
}

#[test]
fn following_ends_with_exit_code_5_when_its_time_is_up() {
    let story = Story::at_speed("timeout", 20.0);
    story.job("long", 1, &json!({ "sandbox_training_seconds": "6000" }));
    let followed = story.smlogs(["trainingjob/long", "-f", "--timeout", "3s"]).run();
    assert_eq!(followed.code(), 5, "{}", followed.stderr);
    assert!(followed.stderr.ends_with("gave up on trainingjob/long after 3s: --timeout\n"), "{}", followed.stderr);
}
