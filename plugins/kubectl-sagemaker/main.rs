//! `kubectl sagemaker`: what the operator's objects are doing.

mod args;
mod completion;
mod logs;
mod status;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use sagemaker_operator::cli::{Console, Failure, Outcome, complete};

use args::{Args, Command};

fn main() -> ExitCode {
    if let Some(outcome) = logs::pass_on(Args::command).or_else(|| complete(Args::command, |_| true)) {
        return outcome.into();
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are data, the rest is talk; clap knows which. A closed pipe is nobody's loss.
            let _ = error.print();
            return if error.use_stderr() { Outcome::Usage } else { Outcome::Done }.into();
        }
    };
    let mut console = Console::standard(args.color);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            console.say(&format!("error: cannot start: {error}"));
            return Outcome::CouldNot.into();
        }
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            ended = run(args, &mut console) => ended,
            _ = tokio::signal::ctrl_c() => Ok(Outcome::Interrupted),
        }
    });
    match outcome.and_then(|outcome| Ok(console.flush().map(|()| outcome)?)) {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            if let Some(message) = failure.message() {
                console.say(&message);
            }
            failure.outcome().into()
        }
    }
}

async fn run(args: Args, console: &mut Console) -> Result<Outcome, Failure> {
    let Args { command, color: _, kube } = args;
    match command {
        Command::Version(version) => Box::pin(version.run(&kube, console)).await,
        Command::Completion(completion) => completion.run(console),
        Command::Logs(logs) => Err(logs.run().into()),
        Command::Status(status) => Box::pin(status.run(&kube, console)).await,
    }
}
