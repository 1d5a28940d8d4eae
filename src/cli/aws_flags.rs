//! The flags by which the AWS CLI is told whom to ask.

use std::ffi::OsString;

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

impl AwsFlags {
    /// The same flags for another program that takes them.
    #[must_use]
    pub fn to_args(&self) -> Vec<OsString> {
        let Self { profile, endpoint_url } = self;
        let endpoint = endpoint_url.as_ref().map(|endpoint| endpoint.as_str().to_owned());
        let given = [("--profile", profile.clone()), ("--endpoint-url", endpoint)];
        let given = given.into_iter().filter_map(|(flag, value)| Some([flag.into(), value?.into()]));
        given.flatten().collect()
    }
}
