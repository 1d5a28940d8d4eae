use std::time::Duration;

use serde_json::json;

use super::*;

fn deployment(image: &str, replicas: u32) -> Value {
    json!({
        "metadata": { "namespace": "ml", "name": "op" },
        "spec": {
            "replicas": replicas, "selector": { "matchLabels": { "app": "op" } },
            "template": { "spec": { "serviceAccountName": "op", "containers": [{ "image": image }] } },
        },
    })
}

/// An installation in which all is well.
fn healthy() -> Installed {
    let deployed = Deployed {
        namespace: "ml".to_owned(),
        name: "op".to_owned(),
        image: "r/sagemaker-operator:2.0.0".to_owned(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ready: 1,
        wanted: 1,
    };
    let role = "arn:aws:iam::123456789012:role/operator";
    Installed {
        deployed: Ok(Some(deployed)),
        stored: deployment("r/sagemaker-operator:2.0.0", 1),
        pods: Ok(Vec::new()),
        account: Ok(Some(json!({ "metadata": { "annotations": { ANNOTATION_EKS_ROLE: role } } }))),
        first: Ok(Vec::new()),
        sign: Sign::Alive { by: "op-1".to_owned(), ago: Duration::from_secs(3) },
    }
}

/// What a check says of an installation that is changed.
fn said(check: fn(&Installed) -> Line, changes: &[fn(&mut Installed)]) -> String {
    let one = |change: &fn(&mut Installed)| {
        let mut installed = healthy();
        change(&mut installed);
        check(&installed).text(None, false)
    };
    changes.iter().map(one).collect()
}

fn with_counts(installed: &mut Installed, ready: i32, wanted: i32) {
    if let Ok(Some(deployed)) = &mut installed.deployed {
        (deployed.ready, deployed.wanted) = (ready, wanted);
    }
}

fn with_pod(installed: &mut Installed, status: &Value) {
    with_counts(installed, 0, 1);
    installed.pods = Ok(vec![json!({ "status": status })]);
}

#[test]
fn a_deployment_that_is_not_ready_says_why() {
    let text = said(
        Installed::operator,
        &[
            |_| {},
            |it| with_counts(it, 0, 0),
            |it| with_counts(it, 1, 2),
            |it| with_counts(it, 0, 1),
            |it| {
                with_counts(it, 0, 1);
                it.stored["status"]["conditions"] =
                    json!([{ "type": "ReplicaFailure", "status": "True", "message": "exceeded quota: pods" }]);
            },
            |it| {
                with_pod(
                    it,
                    &json!({ "containerStatuses": [{ "state": { "waiting": { "reason": "ImagePullBackOff" } } }] }),
                );
            },
            |it| {
                let last = json!({ "terminated": { "reason": "Error", "exitCode": 1 } });
                let state = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
                with_pod(it, &json!({ "containerStatuses": [{ "state": state, "lastState": last }] }));
            },
            |it| {
                let last = json!({ "terminated": { "reason": "OOMKilled", "exitCode": 137 } });
                with_pod(it, &json!({ "containerStatuses": [{ "state": { "running": {} }, "lastState": last }] }));
            },
            |it| {
                let why = json!({
                    "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                    "message": "0/3 nodes are available",
                });
                with_pod(it, &json!({ "conditions": [why] }));
            },
            |it| {
                with_counts(it, 0, 1);
                it.pods = Err(Unread::Denied("pods is forbidden".to_owned()));
            },
            |it| {
                if let Ok(Some(deployed)) = &mut it.deployed {
                    deployed.version = Some("2.7.0".to_owned());
                }
            },
            |it| it.deployed = Err("deployments.apps is forbidden".to_owned()),
            |it| it.deployed = Ok(None),
            |it| (it.deployed, it.sign) = (Ok(None), Sign::Absent),
        ],
    );
    insta::assert_snapshot!(text, @r"
    PASS  operator        1 of 1 ready, 2.0.0, ml/op
    FAIL  operator        ml/op is scaled to 0
                          → kubectl -n ml scale deployment op --replicas=1
    WARN  operator        1 of 2 ready: no pod of it is there
                          → kubectl -n ml describe deployment op
    FAIL  operator        0 of 1 ready: no pod of it is there
                          → kubectl -n ml describe deployment op
    FAIL  operator        0 of 1 ready: exceeded quota: pods
                          → kubectl -n ml describe deployment op
    FAIL  operator        0 of 1 ready: ImagePullBackOff on r/sagemaker-operator:2.0.0
                          → kubectl -n ml describe pod -l app=op
    FAIL  operator        0 of 1 ready: CrashLoopBackOff (Error, exit code 1)
                          → kubectl -n ml logs deployment/op --previous
    FAIL  operator        0 of 1 ready: OOMKilled, exit code 137
                          → kubectl -n ml describe pod -l app=op
    FAIL  operator        0 of 1 ready: Unschedulable: 0/3 nodes are available
                          → kubectl -n ml describe pod -l app=op
    FAIL  operator        0 of 1 ready; why is not known: pods is forbidden
                          → kubectl -n ml describe pod -l app=op
    WARN  operator        its version 2.7.0 is more than a minor version away from this plugin's 2.0.0
                          → use those of one release
    SKIP  operator        not checked: the operator's Deployment cannot be read: deployments.apps is forbidden
    WARN  operator        no Deployment is found, but op-1 holds the Lease: it runs elsewhere
                          → kubectl get deployments -A -l control-plane=controller-manager
    FAIL  operator        not installed: no Deployment of it in sagemaker-k8s-operator-system, nor where -n says
                          → install it, or name its namespace: kubectl sagemaker doctor -n NAMESPACE
    ");
}

#[test]
fn a_lease_tells_whether_anybody_works() {
    let text = said(
        Installed::lease,
        &[
            |_| {},
            |it| it.sign = Sign::Silent { ago: Duration::from_mins(41) },
            |it| it.sign = Sign::Absent,
            |it| it.sign = Sign::Unleased { pod: "op-1".to_owned() },
            |it| it.sign = Sign::Unknown("its Lease cannot be read: forbidden".to_owned()),
            |it| (it.deployed, it.sign) = (Ok(None), Sign::Absent),
            |it| (it.deployed, it.sign) = (Err("forbidden".to_owned()), Sign::Absent),
        ],
    );
    insta::assert_snapshot!(text, @r"
    PASS  Lease           held by op-1, renewed 3s ago
    FAIL  Lease           expired: renewed 41m00s ago
                          → kubectl -n ml get lease sagemaker-k8s-operator -o yaml
                          → kubectl -n ml logs deployment/op
    FAIL  Lease           nobody holds it: no operator works
                          → kubectl -n ml get lease sagemaker-k8s-operator -o yaml
                          → kubectl -n ml logs deployment/op
    WARN  Lease           nobody holds it, though pod op-1 runs: it starts, or is version 1
                          → kubectl -n ml logs deployment/op
    SKIP  Lease           not checked: its Lease cannot be read: forbidden
    SKIP  Lease           not checked: there is no Deployment of the operator
    FAIL  Lease           nobody holds it: no operator works
                          → kubectl -n sagemaker-k8s-operator-system get lease sagemaker-k8s-operator -o yaml
    ");
}

#[test]
fn a_role_that_nobody_has_filled_in_is_named() {
    fn annotated(installed: &mut Installed, role: &str) {
        installed.account = Ok(Some(json!({ "metadata": { "annotations": { ANNOTATION_EKS_ROLE: role } } })));
    }
    let text = said(
        Installed::role,
        &[
            |_| {},
            |it| it.account = Ok(Some(json!({ "metadata": {} }))),
            |it| it.account = Ok(None),
            |it| it.account = Err(Unread::Denied("serviceaccounts is forbidden".to_owned())),
            |it| annotated(it, "arn:aws:iam::123456789012:role/DELETE_ME"),
            |it| annotated(it, "operator"),
            |it| {
                let args = json!(["--namespace=PLACEHOLDER-NAMESPACE"]);
                it.stored["spec"]["template"]["spec"]["containers"][0]["args"] = args;
            },
            |it| it.deployed = Ok(None),
        ],
    );
    insta::assert_snapshot!(text, @r#"
    PASS  role            arn:aws:iam::123456789012:role/operator on ServiceAccount op
    PASS  role            none on ServiceAccount op: keys, Pod Identity or the node's role serve
    FAIL  role            there is no ServiceAccount ml/op: no pod can be made
                          → kubectl -n ml create serviceaccount op
    SKIP  role            not checked: you may not read ServiceAccounts: serviceaccounts is forbidden
    FAIL  role            ServiceAccount op still has the placeholder arn:aws:iam::123456789012:role/DELETE_ME
                          → kubectl -n ml annotate serviceaccount op --overwrite eks.amazonaws.com/role-arn=arn:aws:iam::ACCOUNT:role/NAME
                          → kubectl -n ml rollout restart deployment op
    FAIL  role            ServiceAccount op names "operator", which is no role's ARN
                          → kubectl -n ml annotate serviceaccount op --overwrite eks.amazonaws.com/role-arn=arn:aws:iam::ACCOUNT:role/NAME
                          → kubectl -n ml rollout restart deployment op
    FAIL  role            the Deployment still has the placeholder --namespace=PLACEHOLDER-NAMESPACE
                          → kubectl -n ml edit deployment op
    SKIP  role            not checked: there is no Deployment of the operator
    "#);
}

#[test]
fn version_1_is_known_by_its_image() {
    for (image, is) in [
        ("957583890962.dkr.ecr.us-east-1.amazonaws.com/amazon-sagemaker-operator-for-k8s:v1", true),
        ("mirror:5000/amazon-sagemaker-operator-for-k8s:v1.2.2", true),
        ("mirror:5000/amazon-sagemaker-operator-for-k8s@sha256:0123", true),
        ("mirror:5000/amazon-sagemaker-operator-for-k8s:2.0.0", false),
        ("mirror:5000/sagemaker-operator:2.0.0", false),
        ("mirror:5000/sagemaker-operator", false),
        ("mirror:5000/sagemaker-operator:latest", false),
        ("mirror:5000/cert-manager:1.18.0", false),
    ] {
        assert_eq!(is_of_version_1(image), is, "{image}");
    }
    let image = "r/amazon-sagemaker-operator-for-k8s:v1";
    let (mut runs, mut rests) = (healthy(), healthy());
    runs.first = Ok(vec![deployment(image, 1)]);
    rests.first = Ok(vec![deployment(image, 0)]);
    let left = Line::of("leftovers", "none", rests.left_by_version_1());
    let lines = [healthy().version_1(), runs.version_1(), rests.version_1(), left];
    insta::assert_snapshot!(lines.map(|line| line.text(None, false)).concat(), @r"
    PASS  version 1       does not run
    FAIL  version 1       ml/op still runs (r/amazon-sagemaker-operator-for-k8s:v1): nothing else may work beside it
                          → kubectl -n ml delete deployment op
    PASS  version 1       does not run
    WARN  leftovers       ml/op of version 1 is there, scaled to 0
                          → kubectl -n ml delete deployment op
    ");
}

#[test]
fn the_namespace_that_it_is_restricted_to_is_read_from_its_arguments() {
    for (args, scope) in [
        (json!(null), None),
        (json!(["--namespace=ml"]), Some("ml")),
        (json!(["--poll-interval=5s", "--namespace", "ml"]), Some("ml")),
        (json!(["--namespace="]), None),
        (json!(["--namespace=$(POD_NAMESPACE)"]), Some("ml")),
    ] {
        let mut installed = healthy();
        installed.stored["spec"]["template"]["spec"]["containers"][0]["args"] = args.clone();
        assert_eq!(installed.scope().as_deref(), scope, "{args}");
    }
}
