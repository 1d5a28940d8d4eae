//! The benchmark of `kubectl smlogs`, and of `kubectl sagemaker status`: `cargo figures`, or `cargo figures bulk` for one part of it.
//!
//! It runs the release binary against a real API server and the AWS simulator, and beside it a plain reader that does
//! as the original did: one chain of tokens, and when following a poll each half second from the newest time stamp.
//! Both are measured in the same run, so that the ratios hold on any machine.

#[expect(
    dead_code,
    unused_imports,
    reason = "the tool kit of the integration tests, of which a benchmark needs a part"
)]
#[path = "../it/support/mod.rs"]
mod support;

mod bulk;
mod follow;
mod measure;
mod stage;
mod start;
mod status;
mod table;

use std::env;
use std::process::{Command, ExitCode};

use support::built;
use table::Table;

/// What is measured, and what it takes to measure it.
const PROGRAMS: [&str; 8] =
    ["--bin", "kubectl-smlogs", "--bin", "kubectl-sagemaker", "--example", "sandbox", "--example", "plain-reader"];

/// A part of the benchmark: what it is called on the command line, and what it measures.
type Part = (&'static str, fn(&mut Table));

const PARTS: [Part; 6] = [
    ("start", start::run),
    ("status", status::run),
    ("bulk", bulk::run),
    ("wide", bulk::wide),
    ("follow", follow::run),
    ("faults", follow::faults),
];

/// Builds the programs optimised, and has them used from here on.
fn optimise() {
    let folder = built::binaries().with_file_name("plugin");
    if let Some(itself) = env::var_os("CARGO") {
        let mut command = Command::new(itself);
        built::cargo::build(&mut command, &folder);
        let built = command.args(PROGRAMS).current_dir(built::root()).status();
        assert!(built.is_ok_and(|status| status.success()), "the programs do not build");
    }
    built::OPTIMISED.set(folder).expect("programs are optimised once, before any of them is run");
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    // cargo adds --bench.
    let wanted: Vec<&str> = args.iter().map(String::as_str).filter(|arg| !arg.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|name| !PARTS.iter().any(|(part, _)| part == *name)) {
        let parts = PARTS.map(|(part, _)| part).join(", ");
        measure::note(&format!("error: the benchmark has no part {unknown:?}\nhint: its parts are {parts}"));
        return ExitCode::from(2);
    }
    optimise();
    let mut table = Table::default();
    for (_, run) in PARTS.iter().filter(|(part, _)| wanted.is_empty() || wanted.contains(part)) {
        run(&mut table);
    }
    if wanted.is_empty() {
        start::size(&mut table);
    }
    measure::show(&table.to_string());
    ExitCode::SUCCESS
}
