//! The least that the operator of one namespace needs to be allowed.

use super::{JOB, JOBS, hasty, job};
use crate::support::{Namespace, Simulator};

/// Everything beyond this is convenience: the namespace's own role, the cluster's tag, the sight of the original.
const LEAST: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: least}
rules:
  - apiGroups: [sagemaker.aws.amazon.com]
    resources: [trainingjobs, processingjobs, batchtransformjobs, hyperparametertuningjobs]
    verbs: [get, list, watch, patch]
  # The trials of tuning jobs.
  - {apiGroups: [sagemaker.aws.amazon.com], resources: [trainingjobs], verbs: [create, delete]}
  - apiGroups: [sagemaker.aws.amazon.com]
    resources: [trainingjobs/status, processingjobs/status, batchtransformjobs/status, hyperparametertuningjobs/status]
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

#[test]
fn the_operator_of_one_namespace_needs_no_rights_beyond_it() {
    let aws = Simulator::at_speed(30.0);
    let home = Namespace::new("least-rights");
    home.apply(LEAST);
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    let admins = std::fs::read_to_string(home.cluster().kubeconfig()).unwrap();
    std::fs::write(&kubeconfig, admins).unwrap();
    let path = kubeconfig.to_str().unwrap();
    home.kubectl(["--kubeconfig", path, "config", "use-context", "operator"]).run().ok();

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
