//! From exec to exit, and the size of what is started.

use std::fs;
use std::process::Stdio;

use serde_json::json;

use crate::measure::{self, Taken, mebibytes, median};
use crate::stage::Stage;
use crate::support::built;
use crate::table::{Row, Table};

const RUNS: usize = 40;

/// A log of some 50 lines, no latency. `kubectl get` of the same object stands beside it.
pub(crate) fn run(table: &mut Table) {
    let stage = Stage::new("start", 100.0);
    let knobs =
        json!({ "sandbox_training_seconds": "100", "sandbox_lines_per_second": "30", "sandbox_flush_seconds": "0" });
    stage.ended("small", 1, &knobs);
    let millis = |taken: Taken| taken.wall.as_secs_f64() * 1000.0;
    let (mut ours, mut kubectl, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(millis(measure::run(&mut stage.smlogs("small", &[]), Stdio::null())));
        kubectl.push(millis(measure::run(&mut stage.kubectl_get("small"), Stdio::null())));
        plain.push(millis(measure::run(&mut stage.plain("fetch", "small"), Stdio::null())));
    }
    let best = ours.iter().copied().fold(f64::INFINITY, f64::min);
    let ours = median(ours);
    let row = |figure: &str, plain, ours, goal| Row { figure: figure.to_owned(), plain, ours, goal, unit: "ms" };
    table.add(row("exec to exit, 50 lines", Some(median(plain)), ours, Some(8.0)));
    table.add(row("the same, the best of 40", None, best, None));
    table.add(row("kubectl get beside it", None, median(kubectl), None));
}

/// The size of the stripped binary.
pub(crate) fn size(table: &mut Table) {
    let bytes = fs::metadata(built::binaries().join("kubectl-smlogs")).expect("it was just run").len();
    let figure = "size of the binary".to_owned();
    table.add(Row { figure, plain: None, ours: mebibytes(bytes), goal: Some(8.0), unit: "MiB" });
}
