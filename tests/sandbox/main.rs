//! The test bed: a real control plane, an AWS simulator and the operator, started by one command.
//!
//! It imports nothing from the library it tests. What it knows of AWS comes from the service's API model alone.

mod aws;

use clap::{Parser, Subcommand};

/// A real control plane, an AWS simulator and the operator on this machine.
#[derive(Parser)]
#[command(name = "cargo sandbox", bin_name = "cargo sandbox", arg_required_else_help = true)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the AWS simulator alone.
    Aws(aws::Args),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Args::parse().command {
        Command::Aws(args) => aws::run(args).await,
    }
}
