//! The test bed: a real control plane, an AWS simulator and the operator, started by one command.
//!
//! It imports nothing from the library it tests. What it knows of AWS comes from the service's API model alone.

mod aws;
mod cargo;
mod cluster;
mod demo;
mod env;
mod go_tools;
mod helm;
mod judges;
mod place;
mod program;
mod progress;
mod scratch;
mod stack;
mod stop;
mod tied;
mod up;

use std::process::ExitCode;

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
    /// Start everything and stay until Ctrl-C.
    Up(up::Args),
    /// Start everything, train a model, show its log, and stop again.
    Demo(demo::Args),
    /// Run the AWS simulator alone.
    Aws(aws::Args),
    /// Run the control plane alone.
    Cluster(cluster::Args),
    /// Print where helm is, building it if need be.
    #[command(hide = true)]
    Helm,
    /// Print the folder of the programs that judge as others do, building them if need be.
    #[command(hide = true)]
    Judges,
    /// Become a command that dies with the process that started it.
    #[command(name = "__tied", hide = true)]
    Tied(tied::Args),
}

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress::note(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Up(args) => until_done(up::run(args)),
        Command::Demo(args) => until_done(demo::run(args)),
        Command::Aws(args) => until_done(aws::run(args)),
        Command::Cluster(args) => until_done(cluster::run(args)),
        Command::Helm => until_done(helm::run()),
        Command::Judges => until_done(judges::run()),
        // No runtime, no threads: this process is about to become another.
        Command::Tied(args) => Err(tied::become_command(&args).into()),
    }
}

fn until_done(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
