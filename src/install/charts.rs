//! The Helm charts below `dist/charts`: templates written by hand, which lie in the folder `charts` beside this file, and
//! kinds and rules from code.
//!
//! The charts of the operator for all namespaces and of that for one differ in a word. What they have in common is a
//! library chart, of which each has a copy, so that they can be installed from a checkout and without a network.

use k8s_openapi::api::rbac::v1::PolicyRule;
use serde::Serialize;

use super::files::File;
use super::{IMAGE, Partition, Scope, VERSION, jobs, monitoring, rights};
use crate::access::rbac;
use crate::api::crd;

const WRITTEN: &str = "Written from src/install by `UPDATE=1 cargo test`.";
const LIBRARY: [(&str, &str); 6] = [
    ("Chart.yaml", include_str!("charts/common/Chart.yaml")),
    ("templates/_monitoring.tpl", include_str!("charts/common/_monitoring.tpl")),
    ("templates/_names.tpl", include_str!("charts/common/_names.tpl")),
    ("templates/_network.tpl", include_str!("charts/common/_network.tpl")),
    ("templates/_pod.tpl", include_str!("charts/common/_pod.tpl")),
    ("templates/_rights.tpl", include_str!("charts/common/_rights.tpl")),
];
const OPERATOR: [(&str, &str); 6] = [
    ("Chart.yaml", include_str!("charts/operator/Chart.yaml")),
    ("values.yaml", include_str!("charts/operator/values.yaml")),
    ("values.schema.json", include_str!("charts/operator/values.schema.json")),
    ("templates/_scope.tpl", include_str!("charts/operator/_scope.tpl")),
    ("templates/operator.yaml", include_str!("charts/operator/operator.yaml")),
    ("templates/NOTES.txt", include_str!("charts/operator/NOTES.txt")),
];
const KINDS: [(&str, &str); 4] = [
    ("Chart.yaml", include_str!("charts/kinds/Chart.yaml")),
    ("values.yaml", include_str!("charts/kinds/values.yaml")),
    ("values.schema.json", include_str!("charts/kinds/values.schema.json")),
    ("templates/NOTES.txt", include_str!("charts/kinds/NOTES.txt")),
];

/// All of their files.
///
/// # Errors
/// If one cannot be written as YAML, which would be a defect of ours.
pub fn charts() -> Result<Vec<File>, serde_yaml::Error> {
    let mut files = library("charts/common")?;
    for scope in [Scope::Cluster, Scope::Namespace] {
        let folder = match scope {
            Scope::Cluster => "charts/installer/rolebased",
            Scope::Namespace => "charts/namespaced/operator_chart",
        };
        files.extend(OPERATOR.iter().map(|(path, text)| by_hand(folder, path, &scope.put_into(text))));
        files.extend(library(&format!("{folder}/charts/common"))?);
    }
    files.extend(kinds("charts/installer/rolebased", Uninstalled::KeepsKinds)?);
    files.extend(KINDS.iter().map(|(path, text)| by_hand("charts/namespaced/crd_chart", path, text)));
    files.extend(kinds("charts/namespaced/crd_chart", Uninstalled::RemovesKinds)?);
    files.extend(jobs::jobs());
    Ok(files)
}

impl Scope {
    /// Puts in what the two charts of the operator differ in.
    fn put_into(self, text: &str) -> String {
        let words = match self {
            Self::Cluster => [
                ("NAME_OF_CHART", "sagemaker-operator"),
                ("ABOUT_CHART", "The SageMaker operator for all namespaces, and its kinds"),
                ("SCOPE", "cluster"),
            ],
            Self::Namespace => [
                ("NAME_OF_CHART", "sagemaker-operator-namespaced"),
                ("ABOUT_CHART", "The SageMaker operator for the namespace that it is installed in"),
                ("SCOPE", "namespace"),
            ],
        };
        words.iter().fold(text.to_owned(), |text, (word, meant)| text.replace(word, meant))
    }
}

/// A file that a person wrote, with what the code knows put in.
pub(super) fn by_hand(folder: &str, path: &str, text: &str) -> File {
    let text = text
        .replace("VERSION", VERSION)
        .replace("REGISTRY_AWS", Partition::Aws.registry())
        .replace("REGISTRY_CHINA", Partition::China.registry())
        .replace("REPOSITORY", IMAGE);
    let is = |ending: &str| path.ends_with(ending);
    let text = if is("Chart.yaml") || is("values.yaml") {
        format!("# {WRITTEN}\n{text}")
    } else if is(".tpl") || is(".yaml") {
        format!("{{{{/* {WRITTEN} */}}}}\n{text}")
    } else {
        text
    };
    File { path: format!("{folder}/{path}"), text }
}

/// The library chart.
fn library(folder: &str) -> Result<Vec<File>, serde_yaml::Error> {
    let rules = format!(
        "{{{{/* {WRITTEN} */}}}}\n{}{}{}{}",
        rules_called("operator", &rbac::operator())?,
        rules_called("leader", &rbac::leader())?,
        rules_called("reviewer", &rbac::reviewer())?,
        rules_called("metrics-reader", &rbac::metrics_reader())?
    );
    let watched = format!("{{{{/* {WRITTEN} */}}}}\n{}", monitoring::templates()?);
    let mut files: Vec<_> = LIBRARY.iter().map(|(path, text)| by_hand(folder, path, text)).collect();
    files.push(File { path: format!("{folder}/templates/_rules.tpl"), text: rules });
    files.push(File { path: format!("{folder}/templates/_watched.tpl"), text: watched });
    Ok(files)
}

fn rules_called(name: &str, rules: &[PolicyRule]) -> Result<String, serde_yaml::Error> {
    let rules = literal(&rules)?;
    Ok(format!("\n{{{{- define \"sagemaker-operator.rules.{name}\" -}}}}\n{rules}{{{{- end }}}}\n"))
}

/// What becomes of the kinds, and with them of all objects, when a chart is uninstalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Uninstalled {
    KeepsKinds,
    RemovesKinds,
}

/// The kinds, and roles for people. They are templates so that an upgrade brings them up to date: Helm never again looks
/// at what lies in a folder `crds`.
fn kinds(folder: &str, uninstalled: Uninstalled) -> Result<Vec<File>, serde_yaml::Error> {
    let mut files = Vec::new();
    for mut kind in crd::all() {
        let path = format!("{folder}/templates/crds/{}", crd::file_name(&kind));
        if uninstalled == Uninstalled::KeepsKinds {
            let kept = ("helm.sh/resource-policy".to_owned(), "keep".to_owned());
            kind.metadata.annotations.get_or_insert_default().extend([kept]);
        }
        files.push(File { path, text: format!("# {WRITTEN}\n{}", literal(&kind)?) });
    }
    let mut people = format!("# {WRITTEN}\n");
    for role in rights::user_roles() {
        people.push_str("---\n");
        people.push_str(&literal(&role)?);
    }
    files.push(File { path: format!("{folder}/templates/people.yaml"), text: people });
    Ok(files)
}

/// As YAML that Helm takes for no template.
pub(super) fn literal(object: &impl Serialize) -> Result<String, serde_yaml::Error> {
    Ok(serde_yaml::to_string(object)?.replace("{{", "{{ \"{{\" }}"))
}
