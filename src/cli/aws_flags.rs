//! The flags by which the AWS CLI is told whom to ask.

use clap::Args;

use crate::lifecycle::Endpoint;

/// The AWS CLI's connection flags; the environment and the AWS configuration files give the rest.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which AWS")]
pub struct AwsFlags {
    /// The profile of the AWS configuration files.
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The address of all AWS services.
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<Endpoint>,
}
