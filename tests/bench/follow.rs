//! Following hosts whose agents send every 5 seconds: lines lost, and how long they take to be printed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::measure;
use crate::stage::Stage;
use crate::table::{Row, Table};

/// No job of this benchmark takes longer than that beside its own time.
const LIMIT: Duration = Duration::from_mins(3);

/// 30 seconds of 20 lines a second and host.
pub(crate) fn run(table: &mut Table) {
    let stage = Stage::new("follow", 20.0);
    let folder = tempfile::tempdir().expect("there is room for a few megabytes");
    let mut slowest = 0.0_f64;
    for hosts in [1, 2, 4, 16] {
        let name = format!("of-{hosts}");
        let knobs = json!({ "sandbox_training_seconds": "600", "sandbox_lines_per_second": "20" });
        stage.begin(&name, hosts, &knobs);
        let plain = folder.path().join("plain");
        let mut reader = started(&mut stage.plain("follow", &name), &plain);
        let (before, begun) = (polls(&stage), Instant::now());
        let printed = followed(&stage, &name, LIMIT);
        // The plain reader never ends by itself, and polls twice a second.
        reader.kill().expect("one's own child can be killed");
        reader.wait().expect("and waited for");
        let calls = polls(&stage) - before;
        let plain_calls = usize::try_from(begun.elapsed().as_millis() / 500).unwrap_or(usize::MAX);
        let seconds = begun.elapsed().as_secs();
        measure::note(&format!("about {} calls in {seconds} s", calls.saturating_sub(plain_calls)));
        let written = stage.visible_lines(&name);
        slowest = slowest.max(delay(&written, &printed));
        let ours: Vec<&str> = printed.iter().map(|(_, line)| line.as_str()).collect();
        let plain = fs::read_to_string(&plain).expect("it was written just now");
        table.add(Row {
            figure: format!("lost following {hosts} hosts"),
            plain: Some(differing(&written, &plain.lines().collect::<Vec<_>>()).0),
            ours: differing(&written, &ours).0,
            goal: Some(0.0),
            unit: "%",
        });
    }
    let figure = "visible to printed, 99 of 100".to_owned();
    table.add(Row { figure, plain: None, ours: slowest, goal: Some(1.5), unit: "s" });
}

/// Ten minutes of 16 hosts while a fifth of all calls is throttled, a twentieth reset and a fiftieth cut short.
pub(crate) fn faults(table: &mut Table) {
    let stage = Stage::new("faults", 1.0);
    let throttled = json!({ "error": { "code": "ThrottlingException", "message": "Rate exceeded", "status": 400 } });
    for (probability, action) in
        [(0.2, throttled), (0.025, json!("resetBefore")), (0.025, json!("resetAfter")), (0.02, json!("truncate"))]
    {
        stage.aws.fault(&json!({ "operation": "*LogEvents", "probability": probability, "action": action }));
    }
    stage.begin("faulty", 16, &json!({ "sandbox_training_seconds": "600", "sandbox_lines_per_second": "10" }));
    let printed = followed(&stage, "faulty", LIMIT + Duration::from_mins(13));
    let written = stage.visible_lines("faulty");
    let calls = stage.calls();
    let failed = calls.iter().filter(|(_, outcome)| outcome != "ok").count();
    measure::note(&format!("{} lines, {} calls, {failed} of them failed", written.len(), calls.len()));
    let ours: Vec<&str> = printed.iter().map(|(_, line)| line.as_str()).collect();
    let (lost, surplus) = differing(&written, &ours);
    for (figure, ours) in [("10 min of faults, lines lost", lost), ("10 min of faults, lines too many", surplus)] {
        table.add(Row { figure: figure.to_owned(), plain: None, ours, goal: Some(0.0), unit: "%" });
    }
}

fn polls(stage: &Stage) -> usize {
    stage.calls().iter().filter(|(operation, _)| operation != "DescribeLogStreams").count()
}

/// Follows a job to its end; the lines with the time each was printed at, in milliseconds since 1970.
fn followed(stage: &Stage, name: &str, limit: Duration) -> Vec<(u128, String)> {
    let begun = Instant::now();
    let mut command = stage.smlogs(name, &["-f"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut smlogs = command.spawn().expect("the program starts");
    let lines = collected(smlogs.stdout.take().expect("stdout is a pipe"));
    while !has_ended(&mut smlogs) {
        assert!(begun.elapsed() < limit, "smlogs -f does not end");
        stage.tell(name);
        thread::park_timeout(Duration::from_millis(200));
    }
    lines.join().expect("reading a pipe does not panic")
}

fn has_ended(child: &mut Child) -> bool {
    child.try_wait().expect("one's own child can be waited for").is_some()
}

fn collected(pipe: ChildStdout) -> JoinHandle<Vec<(u128, String)>> {
    thread::spawn(move || {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        BufReader::new(pipe).lines().map_while(Result::ok).map(|line| (now(), line)).collect()
    })
}

fn started(command: &mut Command, out: &Path) -> Child {
    let out = File::create(out).expect("a file can be made in a new folder");
    command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).spawn().expect("the program starts")
}

/// Stream and message of a line as v1 has it: `STREAM DATE TIME +0000 UTC MESSAGE`.
fn printed_parts(line: &str) -> (&str, &str) {
    let mut parts = line.splitn(6, ' ');
    (parts.next().unwrap_or_default(), parts.nth(4).unwrap_or_default())
}

/// When it could be seen, stream and message of a line as the simulator has it.
fn written_parts(line: &str) -> (u128, &str, &str) {
    let mut parts = line.splitn(4, '\t');
    let visible = parts.next().and_then(|at| at.parse().ok()).unwrap_or_default();
    (visible, parts.nth(1).unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The shares of lines that did not arrive, and of those that arrived more often than they were written.
fn differing(written: &[String], printed: &[&str]) -> (f64, f64) {
    let mut seen = HashMap::<(&str, &str), i64>::new();
    for line in printed {
        *seen.entry(printed_parts(line)).or_default() += 1;
    }
    for line in written {
        let (_, stream, message) = written_parts(line);
        *seen.entry((stream, message)).or_default() -= 1;
    }
    let share = |sign: i64| {
        let count: u64 = seen.values().filter(|count| count.signum() == sign).map(|count| count.unsigned_abs()).sum();
        100.0 * as_f64(count) / as_f64(written.len() as u64)
    };
    (share(-1), share(1))
}

/// How many seconds pass between a line's being visible and its being printed, for 99 lines of 100 at most.
fn delay(written: &[String], printed: &[(u128, String)]) -> f64 {
    let mut visible = HashMap::<(&str, &str), Vec<u128>>::new();
    for line in written {
        let (at, stream, message) = written_parts(line);
        visible.entry((stream, message)).or_default().push(at);
    }
    let mut delays: Vec<u128> = Vec::new();
    for (at, line) in printed {
        // Of lines that are alike, the first to be visible is taken for the first to be printed.
        if let Some(first) = visible.get_mut(&printed_parts(line)).filter(|all| !all.is_empty()) {
            delays.push(at.saturating_sub(first.remove(0)));
        }
    }
    delays.sort_unstable();
    let at = delays.get(delays.len() * 99 / 100).copied().unwrap_or_default();
    as_f64(u64::try_from(at).unwrap_or(u64::MAX)) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "a figure for a table")]
fn as_f64(number: u64) -> f64 {
    number as f64
}
