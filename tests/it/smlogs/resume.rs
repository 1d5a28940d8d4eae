//! `--resume`: going on after the last printed line, whatever ended the process before.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use insta::assert_snapshot;
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::support::eventually;
use crate::support::eventually::PATIENCE;
use crate::support::process::{Finished, Program};

use super::story::{Story, assert_follows_tail, assert_same, lines};

/// How long the longest of these jobs may be followed.
const LONG: Duration = Duration::from_mins(3);

/// How many are killed before there need be anything to print. The others are when lines flow, however fast they start.
const EARLY: usize = 4;

/// A folder with a resume file and an output.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: TempDir::new().expect("there is room for a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with `--resume` and its output appended to a file.
    fn attach(&self, smlogs: Program) -> Program {
        self.resume(smlogs, "resume").stdout_to(append(&self.path("output")))
    }

    fn resume(&self, smlogs: Program, file: &str) -> Program {
        smlogs.arg("--resume").arg(self.path(file))
    }

    fn output(&self) -> String {
        fs::read_to_string(self.path("output")).expect("the output is text")
    }
}

fn append(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).expect("the output can be opened")
}

#[test]
fn a_file_equals_the_log_after_twenty_kills_at_random_moments() {
    let story = Story::at_speed("killed", 20.0);
    let desk = Desk::new();
    story.job("killed", 4, &json!({ "sandbox_training_seconds": "700", "sandbox_lines_per_second": "40" }));
    let smlogs = || desk.attach(story.smlogs(["trainingjob/killed", "-f"]));
    let mut chance = fastrand::Rng::with_seed(20);
    let (mut killed, mut with_lines) = (0, 0);
    let followed = story.while_told("killed", || {
        while killed < 20 {
            if killed == EARLY {
                story.until_shown("killed", 1);
            }
            let before = desk.path("output").metadata().map_or(0, |about| about.len());
            let mut running = smlogs().start();
            // The moment is what is tried: there is nothing to wait for.
            thread::sleep(Duration::from_millis(chance.u64(50..2500)));
            killed += usize::from(running.ended().is_none());
            running.kill();
            with_lines += usize::from(desk.path("output").metadata().is_ok_and(|about| about.len() > before));
        }
        smlogs().start().finish(LONG)
    });
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert!(with_lines > 5, "only {with_lines} of {killed} have printed anything");
    assert_same(&lines(&desk.output()), &story.written("killed"));
    let count = story.written("killed").len();
    let told = format!("{},{:03} lines from 4 hosts.", count / 1000, count % 1000);
    assert!(followed.stderr.contains(&told), "the lines of all are counted: {}", followed.stderr);
}

#[test]
fn an_ended_log_is_read_in_order_through_kills() {
    let story = Story::at_speed("read-killed", 50.0);
    let desk = Desk::new();
    let knobs = json!({ "sandbox_training_seconds": "400", "sandbox_lines_per_second": "2500" });
    story.ended_job("long", 4, &knobs);
    let written = story.written("long").len();
    let whole = story.smlogs(["trainingjob/long"]).run().ok();
    assert_eq!(whole.lines().count(), written);
    let smlogs = || desk.attach(story.smlogs(["trainingjob/long"]));
    let mut chance = fastrand::Rng::with_seed(5);
    let mut killed = 0;
    for _ in 0..12 {
        let mut running = smlogs().start();
        thread::sleep(Duration::from_millis(chance.u64(100..900)));
        killed += usize::from(running.ended().is_none());
        running.kill();
    }
    assert!(killed > 0, "none was killed in time");
    let finished = smlogs().run();
    assert_eq!(finished.code(), 0, "{}", finished.stderr);
    assert!(desk.output() == whole, "the output is the log, byte for byte");
    let finished = smlogs().run();
    assert_snapshot!(finished.stderr, @r#"
    "long" has SageMaker TrainingJobName "long" in region "us-west-2", status "Completed" and secondary status "Completed"
    no new lines
    "#);
    assert!(desk.output() == whole, "and nothing comes twice");
}

#[test]
fn a_pipe_gets_each_line_once_if_nobody_is_killed() {
    let story = Story::at_speed("interrupted", 20.0);
    let desk = Desk::new();
    story.job("piped", 2, &json!({ "sandbox_training_seconds": "400", "sandbox_lines_per_second": "20" }));
    let smlogs = || desk.resume(story.smlogs(["trainingjob/piped", "-f"]), "resume");
    let mut printed = Vec::new();
    let (first, second) = story.while_told("piped", || {
        let mut running = smlogs().start();
        running.until_stdout_has("piped/algo-2-");
        running.signal(Signal::INT);
        (running.finish(LONG), smlogs().start().finish(LONG))
    });
    assert_eq!((first.code(), second.code()), (130, 0), "{}\n{}", first.stderr, second.stderr);
    printed.extend(lines(&first.stdout));
    printed.extend(lines(&second.stdout));
    assert_same(&printed, &story.written("piped"));
}

#[test]
fn a_tail_is_gone_on_from_with_what_is_new() {
    let story = Story::at_speed("tail-resume", 20.0);
    let desk = Desk::new();
    story.job("tailed", 1, &json!({ "sandbox_training_seconds": "400", "sandbox_lines_per_second": "10" }));
    story.until_shown("tailed", 60);
    let smlogs = |args: &[&str]| {
        let all = ["trainingjob/tailed", "--tail", "7"].into_iter().chain(args.iter().copied());
        desk.attach(story.smlogs(all))
    };
    let first = smlogs(&[]).run();
    assert_eq!(first.code(), 0, "{}", first.stderr);
    assert_eq!(desk.output().lines().count(), 7);
    let followed = story.while_told("tailed", || smlogs(&["-f"]).start().finish(LONG));
    assert_eq!(followed.code(), 0, "{}", followed.stderr);
    assert_follows_tail(&lines(&desk.output()), &story.written("tailed"), 7);
}

#[test]
fn a_file_that_does_not_fit_is_refused_and_kept() {
    let story = Story::at_speed("refused", 50.0);
    let desk = Desk::new();
    story.ended_job("one", 2, &json!({ "sandbox_training_seconds": "100", "sandbox_lines_per_second": "5" }));
    story.job("two", 1, &json!({ "sandbox_training_seconds": "100" }));
    let resume = desk.path("resume");
    desk.attach(story.smlogs(["trainingjob/one"])).run().ok();
    let sound = fs::read(&resume).unwrap();
    let mut said = Vec::new();
    let mut tell = |refused: Finished, code: i32| {
        assert_eq!(refused.code(), code, "{}", refused.stderr);
        assert_eq!(refused.stdout, "");
        let words: Vec<&str> = refused.stderr.lines().filter(|line| !line.contains("has SageMaker")).collect();
        said.push(words.join("\n").replace(&desk.folder.path().display().to_string(), "FOLDER"));
    };
    let with = |args: &[&str]| desk.resume(story.smlogs(args.iter().copied()), "resume").run();

    tell(with(&["trainingjob/two"]), 1);
    tell(with(&["trainingjob/one", "-p", "algo-1"]), 1);
    assert!(fs::read(&resume).unwrap() == sound, "the file is kept");

    let mut damaged = sound.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for (bytes, code) in [(&damaged[..], 1), (b"{\"some\": \"json\"}\n", 1)] {
        fs::write(&resume, bytes).unwrap();
        tell(with(&["trainingjob/one", "-f"]), code);
        assert!(fs::read(&resume).unwrap() == bytes, "the file is kept");
    }
    tell(desk.resume(story.smlogs(["trainingjob/one"]), "").run(), 1);
    tell(desk.resume(story.smlogs(["trainingjob/one"]), "no/such").run(), 1);

    fs::write(&resume, &sound).unwrap();
    let to_itself = desk.resume(story.smlogs(["trainingjob/one"]), "resume").stdout_to(append(&resume)).run();
    tell(to_itself, 2);

    let mut first = desk.resume(story.smlogs(["trainingjob/two", "-f"]), "busy").start();
    first.until_stderr_has("has SageMaker");
    eventually("the file in use", PATIENCE, || {
        desk.path("busy").metadata().map(drop).map_err(|error| error.to_string())
    });
    tell(desk.resume(story.smlogs(["trainingjob/two"]), "busy").run(), 1);
    assert_snapshot!(said.join("\n"), @r"
    error: cannot resume from FOLDER/resume: it is about one in /aws/sagemaker/TrainingJobs, us-west-2, not about two in /aws/sagemaker/TrainingJobs, us-west-2
    hint: the file was left as it is; to begin anew, remove it or name another one
    error: cannot resume from FOLDER/resume: it was written of all streams, but now lines are wanted with -p algo-1: what was left out then cannot be made up for
    hint: the file was left as it is; to begin anew, remove it or name another one
    error: cannot resume from FOLDER/resume: it is damaged in line 3
    hint: the file was left as it is; to begin anew, remove it or name another one
    error: cannot resume from FOLDER/resume: it is not a resume file of smlogs
    hint: the file was left as it is; to begin anew, remove it or name another one
    error: cannot open the resume file FOLDER/: Is a directory (os error 21)
    error: cannot open the resume file FOLDER/no/such: No such file or directory (os error 2)
    error: --resume: FOLDER/resume is what the lines are printed to
    error: the resume file FOLDER/busy is in use by another smlogs
    hint: name another file, or end the other one first
    ");
}
