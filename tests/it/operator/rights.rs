//! The least that the operator of one namespace needs to be allowed.

use tempfile::TempDir;

use super::eight::{MODEL, NAME, parts};
use super::{JOB, JOBS, hasty, job};
use crate::support::eventually::PATIENCE;
use crate::support::{Namespace, Simulator, eventually};

/// Everything beyond this is convenience: the namespace's own role, the cluster's tag, the sight of the original.
const LEAST: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: least}
rules:
  - apiGroups: [sagemaker.aws.amazon.com]
    resources: [trainingjobs, processingjobs, batchtransformjobs, hyperparametertuningjobs]
    verbs: [get, list, watch, patch]
  - apiGroups: [sagemaker.aws.amazon.com]
    resources: [models, endpointconfigs, hostingdeployments, hostingautoscalingpolicies]
    verbs: [get, list, watch, patch]
  # The parts of hosting deployments.
  - {apiGroups: [sagemaker.aws.amazon.com], resources: [models, endpointconfigs], verbs: [create, delete]}
  # Its parts block their deployment's deletion, for which some clusters ask for this.
  - {apiGroups: [sagemaker.aws.amazon.com], resources: [hostingdeployments/finalizers], verbs: [update]}
  # The trials of tuning jobs.
  - {apiGroups: [sagemaker.aws.amazon.com], resources: [trainingjobs], verbs: [create, delete]}
  - apiGroups: [sagemaker.aws.amazon.com]
    resources: [trainingjobs/status, processingjobs/status, batchtransformjobs/status, hyperparametertuningjobs/status]
    verbs: [patch]
  - apiGroups: [sagemaker.aws.amazon.com]
    resources: [models/status, endpointconfigs/status, hostingdeployments/status, hostingautoscalingpolicies/status]
    verbs: [patch]
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update]}
  - {apiGroups: [events.k8s.io], resources: [events], verbs: [create, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: least}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: least}
subjects:
  - {kind: User, apiGroup: rbac.authorization.k8s.io, name: "system:serviceaccount:sagemaker-k8s-operator-system:sagemaker-k8s-operator-default"}
"#;

/// Writes a kubeconfig with which one is the operator, with the least of rights.
fn be_the_operator(home: &Namespace, folder: &TempDir) -> String {
    home.apply(LEAST);
    let kubeconfig = folder.path().join("kubeconfig");
    let admins = std::fs::read_to_string(home.cluster().kubeconfig()).expect("the cluster has one");
    std::fs::write(&kubeconfig, admins).expect("it can be written");
    let path = kubeconfig.to_str().expect("a path of letters").to_owned();
    home.kubectl(["--kubeconfig", &path, "config", "use-context", "operator"]).run().ok();
    path
}

#[test]
fn what_lasts_needs_no_rights_beyond_it_either() {
    let aws = Simulator::with(["--speed", "60", "--no-quotas"]);
    aws.make_model(MODEL, "image");
    let home = Namespace::new("least-rights-all");
    let folder = tempfile::tempdir().unwrap();
    let path = &*be_the_operator(&home, &folder);
    let _operator = hasty(&home, &aws).env("KUBECONFIG", path).start();
    let parts = parts();
    for edited in [false, true] {
        for part in &parts {
            home.apply(part.manifest(edited).to_string());
        }
        eventually("all as wanted", PATIENCE, || parts.iter().find_map(|part| part.missing(&home)).map_or(Ok(()), Err));
    }
    for part in &parts {
        home.delete(part.plural, NAME);
    }
    for part in &parts {
        home.until_gone(part.plural, NAME);
    }
}

#[test]
fn the_operator_of_one_namespace_needs_no_rights_beyond_it() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("least-rights");
    let folder = tempfile::tempdir().unwrap();
    let path = &*be_the_operator(&home, &folder);

    let refused = home.kubectl(["--kubeconfig", path, "get", "secrets"]).run();
    assert_eq!(refused.code(), 1, "it has more rights than it was given");

    let _operator = hasty(&home, &aws).env("KUBECONFIG", path).start();
    home.apply(job(30, ""));
    home.until_condition(JOBS, JOB, "Complete");
    assert_eq!(aws.applied("CreateTrainingJob").len(), 1);
    let reported: Vec<_> = home.events(JOB).into_iter().map(|event| event["reason"].clone()).collect();
    assert_eq!(reported, ["Created", "InProgress", "Completed"]);
    home.delete(JOBS, JOB);
    home.until_gone(JOBS, JOB);
}
