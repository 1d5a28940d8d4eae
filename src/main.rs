//! The manager binary: joins the operator to AWS, kind by kind.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser as _;
use sagemaker_operator::api::{
    BatchTransformJob, HostingAutoscalingPolicy, HyperparameterTuningJob, ProcessingJob, TrainingJob,
};
use sagemaker_operator::aws::{Api, Clients, Options, Retries, Sent, may_log};
use sagemaker_operator::operator::{Args, LogFormat, Metrics, Operator, Settings};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

fn main() -> ExitCode {
    let args = Args::parse();
    log(args.log_format);
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("failed to {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(args: Args) -> anyhow::Result<()> {
    let settings = Settings::try_from(args)?;
    let metrics = Metrics::default();
    let counts = metrics.clone();
    let operator = Operator::connect(settings, metrics).await?;
    let cluster = operator.cluster().await;
    let clients = Clients::new(Options { retries: Retries::Caller, cluster, ..Options::default() });
    let observer = move |sent: &Sent<'_>| {
        counts.aws_call(sent.operation, &sent.place.region, sent.refused, sent.waited, sent.took);
    };
    let aws = Arc::new(Api::new(clients, operator.permit(), Arc::new(observer)));
    let operator = operator
        .looking_after::<TrainingJob, _>(Arc::clone(&aws))
        .looking_after::<ProcessingJob, _>(Arc::clone(&aws))
        .looking_after::<BatchTransformJob, _>(Arc::clone(&aws))
        .looking_after_trials::<HyperparameterTuningJob, _>(Arc::clone(&aws))
        .looking_after::<HostingAutoscalingPolicy, _>(Arc::clone(&aws))
        .looking_after_hosting(&aws);
    operator.run().await.context("run the operator")
}

/// To stderr, as text or JSON; `RUST_LOG` says how much.
fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let never_bodies = tracing_subscriber::filter::filter_fn(may_log);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter).with_filter(never_bodies)).init();
}
