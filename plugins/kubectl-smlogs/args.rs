//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use sagemaker_operator::cli::{AwsFlags, Colour, KubeFlags};
use sagemaker_operator::logs::StreamPrefix;

use crate::source::Trial;

/// View SageMaker logs via Kubernetes
#[derive(Debug, Parser)]
#[command(
    name = "kubectl smlogs",
    bin_name = "kubectl smlogs",
    version,
    override_usage = "kubectl smlogs TYPE NAME... [OPTIONS]\n       kubectl smlogs TYPE/NAME... [OPTIONS]\n       kubectl smlogs TYPE (-l SELECTOR | --all | -A) [OPTIONS]\n       kubectl smlogs TYPE --job NAME [OPTIONS]",
    after_help = AFTER_HELP
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Args {
    /// Types in any spelling (`TrainingJob`, trainingjobs, ...) and names, as two words or as TYPE/NAME
    #[arg(value_name = "TYPE NAME")]
    pub(crate) words: Vec<String>,
    /// All objects of the type with these labels, such as team=vision.
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub(crate) selector: Option<String>,
    /// All objects of the type.
    #[arg(long)]
    pub(crate) all: bool,
    /// All objects of the type in all namespaces, or with -l those with the labels.
    #[arg(short = 'A', long)]
    pub(crate) all_namespaces: bool,
    /// A job or endpoint that has no object, by its name in SageMaker; see --region.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["selector", "all", "all_namespaces"])]
    pub(crate) job: Option<String>,
    /// Of a tuning job only this trial: best, its number, or the name of its training job.
    #[arg(long, value_name = "best|N|NAME")]
    pub(crate) trial: Option<Trial>,
    /// Of an endpoint only this variant.
    #[arg(long, value_name = "NAME")]
    pub(crate) variant: Option<String>,
    /// Follow the log until the job has ended; the exit code tells how.
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Only the last N lines, whatever their age.
    #[arg(long, value_name = "N")]
    pub(crate) tail: Option<usize>,
    /// Only streams whose names begin with this, such as algo-4.
    #[arg(short = 'p', long = "logSearchPrefix", alias = "log-search-prefix", value_name = "PREFIX")]
    pub(crate) log_search_prefix: Option<StreamPrefix>,
    /// Leave out the name of the log stream.
    #[arg(long)]
    pub(crate) hide_log_stream_name: bool,
    /// How a line looks: v1 is the default where stdout is no terminal.
    #[arg(short, long, value_name = "LOOK")]
    pub(crate) output: Option<Output>,
    /// With -f: how long no line must have come after the job's end. Less may lose the last ones: hosts hand
    /// theirs in every 5 seconds, at times a round late.
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = humantime::parse_duration)]
    pub(crate) quiet_for: Duration,
    /// With -f: how long to follow at most; exit code 5.
    #[arg(long, value_name = "DURATION", requires = "follow", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Go on after the last printed line, of which FILE keeps account. Append to what was printed: `>> OUTPUT`. A
    /// file gets each line once, whatever happens; a pipe, after a kill, some lines again.
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
    /// When to colour; `NO_COLOR` is heeded.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) color: Colour,
    #[command(flatten)]
    pub(crate) kube: KubeFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// STREAM 2026-11-23 16:27:16.714 +0000 UTC MESSAGE
    V1,
    /// algo-1 16:27:16 MESSAGE
    Short,
}

const AFTER_HELP: &str = "\
Exit codes:
  0 done, 1 could not, 2 usage, 130 Ctrl-C; with -f also 3 the job failed, 4 it was stopped,
  5 --timeout was reached; of several jobs the worst, in the order 1, 3, 4, 5, 0.
Rights:
  get on the job's kind (list for -l, --all and -A); logs:FilterLogEvents, logs:DescribeLogStreams, logs:GetLogEvents.
  With sagemaker:DescribeTrainingJob, -f ends well even if the object is deleted meanwhile.";
