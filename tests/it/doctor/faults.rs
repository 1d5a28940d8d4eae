//! What was planted is found and named.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::ground::{ACCOUNT, DEPLOYMENT, Ground, least};
use crate::support::process::Program;

/// Something that goes wrong in an installation in which all else is well.
struct Fault {
    name: &'static str,
    plant: fn(&Ground),
    /// How doctor is asked.
    ask: fn(Program) -> Program,
    /// The line that names it, or its beginning, and what follows on the next.
    said: &'static str,
    next: &'static str,
    code: i32,
}

const fn fault(name: &'static str, plant: fn(&Ground), said: &'static str, next: &'static str, code: i32) -> Fault {
    Fault { name, plant, ask: |program| program, said, next, code }
}

const fn asked(
    name: &'static str,
    ask: fn(Program) -> Program,
    said: &'static str,
    next: &'static str,
    code: i32,
) -> Fault {
    Fault { name, plant: |_| {}, ask, said, next, code }
}

impl Fault {
    fn check(&self) {
        let Self { name, plant, ask, said, next, code } = self;
        let ground = Ground::new(&format!("doctor-{name}"));
        plant(&ground);
        let text = ground.said(ask(ground.doctor(&[])));
        let mut lines = text.lines().skip_while(|line| !line.starts_with(said));
        assert!(lines.next().is_some(), "{name}: no line {said:?}\n{text}");
        let follows = lines.next().unwrap_or_default().trim();
        assert!(next.is_empty() || follows.starts_with(&format!("→ {next}")), "{name}: then {follows:?}\n{text}");
        assert!(text.ends_with(&format!("exit {code}")), "{name}: {text}");
    }
}

fn error(aws_code: &str, message: &str) -> Value {
    let error = json!({ "code": aws_code, "message": message, "status": 403 });
    json!({ "operation": "GetCallerIdentity", "action": { "error": error } })
}

fn without(group: &str) -> Value {
    let mut rules = least();
    if let Some(rules) = rules.as_array_mut() {
        rules.retain(|rule| rule["apiGroups"][0] != group);
    }
    rules
}

const IN_THE_CLUSTER: [Fault; 15] = [
    fault(
        "absent",
        |ground| {
            ground.remove("deployment", DEPLOYMENT);
            ground.drop_lease();
        },
        "FAIL  operator        not installed: no Deployment of it in ",
        "install it, or name its namespace: ",
        1,
    ),
    fault(
        "elsewhere",
        |ground| ground.remove("deployment", DEPLOYMENT),
        "WARN  operator        no Deployment is found, but operator-0 holds the Lease: it runs elsewhere",
        "kubectl get deployments -A",
        0,
    ),
    fault(
        "image",
        |ground| {
            ground.report(DEPLOYMENT, 0);
            let state = json!({ "waiting": { "reason": "ImagePullBackOff" } });
            let container = json!({
                "name": "manager", "image": "x", "imageID": "", "ready": false, "restartCount": 0, "state": state,
            });
            ground.pod(&json!({ "phase": "Pending", "containerStatuses": [container] }));
        },
        "FAIL  operator        0 of 1 ready: ImagePullBackOff on registry.example/sagemaker-operator:2.X",
        "kubectl -n NAMESPACE describe pod -l app=",
        1,
    ),
    fault(
        "crash",
        |ground| {
            ground.report(DEPLOYMENT, 0);
            let container = json!({
                "name": "manager", "image": "x", "imageID": "", "ready": false, "restartCount": 7,
                "state": { "waiting": { "reason": "CrashLoopBackOff" } },
                "lastState": { "terminated": { "reason": "OOMKilled", "exitCode": 137 } },
            });
            ground.pod(&json!({ "phase": "Running", "containerStatuses": [container] }));
        },
        "FAIL  operator        0 of 1 ready: CrashLoopBackOff (OOMKilled, exit code 137)",
        "kubectl -n NAMESPACE logs deployment/sagemaker-k8s-operator-controller-manager --previous",
        1,
    ),
    fault(
        "podless",
        |ground| ground.report(DEPLOYMENT, 0),
        "FAIL  operator        0 of 1 ready: no pod of it is there",
        "kubectl -n NAMESPACE describe deployment ",
        1,
    ),
    fault(
        "original",
        |ground| ground.deploy("first", "registry.example/amazon-sagemaker-operator-for-k8s:v1.2.2"),
        "FAIL  version 1       NAMESPACE/first still runs (registry.example/amazon-sagemaker-operator-for-k8s:v1.X)",
        "kubectl -n NAMESPACE delete deployment first",
        1,
    ),
    fault(
        "expired",
        |ground| ground.lease(TimeDelta::minutes(41)),
        "FAIL  Lease           expired: renewed 41m",
        "kubectl -n NAMESPACE get lease sagemaker-k8s-operator -o yaml",
        1,
    ),
    fault(
        "leaseless",
        Ground::drop_lease,
        "FAIL  Lease           nobody holds it: no operator works",
        "kubectl -n NAMESPACE get lease sagemaker-k8s-operator -o yaml",
        1,
    ),
    fault(
        "placeholder",
        |ground| ground.annotate_account("arn:aws:iam::123456789012:role/DELETE_ME"),
        "FAIL  role            ServiceAccount sagemaker-k8s-operator-default still has the placeholder \
         arn:aws:iam::123456789012:role/DELETE_ME",
        "kubectl -n NAMESPACE annotate serviceaccount sagemaker-k8s-operator-default --overwrite eks.amazonaws.com/role-arn=",
        1,
    ),
    fault(
        "accountless",
        |ground| ground.remove("serviceaccount", ACCOUNT),
        "FAIL  role            there is no ServiceAccount NAMESPACE/sagemaker-k8s-operator-default",
        "kubectl -n NAMESPACE create serviceaccount sagemaker-k8s-operator-default",
        1,
    ),
    fault(
        "namespace-role",
        |ground| ground.annotate_namespace("team"),
        "FAIL  namespaces      NAMESPACE names \"team\", which is no role's ARN",
        "kubectl annotate namespace NAMESPACE --overwrite sagemaker.aws.amazon.com/role-arn=",
        1,
    ),
    fault(
        "operator-rights",
        |ground| ground.allow(&without("coordination.k8s.io")),
        "FAIL  RBAC, operator  ServiceAccount sagemaker-k8s-operator-default may not get, create, update leases, as is \
         needed for its work",
        "kubectl auth can-i get leases.coordination.k8s.io/sagemaker-k8s-operator -n NAMESPACE \
         --as=system:serviceaccount:NAMESPACE:sagemaker-k8s-operator-default",
        1,
    ),
    fault(
        "operator-events",
        |ground| ground.allow(&without("events.k8s.io")),
        "WARN  RBAC, operator  ServiceAccount sagemaker-k8s-operator-default may not create, patch events, as is needed \
         for Events",
        "kubectl auth can-i create events.events.k8s.io -n NAMESPACE --as=",
        0,
    ),
    fault(
        "hanging",
        |ground| {
            ground.hanging("mnist");
            ground.lease(TimeDelta::hours(1));
        },
        "FAIL  objects         trainingjob/mnist hangs in deletion for up to AGO, as no operator works",
        "kubectl sagemaker unstick trainingjob/mnist -n NAMESPACE",
        1,
    ),
    fault(
        "leftover",
        |ground| ground.held("mnist"),
        "WARN  leftovers       trainingjob/mnist is held by version 1's finalizer and not taken over yet",
        "start the operator: it takes them over by itself",
        0,
    ),
];

const YOURS: [Fault; 2] = [
    Fault {
        name: "list",
        plant: |ground| {
            let rule = json!({
                "apiGroups": ["sagemaker.aws.amazon.com"], "resources": ["*"], "verbs": ["get", "watch", "patch", "delete"],
            });
            let events = json!({ "apiGroups": [""], "resources": ["events"], "verbs": ["list"] });
            ground.home.grant_user("carol", &json!([rule, events]));
        },
        ask: |program| program.args(["--as", "carol"]),
        said: "FAIL  RBAC, yours     you may not list any of our kinds, as is needed for status, describe and smlogs",
        next: "kubectl auth can-i list trainingjobs.sagemaker.aws.amazon.com -n NAMESPACE",
        code: 1,
    },
    asked(
        "nobody",
        |program| program.args(["--as", "carol"]),
        "SKIP  operator        not checked: the operator's Deployment cannot be read: deployments.apps ",
        "",
        1,
    ),
];

const IN_AWS: [Fault; 11] = [
    asked(
        "keyless",
        |program| program.without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY"),
        "FAIL  AWS, yours      no AWS credentials found",
        "set AWS_PROFILE or use --profile NAME; to sign in: aws sso login",
        1,
    ),
    asked(
        "unreachable",
        |program| program.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        "FAIL  AWS, reached    STS in us-west-2 does not answer: ",
        "check the network, proxies and VPC endpoints, --region and --endpoint-url",
        1,
    ),
    asked(
        "regionless",
        |program| program.without("AWS_REGION"),
        "SKIP  AWS, yours      not checked: no region is set",
        "kubectl sagemaker doctor --region us-west-2, or set AWS_REGION",
        0,
    ),
    fault(
        "expired-keys",
        |ground| {
            _ = ground.aws.fault(&error("ExpiredToken", "The security token included in the request is expired"));
        },
        "FAIL  AWS, yours      the AWS credentials have expired: ExpiredToken: ",
        "renew them, such as with: aws sso login",
        1,
    ),
    fault(
        "clock",
        |ground| {
            let message =
                "Signature expired: 20261123T120000Z is now earlier than 20261123T125500Z (20261123T130000Z - 5 min.)";
            ground.aws.fault(&error("SignatureDoesNotMatch", message));
        },
        "FAIL  clock           1h00m behind AWS: AWS refuses such signatures",
        "set the clock, such as with: timedatectl set-ntp true",
        1,
    ),
    fault(
        "log-lines",
        |ground| _ = ground.aws.deny("logs:FilterLogEvents"),
        "FAIL  logs            logs:FilterLogEvents denied: smlogs shows no lines",
        "allow logs:FilterLogEvents to these credentials, or use another --profile",
        1,
    ),
    fault(
        "log-events",
        |ground| _ = ground.aws.deny("logs:GetLogEvents"),
        "WARN  logs            logs:GetLogEvents denied: smlogs reads long logs at half speed",
        "allow logs:GetLogEvents to these credentials, or use another --profile",
        0,
    ),
    fault(
        "describe",
        |ground| _ = ground.aws.deny("sagemaker:DescribeTrainingJob"),
        "WARN  AWS, rights     sagemaker:DescribeTrainingJob denied: ",
        "allow sagemaker:DescribeTrainingJob to these credentials, or use another --profile",
        0,
    ),
    fault(
        "quota",
        |ground| {
            ground.aws.start_job("busy", 4, &json!({ "sandbox_training_seconds": "360000" }));
            ground.aws.set_service_quota("ml.m5.xlarge for training job usage", 5);
        },
        "WARN  quotas          4 of 5 ml.m5.xlarge for training job usage",
        "to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-",
        0,
    ),
    fault(
        "quotas-denied",
        |ground| _ = ground.aws.deny("servicequotas:ListServiceQuotas"),
        "WARN  AWS, rights     servicequotas:ListServiceQuotas denied: doctor does not see which quotas are nearly used up",
        "allow servicequotas:ListServiceQuotas to these credentials, or use another --profile",
        0,
    ),
    fault(
        "scaling-reset",
        |ground| {
            let rule = json!({ "operation": "DescribeScalableTargets", "action": "resetBefore" });
            ground.aws.fault(&rule);
        },
        "FAIL  AWS, reached    Application Auto Scaling in us-west-2 does not answer: ",
        "check the network, proxies and VPC endpoints, --region and --endpoint-url",
        1,
    ),
];

#[test]
fn what_is_wrong_in_the_cluster_is_named() {
    IN_THE_CLUSTER.iter().for_each(Fault::check);
}

#[test]
fn what_you_may_not_do_is_named() {
    YOURS.iter().for_each(Fault::check);
}

#[test]
fn what_is_wrong_with_aws_is_named() {
    IN_AWS.iter().for_each(Fault::check);
}

#[test]
fn a_service_that_never_answers_costs_seconds() {
    let ground = Ground::new("doctor-silent");
    ground.aws.fault(&json!({ "operation": "FilterLogEvents", "action": "hang" }));
    let started = Instant::now();
    let text = ground.said(ground.doctor(&[]));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(
        text.contains("\nFAIL  AWS, reached    CloudWatch Logs in us-west-2 does not answer: no answer within 8s\n"),
        "{text}"
    );
    assert!(
        text.contains("\nSKIP  logs            not checked: AWS has not said whether you may: logs:FilterLogEvents"),
        "{text}"
    );
}
