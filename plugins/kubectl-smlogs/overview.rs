//! Without arguments: what there is, as the AWS guide tells people to check their installation by.

use clap::CommandFactory;
use sagemaker_operator::cli::{Console, Failure, Outcome};

use crate::args::Args;

const OVERVIEW: &str = "\
View SageMaker logs via Kubernetes

Usage:
  kubectl smlogs [command]

Available Commands:
  BatchTransformJob        View BatchTransformJob logs via Kubernetes
  HostingDeployment        View the logs of a HostingDeployment's endpoint
  HyperparameterTuningJob  View the logs of a tuning job's trials
  ProcessingJob            View ProcessingJob logs via Kubernetes
  TrainingJob              View TrainingJob logs via Kubernetes
  help                     Help about any command

Examples:
  kubectl smlogs trainingjob xgboost-mnist -f          follow until the job has ended
  kubectl smlogs trainingjob/xgboost-mnist --tail 20   the last 20 lines
  kubectl smlogs trainingjob -l team=vision            all jobs with a label

Use \"kubectl smlogs help\" for all options.
";

pub(crate) fn print(console: &mut Console) -> Result<Outcome, Failure> {
    console.print(OVERVIEW)?;
    Ok(Outcome::Done)
}

pub(crate) fn help(console: &mut Console) -> Result<Outcome, Failure> {
    console.print(&Args::command().render_help().to_string())?;
    Ok(Outcome::Done)
}
