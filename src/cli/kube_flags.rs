//! The flags by which kubectl is told whom to ask. kubectl parses none of them for a plugin.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

/// kubectl's connection flags. Each of them acts.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which cluster")]
pub struct KubeFlags {
    /// The namespace.
    #[arg(short, long, global = true)]
    pub namespace: Option<String>,
    /// The kubeconfig file, instead of those in KUBECONFIG.
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig.
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// The cluster of the kubeconfig.
    #[arg(long, global = true, value_name = "NAME")]
    pub cluster: Option<String>,
    /// The user of the kubeconfig.
    #[arg(long, global = true, value_name = "NAME")]
    pub user: Option<String>,
    /// The address of the API server.
    #[arg(short, long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// The bearer token to ask with, instead of the user's own credentials.
    #[arg(long, global = true)]
    pub token: Option<String>,
    /// The file with the authority that signed the API server's certificate.
    #[arg(long, global = true, value_name = "FILE")]
    pub certificate_authority: Option<PathBuf>,
    /// Do not check the API server's certificate.
    #[arg(long, global = true)]
    pub insecure_skip_tls_verify: bool,
    /// The user to act as.
    #[arg(long = "as", global = true, value_name = "USER")]
    pub as_user: Option<String>,
    /// A group to act as; may be repeated.
    #[arg(long, global = true, value_name = "GROUP")]
    pub as_group: Vec<String>,
    /// The uid to act as.
    #[arg(long, global = true, value_name = "UID")]
    pub as_uid: Option<String>,
    /// How long one request may take, such as 5s or 1m; 0 for as long as it likes.
    #[arg(long, global = true, value_name = "DURATION", value_parser = request_timeout)]
    pub request_timeout: Option<Duration>,
}

impl KubeFlags {
    /// What has to follow a command that is to mean the same namespace: ` -n NAME`, or nothing.
    #[must_use]
    pub fn in_namespace(&self) -> String {
        self.namespace.as_ref().map(|namespace| format!(" -n {namespace}")).unwrap_or_default()
    }
}

/// As kubectl reads it: a bare number is seconds.
fn request_timeout(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text).map_err(|_| "not a duration such as 30s or 2m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_are_read_as_kubectl_does() {
        assert_eq!(request_timeout("0"), Ok(Duration::ZERO));
        assert_eq!(request_timeout("15"), Ok(Duration::from_secs(15)));
        assert_eq!(request_timeout("1m30s"), Ok(Duration::from_secs(90)));
        assert!(request_timeout("soon").is_err());
    }
}
