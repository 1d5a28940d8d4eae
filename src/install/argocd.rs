//! What Argo CD is told of the eight kinds: a health check in Lua, one script for all.

use std::collections::BTreeMap;

use serde::Serialize;

use super::files::File;
use crate::api::crd;

const HEALTH: &str = include_str!("argocd/health.lua");
const ABOUT: &str = "\
# Generated from src/install by `UPDATE=1 cargo test`.
# Health checks for Argo CD. They are added to what its ConfigMap says already by
# kubectl apply --server-side --field-manager=sagemaker-operator -n argocd -f argocd-cm.yaml
";

/// Argo CD's own `ConfigMap`, with nothing but what is ours in it: to be applied by the server, or as a patch.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Patch {
    api_version: &'static str,
    kind: &'static str,
    metadata: BTreeMap<&'static str, &'static str>,
    data: BTreeMap<String, &'static str>,
}

/// The files below `dist/argocd`.
///
/// # Errors
/// If one cannot be written as YAML, which would be a defect of ours.
pub fn argocd() -> Result<Vec<File>, serde_yaml::Error> {
    let key = |kind: &str, group: &str| format!("resource.customizations.health.{group}_{kind}");
    let patch = Patch {
        api_version: "v1",
        kind: "ConfigMap",
        metadata: BTreeMap::from([("name", "argocd-cm")]),
        data: crd::all().iter().map(|crd| (key(&crd.spec.names.kind, &crd.spec.group), HEALTH)).collect(),
    };
    let config = format!("{ABOUT}{}", serde_yaml::to_string(&patch)?);
    Ok(vec![
        File { path: "argocd/health.lua".to_owned(), text: HEALTH.to_owned() },
        File { path: "argocd/argocd-cm.yaml".to_owned(), text: config },
    ])
}
