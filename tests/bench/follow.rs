//! Lines lost while following hosts whose agents send every 5 seconds.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::measure;
use crate::stage::{REGION, Stage};
use crate::table::{Row, Table};

/// No job of this benchmark takes as long.
const LIMIT: Duration = Duration::from_mins(3);

/// 30 seconds of 20 lines a second and host.
pub(crate) fn run(table: &mut Table) {
    let stage = Stage::new("follow", 20.0);
    let folder = tempfile::tempdir().expect("there is room for a few megabytes");
    for hosts in [1, 2, 4, 16] {
        let name = format!("of-{hosts}");
        let knobs = json!({ "sandbox_training_seconds": "600", "sandbox_lines_per_second": "20" });
        stage.begin(&name, hosts, &knobs);
        let (plain, ours) = (folder.path().join("plain"), folder.path().join("ours"));
        let mut reader = started(&mut stage.plain("follow", &name), &plain);
        let before = stage.calls().len();
        let begun = Instant::now();
        let mut smlogs = started(&mut stage.smlogs(&name, &["-f"]), &ours);
        while smlogs.try_wait().expect("one's own child can be waited for").is_none() {
            assert!(begun.elapsed() < LIMIT, "smlogs -f does not end");
            stage.tell(&name);
            thread::sleep(Duration::from_millis(200));
        }
        // The plain reader never ends by itself.
        reader.kill().expect("one's own child can be killed");
        reader.wait().expect("and waited for");
        measure::note(&format!("{} calls of both in {:?}", stage.calls().len() - before, begun.elapsed()));
        let written = stage.aws.truth_lines_in(REGION, &name);
        let row = Row {
            figure: format!("lost following {hosts} hosts"),
            plain: Some(lost(&written, &plain)),
            ours: lost(&written, &ours),
            goal: Some(0.0),
            unit: "%",
        };
        table.add(row);
    }
}

fn started(command: &mut Command, out: &Path) -> std::process::Child {
    let out = File::create(out).expect("a file can be made in a new folder");
    command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).spawn().expect("the program starts")
}

/// The share of lines that did not arrive. Both readers put the stream first and the message last.
fn lost(written: &[String], out: &Path) -> f64 {
    let printed = fs::read_to_string(out).expect("it was written just now");
    let mut seen = HashMap::<(&str, &str), i64>::new();
    for line in printed.lines() {
        // STREAM DATE TIME +0000 UTC MESSAGE
        let mut parts = line.splitn(6, ' ');
        let (stream, message) = (parts.next().unwrap_or_default(), parts.nth(4).unwrap_or_default());
        *seen.entry((stream, message)).or_default() += 1;
    }
    let mut missing = 0_u32;
    for line in written {
        let mut parts = line.splitn(3, '\t');
        let (stream, message) = (parts.nth(1).unwrap_or_default(), parts.next().unwrap_or_default());
        let count = seen.entry((stream, message)).or_default();
        *count -= 1;
        missing += u32::from(*count < 0);
    }
    100.0 * f64::from(missing) / f64::from(u32::try_from(written.len().max(1)).unwrap_or(u32::MAX))
}
