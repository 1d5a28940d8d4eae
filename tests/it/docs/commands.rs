//! Each command is one that there is. What can be run on the test bed is run by `session`; of the others the programs are
//! asked whether they take the arguments.

use std::collections::BTreeSet;

use super::page::Page;
use crate::support::eventually::PATIENCE;
use crate::support::process::{Finished, Program};
use crate::support::{Cluster, built};

/// How many programs are run side by side.
const AT_ONCE: usize = 8;

/// What separates arguments, and calls, in what the stand-in notes.
const ARGUMENT: char = '\u{1f}';
const CALL: char = '\u{1e}';

/// The arguments of each call of kubectl in the commands, as a shell reads them. Nothing else is started: there is no PATH.
fn calls(commands: &[String]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("calls");
    let mut script = format!(
        "cd '{}'\nPATH=\nkubectl() {{ {{ for it in \"$@\"; do printf '%s{ARGUMENT}' \"$it\"; done; printf '{CALL}'; }} >> '{}'; }}\n",
        folder.path().display(),
        file.display()
    );
    let quoted = |command: &String| command.replace('\'', r"'\''");
    script.extend(commands.iter().map(|command| format!("(eval '{}') 2> /dev/null\n", quoted(command))));
    script += ":\n";
    Program::tied("/bin/sh".as_ref()).args(["-c", &script]).run().ok();
    let noted = std::fs::read_to_string(file).unwrap_or_default();
    let calls = noted.split_terminator(CALL);
    calls.map(|call| call.split_terminator(ARGUMENT).map(str::to_owned).collect()).collect()
}

/// The calls of all pages, each once, with where it was first seen.
fn all() -> Vec<(String, Vec<String>)> {
    let (mut all, mut known) = (Vec::new(), BTreeSet::new());
    for page in Page::with_commands() {
        let blocks = page.blocks().into_iter().filter(|block| block.is("console") && !block.is_run());
        let commands: Vec<_> = blocks.flat_map(|block| block.commands()).collect();
        let calls = calls(&commands);
        let typed = commands.iter().filter(|command| command.starts_with("kubectl ")).count();
        assert!(calls.len() >= typed, "{}: a shell reads {} of {typed} calls", page.path.display(), calls.len());
        for call in calls {
            if known.insert(call.clone()) {
                all.push((page.path.display().to_string(), call));
            }
        }
    }
    all
}

/// Runs programs, some at a time, and returns how each ended.
fn run_all(programs: Vec<Program>) -> Vec<Finished> {
    let (mut waiting, mut ended) = (programs.into_iter().peekable(), Vec::new());
    while waiting.peek().is_some() {
        let running: Vec<_> = waiting.by_ref().take(AT_ONCE).map(Program::start).collect();
        ended.extend(running.into_iter().map(|program| program.finish(PATIENCE)));
    }
    ended
}

#[test]
fn the_plugins_take_the_arguments() {
    let is_ours = |call: &[String]| matches!(call.first().map(String::as_str), Some("smlogs" | "sagemaker"));
    let calls: Vec<_> = all().into_iter().filter(|(_, call)| is_ours(call)).collect();
    assert!(calls.len() > 20, "{calls:?}");
    // There is neither a cluster nor an account, so that nothing can come of it; 2 would be a matter of its usage.
    let ask = |(_, call): &(String, Vec<String>)| {
        let plugin = built::binaries().join(format!("kubectl-{}", call[0]));
        Program::tied(&plugin).args(&call[1..]).env("AWS_REGION", "us-west-2")
    };
    for ((page, call), told) in calls.iter().zip(run_all(calls.iter().map(ask).collect())) {
        assert_ne!(told.code(), 2, "{page}: kubectl {}\n{}", call.join(" "), told.stderr);
    }
}

#[test]
fn kubectl_takes_the_arguments() {
    // With other names and values it is the same for kubectl.
    let shape = |call: &[String]| -> Vec<String> {
        let flags = call.iter().enumerate().filter(|(at, word)| *at == 0 || word.starts_with('-'));
        flags.map(|(_, word)| word.split('=').next().unwrap_or(word).to_owned()).collect()
    };
    let mut known = BTreeSet::new();
    let is_new = |(_, call): &(String, Vec<String>)| {
        call.first().is_some_and(|word| word != "smlogs" && word != "sagemaker") && known.insert(shape(call))
    };
    let calls: Vec<_> = all().into_iter().filter(is_new).collect();
    assert!(calls.len() > 10, "{calls:?}");
    // Flags are read before help is given.
    let ask = |(_, call): &(String, Vec<String>)| Cluster::shared().kubectl().args(call).arg("--help");
    for ((page, call), told) in calls.iter().zip(run_all(calls.iter().map(ask).collect())) {
        let is_known = told.code() == 0 && !told.stdout.starts_with("kubectl controls");
        assert!(is_known, "{page}: kubectl {}\n{}", call.join(" "), told.stderr);
    }
}
