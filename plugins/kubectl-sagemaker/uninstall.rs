//! `kubectl sagemaker uninstall`: takes the operator out of a cluster, after all that only the operator can end.

mod definitions;
mod installation;
mod objects;
mod parts;
mod scope;
mod told;

use std::time::{Duration, Instant};

use clap::Args;
use sagemaker_operator::cli::{Cluster, Complaint, Console, Failure, KubeFlags, Outcome};

use crate::agree::{asked, is_yes};
use installation::{Installation, Remover};
use objects::Terms;
use scope::Scope;

/// The flags of `uninstall`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without -n it is the operator of the whole cluster, unless the namespace of the context has one of its own.

Examples:
  kubectl sagemaker uninstall --dry-run             # what would be done, and what runs and would be ended
  kubectl sagemaker uninstall --yes --crds          # everything, without a question
  kubectl sagemaker uninstall -n ml --keep-aws      # the operator of one namespace; its jobs and endpoints go on")]
pub(crate) struct Uninstall {
    #[command(flatten)]
    scope: Scope,
    /// Does not ask.
    #[arg(short, long)]
    yes: bool,
    /// Says what would be done, and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// How long to wait at most for the end of what runs, such as 30m; exit code 5.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
}

impl Uninstall {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = Cluster::from_flags(kube).await?;
        let installation = Installation::look(&cluster).await?;
        let objects = installation.objects(&cluster).await?;
        let scope = self.scope;
        if scope.crds {
            definitions::may_go(&cluster, &installation).await?;
        }
        installation.is_able(&cluster, &objects, scope).await?;
        console.prose(&told::plan(&installation, &objects, scope))?;
        if self.dry_run {
            return Ok(Outcome::Done);
        }
        if !self.yes {
            let command = format!("kubectl sagemaker uninstall{}{} --yes", kube.in_namespace(), scope.flags());
            if !is_yes(&asked(console, "Go on? [y/N]", &command).await?) {
                return Err(Complaint::refused("nothing was changed").into());
            }
        }
        let deadline = self.timeout.map(|timeout| Instant::now() + timeout);
        let terms = Terms { keep_aws: scope.keep_aws, deadline };
        objects::end(&cluster, &installation, &objects, terms, console).await?;
        if let Some(operator) = &installation.operator {
            match &operator.remover {
                Remover::Here => parts::remove(&cluster, operator, console).await?,
                Remover::Helm { .. } | Remover::Somebody => {
                    console.print(&format!("Next, remove the operator: {}\n", operator.remover.command()))?;
                    if scope.crds {
                        console.print("Then once more, for the CRDs: kubectl sagemaker uninstall --crds\n")?;
                    }
                    return Ok(Outcome::Done);
                }
            }
        }
        if scope.crds {
            definitions::remove(&cluster, console).await?;
        }
        Ok(Outcome::Done)
    }
}
