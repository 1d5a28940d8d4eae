//! The flags by which kubectl is told whom to ask. kubectl parses none of them for a plugin.

use std::ffi::OsString;
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
    /// The same flags for another program that takes them.
    #[must_use]
    pub fn to_args(&self) -> Vec<OsString> {
        let Self {
            namespace,
            kubeconfig,
            context,
            cluster,
            user,
            server,
            token,
            certificate_authority,
            insecure_skip_tls_verify,
            as_user,
            as_group,
            as_uid,
            request_timeout,
        } = self;
        let timeout = request_timeout.map(|timeout| humantime::format_duration(timeout).to_string());
        let texts = [
            ("--namespace", namespace),
            ("--context", context),
            ("--cluster", cluster),
            ("--user", user),
            ("--server", server),
            ("--token", token),
            ("--as", as_user),
            ("--as-uid", as_uid),
            ("--request-timeout", &timeout),
        ];
        let texts = texts.into_iter().filter_map(|(flag, value)| Some((flag, OsString::from(value.as_ref()?))));
        let groups = as_group.iter().map(|group| ("--as-group", OsString::from(group)));
        let files = [("--kubeconfig", kubeconfig), ("--certificate-authority", certificate_authority)];
        let files = files.into_iter().filter_map(|(flag, file)| Some((flag, file.as_ref()?.clone().into_os_string())));
        let values = texts.chain(groups).chain(files).flat_map(|(flag, value)| [OsString::from(flag), value]);
        values.chain(insecure_skip_tls_verify.then(|| "--insecure-skip-tls-verify".into())).collect()
    }

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
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        kube: KubeFlags,
    }

    #[test]
    fn flags_that_are_passed_on_mean_the_same() {
        let all = [
            "program",
            "-n",
            "ml",
            "--kubeconfig",
            "file",
            "--context",
            "c",
            "--cluster",
            "k",
            "--user",
            "u",
            "-s",
            "url",
            "--token",
            "t",
            "--certificate-authority",
            "ca",
            "--insecure-skip-tls-verify",
            "--as",
            "carol",
            "--as-group",
            "a",
            "--as-group",
            "b",
            "--as-uid",
            "7",
            "--request-timeout",
            "90",
        ];
        for typed in [&all[..], &all[..1]] {
            let flags = Program::parse_from(typed).kube;
            let passed = std::iter::once("program".into()).chain(flags.to_args());
            assert_eq!(format!("{:?}", Program::parse_from(passed).kube), format!("{flags:?}"));
        }
    }

    #[test]
    fn time_outs_are_read_as_kubectl_does() {
        assert_eq!(request_timeout("0"), Ok(Duration::ZERO));
        assert_eq!(request_timeout("15"), Ok(Duration::from_secs(15)));
        assert_eq!(request_timeout("1m30s"), Ok(Duration::from_secs(90)));
        assert!(request_timeout("soon").is_err());
    }
}
