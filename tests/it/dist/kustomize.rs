//! Kustomize's bases are the installers, and their examples install operators that run a job.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::chart_defaults::by_name;
use super::life::run_a_job;
use crate::support::process::Program;
use crate::support::{Cluster, Simulator, built, helm, installed};

/// The namespace of the example for all namespaces.
const NAMESPACE: &str = "ml-platform";
/// The namespace of the example for one.
const TEAM: &str = "ml-team";

pub(super) fn folder(name: &str) -> PathBuf {
    built::root().join("dist/kustomize").join(name)
}

/// What Kustomize makes of a folder.
#[track_caller]
pub(super) fn build(name: &str) -> String {
    let kubectl = Cluster::shared().kubectl_path();
    Program::tied(kubectl).arg("kustomize").arg(folder(name)).run().ok()
}

/// Kustomize writes 1 where 1.0 stands.
fn whole(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(whole),
        Value::Array(list) => list.iter_mut().for_each(whole),
        Value::Number(number) => *value = json!(number.as_f64()),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// An installer with what an example puts in.
fn filled(installer: &str, namespace: &str, to: &str) -> String {
    let image = format!("sagemaker-operator:v{}", env!("CARGO_PKG_VERSION"));
    let mine = format!("123456789012.dkr.ecr.us-west-2.amazonaws.com/{image}");
    installer
        .replace(namespace, to)
        .replace("role/DELETE_ME", "role/sagemaker-operator")
        .replace(&format!("registry.example.com/{image}"), &mine)
}

#[test]
fn a_base_is_its_installer_and_an_example_changes_three_things_object_for_object() {
    let everywhere = installed::text("installer.yaml");
    let of_one = installed::text("namespaced/operator.yaml");
    for (name, wanted) in [
        ("base", &everywhere),
        ("overlays/example", &filled(&everywhere, installed::NAMESPACE, NAMESPACE)),
        ("namespaced", &of_one),
        ("overlays/namespaced", &filled(&of_one, "PLACEHOLDER-NAMESPACE", TEAM)),
    ] {
        let [built, wanted] = [&build(name), wanted].map(|text| {
            let mut objects = helm::objects(text);
            objects.iter_mut().for_each(whole);
            by_name(objects)
        });
        assert_eq!(built.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{name}");
        for (key, object) in &built {
            assert!(*object == wanted[key], "{name}: {key}\n{object:#}\nis not\n{:#}", wanted[key]);
        }
    }
}

#[test]
fn an_example_installs_an_operator_that_runs_a_job_and_is_deleted() {
    let (cluster, aws) = (Cluster::start(), Simulator::at_speed(60.0));
    cluster.kubectl().args(["apply", "-f"]).arg(installed::path("namespaced/crd.yaml")).run().ok();
    // The one for all namespaces comes second: it takes the kinds away.
    for (example, operators, namespace) in
        [("overlays/namespaced", TEAM, TEAM), ("overlays/example", NAMESPACE, "default")]
    {
        let example = folder(example);
        cluster.kubectl().args(["apply", "-k"]).arg(&example).run().ok();
        run_a_job(&cluster, &aws, operators, namespace);
        cluster.kubectl().args(["delete", "--timeout=60s", "-k"]).arg(&example).run().ok();
        assert!(cluster.get(&format!("/api/v1/namespaces/{operators}")).is_none());
    }
}
