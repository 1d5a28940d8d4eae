//! The way to the API server, and how it is asked.

use std::time::Duration;

use kube::api::{Api, DynamicObject, ListParams};
use kube::core::{ApiResource, Status};

use super::client::client;
use super::kubeconfig::config;
use super::{Complaint, KubeFlags, Target, Type};
use crate::logs::Backoff;

/// How long the handshake may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a request may take unless `--request-timeout` says otherwise.
const REQUEST: Duration = Duration::from_secs(30);
/// How often a busy server is asked again.
const ATTEMPTS: u32 = 5;

/// Why the API server did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    /// It answered with a refusal.
    #[error("{}", .0.message)]
    Status(Box<Status>),
    /// It did not answer in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// It could not be reached, or no credentials could be made for it.
    #[error("{0}")]
    Unreachable(String),
}

impl From<kube::Error> for Unanswered {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => Self::Status(status),
            other => Self::Unreachable(root(&other)),
        }
    }
}

/// The innermost cause says what happened; what is around it, where.
pub(super) fn root(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// A cluster to ask.
#[derive(Clone)]
pub struct Cluster {
    client: kube::Client,
    server: String,
    namespace: String,
    timeout: Option<Duration>,
}

impl Cluster {
    /// Prepares to ask the cluster that flags, environment and kubeconfig name, in that order. Nothing is asked yet.
    ///
    /// # Errors
    /// What is missing or contradictory.
    pub async fn from_flags(flags: &KubeFlags) -> Result<Self, Complaint> {
        if flags.as_user.is_none() && (!flags.as_group.is_empty() || flags.as_uid.is_some()) {
            return Err(Complaint::usage("--as-group and --as-uid need --as"));
        }
        if flags.certificate_authority.is_some() && flags.insecure_skip_tls_verify {
            return Err(Complaint::usage("--certificate-authority and --insecure-skip-tls-verify exclude each other"));
        }
        let mut config = config(flags).await?;
        // kube would repeat a refused request for minutes, and a plugin would seem to hang.
        config.default_retry = false;
        config.connect_timeout = Some(CONNECT);
        let timeout = flags.request_timeout.unwrap_or(REQUEST);
        let timeout = (!timeout.is_zero()).then_some(timeout);
        let namespace = flags.namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = client(config).map_err(|error| {
            Complaint::new(format!("cannot use the kubeconfig for {server}: {}", root(&error)))
                .hint("kubectl config view --minify")
        })?;
        Ok(Self { client, server, namespace, timeout })
    }

    /// The namespace that is meant where none is named.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The same cluster, with another namespace meant where none is named.
    #[must_use]
    pub fn within(&self, namespace: &str) -> Self {
        Self { namespace: namespace.to_owned(), ..self.clone() }
    }

    /// The API server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    pub(super) fn client(&self) -> kube::Client {
        self.client.clone()
    }

    pub(super) async fn get(&self, target: &Target) -> Result<DynamicObject, Unanswered> {
        let Target { type_, namespace, name } = target;
        let namespace = namespace.as_deref().unwrap_or(self.namespace());
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), namespace, &type_.resource());
        self.ask(|| api.get(name)).await
    }

    pub(super) async fn list(
        &self,
        type_: Type,
        namespace: Option<&str>,
        params: &ListParams,
    ) -> Result<Vec<DynamicObject>, Unanswered> {
        self.list_any(&type_.resource(), namespace, params).await
    }

    pub(super) async fn list_any(
        &self,
        resource: &ApiResource,
        namespace: Option<&str>,
        params: &ListParams,
    ) -> Result<Vec<DynamicObject>, Unanswered> {
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, resource),
            None => Api::all_with(self.client.clone(), resource),
        };
        let mut params = params.clone();
        let mut items = Vec::new();
        loop {
            let page = self.ask(|| api.list(&params)).await?;
            items.extend(page.items);
            match page.metadata.continue_ {
                Some(token) if !token.is_empty() => params = params.continue_token(&token),
                Some(_) | None => return Ok(items),
            }
        }
    }

    /// Asks, within the time a request may take, and again a few times if the server says that it is busy.
    pub(super) async fn ask<T, F: Future<Output = Result<T, kube::Error>>>(
        &self,
        request: impl Fn() -> F,
    ) -> Result<T, Unanswered> {
        let mut backoff = Backoff::default();
        loop {
            let answer = match self.timeout {
                None => request().await.map_err(Unanswered::from),
                Some(timeout) => match tokio::time::timeout(timeout, request()).await {
                    Ok(answer) => answer.map_err(Unanswered::from),
                    Err(_) => Err(Unanswered::TimedOut(timeout)),
                },
            };
            match answer {
                Err(Unanswered::Status(status))
                    if matches!(status.code, 429 | 503 | 504) && backoff.failures() < ATTEMPTS =>
                {
                    tokio::time::sleep(backoff.after_failure(fastrand::f64())).await;
                }
                answer => return answer,
            }
        }
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("server", &self.server).finish_non_exhaustive()
    }
}
