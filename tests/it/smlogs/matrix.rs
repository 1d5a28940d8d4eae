//! Every option that chooses or shapes lines, for each kind that logs: stdout, stderr and exit code.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use insta::assert_snapshot;
use regex::Regex;

use super::put::put;
use super::story::Story;
use crate::support::eventually::{PATIENCE, eventually};

/// Where a kind logs, and what it calls the streams of two hosts and of a third that has little to say.
struct Layout {
    kind: &'static str,
    group: &'static str,
    streams: [&'static str; 3],
    /// Choosing one stream by its name, and one where one trial or variant can be chosen.
    glob: &'static str,
}

const LAYOUTS: [Layout; 5] = [
    Layout {
        kind: "trainingjob",
        group: "/aws/sagemaker/TrainingJobs",
        streams: ["told/algo-1-EPOCH", "told/algo-2-EPOCH", "told/algo-10-EPOCH"],
        glob: "algo-10-*",
    },
    Layout {
        kind: "processingjob",
        group: "/aws/sagemaker/ProcessingJobs",
        streams: ["told/algo-1-EPOCH", "told/algo-2-EPOCH", "told/algo-10-EPOCH"],
        glob: "algo-10-*",
    },
    Layout {
        kind: "batchtransformjob",
        group: "/aws/sagemaker/TransformJobs",
        streams: ["told/i-0aaa-EPOCH", "told/i-0bbb-EPOCH", "told/i-0aaa-EPOCH/data-log"],
        glob: "*/data-log",
    },
    Layout {
        kind: "hyperparametertuningjob",
        group: "/aws/sagemaker/TrainingJobs",
        streams: ["told-001-0a1b2c3d/algo-1-EPOCH", "told-002-4e5f6a7b/algo-1-EPOCH", "told-002-4e5f6a7b/algo-2-EPOCH"],
        glob: "algo-2-*",
    },
    Layout {
        kind: "hostingdeployment",
        group: "/aws/sagemaker/Endpoints/told",
        streams: ["blue/i-0aaa", "green/i-0bbb", "blue/i-0aaa/data-log"],
        glob: "*/data-log",
    },
];

/// A whole hour that has passed: its lines read well.
fn begin() -> i64 {
    Utc::now().timestamp_millis() / 3_600_000 * 3_600_000 - 3_600_000
}

/// Runs of one kind as a text: what was typed, and all that came.
struct Runs<'a> {
    story: &'a Story,
    kind: &'static str,
    begin: i64,
    text: String,
}

impl Runs<'_> {
    fn run(&self, args: &[&str]) -> String {
        let all = [self.kind, "--job", "told"].into_iter().chain(args.iter().copied());
        let finished = self.story.smlogs(all).env("TZ", "UTC").run();
        format!("{}{}exit {}\n", finished.stdout, finished.stderr, finished.code())
    }

    fn show(&mut self, args: &[&str]) {
        let came = self.run(args);
        write!(self.text, "$ {}\n{came}\n", args.join(" ")).expect("a String takes all");
    }

    fn at(&self, second: i64) -> String {
        let time = DateTime::from_timestamp_millis(self.begin + second * 1000).expect("a time");
        time.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Without what differs from run to run.
    fn settled(&self) -> String {
        let time = DateTime::from_timestamp_millis(self.begin).expect("a time");
        let text = self.text.replace(&time.format("%Y-%m-%dT%H:").to_string(), "DATE:");
        let text = text.replace(&time.format("%Y-%m-%d %H:").to_string(), "DAY:");
        let text = text.replace(&(self.begin / 1000).to_string(), "EPOCH");
        let ids = Regex::new(r#""(ingestionTime|eventId)":"[^"]*""#).expect("a pattern");
        ids.replace_all(&text, "\"$1\":\"…\"").replace('\r', "\\r").replace('\u{1b}', "\\e")
    }
}

fn runs(layout: &Layout) -> String {
    let Layout { kind, group, streams, glob } = layout;
    let story = Story::at_speed(kind, 50.0);
    let mut runs = Runs { story: &story, kind, begin: begin(), text: String::new() };
    let epoch = (runs.begin / 1000).to_string();
    let host = |number: usize, lines: &[(i64, &'static str)]| {
        let lines: Vec<_> = lines.iter().map(|(second, text)| (runs.begin + second * 1000, *text)).collect();
        put(&story.aws, group, &streams[number].replace("EPOCH", &epoch), &lines);
    };
    host(0, &[(0, "INFO loading"), (10, "ERROR bad row"), (20, "INFO done")]);
    host(1, &[(5, "INFO loading"), (15, "WARN slow"), (25, "INFO done")]);
    host(2, &[(30, "[0]#011loss:0.5"), (31, " 10%|# |\r 90%|###### |\r")]);
    eventually("all lines", PATIENCE, || {
        let shown = runs.run(&["-o", "v1"]);
        if shown.lines().count() == 10 { Ok(()) } else { Err(shown) }
    });
    runs.show(&[]);
    for look in ["v1", "short", "raw", "json"] {
        runs.show(&["--tail", "2", "-o", look, "--timestamps", "none"]);
    }
    runs.show(&["--tail", "2", "-o", "short", "--timestamps", "iso"]);
    runs.show(&["--tail", "1", "-o", "v1", "--timestamps", "utc"]);
    runs.show(&["--tail", "1", "-o", "raw", "--timestamps", "local"]);
    runs.show(&["--tail", "2", "-o", "short", "--timestamps", "none", "--color", "always"]);
    runs.show(&["--tail", "1", "--hide-log-stream-name"]);
    let short = ["-o", "short", "--timestamps", "none"];
    let (since, until) = (runs.at(20), runs.at(25));
    for options in [
        &["--tail", "0"][..],
        &["--tail", "-1", "--no-merge", "--grep", "done"],
        &["--since", &since, "--until", &until],
        &["--since", "1s"],
        &["--rank", "0"],
        &["--rank", "!0", "--tail", "1"],
        &["--stream", glob],
        &["--stream", "*nobody*"],
        &["-p", "algo-1"],
        &["--logSearchPrefix", "i-0a"],
        &["--trial", "2"],
        &["--variant", "green"],
        &["--grep", "ERROR|WARN"],
        &["--grep", "(?i)error", "-C", "1"],
        &["--grep", "bad", "-B", "1"],
        &["--grep", "WARN", "-A"],
        &["--grep", "WARN", "--after-context", "1"],
        &["--grep-v", "INFO|loss|%"],
        &["--grep", "Traceback"],
        &["--filter", "INFO -done"],
        &["--filter", "nowhere"],
    ] {
        runs.show(&[options, &short].concat());
    }
    runs.settled()
}

#[test]
fn options_of_a_training_job() {
    assert_snapshot!(runs(&LAYOUTS[0]));
}

#[test]
fn options_of_a_processing_job() {
    assert_snapshot!(runs(&LAYOUTS[1]));
}

#[test]
fn options_of_a_batch_transform_job() {
    assert_snapshot!(runs(&LAYOUTS[2]));
}

#[test]
fn options_of_a_tuning_job() {
    assert_snapshot!(runs(&LAYOUTS[3]));
}

#[test]
fn options_of_an_endpoint() {
    assert_snapshot!(runs(&LAYOUTS[4]));
}
