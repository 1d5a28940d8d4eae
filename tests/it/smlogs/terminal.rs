//! What people see: colours, one live line that goes away, progress bars in their last state, no tricks.

use std::time::Duration;

use chrono::Utc;
use insta::assert_snapshot;
use regex::Regex;
use rustix::process::Signal;
use serde_json::json;

use super::put::put;
use super::story::{PLURAL, Story};
use crate::support::eventually::{PATIENCE, eventually};
use crate::support::process::Program;

const LONG: Duration = Duration::from_mins(3);

/// What stands on a screen that was sent this: carriage returns and erased lines are heeded, colours are not.
fn screen(sent: &str) -> String {
    let (mut lines, mut column) = (vec![Vec::new()], 0_usize);
    let mut symbols = sent.chars();
    while let Some(symbol) = symbols.next() {
        let line = lines.last_mut().expect("there is always a line");
        match symbol {
            '\n' => {
                lines.push(Vec::new());
                column = 0;
            }
            '\r' => column = 0,
            '\x1b' => {
                let sequence: String = symbols.by_ref().take_while(|symbol| !symbol.is_ascii_alphabetic()).collect();
                // Of those that are ours, one ends in K: it erases what is right of the cursor. The others colour.
                if sequence == "[" && column < line.len() {
                    line.truncate(column);
                }
            }
            other => {
                line.truncate(column);
                line.push(other);
                column += 1;
            }
        }
    }
    let lines: Vec<String> = lines.into_iter().map(|line| line.into_iter().collect()).collect();
    lines.join("\n").trim_end().to_owned()
}

fn shown(program: Program) -> (String, i32) {
    let finished = program.start_on_terminal().finish(LONG);
    let code = finished.code();
    (finished.stdout, code)
}

#[test]
fn lines_are_short_and_coloured_and_do_nothing_to_the_terminal() {
    let story = Story::at_speed("terminal", 50.0);
    let begin = Utc::now().timestamp_millis() / 1000 * 1000 - 60_000;
    let stream = format!("told/algo-1-{}", begin / 1000);
    let lines = [
        (0, "[0]#011loss:0.5"),
        (1, " 10%|#   | 1/10\r 50%|##  | 5/10\r100%|####| 10/10\r"),
        (2, "title \x1b]0;pwned\x07 \x1b[2J \x1b[31mred"),
        (3, "nul \0 and bell \x07"),
    ];
    let lines = lines.map(|(second, text)| (begin + second * 1000, text));
    put(&story.aws, "/aws/sagemaker/TrainingJobs", &stream, &lines);
    let smlogs = || story.smlogs(["trainingjob", "--job", "told", "--timestamps", "none"]);
    eventually("all lines", PATIENCE, || {
        let count = smlogs().run().stdout.lines().count();
        if count == lines.len() { Ok(()) } else { Err(format!("{count} lines")) }
    });
    let (coloured, code) = shown(smlogs());
    assert_eq!(code, 0, "{coloured}");
    assert_snapshot!(coloured.replace('\r', "").replace('\x1b', "ESC"), @r"
    told  TrainingJob  us-west-2
    ESC[36malgo-1ESC[0m [0]	loss:0.5
    ESC[36malgo-1ESC[0m 100%|####| 10/10
    ESC[36malgo-1ESC[0m title \u{1b}]0;pwned\u{7}  ESC[31mredESC[0m
    ESC[36malgo-1ESC[0m nul \u{0} and bell \u{7}
    ");
    let (plain, _) = shown(smlogs().env("NO_COLOR", "1"));
    assert_snapshot!(plain.replace('\r', "").replace('\x1b', "ESC"), @r"
    told  TrainingJob  us-west-2
    algo-1 [0]	loss:0.5
    algo-1 100%|####| 10/10
    algo-1 title \u{1b}]0;pwned\u{7}  red
    algo-1 nul \u{0} and bell \u{7}
    ");
    let (asked_for, _) = shown(smlogs().args(["--color", "always"]).env("NO_COLOR", "1"));
    assert_eq!(asked_for, coloured);
    assert!(smlogs().run().stdout.contains("\x1b]0;pwned"), "a pipe gets lines as they are");
}

#[test]
fn a_live_line_tells_the_phases_and_goes_away() {
    let story = Story::at_speed("live", 20.0);
    story.job("live", 1, &json!({ "sandbox_training_seconds": "100", "sandbox_flush_seconds": "1" }));
    let smlogs = story.smlogs(["trainingjob/live", "-f", "--quiet-for", "8s"]);
    let followed = story.while_told("live", || smlogs.start_on_terminal().finish(LONG));
    assert_eq!(followed.code(), 0, "{}", followed.stdout);
    let live = Regex::new(r"Starting \d:\d\d → [A-Z]\w+ \d:\d\d").expect("a pattern");
    assert!(live.is_match(&followed.stdout), "{}", followed.stdout);
    let screen = screen(&followed.stdout);
    assert!(screen.starts_with("live  TrainingJob  us-west-2  1 × ml.m5.xlarge\nalgo-1 "), "{screen}");
    let last: Vec<&str> = screen.lines().rev().take(3).collect();
    assert!(last[2].starts_with("Completed in "), "{screen}");
    assert!(!screen.contains("Starting") && !screen.contains("waiting"), "{screen}");
}

#[test]
fn what_stands_in_the_way_is_told_whole() {
    let story = Story::at_speed("long-reason", 50.0);
    story.object("stalled", 1);
    let message = "SageMaker refused it: User: arn:aws:sts::123456789012:assumed-role/sagemaker-operator/prod is not \
                   authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/train";
    let condition = json!({
        "type": "Stalled", "status": "True", "reason": "AccessDenied", "lastTransitionTime": "2026-11-23T12:00:00Z",
        "message": message,
    });
    story.home.report(PLURAL, "stalled", &json!({ "conditions": [condition] }));
    let mut running = story.smlogs(["trainingjob/stalled", "-f"]).start_on_terminal();
    running.until_stdout_has("waiting for the job (0:0");
    running.signal(Signal::INT);
    let waited = running.finish(LONG);
    assert_eq!(waited.code(), 130);
    assert_snapshot!(screen(&waited.stdout).replace(story.home.name(), "NAMESPACE"), @r"
    stalled  TrainingJob  us-west-2  1 × ml.m5.xlarge
    waiting for the job: AccessDenied: SageMaker refused it: User: arn:aws:sts::123456789012:assumed-role/sagemaker-operator/prod is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/train
    hint: kubectl describe trainingjob stalled -n NAMESPACE
    ");
}
