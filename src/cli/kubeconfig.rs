//! Kubeconfig, environment and flags made into the configuration of one client.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use kube::config::{
    AuthInfo, Cluster as ClusterEntry, Config, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster,
    NamedContext,
};

use super::connect::root;
use super::{Complaint, KubeFlags};
use crate::net::is_direct;

/// The name of all entries of the kubeconfig that is made of the chosen ones.
const CHOSEN: &str = "chosen";

/// The client's configuration. Without any kubeconfig and server, a pod's own account is used.
pub(super) async fn config(flags: &KubeFlags) -> Result<Config, Complaint> {
    let kubeconfig = match kubeconfig(flags)? {
        Some(kubeconfig) => kubeconfig,
        None => Config::incluster().map(of_pod).map_err(|_| {
            Complaint::new("no kubeconfig found: do not know which cluster to ask")
                .hint("set KUBECONFIG, or use --kubeconfig FILE")
        })?,
    };
    let chosen = choose(kubeconfig, flags)?;
    let clusters = chosen.clusters.iter().filter_map(|named| named.cluster.as_ref());
    let has_own_proxy = clusters.filter_map(|cluster| cluster.proxy_url.as_ref()).any(|proxy| !proxy.is_empty());
    let mut config = Config::from_custom_kubeconfig(chosen, &KubeConfigOptions::default())
        .await
        .map_err(|error| Complaint::new(format!("cannot use the kubeconfig: {error}")).hint("kubectl config view"))?;
    if !has_own_proxy && is_direct(&config.cluster_url) {
        config.proxy_url = None;
    }
    Ok(config)
}

/// What the kubeconfig names.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) contexts: Vec<String>,
    pub(super) clusters: Vec<String>,
    pub(super) users: Vec<String>,
    /// Those of the contexts.
    pub(super) namespaces: Vec<String>,
}

/// All that flags can choose from.
pub(super) fn entries(flags: &KubeFlags) -> Result<Entries, Complaint> {
    let Kubeconfig { contexts, clusters, auth_infos, .. } = kubeconfig(flags)?.unwrap_or_default();
    let namespace = |named: &NamedContext| named.context.as_ref()?.namespace.clone();
    let mut namespaces: Vec<String> = contexts.iter().filter_map(namespace).collect();
    namespaces.sort();
    namespaces.dedup();
    Ok(Entries {
        contexts: contexts.into_iter().map(|named| named.name).collect(),
        clusters: clusters.into_iter().map(|named| named.name).collect(),
        users: auth_infos.into_iter().map(|named| named.name).collect(),
        namespaces,
    })
}

/// A pod's own account as a kubeconfig, so that flags act on it as on any other.
fn of_pod(config: Config) -> Kubeconfig {
    let Config { cluster_url, default_namespace, root_cert_file, auth_info, .. } = config;
    let cluster = ClusterEntry {
        server: Some(cluster_url.to_string()),
        certificate_authority: root_cert_file.map(|path| path.display().to_string()),
        ..ClusterEntry::default()
    };
    let context = Context { namespace: Some(default_namespace), ..Context::default() };
    only(context, cluster, auth_info)
}

/// A kubeconfig with nothing but these.
fn only(context: Context, cluster: ClusterEntry, user: AuthInfo) -> Kubeconfig {
    let context = Context { cluster: CHOSEN.to_owned(), user: Some(CHOSEN.to_owned()), ..context };
    Kubeconfig {
        current_context: Some(CHOSEN.to_owned()),
        contexts: vec![NamedContext { name: CHOSEN.to_owned(), context: Some(context), ..NamedContext::default() }],
        clusters: vec![NamedCluster { name: CHOSEN.to_owned(), cluster: Some(cluster), ..NamedCluster::default() }],
        auth_infos: vec![NamedAuthInfo { name: CHOSEN.to_owned(), auth_info: Some(user), ..NamedAuthInfo::default() }],
        ..Kubeconfig::default()
    }
}

/// All files that are named, merged; `None` if there is none and no server was given either.
fn kubeconfig(flags: &KubeFlags) -> Result<Option<Kubeconfig>, Complaint> {
    let from_environment = std::env::var_os("KUBECONFIG").filter(|paths| !paths.is_empty());
    let paths: Vec<PathBuf> = match (&flags.kubeconfig, &from_environment) {
        (Some(path), _) => vec![path.clone()],
        // Like kubectl: files that are not there are passed over.
        (None, Some(paths)) => std::env::split_paths(paths).filter(|path| is_readable(path)).collect(),
        (None, None) => std::env::home_dir()
            .map(|home| home.join(".kube/config"))
            .filter(|path| is_readable(path))
            .into_iter()
            .collect(),
    };
    Ok(merge(paths)?.or_else(|| flags.server.is_some().then(Kubeconfig::default)))
}

/// The first file that says something has its way.
fn merge(paths: Vec<PathBuf>) -> Result<Option<Kubeconfig>, Complaint> {
    let mut merged: Option<Kubeconfig> = None;
    for path in paths {
        let mut next = Kubeconfig::read_from(&path).map_err(|error| {
            Complaint::new(format!("cannot read the kubeconfig {}: {}", path.display(), root(&error)))
        })?;
        // An empty one must not hide that of a later file.
        next.current_context = next.current_context.filter(|name| !name.is_empty());
        merged = Some(match merged {
            None => next,
            Some(first) => {
                first.merge(next).map_err(|error| Complaint::new(format!("cannot merge the kubeconfigs: {error}")))?
            }
        });
    }
    Ok(merged)
}

/// Whether a kubeconfig can be read from there: a file or, as a shell's `<(command)` makes it, a pipe.
fn is_readable(path: &Path) -> bool {
    path.exists() && !path.is_dir()
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
        cluster.insecure_skip_tls_verify = None;
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
        let token = serde_json::from_value(serde_json::json!({ "token": token })).unwrap_or_default();
        let AuthInfo { impersonate, impersonate_uid, impersonate_groups, impersonate_user_extra, .. } = user;
        user = AuthInfo { impersonate, impersonate_uid, impersonate_groups, impersonate_user_extra, ..token };
    }
    impersonate(&mut user, flags);

    Ok(only(context, cluster, user))
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
    fn in_a_pod_flags_act_too() {
        let mut config = Config::new("https://10.0.0.1/".parse().unwrap());
        config.default_namespace = "jobs".to_owned();
        config.root_cert_file = Some("/account/ca.crt".into());
        config.auth_info.token_file = Some("/account/token".to_owned());
        let pod = of_pod(config);

        let chosen = choose(pod.clone(), &KubeFlags::default()).unwrap();
        assert_eq!(chosen.contexts[0].context.as_ref().unwrap().namespace.as_deref(), Some("jobs"));
        let cluster = chosen.clusters[0].cluster.as_ref().unwrap();
        assert_eq!(cluster.server.as_deref(), Some("https://10.0.0.1/"));
        assert_eq!(cluster.certificate_authority.as_deref(), Some("/account/ca.crt"));
        assert_eq!(chosen.auth_infos[0].auth_info.as_ref().unwrap().token_file.as_deref(), Some("/account/token"));

        let flags = KubeFlags {
            token: Some("t".to_owned()),
            certificate_authority: Some("/other.pem".into()),
            ..KubeFlags::default()
        };
        let chosen = choose(pod.clone(), &flags).unwrap();
        let user = chosen.auth_infos[0].auth_info.as_ref().unwrap();
        assert!(user.token.is_some() && user.token_file.is_none());
        let cluster = chosen.clusters[0].cluster.as_ref().unwrap();
        assert_eq!(cluster.certificate_authority.as_deref(), Some("/other.pem"));

        for flags in [
            KubeFlags { context: Some("one".to_owned()), ..KubeFlags::default() },
            KubeFlags { cluster: Some("one".to_owned()), ..KubeFlags::default() },
            KubeFlags { user: Some("one".to_owned()), ..KubeFlags::default() },
        ] {
            assert!(choose(pod.clone(), &flags).is_err(), "{flags:?}");
        }
    }

    #[test]
    fn an_empty_current_context_does_not_hide_that_of_a_later_file() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("first");
        let second = folder.path().join("second");
        std::fs::write(&first, "apiVersion: v1\nkind: Config\ncurrent-context: ''\n").unwrap();
        std::fs::write(&second, TWO).unwrap();
        let merged = merge(vec![first, second]).unwrap().unwrap();
        assert_eq!(merged.current_context.as_deref(), Some("one"));
    }

    #[test]
    fn an_authority_is_checked_even_where_the_kubeconfig_checks_nothing() {
        let mut lax = Kubeconfig::from_yaml(TWO).unwrap();
        lax.clusters[0].cluster.as_mut().unwrap().insecure_skip_tls_verify = Some(true);
        let flags = KubeFlags { certificate_authority: Some("/ca.pem".into()), ..KubeFlags::default() };
        let chosen = choose(lax, &flags).unwrap();
        assert_eq!(chosen.clusters[0].cluster.as_ref().unwrap().insecure_skip_tls_verify, None);
    }

    #[test]
    fn a_token_keeps_the_impersonation_of_the_user() {
        let mut config = Kubeconfig::from_yaml(TWO).unwrap();
        config.auth_infos[0].auth_info.as_mut().unwrap().impersonate = Some("carol".to_owned());
        let flags = KubeFlags { token: Some("t".to_owned()), ..KubeFlags::default() };
        let chosen = choose(config, &flags).unwrap();
        assert_eq!(chosen.auth_infos[0].auth_info.as_ref().unwrap().impersonate.as_deref(), Some("carol"));
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
