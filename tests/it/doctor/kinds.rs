//! The definitions, on a control plane of their own: one takes away what others need.

use http::Method;
use serde_json::json;

use super::ground::Ground;
use crate::support::eventually::PATIENCE;
use crate::support::{Namespace, built, eventually};

#[test]
fn without_a_namespace_all_that_may_be_seen_is_looked_at() {
    let cluster = Namespace::alone("doctor-all");
    let ground = Ground::on(cluster);
    ground.held("mnist");
    let doctor = |args: &[&str]| {
        let plugin = ground.home.cluster().program(&built::binaries().join("kubectl-sagemaker"));
        ground.said(plugin.args(["doctor", "--no-aws"]).args(args))
    };
    let text = doctor(&[]);
    for line in [
        "PASS  namespaces      none has a role of its own, in all namespaces",
        "PASS  RBAC, yours     you may do what the plugins do, in all namespaces",
        "PASS  objects         1, none is being deleted, in all namespaces",
        "WARN  leftovers       NAMESPACE/trainingjob/mnist is held by version 1's finalizer and not taken over yet",
    ] {
        assert!(text.lines().any(|said| said == line), "no line {line:?}\n{text}");
    }
    // It lies in a namespace that nobody has named.
    assert!(text.contains("\nFAIL  operator        not installed: no Deployment of it in "), "{text}");
    assert!(text.contains("\nSKIP  role            not checked: there is no Deployment of the operator\n"), "{text}");

    // Who may look at nothing but their context's namespace is told of that one.
    let text = doctor(&["--as", "carol"]);
    assert!(text.contains("\nFAIL  RBAC, yours     you may not get, list any of our kinds "), "{text}");
    assert!(text.contains("\nSKIP  leftovers       not checked: you may not read Deployments: "), "{text}");
    let all = json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }]);
    ground.home.grant_user("carol", &all);
    let home = format!("--context=admin --as=carol --namespace={}", ground.home.name());
    let text = doctor(&home.split(' ').collect::<Vec<_>>());
    assert!(text.contains("\nPASS  objects         1, none is being deleted, in namespace NAMESPACE\n"), "{text}");
    assert!(text.contains("\nPASS  CRDs            8 of 8 served; their definitions you may not read\n"), "{text}");
    let config = ground.home.cluster().kubectl().args(["config", "view", "--raw"]).run().ok();
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, config).expect("and for a file");
    let file = file.to_str().expect("a path of letters");
    let context = ["config", "set-context", "--current", "--kubeconfig", file, "--namespace", ground.home.name()];
    ground.home.cluster().kubectl().args(context).run().ok();
    let text = doctor(&["--kubeconfig", file, "--as", "carol"]);
    let here = "in namespace NAMESPACE alone: you may not do so in all";
    assert!(text.contains(&format!("\nPASS  RBAC, yours     you may do what the plugins do, {here}\n")), "{text}");
    assert!(text.contains(&format!("\nPASS  objects         1, none is being deleted, {here}\n")), "{text}");
}

/// The lines about the definitions, with what to do next.
fn said(ground: &Ground) -> String {
    let text = ground.said(ground.doctor(&["--no-aws"]));
    let mut lines = text.lines().skip_while(|line| !line.contains("  CRDs  "));
    let first = lines.next().map(str::to_owned);
    let rest = lines.take_while(|line| line.starts_with(' ')).map(str::to_owned);
    first.into_iter().chain(rest).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn until_said(ground: &Ground, wanted: &str) {
    eventually(wanted, PATIENCE, || {
        let said = said(ground);
        if said.starts_with(wanted) { Ok(()) } else { Err(said) }
    });
}

#[test]
fn definitions_that_are_missing_or_wrong_are_named() {
    let ground = Ground::on(Namespace::alone("doctor-kinds"));
    let cluster = ground.home.cluster();
    until_said(&ground, "PASS  CRDs            8 of 8, v1");
    let definition =
        |kind: &str| format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{kind}.sagemaker.aws.amazon.com");
    let patch = |kind: &str, patch| {
        cluster.request(Method::PATCH, &definition(kind), Some(&patch)).expect("a definition can be changed")
    };

    // As version 1 had it: nothing but `status` is kept.
    let first = json!({
        "type": "object",
        "properties": {
            "spec": { "type": "object", "x-kubernetes-preserve-unknown-fields": true },
            "status": { "type": "object", "properties": { "trainingJobStatus": { "type": "string" } } },
        },
    });
    let versions = json!([{
        "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": first },
        "subresources": { "status": {} },
    }]);
    patch("models", json!({ "spec": { "versions": versions } }));
    until_said(&ground, "FAIL  CRDs            Model is still as version 1 defined it: conditions are lost\n");
    cluster.install_kinds();
    until_said(&ground, "PASS  CRDs            8 of 8, v1");

    // An object holds its definition.
    ground.held("mnist");
    cluster.kubectl().args(["delete", "crd", "trainingjobs.sagemaker.aws.amazon.com", "--wait=false"]).run().ok();
    until_said(&ground, "FAIL  CRDs            TrainingJob is being deleted, and all its objects with it\n");
    ground.home.patch("trainingjobs", "mnist", &json!({ "metadata": { "finalizers": null } })).expect("it is let go");
    until_said(
        &ground,
        "FAIL  CRDs            7 of 8: TrainingJob not installed\n                      → kubectl apply -f dist/crds",
    );

    cluster.kubectl().args(["delete", "-f"]).arg(built::root().join("dist/crds")).arg("--ignore-not-found").run().ok();
    until_said(&ground, "FAIL  CRDs            none of 8 is installed\n");
}
