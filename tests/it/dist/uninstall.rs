//! `kubectl sagemaker uninstall`: each installation goes, and nothing is left that nobody could end any more.

use insta::assert_snapshot;
use regex::Regex;
use serde_json::json;

use super::life::JOB;
use super::pods::{HASTY, Pod};
use crate::operator::eight::{MODEL, Part, parts, until_as_wanted};
use crate::support::eventually::PATIENCE;
use crate::support::process::Finished;
use crate::support::{Cluster, Namespace, Simulator, built, eventually, installed};

const DEPLOYMENT: &str = "deployments/sagemaker-k8s-operator-controller-manager";

/// An installer, with what a person puts in.
fn apply(cluster: &Cluster, file: &str, namespace: &str) {
    let text = installed::text(file).replace("PLACEHOLDER-NAMESPACE", namespace).replace("DELETE_ME", "operator");
    cluster.kubectl().args(["apply", "-f", "-"]).stdin(text).run().ok();
    cluster.until_kinds_are_served();
}

fn uninstall(cluster: &Cluster, args: &[&str]) -> Finished {
    cluster.program(&built::binaries().join("kubectl-sagemaker")).arg("uninstall").args(args).run()
}

/// What was said and how it ended, but for what differs from run to run.
fn said(finished: &Finished, home: &str) -> String {
    let said = format!("{}---\n{}exit {}\n", finished.stdout, finished.stderr, finished.code());
    let said = said.replace(home, "HOME");
    let ids = Regex::new(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|token-\d+").expect("a regex");
    let said = ids.replace_all(&said, "ID");
    Regex::new("last seen [0-9ms]+ ago").expect("a regex").replace_all(&said, "last seen AGES ago").into_owned()
}

/// The lines of what was said, in the order of the alphabet: what ends at the same time ends in any order.
fn sorted(finished: &Finished, home: &str) -> String {
    let said = said(finished, home);
    let mut lines: Vec<_> = said.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// All that bears our names.
fn ours(cluster: &Cluster) -> Vec<String> {
    let kinds = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,deployments,services,\
                 networkpolicies,roles,rolebindings,serviceaccounts,leases";
    let all = cluster.kubectl().args(["get", kinds, "-A", "-o=custom-columns=:kind,:metadata.name"]).run().ok();
    all.lines().filter(|line| line.contains("sagemaker")).map(str::to_owned).collect()
}

#[test]
fn the_operator_of_the_cluster_goes_after_all_that_it_looked_after() {
    let home = Namespace::alone("uninstall");
    let (cluster, aws) = (home.cluster(), Simulator::with(["--speed", "200", "--no-quotas"]));
    apply(cluster, "installer.yaml", "");
    aws.make_model(MODEL, "image");
    let _operator = Pod::of(cluster, installed::NAMESPACE).start(&aws, HASTY);
    let parts: Vec<Part> = parts().into_iter().map(Part::running).collect();
    for part in &parts {
        home.apply(part.manifest(false).to_string());
    }
    until_as_wanted(&home, &parts);
    // Trials come and go.
    home.delete("hyperparametertuningjobs", "digits");
    home.until_gone("hyperparametertuningjobs", "digits");
    eventually("no trial", PATIENCE, || match home.kubectl(["get", "trainingjobs", "-o", "name"]).run().ok() {
        names if names.lines().count() == 1 => Ok(()),
        names => Err(names),
    });

    let before = aws.journal().len();
    assert_snapshot!(said(&uninstall(cluster, &["--dry-run"]), home.name()), @r"
    The operator v2.0.0 in namespace sagemaker-k8s-operator-system looks after all namespaces.
    9 objects are deleted first. This is ended in AWS before:
      HOME   trainingjob/digits         InProgress   1 × ml.m5.xlarge
      HOME   processingjob/digits       InProgress   1 × ml.m5.xlarge
      HOME   batchtransformjob/digits   InProgress   1 × ml.m5.xlarge
      HOME   hostingdeployment/digits   InService    1 × ml.m5.large
    Then the operator: its Deployment, its service account and its rights.
    Then its namespace, if nothing else runs there.
    The CRDs and the roles for people stay; --crds takes them away too.
    ---
    exit 0
    ");
    assert_snapshot!(said(&uninstall(cluster, &["--crds"]), home.name()).rsplit("---\n").next().unwrap(), @r"
    error: nothing was changed: there is no terminal to ask on
    hint: kubectl sagemaker uninstall --crds --yes
    exit 6
    ");
    let changes = |from: usize| {
        let calls = aws.journal().into_iter().skip(from).map(|call| call.operation);
        let mut changes: Vec<_> =
            calls.filter(|it| ["Stop", "Delete", "Deregister"].iter().any(|verb| it.starts_with(verb))).collect();
        changes.sort();
        changes.dedup();
        changes
    };
    assert_eq!(changes(before), Vec::<String>::new(), "nobody has agreed");
    assert_eq!(home.get("trainingjobs", "digits").unwrap()["metadata"]["deletionTimestamp"], json!(null));

    assert_snapshot!(sorted(&uninstall(cluster, &["--yes", "--crds"]), home.name()), @r"
      HOME   batchtransformjob/digits   InProgress   1 × ml.m5.xlarge
      HOME   hostingdeployment/digits   InService    1 × ml.m5.large
      HOME   processingjob/digits       InProgress   1 × ml.m5.xlarge
      HOME   trainingjob/digits         InProgress   1 × ml.m5.xlarge
    ---
    9 objects are deleted first. This is ended in AWS before:
    The operator v2.0.0 in namespace sagemaker-k8s-operator-system looks after all namespaces.
    Then its namespace, if nothing else runs there.
    Then the CRDs, and the roles for people.
    Then the operator: its Deployment, its service account and its rights.
    batchtransformjob/digits in HOME is gone
    clusterrole.rbac.authorization.k8s.io/sagemaker-k8s-operator-admin deleted
    clusterrole.rbac.authorization.k8s.io/sagemaker-k8s-operator-companion-reader deleted
    clusterrole.rbac.authorization.k8s.io/sagemaker-k8s-operator-edit deleted
    clusterrole.rbac.authorization.k8s.io/sagemaker-k8s-operator-log-reader deleted
    clusterrole.rbac.authorization.k8s.io/sagemaker-k8s-operator-manager-role deleted
    clusterrole.rbac.authorization.k8s.io/sagemaker-k8s-operator-view deleted
    clusterrolebinding.rbac.authorization.k8s.io/sagemaker-k8s-operator-manager-rolebinding deleted
    customresourcedefinition.apiextensions.k8s.io/batchtransformjobs.sagemaker.aws.amazon.com deleted
    customresourcedefinition.apiextensions.k8s.io/endpointconfigs.sagemaker.aws.amazon.com deleted
    customresourcedefinition.apiextensions.k8s.io/hostingautoscalingpolicies.sagemaker.aws.amazon.com deleted
    customresourcedefinition.apiextensions.k8s.io/hostingdeployments.sagemaker.aws.amazon.com deleted
    customresourcedefinition.apiextensions.k8s.io/hyperparametertuningjobs.sagemaker.aws.amazon.com deleted
    customresourcedefinition.apiextensions.k8s.io/models.sagemaker.aws.amazon.com deleted
    customresourcedefinition.apiextensions.k8s.io/processingjobs.sagemaker.aws.amazon.com deleted
    customresourcedefinition.apiextensions.k8s.io/trainingjobs.sagemaker.aws.amazon.com deleted
    deployment.apps/sagemaker-k8s-operator-controller-manager deleted
    endpointconfig/digits in HOME is gone
    endpointconfig/digits-1-ID in HOME is gone
    exit 0
    hostingautoscalingpolicy/digits in HOME is gone
    hostingdeployment/digits in HOME is gone
    lease.coordination.k8s.io/sagemaker-k8s-operator deleted
    model/digits in HOME is gone
    model/m-1-ID in HOME is gone
    namespace/sagemaker-k8s-operator-system deleted
    networkpolicy.networking.k8s.io/sagemaker-k8s-operator-controller-manager deleted
    processingjob/digits in HOME is gone
    role.rbac.authorization.k8s.io/sagemaker-k8s-operator-leader-election-role deleted
    rolebinding.rbac.authorization.k8s.io/sagemaker-k8s-operator-leader-election-rolebinding deleted
    service/sagemaker-k8s-operator-controller-manager-metrics-service deleted
    serviceaccount/sagemaker-k8s-operator-default deleted
    trainingjob/digits in HOME is gone
    ");
    eventually("nothing left", PATIENCE, || match ours(cluster) {
        none if none.is_empty() => Ok(()),
        left => Err(format!("{left:?}")),
    });
    assert_snapshot!(changes(before).join(" "), @"DeleteEndpoint DeleteEndpointConfig DeleteModel DeleteScalingPolicy DeregisterScalableTarget StopProcessingJob StopTrainingJob StopTransformJob");
}

#[test]
fn the_operator_of_a_namespace_goes_and_what_runs_in_aws_runs_on() {
    let home = Namespace::alone("uninstall");
    let (cluster, aws) = (home.cluster(), Simulator::with(["--speed", "200", "--no-quotas"]));
    let before = ours(cluster);
    apply(cluster, "namespaced/operator.yaml", home.name());
    cluster.kubectl().args(["apply", "-n", "default", "-f", "-"]).stdin(JOB).run().ok();
    let _operator = Pod::of(cluster, home.name()).start(&aws, HASTY);
    let parts: Vec<Part> = parts().into_iter().map(Part::running).collect();
    let parts: Vec<Part> =
        parts.into_iter().filter(|part| ["TrainingJob", "HostingDeployment"].contains(&part.kind)).collect();
    for part in &parts {
        home.apply(part.manifest(false).to_string());
    }
    until_as_wanted(&home, &parts);

    let here = ["-n", home.name(), "--keep-aws", "--yes"];
    assert_snapshot!(said(&uninstall(cluster, &[&here[..], &["--crds"]].concat()), home.name()), @r"
    ---
    error: trainingjob/first in namespace default would go with the CRDs, and nobody would end it in AWS
    hint: go without --crds, or delete the objects of all namespaces first
    exit 6
    ");
    assert_snapshot!(sorted(&uninstall(cluster, &here), home.name()), @r"
      HOME   hostingdeployment/digits   InService    1 × ml.m5.large
      HOME   trainingjob/digits         InProgress   1 × ml.m5.xlarge
    ---
    4 objects are deleted first. This is left in AWS, and bills there:
    The CRDs and the roles for people stay; --crds takes them away too.
    The operator v2.0.0 in namespace HOME looks after that one.
    Then the operator: its Deployment, its service account and its rights.
    deployment.apps/sagemaker-k8s-operator-controller-manager deleted
    endpointconfig/digits-1-ID in HOME is gone
    exit 0
    hostingdeployment/digits in HOME is gone
    lease.coordination.k8s.io/sagemaker-k8s-operator deleted
    model/m-1-ID in HOME is gone
    networkpolicy.networking.k8s.io/sagemaker-k8s-operator-controller-manager deleted
    role.rbac.authorization.k8s.io/sagemaker-k8s-operator-leader-election-role deleted
    role.rbac.authorization.k8s.io/sagemaker-k8s-operator-manager-role deleted
    rolebinding.rbac.authorization.k8s.io/sagemaker-k8s-operator-leader-election-rolebinding deleted
    rolebinding.rbac.authorization.k8s.io/sagemaker-k8s-operator-manager-rolebinding deleted
    service/sagemaker-k8s-operator-controller-manager-metrics-service deleted
    serviceaccount/sagemaker-k8s-operator-default deleted
    trainingjob/digits in HOME is gone
    ");
    let calls: Vec<_> = aws.journal().into_iter().map(|call| call.operation).collect();
    assert!(!calls.iter().any(|it| it.starts_with("Stop") || it.starts_with("Delete")), "{calls:?}");
    assert_eq!(ours(cluster), before);
    let path = "/apis/sagemaker.aws.amazon.com/v1/namespaces/default/trainingjobs/first";
    assert_eq!(cluster.get(path).unwrap()["metadata"]["deletionTimestamp"], json!(null), "it is not of that namespace");
    assert!(cluster.get(&format!("/api/v1/namespaces/{}", home.name())).is_some());
}

#[test]
fn what_would_leave_something_behind_is_refused() {
    let cluster = Cluster::start();
    let aws = Simulator::with(["--speed", "200", "--no-quotas"]);
    let all = |args: &[&str]| said(&uninstall(&cluster, args), "no home");
    assert_snapshot!(all(&["--yes"]), @r"
    ---
    error: no operator in namespace default nor in sagemaker-k8s-operator-system
    hint: say where it is: kubectl sagemaker uninstall -n NAMESPACE
    exit 1
    ");
    assert_snapshot!(all(&["--yes", "--timeout", "soon"]), @r"
    ---
    error: invalid value 'soon' for '--timeout <DURATION>': expected number at 0

    For more information, try '--help'.
    exit 2
    ");

    apply(&cluster, "installer.yaml", "");
    let job = parts().remove(0).running().manifest(false);
    let start_the_job = || {
        let runs =
            ["wait", "--for=jsonpath={.status.trainingJobStatus}=InProgress", "--timeout=60s", "trainingjob/digits"];
        cluster.kubectl().args(["apply", "-f", "-"]).stdin(job.to_string()).run().ok();
        cluster.kubectl().args(runs).run().ok();
    };
    let mut operator = Pod::of(&cluster, installed::NAMESPACE).start(&aws, HASTY);
    start_the_job();
    // The job may not be stopped, so that its object stays.
    aws.deny("sagemaker:StopTrainingJob");
    cluster.kubectl().args(["delete", "trainingjob", "digits", "--wait=false"]).run().ok();
    cluster.kubectl().args(["wait", "--for=condition=Stalled", "--timeout=60s", "trainingjob/digits"]).run().ok();
    assert_snapshot!(all(&["--yes", "--timeout", "1s"]), @r"
    The operator v2.0.0 in namespace sagemaker-k8s-operator-system looks after all namespaces.
    1 object is deleted first. This is ended in AWS before:
      default   trainingjob/digits   InProgress   1 × ml.m5.xlarge
    Then the operator: its Deployment, its service account and its rights.
    Then its namespace, if nothing else runs there.
    The CRDs and the roles for people stay; --crds takes them away too.
    ---
    warning: trainingjob/digits in default: SageMaker refused StopTrainingJob, AccessDenied on sagemaker:StopTrainingJob on arn:aws:sagemaker:us-west-2:123456789012:training-job/digits-ID: User: arn:aws:sts::123456789012:assumed-role/operator/web-identity-ID is not authorized to perform: sagemaker:StopTrainingJob on resource: arn:aws:sagemaker:us-west-2:123456789012:training-job/digits-ID because no identity-based policy allows the sagemaker:StopTrainingJob action
    hint: allow sagemaker:StopTrainingJob on arn:aws:sagemaker:us-west-2:123456789012:training-job/digits-ID to the operator's role; it is tried again now and then, and at once when an annotation of the object changes
    request id: ID
    error: not yet gone: trainingjob/digits in default
    hint: they are being deleted: call this again to go on
    exit 5
    ");
    aws.allow_all();
    // Its Lease lapses, and nobody comes to take it.
    operator.process().kill();
    assert_snapshot!(all(&["--yes"]).rsplit("---\n").next().unwrap(), @r"
    warning: trainingjob/digits in default: SageMaker refused StopTrainingJob, AccessDenied on sagemaker:StopTrainingJob on arn:aws:sagemaker:us-west-2:123456789012:training-job/digits-ID: User: arn:aws:sts::123456789012:assumed-role/operator/web-identity-ID is not authorized to perform: sagemaker:StopTrainingJob on resource: arn:aws:sagemaker:us-west-2:123456789012:training-job/digits-ID because no identity-based policy allows the sagemaker:StopTrainingJob action
    hint: allow sagemaker:StopTrainingJob on arn:aws:sagemaker:us-west-2:123456789012:training-job/digits-ID to the operator's role; it is tried again now and then, and at once when an annotation of the object changes
    request id: ID
    error: the operator is not running: last seen AGES ago; not yet gone: trainingjob/digits in default
    hint: kubectl sagemaker doctor
    exit 1
    ");
    assert_snapshot!(all(&["--yes"]), @r"
    ---
    error: the operator is not running: last seen AGES ago, and nobody else ends what the objects have in AWS: nothing was changed
    hint: have it run again: kubectl sagemaker doctor says what keeps it from that
    hint: or delete the objects, and let each go by hand: kubectl sagemaker unstick --all-stuck -A --stop-aws
    exit 6
    ");

    let image = |image: &str| json!({ "spec": { "template": { "spec": { "containers": [{ "name": "manager", "image": image }] } } } });
    let kubectl = || cluster.kubectl().args(["-n", installed::NAMESPACE]);
    let first = image("957583890962.dkr.ecr.us-east-1.amazonaws.com/amazon-sagemaker-operator-for-k8s:v1").to_string();
    kubectl().args(["patch", DEPLOYMENT, "-p", &first]).run().ok();
    assert_snapshot!(all(&["--yes", "--keep-aws"]), @r"
    ---
    error: version 1 ends in AWS whatever is deleted: it cannot keep anything
    hint: replace it by version 2 first, which takes its objects over, or go without --keep-aws
    exit 6
    ");

    let operator = Pod::of(&cluster, installed::NAMESPACE).start(&aws, HASTY);
    cluster.kubectl().args(["wait", "--for=delete", "--timeout=60s", "trainingjob/digits"]).run().ok();
    start_the_job();
    let helm = ["meta.helm.sh/release-name=sagemaker", "meta.helm.sh/release-namespace=operators"];
    kubectl().args(["annotate", DEPLOYMENT]).args(helm).run().ok();
    assert_snapshot!(all(&["--yes"]), @r"
    The operator v1 in namespace sagemaker-k8s-operator-system looks after all namespaces.
    1 object is deleted first. This is ended in AWS before:
      default   trainingjob/digits   InProgress   1 × ml.m5.xlarge
    The operator itself is left to: helm uninstall sagemaker -n operators
    The CRDs and the roles for people stay; --crds takes them away too.
    trainingjob/digits in default is gone
    Next, remove the operator: helm uninstall sagemaker -n operators
    ---
    exit 0
    ");
    drop(operator);
    assert!(cluster.get(&format!("/apis/apps/v1/namespaces/{}/{DEPLOYMENT}", installed::NAMESPACE)).is_some());
    let kinds = [
        "trainingjobs.sagemaker.aws.amazon.com",
        "meta.helm.sh/release-name=kinds",
        "meta.helm.sh/release-namespace=operators",
    ];
    cluster.kubectl().args(["annotate", "crd"]).args(kinds).run().ok();
    assert_snapshot!(all(&["--yes", "--crds"]), @r"
    ---
    error: the CRDs are Helm's
    hint: go without --crds, then: helm uninstall kinds -n operators
    exit 6
    ");
}
