//! The manager's command line: the original's flags in the original's forms, and those that set the pace.

use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, ValueEnum};

use crate::lifecycle::AccountId;
use crate::lifecycle::OPERATOR_NAMESPACE;

use super::reconcile::Rules;
use super::settings::{Pace, SecureMetrics, Settings};

/// Where the service account's namespace stands in a pod.
const OWN_NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

/// Runs the SageMaker jobs that Kubernetes objects describe.
#[derive(Debug, Clone, Parser)]
#[command(name = "sagemaker-operator", version, about)]
pub struct Args {
    /// Look after this namespace only; all of them if it is left out or empty
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Option<String>,

    /// Where /metrics, /healthz and /readyz are served
    #[arg(long, value_name = "[HOST]:PORT", default_value = ":8080", value_parser = address)]
    metrics_addr: SocketAddr,

    /// Where /metrics is served over HTTPS, in its stead, to those alone whom Kubernetes lets get it
    #[arg(long, value_name = "[HOST]:PORT", value_parser = address)]
    secure_metrics_addr: Option<SocketAddr>,

    /// The folder with tls.crt and tls.key for that, read again when they change; without, a certificate is made at the
    /// start that is signed by itself
    #[arg(long, value_name = "DIR")]
    metrics_cert_dir: Option<PathBuf>,

    /// Accepted for the original's manifests; the operator always holds a Lease
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    enable_leader_election: Option<bool>,

    /// How log lines are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// How often jobs that run are listed in SageMaker
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time)]
    poll_interval: Duration,

    /// How often each of them is looked at even if no listing shows a change
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time)]
    sweep_interval: Duration,

    /// How often an object that AWS refused is tried again; an edit has it tried at once
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time)]
    stalled_interval: Duration,

    /// The longest wait after the first failure of a call; it doubles with each further one
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = time)]
    retry_base: Duration,

    /// The longest wait after many failures
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time)]
    retry_cap: Duration,

    /// How long after a Create "not found" may mean "not yet"
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time)]
    not_found_window: Duration,

    /// How long the Lease lasts without a sign of life from its holder
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = time)]
    lease_duration: Duration,

    /// How many objects of a kind are worked on at a time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: u16,

    /// Take over an existing resource of the wanted name without asking whose it is, as version 1 did
    #[arg(long)]
    adopt_by_name: bool,

    /// The AWS account in which version 1 worked: what it left there and is not to be found is gone
    #[arg(long, value_name = "ACCOUNT")]
    v1_account: Option<AccountId>,
}

/// `10s`, `5m`, `1h 30m`.
fn time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time.is_zero() => Err("it must be longer than nothing".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(format!("{error}; write it as 10s, 5m or 1h30m")),
    }
}

/// An address in Go's form, where the host may be left out.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Some(port) = text.strip_prefix(':') {
        let port = port.parse().map_err(|error| format!("{port:?} is no port: {error}"))?;
        return Ok((Ipv6Addr::UNSPECIFIED, port).into());
    }
    let mut addresses =
        text.to_socket_addrs().map_err(|error| format!("{error}; write it as :8080 or 127.0.0.1:8080"))?;
    addresses.next().ok_or_else(|| format!("{text} has no address"))
}

/// Flags that do not go together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgsError {
    /// A certificate for nothing.
    #[error(
        "use --metrics-cert-dir: metrics are not served over HTTPS; hint: add --secure-metrics-addr=:8443, or leave out \
         --metrics-cert-dir"
    )]
    CertificateForNothing,
    /// Two servers at one address.
    #[error("serve both on {0}; hint: give --metrics-addr and --secure-metrics-addr ports of their own")]
    SameAddress(SocketAddr),
}

/// How metrics are served to those alone who may read them.
fn secure_metrics(
    plain: SocketAddr,
    secure: Option<SocketAddr>,
    certificate: Option<PathBuf>,
) -> Result<Option<SecureMetrics>, ArgsError> {
    match (secure, certificate) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ArgsError::CertificateForNothing),
        (Some(address), _) if address == plain && address.port() != 0 => Err(ArgsError::SameAddress(address)),
        (Some(address), certificate) => Ok(Some(SecureMetrics { address, certificate })),
    }
}

impl TryFrom<Args> for Settings {
    type Error = ArgsError;

    fn try_from(args: Args) -> Result<Self, ArgsError> {
        let Args {
            namespace,
            metrics_addr,
            secure_metrics_addr,
            metrics_cert_dir,
            enable_leader_election: _,
            log_format: _,
            poll_interval,
            sweep_interval,
            stalled_interval,
            retry_base,
            retry_cap,
            not_found_window,
            lease_duration,
            concurrency,
            adopt_by_name,
            v1_account,
        } = args;
        Ok(Self {
            namespace: namespace.filter(|namespace| !namespace.is_empty()),
            metrics_addr,
            secure_metrics: secure_metrics(metrics_addr, secure_metrics_addr, metrics_cert_dir)?,
            aws_role: std::env::var("AWS_ROLE_ARN").ok(),
            operator_namespace: own_namespace(),
            identity: identity(),
            lease_duration,
            pace: Pace {
                poll_interval,
                sweep_interval,
                stalled_interval,
                retry_base,
                retry_cap,
                concurrency: concurrency.into(),
            },
            rules: Rules {
                adopt_by_name,
                v1_account,
                not_found_window,
                creates_at_once: usize::from(concurrency).div_ceil(2),
            },
        })
    }
}

/// The namespace the operator runs in.
fn own_namespace() -> String {
    let from_env = std::env::var("POD_NAMESPACE").ok();
    let from_file = || std::fs::read_to_string(OWN_NAMESPACE).ok();
    from_env
        .or_else(from_file)
        .map(|namespace| namespace.trim().to_owned())
        .filter(|namespace| !namespace.is_empty())
        .unwrap_or_else(|| OPERATOR_NAMESPACE.to_owned())
}

/// The pod, and which of its processes: one that was restarted must not take its predecessor's Lease for its own.
fn identity() -> String {
    let pod = std::env::var("POD_NAME").or_else(|_| std::env::var("HOSTNAME"));
    format!("{}_{:08x}", pod.unwrap_or_else(|_| "sagemaker-operator".to_owned()), fastrand::u32(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from([&["sagemaker-operator"], args].concat())
    }

    #[test]
    fn the_originals_flags_are_taken_in_the_originals_forms() {
        for args in [
            &["--metrics-addr=127.0.0.1:8080", "--enable-leader-election"][..],
            &["--metrics-addr", ":8080", "--namespace", "ml", "--enable-leader-election=false"],
            &["--namespace="],
            &[],
        ] {
            assert!(parsed(args).is_ok(), "{args:?}");
        }
        let args = parsed(&[]).unwrap();
        assert_eq!(args.metrics_addr.to_string(), "[::]:8080");
        let settings: Settings = parsed(&["--namespace="]).unwrap().try_into().unwrap();
        assert_eq!(settings.namespace, None, "empty means all, as for the original");
    }

    #[test]
    fn metrics_are_for_all_unless_an_address_is_given_for_those_who_may_read_them() {
        let secure = |args: &[&str]| Settings::try_from(parsed(args).unwrap()).map(|settings| settings.secure_metrics);
        let on = |certificate: Option<&str>| {
            let address = (Ipv6Addr::UNSPECIFIED, 8443).into();
            Some(SecureMetrics { address, certificate: certificate.map(PathBuf::from) })
        };
        for (args, meant) in [
            (&[][..], Ok(None)),
            (&["--secure-metrics-addr=:8443"], Ok(on(None))),
            (&["--secure-metrics-addr", ":8443", "--metrics-cert-dir", "/tls"], Ok(on(Some("/tls")))),
            (&["--metrics-cert-dir=/tls"], Err(ArgsError::CertificateForNothing)),
            (&["--secure-metrics-addr=:8080"], Err(ArgsError::SameAddress((Ipv6Addr::UNSPECIFIED, 8080).into()))),
        ] {
            assert_eq!(secure(args), meant, "{args:?}");
        }
    }

    #[test]
    fn a_wrong_value_is_told_with_the_right_form() {
        let told = |args: &[&str]| parsed(args).unwrap_err().to_string();
        assert!(told(&["--poll-interval", "10"]).contains("write it as 10s"), "{}", told(&["--poll-interval", "10"]));
        assert!(told(&["--metrics-addr", "8080"]).contains(":8080"), "{}", told(&["--metrics-addr", "8080"]));
        assert!(told(&["--secure-metrics-addr", "8443"]).contains(":8080"));
        assert!(parsed(&["--poll-interval", "0s"]).is_err());
        assert!(parsed(&["--concurrency", "0"]).is_err());
    }
}
