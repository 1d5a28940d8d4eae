//! Which lines, and how they look: every option on its own, with what is said where nothing is left.

use chrono::{DateTime, SecondsFormat};
use insta::assert_snapshot;
use serde_json::Value;

use super::put::put;
use super::story::Story;
use crate::support::eventually::{PATIENCE, eventually};

const TRAINING: &str = "/aws/sagemaker/TrainingJobs";
/// The moment of the first line: an hour ago, at a whole hour so that tests read well.
fn begin() -> i64 {
    chrono::Utc::now().timestamp_millis() / 3_600_000 * 3_600_000 - 3_600_000
}

fn lines_of(shown: &str) -> usize {
    shown.lines().filter(|line| line.starts_with("algo-")).count()
}

/// A job with two hosts and a tenth, whose lines are known.
struct Told {
    story: Story,
    begin: i64,
}

impl Told {
    fn new(about: &str) -> Self {
        let told = Self { story: Story::at_speed(about, 50.0), begin: begin() };
        let stream = |host: u32| format!("told/algo-{host}-{}", told.begin / 1000);
        let at = |lines: &[(i64, &'static str)]| {
            lines.iter().map(|(second, text)| (told.begin + second * 1000, *text)).collect::<Vec<_>>()
        };
        put(
            &told.story.aws,
            TRAINING,
            &stream(1),
            &at(&[(0, "INFO loading"), (10, "ERROR bad row"), (20, "INFO done")]),
        );
        put(&told.story.aws, TRAINING, &stream(2), &at(&[(5, "INFO loading"), (15, "WARN slow"), (25, "INFO done")]));
        put(&told.story.aws, TRAINING, &stream(10), &at(&[(30, "[0]#011loss:0.5"), (31, " 10%|# |\r 90%|###### |\r")]));
        eventually("all lines", PATIENCE, || {
            let shown = told.read(&[]);
            if lines_of(&shown) == 8 { Ok(()) } else { Err(shown) }
        });
        told
    }

    /// What comes, and what is said after the header. Times are seconds from the beginning.
    fn read(&self, more: &[&str]) -> String {
        let short = ["trainingjob", "--job", "told", "-o", "short", "--timestamps", "none"];
        self.all(short.into_iter().chain(more.iter().copied()))
    }

    fn all<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> String {
        let finished = self.story.smlogs(args).run();
        let said: Vec<&str> = finished.stderr.lines().filter(|line| !line.starts_with("told  TrainingJob")).collect();
        let begin = DateTime::from_timestamp_millis(self.begin).expect("a time");
        let text = format!("{}{}\nexit {}", finished.stdout, said.join("\n"), finished.code());
        let text = text.replace(&begin.format("%Y-%m-%dT%H:").to_string(), "DATE:");
        text.replace(&begin.format("%Y-%m-%d %H:").to_string(), "DAY:")
            .replace(&(self.begin / 1000).to_string(), "EPOCH")
    }

    fn at(&self, second: i64) -> String {
        let time = DateTime::from_timestamp_millis(self.begin + second * 1000).expect("a time");
        time.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

/// A carriage return as it is typed: an inline snapshot cannot hold one.
fn visible(text: &str) -> String {
    text.replace('\r', "\\r")
}

#[test]
fn lines_are_chosen_by_host_time_and_text() {
    let told = Told::new("choose");
    assert_snapshot!(told.read(&["--rank", "0"]), @r"
    algo-1 INFO loading
    algo-1 ERROR bad row
    algo-1 INFO done

    exit 0
    ");
    assert_snapshot!(visible(&told.read(&["--rank", "!0"])), @r"
    algo-2 INFO loading
    algo-2 WARN slow
    algo-2 INFO done
    algo-10 [0]#011loss:0.5
    algo-10  10%|# |\r 90%|###### |\r

    exit 0
    ");
    assert_snapshot!(told.read(&["--rank", "0-1", "--tail", "2"]), @r"
    algo-1 INFO done
    algo-2 INFO done

    exit 0
    ");
    assert_snapshot!(visible(&told.read(&["-p", "algo-1"])), @r"
    algo-1 INFO loading
    algo-1 ERROR bad row
    algo-1 INFO done
    algo-10 [0]#011loss:0.5
    algo-10  10%|# |\r 90%|###### |\r

    exit 0
    ");
    assert_snapshot!(told.read(&["--stream", "algo-?-*", "--tail", "1"]), @r"
    algo-2 INFO done

    exit 0
    ");
    assert_snapshot!(told.read(&["--since", &told.at(20), "--until", &told.at(25)]), @r"
    algo-1 INFO done
    algo-2 INFO done

    exit 0
    ");
    assert_snapshot!(told.read(&["--since", "1s"]), @r"
    no lines with --since
    exit 0
    ");
    assert_snapshot!(told.read(&["--grep", "ERROR|WARN"]), @r"
    algo-1 ERROR bad row
    algo-2 WARN slow

    exit 0
    ");
    assert_snapshot!(told.read(&["--grep", "(?i)error", "-C", "1"]), @r"
    algo-2 INFO loading
    algo-1 ERROR bad row
    algo-2 WARN slow

    exit 0
    ");
    assert_snapshot!(told.read(&["--grep", "done|bad", "-B", "1"]), @r"
    algo-2 INFO loading
    algo-1 ERROR bad row
    algo-2 WARN slow
    algo-1 INFO done
    algo-2 INFO done

    exit 0
    ");
    assert_snapshot!(told.read(&["--grep", "WARN", "--after-context", "1"]), @r"
    algo-2 WARN slow
    algo-1 INFO done

    exit 0
    ");
    assert_snapshot!(told.read(&["--grep-v", "INFO", "--rank", "0-1"]), @r"
    algo-1 ERROR bad row
    algo-2 WARN slow

    exit 0
    ");
    assert_snapshot!(told.read(&["--grep", "Traceback"]), @r"
    no match in 8 lines
    exit 0
    ");
    assert_snapshot!(told.read(&["--grep", "ERROR", "--tail", "2"]), @r"
    no match in 2 lines
    hint: leave out --tail to search the whole log
    exit 0
    ");
    assert_snapshot!(told.read(&["--filter", "INFO -done"]), @r"
    algo-1 INFO loading
    algo-2 INFO loading

    exit 0
    ");
    assert_snapshot!(told.read(&["--filter", "nowhere"]), @r"
    no lines with --filter
    exit 0
    ");
    assert_snapshot!(told.read(&["--tail", "-1", "--rank", "0"]), @r"
    algo-1 INFO loading
    algo-1 ERROR bad row
    algo-1 INFO done

    exit 0
    ");
    let calls = told.story.aws.calls("FilterLogEvents");
    let patterns: Vec<&Value> = calls.iter().filter_map(|call| call.request.get("filterPattern")).collect();
    assert!(patterns.iter().all(|pattern| *pattern == "INFO -done" || *pattern == "nowhere"), "{patterns:?}");
}

#[test]
fn lines_look_as_asked() {
    let told = Told::new("look");
    let look = |more: &[&str]| {
        let args = ["trainingjob", "--job", "told", "--tail", "2"];
        told.all(args.into_iter().chain(more.iter().copied()))
    };
    assert_snapshot!(look(&[]).escape_debug(), @r"told/algo-10-EPOCH DAY:00:30 +0000 UTC [0]#011loss:0.5\ntold/algo-10-EPOCH DAY:00:31 +0000 UTC  10%|# |\r 90%|###### |\r\n\nexit 0");
    assert_snapshot!(look(&["--hide-log-stream-name", "--timestamps", "iso"]).escape_debug(), @r"DATE:00:30.000Z [0]#011loss:0.5\nDATE:00:31.000Z  10%|# |\r 90%|###### |\r\n\nexit 0");
    assert_snapshot!(look(&["-o", "raw"]).escape_debug(), @r"[0]#011loss:0.5\n 10%|# |\r 90%|###### |\r\n\nexit 0");
    assert_snapshot!(look(&["-o", "raw", "--timestamps", "utc"]).escape_debug(), @r"DATE:00:30.000Z [0]#011loss:0.5\nDATE:00:31.000Z  10%|# |\r 90%|###### |\r\n\nexit 0");
    // The date comes with it only in the hour after midnight.
    let short = look(&["-o", "short", "--timestamps", "utc"]);
    assert!(short.starts_with("algo-10 ") && short.contains(":00:30 [0]#011loss:0.5\n"), "{short}");
    assert_snapshot!(look(&["-o", "short", "--timestamps", "none", "--color", "always"]).escape_debug(), @r"\u{1b}[35malgo-10\u{1b}[0m [0]#011loss:0.5\n\u{1b}[35malgo-10\u{1b}[0m  10%|# |\r 90%|###### |\r\n\nexit 0");

    let json = told.story.smlogs(["trainingjob", "--job", "told", "-o", "json", "--rank", "1"]).run().ok();
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 3);
    let stream = format!("told/algo-2-{}", told.begin / 1000);
    for (line, second) in lines.iter().zip([5, 15, 25]) {
        assert_eq!(line["timestamp"], told.at(second));
        assert_eq!(
            (&line["job"], &line["stream"], &line["rank"]),
            (&"told".into(), &stream.as_str().into(), &1.into())
        );
        assert!(line["eventId"].as_str().is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit())), "{line}");
        assert!(line["ingestionTime"].as_str() >= line["timestamp"].as_str(), "{line}");
    }
    assert_eq!(lines[1]["message"], "WARN slow");
}

#[test]
fn what_no_stream_or_job_answers_to_is_told_with_what_there_is() {
    let told = Told::new("nothing");
    assert_snapshot!(told.read(&["-p", "algo-3"]), @r"
    error: no line of trainingjob/told with -p algo-3
    hint: its streams are algo-1-EPOCH, algo-10-EPOCH, algo-2-EPOCH
    exit 1
    ");
    assert_snapshot!(told.read(&["--rank", "7"]), @r"
    error: no line of trainingjob/told with --rank 7
    hint: its streams are algo-1-EPOCH, algo-10-EPOCH, algo-2-EPOCH
    exit 1
    ");
    assert_snapshot!(told.read(&["--stream", "*/data-log"]), @r"
    error: no line of trainingjob/told with --stream */data-log
    hint: its streams are algo-1-EPOCH, algo-10-EPOCH, algo-2-EPOCH
    exit 1
    ");
    let named = |job: &str| told.all(["trainingjob", "--job", job]);
    assert_snapshot!(named("tolt"), @r#"
    tolt  TrainingJob  us-west-2
    error: no log of trainingjob "tolt" in us-west-2
    did you mean: told
    exit 1
    "#);
    assert_snapshot!(named("bert-large"), @r#"
    bert-large  TrainingJob  us-west-2
    error: no log of trainingjob "bert-large" in us-west-2
    hint: check the name and --region, or wait for it with -f --wait
    exit 1
    "#);
    told.story.aws.deny("logs:DescribeLogStreams");
    assert_snapshot!(told.read(&["-p", "algo-3"]), @r#"
    error: no log of trainingjob "told" in us-west-2
    hint: check the name and --region, or wait for it with -f --wait
    exit 1
    "#);
    assert_eq!(lines_of(&told.read(&["--rank", "0"])), 3, "a denied optional call is nothing to speak of");
}

#[test]
fn what_cannot_be_meant_is_told_with_the_place() {
    let story = Story::at_speed("unclear", 50.0);
    let said = |args: &[&str]| {
        let finished = story.smlogs(args.iter().copied()).run();
        assert_eq!((finished.code(), &*finished.stdout), (2, ""), "{args:?}");
        let (text, _) = finished.stderr.split_once("\n\nFor more").unwrap_or((&finished.stderr, ""));
        text.to_owned()
    };
    let job = |more: &[&str]| said(&["trainingjob", "a"].into_iter().chain(more.iter().copied()).collect::<Vec<_>>());
    assert_snapshot!(job(&["--grep", "loss: (0"]), @r"
    error: invalid value 'loss: (0' for '--grep <RE>': regex parse error:
        loss: (0
              ^
    error: unclosed group
    ");
    assert_snapshot!(job(&["--rank", "0-x"]), @r"
    error: invalid value '0-x' for '--rank <RANKS>': a rank is a number from 0 on
      0-x
        ^ such as 0, 0-3, 0,2 or !0; rank 0 is algo-1
    ");
    assert_snapshot!(job(&["--stream", "a:b"]), @"error: invalid value 'a:b' for '--stream <GLOB>': ':' never occurs in the name of a log stream");
    assert_snapshot!(job(&["--since", "yesterday"]), @"error: invalid value 'yesterday' for '--since <WHEN>': neither a duration such as 10m or 2h30m, nor a time such as 2026-11-23T16:00:00Z");
    assert_snapshot!(job(&["--since", "10m", "--until", "20m"]), @"error: --since 10m is after --until 20m: no line is between them");
    assert_snapshot!(job(&["--until", "10m", "-f"]), @r"
    error: the argument '--until <WHEN>' cannot be used with '--follow'

    Usage: kubectl smlogs TYPE NAME... [OPTIONS]
           kubectl smlogs TYPE/NAME... [OPTIONS]
           kubectl smlogs TYPE (-l LABELS | --all | -A) [OPTIONS]
           kubectl smlogs TYPE --job NAME [OPTIONS]
    ");
    assert_snapshot!(job(&["--tail", "-2"]), @"error: invalid value '-2' for '--tail <N>': not a number of lines, or -1 for all");
    assert_snapshot!(job(&["--all"]), @r"
    error: either a name or --all: a
    hint: leave out one of them
    ");
    assert_snapshot!(said(&["--all"]), @r"
    error: which type? --all needs one
    hint: types with logs: TrainingJob, ProcessingJob, BatchTransformJob, HyperparameterTuningJob, HostingDeployment
    ");
    assert_snapshot!(said(&["hostingdeployment", "a", "--rank", "0"]), @r"
    error: the hosts of a hostingdeployment have no ranks
    hint: choose streams by name: --stream GLOB
    ");
    assert_snapshot!(said(&["trainingjob", "--job", "a", "--all"]), @r"
    error: the argument '--job <NAME>' cannot be used with '--all'

    Usage: kubectl smlogs TYPE NAME... [OPTIONS]
           kubectl smlogs TYPE/NAME... [OPTIONS]
           kubectl smlogs TYPE (-l LABELS | --all | -A) [OPTIONS]
           kubectl smlogs TYPE --job NAME [OPTIONS]
    ");
    assert_snapshot!(said(&["trainingjob", "processingjob", "--job", "a"]), @r#"
    error: of which type is the job "a"?
    hint: kubectl smlogs trainingjob --job a
    "#);
}
