//! Several logs at once, and logs of kinds that have more than one stream of their own.

use chrono::Utc;
use insta::assert_snapshot;
use serde_json::json;

use super::put::put;
use super::story::{PLURAL, Story, assert_same, lines, missing};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::process::Finished;

const TRAINING: &str = "/aws/sagemaker/TrainingJobs";

/// The first answer that holds that many lines: the service shows a line a moment after it has taken it in.
fn until_lines(story: &Story, args: &[&str], count: usize) -> Finished {
    eventually(&format!("{count} lines"), PATIENCE, || {
        let finished = story.smlogs(args.iter().copied()).run();
        if finished.stdout.lines().count() == count { Ok(finished) } else { Err(format!("{finished:?}")) }
    })
}

#[test]
fn several_jobs_are_one_log_in_the_order_of_time() {
    let story = Story::at_speed("several", 50.0);
    let knobs = json!({ "sandbox_training_seconds": "60", "sandbox_lines_per_second": "20" });
    for name in ["one", "two"] {
        story.job(name, 2, &json!({ "sandbox_flush_seconds": "0", "sandbox_training_seconds": "60", "sandbox_lines_per_second": "20" }));
        story.home.patch(PLURAL, name, &json!({ "metadata": { "labels": { "set": story.home.name() } } })).unwrap();
    }
    story.ended_job("three", 1, &knobs);
    for name in ["one", "two"] {
        eventually("the end of the job", PATIENCE, || if story.tell(name) { Ok(()) } else { Err(name.to_owned()) });
    }
    let mut written = story.written("one");
    written.extend(story.written("two"));

    let both = until_lines(&story, &["trainingjob", "one", "two"], written.len());
    assert_eq!(both.code(), 0, "{}", both.stderr);
    assert_snapshot!(both.stderr, @r#"
    "one" has SageMaker TrainingJobName "one" in region "us-west-2", status "Completed" and secondary status "Completed"
    "two" has SageMaker TrainingJobName "two" in region "us-west-2", status "Completed" and secondary status "Completed"
    "#);
    let printed = lines(&both.stdout);
    assert_eq!(missing(&written, &printed), Vec::<String>::new());
    let time = |line: &String| line.split(' ').skip(1).take(2).collect::<Vec<_>>().join(" ");
    let seconds = |line: &String| time(line).split('.').next().unwrap_or_default().to_owned();
    assert!(printed.is_sorted_by_key(seconds), "in the order of time");

    let set = format!("set={}", story.home.name());
    for other in [
        &["trainingjob/one", "TrainingJobs/two"][..],
        &["trainingjob", "two", "trainingjob", "one"],
        &["trainingjobs", "-l", &set],
        &["trainingjobs", "-A", "-l", &set],
        &["trainingjobs", "--all", "-l", &set],
    ] {
        assert_eq!(
            missing(&printed, &lines(&story.smlogs(other.iter().copied()).run().ok())),
            Vec::<String>::new(),
            "{other:?}"
        );
    }
    let all = story.smlogs(["trainingjobs", "--all"]).run();
    assert_eq!(all.stderr.lines().count(), 3, "{}", all.stderr);
    assert_eq!(all.stdout.lines().count(), printed.len() + story.written("three").len());

    // The last two lines of each, with the jobs' names where people read.
    let short = story.smlogs(["trainingjob", "one", "two", "--tail", "2", "-o", "short"]).run().ok();
    let mut heads: Vec<String> =
        short.lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect();
    heads.sort();
    assert_eq!(heads, ["one", "one", "two", "two"], "{short}");
}

#[test]
fn long_logs_that_are_read_together_share_the_quota() {
    let story = Story::at_speed("shared", 50.0);
    let knobs = json!({
        "sandbox_training_seconds": "200", "sandbox_lines_per_second": "10000", "sandbox_line_bytes": "120",
        "sandbox_flush_seconds": "0",
    });
    let names = ["one", "two", "three"];
    for name in names {
        story.job(name, 2, &knobs);
    }
    for name in names {
        eventually("the end of the job", PATIENCE, || if story.tell(name) { Ok(()) } else { Err(name.to_owned()) });
        story.until_shown(name, story.written(name).len());
    }
    let before = story.aws.journal().len();
    story.aws.set_quotas(true);
    let read = story.smlogs(["trainingjobs", "--all"]).run();
    assert_eq!(read.code(), 0, "{}", read.stderr);
    let written: Vec<String> = names.iter().flat_map(|name| story.written(name)).collect();
    assert_same(&lines(&read.stdout), &written);
    let calls = story.aws.journal().split_off(before);
    let throttled = calls.iter().filter(|call| call.outcome == "ThrottlingException").count();
    assert!(calls.len() > 30, "so many are beyond what the service grants at once: {}", calls.len());
    assert!(throttled <= 2, "{throttled} of {} calls were refused", calls.len());
}

#[test]
fn what_is_missing_is_told_and_the_rest_is_read() {
    let story = Story::at_speed("partly", 50.0);
    story.ended_job("here", 1, &json!({ "sandbox_training_seconds": "20" }));
    let read = until_lines(&story, &["trainingjob", "here"], story.written("here").len());
    let partly = story.smlogs(["trainingjob", "here", "there"]).run();
    assert_eq!(partly.stdout, read.stdout);
    assert_eq!(partly.code(), 1);
    assert_snapshot!(partly.stderr.replace(story.home.name(), "NAMESPACE"), @r#"
    error: trainingjob "there" not found in namespace "NAMESPACE"
    did you mean: here
    "here" has SageMaker TrainingJobName "here" in region "us-west-2", status "Completed" and secondary status "Completed"
    "#);
    let none = story.smlogs(["trainingjob", "-l", "set=empty"]).run();
    assert_eq!(none.code(), 1);
    assert_snapshot!(none.stderr.replace(story.home.name(), "NAMESPACE"), @r#"
    error: there is no trainingjob with labels set=empty in namespace "NAMESPACE"
    hint: kubectl get trainingjob -A --show-labels
    "#);
}

#[test]
fn a_job_without_an_object_is_read_by_its_name_and_without_a_cluster() {
    let story = Story::at_speed("jobless", 50.0);
    story.ended_job("orphan", 1, &json!({ "sandbox_training_seconds": "20" }));
    let args = ["trainingjob", "--job", "orphan", "--region", "us-west-2"];
    let with_object = until_lines(&story, &["trainingjob", "orphan"], story.written("orphan").len());
    let without = story.smlogs(args).env("KUBECONFIG", "/nonexistent").env("HOME", "/nonexistent").run();
    assert_eq!(without.code(), 0, "{}", without.stderr);
    assert_eq!(without.stdout, with_object.stdout);
    assert_snapshot!(without.stderr, @"orphan  TrainingJob  us-west-2");
}

#[test]
fn the_trials_of_a_tuning_job_are_one_log_without_its_neighbours() {
    let story = Story::at_speed("trials", 50.0);
    let now = Utc::now().timestamp_millis();
    for (at, job) in [(3, "hpo-001-0a1b2c3d"), (1, "hpo-002-4e5f6a7b"), (2, "hpo-2-001-00000000"), (4, "hpo-extra")] {
        put(&story.aws, TRAINING, &format!("{job}/algo-1-{}", now / 1000), &[(now + at, job), (now + at + 10, "last")]);
    }
    let tuning = ["hyperparametertuningjob", "--job", "hpo", "-o", "short"];
    let read = |more: &[&str], count: usize| {
        let args: Vec<&str> = tuning.iter().chain(more).copied().collect();
        let text = until_lines(&story, &args, count).stdout;
        let words = |line: &str| line.split(' ').filter(|word| !word.contains(':')).collect::<Vec<_>>().join(" ");
        text.lines().map(words).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(read(&[], 4), @r"
    002-4e5f6a7b algo-1 hpo-002-4e5f6a7b
    001-0a1b2c3d algo-1 hpo-001-0a1b2c3d
    002-4e5f6a7b algo-1 last
    001-0a1b2c3d algo-1 last
    ");
    assert_snapshot!(read(&["--trial", "2"], 2), @r"
    002-4e5f6a7b algo-1 hpo-002-4e5f6a7b
    002-4e5f6a7b algo-1 last
    ");
    assert_snapshot!(read(&["--trial", "hpo-001-0a1b2c3d"], 2), @r"
    algo-1 hpo-001-0a1b2c3d
    algo-1 last
    ");
    assert_snapshot!(read(&["--tail", "1"], 1), @"001-0a1b2c3d algo-1 last");
    let slip = story.smlogs(["hyperparametertuningjob", "--job", "hpp"]).run();
    assert_eq!(slip.code(), 1);
    assert_snapshot!(slip.stderr, @r#"
    hpp  HyperparameterTuningJob  us-west-2
    error: no log of hyperparametertuningjob "hpp" in us-west-2
    did you mean: hpo
    "#);
    let misplaced = story.smlogs(["trainingjob", "--job", "x", "--trial", "1"]).run();
    assert_eq!(misplaced.code(), 2);
    assert_snapshot!(misplaced.stderr, @r"
    error: a trainingjob has no trials
    hint: --trial is for hyperparametertuningjob
    ");
}

#[test]
fn an_endpoint_is_read_from_its_own_group() {
    let story = Story::at_speed("endpoint", 50.0);
    let now = Utc::now().timestamp_millis();
    let group = "/aws/sagemaker/Endpoints/churn";
    for (at, stream) in [(1, "blue/i-0abc"), (2, "blue/i-0abc/data-log"), (3, "green/i-0def"), (4, "blue-2/i-0123")] {
        put(&story.aws, group, stream, &[(now + at, stream)]);
    }
    let read = |more: &[&str], count: usize| {
        let args: Vec<&str> = ["hostingdeployment", "--job", "churn", "-o", "v1"].iter().chain(more).copied().collect();
        let text = until_lines(&story, &args, count).stdout;
        text.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(read(&[], 4), "blue/i-0abc blue/i-0abc/data-log green/i-0def blue-2/i-0123");
    assert_eq!(read(&["--variant", "blue"], 2), "blue/i-0abc blue/i-0abc/data-log");
    assert_eq!(read(&["-p", "green"], 1), "green/i-0def");
    assert_eq!(read(&["--tail", "1"], 1), "blue-2/i-0123");
    let slip = story.smlogs(["hostingdeployment", "--job", "chrun"]).run();
    assert_eq!(slip.code(), 1);
    assert_snapshot!(slip.stderr, @r#"
    chrun  HostingDeployment  us-west-2
    error: no log of hostingdeployment "chrun" in us-west-2
    did you mean: churn
    "#);
}
