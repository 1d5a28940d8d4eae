//! The account and the partition that a policy is for: as given, or those of whoever asks.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use sagemaker_operator::access::document::{ACCOUNT, Partition};
use sagemaker_operator::aws::{Clients, Retries, introduce};
use sagemaker_operator::cli::{AwsFlags, Complaint, Console, credentials_trouble, span};
use sagemaker_operator::lifecycle::{AccountId, Arn, Cause, Place, Refusal, Region};

use crate::resource::clients;

/// How long STS may take to say who asks.
const PATIENCE: Duration = Duration::from_secs(8);

/// The flags that say which account.
#[derive(Debug, Args)]
pub(super) struct AccountFlags {
    /// The account's twelve digits, instead of asking AWS who you are.
    #[arg(long, value_name = "NUMBER")]
    account: Option<AccountId>,
    /// The partition of AWS, instead of that of the account or the region.
    #[arg(long, value_parser = PossibleValuesParser::new(Partition::ALL.map(Partition::name))
        .try_map(|name| name.parse::<Partition>()))]
    partition: Option<Partition>,
}

/// Where a policy is to stand.
#[derive(Debug)]
pub(super) struct Account {
    /// Twelve digits, or what stands for them.
    pub(super) number: String,
    pub(super) partition: Partition,
}

impl AccountFlags {
    /// Finds out what was not given. Without credentials a placeholder stands in, and is said.
    ///
    /// # Errors
    /// A partition of which nothing is known here.
    pub(super) async fn find(&self, aws: &AwsFlags, console: &mut Console) -> Result<Account, Complaint> {
        if let (Some(account), Some(partition)) = (&self.account, self.partition) {
            return Ok(Account { number: account.to_string(), partition });
        }
        let clients = clients(aws, Retries::Caller);
        let region = clients.default_region().await;
        if let Some(account) = &self.account {
            let partition = named(region.as_ref().map_or("aws", Region::partition))?;
            return Ok(Account { number: account.to_string(), partition });
        }
        match ask(&clients, region.as_ref(), console).await {
            Ok((account, partition)) => {
                let partition = self.partition.map_or_else(|| named(&partition), Ok)?;
                Ok(Account { number: account.to_string(), partition })
            }
            Err(why) => {
                console.say(&format!(
                    "warning: the account is not known: {why}\nhint: replace {ACCOUNT}, or say which: --account NUMBER"
                ));
                let named = self.partition.map_or_else(|| named(region.as_ref().map_or("aws", Region::partition)), Ok);
                Ok(Account { number: ACCOUNT.to_owned(), partition: named? })
            }
        }
    }
}

/// Asks STS. The ARN of whoever asks tells the partition.
async fn ask(clients: &Clients, region: Option<&Region>, console: &mut Console) -> Result<(AccountId, String), String> {
    // Any region's STS knows who asks, but not across partitions.
    let region = match region {
        Some(region) => region.clone(),
        None => "us-east-1".parse().map_err(|_| "no region is set".to_owned())?,
    };
    console.status("asking AWS who you are");
    let place = Place { region, endpoint: None, role: None };
    let asked = tokio::time::timeout(PATIENCE, introduce(clients, &place)).await;
    let introduced = asked.map_err(|_| format!("STS did not answer within {}", span(PATIENCE)))?;
    let identity = introduced.identity.map_err(|refusal| trouble(&refusal))?;
    let partition = identity.arn.split(':').nth(1).unwrap_or("aws").to_owned();
    Ok((identity.account, partition))
}

fn trouble(refusal: &Refusal) -> String {
    if refusal.cause == Cause::Credentials {
        return credentials_trouble(&refusal.message).message().to_owned();
    }
    // A message from elsewhere may have line feeds.
    refusal.message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn named(partition: &str) -> Result<Partition, Complaint> {
    partition.parse().map_err(|_| {
        let known = Partition::ALL.map(Partition::name).join(", ");
        Complaint::new(format!("nothing is known here of IAM in the partition {partition}"))
            .hint(format_args!("start from the policy of another one: --partition {known}"))
    })
}

/// The ARN of a role, as it is typed.
pub(super) fn role(text: &str) -> Result<Arn, String> {
    let is_role = |arn: &Arn| arn.is_role();
    text.parse()
        .ok()
        .filter(is_role)
        .ok_or_else(|| "not a role, such as arn:aws:iam::123456789012:role/train".to_owned())
}
