//! `kubectl sagemaker`: what the operator's objects are doing.

mod agree;
mod args;
mod builtin;
mod canvas;
mod completion;
mod deployment;
mod describe;
mod doctor;
mod events;
mod find;
mod held;
mod iam;
mod logs;
mod metrics;
mod orphans;
mod resource;
mod status;
mod stop;
mod tree;
mod uninstall;
mod unstick;
mod version;
mod wanted;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use sagemaker_operator::cli::{Console, Failure, Outcome, complete};

use args::{Args, Command};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

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
    // Somebody may still be asked something: nobody waits for the answer any more.
    runtime.shutdown_background();
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
        Command::Doctor(doctor) => Box::pin(doctor.run(&kube, console)).await,
        Command::Iam(iam) => Box::pin(iam.run(&kube, console)).await,
        Command::Version(version) => Box::pin(version.run(&kube, console)).await,
        Command::Completion(completion) => completion.run(console),
        Command::Logs(logs) => Err(logs.run().into()),
        Command::Status(status) => Box::pin(status.run(&kube, console)).await,
        Command::Describe(describe) => Box::pin(describe.run(&kube, console)).await,
        Command::Tree(tree) => Box::pin(tree.run(&kube, console)).await,
        Command::Events(events) => Box::pin(events.run(&kube, console)).await,
        Command::Stop(stop) => Box::pin(stop.run(&kube, console)).await,
        Command::Orphans(orphans) => Box::pin(orphans.run(&kube, console)).await,
        Command::Metrics(metrics) => Box::pin(metrics.run(&kube, console)).await,
        Command::Uninstall(uninstall) => Box::pin(uninstall.run(&kube, console)).await,
        Command::Unstick(unstick) => Box::pin(unstick.run(&kube, console)).await,
    }
}
