//! `kubectl sagemaker metrics` of jobs that ended and of one that runs, judged by what the simulator says they logged.

use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};

use crate::smlogs::story::Story;
use crate::support::eventually::PATIENCE;
use crate::support::process::Program;

fn metrics<'a>(story: &Story, args: impl IntoIterator<Item = &'a str>) -> Program {
    story.home.plugin("kubectl-sagemaker", &story.aws, std::iter::once("metrics").chain(args))
}

/// A training by xgboost, once it has ended.
fn ended(about: &str) -> Story {
    let story = Story::at_speed(about, 50.0);
    story.ended_job("mnist", 2, &json!({ "sandbox_training_seconds": "300", "sandbox_lines_per_second": "20" }));
    story
}

/// The rounds of the first host and their training errors, as the log has them.
fn rounds(story: &Story) -> Vec<(String, String)> {
    let line = Regex::new(r"algo-1-\d+\t\[(\d+)\]#011train-error:([0-9.]+)").expect("it is a pattern");
    let lines = story.aws.truth_lines("mnist");
    lines.iter().filter_map(|it| line.captures(it)).map(|it| (it[1].to_owned(), it[2].to_owned())).collect()
}

/// What both streams said.
fn said(story: &Story, args: &[&str]) -> String {
    let finished = metrics(story, args.iter().copied()).run();
    let text = format!("{}---\n{}exit {}", finished.stdout, finished.stderr, finished.code());
    text.replace(story.home.name(), "NAMESPACE")
}

#[test]
fn each_value_of_the_first_host_is_told_in_its_order() {
    let story = ended("metrics");
    let rounds = rounds(&story);
    assert!(rounds.len() > 50, "{rounds:?}");

    let rows = metrics(&story, ["mnist", "-o", "csv"]).run().ok();
    let row = Regex::new(r"(?m)^train-error,round,(\d+),\d{4}-\d\d-\d\dT[0-9:.]+Z,([0-9.]+)$").unwrap();
    let told: Vec<(String, f64)> =
        row.captures_iter(&rows).map(|it| (it[1].to_owned(), it[2].parse().unwrap())).collect();
    let logged: Vec<(String, f64)> =
        rounds.iter().map(|(round, error)| (round.clone(), error.parse().unwrap())).collect();
    assert_eq!(told, logged);
    assert!(rows.starts_with("metric,count,number,time,value\n"), "{rows}");

    let lines = metrics(&story, ["trainingjob/mnist", "-o", "json", "--metric", "train-error"]).run().ok();
    let told: Vec<(f64, f64)> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|it| (it["round"].as_f64().unwrap(), it["value"].as_f64().unwrap()))
        .collect();
    assert_eq!(told.len(), rounds.len());
    assert_eq!(told[0], (0.0, logged[0].1));

    let curves = metrics(&story, ["trainingjob", "mnist"]).run().ok();
    let (round, error) = &logged[logged.len() - 1];
    let now = format!("train-error   now {error} (round {round})   best ");
    assert!(curves.contains(&now), "{now}\n{curves}");
    assert!(curves.lines().all(|line| line.chars().count() <= 80), "{curves}");
    assert_eq!(curves.lines().filter(|line| line.contains('└')).count(), curves.matches("   now ").count());

    let svg = metrics(&story, ["mnist", "-o", "svg", "--metric", "train-error"]).run().ok();
    assert!(svg.starts_with("<svg ") && svg.contains(&now) && svg.trim_end().ends_with("</svg>"), "{svg}");
}

#[test]
fn what_is_defined_counts_and_what_is_not_found_is_told() {
    let story = ended("metrics-defined");
    let defined = metrics(&story, ["mnist", "-o", "csv", "--define", r"error=train-error:([0-9.]+)"]).run().ok();
    assert_eq!(defined.lines().count(), rounds(&story).len() + 1);
    assert!(defined.lines().skip(1).all(|row| row.starts_with("error,round,")), "{defined}");
    let count = story.written("mnist").len();
    let said = |args: &[&str]| said(&story, args).replace(&format!("the {count} lines"), "the N lines");
    assert_snapshot!(said(&["mnist", "--metric", "bleu"]), @r"
    ---
    mnist  TrainingJob  us-west-2  2 × ml.m5.xlarge
    error: no metric named bleu in the N lines of the log of trainingjob/mnist
    hint: say how it is printed: --define 'loss=Loss: ([0-9.]+)', or spec.algorithmSpecification.metricDefinitions
    exit 1
    ");
    assert_snapshot!(said(&["mnist", "--define", "loss=(?=x)"]), @r#"
    ---
    error: the pattern of the metric "loss" cannot be used here: regex parse error: (?=x) ^^^ error: look-around, including look-ahead and look-behind, is not supported
    hint: give another one: --define 'loss=PATTERN'
    exit 1
    "#);
    assert_snapshot!(said(&["mnist", "--define", "loss"]), @r"
    ---
    error: invalid value 'loss' for '--define <NAME=REGEX>': it has to be NAME=REGEX, such as 'loss=Loss: ([0-9.]+)'

    For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(said(&["minst"]), @r#"
    ---
    error: object "minst" not found in namespace NAMESPACE
    did you mean: trainingjob/mnist
    exit 1
    "#);
    assert_snapshot!(said(&["mnist", "-f"]), @r"
    ---
    error: curves that are drawn anew need a terminal
    hint: without -f, or with -o csv or -o json
    exit 2
    ");
    assert_snapshot!(said(&["mnist", "-f", "-o", "svg"]), @r"
    ---
    error: a picture cannot be followed
    hint: without -f, or with -o csv
    exit 2
    ");
    let model = json!({
        "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": "Model", "metadata": { "name": "digits" },
        "spec": {
            "region": "us-west-2", "executionRoleArn": "arn:aws:iam::123456789012:role/host",
            "primaryContainer": { "image": "image:1" },
        },
    });
    story.home.apply(model.to_string());
    assert_snapshot!(said(&["digits"]), @r"
    ---
    error: model/digits has no log
    exit 2
    ");
}

#[test]
fn why_a_log_cannot_be_followed_is_told_below_the_curves() {
    let story = ended("metrics-denied");
    story.aws.deny("logs:FilterLogEvents");
    let drawn = metrics(&story, ["mnist", "-f"]).start_on_terminal().finish(PATIENCE);
    assert_eq!(drawn.code(), 1, "{}", drawn.stdout);
    let last = drawn.stdout.rsplit("\x1b[J").next().unwrap_or_default();
    assert!(last.starts_with("no metric in 0 lines so far"), "{last}");
    assert!(last.contains("error: ") && last.contains("logs:FilterLogEvents"), "{last}");
    assert_eq!(metrics(&story, ["mnist", "minst"]).run().code(), 2, "one of two that were typed is no answer");
}

#[test]
fn a_job_that_runs_is_drawn_as_it_learns_and_its_end_is_the_exit_code() {
    let story = Story::at_speed("metrics-live", 50.0);
    let knobs = json!({
        "sandbox_training_seconds": "500", "sandbox_lines_per_second": "20", "sandbox_flush_seconds": "1",
        "sandbox_outcome": "fail",
    });
    story.job("mnist", 1, &knobs);
    story.while_told("mnist", || {
        let mut drawn = metrics(&story, ["mnist", "-f"]).start_on_terminal();
        drawn.until_stdout_has("train-error   now ");
        let drawn = drawn.finish(PATIENCE);
        assert_eq!(drawn.code(), 3, "{}", drawn.stdout);
        let last = drawn.stdout.rsplit("\x1b[J").next().unwrap_or_default();
        let (round, _) = rounds(&story).pop().expect("it has trained");
        assert!(last.contains(&format!("(round {round})")), "{last}");
    });
}
