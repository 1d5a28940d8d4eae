//! `kubectl sagemaker logs`: `kubectl smlogs` under a name that is easier to guess.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;
use sagemaker_operator::cli::{COMPLETE, Colour, Complaint, Console, Outcome, first_word};

/// The program that does it.
const SMLOGS: &str = "kubectl-smlogs";

/// All that `kubectl smlogs` takes.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Logs {
    /// As for kubectl smlogs; see kubectl smlogs --help.
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

impl Logs {
    /// Returns only if that cannot be started.
    pub(crate) fn run(self) -> Complaint {
        start(&self.args)
    }
}

/// Starts it if `logs` is the subcommand that was typed, with all other arguments as they are. clap is not asked: it
/// would keep the flags that it knows. What is to be completed after `logs` goes the same way.
pub(crate) fn pass_on(command: impl FnOnce() -> clap::Command) -> Option<Outcome> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let passed = passed(&args, command)?;
    let complaint = start(&passed);
    Console::standard(Colour::Auto).say(&complaint.to_string());
    Some(complaint.outcome())
}

fn passed(args: &[OsString], command: impl FnOnce() -> clap::Command) -> Option<Vec<OsString>> {
    if !args.iter().any(|arg| arg == "logs") {
        return None;
    }
    let (asks, typed) = args.split_at(usize::from(args.first().is_some_and(|first| first == COMPLETE)));
    let at = first_word(&mut command(), typed)?;
    let (before, rest) = typed.split_at(at);
    match rest {
        // Completed is only what follows it.
        [word] if word == "logs" && !asks.is_empty() => None,
        [word, after @ ..] if word == "logs" => Some([asks, before, after].concat()),
        [help, word, ..] if help == "help" && word == "logs" && asks.is_empty() => Some(vec!["--help".into()]),
        _ => None,
    }
}

/// Becomes `kubectl smlogs`. Returns why not.
fn start(args: &[OsString]) -> Complaint {
    let mut command = Command::new(program());
    not_started(&become_it(command.args(args)))
}

/// The one beside this program, else the one on PATH.
pub(crate) fn program() -> PathBuf {
    let own = std::env::current_exe().ok();
    let beside = own.as_ref().map(|own| own.with_file_name(SMLOGS)).filter(|path| path.is_file());
    beside.unwrap_or_else(|| PathBuf::from(SMLOGS))
}

/// What is told if it does not start.
pub(crate) fn not_started(error: &io::Error) -> Complaint {
    match error.kind() {
        io::ErrorKind::NotFound => Complaint::new(format!("{SMLOGS}, which reads logs, is not installed"))
            .hint("put it beside kubectl-sagemaker, or into a folder of PATH"),
        _ => Complaint::new(format!("cannot start {SMLOGS}: {error}")),
    }
}

/// Signals, the terminal and the exit code are then those of the other program.
#[cfg(unix)]
fn become_it(command: &mut Command) -> io::Error {
    use std::os::unix::process::CommandExt as _;
    command.exec()
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
