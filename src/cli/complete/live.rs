//! Candidates that the kubeconfig and the cluster know.

use std::time::Duration;

use clap::{Args as _, Command, FromArgMatches as _};
use futures::future::join_all;
use serde::Deserialize;
use serde_json::Value;

use super::answer::Candidate;
use super::line::Line;
use super::offer::Wanted;
use crate::api::{GROUP, VERSION};
use crate::cli::kubeconfig::{Entries, entries};
use crate::cli::{Cluster, KubeFlags, Type};

/// Nobody waits longer for a word.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks; `None` if nobody answers.
pub(super) fn ask(line: &Line<'_>, wanted: &Wanted) -> Option<Vec<Candidate>> {
    let flags = kube_flags(line)?;
    let in_kubeconfig = |of: fn(Entries) -> Vec<String>| {
        let entries = entries(&flags).ok()?;
        Some(of(entries).into_iter().map(|name| Candidate::new(name, "")).collect())
    };
    match wanted {
        Wanted::Contexts => in_kubeconfig(|entries| entries.contexts),
        Wanted::Clusters => in_kubeconfig(|entries| entries.clusters),
        Wanted::Users => in_kubeconfig(|entries| entries.users),
        // Who may not list namespaces has those of the contexts.
        Wanted::Namespaces => in_time(namespaces(&flags)).or_else(|| in_kubeconfig(|entries| entries.namespaces)),
        Wanted::Names { types, before, except } => {
            let names = in_time(names(&flags, types))?;
            let names = names.into_iter().filter(|name| !except.contains(&name.word));
            Some(names.map(|Candidate { word, about }| Candidate::new(format!("{before}{word}"), about)).collect())
        }
    }
}

/// The connection flags among those that have been typed.
fn kube_flags(line: &Line<'_>) -> Option<KubeFlags> {
    let command = KubeFlags::augment_args(Command::new("kubectl").no_binary_name(true));
    let is_one = |id: &clap::Id| command.get_arguments().any(|arg| arg.get_id() == id);
    let typed = line.given.iter().filter(|(arg, _)| is_one(arg.get_id())).filter_map(|(arg, value)| {
        let flag = arg.get_long()?;
        Some(value.as_ref().map_or_else(|| format!("--{flag}"), |value| format!("--{flag}={value}")))
    });
    let typed: Vec<String> = typed.collect();
    KubeFlags::from_arg_matches(&command.try_get_matches_from(typed).ok()?).ok()
}

fn in_time<T>(answer: impl Future<Output = Option<T>>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await });
    // A name server that does not answer is not waited for.
    runtime.shutdown_background();
    answer.ok().flatten()
}

async fn namespaces(flags: &KubeFlags) -> Option<Vec<Candidate>> {
    let cluster = Cluster::from_flags(flags).await.ok()?;
    rows(&cluster, "/api/v1/namespaces").await
}

/// The objects of these types, with their states.
async fn names(flags: &KubeFlags, types: &[Type]) -> Option<Vec<Candidate>> {
    let cluster = Cluster::from_flags(flags).await.ok()?;
    let of_type = |type_: Type| {
        let cluster = &cluster;
        async move {
            let namespace = cluster.namespace();
            let path = format!("/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{}", type_.plural());
            rows(cluster, &path).await
        }
    };
    let mut names: Vec<Candidate> = Vec::new();
    for (type_, found) in types.iter().zip(join_all(types.iter().copied().map(of_type)).await) {
        names.extend(found.into_iter().flatten().map(|Candidate { word, about }| match types {
            [_] => Candidate { word, about },
            // Of several types it has to be said which it is.
            [..] => Candidate::new(word, format!("{} {about}", type_.singular())),
        }));
    }
    Some(names)
}

/// What `kubectl get` shows. Whole objects, of which there may be thousands, would take too long.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Table {
    #[serde(default)]
    column_definitions: Vec<Column>,
    #[serde(default)]
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Column {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    cells: Vec<Value>,
}

async fn rows(cluster: &Cluster, path: &str) -> Option<Vec<Candidate>> {
    let client = cluster.client();
    let table: Table = cluster
        .ask(|| {
            let request = http::Request::get(format!("{path}?includeObject=None"))
                .header(http::header::ACCEPT, "application/json;as=Table;g=meta.k8s.io;v=v1")
                .body(Vec::new());
            let client = client.clone();
            async move { client.request(request.map_err(kube::Error::HttpError)?).await }
        })
        .await
        .ok()?;
    let column = |name: &str| table.column_definitions.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    let (name, status) = (column("name")?, column("status"));
    let text = |row: &Row, at: usize| Some(row.cells.get(at)?.as_str()?.to_owned());
    let candidate = |row: &Row| {
        Some(Candidate::new(text(row, name)?, status.and_then(|status| text(row, status)).unwrap_or_default()))
    };
    Some(table.rows.iter().filter_map(candidate).collect())
}
