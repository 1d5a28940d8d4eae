//! `cargo demo`: everything starts, a model is trained before your eyes, and everything is gone again.

use std::time::Instant;

use anyhow::bail;

use crate::progress;
use crate::stack::{Options, Stack};
use crate::{place, program, stop};

/// What `cargo demo` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many times as fast as SageMaker the job goes through its life.
    #[arg(long, default_value_t = 20.0)]
    speed: f64,
}

const MANIFEST: &str = "tests/samples/demo-trainingjob.yaml";
const JOB: &str = "mnist-demo";

/// Runs the demonstration; an error if the job does not complete.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let started = Instant::now();
    tokio::select! {
        result = show(args) => result?,
        told = stop::wanted(false) => {
            told?;
            bail!("interrupted; everything is stopped and removed");
        }
    }
    progress::note(format_args!("\neverything is stopped and removed, after {} s", started.elapsed().as_secs()));
    Ok(())
}

async fn show(args: Args) -> anyhow::Result<()> {
    let options = Options { speed: args.speed, no_operator: false, fault: Vec::new(), port: 0 };
    let stack = Stack::start(&options, &place::output_folder("demo")?).await?;
    kubectl(&stack, &["apply", "-f", MANIFEST]).await?;
    kubectl(&stack, &["smlogs", "trainingjob", JOB, "-f"]).await?;
    kubectl(&stack, &["wait", "--for=condition=Complete", "--timeout=20s", "trainingjob", JOB]).await?;
    kubectl(&stack, &["get", "trainingjob"]).await
}

/// Types a command for the onlooker, and runs it.
async fn kubectl(stack: &Stack, args: &[&str]) -> anyhow::Result<()> {
    progress::prompt(format_args!("kubectl {}", args.join(" ")));
    let mut command = stack.command("kubectl")?;
    command.args(args);
    let status = program::visibly(command).await?;
    if !status.success() {
        bail!("kubectl {} failed, {status}", args[0]);
    }
    Ok(())
}
