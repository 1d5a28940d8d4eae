//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use regex::Regex;
use sagemaker_operator::cli::{AwsFlags, Colour, KubeFlags, Moment};
use sagemaker_operator::lifecycle::Region;
use sagemaker_operator::logs::{Glob, Look, Ranks, StreamPrefix, Times};

use crate::source::Trial;

/// View SageMaker logs via Kubernetes
#[derive(Debug, Parser)]
#[command(
    name = "kubectl smlogs",
    bin_name = "kubectl smlogs",
    version,
    override_usage = "kubectl smlogs TYPE NAME... [OPTIONS]\n       kubectl smlogs TYPE/NAME... [OPTIONS]\n       kubectl smlogs TYPE (-l LABELS | --all | -A) [OPTIONS]\n       kubectl smlogs TYPE --job NAME [OPTIONS]",
    after_help = AFTER_HELP
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Args {
    /// Types in any spelling (`TrainingJob`, trainingjobs, ...) and names, as two words or as TYPE/NAME
    #[arg(value_name = "TYPE NAME")]
    pub(crate) words: Vec<String>,
    /// Follow the log until the job has ended; the exit code tells how.
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Follow the log even if the object, or with --job the job, is yet to be made.
    #[arg(long)]
    pub(crate) wait: bool,
    /// With -f: how long no line must have come after the job's end. Less may lose the last ones: hosts hand
    /// theirs in every 5 seconds, at times a round late.
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = humantime::parse_duration)]
    pub(crate) quiet_for: Duration,
    /// With -f or --wait: how long to follow at most, waiting included; exit code 5.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Go on after the last printed line, of which FILE keeps account. Append to what was printed: `>> OUTPUT`. A
    /// file gets each line once, whatever happens; a pipe, after a kill, some lines again.
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,

    /// All objects of the type with these labels, such as team=vision.
    #[arg(short = 'l', long, value_name = "LABELS", help_heading = "Which jobs")]
    pub(crate) selector: Option<String>,
    /// All objects of the type.
    #[arg(long, help_heading = "Which jobs")]
    pub(crate) all: bool,
    /// All objects of the type in all namespaces, or with -l those with the labels.
    #[arg(short = 'A', long, help_heading = "Which jobs")]
    pub(crate) all_namespaces: bool,
    /// A job or endpoint that has no object, by its name in SageMaker; see --region.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["selector", "all", "all_namespaces"], help_heading = "Which jobs")]
    pub(crate) job: Option<String>,
    /// Of a tuning job only this trial: best, its number, or the name of its training job.
    #[arg(long, value_name = "best|N|NAME", help_heading = "Which jobs")]
    pub(crate) trial: Option<Trial>,
    /// Of an endpoint only this variant.
    #[arg(long, value_name = "NAME", help_heading = "Which jobs")]
    pub(crate) variant: Option<String>,

    /// Only the last N lines of each job, whatever their age; -1 for all.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = tail, help_heading = "Which lines")]
    pub(crate) tail: Option<TailLines>,
    /// Only lines from then on: 10m ago, or 2026-11-23T16:00:00Z.
    #[arg(long, value_name = "WHEN", help_heading = "Which lines")]
    pub(crate) since: Option<Moment>,
    /// Only lines until then.
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["follow", "wait"], help_heading = "Which lines")]
    pub(crate) until: Option<Moment>,
    /// Only hosts with these ranks: 0 (that is algo-1), 0-3, 0,2, or !0 for all others.
    #[arg(long, value_name = "RANKS", help_heading = "Which lines")]
    pub(crate) rank: Option<Ranks>,
    /// Only streams whose names after the job's match, such as '*/data-log'.
    #[arg(long, value_name = "GLOB", help_heading = "Which lines")]
    pub(crate) stream: Option<Glob>,
    /// Only streams whose names after the job's begin with this, such as algo-4.
    #[arg(
        short = 'p',
        long = "logSearchPrefix",
        alias = "log-search-prefix",
        value_name = "PREFIX",
        help_heading = "Which lines"
    )]
    pub(crate) log_search_prefix: Option<StreamPrefix>,
    /// Only lines that match a regular expression.
    #[arg(long, value_name = "RE", help_heading = "Which lines")]
    pub(crate) grep: Option<Regex>,
    /// Only lines that do not match a regular expression.
    #[arg(long, value_name = "RE", help_heading = "Which lines")]
    pub(crate) grep_v: Option<Regex>,
    /// With --grep: also N lines before each.
    #[arg(
        short = 'B',
        long,
        value_name = "N",
        default_value_t = 0,
        hide_default_value = true,
        help_heading = "Which lines"
    )]
    pub(crate) before_context: usize,
    /// With --grep: also N lines after each. There is no -A, which is --all-namespaces.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, help_heading = "Which lines")]
    pub(crate) after_context: usize,
    /// With --grep: also N lines before and after each.
    #[arg(short = 'C', value_name = "N", conflicts_with_all = ["before_context", "after_context"], help_heading = "Which lines")]
    pub(crate) around: Option<usize>,
    /// Only lines that match a CloudWatch filter pattern, such as 'ERROR -timeout': the service searches, which is
    /// faster than --grep for a few lines of many.
    #[arg(long, value_name = "PATTERN", help_heading = "Which lines")]
    pub(crate) filter: Option<String>,

    /// How a line looks: short on a terminal, else v1.
    #[arg(short, long, value_name = "LOOK", help_heading = "How they look")]
    pub(crate) output: Option<Output>,
    /// How times are written: for v1 in UTC, for short in local time, unless told.
    #[arg(long, value_name = "HOW", help_heading = "How they look")]
    pub(crate) timestamps: Option<Timestamps>,
    /// Leave out the name of the log stream.
    #[arg(long, help_heading = "How they look")]
    pub(crate) hide_log_stream_name: bool,
    /// Print lines of several jobs as they arrive, not in the order of time.
    #[arg(long, help_heading = "How they look")]
    pub(crate) no_merge: bool,
    /// When to colour; `NO_COLOR` is heeded.
    #[arg(long, value_enum, default_value_t, help_heading = "How they look")]
    pub(crate) color: Colour,
    #[command(flatten)]
    pub(crate) kube: KubeFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    /// The region, instead of the object's own.
    #[arg(long, help_heading = "Which AWS")]
    pub(crate) region: Option<Region>,
}

/// How many of the last lines; `None` for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TailLines(pub(crate) Option<usize>);

/// As kubectl has it: -1 stands for all.
fn tail(text: &str) -> Result<TailLines, &'static str> {
    match text.parse() {
        Ok(lines) => Ok(TailLines(Some(lines))),
        Err(_) if text == "-1" => Ok(TailLines(None)),
        Err(_) => Err("not a number of lines, or -1 for all"),
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// STREAM 2026-11-23 16:27:16.714 +0000 UTC MESSAGE
    V1,
    /// algo-1 16:27:16 MESSAGE
    Short,
    /// MESSAGE
    Raw,
    /// An object a line with all that is known of it
    Json,
}

impl From<Output> for Look {
    fn from(output: Output) -> Self {
        match output {
            Output::V1 => Self::V1,
            Output::Short => Self::Short,
            Output::Raw => Self::Raw,
            Output::Json => Self::Json,
        }
    }
}

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Timestamps {
    /// In UTC
    Utc,
    /// In local time
    Local,
    /// 2026-11-23T16:27:16.714Z
    Iso,
    /// Not at all
    None,
}

impl From<Timestamps> for Times {
    fn from(timestamps: Timestamps) -> Self {
        match timestamps {
            Timestamps::Utc => Self::Utc,
            Timestamps::Local => Self::Local,
            Timestamps::Iso => Self::Iso,
            Timestamps::None => Self::None,
        }
    }
}

const AFTER_HELP: &str = "\
Exit codes:
  0 done, 1 could not, 2 usage, 130 Ctrl-C; with -f or --wait also 3 the job failed, 4 it was stopped,
  5 --timeout was reached; of several jobs the worst, in the order 1, 3, 4, 5, 0.
Rights:
  Kubernetes: get on the job's kind; list too for -l, --all and -A.
  AWS: logs:FilterLogEvents. Better with logs:DescribeLogStreams and logs:GetLogEvents.
  With sagemaker:DescribeTrainingJob (or the kind's own), -f ends well even if the object is deleted
  meanwhile; -f --job needs it to know the end.";
