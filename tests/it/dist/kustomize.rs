//! Kustomize's base is the installer, and its example installs an operator that runs a job.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::chart_defaults::by_name;
use super::life::run_a_job;
use crate::support::process::Program;
use crate::support::{Cluster, Simulator, built, helm, installed};

/// The namespace of the example.
const NAMESPACE: &str = "ml-platform";

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

#[test]
fn the_base_is_the_installer_and_the_example_changes_three_things_object_for_object() {
    let installer = installed::text("installer.yaml");
    let image = format!("sagemaker-operator:v{}", env!("CARGO_PKG_VERSION"));
    let example = installer
        .replace(installed::NAMESPACE, NAMESPACE)
        .replace("role/DELETE_ME", "role/sagemaker-operator")
        .replace(
            &format!("registry.example.com/{image}"),
            &format!("123456789012.dkr.ecr.us-west-2.amazonaws.com/{image}"),
        );
    for (name, wanted) in [("base", &installer), ("overlays/example", &example)] {
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
fn the_example_installs_an_operator_that_runs_a_job_and_is_deleted() {
    let (cluster, aws) = (Cluster::start(), Simulator::at_speed(60.0));
    let example = folder("overlays/example");
    cluster.kubectl().args(["apply", "-k"]).arg(&example).run().ok();
    run_a_job(&cluster, &aws, NAMESPACE, "default");
    cluster.kubectl().args(["delete", "--timeout=60s", "-k"]).arg(&example).run().ok();
    assert!(cluster.get(&format!("/api/v1/namespaces/{NAMESPACE}")).is_none());
}
