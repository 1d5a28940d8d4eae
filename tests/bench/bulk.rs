//! Long logs, and logs of many streams.

use std::process::Stdio;

use serde_json::json;

use crate::measure::{self, Taken, mebibytes};
use crate::stage::Stage;
use crate::table::{Row, Table};

/// 1M lines of 120 bytes from 8 hosts: without latency, and at 250 ms a page.
pub(crate) fn run(table: &mut Table) {
    let stage = Stage::new("bulk", 50.0);
    let knobs = json!({
        "sandbox_training_seconds": "1250", "sandbox_lines_per_second": "5000", "sandbox_line_bytes": "120",
        "sandbox_flush_seconds": "0",
    });
    stage.ended("long", 8, &knobs);
    let lines = stage.aws.truth_in(crate::stage::REGION, "long").events;
    measure::note(&format!("a log of {lines} lines"));

    let row = |figure: &str, plain, ours, goal, unit| Row {
        figure: format!("1M lines, {figure}"),
        plain: Some(plain),
        ours,
        goal: Some(goal),
        unit,
    };
    stage.aws.set_quotas(false);
    let plain = measure::run(&mut stage.plain("fetch", "long"), Stdio::null());
    let ours = measure::run_thrice(|| measure::run(&mut stage.smlogs("long", &[]), Stdio::null()));
    let seconds = |taken: Taken| taken.wall.as_secs_f64();
    table.add(Row { goal: None, ..row("no latency, time", seconds(plain), seconds(ours), 0.0, "s") });
    table.add(row("no latency, CPU", plain.cpu.as_secs_f64(), ours.cpu.as_secs_f64(), 1.2, "s"));
    table.add(row("no latency, memory", mebibytes(plain.peak), mebibytes(ours.peak), 32.0, "MiB"));

    for operation in ["FilterLogEvents", "GetLogEvents", "DescribeLogStreams"] {
        stage.aws.fault(&json!({ "operation": operation, "action": { "latencyMs": 250 } }));
    }
    stage.aws.set_quotas(true);
    let plain = measure::run(&mut stage.plain("fetch", "long"), Stdio::null());
    let ours = measure::run_thrice(|| {
        stage.aws.set_quotas(true);
        let before = stage.calls().len();
        let taken = measure::run(&mut stage.smlogs("long", &[]), Stdio::null());
        let calls = stage.calls().split_off(before);
        let throttled = calls.iter().filter(|(_, outcome)| outcome != "ok").count();
        measure::note(&format!("{} calls, {throttled} of them throttled", calls.len()));
        taken
    });
    table.add(row("250 ms a page, time", seconds(plain), seconds(ours), 4.5, "s"));
    table.add(row("250 ms a page, memory", mebibytes(plain.peak), mebibytes(ours.peak), 48.0, "MiB"));
}

/// 128 hosts of 50 lines each.
pub(crate) fn wide(table: &mut Table) {
    let stage = Stage::new("wide", 100.0);
    let knobs =
        json!({ "sandbox_training_seconds": "100", "sandbox_lines_per_second": "30", "sandbox_flush_seconds": "0" });
    stage.ended("wide", 128, &knobs);
    let calls = |command: &mut std::process::Command| {
        let before = stage.calls().len();
        measure::run(command, Stdio::null());
        let after = stage.calls().split_off(before);
        after.iter().filter(|(operation, _)| operation != "DescribeLogStreams").count()
    };
    let (plain, ours) = (calls(&mut stage.plain("fetch", "wide")), calls(&mut stage.smlogs("wide", &[])));
    let figure = "128 streams of 50 lines".to_owned();
    let count = |calls: usize| f64::from(u32::try_from(calls).unwrap_or(u32::MAX));
    table.add(Row { figure, plain: Some(count(plain)), ours: count(ours), goal: Some(2.0), unit: "calls" });
}
