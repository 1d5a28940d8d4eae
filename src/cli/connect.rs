//! The way to the API server: kubeconfig, environment and flags made into one client.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use kube::api::{Api, DynamicObject, ListParams};
use kube::config::{
    AuthInfo, Cluster as ClusterEntry, Config, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster,
    NamedContext,
};
use kube::core::Status;

use super::{Complaint, KubeFlags, Type};
use crate::logs::Backoff;

/// How long the handshake may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a request may take unless `--request-timeout` says otherwise.
const REQUEST: Duration = Duration::from_secs(30);
/// How often a busy server is asked again.
const ATTEMPTS: u32 = 5;
/// The name of all entries of the kubeconfig that is made of the chosen ones.
const CHOSEN: &str = "chosen";

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
fn root(error: &dyn std::error::Error) -> String {
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
        let mut config = config(flags).await?;
        // kube would repeat a refused request for minutes, and a plugin would seem to hang.
        config.default_retry = false;
        config.connect_timeout = Some(CONNECT);
        let timeout = flags.request_timeout.unwrap_or(REQUEST);
        let timeout = (!timeout.is_zero()).then_some(timeout);
        let namespace = flags.namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = kube::Client::try_from(config).map_err(|error| {
            Complaint::new(format!("cannot use the kubeconfig for {server}: {}", root(&error)))
                .hint("kubectl config view --minify")
        })?;
        Ok(Self { client, server, namespace, timeout })
    }

    /// The namespace that is meant where none is named.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The API server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    pub(super) fn client(&self) -> kube::Client {
        self.client.clone()
    }

    pub(super) async fn get(&self, type_: Type, name: &str) -> Result<DynamicObject, Unanswered> {
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), self.namespace(), &type_.resource());
        self.ask(|| api.get(name)).await
    }

    pub(super) async fn list(
        &self,
        type_: Type,
        namespace: Option<&str>,
        params: &ListParams,
    ) -> Result<Vec<DynamicObject>, Unanswered> {
        let resource = type_.resource();
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
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

/// The client's configuration. Without any kubeconfig and server, a pod's own account is used.
async fn config(flags: &KubeFlags) -> Result<Config, Complaint> {
    let Some(kubeconfig) = kubeconfig(flags)? else {
        return match Config::incluster() {
            Ok(mut config) => {
                impersonate(&mut config.auth_info, flags);
                Ok(config)
            }
            Err(_) => Err(Complaint::new("no kubeconfig found: do not know which cluster to ask")
                .hint("set KUBECONFIG, or use --kubeconfig FILE")),
        };
    };
    let chosen = choose(kubeconfig, flags)?;
    Config::from_custom_kubeconfig(chosen, &KubeConfigOptions::default())
        .await
        .map_err(|error| Complaint::new(format!("cannot use the kubeconfig: {error}")).hint("kubectl config view"))
}

/// All files that are named, merged; `None` if there is none and no server was given either.
fn kubeconfig(flags: &KubeFlags) -> Result<Option<Kubeconfig>, Complaint> {
    let from_environment = std::env::var_os("KUBECONFIG").filter(|paths| !paths.is_empty());
    let paths: Vec<PathBuf> = match (&flags.kubeconfig, &from_environment) {
        (Some(path), _) => vec![path.clone()],
        // Like kubectl: files that are not there are passed over.
        (None, Some(paths)) => std::env::split_paths(paths).filter(|path| path.is_file()).collect(),
        (None, None) => std::env::home_dir()
            .map(|home| home.join(".kube/config"))
            .filter(|path| path.is_file())
            .into_iter()
            .collect(),
    };
    let mut merged: Option<Kubeconfig> = None;
    for path in paths {
        let next = Kubeconfig::read_from(&path).map_err(|error| {
            Complaint::new(format!("cannot read the kubeconfig {}: {}", path.display(), root(&error)))
        })?;
        merged = Some(match merged {
            None => next,
            Some(first) => {
                first.merge(next).map_err(|error| Complaint::new(format!("cannot merge the kubeconfigs: {error}")))?
            }
        });
    }
    Ok(merged.or_else(|| flags.server.is_some().then(Kubeconfig::default)))
}

/// A kubeconfig of the one context, cluster and user that are meant, with what the flags change in them.
fn choose(kubeconfig: Kubeconfig, flags: &KubeFlags) -> Result<Kubeconfig, Complaint> {
    let contexts: HashMap<String, Context> =
        kubeconfig.contexts.into_iter().filter_map(|named| Some((named.name, named.context?))).collect();
    let named = flags.context.as_ref().or(kubeconfig.current_context.as_ref()).filter(|name| !name.is_empty());
    let context = match named {
        Some(name) => contexts.get(name).cloned().ok_or_else(|| no_such("context", name, contexts.keys()))?,
        None if flags.cluster.is_some() || flags.server.is_some() => Context::default(),
        None => {
            return Err(Complaint::new("the kubeconfig has no current context")
                .hint("kubectl config use-context NAME, or --context NAME"));
        }
    };

    let clusters: HashMap<String, ClusterEntry> =
        kubeconfig.clusters.into_iter().filter_map(|named| Some((named.name, named.cluster?))).collect();
    let name = flags.cluster.as_ref().unwrap_or(&context.cluster);
    let mut cluster = match clusters.get(name) {
        Some(cluster) => cluster.clone(),
        None if flags.cluster.is_none() && flags.server.is_some() => ClusterEntry::default(),
        None => return Err(no_such("cluster", name, clusters.keys())),
    };
    if let Some(server) = &flags.server {
        cluster.server = Some(server.clone());
    }
    if let Some(path) = &flags.certificate_authority {
        cluster.certificate_authority = Some(path.display().to_string());
        cluster.certificate_authority_data = None;
    }
    if flags.insecure_skip_tls_verify {
        cluster.insecure_skip_tls_verify = Some(true);
        cluster.certificate_authority = None;
        cluster.certificate_authority_data = None;
    }

    let mut users: HashMap<String, AuthInfo> =
        kubeconfig.auth_infos.into_iter().filter_map(|named| Some((named.name, named.auth_info?))).collect();
    let mut user = match &flags.user {
        Some(name) if !users.contains_key(name) => return Err(no_such("user", name, users.keys())),
        Some(name) => users.remove(name).unwrap_or_default(),
        None => context.user.as_ref().and_then(|name| users.remove(name)).unwrap_or_default(),
    };
    if let Some(token) = &flags.token {
        // A client certificate would win over the token, and the flag would do nothing.
        user = serde_json::from_value(serde_json::json!({ "token": token })).unwrap_or_default();
    }
    impersonate(&mut user, flags);

    let context = Context { cluster: CHOSEN.to_owned(), user: Some(CHOSEN.to_owned()), ..context };
    Ok(Kubeconfig {
        current_context: Some(CHOSEN.to_owned()),
        contexts: vec![NamedContext { name: CHOSEN.to_owned(), context: Some(context), ..NamedContext::default() }],
        clusters: vec![NamedCluster { name: CHOSEN.to_owned(), cluster: Some(cluster), ..NamedCluster::default() }],
        auth_infos: vec![NamedAuthInfo { name: CHOSEN.to_owned(), auth_info: Some(user), ..NamedAuthInfo::default() }],
        ..Kubeconfig::default()
    })
}

fn impersonate(user: &mut AuthInfo, flags: &KubeFlags) {
    if let Some(name) = &flags.as_user {
        user.impersonate = Some(name.clone());
        user.impersonate_groups = (!flags.as_group.is_empty()).then(|| flags.as_group.clone());
        user.impersonate_uid.clone_from(&flags.as_uid);
        user.impersonate_user_extra = None;
    }
}

fn no_such<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a String>) -> Complaint {
    let known: Vec<String> = known.cloned().collect();
    Complaint::new(format!("the kubeconfig has no {what} {name:?}"))
        .did_you_mean(&super::target::nearest(name, &known))
        .hint(format_args!("kubectl config get-{what}s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "
apiVersion: v1
kind: Config
current-context: one
contexts:
- {name: one, context: {cluster: east, user: alice, namespace: team-a}}
- {name: two, context: {cluster: west, user: bob}}
clusters:
- {name: east, cluster: {server: 'https://east:6443', certificate-authority-data: QQ==}}
- {name: west, cluster: {server: 'https://west:6443'}}
users:
- {name: alice, user: {client-certificate-data: QQ==, client-key-data: QQ==}}
- {name: bob, user: {token: bobs}}
";

    fn chosen(flags: &KubeFlags) -> Result<(Context, ClusterEntry, AuthInfo), Complaint> {
        let mut chosen = choose(Kubeconfig::from_yaml(TWO).unwrap(), flags)?;
        Ok((
            chosen.contexts.remove(0).context.unwrap(),
            chosen.clusters.remove(0).cluster.unwrap(),
            chosen.auth_infos.remove(0).auth_info.unwrap(),
        ))
    }

    #[test]
    fn the_current_context_is_meant_unless_flags_say_otherwise() {
        let (context, cluster, user) = chosen(&KubeFlags::default()).unwrap();
        assert_eq!(context.namespace.as_deref(), Some("team-a"));
        assert_eq!(cluster.server.as_deref(), Some("https://east:6443"));
        assert!(user.client_certificate_data.is_some());

        let flags = KubeFlags { context: Some("two".to_owned()), ..KubeFlags::default() };
        assert_eq!(chosen(&flags).unwrap().1.server.as_deref(), Some("https://west:6443"));

        let flags =
            KubeFlags { cluster: Some("west".to_owned()), user: Some("bob".to_owned()), ..KubeFlags::default() };
        let (context, cluster, user) = chosen(&flags).unwrap();
        assert_eq!(context.namespace.as_deref(), Some("team-a"));
        assert_eq!(cluster.server.as_deref(), Some("https://west:6443"));
        assert!(user.token.is_some() && user.client_certificate_data.is_none());
    }

    #[test]
    fn a_token_replaces_the_certificate_that_would_win_over_it() {
        let flags = KubeFlags { token: Some("t".to_owned()), ..KubeFlags::default() };
        let (_, _, user) = chosen(&flags).unwrap();
        assert!(user.token.is_some() && user.client_certificate_data.is_none());
    }

    #[test]
    fn server_authority_and_impersonation_act() {
        let flags = KubeFlags {
            server: Some("https://other".to_owned()),
            certificate_authority: Some("/ca.pem".into()),
            as_user: Some("carol".to_owned()),
            as_group: vec!["devs".to_owned()],
            as_uid: Some("7".to_owned()),
            ..KubeFlags::default()
        };
        let (_, cluster, user) = chosen(&flags).unwrap();
        assert_eq!(cluster.server.as_deref(), Some("https://other"));
        assert_eq!(cluster.certificate_authority.as_deref(), Some("/ca.pem"));
        assert_eq!(cluster.certificate_authority_data, None);
        assert_eq!(user.impersonate.as_deref(), Some("carol"));
        assert_eq!(user.impersonate_groups, Some(vec!["devs".to_owned()]));
        assert_eq!(user.impersonate_uid.as_deref(), Some("7"));
    }

    #[test]
    fn an_unknown_context_is_told_with_near_names() {
        let flags = KubeFlags { context: Some("tow".to_owned()), ..KubeFlags::default() };
        insta::assert_snapshot!(chosen(&flags).unwrap_err(), @r#"
        error: the kubeconfig has no context "tow"
        did you mean: two
        hint: kubectl config get-contexts
        "#);
    }
}
