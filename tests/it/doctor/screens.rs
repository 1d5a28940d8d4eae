//! What it looks like.

use insta::assert_snapshot;
use serde_json::Value;

use super::ground::Ground;

#[test]
fn a_healthy_installation_passes_every_check() {
    let ground = Ground::new("doctor-healthy");
    assert_snapshot!(ground.said(ground.doctor(&[])), @r"
    PASS  cluster         v1.X at SERVER
    PASS  CRDs            8 of 8, v1
    PASS  operator        1 of 1 ready, 2.X, NAMESPACE/sagemaker-k8s-operator-controller-manager
    PASS  version 1       does not run
    PASS  Lease           held by operator-0, renewed AGO ago
    PASS  role            arn:aws:iam::123456789012:role/operator on ServiceAccount sagemaker-k8s-operator-default
    PASS  namespaces      none has a role of its own, in namespace NAMESPACE
    PASS  RBAC, yours     you may do what the plugins do, in namespace NAMESPACE
    PASS  RBAC, operator  ServiceAccount sagemaker-k8s-operator-default may do what it needs to
    PASS  objects         0, none is being deleted, in namespace NAMESPACE
    PASS  leftovers       nothing of version 1
    PASS  AWS, yours      account 123456789012, arn:aws:iam::123456789012:user/sandbox
    PASS  AWS, reached    SageMaker, CloudWatch Logs, Application Auto Scaling, STS in us-west-2
    PASS  clock           less than a minute apart from AWS
    PASS  logs            readable in us-west-2
    PASS  AWS, rights     19 of 19 reading actions in us-west-2; writes are only known when they are tried
    PASS  quotas          nothing runs in us-west-2
    17 passed
    ---
    exit 0
    ");
    // Nothing was changed, in AWS or by a question that makes something.
    assert!(ground.aws.journal().iter().all(|call| !call.applied), "{:?}", ground.aws.journal());
}

#[test]
fn a_program_gets_the_same_as_json() {
    let ground = Ground::new("doctor-json");
    ground.aws.deny("logs:GetLogEvents");
    let text = ground.doctor(&["-o", "json"]).run().ok();
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let checks = document["checks"].as_array().expect("it has checks");
    let log = checks.iter().find(|check| check["check"] == "logs").expect("one is of the logs");
    assert_eq!(log["verdict"], "warning");
    assert_eq!(log["detail"], "logs:GetLogEvents denied: smlogs reads long logs at half speed");
    assert_eq!(log["next"][0], "allow logs:GetLogEvents to these credentials, or use another --profile");
    let summary = &document["summary"];
    assert_eq!((&summary["failed"], &summary["warnings"], &summary["notChecked"]), (&0.into(), &1.into(), &0.into()));
    assert_eq!(summary["passed"], checks.len() - 1);
}

#[test]
fn the_cluster_alone_is_looked_at_if_aws_is_not_to_be_asked() {
    let ground = Ground::new("doctor-no-aws");
    let text = ground.said(ground.doctor(&["--no-aws"]).without("AWS_ACCESS_KEY_ID"));
    assert!(text.ends_with("\n11 passed\n---\nexit 0") && !text.contains("AWS,"), "{text}");
    assert!(ground.aws.journal().is_empty());
}

#[test]
fn a_cluster_that_is_out_of_reach_leaves_the_checks_of_aws() {
    let ground = Ground::new("doctor-unreached");
    assert_snapshot!(ground.said(ground.doctor(&["-s", "https://127.0.0.1:1"])), @r"
    FAIL  cluster         cannot reach the API server at https://127.0.0.1:1: Connection refused (os error 111)
                          → check --context and --server, or: kubectl cluster-info
    SKIP  CRDs            not checked: the cluster cannot be reached
    SKIP  operator        not checked: the cluster cannot be reached
    SKIP  version 1       not checked: the cluster cannot be reached
    SKIP  Lease           not checked: the cluster cannot be reached
    SKIP  role            not checked: the cluster cannot be reached
    SKIP  namespaces      not checked: the cluster cannot be reached
    SKIP  RBAC, yours     not checked: the cluster cannot be reached
    SKIP  RBAC, operator  not checked: the cluster cannot be reached
    SKIP  objects         not checked: the cluster cannot be reached
    SKIP  leftovers       not checked: the cluster cannot be reached
    PASS  AWS, yours      account 123456789012, arn:aws:iam::123456789012:user/sandbox
    PASS  AWS, reached    SageMaker, CloudWatch Logs, Application Auto Scaling, STS in us-west-2
    PASS  clock           less than a minute apart from AWS
    PASS  logs            readable in us-west-2
    PASS  AWS, rights     19 of 19 reading actions in us-west-2; writes are only known when they are tried
    PASS  quotas          nothing runs in us-west-2
    1 failed, 6 passed, 10 not checked
    ---
    exit 1
    ");
}

#[test]
fn a_terminal_has_its_lines_broken_beside_the_names_of_the_checks() {
    let ground = Ground::new("doctor-terminal");
    ground.aws.deny("sagemaker:DescribeModel");
    let doctor = ground.doctor(&[]).env("COLUMNS", "72").env("NO_COLOR", "1");
    let shown = doctor.start_on_terminal().finish(crate::support::eventually::PATIENCE).stdout.replace('\r', "");
    let screen = shown.rsplit("\x1b[K").next().expect("there is always a last part");
    // A name, and a command to be copied, stay in one piece.
    let may_be_long = |line: &str| line.contains('→') || !line.trim().contains(' ');
    let long: Vec<&str> = screen.lines().filter(|line| line.chars().count() > 72 && !may_be_long(line)).collect();
    assert!(screen.lines().count() > 16 && long.is_empty(), "{long:#?}\n{screen}");
    assert!(shown.contains("\nWARN  AWS, rights     sagemaker:DescribeModel denied: "), "{shown}");
}
