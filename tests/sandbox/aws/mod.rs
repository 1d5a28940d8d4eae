//! The AWS simulator: a strict stand-in for the services the product talks to.
//!
//! One port serves SageMaker, CloudWatch Logs, STS and Application Auto Scaling, for any number of accounts and
//! regions. What it knows of them comes from their public API model and documentation.

mod admin;
mod autoscaling;
mod calls;
mod clock;
mod faults;
mod glob;
mod http;
mod iam;
mod identity;
mod journal;
mod logs;
mod model;
mod pattern;
mod place;
mod query;
mod quota;
mod refusal;
mod reply;
mod sagemaker;
mod service_quotas;
mod shapes;
mod signature;
mod state;
mod sts;
#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::stop;
use faults::Faults;
use place::Pace;
use quota::Quotas;
use state::Sandbox;

/// What `cargo sandbox aws` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Port on loopback; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How much faster than in AWS jobs run: 2 is twice as fast. Clocks stay real.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Stop at the end of standard input too, so that the simulator goes with whoever started it.
    #[arg(long)]
    until_stdin_closes: bool,
    /// A fault rule, as for `POST /_sandbox/faults`; may be repeated.
    #[arg(long = "fault", value_name = "JSON")]
    faults: Vec<String>,
    /// Let every call through, however many.
    #[arg(long)]
    no_quotas: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if speed.is_finite() && speed > 0.0 { Ok(speed) } else { Err("must be above zero".to_owned()) }
}

/// Serves until it is told to stop.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let Args { port, speed, until_stdin_closes, faults: rules, no_quotas } = args;
    let mut faults = Faults::default();
    for rule in &rules {
        faults.add(serde_json::from_str(rule).with_context(|| format!("failed to read the fault rule {rule}"))?);
    }
    let sandbox = Arc::new(Sandbox::new(Pace(speed), faults, (!no_quotas).then(Quotas::default)));
    let listener =
        TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("failed to listen on port {port}"))?;
    let endpoint = format!("http://{}", listener.local_addr()?);

    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", serde_json::json!({ "endpoint": endpoint }))?;
    stdout.flush()?;
    tokio::select! {
        () = http::serve(listener, sandbox) => Ok(()),
        stopped = stop::wanted(until_stdin_closes) => stopped,
    }
}
