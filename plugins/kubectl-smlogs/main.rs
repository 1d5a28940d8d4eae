//! `kubectl smlogs`: the logs of SageMaker jobs, found through their Kubernetes objects.

mod args;
mod ask;
mod begin;
mod bulk;
mod ending;
mod follow;
mod mentions;
mod nothing;
mod overview;
mod printer;
mod progress;
mod read;
mod resume;
mod sagemaker;
mod session;
mod sink;
mod source;
mod tail;
mod wait;
mod wanted;
mod watch;
mod writer;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use sagemaker_operator::cli::{Console, Failure, Outcome, complete};

use args::Args;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    if let Some(outcome) = complete(Args::command, |type_| type_.logged().is_some()) {
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
    // One thread: a reader of logs waits more than it works, and starts faster.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            console.say(&format!("error: cannot start: {error}"));
            return Outcome::CouldNot.into();
        }
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            ended = run(args, &mut console) => Some(ended),
            _ = tokio::signal::ctrl_c() => None,
        }
    });
    // What has been printed so far is shown in any case.
    let shown = console.flush().map_err(Failure::from);
    console.clear_status();
    match outcome.map(|ended| ended.and_then(|outcome| shown.map(|()| outcome))) {
        Some(Ok(outcome)) => outcome.into(),
        Some(Err(failure)) => {
            if let Some(message) = failure.message() {
                console.say(&message);
            }
            failure.outcome().into()
        }
        None => Outcome::Interrupted.into(),
    }
}

async fn run(args: Args, console: &mut Console) -> Result<Outcome, Failure> {
    let asks_for_nothing = args.words.is_empty() && args.job.is_none() && args.selector.is_none();
    match args.words.first() {
        None if asks_for_nothing && !args.all && !args.all_namespaces => overview::print(console),
        Some(word) if word == "help" => overview::help(console),
        None | Some(_) => Box::pin(wanted::Wanted::new(args, console)?.run(console)).await,
    }
}
