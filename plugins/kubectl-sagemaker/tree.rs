//! `kubectl sagemaker tree`: an object and all that belongs to it.

use chrono::Utc;
use clap::Args;
use sagemaker_operator::cli::{Cluster, Console, Failure, KubeFlags, Outcome, worst};

use crate::describe;
use crate::find::{self, children_of};
use crate::wanted::Wanted;

/// The flags of `tree`.
#[derive(Debug, Args)]
pub(crate) struct Tree {
    /// Names, alone or with their types: churn, hostingdeployment/churn, hostingdeployment churn.
    #[arg(value_name = "TYPE|NAME", required = true)]
    words: Vec<String>,
}

impl Tree {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = Cluster::from_flags(kube).await?;
        let (found, outcomes) = find::named(&cluster, &Wanted::of(&self.words)?, "tree").await?.told(console);
        for held in &found {
            let children = children_of(&cluster, held).await?;
            console.print(&describe::tree(held, &children, Utc::now()))?;
        }
        Ok(worst(outcomes))
    }
}
