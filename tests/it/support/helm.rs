//! Helm, and the charts.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::built;
use super::process::{Finished, Program};

/// The chart of the operator for all namespaces.
pub(crate) const CLUSTER: &str = "installer/rolebased";
/// The chart of the kinds alone.
pub(crate) const KINDS: &str = "namespaced/crd_chart";
/// The chart of the operator for one namespace.
pub(crate) const NAMESPACED: &str = "namespaced/operator_chart";

/// Where a chart is.
pub(crate) fn chart(name: &str) -> PathBuf {
    built::root().join("dist/charts").join(name)
}

/// Helm without a cluster.
pub(crate) fn helm() -> Program {
    keeping_its_files_in(&std::env::temp_dir().join("no-files-of-helm"), Program::tied(built::helm()))
}

/// Else it would remember charts, and find plugins, below the developer's home.
pub(super) fn keeping_its_files_in(folder: &Path, helm: Program) -> Program {
    let variables = [("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")];
    helm.envs(variables.map(|(variable, name)| (variable, folder.join(name))))
}

/// `helm template`, with values as YAML.
#[track_caller]
pub(crate) fn render(chart_name: &str, namespace: &str, values: &str) -> Finished {
    let args = ["template", "release", "-n", namespace, "-f", "-"];
    helm().args(args).arg(chart(chart_name)).stdin(values).run()
}

/// The objects in what Helm has written.
#[track_caller]
pub(crate) fn objects(text: &str) -> Vec<Value> {
    use serde::Deserialize as _;
    let documents = serde_yaml::Deserializer::from_str(text);
    let objects = documents.map(|document| Value::deserialize(document).expect("YAML"));
    objects.filter(|object| !object.is_null()).collect()
}
