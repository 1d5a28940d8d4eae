//! What can be typed.

use clap::{Parser, Subcommand};
use sagemaker_operator::cli::{Colour, KubeFlags};

use crate::completion::Completion;
use crate::describe::Describe;
use crate::doctor::Doctor;
use crate::events::Events;
use crate::iam::Iam;
use crate::logs::Logs;
use crate::metrics::Metrics;
use crate::orphans::Orphans;
use crate::status::Status;
use crate::stop::Stop;
use crate::tree::Tree;
use crate::uninstall::Uninstall;
use crate::unstick::Unstick;
use crate::version::Version;

/// See what the SageMaker operator's objects are doing
#[derive(Debug, Parser)]
#[command(name = "kubectl sagemaker", bin_name = "kubectl sagemaker", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to colour; `NO_COLOR` is heeded.
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(crate) color: Colour,
    #[command(flatten)]
    pub(crate) kube: KubeFlags,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What is going on: every object, what it does and what stands in its way
    Status(Status),
    /// Why: the whole chain behind an object, from its conditions to its log
    Describe(Describe),
    /// An object and all that belongs to it
    Tree(Tree),
    /// What was told of objects, oldest first
    Events(Events),
    /// End a job and keep its object
    Stop(Stop),
    /// Let an object go whose deletion hangs, and leave nothing behind that bills without saying so
    #[command(alias = "force-unfinalize")]
    Unstick(Unstick),
    /// Take the operator out of the cluster, after all that only it can end
    Uninstall(Uninstall),
    /// What is in AWS without an object, and objects that have nothing there any more
    Orphans(Orphans),
    /// Is it learning: what a job's log tells of its loss and the like, as curves
    Metrics(Metrics),
    /// The log of a job, or of several: `kubectl smlogs`
    Logs(Logs),
    /// Is this installation all right: the cluster, the operator, rights and AWS, and what to do next
    ///
    /// Changes nothing. Looks at all namespaces that you may see, or with -n at one. Exit code 1 if a check failed.
    Doctor(Doctor),
    /// Policies for AWS, filled in: what a role has to be allowed, and who may take it on
    Iam(Iam),
    /// The versions of this plugin, the operator, its kinds and the cluster
    Version(Version),
    /// What makes kubectl or a shell complete the words of both plugins
    Completion(Completion),
}
