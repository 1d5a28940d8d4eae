//! `kubectl sagemaker iam`: policies for AWS, filled in. What is printed is the document and nothing else, so that it can
//! go to `aws iam` as it is.

mod account;
mod policy;
mod trust;

use clap::{Args, Subcommand};
use sagemaker_operator::cli::{AwsFlags, Console, Failure, KubeFlags, Outcome};

use policy::Policy;
use trust::Trust;

const POLICY: &str = "\
Examples:
  kubectl sagemaker iam policy --for all > policy.json
  aws iam create-policy --policy-name sagemaker-operator --policy-document file://policy.json";

const TRUST: &str = "\
Examples:
  kubectl sagemaker iam trust > trust.json
  aws iam create-role --role-name sagemaker-operator --assume-role-policy-document file://trust.json
  kubectl sagemaker iam trust -n team --operator-role arn:aws:iam::123456789012:role/sagemaker-operator";

/// The flags of `iam`.
#[derive(Debug, Args)]
pub(crate) struct Iam {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    aws: AwsFlags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What a role has to be allowed: a permission policy
    #[command(after_help = POLICY)]
    Policy(Policy),
    /// Who may take a role on: a trust policy
    #[command(after_help = TRUST)]
    Trust(Trust),
}

impl Iam {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        match self.command {
            Command::Policy(policy) => policy.run(&self.aws, console).await,
            Command::Trust(trust) => trust.run(&self.aws, kube, console).await,
        }
    }
}
