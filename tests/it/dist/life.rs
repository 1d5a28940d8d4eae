//! Each installer is applied, runs a job, and is deleted without a trace: with kubectl, as people do it.

use std::path::PathBuf;

use serde_json::Value;

use super::pods::{HASTY, Pod};
use crate::support::eventually::PATIENCE;
use crate::support::{Cluster, Simulator, eventually, installed};

const TEAM: &str = "ml-team";
const ROLE: &str = "role/sagemaker-operator";

pub(super) const JOB: &str = "
apiVersion: sagemaker.aws.amazon.com/v1
kind: TrainingJob
metadata:
  name: first
spec:
  region: us-west-2
  roleArn: arn:aws:iam::123456789012:role/train
  algorithmSpecification:
    trainingImage: 433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:1
    trainingInputMode: File
  outputDataConfig: {s3OutputPath: s3://my-bucket/xgboost}
  resourceConfig: {instanceCount: 1, instanceType: ml.m5.xlarge, volumeSizeInGB: 5}
  stoppingCondition: {maxRuntimeInSeconds: 86400}
";

/// Runs a job with the operator in the first namespace, which may do what its service account may, in the second.
#[track_caller]
pub(super) fn run_a_job(cluster: &Cluster, aws: &Simulator, operators: &str, namespace: &str) {
    cluster.until_kinds_are_served();
    let _operator = Pod::of(cluster, operators).start(aws, HASTY);
    let kubectl = || cluster.kubectl().args(["-n", namespace]);
    kubectl().args(["apply", "-f", "-"]).stdin(JOB).run().ok();
    kubectl().args(["wait", "--for=condition=Complete", "--timeout=60s", "trainingjob/first"]).run().ok();
    kubectl().args(["delete", "--timeout=60s", "trainingjob", "first"]).run().ok();
    assert!(!aws.calls("AssumeRoleWithWebIdentity").is_empty(), "it is not the pod's role that it had");
}

/// A cluster to install to, in one of the ways that kubectl has.
struct Ground {
    cluster: Cluster,
    aws: Simulator,
    how: &'static [&'static str],
}

impl Ground {
    fn new(how: &'static [&'static str]) -> Self {
        Self { cluster: Cluster::start(), aws: Simulator::at_speed(60.0), how }
    }

    /// The file with what a person puts in, beside the cluster's own.
    fn filled(&self, file: &str) -> PathBuf {
        let text = installed::text(file).replace("PLACEHOLDER-NAMESPACE", TEAM).replace("role/DELETE_ME", ROLE);
        let path = self.cluster.kubeconfig().with_file_name(file.replace('/', "-"));
        std::fs::write(&path, text).expect("a file can be written");
        path
    }

    #[track_caller]
    fn apply(&self, file: &str) {
        self.cluster.kubectl().arg("apply").args(self.how).arg("-f").arg(self.filled(file)).run().ok();
        // Twice is once. The definitions lose what is the default, and kubectl calls them configured ever again.
        let again = self.cluster.kubectl().arg("apply").args(self.how).arg("-f").arg(self.filled(file)).run().ok();
        let again = again.lines().filter(|line| !line.starts_with("customresourcedefinition"));
        let changed: Vec<_> =
            again.filter(|line| line.ends_with(" configured") || line.ends_with(" created")).collect();
        assert!(changed.is_empty(), "{changed:?}");
    }

    #[track_caller]
    fn delete(&self, file: &str) {
        self.cluster.kubectl().args(["delete", "--timeout=60s", "-f"]).arg(self.filled(file)).run().ok();
    }

    #[track_caller]
    fn run_a_job(&self, operators: &str, namespace: &str) {
        run_a_job(&self.cluster, &self.aws, operators, namespace);
    }

    /// Nothing in the cluster bears our names.
    #[track_caller]
    fn is_bare(&self) {
        let kinds = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings";
        let all = self.cluster.kubectl().args(["get", kinds, "-o", "name"]).run().ok();
        let ours: Vec<_> = all.lines().filter(|line| line.contains("sagemaker") || line.contains(TEAM)).collect();
        assert!(ours.is_empty(), "{ours:?}");
    }
}

#[test]
fn applied_by_kubectl_or_by_the_server_it_runs_a_job_and_is_deleted_without_a_trace() {
    // What `guide` has not: China, and the API server that applies.
    let mut ground = Ground::new(&[]);
    for (how, installer, kinds, operator, partition) in [
        (&["--server-side"][..], "installer.yaml", "namespaced/crd.yaml", "namespaced/operator.yaml", "aws"),
        (
            &[],
            "china/installer_china.yaml",
            "namespaced/china/crd.yaml",
            "namespaced/china/operator_china.yaml",
            "aws-cn",
        ),
    ] {
        ground.how = how;
        let role = format!("arn:{partition}:iam::123456789012:{ROLE}");
        assert!(installed::text(installer).contains(&role.replace(ROLE, "role/DELETE_ME")), "{installer}");

        ground.apply(installer);
        ground.run_a_job(installed::NAMESPACE, "default");
        ground.delete(installer);
        ground.is_bare();

        ground.apply(kinds);
        ground.apply(operator);
        ground.run_a_job(TEAM, TEAM);
        ground.delete(operator);
        ground.delete(kinds);
        ground.is_bare();
    }
}

#[test]
fn the_operator_of_a_namespace_goes_and_the_namespace_stays() {
    let ground = Ground::new(&[]);
    ground.apply("namespaced/crd.yaml");
    ground.apply("namespaced/operator.yaml");
    let file = ground.filled("namespaced/operator.yaml");
    let ours = ["delete", "-l", "app.kubernetes.io/name=sagemaker-operator", "-f"];
    ground.cluster.kubectl().args(ours).arg(file).run().ok();
    assert!(ground.cluster.get(&format!("/api/v1/namespaces/{TEAM}")).is_some());
    let kinds = "deployments,services,networkpolicies,roles,rolebindings,serviceaccounts";
    eventually("the end of all else", PATIENCE, || {
        match ground.cluster.kubectl().args(["get", kinds, "-n", TEAM, "-o", "name"]).run().ok() {
            none if none.is_empty() => Ok(()),
            left => Err(left),
        }
    });
}

#[test]
fn two_teams_have_an_operator_each_and_neither_sees_the_others_objects() {
    let ground = Ground::new(&[]);
    ground.apply("namespaced/crd.yaml");
    ground.apply("namespaced/operator.yaml");
    ground.cluster.until_kinds_are_served();
    let _operator = Pod::of(&ground.cluster, TEAM).start(&ground.aws, HASTY);
    let kubectl = |namespace: &str| ground.cluster.kubectl().args(["-n", namespace]);
    kubectl("default").args(["apply", "-f", "-"]).stdin(JOB).run().ok();
    kubectl(TEAM).args(["apply", "-f", "-"]).stdin(JOB).run().ok();
    kubectl(TEAM).args(["wait", "--for=condition=Complete", "--timeout=60s", "trainingjob/first"]).run().ok();
    let other = ground.cluster.get("/apis/sagemaker.aws.amazon.com/v1/namespaces/default/trainingjobs/first").unwrap();
    assert_eq!(other["metadata"]["finalizers"], Value::Null, "it was touched by an operator that is not its own");
    assert_eq!(ground.aws.applied("CreateTrainingJob").len(), 1);
}
