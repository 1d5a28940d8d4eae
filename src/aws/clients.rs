//! Configuration and clients: one of each per place, loaded when first asked for.
//!
//! Credentials come from where the AWS CLI looks: environment, profile (keys, role chains, processes, SSO), web
//! identity (IRSA), ECS and EKS containers, EC2. They are asked for by the first request, not before.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::OnceCell;

use super::ahead::Ahead;
use super::endpoint::{DEFAULT_SAGEMAKER_ENDPOINT, sagemaker_override};
use super::http::lazy_client;
use crate::lifecycle::{Assume, Cause, Endpoint, Place, Refusal, Region};

/// A host that is there answers the handshake within this time.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest that one attempt may take: above what a Create takes on a bad day, below a client's patience.
pub(super) const ATTEMPT: Duration = Duration::from_secs(30);
/// The longest that all attempts of one call may take together.
const OPERATION: Duration = Duration::from_mins(1);
/// How long credentials that were never good are kept before they are read again.
const DISTRUST: Duration = Duration::from_secs(5);
/// The longest session name that STS takes.
const SESSION_NAME_LIMIT: usize = 64;

/// Who repeats a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retries {
    /// The caller, by its own rules: every call is one attempt. For the operator.
    #[default]
    Caller,
    /// The SDK, a few times. For the plugins.
    Sdk,
}

impl Retries {
    fn config(self) -> RetryConfig {
        match self {
            Self::Caller => RetryConfig::disabled(),
            Self::Sdk => RetryConfig::standard().with_max_attempts(4),
        }
    }
}

/// What a person or a deployment can choose about the way to AWS.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The profile of the AWS configuration files: `--profile`.
    pub profile: Option<String>,
    /// The address of all services: `--endpoint-url`.
    pub endpoint_url: Option<Endpoint>,
    /// The certificates to trust instead of the system's, as the AWS CLI's `--ca-bundle`; else those of
    /// `AWS_CA_BUNDLE`.
    pub ca_bundle: Option<PathBuf>,
    /// Who repeats a call that failed.
    pub retries: Retries,
    /// Credentials to use instead of those that are found in the standard places.
    pub credentials: Option<SharedCredentialsProvider>,
    /// Names this cluster in the session names of roles taken on, as `CloudTrail` shows them.
    pub cluster: Option<String>,
}

/// All clients of a process. Making one costs nothing; it loads what a place needs when that place is first used.
#[derive(Debug)]
pub struct Clients {
    options: Options,
    http: SharedHttpClient,
    default_sagemaker_endpoint: Option<String>,
    by_place: Mutex<HashMap<Place, Arc<Slot>>>,
}

/// Where the clients of a place will be.
#[derive(Debug)]
struct Slot {
    since: Instant,
    /// Whether AWS has ever taken these credentials.
    proved: AtomicBool,
    clients: OnceCell<Arc<PlaceClients>>,
}

/// The clients of a place, each made when it is first asked for.
#[derive(Debug)]
struct PlaceClients {
    config: SdkConfig,
    ahead: Option<Arc<Ahead>>,
    /// SageMaker's own address, if it has one.
    address: Option<String>,
    sagemaker: OnceLock<aws_sdk_sagemaker::Client>,
    application_autoscaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
}

impl Clients {
    /// Clients with these options; the environment gives the rest. Reads no file and opens no connection.
    pub fn new(options: Options) -> Self {
        let from_env = || std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from);
        Self {
            http: lazy_client(options.ca_bundle.clone().or_else(from_env)),
            options,
            default_sagemaker_endpoint: std::env::var(DEFAULT_SAGEMAKER_ENDPOINT).ok(),
            by_place: Mutex::default(),
        }
    }

    /// What the clients of all services at a place share: credentials (asked for by the first request), HTTP stack,
    /// time-outs, retries and endpoints. `aws_sdk_X::Client::new(&config)` makes a client of any service; the override
    /// of SageMaker's own address is not in it.
    pub async fn sdk_config(&self, place: &Place) -> SdkConfig {
        self.at(place).await.config.clone()
    }

    /// Loads what the first request at a place will need, credentials included, while somebody waits for something else.
    pub async fn prepare(&self, place: &Place) {
        let clients = self.at(place).await;
        if let Some(ahead) = &clients.ahead {
            ahead.fetch().await;
        }
    }

    /// SageMaker at this place.
    pub async fn sagemaker(&self, place: &Place) -> aws_sdk_sagemaker::Client {
        let clients = self.at(place).await;
        let make = || {
            let mut config = aws_sdk_sagemaker::config::Builder::from(&clients.config);
            if let Some(address) = &clients.address {
                config = config.endpoint_url(address);
            }
            aws_sdk_sagemaker::Client::from_conf(config.build())
        };
        clients.sagemaker.get_or_init(make).clone()
    }

    /// Application Auto Scaling at this place. SageMaker's own address does not concern it.
    pub async fn application_autoscaling(&self, place: &Place) -> aws_sdk_applicationautoscaling::Client {
        let clients = self.at(place).await;
        let make = || aws_sdk_applicationautoscaling::Client::new(&clients.config);
        clients.application_autoscaling.get_or_init(make).clone()
    }

    /// The security token service at this place.
    pub async fn sts(&self, place: &Place) -> aws_sdk_sts::Client {
        let clients = self.at(place).await;
        clients.sts.get_or_init(|| aws_sdk_sts::Client::new(&clients.config)).clone()
    }

    /// The region of `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile, for a plugin that has no better source. EC2's
    /// metadata service is not asked: it would make a laptop wait.
    pub async fn default_region(&self) -> Option<Region> {
        let mut profile = ProfileFileRegionProvider::builder();
        if let Some(name) = &self.options.profile {
            profile = profile.profile_name(name);
        }
        let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(profile.build());
        chain.region().await.and_then(|region| region.as_ref().parse().ok())
    }

    /// The clients of a place, made on first use. Callers that come at the same time share one making.
    async fn at(&self, place: &Place) -> Arc<PlaceClients> {
        let slot = {
            let mut by_place = self.by_place.lock().unwrap_or_else(PoisonError::into_inner);
            let empty =
                || Arc::new(Slot { since: Instant::now(), proved: AtomicBool::new(false), clients: OnceCell::new() });
            Arc::clone(by_place.entry(place.clone()).or_insert_with(empty))
        };
        let made = slot.clients.get_or_init(|| async { Arc::new(self.make(place).await) }).await;
        Arc::clone(made)
    }

    /// AWS took the credentials of this place.
    pub(super) fn trust(&self, place: &Place) {
        let by_place = self.by_place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = by_place.get(place) {
            slot.proved.store(true, Ordering::Relaxed);
        }
    }

    /// AWS refused the credentials of this place: files and roles are read again at the next call, so that keys
    /// exchanged in a mounted Secret and sessions that ended early are replaced without a restart. Credentials that
    /// have never been good are read again only now and then.
    pub(super) fn distrust(&self, place: &Place, now: Instant) {
        let mut by_place = self.by_place.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = by_place.get(place) else { return };
        if slot.proved.load(Ordering::Relaxed) || now.saturating_duration_since(slot.since) >= DISTRUST {
            by_place.remove(place);
        }
    }

    /// What every answer to a plugin ends with: credentials that were refused may have been renewed since, and the next call
    /// reads them again.
    pub(super) fn heed(&self, place: &Place, refusal: Option<&Refusal>) {
        if refusal.is_some_and(|refusal| refusal.cause == Cause::Credentials) {
            self.distrust(place, Instant::now());
        }
    }

    async fn make(&self, place: &Place) -> PlaceClients {
        let Place { region, endpoint, role } = place;
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(aws_config::Region::new(region.as_str().to_owned()))
            .app_name(AppName::new("sagemaker-operator").expect("letters and a dash are a name"))
            .http_client(self.http.clone())
            .retry_config(self.options.retries.config())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(ATTEMPT)
                    .operation_timeout(OPERATION)
                    .build(),
            );
        if let Some(profile) = &self.options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(address) = &self.options.endpoint_url {
            loader = loader.endpoint_url(address.as_str());
        }
        if let Some(credentials) = &self.options.credentials {
            // A provider of its own for each loading, so that no credentials from before are kept with it.
            loader = loader.credentials_provider(SharedCredentialsProvider::new(credentials.clone()));
        }
        let mut config = loader.load().await;
        if let (Some(name), None) = (&self.options.profile, &self.options.credentials) {
            // As with the AWS CLI, a profile that is asked for wins over keys in the environment.
            let known = ProviderConfig::without_region()
                .with_region(config.region().cloned())
                .with_http_client(self.http.clone());
            let profile = ProfileFileCredentialsProvider::builder().profile_name(name).configure(&known).build();
            config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(profile)).build();
        }
        if let Some(assume) = role {
            let provider = self.take_on(assume, &config).await;
            config = config.into_builder().credentials_provider(provider).build();
        }

        let ahead = config.credentials_provider().map(|provider| Arc::new(Ahead::of(provider)));
        if let Some(ahead) = &ahead {
            let provider: Arc<dyn ProvideCredentials> = Arc::<Ahead>::clone(ahead);
            config = config.into_builder().credentials_provider(SharedCredentialsProvider::from(provider)).build();
        }
        let address = sagemaker_override(endpoint.as_ref(), self.default_sagemaker_endpoint.as_deref());
        PlaceClients {
            address,
            config,
            ahead,
            sagemaker: OnceLock::new(),
            application_autoscaling: OnceLock::new(),
            sts: OnceLock::new(),
        }
    }

    /// Credentials of the role; the clients' identity cache keeps and refreshes them.
    async fn take_on(&self, assume: &Assume, config: &SdkConfig) -> SharedCredentialsProvider {
        let Assume { role, external_id } = assume;
        let provider = AssumeRoleProvider::builder(role.as_str())
            .external_id(external_id)
            .session_name(session_name(self.options.cluster.as_deref()))
            .configure(config)
            .build()
            .await;
        SharedCredentialsProvider::new(provider)
    }
}

/// A session name that says which cluster it was. STS takes letters, digits and `+=,.@-_`.
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
fn session_name(cluster: Option<&str>) -> String {
    let name = match cluster {
        Some(cluster) => format!("sagemaker-operator-{cluster}"),
        None => "sagemaker-operator".to_owned(),
    };
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "+=,.@-_".contains(c) { c } else { '-' };
    name.chars().map(allowed).take(SESSION_NAME_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(region: &str) -> Place {
        Place { region: region.parse().unwrap(), endpoint: None, role: None }
    }

    #[test]
    fn a_session_is_named_after_the_cluster_in_the_letters_that_sts_takes() {
        assert_eq!(
            session_name(Some("cf1e16fb-10a5-11ea-aa45-0a350733ba06")),
            "sagemaker-operator-cf1e16fb-10a5-11ea-aa45-0a350733ba06"
        );
        assert_eq!(session_name(Some("prod/eu west")), "sagemaker-operator-prod-eu-west");
        assert_eq!(session_name(None), "sagemaker-operator");
        assert_eq!(session_name(Some(&"x".repeat(100))).len(), SESSION_NAME_LIMIT);
    }

    #[tokio::test]
    async fn a_place_has_one_configuration_and_calls_are_bounded_in_time() {
        let clients = Clients::new(Options::default());
        let (west, again, east) = (
            clients.sdk_config(&place("us-west-2")).await,
            clients.sdk_config(&place("us-west-2")).await,
            clients.sdk_config(&place("us-east-1")).await,
        );
        assert_eq!(west.region().map(AsRef::as_ref), Some("us-west-2"));
        assert_eq!(east.region().map(AsRef::as_ref), Some("us-east-1"));
        assert_eq!(again.region(), west.region());
        assert_eq!(clients.by_place.lock().unwrap().len(), 2);
        let timeouts = west.timeout_config().unwrap();
        assert_eq!(timeouts.connect_timeout(), Some(CONNECT));
        assert_eq!(timeouts.operation_attempt_timeout(), Some(ATTEMPT));
        assert_eq!(timeouts.operation_timeout(), Some(OPERATION));
        assert_eq!(west.retry_config().unwrap().max_attempts(), 1);
    }

    #[tokio::test]
    async fn refused_credentials_are_read_again_at_once_if_they_had_been_good() {
        let clients = Clients::new(Options::default());
        let place = place("us-west-2");
        let kept = || !clients.by_place.lock().unwrap().is_empty();

        clients.sdk_config(&place).await;
        clients.distrust(&place, Instant::now());
        assert!(kept(), "never good, and read just now");
        clients.distrust(&place, Instant::now() + DISTRUST);
        assert!(!kept(), "never good, and read a while ago");

        clients.sdk_config(&place).await;
        clients.trust(&place);
        clients.distrust(&place, Instant::now());
        assert!(!kept(), "good before");
    }
}
