//! A real Kubernetes control plane on this machine: etcd, kube-apiserver and kube-controller-manager as they are.

mod access;
mod binaries;
mod build;
mod control_plane;
mod start;

use std::io::Write as _;

use serde_json::json;

pub(crate) use control_plane::ControlPlane;
pub(crate) use start::free_port;

use crate::stop;

/// What `cargo sandbox cluster` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Stop at the end of the input too, so that whoever holds the other end of the pipe cannot leave it running.
    #[arg(long)]
    until_stdin_closes: bool,
    /// Only make sure that the binaries are there, building them if need be.
    #[arg(long)]
    prepare: bool,
}

/// Runs a control plane, tells on stdout how to reach it, and stops when told to.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    tokio::select! {
        result = serve(), if !args.prepare => result,
        found = binaries::find_or_build(), if args.prepare => found.map(drop),
        told = stop::wanted(args.until_stdin_closes) => {
            told?;
            anyhow::ensure!(!args.prepare, "interrupted");
            Ok(())
        }
    }
}

async fn serve() -> anyhow::Result<()> {
    let control_plane = ControlPlane::start().await?;
    let access = control_plane.access();
    let ready = json!({
        "server": access.server,
        "kubeconfig": access.kubeconfig,
        "ca": access.ca,
        "tokens": access.tokens(),
        "kubectl": control_plane.binaries().kubectl,
        "pids": control_plane.pids(),
    });
    writeln!(std::io::stdout(), "{ready}")?;
    std::future::pending().await
}
