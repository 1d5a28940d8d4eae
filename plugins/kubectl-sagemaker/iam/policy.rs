//! `kubectl sagemaker iam policy`: what a role has to be allowed.

use clap::Args;
use clap::builder::PossibleValue;
use sagemaker_operator::access::iam::Part;
use sagemaker_operator::access::policy::{LARGEST, Terms, limits, policy, size};
use sagemaker_operator::access::uses::{USES, parts};
use sagemaker_operator::cli::{AwsFlags, Console, Failure, Outcome};
use sagemaker_operator::lifecycle::Arn;

use super::account::{Account, AccountFlags, role};

/// The flags of `iam policy`.
#[derive(Debug, Args)]
pub(super) struct Policy {
    /// What it is for; several are put into one policy.
    #[arg(long = "for", value_name = "USE", value_delimiter = ',', default_value = "all",
        value_parser = USES.map(|(name, what, _)| PossibleValue::new(name).help(what)))]
    uses: Vec<String>,
    /// Lets nothing be made, changed or ended but for the objects of this namespace, by the tags of what they have.
    #[arg(long, value_name = "NAME")]
    namespace_only: Option<String>,
    /// A role that SageMaker may be given, such as the spec.roleArn of your objects, instead of any; may be repeated.
    #[arg(long = "pass-role", value_name = "ARN", value_parser = role)]
    passed: Vec<Arn>,
    #[command(flatten)]
    account: AccountFlags,
}

impl Policy {
    pub(super) async fn run(self, aws: &AwsFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let Account { number, partition } = self.account.find(aws, console).await?;
        let passed = self.passed.iter().map(ToString::to_string).collect();
        let terms = Terms { partition, account: number, passed, namespace: self.namespace_only };
        let parts: Vec<Part> = self.uses.iter().flat_map(|name| parts(name)).copied().collect();
        for limit in limits(&parts, &terms) {
            console.say(&format!("note: {limit}"));
        }
        let document = policy(&parts, &terms);
        let size = size(&document);
        if size > LARGEST {
            console.say(&format!(
                "warning: it has {size} characters, and IAM takes {LARGEST} of a managed policy\n\
                 hint: print one for each use, with --for, and attach them all"
            ));
        }
        console.print(&document.to_string())?;
        Ok(Outcome::Done)
    }
}
