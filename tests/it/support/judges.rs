//! Other people's programs that judge what is ours: kstatus, which Flux asks; Argo CD's Lua; krew; kubeconform; Prometheus.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::built;
use super::process::Program;

/// What is said of an object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Judged {
    /// `InProgress`, `Failed`, `Current`, `Terminating` or `Unknown`.
    pub(crate) kstatus: String,
    /// `Healthy`, `Progressing`, `Degraded` or `Suspended`.
    pub(crate) argo: String,
    /// Argo CD's own.
    pub(crate) message: String,
}

impl Judged {
    /// Both words.
    pub(crate) fn words(&self) -> (&str, &str) {
        (&self.kstatus, &self.argo)
    }
}

/// Where Argo CD's `ConfigMap` is.
pub(crate) fn config() -> std::path::PathBuf {
    built::root().join("dist/argocd/argocd-cm.yaml")
}

/// The scripts by kind, from a `ConfigMap`.
pub(crate) fn scripts(config: &Value) -> BTreeMap<String, Value> {
    let prefix = "resource.customizations.health.sagemaker.aws.amazon.com_";
    let data = config["data"].as_object().expect("a ConfigMap has data").iter();
    data.filter_map(|(key, script)| Some((key.strip_prefix(prefix)?.to_owned(), script.clone()))).collect()
}

/// Has objects judged, by the scripts that are checked in.
#[track_caller]
pub(crate) fn judge(objects: &[Value]) -> Vec<Judged> {
    let text = std::fs::read_to_string(config()).expect("it is checked in");
    let question = json!({ "scripts": scripts(&serde_yaml::from_str(&text).expect("YAML")), "objects": objects });
    let health = Program::tied(&built::judges().join("health")).stdin(question.to_string()).run().ok();
    serde_json::from_str(&health).expect("verdicts")
}

/// kubeconform.
pub(crate) fn kubeconform() -> Program {
    Program::tied(&built::judges().join("kubeconform"))
}

/// krew, which keeps what it installs in that folder, for a machine of that kind.
pub(crate) fn krew(folder: &Path, os: &str, arch: &str) -> Program {
    // It would ask now and then whether there is a newer one.
    let quiet = Program::tied(&built::judges().join("krew")).env("KREW_NO_UPGRADE_CHECK", "1");
    quiet.env("KREW_ROOT", folder).env("KREW_OS", os).env("KREW_ARCH", arch)
}

/// What krew's index asks of a manifest that is to be in it; refused, if it would not take it.
pub(crate) fn krew_manifest(path: &Path) -> Program {
    Program::tied(&built::judges().join("validate-krew-manifest")).args(["-skip-install", "-manifest"]).arg(path)
}

/// Has Prometheus's alerts fire over time as a file tells, which is one for `promtool test rules`.
#[track_caller]
pub(crate) fn alerts(file: &Path) {
    Program::tied(&built::judges().join("alerts")).arg(file).run().ok();
}

/// What an expression names.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Named {
    pub(crate) query: String,
    /// Metrics, with the labels that are selected by.
    pub(crate) metrics: BTreeMap<String, Vec<String>>,
    /// Labels that are grouped by or joined on.
    pub(crate) labels: Vec<String>,
}

/// Has Prometheus read a rule file and queries; refused, if it would not take them.
#[track_caller]
pub(crate) fn rules(file: &str, queries: &[String]) -> Vec<Named> {
    let question = json!({ "file": file, "queries": queries });
    let answer = Program::tied(&built::judges().join("rules")).stdin(question.to_string()).run().ok();
    serde_json::from_str(&answer).expect("what each expression names")
}
