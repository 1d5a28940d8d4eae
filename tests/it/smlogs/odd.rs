//! Logs as few people have them: huge lines, bytes that are no text, thousands of hosts.

use chrono::Utc;
use serde_json::json;

use super::put::put;
use super::story::{Story, assert_same, lines};
use crate::support::eventually::{PATIENCE, eventually};

#[test]
fn lines_of_any_length_and_bytes_come_out_as_they_are() {
    let story = Story::at_speed("odd", 50.0);
    let begin = Utc::now().timestamp_millis() - 60_000;
    let huge = "x".repeat(256 * 1024 - 1) + "y";
    let texts = [huge.as_str(), "a\0b", "\u{feff}é\u{1f600}\u{202e}", "", "tab\tand\rreturn"];
    let stream = format!("odd/algo-1-{}", begin / 1000);
    // The service takes no empty line.
    let puts: Vec<(i64, &str)> = (begin..).zip(texts).filter(|(_, text)| !text.is_empty()).collect();
    put(&story.aws, "/aws/sagemaker/TrainingJobs", &stream, &puts);
    let smlogs = |more: &[&str]| {
        let all = ["trainingjob", "--job", "odd"].into_iter().chain(more.iter().copied());
        story.smlogs(all).run().stdout
    };
    let wanted = puts.iter().map(|(_, text)| *text).chain([""]).collect::<Vec<_>>().join("\n");
    eventually("all lines", PATIENCE, || {
        let raw = smlogs(&["-o", "raw"]);
        if raw == wanted { Ok(()) } else { Err(format!("{} of {} bytes", raw.len(), wanted.len())) }
    });
    let objects: Vec<serde_json::Value> =
        smlogs(&["-o", "json"]).lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let messages: Vec<&str> = objects.iter().map(|object| object["message"].as_str().expect("a message")).collect();
    assert_eq!(messages, puts.iter().map(|(_, text)| *text).collect::<Vec<_>>());
}

#[test]
fn ten_thousand_streams_are_one_log() {
    let story = Story::at_speed("many-streams", 100.0);
    story.ended_job("many", 10_000, &json!({ "sandbox_training_seconds": "1" }));
    let read = story.smlogs(["trainingjob/many"]).run();
    assert_eq!(read.code(), 0, "{}", read.stderr);
    assert_same(&lines(&read.stdout), &story.written("many"));
    let last = story.smlogs(["trainingjob/many", "--rank", "9999"]).run().ok();
    assert!(!last.is_empty() && last.lines().all(|line| line.starts_with("many/algo-10000-")), "{last}");
}
